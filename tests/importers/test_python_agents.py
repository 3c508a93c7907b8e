"""RealtimeAgents of openai-agents are walked from the first one, and what is code is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.importers import scenario_text
from realtime_scenarios.importers.openai_agents import agents_in_program
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load

PROGRAM = '''\
from agents import function_tool
from agents.realtime import RealtimeAgent, realtime_handoff


@function_tool
def lookup(number: str, loud: bool = False) -> str:
    """Look an order up."""
    return number


@function_tool(needs_approval=True)
def cancel(number: str) -> str:
    """Cancel an order."""
    return "done"


billing = RealtimeAgent(name="Billing Agent", instructions="Explain {{ bills }}.", tools=[lookup, cancel])
faq = RealtimeAgent(name="faq", instructions=lambda context, agent: "x", handoff_description="Knows everything.")
desk = RealtimeAgent(
    name="Front Desk",
    instructions="Greet the caller.\\nThen help.",
    tools=[lookup],
    handoffs=[faq, realtime_handoff(billing, tool_name_override="to_billing", tool_description_override="For bills.")],
)
billing.handoffs.append(desk)
nothing = 3
'''


def test_agents_tools_and_handoffs_are_carried_over(tmp_path: Path) -> None:
    (tmp_path / "shop_agents_a.py").write_text(PROGRAM)
    found = agents_in_program("shop_agents_a:desk", tmp_path)
    assert [agent.name for agent in found.agents] == ["Front Desk", "faq", "Billing Agent"]
    path = tmp_path / "shop.yaml"
    path.write_text(scenario_text(found, "shop", "shop_agents_a.py"))
    project = load(path)
    assert findings(project, warnings=False) == []
    scenario = project.scenario
    assert scenario.start == "front_desk" and scenario.agents["front_desk"].name == "Front Desk"
    to_faq, to_billing = scenario.agents["front_desk"].handoffs
    assert (to_faq.to, to_faq.tool_name) == ("faq", None)
    assert (to_billing.to, to_billing.tool_name, to_billing.description) == (
        "billing_agent",
        "to_billing",
        "For bills.",
    )
    assert scenario.agents["billing_agent"].handoffs[0].to == "front_desk"
    assert scenario.tools["cancel"].approval is not None and scenario.tools["lookup"].approval is None
    assert scenario.tools["lookup"].parameters["properties"]["loud"]["type"] == "boolean"


def test_what_is_code_is_told_and_stands_above_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "shop_agents_b.py").write_text(PROGRAM)
    found = agents_in_program("shop_agents_b.py:desk", tmp_path)
    told = [str(note) for note in found.notes]
    assert "agent faq: its instructions are a function; write them as a template" in told
    assert "tool lookup: what it answers is code; here it answers true" in told
    assert "#   agent faq: its instructions are a function" in scenario_text(found, "shop", "x.py")


def test_braces_that_a_template_would_take_are_kept_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "shop_agents_c.py").write_text(PROGRAM)
    found = agents_in_program("shop_agents_c:billing", tmp_path)
    path = tmp_path / "shop.yaml"
    path.write_text(scenario_text(found, "shop", "x.py"))
    from realtime_scenarios.project.prompts import prompt_of

    scenario = load(path).scenario
    assert "Explain {{ bills }}." in prompt_of(scenario.agents["billing_agent"], scenario, {"context": {}, "now": None})


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("shop_agents_d", "which agent of 'shop_agents_d'?"),
        ("shop_agents_d:dsk", "has no 'dsk'"),
        ("shop_agents_d:nothing", "is no RealtimeAgent"),
        ("nowhere_at_all:x", "there is no module 'nowhere_at_all'"),
        ("gone.py:x", "there is no 'gone.py'"),
    ],
)
def test_what_cannot_be_found_is_told(target: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "shop_agents_d.py").write_text(PROGRAM)
    with pytest.raises(UsageError, match=told.replace("?", r"\?")):
        agents_in_program(target, tmp_path)


def test_a_program_that_fails_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "broken_agents.py").write_text("raise SystemExit(3)")
    with pytest.raises(ScenarioError, match="cannot be imported: SystemExit"):
        agents_in_program("broken_agents:x", tmp_path)
