"""Settings that a model does not have: which names are looked up, and at which provider."""

from __future__ import annotations

import pytest

from realtime_scenarios.lint import findings, settings
from realtime_scenarios.project import load
from realtime_scenarios.project.models import Capabilities, Entry, Life, Model
from support import Written

HEAD = "scenario: shop\nstart: main\nagents: {main: {instructions: Be brief.}}\n"


def codes(written: Written, rest: str) -> list[str]:
    return [diagnostic.code for diagnostic in findings(load(written(HEAD + rest)), warnings=True)]


@pytest.mark.parametrize("name", ["gpt-realtime-3", "my-own-voice", "voice-east"])
def test_names_that_nobody_knows_are_let_through(written: Written, name: str) -> None:
    wanted = f"{{model: {name}, reasoning: {{effort: xhigh}}, transcription: {{model: {name}, keywords: [Renfe]}}}}"
    assert codes(written, f"session: {wanted}\n") == []


@pytest.mark.parametrize(("provider", "expected"), [("openai", ["SC810"]), ("azure", ["SC810"]), ("url", [])])
def test_names_are_not_looked_up_behind_any_other_server(written: Written, provider: str, expected: list[str]) -> None:
    more = {"url": ", url: ws://127.0.0.1:9", "azure": ", deployment: voice"}.get(provider, "")
    text = f"provider: {{name: {provider}{more}}}\nsession: {{model: gpt-realtime-1.5, reasoning: {{effort: low}}}}\n"
    assert codes(written, text) == expected


@pytest.mark.parametrize(("provider", "expected"), [("openai", []), ("azure", ["SC811"])])
def test_the_highest_effort_is_not_azures(written: Written, provider: str, expected: list[str]) -> None:
    text = f"provider: {provider}\nsession: {{model: gpt-realtime-2.1, reasoning: {{effort: xhigh}}}}\n"
    assert codes(written, text) == expected


def test_a_role_has_the_settings_of_the_model_that_it_stands_for(written: Written) -> None:
    assert codes(written, "session: {model: realtime-mini, reasoning: {effort: low}}\n") == []
    assert codes(written, "session: {transcription: {model: transcription, keywords: [Renfe]}}\n") == ["SC812"]


def test_a_model_that_nobody_wrote_is_the_default_one(written: Written) -> None:
    assert codes(written, "session: {reasoning: {effort: low}, parallel_tool_calls: true}\n") == []


def test_one_language_and_several_do_not_go_together(written: Written) -> None:
    text = "session: {language: en, transcription: {model: gpt-transcribe, languages: [en, de]}}\n"
    assert codes(written, text) == ["SC147"]


@pytest.mark.parametrize(("taken", "expected"), [(True, []), (False, ["SC810"]), (None, ["SC816"])])
def test_a_setting_is_refused_where_the_table_says_no_and_doubted_where_it_says_nothing(
    written: Written, monkeypatch: pytest.MonkeyPatch, taken: bool | None, expected: list[str]
) -> None:
    entry = Entry(kind="realtime", openai=Life(), sources=(), capabilities=Capabilities(noise_strength=taken))
    monkeypatch.setattr(settings, "model_named", lambda name: Model(name, entry))
    assert codes(written, "session: {noise_reduction: {type: far_field, strength: 0.5}}\n") == expected
    assert codes(written, "session: {noise_reduction: far_field}\n") == []
