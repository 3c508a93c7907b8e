"""Commands given in this process, the scenarios that they are often given, and what they printed before."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from click.testing import CliRunner, Result

from realtime_scenarios.cli.main import cli

SNAPSHOTS = Path(__file__).parents[1] / "cli" / "snapshots"

BROKEN = """\
scenario: broken
start: main
agents:
  main:
    instrucions: Help the caller.
    handoffs: [bilingg]
    tools: [refund]
  billing:
    instructions: "Answer questions about bills, and nothing else, whatever the caller may say or ask. {{ contxt.name }}"
tools:
  refund:
    description: Give money back.
    approval: allways
    returns: done
"""

SHOP = """\
scenario: shop
start: desk
agents:
  desk: {instructions: x, tools: [hours]}
tools:
  hours: {description: x, returns: nine to five}
dialogues:
  - {id: good, tags: [smoke], turns: [{user: Hi, agent: [{call: hours, returns: nine}, {say: Nine to five.}]}]}
  - id: bad
    turns:
      - user: When?
        agent:
          - call: hours
            returns: ten
          - say: From ten.
        expect:
          - said: eleven
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), prog_name="scenario")


def git(*arguments: str, folder: Path | None = None) -> None:
    """Give git a command, in a folder or in the current one (None), as somebody whom it takes for nobody here."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def same_as_before(name: str, text: str) -> None:
    """Holds what was printed, but for how long it took, against a file; `UPDATE_SNAPSHOTS` writes the file anew."""
    text = re.sub(r"in \d+\.\d s", "in 0.0 s", text)
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
