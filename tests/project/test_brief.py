"""Briefs of voice agents, and the prompts, YAML and scenarios that are made of them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from realtime_scenarios.document import check, read_text
from realtime_scenarios.document.schema import schema
from realtime_scenarios.project import brief as writing
from realtime_scenarios.project.brief import (
    Brief,
    Step,
    generated_by_model,
    prompt_text,
    read_brief,
    read_brief_text,
)
from realtime_scenarios.project.prompts import HEADINGS
from support import Written

BRIEFS = Path(__file__).parent / "briefs"
NAMES = ["snowboard", "meditation", "pharmacy"]

ANSWER = """\
Here it is:
```yaml
context:
  first_name: {type: string}
agents:
  mia:
    instructions: |
      - One question at a time.
    states_mode: tracked
    states:
      - id: greeting
        description: Say hello.
        transitions: [{to: name, when: They answered.}]
      - id: name
        description: Ask for the name.
        collect: [first_name]
        terminal: true
```
"""
MIA = Brief(role="A front desk agent", name="Mia", steps=(Step("Say hello"), Step("Ask for the name", ("first_name",))))


class Model:
    """Gives prepared answers and keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, text: str) -> str:
        self.asked.append(text)
        return self.answers[len(self.asked) - 1]


def brief_named(name: str) -> Brief:
    brief, mistakes = read_brief(BRIEFS / f"{name}.yaml")
    assert brief is not None, mistakes
    return brief


def states_in(prompt: str) -> list[dict[str, Any]]:
    states: list[dict[str, Any]] = json.loads(prompt.split("# Conversation States\n")[1])
    return states


def is_expected(path: Path, text: str) -> bool:
    if os.environ.get("UPDATE_CASES"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", NAMES)
def test_a_brief_becomes_the_prompt_that_is_on_file(name: str) -> None:
    assert is_expected(BRIEFS / f"{name}.expected.txt", prompt_text(brief_named(name)))


def test_a_brief_becomes_the_agent_that_is_on_file() -> None:
    text = writing.agents_yaml(brief_named("pharmacy"))
    assert is_expected(BRIEFS / "pharmacy.agents.expected.txt", text)
    document, mistakes = read_text(text + "scenario: x\nstart: ward_pharmacy_line\n", "x")
    assert document is not None and not mistakes and not check(document, "scenario")


@pytest.mark.parametrize("name", NAMES)
def test_sections_stand_in_the_order_of_the_metaprompt(name: str) -> None:
    headings = re.findall(r"^#+ (.+)$", prompt_text(brief_named(name)), re.MULTILINE)
    last = ["Conversation States"] if brief_named(name).steps else []
    assert headings == ["Personality and Tone", *HEADINGS.values(), "Instructions", *last]


def test_without_steps_there_are_no_states_anywhere() -> None:
    brief = brief_named("meditation")
    files = writing.scenario_files_of(brief)
    for text in (prompt_text(brief), writing.agents_yaml(brief), *files.values(), writing.metaprompt(brief)):
        assert "Conversation States" not in text
        assert "states:" not in text and "next_step" not in text


@pytest.mark.parametrize("name", ["snowboard", "pharmacy"])
def test_states_are_whole_and_say_nothing_twice(name: str) -> None:
    brief = brief_named(name)
    states = states_in(prompt_text(brief))
    ids = [state["id"] for state in states]
    assert all(name.startswith(f"{number}_") for number, name in enumerate(ids, 1))
    for key in ("instructions", "examples"):
        said = [text for state in states for text in state[key]]
        assert all(state[key] for state in states)
        assert len(said) == len(set(said))
    exits = {"transfer_to_pharmacist"} if brief.heir else set()
    for state, following in zip(states, [*ids[1:], *exits], strict=False):
        assert [edge["next_step"] for edge in state["transitions"]] == [following]
        assert all(edge["condition"] for edge in state["transitions"])


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("phone number", "digit by digit"),
        ("email", "one character at a time"),
        ("last name", "spelling"),
        ("date of birth", "month as a word"),
        ("order number", "one character after the other"),
        ("password", "without reading it aloud"),
    ],
)
def test_what_a_step_collects_is_read_back_in_its_own_way(label: str, told: str) -> None:
    brief = Brief(role="x", steps=(Step("Take it down", (label.replace(" ", "_"),)),))
    state, _ = states_in(prompt_text(brief))
    assert any(told in line for line in state["instructions"])
    assert len(state["examples"]) >= 2


@pytest.mark.parametrize(
    ("text", "collected"),
    [
        ("Ask for the caller's first name and phone number", ("first_name", "phone_number")),
        ("Get their e-mail address", ("e_mail_address",)),
        ("Ask what they are planning", ()),
        ("Tell them their order number", ()),
    ],
)
def test_a_step_in_words_collects_what_it_asks_for(text: str, collected: tuple[str, ...]) -> None:
    assert writing.step_of(text).collect == collected


def test_a_secret_is_declared_as_one() -> None:
    brief = Brief(role="x", steps=(Step("Take it down", ("card_pin",)),))
    assert writing.context_of(brief)["card_pin"]["secret"] is True


def test_many_steps_with_the_same_words_have_ids_and_texts_of_their_own() -> None:
    steps = tuple(Step("Ask for a name", ("name",)) for _ in range(12))
    states = writing.states_of(Brief(role="x", steps=steps))
    assert len({state["id"] for state in states}) == len(states) == 12 + 1
    assert all(state["instructions"] and state["examples"] for state in states)


def test_a_few_words_about_a_quality_are_kept_and_made_useful() -> None:
    texts = writing.personality_of(Brief(role="x", qualities={"tone": "dry"}))
    assert texts["tone"].startswith("Dry. ") and len(texts["tone"].split()) > 8


def test_words_that_look_like_templates_are_said_as_they_are() -> None:
    from realtime_scenarios.model import build_scenario
    from realtime_scenarios.project.prompts import prompt_of

    said = "Says {{ boo }} and {% if %} and {# so #}"
    brief = Brief(role=said, name="Al", steps=(Step(said), Step(f"Ask: {said}", ("name",))))
    document, _ = read_text(writing.scenario_files_of(brief)["al.yaml"], "al.yaml")
    assert document is not None
    scenario, mistakes = build_scenario(document)
    assert scenario is not None, mistakes
    text = prompt_of(scenario.agents["al"], scenario, {"context": {}, "now": None})
    assert "{{ boo }} and {% if %} and {# so #}" in text
    assert f"{said}." in text and f"Ask: {said}." in text


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: x\n", 1, "'role'"),
        ("role: x\nstep: [a]\n", 2, "unknown key 'step'"),
        ("role: x\npersonality: {filler_words: sometimes}\n", 2, "sometimes"),
        ("role: x\nsteps:\n  - {step: a, tool: find}\n", 3, "tool 'find' does not exist"),
        ("role: x\ntools:\n  - {name: a, description: x}\n  - {name: a, description: x}\n", 4, "second tool"),
        ("role: x\ntools: [{name: a, description: x, parameters: {b: strin}}]\n", 2, "strin"),
        ("- role\n", 1, "mapping"),
        ("role: [\n", 1, "the list in [...] that opens here is not closed"),
    ],
)
def test_a_mistake_in_a_brief_is_shown_where_it_stands(text: str, line: int, message: str) -> None:
    brief, mistakes = read_brief_text(text, "b.yaml")
    assert brief is None
    assert mistakes[0].span.line == line and message in mistakes[0].message


def test_the_docs_name_every_key_of_a_brief() -> None:
    page = (Path(__file__).parents[2] / "docs" / "briefs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+`[^|]*) \|", page.split("| key |")[1].split("\n\n")[0], re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row)} == schema("brief")["properties"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_brief_survives_being_written_out(name: str) -> None:
    brief = brief_named(name)
    again, mistakes = read_brief_text(writing.as_yaml(writing.brief_data(brief)), "again")
    assert not mistakes and again == brief


@pytest.mark.parametrize("form", ["text", "yaml"])
@pytest.mark.parametrize("name", NAMES)
def test_the_metaprompt_holds_the_brief_and_what_it_asks_for(name: str, form: Any) -> None:
    brief = brief_named(name)
    text = writing.metaprompt(brief, form=form)
    inside = text.split("<brief>\n")[1].split("</brief>")[0]
    assert yaml.safe_load(inside) == writing.brief_data(brief)
    positions = [text.index(heading) for heading in HEADINGS.values() if heading != "Tone"]
    assert positions
    assert ("next_step" in text) is (bool(brief.steps) and form == "text")


def test_a_good_answer_of_a_model_is_taken_as_it_is() -> None:
    model = Model(ANSWER)
    answer = generated_by_model(MIA, model)
    assert not answer.diagnostics and len(model.asked) == 1
    assert list(answer.agents) == ["mia"] and "first_name" in answer.context
    assert answer.prompt.startswith("- One question at a time.") and "Conversation States" in answer.prompt


def test_a_model_is_told_its_mistakes_once_and_may_mend_them() -> None:
    model = Model(ANSWER.replace("to: name", "to: nmae"), ANSWER)
    answer = generated_by_model(MIA, model)
    assert not answer.diagnostics and len(model.asked) == 2
    assert "state 'nmae' does not exist (did you mean 'name'?)" in model.asked[1]


@pytest.mark.parametrize(
    ("wrong", "line", "message"),
    [
        (ANSWER.replace("instructions", "instrucions"), 5, "instrucions"),
        (
            ANSWER.replace("collect: [first_name]", "collect: [surname]"),
            14,
            "context variable 'surname' does not exist",
        ),
        (ANSWER.replace("  mia:", "  mia2:"), 4, "no agent 'mia'"),
        (ANSWER.replace("- One", "- {{ oops }} One"), 4, "cannot be rendered"),
        ("I would rather not.", 1, "mapping"),
    ],
)
def test_mistakes_that_stay_are_reported_at_their_line_of_the_answer(wrong: str, line: int, message: str) -> None:
    answer = generated_by_model(MIA, Model(wrong, wrong))
    assert answer.diagnostics and not answer.agents and not answer.prompt
    assert any(found.span.line == line and message in found.message for found in answer.diagnostics)


def test_an_answer_of_a_model_becomes_a_scenario_that_begins_with_the_agent_of_the_brief(written: Written) -> None:
    helper = "  helper:\n    name: Helper\n    instructions: Help.\n"
    bare = re.sub(r"\n +examples:\n(?: +- .*\n)+", "\n", ANSWER)
    text = bare.replace("agents:\n", f"agents:\n{helper}")
    answer = generated_by_model(MIA, Model(text, text))
    assert not answer.diagnostics, answer.diagnostics
    files = writing.scenario_files_of(MIA, answer.agents, answer.context)
    document, mistakes = read_text(files["mia.yaml"], "mia.yaml")
    assert document is not None and not [*mistakes, *check(document, "scenario")]
    assert document.data["start"] == "mia"


def test_a_model_may_not_make_up_tools() -> None:
    text = ANSWER.replace("agents:\n", "tools:\n  extra: {description: More.}\nagents:\n").replace(
        "  mia:\n", "  mia:\n    tools: [extra]\n"
    )
    answer = generated_by_model(MIA, Model(text, text))
    assert "tool 'extra' does not exist" in [diagnostic.message for diagnostic in answer.diagnostics]


@pytest.mark.parametrize("role", ["A fitness studio", "A mindfulness coach", "A kids club", "A gym with bikes"])
def test_words_that_end_in_s_are_understood(role: str) -> None:
    assert Brief(role=role).temperament != "plain"


def test_a_step_that_is_called_closing_is_a_step_like_any_other() -> None:
    brief = Brief(role="x", steps=(Step("Closing the books"), Step("Ask for the name", ("name",))))
    states = writing.states_of(brief)
    assert states[0]["description"] == "Closing the books." and "good-bye" not in str(states[0])
    assert states[-1]["description"] == "The call comes to a friendly end."


def test_a_model_may_not_make_up_states() -> None:
    brief = Brief(role="A front desk agent", name="Mia")
    answer = generated_by_model(brief, Model(ANSWER, ANSWER))
    assert [diagnostic.message for diagnostic in answer.diagnostics] == [
        "there are states, but the brief names no steps"
    ]
