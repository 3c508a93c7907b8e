"""What just happened as a dialogue: a draft to look at and to choose in, then a file that is replayed.

No secret is in a trace, so none is in a draft. Where the dialogue needs one, the person writes a value that is good for
a test; the one that was really given is not taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from realtime_scenarios.core import Secrets
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import Project, example
from realtime_scenarios.studio.authoring import findings_data, findings_of_buffer
from realtime_scenarios.studio.files import ScenarioFolder
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.suite.record import SECRET_STAND_IN, dialogue_keys, stand_ins_in, yaml_text
from realtime_scenarios.trace import (
    ContextChanged,
    HandedOff,
    StateEntered,
    ToolCalled,
    Trace,
    UserSaid,
    UserShowed,
    UserSilent,
)

SAID_ALOUD = "*"
"""The key of a secret that stands in what was said or sent, rather than in a field that a person filled in."""

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_LONGEST_VALUE = 1_000
_TELLING = 6
"""Characters of a value that is not found in other words and numbers by chance."""


class Choices(Struct, frozen=True):
    """What the person chose. `until` is the last turn to keep, None: all. `secrets` are values by placeholders' keys.

    `expectations` are the keys of the proposals to take, None: those that are proposed as chosen.
    """

    id: str = ""
    file: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    until: int | None = None
    expectations: tuple[str, ...] | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)


class Proposal(Struct, frozen=True):
    """An expectation that may be added to a turn; `turn` None: to the whole dialogue."""

    key: str
    turn: int | None
    expectation: Mapping[str, Any]
    chosen: bool


class Placeholder(Struct, frozen=True):
    """A secret that the dialogue needs. `text` is what stands in for it, and `fits` whether it has the right form."""

    key: str
    tool: str | None
    field: str
    text: str
    fits: bool


class Draft(Struct, frozen=True):
    """A dialogue that is not written yet. `text` is the whole file as it would be."""

    id: str
    file: str
    is_new_file: bool
    text: str
    placeholders: tuple[Placeholder, ...]
    proposals: tuple[Proposal, ...]
    chosen: frozenset[str]
    dialogue: Mapping[str, Any]

    def data(self, findings: list[dict[str, Any]]) -> dict[str, Any]:
        """What the page is shown."""
        return {
            "id": self.id,
            "file": self.file,
            "new_file": self.is_new_file,
            "text": self.text,
            "dialogue": yaml_text([dict(self.dialogue)]),
            "turns": [
                {"number": number, "user": _callers_part(turn), "moves": [_move_word(move) for move in turn["agent"]]}
                for number, turn in enumerate(self.dialogue["turns"], 1)
            ],
            "proposals": [
                {
                    "key": each.key,
                    "turn": each.turn,
                    "text": yaml_text(dict(each.expectation)).strip(),
                    "chosen": each.key in self.chosen,
                }
                for each in self.proposals
            ],
            "secrets": [
                {"key": each.key, "tool": each.tool, "field": each.field, "stand_in": each.text, "fits": each.fits}
                for each in self.placeholders
            ],
            "findings": findings,
        }


class Maker:
    """Makes dialogues of one scenario's conversations, in files of its folder."""

    def __init__(self, project: Project, folder: ScenarioFolder) -> None:
        self._project = project
        self._folder = folder

    def draft(self, trace: Trace, choices: Choices, secrets: Secrets) -> Draft:
        """The dialogue as it would be written. `secrets` are those of the conversation.

        Raises:
            Refusal: nothing was said yet; the id is taken or none; a value is a real secret; the file cannot be had.
        """
        scenario = self._project.scenario
        kept = _until(trace, choices.until)
        if not any(isinstance(event, UserSaid | UserShowed | UserSilent) for event in kept):
            raise Refusal(422, "there is nothing to save yet", "say something first")
        name = choices.id or self._free_id(kept)
        self._refuse_id(name)
        placeholders = tuple(_placeholders(kept, scenario))
        _refuse_values(choices.secrets, placeholders, secrets)
        dialogue = _filled(dialogue_keys(kept, scenario, name=name), choices.secrets)
        proposals = tuple(_proposals(kept, scenario, placeholders, choices.secrets))
        chosen = frozenset(
            choices.expectations
            if choices.expectations is not None
            else (each.key for each in proposals if each.chosen)
        )
        dialogue = _with_expectations(dialogue, choices, proposals, chosen)
        file = choices.file or f"dialogues/{name}.yaml"
        text, is_new = self._text_with(file, dialogue)
        return Draft(name, file, is_new, text, placeholders, proposals, chosen, dialogue)

    def findings(self, draft: Draft) -> list[dict[str, Any]]:
        """What lint says of the file as it would be."""
        path = self._folder.folder / draft.file
        found = findings_of_buffer(self._project.path, path, draft.text)
        data = findings_data(found, self._folder.folder)
        return [each for each in data if each["path"] == draft.file]

    def write(self, draft: Draft, choices: Choices) -> None:
        """Write the file.

        Raises:
            Refusal: a placeholder has no value that fits; it has mistakes; or it cannot be written.
        """
        empty = [each for each in draft.placeholders if not each.fits and not choices.secrets.get(each.key)]
        if empty:
            message = f"nothing was found that '{empty[0].field}' takes"
            raise Refusal(422, message, "fill it in with a value that is good for a test")
        mistakes = [each for each in self.findings(draft) if each["severity"] == "error"]
        if mistakes:
            raise Refusal(422, mistakes[0]["message"], mistakes[0]["hint"], findings=mistakes)
        if draft.is_new_file:
            try:
                (self._folder.folder / draft.file).parent.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                message = f"there can be no folder for '{draft.file}': {(problem.strerror or str(problem)).lower()}"
                raise Refusal(507, message, "name another file", field="file") from problem
            self._folder.saved(draft.file, draft.text, None, new=True)
        else:
            self._folder.saved(draft.file, draft.text, self._folder.opened(draft.file).etag)

    def files(self) -> list[str]:
        """The files of dialogues that there are."""
        return [path for path in self._folder.names() if path.startswith("dialogues/")]

    def _taken_ids(self) -> set[str]:
        return {dialogue.script for dialogue in self._project.dialogues}

    def _refuse_id(self, name: str) -> None:
        if not _ID.match(name):
            hint = "letters, digits, '-', '_' and '.', beginning with a letter or digit"
            raise Refusal(422, f"{name!r} cannot be the id of a dialogue", hint, field="id")
        if name in self._taken_ids():
            raise Refusal(409, f"there is a dialogue '{name}' already", "choose another id", field="id")

    def _free_id(self, trace: Trace) -> str:
        """An id made of the first words of the caller, that no other dialogue has."""
        said = next((event.text for event in trace if isinstance(event, UserSaid) and event.text), "conversation")
        words = re.findall(r"[a-z0-9]+", said.casefold())[:6]
        base = "-".join(words) or "conversation"
        taken = self._taken_ids()
        return next(name for name in _numbered(base) if name not in taken)

    def _text_with(self, file: str, dialogue: Mapping[str, Any]) -> tuple[str, bool]:
        """The text of the file with the dialogue behind the others, and whether the file would be new."""
        if not file.startswith("dialogues/") or not file.endswith((".yaml", ".yml")):
            hint = "name a file such as dialogues/recorded.yaml"
            raise Refusal(422, f"'{file}' is no place for dialogues of this scenario", hint, field="file")
        self._folder.path_of(file)  # whatever leads elsewhere is refused before anything is looked for there
        if not (self._folder.folder / "dialogues").exists() or file not in self._folder.names():
            document = {"scenario": self._scenario_path(file), "dialogues": [dict(dialogue)]}
            return yaml_text(document), True
        before = self._folder.opened(file).text
        return _appended(before, yaml_text([dict(dialogue)]), file), False

    def _scenario_path(self, file: str) -> str:
        """How a file of dialogues names the scenario."""
        home = self._folder.folder / file
        packaged = example(self._project.path.stem)
        path = Path(os.path.relpath(self._project.path.resolve(), home.parent)).as_posix()
        if path.startswith("../../") and packaged is not None and packaged.samefile(self._project.path):
            return self._project.path.stem
        return path


def _until(trace: Trace, turn: int | None) -> Trace:
    if turn is None:
        return trace
    events = tuple(event for event in trace.events if event.turn <= turn)
    return Trace(events, trace.start, trace.context, entries=trace.entries, began=trace.began, measures=trace.measures)


def _placeholders(trace: Trace, scenario: Scenario) -> Iterator[Placeholder]:
    """Each secret that is asked for, once for each field."""
    found = {(given.tool, given.field): given for given in stand_ins_in(trace, scenario)}
    for (tool, name), given in found.items():
        yield Placeholder(f"{tool}.{name}", tool, name, given.text, given.fits)
    filled = {f"{tool}.{name}": "filled" for tool, name in found}
    data = _filled(dialogue_keys(trace, scenario, name="x"), filled)
    if SECRET_STAND_IN in yaml_text(dict(data)):
        yield Placeholder(SAID_ALOUD, None, "what was said or sent", SECRET_STAND_IN, True)


def _refuse_values(given: Mapping[str, str], placeholders: tuple[Placeholder, ...], secrets: Secrets) -> None:
    known = {each.key for each in placeholders}
    for key, value in given.items():
        if key not in known:
            raise Refusal(422, f"there is no secret '{key}' in this conversation", field=key)
        if len(value) > _LONGEST_VALUE:
            raise Refusal(422, "that is too long for a test", field=key)
        if value and secrets.hidden(value) != value:
            message = f"'{key}' would be written down as it really is"
            raise Refusal(422, message, "write a value that is good for a test alone", field=key)


def _proposals(
    trace: Trace, scenario: Scenario, placeholders: tuple[Placeholder, ...], filled: Mapping[str, str]
) -> Iterator[Proposal]:
    """What might be demanded of each turn besides its moves: by whom it ends, what was called, where it got to."""
    for number in sorted({event.turn for event in trace if event.turn > 0}):
        events = trace.of_turn(number)
        if any(isinstance(event, HandedOff) for event in events):
            yield Proposal(f"{number}.agent", number, {"agent": trace.agent_after(number)}, True)
        states = [event.state for event in events if isinstance(event, StateEntered)]
        if states:
            yield Proposal(f"{number}.state", number, {"state": states[-1]}, True)
        called = [event for event in events if isinstance(event, ToolCalled) and event.within is None]
        for tool in dict.fromkeys(event.tool for event in called if event.tool in scenario.tools):
            answers = [trace.returned(event.call_id) for event in called if event.tool == tool]
            is_answered = any(answer is not None and answer.outcome == "answered" for answer in answers)
            if is_answered:
                yield Proposal(f"{number}.called.{tool}", number, {"called": tool}, True)
        changed = {event.variable: event.value for event in events if isinstance(event, ContextChanged)}
        open_ones = {
            name: value
            for name, value in changed.items()
            if name in scenario.context and not scenario.context[name].secret
        }
        if open_ones:
            yield Proposal(f"{number}.context", number, {"context": open_ones}, False)
    for each in placeholders:
        if each.tool is not None:
            value = filled.get(each.key) or each.text
            yield Proposal(f"nowhere.{each.key}", None, {"nowhere": value}, len(value) >= _TELLING)


def _with_expectations(
    dialogue: Mapping[str, Any], choices: Choices, proposals: tuple[Proposal, ...], chosen: frozenset[str]
) -> dict[str, Any]:
    """The dialogue with its title, its tags and the expectations that were chosen."""
    turns = []
    for number, turn in enumerate(dialogue["turns"], 1):
        wanted = [dict(each.expectation) for each in proposals if each.turn == number and each.key in chosen]
        turns.append({**turn, "expect": [*turn.get("expect", ()), *wanted]} if wanted else dict(turn))
    whole = [dict(each.expectation) for each in proposals if each.turn is None and each.key in chosen]
    begun = {"id": dialogue["id"], **({"title": choices.title} if choices.title else {})}
    begun |= {"tags": list(dict.fromkeys([*choices.tags, *dialogue["tags"]]))}
    rest = {key: value for key, value in dialogue.items() if key not in ("id", "tags", "turns")}
    return {**begun, **rest, "turns": turns, **({"expect": whole} if whole else {})}


def _filled(data: Any, values: Mapping[str, str]) -> Any:
    """The dialogue with values in place of stand-ins: by tool and field, and one for what else there is."""
    match data:
        case {"call": str(tool), "approval": {"approve": dict(fields)}}:
            given = {name: values.get(f"{tool}.{name}") or text for name, text in fields.items()}
            rest = {key: _filled(value, values) for key, value in data.items() if key != "approval"}
            at = list(data).index("approval")
            items = list(rest.items())
            return dict([*items[:at], ("approval", {"approve": given}), *items[at:]])
        case dict():
            return {key: _filled(value, values) for key, value in data.items()}
        case list():
            return [_filled(value, values) for value in data]
        case str() if values.get(SAID_ALOUD):
            return data.replace(SECRET_STAND_IN, values[SAID_ALOUD])
        case _:
            return data


def _appended(before: str, item: str, file: str) -> str:
    """The text of a file with one more item in its list of dialogues, which has to stand last.

    Raises:
        Refusal: it does not.
    """
    lines = before.rstrip("\n").split("\n")
    tops = [line for line in lines if re.match(r"[A-Za-z\"']", line)]
    items = [line for line in lines if re.match(r" *- ", line)]
    if not tops or not re.match(r"dialogues:\s*(#.*)?$", tops[-1]) or not items:
        raise Refusal(422, f"nothing can be added to '{file}' as it is written", "choose a new file", field="file")
    indent = " " * (len(items[0]) - len(items[0].lstrip(" ")))
    added = "\n".join(f"{indent}{line}".rstrip() for line in item.rstrip("\n").split("\n"))
    return "\n".join(lines) + f"\n\n{added}\n"


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _callers_part(turn: Mapping[str, Any]) -> str:
    if "user" in turn:
        return str(turn["user"])
    if "image" in turn:
        return f"(shows {turn['image']})"
    return f"(silent for {turn['silence']})" if "silence" in turn else "(the agent opens)"


def _move_word(move: Mapping[str, Any]) -> str:
    """A move in a few words."""
    kind = next(key for key in ("say", "call", "handoff", "state") if key in move)
    return f"{kind}: {move[kind]}"
