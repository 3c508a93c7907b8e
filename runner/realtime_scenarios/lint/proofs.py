"""Gates that are weaker or stronger than they look, and properties that do not hold on every way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from realtime_scenarios.core import Related
from realtime_scenarios.document import Place
from realtime_scenarios.lint.code import is_sound
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import texts_of
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import specs_of

if TYPE_CHECKING:
    from realtime_scenarios.proof import GateFinding, PropertyProof


@rule("SC701", "gate-never-opens", "warning", needs_all=True, of_whole=True)
def gate_never_opens(subject: Subject) -> Iterator[Finding]:
    """A `requires` can never hold where it stands.

    Problem: nothing that can happen makes it true, so the tool, handoff or transition behind it is dead.
    Instead: let something set the variable, or mend the condition.
    """
    for finding in _findings_as_meant(subject.scenario, "never-opens"):
        yield Finding(
            f"the gate of '{finding.subject}' never opens", finding.place.span, "nothing that can happen makes it true"
        )


@rule("SC702", "unguarded-path", "warning", needs_all=True, of_whole=True)
def unguarded_path(subject: Subject) -> Iterator[Finding]:
    """What a guarded tool does can be done without its gate, by way of another tool.

    Problem: the gate guards a name; the same query, code, request or supervisor stands open elsewhere.
    Instead: give the other tool the same `requires` and `approval`, or take it out.
    """
    for finding in _gate_findings(subject.scenario, "unguarded"):
        if finding.other_place is not None:
            yield Finding(
                f"'{finding.other}' does what '{finding.subject}' does, without its gate: {_steps(finding.path)}",
                finding.other_place.key_span,
                f"give it the gate of '{finding.subject}'",
                (Related("the guarded one is here", finding.place.key_span),),
            )


@rule("SC703", "approval-can-be-skipped", "warning", needs_all=True)
def approval_can_be_skipped(subject: Subject) -> Iterator[Finding]:
    """A tool that writes runs without asking anybody where the `when` of its approval does not hold.

    Problem: what `when` looks at is for the model to choose, and there is no `requires` behind it.
    Instead: ask always, or add a `requires` for the calls that nobody is asked about.
    """
    for finding in _gate_findings(subject.scenario, "skipped"):
        hint = "ask always, or add a `requires`"
        yield Finding(
            f"'{finding.subject}' can write without anybody being asked: {_steps(finding.path)}",
            finding.place.span,
            hint,
        )


@rule("SC704", "gate-opens-by-the-model-alone", "warning", needs_all=True, of_whole=True)
def gate_opens_by_the_model_alone(subject: Subject) -> Iterator[Finding]:
    """The model can make a `requires` true by its own word.

    Problem: no query, case, code, request or person has a say in it: the gate is only a sentence in a prompt.
    Instead: let a tool set the variable that checks something: `cases`, `query`, `python`, `http` or an approval.
    """
    for finding in _findings_as_meant(subject.scenario, "claimed"):
        yield Finding(
            f"the model alone can open the gate of '{finding.subject}': {_steps(finding.path)}",
            finding.place.span,
            "let a tool that checks something set the variable",
        )


@rule("SC705", "property-refuted", needs_all=True, of_whole=True)
def property_refuted(subject: Subject) -> Iterator[Finding]:
    """A property of the file does not hold on every way through the scenario.

    Problem: a conversation can break it, in the steps that are shown.
    Instead: close the way with a `requires`, or take the property out.
    """
    for proof in _property_proofs(subject.scenario):
        if proof.verdict == "refuted":
            yield Finding(
                f"{_shown_property(proof)} does not hold: {_steps(proof.path)}",
                _property_place(proof).span,
                _hint_for(proof),
            )


@rule("SC706", "property-unknown-name", needs_all=True)
def property_unknown_name(subject: Subject) -> Iterator[Finding]:
    """A property names a tool, agent or state that does not exist, or that could be several.

    Problem: it says nothing.
    Instead: mend the name, or put `tool:`, `agent:` or `state:` before it.
    """
    for proof in _property_proofs(subject.scenario):
        if proof.verdict == "unknown-name":
            yield Finding(str(proof.problem), _property_place(proof).span, proof.hint)


@rule("SC707", "property-undecided", "warning", needs_all=True, of_whole=True)
def property_undecided(subject: Subject) -> Iterator[Finding]:
    """Whether a property holds could not be found out.

    Problem: there are too many states, or its `when` depends on values that only a conversation has.
    Instead: compare variables with constants, and keep values that a variable may have few.
    """
    if not all(map(is_sound, texts_of(subject.scenario))):
        return  # an expression that cannot be read may be why
    for proof in _property_proofs(subject.scenario):
        if proof.verdict == "undecided":
            way = f": {_steps(proof.path)}" if proof.path else ""
            yield Finding(
                f"{_shown_property(proof)} may or may not hold{way}", _property_place(proof).span, proof.problem
            )


@rule("SC840", "gate-undecided", "warning", needs_all=True, of_whole=True)
def gate_undecided(subject: Subject) -> Iterator[Finding]:
    """Whether a gate can be got around, opened by the model alone, or opened at all could not be found out.

    Problem: too much depends on each other for the search to come to its end; nothing is proved of this gate.
    Instead: compare variables with constants, keep the values that a variable may have few, and gates short.
    """
    for finding in _gate_findings(subject.scenario, "undecided"):
        hint = "compare variables with constants, and keep the values that they may have few"
        yield Finding(str(finding.problem), finding.place.span, hint)


def _findings_as_meant(scenario: Scenario, kind: str) -> list[GateFinding]:
    """The same as `_gate_findings`, where they cannot follow from a mistake that is told by itself."""
    found = list(_gate_findings(scenario, kind))
    return found if found and _is_read_as_meant(scenario) else []


def _is_read_as_meant(scenario: Scenario) -> bool:
    """Whether expressions can be read: else what opens a gate is not what was meant."""
    return all(is_sound(written) for written in texts_of(scenario) if written.kind == "expression")


def _gate_findings(scenario: Scenario, kind: str) -> Iterator[GateFinding]:
    if _has_gates(scenario):
        from realtime_scenarios.proof import gate_findings  # only a scenario with gates needs it

        yield from (finding for finding in gate_findings(scenario) if finding.kind == kind)


def _property_proofs(scenario: Scenario) -> tuple[PropertyProof, ...]:
    if not scenario.properties:
        return ()
    from realtime_scenarios.proof import property_proofs  # only a scenario with properties needs it

    return property_proofs(scenario)


def _has_gates(scenario: Scenario) -> bool:
    agents = scenario.agents.values()
    transitions = (
        transition
        for agent in agents
        if agent.states is not None
        for state in agent.states.states.values()
        for transition in state.transitions
    )
    return (
        any(tool.requires or tool.approval for tool in specs_of(scenario.tools).values())
        or any(edge.requires for agent in agents for edge in agent.handoffs)
        or any(transition.requires for transition in transitions)
    )


def _steps(path: tuple[str, ...]) -> str:
    return "; ".join(path)


def _shown_property(proof: PropertyProof) -> str:
    if proof.property.before is not None:
        return "'before: {} -> {}'".format(*proof.property.before)
    return f"'never: {proof.property.never}'"


def _property_place(proof: PropertyProof) -> Place:
    return proof.property.place / ("before" if proof.property.before is not None else "never")


def _hint_for(proof: PropertyProof) -> str | None:
    return proof.property.because or "close the way with a `requires`"
