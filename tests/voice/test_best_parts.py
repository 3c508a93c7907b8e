"""Where nobody says which part hears or speaks, the best one that is there does, and it is known what would be better."""

from __future__ import annotations

import pytest

from realtime_scenarios.voice import best
from realtime_scenarios.voice.best import best_detector, best_listener, best_speaker


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best, "find_spec", lambda name: name)
    monkeypatch.setattr("shutil.which", lambda program: f"/usr/bin/{program}")


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best, "find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda program: None)


@pytest.mark.usefixtures("everything")
def test_english_callers_are_heard_by_what_is_taught_their_scenario() -> None:
    assert best_detector().part == "silero"
    assert best_listener("airline.yaml", "en-GB").part == "pocketsphinx:airline.yaml"
    assert best_speaker("en").part == "flite"


@pytest.mark.usefixtures("everything")
def test_callers_who_speak_another_language_are_spoken_to_in_it_and_need_a_service_to_be_heard() -> None:
    heard = best_listener("hotel.yaml", "fr")
    assert heard.part is None and "callers speak 'fr'" in heard.says and "--stt URL" in str(heard.better)
    assert best_speaker("fr-CA").part == "espeak-ng:fr"


@pytest.mark.usefixtures("nothing")
def test_a_machine_without_parts_is_told_what_to_install() -> None:
    assert (best_detector().part, best_detector().better) == ("loudness", "pip install 'realtime-scenarios[voice]'")
    assert best_listener("airline.yaml", "en").part is None
    assert (best_speaker("en").part, best_speaker("fr").better) == ("tone", "apt install espeak-ng, or --tts URL")
