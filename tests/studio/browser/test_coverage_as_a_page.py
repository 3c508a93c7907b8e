"""Coverage as a file opens from disk: it asks nobody, its graphs are drawn, and its words are words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from realtime_scenarios.coverage import Coverage
from realtime_scenarios.project import load
from realtime_scenarios.studio.coverage_page import coverage_html
from realtime_scenarios.trace import AgentSaid, Trace
from support import Written
from support.studio_browser import NARROW, Opened, needs_chromium, page_for_files

pytestmark = [needs_chromium, pytest.mark.studio]

HOSTILE = "</style><script>window.ran=1</script><img src=x onerror='window.ran=1'>"
DESKS = f"""\
    scenario: desks
    title: "Desks {HOSTILE}"
    start: front
    agents:
      front: {{name: "Front {HOSTILE}", instructions: x, tools: [hours], handoffs: [back]}}
      back:
        name: Back
        instructions: x
        states_mode: tracked
        states:
          - {{id: first, description: x, transitions: [{{to: second, when: y}}]}}
          - {{id: second, description: x}}
    tools:
      hours: {{description: x, requires: "'<b>' == '<b>'", returns: nine to five}}
"""


@pytest.fixture
def opened(browser: Browser, written: Written) -> Iterator[Opened]:
    """The page with the coverage of the desks."""
    path = written(DESKS, "desks.yaml")
    coverage = Coverage()
    of_desks = coverage.of("desks.yaml", load(path).scenario)
    of_desks.add(f"desks.yaml::{HOSTILE}", Trace((AgentSaid(1, 1, "front", "Hello."),), "front"))
    file = path.with_name("coverage.html")
    file.write_text(coverage_html(coverage), encoding="utf-8")
    with page_for_files(browser) as opened:
        opened.page.goto(Path(file).as_uri())
        yield opened


def test_it_shows_tables_graphs_and_what_is_not_met(opened: Opened) -> None:
    page, asked, wrong = opened
    file = page.url.removeprefix("file://").replace("coverage.html", "desks.yaml")

    expect(page.get_by_role("row", name="agents 1 of 2")).to_contain_text("50.0 %")
    assert page.get_by_role("meter", name="agents: 50 %").evaluate("bar => bar.value / bar.max") == 0.5
    left = page.locator(".covered-left li", has_text="handoff front → back")
    expect(left.locator(".covered-place")).to_have_text(f"{file}:5:142")
    expect(left.locator(".covered-line")).to_contain_text("handoffs: [back]")
    graphs = page.locator(".covered-graph img")
    expect(graphs).to_have_count(2)
    assert graphs.evaluate_all("all => all.every(img => img.complete && img.naturalWidth > 100)")
    page.get_by_text("What is met, and by whom").click()
    expect(page.locator(".covered-by").first).to_contain_text("window.ran=1")
    assert page.evaluate("window.ran") is None
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone_and_is_light_or_dark_as_its_reader_is(opened: Opened, scheme: str) -> None:
    page, _, _ = opened
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(246, 245, 242)", "dark": "rgb(21, 23, 28)"}[scheme]
