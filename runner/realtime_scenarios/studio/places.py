"""A place in the files of a scenario to what the page is told of it: the file within the folder, line, column."""

from __future__ import annotations

import os
from pathlib import Path

from realtime_scenarios.core import Span
from realtime_scenarios.document import Place

ShownPlace = tuple[str, int, int]
"""A file as it is seen from the scenario's folder, and a line and a column, both from 1."""


def shown_place(place: Place | None) -> ShownPlace | None:
    """Where a thing is written; None: nowhere."""
    return None if place is None else shown_span(place.span, place)


def shown_span(span: Span, place: Place) -> ShownPlace:
    """Where a stretch of text is; `place` is anything of the same scenario."""
    folder = Path(place.document.file).parent
    return Path(os.path.relpath(span.file, folder)).as_posix(), span.line, span.column
