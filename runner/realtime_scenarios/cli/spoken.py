"""Options that have the lines of callers spoken, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from realtime_scenarios.cli.options import given_as

if TYPE_CHECKING:
    from realtime_scenarios.voice.calling import Calling

_NEEDED = "it needs --spoken"
_OPTIONS = (
    click.option(
        "--tts",
        metavar="NAME|URL",
        help="Who says them: flite, espeak-ng:LANGUAGE, tone, a URL, or a plug-in's. Default: flite for English.",
    ),
    click.option(
        "--stt",
        metavar="NAME|URL",
        help="Who writes them down: script (exactly), pocketsphinx, a URL, or a plug-in's. Default: pocketsphinx "
        "for English where it is installed, else script.",
    ),
    click.option("--vad", metavar="NAME", help="Who tells voices from noise: loudness (default) or silero."),
    click.option(
        "--noise", metavar="KIND:DB", help="Speak in noise that is so much softer: white:10, pink:20, hum:20."
    ),
    click.option("--telephone", is_flag=True, help="Speak over a telephone: 8 kHz, mu-law."),
    click.option("--seed", type=int, metavar="NUMBER", help="Another seed, other noise. Default 0."),
)


@dataclass(frozen=True, slots=True)
class SpokenWish:
    """What was typed. `calling` is how callers speak; None: they type."""

    is_wanted: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def calling(self) -> Calling | None:
        """
        Raises:
            UsageError: an option makes no sense, or there is no part of such a name.
            ScenarioError: a part that is named cannot be had on this machine.
        """
        if not self.is_wanted:
            return None
        from realtime_scenarios.voice.calling import Calling

        calling = Calling(**self.given)
        _refuse_what_is_not_there(calling)
        return calling


def _wish(spoken: bool, **typed: Any) -> SpokenWish:
    given = {name: value for name, value in typed.items() if value not in (None, False)}
    if given and not spoken:
        raise click.UsageError(f"--{next(iter(given))} says how lines are spoken; {_NEEDED}")
    return SpokenWish(spoken, given)


spoken_options = given_as(
    "spoken",
    _wish,
    click.option(
        "--spoken", is_flag=True, help="Say every line of the callers aloud, and hear them; see docs/voice.md."
    ),
    *_OPTIONS,
)
"""`--spoken` and what goes with it, which the command is given as `spoken`."""


def _refuse_what_is_not_there(calling: Calling) -> None:
    from realtime_scenarios.core import ScenarioError
    from realtime_scenarios.project import load_plugins
    from realtime_scenarios.voice import VOICE_DETECTORS
    from realtime_scenarios.voice.calling import SCRIPT, listener_named, speaker_named
    from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS, NamedPart, PartOptions
    from realtime_scenarios.voice.rooms import Noise

    load_plugins()
    if calling.noise is not None:
        Noise.of(calling.noise)
    VOICE_DETECTORS[calling.vad](24000)
    speaker = NamedPart.of(speaker_named(calling.tts, "en"))
    SPEAKERS[speaker.name](PartOptions(speaker.argument))
    stt = listener_named(calling.stt, "en")
    if stt == SCRIPT:
        return
    listener = NamedPart.of(stt)
    try:
        LISTENERS[listener.name](PartOptions(listener.argument or "x", callers_lines=lambda _: ()))
    except ScenarioError as problem:
        problem.hint = "take --stt script" if problem.hint is None else f"{problem.hint}, or take --stt script"
        raise


def refuse_silent_services(calling: Calling) -> None:
    """Have a voice that is a service say a word, before anything is played to it.

    Raises:
        PartFailed: it does not.
    """
    from realtime_scenarios.voice.calling import speaker_named
    from realtime_scenarios.voice.hearing import PartFailed
    from realtime_scenarios.voice.parts import SPEAKERS, NamedPart, PartOptions
    from realtime_scenarios.voice.speaking import Manner

    speaker = NamedPart.of(speaker_named(calling.tts, "en"))
    if speaker.name != "url":
        return
    try:
        SPEAKERS[speaker.name](PartOptions(speaker.argument)).speak("Hello.", Manner("cedar"))
    except PartFailed as problem:
        problem.hint = "start the server, check the URL, or take another --tts"
        raise


def told_of(written: str | None) -> str:
    """How callers speak and are heard, in a sentence. None: only what has been recorded is spoken."""
    from realtime_scenarios.voice.calling import SCRIPT, Calling, listener_named, speaker_named
    from realtime_scenarios.voice.parts import NamedPart

    if written is None:
        return "spoken as recorded; turns by loudness, words as written"
    calling = Calling.of(written)
    room = f", in noise ({calling.noise} dB, seed {calling.seed})" if calling.noise else ""
    line = ", over a telephone" if calling.telephone else ""
    stt = listener_named(calling.stt, "en")
    words = "as written" if stt == SCRIPT else f"by {NamedPart.of(stt).name}"
    return f"spoken by {speaker_named(calling.tts, 'en')}{room}{line}; turns by {calling.vad}, words {words}"
