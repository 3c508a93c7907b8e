"""What a model reads as an agent: the prompt as the file makes it, and each of its lines led back to the YAML."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import Secrets, UsageError, did_you_mean
from realtime_scenarios.lint.prompts.passages import passages_of
from realtime_scenarios.lint.walk import span_of_line
from realtime_scenarios.model.names import SET_STATE_TOOL, TRANSFER_TOOL
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.project.prompts import functions_of, prompt_of, wire_name
from realtime_scenarios.studio.drawing import Json, agent_named
from realtime_scenarios.studio.places import ShownPlace, shown_place, shown_span

_CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English, which is said beside the figure."""

_SHORT = 12
"""A line of fewer characters is found only where it stands alone: inside of others it would be found anywhere."""

_HOLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_JSON_LINE = re.compile(r'^(?:"[a-z_]+": )?(".*")[\]},]*$')


@dataclass(frozen=True, slots=True)
class _Source:
    """A line that the author wrote: what must be found of it, in this order, and where it stands."""

    pieces: tuple[str, ...]
    has_holes: bool
    place: ShownPlace

    def is_in(self, line: str) -> bool:
        if not self.has_holes and len(self.pieces[0]) < _SHORT:
            return line == self.pieces[0]
        at = 0
        for piece in self.pieces:
            found = line.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return True


def prompt_read(
    scenario: Scenario,
    agent: str,
    state: str | None,
    context: Mapping[str, Any],
    now: datetime.datetime,
    secrets: Secrets | None = None,
) -> Json:
    """The prompt, functions and settings of an agent in a state (None: the one it begins with), as the file makes them.

    `context` is laid over what the conversation begins with. Values of secret variables are not told.

    Raises:
        UsageError: there is no such agent or state.
        TemplateError: the prompt cannot be rendered with these values.
    """
    spec = agent_named(scenario, agent)
    here = _known_state(spec, state)
    values = {name: variable.default for name, variable in scenario.context.items()} | dict(context)
    hidden = secrets or Secrets()
    for name, variable in scenario.context.items():
        if variable.secret and values[name] is not None:
            hidden.add(str(values[name]))
    text = hidden.hidden(prompt_of(spec, scenario, {"context": values, "now": now}, here))
    tools = [
        {**function, "place": _place_of_function(function["name"], spec, scenario)}
        for function in hidden.hidden_in(functions_of(spec, scenario, here))
    ]
    return {
        "agent": spec.id,
        "name": spec.name,
        "state": here,
        "instructions": text,
        "lines": lines_led_back(text, spec, scenario),
        "tools": tools,
        "mcp": list(spec.mcp),
        "handoffs": [
            {"to": edge.to, "tool": wire_name(edge, spec, scenario), "place": shown_place(edge.place)}
            for edge in spec.handoffs
            if edge.to in scenario.agents
        ],
        "settings": _settings_of(scenario),
        "tokens": tokens_in(text) + sum(tokens_in(json.dumps(tool)) for tool in tools),
        "place": shown_place(spec.place),
    }


def prompt_led_back(scenario: Scenario, agent: str, text: str) -> Json:
    """A prompt as it went over the wire, with the place of each of its lines.

    Raises:
        UsageError: there is no such agent.
    """
    spec = agent_named(scenario, agent)
    functions = {
        function["name"]: _place_of_function(function["name"], spec, scenario)
        for state in (spec.states.states if spec.states is not None else [None])
        for function in functions_of(spec, scenario, state)
    }
    return {
        "agent": spec.id,
        "lines": lines_led_back(text, spec, scenario),
        "tokens": tokens_in(text),
        "functions": functions,
    }


def lines_led_back(text: str, agent: AgentSpec, scenario: Scenario) -> list[Json]:
    """Each line of a prompt with where its author wrote it; `place` None: nobody did, it was made from settings.

    Lines mostly come in the order of the file, so each is looked for from where the one before it was found.
    """
    sources = list(_sources(agent, scenario))
    found: list[Json] = []
    following = 0
    for line in text.split("\n"):
        wanted = _bare_line(line)
        order = [*range(following, len(sources)), *range(following)] if wanted else []
        at = next((index for index in order if sources[index].is_in(wanted)), None)
        if at is not None:
            following = at + 1
        found.append({"text": line, "place": sources[at].place if at is not None else None})
    return found


def tokens_in(text: str) -> int:
    """About how many tokens a text comes to."""
    return -(-len(text) // _CHARACTERS_A_TOKEN)


def _known_state(spec: AgentSpec, state: str | None) -> str | None:
    if spec.states is None:
        if state is not None:
            raise UsageError(f"agent '{spec.id}' has no states", hint="leave out the state")
        return None
    if state is not None and state not in spec.states.states:
        raise UsageError(f"agent '{spec.id}' has no state '{state}'", hint=did_you_mean(state, spec.states.states))
    return state or spec.states.entry


def _bare_line(line: str) -> str:
    """A line without what a list or JSON puts around it."""
    bare = line.strip()
    if match := _JSON_LINE.match(bare):
        try:
            return str(json.loads(match[1])).strip()
        except ValueError:
            return bare
    return bare.removeprefix("- ").strip()


def _sources(agent: AgentSpec, scenario: Scenario) -> Iterator[_Source]:
    opening = scenario.opening
    if opening is not None and opening.say and agent.id == scenario.start and (opening.place / "say").exists:
        yield from _source_lines(opening.say, opening.place / "say")
    for passage in passages_of(agent, scenario):
        place = passage.place
        if isinstance(place.value, list):
            index = next((at for at, item in enumerate(place.value) if item == passage.text), None)
            place = place if index is None else place / index
        yield from _source_lines(passage.text, place)


def _source_lines(text: str, place: Any) -> Iterator[_Source]:
    for number, line in enumerate(text.splitlines(), 1):
        parts = _HOLE.split(_bare_line(line))
        pieces = tuple(piece for part in parts if (piece := part.strip()))
        if pieces:
            yield _Source(pieces, len(parts) > 1, shown_span(span_of_line(text, place, number), place))


def _place_of_function(name: str, agent: AgentSpec, scenario: Scenario) -> ShownPlace | None:
    """Where a function is written: the tool, the handoff, or the states that it moves through."""
    if name in scenario.tools:
        return shown_place(scenario.tools[name].place)
    if name == SET_STATE_TOOL and agent.states is not None:
        return shown_place(agent.states.place)
    edge = next(
        (edge for edge in agent.handoffs if edge.to in scenario.agents and wire_name(edge, agent, scenario) == name),
        None,
    )
    if edge is None or name == TRANSFER_TOOL:
        return shown_place(agent.place)
    return shown_place(edge.place)


def _settings_of(scenario: Scenario) -> Json:
    """The session's settings that the file gives, by their names in it."""
    from msgspec import to_builtins

    settings = to_builtins(scenario.session)
    defaults = to_builtins(type(scenario.session)())
    return {name: value for name, value in settings.items() if value != defaults[name]}
