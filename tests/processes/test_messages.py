"""What command, zygote and workers tell each other, and how it lies in a stream."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.processes.wire import (
    Begin,
    Broke,
    Done,
    Load,
    Play,
    Ready,
    Refused,
    Surroundings,
    Unintelligible,
    Wishes,
    decoded_environment,
    encoded_environment,
    framed,
    from_worker,
    from_zygote,
    to_worker,
)

SAID = [
    Ready(scripted=True, real_time=False),
    Done(3, b"\0" * 5000),
    Broke(4, "KeyError: 'x'"),
    Refused("no", None, is_usage=False),
]
STREAM = b"".join(map(framed, SAID))


@given(st.lists(st.integers(0, len(STREAM)), max_size=9))
def test_messages_come_out_whole_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    frames, edges = from_worker(), [0, *sorted(cuts), len(STREAM)]
    heard = [message for begin, end in pairwise(edges) for message in frames.feed(STREAM[begin:end])]
    assert heard == SAID


@pytest.mark.parametrize(
    "data",
    [
        b"hello, this is a stub that prints\n",
        b"\0\0\0\x05hello",
        framed(Play(1, 2, 3)),
        b"\xff\xff\xff\xff",
    ],
)
def test_what_is_no_message_of_a_worker_is_told(data: bytes) -> None:
    with pytest.raises(Unintelligible):
        from_worker().feed(data)


def test_only_the_zygote_speaks_as_the_zygote() -> None:
    with pytest.raises(Unintelligible):
        from_zygote().feed(framed(Ready(scripted=False, real_time=True)))


def test_an_environment_need_not_be_text() -> None:
    variables = {"PATH": "/bin", os.fsdecode(b"ODD\xff"): os.fsdecode(b"\xfe")}
    wishes = Wishes.of("scripted", variables, model="m")
    begin = Begin(Surroundings(encoded_environment(variables), b"/", (b"a",)), wishes)
    (heard,) = to_worker().feed(framed(begin))
    assert heard == begin and isinstance(heard, Begin)
    assert decoded_environment(heard.wishes.environment) == variables
    assert (heard.wishes.model, heard.wishes.url) == ("m", None)


def test_what_is_pickled_travels_as_bytes() -> None:
    assert to_worker().feed(framed(Load(1, b"\x80\x05"))) == [Load(1, b"\x80\x05")]
