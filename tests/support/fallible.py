"""A dialogue as another model would play it, which knows no script: it words things its own way, and makes mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.compiler import CompiledScenario
from realtime_scenarios.model.dialogue import Call, Dialogue, Move, NestedMove, Say
from realtime_scenarios.played import Departures, Played, TurnPlayed
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import play
from realtime_scenarios.verdicts import DialogueResult, judged
from support.dialogues import run_for

Wording = Callable[[str], str]


def in_other_words(text: str) -> str:
    """Text of several words as somebody else would put it; ids, numbers, names of people and cities stay."""
    words = text.split()
    is_name_or_number = all(word[0].isupper() or not word.isalpha() for word in words)
    return text if len(words) < 2 or is_name_or_number else f"Well, {text}!"


def with_a_wrong_id(text: str) -> str:
    """A single word with a slip in it; text of several words stays."""
    return text if len(text.split()) != 1 else f"{text[:-1]}{'1' if text[-1] != '1' else '2'}"


def result_of_another_model(
    compiled: CompiledScenario, dialogue: Dialogue, wording: Wording = in_other_words, *, plays: Dialogue | None = None
) -> DialogueResult:
    """What comes of the dialogue where a model plays it that leaves out what only a script tries.

    `plays` is a dialogue that such a model plays as it is written, in place of this one.
    """
    made = plays or as_another_model_plays(dialogue, wording)
    scripted = PROVIDERS["scripted"]
    main = play(compiled, made, scripted, ProviderRequest())
    return judged(
        compiled.scenario, dialogue, _unscripted(run_for(scripted, main, real_time=bool(compiled.scenario.mcp)))
    )


def as_another_model_plays(dialogue: Dialogue, wording: Wording) -> Dialogue:
    turns = (
        replace(turn, moves=None if turn.moves is None else tuple(_moves_made(turn.moves, wording)))
        for turn in dialogue.turns
    )
    return replace(dialogue, turns=tuple(turns))


def _moves_made(moves: tuple[Any, ...], wording: Wording) -> list[Any]:
    """The moves without provocations. What was said before one gives way to what is said after it."""
    made: list[Any] = []
    has_left_out = False
    for move in moves:
        if getattr(move, "is_provocation", False):
            has_left_out = True
            continue
        if has_left_out and isinstance(move, Say) and made and isinstance(made[-1], Say):
            made.pop()
        made.append(_move_made(move, wording))
        has_left_out = False
    return made


def _move_made(move: Move | NestedMove, wording: Wording) -> Move | NestedMove:
    match move:
        case Call():
            nested = tuple(_moves_made(move.nested, wording))
            return replace(move, arguments=_worded(move.arguments, wording), nested=nested)
        case Say():
            return move
        case _ if isinstance(getattr(move, "arguments", None), Mapping):
            return replace(move, arguments=_worded(move.arguments, wording))
        case _:
            return move


def _worded(value: Any, wording: Wording) -> Any:
    match value:
        case str():
            return wording(value)
        case Mapping():
            return {name: _worded(inner, wording) for name, inner in value.items()}
        case list():
            return [_worded(inner, wording) for inner in value]
        case _:
            return value


def _unscripted(played: Played) -> Played:
    """The play without what is only known of a script."""
    turns = (
        TurnPlayed(turn.events, Departures(approvals=turn.departures.approvals), turn.looked) for turn in played.turns
    )
    return replace(played, scripted=False, turns=tuple(turns))
