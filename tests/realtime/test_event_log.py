"""Every event of the wire in a file: whole lines as they happen, without secrets, sound or pictures."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import random
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.core import ScenarioError, Secrets
from realtime_scenarios.realtime import event_log, events
from realtime_scenarios.realtime.event_log import EventLog, new_event_log
from realtime_scenarios.realtime.visit import LoggedChannel
from support.counting import lengths_given

NOON = datetime.datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=datetime.UTC)


def log_at(path: Path, secrets: Secrets | None = None, **labels: str) -> EventLog:
    return EventLog(path, secrets or Secrets(), lambda: NOON, labels)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def created(session: str) -> str:
    return json.dumps({"type": "session.created", "session": {"id": session}})


def delta(text: str, item: str = "item_1") -> str:
    return json.dumps({"type": "response.output_text.delta", "item_id": item, "content_index": 0, "delta": text})


def test_a_line_says_when_where_in_which_session_and_from_whom(tmp_path: Path) -> None:
    log = log_at(tmp_path / "e.jsonl", dialogue="hello")
    first, second = log.connection(), log.connection()
    first.tell("server", created("sess_1"))
    first.tell("client", '{"type": "response.create"}')
    second.tell("client", '{"type": "response.create"}')
    same = {"at": "2026-03-01T12:00:00.250Z", "dialogue": "hello"}
    asked = {"from": "client", "event": {"type": "response.create"}}
    assert lines_of(tmp_path / "e.jsonl")[1:] == [
        {**same, "connection": 1, "session": "sess_1", **asked},
        {**same, "connection": 2, "session": None, **asked},
    ]


@pytest.mark.parametrize("frame", ['{"type": "response.do', "[1]", "", b"\xff\x00"])
def test_what_is_no_event_is_kept_as_it_came(tmp_path: Path, frame: str | bytes) -> None:
    log_at(tmp_path / "e.jsonl").connection().tell("server", frame)
    (line,) = lines_of(tmp_path / "e.jsonl")
    assert line["text"] == (frame if isinstance(frame, str) else "\ufffd\x00") and "event" not in line


def test_only_its_owner_may_read_it_and_each_line_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "e.jsonl"
    new_event_log(path)
    log = log_at(path)
    log.connection().tell("client", "{}")
    assert len(lines_of(path)) == 1 and stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        new_event_log(path)


def test_of_sound_and_pictures_it_says_how_much_there_was(tmp_path: Path) -> None:
    tap = log_at(tmp_path / "e.jsonl").connection()
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    spoken = {"type": "input_audio", "audio": "AAAA", "transcript": "Hello"}
    for event in (
        {"type": "input_audio_buffer.append", "audio": "AAAAAA=="},
        {"type": "response.output_audio.delta", "delta": "AAAAAAA="},
        {"type": "conversation.item.create", "item": {"content": [spoken, picture]}},
        {"type": "session.update", "session": {"audio": {"output": {"voice": "marin"}}}},
    ):
        tap.tell("client", json.dumps(event))
    appended, said, item, update = (line["event"] for line in lines_of(tmp_path / "e.jsonl"))
    assert (appended["audio"], said["delta"]) == ("<4 bytes>", "<5 bytes>")
    assert item["item"]["content"] == [
        {**spoken, "audio": "<3 bytes>"},
        {**picture, "image_url": "data:image/png;base64,<3 bytes>"},
    ]
    assert update["session"]["audio"]["output"]["voice"] == "marin"


def test_of_long_sound_and_pictures_no_more_is_read_than_how_much_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = lengths_given(monkeypatch, event_log.orjson, "loads")
    parsed = lengths_given(monkeypatch, events, "parsed_json")
    tap = log_at(tmp_path / "e.jsonl").connection()
    sound, spoken = "A" * 90_000, {"type": "input_audio", "transcript": "Hello"}
    picture, other = {"type": "input_image", "detail": "low"}, {"type": "input_image", "image_url": "b" * 70_000}
    parts = [{**spoken, "audio": f"{sound}AAA="}, {**picture, "image_url": f"data:image/png;base64,{sound}"}, other]
    tap.tell("client", json.dumps({"type": "input_audio_buffer.append", "audio": sound}))
    tap.tell("client", json.dumps({"type": "conversation.item.create", "item": {"content": parts}}))
    assert (max(parsed), read) == (max(parsed), []) and max(parsed) < 1_000
    appended, item = (line["event"] for line in lines_of(tmp_path / "e.jsonl"))
    assert appended["audio"] == "<67500 bytes>"
    assert item["item"]["content"] == [
        {**spoken, "audio": "<67502 bytes>"},
        {**picture, "image_url": "data:image/png;base64,<67500 bytes>"},
        other,
    ]


MEDIA: dict[str, tuple[str, str, int]] = {
    "sound": ("audio", "", 90_000),
    "padded sound": ("audio", "", 90_002),
    "picture": ("image_url", "data:image/png;base64,", 90_000),
    "padded picture": ("image_url", "data:image/png;base64,", 90_001),
    "picture with much said of it": ("image_url", f"data:image/png;name={'x' * 150};base64,", 90_000),
}


@pytest.mark.parametrize("escapes", [{}, {"/": "\\/"}, {"/": "\\/", "+": "\\u002B", "=": "\\u003d"}])
@pytest.mark.parametrize("name", MEDIA)
def test_the_same_is_said_of_long_and_short_ones_and_with_escapes(
    tmp_path: Path, name: str, escapes: dict[str, str]
) -> None:
    key, head, size = MEDIA[name]
    tap = log_at(tmp_path / "e.jsonl").connection()
    for length in (size - 89_400, size):
        data = base64.b64encode(random.Random(1).randbytes(length)).decode()
        text = json.dumps({"type": "x", "item": {"content": [{key: head + data}]}})
        for sign, written in escapes.items():
            text = text.replace(sign, written)
        tap.tell("client", text)
    told = [line["event"]["item"]["content"][0][key] for line in lines_of(tmp_path / "e.jsonl")]
    assert told == [f"{head}<{size - 89_400} bytes>", f"{head}<{size} bytes>"]


@pytest.mark.parametrize("length", [300, 90_000])
def test_of_a_picture_no_more_is_kept_than_what_it_says_first(tmp_path: Path, length: int) -> None:
    tap = log_at(tmp_path / "e.jsonl").connection()
    for url in (f"data:image/png;name={'x' * length},AAAA", f"data:{'x' * length}"):
        tap.tell("client", json.dumps({"type": "x", "item": {"content": [{"image_url": url}]}}))
    named, headless = (line["event"]["item"]["content"][0]["image_url"] for line in lines_of(tmp_path / "e.jsonl"))
    assert named == f"data:image/png;name={'x' * 180}...,<3 bytes>"
    assert headless == f"data:<{length * 3 // 4} bytes>"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (json.dumps({"x": [0] * 100_000}), "<300007 characters that were refused>"),
        (json.dumps({"x": [0] * 100_000}).encode(), "<300007 bytes that were refused>"),
        ("h\u00e4llo " * 20_000, "<120000 characters that were refused>"),
        ("h\u00e4llo " * 10, "h\u00e4llo " * 10),
    ],
)
def test_of_a_long_message_that_is_refused_it_says_how_long_it_was(
    tmp_path: Path, message: str | bytes, told: str
) -> None:
    class Client:
        async def receive(self) -> str | bytes:
            return message

    channel = LoggedChannel(Client(), log_at(tmp_path / "e.jsonl").connection())  # type: ignore[arg-type]
    assert asyncio.run(channel.receive()) == message
    (line,) = lines_of(tmp_path / "e.jsonl")
    assert line["text"] == told


def test_a_secret_is_in_no_event_not_even_in_pieces(tmp_path: Path) -> None:
    tap = log_at(tmp_path / "e.jsonl", Secrets(("hunter2",))).connection()
    for frame in (
        '{"type": "x", "said": "hunter2"}',
        delta("It is hun"),
        delta("ter2, "),
        delta("you see"),
        "hunter2 {",
    ):
        tap.tell("server", frame)
    text = (tmp_path / "e.jsonl").read_text(encoding="utf-8")
    assert "hunter2" not in text and "hun" not in text and "ter2" not in text
    deltas = [line["event"]["delta"] for line in lines_of(tmp_path / "e.jsonl") if "delta" in line.get("event", {})]
    assert "".join(deltas) == "It is [secret], you see"


PIECES = [
    "response.output_text.delta",
    "response.output_audio_transcript.delta",
    "response.function_call_arguments.delta",
    "response.mcp_call_arguments.delta",
    "conversation.item.input_audio_transcription.delta",
    "response.text.delta",
]


@pytest.mark.parametrize("kind", PIECES)
def test_whatever_event_brings_the_pieces_of_a_secret_none_of_them_is_in_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "e.jsonl"
    tap = log_at(path, Secrets(("K7-1234",))).connection()
    for piece in ("It is K7-", "1234", "."):
        tap.tell("server", json.dumps({"type": kind, "item_id": "item_1", "delta": piece}))
    told = [line["event"]["delta"] for line in lines_of(path)]
    assert "".join(told) == "It is [secret]." and not any("K7" in piece or "1234" in piece for piece in told)


@pytest.mark.parametrize("learnt_after", [1, 2, 3])
def test_a_secret_that_is_learnt_between_its_pieces_is_in_none_of_them(tmp_path: Path, learnt_after: int) -> None:
    path, secrets = tmp_path / "e.jsonl", Secrets(("4711-X",))
    tap = log_at(path, secrets).connection()
    for number, piece in enumerate(["Pin 98", "47", "11", " it is."]):
        if number == learnt_after:
            secrets.add("984711")
        tap.tell("server", delta(piece))
    told = "".join(line["event"]["delta"] for line in lines_of(path))
    assert told == "Pin [secret] it is."


def test_what_becomes_secret_later_is_taken_out_of_what_is_written_and_nobody_elses_line_is_lost(
    tmp_path: Path,
) -> None:
    path, secrets = tmp_path / "e.jsonl", Secrets()
    log, other = log_at(path, secrets), log_at(path)
    tap = log.connection()
    for piece in ("It is hun", "ter2, "):
        tap.tell("server", delta(piece))
    secrets.add("hunter2")
    other.connection().tell("client", '{"type": "from the other"}')
    tap.tell("server", delta("hunter2"))
    assert "hun" not in path.read_text(encoding="utf-8")
    assert [line["event"]["type"] for line in lines_of(path)].count("from the other") == 1
    assert len(lines_of(path)) == 4 and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert log.problem is None and other.problem is None


def test_many_may_write_into_one_file_while_others_take_their_secrets_out_of_it(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"

    def write(number: int) -> None:
        secrets = Secrets()
        log = log_at(path, secrets, writer=str(number))
        tap = log.connection()
        for count in range(30):
            tap.tell("client", json.dumps({"type": "x", "count": count, "key": f"secret-{number}-{count // 10}"}))
            if count % 10 == 9:
                secrets.add(f"secret-{number}-{count // 10}")
        log.close()
        assert log.problem is None

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    written = sorted((line["writer"], line["event"]["count"]) for line in lines_of(path))
    assert written == [(str(number), count) for number in range(4) for count in range(30)]
    assert {line["event"]["key"] for line in lines_of(path)} == {"[secret]"}


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be written: Is a directory"):
        log_at(tmp_path)
    log = EventLog(Path("/dev/full"), Secrets(), lambda: NOON)
    log.connection().tell("client", "{}")
    assert log.problem is not None and "No space left" in log.problem.message
