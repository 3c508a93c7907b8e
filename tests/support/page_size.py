"""How much of the studio's page is loaded before a view is."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

_IMPORT = re.compile(r"^(?:import|\}) .*?from '(\.[^']+)'", re.MULTILINE)


def shell_files(page: Path, entry: str = "app.js") -> Iterator[Path]:
    """The modules that `app.js` imports, and theirs, but for those that are imported when they are first shown."""
    wanted, found = [page / entry], set[Path]()
    while wanted:
        file = wanted.pop()
        if file not in found:
            found.add(file)
            yield file
            wanted += [(file.parent / name).resolve() for name in _IMPORT.findall(file.read_text(encoding="utf-8"))]


def shell_kilobytes(page: Path) -> float:
    """All of them, each compressed by itself, as it is sent."""
    return sum(len(gzip.compress(file.read_bytes())) for file in shell_files(page)) / 1000
