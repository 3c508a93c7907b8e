"""What `scenario serve` is told, as a server that runs until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.realtime import Pace, serve_visitors
from realtime_scenarios.realtime.door import LOOPBACK
from realtime_scenarios.realtime.visit import Seat
from realtime_scenarios.standin import RESPONDERS


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and to whom. `api_key_env` names the variable with the key, None: none is needed."""

    host: str
    port: int
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    api_key_env: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None


def run_server(address: Address, max_connections: int, session_limit: float | None, ms_per_word: int) -> int:
    """Serve until a signal comes; the exit code. `session_limit` is in minutes, None: a session may last for ever.

    Raises:
        UsageError: what is wanted does not go together.
        ScenarioError: the key or the certificate cannot be had, or the address not be listened at.
    """
    if address.host not in LOOPBACK and address.api_key_env is None:
        message = f"'{address.host}' is not this machine's own address, and whoever reaches it could connect"
        raise UsageError(message, hint="name the variable with a key that clients must show: --api-key-env NAME")
    key, tls = _required_api_key(address.api_key_env), _tls_context(address.tls_certificate, address.tls_key)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_until_stopped(address, key, tls, max_connections, session_limit, ms_per_word))
    return 0


def _required_api_key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ScenarioError(f"{variable} is not set", hint=f"set {variable}, or leave --api-key-env out")
    return key


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
    address: Address,
    key: str | None,
    tls: ssl.SSLContext | None,
    max_connections: int,
    session_limit: float | None,
    ms_per_word: int,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with serve_visitors(
            lambda _: Seat(RESPONDERS["offline"]()),
            host=address.host,
            port=address.port,
            hosts=address.hosts,
            origins=address.origins,
            pace=Pace(words_per_delta=1, ms_per_word=ms_per_word) if ms_per_word else Pace(),
            api_keys=None if key is None else (key,),
            max_connections=max_connections,
            max_session_seconds=None if session_limit is None else session_limit * 60,
            tls=tls,
        ) as running:
            echo(f"serving the Realtime protocol at {running.url}")
            echo(f"talk to it:  scenario run airline.yaml --url {running.url}")
            echo("Ctrl-C stops")
            await stop.wait()
    except OSError as problem:
        raise ScenarioError(
            f"cannot listen at {address.host}:{address.port}: {problem.strerror or problem}",
            hint="choose another --port; 0 takes a free one",
        ) from problem
    echo("stopped")
