"""What the page takes from others is built from what `vendor.json` says, and is what was committed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.javascript import installed, needs_javascript
from support.studio_page import PAGE

VENDOR = PAGE / "vendor"
TOLD: dict[str, Any] = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
FILES: dict[str, Any] = TOLD["files"]


@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_is_the_one_that_is_told_of(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == FILES[name]["sha256"]


@pytest.mark.parametrize("name", FILES)
def test_each_part_has_its_licence_beside_it(name: str) -> None:
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    assert [part["name"] for part in FILES[name]["parts"] if f"{part['name']} {part['version']}" not in licences] == []


def test_no_vendored_file_asks_for_a_source_map_or_names_an_address_of_a_registry() -> None:
    for file in [*VENDOR.glob("*.js"), *VENDOR.glob("build/*")]:
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            assert "sourceMappingURL" not in text and "registry" not in text, file.name


@needs_javascript
@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_is_what_its_parts_are_built_to(name: str, tmp_path: Path) -> None:
    folder = installed(VENDOR / "build", "studio-vendor")
    pinned = json.loads((VENDOR / "build" / "package.json").read_text(encoding="utf-8"))
    for part in FILES[name]["parts"]:
        there = json.loads((folder / "node_modules" / part["name"] / "package.json").read_text(encoding="utf-8"))
        assert there["version"] == part["version"]
    out = tmp_path / name
    script = pinned["scripts"][FILES[name]["script"]].replace(f"--outfile=../{name}", f"--outfile={out}").split()
    assert script[0] == "esbuild" and shutil.which("npx")
    subprocess.run(["npx", "--no-install", *script], cwd=folder, check=True, capture_output=True, timeout=120)
    assert out.read_bytes() == (VENDOR / name).read_bytes()
