"""A failed expectation is made to say what happened: in its place, nothing else, and only where that can be expected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.studio.files import ScenarioFolder
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.testing import Bench, Outcome
from realtime_scenarios.studio.updating import outcome_with_updates, updated
from support.benches import bench_in, desk_in, run_over
from support.desk_that_differs import DIALOGUES, SCENARIO


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_in(tmp_path_factory.mktemp("bench")) as bench:
        yield bench


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_in(tmp_path_factory.mktemp("differing"), SCENARIO, DIALOGUES)


@pytest.fixture(scope="module")
def outcomes(bench: Bench, desk: Path) -> dict[str, Outcome]:
    return played(bench, desk)


def played(bench: Bench, desk: Path) -> dict[str, Outcome]:
    return run_over(bench, desk).outcomes


def failures(outcome: Outcome) -> list[tuple[int, dict[str, Any]]]:
    """The failed verdicts, with their numbers."""
    verdicts = outcome_with_updates(outcome)["verdicts"]
    return [(number, verdict) for number, verdict in enumerate(verdicts) if not verdict["passed"]]


def changed_lines(before: str, after: str) -> list[str]:
    old, new = before.split("\n"), after.split("\n")
    assert len(old) == len(new)
    return [f"{was.strip()} -> {now.strip()}" for was, now in zip(old, new, strict=True) if was != now]


def test_each_kind_says_what_happened_in_its_place_and_all_else_stays(outcomes: dict[str, Outcome], desk: Path) -> None:
    outcome, folder = outcomes["differs"], ScenarioFolder(desk.parent)
    written, refused = [], []
    for number, verdict in failures(outcome):
        if verdict["update"]["can"]:
            draft = updated(outcome, number, folder)
            assert (draft.file, draft.before) == ("dialogues/one.yaml", DIALOGUES)
            written += changed_lines(draft.before, draft.after)
        else:
            refused.append(f"{verdict['source']}: {verdict['update']['why']}")
    assert written == [
        "- agent: bills   # who is it? -> - agent: main   # who is it?",
        "- state: asking -> - state: helping",
        "- handoff: bills -> - handoff: none",
        "- called: {tool: look_up, args: {what: birds, how: soon}}"
        " -> - called: {tool: look_up, args: {what: 'cats, and dogs', how: soon}}",
        "- called: {tool: look_up, returns: {contains: birds}}"
        " -> - called: {tool: look_up, returns: 'Found cats, and dogs.'}",
        "- called: {tool: look_up, times: 2} -> - called: {tool: look_up, times: 1}",
        "- called: book -> - not_called: book",
        "- not_called: look_up -> - called: look_up",
        "- said: Found birds. -> - said: 'Found: cats, and dogs.'",
        "- responses: {at_most: 1} -> - responses: 3",
        "- handoff: none -> - handoff: bills",
        "name: 9A       # before -> name: '12C'       # before",
        "- data: {query: SELECT seat FROM bookings, returns: 9A}"
        " -> - data: {query: SELECT seat FROM bookings, returns: '12C'}",
        "- {agent: main} -> - {agent: bills}",
        "- handoff: {to: main} -> - handoff: {to: bills}",
    ]
    assert refused == [
        "- never_said: cats: nothing that happened can be written as 'never_said'",
        "- took: {at_least: 90s}: nothing that happened can be written as 'took'",
    ]


def test_a_secret_is_never_written_down(outcomes: dict[str, Outcome], desk: Path) -> None:
    found = failures(outcomes["secret"])
    assert [verdict["update"] for _, verdict in found] == [{"can": False, "why": "what happened holds a secret"}] * 2
    with pytest.raises(Refusal, match="holds a secret"):
        updated(outcomes["secret"], found[0][0], ScenarioFolder(desk.parent))


def test_what_is_played_for_several_values_or_used_elsewhere_is_left_to_its_author(
    outcomes: dict[str, Outcome], desk: Path
) -> None:
    folder = ScenarioFolder(desk.parent)
    ((_, verdict),) = failures(next(each for name, each in outcomes.items() if name.startswith("many[")))
    assert verdict["update"] == {"can": False, "why": "the dialogue is played for several values"}
    number, first = failures(outcomes["shared"])[0]
    assert first["update"]["can"]
    with pytest.raises(Refusal, match="nothing can be put in the place of line"):
        updated(outcomes["shared"], number, folder)


def test_what_is_written_holds_and_a_file_that_has_changed_is_not_written_over(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "dialogues").mkdir()
    (tmp_path / "desk.yaml").write_text(SCENARIO)
    file = tmp_path / "dialogues" / "one.yaml"
    file.write_text(DIALOGUES.split("  - id: secret")[0], newline="\r\n")
    folder, desk = ScenarioFolder(tmp_path), tmp_path / "desk.yaml"
    first = played(bench, desk)["differs"]
    outcome, left = first, len(failures(first))
    for _ in range(2):
        number = next(number for number, verdict in failures(outcome) if verdict["update"]["can"])
        draft = updated(outcome, number, folder)
        folder.saved(draft.file, draft.after, draft.etag)
        outcome, left = played(bench, desk)["differs"], left - 1
        assert len(failures(outcome)) == left
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    with pytest.raises(Refusal, match="has changed since the dialogue was played"):
        updated(first, failures(first)[0][0], folder)
