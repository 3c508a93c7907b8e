"""An agent and its scenario to the prompt that its model reads, still with the holes that a conversation fills."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from realtime_scenarios.core import resource_folder
from realtime_scenarios.core.locales import example_of_money
from realtime_scenarios.model.names import TRANSFER_TOOL
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec, Scenario, State
from realtime_scenarios.project.prompts.functions import target_description, wire_name

if TYPE_CHECKING:
    from jinja2 import Template

HEADINGS = {
    "identity": "Identity",
    "task": "Task",
    "demeanor": "Demeanor",
    "tone": "Tone",
    "enthusiasm": "Level of Enthusiasm",
    "formality": "Level of Formality",
    "emotion": "Level of Emotion",
    "filler_words": "Filler Words",
    "pacing": "Pacing",
    "other": "Other details",
}
"""The parts of a personality, in the order and with the headings of the voice agent metaprompt (openai, MIT)."""

SAY_EXACTLY = "Say exactly these words, and nothing else: "
"""How a response is ordered whose words are given."""

ALREADY_KNOWN = "Already known, do not ask again: "
"""How a prompt begins the line of what its states have found out."""


def prompt_template(agent: AgentSpec, scenario: Scenario) -> str:
    """All of the agent's prompt but its states: a template over `context`, `now`, `scenario` and `agent`."""
    opens = agent.id == scenario.start and scenario.opening is not None
    instructions = agent.instructions.text if agent.instructions else ""
    if agent.personality is None and not _has_prompt_settings(agent) and not opens:
        return instructions
    personality = agent.personality
    return _agent_template().render(
        agent=agent,
        scenario=scenario,
        framed=personality is not None,
        personality=[
            (heading, getattr(personality, name)) for name, heading in HEADINGS.items() if getattr(personality, name)
        ]
        if personality
        else [],
        instructions=instructions.strip(),
        prompt=agent.prompt,
        amount=example_of_money(scenario.locale),
        targets=[
            (wire_name(edge, agent, scenario), target_description(edge, scenario))
            for edge in agent.handoffs
            if edge.to in scenario.agents and not _is_bound_to_states(edge, agent)
        ],
        opening=scenario.opening.say if opens and scenario.opening else None,
        exactly=opens and scenario.opening is not None and scenario.opening.exact,
        silent_calls=scenario.opening.calls if opens and scenario.opening else (),
    )


def _is_bound_to_states(edge: HandoffSpec, agent: AgentSpec) -> bool:
    """Whether the function is only there in some states, whose texts name it."""
    machine = agent.states
    return machine is not None and machine.mode == "focused" and bool(machine.homes_of_handoffs.get(edge.to))


def states_text(agent: AgentSpec, scenario: Scenario, current: str, rendered: Callable[[str], str] = str) -> str:
    """What is written below the prompt about the agent's states; empty where it has none.

    The whole machine as JSON, as the metaprompt writes it, or, for a `focused` machine, the state `current` alone.
    `rendered` fills the holes in each of its texts.
    """
    machine = agent.states
    if machine is None:
        return ""
    if machine.mode == "focused":
        return rendered(_focused_state_text(machine.states[current], agent, scenario))
    known = [_with_texts_rendered(_state_data(state, agent, scenario), rendered) for state in machine.states.values()]
    states = json.dumps(known, indent=2, ensure_ascii=False)
    begins = "" if machine.entry == next(iter(machine.states)) else f"Begin in the state {machine.entry}.\n"
    return f"\n\n# Conversation States\n{begins}{states}\n"


def known_text(agent: AgentSpec, scenario: Scenario, context: Mapping[str, Any]) -> str:
    """What the agent's states need not find out any more, so that nobody is asked twice; empty where that is nothing.

    Values of secret variables are not told.
    """
    machine = agent.states
    if machine is None or not machine.is_enforced:
        return ""
    names = dict.fromkeys(field.variable for state in machine.states.values() for field in state.collect)
    known = {
        name: context.get(name) for name in names if name in scenario.context and context.get(name) not in (None, "")
    }
    if not known:
        return ""
    facts = [
        name if scenario.context[name].secret else f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in known.items()
    ]
    return f"\n{ALREADY_KNOWN}{'; '.join(facts)}\n"


def prompt_of(agent: AgentSpec, scenario: Scenario, values: Mapping[str, Any], current: str | None = None) -> str:
    """The whole prompt as the model reads it, with the conversation's `values` (`context` and `now`) filled in.

    `current` is the state the agent is in; None: the one it begins with.

    Raises:
        TemplateError: the prompt cannot be rendered with these values.
    """
    from realtime_scenarios.templates import Template, TemplateError

    machine, names = agent.states, {**values, **prompt_names(agent, scenario)}

    def rendered(text: str) -> str:
        return Template(text).render(names)

    try:
        text = rendered(prompt_template(agent, scenario))
        if machine is None:
            return text
        states = states_text(agent, scenario, current or machine.entry, rendered)
    except TemplateError as problem:
        raise problem.about(prompt_named(agent)) from problem
    return text + states + known_text(agent, scenario, values.get("context", {}))


def prompt_named(agent: AgentSpec) -> str:
    """The prompt of an agent in messages, with its place."""
    return f"{agent.place.span}: the prompt of agent '{agent.id}'"


def word_for_word(words: str) -> str:
    """The instructions of a response that says these words."""
    return f'{SAY_EXACTLY}"{words}"'


def prompt_names(agent: AgentSpec, scenario: Scenario) -> dict[str, Any]:
    """The names besides `context` and `now` that prompts may use."""
    return {
        "scenario": {"id": scenario.id, "title": scenario.title},
        "agent": {"id": agent.id, "name": agent.name},
        "locale": scenario.locale,
    }


def has_holes(agent: AgentSpec) -> bool:
    """Whether what is written about the agent's states depends on the conversation."""
    return agent.states is not None and any(
        "{" in text for state in agent.states.states.values() for text in texts_of_state(state)
    )


def texts_of_state(state: State) -> Iterator[str]:
    """The texts of a state that the model reads."""
    yield from (state.description, *state.instructions, *state.examples)
    yield from (edge.condition for edge in state.transitions)


def _with_texts_rendered(data: Any, rendered: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return rendered(data)
    if isinstance(data, dict):
        return {key: _with_texts_rendered(value, rendered) for key, value in data.items()}
    return [_with_texts_rendered(item, rendered) for item in data] if isinstance(data, list) else data


def _has_prompt_settings(agent: AgentSpec) -> bool:
    prompt = agent.prompt
    return bool(
        prompt.language
        or prompt.unclear_audio
        or prompt.variety
        or prompt.escalation
        or prompt.spoken
        or prompt.pronunciations
        or prompt.sections
        or (prompt.transfers and agent.handoffs)
    )


def _focused_state_text(state: State, agent: AgentSpec, scenario: Scenario) -> str:
    lines = [f"# Where the conversation is: {state.id}", state.description, ""]
    lines += [f"- {instruction}" for instruction in state.instructions]
    if state.collect:
        wanted = ", ".join(_collected_name(field.variable, field.required) for field in state.collect)
        lines += ["", f"Find out, and give it when you move on: {wanted}."]
    if state.tools:
        lines += ["", f"Tools of this state: {', '.join(state.tools)}."]
    if state.examples:
        lines += ["", "Sample phrases (vary them):", *(f"- {example}" for example in state.examples)]
    if state.transitions:
        lines += ["", "From here:"]
        lines += [f"- {_next_step(edge, agent, scenario)}: {edge.condition}" for edge in state.transitions]
    return "\n\n" + "\n".join(lines) + "\n"


def _state_data(state: State, agent: AgentSpec, scenario: Scenario) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": state.id,
        "description": state.description,
        "instructions": list(state.instructions),
        "examples": list(state.examples),
        "transitions": [
            {"next_step": _next_step(edge, agent, scenario), "condition": edge.condition} for edge in state.transitions
        ],
    }
    if state.collect:
        shown["collect"] = [_collected_name(field.variable, field.required) for field in state.collect]
    if state.tools:
        shown["tools"] = list(state.tools)
    if state.terminal:
        shown["terminal"] = True
    return shown


def _collected_name(variable: str, required: bool) -> str:
    return variable if required else f"{variable} (if the caller gives it)"


def _next_step(transition: Any, agent: AgentSpec, scenario: Scenario) -> str:
    """The id of the next state, or the function that hands off: the pseudo-target of the metaprompt."""
    if transition.handoff is None:
        return str(transition.to)
    edge = next((edge for edge in agent.handoffs if edge.to == transition.handoff), None)
    if edge is None or edge.to not in scenario.agents:
        return str(transition.handoff)
    name = wire_name(edge, agent, scenario)
    return f"{name} ({edge.to})" if name == TRANSFER_TOOL else name


@functools.cache
def _agent_template() -> Template:
    from jinja2 import Environment, StrictUndefined

    text = (resource_folder("prompts") / "agent.md.j2").read_text(encoding="utf-8")
    return Environment(undefined=StrictUndefined, autoescape=False).from_string(text)
