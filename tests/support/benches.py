"""Desks in folders of their own, and what plays their dialogues for the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from realtime_scenarios.studio.testing import Bench, Publish, Run, Wanted


def desk_in(folder: Path, scenario: str, dialogues: str) -> Path:
    """The scenario's file in a folder, with its dialogues beside it."""
    (folder / "dialogues").mkdir()
    (folder / "desk.yaml").write_text(scenario)
    (folder / "dialogues" / "one.yaml").write_text(dialogues)
    return folder / "desk.yaml"


@contextmanager
def bench_in(folder: Path, publish: Publish = lambda event: None) -> Iterator[Bench]:
    bench = Bench(publish, folder=folder, environment=dict(os.environ))
    try:
        yield bench
    finally:
        bench.close()


def run_over(bench: Bench, desk: Path, *ids: str) -> Run:
    """A run of these dialogues, or of all, when it is over."""
    run = bench.begin(desk, Wanted(ids=frozenset(ids) if ids else None))
    assert run.thread is not None
    run.thread.join(120)
    assert run.state == "ended"
    return run
