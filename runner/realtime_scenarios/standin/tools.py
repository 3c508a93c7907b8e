"""Function tools as what can be offered to a caller: what each one is for, and which values it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from realtime_scenarios.core.formats import format_options
from realtime_scenarios.core.kinds import Kind, choices_of, kind_of, types_of
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.standin.briefing import Briefing, ToolBriefing
from realtime_scenarios.standin.conversation import Called
from realtime_scenarios.standin.language import Texts, texts_of, word_set
from realtime_scenarios.standin.matching import Option
from realtime_scenarios.standin.words import STOP_WORDS, name_words, sentences_of, stem, unwrapped, words_of

NEVER_CHOSEN = frozenset(["set_conversation_state", "wait_for_user"])
"""Bookkeeping that no caller asks for in words."""

WRITING_VERBS = word_set("writing_verbs")
_LOOKUP_STEMS = frozenset(map(stem, word_set("look_up")))
_QUOTED = re.compile(r"[\"“«](?P<example>[^\"“”«»\n]{4,120})[\"”»]")
_BEFORE_A_CALL = re.compile(r"\b(?:before|first)\b[^.\n]*$", re.I)
_EVERY_REQUEST = re.compile(
    r"\b(?:every|any|each|all)\b (?!such)(?:other )?requests?\b(?! for)|\beverything(?! about)\b|"
    r"\bnext (?:answer|response)",
    re.I,
)
_EVERY_QUESTION = re.compile(r"\b(?:every|any|each|all) questions?\b", re.I)
_ANSWERS = re.compile(r"\b(?:answers?|questions?)\b", re.I)
_CONFIRMED = re.compile(r"\bconfirm(?:ed|é|ée)\b|\bread back\b", re.I)
_HUB = re.compile(
    r"\b(?:main|triage|greeter|hub|rout(?:es?|ing)|delegates?|switchboard|front desk|reception(?:ist)?|"
    r"back to|hand(?:s|ing)? back)\b",
    re.I,
)
_DESTINATION = word_set("destination_words")
_NAMED = {
    "dob": "date of birth", "birthdate": "date of birth", "phone": "phone number", "email": "email address",
    "zip": "zip code", "zipcode": "zip code", "orderid": "order number", "ssn": "social security number",
    "fname": "first name", "lname": "last name",
}  # fmt: skip
_OWN: frozenset[Kind] = frozenset(["phone", "email", "name", "zip", "address", "code", "digits", "seat"])


class Schema:
    """A JSON Schema that can be asked whether a value satisfies it. A broken one accepts everything."""

    def __init__(self, schema: object) -> None:
        self.data: Mapping[str, Any] = schema if isinstance(schema, dict) else {}

    @cached_property
    def _validator(self) -> Any:
        import jsonschema_rs  # 50 ms of import that only a call needs

        try:
            return jsonschema_rs.validator_for(dict(self.data), retriever=_unreachable, **format_options())
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
class Within:
    """How a function is called through a tool that stands for several: what is fixed, and where its arguments go.

    `arguments` None: they stand beside what is fixed.
    """

    tool: str
    fixed: Mapping[str, str]
    arguments: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool, a handoff, or one of several functions behind a tool, as the stand-in looks at it.

    `filler` is said before it is called; None: nothing. `verbatim`: its answer is read out as it stands.
    `asks_a_person`: somebody says yes or no to each call.
    """

    name: str
    option: Option
    handoff: bool
    slots: tuple[Slot, ...]
    parameters: Schema
    writes: bool
    filler: str | None = None
    verbatim: bool = False
    asks_a_person: bool = False
    target: str = ""
    within: Within | None = None

    def call(self, arguments: Mapping[str, Any]) -> CallFunction:
        """A call with these arguments, through the tool that stands for it where there is one."""
        if self.within is None:
            return CallFunction(self.name, json.dumps(arguments, ensure_ascii=False))
        inner = arguments if self.within.arguments is None else {self.within.arguments: arguments}
        return CallFunction(self.within.tool, json.dumps({**self.within.fixed, **inner}, ensure_ascii=False))

    def with_filler(self, call: CallFunction) -> list[Output]:
        """The call behind what is said before it."""
        return [SayText(self.filler), call] if self.filler else [call]

    def is_called_by(self, call: Called | None) -> bool:
        if call is None:
            return False
        if self.within is None:
            return self.name == call.name
        return self.within.tool == call.name and self.within.fixed.items() <= call.arguments.items()

    def arguments_in(self, call: Called) -> Mapping[str, Any]:
        """The offer's own arguments in a call of it."""
        inside = (
            call.arguments
            if self.within is None or self.within.arguments is None
            else call.arguments.get(self.within.arguments)
        )
        return inside if isinstance(inside, Mapping) else {}

    @property
    def is_confirmed_first(self) -> bool:
        """Whether its author wants its values confirmed by the caller."""
        return bool(_CONFIRMED.search(" ".join([self._about, *(slot.description for slot in self.slots)])))

    @property
    def looks_up(self) -> bool:
        """Whether it answers a question put in free words, and asks for nothing else."""
        required = [slot for slot in self.slots if slot.required]
        about = {stem(word) for word in (*words_of(self.option.description), *name_words(self.name))}
        return (
            not self.handoff and [slot.kind for slot in required] == ["request"] and not _LOOKUP_STEMS.isdisjoint(about)
        )

    @property
    def takes_anything(self) -> bool:
        """Whether it is there for every request, by the words of its author."""
        return self.looks_up and bool(_EVERY_REQUEST.search(self._about))

    @property
    def takes_questions(self) -> bool:
        """Whether it is there for every question, or looks up answers to questions in general."""
        general = _ANSWERS.search(self.option.description) is not None
        return self.looks_up and (general or bool(_EVERY_QUESTION.search(self._about)))

    @property
    def _about(self) -> str:
        return " ".join([self.option.description, *self.option.hints])

    @property
    def is_hub(self) -> bool:
        """Whether it hands to somebody who sends callers on to the right place."""
        return self.handoff and bool(_HUB.search(f"{self.target}. {self.option.description}"))


def offers_of(tools: Sequence[object], instructions: str, briefing: Briefing | None) -> tuple[Offer, ...]:
    """The tools that can be made sense of, in order; what the instructions say about a tool becomes its hints."""
    sentences = [line for line in sentences_of(unwrapped(instructions)) if "_" in line or "transfer" in line.lower()]
    texts = texts_of(briefing.language if briefing else "en")
    return tuple(
        offer
        for tool in tools
        if isinstance(tool, Mapping) and isinstance(tool.get("name"), str) and tool["name"]
        for offer in _offers_of(tool, sentences, briefing.tools.get(tool["name"]) if briefing else None, texts)
    )


def slots_of(parameters: Mapping[str, Any], texts: Texts) -> tuple[Slot, ...]:
    """The values that an object schema asks for, those of inner objects in place of these."""
    return tuple(_slots(parameters, parameters, (), texts, required=True))


def _offers_of(
    tool: Mapping[str, Any], sentences: Sequence[str], told: ToolBriefing | None, texts: Texts
) -> Iterator[Offer]:
    name, text = tool["name"], tool.get("description")
    told = told or _told_by_the_wire(text if isinstance(text, str) else "")
    if told.functions and len(told.called_with) == 2:
        for function in told.functions:
            within = Within(name, {told.called_with[0]: function["name"]}, told.called_with[1])
            inner = ToolBriefing(
                str(function.get("description", "")),
                tuple(function.get("examples", ())),
                bool(function.get("writes")),
                asks_a_person=told.asks_a_person,
                filler=told.filler,
            )
            yield _offer(function["name"], inner, function.get("parameters"), (), texts, within)
        return
    hints = tuple(sentence for sentence in sentences if _is_hint(sentence, name))
    handoff = told.target is not None or bool(re.match(r"transfer_?to|transfer_?agents?$|hand_?off", name, re.I))
    schema = tool.get("parameters")
    key_of_target, targets = _destinations(schema) if handoff else ("", [])
    if not targets:
        yield _offer(name, told, schema, hints, texts, None, handoff=handoff)
    whole = Schema(schema).data
    for target in targets:
        line = re.search(rf"^\W*{re.escape(target)}\W+(.*)$", told.description, re.M)
        about = _told_by_the_wire(line[1] if line else target)
        rest = {key: inner for key, inner in whole["properties"].items() if key != key_of_target}
        required = [wanted for wanted in whole.get("required", ()) if wanted != key_of_target]
        others = {**whole, "properties": rest, "required": required}
        within = Within(name, {key_of_target: target})
        yield _offer(f"{name} {target}", about, others, (), texts, within, handoff=True, target=target)


def _offer(
    name: str,
    told: ToolBriefing,
    schema: Any,
    hints: tuple[str, ...],
    texts: Texts,
    within: Within | None,
    *,
    handoff: bool = False,
    target: str = "",
) -> Offer:
    parameters = Schema(schema)
    words = [word for word in name_words(told.target or target or name) if word not in ("transfer", "to")]
    return Offer(
        name=name,
        option=Option(name, told.description, tuple(told.examples), (*hints, *_choices_in(parameters.data)), handoff),
        handoff=handoff,
        slots=slots_of(parameters.data, texts),
        parameters=parameters,
        writes=told.writes or (not handoff and bool(WRITING_VERBS.intersection(name_words(name)[:1]))),
        filler=told.filler if told.filler != "" else texts.connecting if handoff else texts.one_moment,
        verbatim=told.verbatim,
        asks_a_person=told.asks_a_person,
        target=" ".join(words) if handoff else "",
        within=within,
    )


def _choices_in(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The values that callers may name, as words that belong to the tool."""
    properties = schema.get("properties")
    inner = properties.values() if isinstance(properties, dict) else ()
    choices = [choice for entry in inner if isinstance(entry, dict) for choice in choices_of(entry)]
    return (" ".join(str(choice).replace("_", " ") for choice in choices),) if choices else ()


def _told_by_the_wire(description: str) -> ToolBriefing:
    """What a client's own description says: whatever it quotes is an example of what callers say."""
    quoted = [
        found["example"]
        for found in _QUOTED.finditer(description)
        if len(found["example"].split()) > 1 and not _BEFORE_A_CALL.search(description[: found.start()])
    ]
    about = description
    for example in quoted:
        about = about.replace(example, "")
    return ToolBriefing(about, tuple(quoted))


def _destinations(schema: object) -> tuple[str, list[str]]:
    """The argument by which one tool hands to several agents, and the agents; none where it has no such argument."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        if isinstance(inner, dict) and len(choices_of(inner)) > 1 and _DESTINATION.intersection(name_words(name)):
            return name, [str(choice) for choice in choices_of(inner)]
    return "", []


def _is_hint(sentence: str, name: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence)) and not re.search(
        r"\b(?:never|not|don't)\b", sentence
    )


def _slots(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: tuple[str, ...], texts: Texts, *, required: bool
) -> Iterator[Slot]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    wanted = schema.get("required")
    needed = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, list) else []
    for name in dict.fromkeys([*needed, *properties]):
        inner = resolved(properties.get(name), root)
        is_needed = required and name in needed
        if isinstance(inner.get("properties"), dict) and "object" in types_of(inner) and len(path) < 4:
            yield from _slots(inner, root, (*path, name), texts, required=is_needed)
            continue
        kind = kind_of(name, inner, nested=bool(path))
        shared = {key: root[key] for key in ("$defs", "definitions") if key in root and "$ref" in repr(inner)}
        yield Slot((*path, name), Schema({**inner, **shared}), is_needed, kind, question_for(name, kind, inner, texts))


def resolved(schema: object, root: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with a local `$ref`, a single `allOf` and the non-null branch of `anyOf` or `oneOf` taken in."""
    found: dict[str, Any] = schema if isinstance(schema, dict) else {}
    for _ in range(5):
        listed = [
            entry for key in ("allOf", "anyOf", "oneOf") if isinstance(found.get(key), list) for entry in found[key]
        ]
        branches = [entry for entry in listed if isinstance(entry, dict) and entry.get("type") != "null"]
        reference = found.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            target: Any = root
            for step in reference[2:].split("/"):
                target = target.get(step) if isinstance(target, dict) else None
            rest = {key: value for key, value in found.items() if key != "$ref"}
            found = {**target, **rest} if isinstance(target, dict) else rest
        elif branches and "type" not in found and "enum" not in found:
            found = {**branches[0], **{key: found[key] for key in ("description", "default") if key in found}}
        else:
            break
    return found


def thing_of(name: str) -> str:
    """A parameter's name as words: `confirmation_number` is the `confirmation number`."""
    words = [word for word in name_words(name) if word not in ("the", "id", "new")] or name_words(name) or [name]
    whole = _NAMED.get("".join(name_words(name)))
    return whole or " ".join(words) + (" id" if name_words(name)[-1:] == ["id"] and "id" not in words else "")


def question_for(name: str, kind: Kind, schema: Mapping[str, Any], texts: Texts) -> str:
    """One clear question for a value, by its name where that says something, else by its description."""
    thing, about = thing_of(name), str(schema.get("description") or "")
    clause = re.split(r"[.,;:(\n]|\b(?:such as|for example|par exemple|por ejemplo)\b", about.strip())[0].strip()
    if texts.code != "en":
        thing = clause[:1].lower() + clause[1:] or thing
    elif set(name_words(name)) <= STOP_WORDS or len(name) < 3:
        return texts.ask_for.format(thing=clause or name)
    choices = [str(choice).replace("_", " ") for choice in choices_of(schema)[:8]]
    if choices:
        shown = ", ".join(choices[:-1]) + texts.either + choices[-1] if len(choices) > 1 else choices[0]
        return texts.which_one.format(thing=thing, choices=shown)
    if kind == "boolean":
        return texts.yes_or_no.format(thing=f"the {thing}" if texts.code == "en" else thing)
    if kind == "date" and "birth" not in thing and kind in texts.questions:
        return texts.questions["date"]
    if kind in texts.questions and kind != "date" and not (kind == "number" and not thing.endswith(("s", "people"))):
        return texts.questions[kind].format(thing=thing)
    new = name_words(name)[:1] == ["new"]
    own = "your" if kind in _OWN and not new else "the new" if new else "your" if "birth" in thing else "the"
    return texts.ask.format(thing=f"{own} {thing}" if texts.code == "en" else thing)


def _unreachable(uri: str) -> Any:
    raise ValueError(f"'{uri}' is outside the schema")
