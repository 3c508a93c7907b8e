"""Rules that hold a prompt to the sections and states of the voice agent metaprompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from realtime_scenarios.core import listed
from realtime_scenarios.lint.prompts.passages import passages_of
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import prompt_place
from realtime_scenarios.project.prompts import HEADINGS, prompt_template

_SECTIONS = ("Personality and Tone", "Instructions", "Conversation States")
_TRAITS = {name: heading for name, heading in HEADINGS.items() if name != "other"}


@rule("SC641", "personality-incomplete", "warning", "metaprompt")
def personality_incomplete(subject: Subject) -> Iterator[Finding]:
    """The personality lacks some of what the metaprompt asks for.

    Problem: what is left open the model fills in, differently in every call.
    Instead: write the missing keys below `personality`.
    """
    for agent in subject.scenario.agents.values():
        text = prompt_template(agent, subject.scenario)
        has = {found.group(1).casefold() for found in re.finditer(r"^#+[ \t]*(.+?)[ \t:]*$", text, re.MULTILINE)}
        missing = [key for key, heading in _TRAITS.items() if heading.casefold() not in has]
        if missing:
            place = agent.place / "personality" if agent.personality else prompt_place(agent)
            message = f"the personality of '{agent.id}' says nothing about {listed(missing)}"
            if len(missing) == len(_TRAITS):
                message = f"agent '{agent.id}' has no personality"
            yield Finding(message, place.key_span if agent.personality else place.span, "add them below personality")


@rule("SC642", "sections-out-of-order", "warning", "metaprompt")
def sections_out_of_order(subject: Subject) -> Iterator[Finding]:
    """The sections of the prompt do not stand in the order of the metaprompt.

    Problem: states that come before the rules for them are read without them.
    Instead: first Personality and Tone, then Instructions, then Conversation States.
    """
    heading = re.compile(rf"^#+[ \t]*({'|'.join(_SECTIONS)})[ \t:]*$", re.MULTILINE)
    for agent in subject.scenario.agents.values():
        titles = [found.group(1) for found in heading.finditer(prompt_template(agent, subject.scenario))]
        for before, after in pairwise(titles):
            if _SECTIONS.index(after) < _SECTIONS.index(before):
                home = next(
                    (passage for passage in passages_of(agent, subject.scenario) if after in passage.text), None
                )
                span = home.span_of(after) if home else prompt_place(agent).span
                yield Finding(f"the section '{after}' stands after '{before}'", span, "put it before")


@rule("SC643", "state-incomplete", "warning", "metaprompt")
def state_incomplete(subject: Subject) -> Iterator[Finding]:
    """A state lacks instructions or an example, or a transition does not say when.

    Problem: the model knows the state's name and not what to do in it.
    Instead: give every state instructions, a sample phrase, and every transition a condition.
    """
    for agent in subject.scenario.agents.values():
        for state in agent.states.states.values() if agent.states else ():
            missing = [key for key in ("instructions", "examples") if not any(map(str.strip, getattr(state, key)))]
            if missing:
                message = f"state '{state.id}' has no {listed(missing, joined_by='and no')}"
                yield Finding(message, (state.place / "id").span, "add them")
            for edge in state.transitions:
                if not edge.condition.strip():
                    yield Finding("nothing says when this way is taken", (edge.place / "when").span, "say it in words")
