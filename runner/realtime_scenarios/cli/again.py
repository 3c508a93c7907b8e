"""What failed or was left in the last run here, and the commands that play it again the way it was played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError, listed
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.suite.journal import Again, Asked, Left, Way, name_shown, past_run

_MOST_NAMES = 5


def again_command(way: Way, *, watches: bool = False, dollars: float | None = None) -> str:
    """What is to be typed to play again what is left by a way, for no more than so much. Credentials are never in it,
    and it says where."""
    bound = () if dollars is None else ("--max-cost", f"{dollars:g}")
    words = ("scenario test", *["--watch"] * watches, "--last-failed", *way.words, *bound)
    return _told_of_credentials(" ".join(words), f"with credentials in place of {MARK}")


def resume_command(asked: Asked) -> str:
    """What is to be typed to go on with a run that was asked for this."""
    command = "scenario test --resume"
    return f"{command}, with the same paths and options: credentials are not kept" if asked.has_credentials else command


def to_play_again(folder: Path, asked: Asked, *, is_played: bool = True, watches: bool = False) -> Again | None:
    """What failed or was left in the last run in a folder; None, and said so, where nothing did or nobody knows.

    Where it is to be played, that is what was played the way that is asked for now, and of the rest it is said how to
    play it. `watches`: each is played once, again and again.

    Raises:
        UsageError: it is to be played, and all of it was played otherwise.
    """
    past = past_run(folder)
    if past is not None and past.begun.unread:
        echo("a file had mistakes in the last run here, so all are wanted", err=True)
        return None
    if past is None or not past.left:
        echo("nothing failed in the last run here, so all are wanted", err=True)
        return None
    if not is_played:
        return past.again(past.left)
    wanted = [left for left in past.left if asked.way.is_that_of(left.way)]
    if not wanted:
        raise _played_otherwise(past.left, watches=watches)
    names = {left.case for left in wanted}
    for line in lines_of_left([left for left in past.left if left.case not in names]):
        echo(line, err=True)
    return past.again(wanted)


def lines_of_left(left: Sequence[Left]) -> Iterator[str]:
    """What stays left, since it was not played the way it failed, and what is to be typed for it."""
    for way in dict.fromkeys(each.way for each in left):
        names = list(dict.fromkeys(name_shown(each.case) for each in left if each.way == way))
        more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
        they = "it" if len(names) == 1 else "they"
        yield f"not played the way {they} failed: {listed([*names[:_MOST_NAMES], *more])}: {again_command(way)}"


def _played_otherwise(left: Sequence[Left], *, watches: bool) -> UsageError:
    ways = list(dict.fromkeys(each.way for each in left))
    had = listed((" ".join(way.words) or "no such options" for way in ways), joined_by="or")
    many = "; --watch plays each dialogue once, as usually" if watches and any(way.ways for way in ways) else ""
    commands = [again_command(way, watches=watches and not way.ways) for way in ways]
    message = f"what failed in the last run here had {had}, and may pass otherwise{many}"
    return UsageError(message, hint=listed(commands))


def _told_of_credentials(command: str, told: str) -> str:
    return f"{command}, {told}" if MARK in command else command
