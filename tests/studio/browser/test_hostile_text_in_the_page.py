"""Whatever a model, a tool, a scenario or a caller says is text: nothing of it runs, nothing is asked of anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from support.studio_browser import Studio, Watched, enter, idle, needs_chromium, played
from support.studio_page import Event, numbered, placed, studio_event, trace_event, wire_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

HOSTILE = (
    "<img src=x onerror=\"window.ran=1\"><svg onload='window.ran=1'><script>window.ran=1</script>"
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>"
    "![x](https://evil.example/leak.png) [go](javascript:window.ran=1) [web](https://evil.example/) {{7*7}} ${window.ran=1}"
)


def everywhere(text: str) -> list[Event]:
    """A conversation with this text in every field that somebody else can fill."""
    asked = {
        "call": "c2", "tool": text, "agent": text, "arguments": {text: text}, "question": text, "seconds": 60,
        "fields": [{"name": text, "label": text, "secret": True, "required": True}], "missing": [text], "unfit": {text: text},
        "place": [text, 1, 1],
    }  # fmt: skip
    return numbered(
        [
            studio_event("Connected", {"agent": text}, agent=text),
            placed("u", "user", None),
            studio_event("Delta", {"item": "u", "text": text}, item="u"),
            placed("a", "assistant", "u"),
            studio_event(
                "Delta",
                {"item": "a", "text": f"{text}\n\n```\n{text}\n```\n\n> {text}\n\n- {text}"},
                item="a",
                agent=text,
            ),
            trace_event(
                "GuardrailChecked", {"guardrail": text, "status": "fail", "category": text, "reason": text}, item="a"
            ),
            trace_event("GuardrailTripped", {"guardrail": text, "text": text, "reason": text}, item="a"),
            trace_event("Interrupted", {"heard": text[:20]}, item="a"),
            trace_event("ToolCalled", {"call_id": "c1", "tool": text, "arguments": {text: text}}, place=[text, 1, 1]),
            trace_event("ModelAsked", {"call_id": "c1", "name": text, "instructions": text, "question": text}),
            trace_event("ModelAnswered", {"call_id": "c1", "name": text, "text": text}),
            trace_event("ToolReturned", {"call_id": "c1", "tool": text, "outcome": "failed", "output": text}),
            trace_event("HandedOff", {"call_id": "", "to": text, "arguments": {"reason": text}}, agent=text),
            trace_event("HandoffRefused", {"call_id": "", "to": text, "reason": text}),
            trace_event("StateEntered", {"state": text, "previous": text}),
            trace_event("StateRefused", {"state": text, "reason": text}),
            trace_event("ContextChanged", {"variable": text, "value": {text: text}}),
            trace_event("ModelError", {"code": text, "message": text}),
            wire_event(text, {text: text}, dir="in"),
            wire_event("error", {"error": {"message": text, "code": text}}, dir="in"),
            studio_event("Problem", {"message": text, "hint": text}),
            studio_event("DataChanged", {"table": text, "rows": [{text: text}]}),
            studio_event(
                "PromptSent", {"agent": text, "instructions": text, "tools": [{"name": text, "description": text}]}
            ),
            studio_event("ApprovalOpen", asked),
        ]
    )


def renamed(page: Page, text: str) -> None:
    """The project as the server tells it, with this text for every name."""

    def told(route: Route) -> None:
        project: dict[str, Any] = route.fetch().json()
        scenario = project["scenarios"][0]
        agents = [{**agent, "name": text} for agent in scenario["agents"]]
        finding = {
            "code": text, "name": text, "severity": "error", "message": text, "hint": text, "file": text,
            "line": 1, "column": 1, "end_line": 1, "end_column": 2,
        }  # fmt: skip
        scenario.update(name=text, file=text, agents=agents, examples=[text], findings=[finding])
        scenario["context"] = {text: {"type": "string", "default": text, "description": text}}
        project["providers"].append({"name": text, "ready": False, "needs": text})
        route.fulfill(json=project)

    page.route("**/studio/api/project", told)


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    idle(page)


@pytest.mark.parametrize("view", ["conversation", "log", "graph", "states", "context", "prompt", "timeline"])
def test_nothing_that_is_shown_runs_or_asks_somebody_else(airline: Studio, visit: Visit, view: str) -> None:
    watched = visit(airline)
    watched.expected = ("the server responded with a status of 4",)  # this agent is none of the scenario's
    page = watched.page
    renamed(page, HOSTILE)
    played(page, everywhere(HOSTILE))
    enter(watched, airline, f"#/{view}?c=c1")
    expect(page.locator(".chip")).to_contain_text("Connected")
    open_all(page)
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)  # what would run, runs at once; an image would be asked for
    assert page.evaluate("window.ran") is None
    assert (
        page.evaluate(
            "document.querySelectorAll('main script, main iframe, main img, main object, main form[action]').length"
        )
        == 0
    )
    assert page.evaluate(
        "[...document.querySelectorAll('a[href]')].every((a) => /^(https?:|#|\\/)/.test(a.getAttribute('href')))"
    )


def test_a_link_of_a_model_names_its_host_and_takes_nothing_along(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    played(watched.page, everywhere(HOSTILE))
    page = enter(watched, airline, "#/conversation?c=c1")
    link = page.locator(".prose a").first
    expect(link).to_contain_text("(evil.example)")
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"


def test_a_name_that_turns_the_line_around_shows_what_it_is(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    name = "delete\u202eesrever\u200b_all"
    played(watched.page, numbered([trace_event("ToolCalled", {"call_id": "c1", "tool": name, "arguments": {}})]))
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".row.tool b")).to_have_text("deleteesrever_all")


def test_what_is_to_be_approved_or_was_said_cannot_be_turned_around(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    asked = {"call": "k", "tool": "send", "question": "Send \u202egnp.exe?", "arguments": {"file": "\u2067gnp.exe"}}
    events = [
        studio_event("Connected", {}),
        placed("u1", "user", None),
        trace_event("UserSaid", {"text": "what \u202eis it"}, item="u1"),
        placed("a1", "assistant", "u1"),
        studio_event("Delta", {"item": "a1", "text": "it *is \u202egnp.exe*"}, item="a1"),
        studio_event("ApprovalOpen", {**asked, "agent": "main", "fields": []}),
    ]
    played(watched.page, numbered(events))
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".approval-question")).to_have_text("Send gnp.exe?")
    expect(page.locator(".approval-arguments td")).to_have_text("gnp.exe")
    expect(page.locator(".message.agent .prose")).to_have_text("it is gnp.exe")
    expect(page.locator(".message.user .said")).to_have_text("what is it")


def test_who_writes_and_leaves_for_another_view_at_once_leaves_nothing_broken(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    told = played(watched.page, numbered([studio_event("Connected", {})]))
    page = enter(watched, airline, "#/conversation?c=c1")
    for _ in range(5):
        page.locator("[data-composer]").fill("Hello")
        page.evaluate(
            """() => {
              const field = document.querySelector('[data-composer]');
              field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
              location.hash = location.hash.replace('#/conversation', '#/log');
            }"""
        )
        page.locator(".view.log").wait_for()
        page.evaluate("location.hash = location.hash.replace('#/log', '#/conversation')")
        page.locator("[data-composer]").wait_for()
    assert told.commands


def test_the_name_of_an_agent_stays_in_its_box(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)

    def wordy(route: Route) -> None:
        drawn = route.fetch().json()
        for node in drawn["nodes"]:
            node["label"] = "Extraordinarily long name of an agent that nobody would ever give"
        route.fulfill(json=drawn)

    watched.page.route("**/studio/api/graph**", wordy)
    page = enter(watched, airline, "#/graph")
    titles = page.locator(".node-title")
    expect(titles.first).to_contain_text("Extra")
    over = titles.evaluate_all(
        """(all) => all.map((title) => {
          const box = title.closest('.node').querySelector('.box').getBoundingClientRect();
          return title.getBoundingClientRect().right - box.right;
        })"""
    )
    assert max(over) <= 0


@pytest.mark.parametrize(
    "text",
    ["ا" * 200, "ภาษาไทย" * 40, "👩‍👩‍👧‍👦" * 60, "x" * 4000, "a\u0000b\u0007c"],
    ids=["arabic", "thai", "families", "long", "control"],
)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["wide", "narrow"])
def test_long_and_strange_text_never_makes_the_page_wider_than_it_is(
    airline: Studio, visit: Visit, text: str, size: tuple[int, int]
) -> None:
    watched = visit(airline, size=size)
    renamed(watched.page, text)
    played(watched.page, everywhere(text))
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message.agent")).to_be_visible()
    open_all(page)
    for box in ("html", "main", ".transcript", ".bar", ".dock"):
        over = page.locator(box).evaluate("(box) => box.scrollWidth - box.clientWidth")
        assert over <= 0, f"{box} is {over} px too wide for {json.dumps(text[:10])}"
