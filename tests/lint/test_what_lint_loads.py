"""Reading and linting stay quick: neither the SDK nor the Realtime engine with its event loop is loaded for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BROKEN_LINE = """
scenario: shop
start: main
agents: {main: {instructions: Help callers.}}
dialogues:
  - {id: hello, turns: [{user: Hello, agent: [{say: Good morning.}]}], faults: [{fault: drop, event: response.dome}]}
"""


def test_neither_the_sdk_nor_the_engine_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(BROKEN_LINE, encoding="utf-8")
    program = (
        "import sys, pathlib; from realtime_scenarios.lint import findings; from realtime_scenarios.project import load;"
        "found = findings(load(pathlib.Path('shop.yaml')), warnings=True);"
        "print([finding.code for finding in found],"
        " [name for name in ('agents', 'asyncio', 'websockets', 'starlette', 'uvicorn') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert printed.stdout == "['SC410'] []\n"
