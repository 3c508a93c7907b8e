"""Modules of the studio's page, run by node without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import realtime_scenarios.studio

PAGE = Path(realtime_scenarios.studio.__file__).parent / "page"

_NODE = shutil.which("node")

needs_node = pytest.mark.skipif(_NODE is None, reason="node is not installed (apt install nodejs)")


def told_by_node(body: str, given: Any = None) -> Any:
    """What a piece of JavaScript returns as JSON; it may `await import(page + 'FILE')`, and reads `given`."""
    assert _NODE is not None
    script = f"""
        const page = {json.dumps(PAGE.as_uri() + "/")};
        let text = '';
        for await (const part of process.stdin) text += part;
        const given = JSON.parse(text);
        const told = await (async () => {{ {body} }})();
        console.log(JSON.stringify(told ?? null));
    """
    ran = subprocess.run(
        [_NODE, "--input-type=module", "--eval", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
