"""Function tools in wire form as offers: what each does, what callers say for it, and which values it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from realtime_scenarios.core.formats import format_options
from realtime_scenarios.realtime.responder import CallFunction
from realtime_scenarios.standin.conversation import Called
from realtime_scenarios.standin.examples import split_description, split_filler
from realtime_scenarios.standin.matching import Option
from realtime_scenarios.standin.phrases import Form, capability, question_for
from realtime_scenarios.standin.words import name_words, sentences_of, stem, word_list, word_set, words_of

Kind = Literal[
    "address", "boolean", "choice", "code", "date", "digits", "email", "list", "name", "number", "phone", "place",
    "seat", "string", "text", "time", "zip", "other",
]  # fmt: skip

_NEVER_CHOSEN = frozenset(["set_conversation_state", "wait_for_user"])
_LOOKUP_NAMES = word_set("""
    request question query topic search context message text prompt input keyword keywords subject term terms
    """)
_ANY_REQUEST = word_set("request context message prompt input")
_LOOKUP_WORDS = word_list("""
    look lookup search find answer question information policy faq knowledge reference document rule guide supervisor
    """)
_LOOKUP_STEMS = frozenset(map(stem, _LOOKUP_WORDS))
_ANSWERING_STEMS = frozenset(map(stem, word_list("question answer faq rule policy information knowledge service")))
_HUB = re.compile(
    r"\b(?:main|triage|greeter|hub|rout(?:es?|ing)|front desk|reception(?:ist)?|back to|hand(?:s|ing)? back)\b", re.I
)


_ROUTER = re.compile(r"\b(?:triage|delegates?|rout(?:es?|ing)|switchboard|front desk|reception(?:ist)?)\b", re.I)


_FUNCTION = re.compile(r"^- (?P<name>\w+)\((?P<parameters>.*?)\): (?P<told>[^\n]*)$", re.MULTILINE)
_PARAMETER = re.compile(r"(?P<name>\w+)(?P<optional>\??): (?P<kind>[\w|/-]+)(?: \((?P<told>[^)]*)\))?")


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


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A tool that stands for many functions, and the names of its two arguments."""

    tool: str
    function: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A function tool or handoff as the offline responder looks at it.

    `within` is the tool through which it is called, where it is one of a catalogue's functions.
    """

    name: str
    option: Option
    handoff: bool
    slots: tuple[Slot, ...]
    parameters: Schema
    capability: str
    within: Catalogue | None = None

    def call(self, arguments: Any) -> CallFunction:
        """A call with these arguments, through the catalogue's tool where there is one."""
        if self.within is None:
            return CallFunction(self.name, json.dumps(arguments, ensure_ascii=False))
        whole = {self.within.function: self.name, self.within.arguments: arguments}
        return CallFunction(self.within.tool, json.dumps(whole, ensure_ascii=False))

    def is_called_by(self, call: Called) -> bool:
        if self.within is None:
            return self.name == call.name
        return self.within.tool == call.name and call.arguments.get(self.within.function) == self.name

    @property
    def choosable(self) -> bool:
        """Whether what a caller says may lead here; bookkeeping tools are called only by those who understand them."""
        return self.name not in _NEVER_CHOSEN

    @property
    def target(self) -> str:
        """The words of the agent that a handoff leads to."""
        return " ".join(word for word in name_words(self.name) if word not in ("transfer", "to"))

    @property
    def looks_up(self) -> bool:
        """Whether it answers a question put in free words."""
        required = [slot for slot in self.slots if slot.required]
        if self.handoff or len(required) != 1 or required[0].kind != "text":
            return False
        asks = _LOOKUP_NAMES.intersection(name_words(required[0].name))
        about = map(stem, [*words_of(self.option.description), *name_words(self.name)])
        return bool(asks) and not _LOOKUP_STEMS.isdisjoint(about)

    @property
    def takes_requests(self) -> bool:
        """Whether it looks up what becomes of any request, not only of questions."""
        return self.looks_up and any(slot.required and _ANY_REQUEST & set(name_words(slot.name)) for slot in self.slots)

    @property
    def answers_questions(self) -> bool:
        """Whether it hands to somebody who answers questions in general."""
        about = map(stem, [*words_of(self.option.description), *name_words(self.name)])
        return self.handoff and not _ANSWERING_STEMS.isdisjoint(about)

    @property
    def routes_on(self) -> bool:
        """Whether it hands to somebody whose very job is to find the right place for a request."""
        return self.handoff and bool(_ROUTER.search(f"{self.target}. {self.option.description}"))

    @property
    def is_hub(self) -> bool:
        """Whether it hands to somebody who sends callers on to the right place."""
        return self.handoff and bool(_HUB.search(f"{self.target}. {self.option.description}"))


def offers_of(tools: Sequence[object], instructions: str) -> tuple[Offer, ...]:
    """The tools that can be made sense of, in order; what the instructions say about a tool becomes its hints."""
    sentences = [line for line in sentences_of(unwrapped(instructions)) if "_" in line or "transfer" in line.lower()]
    return tuple(_offers(tools, sentences))


def _offers(tools: Sequence[object], sentences: Sequence[str]) -> Iterator[Offer]:
    for tool in tools:
        if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str) or not tool["name"]:
            continue
        name: str = tool["name"]
        text = tool.get("description")
        described, _ = split_filler(text if isinstance(text, str) else "")
        described, heading, functions = described.partition("\nFunctions:\n")
        if heading and (catalogue := _catalogue_of(name, tool.get("parameters"))) is not None:
            yield from _functions(functions, catalogue)
            continue
        description, examples = split_description(described)
        schema = tool.get("parameters")
        parameters = Schema(schema)
        handoff = name.lower().startswith(("transfer_to_", "transferto")) or name == "transferAgents"
        hints = tuple(sentence for sentence in sentences if _is_hint(sentence, name))
        yield Offer(
            name=name,
            option=Option(name, description, examples, hints),
            handoff=handoff,
            slots=tuple(_slots(parameters.data, parameters.data, (), required=True, depth=0)),
            parameters=parameters,
            capability=capability(name, description, handoff=handoff),
        )


def _catalogue_of(name: str, schema: object) -> Catalogue | None:
    """The tool's arguments for the function's name and for its own arguments; None where it has others."""
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    texts = [key for key, argument in properties.items() if "string" in _types(argument)]
    objects = [key for key, argument in properties.items() if "object" in _types(argument)]
    return Catalogue(name, texts[0], objects[0]) if len(texts) == 1 and len(objects) == 1 else None


def _functions(text: str, catalogue: Catalogue) -> Iterator[Offer]:
    """The functions that a catalogue's description lists, one a line."""
    for line in _FUNCTION.finditer(text):
        properties: dict[str, Any] = {}
        required: list[str] = []
        for found in _PARAMETER.finditer(line["parameters"]):
            kinds = found["kind"].split("|")
            known: dict[str, Any] = {"type": kinds[0]} if len(kinds) == 1 else {"type": "string", "enum": kinds}
            properties[found["name"]] = known | ({"description": found["told"]} if found["told"] else {})
            if not found["optional"]:
                required.append(found["name"])
        parameters = Schema({"type": "object", "properties": properties, "required": required})
        yield Offer(
            name=line["name"],
            option=Option(line["name"], line["told"], (), ()),
            handoff=False,
            slots=tuple(_slots(parameters.data, parameters.data, (), required=True, depth=0)),
            parameters=parameters,
            capability=capability(line["name"], line["told"], handoff=False),
            within=catalogue,
        )


def unwrapped(instructions: str) -> str:
    """The instructions with each list entry and paragraph on one line."""
    return re.sub(r"(?<=\S)[ \t]*\n[ \t]*(?![-*•#\s]|\d+[.)]\s|$)", " ", instructions)


def _is_hint(sentence: str, name: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence)) and not re.search(
        r"\b(?:never|not|don't)\b", sentence
    )


def _slots(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: tuple[str, ...], *, required: bool, depth: int
) -> Iterator[Slot]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    needed = [name for name in _list_of(schema.get("required")) if isinstance(name, str)]
    for name in dict.fromkeys([*needed, *properties]):
        inner = _resolved(properties.get(name), root)
        is_needed = required and name in needed
        if isinstance(inner.get("properties"), dict) and "object" in _types(inner) and depth < 4:
            yield from _slots(inner, root, (*path, name), required=is_needed, depth=depth + 1)
            continue
        kind = _kind(name, inner, nested=bool(path))
        text = inner.get("description")
        choices = tuple(str(value).replace("_", " ") for value in choices_of(inner)[:12])
        question = question_for(
            name, text if isinstance(text, str) else "", form=_FORMS.get(kind, "one"), choices=choices
        )
        checked = (
            inner
            if "$ref" not in repr(inner)
            else {**inner, **{k: root[k] for k in ("$defs", "definitions") if k in root}}
        )
        yield Slot((*path, name), Schema(checked), is_needed, kind, question)


def choices_of(schema: Mapping[str, Any]) -> list[Any]:
    """The values that an enum, a const or an array of enums allows, without null."""
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    if not isinstance(values, list) and isinstance(schema.get("items"), dict):
        values = schema["items"].get("enum")
    return [value for value in _list_of(values) if value is not None]


def _resolved(schema: object, root: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with a local `$ref`, a single `allOf` and the non-null branch of `anyOf` or `oneOf` taken in."""
    found: dict[str, Any] = schema if isinstance(schema, dict) else {}
    for _ in range(5):
        reference = found.get("$ref")
        branches = [
            branch
            for key in ("allOf", "anyOf", "oneOf")
            for branch in _list_of(found.get(key))
            if isinstance(branch, dict) and branch.get("type") != "null"
        ]
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


def _kind(name: str, schema: Mapping[str, Any], *, nested: bool) -> Kind:
    types = _types(schema)
    words = name_words(name)
    said = set(words)
    if "array" in types:
        return "list"
    if choices_of(schema):
        return "choice"
    if "boolean" in types:
        return "boolean"
    if types & {"integer", "number"} and "string" not in types:
        return "number"
    if types and "string" not in types:
        return "other"
    shape, pattern = schema.get("format"), str(schema.get("pattern") or "")
    if shape == "email" or said & {"email", "mail"}:
        return "email"
    if said & {"phone", "mobile", "cell", "telephone", "fax"}:
        return "phone"
    if shape in ("date", "date-time") or said & {"date", "dob", "birth", "birthdate", "birthday", "day"}:
        return "date"
    if shape == "time" or words[-1:] == ["time"]:
        return "time"
    if said & {"zip", "zipcode", "postal", "postcode", "plz"}:
        return "address" if nested or "address" in said else "zip"
    if (nested or "address" in said) and said & {"street", "city", "town", "state", "province", "region"}:
        return "address"
    if "seat" in said:
        return "seat"
    if "last" in said and said & {"4", "four"}:
        return "digits"
    if (words[-1:] == ["name"] and said <= _NAME_WORDS) or name.lower() in ("lname", "fname"):
        return "name"
    if said & _TEXT_WORDS:
        return "text"
    if pattern or said & _CODE_WORDS:
        return "code"
    return "place" if said & _PLACE_WORDS else "string"


def _types(schema: Mapping[str, Any]) -> set[str]:
    kind = schema.get("type")
    listed = [kind] if isinstance(kind, str) else _list_of(kind)
    return {entry for entry in listed if isinstance(entry, str) and entry != "null"}


def _list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _unreachable(uri: str) -> Any:
    raise ValueError(f"'{uri}' is outside the schema")


_FORMS: Mapping[Kind, Form] = {"boolean": "yes or no", "number": "number", "list": "many"}
_NAME_WORDS = word_set("""
    first last full middle given family sur customer client passenger guest caller patient contact traveler my
    name
    """)
_TEXT_WORDS = _LOOKUP_NAMES | word_set("""
    description reason note notes comment comments details rationale summary issue problem complaint feedback action
    """)
_CODE_WORDS = word_set("""
    id number code no num reference ref pnr locator sku ticket order booking confirmation
    """)
_PLACE_WORDS = word_set("""
    city location place destination origin airport region country area town
    """)
