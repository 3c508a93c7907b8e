"""A brief to the rules that its agent is told."""

from __future__ import annotations

from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.wording import rendered
from realtime_scenarios.project.brief.words import title_of


def rules_of(brief: Brief, *, alone: bool) -> str:
    """The rules, one a line. `alone`: in a prompt that must also say what a scenario has settings for."""
    return rendered(
        "brief/rules",
        brief=brief,
        heir=title_of(brief.heir) if brief.heir else None,
        transfer=handoff_tool_name(brief.heir) if brief.heir else None,
        alone=alone,
    )
