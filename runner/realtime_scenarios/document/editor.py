"""The schema that validators read to the one that editors read: the same files are right by both.

A language server for YAML offers every key of every `properties`, and every `default`, `enum` and example, that it
meets on the way to the cursor, whatever forbids them elsewhere; a mapping among them is offered as `[object Object]`.
For values it looks at a schema itself and at what that is merged with, but not into branches (`then`, `else`); when
the mouse rests on a key it looks into those, too, and there first. So, in what it reads,

- a key that others exclude stands in a branch that is open while none of them is there;
- the words that branches allow stand outside of them as well, and examples that only show the form stand in one;
- a branch that refers to a definition has no description, or it would hide that of the key;
- defaults are told, and not filled in;
- hints are messages (`patternErrorMessage`, `errorMessage`), and descriptions are Markdown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.document.schema import SchemaName, properties_of, schema, schema_text, target_of

Part = dict[str, Any]
"""A schema, or a schema inside of it."""

_MAPS_OF_PARTS = ("properties", "dependentSchemas", "$defs")
_PARTS = ("items", "additionalProperties", "propertyNames", "if", "then", "else")
_TYPES = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_OPPOSITE = {"then": "else", "else": "then"}


def editor_text(name: SchemaName) -> str:
    """The text of the schema of that name for editors, with what plug-ins have added."""
    return json.dumps(for_editors(json.loads(schema_text(name)), schema(name)), indent=2, ensure_ascii=False) + "\n"


def for_editors(part: Part, root: Part) -> Part:
    """A schema as editors read it; `root` is the same one with every definition that it refers to inside it."""
    return _Rewriting(root).of(part)


class _Rewriting:
    def __init__(self, root: Part) -> None:
        self._root = root
        self._lending = {name for part in _inside(root) if _is_merged(part) for name in _lenders(part)}

    def of(self, part: Part) -> Part:
        whole = self._with_what_it_refers_to(part) if part.get("examples") else part
        offering = _open(_with_messages(self._with_keys_in_branches(whole)))
        rewritten = {key: self._below(key, value) for key, value in offering.items() if not key.startswith("x-")}
        return _with_markdown(self._with_examples_in_branches(rewritten))

    def _below(self, key: str, value: Any) -> Any:
        if key == "$defs":
            value = {name: _lent(part) if name in self._lending else part for name, part in value.items()}
        if key == "properties":
            value = {name: _titled(name, part) for name, part in value.items()}
        if key in _MAPS_OF_PARTS:
            return {name: self._of_any(part) for name, part in value.items()}
        if key == "allOf":
            return [self.of(_without_a_say(part)) for part in value]
        if key in _OPPOSITE and isinstance(value, dict):
            value = _without_a_say(value)
        return self._of_any(value) if key in _PARTS else value

    def _of_any(self, part: Part | bool) -> Part | bool:
        return self.of(part) if isinstance(part, dict) else part

    def _with_what_it_refers_to(self, part: Part) -> Part:
        """A schema without `$ref`, beside which a server keeps little of what else there is."""
        while "$ref" in part:
            part = {**self._target(part), **{key: value for key, value in part.items() if key != "$ref"}}
        return part

    def _with_examples_in_branches(self, part: Part) -> Part:
        """A value with the words that it may be as its examples, and its other examples where only hovering finds them.

        Numbers are offered as well: they stand for themselves, while a text is somebody's name for something.
        """
        words = [word for branch in self._branches(part) for word in _words(branch)]
        given = [example for example in part.get("examples", _number_in_range(part)) if example not in words]
        offered = [*words, *(example for example in given if isinstance(example, int | float))]
        shown = [example for example in given if example not in offered]
        result = {key: value for key, value in part.items() if key != "examples"}
        if any(isinstance(word, bool) for word in words):  # its type alone would offer both true and false
            types = result.pop("type")
            result["allOf"] = [*result.get("allOf", ()), {"if": {}, "then": {"type": types}}]
        if offered or "examples" in part:
            result["examples"] = offered
        if shown:
            result["allOf"] = [*result.get("allOf", ()), *_branches_with(shown)]
        return result

    def _branches(self, part: Part) -> Iterator[Part]:
        """What a value must be in one case or another."""
        for key in ("then", "else"):
            branch = part.get(key, {})
            while "$ref" in branch:
                branch = self._target(branch)
            if branch:
                yield branch
                yield from self._branches(branch)

    def _with_keys_in_branches(self, part: Part) -> Part:
        """A mapping with those of its keys in branches that others exclude, or that it borrows."""
        keys = self._keys(part)
        conditions = {key: found for key in keys if (found := self._condition(key, part, keys)) is not None}
        borrowed = keys.keys() - part.get("properties", {}).keys()
        if not conditions and not borrowed:
            return part
        free = {key: True if key in conditions else value for key, value in keys.items()}
        properties = {**part.get("properties", {}), **free}
        offers = [
            {**condition, branch: {"properties": {key: keys[key]}}} for key, (branch, condition) in conditions.items()
        ]
        made = {**part, "properties": properties, "allOf": [*part.get("allOf", ()), *_together(offers)]}
        if made.get("maxProperties") == 1:  # beside `properties` it would hide all of them once one is being written
            made["allOf"].append({"maxProperties": made.pop("maxProperties")})
        return made

    def _target(self, part: Part) -> Part:
        """The definition that a `$ref` leads to, whichever file it is in."""
        return target_of(self._root, {"$ref": f"#{part['$ref'].partition('#')[2]}"})

    def _keys(self, part: Part) -> Part:
        known = properties_of(self._root, part) if _is_merged(part) else part.get("properties", {})
        return {key: value for key, value in known.items() if isinstance(value, dict)}

    def _condition(self, key: str, part: Part, keys: Part) -> tuple[str, Part] | None:
        """The branch of a condition in which a key is offered; None where it always is."""
        excluding = [other for other in keys if self._exclude(key, other, part)]
        if excluding:
            return "then", {"if": {"properties": dict.fromkeys(excluding, False)}}
        for branch, opposite in _OPPOSITE.items():
            if part.get(branch, {}).get("properties", {}).get(key) is False:
                return opposite, {"if": part["if"]}
        return None

    def _exclude(self, key: str, other: str, part: Part) -> bool:
        """Whether two keys of a mapping cannot stand beside each other."""
        if part.get("maxProperties") == 1:
            return key != other
        lenders = [self._root["$defs"][name] for name in _lenders(part)] if _is_merged(part) else []
        closed = [source.get("dependentSchemas", {}) for source in (part, *lenders)]
        return any(
            self._refuses(parts.get(first, {}), second)
            for parts in closed
            for first, second in ((key, other), (other, key))
            if first != second
        )

    def _refuses(self, beside: Part, key: str) -> bool:
        names = beside.get("propertyNames")
        if names is None:
            return beside.get("properties", {}).get(key) is False
        return key not in [*self._target(names["if"])["enum"], *names["else"]["enum"]]


def _is_merged(part: Part) -> bool:
    return part.get("unevaluatedProperties") is False and "allOf" in part


def _lenders(part: Part) -> list[str]:
    """The names of the definitions that a mapping is merged with."""
    return [inner["$ref"].removeprefix("#/$defs/") for inner in part["allOf"] if "$ref" in inner]


def _lent(part: Part) -> Part:
    """A definition whose keys are offered by the mappings that it is merged into."""
    return {**part, "properties": dict.fromkeys(part["properties"], True)}


def _without_a_say(part: Part) -> Part:
    """A branch that refers to a definition, and says nothing about the value; or it would be heard before the key."""
    return {"title": "", "description": "", "examples": [], **part} if "$ref" in part else part


def _titled(name: str, part: Part | bool) -> Part | bool:
    """A key with its name as its title, in place of that of what it refers to, or of the mapping that it is in."""
    return {"title": name, **part} if isinstance(part, dict) else part


def _inside(part: Any) -> Iterator[Part]:
    """A schema and all that are inside it."""
    if isinstance(part, dict):
        yield part
        for key in _MAPS_OF_PARTS:
            for inner in part.get(key, {}).values():
                yield from _inside(inner)
        for key in _PARTS:
            yield from _inside(part.get(key))
        for inner in part.get("allOf", ()):
            yield from _inside(inner)


def _words(part: Part) -> list[Any]:
    return [*part.get("enum", ()), *([part["const"]] if "const" in part else ())]


def _number_in_range(part: Part) -> list[float]:
    """A number that may stand there, where 0, which servers write, may not."""
    least: float = part.get("minimum", 0)
    return [part.get("default", least)] if least > 0 else []


def _branches_with(examples: list[Any]) -> Iterator[Part]:
    """The examples in branches, each where values of its kind are; `type` again, or a server takes it for a word."""
    for kind in dict.fromkeys(_TYPES[type(example)] for example in examples):
        of_kind = [example for example in examples if _TYPES[type(example)] == kind]
        yield {"if": {"type": kind}, "then": {"type": kind, "examples": of_kind}}


def _together(offers: list[Part]) -> list[Part]:
    """The offers with one condition as one."""
    merged: dict[str, Part] = {}
    for offer in offers:
        branch = next(name for name in _OPPOSITE if name in offer)
        first = merged.setdefault(json.dumps([branch, offer["if"]]), offer)
        first[branch]["properties"].update(offer[branch]["properties"])
    return list(merged.values())


def _with_messages(part: Part) -> Part:
    """A schema that says what is wrong in the words that we say it in."""
    message, hint = part.get("x-message"), part.get("x-hint")
    told: Part = {}
    if "pattern" in part:
        told["patternErrorMessage"] = _sentence(message or "does not have the right form", hint)
    elif message:
        told["errorMessage"] = _sentence(message, hint)
    elif hint and ("enum" in part or "const" in part):
        told["errorMessage"] = _sentence("cannot stand here", hint)
    if "dependentSchemas" in part:
        told["dependentSchemas"] = {key: _refusing(key, beside) for key, beside in part["dependentSchemas"].items()}
    return {**part, **told}


def _refusing(key: str, beside: Part) -> Part:
    """What may stand beside a key, with what is said of what may not."""
    message = {"errorMessage": _sentence(f"cannot stand beside '{key}'", beside.get("x-hint"))}
    if "propertyNames" in beside:
        names: Mapping[str, Any] = beside["propertyNames"]
        return {**beside, "propertyNames": {**names, "else": {**names["else"], **message}}}
    return {**beside, **message} if "properties" in beside else beside


def _sentence(what: str, hint: str | None) -> str:
    text = f"This {what}: {hint}" if hint else f"This {what}"
    return text if text.endswith(".") else f"{text}."


def _with_markdown(part: Part) -> Part:
    """A schema with its default in its description, which is read as Markdown, as it is written."""
    result = {key: value for key, value in part.items() if key != "default"}
    if "description" in part:
        default = part.get("default")
        is_told = "default" in part and default not in ([], {})
        told = f" Without it, `{_as_yaml(default)}`." if is_told else ""
        result["markdownDescription"] = part["description"] + told
    return result


def _open(part: Part) -> Part:
    """A described value with an `anyOf` that is always true, where it may be of any type.

    A server writes no colon after a key if it does not know what may follow; with an `anyOf` it does.
    """
    is_open = "description" in part and not part.keys() & {"type", "enum", "const", "properties", "allOf", "$ref"}
    return {**part, "anyOf": [{}]} if is_open else part


def _as_yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
