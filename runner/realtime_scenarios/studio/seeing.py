"""The page's questions about a scenario, as routes: its graph, states, prompts, coverage, and why
something is not allowed."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.studio.asking import object_in
from realtime_scenarios.studio.covering import Met
from realtime_scenarios.studio.drawing import Json, agents_drawn, states_drawn
from realtime_scenarios.studio.gates import ways_now
from realtime_scenarios.studio.prompts import prompt_led_back, prompt_read
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.revisions import Then

_NOTHING_THEN: Json = {"about": None, "there": False, "problem": None, "instructions": "", "tools": []}
"""Of a revision: nothing that this agent read."""


class Known(Protocol):
    """What these answers need of the studio."""

    def scenario(self, name: str) -> Scenario:
        """The scenario with this id, as its files are now.

        Raises:
            UsageError: there is none, or it has mistakes.
        """
        ...

    def then(self, name: str, revision: str) -> Then:
        """The scenario with this id as it was in a revision of its repository."""
        ...

    def context(self, conversation: str) -> Mapping[str, Any] | None:
        """The context of a conversation as it is now, without secrets; None: there is no such conversation."""
        ...

    def met(self, name: str) -> Met:
        """What of the scenario with this id the dialogues met that were played here."""
        ...

    def now(self, conversation: str | None) -> datetime.datetime:
        """The moment in a conversation; None, or an unknown one: this moment."""
        ...


def seeing_routes(known: Known) -> list[Route]:
    """The routes below `/studio/api/`."""

    async def graph(request: Request) -> Json:
        scenario = _scenario(request.query_params)
        return agents_drawn(scenario, (await _met(request)).seen)

    async def coverage(request: Request) -> Json:
        return (await _met(request)).data()

    async def states(request: Request) -> Json:
        scenario = _scenario(request.query_params)
        agent = request.query_params.get("agent") or scenario.start
        return states_drawn(scenario, agent, (await _met(request)).seen)

    async def prompt(request: Request) -> Json:
        asked = request.query_params
        return _prompt(_scenario(asked), asked)

    async def prompt_then(request: Request) -> Json:
        asked = request.query_params
        name, revision = _text(asked, "scenario"), asked.get("revision") or "HEAD"
        try:
            then = await asyncio.to_thread(known.then, name, revision)
        except ScenarioError as problem:  # which is no mistake of the page: most folders are in no repository
            return {**_NOTHING_THEN, "problem": {"message": problem.message, "hint": problem.hint or ""}}
        agent, state = asked.get("agent") or then.scenario.start, asked.get("state") or None
        machine = then.scenario.agents[agent].states if agent in then.scenario.agents else None
        is_there = agent in then.scenario.agents and (
            state is None or (machine is not None and state in machine.states)
        )
        read = _prompt(then.scenario, asked) if is_there else _NOTHING_THEN
        told = {"instructions": read["instructions"], "tools": read["tools"]}
        return {**_NOTHING_THEN, "about": then.about, "there": is_there, **told}

    def _prompt(scenario: Scenario, asked: Mapping[str, Any]) -> Json:
        conversation = asked.get("conversation")
        context = (known.context(conversation) if conversation else None) or {}
        return prompt_read(
            scenario,
            asked.get("agent") or scenario.start,
            asked.get("state") or None,
            {name: value for name, value in context.items() if name in scenario.context},
            known.now(conversation),
        )

    async def led_back(request: Request) -> Json:
        asked = await object_in(request)
        scenario = _scenario(asked)
        return prompt_led_back(scenario, _text(asked, "agent") or scenario.start, _text(asked, "text"))

    async def why(request: Request) -> Json:
        asked = request.query_params
        scenario, conversation = _scenario(asked), asked.get("conversation")
        began = {name: variable.default for name, variable in scenario.context.items()}
        context = (known.context(conversation) if conversation else None) or {}
        agent, state = asked.get("agent") or scenario.start, asked.get("state") or None
        return ways_now(scenario, agent, state, {**began, **context}, known.now(conversation))

    async def _met(request: Request) -> Met:
        return await asyncio.to_thread(known.met, _text(request.query_params, "scenario"))

    def _scenario(asked: Mapping[str, Any]) -> Scenario:
        return known.scenario(_text(asked, "scenario"))

    return [
        Route("/studio/api/graph", _answering(graph)),
        Route("/studio/api/coverage", _answering(coverage)),
        Route("/studio/api/states", _answering(states)),
        Route("/studio/api/prompt", _answering(prompt)),
        Route("/studio/api/prompt/then", _answering(prompt_then)),
        Route("/studio/api/prompt/lines", _answering(led_back), methods=["POST"]),
        Route("/studio/api/why", _answering(why)),
    ]


def _answering(answer: Callable[[Request], Awaitable[Json]]) -> Callable[[Request], Awaitable[Response]]:
    """An answer as JSON; what the world does wrong is told in one line, with the way out."""

    async def answered(request: Request) -> Response:
        try:
            return JSONResponse(await answer(request))
        except ScenarioError as problem:
            status = 404 if isinstance(problem, UsageError) else 422
            raise Refusal(status, problem.message, problem.hint) from problem

    return answered


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise UsageError(f"'{name}' is no text")
    return value
