"""Judges, asked where a conversation is held: a text model, or the moves of a dialogue that say what it would say.

Clear answers are kept in `.scenario/judged/` below the folder of the run, each under what was asked of whom: who
changes nothing asks nobody again. What is not clear is not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import Agent, Model, RunConfig, Runner
from msgspec import DecodeError
from msgspec import json as msgspec_json
from msgspec.structs import replace

from realtime_scenarios.compiler import Question
from realtime_scenarios.compiler.text import JsonOutput
from realtime_scenarios.core import ScenarioError, first_line_of
from realtime_scenarios.core.writing import write_file
from realtime_scenarios.expectations.judge import Judge
from realtime_scenarios.model.dialogue import Move, Say
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.played import JudgementThere
from realtime_scenarios.project.prompts import JUDGE_SCHEMA, judge_prompt
from realtime_scenarios.providers.text import has_text_model
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.suite.comparison import behaviour
from realtime_scenarios.suite.journal import FOLDER
from realtime_scenarios.trace import Judgement

_LONGEST = 60.0
"""Seconds that a judge may take."""

_NOT_SAID = Judgement("unavailable", "no `judged` of a move says what the judge would say")
_NOBODY = Judgement("unavailable", "there is no text model to ask")


@dataclass(frozen=True, slots=True)
class Judges:
    """Those of one conversation. `scripted`: the moves say what they would say. The run's folder is the present one."""

    conversation: Conversation
    scripted: bool

    async def judgements(
        self, expected: Sequence[Expectation], turn: int | None, moves: Sequence[Move]
    ) -> tuple[JudgementThere, ...]:
        """What the judges among the expectations say of a turn, None: of all of it; `moves` are those in question."""
        return tuple(
            [
                JudgementThere(wanted.place.json_pointer, await self._judgement(wanted, turn, moves))
                for wanted in expected
                if isinstance(wanted, Judge)
            ]
        )

    async def _judgement(self, wanted: Judge, turn: int | None, moves: Sequence[Move]) -> Judgement:
        if self.scripted:
            return _as_the_moves_say(moves)
        models = self.conversation.text_models
        if models is None or not has_text_model(models):
            return _NOBODY
        secrets = self.conversation.state.secrets
        instructions = secrets.hidden(judge_prompt(wanted.rubric, turn))
        log = secrets.hidden("\n".join(behaviour(self.conversation.trace)))
        try:
            model = models.model(Question("judge", "judge", "judge", wanted.model))
            kept = _Kept.of(Path.cwd(), model, instructions, log)
            if (known := kept.judgement) is not None:
                return known
            async with asyncio.timeout(_LONGEST):
                judgement = await _asked(model, instructions, log)
        except Exception as problem:  # a model may fail in any way, and then nothing is known
            return Judgement("unavailable", f"the judge cannot be asked: {secrets.hidden(first_line_of(problem))}")
        judgement = replace(judgement, reason=secrets.hidden(judgement.reason))
        kept.keep(judgement)
        return judgement


def _as_the_moves_say(moves: Sequence[Move]) -> Judgement:
    """The worst of what they say."""
    said = {move.judged for move in moves if isinstance(move, Say) and move.judged is not None}
    for answer in ("fails", "unsure", "passes"):
        if answer in said:
            return Judgement(answer, "as the dialogue says")
    return _NOT_SAID


async def _asked(model: Model, instructions: str, log: str) -> Judgement:
    agent: Agent[Any] = Agent(
        name="judge", instructions=instructions, model=model, output_type=JsonOutput(JUDGE_SCHEMA)
    )
    answer = (await Runner.run(agent, log, max_turns=1, run_config=RunConfig(tracing_disabled=True))).final_output
    return Judgement(answer["answer"], str(answer["reason"]))


@dataclass(frozen=True, slots=True)
class _Kept:
    """The file in which the answer to one question is kept."""

    path: Path

    @classmethod
    def of(cls, folder: Path, model: Model, instructions: str, log: str) -> _Kept:
        asked = [_name_of(model), instructions, log]
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        return cls(folder / FOLDER / "judged" / f"{digest}.json")

    @property
    def judgement(self) -> Judgement | None:
        """The answer; None: there is none that can be read."""
        try:
            known = msgspec_json.decode(self.path.read_bytes(), type=Judgement)
        except (OSError, DecodeError):
            return None
        return known if known.is_clear else None

    def keep(self, judgement: Judgement) -> None:
        if judgement.is_clear:
            with contextlib.suppress(ScenarioError, OSError):  # it is asked again, then
                write_file(self.path, msgspec_json.encode(judgement).decode() + "\n")


def _name_of(model: Model) -> str:
    """What the model is called where it is asked, as the SDK's own models say (0.24)."""
    return str(getattr(model, "model", type(model).__name__))
