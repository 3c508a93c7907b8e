"""Files that commands write."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core.writing import write_file

if TYPE_CHECKING:
    from realtime_scenarios.document.schema import SchemaName

SCHEMAS: tuple[SchemaName, ...] = ("scenario", "dialogue", "brief")


def refuse_one_file_for_two(options: Mapping[str, Path | None]) -> None:
    """Go on only where no two options that write name the same file; None: the option names none.

    Raises:
        click.UsageError: two do, and one would take the other's place.
    """
    named: dict[str, str] = {}
    for option, path in options.items():
        if path is None:
            continue
        first = named.setdefault(os.path.realpath(path), option)
        if first != option:
            raise click.UsageError(f"{first} and {option} name the same file: '{path}'")


def write_scenario(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write a scenario with its dialogues (texts by path below the folder) and the schemas; the first file's path."""
    for name, text in texts.items():
        write_file(folder / name, text)
        echo(f"wrote {folder / name}")
    for path in written_schemas(folder / "schemas", ("scenario", "dialogue")):
        echo(f"wrote {path}")
    return folder / next(iter(texts))


def written_schemas(folder: Path, kinds: Sequence[SchemaName] = SCHEMAS) -> list[Path]:
    """Write the schemas of these kinds of files, with what plug-ins add, into a folder; the paths they have.

    Raises:
        ScenarioError: they cannot be written.
    """
    from realtime_scenarios.document.editor import editor_text
    from realtime_scenarios.project import load_plugins

    load_plugins()
    paths = []
    for kind in kinds:
        path = folder / f"{kind}.schema.json"
        write_file(path, editor_text(kind))
        paths.append(path)
    return paths
