"""What a model reads as an agent, as fingerprints in a recording, and what of it has changed since.

An agent is met as its instructions (the template of its prompt with all of its states) and as the functions that it is
offered: tools, handoffs and moves between states. A fingerprint is that of a text; the text itself stands in a file of
that name in `.recorded/` beside the dialogue file, so that a change can be shown. Neither depends on the moment or the
context of a conversation.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from realtime_scenarios.core.writing import write_whole
from realtime_scenarios.document import Document
from realtime_scenarios.model.dialogue import AgentMet, Dialogue
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.project.prompts import functions_of, prompt_template, states_text

FOLDER = ".recorded"
"""Where the texts are that recordings were made with, beside their files."""

INSTRUCTIONS = "instructions"

_DIGITS = 16
_CONTEXT_LINES = 1


class Change(Struct, frozen=True):
    """One text that a model reads otherwise than when the recording was made.

    `part` is `instructions` or the name of a function. `diff` are lines as of `diff -u`, without their heads; empty
    where the text of then is not there any more, or one of the two never was.
    """

    part: str
    kind: str
    diff: tuple[str, ...] = ()


class StaleAgent(Struct, frozen=True):
    """An agent that has changed since a recording met it; no `changes`: there is no such agent any more."""

    agent: str
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        if not self.changes:
            return f"{self.agent} (gone)"
        return f"{self.agent} ({', '.join(_change_text(change) for change in self.changes)})"


def texts_of(agent: AgentSpec, scenario: Scenario) -> dict[str, str]:
    """All that a model reads as this agent: the instructions, and each function by its name."""
    machine = agent.states
    states: list[str | None] = [None] if machine is None else list(machine.states)
    here = [states_text(agent, scenario, state) for state in states if state is not None]
    texts = {INSTRUCTIONS: "".join([prompt_template(agent, scenario), *dict.fromkeys(here)])}
    for state in states:
        for function in functions_of(agent, scenario, state):
            name = function["name"]
            name = f"{name} in {state}" if name == SET_STATE_TOOL else name
            texts[name] = _text_of_function(function)
    return texts


def met_keys(agents: Iterable[str], scenario: Scenario) -> dict[str, Any]:
    """The agents as a recording writes them down, each with the fingerprints of its texts."""
    known = ((name, texts_of(scenario.agents[name], scenario)) for name in agents if name in scenario.agents)
    return {
        name: {
            INSTRUCTIONS: _digest(texts.pop(INSTRUCTIONS)),
            "tools": {part: _digest(text) for part, text in texts.items()},
        }
        for name, texts in known
    }


def keep_texts(agents: Iterable[str], scenario: Scenario, dialogue_file: Path) -> None:
    """Write the texts of these agents where `stale_agents` finds them later.

    Raises:
        OSError: they cannot be written.
    """
    folder = dialogue_file.parent / FOLDER
    for name in agents:
        for text in texts_of(scenario.agents[name], scenario).values() if name in scenario.agents else ():
            file = folder / f"{_digest(text)}.txt"
            if not file.exists():
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(file, text)


def stale_agents(dialogue: Dialogue, scenario: Scenario) -> tuple[StaleAgent, ...]:
    """The agents that read otherwise than when the dialogue was recorded; none where it was not recorded."""
    if dialogue.recorded is None:
        return ()
    document = dialogue.place.document
    folder = document.path.parent / FOLDER if isinstance(document, Document) else None
    found = []
    for name, then in dialogue.recorded.agents.items():
        if name not in scenario.agents:
            found.append(StaleAgent(name, ()))
        elif changes := tuple(_changes(then, texts_of(scenario.agents[name], scenario), folder)):
            found.append(StaleAgent(name, changes))
    return tuple(found)


def _changes(then: AgentMet, now: Mapping[str, str], folder: Path | None) -> Iterator[Change]:
    before = {INSTRUCTIONS: then.instructions, **then.tools}
    for part, text in now.items():
        if part not in before:
            yield Change(part, "new")
        elif before[part] != _digest(text):
            old = _kept_text(before[part], folder)
            yield Change(part, "changed", () if old is None else tuple(_diff(old, text)))
    for part in before:
        if part not in now:
            yield Change(part, "gone")


def _diff(old: str, new: str) -> Iterator[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=_CONTEXT_LINES, lineterm="")
    for number, line in enumerate(lines):
        if number > 1:  # behind the names of the files, of which there are none
            yield line


def _kept_text(digest: str, folder: Path | None) -> str | None:
    """The text of that fingerprint; None where it was not kept, or is another one by now."""
    if folder is None:
        return None
    with contextlib.suppress(OSError, UnicodeDecodeError):
        text = (folder / f"{digest}.txt").read_text(encoding="utf-8")
        return text if _digest(text) == digest else None
    return None


def _change_text(change: Change) -> str:
    return change.part if change.kind == "changed" else f"{change.part} {change.kind}"


def _text_of_function(function: Mapping[str, Any]) -> str:
    parameters = json.dumps(function["parameters"], indent=2, ensure_ascii=False)
    return f"{function['name']}\n{function['description']}\n{parameters}\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
