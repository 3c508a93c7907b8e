"""`scenario serve FILE` as people type it: what is printed, what is refused, and with a file that has mistakes."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from realtime_scenarios.cli.serving import Address
from realtime_scenarios.cli.studio import AskedStudio, _Page
from realtime_scenarios.cli.voices import AskedPart, AskedVoices
from realtime_scenarios.core import UsageError
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.studio.projects import Projects
from support import Written
from support.command_line import run
from support.studio_server import served

SCENARIO = "scenario: desk\nstart: clerk\nagents: {clerk: {name: Clerk, instructions: Help.}}\n"


@pytest.fixture
def desk(written: Written) -> Path:
    return written(SCENARIO, "desk.yaml")


def refusal_of(*command: str) -> UsageError:
    """Why a command is not done."""
    problem = run(*command).exception
    assert isinstance(problem, UsageError)
    return problem


def test_there_is_no_studio_for_other_machines_without_a_certificate(desk: Path) -> None:
    refused = refusal_of("serve", str(desk), "--host", "0.0.0.0", "--api-key-env", "KEY")
    assert refused.message.startswith("'0.0.0.0' is not this machine's own address, and the studio's token would")
    assert refused.hint is not None and refused.hint.endswith("or leave the studio out: --realtime-only")


@pytest.mark.parametrize("option", [["--public-url", "https://phone.example"], ["--approve", "refund"]])
def test_what_is_about_calls_by_telephone_is_still_refused(desk: Path, option: list[str]) -> None:
    assert refusal_of("serve", str(desk), *option).message == f"{option[0]} is about calls by telephone"


def test_without_the_studio_options_of_models_mean_nothing(desk: Path) -> None:
    refused = refusal_of("serve", str(desk), "--realtime-only", "--provider", "openai")
    assert refused.message == "--provider is about calls by telephone"


def test_a_file_with_mistakes_is_opened_and_its_mistakes_are_told(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("scenario: broken\nagents: [\n", encoding="utf-8")
    (tmp_path / "desk.yaml").write_text(SCENARIO, encoding="utf-8")
    with served(tmp_path, folder=tmp_path) as studio:
        told = {scenario["id"]: scenario for scenario in studio.ask("GET", "project").data["scenarios"]}
        assert told["desk"]["is_whole"] and not told["broken"]["is_whole"]
        finding = told["broken"]["findings"][0]
        assert (finding["severity"], finding["path"]) == ("error", "broken.yaml")


def test_open_opens_the_printed_address_in_the_browser(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    voices = AskedVoices("auto", None, AskedPart("auto"), "real", 0)
    for opens in (False, True):
        page = _Page(Projects([desk]), Address("127.0.0.1", 0), voices, AskedStudio(opens, False, None, {}), Budget())
        lines = page.lines("ws://127.0.0.1:8765/v1/realtime")
        assert lines[0].startswith("the studio:  http://127.0.0.1:8765/?t=")
    assert opened == [lines[0].split()[-1]]
