"""What is heard: turns in noise by each detector, words by pocketsphinx, and whether what is done is the same as typed.

Run: python benchmarks/hearing.py turns
     python benchmarks/hearing.py words SCENARIO ... [CONDITION ...]
The first wants flite, the second also the extra `voice`; what callers say is spoken by flite.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from realtime_scenarios.project import Project, find_scenario, load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.spoken import spoken_turns
from realtime_scenarios.trace import HandedOff, StateEntered, ToolCalled, Trace
from realtime_scenarios.verdicts import DialogueResult, unplayed
from realtime_scenarios.voice import (
    VOICE_DETECTORS,
    Samples,
    TurnBegan,
    TurnDetector,
    TurnEnded,
    TurnTaking,
    decoded,
    encoded,
    resampled,
)
from realtime_scenarios.voice.calling import Calling
from realtime_scenarios.voice.formats import MU_LAW
from realtime_scenarios.voice.rooms import at_level, mixed, noise, quiet
from realtime_scenarios.workers.player import played_here
from support.sounds import RATE, joined, said_by_flite

LEVEL = -26
LINES = (
    ("What flight am I on?", "I would like to change my seat to one by the window please."),
    ("My name is Maya Patel and my number is two oh six one three five.", "Yes, that is right."),
)
VOICES = ("slt", "rms", "kal16", "awb")
TAKING = TurnTaking(0.5, 500)


@dataclass(frozen=True)
class Call:
    """A sound, and from when to when (ms) somebody speaks in it."""

    sound: Samples
    said: Sequence[tuple[int, int]]


def calls() -> Iterator[Call]:
    for voice in VOICES:
        for first, second in LINES:
            parts = [quiet(1500), at_level(said_by_flite(first, voice), LEVEL), quiet(1500)]
            parts += [at_level(said_by_flite(second, voice), LEVEL), quiet(2000)]
            times = [sum(map(len, parts[:count])) * 1000 // RATE for count in range(len(parts))]
            yield Call(joined(parts), [(times[1], times[2]), (times[3], times[4])])


def print_turns() -> None:
    """Of 16 turns a cell: those heard alone, with an end within 400 ms; then turns where nobody spoke."""
    known = list(calls())
    rooms = [None, *((kind, db) for kind in ("white", "pink", "hum") for db in (20, 10, 5, 0))]
    for telephone in (False, True):
        print(f"{'telephone' if telephone else '24 kHz':>14}" + "".join(f"{name:>16}" for name in VOICE_DETECTORS))
        for room in rooms:
            heard = [heard_in(known, room, telephone, VOICE_DETECTORS[name]) for name in VOICE_DETECTORS]
            print(
                f"{'clean' if room is None else f'{room[0]} {room[1]} dB':>14}"
                + "".join(f"{cell:>16}" for cell in heard)
            )


def heard_in(
    known: Sequence[Call], room: tuple[str, int] | None, telephone: bool, detector: Callable[[int], object]
) -> str:
    right = false = 0
    spent = lasted = 0.0
    for number, call in enumerate(known):
        sound, rate = call.sound, RATE
        if room is not None:
            sound = mixed(
                sound, noise(room[0], len(sound) * 1000 // RATE + 1, LEVEL - room[1], seed=number)[: len(sound)]
            )
        if telephone:
            rate = MU_LAW.rate
            sound = decoded(encoded(resampled(sound, RATE, rate), MU_LAW), MU_LAW)
        began = time.process_time()
        turns = turns_in(sound, rate, detector)
        spent, lasted = spent + time.process_time() - began, lasted + len(sound) / rate
        for begin, end in call.said:
            over = [turn for turn in turns if turn[0] < end and turn[1] > begin]
            right += len(over) == 1 and abs(over[0][1] - end) <= 400
        false += sum(all(turn[0] >= end or turn[1] <= begin for begin, end in call.said) for turn in turns)
    return f"{right}/{2 * len(known)} +{false} {1000 * spent / lasted:.1f}ms"


def turns_in(sound: Samples, rate: int, detector: Callable[[int], object]) -> list[tuple[int, int]]:
    turns = TurnDetector(detector(rate))  # type: ignore[arg-type]
    size = rate * turns.frame_ms // 1000
    found: list[tuple[int, int]] = []
    for end in range(size, len(sound) + 1, size):
        now = end * 1000 // rate
        match turns.hear(sound[end - size : end], TAKING):
            case TurnBegan(voiced_ms):
                found.append((now - voiced_ms, 10**9))
            case TurnEnded():
                found[-1] = (found[-1][0], now - TAKING.silence_ms)
    return found


def print_words(names: Sequence[str]) -> None:
    """Whole dialogues under the offline stand-in, spoken as `scenario test --spoken` has them, and typed."""
    wanted = [name for name in names if name in CONDITIONS] or list(CONDITIONS)
    for name in (name for name in names if name not in CONDITIONS):
        project = load(find_scenario(name, Path("scenarios")))
        typed = results_of(project, None)
        for condition in wanted:
            calling, began = CONDITIONS[condition], time.monotonic()
            spoken = results_of(project, calling)
            turns = [turn for result in spoken for turn in spoken_turns(result.trace)]
            count = sum(turn.words for turn in turns)
            print(
                f"{name:>24} {condition:>24}  WER {100 * sum(turn.wrong for turn in turns) / count:5.1f} %",
                f" turns {len(turns)}, unheard {sum(not turn.is_heard for turn in turns)},",
                f"split {sum(turn.pieces > 1 for turn in turns)} ",
                same_moves(typed, spoken),
                f" {time.monotonic() - began:.0f} s",
                flush=True,
            )


CONDITIONS = {
    "clean": Calling(),
    "telephone": Calling(telephone=True),
    "white 10 dB": Calling(noise="white:10"),
    "white 10 dB, script": Calling(stt="script", noise="white:10"),
    "white 10 dB, tel., script": Calling(stt="script", noise="white:10", telephone=True),
}


def results_of(project: Project, calling: Calling | None) -> list[DialogueResult]:
    """Each dialogue that the stand-in can be held against, played alone."""
    cases = [case for case in cases_of([project]) if unplayed(case, scripted=False) is None]
    request = ProviderRequest(spoken=calling)
    return [finished.result for finished in played_here(cases, PROVIDERS["offline"], request)]


def same_moves(typed: Sequence[DialogueResult], spoken: Sequence[DialogueResult]) -> str:
    """Turns with the same calls, handoffs and states, of all turns; and dialogues that pass, of those typed ones do."""
    same = turns = 0
    for one, other in zip(typed, spoken, strict=True):
        typed_moves, moves = moves_by_turn(one.trace), moves_by_turn(other.trace)
        count = len(one.dialogue.turns)
        turns += count
        same += sum(typed_moves.get(number) == moves.get(number) for number in range(1, count + 1))
    passed = [other.passed for one, other in zip(typed, spoken, strict=True) if one.passed]
    return f"moves {same}/{turns}  dialogues {sum(passed)}/{len(passed)}"


def moves_by_turn(trace: Trace) -> dict[int, list[str]]:
    moves: dict[int, list[str]] = {}
    for event in trace:
        match event:
            case ToolCalled():
                moves.setdefault(event.turn, []).append(event.tool)
            case HandedOff():
                moves.setdefault(event.turn, []).append(f"to {event.to}")
            case StateEntered():
                moves.setdefault(event.turn, []).append(f"in {event.state}")
    return moves


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["turns"]:
            print_turns()
        case ["words", *scenarios] if scenarios:
            print_words(scenarios)
        case _:
            sys.exit(__doc__)
