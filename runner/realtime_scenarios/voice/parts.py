"""What somebody asks for by name, such as `flite:rms`, `script:lines.txt` or a URL, to a part that hears or speaks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from realtime_scenarios.core import Registry, ScenarioError, UsageError
from realtime_scenarios.voice.hearing import ScriptedWords, SpeechToText
from realtime_scenarios.voice.speaking import Silence, TextToSpeech, Tone

_RATE = 24000


@dataclass(frozen=True, slots=True)
class PartOptions:
    """What a part is made with.

    `argument` is what stands behind the colon of its name, or the whole URL; empty: nothing. `model`, `key`, `voice`
    and `rate` are for services: the voice where it is not the session's (None), and how many samples a second come
    where they do not say so. `callers_lines` gives what the callers of the scenario at a path may say, for parts that
    learn from it.
    """

    argument: str = ""
    model: str | None = None
    key: str | None = None
    voice: str | None = None
    rate: int = _RATE
    callers_lines: Callable[[str], Sequence[str]] | None = None


NewListener = Callable[[], SpeechToText]
"""Makes the part that hears one conversation."""

LISTENERS: Registry[Callable[[PartOptions], NewListener]] = Registry("speech-to-text part")
SPEAKERS: Registry[Callable[[PartOptions], TextToSpeech]] = Registry("text-to-speech part")
"""One part speaks in all conversations."""


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part's name in its catalogue, and what is said about it beside."""

    name: str
    argument: str

    @classmethod
    def of(cls, asked: str) -> NamedPart:
        """`name`, `name:argument`, or the URL of a service."""
        if asked.startswith(("http://", "https://")):
            return cls("url", asked)
        name, _, argument = asked.partition(":")
        return cls(name, argument)


def refuse_services_options(name: str, options: PartOptions) -> None:
    """Refuse what only services know, and what would be left out here.

    Raises:
        UsageError: there is something of the kind.
    """
    given = {"model": options.model, "voice": options.voice, "rate": options.rate if options.rate != _RATE else None}
    for what, value in given.items():
        if value is not None:
            hint = "leave it out, or name a service by its URL"
            raise UsageError(f"'{name}' is no service that is told a {what} ('{value}')", hint=hint)


def _without_argument(name: str, part: Callable[[], TextToSpeech]) -> Callable[[PartOptions], TextToSpeech]:
    """A part about which there is nothing to say."""

    def new_part(options: PartOptions) -> TextToSpeech:
        refuse_services_options(name, options)
        if options.argument:
            raise UsageError(f"'{name}' has no '{options.argument}'", hint=f"it is only '{name}'")
        return part()

    return new_part


def _scripted_words(options: PartOptions) -> NewListener:
    refuse_services_options("script", options)
    if not options.argument:
        raise ScenarioError("a script of what callers say is missing", hint="name its file: script:lines.txt")
    path = Path(options.argument)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise ScenarioError(f"cannot read '{path}': {getattr(problem, 'strerror', None) or problem}") from problem
    return lambda: ScriptedWords(lines)


def _best_voice(options: PartOptions) -> TextToSpeech:
    """flite where it is installed, else espeak-ng, else the tone."""
    for program in ("flite", "espeak-ng"):
        if shutil.which(program) is not None:
            return SPEAKERS[program](options)
    return SPEAKERS["tone"](options)


LISTENERS.add("script", _scripted_words)
LISTENERS.add_at("pocketsphinx", "realtime_scenarios.voice.pocketsphinx:recogniser")
LISTENERS.add_at("url", "realtime_scenarios.voice.services:transcription_service")

SPEAKERS.add("silence", _without_argument("silence", Silence))
SPEAKERS.add("tone", _without_argument("tone", Tone))
SPEAKERS.add("auto", _best_voice)
SPEAKERS.add_at("flite", "realtime_scenarios.voice.programs:Flite")
SPEAKERS.add_at("espeak-ng", "realtime_scenarios.voice.programs:EspeakNg")
SPEAKERS.add_at("url", "realtime_scenarios.voice.services:SpeechService")
