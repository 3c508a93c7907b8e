"""A brief to the agent that a model makes of it, held against the schema and the brief."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import Diagnostic, did_you_mean, in_reading_order
from realtime_scenarios.document import Document, check, finding, read_text
from realtime_scenarios.project.brief.agent import tools_block
from realtime_scenarios.project.brief.metaprompt import metaprompt
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.wording import rendered
from realtime_scenarios.project.brief.words import as_yaml
from realtime_scenarios.project.prompts import prompt_of


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model made of a brief. `text` is its YAML without the fence around it; with `diagnostics`, which call the
    text `answer`, `agents` and `context` are empty and there is no prompt."""

    text: str
    agents: Mapping[str, Any]
    context: Mapping[str, Any]
    prompt: str
    diagnostics: tuple[Diagnostic, ...]


def generated_by_model(brief: Brief, ask: Callable[[str], str]) -> ModelAnswer:
    """The agent as a model writes it. `ask` sends a text and returns the answer.

    An answer with mistakes is sent back once, with what is wrong; the second answer stands, mistakes or not.
    """
    question = metaprompt(brief, form="yaml")
    answer = _checked_answer(ask(question), brief)
    if not answer.diagnostics:
        return answer
    again = rendered("brief/mistakes", question=question, answer=answer.text, mistakes=answer.diagnostics)
    return _checked_answer(ask(again), brief)


def _checked_answer(raw: str, brief: Brief) -> ModelAnswer:
    """The answer, held against the scenario schema. What a scenario needs besides stands below it, so lines agree."""
    fenced = re.search(r"^```[a-z]*[ \t]*\n(.*?)^```", raw, re.DOTALL | re.MULTILINE)
    text = (fenced.group(1) if fenced else raw).strip("\n") + "\n"
    tail: dict[str, Any] = {"scenario": "answer", "start": brief.agent_id}
    if not re.search(r"^tools:", text, re.MULTILINE):
        tail |= {"tools": tools_block(brief)} if brief.tools else {}
    document, found = read_text(text, "answer")
    if document is not None and isinstance(document.data, Mapping):
        document, found = read_text(text + as_yaml(tail), "answer")
    if document is not None:
        found = [*found, *check(document, "scenario")]
    if document is not None and not found:
        found = list(_dangling_names(document, brief))
    if document is None or found:
        return ModelAnswer(text, {}, {}, "", tuple(in_reading_order(found)))
    from realtime_scenarios.model import build_scenario
    from realtime_scenarios.templates import TemplateError

    scenario, found = build_scenario(document)
    prompt = ""
    if scenario is not None:
        try:
            agent = scenario.agents[scenario.start]
            values = {name: variable.default for name, variable in scenario.context.items()}
            prompt = prompt_of(agent, scenario, {"context": values, "now": "{{ now }}"})
        except TemplateError as problem:
            found = [
                *found,
                finding("bad-form", f"its prompt cannot be rendered: {problem.message}", document.span(("agents",))),
            ]
    if found:
        return ModelAnswer(text, {}, {}, "", tuple(in_reading_order(found)))
    return ModelAnswer(text, document.data["agents"], document.data.get("context", {}), prompt, ())


def _dangling_names(document: Document, brief: Brief) -> Iterable[Diagnostic]:
    """Names in the answer that mean nothing: its agent, its tools, its heirs, its states and what they collect."""
    data = document.data
    agents, variables = data["agents"], data.get("context", {})
    if brief.agent_id not in agents:
        yield finding(
            "missing-key",
            f"there is no agent '{brief.agent_id}'",
            document.span(("agents",)),
            f"call it {brief.agent_id}",
        )
    known_tools = [tool.name for tool in brief.tools]
    known_agents = {*agents, *([brief.heir] if brief.heir else [])}
    for name, agent in agents.items():
        here: tuple[str | int, ...] = ("agents", name)
        ids = [state["id"] for state in agent.get("states", ())]
        for at, tool in enumerate(agent.get("tools", ())):
            yield from _unknown_name("tool", tool, known_tools, document, (*here, "tools", at))
        for at, edge in enumerate(agent.get("handoffs", ())):
            target = edge["to"] if isinstance(edge, dict) else edge
            yield from _unknown_name("agent", target, known_agents, document, (*here, "handoffs", at))
        if ids and not brief.steps:
            message = "there are states, but the brief names no steps"
            yield finding("unknown-key", message, document.span((*here, "states"), key=True), "leave `states` out")
        for number, state in enumerate(agent.get("states", ())):
            there = (*here, "states", number)
            for at, variable in enumerate(state.get("collect", ())):
                bare = variable.removesuffix("?")
                yield from _unknown_name("context variable", bare, variables, document, (*there, "collect", at))
            for at, tool in enumerate(state.get("tools", ())):
                yield from _unknown_name("tool", tool, agent.get("tools", ()), document, (*there, "tools", at))
            for at, edge in enumerate(state.get("transitions", ())):
                place = (*there, "transitions", at)
                if "to" in edge:
                    yield from _unknown_name("state", edge["to"], ids, document, (*place, "to"))
                else:
                    yield from _unknown_name("agent", edge["handoff"], known_agents, document, (*place, "handoff"))


def _unknown_name(
    kind: str, name: str, known: Iterable[str], document: Document, pointer: tuple[str | int, ...]
) -> Iterable[Diagnostic]:
    if name not in (choices := list(known)):
        message = f"{kind} '{name}' does not exist"
        yield finding("unknown-value", message, document.span(pointer), did_you_mean(name, choices))
