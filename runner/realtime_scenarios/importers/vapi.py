"""Assistants and squads of Vapi: what its API gives out, as the types of its SDK have it (vapi-server-sdk 3.0.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from realtime_scenarios.core import UsageError
from realtime_scenarios.document import Place
from realtime_scenarios.importers.collecting import Collected, Wish
from realtime_scenarios.importers.exports import (
    items_at,
    mapping_at,
    parameters_at,
    places_in,
    seconds,
    stub,
    text_at,
)
from realtime_scenarios.importers.found import Found, FoundAgent, FoundOpening, FoundTool
from realtime_scenarios.importers.sources import is_assistant, is_squad, words

_OF_ANYTHING = ("id", "orgId", "createdAt", "updatedAt")
_OF_NO_WEIGHT = words(
    "id orgId createdAt updatedAt isServerUrlSecretSet name model voice firstMessage firstMessageMode metadata"
)
_OF_A_MODEL = frozenset(["provider", "model", "messages", "systemPrompt", "tools", "toolIds"])
_OF_A_TOOL = words(
    "id orgId createdAt updatedAt type function name description parameters messages server"
    " timeoutSeconds body url method headers credentialId code environmentVariables destinations"
)
_SIMPLE = {
    "endCall": ("end_call", "End the call when the caller has said goodbye.", "the call would end here"),
    "voicemail": ("leave_voicemail", "Leave a message on an answering machine.", "a message would be left here"),
    "dtmf": ("press_keys", "Press keys of the telephone.", "keys of the telephone would be pressed here"),
}


def agents_of_vapi(items: list[Place], wanted: str | None = None) -> Found:
    """The assistants, or those of the squad, as agents. `wanted` is who is met first, or the squad's name.

    Raises:
        UsageError: there are no assistants, or several squads.
    """
    reader = _Reader(items)
    squads = [item for item in items if is_squad(item.value)]
    named = [squad for squad in squads if wanted is not None and squad.value.get("name") == wanted]
    if named:
        squads, wanted = named[:1], None
    if len(squads) > 1:
        names = [str(squad.value.get("name") or "?") for squad in squads]
        raise UsageError(f"there are {len(squads)} squads", hint=f"--agents {' or '.join(names[:6])}")
    if squads:
        reader.squad(squads[0])
    else:
        for item in items:
            if is_assistant(item.value):
                reader.assistant_once(item)
    return reader.collected.found(wanted)


class _Reader:
    def __init__(self, items: list[Place]) -> None:
        self.collected = Collected()
        self._told = self.collected.told
        self._assistants_by_id: dict[str, Place] = {}
        self._first = True
        for item in items:
            data = item.value
            if not isinstance(data, dict):
                self._told.at(item, "an item that is no mapping")
                continue
            key = data.get("id")
            if is_assistant(data):
                if isinstance(key, str):
                    self._assistants_by_id[key] = item
            elif not is_squad(data):
                if isinstance(key, str) and "type" in data:
                    self.collected.know_tool(key, item)
                else:
                    self._told.at(item, "an item that is no assistant, squad or tool")

    def squad(self, squad: Place) -> None:
        self._told.rest(squad, {*_OF_ANYTHING, "name", "members", "membersOverrides"}, "the squad")
        self._overrides(squad / "membersOverrides")
        for member in items_at(squad / "members", self._told):
            known = {"assistant", "assistantId", "assistantDestinations", "assistantOverrides", "assistantVersion"}
            self._told.rest(member, known, "a member of the squad")
            self._overrides(member / "assistantOverrides")
            assistant = member / "assistant"
            key = text_at(member / "assistantId", self._told)
            if not isinstance(assistant.value, dict):
                there = self._assistants_by_id.get(key or "")
                if there is None:
                    self._told.at(member, "a member whose assistant is not in what was given")
                    continue
                assistant = there
            name = self.assistant(assistant, key)
            for target in items_at(member / "assistantDestinations", self._told):
                self._destination(name, target)

    def assistant_once(self, item: Place) -> None:
        """Reads an assistant, unless a handoff has led there already."""
        key = item.value.get("id")
        if not isinstance(key, str) or self.collected.leads_to(key) is None:
            self.assistant(item)

    def assistant(self, item: Place, key: str | None = None) -> str:
        """Reads an assistant, and returns the name of the agent that it becomes."""
        data, told = item.value, self._told
        name = self.collected.name_for(text_at(item / "name", told), item, (key, data.get("id")))
        is_first, self._first = self._first, False
        told.rest(item, _OF_NO_WEIGHT, f"assistant '{name}'")
        model = item / "model"
        has_model = mapping_at(model, told)
        instructions = list(self._instructions(model, name)) if has_model else []
        first_words = self._first_words(item, name, is_first)
        if not instructions:
            told.at(item, f"the instructions of '{name}' are missing")
            instructions = [f"You are {name}."]
        tools = list(self._tools(model, name)) if has_model else []
        if has_model:
            self._model(model, name, is_first)
        voice = item / "voice"
        heard = None
        if mapping_at(voice, told):
            heard = self.collected.voice(text_at(voice / "provider", told), text_at(voice / "voiceId", told), voice)
            told.rest(voice, {"provider", "voiceId"}, f"the voice of '{name}'")
        self.collected.add_agent(
            FoundAgent(
                name,
                "\n\n".join([*instructions, *first_words]),
                voice=heard,
                tools=tuple(dict.fromkeys(tools)),
                is_template=True,
            )
        )
        return name

    def _instructions(self, model: Place, name: str) -> Iterator[str]:
        for message in items_at(model / "messages", self._told):
            text = text_at(message / "content", self._told)
            if message.value.get("role") != "system":
                self._told.at(message, f"a message of '{name}' that is not the system's")
            elif text is not None:
                yield self.collected.variables.template(text, message / "content")
        if text := text_at(model / "systemPrompt", self._told):
            yield self.collected.variables.template(text, model / "systemPrompt")

    def _first_words(self, item: Place, name: str, is_first: bool) -> Iterator[str]:
        """Sets the opening; yields what the instructions say of it."""
        place = item / "firstMessage"
        text, mode = text_at(place, self._told), item.value.get("firstMessageMode")
        if mode == "assistant-waits-for-user":
            if text:
                self._told.at(place, f"the first words of '{name}': it waits for the caller")
        elif not is_first:
            if text:
                self._told.at(place, f"the first words of '{name}' where it takes over")
        elif mode == "assistant-speaks-first-with-model-generated-message":
            self.collected.opening = FoundOpening()
        elif text:
            self.collected.opening, more = self.collected.variables.opening(text, place)
            yield from [more] if more else []

    def _model(self, model: Place, name: str, is_first: bool) -> None:
        provider, called = model.value.get("provider"), model.value.get("model")
        if isinstance(called, str) and provider == "openai" and "realtime" in called and is_first:
            self.collected.model = called
        elif called:
            self._told.at(model / "model", f"the text model of '{name}'; a Realtime model speaks here")
        self._told.rest(model, _OF_A_MODEL, f"the model of '{name}'")

    def _overrides(self, place: Place) -> None:
        if mapping_at(place, self._told):
            self.collected.variables.know(place / "variableValues")
            self._told.rest(place, {"variableValues"}, "what overrides an assistant")

    def _tools(self, model: Place, name: str) -> Iterator[str]:
        named = (self.collected.tool_by_id(place, name) for place in places_in(model / "toolIds"))
        for tool in [*items_at(model / "tools", self._told), *filter(None, named)]:
            called = self._tool(tool, name)
            if called is not None:
                yield called

    def _tool(self, tool: Place, agent: str) -> str | None:
        kind, told = tool.value.get("type"), self._told
        function = tool / "function" if isinstance(tool.value.get("function"), dict) else tool
        name = text_at(function / "name", told)
        description = self.collected.words_at(function / "description")
        if kind == "handoff" or kind == "transferCall":
            return self._handoffs(tool, agent, name, description)
        if isinstance(kind, str) and kind in _SIMPLE:
            usual, words, what = _SIMPLE[kind]
            return self.collected.simple_tool(name or usual, description or words, what, tool)
        if kind not in ("function", "apiRequest", "code") or not name:
            told.at(tool, f"a tool of kind '{kind}'" if name or kind != "function" else "a tool without a name")
            return None
        told.rest(tool, _OF_A_TOOL, f"tool '{name}'")
        told.rest(function, {*_OF_A_TOOL, "strict"}, f"tool '{name}'")
        what = "its code" if kind == "code" else "a server"
        told.at(tool, f"what '{name}' answers comes from {what}; here it is a stub that says so")
        schema = function / "parameters" if function is not tool else tool / "body"
        return self.collected.add_tool(
            FoundTool(
                name,
                description or "",
                parameters_at(schema, name, told),
                stub(f"'{name}' would give what {what} answers"),
                filler=self._filler(tool, name),
                timeout=seconds(tool.value.get("timeoutSeconds") or _timeout_of(tool.value.get("server"))),
            ),
            tool,
        )

    def _filler(self, tool: Place, name: str) -> tuple[str, ...] | None:
        lines = []
        for message in items_at(tool / "messages", self._told):
            text = text_at(message / "content", self._told)
            is_plain = not message.value.get("conditions") and text is not None and "{{" not in text
            if message.value.get("type") == "request-start" and is_plain and text is not None:
                lines.append(text)
            else:
                self._told.at(message, f"a message around '{name}' that is not said before each call")
        return tuple(lines) or None

    def _handoffs(self, tool: Place, agent: str, name: str | None, description: str | None) -> str | None:
        """Wishes for handoffs; the name of a tool where the call goes to a number."""
        told = self._told
        told.rest(tool, {*_OF_ANYTHING, "type", "function", "destinations", "messages"}, "a handoff")
        for message in items_at(tool / "messages", told):
            told.at(message, "a message around a handoff")
        targets = list(items_at(tool / "destinations", told))
        numbers = [target for target in targets if target.value.get("type") in ("number", "sip")]
        for target in targets:
            if target not in numbers:
                self._destination(agent, target, name if len(targets) == 1 else None, description)
        if not numbers and targets:
            return None
        for target in numbers:
            told.at(target, "the number of a transfer")
        return self.collected.simple_tool(
            name or "transfer_call",
            description or _description_of(numbers) or "Transfer the call to a person.",
            "the call would be transferred here",
            tool,
        )

    def _destination(self, agent: str, target: Place, tool_name: str | None = None, words: str | None = None) -> None:
        told = self._told
        if target.value.get("type") not in (None, "assistant"):
            told.at(target, f"a handoff to a destination of kind '{target.value.get('type')}'")
            return
        known = {"type", "assistantName", "assistantId", "assistant", "description"}
        told.rest(target, known, "a handoff")
        key = text_at(target / "assistantName", told) or text_at(target / "assistantId", told)
        inline = target / "assistant"
        if isinstance(inline.value, dict):
            key = self.assistant(inline)
        elif key and self.collected.leads_to(key) is None and key in self._assistants_by_id:
            self.assistant(self._assistants_by_id[key], key)
        if not key:
            told.at(target, "a handoff that names nobody")
            return
        description = self.collected.words_at(target / "description") or words
        self.collected.wish(agent, Wish(key, target, description, tool_name))


def _timeout_of(server: Any) -> Any:
    return server.get("timeoutSeconds") if isinstance(server, dict) else None


def _description_of(targets: list[Place]) -> str:
    texts = (target.value.get("description") for target in targets)
    return " ".join(text for text in texts if isinstance(text, str))
