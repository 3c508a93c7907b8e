"""A file that somebody is sent opens from disk: all of it is in it, and nothing in it runs but what is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from realtime_scenarios.studio.sharing import SharedEntry, shared_html
from support.shared_entries import entry_with
from support.studio_browser import NARROW, Opened, Studio, Watched, enter, needs_chromium, new_page, page_for_files
from support.studio_page import numbered, placed, studio_event, trace_event

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


UNDER_WAY = numbered(
    [
        studio_event("Connected", {"agent": "main"}),
        placed("u1", "user", None),
        trace_event("UserSaid", {"text": "Pay, please."}, item="u1"),
        placed("a1", "assistant", "u1"),
        studio_event("Delta", {"item": "a1", "text": "One mo"}, item="a1"),
        trace_event("GuardrailChecked", {"guardrail": "tone", "status": "pending"}, item="a1"),
        trace_event("ToolCalled", {"call_id": "c1", "tool": "look", "arguments": {}}, item="a1"),
        trace_event("ToolCalled", {"call_id": "c2", "tool": "pay", "arguments": {}}, item="a1"),
        trace_event("ApprovalRequested", {"call_id": "c2", "tool": "pay"}),
        studio_event("ApprovalOpen", {"call": "c2", "tool": "pay", "fields": [], "seconds": 60}),
        placed("u2", "user", "a1", voice=True),
        placed("a2", "assistant", "u2"),
    ]
)


def shared_words(page: Page, tmp_path: Path, entry: SharedEntry) -> str:
    file = tmp_path / "shared.html"
    file.write_text(shared_html("Airline", "A conversation", [entry]))
    page.goto(file.as_uri())
    expect(page.locator(".message")).to_have_count(4)
    for call in page.locator(".row.tool summary").all():
        call.click()
    expect(page.locator(".row.tool .row-body")).to_have_count(2)
    return page.locator(".shared-talk").inner_text()


GOING_ON = ("waits for you", "running", "Thinking", "Writing down", "Listening", "is being checked")


def test_in_a_file_nothing_goes_on_that_did_when_it_was_made(opened: Opened, tmp_path: Path) -> None:
    page, _, wrong = opened
    told = shared_words(page, tmp_path, SharedEntry("talk", UNDER_WAY, {"main": "Main"}))
    assert [words for words in GOING_ON if words in told.replace("was running", "")] == []
    tags = page.locator(".row.tool .tag").all_inner_texts()
    assert tags == ["was running", "was waiting"]
    for words in (
        "waited for a person when this file was made",
        "Not written down yet when this file was made",
        "Not answered yet when this file was made",
        "Still being said when this file was made",
        "tone was being checked when this file was made",
        "This file was made while the conversation went on: pay was waiting for a person.",
    ):
        assert words in told
    assert wrong == []


def test_in_a_dialogue_that_was_played_what_never_came_never_came(opened: Opened, tmp_path: Path) -> None:
    page, _, wrong = opened
    result = {**(entry_with("fine").result or {}), "id": "fine"}
    told = shared_words(page, tmp_path, SharedEntry("fine", UNDER_WAY, {"main": "Main"}, result=result))
    assert [words for words in (*GOING_ON, "when this file was made") if words in told] == []
    assert page.locator(".row.tool .tag").all_inner_texts() == ["never answered", "never answered"]
    for words in ("nobody decided", "Never written down", "No answer came", "Never finished", "not checked to the end"):
        assert words in told
    assert wrong == []


def waiting_for_approval(browser: Browser, studio: Studio) -> Watched:
    """A page in which the caller has asked for what a person has to allow, and nobody has decided yet."""
    talking = new_page(browser, studio)
    page = enter(talking, studio)
    page.locator("[data-composer]").fill("What flight am I on?")
    page.keyboard.press("Enter")
    expect(page.locator("[data-approval]")).to_be_visible(timeout=90_000)
    return talking


def test_a_file_that_is_made_while_an_approval_waits_says_so(
    airline: Studio, browser: Browser, opened: Opened, tmp_path: Path
) -> None:
    talking = waiting_for_approval(browser, airline)
    page = talking.page
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as downloading:
        page.get_by_text("One page to share").click()
    downloading.value.save_as(tmp_path / "waiting.html")
    talking.page.context.close()
    talking.check()
    opened.page.goto((tmp_path / "waiting.html").as_uri())
    expect(opened.page.locator(".row.tool .tag")).to_have_text("was waiting")
    expect(opened.page.locator(".went-on")).to_contain_text("check_flights was waiting for a person")


def test_a_conversation_is_taken_from_the_studio_and_opens_from_disk_without_a_request(
    airline: Studio, browser: Browser, opened: Opened, tmp_path: Path
) -> None:
    talking = waiting_for_approval(browser, airline)
    page = talking.page
    card = page.locator("[data-approval]")
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
