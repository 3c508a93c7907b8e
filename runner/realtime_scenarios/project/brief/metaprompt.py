"""A brief to a text that makes any chat model write the prompt."""

from __future__ import annotations

from typing import Literal

from realtime_scenarios.core import resource_folder
from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.qualities import QUALITIES
from realtime_scenarios.project.brief.reading import plain
from realtime_scenarios.project.brief.words import as_yaml


def metaprompt(brief: Brief, *, form: Literal["text", "yaml"] = "text") -> str:
    """What any chat model is told so that it writes the prompt. `form` `yaml` asks for the blocks of a scenario."""
    from jinja2 import Environment, StrictUndefined

    text = (resource_folder("prompts") / "metaprompt.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    return template.from_string(text).render(
        brief=as_yaml(plain(brief)).rstrip(),
        form=form,
        steps=len(brief.steps),
        headings=[quality.heading for quality in QUALITIES.values()],
        keys=list(QUALITIES),
        given=[QUALITIES[name].heading for name in brief.qualities or {}],
        agent=brief.agent_id,
        heir=brief.heir,
        transfer=handoff_tool_name(brief.heir) if brief.heir else None,
        tools=[tool.name for tool in brief.tools],
        collected=list(dict.fromkeys(name for step in brief.steps for name in step.collect)),
        language=brief.language,
    )
