"""Texts to files, each of which is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
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
    place = path.resolve()
    if place.exists() and not place.is_file():  # a pipe, a terminal, /dev/null
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


def write_file(path: Path, text: str) -> None:
    """Write `text` as UTF-8, as a whole or not at all, making the folders above it.

    Raises:
        ScenarioError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as problem:
        raise ScenarioError(f"'{path}' cannot be written: {problem.strerror}") from problem
