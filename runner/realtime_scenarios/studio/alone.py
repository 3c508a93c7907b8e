"""What an HTML file that opens from disk is made of: its head with a policy, and styles with their pictures inside."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PAGE = Path(__file__).with_name("page")

_URL = re.compile(r"url\(\"(?P<name>[\w.-]+\.svg)\"\)")


@cache
def style_of(names: tuple[str, ...]) -> str:
    """Styles of the studio's page one behind the other; the pictures that they name are in them."""
    return _URL.sub(_as_data, "\n".join((PAGE / name).read_text(encoding="utf-8") for name in names))


def policy_of(style: str, *others: str) -> str:
    """What the file may do: have this style, show what is in it, and `others`; it may ask nobody for anything."""
    parts = (
        "default-src 'none'",
        f"style-src '{hash_of(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join((*parts, *others))


def hash_of(text: str) -> str:
    """What a browser holds a script or a style against: of what stands in the file, with its line ends as they are."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def head_of(policy: str, title: str, style: str) -> Iterator[str]:
    """All up to the body. `title` is HTML."""
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
    yield f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"


def _as_data(found: re.Match[str]) -> str:
    return f'url("{svg_as_data((PAGE / found["name"]).read_text(encoding="utf-8"))}")'


def svg_as_data(svg: str) -> str:
    """A picture as an address that holds it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
