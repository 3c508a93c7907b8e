"""What a model reads now against what it read in a revision of git."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.studio.revisions import Revisions
from support.repository import committed, git
from support.studio_server import StudioServer, served

SCENARIO = """\
scenario: desk
start: main
agents:
  main: {name: Main Agent, instructions: {file: main.md}, tools: [look_up]}
tools:
  look_up: {description: Looks something up., returns: Found.}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario in a folder of a repository, with two commits, and changes that are in none."""
    top = tmp_path_factory.mktemp("repository")
    home = top / "desk"
    home.mkdir()
    (home / "desk.yaml").write_text(SCENARIO)
    (home / "main.md").write_text("Help the caller.\nBe short.\n")
    committed(top, "Have a desk")
    (home / "main.md").write_text("Help the caller.\nBe kind.\n")
    committed(top, "Be kind")
    (home / "main.md").write_text("Help the caller.\nBe kind and quick.\n")
    (home / "desk.yaml").write_text(SCENARIO.replace("something up", "things up"))
    (home / "new.yaml").write_text(SCENARIO.replace("scenario: desk", "scenario: new"))
    return home


@pytest.fixture(scope="module")
def studio(home: Path) -> Iterator[StudioServer]:
    with served("desk.yaml", folder=home) as studio:
        yield studio


def then(studio: StudioServer, revision: str = "", **asked: Any) -> Any:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return studio.ask("GET", f"prompt/then?scenario=desk&revision={revision}{more}").data


def test_the_prompt_of_a_revision_is_that_of_its_files_and_now_is_that_of_the_disk(
    studio: StudioServer, home: Path
) -> None:
    now = studio.ask("GET", "prompt?scenario=desk").data
    assert "Be kind and quick." in now["instructions"]
    head, before = then(studio), then(studio, "HEAD~1")
    assert "Be kind.\n" in f"{head['instructions']}\n" and "Be short." in before["instructions"]
    assert head["about"].endswith(": Be kind") and before["about"].endswith(": Have a desk")
    assert [tool["description"] for tool in head["tools"]] == ["Looks something up."]
    assert [tool["description"] for tool in now["tools"]] == ["Looks things up."]
    assert git(home, "status", "--porcelain").splitlines() == [
        " M desk/desk.yaml",
        " M desk/main.md",
        "?? desk/new.yaml",
    ]


def test_what_was_not_there_yet_is_told_and_what_is_no_revision(studio: StudioServer) -> None:
    missing = then(studio, "nothing")
    assert missing["problem"]["message"] == "git knows no revision 'nothing'"
    assert then(studio, "--output=x")["problem"]["message"] == "'--output=x' is no revision"
    assert then(studio, agent="bills")["there"] is False
    assert then(studio, state="first")["there"] is False


def test_a_scenario_that_came_later_is_in_no_revision_and_a_folder_may_be_in_no_repository(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "desk.yaml").write_text(SCENARIO)
    revisions = Revisions()
    with pytest.raises(UsageError, match=r"there was no 'new.yaml' in 'HEAD'"):
        revisions.scenario(home / "new.yaml", "HEAD")
    with pytest.raises(UsageError, match="is in no git repository"):
        revisions.scenario(tmp_path / "desk.yaml", "HEAD")
    assert (
        revisions.scenario(home / "desk.yaml", "main").scenario
        is revisions.scenario(home / "desk.yaml", "HEAD").scenario
    )
    revisions.close()
