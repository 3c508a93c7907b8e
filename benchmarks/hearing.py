"""What is heard: turns in noise by each detector, words by pocketsphinx, and whether what is done is the same as typed.

Run: python benchmarks/hearing.py turns
     python benchmarks/hearing.py words SCENARIO ...
The first wants flite, the second also the extra `voice`; what callers say is spoken by flite.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import msgspec

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.model import Dialogue
from realtime_scenarios.project import find_scenario, load
from realtime_scenarios.project.callers_lines import callers_lines
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.trace import HandedOff, StateEntered, ToolCalled
from realtime_scenarios.voice import (
    PCM16,
    VOICE_DETECTORS,
    Samples,
    TurnBegan,
    TurnDetector,
    TurnEnded,
    TurnTaking,
    Utterance,
    decoded,
    encoded,
    resampled,
)
from realtime_scenarios.voice.formats import MU_LAW
from realtime_scenarios.voice.language import ways_to_say
from realtime_scenarios.voice.pocketsphinx import Pocketsphinx
from support.dialogues import played
from support.sounds import RATE, at_level, joined, mixed, noise, quiet, said_by_flite

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
    for name in names:
        project = load(find_scenario(name, Path("scenarios")))
        scenario = compiled(project.scenario)
        heard = Pocketsphinx(tuple(callers_lines(project.scenario, project.dialogues)))
        for band, through in BANDS.items():
            lines = {turn.user for dialogue in project.dialogues for turn in dialogue.turns if turn.user}
            transcripts = {line: heard.transcribe(through(said_by_flite(line))) or "" for line in sorted(lines)}
            wrong = sum(errors(line, words) for line, words in transcripts.items())
            count = sum(len(ways_to_say(line)[0]) for line in transcripts)
            print(
                f"{name:>26} {band:>12}  WER {100 * wrong / count:5.1f} %",
                same_moves(scenario, project.dialogues, transcripts),
            )
        heard.close()


def _telephone(sound: Samples) -> Utterance:
    return Utterance(encoded(resampled(sound, RATE, MU_LAW.rate), MU_LAW), MU_LAW)


def _noisy(sound: Samples) -> Utterance:
    level = at_level(sound, LEVEL)
    room = noise("white", len(level) * 1000 // RATE + 1, LEVEL - 10)
    return Utterance(encoded(mixed(level, room[: len(level)]), PCM16))


BANDS: dict[str, Callable[[Samples], Utterance]] = {
    "clean": lambda sound: Utterance(encoded(sound, PCM16)),
    "white 10 dB": _noisy,
    "telephone": _telephone,
}


def errors(line: str, words: str) -> int:
    return min(distance(way, words.split()) for way in ways_to_say(line))


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words put in, left out or taken for another."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        before, row[0] = row[0], count
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]


def same_moves(scenario: CompiledScenario, dialogues: Sequence[Dialogue], heard: dict[str, str]) -> str:
    """Turns with the same calls, handoffs and states, of all turns; and dialogues that pass, of those typed ones do."""
    same = turns = passed = typed_passed = 0
    for dialogue in dialogues:
        spoken = msgspec.structs.replace(
            dialogue,
            turns=tuple(
                msgspec.structs.replace(turn, user=heard[turn.user]) if turn.user and heard[turn.user] else turn
                for turn in dialogue.turns
            ),
        )
        typed_result, result = (
            played(scenario, each, PROVIDERS["offline"], ProviderRequest()) for each in (dialogue, spoken)
        )
        typed_moves, moves = moves_by_turn(typed_result), moves_by_turn(result)
        count = len(dialogue.turns)
        turns += count
        same += sum(typed_moves.get(number) == moves.get(number) for number in range(1, count + 1))
        if typed_result.passed:
            typed_passed += 1
            passed += result.passed
    return f"moves {same}/{turns}  dialogues {passed}/{typed_passed}"


def moves_by_turn(result: object) -> dict[int, list[str]]:
    moves: dict[int, list[str]] = {}
    for event in result.trace.events:  # type: ignore[attr-defined]
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
