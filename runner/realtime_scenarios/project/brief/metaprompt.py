"""A brief to a text that makes any chat model write the prompt."""

from __future__ import annotations

from typing import Literal

from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.reading import brief_data
from realtime_scenarios.project.brief.wording import rendered
from realtime_scenarios.project.brief.words import as_yaml
from realtime_scenarios.project.prompts import HEADINGS


def metaprompt(brief: Brief, *, form: Literal["text", "yaml"] = "text") -> str:
    """What any chat model is told so that it writes the prompt. `form` `yaml` asks for the blocks of a scenario."""
    return rendered(
        "metaprompt",
        brief=as_yaml(brief_data(brief)).rstrip(),
        form=form,
        steps=len(brief.steps),
        headings=list(HEADINGS.values()),
        keys=list(HEADINGS),
        given=[HEADINGS[name] for name in brief.qualities or {}],
        agent=brief.agent_id,
        heir=brief.heir,
        transfer=handoff_tool_name(brief.heir) if brief.heir else None,
        tools=[tool.name for tool in brief.tools],
        collected=list(dict.fromkeys(name for step in brief.steps for name in step.collect)),
        language=brief.language,
    )
