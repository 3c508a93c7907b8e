"""What callers and agents say in dialogues that are generated: examples of the author, or plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core.kinds import name_words
from realtime_scenarios.model.scenario import HandoffSpec, Scenario, State, Transition
from realtime_scenarios.model.tool import ToolSpec

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {"hello": "Hello.", "wish": "I need this: {what}.", "other": "Somebody else, please.", "yes": "Yes, please.",
           "answer": "Thank you. What else can I do for you?", "moment": "One moment, please.",
           "announce": "I am connecting you now."},
    "de": {"hello": "Guten Tag.", "wish": "Ich brauche Folgendes: {what}.", "other": "Jemand anderen, bitte.",
           "yes": "Ja, bitte.", "answer": "Danke. Was kann ich noch für Sie tun?", "moment": "Einen Moment, bitte.",
           "announce": "Ich verbinde Sie jetzt."},
    "fr": {"hello": "Bonjour.", "wish": "J'ai besoin de ceci : {what}.", "other": "Quelqu'un d'autre, s'il vous plaît.",
           "yes": "Oui, s'il vous plaît.", "answer": "Merci. Que puis-je faire d'autre pour vous ?",
           "moment": "Un instant, s'il vous plaît.", "announce": "Je vous mets en relation."},
    "es": {"hello": "Buenos días.", "wish": "Necesito esto: {what}.", "other": "Otra persona, por favor.",
           "yes": "Sí, por favor.", "answer": "Gracias. ¿Qué más puedo hacer por usted?",
           "moment": "Un momento, por favor.", "announce": "Le paso ahora mismo."},
}  # fmt: skip


class Lines:
    """The sentences of one scenario, in its language where we have it, otherwise in English."""

    def __init__(self, scenario: Scenario) -> None:
        self._sentences = _SENTENCES.get(scenario.locale[:2], _SENTENCES["en"])

    @property
    def hello(self) -> str:
        return self._sentences["hello"]

    @property
    def answer(self) -> str:
        """What an agent says when something is done, or could not be."""
        return self._sentences["answer"]

    @property
    def announcement(self) -> str:
        """What an agent says before it hands over."""
        return self._sentences["announce"]

    def filler(self, tool: ToolSpec) -> str:
        """What an agent says before a call; of what waits it is one of the lines that the author wrote."""
        lines = tool.filler.lines if tool.filler is not None else ()
        return lines[0] if lines else self._sentences["moment"]

    def for_handoff(self, edge: HandoffSpec) -> str:
        """What a caller says who is handed over."""
        return next(iter(edge.examples), self._sentences["other"])

    def for_tool(self, tool: ToolSpec) -> str:
        """What a caller says for whom the tool is called."""
        return next(iter(tool.examples), self._sentences["wish"].format(what=" ".join(name_words(tool.name))))

    def for_transition(self, here: State, way: Transition, given: Mapping[str, Any]) -> str:
        """What a caller says with whom the conversation goes on."""
        told = ", ".join(str(value) for value in given.values() if isinstance(value, (str, int, float)))
        return f"{told}." if told else self._sentences["yes"]
