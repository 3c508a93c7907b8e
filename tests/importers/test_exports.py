"""Exports of voice platforms become scenarios: agents, handoffs, tools, states; what is not carried over is told at its line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from realtime_scenarios.core import UsageError
from realtime_scenarios.importers.imported import imported
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support.command_line import run

CASES = Path(__file__).parents[1] / "cases" / "importers"
EXPORTS = sorted(path.name for path in CASES.iterdir() if path.name.startswith(("vapi", "retell", "elevenlabs")))


def source_of(case: str) -> Path:
    return next(path for path in sorted((CASES / case).iterdir()) if path.name != "expected.yaml")


def import_here(source: Path, *options: str) -> tuple[str, str]:
    """What the command prints, and the scenario that it writes into the current folder."""
    result = run("import", str(source), "-o", "imported.yaml", *options)
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output, Path("imported.yaml").read_text()


@pytest.mark.parametrize("case", EXPORTS)
def test_an_export_becomes_the_scenario_that_is_expected(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / source_of(case).name).write_bytes(source_of(case).read_bytes())
    printed, written = import_here(Path(source_of(case).name))
    expected = CASES / case / "expected.yaml"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(written)
    assert written == expected.read_text()
    assert "SECRET" not in printed + written and "+1555" not in printed + written
    assert [
        found for found in findings(load(tmp_path / "imported.yaml"), warnings=False) if found.severity == "error"
    ] == []


@pytest.mark.parametrize("case", EXPORTS)
def test_whom_callers_meet_can_be_talked_to(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    import_here(source_of(case))
    scenario = yaml.safe_load(Path("imported.yaml").read_text())
    greeting = scenario.get("opening", {}).get("say", "Hello, how can I help?")
    opens = [{"agent": [{"say": greeting}]}] if "opening" in scenario else []
    calls = [{"call": name} for name in scenario["agents"][scenario["start"]].get("tools", ()) if name == "end_call"]
    turns = [*opens, {"user": "Goodbye", "agent": [*calls, {"say": "Goodbye."}]}]
    Path("talk.yaml").write_text(
        yaml.safe_dump({"scenario": "imported.yaml", "dialogues": [{"id": "talk", "turns": turns}]})
    )
    played = run("test", "talk.yaml", "--in-process")
    assert played.exit_code == 0 and "1 passed" in played.output, played.output


def test_a_state_asks_for_what_its_edge_needs_and_is_left_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    import_here(source_of("retell_states"))
    turns = [
        {"agent": [{"say": "Hi, this is the rental desk."}]},
        {
            "user": "A cargo bike for two days",
            "agent": [
                {"call": "book_bike", "args": {"bike": "cargo"}, "outcome": "refused"},
                {"state": "book", "args": {}, "refused": True},
                {"state": "book", "args": {"bike_kind": "cargo"}},
                {"say": "One moment, I am booking it."},
                {"call": "book_bike", "args": {"bike": "cargo", "days": 2}, "returns": "[stub]"},
                {"say": "It is yours."},
            ],
            "expect": [{"context": {"bike_kind": "cargo"}}, {"state": "book"}],
        },
    ]
    Path("talk.yaml").write_text(
        yaml.safe_dump({"scenario": "imported.yaml", "dialogues": [{"id": "talk", "turns": turns}]})
    )
    played = run("test", "talk.yaml", "--in-process")
    assert played.exit_code == 0, played.output


def test_files_of_a_folder_name_what_stands_in_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "travel"
    folder.mkdir()
    for number, item in enumerate(json.loads(source_of("retell_bundle").read_text())):
        (folder / f"{number}.json").write_text(json.dumps(item))
    printed, written = import_here(folder)
    assert [agent["name"] for agent in yaml.safe_load(written)["agents"].values()] == ["Front", "Trips"]
    assert "2.json:1:" in printed


def test_an_agent_without_its_prompt_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "agent.json"
    path.write_text(json.dumps({"agent_name": "A", "response_engine": {"type": "retell-llm", "llm_id": "llm_1"}}))
    with pytest.raises(
        UsageError, match=r"agent\.json:1:1: the prompt of this agent is not in what was given"
    ) as found:
        imported(str(path), tmp_path)
    assert found.value.hint == "put the agent and its Retell LLM or conversation flow into one list, or into one folder"


def test_a_flow_without_nodes_is_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "flow.json"
    path.write_text(json.dumps({"start_node_id": "a", "nodes": []}))
    with pytest.raises(UsageError, match=r"flow\.json:1:1: this conversation flow has no nodes that can be read"):
        imported(str(path), tmp_path)


def test_of_several_squads_one_is_named(tmp_path: Path) -> None:
    def squad(name: str) -> dict[str, object]:
        model = {"provider": "openai", "messages": [{"role": "system", "content": "x"}]}
        return {"name": name, "members": [{"assistant": {"name": f"{name} desk", "model": model}}]}

    path = tmp_path / "squads.json"
    path.write_text(json.dumps([squad("day"), squad("night")]))
    with pytest.raises(UsageError, match="there are 2 squads"):
        imported(str(path), tmp_path)
    assert [agent.name for agent in imported(str(path), tmp_path, wanted="night").found.agents] == ["night desk"]


def test_assistants_that_are_named_by_id_are_looked_up(tmp_path: Path) -> None:
    model = {"provider": "openai", "model": "gpt-realtime", "messages": [{"role": "system", "content": "x"}]}
    to_b = {"type": "handoff", "destinations": [{"type": "assistant", "assistantId": "b"}]}
    tool = {"id": "t", "type": "function", "function": {"name": "look up", "parameters": {"type": "object"}}}
    items = [
        {"id": "a", "name": "A", "model": {**model, "tools": [to_b], "toolIds": ["t"]}},
        {
            "id": "b",
            "name": "B",
            "model": model,
            "firstMessageMode": "assistant-speaks-first-with-model-generated-message",
        },
        tool,
    ]
    path = tmp_path / "all.json"
    path.write_text(json.dumps(items))
    found = imported(str(path), tmp_path).found
    assert [(agent.name, [edge.to for edge in agent.handoffs]) for agent in found.agents] == [("A", ["B"]), ("B", [])]
    assert found.model == "gpt-realtime" and list(found.tools) == ["look up"] and found.opening is None


def test_an_agent_is_begun_with_by_name(tmp_path: Path) -> None:
    source = str(source_of("elevenlabs_transfers"))
    assert imported(source, tmp_path, wanted="Spa").found.agents[0].name == "Spa"
    with pytest.raises(UsageError, match="there are no agents 'Sap'"):
        imported(source, tmp_path, wanted="Sap")


def test_a_workflow_hands_on_to_an_agent_that_is_there(tmp_path: Path) -> None:
    support = json.loads(source_of("elevenlabs_workflow").read_text())
    sales = {"agent_id": "ag_sales", "name": "Sales", "conversation_config": {"agent": {"prompt": {"prompt": "Sell."}}}}
    path = tmp_path / "both.json"
    path.write_text(json.dumps([support, sales]))
    edges = imported(str(path), tmp_path).found.agents[0].handoffs
    assert [(edge.to, edge.description) for edge in edges] == [("Sales", "The caller wants to buy.")]


def test_the_squad_of_a_call_is_found_inside_of_it(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text(json.dumps({"squad": json.loads(source_of("vapi_squad").read_text()), "phoneNumberId": "SECRET"}))
    assert [agent.name for agent in imported(str(path), tmp_path).found.agents] == ["Reception", "Billing"]
