"""A run of `scenario test` to a line in the history of its folder."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
) -> None:
    """Write the run down, where that is possible; `unfinished` dialogues were not reached."""
    from realtime_scenarios.cli.git import revision_of
    from realtime_scenarios.suite.comparison import outcome_of
    from realtime_scenarios.suite.history import History
    from realtime_scenarios.suite.journal import names_of

    names = names_of(results.cases)
    words = [*asked.targets, *([f"-k {asked.words}"] if asked.words else []), *(f"--tag {tag}" for tag in asked.tags)]
    words += ["--last-failed"] if asked.last_failed else []
    History(folder).add(
        ((name, outcome_of(result)) for name, (_, result) in zip(names, results, strict=True)),
        at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        provider=asked.provider,
        asked=" ".join(words),
        revision=revision_of(folder),
        seconds=seconds,
        unfinished=unfinished,
    )
