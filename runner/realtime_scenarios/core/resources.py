"""Where the schemas, prompts and example scenarios are: beside the source root in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "resources"


def resource_folder(name: str) -> Path:
    """The folder `schemas`, `prompts` or `scenarios`."""
    installed = _INSTALLED / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name
