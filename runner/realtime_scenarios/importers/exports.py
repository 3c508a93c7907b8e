"""What exports of voice platforms have in common: what is told, schemas of tools, and variables in their texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from realtime_scenarios.core import Span
from realtime_scenarios.core.patterns import pattern_problem
from realtime_scenarios.document import Place
from realtime_scenarios.importers.found import Answered, FoundOpening, Note
from realtime_scenarios.importers.sources import words
from realtime_scenarios.importers.written import verbatim

NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}

_SECRET = re.compile(
    r"(?i)secret|token|passw|credential|api_?-?key|apikey|private_?key|authorization|(^|_)auth(_|$)|(^|_)pin($|_)"
)
_KEY = re.compile(r"(sk|pk|rk)[-_]\w|Bearer\s|gh[pousr]_|xox[a-z]-|AKIA|eyJ[\w-]+\.")
"""How keys and tokens of well-known services begin."""

_SCHEMA_KEYS = words(
    "type title description default examples enum const format pattern minLength maxLength minimum"
    " maximum exclusiveMinimum exclusiveMaximum multipleOf items minItems maxItems uniqueItems properties"
    " required additionalProperties anyOf oneOf allOf"
)
_TYPES = words("string integer number boolean array object null")
_COUNTS = frozenset(["minLength", "maxLength", "minItems", "maxItems"])
_NUMBERS = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*", re.ASCII)
_MOMENTS = frozenset(["now", "current_time", "system__time", "system__time_utc"])
_DAYS = frozenset(["date", "current_date"])


def is_secret(name: str) -> bool:
    """Whether what is called so is nobody's business."""
    return _SECRET.search(name) is not None


class Told:
    """Collects what is not carried over, each thing at its place. Values are never told: they may be secrets."""

    def __init__(self) -> None:
        self._found: dict[tuple[Span, str], None] = {}

    @property
    def notes(self) -> tuple[Note, ...]:
        """All of it, from top to bottom."""
        in_order = sorted(self._found, key=lambda told: told[0])
        return tuple(Note(str(span), message) for span, message in in_order)

    def at(self, place: Place, message: str, *, key: bool = False) -> None:
        self.at_span(place.key_span if key else place.span, message)

    def at_span(self, span: Span, message: str) -> None:
        self._found[span, message] = None

    def rest(self, place: Place, known: Collection[str], of: str) -> None:
        """What else stands there and says something."""
        if isinstance(place.value, dict):
            for key, value in place.value.items():
                if key not in known and value not in (None, "", [], {}, False):
                    self.at(place / key, f"'{key}' of {of}", key=True)


def text_at(place: Place, told: Told) -> str | None:
    """The text that stands there; None: none does, or something else, which is told."""
    value = place.value
    if value is None or isinstance(value, str):
        return value or None
    told.at(place, f"'{place.pointer[-1]}' is no text")
    return None


def items_at(place: Place, told: Told) -> Iterator[Place]:
    """The mappings of the list that stands there; what is no mapping is told."""
    value = place.value
    if value is None:
        return
    if not isinstance(value, list):
        told.at(place, f"'{place.pointer[-1]}' is no list")
        return
    for index, item in enumerate(value):
        if isinstance(item, dict):
            yield place / index
        else:
            told.at(place / index, f"an item of '{place.pointer[-1]}' that is no mapping")


def places_in(place: Place) -> list[Place]:
    """The places of the items of a list; none where there is no list."""
    return [place / index for index in range(len(place.value))] if isinstance(place.value, list) else []


def mapping_at(place: Place, told: Told) -> bool:
    """Whether a mapping stands there; what is something else is told."""
    if place.value is not None and not isinstance(place.value, dict):
        told.at(place, f"'{place.pointer[-1]}' is no mapping")
    return isinstance(place.value, dict)


def stub(what: str) -> Answered:
    """An answer that says what it stands for, so that nobody takes it for the real one."""
    return Answered(f"[stub] {what}")


def seconds(value: Any, per_second: int = 1) -> str | None:
    """A timeout as a scenario has it; None: there is none, or none that could be."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value / per_second <= 3600:
        return None
    milliseconds = max(1, round(value * 1000 / per_second))
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def parameters_at(place: Place, tool: str, told: Told) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments, without what a model cannot give."""
    if not mapping_at(place, told) or not place.value:
        return NO_PARAMETERS
    if place.value.get("type", "object") != "object":
        told.at(place, f"the parameters of '{tool}' are no object")
        return NO_PARAMETERS
    schema = schema_at(place, f"the parameters of '{tool}'", told)
    properties = schema.get("properties", {})
    return {**schema, "type": "object", "properties": properties} if properties else NO_PARAMETERS


def schema_at(place: Place, of: str, told: Told) -> dict[str, Any]:
    """The keywords of the JSON Schema there that a scenario knows; the others are told."""
    schema: dict[str, Any] = {}
    for key, value in place.value.items():
        inner = place / key
        if key not in _SCHEMA_KEYS:
            if value not in (None, "", [], {}, False):
                told.at(inner, f"'{key}' in {of}", key=True)
        elif key == "properties":
            schema[key] = properties_at(inner, of, told)
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            schema[key] = schema_at(inner, of, told)
        elif key in ("anyOf", "oneOf", "allOf"):
            branches = [schema_at(branch, of, told) for branch in items_at(inner, told)]
            if branches:
                schema[key] = branches
        elif _is_value_of(key, value):
            schema[key] = value
        elif value not in (None, "", [], {}):
            told.at(inner, f"'{key}' in {of} is none that JSON Schema knows, or that can be checked here")
    properties = schema.get("properties")
    if "required" in schema and properties is not None:
        schema["required"] = [name for name in dict.fromkeys(schema["required"]) if name in properties]
    if not schema.get("required", True):
        del schema["required"]
    return schema


def properties_at(place: Place, of: str, told: Told) -> dict[str, Any]:
    """The schemas of the arguments that stand there by name, without those that the platform gives itself."""
    if not mapping_at(place, told):
        return {}
    found: dict[str, Any] = {}
    for name, value in place.value.items():
        inner = place / name
        if not isinstance(value, dict):
            told.at(inner, f"'{name}' in {of} is no schema")
        elif fixed := next((key for key in _FIXED if value.get(key) not in (None, "", False)), None):
            told.at(inner, f"'{name}' in {of} is no argument: the model does not give it ('{fixed}')", key=True)
        elif name:
            found[name] = schema_at(inner, of, told)
    return found


_FIXED = ("dynamic_variable", "constant_value", "is_system_provided", "is_omitted")
"""ElevenLabs: a value that the platform fills in (`LiteralJsonSchemaProperty` of its SDK)."""


def _is_value_of(key: str, value: Any) -> bool:
    match key:
        case "type":
            types = value if isinstance(value, list) else [value]
            return bool(types) and all(isinstance(name, str) and name in _TYPES for name in types)
        case "description" | "title" | "format":
            return isinstance(value, str) and bool(value)
        case "pattern":
            return isinstance(value, str) and bool(value) and pattern_problem(value) is None
        case "enum" | "examples":
            return isinstance(value, list) and bool(value)
        case "required":
            return isinstance(value, list) and all(isinstance(name, str) for name in value)
        case "uniqueItems" | "additionalProperties":
            return isinstance(value, bool)
        case "items":
            return isinstance(value, bool)
        case "default" | "const":
            return True
        case _:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return False
            if key in _COUNTS:
                return isinstance(value, int) and value >= 0
            return key in _NUMBERS and (key != "multipleOf" or value > 0)


class Variables:
    """The variables of a platform's texts (`{{name}}`), which become those of the context."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._known: dict[str, Any] = {}
        self._used: dict[str, None] = {}
        self._unknown: dict[str, list[tuple[Place, str]]] = {}

    def know(self, place: Place) -> None:
        """The defaults that stand there, by name. Those of secrets are left out."""
        if not mapping_at(place, self._told):
            return
        for name, value in place.value.items():
            if is_secret(name) or (isinstance(value, str) and _KEY.match(value)):
                self._told.at(place / name, f"the value of '{name}', which is a secret", key=True)
            elif isinstance(value, (str, int, float, bool)):
                self._known[_variable(name)] = value
            elif value is not None:
                self._told.at(place / name, f"the value of '{name}' is no plain value", key=True)
            if _NAME.fullmatch(name):
                self._used[_variable(name)] = None
            else:
                self._told.at(place / name, "a variable whose name no variable can have", key=True)

    def given(self, text: str) -> None:
        """Takes the variables of a text for such as get their values in each conversation."""
        for found in _VARIABLE.finditer(text):
            self._known.setdefault(_variable(found[1]), "")

    def tell_unknown(self) -> None:
        """Tells, at the end, which variables get their value from nowhere."""
        for name, places in self._unknown.items():
            if name not in self._known:
                place, inside = places[0]
                self._told.at(place, f"where the value of '{inside}' comes from; here the variable is empty")

    @property
    def declared(self) -> dict[str, Any]:
        """The variables as a scenario's `context` has them."""
        return {name: self._declaration(name) for name in self._used}

    def collected(self, name: str, schema: dict[str, Any]) -> str | None:
        """The variable in which a state keeps what it finds out; None: none can be called so."""
        if not _NAME.fullmatch(name):
            return None
        types = schema.get("type", "string")
        types = types if isinstance(types, list) else [types]
        self._known[_variable(name)] = {
            **{key: value for key, value in schema.items() if key not in ("default", "enum")},
            **({"enum": [*schema["enum"], None]} if "enum" in schema else {}),
            "type": [*types, "null"] if "null" not in types else types,
            "default": None,
        }
        self._used[_variable(name)] = None
        return _variable(name)

    def template(self, text: str, place: Place) -> str:
        """The text as a template over the context; what is no variable stands in it as it is."""
        parts: list[str] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            parts += [_before_braces(verbatim(text[end : found.start()])), self._read(found[1], found[0], place)]
            end = found.end()
        return "".join([*parts, verbatim(text[end:])])

    def opening(self, text: str, place: Place) -> tuple[FoundOpening, str | None]:
        """How the conversation begins, and what the instructions say of it where the words are not known before."""
        words = _VARIABLE.sub(lambda found: self._default(found[1]) or found[0], text)
        if not re.search(r"\{[{%#]", words):
            return FoundOpening(words), None
        self._told.at(place, "the first words hold variables: they stand in the instructions, and are not exact")
        return FoundOpening(), f"Begin the conversation with these words: {self.template(text, place)}"

    def words(self, text: str, place: Place) -> str:
        """The text where no template may stand: its variables are what they begin with, or only named."""
        if _VARIABLE.search(text):
            self._told.at(place, "variables in a description, which are only named here")
            text = _VARIABLE.sub(lambda found: self._default(found[1]) or f"'{found[1]}'", text)
        return re.sub(r"\{(?=[{%#])", "{ ", text)

    def _default(self, inside: str) -> str | None:
        """What a variable begins with, where that is known and says something."""
        value = self._known.get(_variable(inside))
        return str(value) if isinstance(value, (str, int, float)) and value != "" else None

    def _read(self, inside: str, whole: str, place: Place) -> str:
        if inside in _MOMENTS:
            return "{{ now }}"
        if inside in _DAYS:
            return "{{ now | date }}"
        if re.match(r"""["']?(now|current_time)\b""", inside):
            self._told.at(place, "a time in the texts whose form or zone is another one here")
            return "{{ now }}"
        if not _NAME.fullmatch(inside):
            self._told.at(place, "braces in the texts that name no variable; they stand there as they are")
            return verbatim(whole)
        name = _variable(inside)
        self._unknown.setdefault(name, []).append((place, inside))
        self._used[name] = None
        return f"{{{{ context.{name} }}}}"

    def _declaration(self, name: str) -> dict[str, Any]:
        value = self._known.get(name, "")
        if isinstance(value, dict):
            return value
        kind = {bool: "boolean", int: "integer", float: "number"}.get(type(value), "string")
        return {"type": kind, "default": value, **({"secret": True} if is_secret(name) else {})}


def _variable(name: str) -> str:
    return name.replace(".", "_")


def _before_braces(text: str) -> str:
    """The text so that a brace at its end is not taken for one of the braces behind it."""
    return f"{text[:-1]}{{{{ '{{' }}}}" if text.endswith("{") else text
