"""Options that tell what of its scenarios a run has met, and what it has not: a table, a bound, a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.options import given_as
from realtime_scenarios.cli.output import echo
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.writing import write_file

if TYPE_CHECKING:
    from realtime_scenarios.coverage import Coverage, Share
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.trace import Trace


class CoverageWish:
    """What was typed, and what has been met so far. `fail_under` in percent; None: nothing is asked for."""

    def __init__(
        self, *, is_wanted: bool, fail_under: float | None, file: Path | None = None, page: Path | None = None
    ) -> None:
        """`file` is where to write it as JSON, `page` as HTML; None: nowhere."""
        self.file = file
        self.page = page
        self._is_told = is_wanted or fail_under is not None
        self._fail_under = fail_under
        self._coverage: Coverage | None = None
        if self._is_told or file is not None or page is not None:
            from realtime_scenarios.coverage import Coverage

            self._coverage = Coverage()

    @property
    def is_wanted(self) -> bool:
        return self._coverage is not None

    def begin(self, cases: list[Case]) -> None:
        """Know the scenarios of the cases, so that one of which nothing is met counts as well."""
        if self._coverage is not None:
            for case in cases:
                if not case.mistakes:
                    self._coverage.of(case.project.shown, case.project.scenario)

    def add(self, case: Case, trace: Trace) -> None:
        """Count what a dialogue has met."""
        if self._coverage is not None and trace.events:
            self._coverage.of(case.project.shown, case.project.scenario).add(case.name, trace)

    def tell(self, paint: Paint) -> bool:
        """Print the table, where it is wanted; whether as much is covered as was asked for."""
        if self._coverage is None or not self._is_told:
            return True
        share = self._coverage.share
        for line in _lines(self._coverage, paint):
            echo(line)
        if self._fail_under is None or share.percent >= self._fail_under:
            return True
        echo(paint(f"{share.percent:g} % is covered, and {self._fail_under:g} % is asked for", "bad"))
        return False

    def write(self) -> None:
        """Write the files that are wanted.

        Raises:
            ScenarioError: it cannot be written.
        """
        if self._coverage is not None and self.file is not None:
            from realtime_scenarios.coverage import as_data

            write_file(self.file, json.dumps(as_data(self._coverage), indent=1, ensure_ascii=False) + "\n")
        if self._coverage is not None and self.page is not None:
            from realtime_scenarios.studio.coverage_page import coverage_html

            write_file(self.page, coverage_html(self._coverage))


def _wish(
    coverage: bool, fail_under: float | None, coverage_json: Path | None, coverage_html: Path | None
) -> CoverageWish:
    return CoverageWish(is_wanted=coverage, fail_under=fail_under, file=coverage_json, page=coverage_html)


coverage_options = given_as(
    "coverage",
    _wish,
    click.option("--coverage", is_flag=True, help="Say what of the scenarios is met by no dialogue."),
    click.option(
        "--fail-under",
        type=click.FloatRange(0, 100),
        metavar="PERCENT",
        help="Fail where less is covered; shows the table, too.",
    ),
    click.option(
        "--coverage-json",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Also write what is covered, by which dialogues, as JSON.",
    ),
    click.option(
        "--coverage-html",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Also write it as one HTML file: tables, graphs, and what no dialogue meets.",
    ),
)
"""`--coverage` and what goes with it, which the command is given as `coverage`."""


def _lines(coverage: Coverage, paint: Paint) -> Iterator[str]:
    from realtime_scenarios.coverage import KIND_NAMES

    rows = [(KIND_NAMES[kind], share) for kind, share in coverage.shares().items()]
    yield ""
    yield from _table("covered", rows, coverage.share, paint)
    scenarios = coverage.scenarios
    if len(scenarios) > 1:
        yield ""
        yield from _table("by scenario", [(each.shown, each.share()) for each in scenarios], None, paint)
    uncovered = [item for each in scenarios for item in each.uncovered]
    if uncovered:
        yield ""
        yield paint("not covered", "bold")
    for item in uncovered:
        yield f"  {item.place.span}: {item.told}"


def _table(title: str, rows: list[tuple[str, Share]], total: Share | None, paint: Paint) -> Iterator[str]:
    longest = max(len(name) for name, _ in [*rows, (title, None), ("all", None)])
    yield paint(title, "bold")
    for name, share in [*rows, *([("all", total)] if total is not None else [])]:
        tone = "good" if share.covered == share.total else "ask"
        yield paint(f"  {name.ljust(longest)}  {share.covered:>5} of {share.total:<5} {share.percent:>5.1f} %", tone)
