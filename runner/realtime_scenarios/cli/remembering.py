"""A run of `scenario test` to a line in the history of its folder."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from realtime_scenarios.core import sendable

if TYPE_CHECKING:
    from realtime_scenarios.suite.journal import Asked
    from realtime_scenarios.suite.results import Results


def remember_run(
    folder: Path,
    asked: Asked,
    results: Results,
    seconds: float,
    *,
    unfinished: int,
    fingerprints: Mapping[int, str],
) -> None:
    """Write the run down, where that is possible; `unfinished` dialogues were not reached.

    `fingerprints` are those of the cases, by their ids: what a dialogue touched is remembered for the next `--changed`.
    """
    from realtime_scenarios.cli.touches import LOCAL, Touches, touched_by
    from realtime_scenarios.project.git import revision_of
    from realtime_scenarios.suite.comparison import outcome_of
    from realtime_scenarios.suite.history import History
    from realtime_scenarios.suite.journal import names_of

    if asked.provider in LOCAL:
        Touches(folder, asked.provider).add({fingerprints[at]: parts for at, parts in touched_by(results).items()})
    names = names_of(results.cases)
    left_out = "skipped" if asked.changed is not None else None  # what was left out was not asked for
    words = [*asked.targets, *([f"-k {asked.words}"] if asked.words else []), *(f"--tag {tag}" for tag in asked.tags)]
    words += ["--last-failed"] if asked.last_failed else []
    words += [f"--changed={asked.changed}"] if asked.changed is not None else []
    History(folder).add(
        (
            (name, outcome_of(result))
            for name, (_, result) in zip(names, results, strict=True)
            if result.status != left_out
        ),
        at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        provider=asked.provider,
        asked=sendable(" ".join(words)),
        revision=revision_of(folder),
        seconds=seconds,
        unfinished=unfinished,
        ways=sendable(" ".join([*asked.ways, *_spoken(asked)])),
    )


def _spoken(asked: Asked) -> tuple[str, ...]:
    """How the lines of callers were spoken, as it is typed; nothing where they were not."""
    written = asked.where.get("spoken")
    if written is None:
        return ()
    from realtime_scenarios.voice.calling import Calling

    return ("--spoken", *Calling.of(written).options)
