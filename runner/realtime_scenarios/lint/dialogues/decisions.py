"""What a dialogue decides where nobody asks, and what it leaves undecided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime_scenarios.core import did_you_mean, is_unsaid, listed
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.decision import Decision
from realtime_scenarios.model.dialogue import Call, Dialogue
from realtime_scenarios.model.persona import Persona
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import ApprovalRule, Unresolved, specs_of


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
            try:
                approval, is_gated = _approval_of(move, subject.scenario)
            except ValueError:
                continue  # a schema that is none is told where it stands
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
                yield from _unfit(move.tool, move.approval, approval)
        if dialogue.caller is not None:
            yield from _of_a_caller(dialogue.caller, subject.scenario)


def _of_a_caller(persona: Persona, scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with the decisions that a caller without a script makes each time they are asked."""
    for name, decisions in persona.approvals.items():
        tool = scenario.tools.get(name)
        rules = [spec.approval for spec in specs_of({name: tool}).values() if spec.approval] if tool else []
        if tool is not None and not rules:
            place = persona.place / "approvals" / name
            hint = "give the tool its rule back, or leave this out"
            yield Finding(f"tool '{name}' needs no approval", place.key_span, hint)
        if len(rules) == 1:
            yield from _unfit(name, decisions, rules[0])


def _calls_in(dialogue: Dialogue) -> Iterator[Call]:
    """The calls of a dialogue, each before those of the text model behind it."""
    for turn in dialogue.turns:
        for move in turn.moves or ():
            if isinstance(move, Call):
                yield move
                yield from (nested for nested in move.nested if isinstance(nested, Call))


def _approval_of(move: Call, scenario: Scenario) -> tuple[ApprovalRule | None, bool]:
    """The approval rule that a call falls under, and whether a gate stands before it.

    Raises:
        ValueError: the function that is called has parameters that are no schema.
    """
    tool = scenario.tools[move.tool]
    if tool.stub.catalogue is None:
        return tool.approval, bool(tool.requires)
    found = tool.stub.catalogue.resolved(move.arguments)
    if isinstance(found, Unresolved):
        return None, True  # what cannot be called is not asked about
    return found.function.approval or tool.approval, bool(tool.requires or found.function.requires)


def _unfit(tool: str, decisions: Sequence[Decision], approval: ApprovalRule) -> Iterator[Finding]:
    """What is filled in that the rule does not ask for, or does not accept."""
    for decision in decisions:
        yield from _unknown_fields(decision, approval, tool)
    yield from _misfits(decisions, approval)


def _unknown_fields(decision: Decision, approval: ApprovalRule, tool: str) -> Iterator[Finding]:
    for name in decision.fields:
        if name not in approval.fields:
            span = (decision.place / "approve" / name).key_span
            message = f"the approval of '{tool}' has no field '{name}'"
            yield Finding(message, span, did_you_mean(name, approval.fields))


def _misfits(decisions: Sequence[Decision], approval: ApprovalRule) -> Iterator[Finding]:
    """What the last decision fills in that is not accepted; after earlier ones the person is asked again."""
    for decision in decisions[-1:]:
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


def _is_given(field: str, decision: Decision) -> bool:
    return not is_unsaid(decision.fields.get(field))
