"""The table of models is whole, agrees with itself, and resolves names and roles."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from realtime_scenarios.project.models import (
    ROLES,
    Life,
    Role,
    kind_of,
    model_named,
    models_of,
    resolved_model,
    successor_of,
    table,
)
from realtime_scenarios.project.models_page import page
from realtime_scenarios.realtime.session import DEFAULT_MODEL
from support import AS_OF

ENTRIES = [pytest.param(name, id=name) for name in table().models]
LIVES = [
    pytest.param(name, provider, life, id=f"{name}-{provider}")
    for name, entry in table().models.items()
    for provider, life in (("openai", entry.openai), ("azure", entry.azure))
    if life is not None
]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"


def test_the_page_of_models_is_made_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs"


def test_every_role_stands_for_models_of_its_kind() -> None:
    assert tuple(table().roles) == ROLES == get_args(Role)
    for role, choice in table().roles.items():
        assert choice.models and choice.why
        for name in choice.models:
            model = model_named(name)
            assert model is not None and model.name == name and model.kind == kind_of(role)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_model_that_answers_a_year_on(role: Role) -> None:
    named = models_of(role, on=table().checked_on + timedelta(days=365))[0]
    model = model_named(named)
    assert model is not None and not model.entry.openai.is_over(table().checked_on + timedelta(days=365))


def test_the_engine_calls_itself_by_the_model_of_the_role() -> None:
    assert resolved_model(None, "realtime") == DEFAULT_MODEL


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_says_where_it_is_from(name: str) -> None:
    entry = table().models[name]
    assert entry.sources and set(entry.sources) <= set(table().sources)
    assert all(note[0].isupper() and note.endswith(".") for note in entry.notes), "a comma cuts a flow list"
    assert not {name, *entry.aliases} & set(ROLES)


@pytest.mark.parametrize(("name", "provider", "life"), LIVES)
def test_status_and_last_day_agree(name: str, provider: str, life: Life) -> None:
    assert life.is_over(table().checked_on) == (life.status == "shut down")
    assert life.status != "deprecated" or life.shutdown is not None
    assert life.replacement is None or model_named(life.replacement) is not None


@pytest.mark.parametrize(("name", "provider", "life"), LIVES)
@pytest.mark.parametrize("day", [AS_OF, date(2027, 3, 1)])
def test_what_follows_a_model_has_a_future(name: str, provider: str, life: Life, day: date) -> None:
    model = model_named(name)
    assert model is not None
    successor = successor_of(model, provider, day)
    if life.replacement is None:
        assert successor is None
        return
    after = model_named(successor.model) if successor is not None else None
    assert after is not None and after.kind == model.kind
    until = after.life_at(provider)
    assert until is None or not (until.is_over(day) or until.is_ending(day))


def test_a_name_is_known_by_its_aliases_and_as_a_snapshot_of_its_family() -> None:
    known = {name: model.name if (model := model_named(name)) else None for name in (
        "gpt-realtime-2025-08-28", "gpt-4o-realtime-preview-2025-06-03", "gpt-5-2025-08-07", "gpt-4-0613",
        "gpt-4o-2024-05-13", "gpt-4o-mini-transcribe-2025-03-20", "gpt-5-mini", "our-model", "our-model-2025-01-01",
    )}  # fmt: skip
    assert list(known.values()) == [
        "gpt-realtime", "gpt-4o-realtime-preview", "gpt-5", "gpt-4",
        "gpt-4o-2024-05-13", "gpt-4o-mini-transcribe-2025-03-20", "gpt-5-mini", None, None,
    ]  # fmt: skip


def test_a_role_means_the_first_of_its_models_that_still_answers() -> None:
    assert resolved_model(None, "transcription") == "gpt-4o-mini-transcribe"
    assert resolved_model("transcription", "text", on=date(2027, 2, 25)) == "gpt-4o-mini-transcribe"
    assert resolved_model("transcription", "text", on=date(2027, 2, 26)) == "gpt-live-transcribe"
    assert resolved_model(None, "transcription", "azure", date(2027, 3, 1)) == "gpt-4o-mini-transcribe"
    assert resolved_model(None, "realtime", "azure", date(2031, 1, 1)) == "gpt-realtime-2.1"
    assert resolved_model("our-model", "realtime") == "our-model"


def test_a_chain_of_replacements_is_followed_to_one_that_lasts() -> None:
    snapshot = model_named("gpt-4o-mini-transcribe-2025-03-20")
    assert snapshot is not None
    early, late = (successor_of(snapshot, "openai", day) for day in (date(2026, 10, 1), date(2026, 12, 1)))
    assert early is not None and early.model == "gpt-4o-mini-transcribe" and early.written == "gpt-4o-mini-transcribe"
    assert late is not None and late.model == "gpt-live-transcribe" and late.written == "transcription"
