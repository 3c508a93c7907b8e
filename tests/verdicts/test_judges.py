"""Judges with a rubric: they can say no, never yes alone, and what they did not say is told as not checked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import play
from realtime_scenarios.verdicts import DialogueResult, judged
from support import Answers, Written, recording_server, text_api
from support.command_line import run
from support.dialogues import played

DESK = """\
scenario: desk
start: desk
context: {pin: {type: string, default: "4711", secret: true}}
agents: {desk: {instructions: Be polite.}}
dialogues:
  - id: polite
    turns:
      - user: Hello
        agent: [{say: Good day.}]
    expect:
      - judge: The agent is polite, and never says 4711.
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the run, in which judgements are kept."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_the_script(path: Path) -> DialogueResult:
    project = load(path)
    assert findings(project, warnings=False) == []
    return played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())


def by_a_judge(path: Path, *answers: Any) -> tuple[DialogueResult, list[Any]]:
    """What came of it where a model says Good day, and a judge gives these answers; and what the judge was sent."""
    left = iter(answers)
    project = load(path)

    def reply(body: dict[str, Any]) -> str:
        answer = next(left)
        return answer if isinstance(answer, str) else json.dumps(answer)

    async def main(base: str) -> DialogueResult:
        async with recording_server(Answers([[SayText("Good day. Is it 4711?")]], repeat=True)) as server:
            request = ProviderRequest(url=server.url, text_url=base)
            taken = await play(compiled(project.scenario), project.dialogues[0], PROVIDERS["url"], request)
            return judged(project.scenario, project.dialogues[0], taken)

    with text_api(reply) as (base, requests):
        return asyncio.run(main(base)), [body for _, _, body in requests]


def yes(reason: str = "It is.") -> dict[str, str]:
    return {"reason": reason, "answer": "passes"}


def no(reason: str) -> dict[str, str]:
    return {"reason": reason, "answer": "fails"}


# Scripted -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status", "unchecked"),
    [
        ("{say: Good day., judged: passes}", "passed", []),
        ("{say: Good day., judged: fails}", "failed", []),
        ("{say: Good day., judged: unsure}", "passed", ["the judge is not sure: as the dialogue says"]),
        ("{say: Good day.}", "passed", ["no `judged` of a move says what the judge would say"]),
    ],
)
def test_with_a_scripted_model_a_move_says_what_the_judge_says(
    written: Written, said: str, status: str, unchecked: list[str]
) -> None:
    result = by_the_script(written(DESK.replace("{say: Good day.}", said)))
    assert result.status == status
    assert [left.reason for left in result.unchecked] == unchecked


def test_a_judge_of_a_turn_hears_the_moves_of_that_turn_and_one_of_the_dialogue_the_worst(written: Written) -> None:
    turns = """    turns:
      - {user: Hello, agent: [{say: Good day., judged: passes}], expect: [{judge: The agent greets.}]}
      - {user: Hello, agent: [{say: Go away., judged: fails}]}
"""
    text = DESK[: DESK.index("    turns:")] + turns + DESK[DESK.index("    expect:") :]
    result = by_the_script(written(text))
    judgements = [verdict for verdict in result.verdicts if verdict.place.pointer[-1] == "judge"]
    assert [verdict.passed for verdict in judgements] == [True, False]


# By a text model ----------------------------------------------------------------------------------------------------


def test_a_judge_that_says_no_fails_the_dialogue_with_its_reason(written: Written) -> None:
    result, (asked,) = by_a_judge(written(DESK), no("It mumbles in turn 1."))
    assert [verdict.message for verdict in result.failures] == [
        "the judge says that this does not hold: It mumbles in turn 1."
    ]
    assert "The agent is polite" in str(asked) and "Good day." in str(asked)


def test_secrets_are_shown_neither_to_the_judge_nor_by_them(written: Written, folder: Path) -> None:
    result, (asked,) = by_a_judge(written(DESK), no("It says 4711."))
    assert "4711" not in str(asked)
    assert "4711" not in str([verdict.message for verdict in result.verdicts])
    assert all("4711" not in file.read_text() for file in (folder / ".scenario" / "judged").iterdir())


def test_a_yes_never_rescues_what_fails_otherwise(written: Written) -> None:
    text = DESK + "      - said: Good night\n"
    result, _ = by_a_judge(written(text), yes())
    assert result.status == "failed"


def test_a_yes_alone_makes_nothing_checked(written: Written) -> None:
    text = DESK.replace("        agent: [{say: Good day.}]\n", "")
    result, _ = by_a_judge(written(text), yes())
    assert (result.status, result.skipped) == (
        "skipped",
        "only a judge looked at it, and their yes alone makes nothing checked",
    )
    failed, _ = by_a_judge(written(text.replace("polite", "kind")), no("It is not."))
    assert failed.status == "failed"


@pytest.mark.parametrize(
    ("wants", "told"),
    [
        ("opens: Hello", "skip desk.yaml::polite (nothing in it can be checked with this model)"),
        ("wants: [{says: Hello, until: help}]", "ok   desk.yaml::polite"),
        ("wants: [{says: Hello, until: nine}]", "FAIL desk.yaml::polite"),
    ],
)
def test_a_caller_whom_any_answer_satisfies_makes_nothing_checked(folder: Path, wants: str, told: str) -> None:
    turns = "    turns:\n      - user: Hello\n        agent: [{say: Good day.}]\n"
    Path("desk.yaml").write_text(DESK.replace(turns, f"    caller: {{{wants}}}\n"))
    result = run("test", "desk.yaml", "--provider", "offline", "--in-process")
    assert told in result.output, result.output


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"reason": "Who knows.", "answer": "unsure"}, "the judge is not sure: Who knows."),
        ("I would rather not say.", "the judge cannot be asked"),
        ({"reason": "x", "answer": "perhaps"}, "the judge cannot be asked"),
    ],
)
def test_a_judge_without_a_clear_answer_is_told_as_not_checked(written: Written, answer: Any, told: str) -> None:
    text = DESK + "      - said: Good day\n"
    result, _ = by_a_judge(written(text), answer)
    assert result.status == "passed"
    assert [left.reason.startswith(told) for left in result.unchecked] == [True]


def test_offline_nobody_judges_and_that_is_told(written: Written) -> None:
    path = written(DESK.replace("[{say: Good day.}]", "[]") + "      - never_said: Good night\n")
    result = run("test", str(path), "--provider", "offline", "--in-process")
    assert "1 not checked" in result.output and result.exit_code == 0, result.output


def test_the_same_question_is_asked_once_and_another_one_again(written: Written, folder: Path) -> None:
    text = DESK + "      - said: Good day\n"
    first, asked = by_a_judge(written(text), yes())
    again, asked_again = by_a_judge(written(text))
    other, asked_for_another = by_a_judge(written(text.replace("polite", "kind")), no("It is not."))
    assert (first.status, again.status, other.status) == ("passed", "passed", "failed")
    assert (len(asked), len(asked_again), len(asked_for_another)) == (1, 0, 1)
    assert len(list((folder / ".scenario" / "judged").iterdir())) == 2


def test_what_is_not_clear_is_not_kept(written: Written, folder: Path) -> None:
    unsure = {"reason": "Who knows.", "answer": "unsure"}
    by_a_judge(written(DESK), unsure)
    _, asked = by_a_judge(written(DESK), unsure)
    assert len(asked) == 1 and not (folder / ".scenario" / "judged").exists()


def test_a_spoilt_file_is_asked_anew(written: Written, folder: Path) -> None:
    by_a_judge(written(DESK), no("It is not."))
    (file,) = (folder / ".scenario" / "judged").iterdir()
    file.write_text('{"answer": "passes"')
    result, asked = by_a_judge(written(DESK), no("It is not."))
    assert len(asked) == 1 and result.status == "failed"


def test_a_rubric_without_words_is_a_mistake_at_its_place(written: Written) -> None:
    for rubric in ('" "', '{rubric: " "}', "{model: text}"):
        text = DESK.replace("The agent is polite, and never says 4711.", rubric)
        found = findings(load(written(text)), warnings=False)
        assert found and found[0].span.line == 11, found
