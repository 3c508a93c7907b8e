"""Where a thing stands in an author's file, and what is wrong with it there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning"]


class Span(Struct, frozen=True, order=True):
    """A stretch of text in a file. Lines and columns count from 1; the end is exclusive in its column."""

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Related(Struct, frozen=True):
    """A second place that explains a diagnostic, such as the first of two equal keys. `line` as in `Diagnostic`."""

    message: str
    span: Span
    line: str | None = None


class Diagnostic(Struct, frozen=True):
    """One mistake of the author of a YAML file.

    `code` is stable (`SC203`), `name` its readable twin (`unknown-handoff-target`). `hint` is the way out, or None
    where the message already says it. `line` is the source line as it may be shown; None: as it stands in the file.
    """

    code: str
    name: str
    message: str
    span: Span
    severity: Severity = "error"
    hint: str | None = None
    related: tuple[Related, ...] = ()
    line: str | None = None

    def __str__(self) -> str:
        """One line, as editors and compilers write it."""
        return f"{self.span}: {self.code} {self.name}: {self.message}"


def in_reading_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics without repetitions, file by file and from top to bottom."""
    return sorted(dict.fromkeys(diagnostics), key=lambda found: (found.span, found.code, found.message))
