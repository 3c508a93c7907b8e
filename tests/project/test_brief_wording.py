"""The files below `prompts/brief/`, held to the code: nothing is missing in them, and nothing is there for nobody."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import resource_folder
from realtime_scenarios.document.schema import schema
from realtime_scenarios.project import brief as writing
from realtime_scenarios.project.brief import Brief, BriefTool, Step, qualities
from realtime_scenarios.project.brief.kinds import Kind, Kinds, all_kinds, kind_of
from realtime_scenarios.project.brief.model import Part
from realtime_scenarios.project.brief.sentences import state_texts
from realtime_scenarios.project.brief.temperament import Temperament, temperament_of, voices
from realtime_scenarios.project.brief.wording import data_in
from realtime_scenarios.project.prompts import HEADINGS

FOLDER = resource_folder("prompts") / "brief"
CODE = Path(writing.__file__).parent

IN_THEIR_OWN_WORDS = [
    "Ask about the caller's plans",
    "Ask for a menu",
    "Ask whether they are new here",
    "Collect the keys",
    "Offer a refund",
    "Recommend a board",
    "Explain the fees",
    "Say that calls are recorded",
    "Tell the caller the price",
    "Check the calendar",
    "Confirm the order",
    "Guide the patient through the form",
    "Book a table",
    "Listen",
    "Breathe in",
    "Breathe out",
    "Find out more",
    "Suggest a colour",
]


def texts_in(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in data, with the path of keys and indexes to it."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for at, item in enumerate(data):
            yield from texts_in(item, f"{path}/{at}")
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from texts_in(value, f"{path}/{key}")


def data_files() -> dict[str, Any]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yaml")}


def briefs() -> Iterator[Brief]:
    """Briefs that between them give every sentence an occasion."""
    for kind in (*all_kinds().kinds, None):
        name = kind.words[0] if kind else "mood"
        yield Brief(role="x", steps=(Step("Take it down", (name,)), Step("Note it", (name,))))
    for voice in voices().values():
        yield Brief(role=voice.words.split()[0], company="Acme", steps=(Step("Greet the caller"), Step("Say good-bye")))
        yield Brief(role=voice.words.split()[0])
    for word in writing.filler_words():
        yield Brief(role="x", qualities={**dict.fromkeys(qualities(), "dry"), "filler_words": word})
    tool = BriefTool("book", "Book it", {})
    yield Brief(role="x", tools=(tool,), steps=tuple(Step("Do it", (), tool="book") for _ in range(6)))
    yield Brief(role="x", tools=(tool,), steps=(Step("Do it", ("mood", "size"), verify=True, tool="book"),))
    yield Brief(role="x", steps=tuple(Step("Do it", ("mood",), verify=True) for _ in range(4)))
    yield Brief(role="x", steps=(Step("Do it", ("mood",)), Step("Sum up", verify=True)))
    yield Brief(role="x", steps=(Step("Sum up", verify=True),), ending="pharmacist")
    yield Brief(role="x", steps=(Step("Do it", ("mood",)),), ending="pharmacist")
    yield Brief(role="x", steps=tuple(Step(text) for text in IN_THEIR_OWN_WORDS))
    yield Brief(role="x", steps=(Step("Breathe"), Step("Breathe")))


@functools.cache
def everything_said() -> str:
    """Every text of every scenario that is made of the briefs, and all that a person is asked who has no brief."""
    made = [yaml.safe_load(text) for brief in briefs() for text in writing.scenario_files_of(brief).values()]
    personalities = [writing.personality_of(brief) for brief in briefs()]
    answers = [f"{voice.words.split()[0]}\n\n\n" + "\n" * 12 for voice in voices().values()]
    asked = [CliRunner().invoke(cli, ["prompt", "generate"], input=text).stderr for text in answers]
    return "\n".join([*(text for _, text in texts_in([*made, *personalities])), *asked])


def is_said(text: str) -> bool:
    """Whether the text is said, with whatever in its holes."""
    pieces = re.split(r"\{\w+\}", text.strip())
    return re.search(".*?".join(map(re.escape, pieces)), everything_said(), re.DOTALL) is not None


def test_every_file_is_asked_for_and_every_file_that_is_asked_for_is_there() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CODE.glob("*.py"))
    asked_for = {f"{name}.yaml" for name in re.findall(r'data_in\("(\w+)"', code)}
    asked_for |= {f"{name}.md.j2" for name in re.findall(r'rendered\(\s*"brief/(\w+)"', code)}

    assert asked_for == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("name", data_files())
def test_every_sentence_has_its_occasion(name: str) -> None:
    for_code = re.compile(r"/(words|verb|step|spoken)(/\d+)?$")
    unsaid = [path for path, text in texts_in(data_files()[name]) if not for_code.search(path) and not is_said(text)]

    assert unsaid == []


def test_what_is_missing_and_what_nobody_asks_for_is_told() -> None:
    kind = msgspec.to_builtins(all_kinds().otherwise)
    for wrong in ({"askk": "?"} | kind, {key: text for key, text in kind.items() if key != "ask"}):
        with pytest.raises(msgspec.ValidationError, match="ask"):
            msgspec.convert({"kinds": [], "otherwise": wrong}, Kinds)
    assert data_in("kinds", Kinds) == all_kinds()


def test_the_names_in_the_data_are_those_in_the_code() -> None:
    temperaments = set(get_args(Temperament))

    assert voices().keys() == temperaments
    assert state_texts().parts.keys() == set(get_args(Part))
    assert list(qualities()) == list(HEADINGS) == list(schema("scenario")["$defs"]["personality"]["properties"])
    assert all(quality.options.keys() in (set(), temperaments) for quality in qualities().values())


def test_the_words_for_fillers_are_those_of_the_schema() -> None:
    allowed = schema("scenario")["$defs"]["personality"]["properties"]["filler_words"]["enum"]

    assert list(writing.filler_words()) == allowed
    assert {option.text for option in qualities()["filler_words"].ordered("plain")} <= set(allowed)


@pytest.mark.parametrize("kind", all_kinds().kinds, ids=lambda kind: kind.words[0])
def test_every_word_of_a_kind_leads_to_it(kind: Kind) -> None:
    assert [word for word in kind.words if kind_of(word) is not kind] == []
    assert kind.spoken in (None, *schema("scenario")["$defs"]["prompt"]["properties"]["spoken"]["items"]["enum"])


@pytest.mark.parametrize("name", get_args(Temperament))
def test_every_word_of_a_temperament_calls_for_it(name: Temperament) -> None:
    assert [word for word in voices()[name].words.split() if temperament_of(word) != name] == []
