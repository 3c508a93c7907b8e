"""A dialogue to the fingerprint of all that its verdict hangs on and that we know of.

That is every text which was read for the scenario and for the dialogue, as it was read, the pictures that are shown,
the lines that are recorded, the programs that the scenario brings, this program, and the packages that are installed,
plug-ins and the SDK among them, by their versions. What any of these open by themselves is not in it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from realtime_scenarios.document import Document
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.code import programs_of
from realtime_scenarios.project.loader import Project


class Fingerprints:
    """Those of one moment: what is shared by dialogues is looked at once.

    Files are told apart by their way from `folder`, None: the current one; the same in another folder is the same.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or Path.cwd()).resolve()
        self._of_scenarios: dict[int, bytes] = {}
        self._of_documents: dict[int, bytes] = {}
        self._projects: list[Project] = []  # so that no id is used again

    def of(self, case: Case) -> str:
        """Equal for two readings of a dialogue whose files were the same."""
        document = case.dialogue.place.document
        assert isinstance(document, Document)
        shown = [file for turn in case.dialogue.turns for file in (turn.image, turn.audio) if file is not None]
        parts = [
            self._of_scenario(case.project),
            self._of_document(document),
            case.dialogue.id.encode(),
            *map(_content, shown),
        ]
        return _digest(parts).hex()[:24]

    def _of_scenario(self, project: Project) -> bytes:
        key = id(project)
        if key not in self._of_scenarios:
            self._projects.append(project)
            self._of_scenarios[key] = _digest(self._parts_of(project))
        return self._of_scenarios[key]

    def _parts_of(self, project: Project) -> Iterator[bytes]:
        yield _program()
        if project.document is not None:
            yield self._of_document(project.document)
        if project.built is not None:
            for program in programs_of(project.built):
                yield from (self._name(program).encode(), _content(program))

    def _of_document(self, document: Document) -> bytes:
        key = id(document)
        if key not in self._of_documents:
            texts = {self._name(Path(name)): text for name, text in document.texts.items()}
            texts |= {self._name(path): text for path, text in document.attached.items()}
            self._of_documents[key] = _digest(part.encode() for pair in sorted(texts.items()) for part in pair)
        return self._of_documents[key]

    def _name(self, path: Path) -> str:
        return os.path.relpath(Path.cwd() / path, self._folder)


@functools.cache
def _program() -> bytes:
    """This program as it is written, and the versions of Python and of all that is installed beside it."""
    package = Path(__file__).resolve().parents[1]
    own = sorted((str(file.relative_to(package)), file.stat().st_mtime_ns) for file in package.rglob("*.py"))
    return repr((own, sys.version, _installed(sys.path))).encode()


def _installed(folders: Sequence[str]) -> list[str]:
    """The packages in the folders: what describes one is named after it and its version."""
    found = [name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)]  # noqa: PTH112, PTH208
    return sorted(name for name in found if name.endswith((".dist-info", ".egg-info")))


def _digest(parts: Iterator[bytes] | list[bytes]) -> bytes:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def _content(path: Path) -> bytes:
    """What is in a file; nothing where it cannot be read, as if it were not there."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
