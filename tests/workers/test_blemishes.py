"""What a dialogue left behind in its process."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_scenarios.session import Conversation
from realtime_scenarios.workers import blemishes
from realtime_scenarios.workers.blemishes import Watch


@pytest.fixture(autouse=True)
def no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has children, as the workers of `tests/suite/test_supervisor.py` have when they should not."""
    monkeypatch.setattr(blemishes, "_child_left", lambda but: "")


def test_a_process_that_is_as_it_was_has_no_blemish() -> None:
    assert Watch().blemish(code=True) == ""


def test_a_thread_that_goes_on_is_one_and_a_thread_that_ends_is_none() -> None:
    watch, over = Watch(), threading.Event()
    thread = threading.Thread(target=over.wait, name="endless", daemon=True)
    thread.start()
    assert watch.blemish(code=False) == "the thread 'endless' still runs"
    over.set()
    assert watch.blemish(code=False) == ""


@pytest.mark.parametrize(
    ("owner", "name", "told"),
    [(json, "dumps", "'json' is changed"), (Conversation, "interrupt", "'realtime_scenarios.session.conversation.")],
)
def test_a_function_of_a_module_or_a_class_that_is_replaced_is_one(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, told: str
) -> None:
    watch = Watch()
    monkeypatch.setattr(owner, name, lambda *_: None)
    assert watch.blemish(code=True).startswith(told)
    assert watch.blemish(code=False) == ""  # nobody who could have done it has run


def test_what_is_added_to_a_module_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    monkeypatch.setattr(json, "extra", print, raising=False)
    assert watch.blemish(code=True) == ""


def test_a_function_that_is_gone_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    monkeypatch.delattr(json, "loads")
    assert watch.blemish(code=True) == "'json' is changed"


def _elsewhere(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.chdir(folder)


def _with_a_variable(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setenv("OF_AN_AUTHOR", "1")


def _with_a_path(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.syspath_prepend(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_elsewhere, "the folder it works in is changed"),
        (_with_a_variable, "its environment is changed"),
        (_with_a_path, "'sys.path' is changed"),
    ],
)
def test_what_all_code_of_a_process_shares_is_to_stay_as_it_is(
    change: Callable[[pytest.MonkeyPatch, Path], None], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watch = Watch()
    change(monkeypatch, tmp_path)
    assert watch.blemish(code=True) == told
    assert watch.blemish(code=False) == ""
    watch.settle()
    assert watch.blemish(code=True) == ""
