"""The options that make a conversation a call: a microphone and a loudspeaker, or files in their place."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from realtime_scenarios.cli.output import echo


@dataclass(frozen=True, slots=True)
class WantedCall:
    """A call as it was asked for.

    `said` is a WAV file in the microphone's place, None: there is one. `heard` is where what the agent says is written,
    `both` the two sides of the call. `microphone` and `loudspeaker` None: the system's own choice. `is_pushed`: the
    caller is heard while a key is held.
    """

    said: Path | None = None
    heard: Path | None = None
    both: Path | None = None
    microphone: str | None = None
    loudspeaker: str | None = None
    is_pushed: bool = False


_OF_VOICES = (
    "stt",
    "stt_model",
    "tts",
    "tts_model",
    "tts_voice",
    "tts_rate",
    "voice_key_env",
    "vad",
    "pace",
    "ms_per_word",
)
"""Parameters of `voice_options`, which mean nothing where nobody speaks."""


def call_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds them to a command, which is given what they say as one argument: `call`, a `WantedCall`; None: none is."""

    @functools.wraps(command)
    def with_call(
        *arguments: Any,
        voice: bool,
        said: Path | None,
        heard: Path | None,
        both: Path | None,
        microphone: str | None,
        loudspeaker: str | None,
        is_pushed: bool,
        **others: Any,
    ) -> Any:
        wanted = WantedCall(said, heard, both, microphone, loudspeaker, is_pushed)
        return command(*arguments, call=wanted if _is_call(voice, wanted) else None, **others)

    added: Callable[..., Any] = with_call
    for option in _CALL_OPTIONS:
        added = option(added)
    return added


def _is_call(voice: bool, wanted: WantedCall) -> bool:
    """Whether the conversation is a call.

    Raises:
        click.UsageError: what is asked for does not go together.
    """
    context = click.get_current_context()
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if wanted.heard is not None and wanted.said is None:
        raise click.UsageError("--out needs --in: without it the agent is heard from the loudspeaker")
    if wanted.said is not None and (wanted.microphone or wanted.loudspeaker):
        raise click.UsageError("--in takes the place of the microphone and the loudspeaker: choose one of the two")
    if wanted.said is None and context.params["pace"] == "fast":
        raise click.UsageError("--pace fast needs --in: nobody speaks faster than they do")
    if voice or wanted.said is not None:
        return True
    useless = [option for option in context.command.params if option.name in given and option.name in _ALONE_USELESS]
    if useless:
        raise click.UsageError(f"{useless[0].opts[0]} needs --voice (or --in FILE, where there is no microphone)")
    return False


def _show_devices(context: click.Context, option: click.Parameter, is_wanted: bool) -> None:
    """Print what PortAudio knows, and end."""
    from realtime_scenarios.devices.portaudio import known_devices, portaudio

    if not is_wanted:
        return
    devices = known_devices(portaudio())
    for device in devices:
        kinds = [
            *([f"microphone{' (default)' if device.is_default_input else ''}"] if device.inputs else []),
            *([f"loudspeaker{' (default)' if device.is_default_output else ''}"] if device.outputs else []),
        ]
        echo(f"{device.number:>3}  {device.name}, {device.host}, {device.rate:g} Hz: {', '.join(kinds) or 'neither'}")
    if not devices:
        echo("there is no microphone and no loudspeaker")
        echo("without them: --in question.wav --out answer.wav")
    context.exit()


_WAVE = click.Path(dir_okay=False, path_type=Path)

_CALL_OPTIONS = (  # the last one is shown first
    click.option(
        "--list-devices",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_devices,
        help="Show the microphones and loudspeakers of this machine, and end.",
    ),
    click.option(
        "--output-device", "loudspeaker", metavar="NAME", help="The loudspeaker: a number, or a part of its name."
    ),
    click.option(
        "--input-device", "microphone", metavar="NAME", help="The microphone: a number, or a part of its name."
    ),
    click.option(
        "--push-to-talk",
        "is_pushed",
        is_flag=True,
        help="Be heard while space is held, or from one press of it to the next.",
    ),
    click.option(
        "--wav", "both", type=_WAVE, help="Write both sides into a new WAV file: the caller left, the agent right."
    ),
    click.option("--out", "heard", type=_WAVE, help="Write what the agent says into a new WAV file; with --in."),
    click.option("--in", "said", type=_WAVE, help="What the caller says, as a WAV file, instead of a microphone."),
    click.option("--voice", is_flag=True, help="Speak and listen: microphone and loudspeaker instead of typing."),
)

_ALONE_USELESS = {"both", "microphone", "loudspeaker", "is_pushed", *_OF_VOICES}
