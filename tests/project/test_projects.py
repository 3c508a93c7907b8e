"""What people type, and the scenarios and dialogues that they get."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.project import find_scenario, load, load_dialogues, projects_at
from realtime_scenarios.project.reference import reference
from support import Written

ROOT = Path(__file__).parent.parent.parent
SHOP = "scenario: shop\nstart: main\nagents: {main: {instructions: Be brief.}}\n"
HELLO = "scenario: ../shop.yaml\ndialogues: [{id: hello, turns: [{user: Hello}]}]\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "dialogues").mkdir()
    (tmp_path / "dialogues" / "hello.yaml").write_text(HELLO)
    (tmp_path / "shop.yaml").write_text(SHOP + "dialogues: [{id: inline, turns: [{user: Hi}]}]\n")
    return tmp_path


@pytest.mark.parametrize("name", ["shop", "shop.yaml", "./shop.yaml", "."])
def test_a_scenario_is_found_by_name_file_and_folder(shop: Path, name: str) -> None:
    assert find_scenario(name, shop).resolve() == shop / "shop.yaml"


@pytest.mark.parametrize("place", ["scenarios/shop.yaml", "scenarios/shop/shop.yaml"])
@pytest.mark.parametrize("name", ["shop", "shop.yaml"])
def test_a_scenario_is_found_in_the_folder_of_scenarios(tmp_path: Path, place: str, name: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(SHOP)

    assert find_scenario(name, tmp_path).resolve() == path


@pytest.mark.parametrize("name", ["airline", "airline.yaml"])
def test_the_examples_are_found_from_anywhere(tmp_path: Path, name: str) -> None:
    assert find_scenario(name, tmp_path).name == "airline.yaml"


def test_an_unknown_scenario_is_answered_with_the_nearest_one(shop: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_scenario("shpo.yaml", shop)

    assert caught.value.hint == "did you mean 'shop.yaml'?"


def test_a_folder_with_several_scenarios_asks_which_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(SHOP)

    with pytest.raises(UsageError) as caught:
        find_scenario(".", tmp_path)

    assert caught.value.hint == "name one of them: one.yaml, two.yaml"


def test_a_project_has_the_dialogues_in_its_file_and_beside_it(shop: Path) -> None:
    project = load(shop / "shop.yaml")

    assert project.errors == []
    assert [dialogue.id for dialogue in project.dialogues] == ["inline", "hello"]


def test_dialogues_about_another_scenario_are_left_to_it(shop: Path) -> None:
    (shop / "other.yaml").write_text(SHOP)

    assert load(shop / "other.yaml").dialogues == ()


def test_a_dialogue_file_finds_its_scenario(shop: Path) -> None:
    (project,) = projects_at(["dialogues/hello.yaml"], shop)

    assert project.path == shop / "shop.yaml"
    assert [dialogue.id for dialogue in project.dialogues] == ["hello"]


def test_a_dialogue_file_without_its_scenario_says_so(shop: Path) -> None:
    (shop / "dialogues" / "lost.yaml").write_text(HELLO.replace("shop.yaml", "shpo.yaml"))

    file = load_dialogues(shop / "dialogues" / "lost.yaml")

    assert [(diagnostic.name, diagnostic.hint) for diagnostic in file.diagnostics] == [
        ("no-such-file", "did you mean '../shop.yaml'?")
    ]
    assert [diagnostic.name for diagnostic in load(shop / "shop.yaml").errors] == ["no-such-file"]


def test_nothing_typed_means_every_scenario_and_stray_dialogue_below(shop: Path) -> None:
    (shop / "more").mkdir()
    (shop / "more" / "stray.yaml").write_text(HELLO.replace("hello", "stray"))

    found = [dialogue.id for project in projects_at([], shop) for dialogue in project.dialogues]

    assert found == ["inline", "hello", "stray"]


@pytest.mark.parametrize(
    "text",
    [
        "scenario: [x\n  y: : :\n",
        "scenario: x\n",
        "scenario: x\nagnts: {}\n",
        "scenario: x\ntools: {}\n",
        "{scenario: x, agents: [",
        " scenario: x\n agents: {}\n",
        "scenario: shop.yaml\n",
        "start: x\nagents: {}\n",
        "scenario: x\n" + "# a long remark\n" * 150_000,
    ],
)
def test_a_file_below_a_folder_that_is_half_typed_has_its_mistakes(shop: Path, text: str) -> None:
    (shop / "half.yaml").write_text(text)

    told = {found.span.file for project in projects_at(["."], shop) for found in project.errors}

    assert {Path(file).name for file in told} == {"half.yaml"}


@pytest.mark.parametrize(
    "text",
    [
        "services: {scenario: x}\n",
        "scenario: x\nplatforms: []\n",
        "- scenario: x\n",
        "{{ x }}\nx:\n  scenario: {{ x }}\n",
    ],
)
def test_files_of_other_tools_are_no_scenarios(shop: Path, text: str) -> None:
    (shop / "other.yaml").write_text(text)

    assert [project.path.name for project in projects_at(["."], shop)] == ["shop.yaml"]


def test_a_half_typed_file_in_dialogues_belongs_to_the_scenario_beside_it(shop: Path) -> None:
    (shop / "dialogues" / "half.yaml").write_text("scenario: x\ndialogs: []\n")

    (project,) = projects_at(["."], shop)

    assert {Path(found.span.file).name for found in project.errors} == {"half.yaml"}


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        (
            "paths = ['shpo.yaml']",
            "[tool.scenario] paths in pyproject.toml: there is no scenario",
            "did you mean 'shop.yaml'?",
        ),
        ("path = ['.']", "unknown key 'path' below [tool.scenario]", "did you mean 'paths'?"),
    ],
)
def test_what_pyproject_says_in_vain_is_told_with_where_it_stands(
    shop: Path, settings: str, message: str, hint: str
) -> None:
    (shop / "pyproject.toml").write_text(f"[tool.scenario]\n{settings}\n")

    with pytest.raises(UsageError) as caught:
        projects_at([], shop)

    assert caught.value.message.startswith(message)
    assert caught.value.hint == hint


def test_a_scenario_with_mistakes_has_them_and_no_scenario(shop: Path) -> None:
    (shop / "shop.yaml").write_text(SHOP + "titel: x\n")
    project = load(shop / "shop.yaml")

    assert [diagnostic.name for diagnostic in project.diagnostics] == ["unknown-key"]
    assert project.built is None
    with pytest.raises(UsageError):
        project.scenario  # noqa: B018


def test_the_reference_in_the_docs_is_the_one_of_the_schemas() -> None:
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")

    assert written == reference(), "run: python -m realtime_scenarios.project.reference"


def test_reading_a_good_scenario_loads_nothing_heavy() -> None:
    heavy = "('agents', 'openai', 'pydantic', 'jsonschema', 'jinja2', 'sqlite3', 'asyncio')"
    code = (
        "import sys; from pathlib import Path; from realtime_scenarios.project import load;"
        "project = load(Path('scenarios/airline/airline.yaml'));"
        "assert project.errors == [] and project.dialogues;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_mistakes_in_a_file_of_rows_are_shown_where_the_file_is(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written("- {id: 1, id: 2}\n", "shop/rows.yaml")
    shop = written(
        """\
        scenario: shop
        start: desk
        agents: {desk: {instructions: Help.}}
        data: {orders: {rows: {file: rows.yaml}}}
        """,
        "shop/shop.yaml",
    )
    monkeypatch.chdir(tmp_path)

    assert [str(found.span) for found in load(shop).diagnostics] == ["shop/rows.yaml:1:11"]
