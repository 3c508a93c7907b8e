"""What a page asks for over HTTP, as data: the object in a body, and the numbers and texts in it."""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request

from realtime_scenarios.studio.files import LARGEST
from realtime_scenarios.studio.refusals import Refusal

_LONGEST_BODY = 4 * LARGEST
"""Bytes: a file as JSON writes it, with room to spare."""

_MOST_DIGITS = 15
_BAD = http.HTTPStatus.BAD_REQUEST


async def object_in(request: Request, longest: int = _LONGEST_BODY) -> Mapping[str, Any]:
    """The object in the body of a request.

    Raises:
        Refusal: 400, there is none; 413, it is too long.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > longest:
            raise Refusal(413, f"a request may have {longest:,} bytes", "send less at once")
    try:
        data = orjson.loads(bytes(body))
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refusal(
            _BAD, "the body must be an object in JSON", "numbers in it are finite, and no text holds half a character"
        )
    return data


def text_at(asked: Mapping[str, Any], name: str, longest: int = LARGEST) -> str:
    """The text that must stand there.

    Raises:
        Refusal: 400, it is none; 413, it is too long.
    """
    text = asked.get(name)
    if not isinstance(text, str):
        raise Refusal(_BAD, f"'{name}' has to be a text")
    if len(text) > longest:
        raise Refusal(413, f"'{name}' has more than {longest:,} characters", "split it")
    return text


def number_at(asked: Mapping[str, Any], name: str) -> int:
    """The number that must stand there, from 1.

    Raises:
        Refusal: 400, it is none.
    """
    number = asked.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise Refusal(_BAD, f"'{name}' has to be a number, from 1")
    return number


def number_written(text: str) -> int | None:
    """The number that somebody has put into an address; None: it is none that is counted here."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
