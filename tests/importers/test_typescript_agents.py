"""Agents in TypeScript are read as text: what is plain is carried over, and what is code is told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_typescript", reason="the extra `import` is not installed")

from realtime_scenarios.core import UsageError
from realtime_scenarios.importers import Found, scenario_text
from realtime_scenarios.importers.agent_configs import agents_in_files
from realtime_scenarios.lint import findings
from realtime_scenarios.model import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.prompts import prompt_of
from support.command_line import run

AGENTS = """\
import { RealtimeAgent, tool } from '@openai/agents/realtime';
import { z } from 'zod';
import { policy, NAME } from './data';

export const billing = new RealtimeAgent({
  name: 'billing',
  voice: 'sage',
  handoffDescription: "Knows bills.",
  instructions: `You are at ${NAME}. Say "{{hi}}" \\u{1F600}.
Today is ${new Date().toISOString()}.`,
  tools: [
    tool({
      name: 'pay',
      description: 'Pays ' + 'a bill.',
      parameters: z.object({ id: z.string().min(3).describe('Which.'), how: z.enum(['card', 'cash']).optional() }),
      needsApproval: true,
      execute: async ({ id }) => fetch(`/pay/${id}`),
    }),
    tool({ name: 'policy', description: 'x', parameters: { type: 'object', properties: {} }, execute: () => ({ policy, ok: true }) }),
  ],
  handoffs: [],
  outputGuardrails: [moderate('x')],
});

const greeter = new RealtimeAgent({
  name: 'Front-Desk', voice: 'sage', instructions: ['Greet.', 'Help.'].join('\\n'), handoffs: [billing], tools: [],
});
(billing.handoffs as any).push(greeter);
export const shopScenario = [greeter, billing];
export default shopScenario;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "index.ts").write_text(AGENTS)
    (tmp_path / "shop" / "data.ts").write_text(
        "export const NAME = 'Snowy';\nexport const policy = {days: 30, why: null};\n"
    )
    return tmp_path / "shop"


def scenario_of(found: Found, folder: Path) -> Scenario:
    path = folder / "imported.yaml"
    path.write_text(scenario_text(found, "shop", "index.ts"))
    project = load(path)
    assert findings(project, warnings=False) == []
    return project.scenario


def test_agents_are_carried_over_and_the_first_of_the_list_is_met_first(folder: Path) -> None:
    scenario = scenario_of(agents_in_files(folder), folder)
    assert list(scenario.agents) == ["front_desk", "billing"] and scenario.start == "front_desk"
    assert scenario.session.voice == "sage"
    assert [edge.to for edge in scenario.agents["billing"].handoffs] == ["front_desk"]
    assert scenario.agents["billing"].handoff_description == "Knows bills."


def test_texts_are_those_that_the_program_would_have(folder: Path) -> None:
    scenario = scenario_of(agents_in_files(folder), folder)
    told = prompt_of(scenario.agents["billing"], scenario, {"context": {}, "now": None})
    assert 'You are at Snowy. Say "{{hi}}" 😀.' in told
    assert scenario.tools["pay"].description == "Pays a bill."
    greeting = scenario.agents["front_desk"].instructions
    assert greeting is not None and greeting.text.strip() == "Greet.\nHelp."


def test_parameters_of_zod_become_a_schema(folder: Path) -> None:
    pay = scenario_of(agents_in_files(folder), folder).tools["pay"]
    assert pay.parameters["properties"]["id"] == {"type": "string", "minLength": 3, "description": "Which."}
    assert pay.parameters["properties"]["how"]["enum"] == ["card", "cash"]
    assert pay.parameters["required"] == ["id"] and pay.approval is not None


def test_a_tool_that_always_answers_the_same_keeps_its_answer(folder: Path) -> None:
    found = agents_in_files(folder)
    answer = found.tools["policy"].returns
    assert answer is not None and answer.value == {"policy": {"days": 30, "why": None}, "ok": True}


def test_what_is_code_is_told_with_its_line_and_is_never_run(folder: Path) -> None:
    told = [str(note) for note in agents_in_files(folder).notes]
    assert [line for line in told if line.startswith("index.ts:17:")] == [
        "index.ts:17:16: what 'pay' answers is code; here it answers true"
    ]
    assert any(line.startswith("index.ts:10:10: a value in the instructions of 'billing'") for line in told)
    assert any("'outputGuardrails' of agent 'billing'" in line for line in told)


def test_configs_of_the_first_demos_hand_off_with_one_tool(tmp_path: Path) -> None:
    (tmp_path / "old.ts").write_text(
        """\
import { AgentConfig } from "@/app/types";
const haiku: AgentConfig = { name: "haiku", publicDescription: "Writes.", instructions: "Write.", tools: [] };
const greeter: AgentConfig = {
  name: "greeter", publicDescription: "Greets.", instructions: "Greet.", downstreamAgents: [haiku],
  tools: [{ type: "function", name: "weather", description: "x", parameters: { type: "object", properties: {} } }],
  toolLogic: { weather: async () => { return { sky: "blue" }; } },
};
const agents = injectTransferTools([greeter, haiku]);
export default agents;
"""
    )
    found = agents_in_files(tmp_path / "old.ts")
    scenario = scenario_of(found, tmp_path)
    assert scenario.start == "greeter" and scenario.agents["greeter"].handoff_style == "transfer_agents"
    assert found.tools["weather"].returns is not None and found.notes == ()


def test_of_several_lists_one_must_be_named(folder: Path) -> None:
    (folder / "more.ts").write_text(
        "const a = new RealtimeAgent({name: 'a', instructions: 'A.'});\nexport const other = [a];\n"
    )
    with pytest.raises(UsageError, match="2 lists of agents"):
        agents_in_files(folder)
    assert [agent.name for agent in agents_in_files(folder, "other").agents] == ["a"]
    with pytest.raises(UsageError, match="no agents 'othr'"):
        agents_in_files(folder, "othr")


def test_hostile_and_broken_files_end_in_a_line(tmp_path: Path) -> None:
    for text in ("", "const a = ;;; {{{", "const a = a; const b = [...b]; export const c = [a, b, c]", "\0\ufffd"):
        (tmp_path / "x.ts").write_text(text)
        with pytest.raises(UsageError, match="no agents"):
            agents_in_files(tmp_path / "x.ts")
    deep = "[" * 3000 + "]" * 3000
    (tmp_path / "x.ts").write_text(
        f"export const a = {deep};\nexport const b = new RealtimeAgent({{name: 'b', instructions: 'B.'}});"
    )
    assert [agent.name for agent in agents_in_files(tmp_path / "x.ts").agents] == ["b"]


def test_the_command_writes_a_scenario_that_lints(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    found = run("import", "shop")
    assert found.exit_code == 0, found.output
    assert "wrote shop/shop.yaml: 2 agents, 2 tools" in found.output and "not carried over:" in found.output
    assert run("lint", "shop/shop.yaml").exit_code == 0
    assert "exists already" in str(run("import", "shop").exception)


def test_without_a_list_callers_meet_whom_nobody_hands_off_to(tmp_path: Path) -> None:
    (tmp_path / "x.ts").write_text(
        """\
async function main() {
  const faq = new RealtimeAgent({ name: 'FAQ Agent', instructions: 'x' });
  const triage = new RealtimeAgent({ name: 'Triage', handoffs: [faq], tools: [tool({ name: 'Refund Expert', description: 'x' })] });
}
"""
    )
    found = agents_in_files(tmp_path / "x.ts")
    scenario = scenario_of(found, tmp_path)
    assert scenario.start == "triage" and list(scenario.tools) == ["Refund_Expert"]
    assert "#   tool Refund Expert: it is called 'Refund_Expert' here" in (tmp_path / "imported.yaml").read_text()
    assert any("the instructions of 'Triage' are missing" in str(note) for note in found.notes)
