"""`scenario serve`: the embedded Realtime engine on a port of this machine, for any Realtime client."""

from __future__ import annotations

import sys

import click


@click.command("serve")
@click.option("--realtime-only", is_flag=True, help="Serve the Realtime endpoint alone (all that there is for now).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--api-key-env", metavar="NAME", help="Demand the key in this environment variable of every client.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="Answer to this name, too; again for more.")
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let pages of this origin in, such as https://app.example; again for more.",
)
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
    "--session-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    help="End each session after so many minutes, as the service does after 60.",
)
@click.option("--ms-per-word", default=0, type=click.IntRange(0, 5000), help="Answer at this pace; 0: at once.")
def serve(
    realtime_only: bool,
    host: str,
    port: int,
    api_key_env: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    tls_cert: str | None,
    tls_key: str | None,
    max_connections: int,
    session_limit: float | None,
    ms_per_word: int,
) -> None:
    """Serve the embedded Realtime engine at ws://HOST:PORT/v1/realtime.

    The offline responder answers: it sees the instructions, tools and items that the client sends, and nothing else.
    Ephemeral keys are made at http://HOST:PORT/v1/realtime/client_secrets.
    Only clients on this machine are let in, unless --host is another address, which needs --api-key-env; browsers only
    from pages on this machine, and with --allow-origin. Clients that insist on wss, such as openai-node, need a
    certificate that they trust: NODE_EXTRA_CA_CERTS or SSL_CERT_FILE can name your own.
    """
    from realtime_scenarios.cli.serving import Address, run_server

    address = Address(host, port, hosts, origins, api_key_env, tls_cert, tls_key)
    sys.exit(run_server(address, max_connections, session_limit, ms_per_word))
