"""What callers say in each scenario, and what the stand-in does about it: lists with their figures as floors."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from realtime_scenarios.core import resource_folder
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.prompts import wire_name
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.standin.language import SPOKEN, texts_of
from support.desks import SeatedLine

LISTS = Path(__file__).parent / "sentences"


class Sentence(NamedTuple):
    agent: str
    state: str | None
    deed: str
    text: str
    wanted: Any


def sentences_in(file: Path) -> Iterator[Sentence]:
    for block in yaml.safe_load(file.read_text("utf-8")):
        for deed, said in block.items():
            if deed not in ("agent", "state"):
                for text in said:
                    wanted = said[text] if isinstance(said, dict) else None
                    yield Sentence(block["agent"], block.get("state"), deed, str(text), wanted)


def wrong_in(file: Path) -> list[tuple[Sentence, list[Output]]]:
    """The sentences that led to something else, with what they led to."""
    scenario = scenario_named(file.name.partition(".")[0])
    found = []
    for sentence in sentences_in(file):
        line = SeatedLine(scenario, sentence.agent, sentence.state)
        if sentence.state is not None:
            line.answers(None)
        outputs = line.answers(sentence.text)
        if not is_right(sentence, outputs, scenario):
            found.append((sentence, outputs))
    return found


def scenario_named(name: str) -> Scenario:
    return load(resource_folder("scenarios") / name / f"{name}.yaml").scenario


def is_right(sentence: Sentence, outputs: list[Output], scenario: Scenario) -> bool:
    call = next((output for output in outputs if isinstance(output, CallFunction)), None)
    said = " ".join(output.text for output in outputs if isinstance(output, SayText))
    declines = any(texts_of(code).do_not_know in said for code in SPOKEN)
    verb, _, name = sentence.deed.partition(" ")
    match verb:
        case "call":
            return call is not None and call.name == name and holds(json.loads(call.arguments), sentence.wanted or {})
        case "hand":
            agent = scenario.agents[sentence.agent]
            target = name.removeprefix("to ")
            return call is not None and call.name in [
                wire_name(edge, agent, scenario) for edge in agent.handoffs if edge.to == target
            ]
        case "move":
            arguments = json.loads(call.arguments) if call else {}
            return arguments.get("next_state") == name.removeprefix("to ") and holds(arguments, sentence.wanted or {})
        case "ask":
            return call is None and said.endswith("?") and not declines
        case "talk":
            return call is None and bool(said) and not declines
        case "say":
            return call is None and str(sentence.wanted).lower() in said.lower()
        case "decline":
            return call is None and declines
    raise AssertionError(f"no such deed: {sentence.deed}")


def holds(arguments: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the arguments hold what is wanted: texts by a part of them, whatever the case."""
    return all(str(value).lower() in str(arguments.get(name, "")).lower() for name, value in wanted.items())


FLOORS: dict[str, int] = {
    "airline": 93,
    "airline.later": 27,
    "airline_seats": 92,
    "airline_seats.later": 28,
    "chat_supervisor": 86,
    "chat_supervisor.later": 26,
    "customer_service_retail": 88,
    "customer_service_retail.later": 29,
    "front_desk": 100,
    "front_desk.later": 29,
    "open_dental": 83,
    "open_dental.later": 29,
    "phone_support": 100,
    "phone_support.later": 29,
    "real_estate": 95,
    "real_estate.later": 30,
    "realtime_next": 92,
    "realtime_next.later": 26,
    "simple_handoff": 99,
    "simple_handoff.later": 27,
}
"""So many of each list were right when it was last looked at: no fewer may be."""


def test_each_list_has_its_figure() -> None:
    assert {file.stem for file in LISTS.glob("*.yaml")} == FLOORS.keys()


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_so_many_sentences_of_a_list_lead_where_they_should(name: str) -> None:
    file = LISTS / f"{name}.yaml"
    wrong = wrong_in(file)
    right = len(list(sentences_in(file))) - len(wrong)
    assert right >= FLOORS[name], "\n".join(f"{sentence}: {outputs}" for sentence, outputs in wrong)


@pytest.mark.parametrize(
    ("lists", "share"), [("", 0.90), (".later", 0.88)], ids=["written before", "written afterwards"]
)
def test_all_lists_together_are_right_so_often(lists: str, share: float) -> None:
    names = [name for name in FLOORS if name.endswith(".later") == bool(lists)]
    told = sum(len(list(sentences_in(LISTS / f"{name}.yaml"))) for name in names)
    assert sum(FLOORS[name] for name in names) >= share * told


@pytest.mark.parametrize(
    ("scenario", "agent", "text"),
    [
        ("airline", "main", "What flight am I on?"),
        ("open_dental", "lexi", "I would like to book a cleaning"),
        ("customer_service_retail", "authentication", "hello"),
    ],
)
def test_the_first_answer_comes_at_once(scenario: str, agent: str, text: str) -> None:
    line = SeatedLine(scenario_named(scenario), agent)
    began = time.process_time()
    assert line.answers(text)
    assert time.process_time() - began < 0.3
