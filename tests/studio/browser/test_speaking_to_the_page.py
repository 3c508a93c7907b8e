"""A person speaks to the page: the microphone plays a file, and what is heard back is counted and has a strength."""

from __future__ import annotations

import array
import wave
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from support.chromium import write_wave
from support.sounds import joined, needs_flite, needs_pocketsphinx, quiet, said_by_flite
from support.studio_browser import AIRLINE, Studio, Watched, enter, launched, needs_chromium, new_page

pytestmark = [needs_chromium, needs_flite, needs_pocketsphinx, pytest.mark.studio]

QUESTION = "How big can my carry-on be?"
ANSWER = "22x14x9"
BEFORE, AFTER = 3000, 2500
"""Milliseconds of silence before the question, in which the line comes about, and until the file begins again."""
PASSED = 50 * 5
"""Frames of 20 ms in which the question has gone by."""

Speaker = Callable[..., Page]


@pytest.fixture(scope="module")
def spoken() -> Iterator[Studio]:
    """The airline with a voice and an ear."""
    studio = Studio(AIRLINE, arguments=["--tts", "flite", "--stt", f"pocketsphinx:{AIRLINE}"])
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def telephone(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone says the question again and again."""
    folder = tmp_path_factory.mktemp("sound")
    sound = write_wave(folder / "question.wav", joined([quiet(BEFORE), said_by_flite(QUESTION), quiet(AFTER)]))
    browser = launched(
        playwright,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}",
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def ready(telephone: Browser, spoken: Studio) -> Studio:
    """The airline after its first line, for which the server loads what it needs: nothing is said into that."""
    watched = new_page(telephone, spoken)
    page = enter(watched, spoken)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Disconnect").wait_for(timeout=90_000)
    page.context.close()
    return spoken


@pytest.fixture
def speaker(telephone: Browser, ready: Studio) -> Iterator[Speaker]:
    """Opens a page with these settings."""
    opened: list[Watched] = []

    def new(**settings: str) -> Page:
        watched = new_page(telephone, ready)
        opened.append(watched)
        for name, value in settings.items():
            watched.page.context.add_init_script(f"localStorage.setItem('studio.{name}', '{value}')")
        return enter(watched, ready)

    yield new
    for watched in opened:
        watched.page.context.close()
    for watched in opened:
        watched.check()


def counted(page: Page, name: str) -> float:
    return float(page.locator(".voice").get_attribute(f"data-{name}") or 0)


def until_counted(page: Page, name: str, least: float) -> None:
    page.wait_for_function(
        "([name, least]) => Number(document.querySelector('.voice').dataset[name]) >= least", arg=[name, least]
    )


def is_heard(page: Page) -> None:
    """The question is written down; nothing more is said, for the file begins again."""
    page.wait_for_selector(".message.user:not(:has-text('Listening'))")
    page.get_by_role("button", name="Mute the microphone").click()
    expect(page.locator(".message.user")).to_contain_text(QUESTION)


def is_asked_and_answered(page: Page) -> None:
    is_heard(page)
    expect(page.locator(".row.handoff")).to_be_visible()
    expect(page.locator(".message.agent").first).to_contain_text(ANSWER, timeout=40_000)


def speak(page: Page) -> None:
    page.get_by_role("button", name="Speak", exact=True).click()
    page.get_by_role("button", name="Mute the microphone").wait_for()
    page.get_by_role("button", name="Disconnect").wait_for()


def test_a_question_that_is_spoken_is_answered_aloud_over_the_websocket_and_recorded(speaker: Speaker) -> None:
    page = speaker()
    speak(page)
    page.get_by_role("button", name="Record both sides").click()
    expect(page.get_by_text("Recording", exact=True)).to_be_visible()
    is_asked_and_answered(page)
    until_counted(page, "played", 24_000)
    assert counted(page, "loudest") > 0.05
    until_counted(page, "played", counted(page, "came"))
    page.get_by_role("button", name="Stop recording").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Take the recording").click()
    left, right = strengths(Path(download.value.path()).read_bytes())
    assert left > 300 and right > 300


def strengths(content: bytes) -> tuple[float, float]:
    """How strong each side of a stereo file is: the root of the mean square of what is not silent."""
    with wave.open(BytesIO(content)) as file:
        assert file.getnchannels() == 2 and file.getframerate() == 24_000
        samples = array.array("h", file.readframes(file.getnframes()))
    sides = [samples[side::2] for side in (0, 1)]
    loud = [[sample for sample in side if abs(sample) > 50] or [0] for side in sides]
    left, right = ((sum(sample * sample for sample in side) / len(side)) ** 0.5 for side in loud)
    return left, right


def test_a_question_that_is_spoken_is_answered_aloud_over_webrtc_and_recorded(speaker: Speaker) -> None:
    page = speaker(carrier="webrtc")
    speak(page)
    page.get_by_role("button", name="Record both sides").click()
    expect(page.get_by_text("Recording", exact=True)).to_be_visible()
    is_asked_and_answered(page)
    until_counted(page, "loudest", 0.05)
    assert counted(page, "sent") == 0
    page.get_by_role("button", name="Stop recording").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Take the recording").click()
    left, right = strengths(Path(download.value.path()).read_bytes())
    assert left > 300 and right > 300
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("button", name="Speak", exact=True)).to_be_enabled()


def test_nothing_goes_out_until_the_button_is_held_and_what_was_said_meanwhile_is_a_turn(speaker: Speaker) -> None:
    page = speaker(talk="push")
    speak(page)
    button = page.locator("[data-talk]")
    expect(button).to_have_text("Hold to talk")
    assert counted(page, "sent") == 0
    button.hover()
    page.mouse.down()
    expect(button).to_have_text("Listening")
    page.mouse.move(0, 0)
    until_counted(page, "sent", PASSED)
    expect(button).to_have_text("Listening")
    page.mouse.up()
    expect(button).to_have_text("Hold to talk")
    is_asked_and_answered(page)


@pytest.mark.parametrize("left", ["blur", "Escape"])
def test_a_button_that_is_held_is_let_go_when_the_person_is_called_away(speaker: Speaker, left: str) -> None:
    page = speaker(talk="push")
    speak(page)
    page.locator("#main").focus()
    page.keyboard.down("Space")
    button = page.locator("[data-talk]")
    expect(button).to_have_attribute("aria-pressed", "true")
    if left == "blur":
        page.evaluate("window.dispatchEvent(new Event('blur'))")
    else:
        page.keyboard.press("Escape")
    expect(button).to_have_text("Hold to talk")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.keyboard.up("Space")
    expect(button).to_have_text("Hold to talk")


def test_a_key_that_goes_up_in_the_text_box_ends_the_turn_all_the_same(speaker: Speaker) -> None:
    page = speaker(talk="push")
    speak(page)
    page.locator("#main").focus()
    page.keyboard.down("Space")
    button = page.locator("[data-talk]")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.locator("[data-composer]").focus()
    page.keyboard.up("Space")
    expect(button).to_have_text("Hold to talk")


def test_each_side_is_muted_by_itself_and_a_muted_loudspeaker_still_counts(speaker: Speaker) -> None:
    page = speaker()
    speak(page)
    page.get_by_role("button", name="Mute the microphone").click()
    expect(page.get_by_role("button", name="Microphone is muted")).to_have_attribute("aria-pressed", "true")
    before = counted(page, "sent")
    until_counted(page, "sent", before + PASSED)
    expect(page.locator(".message.user")).to_have_count(0)
    page.get_by_role("button", name="Mute the loudspeaker").click()
    page.keyboard.press("Control+Shift+M")
    expect(page.get_by_role("button", name="Mute the microphone")).to_be_visible()
    is_asked_and_answered(page)
    until_counted(page, "played", 24_000)
    expect(page.get_by_role("button", name="Loudspeaker is muted")).to_be_visible()


KEEPS_BACK = """() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === 'string' && /"(interrupt|say)"/.test(data)) window.letGo = () => send.call(this, data);
    else send.call(this, data);
  };
}"""


def falls_silent(page: Page) -> float:
    """Nothing more is played, although more has come; gives what was."""
    until_counted(page, "sent", counted(page, "sent") + 10)
    played = counted(page, "played")
    until_counted(page, "sent", counted(page, "sent") + 50)
    assert counted(page, "played") == played < counted(page, "came")
    return played


def test_an_interruption_ends_the_sound_before_the_server_knows_and_the_text_where_the_ear_was(
    speaker: Speaker,
) -> None:
    page = speaker()
    speak(page)
    is_heard(page)
    page.evaluate(KEEPS_BACK)
    until_counted(page, "played", 12_000)
    page.keyboard.press("Control+.")
    played = falls_silent(page)
    page.evaluate("() => window.letGo()")
    expect(page.locator(".message.agent .tag").first).to_contain_text("Cut off")
    page.get_by_role("button", name="Microphone is muted").wait_for()
    until_counted(page, "sent", counted(page, "sent") + 50)
    assert counted(page, "played") == played


def test_a_telephone_sounds_like_one_is_understood_and_is_cut_off_by_a_text(speaker: Speaker) -> None:
    page = speaker(codec="g711_ulaw")
    speak(page)
    is_heard(page)
    until_counted(page, "played", 8000)
    assert counted(page, "loudest") > 0.05
    page.evaluate(KEEPS_BACK)
    page.locator("[data-composer]").fill("Stop.")
    page.keyboard.press("Enter")
    falls_silent(page)


def test_without_a_microphone_one_is_told_so_and_goes_on_in_writing(
    airline: Studio, visit: Callable[..., Watched]
) -> None:
    page = enter(visit(airline), airline)
    page.get_by_role("button", name="Speak", exact=True).click()
    problem = page.locator(".voice-problem")
    expect(problem).to_contain_text("microphone")
    expect(problem).to_contain_text("go on in writing")
    expect(page.get_by_role("button", name="Speak", exact=True)).to_be_enabled()


def test_devices_are_chosen_by_their_names(speaker: Speaker) -> None:
    page = speaker()
    speak(page)
    page.get_by_role("button", name="Voice settings").click()
    names: Any = page.get_by_label("Microphone", exact=True).locator("option").all_inner_texts()
    assert names[0] == "The system’s own" and len(names) > 1 and all(names)
    page.get_by_label("Microphone", exact=True).select_option(index=1)
    before = counted(page, "sent")
    until_counted(page, "sent", before + 50)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Voice settings")).to_be_focused()
