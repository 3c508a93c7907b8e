"""What a caller did who is no script: the dialogue as it was played, and the verdict on how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.expectations.matching import shown
from realtime_scenarios.model.dialogue import Dialogue, Turn
from realtime_scenarios.model.persona import Persona, Want
from realtime_scenarios.played import Improvised, Played
from realtime_scenarios.trace import SessionEnded, Trace


def as_played(dialogue: Dialogue, improvised: Improvised | None) -> Dialogue:
    """The dialogue with the turns that its caller took; itself where they took none."""
    if improvised is None or dialogue.caller is None:
        return dialogue
    taken = tuple(improvised_turn(line, dialogue.caller) for line in improvised.lines)
    return replace(dialogue, turns=(*dialogue.turns, *taken))


def improvised_turn(line: str | None, persona: Persona) -> Turn:
    """A turn in which the caller says that, None: nothing; of what the agent does nothing is said."""
    return Turn(user=line, image=None, silence=None, interrupt=None, moves=None, expect=(), place=persona.place)


def how_it_ended(dialogue: Dialogue, played: Played) -> Iterator[Verdict]:
    """Whether the caller came to the end that the dialogue gives them; nothing where it was ended for them."""
    persona, improvised = dialogue.caller, played.improvised
    if persona is None or improvised is None or improvised.over is None:
        return
    last = _last_seq(played.trace)
    if improvised.over == persona.ends:
        yield Verdict(persona.place, True, "", last)
        return
    after = _turns(len(improvised.lines))
    match improvised.over:
        case "done":
            message = f"the caller has all they want after {after}, and should have given up"
            yield Verdict(persona.place / "ends", False, message, last)
        case "gives_up":
            place, why = _left(persona, improvised.want)
            yield Verdict(place, False, f"the caller gives up after {after}: {why}", last)
        case "turns":
            place, why = _left(persona, improvised.want)
            yield Verdict(place, False, f"the caller has taken all of their {after}: {why}", last)


def _left(persona: Persona, want: int | None) -> tuple[Place, str]:
    """What is not settled, and how that is told."""
    if want is None:
        return persona.place, "not all that they want is settled"
    wanted: Want = persona.wants[want]
    until = f", the agent has not said {shown(wanted.until.written)}" if wanted.until is not None else ""
    return wanted.place, f"this is not settled{until}"


def _turns(number: int) -> str:
    return "1 turn" if number == 1 else f"{number} turns"


def _last_seq(trace: Trace) -> int | None:
    return next((event.seq for event in reversed(trace.events) if not isinstance(event, SessionEnded)), None)
