"""A scenario and its dialogues to what its callers may say, for a recogniser that learns its words from it.

What callers say in dialogues and examples counts more than what the author wrote about it: such a line comes several
times. Identifiers (`snake_case`, `camelCase`) that the author writes are nothing that is said, and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from realtime_scenarios.model import Dialogue, Scenario

_WEIGHT_OF_SPEECH = 4
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_IDENTIFIER = re.compile(r"\w*_\w*|\b[a-z]+[A-Z]\w*|\{[{%].*?[}%]\}|[\w.]+@[\w.]+|https?://\S+")


def callers_lines(scenario: Scenario, dialogues: Sequence[Dialogue]) -> list[str]:
    """The lines, each as often as it counts."""
    spoken = [turn.user for dialogue in dialogues for turn in dialogue.turns if turn.user is not None]
    spoken += [text for dialogue in dialogues if dialogue.caller is not None for text in dialogue.caller.texts]
    said = [line.strip() for line in (*spoken, *_examples(scenario)) if any(map(str.isalnum, line))]
    written = (_IDENTIFIER.sub(" ", line).strip() for line in _written(scenario))
    return [*_WEIGHT_OF_SPEECH * said, *(line for line in written if any(map(str.isalpha, line)))]


def _examples(scenario: Scenario) -> Iterator[str]:
    for tool in scenario.tools.values():
        yield from tool.examples
    for agent in scenario.agents.values():
        for handoff in agent.handoffs:
            yield from handoff.examples
        if agent.states is not None:
            for state in agent.states.states.values():
                yield from state.examples


def _written(scenario: Scenario) -> Iterator[str]:
    """What authors write about what callers say: sentences of descriptions and instructions, and names on their own."""
    for tool in scenario.tools.values():
        yield from _SENTENCE_END.split(tool.description)
        yield from _texts_in(tool.parameters)
    for agent in scenario.agents.values():
        if agent.instructions is not None:
            yield from _SENTENCE_END.split(agent.instructions.text)
        if agent.states is not None:
            for state in agent.states.states.values():
                yield from (state.description, *state.instructions)
    for table in scenario.data.values():
        yield from _texts_in(table.rows)


def _texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            yield from _texts_in(tuple(value.values()))
        case Iterable():
            for entry in value:
                yield from _texts_in(entry)
