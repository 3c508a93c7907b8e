"""Paths that authors write to the text of the files behind them, without ever leaving the folder they may live in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from msgspec import Struct

from realtime_scenarios.core import nearest, sendable
from realtime_scenarios.core.paths import is_folder

YAML_LIMIT = 2_000_000
"""Bytes; a scenario of this size has about 60,000 lines."""

TEXT_LIMIT = 1_000_000
"""Bytes of a prompt, a document or a table."""


class Unreadable(Struct, frozen=True):
    """Why there is no text: the name of a code, a message, and a place in the file where there is one (from 1)."""

    name: str
    message: str
    hint: str | None = None
    line: int = 1
    column: int = 1


_UNSAVED: ContextVar[Mapping[Path, str]] = ContextVar("unsaved")
"""Of this thread alone: somebody else may be reading what is on disk."""


@contextmanager
def unsaved(texts: Mapping[Path, str]) -> Iterator[None]:
    """Inside of the block, files are read as if these texts had been saved, by their resolved paths; one may be new."""
    token = _UNSAVED.set(texts)
    try:
        yield
    finally:
        _UNSAVED.reset(token)


def unsaved_text(path: Path) -> str | None:
    """What is in an editor in place of the file; None: what is on disk counts."""
    texts = _UNSAVED.get({})
    try:
        return texts.get(path.resolve()) if texts else None
    except (OSError, RuntimeError, ValueError):
        return None


def text_of(path: Path, shown: str, limit: int = YAML_LIMIT) -> str | Unreadable:
    """The text of a file without its byte order mark, or why it cannot be had. `shown` is what to call it."""
    if (edited := unsaved_text(path)) is not None:
        size = len(edited.encode("utf-8", "replace"))
        return edited.removeprefix("\ufeff") if size <= limit else _file_too_large(shown, size, limit)
    if sendable(shown) != shown:  # no report, journal or message between processes could name it
        hint = "rename it, or its folder; where its name is no other than that, set LC_ALL=C.UTF-8"
        return Unreadable("unreadable-file", f"'{sendable(shown)}' has a name that is not UTF-8", hint)
    try:
        if not path.exists():
            return _no_such_file(path, shown)
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no regular file"
            return Unreadable("not-a-file", f"'{shown}' is {what}", "give the path of a file")
        if (size := path.stat().st_size) > limit:
            return _file_too_large(shown, size, limit)
        data = path.read_bytes()
    except OSError as problem:
        return Unreadable("unreadable-file", f"'{shown}' cannot be read: {(problem.strerror or str(problem)).lower()}")
    except ValueError:
        return Unreadable(
            "no-such-file", f"{shown!r} cannot be the path of a file", "remove the characters that cannot be seen"
        )
    return _decoded_text(data, shown)


def lines_of(text: str) -> list[str]:
    """The lines as the YAML parser counts them: in YAML 1.1, lines end at NEL, LS and PS too."""
    return re.split("\r\n|[\n\r\x85\u2028\u2029]", text)


Shifts = Mapping[str, Mapping[int, int]]
"""By file, the lines (from 0) that are read as if they began so many columns further right, or left where negative.

A tab in front of such a line counts as one space.
"""

NO_SHIFTS: Shifts = {}


def shifted(text: str, shifts: Mapping[int, int]) -> str:
    """The text with these lines moved: by no more than they are indented."""
    if not shifts:
        return text
    lines = lines_of(text)
    for number, by in shifts.items():
        content = lines[number].lstrip(" \t")
        lines[number] = " " * (len(lines[number]) - len(content) + by) + content
    return "\n".join(lines)


def path_inside(folder: Path, base: Path, name: str) -> Path | Unreadable:
    """The path that `name` means when it stands in a file in `base`, if it stays in `folder`, links included."""
    if Path(name).is_absolute() or (len(name) > 1 and name[1] == ":") or name.startswith(("~", "\\")):
        return _outside_folder(name, "is an absolute path")
    if "\0" in name:
        return Unreadable(
            "no-such-file", f"{name!r} cannot be the path of a file", "remove the characters that cannot be seen"
        )
    path = Path(os.path.normpath(base.absolute() / name))
    if not path.is_relative_to(os.path.normpath(folder.absolute())):
        return _outside_folder(name, "leaves the scenario's folder")
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return _outside_folder(name, "is a link that leaves the scenario's folder")
    except (OSError, RuntimeError):
        return Unreadable("unreadable-file", f"'{name}' is a link that leads nowhere")
    return path


def _outside_folder(name: str, why: str) -> Unreadable:
    return Unreadable(
        "outside-folder", f"'{name}' {why}", "move the file into the folder, and give its path from there"
    )


def _no_such_file(path: Path, shown: str) -> Unreadable:
    hint = None
    folder = path.parent
    if is_folder(folder):
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())[:1000]
        if guess := nearest(path.name, names):
            hint = f"did you mean '{guess}'?"
    else:
        hint = f"there is no folder '{folder.name}' either"
    return Unreadable("no-such-file", f"there is no file '{shown}'", hint)


def _file_too_large(shown: str, size: int, limit: int) -> Unreadable:
    return Unreadable(
        "file-too-large",
        f"'{shown}' has {size / 1e6:.1f} MB; more than {limit / 1e6:g} MB is not read",
        "split it, or keep what is not needed out of it",
    )


def _decoded_text(data: bytes, shown: str) -> str | Unreadable:
    for mark, name in (
        (b"\xff\xfe\0\0", "UTF-32"),
        (b"\0\0\xfe\xff", "UTF-32"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ):
        if data.startswith(mark):
            return Unreadable("not-utf8", f"'{shown}' is {name}, not UTF-8", "save it as UTF-8 in your editor")
    if data[:200].count(0) * 3 > len(data[:200]):
        return Unreadable("not-utf8", f"'{shown}' looks like UTF-16, not UTF-8", "save it as UTF-8 in your editor")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        *lines_before, begun = lines_of(data[: problem.start].decode("utf-8").removeprefix("\ufeff"))
        line, column = len(lines_before) + 1, len(begun) + 1
        byte = f"byte 0x{data[problem.start]:02x} at line {line}, column {column}"
        return Unreadable(
            "not-utf8", f"'{shown}' is not UTF-8: {byte}", "save it as UTF-8 in your editor", line, column
        )
