"""Tests of promptfoo as dialogues: its prompts say what callers say, its assertions what is expected.

The form is that of `TestSuiteConfig` of promptfoo 0.121.20: `prompts`, `tests`, `defaultTest`, `scenarios`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.document import Place
from realtime_scenarios.importers.assertions import Expected, expected_of, words_for
from realtime_scenarios.importers.exports import Told, Variables, items_at, mapping_at, places_in, text_at
from realtime_scenarios.importers.found import Found, FoundAgent, FoundDialogue, Tests
from realtime_scenarios.importers.promptfoo_files import items_of_file, text_of_file
from realtime_scenarios.importers.promptfoo_prompts import Message, Prompt, prompts_at
from realtime_scenarios.templates import Template

_OF_A_CONFIG = frozenset(
    ["$schema", "description", "prompts", "providers", "targets", "tests", "defaultTest", "scenarios"]
)
_OF_A_TEST = frozenset(["description", "vars", "assert"])
_MOST_COMBINATIONS = 200
_LONGEST_NAME = 60


class _Test(Struct, frozen=True):
    """A test with what stands around it merged in. `place` is where it stands itself."""

    place: Place
    values: Mapping[str, Any]
    asserts: tuple[Place, ...]
    description: str | None


def tests_of_promptfoo(items: list[Place], tools: frozenset[str] | None = None) -> Tests:
    """The tests as dialogues. `tools` are those of the scenario that they are for; None: one is made of the prompt.

    Raises:
        UsageError: there are no tests, or no prompt that can be read.
    """
    reader = _Reader(tools)
    for item in items:
        if mapping_at(item, reader.told):
            reader.config(item)
    if not reader.dialogues:
        raise UsageError("there are no tests in it that can be played", hint=reader.first_note)
    return Tests(tuple(reader.dialogues), reader.found)


class _Reader:
    def __init__(self, tools: frozenset[str] | None) -> None:
        self.told = Told()
        self.dialogues: list[FoundDialogue] = []
        self._tools = tools
        self._variables = Variables(self.told)
        self._instructions: str | None = None
        self._model: str | None = None

    @property
    def first_note(self) -> str | None:
        return next((str(note) for note in self.told.notes), None)

    @property
    def found(self) -> Found:
        agent = FoundAgent("Agent", self._instructions or "Answer the caller.", is_template=True)
        return Found((agent,), {}, self.told.notes, context=self._variables.declared, model=self._model)

    def config(self, config: Place) -> None:
        told = self.told
        told.rest(config, _OF_A_CONFIG, "the tests")
        for key in ("providers", "targets"):
            self._provider(config / key)
        prompt = self._prompt(config)
        used = self._system(prompt)
        default = config / "defaultTest"
        if isinstance(default.value, str):
            told.at(default, "a test by default that stands in another file")
        elif mapping_at(default, told):
            told.rest(default, {"vars", "assert"}, "the test by default")
        for test in self._tests(config, default):
            self._test(test, prompt, used)

    def _provider(self, place: Place) -> None:
        given = place.value if isinstance(place.value, list) else [place.value]
        for provider in given:
            name = provider.get("id") if isinstance(provider, dict) else provider
            if isinstance(name, str) and name.startswith("openai:realtime:") and self._model is None:
                self._model = name.removeprefix("openai:realtime:") or None
            elif provider:
                self.told.at(place, "a provider; `--provider` says which model is tested")

    def _prompt(self, config: Place) -> Prompt:
        prompts = list(prompts_at(config / "prompts", self.told))
        for other in prompts[1:]:
            self.told.at(other.place, "a second prompt: the dialogues are those of the first")
        if prompts:
            return prompts[0]
        self.told.at(config / "prompts", "the prompts, none of which can be read; the caller says the first variable")
        return Prompt(config, None, ())

    def _system(self, prompt: Prompt) -> frozenset[str]:
        """Makes instructions of the system's message; the names of the variables in it."""
        if prompt.system is None:
            return frozenset()
        if self._tools is not None:
            self.told.at(prompt.place, "the message of the system: the scenario has instructions of its own")
            return frozenset()
        if self._instructions is not None:
            self.told.at(prompt.place, "the message of the system: another file had one before")
            return frozenset()
        self._variables.given(prompt.system)
        self._instructions = self._variables.template(prompt.system, prompt.place)
        return frozenset(self._variables.declared)

    def _tests(self, config: Place, default: Place) -> Iterator[_Test]:
        for test in self._items(config / "tests"):
            yield from self._merged([default], test)
        for scenario in items_at(config / "scenarios", self.told):
            self.told.rest(scenario, {"description", "config", "tests"}, "a scenario")
            for values in self._items(scenario / "config"):
                self.told.rest(values, _OF_A_TEST, "a scenario")
                for test in self._items(scenario / "tests"):
                    yield from self._merged([default, values], test)

    def _items(self, place: Place) -> Iterator[Place]:
        """The tests of a list, also of one in another file."""
        given = [place] if isinstance(place.value, str) else places_in(place)
        if place.value is not None and not given and place.value != []:
            self.told.at(place, f"'{place.pointer[-1]}' is no list")
        for item in given:
            if isinstance(item.value, str):
                yield from items_of_file(item, self.told)
            elif isinstance(item.value, dict):
                yield item
            else:
                self.told.at(item, "a test that is no mapping")

    def _merged(self, around: list[Place], test: Place) -> Iterator[_Test]:
        """The test once for each combination of values in lists, as promptfoo has it."""
        told = self.told
        told.rest(test, _OF_A_TEST, "a test")
        values: dict[str, Any] = {}
        for place in (*around, test):
            values.update(self._values(place))
        asserts = [each for place in (*around, test) for each in self._asserts(place)]
        for place in (*around, test):
            options = place.value.get("options") if isinstance(place.value, dict) else None
            if isinstance(options, dict) and options.get("transform") and asserts:
                told.at(test, "the assertions of a test, which look at what code makes of the answer")
                asserts = []
        names = [name for name, value in values.items() if isinstance(value, list)]
        combinations = itertools.product(*(values[name] for name in names))
        for chosen in itertools.islice(combinations, _MOST_COMBINATIONS):
            together = _with_values_inside({**values, **dict(zip(names, chosen, strict=True))})
            yield _Test(test, together, tuple(asserts), text_at(test / "description", told))
        if next(combinations, None) is not None:
            told.at(test / "vars", f"more than {_MOST_COMBINATIONS} combinations of values")

    def _values(self, place: Place) -> dict[str, Any]:
        if not isinstance(place.value, dict):
            return {}
        given = place / "vars"
        if isinstance(given.value, (str, list)):
            self.told.at(given, "variables that stand in other files")
            return {}
        if not mapping_at(given, self.told):
            return {}
        values = {}
        for name, value in given.value.items():
            if isinstance(value, str) and value.startswith("file://"):
                text = text_of_file(given / name, self.told)
                if text is not None:
                    values[name] = text
            else:
                values[name] = value
        return values

    def _asserts(self, place: Place) -> list[Place]:
        if not isinstance(place.value, dict):
            return []
        given = place / "assert"
        if given.value is not None and not isinstance(given.value, list):
            self.told.at(given, "assertions that are no list")
        return places_in(given)

    def _test(self, test: _Test, prompt: Prompt, used: frozenset[str]) -> None:
        try:
            turns = list(_turns(prompt, test))
        except ScenarioError as problem:
            self.told.at(test.place, f"a test: its prompt cannot be made of its variables ({problem.message})")
            return
        if not turns:
            self.told.at(test.place, "a test: its prompt says nothing of what the caller says")
            return
        expected = [each for place in test.asserts for each in expected_of(place, test.values, self._tools, self.told)]
        self.dialogues.append(
            FoundDialogue(
                (test.description or str(turns[-1]["user"]))[:_LONGEST_NAME],
                (*turns[:-1], self._last(turns[-1], expected, test)),
                title=" ".join(test.description.split()) if test.description else None,
                tags=("promptfoo",),
                context={name: str(value) for name, value in test.values.items() if name in used},
            )
        )

    def _last(self, turn: dict[str, Any], expected: list[Expected], test: _Test) -> dict[str, Any]:
        """The turn that the assertions are about, with words of the scripted model that meet them."""
        if not expected:
            return turn
        heard = words_for(expected, test.place)
        if heard is None and any("said" in each.expectation for each in expected):
            self.told.at(test.place, "words of the agent that meet all of this: write `agent:` by hand")
        moves = [{"say": heard}] if heard else []
        return {**turn, **({"agent": moves} if moves else {}), "expect": [dict(each.expectation) for each in expected]}


def _with_values_inside(values: Mapping[str, Any]) -> dict[str, Any]:
    """The variables with those filled in that stand in texts of others, where that can be done."""
    filled = {}
    for name, value in values.items():
        others = {other: inner for other, inner in values.items() if other != name}
        filled[name] = value
        if isinstance(value, str) and "{" in value:
            with suppress(ScenarioError):
                filled[name] = Template(value).render(others)
    return filled


def _turns(prompt: Prompt, test: _Test) -> Iterator[dict[str, Any]]:
    """What the caller says, and what the agent has said before; the last turn is the one in question.

    Raises:
        TemplateError: a message cannot be made of the variables.
    """
    messages = prompt.messages
    if not messages:
        first = next((name for name, value in test.values.items() if isinstance(value, str)), None)
        messages = (Message("user", f"{{{{ {first} }}}}"),) if first is not None else ()
    turn: dict[str, Any] = {}
    for message in messages:
        text = Template(message.text).render(test.values).strip()
        if message.role == "user" and text:
            if turn:
                yield turn
            turn = {"user": text}
        elif turn and text:
            turn = {**turn, "agent": [*turn.get("agent", ()), {"say": text}]}
    if turn:
        yield {"user": turn["user"]}
