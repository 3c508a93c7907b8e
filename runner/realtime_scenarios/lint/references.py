"""Names that mean nothing: agents, tools, guardrails, variables and states that are not in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from realtime_scenarios.core import Related, did_you_mean
from realtime_scenarios.core.paths import is_file
from realtime_scenarios.document import Place
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import collected_by, sets_of, transitions_of, wire_names
from realtime_scenarios.model.names import LONGEST_FUNCTION_NAME, is_function_name
from realtime_scenarios.model.tool import specs_of

_ALLOWED = f"at most {LONGEST_FUNCTION_NAME} letters, digits, '_' and '-'"


@rule("SC201", "unknown-start-agent")
def unknown_start_agent(subject: Subject) -> Iterator[Finding]:
    """The scenario starts with an agent that does not exist.

    Problem: `start` names no agent of the file, so no conversation can begin.
    Instead: name one of the keys below `agents`.
    """
    scenario = subject.scenario
    if scenario.start not in scenario.agents:
        span = (scenario.place / "start").span
        hint = did_you_mean(scenario.start, scenario.agents)
        yield Finding(f"agent '{scenario.start}' does not exist", span, hint, missing=scenario.start)


@rule("SC202", "unknown-tool")
def unknown_tool(subject: Subject) -> Iterator[Finding]:
    """An agent has a tool that does not exist.

    Problem: the name is not a key below `tools`.
    Instead: declare the tool, or mend the name.
    """
    for agent in subject.scenario.agents.values():
        for index, name in enumerate(agent.tools):
            if name not in subject.scenario.tools:
                span = (agent.place / "tools" / index).span
                hint = did_you_mean(name, subject.scenario.tools)
                yield Finding(f"tool '{name}' does not exist", span, hint, missing=name)


@rule("SC203", "unknown-handoff-target")
def unknown_handoff_target(subject: Subject) -> Iterator[Finding]:
    """A handoff leads to an agent that does not exist.

    Problem: a caller who should be handed over would be lost.
    Instead: name one of the keys below `agents`.
    """
    agents = subject.scenario.agents
    for agent in agents.values():
        for edge in agent.handoffs:
            if edge.to not in agents:
                others = {name: other.name for name, other in agents.items() if name != agent.id}
                called = next((name for name, title in others.items() if title.casefold() == edge.to.casefold()), None)
                hint = f"did you mean '{called}'? '{others[called]}' is its name" if called else None
                yield Finding(
                    f"agent '{edge.to}' does not exist",
                    target_place(edge.place).span,
                    hint or did_you_mean(edge.to, others),
                    missing=edge.to,
                )


@rule("SC204", "unknown-guardrail")
def unknown_guardrail(subject: Subject) -> Iterator[Finding]:
    """An agent or the session applies a guardrail that does not exist.

    Problem: what should be stopped would be said.
    Instead: declare it below `guardrails`, or mend the name.
    """
    scenario = subject.scenario
    named = [
        (name, agent.place / "guardrails" / at)
        for agent in scenario.agents.values()
        for at, name in enumerate(agent.guardrails)
    ]
    session = scenario.place / "session" / "guardrails" / "apply"
    named += [(name, session / at) for at, name in enumerate(scenario.session_guardrails)]
    for name, place in named:
        if name not in scenario.guardrails:
            hint = did_you_mean(name, scenario.guardrails)
            yield Finding(f"guardrail '{name}' does not exist", place.span, hint, missing=name)


@rule("SC205", "unknown-context-variable")
def unknown_context_variable(subject: Subject) -> Iterator[Finding]:
    """Something sets a context variable that is not declared.

    Problem: nobody could read it, and its type is not known.
    Instead: declare it below `context`.
    """
    known = subject.scenario.context
    for name, place in sets_of(subject.scenario):
        if name not in known:
            yield _unknown_variable(name, place, known)
    for dialogue in subject.dialogues:
        for name in dialogue.context:
            if name not in known:
                yield _unknown_variable(name, dialogue.place_of("context", name), known)


@rule("SC206", "unknown-state")
def unknown_state(subject: Subject) -> Iterator[Finding]:
    """A transition leads to a state that does not exist, or an agent is to begin in one.

    Problem: the conversation would have nowhere to go.
    Instead: name the `id` of one of the agent's states.
    """
    for agent in subject.scenario.agents.values():
        if agent.states is None:
            continue
        entry = agent.place.value.get("states_entry", agent.states.entry)
        if entry not in agent.states.states:
            span = (agent.place / "states_entry").span
            yield Finding(f"state '{entry}' does not exist", span, did_you_mean(entry, agent.states.states))
        for state in agent.states.states.values():
            for edge in state.transitions:
                if edge.to is not None and edge.to not in agent.states.states:
                    hint = did_you_mean(edge.to, agent.states.states)
                    span = target_place(edge.place).span
                    yield Finding(f"state '{edge.to}' does not exist", span, hint, missing=edge.to)


@rule("SC207", "handoff-to-itself")
def handoff_to_itself(subject: Subject) -> Iterator[Finding]:
    """An agent hands off to itself.

    Problem: the model can go round in circles without anything changing.
    Instead: leave the edge out.
    """
    for agent in subject.scenario.agents.values():
        for edge in agent.handoffs:
            if edge.to == agent.id:
                yield Finding(
                    f"agent '{agent.id}' hands off to itself", target_place(edge.place).span, "leave this handoff out"
                )


@rule("SC208", "duplicate-handoff")
def duplicate_handoff(subject: Subject) -> Iterator[Finding]:
    """An agent has two handoffs to the same agent.

    Problem: the model sees two functions that do the same, and only one of them has your gate.
    Instead: keep one.
    """
    for agent in subject.scenario.agents.values():
        first: dict[str, Place] = {}
        for edge in agent.handoffs:
            place = target_place(edge.place)
            if edge.to in first:
                related = Related("the first one is here", first[edge.to].span)
                yield Finding(f"a second handoff to '{edge.to}'", place.span, "keep one of them", (related,))
            first.setdefault(edge.to, place)


@rule("SC209", "clashing-names")
def clashing_names(subject: Subject) -> Iterator[Finding]:
    """Two functions of one agent have the same name on the wire.

    Problem: the SDK refuses to start. Handoffs are functions too, named `transfer_to_<name of the target>`.
    Instead: rename the tool, or give the handoff a `name`.
    """
    for agent in subject.scenario.agents.values():
        first: dict[str, Place] = {}
        for name, place in wire_names(agent, subject.scenario):
            if name in first:
                related = Related("the other one is here", first[name].span)
                again = list(agent.tools).count(name) > 1
                hint = "take one of them out" if again else "rename one, or give the handoff a `name`"
                yield Finding(f"agent '{agent.id}' has two functions named '{name}'", place.span, hint, (related,))
            first.setdefault(name, place)


@rule("SC210", "clashing-agents")
def clashing_agents(subject: Subject) -> Iterator[Finding]:
    """Two agents have the same name.

    Problem: people and traces cannot tell them apart.
    Instead: give each a `name` of its own.
    """
    first: dict[str, Place] = {}
    for agent in subject.scenario.agents.values():
        if agent.name in first:
            related = Related("the other one is here", first[agent.name].key_span)
            yield Finding(
                f"a second agent is named '{agent.name}'", agent.place.key_span, "rename one of them", (related,)
            )
        first.setdefault(agent.name, agent.place)


@rule("SC211", "inputs-with-transfer-agents")
def inputs_with_transfer_agents(subject: Subject) -> Iterator[Finding]:
    """A handoff has `inputs`, or a name of its own, though its agent has one tool for all handoffs.

    Problem: `transfer_agents` has its own arguments, the same for every target, so these could never be given.
    Instead: read `args.rationale_for_transfer` and `args.conversation_context`, or use `handoff_style: sdk`.
    """
    for agent in subject.scenario.agents.values():
        for edge in agent.handoffs if agent.handoff_style == "transfer_agents" else ():
            for key, given in (("inputs", edge.inputs), ("name", edge.tool_name)):
                if given is not None:
                    hint = "take it out, or use `handoff_style: sdk`"
                    yield Finding(f"`{key}` has no place in the one transfer tool", (edge.place / key).key_span, hint)


@rule("SC212", "supervisor-behind-supervisor")
def supervisor_behind_supervisor(subject: Subject) -> Iterator[Finding]:
    """A supervisor has a tool that asks a text model itself.

    Problem: text models that ask text models keep the caller waiting without end, and cannot be rehearsed.
    Instead: give the tools to one supervisor; a model call behind it needs an `offline` answer.
    """
    scenario = subject.scenario
    for supervisor in scenario.supervisors.values():
        for index, name in enumerate(supervisor.tools):
            stub = scenario.tools[name].stub if name in scenario.tools else None
            span = (supervisor.place / "tools" / index).span
            if stub is not None and stub.supervisor is not None:
                yield Finding(f"tool '{name}' asks a supervisor itself", span, "give its tools to this supervisor")
            elif stub is not None and stub.question is not None and stub.question.offline is None:
                yield Finding(f"tool '{name}' asks a text model itself", span, "give that model an `offline` answer")


@rule("SC213", "unused-supervisor", "warning", of_whole=True)
def unused_supervisor(subject: Subject) -> Iterator[Finding]:
    """No tool asks this supervisor.

    Problem: it is never heard.
    Instead: let a tool ask it, with `supervisor: NAME`, or take it out.
    """
    asked = {tool.stub.supervisor for tool in specs_of(subject.scenario.tools).values()}
    for supervisor in subject.scenario.supervisors.values():
        if supervisor.name not in asked:
            hint = f"let a tool ask it: supervisor: {supervisor.name}"
            yield Finding(f"no tool asks supervisor '{supervisor.name}'", supervisor.place.key_span, hint)


@rule("SC214", "mcp-program-not-found", "warning")
def mcp_program_not_found(subject: Subject) -> Iterator[Finding]:
    """The program of an MCP server is not on this machine, or its script is not in the scenario's folder.

    Problem: no conversation can begin.
    Instead: install it, or mend the name. `python` is the Python that runs the scenario.
    """
    for server in subject.scenario.mcp.values():
        program, script = server.command[0], server.script
        place = server.place / "command"
        import shutil  # only a scenario with MCP servers needs it

        if program != "python" and shutil.which(program, path=None) is None:
            yield Finding(f"there is no program '{program}' here", (place / 0).span, "install it, or mend the name")
        if script is not None and not is_file(subject.scenario.folder / script):
            hint = "its path begins in the scenario's folder"
            yield Finding(f"there is no file '{script}'", (place / 1).span, hint)


@rule("SC215", "refused-function-name")
def refused_function_name(subject: Subject) -> Iterator[Finding]:
    """A function has a name that the API refuses.

    Problem: names of functions have at most 64 characters: letters, digits, `_` and `-`. With another one the whole
    update is refused, and the agent has no functions at all. A handoff is named after its target.
    Instead: give the handoff a `name`.
    """
    for agent in subject.scenario.agents.values():
        for name, place in wire_names(agent, subject.scenario):
            if not is_function_name(name):
                shape = f"{len(name)} characters" if len(name) > LONGEST_FUNCTION_NAME else "other characters"
                message = f"the function '{_shortened(name)}' has {shape}, and the API takes {_ALLOWED}"
                yield Finding(message, target_place(place).span, "give the handoff a `name`")


@rule("SC220", "changes-not-made", "warning")
def changes_not_made(subject: Subject) -> Iterator[Finding]:
    """A transition sets or clears context variables, but the states of its agent are only written into the prompt.

    Problem: nobody takes the transition but the model in its head, so nothing is ever set or cleared.
    Instead: write `states_mode: tracked` or `focused`.
    """
    for agent in subject.scenario.agents.values():
        if agent.states is None or agent.states.is_enforced:
            continue
        for way in transitions_of(agent):
            for key, given in (("set", way.set), ("clear", way.clear)):
                if given:
                    message = f"`{key}` is never carried out: the states of '{agent.id}' are only written down"
                    yield Finding(message, (way.place / key).key_span, "add `states_mode: tracked` to the agent")


@rule("SC221", "nothing-to-clear", "warning", of_whole=True)
def nothing_to_clear(subject: Subject) -> Iterator[Finding]:
    """A transition clears a context variable that nothing ever sets, or that it sets itself.

    Problem: the variable is what it was, or what `set` says; clearing it does nothing.
    Instead: clear what a state collects, or what a tool, a handoff or another transition sets.
    """
    scenario = subject.scenario
    found_out = {collected.variable for agent in scenario.agents.values() for collected in collected_by(agent)}
    changing = found_out | {name for name, place in sets_of(scenario) if place.pointer[-2] == "set"}
    for agent in scenario.agents.values():
        for way in transitions_of(agent):
            for index, name in enumerate(way.clear):
                span = (way.place / "clear" / index).span
                if name in way.set:
                    yield Finding(f"'{name}' is cleared and set at once", span, "leave one of the two out")
                elif name in scenario.context and name not in changing:
                    yield Finding(f"nothing ever sets '{name}'", span, "clear what a state collects or something sets")


@rule("SC229", "named-twice", "warning", misnames=True)
def named_twice(subject: Subject) -> Iterator[Finding]:
    """A list has the same name twice.

    Problem: the second one does nothing, and another one may have been meant.
    Instead: leave it out, or mend it.
    """
    scenario = subject.scenario
    agents = scenario.agents.values()
    states = [state for agent in agents if agent.states is not None for state in agent.states.states.values()]
    named: list[tuple[Sequence[str], Place]] = [
        *(([found.variable for found in state.collect], state.place / "collect") for state in states),
        *((way.clear, way.place / "clear") for agent in agents for way in transitions_of(agent)),
        *((state.tools, state.place / "tools") for state in states),
        *((agent.guardrails, agent.place / "guardrails") for agent in agents),
        *((agent.mcp, agent.place / "mcp") for agent in agents),
        *((supervisor.tools, supervisor.place / "tools") for supervisor in scenario.supervisors.values()),
    ]
    known = {*scenario.context, *scenario.tools, *scenario.guardrails, *scenario.mcp}  # others are told as such
    for names, place in named:
        for index, name in enumerate(names):
            if name in names[:index] and name in known:
                yield Finding(f"'{name}' stands here twice", (place / index).span, "leave it out, or mend the name")


def target_place(edge: Place) -> Place:
    """Where the target of a handoff or transition stands: below `to`, or the edge itself where it is a bare name."""
    return edge / "to" if isinstance(edge.value, Mapping) else edge


def _shortened(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


def _unknown_variable(name: str, place: Place, known: Mapping[str, object]) -> Finding:
    hint = did_you_mean(name, known) if known else f"declare it: context: {{{name}: ...}}"
    span = place.span if isinstance(place.pointer[-1], int) else place.key_span  # in a list it stands by itself
    return Finding(f"context variable '{name}' does not exist", span, hint, missing=name)
