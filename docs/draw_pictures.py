"""The pictures in the README, drawn from what the commands really print: python docs/draw_pictures.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
SCENARIO = [sys.executable, "-c", "from realtime_scenarios.cli.main import main; main()"]


def main() -> None:
    lines = "How big can my carry-on be?\nWhat flight am I on?\nriley\nhunter2\n"
    talk = printed([*SCENARIO, "run", "airline.yaml", "--color", "always"], lines)
    draw("run", "scenario run airline.yaml", talk)
    draw("test", "scenario test airline.yaml", printed([*SCENARIO, "test", "airline.yaml", "--color", "always"]))
    broken = HERE / "pictures" / "broken.yaml"
    wrong = printed([*SCENARIO, "lint", str(broken.relative_to(HERE.parent)), "--color", "always"])
    draw("lint", "scenario lint broken.yaml", wrong.replace("docs/pictures/", ""))
    subprocess.run([*SCENARIO, "graph", "airline", "-o", str(HERE / "pictures" / "airline.svg")], check=True)


def printed(command: list[str], text: str = "") -> str:
    environment = {**os.environ, "COLUMNS": "90"}
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=HERE.parent, env=environment)
    return done.stdout


def draw(name: str, title: str, text: str) -> None:
    console = Console(record=True, width=92, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    svg = console.export_svg(title=title, theme=MONOKAI, unique_id=name)
    svg = re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", svg, flags=re.DOTALL)  # nothing is fetched from elsewhere
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    (HERE / "pictures" / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
