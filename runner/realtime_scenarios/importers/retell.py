"""Agents, Retell LLMs and conversation flows: what Retell's API and dashboard give out (types of retell-sdk 6.2.13).

A dashboard's export is an agent with its LLM inside, as `retellLlmData`, or its flow, as `conversationFlow`; the API
gives out both apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from realtime_scenarios.core import UsageError
from realtime_scenarios.document import Place
from realtime_scenarios.importers.collecting import Collected, Wish, as_walked
from realtime_scenarios.importers.exports import (
    NO_PARAMETERS,
    items_at,
    mapping_at,
    parameters_at,
    seconds,
    stub,
    text_at,
)
from realtime_scenarios.importers.found import (
    Found,
    FoundAgent,
    FoundOpening,
    FoundState,
    FoundTool,
    FoundTransition,
)
from realtime_scenarios.importers.retell_flows import schema_of_variable, states_of_flow
from realtime_scenarios.importers.sources import is_retell_agent, is_retell_flow, is_retell_llm, words

_OF_AN_AGENT = words(
    "agent_id agent_name version is_published last_modification_timestamp version_title"
    " version_description base_version response_engine retellLlmData conversationFlow voice_id language"
    " channel llm_id"
)
_OF_AN_LLM = words(
    "llm_id version is_published last_modification_timestamp base_version general_prompt general_tools"
    " states starting_state begin_message start_speaker default_dynamic_variables s2s_model model"
)
_OF_A_FLOW = words(
    "conversation_flow_id version is_published last_modification_timestamp base_version global_prompt nodes tools"
    " start_node_id start_speaker default_dynamic_variables begin_tag_display_position notes"
)
_OF_A_TOOL = words(
    "type name description parameters timeout_ms url method headers query_params code"
    " speak_during_execution execution_message_description execution_message_type tool_id"
)
_SIMPLE = {
    "end_call": ("End the call when the caller has said goodbye.", "the call would end here"),
    "transfer_call": ("Transfer the call to a person.", "the call would be transferred here"),
    "bridge_transfer": ("Connect the caller with the person.", "the call would be transferred here"),
    "cancel_transfer": ("Give the transfer up.", "the transfer would be given up here"),
    "press_digit": ("Press keys of the telephone.", "keys of the telephone would be pressed here"),
    "send_sms": ("Send a text message to the caller.", "a text message would be sent here"),
}
_STATE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_TITLE = 100


def agents_of_retell(items: list[Place], wanted: str | None = None) -> Found:
    """The agents with the prompts that belong to them, and prompts that no agent names, as agents.

    Raises:
        UsageError: there are none, or what one says is not in what was given.
    """
    reader = _Reader(items)
    for item in items:
        if is_retell_agent(item.value):
            reader.agent(item)
    for prompt in reader.prompts_left():
        reader.prompt(prompt, reader.collected.name_for("Agent", prompt), None)
    return reader.collected.found(wanted)


class _Reader:
    def __init__(self, items: list[Place]) -> None:
        self.collected = Collected()
        self._told = self.collected.told
        self._prompts = [item for item in items if _is_prompt(item.value)]
        self._read: set[int] = set()
        self._first = True
        for item in items:
            if not is_retell_agent(item.value) and not _is_prompt(item.value):
                self._told.at(item, "an item that is no agent, no LLM and no conversation flow")

    def prompts_left(self) -> list[Place]:
        """The prompts that no agent names."""
        return [prompt for prompt in self._prompts if id(prompt.value) not in self._read]

    def agent(self, item: Place) -> None:
        data, told = item.value, self._told
        prompt = self._prompt_of(item)
        self._read.add(id(prompt.value))
        name = self.collected.name_for(text_at(item / "agent_name", told), item, (data.get("agent_id"),))
        voice = text_at(item / "voice_id", told)
        heard = self.collected.voice(None, voice if voice and voice.startswith("openai-") else None, item / "voice_id")
        if voice and not heard:
            self.collected.voice("Retell", voice, item / "voice_id")
        told.rest(item, _OF_AN_AGENT, f"agent '{name}'")
        if self._first:
            self.collected.speaks(item / "language")
        self.prompt(prompt, name, heard)

    def _prompt_of(self, item: Place) -> Place:
        """The LLM or the flow of an agent.

        Raises:
            UsageError: it is not in what was given, or it is a server's.
        """
        data = item.value
        for key in ("retellLlmData", "conversationFlow"):
            if isinstance(data.get(key), dict):
                return item / key
        engine = data.get("response_engine")
        engine = engine if isinstance(engine, dict) else {}
        if engine.get("type") == "custom-llm":
            raise UsageError(f"{item.span}: what this agent says is made by a server of its own")
        for prompt in self._prompts:
            for key in ("llm_id", "conversation_flow_id"):
                wanted = engine.get(key) or data.get(key)
                if wanted and prompt.value.get(key) == wanted:
                    return prompt
        if len(self._prompts) == 1 and not self._prompts[0].value.keys() & {"llm_id", "conversation_flow_id"}:
            return self._prompts[0]
        raise UsageError(
            f"{item.span}: the prompt of this agent is not in what was given",
            hint="put the agent and its Retell LLM or conversation flow into one list, or into one folder",
        )

    def prompt(self, place: Place, name: str, voice: str | None) -> None:
        """Reads an LLM or a flow as the agent of that name."""
        self.collected.variables.know(place / "default_dynamic_variables")
        (self.flow if is_retell_flow(place.value) else self.llm)(place, name, voice)

    def flow(self, flow: Place, name: str, voice: str | None) -> None:
        told, variables = self._told, self.collected.variables
        is_first, self._first = self._first, False
        told.rest(flow, _OF_A_FLOW, f"the flow of '{name}'")
        tools = {
            str(tool.value.get("tool_id")): called
            for tool in items_at(flow / "tools", told)
            if (called := self._tool(tool, name))
        }
        states = states_of_flow(flow, name, tools, self.collected)
        if not states:
            raise UsageError(f"{flow.span}: this conversation flow has no nodes that can be read")
        if is_first and flow.value.get("start_speaker") == "agent":
            self.collected.opening = FoundOpening()
        text = text_at(flow / "global_prompt", told)
        self.collected.add_agent(
            FoundAgent(
                name,
                variables.template(text, flow / "global_prompt") if text else f"You are {name}.",
                voice=voice,
                tools=tuple(dict.fromkeys(tool for state in states for tool in state.tools)),
                is_template=True,
                states=states,
            )
        )

    def llm(self, llm: Place, name: str, voice: str | None) -> None:
        data, told, variables = llm.value, self._told, self.collected.variables
        is_first, self._first = self._first, False
        told.rest(llm, _OF_AN_LLM, f"the LLM of '{name}'")
        if data.get("model"):
            told.at(llm / "model", f"the text model of '{name}'; a Realtime model speaks here")
        if is_first and isinstance(model := data.get("s2s_model"), str):
            if model.startswith("gpt-realtime"):
                self.collected.model = model
            else:
                told.at(llm / "s2s_model", f"the model of '{name}', which is none of OpenAI's")
        tools = [called for tool in items_at(llm / "general_tools", told) if (called := self._tool(tool, name))]
        states = list(self._states(llm / "states", name, tools))
        text = text_at(llm / "general_prompt", told)
        instructions = [variables.template(text, llm / "general_prompt")] if text else []
        instructions += self._first_words(llm, name, is_first)
        if not instructions:
            told.at(llm, f"the instructions of '{name}' are missing")
            instructions = [f"You are {name}."]
        entry = text_at(llm / "starting_state", told)
        if entry is not None and entry not in [state.id for state in states]:
            told.at(llm / "starting_state", f"the state that '{name}' begins in, which is none of its states")
            entry = None
        self.collected.add_agent(
            FoundAgent(
                name,
                "\n\n".join(instructions),
                voice=voice,
                tools=tuple(dict.fromkeys([*tools, *(tool for state in states for tool in state.tools)])),
                is_template=True,
                states=as_walked(states, entry),
            )
        )

    def _first_words(self, llm: Place, name: str, is_first: bool) -> list[str]:
        """Sets the opening; returns what the instructions say of it."""
        place = llm / "begin_message"
        said = place.value
        if said == "" or llm.value.get("start_speaker") == "user":
            if said:
                self._told.at(place, f"the first words of '{name}': it waits for the caller")
            return []
        text = text_at(place, self._told)
        if not is_first:
            if text:
                self._told.at(place, f"the first words of '{name}' where it takes over")
            return []
        if text is None:
            self.collected.opening = FoundOpening()
            return []
        self.collected.opening, more = self.collected.variables.opening(text, place)
        return [more] if more else []

    def _states(self, place: Place, name: str, general: list[str]) -> Iterator[FoundState]:
        """The states; tools that are there in all of them are none of theirs."""
        given = [state for state in items_at(place, self._told) if self._has_name(state)]
        names = {state.value["name"] for state in given}
        met: set[str] = set()
        for state in given:
            key = state.value["name"]
            if key in met:
                self._told.at(state, f"a second state '{key}'")
                continue
            met.add(key)
            self._told.rest(state, {"name", "state_prompt", "tools", "edges"}, f"state '{key}'")
            text = text_at(state / "state_prompt", self._told) or ""
            tools = [called for tool in items_at(state / "tools", self._told) if (called := self._tool(tool, name))]
            ways, collect = self._edges(state, names)
            yield FoundState(
                key,
                title_of(text, key),
                self.collected.variables.template(text, state / "state_prompt"),
                tuple(tool for tool in dict.fromkeys(tools) if tool not in general),
                collect,
                ways,
            )

    def _has_name(self, state: Place) -> bool:
        name = state.value.get("name")
        if isinstance(name, str) and _STATE.fullmatch(name):
            return True
        self._told.at(state, "a state without a name that a state can have")
        return False

    def _edges(self, state: Place, names: set[str]) -> tuple[tuple[FoundTransition, ...], tuple[str, ...]]:
        """The ways on, and what is found out before one is taken: it may stay open where not each of them needs it."""
        told = self._told
        ways: dict[str, FoundTransition] = {}
        needed: list[set[str]] = []
        collected: dict[str, None] = {}
        for edge in items_at(state / "edges", told):
            told.rest(edge, {"description", "destination_state_name", "parameters"}, "an edge")
            target = edge.value.get("destination_state_name")
            if not isinstance(target, str) or target not in names:
                told.at(edge, "an edge to a state that there is not")
                continue
            when = self.collected.words_at(edge / "description") or f"It is time for {target}."
            if target in ways:
                told.at(edge, f"a second edge to '{target}'; its description is added to that of the first")
                when = f"{ways[target].when} Or: {when}"
            ways[target] = FoundTransition(when, to=target)
            asked = dict(self._parameters(edge))
            collected.update(dict.fromkeys(asked))
            needed.append({variable for variable, is_needed in asked.items() if is_needed})
        always = set.intersection(*needed) if needed else set()
        return tuple(ways.values()), tuple(name if name in always else f"{name}?" for name in collected)

    def _parameters(self, edge: Place) -> Iterator[tuple[str, bool]]:
        """The variables that an edge asks for, and whether it needs them."""
        place = edge / "parameters"
        if not mapping_at(place, self._told):
            return
        schema = parameters_at(place, "an edge", self._told)
        for name, inner in schema["properties"].items():
            variable = self.collected.variables.collected(name, inner)
            if variable is None:
                self._told.at(place / "properties" / name, f"'{name}', which no variable can be called", key=True)
            else:
                yield variable, name in schema.get("required", ())

    def _tool(self, tool: Place, agent: str) -> str | None:
        kind, told = tool.value.get("type"), self._told
        name, description = text_at(tool / "name", told), self.collected.words_at(tool / "description")
        if kind == "agent_swap":
            key = text_at(tool / "agent_id", told) or ""
            told.rest(tool, {"type", "name", "description", "agent_id", "tool_id"}, "a handoff")
            self.collected.wish(agent, Wish(key, tool, description, name))
            return None
        if isinstance(kind, str) and kind in _SIMPLE:
            words, what = _SIMPLE[kind]
            told.rest(tool, {"type", "name", "description", "tool_id"}, f"tool '{name or kind}'")
            return self.collected.simple_tool(name or kind, description or words, what, tool)
        if not name or kind not in ("custom", "code", "extract_dynamic_variable"):
            told.at(tool, f"a tool of kind '{kind}'")
            return None
        told.rest(tool, {*_OF_A_TOOL, "variables"}, f"tool '{name}'")
        what = {"code": "code", "custom": "a server's answer"}.get(kind, "the platform's: it keeps what it is given")
        told.at(tool, f"what '{name}' answers is {what}; here it is a stub that says so")
        is_kept = kind == "extract_dynamic_variable"
        return self.collected.add_tool(
            FoundTool(
                name,
                description or "",
                self._kept(tool / "variables") if is_kept else parameters_at(tool / "parameters", name, told),
                stub(f"'{name}' would keep this" if is_kept else f"'{name}' would give {what}"),
                filler=self._filler(tool),
                timeout=seconds(tool.value.get("timeout_ms"), 1000),
            ),
            tool,
        )

    def _kept(self, place: Place) -> dict[str, Any]:
        """The arguments of a tool that keeps variables."""
        properties: dict[str, Any] = {}
        required = []
        for variable in items_at(place, self._told):
            name = text_at(variable / "name", self._told)
            if name is None:
                self._told.at(variable, "a variable without a name")
                continue
            properties[name] = schema_of_variable(variable, self.collected)
            if variable.value.get("required"):
                required.append(name)
        if not properties:
            return NO_PARAMETERS
        return {"type": "object", "properties": properties, "required": [*dict.fromkeys(required)]}

    def _filler(self, tool: Place) -> tuple[str, ...] | bool | None:
        data = tool.value
        if data.get("speak_during_execution") is not True:
            return None
        text = text_at(tool / "execution_message_description", self._told)
        if text and data.get("execution_message_type") == "static_text" and "{{" not in text:
            return (text,)
        if text:
            self._told.at(tool / "execution_message_description", "the words before the call; here they are free")
        return True


def title_of(text: str, name: str) -> str:
    """What a state is for: the first line of its prompt, where that is short, or its name in words."""
    line = next((bare for line in text.splitlines() if (bare := line.strip(" \t#*-"))), "")
    return (
        line
        if 0 < len(line) <= _TITLE and "{" not in line
        else name.replace("_", " ").replace("-", " ").strip() or name
    )


def _is_prompt(data: Any) -> bool:
    return not is_retell_agent(data) and (is_retell_llm(data) or is_retell_flow(data))
