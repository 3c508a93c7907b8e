"""`scenario schema`: the JSON Schemas of scenarios, dialogues and briefs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.files import SCHEMAS, written_schemas
from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError, resource_folder

if TYPE_CHECKING:
    from realtime_scenarios.document.schema import SchemaName

KINDS = f"[{'|'.join(SCHEMAS)}]"
"""Written out, because click words an optional choice differently before 8.5."""


@click.command("schema")
@click.argument("kind", type=click.Choice(SCHEMAS), default="scenario", required=False, metavar=KINDS)
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), help="Write all of them into this folder.")
@click.option("--editor", is_flag=True, help="Print the line that tells editors where the schema is.")
def schema(kind: SchemaName, write: Path | None, editor: bool) -> None:
    """Print the JSON Schema of scenario files (or of dialogue files, or of briefs), or write them all.

    Editors with a YAML language server complete and check a file that begins with the line that --editor prints. What
    plug-ins add is in what is printed and written; where there are any, --editor goes with --write.
    """
    from realtime_scenarios.document.editor import editor_text
    from realtime_scenarios.project import load_plugins

    plugins = load_plugins()
    if write is not None:
        for path in written_schemas(write):
            echo(f"wrote {path}")
        if editor:
            echo(editor_line((write / f"{kind}.schema.json").as_posix()))
    elif editor and plugins:
        raise UsageError("the schema that is installed knows nothing of plug-ins", hint="add --write schemas")
    elif editor:
        echo(editor_line((resource_folder("schemas") / f"{kind}.schema.json").as_posix()))
    else:
        echo(editor_text(kind), nl=False)


def editor_line(where: str) -> str:
    """The comment that editors look for."""
    return f"# yaml-language-server: $schema={where}"
