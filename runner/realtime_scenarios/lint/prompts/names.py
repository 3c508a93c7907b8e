"""Rules about names in prompts: what is spoken of and is not there, and what is there though it is not spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from realtime_scenarios.core import Related, listed, nearest
from realtime_scenarios.lint.graph import is_function_like
from realtime_scenarios.lint.prompts.passages import Passage, passages_of, prose
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import AgentSpec, Scenario, State, StateMachine
from realtime_scenarios.project.prompts import texts_of_state

_NAMED = re.compile(r"`([A-Za-z0-9][\w-]*)`|(?<![\w.$@/-])([a-z0-9]+(?:_[a-z0-9]+)+)(?![\w(@/-]|\.\w)")
"""A name in backticks, and one that no word of a language looks like."""

_ALMOST_THE_SAME = 0.85


@rule("SC527", "tool-in-every-state", "warning", of_whole=True)
def tool_in_every_state(subject: Subject) -> Iterator[Finding]:
    """Some states have tools of their own, and a tool that only some of them speak of stands in none.

    Problem: what no state lists is there in every state, so the model can call it long before its time.
    Instead: list it in the states that speak of it.
    """
    for agent in subject.scenario.agents.values():
        machine = agent.states
        if machine is None or not machine.is_enforced or not machine.homes_of_tools:
            continue
        for index, name in enumerate(agent.tools):
            speaking = [state for state in machine.states.values() if _speaks_of(state, name)]
            if name not in machine.homes_of_tools and speaking and not _is_common(name, speaking, agent, machine):
                here = f"'{speaking[0].id}'"
                related = Related(f"{here} speaks of it", speaking[0].place.span)
                message = f"'{name}' is there in every state, though only some speak of it"
                hint = f"list it in state {here}: tools: [{name}]"
                yield Finding(message, (agent.place / "tools" / index).span, hint, (related,))


@rule("SC535", "tool-of-another-state", "warning", of_whole=True)
def tool_of_another_state(subject: Subject) -> Iterator[Finding]:
    """A state's instructions speak of a tool that only other states have.

    Problem: the model is told to call what is not there yet, or not any longer.
    Instead: list the tool in this state as well, or speak of it where it is.
    """
    for agent in subject.scenario.agents.values():
        machine = agent.states
        for state in machine.states.values() if machine is not None and machine.is_enforced else ():
            for name, homes in machine.homes_of_tools.items() if machine is not None else ():
                lines = [index for index, text in enumerate(state.instructions) if _names(text, name)]
                if state.id not in homes and lines:
                    place = state.place / "instructions" / lines[0]
                    message = f"'{name}' is not there in state '{state.id}', only in {listed(map(repr, homes))}"
                    yield Finding(message, place.span, f"list it here too: tools: [{name}]")


@rule("SC528", "unknown-name-in-prompt", "warning")
def unknown_name_in_prompt(subject: Subject) -> Iterator[Finding]:
    """A prompt has a name that is almost that of a tool, a state or an agent.

    Problem: the model looks for what is not there.
    Instead: write the name as it stands in the file.
    """
    written: set[str] | None = None
    for agent in subject.scenario.agents.values():
        known = dict.fromkeys(_names_for(agent, subject.scenario))
        told: set[str] = set()
        for passage in passages_of(agent, subject.scenario):
            for name, guess in _misspelt_in(passage, known):
                if written is None:  # much to look through, for a name that few prompts have
                    written = set(_words_in(subject.scenario.place.document.data))
                if name not in written and name not in told:
                    told.add(name)
                    message = f"the prompt of '{agent.id}' speaks of '{name}', which does not exist"
                    yield Finding(message, passage.span_of(name), f"did you mean '{guess}'?")


def _misspelt_in(passage: Passage, known: dict[str, None]) -> Iterator[tuple[str, str]]:
    """Names that are not known, each with the one that is meant."""
    text = prose(passage.text)
    for found in _NAMED.finditer(text):
        name = found[1] or found[2]
        guess = nearest(name, known) if name not in known and not is_function_like(found.group()) else None
        if guess is not None and SequenceMatcher(None, name.casefold(), guess.casefold()).ratio() >= _ALMOST_THE_SAME:
            yield name, guess


def _names_for(agent: AgentSpec, scenario: Scenario) -> Iterator[str]:
    yield from agent.tools
    yield from scenario.agents
    if agent.states is not None:
        yield from agent.states.states
        yield SET_STATE_TOOL


def _words_in(value: Any) -> Iterator[str]:
    """The keys and the single words of a document: whatever has a name in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words_in(inner)
    elif isinstance(value, str) and " " not in value:
        yield value


def _speaks_of(state: State, name: str) -> bool:
    return _names(" ".join(texts_of_state(state)), name)


def _names(text: str, tool: str) -> bool:
    """Whether a text has the name of a tool. A word that is a name by chance has no backticks and no `_`."""
    quoted = re.escape(tool) if "_" in tool else f"`{re.escape(tool)}`"
    return re.search(rf"(?<!\w){quoted}(?!\w)", text) is not None


def _is_common(name: str, speaking: list[State], agent: AgentSpec, machine: StateMachine) -> bool:
    """Whether a tool may well be meant for all states: most of them speak of it, or the agent's own words do."""
    own = agent.instructions.text if agent.instructions is not None else ""
    texts = [own, *(section.text for section in agent.prompt.sections.values())]
    is_named = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for text in texts)
    return is_named or len(speaking) * 2 > len(machine.states)
