"""Rules about names that nothing answers to: of rules, supervisors, servers, and what states may use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from realtime_scenarios.core import did_you_mean, listed, nearest
from realtime_scenarios.document import CODES
from realtime_scenarios.lint.rule import RULES, Finding, Subject, rule
from realtime_scenarios.model.tool import functions_of


@rule("SC600", "unknown-rule", "warning")
def unknown_rule(subject: Subject) -> Iterator[Finding]:
    """The file ignores a rule that does not exist, or one that cannot be ignored.

    Problem: nothing is left out, and the next reader thinks that something is.
    Instead: mend the code or name; `scenario lint --list` has them all. Errors have to be mended.
    """
    scenario = subject.scenario
    rules = [(registered.code, registered.name, registered.severity) for _, registered in RULES.items()]
    warnings = {name for code, title, severity in rules for name in (code, title) if severity == "warning"}
    warnings |= {name for code in CODES.values() for name in (code.code, code.name)}
    errors = {name for code, title, severity in rules for name in (code, title) if severity == "error"}
    for index, name in enumerate(scenario.lint.ignore):
        span = (scenario.place / "lint" / "ignore" / index).span
        if name in errors:
            yield Finding(f"rule '{name}' cannot be ignored", span, "errors keep a scenario from being run; mend them")
        elif name not in warnings:
            yield Finding(f"rule '{name}' does not exist", span, _hint_for_rule(name, warnings))


@rule("SC608", "handoff-target-not-allowed")
def handoff_target_not_allowed(subject: Subject) -> Iterator[Finding]:
    """A state hands off to an agent that its own agent has no handoff to.

    Problem: the function that would do it does not exist.
    Instead: add the agent to `handoffs`, or take the transition out.
    """
    for agent in subject.scenario.agents.values():
        allowed = [edge.to for edge in agent.handoffs]
        for state in agent.states.states.values() if agent.states else ():
            for edge in state.transitions:
                name = edge.handoff
                if name is None or name in allowed:
                    continue
                known = subject.scenario.agents
                if name in known and not known.keys() >= set(allowed):
                    continue  # one of its handoffs leads nowhere, and is told: it may be this one
                message = f"agent '{agent.id}' has no handoff to '{name}'"
                hint = f"add it: handoffs: [{name}]" if name in known else did_you_mean(name, allowed)
                missing = None if name in known else name
                yield Finding(message, (edge.place / "handoff").span, hint, missing=missing)


@rule("SC609", "state-tool-not-of-agent")
def state_tool_not_of_agent(subject: Subject) -> Iterator[Finding]:
    """A state has a tool that its agent has not.

    Problem: the tool can never be called there.
    Instead: add it to the agent's `tools`, or mend the name.
    """
    scenario = subject.scenario
    for agent in scenario.agents.values():
        lent = [scenario.mcp[name].tools for name in agent.mcp if name in scenario.mcp]
        if agent.states is None or None in lent or len(lent) < len(agent.mcp):
            continue  # what a server has is known only when it runs
        known = [*agent.tools, *(name for names in lent for name in names or ())]
        for state in agent.states.states.values():
            for index, name in enumerate(state.tools):
                if name in known or (name in scenario.tools and not scenario.tools.keys() >= set(agent.tools)):
                    continue  # in the latter case one of its tools does not exist, and is told: it may be this one
                is_tool = name in scenario.tools
                hint = f"add it to the agent: tools: [{name}]" if is_tool else did_you_mean(name, known)
                message, span = f"agent '{agent.id}' has no tool '{name}'", (state.place / "tools" / index).span
                yield Finding(message, span, hint, missing=None if is_tool else name)


@rule("SC610", "collect-unknown-variable")
def collect_unknown_variable(subject: Subject) -> Iterator[Finding]:
    """A state collects a context variable that is not declared.

    Problem: there is nowhere to put what the caller says.
    Instead: declare it below `context`, or mend the name.
    """
    known = subject.scenario.context
    for agent in subject.scenario.agents.values():
        for state in agent.states.states.values() if agent.states else ():
            for name, collected in {found.variable: found for found in reversed(state.collect)}.items():
                if name not in known:
                    hint = did_you_mean(name, known) if known else f"declare it: context: {{{name}: ...}}"
                    message = f"context variable '{name}' does not exist"
                    yield Finding(message, collected.place.span, hint, missing=name)


@rule("SC611", "unknown-supervisor")
def unknown_supervisor(subject: Subject) -> Iterator[Finding]:
    """A tool asks a supervisor that does not exist.

    Problem: nobody would answer the call.
    Instead: name one of the keys below `supervisors`.
    """
    known = subject.scenario.supervisors
    for tool in subject.scenario.tools.values():
        for _, spec in functions_of(tool):
            name = spec.stub.supervisor
            if name is not None and name not in known:
                span = (spec.place / "supervisor").span
                yield Finding(f"supervisor '{name}' does not exist", span, did_you_mean(name, known), missing=name)


@rule("SC615", "unknown-mcp-server")
def unknown_mcp_server(subject: Subject) -> Iterator[Finding]:
    """An agent uses an MCP server that does not exist.

    Problem: its tools would be missing.
    Instead: name one of the keys below `mcp`.
    """
    known = subject.scenario.mcp
    for agent in subject.scenario.agents.values():
        for index, name in enumerate(agent.mcp):
            if name not in known:
                span = (agent.place / "mcp" / index).span
                yield Finding(f"MCP server '{name}' does not exist", span, did_you_mean(name, known), missing=name)


@rule("SC616", "bad-opening-call")
def bad_opening_call(subject: Subject) -> Iterator[Finding]:
    """The opening calls a tool that does not exist, or that needs arguments.

    Problem: nobody has said anything yet that the arguments could come from.
    Instead: name a tool of the scenario that can be called without arguments.
    """
    opening, tools = subject.scenario.opening, subject.scenario.tools
    for index, name in enumerate(opening.calls if opening else ()):
        span = (subject.scenario.place / "opening" / "calls" / index).span
        if name not in tools:
            yield Finding(f"tool '{name}' does not exist", span, did_you_mean(name, tools), missing=name)
        elif required := tools[name].parameters.get("required", ()):
            arguments = listed(f"'{argument}'" for argument in required)
            message = f"tool '{name}' cannot be called without {arguments}"
            yield Finding(message, span, "make them optional, or leave the call out")


@rule("SC617", "unknown-tool-of-supervisor")
def unknown_tool_of_supervisor(subject: Subject) -> Iterator[Finding]:
    """A supervisor has a tool that does not exist.

    Problem: the name is not a key below `tools`.
    Instead: declare the tool, or mend the name.
    """
    tools = subject.scenario.tools
    for supervisor in subject.scenario.supervisors.values():
        for index, name in enumerate(supervisor.tools):
            if name not in tools:
                span = (supervisor.place / "tools" / index).span
                yield Finding(f"tool '{name}' does not exist", span, did_you_mean(name, tools), missing=name)


def _hint_for_rule(name: str, known: Collection[str]) -> str:
    guess = None if re.fullmatch(r"SC\d+", name, re.IGNORECASE) else nearest(name, known)  # numbers are no slips
    return f"did you mean '{guess}'?" if guess else "`scenario lint --list` has them all"
