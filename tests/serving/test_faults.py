"""What goes wrong on the wire on request: each kind, when it happens, and that it is the same each time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW
from support import Written

SHOP = """
scenario: shop
start: main
agents: {main: {instructions: Help callers.}}
dialogues:
  - id: greeting
    turns:
      - {user: Hello, agent: [{say: Good morning.}]}
      - {user: Bye, agent: [{say: Goodbye.}]}
"""
LIVE = {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}
IN_ORDER = [
    "session.created",
    "session.updated",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
"""What a client gets in the first turn where nothing goes wrong."""


class Visit:
    """What one client got: frames with the second at which they came, and the close frame, where there was one."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, str]] = []
        self.closed: tuple[int, str] | None = None

    @property
    def kinds(self) -> list[str]:
        return [json.loads(text)["type"] for _, text in self.frames]

    def first(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = next(event for event in map(json.loads, self.texts) if event["type"] == kind)
        return found

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.frames]

    def second_of(self, kind: str) -> float:
        return next(second for second, text in self.frames if json.loads(text)["type"] == kind)


async def visits(
    written: Written, faults: Sequence[str], queries: Sequence[Sequence[tuple[str, str]]], turns: int = 1
) -> tuple[list[Visit], list[Rehearsing]]:
    """What clients with these queries got of the dialogue with these faults, and what came of each."""
    text = SHOP + ("    faults:\n" + "".join(f"      - {fault}\n" for fault in faults) if faults else "")
    project = load(written(text))
    assert not project.all_diagnostics
    told: list[Rehearsing] = []
    loop = asyncio.get_running_loop()
    cases = cases_of([project])
    stage = Stage([project], cases, cases, tell=told.append, seconds=loop.time, now=lambda: DEFAULT_NOW)
    async with serve_visitors(stage.welcome, ping_interval=None) as server:
        found = [await visited(f"{server.url}?{urlencode(query)}", turns) for query in queries]
    return found, told


async def visited(url: str, turns: int) -> Visit:
    """Say hello so many times, each time until nothing more comes for a minute."""
    visit, loop = Visit(), asyncio.get_running_loop()
    async with connect(url, ping_interval=None) as socket:
        started = loop.time()
        try:
            await socket.send(json.dumps(LIVE))
            for _ in range(turns):
                part = {"type": "input_text", "text": "Hello"}
                item = {"type": "message", "role": "user", "content": [part]}
                await socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
                await socket.send('{"type": "response.create"}')
                while True:
                    try:
                        text = await asyncio.wait_for(socket.recv(), 60)
                    except TimeoutError:
                        break
                    visit.frames.append((round(loop.time() - started, 3), str(text)))
        except ConnectionClosed as closed:
            visit.closed = None if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason)
    return visit


def visit_with(written: Written, *faults: str, turns: int = 1) -> Visit:
    """What a client got of the dialogue with these faults."""
    found, _ = run_in_virtual_time(visits(written, faults, [()], turns))
    return found[0]


def test_without_faults_everything_comes_in_order(written: Written) -> None:
    assert visit_with(written).kinds == IN_ORDER


def test_an_event_is_dropped(written: Written) -> None:
    kinds = visit_with(written, "{fault: drop, event: response.done}").kinds
    assert kinds == [kind for kind in IN_ORDER if kind != "response.done"]


def test_an_event_comes_twice(written: Written) -> None:
    kinds = visit_with(written, "{fault: duplicate, event: response.output_item.done}").kinds
    at = IN_ORDER.index("response.output_item.done")
    assert kinds == [*IN_ORDER[:at], "response.output_item.done", *IN_ORDER[at:]]


def test_an_event_changes_places_with_the_next_one(written: Written) -> None:
    kinds = visit_with(written, "{fault: reorder, event: response.output_text.done}").kinds
    at = IN_ORDER.index("response.output_text.done")
    assert kinds == [*IN_ORDER[:at], IN_ORDER[at + 1], IN_ORDER[at], *IN_ORDER[at + 2 :]]


def test_an_event_and_all_behind_it_come_late(written: Written) -> None:
    visit = visit_with(written, "{fault: delay, event: response.output_text.delta, for: 2s}")
    assert visit.kinds == IN_ORDER
    assert (visit.second_of("response.created"), visit.second_of("response.output_text.delta")) == (0, 2)
    assert visit.second_of("response.done") == 2


def test_half_a_frame_comes(written: Written) -> None:
    visit = visit_with(written, "{fault: malformed, event: response.done}")
    with pytest.raises(json.JSONDecodeError):
        json.loads(visit.texts[-2])
    assert json.loads(visit.texts[-1])["type"] == "rate_limits.updated"


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("session_expired", "invalid_request_error", "Your session hit the maximum duration of 60 minutes."),
        ("rate_limit_exceeded", "rate_limit_exceeded", "Rate limit reached."),
        ("server_error", "server_error", "The server had an error while processing your request. Sorry about that!"),
        ("something_new", "invalid_request_error", "The server had an error."),
    ],
)
def test_an_error_of_any_code_comes_behind_an_event(written: Written, code: str, kind: str, message: str) -> None:
    visit = visit_with(written, f"{{fault: error, code: {code}}}")
    assert visit.kinds[visit.kinds.index("response.created") + 1] == "error"
    assert {name: visit.first("error")["error"][name] for name in ("code", "type", "message")} == {
        "code": code, "type": kind, "message": message,
    }  # fmt: skip


def test_a_response_fails_and_the_next_attempt_finds_its_moves(written: Written) -> None:
    async def twice() -> tuple[Visit, list[Rehearsing]]:
        found, told = await visits(written, ["{fault: fail, code: rate_limit_exceeded, message: Slow down.}"], [()], 2)
        return found[0], told

    visit, told = run_in_virtual_time(twice())
    assert visit.first("response.done")["response"]["status_details"] == {
        "type": "failed",
        "error": {"type": "server_error", "code": "rate_limit_exceeded", "message": "Slow down."},
    }
    assert visit.first("response.output_text.done")["text"] == "Good morning."
    assert told[0].rehearsed.result.error is not None  # this client never came to the second turn


def test_nothing_is_left_of_a_rate_limit(written: Written) -> None:
    (limit,) = visit_with(written, "{fault: rate_limit, for: 20s}").first("rate_limits.updated")["rate_limits"]
    assert (limit["name"], limit["remaining"], limit["reset_seconds"]) == ("tokens", 0, 20)


def test_the_server_hangs_up_with_a_code_and_the_client_is_not_blamed(written: Written) -> None:
    async def once() -> tuple[Visit, list[Rehearsing]]:
        fault = "{fault: close, code: 4000, message: Come again., event: response.output_item.added}"
        found, told = await visits(written, [fault], [()])
        return found[0], told

    visit, (rehearsing,) = run_in_virtual_time(once())
    assert visit.closed == (4000, "Come again.")
    assert visit.kinds[-1] == "response.output_item.added"
    assert rehearsing.rehearsed.result.passed
    assert str(rehearsing.rehearsed.result.trace.events[-1].reason) == "the server hung up, as its faults say"  # type: ignore[union-attr]


def test_a_session_expires_as_the_services_do(written: Written) -> None:
    visit = visit_with(written, "{fault: expire, for: 30m, turn: 2}", turns=2)
    message = "Your session hit the maximum duration of 30 minutes."
    assert visit.first("error")["error"]["message"] == message
    assert visit.closed == (1001, message)
    assert visit.kinds[: len(IN_ORDER)] == IN_ORDER


def test_the_server_falls_silent_for_a_while_or_for_good(written: Written) -> None:
    visit = visit_with(written, "{fault: silence, for: 5s, event: response.output_item.added}")
    assert visit.kinds == IN_ORDER and visit.second_of("response.done") == 5
    assert visit_with(written, "{fault: silence, event: response.output_item.added}").kinds == IN_ORDER[:5]


def test_a_fault_happens_in_its_turn_on_its_connection_and_so_often(written: Written) -> None:
    fault = "{fault: drop, event: 'response.output_text.*', turn: 2, connection: 2, times: 2}"
    found, told = run_in_virtual_time(visits(written, [fault], [(), (), ()], turns=2))
    texts = [visit.kinds.count("response.output_text.done") for visit in found]
    deltas = [visit.kinds.count("response.output_text.delta") for visit in found]
    assert (texts, deltas) == ([2, 1, 2], [2, 1, 2])
    assert all(rehearsing.rehearsed.result.passed for rehearsing in told)


def test_an_address_brings_faults_and_a_seed_decides_the_same_each_time(written: Written) -> None:
    chance = ("fault", "drop,event=*,chance=0.5,times=1000")
    queries = [
        [("fault", "drop,event=session.created"), ("fault", "close,code=1011,turn=1")],
        [chance, ("seed", "1")],
        [chance, ("seed", "2")],
    ]
    once, _ = run_in_virtual_time(visits(written, (), queries))
    again, _ = run_in_virtual_time(visits(written, (), queries))
    assert once[0].kinds[0] == "session.updated" and once[0].closed == (1011, "The server had an error.")
    assert [visit.texts for visit in once] == [visit.texts for visit in again]
    assert once[1].kinds != once[2].kinds
    assert all(0 < len(visit.kinds) < len(IN_ORDER) for visit in once[1:])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("explode", "argument 'fault' must be one of"),
        ("drop", "required argument 'event' is missing"),
        ("drop,event", "'event' is not written as KEY=VALUE"),
        ("drop,event=response.done,often=2", "unknown argument 'often'"),
        ("close,code=server_error", "'code' beside 'fault: close' is a number such as 1011"),
        ("delay,event=response.done,for=soon", "argument 'for' is no length of time"),
        ("close,code=1006", "no close frame carries 1006"),
        ("error,code=1011", "is a word such as server_error"),
    ],
)
def test_a_fault_in_an_address_that_is_none_is_refused(written: Written, fault: str, said: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        run_in_virtual_time(visits(written, (), [[("fault", fault)]]))
    assert refused.value.response.status_code == 400
    assert said in json.loads(refused.value.response.body or b"")["error"]["message"]


def test_a_code_that_does_not_go_with_its_fault_is_told_at_its_line(written: Written) -> None:
    project = load(
        written(SHOP + "    faults:\n      - {fault: close, code: 1006}\n      - {fault: error, code: 1011}\n")
    )
    assert [(found.span.line, found.name) for found in project.all_diagnostics] == [
        (11, "conflicting-keys"),
        (12, "conflicting-keys"),
    ]
