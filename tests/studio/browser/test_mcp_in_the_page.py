"""A tool of an MCP server is asked about, called and told of as any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from support.studio_browser import AIRLINE, Studio, Watched, enter, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def wiki() -> Iterator[Studio]:
    studio = Studio(AIRLINE.parent.parent / "realtime_next" / "realtime_next.yaml")
    yield studio
    studio.stop()


def say(page: Page, text: str) -> None:
    page.locator("[data-composer]").fill(text)
    page.keyboard.press("Enter")


def test_a_tool_of_an_mcp_server_waits_for_a_yes_and_its_result_is_a_row(wiki: Studio, visit: Visit) -> None:
    page = enter(visit(wiki), wiki)
    say(page, "How do guardrails work in openai-agents-js?")
    expect(page.locator(".message.agent").last).to_contain_text("What is the project?")
    say(page, "openai/openai-agents-js")
    card = page.locator("[data-approval]")
    expect(card).to_contain_text("ask_wiki")
    expect(card).to_contain_text("openai/openai-agents-js")
    card.get_by_role("button", name="Approve", exact=True).click()
    row = page.locator(".row.tool", has_text="ask_wiki")
    expect(row.locator(".tag")).to_have_text("answered")
    row.locator("summary").click()
    expect(row.locator(".row-body")).to_contain_text("cuts the agent off")

    page.evaluate("location.hash = '#/prompt'")
    expect(page.locator(".view")).to_contain_text("wiki")
