"""A file to its document and all that is wrong with it as YAML and by its schema, causes alone."""

from __future__ import annotations

from pathlib import Path

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.document.check import check, is_valid
from realtime_scenarios.document.reader import Document, read
from realtime_scenarios.document.schema import SchemaName


def read_checked(path: Path, name: SchemaName, *, shown_as: str) -> tuple[Document | None, list[Diagnostic]]:
    """The document in a file, and what is wrong with it. `shown_as` is what messages call it.

    Where lines have slipped, that is told, and the document is the one that was meant.
    """
    document, found = read(path, shown_as=shown_as)
    if document is not None and not found and is_valid(document, name):
        return document, []
    from realtime_scenarios.document.indentation import slips_in  # only a mistake needs it

    slips = slips_in(path, shown_as, name)
    if slips.shifts:
        document, found = read(path, shown_as=shown_as, shifts=slips.shifts)
    told = [*slips.diagnostics, *found]
    return document, told if document is None else [*told, *check(document, name)]
