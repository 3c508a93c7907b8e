"""Texts to files, each of which is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from realtime_scenarios.core.errors import ScenarioError, UsageError


def write_whole(path: Path, text: str) -> None:
    """Put a file with this text, as UTF-8, in the place of the one that is there; its mode and links to it are kept.

    What is no regular file is written to, and so is one in whose folder nothing new can be.

    Raises:
        OSError: it cannot be written; then what was there is still there, where that was possible.
    """
    data = text.encode("utf-8")
    place = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():  # a pipe, also that of /dev/stdout, which has no place; a terminal
        path.write_bytes(data)
        return
    beside = place.with_name(f".{place.name[:100]}.{os.getpid()}.tmp")
    try:
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
    except PermissionError:
        path.write_bytes(data)
        return
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(data)
        if place.exists():
            beside.chmod(place.stat().st_mode & 0o7777)
        beside.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def refuse_existing(paths: Iterable[Path], hint: str) -> None:
    """Go on only where none of the files is there yet.

    Raises:
        UsageError: one exists already; `hint` says what to do then.
        ScenarioError: no file can have that name.
    """
    for path in paths:
        try:
            exists = path.exists()
        except OSError as problem:
            raise ScenarioError(f"'{path.name[:40]}…' cannot be written: {problem.strerror}") from problem
        if exists:
            raise UsageError(f"'{path}' exists already", hint=hint)


def refuse_unwritable(paths: Iterable[Path]) -> None:
    """Go on only where a file can be written at each of the paths, as far as that can be known without writing one.

    Raises:
        ScenarioError: a folder is in its place, a file above it, or the system does not let it be written.
    """
    for path in paths:
        try:
            problem = _why_unwritable(path)
        except (OSError, ValueError) as raised:
            problem = getattr(raised, "errno", None) or errno.EINVAL
        if problem is not None:
            raise ScenarioError(f"'{path}' cannot be written: {os.strerror(problem)}")


def _why_unwritable(path: Path) -> int | None:
    """The number of the error that writing the file would end in; None: none that can be known before."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = 0
    if stat.S_ISDIR(mode):
        return errno.EISDIR
    if mode and os.access(path, os.W_OK):
        return None
    above = path.resolve().parent
    while not above.exists():
        above = above.parent
    if not above.is_dir():
        return errno.ENOTDIR
    return None if os.access(above, os.W_OK | os.X_OK) else errno.EACCES


def write_file(path: Path, text: str) -> None:
    """Write `text` as UTF-8, as a whole or not at all, making the folders above it.

    Raises:
        ScenarioError: it cannot be written.
    """
    try:
        Path(os.path.realpath(path)).parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as problem:
        raise ScenarioError(f"'{path}' cannot be written: {problem.strerror}") from problem
