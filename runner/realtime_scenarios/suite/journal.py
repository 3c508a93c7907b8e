"""What a run has come to so far, on disk as it comes: it outlives the process, whatever ends that.

A journal is a file of JSON lines in `.scenario/`, below the folder of the run: `Begun`, then a line for each dialogue
that is over. What is kept is how a dialogue was played, and that is judged again when it is read: a verdict takes no
time. Each line is written in one piece, so that a process which is killed leaves whole lines, and at most one that is
none. What authors' code printed is not in it: nobody has masked that.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import DecodeError, Struct
from msgspec.structs import asdict, replace

from realtime_scenarios.core import UsageError, sendable
from realtime_scenarios.core.addresses import without_credentials
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.core.writing import write_whole
from realtime_scenarios.played import unpacked
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.finished import Finished
from realtime_scenarios.verdicts import Status, judged
from realtime_scenarios.verdicts.result import FAILS_THE_RUN

FOLDER = ".scenario"
JOURNAL = "journal.jsonl"

_SCRIPTED = "scripted"
_DOLLARS = "max_dollars"
_MODEL_OPTIONS = ("model", "url", "deployment", "key_env")


class Way(Struct, frozen=True, omit_defaults=True):
    """How a dialogue is played, in the words that are typed for it; no words: once, as it is written.

    `model` says who answers and how callers sound; None: nobody knows, for an older version wrote it down. `ways` are
    the options by which it is played several times, or otherwise than usually.
    """

    model: tuple[str, ...] | None = ()
    ways: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return (*(self.model or ()), *self.ways)

    def is_that_of(self, left: Way) -> bool:
        """Whether what was left by that way is played by this one as it was."""
        return self.ways == left.ways and left.model in (None, self.model)


class Asked(Struct, frozen=True):
    """What a run was asked for on the command line. `where` is which model, None: as the provider has it.

    `changed` is the revision since which something must have changed that a dialogue touches; None: all are wanted.
    `ways` are the options, as they are typed, by which a dialogue is played several times, or otherwise than usually:
    what fails by them may pass without. In a journal a URL is without the credentials that it was typed with.
    """

    targets: tuple[str, ...]
    words: str | None
    tags: tuple[str, ...]
    last_failed: bool
    provider: str
    where: Mapping[str, str | None]
    changed: str | None = None
    ways: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Whether it is not for all that there is."""
        return bool(self.targets or self.words or self.tags or self.changed)

    @property
    def on_record(self) -> Asked:
        """The same as it may be written down."""
        hidden = {name: _on_record(name, value) for name, value in self.where.items()}
        return replace(
            self,
            targets=tuple(map(sendable, self.targets)),  # bytes that are no UTF-8 may be typed, and stand in no JSON
            words=None if self.words is None else sendable(self.words),
            tags=tuple(map(sendable, self.tags)),
            where=hidden,
        )

    @property
    def dollars(self) -> float | None:
        """What the run may cost, as far as it is played by this command; None: anything."""
        return float(most) if (most := self.where.get(_DOLLARS)) is not None else None

    def bounded_by(self, dollars: float | None) -> Asked:
        """The same, with another bound on what it may cost."""
        return replace(self, where={**self.where, _DOLLARS: None if dollars is None else f"{dollars:g}"})

    @property
    def has_credentials(self) -> bool:
        """Whether a URL was typed with some, which are not written down."""
        return any(MARK in (value or "") for value in self.on_record.where.values())

    @property
    def way(self) -> Way:
        """How dialogues are played, as it may be told: without credentials."""
        where = self.on_record.where
        words = [] if self.provider == _SCRIPTED else ["--provider", shlex.quote(self.provider)]
        for name in _MODEL_OPTIONS:
            if (value := where.get(name)) is not None:
                words += [f"--{name.replace('_', '-')}", shlex.quote(value)]
        if (spoken := where.get("spoken")) is not None:
            words += _spoken_words(spoken)
        return Way(tuple(words), self.ways)


class Begun(Struct, frozen=True, tag="begun"):
    """The first line: what was asked for, and the fingerprint of each case that was to be played, by its name.

    `earlier` are cases that failed or were left in runs before, and were not asked for by that way. `unread`: nobody
    knows which cases there were besides, for a file had mistakes. Older versions wrote down the names of earlier cases,
    and `earlier_ways` for all of them.
    """

    asked: Asked
    cases: Mapping[str, str]
    earlier: tuple[Left | str, ...] = ()
    unread: bool = False
    earlier_ways: tuple[str, ...] = ()

    @property
    def left_before(self) -> tuple[Left, ...]:
        """What failed or was left in runs before, and how it was played."""
        older = Way(None, self.earlier_ways)
        return tuple(each if isinstance(each, Left) else Left(each, older) for each in self.earlier)


class Left(Struct, frozen=True):
    """A case that failed, was invalid or unsure, or was never over, and how it was played."""

    case: str
    way: Way = Way()


class Again(Struct, frozen=True):
    """The `names` of dialogues that are to be played again, among those that were `known` when they were played."""

    names: frozenset[str]
    known: frozenset[str]


class Over(Struct, frozen=True, tag="over"):
    """A case that is over. `play` is how it was played, packed; None: it was not."""

    case: str
    status: Status
    play: bytes | None = None


class _CameTo(Struct, frozen=True, tag="over"):
    """The same line, of which the play is not read."""

    case: str
    status: Status

    @property
    def over(self) -> Over:
        return Over(self.case, self.status)


class PastRun(Struct, frozen=True):
    """What a journal tells: how a run began, and what is over, by the names of the cases."""

    begun: Begun
    over: Mapping[str, Over]

    @property
    def left(self) -> tuple[Left, ...]:
        """What failed, was invalid or unsure, or was never over; also in runs before that, and by several ways."""
        way = self.begun.asked.way
        return (*self.begun.left_before, *(Left(name, way) for name in self.begun.cases if self._is_left(name)))

    def again(self, left: Iterable[Left]) -> Again:
        """That much of what is left."""
        return Again(frozenset(name_shown(each.case) for each in left), self._names_known)

    @property
    def all_again(self) -> Again:
        """What was to be played."""
        return Again(frozenset(map(name_shown, self.begun.cases)), self._names_known)

    @property
    def _names_known(self) -> frozenset[str]:
        earlier = (each.case for each in self.begun.left_before)
        return frozenset(map(name_shown, (*self.begun.cases, *earlier)))

    def _is_left(self, name: str) -> bool:
        return name not in self.over or self.over[name].status in FAILS_THE_RUN

    def kept(self, cases: Sequence[Case], fingerprints: Sequence[str]) -> Kept:
        """The cases that need not be played again, with what comes of them.

        They have not changed since, and there is a verdict on them: what ended early is played again.
        """
        plays = {
            index: over.play
            for index, (name, case) in enumerate(zip(names_of(cases), cases, strict=True))
            if (over := self.over.get(name)) is not None
            and self.begun.cases.get(name) == fingerprints[index]
            and _judged_again(index, case, over.play) is not None
        }
        return Kept(cases, plays)


class Kept(Mapping[int, Finished]):
    """Cases of which the play is kept, by their positions; each is judged when it is asked for."""

    def __init__(self, cases: Sequence[Case], plays: Mapping[int, bytes | None]) -> None:
        self._cases = cases
        self._plays = plays

    def __getitem__(self, index: int) -> Finished:
        finished = _judged_again(index, self._cases[index], self._plays[index])
        assert finished is not None, "there was a verdict before"
        return finished

    def __contains__(self, index: object) -> bool:
        return index in self._plays

    def __iter__(self) -> Iterator[int]:
        return iter(self._plays)

    def __len__(self) -> int:
        return len(self._plays)


class Journal:
    """The journal of a run that is going on. Where nothing can be written, there is none, and the run goes on.

    `kept` is what is over from the beginning: it takes the place of the journal before in one piece.
    """

    def __init__(self, folder: Path, begun: Begun, kept: Iterable[Over] = ()) -> None:
        self._file: int | None = None
        path = folder / FOLDER / JOURNAL
        with contextlib.suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            write_whole(path.with_name(".gitignore"), "*\n")
            write_whole(path, (_line(begun) + b"".join(map(_line, kept))).decode())
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        if self._file is None:
            with contextlib.suppress(OSError):  # what failed in an earlier run did not fail in this one
                path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, over: Over) -> None:
        """Write it down at once."""
        if self._file is None:
            return
        line = _line(over)
        try:
            is_whole = os.write(self._file, line) == len(line)
        except OSError:
            is_whole = False
        if not is_whole:  # what is written behind half a line could not be read either
            self.close()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def over_of(name: str, finished: Finished) -> Over:
    return Over(name, finished.result.status, finished.play)


def past_run(folder: Path, *, with_plays: bool = False) -> PastRun | None:
    """The last run in a folder; None: there was none, or its journal cannot be read.

    `with_plays`: also how the dialogues were played, not only what they came to.
    """
    kind = Over if with_plays else _CameTo
    try:
        with (folder / FOLDER / JOURNAL).open("rb") as lines:
            begun = msgspec.json.decode(next(lines, b""), type=Begun)
            over = {each.case: each if isinstance(each, Over) else each.over for each in _readable(lines, kind)}
    except (OSError, ValueError):
        return None
    return PastRun(begun, over)


def interrupted_run(folder: Path, asked: Asked) -> PastRun:
    """The run in a folder that can be gone on with. `asked` is what is asked for now; nothing at all means the same.

    Its credentials are those of now: no journal holds any. What it may cost is what is said now, or else then.

    Raises:
        UsageError: there was none, or it was another one.
    """
    past = past_run(folder, with_plays=True)
    if past is None:
        raise UsageError(
            "no run has begun here that could be gone on with", hint="run `scenario test` without --resume"
        )
    if past.begun.asked.ways:
        raise UsageError(
            f"the last run here had {' '.join(past.begun.asked.ways)}, and such a run is not gone on with",
            hint="give it the same paths and options without `--resume`",
        )
    now, then = asked.bounded_by(None), past.begun.asked.bounded_by(None)
    if now.on_record == then:
        then = now
    elif now != Asked((), None, (), False, _SCRIPTED, dict.fromkeys(now.where)):
        hint = "give it the same paths and options, or `--resume` alone"
        raise UsageError("the last run here was asked for something else", hint=hint)
    elif then.has_credentials:
        hint = "give it the same paths and options once more"
        raise UsageError("the last run here had a URL with credentials, which are not kept", hint=hint)
    dollars = asked.dollars if asked.dollars is not None else past.begun.asked.dollars
    return replace(past, begun=replace(past.begun, asked=then.bounded_by(dollars)))


def names_of(cases: Iterable[Case]) -> list[str]:
    """What the cases are called in a journal: a name that several of them have gets a number behind a tab."""
    taken: Counter[str] = Counter()
    names = []
    for case in cases:
        taken[case.name] += 1
        names.append(case.name if taken[case.name] == 1 else f"{case.name}\t{taken[case.name]}")
    return names


def name_shown(name: str) -> str:
    """The name by which people call a case."""
    return name.partition("\t")[0]


def _on_record(name: str, value: str | None) -> str | None:
    """What was typed for an option, as it may be written down."""
    if value is None:
        return None
    if name == "spoken":
        from realtime_scenarios.voice.calling import Calling

        calling = Calling.of(value)
        hidden = replace(calling, tts=without_credentials(calling.tts), stt=without_credentials(calling.stt))
        return hidden.written
    return sendable(without_credentials(value) if name == "url" else value)


def _spoken_words(written: str) -> Iterator[str]:
    """The options by which callers sound as is written there."""
    from realtime_scenarios.voice.calling import Calling

    calling = Calling.of(written)
    yield "--spoken"
    for name, usual in asdict(Calling()).items():
        value = getattr(calling, name)
        if value is True:
            yield f"--{name}"
        elif value != usual:
            yield from (f"--{name}", shlex.quote(f"{value}"))


def _judged_again(index: int, case: Case, play: bytes | None) -> Finished | None:
    """None: there is no verdict."""
    if play is None or case.mistakes:
        return None
    try:
        result = judged(case.project.scenario, case.dialogue, unpacked(play))
    except DecodeError:
        return None
    return Finished(index, case, result, play=play) if result.error is None else None


def _readable(lines: Iterable[bytes], kind: type[Over | _CameTo]) -> Iterator[Over | _CameTo]:
    decoder = msgspec.json.Decoder(kind)
    for line in lines:
        with contextlib.suppress(ValueError):
            yield decoder.decode(line)


def _line(message: Begun | Over) -> bytes:
    return msgspec.json.encode(message) + b"\n"
