"""Tools that ask a backend: what is sent, what comes back, and what never leaves this machine."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from realtime_scenarios.model.call import StubResult, ToolCall
from realtime_scenarios.project import load
from realtime_scenarios.session import LoopClock
from realtime_scenarios.stubs.answering import answer
from realtime_scenarios.stubs.session import StubSession
from support import Written, http_served

SHOP = """
    scenario: shop
    start: desk
    agents: {desk: {instructions: x, tools: [order, pay, teapot, flaky, page]}}
    tools:
      order:
        description: Look an order up.
        parameters: {order_id: string, detail?: string}
        http:
          url: "BASE/orders/{{ args.order_id }}"
          query: {detail: "{{ args.detail }}", at: "{{ now.year }}"}
          headers: {X-Caller: "{{ args.order_id }}"}
          key_env: SHOP_KEY
          offline: {status: offline}
        returns: "{{ body.path }} ({{ status }})"
      pay:
        description: Pay.
        parameters: {amount: number}
        http: {url: "BASE/payments", method: POST, json: {amount: "{{ args.amount }}", note: "for {{ args.amount }}"}}
      page: {description: x, parameters: {name: string, part?: string}, http: {url: "BASE/pages/{{ args.name }}/{{ args.part }}"}}
      teapot: {description: Fails., http: {url: "BASE/teapot"}}
      flaky: {description: Fails at first., http: {url: "BASE/flaky", retries: 2}}
"""


class _Backend(BaseHTTPRequestHandler):
    seen: list[dict[str, Any]]

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
        flaky = self.path == "/flaky" and len(self.seen) < 3
        status = {"/teapot": 418, "/orders/moved": 302}.get(self.path.partition("?")[0], 503 if flaky else 200)
        data = json.dumps({"path": self.path, "got": body}).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        if status == 302:
            self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def backend() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    seen: list[dict[str, Any]] = []
    with http_served(type("Backend", (_Backend,), {"seen": seen})) as address:
        yield address, seen


def asked(written: Written, base: str, tool: str, args: Mapping[str, Any], *, network: bool = True) -> StubResult:
    project = load(written(SHOP.replace("BASE", base)))
    assert not project.errors, project.errors
    scenario = project.scenario

    async def call() -> StubResult:
        moment = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
        session = StubSession(scenario, LoopClock(moment), network=network, environment={"SHOP_KEY": "shop-1"})
        declared = scenario.tools[tool].parameters.get("properties", {})
        made = ToolCall(tool, "call_0", args, {}, {}, moment, "desk", "desk", declared=declared)
        return await answer(scenario.tools[tool], made, session)

    return asyncio.run(call())


def test_a_request_is_filled_in_escaped_and_signed(written: Written) -> None:
    with backend() as (base, seen):
        result = asked(written, base, "order", {"order_id": "A/../17 ?x", "detail": "a&b"})
    assert seen[0]["path"] == "/orders/A%2F..%2F17%20%3Fx?detail=a%26b&at=2026"
    assert seen[0]["headers"]["authorization"] == "Bearer shop-1"
    assert result.output == "/orders/A%2F..%2F17%20%3Fx?detail=a%26b&at=2026 (200)"
    assert "shop-1" not in str(result)


@pytest.mark.parametrize("order_id", [".", ".."])
def test_no_argument_leads_to_another_address(written: Written, order_id: str) -> None:
    with backend() as (base, seen):
        result = asked(written, base, "order", {"order_id": order_id, "detail": ""})
    assert result.outcome == "failed" and "another address" in str(result.output)
    assert seen == []


def test_an_argument_that_was_left_out_is_nothing_in_an_address(written: Written) -> None:
    with backend() as (base, seen):
        result = asked(written, base, "page", {"name": "a b"})
    assert (result.outcome, seen[0]["path"]) == ("answered", "/pages/a%20b/")


def test_an_argument_too_long_for_an_address_is_a_failure_in_words(written: Written) -> None:
    with backend() as (base, seen):
        result = asked(written, base, "page", {"name": "a" * 70_000})
    assert result.outcome == "failed" and "makes no address" in str(result.output)
    assert seen == []


def test_a_redirect_is_a_failure_and_is_not_followed(written: Written) -> None:
    with backend() as (base, seen):
        result = asked(written, base, "order", {"order_id": "moved", "detail": ""})
    assert (result.outcome, len(seen)) == ("failed", 1)
    assert "the backend answered 302" in str(result.output)


def test_a_body_keeps_its_types_and_the_answer_is_the_backends(written: Written) -> None:
    with backend() as (base, seen):
        result = asked(written, base, "pay", {"amount": 12.5})
    assert (seen[0]["method"], seen[0]["body"]) == ("POST", {"amount": 12.5, "note": "for 12.5"})
    assert result.output == {"path": "/payments", "got": {"amount": 12.5, "note": "for 12.5"}}


def test_a_no_of_the_backend_is_a_failure_in_words(written: Written) -> None:
    with backend() as (base, _):
        result = asked(written, base, "teapot", {})
    assert result.outcome == "failed" and "418" in result.output


def test_a_failing_backend_is_asked_again_and_one_that_is_not_there_is_told(written: Written) -> None:
    with backend() as (base, seen):
        assert asked(written, base, "flaky", {}).outcome == "answered"
        assert len(seen) == 3
    gone = asked(written, base, "pay", {"amount": 1})
    assert gone.outcome == "failed" and "cannot be reached" in gone.output


def test_without_a_network_nothing_is_sent(written: Written) -> None:
    with backend() as (base, seen):
        assert asked(written, base, "order", {"order_id": "1"}, network=False).output == {"status": "offline"}
        assert asked(written, base, "pay", {"amount": 1}, network=False).outcome == "failed"
    assert seen == []
