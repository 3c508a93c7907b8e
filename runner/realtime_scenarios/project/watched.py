"""Folders to what stands in them at a moment, so that two moments tell which files were saved in between.

They are looked at again and again, and the system is not asked to tell: a scenario's folder is a few dozen files, which
takes less than a millisecond, works the same everywhere, and sees what editors do that write a file anew and rename it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_FOREIGN = frozenset(("node_modules", "__pycache__"))


Stamp = tuple[int, int, int]
"""What is another when a file was saved: when it was changed, its size, and which file it is for the system."""

Moment = Mapping[str, Stamp]
"""The files at a moment, by their paths."""


def moment_of(folders: Iterable[Path]) -> Moment:
    """The files in these folders and below them, without what is hidden, installed or compiled."""
    return {path: stamp for folder in folders for path, stamp in _stamps_in(str(folder))}


def saved_between(before: Moment, after: Moment) -> frozenset[Path]:
    """The files that are new, gone or otherwise."""
    return frozenset(Path(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def _stamps_in(folder: str) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # it is gone, or closed to us
    if any(entry.name == "pyvenv.cfg" for entry in entries):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _FOREIGN:
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _stamps_in(entry.path)
            else:
                found = entry.stat()
                yield entry.path, (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            continue
