"""The pages for those who join, held to what they speak of."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.cli.checking import listing
from realtime_scenarios.lint.codes import page

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "runner" / "realtime_scenarios"
SCHEMAS = {
    kind: json.loads((ROOT / "schemas" / "source" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    for kind in ("scenario", "dialogue")
}
WHERE = (ROOT / "docs" / "where.md").read_text(encoding="utf-8")


def keys_of(schema: dict[str, Any], kind: str) -> Iterator[str]:
    """The keys of the mapping that a schema is about, or of the mappings in its list or below its names."""
    if "$ref" in schema:
        file, _, name = schema["$ref"].partition("#/$defs/")
        home = file.partition(".")[0] or kind
        yield from keys_of(SCHEMAS[home]["$defs"][name], home)
        return
    yield from schema.get("properties", ())
    inner = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if "properties" not in schema:
        inner += [schema.get("additionalProperties"), schema.get("items")]
    for part in inner:
        if isinstance(part, dict):
            yield from keys_of(part, kind)


def keys_in_tables(text: str) -> set[str]:
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def section(kind: str, key: str) -> str:
    """The part of the page below the heading that names a top-level key."""
    half = WHERE.split("\n## ")[{"scenario": 1, "dialogue": 2}[kind]]
    found = [part for part in half.split("\n### ")[1:] if f"`{key}`" in part.splitlines()[0]]
    assert len(found) == 1, f"docs/where.md needs one section '{key}' under {kind} files"
    return found[0]


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind in SCHEMAS for key in SCHEMAS[kind]["properties"]])
def test_every_key_is_listed_with_the_code_behind_it(kind: str, key: str) -> None:
    schema = SCHEMAS[kind]["properties"][key]
    if (kind, key) == ("scenario", "dialogues"):
        kind = "dialogue"  # they are written the same, and stand on the page once
    listed = keys_in_tables(section(kind, key))
    assert listed >= (set(keys_of(schema, kind)) or {key})


def test_no_key_is_listed_that_is_not_in_the_schemas() -> None:
    known = {key for kind, schema in SCHEMAS.items() for key in schema["properties"]}
    known |= {
        key for kind, schema in SCHEMAS.items() for part in schema["properties"].values() for key in keys_of(part, kind)
    }
    known |= SCHEMAS["dialogue"]["$defs"]["expectation"]["properties"].keys()
    assert keys_in_tables(WHERE) - known == set()


def test_the_tables_of_kinds_are_made_from_the_catalogues() -> None:
    spec = importlib.util.spec_from_file_location("where", ROOT / "tools" / "where.py")
    assert spec is not None and spec.loader is not None
    where = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(where)
    assert where.page(WHERE) == WHERE, "make docs"


def test_every_file_and_class_behind_a_key_exists() -> None:
    for name in re.findall(r"`([\w./]+(?:/|\.py|\.j2))`", WHERE):
        assert (PACKAGE / name).exists() or (ROOT / name).exists(), name
    for names, file in re.findall(r"((?:`\w+`,? ?)+)(?:and its moves )?in `([\w/]+\.py)`", WHERE):
        text = (PACKAGE / file).read_text(encoding="utf-8")
        assert all(f"class {name}(" in text for name in re.findall(r"`(\w+)`", names)), (names, file)


def test_the_guide_lists_its_chapters_in_order() -> None:
    text = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    before, *_ = text.partition("\n## ")
    assert re.findall(r"^\* \[(.+)\]\(#", before, re.MULTILINE) == re.findall(r"^## (.+)$", text, re.MULTILINE)


def test_the_page_of_codes_is_made_from_the_catalogues_and_has_them_all() -> None:
    text = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert text == page(), "make docs"
    listed = [line.split()[:2] for line in listing().splitlines()]
    assert listed and all(re.search(rf"^\| \[?{code}\b.*`{name}`", text, re.MULTILINE) for code, name in listed)


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_every_link_of_a_page_at_the_top_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", (ROOT / name).read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_the_architecture_has_the_floors_that_are_enforced_in_their_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (floors,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    (drawn,) = re.findall(r"```\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.DOTALL)
    known = [name for floor in floors for name in re.findall(r"\w+", floor)]
    shown = [name for name in re.findall(r"(?:^|    )(\w+)(?:/|\.py)(?= )", drawn, re.MULTILINE) if name in known]
    assert sorted(shown) == sorted(known)
    floor_of = {name: number for number, floor in enumerate(floors) for name in re.findall(r"\w+", floor)}
    assert [floor_of[name] for name in shown] == sorted(floor_of[name] for name in shown)


LACKING = {
    "node": "Node.js",
    "javascript": "REALTIME_JS_FOLDER",
    "chromium": "Chromium",
    "openssl": "openssl",
    "sound": "sound server",
    "flite": "flite",
    "silero": "silero",
    "pocketsphinx": "pocketsphinx",
    "espeak": "espeak-ng",
}


def test_what_a_machine_may_have_to_skip_is_named_where_one_joins_in() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| ")]
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT)
        marks = "".join(re.findall(r"^(?:@needs_|pytestmark = ).*", path.read_text(encoding="utf-8"), re.MULTILINE))
        for need in re.findall(r"needs_([a-z]+)", marks):
            found.add(need)
            (told,) = (tests for lack, tests in rows if LACKING[need] in lack)
            assert any(f"`{named.as_posix()}`" in told for named in (place, place.parent)), (need, place)
    assert found == set(LACKING)
