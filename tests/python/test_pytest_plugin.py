"""The pytest plug-in: which files it collects, how dialogues are chosen, and what a failure and a mistake look like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import realtime_scenarios.suite  # noqa: F401  pytester forgets what a run imports; the SDK is better imported once
from support.sounds import needs_flite

SHOP = """\
scenario: shop
start: desk
agents:
  desk:
    instructions: You sell bikes. Look prices up with price.
    tools: [price]
tools:
  price:
    description: What a bike costs.
    parameters: {bike: string}
    returns: "{{ args.bike }} costs 300 euros"
"""
GOOD = """\
scenario: ../shop.yaml
dialogues:
  - id: price-of-a-bike
    tags: [prices]
    turns:
      - user: What does the red one cost?
        agent:
          - {call: price, args: {bike: the red one}, returns: 300 euros}
          - say: It costs 300 euros.
  - id: hello
    turns:
      - user: Hello
        agent:
          - say: Hello.
"""
MORE = GOOD.replace("id: ", "id: more-")
BAD = """\
scenario: ../shop.yaml
dialogues:
  - id: price-of-a-boat
    turns:
      - user: What does the boat cost?
        agent:
          - {call: price, args: {bike: boat}, returns: 5000 euros}
          - say: It costs 5000 euros.
"""


@pytest.fixture
def shop(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a scenario and two dialogues that pass, named in its pyproject.toml."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")  # it would import hypothesis in each run anew
    written(pytester, "scenarios/shop.yaml", SHOP)
    written(pytester, "scenarios/dialogues/prices.yaml", GOOD)
    pytester.makepyprojecttoml('[tool.scenario]\npaths = ["scenarios"]\n')
    return pytester


def written(pytester: pytest.Pytester, name: str, text: str) -> Path:
    path = pytester.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_dialogues_below_the_paths_of_pyproject_are_items(shop: pytest.Pytester) -> None:
    result = shop.runpytest("-v", "scenarios")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["scenarios/dialogues/prices.yaml::price-of-a-bike PASSED*"])


def test_they_are_chosen_by_name_tag_and_file(shop: pytest.Pytester) -> None:
    shop.runpytest("-k", "hello").assert_outcomes(passed=1, deselected=1)
    shop.runpytest("-m", "prices", "--strict-markers").assert_outcomes(passed=1, deselected=1)
    shop.runpytest("scenarios/dialogues/prices.yaml::hello").assert_outcomes(passed=1)


def test_a_failure_shows_the_dialogue_and_no_python(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/dialogues/boats.yaml", BAD)
    result = shop.runpytest("scenarios")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "scenarios/dialogues/boats.yaml:7:*: 'price' returned something else: *5000 euros*",
            "    7 |           - {call: price, args: {bike: boat}, returns: 5000 euros}",
            "*>>>*returned*boat costs 300 euros",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_what_failed_last_is_played_first(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/dialogues/boats.yaml", BAD)
    shop.runpytest("scenarios")

    shop.runpytest("--lf", "scenarios").assert_outcomes(failed=1)
    shop.runpytest("-x", "scenarios").assert_outcomes(failed=1)


def test_a_mistake_is_an_error_at_collection(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/dialogues/boats.yaml", BAD.replace("call: price", "call: prize"))
    result = shop.runpytest("scenarios")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["scenarios/dialogues/boats.yaml:7:*: SC4*: tool 'prize' does not exist", "hint: did you mean 'price'?"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_mistake_in_a_scenario_keeps_all_its_dialogues_from_passing(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/shop.yaml", SHOP.replace("tools: [price]", "tools: [prize]"))

    for named in ("scenarios", "scenarios/dialogues", "scenarios/dialogues/prices.yaml"):
        result = shop.runpytest(named)
        result.assert_outcomes(errors=2 if named == "scenarios" else 1)
        result.stdout.fnmatch_lines(["scenarios/shop.yaml:*prize*does not exist"])


def test_other_yaml_is_left_alone(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/compose.yaml", "services: {web: {image: nginx}}\n")
    written(shop, "deploy/values.yaml", "scenario: of another kind\n")

    shop.runpytest("scenarios").assert_outcomes(passed=2)
    assert shop.runpytest("deploy").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    "text",
    [
        MORE.replace("scenario: ../shop.yaml\n", ""),
        MORE.replace("scenario:", "scenaro:"),
        MORE.replace("dialogues:", "dialogs:"),
        MORE.replace("dialogues:", "dialogues: ["),
        "",
        "# later\n",
        "- a list\n",
        MORE.encode("utf-16"),
        MORE.encode("utf-16-le"),
    ],
)
@pytest.mark.parametrize("named", ["scenarios", "scenarios/dialogues", "scenarios/dialogues/more.yaml"])
def test_a_broken_file_of_dialogues_is_an_error_and_not_left_out(
    shop: pytest.Pytester, text: str | bytes, named: str
) -> None:
    path = written(shop, "scenarios/dialogues/more.yaml", "")
    path.write_bytes(text.encode() if isinstance(text, str) else text)

    result = shop.runpytest(named)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["scenarios/dialogues/more.yaml:*: SC*"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    "text",
    [
        "{scenario: ../shop.yaml, dialogues: [{id: more, turns: [{user: Hi, agent: [{say: Hello.}]}]}]}\n",
        " scenario: ../shop.yaml\n dialogues:\n  - {id: more, turns: [{user: Hi, agent: [{say: Hello.}]}]}\n",
        "? scenario\n: ../shop.yaml\n? dialogues\n: - {id: more, turns: [{user: Hi, agent: [{say: Hello.}]}]}\n",
    ],
)
@pytest.mark.parametrize("place", ["scenarios/dialogues/more.yaml", "scenarios/more.yaml"])
def test_dialogues_are_items_however_their_keys_are_written(shop: pytest.Pytester, text: str, place: str) -> None:
    here = place.startswith("scenarios/dialogues")
    written(shop, place, text if here else text.replace("../shop.yaml", "shop.yaml"))

    shop.runpytest("scenarios").assert_outcomes(passed=3)
    shop.runpytest(place).assert_outcomes(passed=1)


@pytest.mark.parametrize("text", ["scenario: [x\n  y: : :\n", "scenario: x\n", "scenario: x\nagnts: {}\n"])
def test_a_scenario_that_is_half_typed_is_an_error(shop: pytest.Pytester, text: str) -> None:
    written(shop, "scenarios/half.yaml", text)

    shop.runpytest("scenarios").assert_outcomes(errors=1)


def test_a_mapping_of_another_kind_is_left_alone_also_where_it_is_named(shop: pytest.Pytester) -> None:
    written(shop, "compose.yaml", "services: {}\n")
    result = shop.runpytest("compose.yaml")

    result.assert_outcomes()
    result.stderr.fnmatch_lines(["ERROR: not found: *compose.yaml"])


@pytest.mark.parametrize("text", ["", "services: [\n", "scenario: x\nplan: y\n", "- a list\n"])
def test_a_file_that_is_named_is_an_error_where_it_may_be_meant(shop: pytest.Pytester, text: str) -> None:
    written(shop, "other.yaml", text)

    shop.runpytest("other.yaml").assert_outcomes(errors=1)


def test_without_paths_only_files_that_are_named_are_collected(shop: pytest.Pytester) -> None:
    shop.makepyprojecttoml("")

    assert shop.runpytest("scenarios").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    shop.runpytest("scenarios/dialogues/prices.yaml").assert_outcomes(passed=2)


def test_a_scenario_that_is_named_brings_its_dialogues_and_each_is_played_once(shop: pytest.Pytester) -> None:
    shop.runpytest("scenarios/shop.yaml").assert_outcomes(passed=2)
    shop.runpytest("scenarios/shop.yaml", "scenarios/dialogues/prices.yaml").assert_outcomes(passed=2)


def test_dialogues_are_shared_out_to_workers(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/dialogues/boats.yaml", BAD)

    shop.runpytest("-n", "2", "scenarios").assert_outcomes(passed=2, failed=1)


def test_another_provider_is_held_against_the_moves(shop: pytest.Pytester) -> None:
    held = GOOD.replace("          - say: Hello.\n", "          - say: Hello.\n        expect: [{not_called: price}]\n")
    written(shop, "scenarios/dialogues/prices.yaml", held)
    result = shop.runpytest("--scenario-provider", "offline", "-k", "hello")
    result.assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_unknown_provider_is_told_once_and_before_anything_is_played(shop: pytest.Pytester, workers: str) -> None:
    result = shop.runpytest("--scenario-provider", "ofline", "-n", workers)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unknown provider 'ofline'", "hint: did you mean 'offline'?"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('paths = "scenarios"', ["*no list of paths*"]),
        (
            'paths = ["scenarios", "scenarois"]',
            ["*[[]tool.scenario[]] paths in pyproject.toml: there is no scenario 'scenarois'"],
        ),
        (
            'path = ["scenarios"]',
            ["*unknown key 'path' below [[]tool.scenario[]] in pyproject.toml", "hint: did you mean 'paths'?"],
        ),
    ],
)
def test_settings_that_mean_nothing_are_a_usage_error(shop: pytest.Pytester, settings: str, told: list[str]) -> None:
    shop.makepyprojecttoml(f"[tool.scenario]\n{settings}\n")
    result = shop.runpytest("scenarios")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(told)


@pytest.mark.parametrize(
    "settings", ['[tool]\nscenario.paths = ["scenarios"]', '[tool."scenario"]\npaths = ["scenarios"]']
)
def test_the_paths_are_found_however_the_table_is_written(shop: pytest.Pytester, settings: str) -> None:
    shop.makepyprojecttoml(settings)

    shop.runpytest("scenarios").assert_outcomes(passed=2)


@pytest.mark.parametrize("name", ["scenarios/shop.yaml", "shop"])
def test_a_scenario_that_pyproject_names_brings_its_dialogues(shop: pytest.Pytester, name: str) -> None:
    shop.makepyprojecttoml(f'[tool.scenario]\npaths = ["{name}"]\n')

    shop.runpytest("scenarios").assert_outcomes(passed=2)


@pytest.mark.parametrize("paths", [["scenarios"], []])
def test_a_plug_in_that_cannot_be_loaded_is_told_without_our_code(
    shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    written(shop, "site/bad-1.0.dist-info/METADATA", "Name: bad\nVersion: 1.0\n")
    written(shop, "site/bad-1.0.dist-info/entry_points.txt", "[realtime_scenarios.plugins]\nbad = no_such_module:x\n")
    monkeypatch.setenv("PYTHONPATH", str(shop.path / "site"), prepend=os.pathsep)
    shop.makepyprojecttoml(f"[tool.scenario]\npaths = {paths}\n")

    result = shop.runpytest_subprocess("scenarios/dialogues/prices.yaml")

    told = result.stderr if paths else result.stdout
    told.fnmatch_lines(["*plug-in 'bad' of bad cannot be imported: ModuleNotFoundError*", "hint: mend or uninstall it"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    result.stdout.no_fnmatch_line("*Traceback*")


def test_collecting_does_not_load_the_sdk(shop: pytest.Pytester) -> None:
    program = "import sys, pytest; pytest.main(['--co', '-q', 'scenarios']); print('agents' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=shop.path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "False"
    assert "prices.yaml::hello" in done.stdout


def test_what_cannot_be_checked_is_skipped_with_its_reason(shop: pytest.Pytester) -> None:
    rude = GOOD.replace("  - id: hello\n", "  - id: hello\n    live: false\n    reason: nobody else is that rude\n")
    written(shop, "scenarios/dialogues/prices.yaml", rude)
    some = shop.runpytest_inprocess("--scenario-provider", "offline", "-rs", "--junit-xml=report.xml")
    some.assert_outcomes(failed=1, skipped=1)
    some.stdout.fnmatch_lines(["*nobody else is that rude*"])
    assert 'name="scenario status" value="skipped"' in (shop.path / "report.xml").read_text()

    none = shop.runpytest_inprocess("--scenario-provider", "offline", "-k", "hello")
    none.assert_outcomes(skipped=1)
    assert none.ret == pytest.ExitCode.TESTS_FAILED
    none.stdout.fnmatch_lines(["no dialogue was checked, and so nothing holds"])


ENDING = """\
scenario: ending
start: desk
agents: {desk: {instructions: Help., tools: [leave, look]}}
tools:
  leave: {description: Leave., python: "stubs:leave"}
  look: {description: Look., python: "stubs:look"}
dialogues:
  - {id: leaves, turns: [{user: hi, agent: [{call: leave}, {say: ok}]}]}
  - {id: looks, turns: [{user: hi, agent: [{call: look, returns: 8}, {say: ok}]}]}
  - {id: stays, turns: [{user: hi, agent: [{call: look, returns: 7}, {say: ok}]}]}
"""
STUBS = """\
import os


def leave():
    os._exit(0)


def look():
    print("looked around")
    return 7
"""


def test_a_dialogue_that_ends_its_process_is_a_failure_and_the_others_are_played(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/ending.yaml", ENDING)
    written(shop, "scenarios/stubs.py", STUBS)
    result = shop.runpytest("scenarios/ending.yaml")

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "scenarios/ending.yaml:8:*: stopped: its process ended with exit code 0, in turn 1 while 'leave' was at work",
            "* printed *",
            "looked around",
        ]
    )


def test_dialogues_can_be_played_in_the_process_of_pytest(shop: pytest.Pytester) -> None:
    written(shop, "scenarios/ending.yaml", ENDING)
    written(shop, "scenarios/stubs.py", STUBS.replace("print(", "print(os.getpid(), "))
    result = shop.runpytest("--scenario-in-process", "-s", "scenarios/ending.yaml::stays")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*{os.getpid()} looked around*"])


@needs_flite
def test_dialogues_are_spoken_where_that_is_asked_for_and_reports_say_what_was_heard(shop: pytest.Pytester) -> None:
    result = shop.runpytest("scenarios", "-k", "hello", "--scenario-spoken", "--junit-xml=report.xml")

    result.assert_outcomes(passed=1)
    assert "said: Hello | heard: " in (shop.path / "report.xml").read_text(encoding="utf-8")
