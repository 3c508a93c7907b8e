"""What workers are sent of a suite: a scenario once, the files of dialogues as they come, and each dialogue alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from realtime_scenarios.processes import Wishes
from realtime_scenarios.processes.wire import Attach, Detach, Load, Play, ToWorker, to_worker
from realtime_scenarios.processes.worker_end import WorkerEnd
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Supervisor
from realtime_scenarios.suite.sent import MOST_DOCUMENTS, SentScenarios
from support import Written

SCENARIO = "scenario: s\nstart: desk\nagents: {desk: {instructions: Help.}}\n"


@pytest.fixture
def suite(written: Written) -> Suite:
    return Suite(written)


class Suite:
    """Dialogues in so many files beside a scenario."""

    def __init__(self, written: Written) -> None:
        self._written = written

    def cases(self, *, files: int, in_each: int) -> list[Case]:
        for number in range(files):
            dialogues = "".join(
                f"  - {{id: d-{number}-{each}, turns: [{{user: hi, agent: [{{say: hello}}]}}]}}\n"
                for each in range(in_each)
            )
            self._written(f"scenario: ../scenario.yaml\ndialogues:\n{dialogues}", f"dialogues/{number:02}.yaml")
        return cases_of([load(self._written(SCENARIO))])


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[ToWorker]:
    """What is said to workers."""
    messages: list[ToWorker] = []
    send = WorkerEnd.send

    def heard(end: WorkerEnd, data: bytes) -> None:
        messages.extend(to_worker().feed(data))
        send(end, data)

    monkeypatch.setattr(WorkerEnd, "send", heard)
    return messages


def played(cases: Sequence[Case]) -> list[bool]:
    with Supervisor(Wishes.of("scripted", {})) as supervisor:
        return [finished.result.passed for finished in supervisor.finished(cases)]


def test_a_worker_has_few_of_many_files_at_a_time(suite: Suite, said: list[ToWorker]) -> None:
    files = 3 * MOST_DOCUMENTS
    assert played(suite.cases(files=files, in_each=1)) == [True] * files
    had, most = set(), 0
    for message in said:
        if isinstance(message, Attach):
            had.add(message.document)
        elif isinstance(message, Detach):
            had.remove(message.document)
        most = max(most, len(had))
    assert most == MOST_DOCUMENTS + 1, "one comes before one goes"
    assert len(had) == MOST_DOCUMENTS
    assert sum(isinstance(message, Load) for message in said) == 1


def test_a_file_is_sent_once_however_many_dialogues_it_has(suite: Suite, said: list[ToWorker]) -> None:
    assert played(suite.cases(files=1, in_each=40)) == [True] * 40
    assert sum(isinstance(message, Attach) for message in said) == 1


def test_a_dialogue_is_sent_without_the_others_of_its_file(suite: Suite, tmp_path: Path) -> None:
    few, many = (suite.cases(files=1, in_each=count) for count in (2, 200))
    sent_of_few, sent_of_many = SentScenarios(), SentScenarios()
    assert len(sent_of_few.dialogue(few[0]).pickled) == len(sent_of_many.dialogue(many[0]).pickled)
    assert len(sent_of_few.of(few[0].project).load) == len(sent_of_many.of(many[0].project).load)


def test_what_was_sent_of_files_is_not_kept_for_ever(suite: Suite) -> None:
    sent = SentScenarios()
    numbers = [sent.dialogue(case).documents[0].number for case in suite.cases(files=2 * MOST_DOCUMENTS, in_each=2)]
    assert len(set(numbers)) == 2 * MOST_DOCUMENTS
    assert len(sent._documents) == MOST_DOCUMENTS


def test_plays_name_documents_that_the_worker_has(suite: Suite, said: list[ToWorker]) -> None:
    """Where dialogues of many files take turns, a file that has gone is sent anew."""
    cases = suite.cases(files=MOST_DOCUMENTS + 2, in_each=2)
    by_turns = sorted(cases, key=lambda case: case.name.rpartition("-")[2])
    assert played(by_turns) == [True] * len(cases)
    assert sum(isinstance(message, Play) for message in said) == len(cases)
