"""Files that commands write."""

from __future__ import annotations

from pathlib import Path

from runner.core import ScenarioError


def write_file(path: Path, text: str) -> None:
    """Write `text` as UTF-8, making the folders above it.

    Raises:
        ScenarioError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise ScenarioError(f"'{path}' cannot be written: {problem.strerror}") from problem
