"""Dialogues that cannot be: names that mean nothing, and moves that the scenario does not allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from realtime_scenarios.core import Related, did_you_mean, is_unsaid, listed, nearest
from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.core.schemas import filled
from realtime_scenarios.core.speech import spoken_ms, words_of
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.matching import argument_mismatch
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.dialogue import (
    Call,
    Decision,
    Dialogue,
    EnterState,
    Handoff,
    Move,
    NestedAnswer,
    NestedMove,
    Say,
)
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
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.model.tool import ApprovalRule, ToolSpec, Unresolved
from realtime_scenarios.model.written import Code


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
        for expectation in dialogue.expectations:
            yield from _unknown_in_expectation(expectation, subject.scenario)


@rule("SC405", "agent-never-answers", "warning")
def agent_never_answers(subject: Subject) -> Iterator[Finding]:
    """A dialogue says what is expected, but in no turn what the agent does.

    Problem: with the scripted provider the agent says and does nothing, so what must not happen never does.
    Instead: write the agent's moves, or keep the dialogue for providers with a model and ignore this.
    """
    for dialogue in subject.dialogues:
        expects = dialogue.expect or any(turn.expect for turn in dialogue.turns)
        if expects and all(turn.moves is None for turn in dialogue.turns):
            message = f"the agent does nothing in dialogue '{dialogue.id}'"
            yield Finding(message, (dialogue.place / "turns").key_span, "add `agent` to its turns")


@rule("SC403", "impossible-move")
def impossible_move(subject: Subject) -> Iterator[Finding]:
    """A scripted move cannot be made by the agent that is active then.

    Problem: the agent has no such tool, handoff or transition, or nothing lets it speak, so the dialogue can only fail.
    Instead: follow the agents through the dialogue; hand off first, give the agent the tool, or declare the opening.
    """
    for dialogue in subject.dialogues:
        if all(name in dialogue.values for name, _ in _placeholders_of(dialogue)):  # otherwise that is the cause
            yield from _impossible_moves(dialogue, subject.scenario)


@rule("SC404", "bad-decision")
def bad_decision(subject: Subject) -> Iterator[Finding]:
    """A dialogue decides an approval that nobody asks for, or does not decide one with all of its fields.

    Problem: with the scripted provider the dialogue can only fail. Where a field is left empty or is not accepted, the
    person is asked again.
    Instead: give `approval` on calls of tools that have a rule, with its fields, in the form that they must have.
    """
    tools = subject.scenario.tools
    for dialogue in subject.dialogues:
        remembered: set[str] = set()
        for move in _calls_in(dialogue):
            if move.tool not in tools:
                continue
            approval, is_gated = _approval_of(move, subject.scenario)
            place = move.place / "approval"
            if move.approval and approval is None:
                yield Finding(
                    f"tool '{move.tool}' needs no approval",
                    place.key_span,
                    "give the tool its rule back, or leave this out",
                )
            if move.asks is not None and approval is None and not is_gated:
                hint = "give the tool an `approval` with a `question`, or leave this out"
                yield Finding(f"tool '{move.tool}' asks nobody", (move.place / "asks").key_span, hint)
            elif approval is not None:
                is_sure = approval.when is None and not is_gated and move.tool not in remembered
                if not move.approval and is_sure and move.outcome is None:
                    hint = "add `approval: reject`, or `approval: {approve: {...}}` with its fields"
                    yield Finding(
                        f"tool '{move.tool}' needs an approval, and nobody decides it", (move.place / "call").span, hint
                    )
                if approval.remember == "session":
                    remembered.add(move.tool)
                if move.asks is not None and approval.question is None:
                    hint = "give its rule a `question`, or leave this out"
                    yield Finding(
                        f"the approval of '{move.tool}' asks nothing in words", (move.place / "asks").span, hint
                    )
                for decision in move.approval:
                    yield from _unknown_fields(decision, approval, move)
                yield from _misfits(move, approval)


def _unknown_fields(decision: Decision, approval: ApprovalRule, move: Call) -> Iterator[Finding]:
    for name in decision.fields:
        if name not in approval.fields:
            span = (decision.place / "approve" / name).key_span
            message = f"the approval of '{move.tool}' has no field '{name}'"
            yield Finding(message, span, did_you_mean(name, approval.fields))


def _is_given(field: str, decision: Decision) -> bool:
    return not is_unsaid(decision.fields.get(field))


def _misfits(move: Call, approval: ApprovalRule) -> Iterator[Finding]:
    """What the last decision fills in that is not accepted; after earlier ones the person is asked again."""
    for decision in move.approval[-1:]:
        is_known = decision.fields.keys() <= approval.fields.keys()
        empty = [name for name, field in approval.fields.items() if field.required and not _is_given(name, decision)]
        if decision.kind == "approve" and is_known and empty:
            message = f"the required field {listed(map(repr, empty))} is left empty, so this approves nothing"
            hint = "fill it in, or let another decision follow: the person is asked again"
            yield Finding(message, (decision.place / "approve").span, hint)
        for field in approval.fields.values():
            if reason := field.misfit(decision.fields):
                span = (decision.place / "approve" / field.name).span
                hint = "give one that fits, or let another decision follow: the person is asked again"
                yield Finding(f"the field '{field.name}' is not accepted: {reason}", span, hint)


@rule("SC406", "unknown-placeholder")
def unknown_placeholder(subject: Subject) -> Iterator[Finding]:
    """A dialogue that is played for several values has a placeholder for none of them.

    Problem: `<city>` would be said, and sent, as it stands.
    Instead: give the value in every item of `each`, or mend the name.
    """
    for dialogue in subject.dialogues:
        for name, place in _placeholders_of(dialogue):
            if name not in dialogue.values:
                if any(name in values for values in (dialogue.place / "each").value):
                    message = f"'<{name}>' has no value in '{dialogue.id}'"
                    used = (Related("it is used here", place.span),)
                    yield Finding(message, _item_of(dialogue).span, f"give '{name}' in every item of `each`", used)
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
        read = {name for name, _ in _placeholders_of(dialogue)} if dialogue.values else set()
        for name in dialogue.values.keys() - read:
            items = (dialogue.place / "each").value
            first = next(index for index, values in enumerate(items) if name in values)
            span = (dialogue.place / "each" / first / name).key_span
            hint = f"write <{name}> where it belongs, or leave it out"
            yield Finding(f"nothing reads the value '{name}'", span, hint)


@rule("SC407", "late-interruption")
def late_interruption(subject: Subject) -> Iterator[Finding]:
    """The caller is to break a silence, a call or a line that is over by then.

    Problem: they never cut in, so what the dialogue is to show never happens.
    Instead: let `after` be shorter than the `silence`, the tool's `delay` or the line; or let the next turn be what the
    caller says.
    """
    for dialogue in subject.dialogues:
        for turn in dialogue.turns:
            for move in turn.moves or ():
                yield from _cut_in_too_late(move, subject.scenario)
            after = turn.interrupt.after_seconds if turn.interrupt is not None else None
            if after is not None and turn.silence is not None and after >= turn.silence:
                span = (turn.place / "interrupt" / "after").span
                message = f"the silence is over after {turn.silence:g} s, so nobody cuts in after {after:g} s"
                yield Finding(message, span, "cut in earlier, or let the next turn be what the caller says")


def _cut_in_too_late(move: Move, scenario: Scenario) -> Iterator[Finding]:
    """The finding about a line that has been said, or a tool that has answered, before the caller cuts in."""
    hint = "cut in earlier, or let the next turn be what the caller says"
    if isinstance(move, Call) and move.interrupt is not None:
        after, lasts = move.interrupt.after_seconds, _longest_wait(move.tool, scenario)
        if after is not None and lasts is not None and after > lasts:
            message = f"'{move.tool}' answers after {lasts:g} s at the latest, so nobody cuts in after {after:g} s"
            yield Finding(message, (move.place / "interrupt" / "after").span, hint)
    elif isinstance(move, Say) and move.interrupt is not None:
        words = len(words_of(move.text))
        lasts = spoken_ms(words, min(1.0, scenario.session.speed or 1.0)) / 1000
        if (after := move.interrupt.after_seconds) is not None and after > lasts:
            message = f"this is said in {lasts:g} s, so nobody cuts in after {after:g} s"
            yield Finding(message, (move.place / "interrupt" / "after").span, hint)
        elif (counted := move.interrupt.after_words) is not None and counted > words:
            message = f"this has {words} word{'s' if words > 1 else ''}, so nobody cuts in after {counted}"
            yield Finding(message, (move.place / "interrupt" / "after_words").span, hint)


def _longest_wait(name: str, scenario: Scenario) -> float | None:
    """The seconds after which a tool has answered in any case; None where that is not known.

    How long a person, a backend, a text model or code takes is not.
    """
    tool = scenario.tools.get(name)
    if tool is None or tool.approval is not None or tool.stub.waits or not tool.stub.answers:
        return None
    texts = tool.stub.texts(tool.place, {"args": None})
    if any(isinstance(text, Code) and text.kind == "python" for text in texts):
        return None
    return max(tool.timeout if answer.times_out else min(answer.delay, tool.timeout) for answer in tool.stub.answers)


@rule("SC409", "contradicted-arguments")
def contradicted_arguments(subject: Subject) -> Iterator[Finding]:
    """A move sends arguments that are not as its own `expect_args` demands.

    Problem: `expect_args` holds of whoever sends them, the script as well, so the dialogue can only fail.
    Instead: mend the one or the other; arguments that are not sent need no word.
    """
    for dialogue in subject.dialogues:
        for move in (move for turn in dialogue.turns for move in turn.moves or ()):
            yield from _contradictions(move, subject.scenario)


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


def _item_of(dialogue: Dialogue) -> Place:
    """Where the values stand that a dialogue is played for this time."""
    each = dialogue.place / "each"
    return each / next(at for at, values in enumerate(each.value) if values == dialogue.values)


def _placeholders_of(dialogue: Dialogue) -> Iterator[tuple[str, Place]]:
    """The placeholders of a dialogue that is played for several values."""
    for key, value in dialogue.place.value.items() if dialogue.values else ():
        if key != "each":
            yield from placeholders_in(dialogue.place / key, value)


def _unknown_beginning(dialogue: Dialogue, scenario: Scenario) -> Iterator[Finding]:
    agent = scenario.agents.get(dialogue.agent or scenario.start)
    if dialogue.agent is not None:
        yield from _unknown_reference(dialogue.agent, dialogue.place_of("agent"), "agent", scenario.agents)
    if dialogue.state is not None and agent is not None:
        states = agent.states.states if agent.states else {}
        yield from _unknown_reference(dialogue.state, dialogue.place / "state", "state", states)


def _calls_in(dialogue: Dialogue) -> Iterator[Call]:
    """The calls of a dialogue, each before those of the text model behind it."""
    for turn in dialogue.turns:
        for move in turn.moves or ():
            if isinstance(move, Call):
                yield move
                yield from (nested for nested in move.nested if isinstance(nested, Call))


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


def _tools_to_name(scenario: Scenario, wanted: Any) -> Mapping[str, object]:
    """The tools that may be named: the scenario's own and those of its MCP servers, as far as these say which."""
    lent = {name: None for server in scenario.mcp.values() for name in server.tools or ()}
    if any(server.tools is None for server in scenario.mcp.values()):
        lent[str(wanted)] = None  # a server that does not list its tools may have any
    built_in = {SET_STATE_TOOL: None} if _states_of_all_agents(scenario) else {}
    return {**scenario.tools, **lent, **built_in}


def _approval_of(move: Call, scenario: Scenario) -> tuple[ApprovalRule | None, bool]:
    """The approval rule that a call falls under, and whether a gate stands before it."""
    tool = scenario.tools[move.tool]
    if tool.stub.catalogue is None:
        return tool.approval, bool(tool.requires)
    found = tool.stub.catalogue.resolved(move.arguments)
    if isinstance(found, Unresolved):
        return None, True  # what cannot be called is not asked about
    return found.function.approval or tool.approval, bool(tool.requires or found.function.requires)


def _unknown_reference(name: Any, place: Place, kind: str, known: Mapping[str, object]) -> Iterator[Finding]:
    if name not in known:
        hint = did_you_mean(str(name), known)
        yield Finding(f"{kind} '{name}' does not exist", place.span, hint, missing=str(name))


def _states_of_all_agents(scenario: Scenario) -> dict[str, object]:
    return {
        name: state for agent in scenario.agents.values() if agent.states for name, state in agent.states.states.items()
    }


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
                yield Finding(message, (_item_of(dialogue) / value).span, hint, used)
