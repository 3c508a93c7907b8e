"""What the dialogues that were played in the studio met: data for the page, colours for its drawings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.project import load
from realtime_scenarios.studio.covering import Met, met_of
from realtime_scenarios.studio.drawing import agents_drawn, states_drawn
from realtime_scenarios.studio.testing import Bench
from support.benches import bench_in, desk_in, run_over
from support.half_met_desk import DIALOGUES, SCENARIO
from support.node import needs_node, told_by_node


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return desk_in(tmp_path, SCENARIO, DIALOGUES)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as bench:
        yield bench


def played(bench: Bench, desk: Path, *ids: str) -> Met:
    run_over(bench, desk, *ids)
    return met_of(load(desk), bench.outcomes(desk))


def flags(drawn: Any) -> dict[str, Any]:
    """What of a drawing dialogues met, by its ids."""
    nodes = {node["id"]: node["covered"] for node in drawn["nodes"]}
    lines = {line["tool"]: line["covered"] for node in drawn["nodes"] for line in node["lines"] if line["tool"]}
    return {**nodes, **lines, **{edge["id"]: edge["covered"] for edge in drawn["edges"]}}


def test_before_anything_was_played_nobody_knows_what_is_met(bench: Bench, desk: Path) -> None:
    project = load(desk)
    met = met_of(project, bench.outcomes(desk))
    assert set(flags(agents_drawn(project.scenario, met.seen)).values()) == {None}
    assert (met.data()["counted"], met.data()["dialogues"]) == (0, 2)


def test_agents_edges_tools_states_and_transitions_are_met_or_not(bench: Bench, desk: Path) -> None:
    met = played(bench, desk)
    scenario = load(desk).scenario
    assert flags(agents_drawn(scenario, met.seen)) == {
        "main": True,
        "bills": False,
        "look_up": True,
        "write_down": False,
        "main>bills": False,
    }
    states = states_drawn(scenario, "main", met.seen)
    assert flags(states["graph"]) == {
        "asking": True,
        "helping": True,
        "leaving": False,
        "asking>helping": True,
        "asking>leaving": False,
    }
    assert [state["covered"] for state in states["states"]] == [True, True, False]
    assert [way["covered"] for way in states["states"][0]["transitions"]] == [True, False]


def test_what_none_met_stands_with_its_line_and_what_was_met_with_its_dialogues(bench: Bench, desk: Path) -> None:
    told = played(bench, desk).data()
    unmet = [(item["kind"], item["name"], item["place"][:2]) for item in told["items"] if not item["covered"]]
    assert unmet == [
        ("agent", "agent bills", ("desk.yaml", 14)),
        ("handoff", "handoff main → bills", ("desk.yaml", 8)),
        ("state", "state main/leaving", ("desk.yaml", 13)),
        ("transition", "transition main/asking → leaving", ("desk.yaml", 11)),
        ("tool", "tool write_down", ("desk.yaml", 17)),
    ]
    (tool,) = [item for item in told["items"] if item["name"] == "tool look_up"]
    assert (tool["times"], tool["by"]) == (1, ["found"])
    assert {"kind": "tool", "covered": 1, "total": 2} in told["kinds"]


def test_what_was_played_by_other_files_is_not_counted(bench: Bench, desk: Path) -> None:
    assert played(bench, desk).counted == 2
    desk.write_text(SCENARIO.replace("Looks something up.", "Looks up."))
    met = met_of(load(desk), bench.outcomes(desk))
    assert (met.counted, met.left_out) == (0, 2)
    assert set(flags(agents_drawn(load(desk).scenario, met.seen)).values()) == {None}
    again = played(bench, desk, "other")
    assert (again.counted, again.left_out) == (1, 1)
    assert flags(agents_drawn(load(desk).scenario, again.seen))["look_up"] is False


@needs_node
def test_the_page_says_what_it_is_told_by_and_groups_what_none_met() -> None:
    sentences, groups = told_by_node(
        """
        const { basis, unmetByKind } = await import(page + 'seeing/coverage.js');
        const groups = unmetByKind([
          { kind: 'agent', name: 'a', covered: true }, { kind: 'tool', name: 't', covered: false },
          { kind: 'agent', name: 'b', covered: false }, { kind: 'tool', name: 'u', covered: false },
        ]);
        return [given.map(basis), [...groups].map(([kind, items]) => [kind, items.map((item) => item.name)])];
        """,
        [
            {"counted": 20, "left_out": 0, "dialogues": 20},
            {"counted": 1, "left_out": 1, "dialogues": 5},
        ],
    )
    assert sentences == [
        "By the last run of 20 dialogues.",
        "By the last run of 1 dialogue; not counted: 1 dialogue was played by files that have changed since,"
        " and 3 dialogues were not played.",
    ]
    assert groups == [["tool", ["t", "u"]], ["agent", ["b"]]]
