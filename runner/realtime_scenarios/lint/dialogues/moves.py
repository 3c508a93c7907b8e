"""Moves that are not made, or that the scenario, or the dialogue itself, does not allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.core import Related, did_you_mean, listed
from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.core.schemas import filled
from realtime_scenarios.expectations.matching import argument_mismatch
from realtime_scenarios.lint.dialogues.names import item_of, placeholders_of
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Move, NestedAnswer, NestedMove, Say
from realtime_scenarios.model.scenario import AgentSpec, Scenario


@rule("SC405", "agent-never-answers", "warning")
def agent_never_answers(subject: Subject) -> Iterator[Finding]:
    """A dialogue says what is expected, but in no turn what the agent does.

    Problem: with the scripted provider the agent says and does nothing, so what must not happen never does.
    Instead: write the agent's moves, or keep the dialogue for providers with a model and ignore this.
    """
    for dialogue in subject.dialogues:
        expects = dialogue.expect or any(turn.expect for turn in dialogue.turns)
        if expects and dialogue.caller is None and all(turn.moves is None for turn in dialogue.turns):
            message = f"the agent does nothing in dialogue '{dialogue.id}'"
            yield Finding(message, (dialogue.place / "turns").key_span, "add `agent` to its turns")


@rule("SC403", "impossible-move")
def impossible_move(subject: Subject) -> Iterator[Finding]:
    """A scripted move cannot be made by the agent that is active then.

    Problem: the agent has no such tool, handoff or transition, or nothing lets it speak, so the dialogue can only fail.
    Instead: follow the agents through the dialogue; hand off first, give the agent the tool, or declare the opening.
    """
    for dialogue in subject.dialogues:
        if all(name in dialogue.values for name, _ in placeholders_of(dialogue)):  # otherwise that is the cause
            yield from _impossible_moves(dialogue, subject.scenario)


@rule("SC409", "contradicted-arguments")
def contradicted_arguments(subject: Subject) -> Iterator[Finding]:
    """A move sends arguments that are not as its own `expect_args` demands.

    Problem: `expect_args` holds of whoever sends them, the script as well, so the dialogue can only fail.
    Instead: mend the one or the other; arguments that are not sent need no word.
    """
    for dialogue in subject.dialogues:
        for move in (move for turn in dialogue.turns for move in turn.moves or ()):
            yield from _contradictions(move, subject.scenario)


def _impossible_moves(dialogue: Dialogue, scenario: Scenario) -> Iterator[Finding]:
    """Follow the agents through the moves; after something unknown nothing more can be said."""
    active = dialogue.agent or scenario.start
    for name, value in dialogue.context.items():
        if name in scenario.context and not _may_hold(scenario.context[name].schema, value):
            span = dialogue.place_of("context", name).span
            yield Finding(f"the value of '{name}' does not fit the variable", span, "begin with one that it can have")
    yield from _unasked_words(dialogue, scenario)
    for move in (move for turn in dialogue.turns for move in turn.moves or ()):
        agent = scenario.agents.get(active)
        if agent is None:
            return
        if isinstance(move, Call):
            if move.tool in scenario.tools and move.tool not in agent.tools and move.outcome != "unknown":
                owners = [f"'{other.id}'" for other in scenario.agents.values() if move.tool in other.tools]
                hint = (
                    f"{listed(owners, joined_by='or')} has it: hand off first" if owners else "give the agent the tool"
                )
                yield Finding(
                    f"agent '{active}' is active here and has no tool '{move.tool}'", (move.place / "call").span, hint
                )
            elif move.tool in scenario.tools and move.outcome not in ("invalid", "refused", "unknown"):
                yield from _invalid_arguments(move, scenario, dialogue)
            yield from _impossible_nested_moves(move, scenario, dialogue)
        elif isinstance(move, EnterState):
            yield from _uncollected_values(move, agent, scenario)
        elif isinstance(move, Handoff):
            if move.to not in scenario.agents:
                return
            if any(edge.to not in scenario.agents for edge in agent.handoffs):
                return
            if all(edge.to != move.to for edge in agent.handoffs):
                targets = [f"'{edge.to}'" for edge in agent.handoffs]
                hint = f"it can hand off to {listed(targets, joined_by='or')}" if targets else "it has no handoffs"
                yield Finding(
                    f"agent '{active}' is active here and cannot hand off to '{move.to}'",
                    (move.place / "handoff").span,
                    hint,
                )
            if not move.refused:
                active = move.to


def _unasked_words(dialogue: Dialogue, scenario: Scenario) -> Iterator[Finding]:
    """Turns in which the agent speaks though nothing makes it: it only ever answers, but for a declared opening.

    A dialogue that begins with another agent than the scenario does begins where a handoff was made: it speaks first.
    """
    opens = scenario.opening is not None and scenario.opening.speaks == "agent"
    takes_over = dialogue.agent not in (None, scenario.start)
    for turn in dialogue.turns:
        if (turn.user, turn.image, turn.silence) != (None, None, None):
            continue
        is_first = turn is dialogue.turns[0]
        if not is_first:
            hint = "write the moves into the turn before, or let `silence: 10s` pass: a server may then ask for words"
            yield Finding("the agent speaks here, though the caller said nothing", turn.place.span, hint)
        elif not opens and not takes_over:
            hint = "declare it in the scenario, `opening: {speaks: agent}`, or begin with `user:`"
            yield Finding(f"nothing says that agent '{scenario.start}' speaks first", turn.place.span, hint)


def _invalid_arguments(move: Call, scenario: Scenario, dialogue: Dialogue) -> Iterator[Finding]:
    parameters = scenario.tools[move.tool].parameters
    try:
        check = check_of(parameters)
    except ValueError:
        return  # a schema that is none is told where it stands
    schemas = parameters.get("properties", {})
    left_out = [schema for name, schema in schemas.items() if name not in move.arguments]
    if any("default" in schema and not _may_hold(schema, schema["default"]) for schema in left_out):
        return  # so is a default that does not fit
    if misfits := list(_misfits_of_each(move, schemas, dialogue)):
        yield from misfits
        return
    for problem in check.problems(move.arguments):
        place = move.place / "args" if move.arguments else move.place / "call"
        hint = "a call that must be refused for its arguments says `outcome: invalid`"
        yield Finding(f"the call of '{move.tool}' does not fit: {problem}", place.span, hint)


def _misfits_of_each(move: Call, schemas: Mapping[str, Any], dialogue: Dialogue) -> Iterator[Finding]:
    """The values of this time that do not fit the parameters for which their placeholders stand."""
    written = (move.place / "args").value or {}
    for name, schema in schemas.items():
        for value in dialogue.values if not _may_hold(schema, move.arguments.get(name)) else ():
            if written.get(name) == f"<{value}>":
                message = f"'{value}' does not fit parameter '{name}' of '{move.tool}'"
                used = (Related("it is used here", (move.place / "args" / name).span),)
                hint = "a call that must be refused for its arguments says `outcome: invalid`"
                yield Finding(message, (item_of(dialogue) / value).span, hint, used)


def _impossible_nested_moves(move: Call, scenario: Scenario, dialogue: Dialogue) -> Iterator[Finding]:
    """What the text model behind a call cannot do."""
    stub = scenario.tools[move.tool].stub if move.tool in scenario.tools else None
    supervisor_id = stub.supervisor if stub is not None else None
    question = stub.question if stub is not None else None
    if move.nested and supervisor_id is None and question is None:
        yield Finding(f"no text model is behind tool '{move.tool}'", (move.place / "nested").key_span, "leave it out")
        return
    for nested in move.nested[:-1]:
        if isinstance(nested, NestedAnswer) and supervisor_id is not None:
            hint = "the answer is the last thing that it does"
            yield Finding("nothing comes after the answer of a text model", nested.place.span, hint)
    looked_at = move.outcome is not None or move.returns is not None
    if question is not None and question.output is not None and len(move.nested) == 1 and not looked_at:
        yield from _invalid_answer(move.nested[-1], question.output)
    supervisor = scenario.supervisors.get(supervisor_id) if supervisor_id is not None else None
    tools = supervisor.tools if supervisor else ()
    for nested in move.nested:
        if isinstance(nested, Call) and nested.tool in scenario.tools:
            if nested.tool not in tools:
                hint = f"it has {listed(map(repr, tools))}" if tools else "it has no tools"
                message = f"the text model behind '{move.tool}' has no tool '{nested.tool}'"
                yield Finding(message, (nested.place / "call").span, hint)
            elif nested.outcome not in ("invalid", "refused", "unknown"):
                yield from _invalid_arguments(nested, scenario, dialogue)


def _invalid_answer(nested: NestedMove, schema: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with a structured answer; a text is left alone, it may be meant to be none."""
    if isinstance(nested, NestedAnswer) and isinstance(nested.value, dict):
        try:
            problems = check_of(schema).problems(nested.value)
        except ValueError:
            return  # a schema that is none is told where it stands
        if problems:
            hint = "where it is meant not to fit, say `outcome: failed`"
            yield Finding(f"the answer does not fit `output`: {problems[0]}", (nested.place / "answer").span, hint)


def _uncollected_values(move: EnterState, agent: AgentSpec, scenario: Scenario) -> Iterator[Finding]:
    """What a move to a state gives that no state before it collects, or that does not fit its variable."""
    machine = agent.states
    if machine is None or move.refused:
        return
    before = [state for state in machine.states.values() if any(edge.to == move.state for edge in state.transitions)]
    known = dict.fromkeys(collected.variable for state in before for collected in state.collect)
    for name, value in move.arguments.items():
        place = move.place / "args" / name
        if before and name not in known:
            hint = did_you_mean(name, known) if known else "let the state collect it"
            yield Finding(f"no state that leads to '{move.state}' collects '{name}'", place.key_span, hint)
        elif name in scenario.context and not _may_hold(scenario.context[name].schema, value):
            hint = "a value that must be refused says `refused: invalid`"
            yield Finding(f"the value of '{name}' does not fit the variable", place.span, hint)


def _may_hold(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value fits; any does where the schema is none, which is told where it stands."""
    try:
        return check_of(schema).fits(value)
    except ValueError:
        return True


def _contradictions(move: Move, scenario: Scenario) -> Iterator[Finding]:
    if isinstance(move, Say):
        return
    tool = scenario.tools.get(move.tool) if isinstance(move, Call) else None
    sent = filled(move.arguments, tool.parameters, tool.parameters) if tool is not None else move.arguments
    for name, matcher in move.expect_args.items():
        if reason := argument_mismatch({name: matcher}, sent):
            yield Finding(
                f"the script itself sends something else: {reason}", matcher.place.span, "mend `args`, or this"
            )
    for nested in move.nested if isinstance(move, Call) else ():
        if isinstance(nested, Call):
            yield from _contradictions(nested, scenario)
