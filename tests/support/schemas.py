"""What the schemas say, for tests that hold it against something else."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.document.schema import properties_of


def keys_of(root: dict[str, Any], part: dict[str, Any]) -> set[str]:
    """The keys that a value may have, wherever in its schema they stand."""
    keys = {key for key, inner in properties_of(root, part).items() if inner is not False}
    for branch in ("then", "else"):
        keys |= (
            keys_of(root, part[branch]) if isinstance(part.get(branch), dict) and "$ref" not in part[branch] else set()
        )
    return keys
