"""What the studio's page is told to draw: agents and states with ids, places and lengths."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from realtime_scenarios.core import UsageError, resource_folder
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.studio.drawing import agents_drawn, states_drawn
from support import Written

SCENARIOS = resource_folder("scenarios")

STATES = """
scenario: desk
start: main
context:
  name: {type: [string, "null"], default: null, description: Who calls.}
  pin: {type: [string, "null"], default: null, secret: true}
agents:
  main:
    instructions: Help.
    handoffs: [other]
    states_mode: tracked
    states:
      - id: greeting
        description: Say hello.
        collect: [name, pin]
        transitions:
          - {to: helping, when: They told their name., requires: context.name and context.pin}
          - {to: helping, when: They are in a hurry.}
      - id: helping
        description: Help.
        terminal: true
        transitions: [{handoff: other, when: They want more.}]
  other: {handoff_description: The other desk., instructions: Help., handoffs: [{to: main, requires: context.name}]}
"""


@pytest.fixture
def desk(written: Written) -> Scenario:
    return load(written(STATES)).scenario


def packaged(name: str) -> Scenario:
    return load(SCENARIOS / name / f"{name}.yaml").scenario


def test_every_agent_and_handoff_is_drawn_once_with_its_place() -> None:
    scenario = packaged("airline")
    drawn = agents_drawn(scenario)
    assert [node["id"] for node in drawn["nodes"]] == ["main", "qa"]
    assert {edge["id"] for edge in drawn["edges"]} == {"main>qa", "qa>main"}
    main = drawn["nodes"][0]
    assert main["label"] == scenario.agents["main"].name and main["start"]
    file, line, _ = main["place"]
    assert file == "airline.yaml"
    text = (SCENARIOS / "airline" / "airline.yaml").read_text(encoding="utf-8").splitlines()
    assert "Main Agent" in "\n".join(text[line - 2 : line + 2])
    check = next(line for line in main["lines"] if line["tool"] == "check_flights")
    assert "approval" in check["marks"] and check["text"] == "check_flights"
    assert text[check["place"][1] - 2].strip() == "check_flights:"


def test_edges_that_lead_both_ways_are_lines_of_their_own() -> None:
    ways = agents_drawn(packaged("customer_service_retail"))["edges"]
    paths = [edge["path"] for edge in ways]
    assert len(paths) == len(set(paths))
    for edge in ways:
        assert re.match(r"^M [-\d]", edge["path"]) and edge["label_box"]["w"] > 0


@pytest.mark.parametrize(
    "name", sorted(path.name for path in SCENARIOS.iterdir() if (path / f"{path.name}.yaml").is_file())
)
def test_no_two_boxes_touch_and_all_is_within_the_picture(name: str) -> None:
    drawn = agents_drawn(packaged(name))
    assert json.loads(json.dumps(drawn))["nodes"]
    for a, b in itertools.combinations(drawn["nodes"], 2):
        assert (
            a["x"] + a["w"] < b["x"] or b["x"] + b["w"] < a["x"] or a["y"] + a["h"] < b["y"] or b["y"] + b["h"] < a["y"]
        )
    for box in [*drawn["nodes"], *(edge["label_box"] for edge in drawn["edges"])]:
        assert box["x"] >= 0 and box["x"] + box["w"] <= drawn["width"] and box["y"] + box["h"] <= drawn["height"]


def test_states_are_told_with_what_they_collect_and_where_they_lead(desk: Scenario) -> None:
    told = states_drawn(desk, "main")
    assert (told["mode"], told["entry"]) == ("tracked", "greeting")
    assert [edge["id"] for edge in told["graph"]["edges"]] == [
        "greeting>helping",
        "greeting>helping#2",
        "helping>agent:other",
    ]
    greeting, helping = told["states"]
    assert [(field["variable"], field["secret"]) for field in greeting["collect"]] == [("name", False), ("pin", True)]
    assert greeting["transitions"][0]["requires"] == ["context.name and context.pin"]
    assert helping["terminal"] and helping["transitions"][0]["handoff"] == "other"
    assert greeting["place"][1] < helping["place"][1]


def test_an_agent_without_states_has_none_and_an_unknown_one_is_named(desk: Scenario) -> None:
    told = states_drawn(desk, "other")
    assert told["mode"] is None and told["graph"] is None and told["states"] == []
    assert [(agent["id"], agent["has_states"]) for agent in told["agents"]] == [("main", True), ("other", False)]
    with pytest.raises(UsageError, match="no agent 'mian'") as problem:
        states_drawn(desk, "mian")
    assert problem.value.hint == "did you mean 'main'?"
