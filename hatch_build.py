"""The schemas, prompts and scenarios travel inside a wheel; an editable install takes them from the checkout."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Resources(BuildHookInterface):  # type: ignore[type-arg]
    """Listed as `force-include`, they would be copied for an editable install, too, and the copies would go stale."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` is "editable" or "standard"."""
        if version == "standard":
            for folder in ("schemas", "prompts", "scenarios"):
                build_data["force_include"][folder] = f"realtime_scenarios/resources/{folder}"
