"""The JSON Schemas to `docs/reference.md`: every key of every file, with its type, its default and its meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from realtime_scenarios.core import listed
from realtime_scenarios.document.schema import description_of, properties_of, schema, schema_text

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "null",
}
_INTRODUCTION = """\
# Reference of every key

Made from `schemas/source/scenario.schema.json` and `schemas/source/dialogue.schema.json` by
`python -m realtime_scenarios.project.reference`.
A key without a default may be left out unless it is *required*. Text is YAML 1.2: `on`, `off`, `yes`, `no` and dates
need no quotes and stay text.

Anywhere in a file, a mapping with the one key `$include` stands for the YAML files that it names, by a path or a
pattern such as `agents/*.yaml`. Paths are relative to the file they stand in and never leave the scenario's
folder; several files are merged, and no key may stand in two of them.
"""


def reference() -> str:
    """The text of the reference, in Markdown."""
    scenario, dialogue = schema("scenario"), schema("dialogue")
    own = json.loads(schema_text("scenario"))["$defs"]
    parts = [_INTRODUCTION, "## Scenario files", *_section_parts(scenario, scenario)]
    parts += _definitions(own, scenario)
    parts += ["## Dialogue files", *_section_parts(dialogue, dialogue)]
    known = {part.get("title") for part in own.values()}
    parts += _definitions(
        {name: part for name, part in dialogue["$defs"].items() if part["title"] not in known}, dialogue
    )
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _definitions(definitions: dict[str, Any], root: dict[str, Any]) -> Iterator[str]:
    for part in definitions.values():
        if "title" in part:  # those without are merged into others, and described there
            yield f"### {part['title']}"
            yield from _section_parts(part, root)


def _section_parts(part: dict[str, Any], root: dict[str, Any]) -> Iterator[str]:
    if description := part.get("description"):
        yield str(description)
    if part is not root and (form := _written_form(part, root)):
        yield f"Written as {form}."
    if hint := part.get("x-hint"):
        yield f"Form: {hint}."
    for keys in _mapping_keys(part, root):
        yield _table(keys, root)
    if examples := part.get("examples"):
        yield _fenced_examples(examples)


def _written_form(part: dict[str, Any], root: dict[str, Any]) -> str:
    """How a value is written: the kinds it may have, and the words that may stand there."""
    if "enum" in part or ("$ref" in part and "type" not in part):
        return _type_text(part, root)
    types = part.get("type", [])
    kinds = [types] if isinstance(types, str) else types
    words = [word for branch in _branches(part) for word in branch.get("enum", ())]
    shown = [f"`{word}`" for word in words] if words else ["text"]
    return listed(
        [text for kind in kinds for text in (shown if kind == "string" else [_with_article(_WORDS[kind])])],
        joined_by="or",
    )


class _Keys(NamedTuple):
    """The keys that a mapping may have, each with its schema, and those that it must have."""

    properties: dict[str, Any]
    required: list[str]


def _mapping_keys(part: dict[str, Any], root: dict[str, Any]) -> Iterator[_Keys]:
    """The keys of a value that may be a mapping, wherever in its schema they stand."""
    for branch in [part, *_branches(part)]:
        own = properties_of(root, {key: value for key, value in branch.items() if key != "$ref"})
        if own and not all(value is False for value in own.values()):
            yield _Keys(own, branch.get("required", []))


def _branches(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in ("then", "else"):
        if (branch := part.get(key)) is not None:
            yield branch
            yield from _branches(branch)


def _table(keys: _Keys, root: dict[str, Any]) -> str:
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, part in keys.properties.items():
        default = (
            "*required*" if key in keys.required else f"`{_json_text(part['default'])}`" if "default" in part else ""
        )
        examples = ", ".join(f"`{_json_text(example)}`" for example in part.get("examples", ()))
        meaning = description_of(root, part) + (f" Example: {examples}." if examples else "")
        cells = (f"`{key}`", _type_text(part, root), default, meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _type_text(part: dict[str, Any], root: dict[str, Any]) -> str:
    if "$ref" in part:
        return _link(part["$ref"], root)
    if "enum" in part:
        return listed([f"`{_json_text(value)}`" for value in part["enum"]], joined_by="or")
    if "const" in part:
        return f"`{_json_text(part['const'])}`"
    types = part.get("type")
    if types is None:
        return "any value"
    if types == "array" and "items" in part:
        return f"list of {_type_text(part['items'], root)}"
    if types == "object" and isinstance(part.get("additionalProperties"), dict) and not properties_of(root, part):
        return f"mapping of name to {_type_text(part['additionalProperties'], root)}"
    return listed([_WORDS[kind] for kind in ([types] if isinstance(types, str) else types)], joined_by="or")


def _link(target: str, root: dict[str, Any]) -> str:
    title = root["$defs"][target.rpartition("/")[2]]["title"]
    return f"[{title}](#{title.lower().replace(' ', '-')})"


def _fenced_examples(examples: list[Any]) -> str:
    texts = [_yaml_text(example) for example in examples]
    return "```yaml\n" + "\n# or\n".join(texts) + "\n```"


def _yaml_text(value: Any) -> str:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return text.removesuffix("\n").removesuffix("\n...")


def _json_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _with_article(noun: str) -> str:
    return noun if noun in ("true or false", "null") else f"a {noun}"


if __name__ == "__main__":
    Path("docs/reference.md").write_text(reference(), encoding="utf-8")
