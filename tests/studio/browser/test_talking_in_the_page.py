"""A person types through the airline in a browser, approves and rejects, by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from support.studio_browser import Studio, Watched, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


def say(page: Page, text: str) -> None:
    page.locator("[data-composer]").fill(text)
    page.keyboard.press("Enter")


def last_answer(page: Page) -> str:
    return page.locator(".message.agent .prose").last.inner_text()


def test_a_call_is_approved_with_its_fields_and_its_result_is_told(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, "What flight am I on?")
    card = page.locator("[data-approval]")
    expect(card).to_contain_text("check_flights")
    approve = card.get_by_role("button", name="Approve", exact=True)
    expect(approve).to_be_disabled()
    card.get_by_label("Username").fill("riley")
    expect(approve).to_be_disabled()
    card.get_by_label("Password").fill("a-very-secret-word")
    expect(approve).to_be_enabled()
    approve.click()
    expect(card).to_have_count(0)
    expect(page.locator(".message.agent")).to_contain_text("riley", ignore_case=True)
    expect(page.locator(".row.tool .tag")).to_have_text("answered")
    page.locator(".row.tool summary").click()
    expect(page.locator(".row.tool .row-body")).to_contain_text("riley")
    assert "a-very-secret-word" not in page.content()
    assert "a-very-secret-word" not in page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])"
    )


def test_what_is_sent_while_a_line_is_being_connected_is_said_on_that_line(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    made: list[str] = []
    page.on("request", lambda request: made.append(request.url) if request.method == "POST" else None)
    page.locator("[data-composer]").fill("How big can my carry-on be?")
    page.evaluate(
        """() => {
            document.querySelector("button.connect").click();
            const enter = new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true});
            document.querySelector("[data-composer]").dispatchEvent(enter);
        }"""
    )
    expect(page.locator(".message.agent")).to_be_visible()
    expect(page.locator(".message.user")).to_have_count(1)
    assert len(made) == 1


def test_a_call_is_rejected_with_a_reason(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, "What flight am I on?")
    card = page.locator("[data-approval]")
    card.get_by_role("button", name="Reject").click()
    page.keyboard.type("not now")
    card.get_by_role("button", name="Reject now").click()
    expect(card).to_have_count(0)
    expect(page.locator(".row.tool .tag")).to_have_text("rejected")


def test_what_is_typed_right_after_a_press_on_reject_is_the_reason(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, "What flight am I on?")
    page.locator("[data-approval]").wait_for()
    focused = page.evaluate(
        """async () => {
            [...document.querySelectorAll("[data-approval] button")].find((one) => one.textContent === "Reject").click();
            for (let turn = 0; turn < 10; turn += 1) await null;
            return document.activeElement.hasAttribute("data-reason");
        }"""
    )
    assert focused  # before the page is painted, and so before the next key


def test_a_handoff_stands_between_question_and_answer_and_the_bar_shows_who_is_active(
    airline: Studio, visit: Visit
) -> None:
    page = enter(visit(airline), airline)
    say(page, "How big can my carry-on be?")
    expect(page.locator(".message.agent")).to_be_visible()
    kinds = page.locator(".piece > *").evaluate_all(
        "rows => rows.map((row) => row.className.split(' ').slice(0, 2).join(' '))"
    )
    assert kinds[:2] == ["message user", "row handoff"] and kinds[-1].startswith("message agent")
    expect(page.locator("#agent")).to_have_value("qa")


def test_a_page_whose_server_has_not_answered_yet_is_not_idle(airline: Studio, visit: Visit) -> None:
    page = visit(airline).page
    asked: list[Route] = []
    page.route("**/studio/api/project", lambda route: asked.append(route))
    page.goto(airline.entrance)
    expect(page.locator("[data-composer]")).to_be_disabled()
    page.wait_for_timeout(500)  # far more than a page needs that waits for nothing
    assert asked and page.locator("html[data-idle]").count() == 0
    for route in asked:
        route.continue_()
    idle(page)
    expect(page.locator("[data-composer]")).to_be_enabled()


def test_everything_can_be_done_with_the_keyboard_alone(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    page.keyboard.press("/")
    page.keyboard.type("What flight am I on?")
    page.keyboard.press("Enter")
    page.locator("[data-approval]").wait_for()
    page.keyboard.press("Alt+a")
    expect(page.locator("[data-approval]")).to_be_focused()
    while not page.evaluate("document.activeElement.dataset.field === 'username'"):
        page.keyboard.press("Tab")
    page.keyboard.type("riley")
    page.keyboard.press("Tab")
    page.keyboard.type("secret")
    page.wait_for_timeout(450)  # it can be approved once it has been in sight
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.agent")).to_be_visible()
    expect(page.locator("[data-composer]")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("event log")
    page.keyboard.press("Enter")
    expect(page.locator(".log-grid")).to_be_visible()
    page.keyboard.press("F6")
    page.locator(".log-grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".inspector")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".inspector")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.locator(".transcript")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_enter_that_chooses_a_character_sends_nothing(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    box = page.locator("[data-composer]")
    box.fill("にほん")
    box.evaluate(
        """(box) => {
          box.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));
          box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}));
          box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true}));
        }"""
    )
    idle(page)
    expect(box).to_have_value("にほん")
    expect(page.locator(".message")).to_have_count(0)


def test_nothing_is_approved_by_a_key_that_was_meant_for_the_text_box(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, "What flight am I on?")
    page.locator("[data-approval]").wait_for()
    expect(page.locator("[data-composer]")).to_be_focused()
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-approval]")).to_be_visible()


def test_a_link_restores_the_conversation_and_the_selected_event(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, "How big can my carry-on be?")
    expect(page.locator(".message.agent")).to_be_visible()
    page.locator(".row.handoff .row-head").click()
    expect(page.locator(".inspector h2")).to_have_text("HandedOff")
    page.reload()
    idle(page)
    expect(page.locator(".inspector h2")).to_have_text("HandedOff")
    expect(page.locator(".message.agent")).to_be_visible()


def test_a_second_tab_watches_until_it_takes_over(airline: Studio, visit: Visit) -> None:
    first = visit(airline)
    page = enter(first, airline)
    say(page, "How big can my carry-on be?")
    expect(page.locator(".message.agent")).to_be_visible()
    other = first.page.context.new_page()
    other.goto(page.url)
    idle(other)
    expect(other.locator(".message.agent")).to_be_visible()
    expect(other.locator(".banner")).to_contain_text("You watch")
    expect(other.locator("[data-composer]")).to_be_disabled()
    other.get_by_role("button", name="Take over").click()
    expect(other.locator("[data-composer]")).to_be_enabled()
    expect(page.locator(".banner")).to_contain_text("You watch")


def test_two_conversations_in_two_tabs_are_two(airline: Studio, visit: Visit) -> None:
    first, second = enter(visit(airline), airline), enter(visit(airline), airline)
    say(first, "How big can my carry-on be?")
    say(second, "Hello?")
    expect(first.locator(".message.agent")).to_be_visible()
    expect(second.locator(".message.agent")).to_be_visible()
    assert first.locator(".message.user").count() == second.locator(".message.user").count() == 1


def test_the_status_line_says_what_happened_and_no_word_of_the_answer(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    page.evaluate(
        """() => { window.heard = []; new MutationObserver(() => window.heard.push(document.getElementById('status').textContent))
             .observe(document.getElementById('status'), {childList: true, characterData: true, subtree: true}); }"""
    )
    say(page, "How big can my carry-on be?")
    expect(page.locator("#status")).to_have_text("QA Agent answered")
    heard = page.evaluate("window.heard")
    assert not any("inches" in text for text in heard)


def test_a_moment_that_is_none_stays_in_sight_beside_what_was_wrong_with_it(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    watched.expected = ("status of 400",)
    page = enter(watched, airline)
    page.get_by_text("Begin otherwise").click()
    page.locator("#now").fill("next tuesday")
    say(page, "Hello?")
    expect(page.locator(".banner.bad")).to_contain_text("'next tuesday' is no moment in time")
    expect(page.locator("#now")).to_be_visible()
    expect(page.locator("#now")).to_have_value("next tuesday")
    expect(page.locator("[data-composer]")).to_have_value("Hello?")


def test_a_moment_that_is_taken_away_again_leaves_its_field_where_it_is(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    page.get_by_text("Begin otherwise").click()
    moment = page.get_by_label("The moment")
    moment.click()
    for key in ("n", "Backspace", "2"):
        page.keyboard.press(key)
        idle(page)
    expect(moment).to_be_focused()
    expect(moment).to_have_value("2")


def test_what_is_not_sent_yet_is_there_when_one_comes_back_from_another_view(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    composer = page.locator("[data-composer]")
    composer.fill("Which seat")
    page.locator(".places [href='#/graph']").click()
    idle(page)
    page.locator(".places [href='#/conversation']").click()
    expect(composer).to_have_value("Which seat")
    expect(page.get_by_role("button", name="Connect and send")).to_be_enabled()
