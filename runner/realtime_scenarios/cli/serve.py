"""`scenario serve`: the embedded Realtime engine on a port of this machine, for any Realtime client."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.options import Positive, begun_event_log, color_option, log_events_option, provider_options
from realtime_scenarios.cli.telephone_options import AskedCalls, telephone_options
from realtime_scenarios.cli.trusting import trust_option
from realtime_scenarios.cli.voice_options import voice_options

if TYPE_CHECKING:
    from realtime_scenarios.cli.voices import AskedVoices


@click.command("serve")
@click.argument("targets", nargs=-1, metavar="[FILE[::DIALOGUE]]...")
@click.option("--realtime-only", is_flag=True, help="Serve the Realtime endpoint alone, without the studio.")
@click.option("--open/--no-open", "opens", default=False, help="Open the studio in the browser.")
@click.option(
    "--verdicts",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what came of each connection: a line of JSON with all verdicts and what happened.",
)
@log_events_option
@click.option("--connections", type=click.IntRange(1), metavar="N", help="Stop when so many dialogues are over.")
@click.option("--seed", default=0, show_default=True, help="Decides about faults that have a `chance` only.")
@color_option
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
    type=Positive(),
    metavar="MINUTES",
    help="End each session after so many minutes, as the service does after 60.",
)
@voice_options(detector="loudness")
@telephone_options
@trust_option
@provider_options(default=None)
def serve(
    targets: tuple[str, ...],
    verdicts: Path | None,
    log_events: Path | None,
    connections: int | None,
    seed: int,
    color: str,
    realtime_only: bool,
    opens: bool,
    host: str,
    port: int,
    api_key_env: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    tls_cert: str | None,
    tls_key: str | None,
    max_connections: int,
    session_limit: float | None,
    voices: AskedVoices,
    twilio: bool,
    sip: bool,
    public_url: str | None,
    record: Path | None,
    approved: tuple[str, ...],
    rejected: tuple[str, ...],
    trust: bool,
    provider: str | None,
    **wishes: str | None,
) -> None:
    """Open the studio on a scenario, and serve a model that needs no key for any Realtime client.

    FILE, or a folder: the studio is at the address that is printed, where the scenario is talked to, seen, approved and
    recorded in a browser on this machine; --realtime-only leaves it out. On the same port the model is at
    ws://HOST:PORT/v1/realtime.

    FILE::DIALOGUE: the dialogue's scripted model. For each turn of the caller it makes the dialogue's moves, with calls
    of the client's own functions, and what the client does about them is held against the dialogue; FILE::* plays the
    next dialogue with each connection. FILE: the offline stand-in answers, with the scenario's examples. A client that
    sends no instructions and no tools has those of the agent that begins. Without a FILE the stand-in knows what the
    client sends, and nothing else. ?dialogue=ID and ?scenario=NAME in the address choose among what is served. What is
    to go wrong is said by the `faults` of a dialogue, or in the address: ?fault=close,code=1011,turn=2.

    Who speaks is heard as the dialogue has it, and the stand-in knows of what is spoken only that something was, unless
    --stt writes it down. Answers are spoken where a session asks for that.

    Ephemeral keys are made at http://HOST:PORT/v1/realtime/client_secrets, and calls over WebRTC at
    http://HOST:PORT/v1/realtime/calls, which takes the extra `webrtc`. Only clients on this machine are let in,
    unless --host is another address, which needs --api-key-env; browsers only from pages on this machine, and with
    --allow-origin. Clients that insist on wss, such as openai-node, need a certificate that they trust:
    NODE_EXTRA_CA_CERTS or SSL_CERT_FILE can name your own.

    With --twilio or --sip the port takes calls by telephone, and nothing else: each is a conversation of the runner's
    own with the scenario in FILE, whose model is where --provider says, as in `scenario run`.

    Exit code 0: all dialogues that were played passed. 1: one failed, none was played, or a file has mistakes.
    """
    from realtime_scenarios.cli.files import refuse_one_file_for_two
    from realtime_scenarios.cli.serving import Address, Limits, run_server

    address = Address(host, port, hosts, origins, api_key_env, tls_cert, tls_key)
    limits = Limits(max_connections, session_limit, connections, seed)
    asked = AskedCalls(twilio, sip, public_url, record, approved, rejected, trust, provider, wishes)
    is_studio = bool(targets) and not realtime_only and not any("::" in target for target in targets)
    asked.require_telephone(is_studio=is_studio)
    asked.refuse_beside({"--verdicts": verdicts, "--connections": connections, "--api-key-env": api_key_env})
    refuse_one_file_for_two({"--verdicts": verdicts, "--log-events": log_events})
    if asked.is_telephone:
        from realtime_scenarios.cli.telephony import run_telephone

        sys.exit(run_telephone(targets, address, limits, voices, asked, color))
    if is_studio and verdicts is None and connections is None:
        from realtime_scenarios.cli.studio import AskedStudio, run_studio

        asked_studio = AskedStudio(opens, trust, provider, wishes)
        sys.exit(run_studio(targets, address, limits, voices, asked_studio, color, begun_event_log(log_events)))
    sys.exit(run_server(targets, address, limits, voices, verdicts, color, begun_event_log(log_events)))
