"""Programs in JavaScript that tests need: they are installed once, from a `package.json`, where a variable says."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

_FOLDER = os.environ.get("REALTIME_JS_FOLDER")

needs_javascript = pytest.mark.skipif(
    not _FOLDER or shutil.which("node") is None, reason="REALTIME_JS_FOLDER is not set, or there is no node"
)


def installed(sources: Path, name: str = "") -> Path:
    """The folder below REALTIME_JS_FOLDER with the files of `sources` and the packages that they need.

    Nothing is fetched where they are there already. Test processes side by side wait for the one that installs.
    """
    assert _FOLDER
    place = Path(_FOLDER) / name
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, done = (sources / "package.json").read_text(encoding="utf-8"), place / ".installed"
        for source in sources.iterdir():
            shutil.copy(source, place / source.name)
        if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
            install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
            subprocess.run(install, cwd=place, check=True, timeout=120)
            done.write_text(wanted, encoding="utf-8")
    return place
