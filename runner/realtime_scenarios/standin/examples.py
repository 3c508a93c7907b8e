"""What a function's description says beside what it does: examples of what callers say, and words before the call."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^[ \t]*(?:callers?|customers?|users?|people) (?:may|might|can|could) say:?[ \t]*$", re.I | re.M)
_EXAMPLE = re.compile(r"^[ \t]*[-*•][ \t]+(?P<text>.*\S)[ \t]*$")
_FILLER_BEGINS = "Before you call it, say"
_ANNOUNCED = "Tell the caller before you call it."
_QUOTED = re.compile(r'"([^"]+)"')
_ANY_FILLER = "One moment, please."
_ANY_ANNOUNCEMENT = "I will connect you now."
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}


def split_filler(text: str) -> tuple[str, str | None]:
    """The rest of a description, and a line to say before the call; None: no word is needed."""
    for line in text.splitlines():
        if line.startswith(_FILLER_BEGINS):
            quoted = _QUOTED.search(line)
            return text.replace(line, "").strip(), quoted[1] if quoted else _ANY_FILLER
        if line == _ANNOUNCED:
            return text.replace(line, "").strip(), _ANY_ANNOUNCEMENT
    return text, None


def split_description(text: str) -> tuple[str, tuple[str, ...]]:
    """The description and the examples below it; whatever else stands in the text belongs to the description.

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
