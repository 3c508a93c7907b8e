"""Diagnostics as people and machines read them: text with the source line, JSON, GitHub annotations, SARIF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.core import Diagnostic, Related, Span, counted

if TYPE_CHECKING:
    from realtime_scenarios.core.snippets import Paint

FORMATS = ("text", "json", "github", "sarif")


def echo_diagnostics(
    diagnostics: Sequence[Diagnostic], *, form: str = "text", color: str = "auto", files: int = 0
) -> None:
    """Print the diagnostics. `files` is how many files were looked at, for the last line; 0: those with mistakes."""
    match form:
        case "text":
            for line in text_lines(diagnostics, painter(color)):
                echo(line)
            echo(summary(diagnostics, files or len({diagnostic.span.file for diagnostic in diagnostics})))
        case "json":
            echo(as_json(diagnostics))
        case "github":
            for diagnostic in diagnostics:
                echo(as_annotation(diagnostic))
        case "sarif":
            echo(as_sarif(diagnostics))
        case _:
            raise AssertionError(form)


def text_lines(diagnostics: Sequence[Diagnostic], paint: Paint) -> Iterator[str]:
    """`file:line:column: CODE name: message`, the source line with a caret, related places, the hint."""
    sources: dict[str, list[str]] = {}
    for diagnostic in diagnostics:
        tone = "bad" if diagnostic.severity == "error" else "ask"
        title = paint(f"{diagnostic.code} {diagnostic.name}", tone)
        yield f"{paint(str(diagnostic.span), 'bold')}: {title}: {diagnostic.message}"
        yield from _excerpt_lines(diagnostic, sources, tone, paint)
        for related in diagnostic.related:
            yield f"{related.span}: note: {related.message}"
            yield from _excerpt_lines(related, sources, "quiet", paint)
        if diagnostic.hint:
            yield f"hint: {diagnostic.hint}"
        yield ""


def summary(diagnostics: Sequence[Diagnostic], files: int) -> str:
    """`2 errors, 1 warning in 1 file`."""
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    counts = [counted(errors, "error")] if errors else []
    if len(diagnostics) > errors:
        counts.append(counted(len(diagnostics) - errors, "warning"))
    return f"{', '.join(counts) or 'nothing wrong'} in {counted(files, 'file')}"


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    import json

    return json.dumps([_json_object(diagnostic) for diagnostic in diagnostics], indent=2, ensure_ascii=False)


def as_annotation(diagnostic: Diagnostic) -> str:
    """A workflow command of GitHub Actions."""
    from realtime_scenarios.core.workflow import annotation

    text = diagnostic.message + (f" ({diagnostic.hint})" if diagnostic.hint else "")
    return annotation(diagnostic.severity, diagnostic.span, f"{diagnostic.code} {diagnostic.name}", text)


def as_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """A SARIF 2.1.0 log with one run."""
    import json

    rules = {diagnostic.code: {"id": diagnostic.code, "name": diagnostic.name} for diagnostic in diagnostics}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "scenario", "rules": list(rules.values())}},
                "results": [
                    {
                        "ruleId": diagnostic.code,
                        "level": diagnostic.severity,
                        "message": {
                            "text": diagnostic.message + (f"\nhint: {diagnostic.hint}" if diagnostic.hint else "")
                        },
                        "locations": [{"physicalLocation": _sarif_location(diagnostic.span)}],
                        "relatedLocations": [
                            {"physicalLocation": _sarif_location(related.span), "message": {"text": related.message}}
                            for related in diagnostic.related
                        ],
                    }
                    for diagnostic in diagnostics
                ],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False)


def _excerpt_lines(told: Diagnostic | Related, sources: dict[str, list[str]], tone: str, paint: Paint) -> Iterator[str]:
    """The line with carets under the span; nothing where the file has no such line."""
    from realtime_scenarios.core.snippets import source_lines

    span = told.span
    if span.file not in sources:
        sources[span.file] = _file_lines(span.file)
    lines = sources[span.file]
    if 0 < span.line <= len(lines):
        line = lines[span.line - 1] if told.line is None else told.line
        yield from source_lines(line, span, width=width(), tone=tone, paint=paint)


def _file_lines(file: str) -> list[str]:
    from realtime_scenarios.document.files import lines_of

    try:
        path = Path(file)
        if not path.is_file() or path.stat().st_size > 2_000_000:  # a pipe would be waited for
            return []
        return lines_of(path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff"))
    except (OSError, ValueError):
        return []


def _json_object(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "related": [
            {
                "message": related.message,
                "file": related.span.file,
                "line": related.span.line,
                "column": related.span.column,
            }
            for related in diagnostic.related
        ],
    }


def _sarif_location(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": span.file},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }
