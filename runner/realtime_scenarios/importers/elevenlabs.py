"""Agents of ElevenLabs: what its API gives out, as the types of its SDK have it (elevenlabs 2.78.0).

A workflow is an agent that walks through nodes, each of which adds to its prompt and tools: states, in our words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.importers.collecting import Collected, Wish, as_walked
from realtime_scenarios.importers.exports import (
    NO_PARAMETERS,
    items_at,
    mapping_at,
    parameters_at,
    places_in,
    properties_at,
    seconds,
    stub,
    text_at,
)
from realtime_scenarios.importers.found import Found, FoundAgent, FoundState, FoundTool
from realtime_scenarios.importers.sources import is_elevenlabs, words
from realtime_scenarios.importers.workflows import states_of_workflow

_OF_AN_AGENT = words(
    "agent_id name conversation_config metadata workflow access_info tags version_id branch_id"
    " main_branch_id created_at_unix_secs"
)
_OF_THE_CONFIG = frozenset(["agent", "tts"])
_OF_A_SPEAKER = frozenset(["first_message", "language", "dynamic_variables", "prompt"])
_OF_A_PROMPT = frozenset(["prompt", "llm", "tools", "tool_ids", "built_in_tools"])
_OF_A_TOOL = words(
    "type name description response_timeout_secs parameters expects_response api_schema pre_tool_speech"
    " force_pre_tool_speech dynamic_variables id tool_config"
)
_SIMPLE = {
    "end_call": ("End the call when the caller has said goodbye.", "the call would end here"),
    "transfer_to_number": ("Transfer the call to a person.", "the call would be transferred here"),
    "skip_turn": ("Say nothing, and wait for the caller.", "the agent would wait here"),
    "play_keypad_touch_tone": ("Press keys of the telephone.", "keys of the telephone would be pressed here"),
    "voicemail_detection": ("Say that an answering machine has taken the call.", "the call would end here"),
    "language_detection": ("Go on in the caller's language.", "the language would change here"),
}


def agents_of_elevenlabs(items: list[Place], wanted: str | None = None) -> Found:
    """The agents; tools that stand beside them are looked up by their ids.

    Raises:
        UsageError: there are none, or none that is `wanted`.
    """
    reader = _Reader(items)
    for item in items:
        if is_elevenlabs(item.value):
            reader.agent(item)
    return reader.collected.found(wanted)


class _Reader:
    def __init__(self, items: list[Place]) -> None:
        self.collected = Collected()
        self._told = self.collected.told
        self._first = True
        for item in items:
            data = item.value
            if is_elevenlabs(data):
                continue
            if isinstance(data, dict) and isinstance(data.get("id"), str) and isinstance(data.get("tool_config"), dict):
                self.collected.know_tool(data["id"], item / "tool_config")
            else:
                self._told.at(item, "an item that is neither an agent nor a tool")

    def agent(self, item: Place) -> None:
        data, told = item.value, self._told
        is_first, self._first = self._first, False
        config = item / "conversation_config"
        name = self.collected.name_for(text_at(item / "name", told), item, (data.get("agent_id"),))
        told.rest(item, _OF_AN_AGENT, f"agent '{name}'")
        told.rest(config, _OF_THE_CONFIG, f"agent '{name}'")
        speaker, prompt = config / "agent", config / "agent" / "prompt"
        has_prompt = mapping_at(speaker, told) and mapping_at(prompt, told)
        if isinstance(speaker.value, dict):
            if mapping_at(speaker / "dynamic_variables", told):
                self.collected.variables.know(speaker / "dynamic_variables" / "dynamic_variable_placeholders")
            told.rest(speaker, _OF_A_SPEAKER, f"agent '{name}'")
            if is_first:
                self.collected.speaks(speaker / "language")
        instructions = []
        tools: list[str] = []
        if has_prompt:
            text = text_at(prompt / "prompt", told)
            instructions += [self.collected.variables.template(text, prompt / "prompt")] if text else []
            tools += self._tools(prompt, name)
            if prompt.value.get("llm"):
                told.at(prompt / "llm", f"the text model of '{name}'; a Realtime model speaks here")
            told.rest(prompt, _OF_A_PROMPT, f"the prompt of '{name}'")
        if isinstance(speaker.value, dict):
            instructions += self._first_words(speaker, name, is_first)
        if not instructions:
            told.at(config, f"the instructions of '{name}' are missing")
            instructions = [f"You are {name}."]
        states = self._workflow(item / "workflow", name)
        self.collected.add_agent(
            FoundAgent(
                name,
                "\n\n".join(instructions),
                voice=self._voice(config / "tts", name),
                tools=tuple(dict.fromkeys([*tools, *(tool for state in states for tool in state.tools)])),
                is_template=True,
                states=as_walked((_without(state, tools) for state in states), None),
            )
        )

    def _voice(self, tts: Place, name: str) -> str | None:
        if mapping_at(tts, self._told):
            self._told.rest(tts, {"voice_id"}, f"the voice of '{name}'")
            return self.collected.voice("ElevenLabs", text_at(tts / "voice_id", self._told), tts / "voice_id")
        return None

    def _first_words(self, speaker: Place, name: str, is_first: bool) -> list[str]:
        """Sets the opening; returns what the instructions say of it."""
        place = speaker / "first_message"
        text = text_at(place, self._told)
        if not is_first:
            if text:
                self._told.at(place, f"the first words of '{name}' where it takes over")
            return []
        if text is None:  # "If empty, the agent will wait for the user" (`AgentConfig.first_message`)
            return []
        self.collected.opening, more = self.collected.variables.opening(text, place)
        return [more] if more else []

    def _workflow(self, workflow: Place, name: str) -> list[FoundState]:
        if not mapping_at(workflow, self._told):
            return []
        return states_of_workflow(
            workflow,
            self._told,
            template=self.collected.variables.template,
            tools=lambda places: [called for place in places for called in self._by_id(place, name)],
            words=self.collected.words_at,
            handoff=lambda key, place, when: self.collected.wish(name, Wish(key, place, when)),
        )

    def _tools(self, prompt: Place, agent: str) -> Iterator[str]:
        met: set[str] = set()
        for tool in items_at(prompt / "tools", self._told):
            met.add(str(tool.value.get("name")))
            yield from self._tool(tool, agent)
        built_in = prompt / "built_in_tools"
        if mapping_at(built_in, self._told):
            for key, value in built_in.value.items():
                if isinstance(value, dict) and str(value.get("name") or key) not in met:
                    yield from self._system(built_in / key, key, agent)
        for place in places_in(prompt / "tool_ids"):
            yield from self._by_id(place, agent)

    def _by_id(self, place: Place, agent: str) -> Iterator[str]:
        tool = self.collected.tool_by_id(place, agent)
        if tool is not None:
            yield from self._tool(tool, agent)

    def _tool(self, tool: Place, agent: str) -> Iterator[str]:
        data, told = tool.value, self._told
        kind, name = data.get("type"), text_at(tool / "name", told)
        if kind == "system":
            params = data.get("params")
            system = params.get("system_tool_type") if isinstance(params, dict) else None
            yield from self._system(tool, str(system or name), agent)
            return
        if kind not in ("webhook", "client", "api_integration_webhook") or not name:
            told.at(tool, f"a tool of kind '{kind}'")
            return
        told.rest(tool, _OF_A_TOOL, f"tool '{name}'")
        what = "the client's" if kind == "client" else "a server's"
        told.at(tool, f"what '{name}' answers is {what}; here it is a stub that says so")
        speaks = data.get("pre_tool_speech") == "force" or data.get("force_pre_tool_speech") is True
        yield self.collected.add_tool(
            FoundTool(
                name,
                self.collected.words_at(tool / "description") or "",
                self._arguments(tool, name),
                stub(f"'{name}' would give {what} answer"),
                filler=True if speaks else None,
                timeout=seconds(data.get("response_timeout_secs")),
            ),
            tool,
        )

    def _arguments(self, tool: Place, name: str) -> dict[str, Any]:
        """What a client is given, or what a request is made of: its path, its query and its body."""
        told, api = self._told, tool / "api_schema"
        if tool.value.get("type") == "client":
            return parameters_at(tool / "parameters", name, told)
        if not mapping_at(api, told):
            return NO_PARAMETERS
        left_out = {"url", "method", "path_params_schema", "query_params_schema", "request_body_schema"}
        told.rest(api, left_out, f"the request of '{name}'")
        properties: dict[str, Any] = {}
        required: list[str] = []
        path = api / "path_params_schema"
        if mapping_at(path, told) and path.value:
            properties.update(properties_at(path, f"the parameters of '{name}'", told))
            required += properties
        for key in ("query_params_schema", "request_body_schema"):
            place = api / key
            if mapping_at(place, told):
                inside = parameters_at(place, name, told)
                for argument, schema in inside["properties"].items():
                    if argument in properties:
                        told.at(place, f"a second argument '{argument}' of '{name}'")
                    properties.setdefault(argument, schema)
                required += inside.get("required", [])
        if not properties:
            return NO_PARAMETERS
        return {
            "type": "object",
            "properties": properties,
            **({"required": [*dict.fromkeys(required)]} if required else {}),
        }

    def _system(self, tool: Place, kind: str, agent: str) -> Iterator[str]:
        told = self._told
        params = tool / "params"
        name, words = text_at(tool / "name", told), self.collected.words_at(tool / "description")
        if kind == "transfer_to_agent":
            if mapping_at(params, told):
                for transfer in items_at(params / "transfers", told):
                    told.rest(transfer, {"agent_id", "condition"}, "a handoff")
                    key = text_at(transfer / "agent_id", told) or ""
                    description = self.collected.words_at(transfer / "condition") or words
                    self.collected.wish(agent, Wish(key, transfer, description))
            return
        if kind not in _SIMPLE:
            told.at(tool, f"a tool of kind '{kind}'")
            return
        if isinstance(params.value, dict):
            told.rest(params, {"system_tool_type"}, f"tool '{kind}'")
        usual, what = _SIMPLE[kind]
        yield self.collected.simple_tool(name or kind, words or usual, what, tool)


def _without(state: FoundState, tools: list[str]) -> FoundState:
    """The state without tools that are there in every state."""
    return replace(state, tools=tuple(tool for tool in state.tools if tool not in tools))
