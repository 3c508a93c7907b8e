"""`scenario serve`: the embedded Realtime engine as a websocket server, for any Realtime client on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import click

from runner.core import ScenarioError, UsageError


@click.command("serve")
@click.option("--realtime-only", is_flag=True, help="Serve the Realtime endpoint alone (all that there is for now).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The loopback address to listen at.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--api-key-env", metavar="NAME", help="Demand the key in this environment variable of every client.")
@click.option("--ms-per-word", default=0, type=click.IntRange(0, 5000), help="Answer at this pace; 0: at once.")
def serve(realtime_only: bool, host: str, port: int, api_key_env: str | None, ms_per_word: int) -> None:
    """Serve the embedded Realtime engine at ws://HOST:PORT/v1/realtime.

    The offline responder answers: it sees the instructions, tools and items that the client sends, and nothing else.
    Only clients on this machine are let in, and browsers only from pages on this machine.
    """
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise UsageError(f"'{host}' is not this machine's own address", hint="serve listens at 127.0.0.1 or ::1 only")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_served(host, port, _demanded_key(api_key_env), ms_per_word))


def _demanded_key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ScenarioError(f"{variable} is not set", hint=f"set {variable}, or leave --api-key-env out")
    return key


async def _served(host: str, port: int, key: str | None, ms_per_word: int) -> None:
    from runner.realtime import Pace
    from runner.realtime import serve as served
    from runner.realtime.responders import RESPONDERS

    pace = Pace(words_per_delta=1, ms_per_word=ms_per_word) if ms_per_word else Pace()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        server = served(RESPONDERS["offline"], host=host, port=port, pace=pace, api_keys=(key,) if key else None)
        async with server as running:
            click.echo(f"serving the Realtime protocol at {running.url}")
            click.echo(f"talk to it:  scenario run airline.yaml --url {running.url}")
            click.echo("Ctrl-C stops")
            await stop.wait()
    except OSError as problem:
        raise ScenarioError(
            f"cannot listen at {host}:{port}: {problem.strerror or problem}",
            hint="choose another --port; 0 takes a free one",
        ) from problem
    click.echo("stopped")
