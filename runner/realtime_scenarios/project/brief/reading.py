"""YAML text to a brief, or to what is wrong with it; and a brief back to the data of its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from realtime_scenarios.core import Diagnostic, did_you_mean, in_reading_order
from realtime_scenarios.core.languages import LANGUAGES
from realtime_scenarios.document import Document, check, finding, read, read_text
from realtime_scenarios.project.brief.model import Brief, BriefTool, Step
from realtime_scenarios.project.brief.words import slug

_ASKING = r"(?:ask|get|collect|take|find out|note|request|obtain|learn|record)\b"

_COLLECTED = (
    r"\b(?:(?:first|last|given|family|full) name|surname|name|date of birth|birthday|e-?mail(?: address)?"
    r"|(?:(?!(?:and|or|the|an?|their|your|his|her|which|what|for|of|to|by|caller's)\b)[a-z]+ )?"
    r"(?:number|code|id|date|address)|phone|zip|postcode)\b"
)


class BriefFile(NamedTuple):
    """What a file holds: a brief, or (None) the mistakes that keep it from being one."""

    brief: Brief | None
    diagnostics: list[Diagnostic]


def read_brief(path: Path, *, shown_as: str | None = None) -> BriefFile:
    """The brief in a YAML file."""
    return _checked_brief(*read(path, shown_as=shown_as))


def read_brief_text(text: str, name: str) -> BriefFile:
    """The same for a text that messages call `name`."""
    return _checked_brief(*read_text(text, name))


def _checked_brief(document: Document | None, found: list[Diagnostic]) -> BriefFile:
    if document is None:
        return BriefFile(None, found)
    found = [*found, *check(document, "brief")]
    if not found:
        found = list(_tool_mistakes(document))
    return BriefFile(None if found else _brief_of(document.data), in_reading_order(found))


def _tool_mistakes(document: Document) -> Iterable[Diagnostic]:
    """What no schema can see: tools that are not there, or there twice."""
    names: list[str] = []
    for at, tool in enumerate(document.data.get("tools", ())):
        if tool["name"] in names:
            span = document.span(("tools", at, "name"))
            yield finding("conflicting-keys", f"a second tool is named '{tool['name']}'", span, "rename one of them")
        names.append(tool["name"])
    for at, step in enumerate(document.data.get("steps", ())):
        if isinstance(step, dict) and "tool" in step and step["tool"] not in names:
            hint = did_you_mean(step["tool"], names) if names else "declare it: tools: [{name: ..., description: ...}]"
            span = document.span(("steps", at, "tool"))
            yield finding("unknown-value", f"tool '{step['tool']}' does not exist", span, hint)


def _brief_of(data: Mapping[str, Any]) -> Brief:
    personality = data.get("personality")
    return Brief(
        role=data["role"].strip(),
        name=data.get("name", "Assistant").strip(),
        manner=personality.strip() if isinstance(personality, str) else None,
        qualities=dict(personality) if isinstance(personality, dict) else None,
        company=data.get("company"),
        language=LANGUAGES.get(str(data.get("language", "")).casefold(), data.get("language")),
        steps=tuple(step_of(step) for step in data.get("steps", ())),
        tools=tuple(
            BriefTool(tool["name"], tool["description"], tool.get("parameters", {})) for tool in data.get("tools", ())
        ),
        ending=data["ending"].strip() if "ending" in data else None,
    )


def step_of(step: str | Mapping[str, Any]) -> Step:
    """A step as it stands in a brief. Where `collect` is not given, what the text asks for is collected."""
    if isinstance(step, str):
        return Step(step.strip(), _collected_names(step))
    text = step["step"].strip()
    collect = (
        tuple(dict.fromkeys(slug(name) for name in step["collect"])) if "collect" in step else _collected_names(text)
    )
    return Step(text, collect, step.get("verify", False), step.get("tool"))


def _collected_names(text: str) -> tuple[str, ...]:
    """The names, numbers, dates and so on that a step asks the caller for."""
    if not re.match(_ASKING, text.strip(), re.IGNORECASE):
        return ()
    return tuple(dict.fromkeys(slug(found) for found in re.findall(_COLLECTED, text, re.IGNORECASE)))


def brief_data(brief: Brief) -> dict[str, Any]:
    """The brief as data again, as its file would hold it."""
    steps: list[Any] = []
    for step in brief.steps:
        more = {"collect": list(step.collect), "verify": step.verify, "tool": step.tool}
        kept = {name: value for name, value in more.items() if value}
        steps.append({"step": step.text, **kept} if kept else step.text)
    tools = [
        {"name": tool.name, "description": tool.description}
        | ({"parameters": dict(tool.parameters)} if tool.parameters else {})
        for tool in brief.tools
    ]
    personality = dict(brief.qualities or {}) | ({"other": brief.manner} if brief.manner and brief.qualities else {})
    data = {
        "name": brief.name,
        "role": brief.role,
        "company": brief.company,
        "language": brief.language,
        "personality": personality or brief.manner,
        "steps": steps,
        "tools": tools,
        "ending": brief.ending,
    }
    return {name: value for name, value in data.items() if value}
