"""Two versions of a project to the dialogues of now that may go otherwise than they did.

A dialogue is left out only where it can be shown that it goes as it went: it is the same in both, it passed before, and
what it touched then (`touched.py`) is the same in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from realtime_scenarios.document import Document
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import specs_of
from realtime_scenarios.mutation.differences import Differences, files_of, is_same_data
from realtime_scenarios.mutation.touched import Part
from realtime_scenarios.project.cases import Case


class Before(Struct, frozen=True):
    """A dialogue in the version before. `touched` None: it did not pass, and nobody knows what it would touch."""

    dialogue: Dialogue
    touched: frozenset[Part] | None


def affected(
    cases: Iterable[Case], before: Mapping[str, Before], differences: Differences, *, offers: Collection[Scenario] = ()
) -> Iterator[Case]:
    """The cases of one project that may go otherwise.

    `before` are its dialogues as they were, by their ids. A model that does not follow a script reads all that it is
    offered: `offers` are the scenarios that it is offered things by, and nothing for a scripted one.
    """
    found = list(cases)
    times = Counter(case.dialogue.id for case in found)
    for case in found:
        then = before.get(case.dialogue.id)
        if (
            case.mistakes
            or then is None
            or times[case.dialogue.id] > 1
            or not is_same_dialogue(case.dialogue, then.dialogue)
        ) or (
            differences
            and (
                then.touched is None
                or differences.everywhere
                or not differences.parts.isdisjoint(then.touched | _offered(then.touched, offers))
            )
        ):
            yield case


def is_same_dialogue(dialogue: Dialogue, other: Dialogue) -> bool:
    """Whether both say the same, with all that their files say for every dialogue, and with what callers show."""
    first, second = dialogue.place.document, other.place.document
    assert isinstance(first, Document) and isinstance(second, Document)
    return (
        is_same_data(dialogue.place.value, other.place.value)
        and is_same_data(_for_all_in(first), _for_all_in(second))
        and _content(dialogue) == _content(other)
    )


def _for_all_in(document: Document) -> object:
    """What a file of dialogues says of all of them; what a scenario says is compared part by part."""
    if "agents" in document.data:
        return None
    return [{key: value for key, value in document.data.items() if key != "dialogues"}, dict(files_of(document))]


def _content(dialogue: Dialogue) -> list[bytes | None]:
    """The pictures that are shown and the lines that were recorded; None where one cannot be read."""
    return [_bytes_of(file) for turn in dialogue.turns for file in (turn.image, turn.audio) if file is not None]


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _offered(touched: Collection[Part], scenarios: Collection[Scenario]) -> set[Part]:
    """What agents that were active offer to a model: their tools with all behind them, and whom they hand off to."""
    names = {name for kind, name, *_ in touched if kind == "agent"}
    found: set[Part] = set()
    for scenario in scenarios:
        specs = specs_of(scenario.tools)
        for agent in (scenario.agents[name] for name in names if name in scenario.agents):
            found |= {("agent", edge.to) for edge in agent.handoffs}
            if agent.states is not None:
                found |= {("state", agent.id, state) for state in agent.states.states}
            for tool in agent.tools:
                found |= {("tool", name) for name in (tool, *specs) if name == tool or name.startswith(f"{tool}.")}
                supervisor = specs[tool].stub.supervisor if tool in specs else None
                if supervisor is not None and supervisor in scenario.supervisors:
                    found |= {("supervisor", supervisor)}
                    found |= {("tool", name) for name in scenario.supervisors[supervisor].tools}
        found |= {("table", name) for name in scenario.data}
    return found
