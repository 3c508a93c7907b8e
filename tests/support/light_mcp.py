"""MCP servers that start at once, for tests in which the library of that name is not the point."""

from __future__ import annotations

import shutil
from pathlib import Path


def lighten_mcp(folder: Path) -> None:
    """Let the servers in a folder, which import from beside them first, find a `mcp` that is small."""
    shutil.copytree(Path(__file__).parent / "light" / "mcp", folder / "mcp", dirs_exist_ok=True)
