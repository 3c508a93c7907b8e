"""The models that scenarios name as a table or JSON, and their names changed where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from realtime_scenarios.cli.checking import wanted_projects
from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import ScenarioError, Span
from realtime_scenarios.project.models import models_of
from realtime_scenarios.project.named_models import NamedModel, named_models

_LINE_END = re.compile("(\r\n|[\n\r\x85\u2028\u2029])")
"""Where YAML's lines end, as `document.files.lines_of` has them."""

_WHERE = 22
"""Columns for the place of a name."""


def report(paths: Sequence[str], day: date, form: str) -> int:
    """Print what is named; the exit code."""
    listed = _models_named_at(paths)
    if form == "json":
        import json

        echo(json.dumps([_as_data(named, day) for named in listed], indent=2, ensure_ascii=False))
    else:
        for line in _table(listed, day):
            echo(line)
    return 1 if any(_is_unusable(named, day) for named in listed) else 0


def changed(paths: Sequence[str], day: date) -> int:
    """Write the names of what follows over those that are gone or about to end, and say so; the exit code."""
    left = False
    for file, names in _by_file(_models_named_at(paths)).items():
        text = before = _text_of(Path(file))
        edits = {named.place.span: (named.name, new) for named in names if (new := _new_name(named, day))}
        for span, (old, new) in sorted(edits.items(), reverse=True):  # from the end on: no place before it moves
            written = _with_name(text, span, old, new)
            if written is None:
                echo(f"{span}: '{old}' cannot be changed here: write '{new}' by hand", err=True)
                left = True
                continue
            text = written
            echo(f"{span}: {old} -> {new}")
        for named in names:
            if _is_gone(named, day) and _new_name(named, day) is None:
                echo(f"{named.place.span}: nothing is known to follow '{named.name}'", err=True)
                left = True
        if text != before:
            _write(Path(file), text)
            echo(f"wrote {file}")
    return 1 if left else 0


def _models_named_at(paths: Sequence[str]) -> list[NamedModel]:
    """What the scenarios name, each place once, in reading order."""
    scenarios = [project.sketch for project in wanted_projects(paths) if project.sketch is not None]
    places: dict[Span, NamedModel] = {}
    for named in (named for scenario in scenarios for named in named_models(scenario)):
        places.setdefault(named.place.span, named)  # an alias leads to a place that has been seen already
    return [places[span] for span in sorted(places)]


def _by_file(listed: Iterable[NamedModel]) -> dict[str, list[NamedModel]]:
    files: dict[str, list[NamedModel]] = {}
    for named in listed:
        files.setdefault(named.place.span.file, []).append(named)
    return files


def _table(listed: Sequence[NamedModel], day: date) -> Iterator[str]:
    if not listed:
        yield "no model is named here: roles stand for all of them"
    for file, names in _by_file(listed).items():
        yield file
        shown = [(named, _shown_name(named, day)) for named in names]
        widest = max(len(text) for _, text in shown)
        for named, text in shown:
            line = f"{named.place.span.line:5}  {_shortened(_where(named), _WHERE):{_WHERE}}  {text:{widest}}"
            yield f"{line}  {_until(named, day)}"
            if advice := _advice(named, day):
                yield f"{'':{_WHERE + 9}}{advice}"
        yield ""


def _where(named: NamedModel) -> str:
    """The keys that lead to the name; the last one of them is `model` and says nothing, mostly."""
    keys = [str(step) for step in named.place.pointer]
    return ".".join(keys[:-1] if keys[-1] == "model" and len(keys) > 2 else keys)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _shown_name(named: NamedModel, day: date) -> str:
    return f"{named.name}: {named.resolved(day)}" if named.is_role else named.name


def _until(named: NamedModel, day: date) -> str:
    shutdown = _shutdown(named, day)
    if shutdown is not None:
        return str(shutdown)
    return "no end" if named.meant(day).life is not None else "unknown"


def _advice(named: NamedModel, day: date) -> str | None:
    """What is to be done about the name, None: nothing."""
    if named.is_misplaced:
        return f"cannot be used here: change it to {_new_name(named, day)}"
    if named.is_role:
        rest = models_of(named.role, named.provider or "openai", day)[1:] if _shutdown(named, day) else ()
        return f"then {', '.join(rest)}" if rest else None
    new = _new_name(named, day)
    if _is_gone(named, day):
        return f"gone: change it to {new}" if new else "gone, and nothing is known to follow it"
    return f"change it to {new}" if new else None


def _new_name(named: NamedModel, day: date) -> str | None:
    """What to write instead of a name that is gone, ends soon or is misplaced; None: nothing else."""
    life = named.life
    if not named.is_misplaced and (life is None or not (life.is_over(day) or life.is_ending(day))):
        return None
    successor = named.successor(day)
    if successor is None:
        return None
    return successor.role or successor.model if named.is_misplaced else successor.written


def _is_unusable(named: NamedModel, day: date) -> bool:
    """Whether a session that asks for it here fails: it is gone, or of another kind."""
    return named.is_misplaced or _is_gone(named, day)


def _is_gone(named: NamedModel, day: date) -> bool:
    return named.life is not None and named.life.is_over(day)


def _shutdown(named: NamedModel, day: date) -> date | None:
    life = named.meant(day).life
    return life.shutdown if life is not None else None


def _as_data(named: NamedModel, day: date) -> dict[str, Any]:
    span, shutdown = named.place.span, _shutdown(named, day)
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "where": ".".join(map(str, named.place.pointer)),
        "name": named.name,
        "role": named.name if named.is_role else None,
        "model": named.resolved(day),
        "provider": named.provider,
        "until": str(shutdown) if shutdown is not None else None,
        "gone": _is_gone(named, day),
        "change_to": _new_name(named, day),
    }


def _with_name(text: str, span: Span, old: str, new: str) -> str | None:
    """The text with the name at `span` exchanged; None where it does not stand there as it is, in one line."""
    parts = _LINE_END.split(text)  # lines and their ends take turns
    at = 2 * (span.line - 1)
    if span.end_line != span.line or at >= len(parts):
        return None
    mark = 1 if span.line == 1 and text.startswith("\ufeff") else 0  # columns do not count it
    line, start, end = parts[at], span.column - 1 + mark, span.end_column - 1 + mark
    before, found, after = line[start:end].rpartition(old)  # an anchor may stand before it
    if not found:
        return None
    parts[at] = f"{line[:start]}{before}{new}{after}{line[end:]}"
    return "".join(parts)


def _text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _write(path: Path, text: str) -> None:
    """Write the bytes as they are: line ends and a byte order mark stay."""
    try:
        path.write_bytes(text.encode("utf-8"))
    except OSError as problem:
        raise ScenarioError(f"'{path}' cannot be written: {problem.strerror}") from problem
