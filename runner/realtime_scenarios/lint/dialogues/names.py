"""Names in dialogues that two of them have, that mean nothing, or that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from realtime_scenarios.core import Related, did_you_mean, nearest
from realtime_scenarios.document import Place
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Move, Say
from realtime_scenarios.model.each import placeholders_in
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.model.matcher import MATCHER_KEYS
from realtime_scenarios.model.mention import (
    AgentName,
    ArgumentName,
    GuardrailName,
    Mention,
    Query,
    StateName,
    SupervisorName,
    ToolName,
    VariableName,
)
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.persona import Persona
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import ToolSpec


@rule("SC401", "duplicate-dialogue")
def duplicate_dialogue(subject: Subject) -> Iterator[Finding]:
    """Two dialogues of a scenario have the same id.

    Problem: `scenario test file::id` would not know which one is meant.
    Instead: give each an id of its own.
    """
    first: dict[str, Dialogue] = {}
    for dialogue in subject.dialogues:
        other = first.setdefault(dialogue.script, dialogue)
        if other.place != dialogue.place:
            related = Related("the other one is here", (other.place / "id").span)
            span = (dialogue.place / "id").span
            yield Finding(f"a second dialogue has the id '{dialogue.script}'", span, "rename one", (related,))


@rule("SC402", "unknown-name-in-dialogue")
def unknown_name(subject: Subject) -> Iterator[Finding]:
    """A dialogue names an agent, tool, state, guardrail, category or context variable that does not exist.

    Problem: the move can never be made, and the expectation never hold.
    Instead: mend the name; renaming something in the scenario means renaming it in its dialogues.
    """
    for dialogue in subject.dialogues:
        yield from _unknown_beginning(dialogue, subject.scenario)
        for turn in dialogue.turns:
            for move in turn.moves or ():
                yield from _unknown_in_move(move, subject.scenario)
        if dialogue.caller is not None:
            yield from _unknown_decisions(dialogue.caller, subject.scenario)
        for expectation in dialogue.expectations:
            yield from _unknown_in_expectation(expectation, subject.scenario)


@rule("SC406", "unknown-placeholder")
def unknown_placeholder(subject: Subject) -> Iterator[Finding]:
    """A dialogue that is played for several values has a placeholder for none of them.

    Problem: `<city>` would be said, and sent, as it stands.
    Instead: give the value in every item of `each`, or mend the name.
    """
    for dialogue in subject.dialogues:
        for name, place in placeholders_of(dialogue):
            if name not in dialogue.values:
                if any(name in values for values in (dialogue.place / "each").value):
                    message = f"'<{name}>' has no value in '{dialogue.id}'"
                    used = (Related("it is used here", place.span),)
                    yield Finding(message, item_of(dialogue).span, f"give '{name}' in every item of `each`", used)
                    continue
                message = f"'<{name}>' stands for nothing: there is no '{name}' in `each`"
                yield Finding(message, place.span, did_you_mean(name, dialogue.values))


@rule("SC408", "unused-value", "warning")
def unused_value(subject: Subject) -> Iterator[Finding]:
    """A dialogue is played for a value that nothing in it reads.

    Problem: it is played several times and is the same each time, or less is tried than it seems.
    Instead: put its placeholder, such as `<city>`, where the value belongs, or leave it out.
    """
    for dialogue in subject.dialogues:
        read = {name for name, _ in placeholders_of(dialogue)} if dialogue.values else set()
        for name in dialogue.values.keys() - read:
            items = (dialogue.place / "each").value
            first = next(index for index, values in enumerate(items) if name in values)
            span = (dialogue.place / "each" / first / name).key_span
            hint = f"write <{name}> where it belongs, or leave it out"
            yield Finding(f"nothing reads the value '{name}'", span, hint)


def _unknown_beginning(dialogue: Dialogue, scenario: Scenario) -> Iterator[Finding]:
    agent = scenario.agents.get(dialogue.agent or scenario.start)
    if dialogue.agent is not None:
        yield from _unknown_reference(dialogue.agent, dialogue.place_of("agent"), "agent", scenario.agents)
    if dialogue.state is not None and agent is not None:
        states = agent.states.states if agent.states else {}
        yield from _unknown_reference(dialogue.state, dialogue.place / "state", "state", states)


def _unknown_decisions(persona: Persona, scenario: Scenario) -> Iterator[Finding]:
    for tool in persona.approvals:
        if tool not in (known := _tools_to_name(scenario, tool)):
            span = (persona.place / "approvals" / tool).key_span
            yield Finding(f"tool '{tool}' does not exist", span, did_you_mean(tool, known), missing=tool)


def _unknown_in_move(move: Move, scenario: Scenario) -> Iterator[Finding]:
    if isinstance(move, Call):
        yield from _unknown_reference(move.tool, move.place / "call", "tool", _tools_to_name(scenario, move.tool))
        for nested in move.nested:
            if isinstance(nested, Call):
                yield from _unknown_reference(nested.tool, nested.place / "call", "tool", scenario.tools)
    elif isinstance(move, Say):
        for name, category in move.classified.items():
            guardrail = scenario.guardrails.get(name)
            place = move.place / "classified" / name
            classifiers = {other.name: other for other in scenario.guardrails.values() if other.classify}
            if guardrail is None or guardrail.classify is None:
                hint = did_you_mean(name, classifiers)
                yield Finding(f"there is no classifying guardrail '{name}'", place.key_span, hint)
            else:
                known = dict.fromkeys([*guardrail.classify.categories, "NONE", "error"])
                yield from _unknown_reference(category, place, "category", known)
    elif isinstance(move, Handoff):
        yield from _unknown_reference(move.to, move.place / "handoff", "agent", scenario.agents)
    elif isinstance(move, EnterState):
        yield from _unknown_reference(move.state, move.place / "state", "state", _states_of_all_agents(scenario))


def _unknown_in_expectation(expectation: Expectation, scenario: Scenario) -> Iterator[Finding]:
    for mention in expectation.names():
        match mention:
            case AgentName():
                yield from _unknown_mention(scenario.agents, mention)
            case ToolName():
                yield from _unknown_mention(_tools_to_name(scenario, mention.text), mention)
            case StateName():
                yield from _unknown_mention(_states_of_all_agents(scenario), mention)
            case GuardrailName():
                yield from _unknown_mention(scenario.guardrails, mention)
            case SupervisorName():
                yield from _unknown_mention(scenario.supervisors, mention)
            case VariableName():
                if mention.text not in scenario.context:
                    hint = did_you_mean(mention.text, scenario.context)
                    message = f"context variable '{mention.text}' does not exist"
                    yield Finding(message, mention.place.key_span, hint, missing=mention.text)
            case ArgumentName():
                if mention.tool in scenario.tools:
                    yield from _unknown_argument(mention, scenario.tools[mention.tool])
            case Query():
                if not scenario.data:
                    hint = "declare tables below `data`"
                    yield Finding("the scenario has no data to look at", expectation.place.key_span, hint)
            case _:
                assert_never(mention)


def _unknown_mention(known: Mapping[str, object], mention: Mention) -> Iterator[Finding]:
    yield from _unknown_reference(mention.text, mention.place, mention.noun, known)


def _unknown_argument(mention: ArgumentName, tool: ToolSpec) -> Iterator[Finding]:
    """An argument that the tool does not take, or a matcher that there is not: nothing could ever be like it."""
    known, place = tool.parameters.get("properties", {}), mention.place
    if mention.text not in known and tool.parameters.get("additionalProperties") is False:
        hint = did_you_mean(mention.text, known)
        yield Finding(f"tool '{tool.name}' has no argument '{mention.text}'", place.key_span, hint)
    expected = mention.expected
    key = next(iter(expected)) if isinstance(expected, Mapping) and len(expected) == 1 else None
    guess = nearest(key, MATCHER_KEYS) if key is not None and key not in MATCHER_KEYS else None
    if guess is not None and known.get(mention.text, {}).get("type") != "object":
        yield Finding(f"there is no matcher '{key}'", (place / str(key)).key_span, f"did you mean '{guess}'?")


def _unknown_reference(name: Any, place: Place, kind: str, known: Mapping[str, object]) -> Iterator[Finding]:
    if name not in known:
        hint = did_you_mean(str(name), known)
        yield Finding(f"{kind} '{name}' does not exist", place.span, hint, missing=str(name))


def _tools_to_name(scenario: Scenario, wanted: Any) -> Mapping[str, object]:
    """The tools that may be named: the scenario's own and those of its MCP servers, as far as these say which."""
    lent = {name: None for server in scenario.mcp.values() for name in server.tools or ()}
    if any(server.tools is None for server in scenario.mcp.values()):
        lent[str(wanted)] = None  # a server that does not list its tools may have any
    built_in = {SET_STATE_TOOL: None} if _states_of_all_agents(scenario) else {}
    return {**scenario.tools, **lent, **built_in}


def _states_of_all_agents(scenario: Scenario) -> dict[str, object]:
    return {
        name: state for agent in scenario.agents.values() if agent.states for name, state in agent.states.states.items()
    }


def placeholders_of(dialogue: Dialogue) -> Iterator[tuple[str, Place]]:
    """The placeholders of a dialogue that is played for several values."""
    for key, value in dialogue.place.value.items() if dialogue.values else ():
        if key != "each":
            yield from placeholders_in(dialogue.place / key, value)


def item_of(dialogue: Dialogue) -> Place:
    """Where the values stand that a dialogue is played for this time."""
    each = dialogue.place / "each"
    return each / next(at for at, values in enumerate(each.value) if values == dialogue.values)
