"""One script for several values, and what holds of all dialogues of a file."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.compiler import compiled
from realtime_scenarios.lint import findings
from realtime_scenarios.model import Dialogue
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite import failure_report
from realtime_scenarios.suite.junit import junit_xml
from realtime_scenarios.trace import ToolCalled, UserSaid
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.conversations import of
from support.dialogues import played

WEATHER = """
    scenario: weather
    start: desk
    context: {unit: {type: string, default: C}}
    agents: {desk: {instructions: You say the weather with forecast., tools: [forecast]}, night: {instructions: x}}
    tools:
      forecast:
        description: The weather.
        parameters: {city: string, days: integer}
        approval: {when: args.days > 7, fields: {pin: {label: PIN, secret: true}}}
        returns: {city: "{{ args.city }}", degrees: "{{ args.days * 6 }}"}
"""
SCRIPT = """
    dialogues:
      - id: forecast
        each: EACH
        turns:
          - user: How is it in <city>?
            agent:
              - {call: forecast, args: {city: <city>, days: <days>}, returns: {contains: '"degrees": <degrees>'}}
              - say: It has <degrees> degrees in <city>.
            expect: [{said: <degrees> degrees}, {called: {tool: forecast, args: {days: <days>}}}]
"""
CITIES = "[{city: Paris, days: 3, degrees: 18}, {city: New York, days: 4, degrees: 24}]"


def weather(written: Written, each: str = CITIES) -> Project:
    return load(written(WEATHER + SCRIPT.replace("EACH", each)))


def result_of(project: Project, dialogue: Dialogue) -> DialogueResult:
    return played(compiled(project.scenario), dialogue, PROVIDERS["scripted"], ProviderRequest())


def test_a_script_is_played_once_for_each_of_its_values(written: Written) -> None:
    project = weather(written)
    assert findings(project, warnings=False) == []

    results = [result_of(project, dialogue) for dialogue in project.dialogues]

    assert [result.dialogue.id for result in results] == ["forecast[Paris]", "forecast[New-York]"]
    assert all(result.passed for result in results), [result.failures for result in results]
    said = [event.text for result in results for event in of(result.trace, UserSaid)]
    assert said == ["How is it in Paris?", "How is it in New York?"]
    assert [event.arguments["days"] for result in results for event in of(result.trace, ToolCalled)] == [3, 4]


@pytest.mark.parametrize(
    ("each", "ids"),
    [
        ("[{days: 3, city: Paris, degrees: 18}, {days: 4, city: Rome, degrees: 24}]", ["3", "4"]),
        ("[{degrees: 18, days: 3, city: Paris}, {degrees: 18, days: 3, city: Rome}]", ["1", "2"]),
        ("[{degrees: null, days: 3, city: Paris}]", ["1"]),
        ("[{city: Nice, days: 3, degrees: 18}, {city: '???', days: 4, degrees: 24}]", ["1", "2"]),
    ],
)
def test_each_time_is_called_after_its_first_value_or_by_its_number(
    written: Written, each: str, ids: list[str]
) -> None:
    assert [dialogue.id for dialogue in weather(written, each).dialogues] == [f"forecast[{label}]" for label in ids]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("", ["forecast[Paris]", "forecast[New-York]"]),
        ("::forecast", ["forecast[Paris]", "forecast[New-York]"]),
        ("::forecast[Paris]", ["forecast[Paris]"]),
    ],
)
def test_each_time_can_be_asked_for_and_is_listed(
    written: Written, monkeypatch: pytest.MonkeyPatch, target: str, names: list[str]
) -> None:
    path = weather(written).path
    monkeypatch.chdir(path.parent)

    shown = CliRunner().invoke(cli, ["test", "--list", f"{path.name}{target}"])

    assert shown.output.splitlines() == [f"{path.name}::{name}" for name in names]


def test_a_failure_points_to_the_written_line_and_names_the_values(written: Written) -> None:
    project = weather(written, CITIES.replace("24", "23"))
    (case,) = (case for case in cases_of([project]) if case.dialogue.id == "forecast[New-York]")
    result = result_of(project, case.dialogue)

    report = list(failure_report(case, result, lambda text, tone: text))

    assert report[1] == 'played with city: "New York", days: 4, degrees: 23'
    assert report[2].startswith(f"{project.shown}:19:13: 'forecast' returned something else")
    assert 'played with city: "New York"' in junit_xml([(case, result)]).replace("&quot;", '"')


def test_what_a_person_fills_in_is_not_shown(written: Written) -> None:
    text = """
    dialogues:
      - id: long
        each: [{pin: "4711", days: 9}, {pin: "4712", days: 10}]
        turns:
          - user: Hello
            agent:
              - {call: forecast, args: {city: Rome, days: <days>}, approval: {approve: {pin: <pin>}}, returns: nothing}
"""
    project = load(written(WEATHER + text))
    case = cases_of([project])[0]
    result = result_of(project, case.dialogue)

    report = "\n".join(failure_report(case, result, lambda text, tone: text))

    assert case.dialogue.id == "long[1]" and not result.passed
    assert "played with pin: [secret], days: 9" in report and "4711" not in report


DEFAULTS = """\
scenario: ../scenario.yaml
defaults:
  tags: [quick]
  now: 2026-01-01T09:00:00Z
  agent: night
  context: {unit: F}
dialogues:
  - {id: by-the-file, turns: [{user: x, agent: [{say: y}], expect: [{agent: night}, {context: {unit: F}}]}]}
  - {id: also-by-the-file, turns: [{user: x, agent: [{say: y}]}]}
  - id: by-itself
    tags: [slow, quick]
    agent: desk
    context: {unit: K}
    now: 2026-07-01T09:00:00Z
    turns: [{user: x, agent: [{say: y}], expect: [{agent: desk}, {context: {unit: K}}]}]
"""


def test_a_file_says_what_holds_of_all_its_dialogues(written: Written) -> None:
    path = written(WEATHER)
    written(DEFAULTS, "dialogues/defaults.yaml")
    project = load(path)
    assert findings(project, warnings=False) == []

    by_the_file, _, by_itself = project.dialogues

    assert (by_the_file.tags, by_itself.tags) == (("quick",), ("quick", "slow"))
    assert [dialogue.now.month for dialogue in (by_the_file, by_itself) if dialogue.now] == [1, 7]
    assert all(result_of(project, dialogue).passed for dialogue in project.dialogues)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("agent: night", "agent: nigth", "5:10 agent 'nigth' does not exist"),
        ("{unit: F}", "{unitt: F}", "6:13 context variable 'unitt' does not exist"),
        ("{unit: F}", "{unit: 5}", "6:19 the value of 'unit' does not fit the variable"),
        ("2026-01-01T09:00:00Z", "tomorrow", "4:8 'tomorrow' is no date and time"),
        ("tags: [quick]", "tag: [quick]", "3:3 unknown key 'tag' in 'defaults'"),
    ],
)
def test_what_is_wrong_in_the_defaults_is_told_there_and_once(
    written: Written, right: str, wrong: str, told: str
) -> None:
    path = written(WEATHER)
    written(DEFAULTS.replace(right, wrong, 1), "dialogues/defaults.yaml")

    found = findings(load(path), warnings=False)

    assert [f"{one.span.line}:{one.span.column} {one.message}" for one in found] == [told]
