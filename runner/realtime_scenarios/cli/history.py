"""`scenario history`: what earlier runs in this folder came to."""

from __future__ import annotations

import json
from pathlib import Path

import click

from realtime_scenarios.cli.options import color_option
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter


@click.command("history")
@click.argument("dialogue", required=False, metavar="[DIALOGUE]")
@click.option("-n", "most", type=click.IntRange(min=1), default=20, show_default=True, help="Show so many runs.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@color_option
def history(dialogue: str | None, most: int, as_json: bool, color: str) -> None:
    """Say what earlier runs of `scenario test` in this folder came to, the latest first.

    With DIALOGUE (airline.yaml::carry-on-size), what that one came to in each of them. Behind a run stands what it was
    asked for, where that was not all, and how its dialogues were played, where that was not as usually. `scenario diff`
    compares two runs. The history is kept in .scenario/history.sqlite, a hundred runs of it.

    Exit code 0. 2: there are no runs, or none of that dialogue. 3: the history cannot be read.
    """
    from realtime_scenarios.core import UsageError, did_you_mean
    from realtime_scenarios.suite.history import History, PastRun

    kept = History(Path.cwd())
    if not (runs := kept.runs()):
        raise UsageError("no run has been written down here", hint="`scenario test` writes each one down")
    paint = painter(color)

    def data(run: PastRun) -> dict[str, object]:
        return {
            "run": run.number,
            "at": run.at,
            "provider": run.provider,
            "asked": run.asked,
            "ways": run.ways,
            "revision": run.revision,
            "seconds": round(run.seconds, 2),
            "unfinished": run.unfinished,
        }

    if dialogue is not None:
        found = kept.of_dialogue(dialogue)[:most]
        if not found:
            known = sorted({name for run in runs for name in kept.outcomes(run)})
            raise UsageError(f"no run has a dialogue '{dialogue}'", hint=did_you_mean(dialogue, known))
        if as_json:
            objects = [{**data(run), "status": outcome.status, "reason": outcome.reason} for run, outcome in found]
            echo(json.dumps(objects, indent=2, ensure_ascii=False))
            return
        for run, outcome in found:
            mark = paint(outcome.status.ljust(8), "bad" if outcome.fails else "good")
            ways = f"  {run.ways}" if run.ways else ""
            echo(f"{run.number:>5}  {run.at}  {mark} {outcome.reason}".rstrip() + ways)
        return
    if as_json:
        echo(json.dumps([{**data(run), "counts": dict(run.counts)} for run in runs[:most]], indent=2))
        return
    for run in runs[:most]:
        counts = ", ".join(f"{count} {status}" for status, count in sorted(run.counts.items()))
        left = f", {run.unfinished} not run" if run.unfinished else ""
        commit = f" at {run.revision}" if run.revision else ""
        asked = "".join(f"  {words}" for words in (run.asked, run.ways) if words)
        tone = "bad" if run.failed else "good"
        summary = paint(f"{counts or 'nothing'}{left}", tone)
        echo(f"{run.number:>5}  {run.at}  {summary} in {run.seconds:.1f} s ({run.provider}){commit}{asked}")
