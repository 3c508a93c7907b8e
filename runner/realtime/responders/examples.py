"""An author's examples inside a tool's description: written there for the model, read back by the offline responder."""

from __future__ import annotations

import re
from collections.abc import Sequence

HEADING = "Callers may say:"

_HEADING = re.compile(r"^[ \t]*(?:callers?|customers?|users?|people) (?:may|might|can|could) say:?[ \t]*$", re.I | re.M)
_EXAMPLE = re.compile(r"^[ \t]*[-*•][ \t]+(?P<text>.*\S)[ \t]*$")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}


def described(description: str, examples: Sequence[str]) -> str:
    """The description with the examples behind it, one quoted line each; without examples the description itself."""
    lines = [f'- "{" ".join(example.split())}"' for example in examples if example.strip()]
    if not lines:
        return description
    return "\n".join([description.rstrip(), "", HEADING, *lines]).lstrip("\n")


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
