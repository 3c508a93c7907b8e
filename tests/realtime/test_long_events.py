"""Events of many kilobytes: read in steps, with the same outcome, and refused where they are too much for one step."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.realtime import Engine, connect_in_memory, events, long_events
from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.long_events import (
    LONGEST_PICTURES,
    LONGEST_TEXT,
    MOST_VALUES,
    LongText,
    long_event,
    outline_of,
    read_at_once,
)
from realtime_scenarios.realtime.responder import SayText
from support.counting import calls_in, lengths_given
from support.responders import Says
from support.talk import Talk, error_of, kinds

MB = 1 << 20
MOST_CALLS = 150_000
"""Functions called in one step: they take 20 ms or less."""

SOUND = base64.b64encode(random.Random(1).randbytes(15 * MB)).decode()
PICTURE = "data:image/png;base64," + SOUND[: 13 * MB]


def item(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": list(parts), **more}


def created(*parts: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "event_id": "e1", "item": item(*parts)}


def updated(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


def tools(count: int) -> list[dict[str, Any]]:
    shape = {"type": "object", "properties": {"what": {"type": "string", "description": "d" * 100}}}
    return [{"type": "function", "name": f"f{at}", "parameters": shape} for at in range(count)]


def large_tool(number: int) -> dict[str, Any]:
    parameter = {"type": "string", "description": "d" * 60, "enum": ["a", "b", "c"]}
    shape = {"type": "object", "properties": {f"p{at}": parameter for at in range(10)}, "required": ["p1", "p2", "p3"]}
    return {"type": "function", "name": f"f{number}", "description": "d" * 120, "parameters": shape}


def strict_tool(number: int) -> dict[str, Any]:
    tool = large_tool(number)
    shape = tool["parameters"]
    return {**tool, "parameters": {**shape, "required": list(shape["properties"]), "additionalProperties": False}}


def server(number: int) -> dict[str, Any]:
    return {"type": "mcp", "server_label": f"s{number}", "server_url": f"http://localhost:{number + 1}/mcp"}


def ruled_server(number: int) -> dict[str, Any]:
    some = {"tool_names": ["a", "b"], "read_only": True}
    return {**server(number), "allowed_tools": ["a", "b"], "require_approval": {"always": some, "never": some}}


def whole_server(number: int) -> dict[str, Any]:
    more = {"authorization": "x", "headers": {f"h{at}": "x" for at in range(5)}, "server_description": "d"}
    return {**ruled_server(number), **more}


TEXT = "words and more " * (LONGEST_TEXT // 15 - 100)
SOUND_PART = {"type": "input_audio", "audio": SOUND}
SHORT_PART = {"type": "input_text", "text": "x"}
GOOD: dict[str, dict[str, Any]] = {
    "sound": created(SOUND_PART),
    "text": created({"type": "input_text", "text": TEXT}),
    "text in quotes": created({"type": "input_text", "text": '"' * (LONGEST_TEXT // 2 - 1000)}),
    "picture": created({"type": "input_image", "image_url": PICTURE}),
    "parts": created(*[SHORT_PART] * (MOST_VALUES // 3 - 10)),
    "instructions": updated(instructions=TEXT),
    "tools": updated(tools=tools(MOST_VALUES // 10)),
    "as many functions as a session takes": updated(tools=[large_tool(at) for at in range(128)]),
    "as many functions with strict schemas": updated(
        instructions="Be brief.", tools=[strict_tool(at) for at in range(128)], tool_choice="auto"
    ),
    "servers": updated(tools=[server(at) for at in range(MOST_VALUES // 4 - 5)]),
    "servers of a response": {
        "type": "response.create",
        "response": {"tools": [server(at) for at in range(MOST_VALUES // 4 - 5)]},
    },
    "servers with rules": updated(tools=[ruled_server(at) for at in range(MOST_VALUES // 19)]),
    "servers with all that one may have": updated(tools=[whole_server(at) for at in range(MOST_VALUES // 27)]),
    "response": {"type": "response.create", "response": {"instructions": TEXT}},
    "heard by a response": {"type": "response.create", "response": {"input": [item(SOUND_PART)]}},
    "read by a response": {"type": "response.create", "response": {"input": [item(SHORT_PART)] * (MOST_VALUES // 8)}},
    "a text that is no id": {"type": "conversation.item.delete", "item_id": TEXT},
}
TOO_MUCH = ("What was sent is too long: ", f"What was sent has too much in it: it may have {MOST_VALUES} values")
BAD: dict[str, dict[str, Any]] = {
    "text": created({"type": "input_text", "text": TEXT * 10}),
    "text in quotes": created({"type": "input_text", "text": '"' * LONGEST_TEXT}),
    "many texts": created(*[{"type": "input_text", "text": TEXT}] * 2),
    "sound of another name": created({"type": "input_text", "text": SOUND}),
    "sound elsewhere": updated(tools=[{"type": "function", "name": "f", "parameters": {"audio": SOUND}}]),
    "parts": created(*[SHORT_PART] * 400_000),
    "tools": updated(tools=tools(20_000)),
    "instructions": updated(instructions=TEXT * 10),
    "read by a response": {"type": "response.create", "response": {"input": [item(SHORT_PART)] * 100_000}},
    "values": {"type": "x", "x": [0] * 5_000_000},
    "objects": {"type": "x", "x": [{}] * 3_000_000},
    "names": {"type": "x", "x": {f"x{at}": 0 for at in range(500_000)}},
}


def steps_of(engine: Engine, text: str | bytes) -> tuple[list[dict[str, Any]], int, int]:
    """What comes of a message, in how many steps, and how many functions are called in the longest of them."""
    calls, answers = calls_in(lambda: engine.begin(text))
    steps, most = 1, calls
    while engine.is_busy:
        calls, more = calls_in(engine.go_on)
        answers += more
        steps, most = steps + 1, max(most, calls)
    return answers, steps, most


@pytest.mark.parametrize("name", GOOD)
def test_no_step_has_much_to_do_and_what_comes_of_it_is_the_same_as_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(GOOD[name])
    decoded = lengths_given(monkeypatch, long_events, "base64_bytes")
    parsed = lengths_given(monkeypatch, events, "parsed_json")
    answers, steps, most = steps_of(Engine(), text)
    assert most <= MOST_CALLS
    assert max(decoded, default=0) <= 256 * 1024
    assert max(parsed) <= LONGEST_TEXT
    assert steps >= max(1, len(decoded))
    monkeypatch.setattr("realtime_scenarios.realtime.engine.LONG", 1 << 40)
    assert answers == Engine().receive(text)


@pytest.mark.parametrize("name", BAD)
def test_what_is_too_much_is_refused_before_it_is_parsed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = lengths_given(monkeypatch, events, "parsed_json")
    answers, _, most = steps_of(Engine(), json.dumps(BAD[name]))
    error = error_of(answers)
    assert error["code"] == "invalid_event" and error["message"].startswith(TOO_MUCH)
    assert max(parsed, default=0) <= LONGEST_TEXT
    assert most <= MOST_CALLS


def test_sound_that_is_brought_is_kept_and_shown() -> None:
    talk = Talk()
    added, _ = talk.send_raw(json.dumps(created(SOUND_PART)))
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=added["item"]["id"])
    assert retrieved["item"]["content"][0]["audio"] == SOUND


def test_sound_that_is_shown_is_written_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    item_id = engine.receive(json.dumps(created(SOUND_PART)))[0]["item"]["id"]
    written = lengths_given(monkeypatch, base64, "b64encode")
    engine.begin(json.dumps({"type": "conversation.item.retrieve", "item_id": item_id}))
    steps = 1
    while engine.is_busy:
        before = len(written)
        engine.go_on()
        assert len(written) - before <= 1
        steps += 1
    assert max(written) <= 256 * 1024 and steps > 15 * 4


def test_an_item_that_is_longer_than_any_append_is_shown_without_its_sound() -> None:
    talk = Talk()
    talk.update(audio={"input": {"turn_detection": None}})
    for _ in range(2):
        talk.send("input_audio_buffer.append", audio=SOUND)
    committed = talk.send("input_audio_buffer.commit")[0]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=committed["item_id"])
    assert retrieved["item"]["content"] == [{"type": "input_audio", "transcript": None}]
    full = talk.send("input_audio_buffer.append", audio=SOUND) + talk.send("input_audio_buffer.append", audio=SOUND)
    assert full == []
    assert "buffer is full" in error_of(talk.send("input_audio_buffer.append", audio=SOUND))["message"]


@pytest.mark.parametrize(("sign", "written"), [("/", "\\/"), ("+", "\\u002B"), ("=", "\\u003d"), ("A", "\\u0041")])
@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_audio", "audio": SOUND[: 2 * MB] + "AA=="},
        {"type": "input_image", "image_url": PICTURE[: 2 * MB] + "=="},
    ],
)
def test_sound_and_pictures_mean_the_same_with_escapes(part: dict[str, Any], sign: str, written: str) -> None:
    text, plainly, escaped = json.dumps(created(part)), Talk(), Talk()
    answers, _, most = steps_of(escaped.engine, text.replace(sign, written))
    assert most <= MOST_CALLS
    assert answers == plainly.send_raw(text)
    retrieve = json.dumps({"type": "conversation.item.retrieve", "item_id": answers[0]["item"]["id"]})
    assert escaped.send_raw(retrieve) == plainly.send_raw(retrieve)


@pytest.mark.parametrize(("sign", "written"), [("/", "\\/"), ("+", "\\u002B"), ("=", "\\u003d")])
def test_an_append_means_the_same_with_escapes(sign: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = SOUND[: 2 * MB] + "AA=="
    talk = Talk()
    talk.update(audio={"input": {"turn_detection": None}})
    decoded = lengths_given(monkeypatch, long_events, "base64_bytes")
    text = json.dumps({"type": "input_audio_buffer.append", "audio": sound}).replace(sign, written)
    assert talk.send_raw(text) == [] and max(decoded) <= 256 * 1024
    committed = talk.send("input_audio_buffer.commit")[0]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=committed["item_id"])
    assert retrieved["item"]["content"][0]["audio"] == sound


def test_a_picture_may_have_quotes_where_it_says_what_kind_it_is_and_not_in_its_middle() -> None:
    named = f'data:image/png;name="a";base64,{SOUND[: 2 * MB]}'
    added, _ = Talk().send_raw(json.dumps(created({"type": "input_image", "image_url": named})))
    assert added["item"]["content"][0]["image_url"] == named
    wrong = created({"type": "input_image", "image_url": f'{PICTURE[:MB]}"{PICTURE[: 2 * MB]}'})
    error = error_of(Talk().send_raw(json.dumps(wrong)))
    assert error["code"] == "invalid_event" and "escaped quotes" in error["message"]


@pytest.mark.parametrize("escape", ["\\ud83d", "\\u00zz", "\\x", "\\n"])
@pytest.mark.parametrize("kind", ["audio", "image_url"])
def test_a_long_value_whose_escapes_mean_nothing_is_named(kind: str, escape: str) -> None:
    part = {"type": {"audio": "input_audio", "image_url": "input_image"}[kind], kind: "@" + SOUND[: 2 * MB]}
    answers = Talk().send_raw(json.dumps(created(part)).replace("@", escape))
    if (kind, escape) == ("image_url", "\\n"):
        assert answers[0]["item"]["content"][0][kind] == "\n" + SOUND[: 2 * MB]
    else:
        error = error_of(answers)
        assert error["param"] == f"item.content[0].{kind}"
        assert "escapes" in error["message"] or escape == "\\n"


@pytest.mark.parametrize(
    ("event", "param"),
    [
        (created(SHORT_PART, {"type": "input_audio", "audio": SOUND[:-1]}), "item.content[1].audio"),
        (created({"type": "input_audio", "audio": "=" + SOUND[1:]}), "item.content[0].audio"),
        (
            {"type": "response.create", "response": {"input": [item({"type": "input_audio", "audio": "%" * 99_999})]}},
            "response.input[0].content[0].audio",
        ),
        (created({"type": "input_image", "image_url": "x" * (LONGEST_PICTURES + 1)}), "item.content[0].image_url"),
    ],
)
def test_a_long_value_that_is_wrong_is_named_and_so_is_its_event(event: dict[str, Any], param: str) -> None:
    error = error_of(Talk().send_raw(json.dumps({**event, "event_id": "e1"})))
    assert (error["code"], error["param"], error["event_id"]) == ("invalid_value", param, "e1")


def test_what_is_echoed_goes_out_in_a_step_of_its_own() -> None:
    engine = Engine()
    told = [kinds(engine.begin(json.dumps(GOOD["picture"])))]
    while engine.is_busy:
        told.append(kinds(engine.go_on()))
    assert [kind for kind in told if kind] == [["conversation.item.added"], ["conversation.item.done"]]


@pytest.mark.parametrize("kind", ["conversation.item.truncate", "output_audio_buffer.clear", "response.cancel"])
def test_nothing_comes_between_what_one_event_brings_about(kind: str) -> None:
    talk = Talk()
    talk.send("response.create")
    (asked,) = talk.requests
    said = talk.engine.answer(asked.response_id, [SayText("one two three")], 0, is_all=False)
    item_id = next(event["item_id"] for event in said if "item_id" in event)
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 0} if kind.endswith("truncate") else {}
    text = json.dumps({"type": kind, "event_id": "e" * 70_000, **where})
    told = [kinds(talk.engine.begin(text))]
    while talk.engine.is_busy:
        told.append(kinds(talk.engine.go_on()))
    (answered,) = filter(None, told)
    assert "response.done" in answered and len(answered) > 1


def test_another_client_is_answered_while_an_item_is_read() -> None:
    async def visit() -> None:
        sender, other = connect_in_memory(Says()), connect_in_memory(Says())
        sending = asyncio.create_task(sender.send(json.dumps(GOOD["sound"])))
        await asyncio.sleep(0)
        for _ in range(20):
            await other.send('{"type": "conversation.item.delete", "item_id": "none"}')
            await asyncio.sleep(0)
        assert not sending.done()
        await sending
        await asyncio.gather(sender.close(), other.close())

    asyncio.run(visit())


@pytest.mark.parametrize("piece", ['"', '"" ', '"":', '"a": ', '"audio": '])
@pytest.mark.parametrize("read", [read_at_once, outline_of])
def test_of_strings_with_nothing_between_them_few_are_looked_at(read: Callable[[str], Any], piece: str) -> None:
    def refusal() -> str:
        with pytest.raises(ClientError) as refused:
            read(piece * (MB // len(piece)))
        return refused.value.message

    calls, message = calls_in(refusal)
    assert calls <= 1_000 and "could not be read as JSON" in message


@pytest.mark.parametrize("written", [lambda at: f'"k{at}": "v"', lambda at: f'"k\\n{at}": "v\\n"'])
def test_as_many_strings_as_there_may_be_are_read_at_once(written: Callable[[int], str]) -> None:
    text = "{" + ",\n".join(written(at) for at in range(MOST_VALUES)) + "}"
    calls, read = calls_in(lambda: read_at_once(text))
    assert len(read) == MOST_VALUES and calls <= MOST_CALLS


@pytest.mark.parametrize(
    "text",
    [
        b'{"audio": "' + b"A" * 70_000,
        b'{"x": "' + b"\\n" * 70_000,
        b'{"x": "' + b"\\n" * 70_000 + b"\\",
        b'{"x": NaN, "y": "' + b"A" * 70_000 + b'"}',
        b'{"audio": NaN, "x": {"audio": "' + b"A" * 70_000 + b'"}}',
        b'{"audio": "' + b"A" * 70_000 + b'", "x": NaN}',
        b'{"audio": "' + b"A" * 70_000 + b'", "x": -Infinity}',
        b'{"audio": "' + b"A" * 70_000 + b'" "x": 1}',
        b'{"type": "conversation.item.delete", "item_id": "' + b"\xff" * 70_000 + b'"}',
        '{"item_id": "' + "\ud83d" * 70_000 + '"}',
        b'{"item_id": "' + b"\\ud83d" * 20_000 + b'", "audio": "' + b"A" * 70_000 + b'"}',
    ],
)
def test_what_is_no_json_is_no_event(text: str | bytes) -> None:
    engine = Engine()
    assert error_of(engine.receive(text))["code"] == "invalid_event"


LETTERS = st.text("AQgw", min_size=8, max_size=60).map(lambda text: text[: len(text) // 4 * 4])
STRINGS = st.one_of(LETTERS, st.text(max_size=30), st.sampled_from(["\\", '"', '\\"', ":", '"audio":']))
NAMES = st.sampled_from(["audio", "image_url", "type", "content", "item", "response", "input", "x", "audio "])
VALUES = st.recursive(
    st.one_of(STRINGS, st.integers(-5, 5), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
PARTS = st.lists(st.dictionaries(NAMES, st.one_of(LETTERS, VALUES), max_size=3), max_size=3)
ITEMS = st.fixed_dictionaries({"content": PARTS}, optional={"x": VALUES, "audio": LETTERS})
EVENTS = st.one_of(
    VALUES,
    st.fixed_dictionaries({"item": ITEMS}, optional={"audio": LETTERS, "x": VALUES}),
    st.fixed_dictionaries({"response": st.fixed_dictionaries({"input": st.lists(ITEMS, max_size=2), "x": VALUES})}),
)
WRITTEN: list[Callable[[Any], str]] = [
    json.dumps,
    lambda data: json.dumps(data, indent=1, ensure_ascii=False),
    lambda data: json.dumps(data, separators=(",", ":")).replace("/", "\\/"),
]


def plain(data: Any) -> Any:
    """The event with what its long values stood for."""
    match data:
        case dict():
            return {name: plain(value) for name, value in data.items()}
        case list():
            return [plain(value) for value in data]
        case bytes():
            return base64.b64encode(data).decode()
        case LongText():
            return "".join(data.written("audio"))
    return data


@given(EVENTS, st.sampled_from(WRITTEN))
def test_an_event_means_what_it_means_to_any_reader_of_json(data: Any, written: Callable[[Any], str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_events, "LONG", 6)
        patch.setattr(long_events, "_STRINGS", 2)
        patch.setattr(long_events, "_ESCAPED_PIECE", 3)
        patch.setattr(long_events, "_PIECE", 12)
        try:
            read = read_at_once(written(data))
        except ClientError as problem:
            assert problem.param is not None  # what stands where sound does is none
            return
    assert plain(read) == data


def test_it_is_read_in_steps_that_whoever_reads_it_may_count() -> None:
    text = json.dumps(GOOD["sound"])
    assert sum(1 for _ in long_event(text)) >= len(SOUND) // (256 * 1024)
