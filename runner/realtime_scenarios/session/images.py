"""A picture in a file as the data URL that a model reads."""

from __future__ import annotations

import base64
from pathlib import Path

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.paths import is_file
from realtime_scenarios.core.pictures import picture_kind

LARGEST = 10_000_000
"""Bytes; the Realtime API takes no larger messages."""


def data_url(path: Path) -> str:
    """The picture as `data:image/...;base64,...`.

    Raises:
        ScenarioError: it cannot be read, is too large, or is no picture.
    """
    try:
        if not is_file(path):
            raise ScenarioError(f"'{path.name}' is no file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as problem:
        raise ScenarioError(f"'{path.name}' cannot be read: {problem.strerror}") from problem
    if len(data) > LARGEST:
        raise ScenarioError(f"'{path.name}' has more than {LARGEST:,} bytes", hint="make the picture smaller")
    kind = picture_kind(data)
    if kind is None:
        raise ScenarioError(f"'{path.name}' is no picture", hint="use PNG, JPEG, GIF or WebP")
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
