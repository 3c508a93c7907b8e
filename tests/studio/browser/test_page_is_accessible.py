"""Every view, light and dark, wide and narrow, empty and full: no finding of axe, and every stop of Tab seen and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.studio_browser import Studio, Watched, enter, idle, needs_chromium, played
from support.studio_page import Event, numbered, placed, studio_event, trace_event, wire_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

VIEWS = ["conversation", "log", "graph", "states", "context", "prompt", "timeline", "dialogues", "editor"]


def full() -> list[Event]:
    """A conversation with something of everything."""
    field = {"name": "pin", "label": "PIN", "secret": True, "required": True}
    asked = {
        "call": "c2",
        "tool": "pay",
        "agent": "main",
        "arguments": {"amount": 12},
        "question": "Pay?",
        "seconds": 60,
        "fields": [field],
    }
    return numbered(
        [
            studio_event("Connected", {"agent": "main"}),
            placed("u", "user", None),
            studio_event("Delta", {"item": "u", "text": "What flight am I on?"}, item="u"),
            placed("a", "assistant", "u"),
            studio_event(
                "Delta",
                {"item": "a", "text": "**Flight 8**\n\n- from `SFO`\n- to [JFK](https://example.com/)"},
                item="a",
            ),
            trace_event(
                "GuardrailChecked", {"guardrail": "tone", "status": "pass", "category": "ok", "reason": ""}, item="a"
            ),
            placed("b", "assistant", "a"),
            studio_event("Delta", {"item": "b", "text": "You fly at eight in the morning."}, item="b"),
            studio_event("Heard", {"item": "b", "ms": 900, "of_ms": 3100, "text": "You fly"}, item="b"),
            trace_event("Interrupted", {"heard": "You fly"}, item="b"),
            trace_event("GuardrailTripped", {"guardrail": "tone", "text": "no", "reason": "rude"}, item="b"),
            trace_event(
                "ToolCalled",
                {"call_id": "c1", "tool": "check_flights", "arguments": {"n": [1, 2]}},
                place=["airline.yaml", 98, 3],
            ),
            trace_event(
                "ToolReturned", {"call_id": "c1", "tool": "check_flights", "outcome": "failed", "output": "no"}
            ),
            trace_event("HandedOff", {"call_id": "", "to": "qa", "arguments": {"reason": "bags"}}),
            trace_event("StateEntered", {"state": "2_ask", "previous": "1_hello"}, agent="qa"),
            trace_event("StateRefused", {"state": "3_pay", "reason": "not yet"}, agent="qa"),
            trace_event("ContextChanged", {"variable": "username", "value": "riley"}, agent="qa"),
            wire_event("error", {"error": {"message": "too late", "code": "x"}}, dir="in"),
            studio_event("ApprovalOpen", asked),
            studio_event("ApprovalOpen", {**asked, "call": "c3", "tool": "refund"}),
        ]
    )


@needs_javascript
@each_size
@pytest.mark.parametrize("filled", [False, True], ids=["empty", "full"])
def test_axe_finds_nothing_in_any_view(airline: Studio, visit: Visit, size: tuple[int, int], filled: bool) -> None:
    watched = visit(airline, size=size)
    watched.expected = ("status of 404", "status of 4")
    if filled:
        played(watched.page, full())
    page = enter(watched, airline, "#/conversation" + ("?c=c1" if filled else ""))
    said: list[str] = []
    for view in VIEWS:
        page.evaluate(
            "(view) => { location.hash = `#/${view}` + (location.hash.includes('c=c1') ? '?c=c1&event=12' : ''); }",
            view,
        )
        idle(page)
        if filled:
            page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
            idle(page)
        said += [f"{view}: {finding}" for finding in findings(page)]
    for name in ("palette", "settings", "help"):
        page.evaluate("location.hash = '#/conversation'")
        idle(page)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog")).to_be_visible()
        if name != "palette":
            page.keyboard.type({"settings": "Settings", "help": "Keys and help"}[name])
            page.keyboard.press("Enter")
            expect(page.get_by_role("dialog")).to_be_visible()
        idle(page)
        said += [f"{name}: {finding}" for finding in findings(page)]
        page.keyboard.press("Escape")
    assert said == [], said


@needs_javascript
def test_axe_finds_nothing_where_there_is_more_than_can_be_seen(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    said = [wire_event("error", {"error": {"message": f"number {n}"}}, dir="in") for n in range(300)]
    played(watched.page, numbered([*said, placed("a", "assistant", None)])[200:], begins_anew=True)
    page = enter(watched, airline, "#/log?c=c1")
    expect(page.get_by_role("button", name="Ask the server for earlier ones")).to_be_visible()
    found = findings(page)
    page.evaluate("location.hash = '#/conversation?c=c1'")
    idle(page)
    assert [*found, *findings(page)] == []


@pytest.mark.parametrize("view", VIEWS)
def test_every_stop_of_tab_has_a_name_and_is_seen(airline: Studio, visit: Visit, view: str) -> None:
    watched = visit(airline)
    watched.expected = ("status of 4",)
    played(watched.page, full())
    page = enter(watched, airline, f"#/{view}?c=c1")
    seen: set[str] = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
              if (!at || at === document.body) return null;
              const box = at.getBoundingClientRect();
              const label = at.labels && at.labels.length ? at.labels[0].textContent : '';
              const named = at.getAttribute('aria-labelledby');
              const name = at.getAttribute('aria-label') || (named && document.getElementById(named)?.textContent) || label
                || at.textContent || at.getAttribute('title') || at.getAttribute('placeholder') || '';
              const style = getComputedStyle(at);
              const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || at.closest(':focus-within') !== null;
              return { tag: at.outerHTML.slice(0, 100), name: name.trim(), size: Math.min(box.width, box.height), shown };
            }"""
        )
        if stop is None:
            break
        assert stop["name"], f"no name: {stop['tag']}"
        assert stop["size"] > 0 and stop["shown"], f"not seen: {stop['tag']}"
        seen.add(stop["tag"])
    assert len(seen) > 10
