"""`scenario test`: which dialogues are played, and what is told and reported of them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.suite.journal import past_run
from support import PROGRAM
from support.command_line import SHOP, run, same_as_before


def test_a_failing_dialogue_shows_its_event_and_its_line(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("test", "shop.yaml")
    assert result.exit_code == 1
    same_as_before("test.out", result.output)
    assert ">>>" in result.output and "shop.yaml:13:13" in result.output


def test_what_stopped_a_dialogue_has_a_place(folder: Path) -> None:
    text = SHOP.replace("returns: nine to five", "returns: nine to five, approval: always")
    text = text.replace("{call: hours, returns: nine}", "{call: hours, approval: times_out}")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    played = run("test", "shop.yaml::good")
    assert re.search(r"shop\.yaml:8:\d+: stopped: nobody answered", played.output), played.output


def test_what_failed_can_be_run_again(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    run("test")
    again = run("test", "--last-failed", "--list")
    assert again.output == "shop.yaml::bad\n"
    assert run("test", "shop.yaml::good").exit_code == 0
    assert run("test", "--tag", "smoke", "--list").output == "shop.yaml::good  [smoke]\n"
    assert run("test", "-k", "BAD", "--list").output == "shop.yaml::bad\n"
    (folder / "shop.yaml").write_text(
        SHOP.replace("returns: ten", "returns: nine").replace("eleven", "ten"), encoding="utf-8"
    )
    assert run("test", "--last-failed").exit_code == 0
    assert "nothing failed in the last run" in run("test", "--last-failed").output


def test_a_dialogue_is_played_once_however_often_it_is_named(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    assert run("test", "shop.yaml", ".", "shop.yaml", "-k", "good", "--list").output == "shop.yaml::good  [smoke]\n"


def test_a_dialogue_of_one_scenario_and_all_of_another_can_be_asked_for_at_once(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "other.yaml").write_text(SHOP.replace("scenario: shop", "scenario: other"), encoding="utf-8")
    listed = run("test", "shop.yaml::good", "other.yaml", "--list").output.splitlines()
    assert listed == ["shop.yaml::good  [smoke]", "other.yaml::good  [smoke]", "other.yaml::bad"]


def test_workers_report_the_same_in_the_same_order(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    alone, shared = run("test", "--trace", "alone"), run("test", "-n", "2", "--trace", "shared")
    assert re.sub(r"in .* s", "", alone.output) == re.sub(r"in .* s", "", shared.output)
    for name in ("shop.yaml--good.jsonl", "shop.yaml--bad.jsonl"):
        assert (folder / "alone" / name).read_bytes() == (folder / "shared" / name).read_bytes()


PROMISED = """\
scenario: shop
start: desk
context: {closed: {type: boolean, default: false}}
agents:
  desk: {instructions: x, tools: [hours]}
tools:
  hours: {description: x, returns: nine to five}
properties: [{never: hours, when: context.closed}]
"""


def test_workers_point_at_the_same_places(folder: Path) -> None:
    (folder / "dialogues").mkdir()
    (folder / "shop.yaml").write_text(PROMISED, encoding="utf-8")
    turns = "context: {closed: true}, turns: [{user: Hi, agent: [{call: hours}, {say: Nine.}], expect: [{said: ten}]}]"
    broken = f"  - {{id: one, {turns}}}\n  - {{id: two, {turns.replace(', expect: [{said: ten}]', '')}}}\n"
    (folder / "dialogues" / "d.yaml").write_text(f"scenario: ../shop.yaml\ndialogues:\n{broken}", encoding="utf-8")
    alone, together = (run("test", "shop.yaml", *many).output for many in ((), ("-n", "2")))
    places = [re.findall(r"^\S+\.yaml:\d+:\d+", text, re.MULTILINE) for text in (alone, together)]
    assert places[0] == places[1]
    assert {place.rpartition(":")[0] for place in places[0]} == {"dialogues/d.yaml:3", "shop.yaml:8"}


def test_junit_is_well_formed_and_the_same_each_time(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("From ten.", r'"From \a\e[2Jten."'), encoding="utf-8")
    run("test", "--junit", "a.xml")
    run("test", "--junit", "b.xml")
    assert (folder / "a.xml").read_bytes() == (folder / "b.xml").read_bytes()
    suite = ElementTree.parse(folder / "a.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failure = str(suite.find("testcase/failure").text)  # type: ignore[union-attr]
    assert "shop.yaml:13:13" in failure
    assert r"From \u0007\u001b[2Jten." in failure


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_long_test_keeps_what_is_finished(folder: Path, number: signal.Signals) -> None:
    dialogues = "\n".join(
        f"  - {{id: d{each}, turns: [{{user: Hi, agent: [{{say: Hello}}]}}]}}" for each in range(4000)
    )
    (folder / "long.yaml").write_text(
        f"scenario: long\nstart: a\nagents: {{a: {{instructions: x}}}}\ndialogues:\n{dialogues}\n", encoding="utf-8"
    )
    process = subprocess.Popen(
        [*PROGRAM, "test", "--report", "jsonl=results.jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ok")
    process.send_signal(number)
    rest, problems = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "passed" in rest and "not run" in rest and "scenario test --last-failed" in rest
    assert rest.endswith("go on with what is left alone: scenario test --resume\n")
    assert "Traceback" not in problems
    past = past_run(folder)
    assert past is not None and 0 < len(past.left) < 4000 and past.left[-1].case == "long.yaml::d3999"
    *lines, last = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    told = json.loads(last)
    assert told["because"] == "the run was interrupted" and told["dialogues"] == [each.case for each in past.left]
    assert len(lines) + told["not_run"] == 4000


@pytest.mark.parametrize(
    "others",
    [
        ["--report", "jsonl=./one"],
        ["--junit", "one"],
        ["--log-events", "one"],
        ["--coverage-json", "one"],
    ],
    ids=lambda others: others[0],
)
def test_a_file_of_one_report_is_no_other_report(folder: Path, others: list[str]) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("test", "shop.yaml::good", "--report", "markdown=one", *others)
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "--report markdown=one" in told and "name the same file: '" in told
    assert not (folder / "one").exists()


def test_reports_that_are_printed_follow_each_other(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    shown = run("test", "shop.yaml", "--report", "github=-", "--report", "markdown=-", "--report", "jsonl=-").output
    annotation, comment, line = (shown.index(text) for text in ("::error file=shop.yaml", "### ❌", '{"dialogue"'))
    assert annotation < comment < line


def test_a_run_in_which_nothing_was_checked_is_no_good_run(folder: Path) -> None:
    only_scripts = SHOP.replace("id: good, tags", "id: good, live: false, reason: nobody asks so, tags")
    (folder / "shop.yaml").write_text(only_scripts, encoding="utf-8")
    listed = run("test", "--list").output
    assert "shop.yaml::good  [smoke]  (only as a script: nobody asks so)" in listed

    skipped = run("test", "shop.yaml::good", "--provider", "offline", "--junit", "report.xml")
    assert skipped.exit_code == 1
    assert "skip shop.yaml::good (nobody asks so)" in skipped.output
    assert "no dialogue was checked, and so nothing holds" in skipped.output
    reason = ElementTree.parse(folder / "report.xml").find(".//testcase/skipped")
    assert reason is not None and reason.get("message") == "nobody asks so"
    assert run("test", "shop.yaml::good").exit_code == 0

    nothing = run("test", "-k", "no such name").exception
    assert isinstance(nothing, UsageError) and nothing.exit_code == 1
    unknown = run("test", "shop.yaml::nobody").exception
    assert isinstance(unknown, UsageError) and unknown.exit_code == 2
