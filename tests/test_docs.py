"""The YAML in the README and in docs/ is what it says it is, and the pages name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from realtime_scenarios.cli.main import COMMANDS
from realtime_scenarios.compiler import compiled
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from realtime_scenarios.project.brief import read_brief, scenario_files_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support.dialogues import played

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
    if re.search(r"^scenario:", text, re.MULTILINE) and re.search(r"^agents:", text, re.MULTILINE)
]


@pytest.mark.parametrize("text", BLOCKS)
def test_a_scenario_in_the_docs_is_sound_and_its_dialogues_pass(text: str, tmp_path: Path) -> None:
    for name in re.findall(r"\{file: ([\w./]+)\}", text):
        (tmp_path / name).write_text("You know about bills.\n", encoding="utf-8")
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    project = load(path)
    assert findings(project, warnings=False) == []
    scenario = compiled(project.scenario)
    for dialogue in project.dialogues:
        provider = "scripted" if dialogue.caller is None else "offline"
        result = played(scenario, dialogue, PROVIDERS[provider], ProviderRequest())
        assert result.passed, (result.error, [verdict.message for verdict in result.failures])


def test_the_brief_in_the_docs_becomes_a_scenario_that_passes(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "briefs.md").read_text(encoding="utf-8")
    brief = tmp_path / "brief.yaml"
    brief.write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    read, found = read_brief(brief)
    assert found == [] and read is not None
    for name, text in scenario_files_of(read).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (path,) = [path for path in tmp_path.glob("*.yaml") if path != brief]
    project = load(path)
    assert findings(project, warnings=True) == [] and project.dialogues
    for dialogue in project.dialogues:
        assert played(compiled(project.scenario), dialogue, PROVIDERS["scripted"], ProviderRequest()).passed


PROGRAMS = [
    pytest.param(program, id=f"{page.name}-{number}")
    for page in PAGES
    for number, program in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_in_the_docs_runs_and_shows_something(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "bikes.yaml").write_text(re.findall(r"```yaml\n(# yaml-language-server.*?)```", page, re.DOTALL)[0])
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "program.py", "exec"), {"__name__": "__main__"})  # noqa: S102  our own page
    shown = capsys.readouterr().out

    for asked, answered in {"My brakes are broken": "HandoffRefused", "Clerk": "Booked for friday"}.items():
        assert asked not in program or answered in shown
    assert shown or "check(" in program


def test_there_are_scenarios_in_the_docs() -> None:
    assert len(BLOCKS) >= 7


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        path = page.parent / file if file else page
        assert path.exists(), target
        assert not anchor or anchor in anchors_of(path), target


def anchors_of(page: Path) -> set[str]:
    """The anchors that a page has, as GitHub makes them of its headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    slugs = [re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings]
    return set(slugs) | set(re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_a_page_exists(page: Path) -> None:
    for command in re.findall(r"`scenario ([a-z]+)\b", page.read_text(encoding="utf-8")):
        assert command in COMMANDS, command


def test_the_readme_names_every_command_and_provider() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"scenario {command}" in text for command in COMMANDS)
    assert all(f"`{provider}`" in text for provider in PROVIDERS)
