"""An author's examples inside a tool's description: written there for the model, read back by the offline responder."""

from __future__ import annotations

import re
from collections.abc import Sequence

HEADING = "Callers may say:"

_HEADING = re.compile(r"^[ \t]*(?:callers?|customers?|users?|people) (?:may|might|can|could) say:?[ \t]*$", re.I | re.M)
_EXAMPLE = re.compile(r"^[ \t]*[-*•][ \t]+(?P<text>.*\S)[ \t]*$")
_FILLER_BEGINS = "Before you call it, say"
_ANNOUNCED = "Tell the caller before you call it."
_QUOTED = re.compile(r'"([^"]+)"')
_ANY_FILLER = "One moment, please."
_ANY_ANNOUNCEMENT = "I will connect you now."
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}


def described(description: str, examples: Sequence[str]) -> str:
    """The description with the examples behind it, one quoted line each; without examples the description itself."""
    lines = [f'- "{" ".join(example.split())}"' for example in examples if example.strip()]
    if not lines:
        return description
    return "\n".join([description.rstrip(), "", HEADING, *lines]).lstrip("\n")


def with_filler(description: str, lines: Sequence[str], *, exact: bool) -> str:
    """The description with what is to be said before the tool is called; no lines: anything short."""
    quoted = " or ".join(f'"{" ".join(line.split())}"' for line in lines)
    told = f"{'exactly ' if exact else ''}{quoted}" if quoted else "briefly that you are looking into it"
    return f"{description.rstrip()}\n{_FILLER_BEGINS} {told}. Then call it at once."


def announced(description: str) -> str:
    """The description of a handoff that the caller must hear of first."""
    return f"{description.rstrip()}\n{_ANNOUNCED}"


def split_filler(text: str) -> tuple[str, str | None]:
    """The description of `with_filler` or `announced`, and a line to say before the call; None: no word is needed."""
    for line in text.splitlines():
        if line.startswith(_FILLER_BEGINS):
            quoted = _QUOTED.search(line)
            return text.replace(line, "").strip(), quoted[1] if quoted else _ANY_FILLER
        if line == _ANNOUNCED:
            return text.replace(line, "").strip(), _ANY_ANNOUNCEMENT
    return text, None


def split_description(text: str) -> tuple[str, tuple[str, ...]]:
    """The description and the examples of `described`; whatever else stands in the text belongs to the description.

    Quotes around an example are optional, and text after the last example is kept with the description.
    """
    heading = _HEADING.search(text)
    if heading is None:
        return text.strip(), ()
    examples: list[str] = []
    rest: list[str] = []
    for line in text[heading.end() :].splitlines():
        example = _EXAMPLE.match(line)
        if example and not rest:
            examples.append(_unquoted(example["text"]))
        elif line.strip():
            rest.append(line)
    description = "\n".join([text[: heading.start()].strip(), *rest]).strip()
    return description, tuple(example for example in examples if example)


def _unquoted(text: str) -> str:
    closing = _QUOTES.get(text[0])
    return text[1:-1].strip() if closing and len(text) > 1 and text.endswith(closing) else text
