"""A file that somebody is sent opens from disk: all of it is in it, and nothing in it runs but what is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from realtime_scenarios.studio.sharing import shared_html
from support.shared_entries import entry_with
from support.studio_browser import NARROW, Opened, Studio, enter, needs_chromium, new_page, page_for_files

pytestmark = [needs_chromium, pytest.mark.studio]

HOSTILE = (
    "</script><script>window.ran=1</script><img src=x onerror=\"window.ran=1\"><svg onload='window.ran=1'>"
    "<!--<script> ![x](https://evil.example/leak.png) [go](javascript:window.ran=1) \u2028\u202e {{7*7}}"
)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    with page_for_files(browser) as opened:
        yield opened


def test_hostile_text_in_every_field_is_text(opened: Opened, tmp_path: Path) -> None:
    page, asked, wrong = opened
    file = tmp_path / "hostile.html"
    file.write_text(shared_html(HOSTILE, HOSTILE, [entry_with(HOSTILE), entry_with("fine")], made=HOSTILE))
    page.goto(file.as_uri())
    expect(page.locator(".message")).to_have_count(2)
    for more in page.locator("details > summary").all():
        more.click()
    page.locator(".message-who").first.click()
    expect(page.locator(".shared-event")).to_be_visible()
    page.wait_for_selector(".record-line")
    assert page.evaluate("window.ran") is None
    assert page.locator("img, iframe, a[href^='javascript']").count() == 0
    assert asked == [file.as_uri()]
    assert wrong == []


def test_no_other_script_and_no_other_style_is_let_in(opened: Opened, tmp_path: Path) -> None:
    page, _, _ = opened
    came: list[str] = []
    page.on("requestfinished", lambda request: came.append(request.url))
    file = tmp_path / "changed.html"
    text = shared_html("title", "told", [entry_with("fine")])
    file.write_text(
        text.replace("</body>", "<script>window.ran=1</script><img src='https://evil.example/x.png'></body>")
    )
    page.goto(file.as_uri())
    expect(page.locator(".message")).to_have_count(2)
    assert page.evaluate("window.ran") is None
    assert [url for url in came if url.startswith("http")] == []


def test_a_conversation_is_taken_from_the_studio_and_opens_from_disk_without_a_request(
    airline: Studio, browser: Browser, opened: Opened, tmp_path: Path
) -> None:
    talking = new_page(browser, airline)
    page = enter(talking, airline)
    page.locator("[data-composer]").fill("What flight am I on?")
    page.keyboard.press("Enter")
    card = page.locator("[data-approval]")
    expect(card).to_be_visible(timeout=90_000)
    card.get_by_label("Username").fill("riley")
    card.get_by_label("Password").fill("a-very-secret-word")
    card.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".message.agent")).to_contain_text("riley", ignore_case=True)
    conversation = page.evaluate("new URLSearchParams(location.hash.split('?')[1]).get('c')")
    with page.expect_download() as downloading:
        page.evaluate(
            """(id) => { const link = document.createElement('a'); link.download = '';
            link.href = `/studio/api/conversations/${id}/share.html`; document.body.append(link); link.click(); }""",
            conversation,
        )
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    spoken = page.locator(".message").all_inner_texts()
    talking.page.context.close()
    talking.check()

    assert file.name == f"airline-{conversation}.html"
    assert "a-very-secret-word" not in file.read_text()
    shared, asked, wrong = opened
    shared.goto(file.as_uri())
    expect(shared.locator(".message")).to_have_count(len(spoken))
    expect(shared.locator(".message.agent").last).to_contain_text("riley", ignore_case=True)
    shared.locator(".row.tool summary").first.click()
    expect(shared.locator(".row.tool .row-body").first).to_contain_text("riley")
    assert (asked, wrong) == ([file.as_uri()], [])


def test_on_a_narrow_page_nothing_is_wider_than_the_page(opened: Opened, tmp_path: Path) -> None:
    page, _, _ = opened
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    file = tmp_path / "narrow.html"
    long = "word" * 60
    file.write_text(shared_html(long, long, [entry_with(long), entry_with("fine")]))
    page.goto(file.as_uri())
    expect(page.locator(".message")).to_have_count(2)
    wide = "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 391).map((one) => one.className)"
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], page.evaluate(wide)
