"""Paths that somebody typed to what is there, whatever they typed.

Before Python 3.14, `pathlib` raises `OSError` for a name that is too long for the file system, and for a folder that
may not be looked into: but then there is no such file, as far as an author is concerned.
"""

from __future__ import annotations

from pathlib import Path


def is_file(path: Path) -> bool:
    """Whether there is a file that can be reached by this path."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder that can be reached by this path."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Whether anything can be reached by this path."""
    try:
        return path.exists()
    except OSError:
        return False
