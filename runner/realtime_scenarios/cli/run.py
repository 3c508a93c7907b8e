"""`scenario run`: talk to a scenario in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.call_options import call_options
from realtime_scenarios.cli.options import Positive, begun_event_log, color_option, log_events_option, provider_options
from realtime_scenarios.cli.trusting import trust_option
from realtime_scenarios.cli.voice_options import voice_options

if TYPE_CHECKING:
    from realtime_scenarios.cli.call_options import WantedCall
    from realtime_scenarios.cli.voices import AskedVoices


@click.command("run")
@click.argument("file", metavar="FILE")
@click.option("--agent", metavar="ID", help="Begin with this agent instead of the scenario's start.")
@click.option("--state", metavar="ID", help="Begin in this state of the agent.")
@click.option(
    "--context",
    multiple=True,
    metavar="NAME=VALUE",
    help="Begin with this value of a context variable; again for more.",
)
@click.option(
    "--now", metavar="ISO", help="Begin at this moment, such as 2026-03-01T09:00Z, instead of the present one."
)
@click.option("--opening", is_flag=True, help="Let the agent speak first.")
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the conversation as a dialogue at the end."
)
@click.option(
    "--trace", type=click.Path(dir_okay=False, path_type=Path), help="Write the trace as JSON lines at the end."
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the trace as JSON lines while it happens, into a new file.",
)
@log_events_option
@click.option(
    "--otel",
    is_flag=True,
    help="Send spans of OpenTelemetry, to where OTEL_EXPORTER_OTLP_ENDPOINT says (localhost:4318).",
)
@click.option(
    "--max-minutes",
    type=Positive(),
    metavar="M",
    help="End the conversation after so long.",
)
@click.option(
    "--max-cost",
    type=Positive(),
    metavar="DOLLARS",
    help="End it when the voice model has cost so much, by the dated table of models.",
)
@call_options
@voice_options(detector="auto")
@color_option
@trust_option
@provider_options(default=None)
def run(
    file: str,
    agent: str | None,
    state: str | None,
    context: tuple[str, ...],
    now: str | None,
    opening: bool,
    save: Path | None,
    trace: Path | None,
    record: Path | None,
    log_events: Path | None,
    otel: bool,
    max_minutes: float | None,
    max_cost: float | None,
    color: str,
    trust: bool,
    provider: str | None,
    call: WantedCall | None,
    voices: AskedVoices,
    **wishes: str | None,
) -> None:
    """Talk to a scenario, by typing or with --voice. FILE may be a path or the name of a packaged example: airline.

    Without --provider the scenario's own is used, and offline where it names none: a deterministic stand-in on this
    machine, without a key and without a network. Standard input may be a pipe: one line a turn.

    With --voice you speak and listen, beside the prompt: m mutes the microphone, --push-to-talk is heard while space is
    held. With --in a WAV file says what you would, and a pipe answers questions alone; with --pace fast that takes no
    time. offline and chat hear and speak with parts on this machine (--stt, --tts, --vad), and the models of openai,
    azure and url by themselves. Sound is kept only where --wav and --out say so.

    What --save and --trace name is written however the conversation ends; what --record and --log-events name has every
    event as soon as it happens, also where the process is killed. Secrets are in none of them. Exit code 0: it ended.
    1: the file has mistakes. 3: the model is out of reach, what it may take is spent, a file cannot be written, or code
    is not trusted. 130, 143, 129: a signal ended it (Ctrl-C, SIGTERM, SIGHUP).
    """
    from realtime_scenarios.cli.files import refuse_one_file_for_two
    from realtime_scenarios.cli.kept import WantedFiles
    from realtime_scenarios.cli.talking import WantedTalk, talk
    from realtime_scenarios.project.beginning import WishedBeginning
    from realtime_scenarios.project.spending import Budget

    written = {"--save": save, "--trace": trace, "--record": record, "--log-events": log_events}
    sounds = {} if call is None else {"--out": call.heard, "--wav": call.both}
    refuse_one_file_for_two(written | sounds)
    wanted = WantedTalk(
        file,
        begins=WishedBeginning(agent, state, now, context),
        opening=opening,
        files=WantedFiles(save, trace, record),
        budget=Budget(max_minutes, max_cost),
        color=color,
        trust=trust,
        otel=otel,
        provider=provider,
        wishes={**wishes, "log_events": begun_event_log(log_events)},
        call=call,
        voices=voices,
    )
    sys.exit(talk(wanted))
