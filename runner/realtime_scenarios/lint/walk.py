"""Things that stand in many places of a scenario, each with its place: answers, settings, templates, names."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from realtime_scenarios.core import Span
from realtime_scenarios.document import Place, look_alikes
from realtime_scenarios.model.names import SET_STATE_TOOL, TRANSFER_TOOL, handoff_tool_name
from realtime_scenarios.model.scenario import AgentSpec, Collected, Personality, PromptSettings, Scenario, Transition
from realtime_scenarios.model.tool import ApprovalRule, Condition, ToolSpec, specs_of
from realtime_scenarios.model.written import Code, Written
from realtime_scenarios.project.prompts import texts_of_state
from realtime_scenarios.templates import Names
from realtime_scenarios.templates.slips import stretches

TRANSFER_ARGUMENTS = ("rationale_for_transfer", "conversation_context", "destination_agent")
"""What the one tool of the style `transfer_agents` is called with."""

_LITERALS = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_LITERALS_OF_SQL = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)

PERSONALITY = Personality.__struct_fields__


def span_of_part(text: str, place: Place, start: int, end: int) -> Span:
    """Where the characters from `start` to `end` of a text stand, if it has lines or is a file; else where all does."""
    given = place.value
    if isinstance(given, dict) and isinstance(given.get("file"), str):
        file = Path(os.path.normpath(Path(place.document.file).parent / given["file"])).as_posix()
        return Span(file, *_line_and_column(text, start), *_line_and_column(text, end))
    return place.span_of_part(start, end)


def span_of_line(text: str, place: Place, line: int) -> Span:
    """Where what stands in a line (from 1) of a text is, if it has lines or is a file; else where all of it is."""
    lines = [*text.splitlines(keepends=True), ""]
    start, written = sum(map(len, lines[: line - 1])), lines[line - 1]
    indent = len(written) - len(written.lstrip())
    return span_of_part(text, place, start + indent, start + max(len(written.rstrip()), indent + 1))


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    """Both from 1."""
    return text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1


def span_of_character(text: str, at: int, place: Place) -> Span:
    """Where one character of a text stands, be the text in the document or in a file that it names."""
    line = 1 + text.count("\n", 0, at)
    given = place.value
    if isinstance(given, dict) and isinstance(given.get("file"), str):
        column = at - text.rfind("\n", 0, at)
        whole = span_of_line(text, place, line)
        return Span(whole.file, line, column, line, column + 1)
    return look_alikes.span_of_character(text, at, _place_inside(place, text) or place)


def _place_inside(place: Place, text: str) -> Place | None:
    """Where a text stands in a value; None where it stands nowhere in it."""
    given = place.value
    if given == text:
        return place
    parts = given.keys() if isinstance(given, dict) else range(len(given)) if isinstance(given, list) else ()
    return next((found for part in parts if (found := _place_inside(place / part, text)) is not None), None)


def code_places(
    text: str, kind: Literal["template", "expression", "sql"], *, with_literals: bool = False
) -> Iterator[int]:
    """The places of a text that are code: of a template what stands in its marks; no texts in quotes, no comments."""
    parts = [(0, len(text))]
    if kind == "template":
        parts = [(part.start, part.start + len(part.code)) for part in stretches(text, kind)]
    skipped = _LITERALS_OF_SQL if kind == "sql" else _LITERALS
    for begin, end in parts:
        literals = [] if with_literals else [found.span() for found in skipped.finditer(text, begin, end)]
        for first, last in [*literals, (end, end)]:
            yield from range(begin, first)
            begin = last


def sets_of(scenario: Scenario) -> Iterator[tuple[str, Place]]:
    """The context variables that tools, handoffs and transitions set or clear."""
    for tool in scenario.tools.values():
        for answer in tool.stub.answers:
            for name in answer.set:
                yield name, answer.place / "set" / name
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            for name in edge.set:
                yield name, edge.place / "set" / name
        for way in transitions_of(agent):
            for name in way.set:
                yield name, way.place / "set" / name
            for name in dict.fromkeys(way.clear):
                yield name, way.place / "clear" / way.clear.index(name)


def transitions_of(agent: AgentSpec) -> Iterator[Transition]:
    """The transitions of all the states of an agent."""
    for state in agent.states.states.values() if agent.states is not None else ():
        yield from state.transitions


def collected_by(agent: AgentSpec) -> Iterator[Collected]:
    """What all the states of an agent find out."""
    for state in agent.states.states.values() if agent.states is not None else ():
        yield from state.collect


def wire_names(agent: AgentSpec, scenario: Scenario) -> Iterator[tuple[str, Place]]:
    """The functions that the model sees of an agent, by the names they have on the wire."""
    if agent.states is not None and agent.states.is_enforced:
        yield SET_STATE_TOOL, agent.place / "states"
    for index, name in enumerate(agent.tools):
        yield name, agent.place / "tools" / index
    if _has_transfer_tool(agent) and agent.handoffs:
        yield TRANSFER_TOOL, agent.place / "handoffs"
        return
    for edge in agent.handoffs:
        if edge.to in scenario.agents:
            yield edge.tool_name or handoff_tool_name(scenario.agents[edge.to].name), edge.place


def _has_transfer_tool(agent: AgentSpec) -> bool:
    return agent.handoff_style == "transfer_agents"


def all_text(agent: AgentSpec) -> str:
    """Everything that the author wrote for the agent's prompt: instructions, sections, states."""
    parts = [agent.instructions.text] if agent.instructions else []
    parts += [text.text for text in agent.prompt.sections.values()]
    if agent.personality is not None:
        parts += [getattr(agent.personality, name) or "" for name in PERSONALITY]
    if agent.states is not None:
        for state in agent.states.states.values():
            parts += [state.description, *state.instructions, *state.examples, *state.tools]
            parts += [edge.condition for edge in state.transitions]
    if agent.prompt.escalation:
        parts.append(agent.prompt.escalation)
    return "\n".join(parts)


def prompt_place(agent: AgentSpec) -> Place:
    """Where the agent's prompt stands, for messages about all of it."""
    return agent.instructions.place if agent.instructions else agent.place / "personality"


@functools.lru_cache(maxsize=2)
def texts_of(scenario: Scenario) -> tuple[Written, ...]:
    """Every template and expression of the scenario, which one rule after the other looks at."""
    return tuple(_texts_in(scenario))


def _texts_in(scenario: Scenario) -> Iterator[Written]:
    context = {"context": scenario.context.keys(), "now": None}
    prompt: Names = {**context, "scenario": ("id", "title"), "agent": ("id", "name")}
    for agent in scenario.agents.values():
        if agent.instructions is not None:
            yield Written(agent.instructions.text, agent.instructions.place, "template", prompt)
        yield from _texts_of_settings(agent.prompt, agent.place / "prompt", scenario, prompt)
        for name in PERSONALITY if agent.personality is not None else ():
            if text := getattr(agent.personality, name):
                yield Written(text, agent.place / "personality" / name, "template", prompt)
        for state in agent.states.states.values() if agent.states is not None else ():
            for text in texts_of_state(state):
                if "{" in text:
                    yield Written(text, state.place, "template", prompt)
        for edge in agent.handoffs:
            inputs = TRANSFER_ARGUMENTS if _has_transfer_tool(agent) else _argument_names(edge.inputs)
            payload: Names = {**context, "args": inputs}
            if edge.tell is not None:
                yield Written(edge.tell, edge.place / "tell", "template", payload)
            for condition in edge.requires:
                yield condition.written({**payload, "state": None})
            for name, text in edge.set.items():
                yield Written(text, edge.place / "set" / name, "expression", payload)
        for transition in transitions_of(agent):
            for condition in transition.requires:
                yield condition.written({**context, "state": None})
            for name, text in transition.set.items():
                yield Written(text, transition.place / "set" / name, "expression", {**context, "state": None})
    for tool in scenario.tools.values():
        yield from (text for text in _texts_of_tool(tool, context) if isinstance(text, Written))
    for supervisor in scenario.supervisors.values():
        asked = [tool for tool in specs_of(scenario.tools).values() if tool.stub.supervisor == supervisor.name]
        args = dict.fromkeys(name for tool in asked for name in _argument_names(tool.parameters) or ())
        names: Names = {**context, "args": args if asked else None, "scenario": ("id", "title")}
        yield Written(supervisor.instructions.text, supervisor.instructions.place, "template", names)
        if supervisor.input is not None:
            yield Written(supervisor.input, supervisor.place / "input", "template", names)
    for property_ in scenario.properties:
        if property_.when is not None:
            yield property_.when.written({**context, "state": None, "agent": None})


def gates_of(scenario: Scenario) -> Iterator[Condition]:
    """What must hold before a tool is called, a handoff made or a transition taken."""
    for tool in _tools_and_functions(scenario):
        yield from tool.requires
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            yield from edge.requires
        for transition in transitions_of(agent):
            yield from transition.requires


def choices_of(scenario: Scenario) -> Iterator[Condition]:
    """What decides which answer is given, whether a person is asked, and whether a property is looked at."""
    for tool in _tools_and_functions(scenario):
        if tool.approval is not None and tool.approval.when is not None:
            yield tool.approval.when
        yield from (answer.when for answer in tool.stub.answers if answer.when is not None)
    yield from (property_.when for property_ in scenario.properties if property_.when is not None)


def code_of(scenario: Scenario, kind: Literal["sql", "python"]) -> Iterator[tuple[ToolSpec, Code]]:
    """The code of that kind behind tools, functions of catalogues and questions to people, each with what is called."""
    for tool in specs_of(scenario.tools).values():
        for text in tool.stub.texts(tool.place, {"args": _argument_names(tool.parameters)}):
            if isinstance(text, Code) and text.kind == kind:
                yield tool, text
    for tool in _tools_and_functions(scenario):
        names: Names = {"args": _argument_names(tool.parameters)}
        for text in tool.approval.texts(names) if tool.approval is not None else ():
            if isinstance(text, Code) and text.kind == kind:
                yield tool, text


class Queried(Struct, frozen=True):
    """A statement over the tables, and the texts that read the rows it comes to."""

    statement: Code
    readers: tuple[Written, ...]


def queries_of(scenario: Scenario) -> Iterator[Queried]:
    """The statements whose rows are read, of tools and of the questions that people are asked before them."""
    for tool in _tools_and_functions(scenario):
        names: Names = {"args": None}
        asked = tool.approval.texts(names) if tool.approval is not None else ()
        for texts in (list(tool.stub.texts(tool.place, names)), list(asked)):
            statements = [text for text in texts if isinstance(text, Code) and text.kind == "sql"]
            readers = tuple(text for text in texts if isinstance(text, Written) and "row" in text.names)
            if statements:
                yield Queried(statements[-1], readers)


def _tools_and_functions(scenario: Scenario) -> Iterator[ToolSpec]:
    """The tools as they are written, and the functions of catalogues, each with its own rule alone."""
    for tool in scenario.tools.values():
        yield tool
        yield from tool.stub.catalogue.functions.values() if tool.stub.catalogue is not None else ()


def _texts_of_settings(settings: PromptSettings, place: Place, scenario: Scenario, names: Names) -> Iterator[Written]:
    """What prompt settings say, where the agent or the scenario says it."""
    shared = scenario.place / "prompt"
    for section in settings.sections.values():
        yield Written(section.text, section.place, "template", names)
    for key in ("language", "escalation"):
        text, common = getattr(settings, key), getattr(scenario.prompt, key)
        if text and "{" in text:
            yield Written(text, (shared if text == common else place) / key, "template", names)
    for word, sound in settings.pronunciations.items():
        if "{" in sound:
            where = shared if scenario.prompt.pronunciations.get(word) == sound else place
            yield Written(sound, where / "pronunciations" / word, "template", names)


def _texts_of_tool(tool: ToolSpec, context: Names, outer: ApprovalRule | None = None) -> Iterator[Written | Code]:
    """`outer` is the approval of the tool that a function stands behind; it holds where the function has none."""
    called: Names = {**context, "args": _argument_names(tool.parameters)}
    for condition in tool.requires:
        yield condition.written({**called, "state": None})
    approval = tool.approval or outer
    if tool.approval is not None:
        yield from tool.approval.texts(called)
    yield from tool.stub.texts(tool.place, {**called, "approval": approval.fields.keys() if approval else ()})
    if tool.stub.catalogue is not None:
        for function in tool.stub.catalogue.functions.values():
            yield from _texts_of_tool(function, context, tool.approval)


def _argument_names(schema: Mapping[str, Any] | None) -> Collection[str] | None:
    """The names that arguments may have; None where the schema allows any."""
    if schema is None:
        return ()
    if schema.get("additionalProperties", True) is not False and "properties" not in schema:
        return None
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties.keys()
