"""Agents, tools and handoffs of a platform as they are met, each under a name that no other one has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.core import UsageError, did_you_mean
from realtime_scenarios.core.printable import printable
from realtime_scenarios.document import Place
from realtime_scenarios.importers.exports import NO_PARAMETERS, Told, Variables, stub, text_at
from realtime_scenarios.importers.found import Found, FoundAgent, FoundHandoff, FoundOpening, FoundState, FoundTool
from realtime_scenarios.importers.written import fitting_name
from realtime_scenarios.realtime.session import VOICES

_LONGEST_NAME = 80
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")


class Wish(Struct, frozen=True):
    """A handoff to whoever goes by `key` (an id or a name), where that agent is among those that are met."""

    key: str
    place: Place
    description: str | None = None
    tool_name: str | None = None


class Collected:
    """What has been met so far."""

    def __init__(self) -> None:
        self.told = Told()
        self.variables = Variables(self.told)
        self.tools: dict[str, FoundTool] = {}
        self.opening: FoundOpening | None = None
        self.model: str | None = None
        self.language: str | None = None
        self._agents: dict[str, FoundAgent] = {}
        self._wishes: dict[str, list[Wish]] = {}
        self._by_key: dict[str, str] = {}
        self._tools_by_id: dict[str, Place] = {}

    def name_for(self, wanted: str | None, place: Place, keys: Iterable[Any] = ()) -> str:
        """A name for an agent, which others also know by those of the keys that are texts."""
        wanted = printable(" ".join((wanted or "").split()))[:_LONGEST_NAME].strip() or "Agent"
        number, free = 1, wanted
        while free in self._wishes:
            number += 1
            free = f"{wanted} {number}"
        if free != wanted:
            self.told.at(place, f"the name '{wanted}' of a second agent; it is called '{free}' here")
        self._wishes[free] = []
        for key in (wanted, *keys):
            if isinstance(key, str) and key:
                self._by_key.setdefault(key, free)
        return free

    def wish(self, name: str, wish: Wish) -> None:
        self._wishes[name].append(wish)

    def leads_to(self, key: str) -> str | None:
        """The name of the agent that goes by this key; None: it is none that is met."""
        return self._by_key.get(key)

    def add_agent(self, agent: FoundAgent) -> None:
        self._agents[agent.name] = agent

    def add_tool(self, tool: FoundTool, place: Place) -> str:
        """The name under which the tool is kept: its own, or another where a different tool has that."""
        number, name = 1, tool.name
        while (there := self.tools.get(name)) is not None and there != replace(tool, name=name):
            number += 1
            name = f"{tool.name}_{number}"
        if name != tool.name:
            self.told.at(place, f"another tool is called '{tool.name}', too; this one is '{name}' here")
        self.tools[name] = replace(tool, name=name)
        return name

    def know_tool(self, key: str, tool: Place) -> None:
        """Takes down a tool that stands apart, and that agents name by its id."""
        self._tools_by_id[key] = tool

    def tool_by_id(self, place: Place, agent: str) -> Place | None:
        """The tool of which the id stands there; None, and told: it is none that stands apart."""
        tool = self._tools_by_id.get(place.value) if isinstance(place.value, str) else None
        if tool is None:
            self.told.at(place, f"a tool of '{agent}' that is not in what was given")
        return tool

    def simple_tool(self, name: str, description: str, what: str, place: Place) -> str:
        """A tool of the platform's own, with no arguments, whose answer says what would happen."""
        self.told.at(place, f"what '{name}' does is the platform's; here it is a tool that says so")
        return self.add_tool(FoundTool(name, description, NO_PARAMETERS, stub(what)), place)

    def words_at(self, place: Place) -> str | None:
        """The text that stands there, where no template may stand; None: none does."""
        text = text_at(place, self.told)
        return None if text is None else self.variables.words(text, place)

    def voice(self, provider: str | None, voice: str | None, place: Place) -> str | None:
        """The voice of that name, where OpenAI has it."""
        if not voice:
            return None
        name = voice.removeprefix("openai-").lower()
        if name in VOICES and (provider in (None, "openai") or voice.lower().startswith("openai-")):
            return name
        self.told.at(place, f"the voice '{printable(voice[:60])}' of {provider or 'a platform'}")
        return None

    def speaks(self, place: Place) -> None:
        """Takes down the language that stands there, where it is a code of one."""
        if isinstance(place.value, str) and _LANGUAGE.fullmatch(place.value) and place.value != "multi":
            self.language = place.value
        elif place.value:
            self.told.at(place, "the language, which is no code of one")

    def found(self, wanted: str | None) -> Found:
        """All that was met, the wanted agent first; None: the first one.

        Raises:
            UsageError: there is no agent, or none that is called so.
        """
        if not self._agents:
            raise UsageError("there are no agents in it")
        in_order = [self._agents[name] for name in self._wishes if name in self._agents]
        first = in_order[0].name
        if wanted is not None:
            named = self.leads_to(wanted)
            if named not in self._agents:
                raise UsageError(f"there are no agents '{wanted}'", hint=did_you_mean(wanted, self._agents))
            first = named or first
        self.variables.tell_unknown()
        agents = [replace(agent, handoffs=self._handoffs(agent)) for agent in in_order]
        agents.sort(key=lambda agent: agent.name != first)
        return Found(
            tuple(agents),
            self.tools,
            self.told.notes,
            opening=self.opening,
            context=self.variables.declared,
            model=self.model,
            language=self.language,
        )

    def _handoffs(self, agent: FoundAgent) -> tuple[FoundHandoff, ...]:
        edges: dict[str, FoundHandoff] = {edge.to: edge for edge in agent.handoffs}
        for wish in self._wishes.get(agent.name, ()):
            target = self.leads_to(wish.key)
            if target is None or target not in self._agents:
                self.told.at(wish.place, f"a handoff to '{printable(wish.key[:60])}', who is not in what was given")
            elif target == agent.name:
                self.told.at(wish.place, "a handoff of an agent to itself")
            elif target in edges:
                self.told.at(wish.place, f"a second way from '{agent.name}' to '{target}'")
            else:
                edges[target] = FoundHandoff(target, self._tool_name(wish, agent, edges.values()), wish.description)
        return tuple(edges.values())

    def _tool_name(self, wish: Wish, agent: FoundAgent, edges: Iterable[FoundHandoff]) -> str | None:
        """The name that the handoff's tool is to have; None: the usual one."""
        name = fitting_name(wish.tool_name) if wish.tool_name else None
        if name is not None and name in {*agent.tools, *(edge.tool_name for edge in edges)}:
            self.told.at(wish.place, f"the name '{name}' of a handoff, which something else of '{agent.name}' has")
            return None
        return name


def as_walked(states: Iterable[FoundState], entry: str | None) -> tuple[FoundState, ...]:
    """The states as one comes to them from the entry, or from the first (None); then those that nothing leads to.

    The order counts: where a way leads to a state above, a scenario takes it for a way back, which asks for nothing.
    """
    by_id = {state.id: state for state in states}
    reached: dict[str, None] = {}
    for first in [*([entry] if entry in by_id else ()), *by_id]:
        waiting = [first]
        while waiting:
            here = waiting.pop(0)
            if here not in reached:
                reached[here] = None
                waiting += [way.to for way in by_id[here].transitions if way.to in by_id]
    return tuple(by_id[key] for key in reached)
