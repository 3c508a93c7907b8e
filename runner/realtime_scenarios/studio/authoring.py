"""A file as it stands in the editor to the findings about its whole scenario, as if it had been saved."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from realtime_scenarios.core import Diagnostic, Span
from realtime_scenarios.document.files import unsaved
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load


def findings_of_buffer(scenario: Path, file: Path, text: str, *, proofs: bool = False) -> list[Diagnostic]:
    """All findings about the scenario at that path and its dialogues, with `text` in place of what is in `file`.

    Without `proofs` what takes a search through all conversations is left out: that is for a file that was saved.
    Nothing of the author's is run.
    """
    with unsaved({file.resolve(): text}):
        return findings(load(scenario), warnings=True, proofs=proofs, as_of=date.today())


def path_in(folder: Path, shown: str) -> str | None:
    """The name from the scenario's folder of a file that messages call `shown`; None: it is not inside."""
    path = Path(os.path.normpath(Path.cwd() / shown))
    for base in (folder, folder.resolve()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return None


def place_data(span: Span, folder: Path) -> dict[str, Any]:
    """A place as the page knows it: `path` is a name from the scenario's folder, null where it is outside."""
    return {
        "file": span.file,
        "path": path_in(folder, span.file),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def finding_data(found: Diagnostic, folder: Path) -> dict[str, Any]:
    """A finding as the page knows it."""
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity,
        "message": found.message,
        "hint": found.hint,
        **place_data(found.span, folder),
        "related": [{"message": other.message, **place_data(other.span, folder)} for other in found.related],
    }


def findings_data(found: Iterable[Diagnostic], folder: Path) -> list[dict[str, Any]]:
    return [finding_data(each, folder) for each in found]


class Linter:
    """Lints one buffer after the other, beside the loop; of those that wait for one file, only the newest."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._newest: dict[Path, int] = {}
        self._asked = 0

    async def findings(self, scenario: Path, file: Path, text: str) -> list[Diagnostic] | None:
        """The findings of `findings_of_buffer`; None: the file was asked about again meanwhile."""
        self._asked += 1
        mine = self._newest[file] = self._asked
        async with self._turn:
            if self._newest[file] != mine:
                return None
            return await asyncio.to_thread(findings_of_buffer, scenario, file, text)
