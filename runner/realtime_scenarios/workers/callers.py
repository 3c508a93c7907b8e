"""How callers speak in each scenario, in one process: whoever says their lines, and whoever writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.session import Speaking
from realtime_scenarios.voice import Manner, Speech, SpeechToText, TextToSpeech, Utterance, takes_time
from realtime_scenarios.voice.calling import SCRIPT, Calling, listener_named, speaker_named
from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS, NamedPart, PartOptions
from realtime_scenarios.voice.pocketsphinx import Pocketsphinx

_UTTERANCES_KEPT = 512


class Callers:
    """Made of what is asked for; None: callers type, and nothing is made."""

    def __init__(self, calling: Calling | None) -> None:
        self._calling = calling
        self._speakers: dict[str, TextToSpeech] = {}
        self._speaking: dict[int, Speaking] = {}
        self._scenarios: list[Scenario] = []  # so that no id is used again
        self._recognisers: list[Pocketsphinx] = []

    def of(self, scenario: Scenario, lines: Sequence[str]) -> Speaking | None:
        """How they speak in that scenario, whose callers may say `lines`. None: they type.

        Where nobody can say a line, that is told when one is due.

        Raises:
            ScenarioError: what writes them down is not there.
        """
        if self._calling is None:
            return None
        if id(scenario) not in self._speaking:
            self._scenarios.append(scenario)
            self._speaking[id(scenario)] = self._made(self._calling, scenario, lines)
        return self._speaking[id(scenario)]

    def close(self) -> None:
        """End the processes of recognisers."""
        for recogniser in self._recognisers:
            recogniser.close()

    @property
    def processes(self) -> frozenset[int]:
        """The ids of the processes that stay when a dialogue is over."""
        return frozenset(pid for each in self._recognisers if (pid := each.pid) is not None)

    def _made(self, calling: Calling, scenario: Scenario, lines: Sequence[str]) -> Speaking:
        language = scenario.locale.partition("-")[0]
        tts, stt = speaker_named(calling.tts, language), listener_named(calling.stt, language)
        if tts not in self._speakers:
            self._speakers[tts] = _speaker(tts)
        return Speaking(calling, self._speakers[tts], self._listener(stt, lines))

    def _listener(self, stt: str, lines: Sequence[str]) -> SpeechToText | None:
        if stt == SCRIPT:
            return None
        part = NamedPart.of(stt)
        if part.name == "pocketsphinx":
            recogniser = Pocketsphinx(tuple(lines))
            self._recognisers.append(recogniser)
            return _HeardOnce(recogniser)
        return LISTENERS[part.name](PartOptions(part.argument))()


def _speaker(tts: str) -> TextToSpeech:
    part = NamedPart.of(tts)
    try:
        return SPEAKERS[part.name](PartOptions(part.argument))
    except ScenarioError as problem:
        return _Missing(problem)


@dataclass(frozen=True, slots=True)
class _Missing:
    """A voice that is not there."""

    problem: ScenarioError

    def speak(self, text: str, manner: Manner) -> Speech:
        raise self.problem


class _HeardOnce:
    """A recogniser that hears the same sound alike each time: so it need hear it only once."""

    def __init__(self, recogniser: SpeechToText) -> None:
        self.takes_time = takes_time(recogniser)
        self._transcribe = lru_cache(_UTTERANCES_KEPT)(recogniser.transcribe)

    def transcribe(self, utterance: Utterance) -> str | None:
        return self._transcribe(utterance)
