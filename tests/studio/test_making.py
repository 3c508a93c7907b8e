"""A conversation as a dialogue: what is proposed, what is refused, and that it passes once it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_scenarios.core import Secrets
from realtime_scenarios.project import load
from realtime_scenarios.studio.files import ScenarioFolder
from realtime_scenarios.studio.making import Choices, Maker
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.testing import Outcome
from realtime_scenarios.trace import Trace
from support.benches import bench_in, desk_in, run_over

SCENARIO = """\
scenario: desk
start: main
context:
  username: {type: [string, "null"], default: null}
agents:
  main: {name: Main Agent, instructions: Help., handoff_description: All else., tools: [sign_in], handoffs: [bills]}
  bills: {name: Bills, instructions: Explain bills., handoff_description: Bills., handoffs: [main]}
tools:
  sign_in:
    description: Signs the caller in.
    approval: {fields: {username: {label: Name}, password: {label: Password, secret: true}}}
    set: {username: approval.username}
    returns: "Welcome, {{ approval.username }}."
"""
DIALOGUES = """\
scenario: ../desk.yaml
dialogues:

  - id: signed-in
    turns:
      - user: Where is my bill?
        agent:
          - call: sign_in
            approval: {approve: {username: riley, password: hunter2}}
          - say: Welcome, Riley.
      - user: The bill, please.
        agent:
          - handoff: bills
          - say: It is on its way.
"""
REAL = Secrets(("hunter2",))


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trace]:
    """A conversation in which somebody signed in, as it stands on record."""
    home = tmp_path_factory.mktemp("first")
    outcome = played(desk_in(home, SCENARIO, DIALOGUES), "signed-in")
    assert outcome.result.passed, outcome.result.failures
    yield outcome.result.trace


def played(scenario: Path, name: str) -> Outcome:
    with bench_in(scenario.parent) as bench:
        run = run_over(bench, scenario, name)
        assert run.problem is None
        return bench.outcome(run.id, name)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(load(desk_in(tmp_path, SCENARIO, DIALOGUES)), ScenarioFolder(tmp_path))


def test_a_conversation_becomes_a_dialogue_that_passes(maker: Maker, tmp_path: Path, trace: Trace) -> None:
    choices = Choices(title="Signs in first", tags=("billing",), secrets={"sign_in.password": "only-for-tests"})
    draft = maker.draft(trace, choices, REAL)
    assert (draft.id, draft.file, draft.is_new_file) == (
        "where-is-my-bill", "dialogues/where-is-my-bill.yaml", True,
    )  # fmt: skip
    assert [each.key for each in draft.placeholders] == ["sign_in.password"]
    assert draft.chosen == {"1.called.sign_in", "2.agent", "nowhere.sign_in.password"}
    assert maker.findings(draft) == []
    maker.write(draft, choices)
    text = (tmp_path / draft.file).read_text()
    assert "hunter2" not in text
    assert "scenario: ../desk.yaml" in text
    assert played(tmp_path / "desk.yaml", draft.id).result.passed


def test_it_is_put_behind_the_others_of_a_file_and_nothing_else_there_changes(
    maker: Maker, tmp_path: Path, trace: Trace
) -> None:
    choices = Choices(id="again", file="dialogues/one.yaml", until=1)
    draft = maker.draft(trace, choices, REAL)
    maker.write(draft, choices)
    text = (tmp_path / "dialogues" / "one.yaml").read_text()
    assert text.startswith(DIALOGUES)
    assert [dialogue.id for dialogue in load(tmp_path / "desk.yaml").dialogues] == ["signed-in", "again"]
    assert load(tmp_path / "desk.yaml").all_diagnostics == []
    assert played(tmp_path / "desk.yaml", "again").result.passed


@pytest.mark.parametrize(
    ("choices", "status", "told"),
    [
        (Choices(id="signed-in"), 409, "there is a dialogue 'signed-in' already"),
        (Choices(id="not an id"), 422, "cannot be the id"),
        (Choices(file="../elsewhere.yaml"), 422, "no place for dialogues"),
        (Choices(file="dialogues/../../x.yaml"), 403, "no file of this scenario"),
        (Choices(secrets={"sign_in.password": "hunter2"}), 422, "as it really is"),
        (Choices(secrets={"sign_in.pin": "1234"}), 422, "there is no secret"),
        (Choices(until=0), 422, "nothing to save"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    maker: Maker, tmp_path: Path, trace: Trace, choices: Choices, status: int, told: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Refusal, match=told) as refusal:
        maker.write(maker.draft(trace, choices, REAL), choices)
    assert refusal.value.status == status
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_proposed_can_be_left_out(maker: Maker, trace: Trace) -> None:
    draft = maker.draft(trace, Choices(expectations=("1.context",)), REAL)
    assert [turn.get("expect") for turn in draft.dialogue["turns"]] == [[{"context": {"username": "riley"}}], None]
    assert "nowhere" not in draft.text
    proposed = {each["key"]: (each["text"], each["chosen"]) for each in draft.data([])["proposals"]}
    assert proposed["2.agent"] == ("agent: bills", False)


def test_a_file_in_which_dialogues_do_not_stand_last_is_not_added_to(
    maker: Maker, tmp_path: Path, trace: Trace
) -> None:
    (tmp_path / "dialogues" / "odd.yaml").write_text("dialogues: []\nscenario: ../desk.yaml\n")
    with pytest.raises(Refusal, match="nothing can be added"):
        maker.draft(trace, Choices(file="dialogues/odd.yaml"), REAL)
