"""Any sequence of client events, sensible or not: nothing raises, every event is valid, every response ends once."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from realtime_scenarios.realtime import Pace, Parts
from realtime_scenarios.realtime.responder import CallFunction, FailResponse, Output, SayText
from realtime_scenarios.voice import Utterance
from support.talk import Talk

words = st.text(max_size=8)
junk: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
item_ids = st.sampled_from([f"item_{number:04d}" for number in range(1, 8)] + ["mine", "other", "root"])
sound = st.sampled_from([bytes(4800), b"\x00\x40" * 2400, b"\x55", b""]).map(lambda raw: base64.b64encode(raw).decode())


def sometimes(**fields: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def exactly(kind: str, **fields: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


parts = st.lists(
    exactly("input_text", text=words) | exactly("input_audio", audio=sound) | exactly("output_text", text=words) | junk,
    max_size=2,
)
items = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("message"), "role": st.sampled_from(["user", "assistant", "system"]), "content": parts},
        optional={"id": item_ids},
    ),
    exactly("function_call", name=words, arguments=words, call_id=st.sampled_from(["call_0001", "c"])),
    exactly("function_call_output", call_id=st.sampled_from(["call_0001", "call_0002", "c"]), output=words),
    junk,
)
tools = st.lists(exactly("function", name=st.sampled_from(["look_up", "book"])), max_size=2)
formats = exactly("audio/pcm") | exactly("audio/pcmu") | exactly("audio/pcma")
detections = sometimes(
    type=st.sampled_from(["server_vad", "semantic_vad"]),
    create_response=st.booleans(),
    interrupt_response=st.booleans(),
    idle_timeout_ms=st.just(5000),
    silence_duration_ms=st.just(100),
)
shared = {
    "instructions": words,
    "tools": tools,
    "tool_choice": st.sampled_from(["auto", "none", {"type": "function", "name": "book"}]),
    "output_modalities": st.sampled_from([["text"], ["audio"]]),
    "max_output_tokens": st.sampled_from(["inf", 3, 40]),
}
sessions = sometimes(
    **shared,
    parallel_tool_calls=st.booleans() | st.none(),
    prompt=st.fixed_dictionaries({"id": words}, optional={"variables": st.dictionaries(words, words | parts | junk)}),
    audio=sometimes(
        input=sometimes(format=formats, turn_detection=detections | st.none(), transcription=sometimes(model=words)),
        output=sometimes(format=formats, voice=st.sampled_from(["ash", "cedar"])),
    ),
).map(lambda session: {"type": "realtime", **session})
responses = sometimes(
    **shared,
    conversation=st.sampled_from(["auto", "none"]),
    metadata=st.dictionaries(words, words, max_size=2),
    input=st.lists(items | exactly("item_reference", id=item_ids), max_size=2),
)
hello = st.fixed_dictionaries(
    {"type": st.just("message"), "role": st.just("user"), "content": st.just([{"type": "input_text", "text": "Hi"}])},
    optional={"id": item_ids},
)
mostly_items = st.one_of(hello, hello, items)
events: dict[str, dict[str, SearchStrategy[Any]]] = {
    "session.update": {"session": sessions},
    "conversation.item.create": {"item": mostly_items, "previous_item_id": st.none() | st.just("root") | item_ids},
    "conversation.item.truncate": {
        "item_id": item_ids,
        "content_index": st.sampled_from([0, 0, 0, 1]),
        "audio_end_ms": st.integers(0, 1500),
    },
    "conversation.item.retrieve": {"item_id": item_ids},
    "conversation.item.delete": {"item_id": item_ids},
    "response.create": {"response": st.none() | responses},
    "response.cancel": {"response_id": st.none() | st.sampled_from(["resp_0001", "resp_0002"])},
    "input_audio_buffer.append": {"audio": sound},
    "input_audio_buffer.commit": {},
    "input_audio_buffer.clear": {},
    "output_audio_buffer.clear": {},
}


@st.composite
def client_events(draw: st.DrawFn) -> dict[str, Any]:
    """Sensible as a rule; now and then a field is rubbish, missing or too many."""
    kind = draw(st.sampled_from(sorted(events)))
    event = {"type": kind, **{name: draw(field) for name, field in events[kind].items()}}
    if draw(st.integers(0, 9)) == 0:
        event[draw(st.sampled_from([*event, "event_id", "stray"]))] = draw(junk)
    return event


outputs: SearchStrategy[Output] = st.one_of(
    st.builds(SayText, st.sampled_from(["", "Hello there, my friend.", "🛫 \ud83d"])),
    st.builds(CallFunction, st.sampled_from(["look_up", ""]), st.sampled_from(["{}", "", "half {"])),
    st.builds(FailResponse, st.just("overloaded"), st.just("later")),
)
steps = st.one_of(
    client_events(),
    client_events(),
    client_events(),
    client_events(),
    st.integers(0, 500),
    st.lists(outputs, min_size=1, max_size=3),
    st.just({"type": "response.create"}),
    st.tuples(st.just("text"), st.text(max_size=20) | st.binary(max_size=20) | junk.map(json.dumps)),
)


class Deaf:
    """Sometimes makes words out, sometimes not."""

    def transcribe(self, utterance: Utterance) -> str | None:
        return "hm" if len(utterance.audio) % 3 else None


@given(st.lists(steps, min_size=10, max_size=40), st.sampled_from([Pace(), Pace(1, 50), Pace(2, 7)]))
def test_no_sequence_of_client_events_breaks_the_session(played: Sequence[Any], pace: Pace) -> None:
    talk = Talk(pace=pace, parts=Parts(listener=Deaf()))
    for step in played:
        match step:
            case dict():
                talk.send_raw(json.dumps(step))
            case int():
                talk.later(step)
            case ("text", text):
                talk.send_raw(text)
            case list():
                for request in talk.requests:
                    talk.read(talk.engine.answer(request.response_id, step, talk.now_ms))
                talk.requests.clear()
    talk.update(audio={"input": {"turn_detection": None}})  # or who stays silent is asked again and again
    talk.later(100_000)
    for request in talk.requests:
        talk.read(talk.engine.answer(request.response_id, [SayText("The end.")], talk.now_ms))
    talk.later(100_000)
    talk.strict.finished()
