"""`scenario prompt`: what it prints, and whether what it writes holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written, text_api

BRIEFS = Path(__file__).parent.parent / "project" / "briefs"

DESK = """\
scenario: desk
start: main
context:
  caller: {type: string, default: nobody}
  age: {type: integer, default: 1}
agents:
  main:
    instructions: "Hello {{ context.caller }}, {{ context.age + 1 }}, in {{ now.year }}."
    tools: [hours, name_of]
    handoffs: [billing]
    states_mode: focused
    states:
      - id: hello
        description: Say hello.
        transitions: [{to: ask, when: They answered.}]
      - id: ask
        description: Ask for the name.
        tools: [name_of]
        transitions: [{handoff: billing, when: It is about money.}]
  billing: {instructions: Bills only., handoff_description: Bills., handoffs: [main]}
tools:
  hours: {description: x}
  name_of: {description: x}
"""

WEAK = """\
scenario: weak
start: main
agents:
  main: {instructions: "Say sorry, if failures > 3. Today is March 3."}
tools:
  idle: {description: Nobody has it.}
"""

ANSWER = "```yaml\nagents:\n  assistant:\n    instructions: Be kind.\n```"


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["prompt", *map(str, arguments)], input=text)


def rendered(path: Path, *arguments: str) -> dict[str, object]:
    result = run("render", path, "--json", *arguments)
    assert result.exit_code == 0, result.output
    shown: dict[str, object] = json.loads(result.stdout)
    return shown


def test_the_prompt_is_printed_as_the_model_reads_it(written: Written) -> None:
    path = written(DESK)
    assert run("render", path, "billing").stdout == "Bills only.\n"
    text = run("render", path, "--set", "caller=Jo: the 1st", "--set", "age=41", "--now", "2031-02-03").stdout
    assert text.startswith("Hello Jo: the 1st, 42, in 2031.\n")


def test_each_state_has_its_text_and_its_tools(written: Written) -> None:
    path = written(DESK)
    first, second = rendered(path), rendered(path, "--state", "ask")
    assert (first["state"], first["tools"]) == ("hello", ["hours", "set_conversation_state"])
    assert (second["state"], second["tools"]) == ("ask", ["hours", "name_of", "transfer_to_billing"])
    assert "Say hello." in str(first["instructions"]) and "Ask for the name." in str(second["instructions"])


def test_all_agents_are_rendered_one_after_the_other(written: Written) -> None:
    path = written(DESK)
    prompts = json.loads(run("render", path, "--all", "--json").stdout)
    assert [prompt["agent"] for prompt in prompts] == ["main", "billing"]
    assert "\n===== billing =====\nBills only.\n" in run("render", path, "--all").stdout


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["mian"], "there is no agent 'mian'", "main"),
        (["--state", "bye"], "no state 'bye'", "hello"),
        (["billing", "--state", "hello"], "has no states", "--state"),
        (["--set", "calller=x"], "no context variable 'calller'", "caller"),
        (["--set", "caller"], "no '='", "name=value"),
        (["--set", "age=old"], "'age' cannot be 'old'", "integer"),
        (["--now", "soon"], "no moment", "2026"),
        (["--all", "--state", "hello"], "--all", "--state"),
    ],
)
def test_a_wish_that_cannot_be_met_has_a_way_out(
    written: Written, arguments: list[str], message: str, hint: str
) -> None:
    problem = run("render", written(DESK), *arguments).exception
    assert isinstance(problem, ScenarioError) and problem.exit_code == 2
    assert message in problem.message and hint in str(problem.hint)


def test_a_scenario_with_mistakes_is_not_rendered(written: Written) -> None:
    result = run("render", written(DESK.replace("start: main", "start: mian")))
    assert result.exit_code == 1 and "SC201" in result.output


def linted(path: Path, *arguments: str) -> tuple[set[str], int]:
    result = run("lint", path, "--format", "json", *arguments)
    return {diagnostic["code"] for diagnostic in json.loads(result.output)}, result.exit_code


def test_only_what_is_about_prompts_is_told(written: Written) -> None:
    path = written(WEAK)
    everything = {diagnostic.code for diagnostic in findings(load(path), warnings=True, profile="realtime")}
    assert everything >= {"SC504", "SC508", "SC606", "SC621"}
    assert linted(path) == ({code for code in everything if code == "SC508" or code.startswith("SC6")}, 0)


def test_a_prompt_is_held_to_the_realtime_profile_unless_another_is_asked_for(written: Written) -> None:
    path = written(WEAK)
    assert linted(path, "--profile", "basic") == ({"SC508", "SC606"}, 0)
    assert linted(path, "--profile", "metaprompt")[0] == linted(path)[0] | {"SC641"}


def test_warnings_about_prompts_count_when_it_is_strict(written: Written) -> None:
    path = written(WEAK)
    assert linted(path, "--strict")[1] == 1
    assert run("lint", "airline", "--strict").exit_code == 0


def test_what_prompt_lint_says_looks_as_in_lint(written: Written) -> None:
    path = written(WEAK)
    told = CliRunner().invoke(cli, ["lint", str(path), "--profile", "realtime", "--color", "always"]).output
    some = run("lint", path, "--color", "always").output
    assert "\x1b[" in some and set(some.split("\n\n")[:-1]) < set(told.split("\n\n"))


def test_a_file_that_cannot_be_read_is_not_fine(written: Written) -> None:
    path = written(WEAK.replace("instructions", "instrucions"))
    codes, left = linted(path)
    assert "SC141" in codes and left == 1


@pytest.mark.parametrize("name", ["snowboard", "meditation", "pharmacy"])
def test_a_generated_scenario_lints_and_passes_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("generate", BRIEFS / f"{name}.yaml", "--as", "scenario", "-o", "made")
    assert result.exit_code == 0, result.output
    [path] = Path("made").glob("*.yaml")
    assert findings(load(path), warnings=True) == []
    tested = CliRunner().invoke(cli, ["test", str(path), "--color", "never"])
    assert tested.exit_code == 0, tested.output


@pytest.mark.parametrize("ending", ["", "ending: returns\n"])
def test_what_the_last_step_collects_is_given_on_the_way_to_the_end(
    written: Written, tmp_path: Path, ending: str
) -> None:
    brief = written(f"role: A barber\nsteps: [Ask for the name]\n{ending}", "brief.yaml")
    out = tmp_path / "made"
    assert run("generate", brief, "--as", "scenario", "-o", out).exit_code == 0
    assert findings(load(out / "assistant.yaml"), warnings=True) == []
    tested = CliRunner().invoke(cli, ["test", str(out / "assistant.yaml"), "--color", "never"])
    assert tested.exit_code == 0, tested.output


def test_what_exists_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "agent.yaml"
    arguments = ("generate", BRIEFS / "meditation.yaml", "-o", out)
    assert run(*arguments).exit_code == 0
    assert out.read_text().startswith("agents:\n  sol:\n")
    assert "exists already" in str(run(*arguments).exception)
    assert run(*arguments, "--force").exit_code == 0


def test_a_brief_comes_from_standard_input_too() -> None:
    result = run("generate", "-", text="role: A barber\n")
    assert "You are Assistant: a barber." in result.stdout


def test_a_brief_with_mistakes_is_shown_with_its_line(written: Written) -> None:
    result = run("generate", written("role: x\nstpes: [a]\n", "brief.yaml"))
    assert result.exit_code == 1
    assert "brief.yaml:2:1: SC141 unknown-key" in result.output and "stpes: [a]" in result.output


def test_questions_are_answered_line_by_line() -> None:
    answers = ["A calm voice of a hotel", "Mia", "Greet the guest", "Ask for the room number", "", "b", "dry", "", "?"]
    result = run("generate", text="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "You are Mia: a calm voice of a hotel." in result.stdout
    assert "Sunny and encouraging." in result.stdout and "\nDry. " in result.stdout
    assert '"2_get_room_number"' in result.stdout
    assert "1. Demeanor" in result.stderr and "Demeanor:" not in result.stdout


def test_every_question_about_the_voice_has_three_options() -> None:
    result = run("generate", text="A barber\nBob\n\n" + "\n" * 12)
    asked = re.split(r"^\d+\. (?=[A-Z])", result.stderr, flags=re.MULTILINE)[1:]
    offered = {question.partition(":")[0]: re.findall(r"^   ([a-z])\) ", question, re.MULTILINE) for question in asked}
    assert len(offered) >= 8
    assert all(letters == ["a", "b", "c"] for letters in offered.values()), offered


def test_a_pipe_that_ends_early_leaves_the_rest_to_us() -> None:
    result = run("generate", text="A barber\n")
    assert result.exit_code == 0 and "Conversation States" not in result.stdout


def test_fillers_are_one_of_four() -> None:
    result = run("generate", text="\n".join(["A barber", "", "", *[""] * 5, "sometimes", "very often"]) + "\n")
    assert "## Filler Words\nVery often." in result.stdout and "please choose" in result.stderr


def test_nothing_at_all_is_not_a_brief() -> None:
    assert "a brief needs a role" in str(run("generate", text="").exception)


def test_a_metaprompt_is_for_any_model() -> None:
    result = run("generate", BRIEFS / "snowboard.yaml", "--as", "metaprompt")
    assert "<brief>\nname: Piper" in result.stdout and "transitions" in result.stdout
    refused = run("generate", BRIEFS / "snowboard.yaml", "--as", "metaprompt", "--provider", "openai")
    assert "leave out --provider" in str(getattr(refused.exception, "hint", ""))


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a model behind `--provider` that always gives this answer."""
    from realtime_scenarios.providers import text

    def put(answer: str) -> None:
        monkeypatch.setattr(text, "asker", lambda provider, request: lambda question: answer)

    return put


@pytest.mark.parametrize(("form", "shown"), [("text", "Be kind."), ("yaml", "agents:\n  assistant:")])
def test_a_model_writes_the_prompt(written: Written, answering: Callable[[str], None], form: str, shown: str) -> None:
    answering(ANSWER)
    result = run("generate", written("role: A barber\n", "b.yaml"), "--provider", "openai", "--as", form)
    assert result.exit_code == 0 and result.stdout.startswith(shown)


def test_a_model_that_stays_wrong_is_shown_with_its_lines(written: Written, answering: Callable[[str], None]) -> None:
    answering(ANSWER.replace("instructions", "instrucions"))
    result = run("generate", written("role: A barber\n", "b.yaml"), "--provider", "openai", "--as", "yaml")
    assert result.exit_code == 1
    assert "answer:3:5" in result.output and "    3 |     instrucions: Be kind." in result.output


def test_a_model_behind_an_address_is_sent_the_metaprompt_and_then_its_mistakes(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "k-77")
    answers = [ANSWER.replace("instructions", "instrucions"), ANSWER]
    brief = written("role: A barber\nsteps: [Ask for the name]\n", "b.yaml")
    with text_api(lambda body: answers.pop(0)) as (url, requests):
        result = run("generate", brief, "--provider", "url", "--url", url, "--key-env", "MY_KEY", "--as", "text")
    assert result.exit_code == 0 and result.stdout.startswith("Be kind.")
    assert [path for path, _, _ in requests] == ["/v1/chat/completions", "/v1/chat/completions"]
    assert {headers["authorization"] for _, headers, _ in requests} == {"Bearer k-77"}
    first, second = (body["messages"][-1]["content"] for _, _, body in requests)
    assert "A barber" in first and "instrucions" in second
    assert "k-77" not in result.output


def test_a_model_that_cannot_be_reached_is_told_in_one_line(written: Written) -> None:
    result = run(
        "generate", written("role: A barber\n", "b.yaml"), "--provider", "url", "--url", "http://127.0.0.1:9/v1"
    )
    assert isinstance(result.exception, ScenarioError)
    assert "the text model cannot be asked" in result.exception.message
