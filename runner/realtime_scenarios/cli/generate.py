"""`scenario generate`: dialogues for what no dialogue meets, played before they are written."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from realtime_scenarios.cli.interruption import Interruption
from realtime_scenarios.cli.options import workers_option
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import get_workers_ready
from realtime_scenarios.cli.style import echo_wrapped
from realtime_scenarios.cli.trusting import require_trust, trust_option
from realtime_scenarios.core import UsageError
from realtime_scenarios.core.writing import refuse_existing, refuse_unwritable, write_file
from realtime_scenarios.processes import Wishes

if TYPE_CHECKING:
    from realtime_scenarios.generation import Generated, Search
    from realtime_scenarios.project import Project
    from realtime_scenarios.suite import Supervisor
    from realtime_scenarios.verdicts import DialogueResult


@click.command("generate")
@click.argument("file", metavar="FILE")
@click.option(
    "--uncovered",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="COVERAGE",
    help="What `scenario test --coverage-json` wrote; without it, the dialogues that are there are looked at.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Default: dialogues/generated.yaml beside the scenario.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--most", type=click.IntRange(1), default=1500, metavar="N", help="Dialogues to try. Default 1500.")
@workers_option
@trust_option
def generate(
    file: str, uncovered: Path | None, output: Path | None, force: bool, most: int, workers: int, trust: bool
) -> None:
    """Write dialogues that meet what no dialogue of a scenario meets yet, by the shortest ways that are found.

    Agents, handoffs, states, transitions, tools, answers, decisions of people, gates and guardrails both ways, and
    promises. Each dialogue is played before it is written, and passes as it is. What cannot be met is told with the
    reason.

    Exit code 0: all is met. 1: something is not, or the file has mistakes. 130: it was interrupted, and what was found
    by then is written.
    """
    get_workers_ready()
    from realtime_scenarios.lint import findings
    from realtime_scenarios.project import find_scenario, load

    project = load(find_scenario(file, Path.cwd()))
    where = output or project.path.parent / "dialogues" / "generated.yaml"
    if not force:
        refuse_existing([where], "choose another --output, or add --force")
    refuse_unwritable([where])
    if project.built is None or findings(project, warnings=False):
        raise UsageError(f"'{project.shown}' has mistakes", hint=f"`scenario lint {project.shown}` shows them")
    require_trust([project], trust=trust)
    with tempfile.TemporaryDirectory() as folder:
        search, found, is_interrupted = _searched(project, uncovered, workers, Path(folder), most)
    if found:
        _write(found, project, where)
    if is_interrupted:
        echo(f"interrupted after {search.played} tries" if search.played else "interrupted", err=True)
        sys.exit(130)
    _tell(search, found)
    sys.exit(1 if search.left else 0)


def _player(workers: int) -> Supervisor:
    from realtime_scenarios.suite import Supervisor

    return Supervisor(Wishes.of("scripted", os.environ), workers=workers)


def _searched(
    project: Project, uncovered: Path | None, workers: int, folder: Path, most: int
) -> tuple[Search, list[Generated], bool]:
    """The search when it is over, what it found, played once more as it will be written, and whether it was cut off."""
    from realtime_scenarios.generation import Search
    from realtime_scenarios.project.cases import cases_of

    met = _met_by_file(uncovered, project) if uncovered is not None else ()
    search = Search(project.scenario, project.dialogues, met, most=most)
    cases = cases_of([project])
    searching = _player(workers)

    def play(dialogues: Sequence[Mapping[str, Any]]) -> list[DialogueResult | None]:
        return _played(project, dialogues, searching, folder)

    with Interruption(searching.stop) as interruption:
        with searching:
            search.begin_with((each.case.dialogue, each.result) for each in searching.finished(cases))
            found = search.generated(play, lambda: not interruption.is_heard)
        if found:
            with _player(workers) as supervisor:
                results = _played(project, [each.dialogue for each in found], supervisor, folder, is_trial=False)
            found = [each for each, result in zip(found, results, strict=True) if result is not None and result.passed]
        return search, found, interruption.is_heard


def _met_by_file(file: Path, project: Project) -> list[Any]:
    from realtime_scenarios.coverage import read_coverage

    written = read_coverage(file).of(project.scenario.id)
    if written is None:
        raise UsageError(f"'{file}' says nothing of '{project.scenario.id}'", hint="test that scenario first")
    return [key for key, covered in written.keys_in(project.scenario).items() if covered]


def _played(
    project: Project,
    dialogues: Sequence[Mapping[str, Any]],
    supervisor: Supervisor,
    folder: Path,
    *,
    is_trial: bool = True,
) -> list[DialogueResult | None]:
    """The results of dialogues that are data, written down and read as any others; linted, too, but for a trial.

    None: it was not played, for somebody has interrupted that.
    """
    from realtime_scenarios.lint import findings
    from realtime_scenarios.project.brief.words import as_yaml
    from realtime_scenarios.project.cases import Case, cases_of
    from realtime_scenarios.project.loader import with_dialogues_of

    file = folder / "tried.yaml"
    numbered = [{"id": f"d{number}", **dialogue} for number, dialogue in enumerate(dialogues)]
    write_file(file, as_yaml({"scenario": str(project.path.resolve()), "dialogues": numbered}))
    tried = with_dialogues_of(project, file)
    wrong = tried.all_diagnostics if is_trial else findings(tried, warnings=False)
    cases = []
    for case in cases_of([tried]):
        span = case.dialogue.place.span
        own = tuple(each for each in wrong if span.line <= each.span.line <= span.end_line)
        cases.append(Case(case.name, case.project, case.dialogue, own))
    by_id = {each.case.dialogue.id: each.result for each in supervisor.finished(cases)}
    return [by_id.get(f"d{number}") for number in range(len(dialogues))]


def _write(found: Sequence[Generated], project: Project, where: Path) -> None:
    from realtime_scenarios.generation import dialogue_file

    seen_from_there = os.path.relpath(project.path.resolve(), where.resolve().parent)
    write_file(where, dialogue_file(Path(seen_from_there).as_posix(), found))
    met = sum(len(each.items) for each in found)
    noun = "dialogue" if len(found) == 1 else "dialogues"
    echo(f"wrote {where}: {len(found)} {noun}, for {met} {'thing' if met == 1 else 'things'} that none had met")


def _tell(search: Search, found: Sequence[Generated]) -> None:
    left = search.left
    if not found and not left:
        echo("there is nothing that no dialogue meets")
    if left:
        echo(f"not met ({search.played} tried):")
    for item in left:
        echo_wrapped(f"{item.place.span}: {item.told}: {search.reason(item)}", lead="  ")
