"""The stream of one conversation: numbered, resumed without a gap, as a snapshot where it must be, without secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.core import Secrets
from realtime_scenarios.studio import stream as stream_module
from realtime_scenarios.studio.masking import SLICE_EVENTS
from realtime_scenarios.studio.stream import About, Batch, Snapshot, Stream


def events_in(text: bytes) -> Sequence[Any]:
    """The events that a text for a page holds."""
    told = orjson.loads(text)
    events: Sequence[Any] = told.get("events") or told.get("snapshot") or ()
    return events


def new_stream(*secrets: str) -> Stream:
    return Stream("e1", Secrets(secrets), lambda: 0.0, lambda: (1, "main"))


def said(stream: Stream, item: str, *pieces: str, **about: bool) -> None:
    for piece in pieces:
        stream.add("studio", "Delta", {"item": item, "text": piece, **about}, About(item))


def taken(stream: Stream, after: int | None = None, epoch: str = "e1") -> list[Batch | Snapshot]:
    """All that a page is given that comes now, until it has everything."""

    async def read() -> list[Batch | Snapshot]:
        reader, found = stream.reader(after, epoch), []
        while (reader.at or 0) < stream.last:
            found.append(await reader.next())
        return found

    return asyncio.run(read())


def picture(pieces: list[Batch | Snapshot]) -> dict[str, Any]:
    """What a page makes of what it is given: the trace and the texts, by the one rule that it has."""
    state: dict[str, Any] = {"trace": [], "texts": {}, "seq": 0}
    for piece in pieces:
        if isinstance(piece, Snapshot):
            state = {"trace": [], "texts": {}, "seq": 0}
        for event in events_in(piece.text):
            assert event["seq"] > state["seq"]
            state["seq"] = event["seq"]
            if event["layer"] == "trace":
                state["trace"].append((event["type"], json.dumps(event["data"])))
            if event["type"] == "Delta":
                before = "" if event["data"].get("replaces") else state["texts"].get(event["item"], "")
                state["texts"][event["item"]] = before + event["data"]["text"]
        state["seq"] = piece.last
    return state


def test_numbers_count_from_one_without_a_gap() -> None:
    stream = new_stream()
    said(stream, "a", "x", "y", "z")
    (batch,) = taken(stream)
    assert [event["seq"] for event in events_in(batch.text)] == [1]  # pieces of a message are put together
    (batch,) = taken(stream, after=0)
    assert [event["seq"] for event in events_in(batch.text)] == [1, 2, 3]
    assert orjson.loads(batch.text)["from"] == 1


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("trace"), st.sampled_from(["UserSaid", "ToolCalled"]), st.text(max_size=3)),
            st.tuples(st.just("studio"), st.sampled_from(["a", "b"]), st.text(max_size=3)),
            st.tuples(st.just("wire"), st.just("x"), st.text(max_size=3)),
        ),
        min_size=1,
        max_size=30,
    ),
    st.data(),
)
def test_resumed_anywhere_or_from_a_snapshot_it_is_the_same_picture(
    events: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    stream = new_stream()
    cut = data.draw(st.integers(0, len(events)))
    before: list[Batch | Snapshot] = []
    for number, (layer, kind, text) in enumerate(events):
        if number == cut and cut:
            before = taken(stream, after=0)
        if layer == "studio":
            said(stream, kind, text)
        else:
            stream.add(layer, kind, {"text": text})  # type: ignore[arg-type]
    whole = picture(taken(stream, after=0))
    assert picture(taken(stream)) == whole
    assert picture(taken(stream, after=5, epoch="another run")) == whole
    resumed = before + taken(stream, after=cut if before else 0)
    assert picture(resumed) == whole


def test_a_page_of_another_run_or_from_the_future_is_given_a_snapshot() -> None:
    stream = new_stream()
    said(stream, "a", "x")
    for after, epoch in ((1, "e0"), (99, "e1"), (None, "e1")):
        (snapshot,) = taken(stream, after, epoch)
        assert isinstance(snapshot, Snapshot)
        assert orjson.loads(snapshot.text)["upto"] == 1


def test_a_page_whose_place_is_gone_is_given_a_snapshot_with_everything_that_makes_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_module, "MOST_EVENTS", 10)
    stream = new_stream()
    for number in range(30):
        stream.add("trace", "UserSaid", {"text": str(number)})
        stream.add("wire", "something", {})
    (snapshot,) = taken(stream, after=3)
    assert isinstance(snapshot, Snapshot)
    assert len(picture([snapshot])["trace"]) == 30
    assert stream.whole(1) is not None and stream.whole(2) is None


def test_a_page_that_is_too_far_behind_takes_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "MOST_WAITING", 2000)
    stream = new_stream()
    for _ in range(100):
        stream.add("wire", "something", {"text": "x" * 100})
    assert isinstance(taken(stream, after=1)[0], Snapshot)


def test_events_go_in_batches_of_a_bounded_size() -> None:
    stream = new_stream()
    for _ in range(600):
        stream.add("wire", "something", {})
    batches = taken(stream, after=0)
    assert [batch.last - batch.first + 1 for batch in batches if isinstance(batch, Batch)] == [256, 256, 88]
    for _ in range(100):
        stream.add("wire", "something", {"text": "x" * 5000})
    assert max(len(batch.text) for batch in taken(stream, after=600)) < 64 * 1024 + 6000


def told_before(stream: Stream, before: int) -> tuple[list[int], int, int]:
    """The numbers that are told, how many more are kept, and how many are not."""
    told = orjson.loads(stream.earlier(before))
    return [event["seq"] for event in told["events"]], told["left"], told["forgotten"]


def test_events_before_a_number_are_told_as_far_as_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "MOST_EVENTS", 6)
    monkeypatch.setattr(stream_module, "MOST_EARLIER", 3)
    stream = new_stream()
    for number in range(1, 11):
        stream.add("trace" if number % 5 == 1 else "wire", "x", {"n": number})
    assert told_before(stream, 11) == ([8, 9, 10], 4, 3)  # 1 is part of the picture; 2, 3 and 4 are forgotten
    assert told_before(stream, 8) == ([5, 6, 7], 1, 3)
    assert told_before(stream, 5) == ([1], 0, 3)
    assert told_before(stream, 1) == ([], 0, 0)
    assert told_before(stream, 10**15 - 1) == ([8, 9, 10], 4, 3)
    monkeypatch.setattr(stream_module, "MOST_WAITING", 1)
    assert told_before(stream, 11)[:2] == ([10], 6)


def test_what_became_secret_is_in_no_event_that_is_told_later() -> None:
    secrets = Secrets(())
    stream = Stream("e1", secrets, lambda: 0.0, lambda: (1, "main"))
    stream.add("wire", "x", {"text": "my word is hunter2"})
    secrets.add("hunter2")
    assert b"hunter2" not in stream.earlier(99)
    assert told_before(stream, 2) == ([1], 0, 0)


def test_a_payload_that_is_too_long_is_cut_and_there_as_a_whole() -> None:
    stream = new_stream()
    seq = stream.add("wire", "session.update", {"instructions": "x" * 20_000, "type": "session.update"})
    (event,) = events_in(taken(stream, after=0)[0].text)
    assert event["cut"] and event["size"] > 20_000 and len(json.dumps(event)) < 4000
    assert event["data"]["type"] == "session.update"
    whole = orjson.loads(stream.whole(seq) or b"")
    assert whole["data"]["instructions"] == "x" * 20_000


def test_a_secret_is_in_no_event() -> None:
    stream = new_stream("hunter22")
    stream.add("trace", "ToolReturned", {"output": "it is hunter22", "hunter22": 1})
    stream.add("wire", "session.update", {"text": "hunter22 " + "x" * 20_000})
    said(stream, "a", "my pass is hun", "ter2", "2, ok", piece=True)
    sent = b"".join(piece.text for piece in (*taken(stream), *taken(stream, after=0))) + b"".join(stream.lines())
    assert b"hunter22" not in sent and b"hun" not in sent
    assert picture(taken(stream))["texts"]["a"] == "my pass is [secret], ok"


def test_what_becomes_secret_later_is_taken_out_and_every_page_gets_a_new_picture() -> None:
    secrets = Secrets()
    stream = Stream("e1", secrets, lambda: 0.0, lambda: (1, "main"))
    said(stream, "a", "hun", "ter22 it is")
    stream.add("wire", "response.output_text.delta", {"delta": "hunt"}, About("a"))
    stream.add("wire", "response.output_text.delta", {"delta": "er22"}, About("a"))
    long = stream.add("wire", "session.update", {"text": "hunter22 " + "x" * 20_000})
    before = stream.last
    secrets.add("hunter22")
    pieces = taken(stream, after=before)
    assert isinstance(pieces[0], Snapshot)
    everything = b"".join(stream.lines()) + b"".join(piece.text for piece in pieces) + (stream.whole(long) or b"")
    assert b"hunter22" not in everything and b"hunt" not in everything and b"er22" not in everything
    assert picture(pieces)["texts"]["a"] == "[secret] it is"


def test_a_secret_that_was_a_key_is_taken_out_later_as_well() -> None:
    secrets = Secrets()
    stream = Stream("e1", secrets, lambda: 0.0, lambda: (1, "main"))
    stream.add("trace", "ToolReturned", {"output": {"hunter22": 1}, "hunter22": 2})
    secrets.add("hunter22")
    assert b"hunter22" not in b"".join(stream.lines())


async def turns_of_others(work: Awaitable[object]) -> int:
    """How often others had their turn while something was done."""
    turns = 0
    task = asyncio.ensure_future(work)
    while not task.done():
        turns += 1
        await asyncio.sleep(0)
    await task
    return turns


def test_what_becomes_secret_late_is_taken_out_in_slices_and_nothing_is_given_before() -> None:
    secrets = Secrets()
    stream = Stream("e1", secrets, lambda: 0.0, lambda: (1, "main"))
    for number in range(4_000):
        stream.add("wire", "response.output_text.delta", {"delta": "hunt"}, About(f"i{number}"))
        stream.add("wire", "response.output_text.delta", {"delta": "er22"}, About(f"i{number}"))
        stream.add("trace", "ToolReturned", {"output": f"{number} hunter22"})
        said(stream, f"i{number}", "it is hun", "ter22")

    async def late() -> None:
        reader, whole = stream.reader(stream.last, "e1"), stream.reader(0, "e1")
        secrets.add("hunter22")
        stream.add("trace", "UserSaid", {"text": "meanwhile"})
        given: list[Batch | Snapshot] = []

        async def read() -> None:
            given.append(await reader.next())

        assert await turns_of_others(read()) >= 20_000 / SLICE_EVENTS
        secrets.add("meanwhile")  # while the other page is given its picture

        async def begin_with_it() -> None:
            given.append(await whole.next())

        reading = asyncio.ensure_future(begin_with_it())
        for _ in range(30):
            await asyncio.sleep(0)
        assert not reading.done()
        secrets.add("it is")
        stream.add("trace", "UserSaid", {"text": "it is later"})
        await reading
        sent = b"".join(piece.text for piece in given)
        assert b"hunter22" not in sent and b"hunt" not in sent
        assert b"meanwhile" not in given[1].text and b"it is" not in given[1].text
        assert [event["seq"] for event in events_in(given[1].text)] == sorted(
            event["seq"] for event in events_in(given[1].text)
        )
        assert picture(given[1:])["trace"][-2:] == [
            ("UserSaid", '{"text": "[secret]"}'),
            ("UserSaid", '{"text": "[secret] later"}'),
        ]
        assert picture(given[1:])["texts"]["i7"] == "[secret] [secret]"
        assert b"hunt" not in b"".join(stream.lines())

    asyncio.run(late())


@pytest.mark.parametrize(
    "look",
    [
        lambda stream: stream.whole(2_000),
        lambda stream: b"".join(stream.lines()),
        lambda stream: str(stream.picture()).encode(),
        lambda stream: stream.events_after(0) or b"",
    ],
    ids=["one", "all", "picture", "from the beginning"],
)
def test_whoever_asks_while_secrets_are_taken_out_is_given_none_of_them(look: Callable[[Stream], bytes]) -> None:
    secrets = Secrets()
    stream = Stream("e1", secrets, lambda: 0.0, lambda: (1, "main"))
    for _ in range(2_000):
        stream.add("trace", "ToolReturned", {"output": "hunter22"})

    async def ask() -> None:
        secrets.add("hunter22")
        settling = asyncio.ensure_future(stream.settled())
        await asyncio.sleep(0)
        assert b"hunter22" not in look(stream)
        await settling

    asyncio.run(ask())


_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(_DATA, st.text(min_size=1, max_size=3) | st.floats(allow_nan=False).map(str) | st.integers(0, 10**6).map(str))
def test_no_secret_is_overlooked_in_what_is_written_as_json(data: Any, secret: str) -> None:
    secrets = Secrets((secret,))
    read = orjson.loads(orjson.dumps(data))  # JSON has no infinity
    if secrets.hidden_in(read) != read:
        assert secrets.may_be_in(orjson.dumps(data))


def test_the_end_of_a_message_is_there_also_where_a_secret_could_have_begun_with_it() -> None:
    secrets = Secrets(("hunter22",))
    stream = Stream("e1", secrets, lambda: 0.0, lambda: (1, "main"))
    said(stream, "a", "this is the h")
    assert picture(taken(stream))["texts"]["a"] == "this is the h"
    secrets.add("the hat")
    assert picture(taken(stream))["texts"]["a"] == "this is the h"


def test_a_text_that_replaces_its_pieces_does_so_in_a_snapshot_too() -> None:
    stream = new_stream("hunter22")
    said(stream, "a", "I say hunt", piece=True)
    said(stream, "a", "I say hunter22!", replaces=True)
    assert picture(taken(stream))["texts"] == picture(taken(stream, after=0))["texts"] == {"a": "I say [secret]!"}


def test_what_is_undone_is_no_part_of_the_picture_and_stays_in_the_log() -> None:
    stream = new_stream()
    stream.add("trace", "UserSaid", {"text": "one"})
    said(stream, "a", "yes")
    kept = stream.last
    stream.add("trace", "UserSaid", {"text": "two"})
    said(stream, "a", " and no")
    stream.undo(kept)
    stream.add("studio", "Undone", {})
    said(stream, "a", "!")
    for after in (0, kept, kept + 1):
        seen = picture(taken(stream, after=after))
        assert seen["texts"] == {"a": "yes!"} and len(seen["trace"]) == 1
    assert b'"two"' in b"".join(stream.lines())


def test_what_happened_elsewhere_is_copied_with_numbers_of_its_own() -> None:
    stream, other = new_stream(), new_stream()
    stream.add("wire", "something", {})
    stream.add("trace", "UserSaid", {"text": "one"}, About(cause=1))
    said(stream, "a", "ye", "s")
    other.copied(iter(stream.picture()))
    assert picture(taken(other)) == {**picture(taken(stream)), "seq": 2}
    assert [orjson.loads(line)["seq"] for line in other.lines()] == [1, 2]


def test_two_pages_that_read_at_once_get_every_event_once() -> None:
    stream = new_stream()

    async def reading() -> list[int]:
        reader, seen = stream.reader(0, "e1"), []
        while len(seen) < 20:
            seen += [event["seq"] for event in events_in((await reader.next()).text)]
        return seen

    async def both() -> None:
        pages = [asyncio.create_task(reading()) for _ in range(2)]
        for _ in range(20):
            stream.add("wire", "something", {})
            await asyncio.sleep(0)
        assert await asyncio.gather(*pages) == [list(range(1, 21))] * 2

    asyncio.run(both())
