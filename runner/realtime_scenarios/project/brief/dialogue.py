"""The states of an agent to a first dialogue that goes through all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.core.arguments import ArgumentCheck
from realtime_scenarios.core.formats import FORMATS, is_of_form
from realtime_scenarios.project.brief.kinds import kind_of
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.phrases import greeting
from realtime_scenarios.project.brief.sentences import scenario_texts
from realtime_scenarios.project.brief.words import label_of, sentence


def first_dialogue(start: str, agent: Mapping[str, Any], context: Mapping[str, Any], brief: Brief) -> dict[str, Any]:
    """A call that goes once through the agent's states, or says hello where it has none."""
    texts = scenario_texts().dialogue
    states = {state["id"]: state for state in agent.get("states", ())}
    if not states:
        say = {"say": greeting(brief)}
        return {
            "id": "hello",
            "title": texts.title_without_states,
            "turns": [{"user": texts.hello, "agent": [say], "expect": [{"agent": start}]}],
        }
    here = next(iter(states.values()))
    seen = {here["id"]}
    turns: list[dict[str, Any]] = [{"user": texts.hello, "agent": [{"say": _agent_line(here)}]}]
    given: dict[str, str] = {}
    is_enforced = agent.get("states_mode", "prompt") != "prompt"
    end: dict[str, Any] = {"agent": start}
    while is_enforced:
        ways = [edge for edge in here.get("transitions", ()) if edge.get("to") not in seen]
        collected = {name.removesuffix("?"): kind_of(name.removesuffix("?")).sample for name in here.get("collect", ())}
        given |= collected
        calls = _tool_calls(here, given, brief)
        if not ways and not calls:
            break
        user = _caller_reply(here, collected, len(turns))
        if not ways:
            turns.append({"user": user, "agent": [*calls, {"say": _agent_line(here, -1)}]})
            break
        way = ways[0]
        arguments = {"args": collected} if collected else {}
        if "handoff" in way:
            turns.append({"user": user, "agent": [*calls, {"handoff": way["handoff"]}, {"say": texts.taking_over}]})
            end = {"agent": way["handoff"]}
            break
        here = states[way["to"]]
        seen.add(here["id"])
        turns.append(
            {
                "user": user,
                "agent": [*calls, {"state": here["id"], **arguments}, {"say": _agent_line(here)}],
                "expect": [{"state": here["id"]}],
            }
        )
    held = {name: value for name, value in given.items() if not _is_secret(context.get(name))}
    dialogue = {
        "id": "from-start-to-end",
        "title": texts.title,
        "turns": turns,
        "expect": [end],
    }
    if held:
        dialogue["expect"] = [end, {"context": held}]
    return dialogue


def _agent_line(state: Mapping[str, Any], at: int = 0) -> str:
    """What the agent says in the state: one of its sample phrases, or what it is about where it has none."""
    examples = state.get("examples") or [state["description"]]
    return str(examples[at])


def _tool_calls(state: Mapping[str, Any], given: Mapping[str, str], brief: Brief) -> list[dict[str, Any]]:
    """The calls of the state's tools, where arguments can be thought of that fit."""
    calls = []
    for tool in brief.tools:
        if tool.name in state.get("tools", ()):
            arguments = _sample_arguments(tool.parameters, given)
            if arguments is not None:
                calls.append({"call": tool.name, **({"args": arguments} if arguments else {})})
    return calls


def _sample_arguments(parameters: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any] | None:
    if parameters.get("type") == "object":
        required = parameters.get("required", ())
        wanted = {name: form for name, form in parameters.get("properties", {}).items() if name in required}
    else:
        wanted = {name: form for name, form in parameters.items() if not name.endswith("?")}
    found: dict[str, Any] = {}
    for name, form in wanted.items():
        schema = {"type": form} if isinstance(form, str) else {"enum": form} if isinstance(form, list) else form
        value = _sample_value(name, schema, given)
        if not ArgumentCheck(schema).fits(value):
            return None
        found[name] = value
    return found


def _sample_value(name: str, schema: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    if schema.get("format") in FORMATS and not is_of_form(given.get(name, kind_of(name).sample), schema["format"]):
        return FORMATS[schema["format"]].sample
    kinds = {"integer": 2, "number": 2, "boolean": True, "array": [], "object": {}}
    return kinds.get(str(schema.get("type")), given.get(name, kind_of(name).sample))


def _caller_reply(state: Mapping[str, Any], collected: Mapping[str, str], number: int) -> str:
    """What a caller might answer to the agent's line in this state."""
    texts = scenario_texts().dialogue
    if collected:
        return sentence(
            listed(texts.given.format(label=label_of(name), value=value) for name, value in collected.items())
        )
    choices = texts.answers if _agent_line(state).endswith("?") and number > 1 else texts.agrees
    return choices[number % len(choices)]


def _is_secret(variable: Any) -> bool:
    return isinstance(variable, Mapping) and bool(variable.get("secret"))
