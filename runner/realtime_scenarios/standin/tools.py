"""Function tools as what can be offered to a caller: what each one is for, and which values it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from realtime_scenarios.core import listed
from realtime_scenarios.core.formats import validator_options
from realtime_scenarios.core.kinds import Kind, choices_of, kind_of, types_of
from realtime_scenarios.core.schemas import possible_parts
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.standin.briefing import Briefing, ToolBriefing
from realtime_scenarios.standin.conversation import Called
from realtime_scenarios.standin.language import Texts, pattern, understood, word_set
from realtime_scenarios.standin.matching import Option, scores
from realtime_scenarios.standin.words import STOP_WORDS, name_words, sentences_of, stem, unwrapped, words_of

NEVER_CHOSEN = frozenset(["set_conversation_state", "wait_for_user"])
"""Bookkeeping that no caller asks for in words."""

_LOOKUP_STEMS = frozenset(map(stem, word_set("look_up")))


class Schema:
    """A JSON Schema that can be asked whether a value satisfies it. A broken one accepts everything."""

    def __init__(self, schema: object) -> None:
        self.data: Mapping[str, Any] = schema if isinstance(schema, dict) else {}

    @cached_property
    def _validator(self) -> Any:
        import jsonschema_rs  # 50 ms of import that only a call needs

        try:
            return jsonschema_rs.validator_for(dict(self.data), **validator_options())
        except Exception:  # its own classes for schemas and references differ between releases
            return None

    def accepts(self, value: object) -> bool:
        try:
            return self._validator is None or bool(self._validator.is_valid(value))
        except (ValueError, OverflowError):
            return False


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that a tool takes. `path` leads to it; `required` means that no call fits without it."""

    path: tuple[str, ...]
    schema: Schema
    required: bool
    kind: Kind
    question: str

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def description(self) -> str:
        return str(self.schema.data.get("description") or "")


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool, a handoff, or one of several functions behind a tool, as the stand-in looks at it.

    `told` is what its author or its client says of it; `target` are the words of the agent that a handoff leads to.
    `tool` is what is called, with what is `fixed` and the arguments: beside it, or inside of the one called `nested`.
    """

    name: str
    told: ToolBriefing
    option: Option
    handoff: bool
    slots: tuple[Slot, ...]
    parameters: Schema
    writes: bool = False
    filler: str | None = None
    target: str = ""
    tool: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    nested: str | None = None

    def call(self, arguments: Mapping[str, Any]) -> CallFunction:
        inner = arguments if self.nested is None else {self.nested: arguments}
        return CallFunction(self.tool, json.dumps({**self.fixed, **inner}, ensure_ascii=False))

    def called(self, arguments: Mapping[str, Any]) -> list[Output]:
        """The call behind what is said before it."""
        return [*([SayText(self.filler)] if self.filler else []), self.call(arguments)]

    def is_called_by(self, call: Called | None) -> bool:
        return call is not None and self.tool == call.name and self.fixed.items() <= call.arguments.items()

    @property
    def about(self) -> str:
        """What is said of it, beside its examples."""
        return " ".join([self.told.description, *self.option.hints])

    @property
    def answers(self) -> Literal["", "its matter", "questions", "anything"]:
        """What it looks up for a question in free words; empty where it takes none, or something else beside."""
        about = {stem(word) for word in (*words_of(self.told.description), *name_words(self.name))}
        required = [slot.kind for slot in self.slots if slot.required]
        if self.handoff or required != ["request"] or _LOOKUP_STEMS.isdisjoint(about):
            return ""
        if pattern("any_request").search(self.about):
            return "anything"
        return "questions" if pattern("answers_questions").search(self.told.description) else "its matter"

    @property
    def is_hub(self) -> bool:
        """Whether it hands to somebody who sends callers on to the right place."""
        return self.handoff and bool(pattern("hub").search(f"{self.target}. {self.told.description}"))


def offers_of(tools: Sequence[object], instructions: str, briefing: Briefing, texts: Texts) -> tuple[Offer, ...]:
    """The tools that can be made sense of, in order; what the instructions say about a tool becomes its hints."""
    sentences = sentences_of(unwrapped(instructions))
    found: list[Offer] = []
    for tool in tools:
        if isinstance(tool, Mapping) and isinstance(tool.get("name"), str) and tool["name"]:
            told = briefing.tools.get(tool["name"])
            words = {sentence: {*re.findall(r"[\w']+", sentence)} for sentence in sentences}
            hints = tuple(it for it in words if tool["name"] in words[it] and words[it].isdisjoint(word_set("denials")))
            offers = _offers_in(tool, told or told_by_its_words(tool.get("description")), texts)
            found += [replace(o, option=replace(o.option, hints=hints)) for o in offers]
    return tuple(found)


def _offers_in(tool: Mapping[str, Any], told: ToolBriefing, texts: Texts) -> Iterator[Offer]:
    """The tool itself, the functions that it stands for, or the agents that one tool hands to."""
    name: str = tool["name"]
    for function, inner in told.functions.items():
        inner = replace(inner, filler=told.filler, asks_a_person=told.asks_a_person, verbatim=told.verbatim)
        offer = offer_of(function, inner, inner.parameters, texts, tool=name)
        yield replace(offer, fixed={told.called_with[0]: function}, nested=told.called_with[1])
    if told.functions:
        return
    offer = offer_of(name, told, tool.get("parameters"), texts)
    by_target = [slot for slot in offer.slots if word_set("destination_words").intersection(name_words(slot.name))]
    targets = choices_of(by_target[0].schema.data) if offer.handoff and by_target else []
    if len(targets) < 2:
        yield offer
        return
    key, properties = by_target[0].name, _properties(offer.parameters.data)
    for target in map(str, targets):
        line = re.search(rf"^\W*{re.escape(target)}\W+(.*)$", told.description, re.M)
        about_it = replace(told_by_its_words(line[1] if line else target), target=target)
        only = {"properties": {**properties, key: {"const": target}}, "required": [key]}
        yield offer_of(f"{name} {target}", about_it, {**offer.parameters.data, **only}, texts, tool=name)


def offer_of(name: str, told: ToolBriefing, schema: Any, texts: Texts, *, tool: str = "") -> Offer:
    """What is called by calling `tool`; empty: by its own name."""
    parameters, handoff = Schema(schema), told.target is not None or bool(pattern("hands_off").match(name))
    words = [word for word in name_words(told.target or name) if word not in ("transfer", "to")]
    return Offer(
        name=name,
        told=told,
        option=Option(name, told.description, tuple(told.examples), handoff=handoff),
        handoff=handoff,
        slots=tuple(_slots(parameters.data, parameters.data, (), texts, required=True)),
        parameters=parameters,
        writes=told.writes or (not handoff and not word_set("writing_verbs").isdisjoint(name_words(name)[:1])),
        filler=told.filler if told.filler != "" else texts.connecting if handoff else texts.one_moment,
        target=" ".join(words) if handoff else "",
        tool=tool or name,
    )


def best_of(text: str, offers: Sequence[Offer]) -> Offer:
    """The one of them that fits the text best."""
    fitting = scores(text, [offer.option for offer in offers])
    return offers[fitting.index(max(fitting))]


def told_by_its_words(description: object) -> ToolBriefing:
    """What a client's own description says: whatever it quotes is an example of what callers say."""
    about = description if isinstance(description, str) else ""
    quotes, before = pattern("quoted").finditer(about), pattern("before_a_call")
    said = [quote["example"] for quote in quotes if not before.search(about[: quote.start()])]
    examples = tuple(example for example in said if len(example.split()) > 1)
    for example in examples:
        about = about.replace(example, "")
    return ToolBriefing(about, examples)


def _slots(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: tuple[str, ...], texts: Texts, *, required: bool
) -> Iterator[Slot]:
    properties, wanted = _properties(schema), schema.get("required")
    needed = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, list) else []
    for name in dict.fromkeys([*needed, *properties]):
        # with what it refers to and what it has the choice of; what stands first counts
        parts = [part for part in possible_parts(properties.get(name), root) if part.get("type") != "null"]
        inner = {key: value for part in reversed(parts) for key, value in part.items()}
        is_needed = required and name in needed
        if "object" in types_of(inner) and _properties(inner) and len(path) < 4:
            yield from _slots(inner, root, (*path, name), texts, required=is_needed)
            continue
        kind = kind_of(name, inner, nested=bool(path))
        shared = {key: root[key] for key in ("$defs", "definitions") if key in root and "$ref" in repr(inner)}
        yield Slot((*path, name), Schema({**inner, **shared}), is_needed, kind, _question_for(name, kind, inner, texts))


def _properties(schema: object) -> Mapping[str, Any]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


def thing_of(name: str) -> str:
    """A parameter's name as words: `confirmation_number` is the `confirmation number`."""
    words = name_words(name)
    kept = [word for word in words if word not in ("the", "new")] or words or [name]
    return understood()["called_in_english"].get("".join(words)) or " ".join(kept)


def _question_for(name: str, kind: Kind, schema: Mapping[str, Any], texts: Texts) -> str:
    """One clear question for a value, by its name where that says something, else by its description."""
    thing, words = thing_of(name), name_words(name)
    clause = pattern("for_example").split(str(schema.get("description") or "").strip())[0].strip()
    is_callers = (kind in word_set("of_the_caller") and thing != "name") or "birth" in thing
    called = f"{'the new' if words[:1] == ['new'] else 'your' if is_callers else 'the'} {thing}"
    if texts.code != "en":
        thing = called = clause[:1].lower() + clause[1:] or thing
    elif STOP_WORDS.issuperset(words) or len(name) < 3:
        return texts.ask_for.format(thing=clause or name)
    if choices := [str(choice).replace("_", " ") for choice in choices_of(schema)[:8]]:
        return texts.which_one.format(thing=thing, choices=listed(choices, joined_by=texts.either.strip()))
    if kind == "boolean":
        return texts.yes_or_no.format(thing=called)
    is_asked_by_kind = {"date": "birth" not in thing, "number": thing.endswith(("s", "people"))}.get(kind, True)
    question = texts.questions.get(kind) if is_asked_by_kind else None
    return question.format(thing=thing) if question else texts.ask.format(thing=called)
