"""A caller who is no script, in a conversation: by rules, or played by a text model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from agents import Agent, Model, RunConfig, Runner

from realtime_scenarios.compiler import Question
from realtime_scenarios.core import ProviderError, first_line_of
from realtime_scenarios.core.folding import folded
from realtime_scenarios.model.dialogue import Turn
from realtime_scenarios.model.persona import Persona
from realtime_scenarios.personas import Line, RuledCaller
from realtime_scenarios.played import Improvised, Over
from realtime_scenarios.project.prompts import ALL_DONE, BEFORE_ANYTHING_IS_SAID, GIVEN_UP, caller_prompt
from realtime_scenarios.providers.text import has_text_model
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.trace import AgentSaid, TraceEvent, UserSaid
from realtime_scenarios.verdicts.improvised import improvised_turn

_OVERS: dict[str, Over] = {folded(ALL_DONE): "done", folded(GIVEN_UP): "gives_up"}


class _Caller(Protocol):
    @property
    def want(self) -> int | None:
        """Which of the things they want they have in mind; None: nobody knows."""
        ...

    async def next(self, events: Sequence[TraceEvent], said: str) -> Line | Over: ...


class Improvising:
    """The turns that a caller takes who is no script, one after the other."""

    def __init__(self, persona: Persona, conversation: Conversation, *, seed: int) -> None:
        self._persona = persona
        self._conversation = conversation
        models = conversation.text_models
        self._caller: _Caller
        if persona.model is not None and models is not None and has_text_model(models):
            question = Question("caller", "caller", "caller", persona.model)
            self._caller = _PlayedCaller(persona, models.model(question))
        else:
            language = conversation.state.scenario.locale.partition("-")[0]
            self._caller = _Ruled(RuledCaller(persona, language=language, seed=seed))
        self._lines: list[str | None] = []
        self._over: Over | None = None

    async def next_turn(self) -> Turn | None:
        """What the caller does next; None: it is over.

        Raises:
            ProviderError: the text model that plays them cannot be had.
        """
        conversation = self._conversation
        if conversation.state.turn == 0 and self._is_opened_by_the_agent:
            return self._turn(None)
        events = conversation.trace.events
        said = " ".join(
            event.text for event in events if isinstance(event, AgentSaid) and event.turn == conversation.state.turn
        )
        line = await self._caller.next(events, said)
        if isinstance(line, Line):
            return self._turn(line.text)
        self._over = line
        return None

    @property
    def improvised(self) -> Improvised:
        """What they have done so far."""
        return Improvised(tuple(self._lines), self._over, self._caller.want)

    @property
    def _is_opened_by_the_agent(self) -> bool:
        """Whether they wait for a word: they do not say what they open with, and it is for the agent to speak first."""
        state = self._conversation.state
        opening = state.scenario.opening
        is_the_agents = opening is not None and opening.speaks == "agent"
        return not self._persona.begins and (is_the_agents or state.agent != state.scenario.start)

    def _turn(self, line: str | None) -> Turn:
        self._lines.append(line)
        return improvised_turn(line, self._persona)


class _Ruled:
    def __init__(self, caller: RuledCaller) -> None:
        self._caller = caller

    @property
    def want(self) -> int | None:
        return self._caller.standing.want

    async def next(self, events: Sequence[TraceEvent], said: str) -> Line | Over:
        return self._caller.next(said)


class _PlayedCaller:
    """A caller whom a text model plays: it reads what was said, the agent as the one who speaks to it."""

    want = None

    def __init__(self, persona: Persona, model: Model) -> None:
        self._most = persona.turns
        self._taken = 0
        self._agent: Agent[Any] = Agent(name="caller", instructions=caller_prompt(persona), model=model)

    async def next(self, events: Sequence[TraceEvent], said: str) -> Line | Over:
        try:
            asked = _seen_by_the_caller(events)
            result = await Runner.run(self._agent, asked, max_turns=1, run_config=RunConfig(tracing_disabled=True))
        except Exception as problem:  # any failure of the network or the service is one line for the author
            raise ProviderError(
                f"the text model that plays the caller cannot be asked: {first_line_of(problem)}",
                hint="leave `model` out: then the caller goes by rules",
            ) from problem
        words = str(result.final_output).strip()
        over = _OVERS.get(folded(words))
        if over is not None:
            return over
        if not folded(words):
            raise ProviderError("the text model that plays the caller said nothing", hint="give it another `model`")
        if self._taken == self._most:
            return "turns"
        self._taken += 1
        return Line(words)


def _seen_by_the_caller(events: Sequence[TraceEvent]) -> list[Any]:
    """What was said so far, with the roles changed: to who plays the caller, the agent is the user."""
    messages: list[Any] = []
    for event in events:
        match event:
            case AgentSaid():
                messages.append({"role": "user", "content": event.text})
            case UserSaid() if event.text:
                messages.append({"role": "assistant", "content": event.text})
            case _:
                pass
    if not messages or messages[-1]["role"] == "assistant":
        said = "(The agent says nothing.)" if messages else BEFORE_ANYTHING_IS_SAID
        messages.append({"role": "user", "content": said})
    return messages
