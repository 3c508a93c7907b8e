"""A person looks at a conversation from all sides: graph, states, context, prompt, timeline, at any step of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.studio_browser import NARROW, Studio, Watched, enter, idle, needs_chromium, played
from support.studio_page import numbered, placed, studio_event, trace_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

CUT = numbered(
    [
        studio_event("Connected", {"voice": {"turns": "detected", "codec": "pcm16", "carrier": "socket"}}),
        studio_event("DataChanged", {"table": "bookings", "rows": [{"id": 1, "seat": "9A"}, {"id": 2, "seat": "3B"}]}),
        placed("u1", "user", None),
        trace_event("UserSaid", {"text": "What flight am I on?", "audio_ms": 900}, item="u1"),
        trace_event("ToolCalled", {"call_id": "k1", "tool": "check_flights", "arguments": {}}, call="k1", at=1200),
        trace_event(
            "ToolReturned",
            {"call_id": "k1", "tool": "check_flights", "outcome": "answered", "output": "8am"},
            call="k1",
            at=4200,
        ),
        placed("a1", "assistant", "u1"),
        studio_event("Heard", {"item": "a1", "ms": 900, "of_ms": 3100, "text": "You are"}, item="a1", at=6000),
        trace_event("Interrupted", {"heard": "You are"}, item="a1", at=6000),
        trace_event(
            "AgentSaid", {"text": "You are on the 8am flight.", "interrupted": True, "audio_ms": 3100}, item="a1"
        ),
        trace_event("ContextChanged", {"variable": "username", "value": "riley"}),
        studio_event("DataChanged", {"table": "bookings", "rows": [{"id": 1, "seat": "12C"}, {"id": 2, "seat": "3B"}]}),
    ]
)


def to(page: Page, view: str) -> None:
    page.get_by_role("navigation", name="Views").first.get_by_role("link", name=view).click()
    idle(page)


def say(page: Page, text: str) -> None:
    page.locator("[data-composer]").fill(text)
    page.keyboard.press("Enter")


@pytest.fixture
def handed_over(airline: Studio, visit: Visit) -> Page:
    """A page at a conversation that was handed from the main agent to the other one."""
    page = enter(visit(airline), airline)
    say(page, "How big can my carry-on be?")
    expect(page.locator(".message.agent")).to_contain_text("personal item", timeout=60_000)
    return page


def test_a_handoff_is_seen_in_the_graph_and_in_the_list_and_taken_back_by_the_slider(handed_over: Page) -> None:
    page = handed_over
    to(page, "Graph")
    main, qa = (page.locator(f'[data-node="{name}"]') for name in ("main", "qa"))
    expect(qa).to_have_attribute("aria-current", "location")
    expect(qa).to_have_accessible_name("QA Agent, agent, 1 tool, 1 handoff, active")
    expect(page.locator(".canvas .edge.taken")).to_have_count(1)
    expect(page.locator(".count-text")).to_have_text("1×")
    page.get_by_text("List", exact=True).click()
    listed = page.get_by_role("article", name="Main Agent")
    expect(listed.get_by_role("listitem").filter(has_text="QA Agent")).to_contain_text("1× taken")
    page.locator("label", has_text="Graph").click()
    page.get_by_role("slider", name="Step").press("Home")
    expect(main).to_have_attribute("aria-current", "location")
    expect(page.locator(".canvas .edge.taken")).to_have_count(0)
    page.get_by_role("button", name="Live").click()
    expect(qa).to_have_attribute("aria-current", "location")


def test_arrows_walk_through_the_graph_and_e_leads_to_the_lines(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline, "#/graph")
    main = page.locator('[data-node="main"]')
    main.focus()
    page.keyboard.press("ArrowRight")
    if page.locator('[data-node="qa"]').get_attribute("aria-pressed") != "true":
        page.keyboard.press("ArrowDown")
    expect(page.locator('[data-node="qa"]')).to_be_focused()
    expect(page.get_by_role("heading", name="QA Agent")).to_be_visible()
    page.keyboard.press("e")
    page.wait_for_url("**#/editor?*line=*")
    assert "airline.yaml" in page.url


def test_the_prompt_is_what_went_over_the_wire_and_the_handoff_shows_what_it_changed(handed_over: Page) -> None:
    page = handed_over
    to(page, "Prompt")
    paper = page.get_by_role("region", name="What the model reads")
    expect(paper).to_contain_text("quick reference")
    expect(page.locator(".facts-line")).to_contain_text("QA Agent")
    page.get_by_text("Last handoff").click()
    expect(page.locator(".facts-line")).to_contain_text("Main Agent → QA Agent")
    expect(page.locator(".p-line.added").first).to_be_visible()
    expect(page.locator(".p-line.removed").first).to_be_visible()
    page.get_by_text("From the file").click()
    expect(page.get_by_label("Agent", exact=True).last).to_have_value("qa")
    page.locator("button.p-number").first.click()
    page.wait_for_url("**#/editor?*line=*")


def test_a_search_finds_its_line_in_the_prompt(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline, "#/prompt")
    page.locator("button.p-number").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("OBJECTIVE")
    expect(page.locator(".p-line.found mark").first).to_have_text("objective")


def test_the_context_stands_before_and_after_each_step_and_tables_by_their_cells(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    played(watched.page, CUT)
    page = enter(watched, airline, "#/context?c=c1")
    page.get_by_text("Its turn").click()
    row = page.get_by_role("row", name="username")
    expect(row).to_contain_text("changed")
    expect(row.locator(".before")).to_have_text("null")
    expect(row.locator(".after")).to_have_text("riley")
    cells = page.get_by_role("region", name="Changes of bookings")
    expect(cells.locator("del")).to_have_text("9A")
    expect(cells.locator("ins")).to_have_text("12C")
    page.get_by_role("slider", name="Step").press("Home")
    expect(page.get_by_role("row", name="username").locator(".after")).to_have_text("null")


def test_a_conversation_begins_with_the_values_that_were_given(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline, "#/context")
    page.get_by_label("username").fill("riley")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Disconnect").wait_for(timeout=60_000)
    expect(page.get_by_role("row", name="username").locator(".after")).to_have_text("riley")


def test_the_timeline_says_what_was_not_heard_and_its_head_takes_every_pane_along(
    airline: Studio, visit: Visit
) -> None:
    watched = visit(airline)
    played(watched.page, CUT)
    page = enter(watched, airline, "#/timeline?c=c1")
    page.get_by_text("Table", exact=True).click()
    row = page.get_by_role("row", name="Agent").filter(has_text="8am flight")
    expect(row).to_contain_text("cut")
    expect(page.get_by_role("row", name="check_flights")).to_contain_text("answered")
    page.get_by_text("Lanes", exact=True).click()
    head = page.get_by_role("slider", name="Moment of the conversation")
    expect(head).to_have_attribute("aria-valuetext", "0:06, nobody speaking")
    head.press("Home")
    expect(page.get_by_role("list", name="Up to this moment").get_by_role("listitem")).to_have_count(0)
    expect(page.get_by_role("button", name="Live")).to_be_visible()
    head.press("End")
    expect(page.get_by_role("list", name="Up to this moment")).to_contain_text("check_flights")


def test_a_narrow_page_shows_the_list_first(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline, size=NARROW), airline, "#/graph")
    expect(page.get_by_role("article", name="QA Agent")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == NARROW[0]


@pytest.fixture(scope="module")
def front_desk() -> object:
    from support.studio_browser import AIRLINE

    studio = Studio(AIRLINE.parent.parent / "front_desk" / "front_desk.yaml")
    yield studio
    studio.stop()


def test_states_say_where_it_is_what_was_refused_and_why_it_cannot_go_on(front_desk: Studio, visit: Visit) -> None:
    watched = visit(front_desk)
    events = [
        studio_event("Connected", {}),
        trace_event("StateEntered", {"state": "2_get_first_name", "previous": "1_greeting"}),
        trace_event("StateRefused", {"state": "3_get_last_name", "reason": "Find out firstName first."}),
    ]
    agent = "authentication"
    played(watched.page, numbered([{**event, "agent": agent} for event in events]))
    page = enter(watched, front_desk, "#/states?c=c1")
    here = page.locator('[data-node="2_get_first_name"]')
    expect(here).to_have_attribute("aria-current", "location")
    side = page.get_by_role("complementary", name="Details")
    expect(side).to_contain_text("Find out firstName first.")
    expect(side.get_by_role("listitem").filter(has_text="firstName").first).to_contain_text("open")
    side.get_by_text("Why not?").first.click()
    expect(side.locator(".terms").first).to_contain_text("falsefirstName is known")
    page.get_by_role("slider", name="Step").press("Home")
    expect(page.locator('[data-node="1_greeting"]')).to_have_attribute("aria-current", "location")


@pytest.mark.parametrize("view", ["states", "prompt"])
def test_who_goes_through_the_agents_by_key_stays_at_the_choice(airline: Studio, visit: Visit, view: str) -> None:
    page = enter(visit(airline), airline, f"#/{view}")
    choice = page.locator(f"#{view}-agent")
    choice.focus()
    page.keyboard.press("End")
    idle(page)
    expect(choice).to_be_focused()
    expect(choice).to_have_value("qa")
    page.keyboard.press("Home")
    idle(page)
    expect(choice).to_be_focused()
