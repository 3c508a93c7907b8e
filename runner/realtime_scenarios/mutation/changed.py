"""The lines of files that are other ones than in a revision, as Git knows them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from realtime_scenarios.core import UsageError
from realtime_scenarios.mutation.mutant import Mutant
from realtime_scenarios.mutation.subject import Subject

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")

ChangedLines = Mapping[Path, Sequence[range]]
"""By file, the lines that are not as they were, from 1."""


def changed_lines(revision: str, folder: Path) -> ChangedLines:
    """What was changed since a revision in the repository that `folder` is in; a file that is not in it is all new.

    Where lines were taken out, those beside the gap count.

    Raises:
        UsageError: Git is not there, the folder is in no repository, or there is no such revision.
    """
    top = Path(_git(["rev-parse", "--show-toplevel"], folder, "this folder is in no repository of Git").strip())
    _git(["rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"], folder, f"Git knows no revision '{revision}'")
    diff = _git(
        ["-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-renames", revision],
        top,
        f"Git cannot compare with '{revision}'",
    )
    found: dict[Path, list[range]] = {}
    file: Path | None = None
    for line in diff.splitlines():
        if line.startswith("+++ "):
            name = line.removeprefix("+++ ").rstrip("\t")
            file = top / name.removeprefix("b/") if name != "/dev/null" else None
        elif file is not None and (hunk := _HUNK.match(line)):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            found.setdefault(file, []).append(range(start, start + count) if count else range(start, start + 2))
    others = _git(["ls-files", "--others", "--exclude-standard", "-z"], top, "Git cannot list new files")
    found |= {top / name: [range(1, 1 << 31)] for name in others.split("\0") if name}
    return {path.resolve(): lines for path, lines in found.items()}


def among_changed(mutants: Iterator[Mutant], subject: Subject, lines: ChangedLines, folder: Path) -> Iterator[Mutant]:
    """Those whose change is in one of these lines. `folder` is what the names of files are seen from."""
    for mutant in mutants:
        span = mutant.change.span
        touched = range(span.line, span.end_line + 1)
        if all(edit.removed for edit in mutant.change.edits):  # all of it goes, not its key alone
            whole = subject.document.span(mutant.change.pointer)
            if whole.file == span.file:
                touched = range(span.line, max(span.end_line, whole.end_line) + 1)
        ranges = lines.get((folder / span.file).resolve(), ())
        if any(touched.start < other.stop and other.start < touched.stop for other in ranges):
            yield mutant


def _git(arguments: Sequence[str], folder: Path, problem: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace"
        )
    except OSError as missing:
        raise UsageError("there is no Git on this machine", hint="leave out --changed") from missing
    if done.returncode:
        raise UsageError(problem, hint="leave out --changed, or name another revision")
    return done.stdout
