"""`scenario serve`: the embedded Realtime engine as a websocket server, for any Realtime client on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.voices import AskedPart, parts_factory
from realtime_scenarios.core import ScenarioError, UsageError

if TYPE_CHECKING:
    import ssl

    from realtime_scenarios.realtime import Pace, Parts


@click.command("serve")
@click.option("--realtime-only", is_flag=True, help="Serve the Realtime endpoint alone (all that there is for now).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The loopback address to listen at.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--api-key-env", metavar="NAME", help="Demand the key in this environment variable of every client.")
@click.option("--tls-cert", metavar="FILE", help="Serve at wss://, with this certificate (PEM).")
@click.option("--tls-key", metavar="FILE", help="The private key of --tls-cert (PEM, without a password).")
@click.option(
    "--max-connections",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="How many clients may be connected at once; one more is answered with 503.",
)
@click.option(
    "--stt",
    metavar="PART",
    help="What writes down what is said: script:FILE (a line a turn), pocketsphinx:SCENARIO, or a service's URL.",
)
@click.option("--stt-model", metavar="NAME", help="The model of a service at --stt URL.")
@click.option(
    "--tts",
    default="auto",
    show_default=True,
    metavar="PART",
    help="What speaks: flite, espeak-ng, tone, silence, or a service's URL; auto takes the first that is there.",
)
@click.option("--tts-model", metavar="NAME", help="The model of a service at --tts URL.")
@click.option("--tts-voice", metavar="NAME", help="Its voice, whatever voice a session asks for.")
@click.option(
    "--tts-rate",
    default=24000,
    show_default=True,
    type=click.IntRange(8000, 48000),
    help="Its samples a second, where it sends raw PCM.",
)
@click.option("--voice-key-env", metavar="NAME", help="The key of those services is in this environment variable.")
@click.option(
    "--vad",
    default="loudness",
    show_default=True,
    metavar="PART",
    help="What tells voices from noise: loudness, or silero.",
)
@click.option(
    "--pace",
    type=click.Choice(["real", "fast"]),
    default="real",
    show_default=True,
    help="Spoken answers come as fast as they are heard, or as fast as they are made.",
)
@click.option("--ms-per-word", default=0, type=click.IntRange(0, 5000), help="Each word takes so long instead.")
def serve(
    realtime_only: bool,
    host: str,
    port: int,
    api_key_env: str | None,
    tls_cert: str | None,
    tls_key: str | None,
    max_connections: int,
    stt: str | None,
    stt_model: str | None,
    tts: str,
    tts_model: str | None,
    tts_voice: str | None,
    tts_rate: int,
    voice_key_env: str | None,
    vad: str,
    pace: str,
    ms_per_word: int,
) -> None:
    """Serve the embedded Realtime engine at ws://HOST:PORT/v1/realtime.

    The offline responder answers: it sees the instructions, tools and items that the client sends, and nothing else.
    It reads, so without --stt it knows of what is spoken only that something was.
    Only clients on this machine are let in, and browsers only from pages on this machine. Clients that insist on wss,
    such as openai-node, need a certificate that they trust: NODE_EXTRA_CA_CERTS or SSL_CERT_FILE can name your own.
    """
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise UsageError(f"'{host}' is not this machine's own address", hint="serve listens at 127.0.0.1 or ::1 only")
    with contextlib.suppress(KeyboardInterrupt):
        key, tls = _key_in(api_key_env, "--api-key-env"), _tls_context(tls_cert, tls_key)
        voice_key = _key_in(voice_key_env, "--voice-key-env")
        parts = parts_factory(
            vad=vad,
            listener=None if stt is None else AskedPart(stt, stt_model, voice_key),
            speaker=AskedPart(tts, tts_model, voice_key, tts_voice, tts_rate),
        )
        asyncio.run(_serve_until_stopped(host, port, key, tls, max_connections, parts, _pace(pace, ms_per_word)))


def _key_in(variable: str | None, option: str) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ScenarioError(f"{variable} is not set", hint=f"set {variable}, or leave {option} out")
    return key


def _pace(name: str, ms_per_word: int) -> Pace:
    from realtime_scenarios.realtime import Pace

    if ms_per_word:
        return Pace(words_per_delta=1, ms_per_word=ms_per_word)
    return Pace(words_per_delta=1, follows_speech=True) if name == "real" else Pace()


def _tls_context(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise UsageError("a certificate and its key go together", hint="give both --tls-cert and --tls-key")
    for path in (certificate, key):
        try:
            Path(path).read_bytes()
        except OSError as problem:
            raise ScenarioError(f"cannot read '{path}': {problem.strerror}") from problem
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as problem:
        if problem.reason == "KEY_VALUES_MISMATCH":
            raise ScenarioError(f"'{key}' is not the private key of '{certificate}'") from problem
        message = f"'{certificate}' and '{key}' are not a certificate and a private key that can be used"
        raise ScenarioError(message, hint="both must be PEM, and the key without a password") from problem
    return context


async def _serve_until_stopped(
    host: str,
    port: int,
    key: str | None,
    tls: ssl.SSLContext | None,
    max_connections: int,
    parts: Callable[[], Parts],
    pace: Pace,
) -> None:
    from realtime_scenarios.realtime import serve as served
    from realtime_scenarios.standin import RESPONDERS

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        server = served(
            RESPONDERS["offline"],
            host=host,
            port=port,
            pace=pace,
            parts_factory=parts,
            api_keys=(key,) if key else None,
            max_connections=max_connections,
            tls=tls,
        )
        async with server as running:
            echo(f"serving the Realtime protocol at {running.url}")
            echo(f"talk to it:  scenario run airline.yaml --url {running.url}")
            echo("Ctrl-C stops")
            await stop.wait()
    except OSError as problem:
        raise ScenarioError(
            f"cannot listen at {host}:{port}: {problem.strerror or problem}",
            hint="choose another --port; 0 takes a free one",
        ) from problem
    echo("stopped")
