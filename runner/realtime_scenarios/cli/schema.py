"""`scenario schema`: the JSON Schemas of scenarios, dialogues and briefs."""

from __future__ import annotations

from pathlib import Path

import click

from realtime_scenarios.cli.files import SCHEMAS, written_schemas
from realtime_scenarios.core import resource_folder

KINDS = f"[{'|'.join(SCHEMAS)}]"
"""Written out, because click words an optional choice differently before 8.5."""


@click.command("schema")
@click.argument("kind", type=click.Choice(SCHEMAS), default="scenario", required=False, metavar=KINDS)
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), help="Write all of them into this folder.")
@click.option("--editor", is_flag=True, help="Print the line that tells editors where the schema is.")
def schema(kind: str, write: Path | None, editor: bool) -> None:
    """Print the JSON Schema of scenario files (or of dialogue files, or of briefs), or write them all.

    Editors with a YAML language server complete and check a file that begins with the line that --editor prints.
    """
    folder = resource_folder("schemas")
    if write is not None:
        for path in written_schemas(write):
            click.echo(f"wrote {path}")
    elif editor:
        click.echo(editor_line((folder / f"{kind}.schema.json").as_posix()))
    else:
        click.echo((folder / f"{kind}.schema.json").read_text(encoding="utf-8"), nl=False)


def editor_line(where: str) -> str:
    """The comment that editors look for."""
    return f"# yaml-language-server: $schema={where}"
