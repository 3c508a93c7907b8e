"""An agent to the texts that its model reads, each with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from realtime_scenarios.core import Span
from realtime_scenarios.document import Place
from realtime_scenarios.lint.walk import PERSONALITY
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.model.tool import Text
from realtime_scenarios.project.prompts import prompt_template

_ENGLISH = re.compile(r"\b(?:the|you|your|and|to|if|when|for|with|not)\b", re.IGNORECASE)
_BRACES = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?(?:#\}|\Z)|```.*?(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the author that the model reads as it stands. `sample`: it shows how to speak."""

    text: str
    place: Place
    sample: bool = False

    def span_of(self, snippet: str) -> Span:
        """Where the snippet stands in the file; the whole text where it cannot be found, as in another file."""
        span, document = self.place.span, self.place.document
        for part in (snippet, " ".join(snippet.split()[:5])):
            for number in range(span.line, span.end_line + 1):
                at = document.line(number, span.file).find(part, span.column - 1 if number == span.line else 0)
                if part and at >= 0:
                    return Span(span.file, number, at + 1, number, at + 1 + len(part))
        return span


def passages_of(agent: AgentSpec, scenario: Scenario) -> Iterator[Passage]:
    """What the author wrote for the agent's prompt, in the order in which the model reads it."""
    if agent.personality is not None:
        for key in PERSONALITY:
            if text := getattr(agent.personality, key):
                yield Passage(text, agent.place / "personality" / key)
    if agent.instructions is not None:
        yield Passage(agent.instructions.text, agent.instructions.place)
    sections: Mapping[str, Text] = agent.prompt.sections
    for section in sections.values():
        yield Passage(section.text, section.place)
    if agent.prompt.escalation:
        yield Passage(agent.prompt.escalation, place_of_setting(agent, scenario, "escalation"))
    for state in agent.states.states.values() if agent.states else ():
        yield Passage(state.description, state.place / "description")
        for text in state.instructions:
            yield Passage(text, state.place / "instructions")
        for text in state.examples:
            yield Passage(text, state.place / "examples", sample=True)
        for edge in state.transitions:
            yield Passage(edge.condition, edge.place / "when")


def instructing_passages(agent: AgentSpec, scenario: Scenario) -> Iterator[Passage]:
    """The passages that tell the model what to do, without the samples of how to speak."""
    return (passage for passage in passages_of(agent, scenario) if not passage.sample)


def prompt_read_by(agent: AgentSpec, scenario: Scenario) -> str:
    """All that the model reads of the agent, its states among it."""
    return "\n".join([prompt_template(agent, scenario), *(passage.text for passage in passages_of(agent, scenario))])


def english_prompts(scenario: Scenario) -> Iterator[tuple[AgentSpec, str]]:
    """The agents whose prompts these rules can read. In another language they would find nothing but gaps."""
    for agent in scenario.agents.values():
        text = prompt_read_by(agent, scenario)
        if not is_foreign(text):
            yield agent, text


def is_foreign(text: str) -> bool:
    """Whether the text is long enough to show a language, and that is not English."""
    words = len(text.split())
    return words >= 12 and len(_ENGLISH.findall(text)) < words * 0.04


def place_of_setting(agent: AgentSpec, scenario: Scenario, key: str) -> Place:
    """Where a key of `prompt` stands: with the agent, or with the scenario for all of them."""
    own = agent.place / "prompt" / key
    return own if own.exists else scenario.place / "prompt" / key


def prose(text: str) -> str:
    """The text without templates and code; what is taken out leaves blanks, so that the rest stays where it is."""
    return blanked(text, _BRACES)


def blanked(text: str, *patterns: re.Pattern[str]) -> str:
    """The text with blanks where the patterns match; lines stay lines."""
    for pattern in patterns:
        text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    return text


def any_case(text: str) -> re.Pattern[str]:
    """The pattern that the text is, for capitals and small letters alike."""
    return re.compile(text, re.IGNORECASE)
