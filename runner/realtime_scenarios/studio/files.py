"""The files of a scenario's folder, read and written for the page: never outside of it, never over what has changed.

Why so strict: whoever gets into the page could otherwise read and write whatever the person can
(docs/decisions/0032-studio.md).
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from realtime_scenarios.core.writing import write_whole
from realtime_scenarios.document.files import Unreadable, path_inside
from realtime_scenarios.studio.line_ends import plain, with_ends_of
from realtime_scenarios.studio.refusals import Refusal, brief

LARGEST = 1_000_000
"""Bytes of a file that is opened or saved."""

SUFFIXES = (".yaml", ".yml", ".md", ".txt", ".json")

_MOST_LISTED = 2_000
_LONGEST_NAME, _LONGEST_PART = 1_000, 200
"""Of a path and each of its parts: so much fits on every system, with the suffix that it has while it is written."""

_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\..*)?\Z", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\\]")
"""Characters that no file's name has on every system: of control, and what Windows keeps for itself."""


class OpenedFile(Struct, frozen=True):
    """The text of a file with plain line ends, and the tag by which a change is noticed."""

    name: str
    text: str
    etag: str


class ScenarioFolder:
    """The files in one folder. Names are paths from there, with `/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._writing = threading.Lock()

    def names(self) -> list[str]:
        """What can be opened, in order: no more than 2,000."""
        found: list[str] = []
        for name in self._walked():
            found.append(name)
            if len(found) >= _MOST_LISTED:
                break
        return sorted(found, key=lambda name: (name.count("/") > 0, name))

    def opened(self, name: str) -> OpenedFile:
        """The file as it is now.

        Raises:
            Refusal: it may not be opened (403), is not there (404), is too large (413), or no text (415).
        """
        path = self.path_of(name)
        data = _bytes_of(path, name)
        return OpenedFile(name, plain(_text_of(data, name)), etag_of(data))

    def saved(self, name: str, text: str, if_match: str | None, *, new: bool = False) -> OpenedFile:
        """Write the file in one piece, if it is still the one that `if_match` tells of; `new`: if there is none.

        Lines that were not changed keep their ends, and the file its mode.

        Raises:
            Refusal: as for `opened`; 412 with both texts where it has changed since, 428 where nothing tells which one
                is meant, 507 where it cannot be written.
        """
        path = self.path_of(name)
        if not new and not if_match:
            raise Refusal(428, f"'{name}' is saved only over what was opened", "send its tag as If-Match")
        with self._writing:
            if new:
                if os.path.lexists(path):
                    raise Refusal(409, f"there is a file '{name}' already", "choose another name")
                _refuse_no_folder(path, name)
                written = text
            else:
                data = _bytes_of(path, name)
                present = _text_of(data, name)
                if etag_of(data) != if_match:
                    message = f"'{name}' was changed by somebody else since it was opened"
                    hint = "compare both, then save again"
                    raise Refusal(412, message, hint, theirs=plain(present), yours=plain(text), etag=etag_of(data))
                written = with_ends_of(present, text)
            encoded = _encoded(written, name)
            try:
                write_whole(path, written)
            except OSError as problem:
                message = f"'{name}' cannot be written: {(problem.strerror or str(problem)).lower()}"
                raise Refusal(507, message) from problem
        return OpenedFile(name, plain(text), etag_of(encoded))

    def path_of(self, name: str) -> Path:
        """The path that a name means, links followed.

        Raises:
            Refusal: it leads out of the folder, or to something that is never opened.
        """
        parts = name.split("/")
        if len(name.encode("utf-8", "replace")) > _LONGEST_NAME or max(map(len, parts)) > _LONGEST_PART:
            raise Refusal(403, f"{brief(name)!r} is too long for the name of a file", "name it shorter")
        if not name or name.startswith("/") or _UNFIT.search(name) or any(part in ("", ".", "..") for part in parts):
            raise Refusal(403, f"{name!r} is no file of this scenario", "name it from the scenario's folder")
        if any(part.startswith(".") or _DEVICES.match(part) or part != part.rstrip(" .") for part in parts):
            raise Refusal(403, f"'{name}' is never opened here", "hidden files and devices stay closed")
        _refuse_suffix(name)
        path = path_inside(self.folder, self.folder, name)
        if isinstance(path, Unreadable):
            raise Refusal(403, path.message, path.hint)
        resolved = path.resolve()
        inside = resolved.relative_to(self.folder)
        if any(part.startswith(".") for part in inside.parts):
            raise Refusal(403, f"'{name}' is a link to what is never opened here")
        _refuse_suffix(inside.as_posix())
        return resolved

    def _walked(self) -> Iterator[str]:
        for folder, inner, files in os.walk(self.folder):
            inner[:] = sorted(part for part in inner if not part.startswith(".") and part != "__pycache__")
            base = Path(folder).relative_to(self.folder)
            for file in sorted(files):
                name = (PurePosixPath(base.as_posix()) / file).as_posix()
                try:
                    path = self.path_of(name)
                    if path.is_file() and path.stat().st_size <= LARGEST:
                        yield name
                except (Refusal, OSError):
                    continue


def etag_of(data: bytes) -> str:
    """The tag of a file's content, as HTTP writes it."""
    return f'"{hashlib.sha256(data).hexdigest()}"'


def _refuse_suffix(name: str) -> None:
    if not name.lower().endswith(SUFFIXES):
        raise Refusal(403, f"'{name}' is no text of a scenario", f"open a file that ends in {', '.join(SUFFIXES)}")


def _refuse_no_folder(path: Path, name: str) -> None:
    if not path.parent.is_dir():
        raise Refusal(404, f"there is no folder for '{name}'", "make it first")


def _bytes_of(path: Path, name: str) -> bytes:
    try:
        if not path.exists():
            raise Refusal(404, f"there is no file '{name}'")
        if not path.is_file():
            raise Refusal(403, f"'{name}' is no regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as problem:
        raise Refusal(403, f"'{name}' cannot be read: {(problem.strerror or str(problem)).lower()}") from problem
    if len(data) > LARGEST:
        raise Refusal(413, f"'{name}' has more than {LARGEST / 1e6:g} MB", "split it, or edit it elsewhere")
    return data


def _text_of(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Refusal(415, f"'{name}' is not UTF-8", "save it as UTF-8 in another editor first") from problem
    if "\0" in text:
        raise Refusal(415, f"'{name}' is no text")
    return text


def _encoded(text: str, name: str) -> bytes:
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Refusal(415, f"'{name}' would hold half a character", "take it out") from problem
    if len(data) > LARGEST:
        raise Refusal(413, f"'{name}' would have more than {LARGEST / 1e6:g} MB", "split it")
    return data
