"""The command line: what it prints, what it returns, and what it imports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from realtime_scenarios.cli.files import SCHEMAS
from realtime_scenarios.cli.main import COMMANDS, cli, main
from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.document.schema import SchemaName
from realtime_scenarios.suite.journal import past_run
from support import PROGRAM, Written

SNAPSHOTS = Path(__file__).parent / "snapshots"

BROKEN = """\
scenario: broken
start: main
agents:
  main:
    instrucions: Help the caller.
    handoffs: [bilingg]
    tools: [refund]
  billing:
    instructions: "Answer questions about bills, and nothing else, whatever the caller may say or ask. {{ contxt.name }}"
tools:
  refund:
    description: Give money back.
    approval: allways
    returns: done
"""

SHOP = """\
scenario: shop
start: desk
agents:
  desk: {instructions: x, tools: [hours]}
tools:
  hours: {description: x, returns: nine to five}
dialogues:
  - {id: good, tags: [smoke], turns: [{user: Hi, agent: [{call: hours, returns: nine}, {say: Nine to five.}]}]}
  - id: bad
    turns:
      - user: When?
        agent:
          - call: hours
            returns: ten
          - say: From ten.
        expect:
          - said: eleven
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), prog_name="scenario")


def same_as_before(name: str, text: str) -> None:
    text = re.sub(r"in \d+\.\d s", "in 0.0 s", text)
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_mistakes_are_reported_in_every_format(folder: Path, form: str) -> None:
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    result = run("lint", "broken.yaml", "--format", form)
    assert result.exit_code == 1
    same_as_before(f"lint.{form}.out", result.output)
    assert form != "text" or max(map(len, result.output.splitlines())) <= 110


def test_sarif_has_what_readers_of_it_need(folder: Path) -> None:
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    log = json.loads(run("validate", "broken.yaml", "--format", "sarif").output)
    results = log["runs"][0]["results"]
    assert log["version"] == "2.1.0" and len(results) == 4
    rules = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    for result in results:
        region = result["locations"][0]["physicalLocation"]["region"]
        assert result["ruleId"] in rules and region["startLine"] > 0 and region["startColumn"] > 0


def test_colour_is_there_only_when_it_is_wanted(folder: Path) -> None:
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert "\x1b[" not in run("lint", "broken.yaml").output
    assert "\x1b[31m" in run("lint", "broken.yaml", "--color", "always").output


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_fits_in_80_columns(folder: Path, command: str | None) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    same_as_before(f"help.{command or 'scenario'}.out", result.output)


def test_a_failing_dialogue_shows_its_event_and_its_line(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("test", "shop.yaml")
    assert result.exit_code == 1
    same_as_before("test.out", result.output)
    assert ">>>" in result.output and "shop.yaml:13:13" in result.output


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


def test_workers_report_the_same_in_the_same_order(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    alone, shared = run("test", "--trace", "alone"), run("test", "-n", "2", "--trace", "shared")
    assert re.sub(r"in .* s", "", alone.output) == re.sub(r"in .* s", "", shared.output)
    for name in ("shop.yaml--good.jsonl", "shop.yaml--bad.jsonl"):
        assert (folder / "alone" / name).read_bytes() == (folder / "shared" / name).read_bytes()


def test_junit_is_well_formed_and_the_same_each_time(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("eleven", "\u0007eleven"), encoding="utf-8", errors="replace")
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    run("test", "--junit", "a.xml")
    run("test", "--junit", "b.xml")
    assert (folder / "a.xml").read_bytes() == (folder / "b.xml").read_bytes()
    suite = ElementTree.parse(folder / "a.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "shop.yaml:13:13" in str(suite.find("testcase/failure").text)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["validate", "airline"], 0, "nothing wrong in 4 files"),
        (["lint", "--explain", "SC203"], 0, "Instead: "),
        (["lint", "--explain", "SC2033"], 2, "did you mean 'SC203'?"),
        (["tset"], 2, "did you mean 'test'?"),
        (["run", "airlin"], 2, "did you mean 'airline'?"),
        (["run", "airline", "--provider", "scripted"], 2, "only replays dialogues"),
        (["run", "airline", "--agent", "mian"], 2, "did you mean 'main'?"),
        (["test", "airline::carry-on-sise"], 2, "did you mean 'carry-on-size'?"),
        (["test", "airline", "-n", "many"], 2, "neither a positive number nor 'auto'"),
        (["graph", "airline", "--agent", "main"], 2, "has no states"),
        (["new", "My Shop"], 2, "try 'my-shop'"),
        (["serve", "--host", "0.0.0.0"], 2, "not this machine's own address"),
        (["run", "airline", "--provider", "openai"], 3, "OPENAI_API_KEY is not set"),
        (["test", "airline::carry-on-size", "--provider", "url", "--url", "ws://127.0.0.1:9"], 3, "nothing listens"),
        (["validate"], 2, "no scenarios found here"),
    ],
)
def test_the_exit_code_says_whose_mistake_it_was(
    folder: Path,
    arguments: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    with pytest.raises(SystemExit) as left:
        main(arguments)
    printed = capsys.readouterr()
    assert (left.value.code or 0) == code
    assert said in printed.out + printed.err
    assert "Traceback" not in printed.out + printed.err


def test_a_new_scenario_passes_at_once(folder: Path) -> None:
    assert run("new", "shop").exit_code == 0
    assert run("lint", "--strict").exit_code == 0
    assert run("test").exit_code == 0
    assert run("test", "--provider", "offline").exit_code == 0
    first = (folder / "shop" / "shop.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert (folder / "shop" / first.partition("$schema=")[2]).is_file()
    assert run("new", "shop").exception is not None


def test_a_conversation_through_a_pipe_can_be_saved_and_replayed(folder: Path) -> None:
    lines = "How big can my carry-on be?\nWhat flight am I on?\nriley\n\nriley\nhunter2\n/state\n/nope\n/save talk.yaml\n/quit\n"
    done = subprocess.run([*PROGRAM, "run", "airline"], input=lines, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0 and not done.stderr
    assert "22x14x9" in done.stdout and "8am flight" in done.stdout
    assert "password left empty" in done.stdout and "*******" in done.stdout
    assert "deterministic stand-in" in done.stdout and "unknown command '/nope'" in done.stdout
    assert "hunter2" not in done.stdout + (folder / "talk.yaml").read_text(encoding="utf-8")
    assert run("test", "talk.yaml").exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_long_test_keeps_what_is_finished(folder: Path, number: signal.Signals) -> None:
    dialogues = "\n".join(
        f"  - {{id: d{each}, turns: [{{user: Hi, agent: [{{say: Hello}}]}}]}}" for each in range(4000)
    )
    (folder / "long.yaml").write_text(
        f"scenario: long\nstart: a\nagents: {{a: {{instructions: x}}}}\ndialogues:\n{dialogues}\n", encoding="utf-8"
    )
    process = subprocess.Popen(
        [*PROGRAM, "test"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
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
    assert past is not None and 0 < len(past.left) < 4000 and past.left[-1] == "long.yaml::d3999"


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], ["agents", "openai", "pydantic", "yaml", "jinja2", "asyncio"]),
        (
            ["validate", "airline"],
            ["agents", "openai", "pydantic", "jsonschema", "jinja2", "asyncio", "rich"],
        ),
        (["lint", "airline"], ["agents", "openai", "pydantic"]),
        (["graph", "airline"], ["agents", "openai", "pydantic"]),
        (["schema"], ["agents", "openai", "pydantic"]),
        (["new", "shop"], ["agents", "openai", "pydantic"]),
    ],
)
def test_what_needs_no_sdk_does_not_import_it(folder: Path, arguments: list[str], unwanted: list[str]) -> None:
    code = (
        "import sys\nfrom realtime_scenarios.cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as left:\n    assert not left.code, left.code\n"
        f"print('loaded:', [name for name in {unwanted!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_a_pipe_that_is_closed_early_is_no_error(folder: Path, written: Written) -> None:
    command = f"{sys.executable} -c 'from realtime_scenarios.cli.main import main; main()' lint --list | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder)
    assert done.stdout.startswith("SC001") and not done.stderr


GUARDED = """\
scenario: guarded
start: desk
context: {verified: {type: boolean, default: false}}
agents: {desk: {instructions: Use verify and refund and call_api., tools: [verify, refund, call_api]}}
tools:
  verify: {description: x, parameters: {code: string}, cases: [{when: args.code == "1", set: {verified: "true"}}, {returns: false}]}
  refund: {description: x, requires: context.verified, approval: always, query: DELETE FROM orders}
  call_api:
    description: x
    parameters: {function_name: string, parameters: object}
    catalogue: {functions: {Erase: {description: x, APPROVAL query: DELETE FROM orders}}}
data: {orders: {rows: [{id: 1}]}}
properties: [{before: verify -> refund}, {never: refund, when: not context.verified}]
"""


@pytest.mark.parametrize(("name", "approval", "code"), [("proved", "approval: always,", 0), ("refuted", "", 1)])
def test_what_is_proved_is_shown(folder: Path, name: str, approval: str, code: int) -> None:
    (folder / "guarded.yaml").write_text(GUARDED.replace("APPROVAL", approval), encoding="utf-8")
    result = run("lint", "--proofs", "guarded.yaml")
    assert result.exit_code == code
    same_as_before(f"proofs.{name}", result.output)


def test_a_dialogue_with_mistakes_is_left_out_and_the_others_are_played(folder: Path) -> None:
    text = SHOP.replace("{id: good,", "{id: odd, turns: [{user: Hi, agent: [{call: hour}]}]}\n  - {id: good,")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    result = run("test", "shop.yaml", "-k", "good")
    assert result.exit_code == 1
    assert "tool 'hour' does not exist" in result.output and "the other dialogue follows" in result.output
    assert "1 passed" in result.output
    assert run("test", "shop.yaml::odd").exit_code == 1


def test_nothing_is_proved_of_a_scenario_with_mistakes(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("start: desk", "start: nope"), encoding="utf-8")
    result = run("lint", "--proofs", "shop.yaml")
    assert result.exit_code == 1 and "agent 'nope' does not exist" in result.output
    assert "proved" not in result.output


def test_what_a_list_of_proofs_cannot_heed_is_refused(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("lint", "--proofs", "--format", "json", "shop.yaml")
    assert isinstance(result.exception, UsageError) and "--proofs goes with" in str(result.exception)


def test_a_list_of_dialogues_says_by_its_exit_code_that_some_have_mistakes(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("call: hours, returns", "call: hurs, returns"), encoding="utf-8")
    result = run("test", "--list", "shop.yaml")
    assert result.exit_code == 1
    assert result.output.splitlines()[-2:] == ["shop.yaml::good  [smoke]  (invalid)", "shop.yaml::bad"]


def test_a_name_that_no_file_can_have_is_refused_in_words(folder: Path) -> None:
    (folder / "brief.yaml").write_text("role: Receptionist\n", encoding="utf-8")
    result = run("prompt", "generate", "brief.yaml", "-o", f"{'x' * 300}.yaml")
    assert isinstance(result.exception, ScenarioError) and "cannot be written" in str(result.exception)


def test_what_is_left_out_for_its_mistakes_is_not_lost_to_ci(folder: Path) -> None:
    (folder / "shop.yaml").write_text(
        SHOP.replace("          - call: hours", "          - call: houers"), encoding="utf-8"
    )
    played = run("test", "shop.yaml", "--junit", "report.xml")
    assert played.exit_code == 1
    assert "INVALID shop.yaml::bad (1 mistake)" in played.output and "1 passed, 1 invalid" in played.output
    report = ElementTree.parse(folder / "report.xml")
    assert [case.get("name") for case in report.findall(".//testcase")] == ["good", "bad"]
    error = report.find(".//testcase[@name='bad']/error")
    assert error is not None and "houers" in (error.get("message") or "")
    assert "shop.yaml::bad" in run("test", "--last-failed", "--list").output
    (folder / "shop.yaml").write_text("scenario: shop\n", encoding="utf-8")
    assert run("test", "shop.yaml", "--junit", "report.xml").exit_code == 1
    assert ElementTree.parse(folder / "report.xml").find(".//error") is not None


def test_a_dialogue_is_played_once_however_often_it_is_named(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    assert run("test", "shop.yaml", ".", "shop.yaml", "-k", "good", "--list").output == "shop.yaml::good  [smoke]\n"


def test_what_stopped_a_dialogue_has_a_place(folder: Path) -> None:
    text = SHOP.replace("returns: nine to five", "returns: nine to five, approval: always")
    text = text.replace("{call: hours, returns: nine}", "{call: hours, approval: times_out}")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    played = run("test", "shop.yaml::good")
    assert re.search(r"shop\.yaml:8:\d+: stopped: nobody answered", played.output), played.output


def test_a_picture_of_no_known_kind_is_refused(folder: Path) -> None:
    drawn = run("graph", "airline", "-o", "graph.png")
    assert isinstance(drawn.exception, UsageError) and ".svg" in (drawn.exception.hint or "")
    assert not (folder / "graph.png").exists()


def test_what_is_meant_where_nothing_is_named_may_stand_in_pyproject(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert run("validate").exit_code == 1
    (folder / "pyproject.toml").write_text("[tool.scenario]\npaths = ['mine']\n", encoding="utf-8")
    assert run("validate").exit_code == 0
    assert run("test", "--list").output == "mine/shop.yaml::good  [smoke]\nmine/shop.yaml::bad\n"
    for text in ("[tool.scenario]\npaths = 3\n", "[tool"):
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        assert isinstance(run("validate").exception, UsageError)


def test_a_dialogue_of_one_scenario_and_all_of_another_can_be_asked_for_at_once(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "other.yaml").write_text(SHOP.replace("scenario: shop", "scenario: other"), encoding="utf-8")
    listed = run("test", "shop.yaml::good", "other.yaml", "--list").output.splitlines()
    assert listed == ["shop.yaml::good  [smoke]", "other.yaml::good  [smoke]", "other.yaml::bad"]


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


TANGLED = """\
scenario: shop
start: main
context: {done: {type: boolean, default: false}}
agents:
  main: {instructions: x, voic: x, tools: [ask]}
tools:
  ask: {description: x, delay: soon}
dialogues:
  - {id: first, turns: [{user: Hi, agent: [{call: ask}], expect: [{agent: maim}, {called: aks}, {context: {don: true}}]}]}
  - {id: first, turns: [{usr: Hi}]}
"""


def test_mistakes_of_a_scenario_hide_none_in_its_dialogues(folder: Path) -> None:
    (folder / "shop.yaml").write_text(TANGLED, encoding="utf-8")
    found = json.loads(run("validate", "shop.yaml", "--format", "json").output)
    assert [(diagnostic["line"], diagnostic["code"]) for diagnostic in found] == [
        (5, "SC141"),
        (7, "SC145"),
        *[(9, "SC402")] * 3,
        (10, "SC401"),
        (10, "SC141"),
    ]


def test_a_mistake_in_the_form_of_one_dialogue_leaves_the_others_of_its_file(folder: Path) -> None:
    scenario, dialogues = SHOP.split("dialogues:\n")
    (folder / "dialogues").mkdir()
    (folder / "shop.yaml").write_text(scenario, encoding="utf-8")
    broken = (
        f"scenario: ../shop.yaml\ndialogues:\n{dialogues}  - {{id: typo, turns: [{{usr: Hi, agent: [{{say: x}}]}}]}}\n"
    )
    (folder / "dialogues" / "d.yaml").write_text(broken, encoding="utf-8")
    listed = ["shop.yaml::good  [smoke]", "shop.yaml::bad", "shop.yaml::typo  (invalid)"]
    assert run("test", "shop.yaml", "--list").output.splitlines()[-3:] == listed


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_printed_and_written_as_it_is(folder: Path, kind: str) -> None:
    printed = run("schema", kind).output
    assert json.loads(printed)["$schema"].endswith("2020-12/schema")
    assert run("schema", "--write", "schemas").exit_code == 0
    assert (folder / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8") == printed
    named = set(re.findall(r'"([a-z]+\.schema\.json)#', printed))
    assert all((folder / "schemas" / name).is_file() for name in named)


def test_every_kind_of_file_with_a_schema_has_it_printed() -> None:
    assert get_args(SchemaName) == SCHEMAS


INLINE = """\
scenario: s
start: a
agents: {a: {instructions: Help.}}
dialogues:
  - {id: good, turns: [{user: Hi, agent: [{say: Hi.}]}]}
  - BAD
  - {id: also-good, turns: [{user: Hi, agent: [{say: Hi.}]}]}
"""


@pytest.mark.parametrize(
    "bad",
    [
        "{id: bad, turns: [{usr: Hi}]}",
        "{id: bad, turns: [{user: Hi, agent: [{says: Hi.}]}]}",
        "{id: bad, turns: [{user: Hi, agent: [{call: nothing}]}]}",
        "{id: bad, turns: []}",
        "{id: bad, turns: 5}",
        "{id: bad}",
        "{turns: [{user: Hi}]}",
        "{id: Bad Id, turns: [{user: Hi}]}",
        "just words",
    ],
)
@pytest.mark.parametrize("beside", [False, True], ids=["inline", "in a file"])
def test_a_mistake_in_one_dialogue_leaves_the_others_to_be_played(folder: Path, bad: str, beside: bool) -> None:
    head, _, dialogues = INLINE.replace("BAD", bad).partition("dialogues:")
    file = folder / "dialogues" / "d.yaml" if beside else folder / "s.yaml"
    file.parent.mkdir(exist_ok=True)
    (folder / "s.yaml").write_text(head, encoding="utf-8")
    whole = "scenario: ../s.yaml\ndialogues:" if beside else f"{head}dialogues:"
    file.write_text(whole + dialogues, encoding="utf-8")
    result = run("test", "s.yaml")
    assert result.exit_code == 1
    assert "the other 2 dialogues follow" in result.output + result.stderr
    assert [line for line in result.output.splitlines() if line.startswith("ok ")] == [
        "ok   s.yaml::good (1 turn)",
        "ok   s.yaml::also-good (1 turn)",
    ]


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


@pytest.mark.parametrize("missing", ["live: false, ", "reason: x, "])
def test_that_no_other_model_suits_takes_a_reason(folder: Path, missing: str) -> None:
    both = SHOP.replace("id: good, tags", "id: good, live: false, reason: x, tags")
    (folder / "shop.yaml").write_text(both.replace(missing, ""), encoding="utf-8")
    told = run("validate", "shop.yaml")
    assert told.exit_code == 1 and ("'reason'" in told.output or "'live'" in told.output)
