"""A model's text becomes vnodes and never markup: what is no mark stays text, and no address runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.studio_page import PageModules, needs_node, page_modules

pytestmark = needs_node


@pytest.fixture(scope="module")
def page() -> Iterator[PageModules]:
    yield from page_modules()


def spans_of(page: PageModules, text: str) -> Any:
    return page.run("blocks", text=text)[0]["spans"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        "vbscript:x",
        " \tjavascript:x",
    ],
)
def test_an_address_that_is_not_of_the_web_is_no_link(page: PageModules, address: str) -> None:
    assert page.run("url", text=address) is None
    assert all(span["kind"] != "link" for span in spans_of(page, f"[here]({address})"))


def test_a_picture_is_told_and_never_fetched(page: PageModules) -> None:
    spans = spans_of(page, "![who](https://evil.example/x.png)")
    assert "".join(span["text"] for span in spans) == "[image: who] https://evil.example/x.png"


def test_tags_are_text(page: PageModules) -> None:
    text = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    assert "".join(span["text"] for span in spans_of(page, text)) == text


def test_bold_italic_code_and_a_link_are_spans(page: PageModules) -> None:
    spans = spans_of(page, "a **b** *c* `d` [e](https://e.example/f) g_h_i")
    assert [span["kind"] for span in spans if span.get("text") != " "] == [
        "text",
        "bold",
        "italic",
        "code",
        "link",
        "text",
    ]


def test_a_list_in_a_list_keeps_its_place(page: PageModules) -> None:
    (block,) = page.run("blocks", text="1. one\n   - inside\n2. two")
    assert [entry["text"] for entry in block["entries"]] == ["one", "two"]
    assert block["entries"][0]["list"]["entries"][0]["text"] == "inside"


def test_the_text_that_is_heard_has_no_marks(page: PageModules) -> None:
    assert page.run("plain", text="It is **CA 204**, [here](https://e.example).") == "It is CA 204, here."


@given(text=st.text(alphabet="ab*_<>&;'\"\\ \n", max_size=400))
def test_marks_that_close_or_do_not_lose_no_letter(page: PageModules, text: str) -> None:
    heard = page.run("plain", text=text)
    assert [letter for letter in heard if letter in "ab"] == [letter for letter in text if letter in "ab"]


@given(text=st.text(max_size=300))
def test_any_text_can_be_read(page: PageModules, text: str) -> None:
    assert page.run("blocks", text=text) is not None


@pytest.mark.parametrize("mark", ["*", "**", "`", "_", "~~", "[", "![", "<", "](", "> ", "- ", "\\"])
def test_tens_of_thousands_of_marks_take_seconds_and_not_minutes(page: PageModules, mark: str) -> None:
    began = time.monotonic()
    page.run("blocks", text=mark * (50_000 // len(mark)))
    page.run("blocks", text=(mark + "a") * (50_000 // len(mark)))
    assert time.monotonic() - began < 20  # where each mark looks for its end, it is minutes
