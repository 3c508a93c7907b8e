"""What `scenario import` is given to the items in it, each with its place, and to what kind of thing they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from realtime_scenarios.core import UsageError
from realtime_scenarios.document import Place, read_text
from realtime_scenarios.document.files import Unreadable, text_of
from realtime_scenarios.importers.json_document import JsonDocument, NoJson, line_and_column

TYPESCRIPT = (".ts", ".tsx", ".mts", ".js", ".mjs")
_YAML = (".yaml", ".yml")


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set of names."""
    return frozenset(text.split())


_LARGEST = 8_000_000
_NAME_OF_A_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_SUFFIXES_OF_FILES = words(
    ".cfg .conf .csv .docx .gz .html .ini .json .json5 .jsonl .log .md .pdf .png .rst .sql .svg .tar"
    " .toml .txt .wav .xml .yaml .yml .zip"
)
WHAT_CAN_BE_IMPORTED = (
    "TypeScript (a file or a folder), Python (module:agent or path/file.py:agent), tests of promptfoo or LiveKit (YAML,"
    " JSON), and exports of Vapi, Retell or ElevenLabs (JSON, YAML, or a folder of them) can be imported"
)


def refused(source: str, why: str) -> UsageError:
    """The one line that says why, and what can be imported instead."""
    return UsageError(f"'{source}' {why}: {WHAT_CAN_BE_IMPORTED}")


def format_of_source(source: str) -> str | None:
    """`typescript` or `python`; None: it is a file or a folder of data, and what is in it tells.

    Raises:
        UsageError: it is neither.
    """
    path = Path(source)
    if not source.strip():
        raise refused(source, "names nothing")
    where, colon, _ = source.rpartition(":")
    try:
        there = path.exists()
    except (OSError, ValueError):
        there = False
    if there:
        if path.is_dir():
            return "typescript" if next(_files_in(path, TYPESCRIPT), None) else None
        if path.suffix in TYPESCRIPT:
            return "typescript"
        return "python" if path.suffix == ".py" else None
    if path.suffix in TYPESCRIPT:
        raise UsageError(f"there is no '{source}'", hint="give a file or a folder")
    if colon and (where.endswith(".py") or _NAME_OF_A_MODULE.fullmatch(where)):
        beside = Path(where)
        if beside.suffix in _SUFFIXES_OF_FILES or (beside.is_file() and not where.endswith(".py")):
            raise refused(source, "is no module and no Python file")
        return "python"
    if source.endswith(".py") or (_NAME_OF_A_MODULE.fullmatch(source) and path.suffix not in _SUFFIXES_OF_FILES):
        return "python"
    raise UsageError(f"there is no '{source}'", hint=WHAT_CAN_BE_IMPORTED)


def items_in(source: Path) -> list[Place]:
    """The roots of the file, or of the files of data in a folder, each with its place; a list is each of its items.

    Raises:
        UsageError: nothing in it can be read, or something is no JSON or YAML.
    """
    if not source.is_dir():
        return _items_of(source, source.name)
    files = sorted(_files_in(source, (".json", *_YAML)))
    if not files:
        raise refused(str(source), "holds neither TypeScript nor JSON nor YAML")
    return [item for file in files for item in _items_of(file, file.relative_to(source).as_posix())]


def document_root(path: Path, shown: str) -> Place:
    """The whole of a JSON or YAML file.

    Raises:
        UsageError: it cannot be read, or it is no JSON or YAML; with the place.
    """
    text = text_of(path, shown, _LARGEST)
    if isinstance(text, Unreadable):
        if text.name == "not-utf8":
            raise refused(shown, "is no text in UTF-8")
        raise UsageError(text.message, hint=text.hint)
    if "\0" in text:
        raise refused(shown, "is no text")
    if not text.strip():
        raise refused(shown, "is empty")
    if path.suffix not in _YAML and text.lstrip()[:1] in "{[":
        try:
            return JsonDocument(path, shown, text).root
        except NoJson as problem:
            starts = [0, *(found.end() for found in re.finditer("\n", text))]
            line, column = line_and_column(starts, problem.index)
            raise UsageError(f"{shown}:{line}:{column}: this is no JSON: {problem.message}") from None
        except RecursionError:
            raise UsageError(f"{shown}:1:1: values are nested too deep") from None
    if path.suffix == ".json":
        raise UsageError(f"{shown}:1:1: this is no JSON: it begins with neither '{{' nor '['")
    if path.suffix not in _YAML:
        raise refused(shown, "is neither code nor an export nor tests")
    document, found = read_text(text, shown)
    wrong = [each for each in found if each.severity == "error"]
    if document is None or wrong:
        raise UsageError(f"{wrong[0].span}: {wrong[0].message}", hint=wrong[0].hint)
    document.path = path  # a text has none of its own; without it no `$include` is followed
    return document.root


def _items_of(path: Path, shown: str) -> list[Place]:
    root = document_root(path, shown)
    items = [root / index for index in range(len(root.value))] if isinstance(root.value, list) else [root]
    return [_unwrapped(item) for item in items]


def _unwrapped(item: Place) -> Place:
    """What is inside of a request to Vapi for a call: a squad or an assistant that was written for it alone."""
    for key, is_so in (("squad", is_squad), ("assistant", is_assistant)):
        if isinstance(item.value, dict) and not is_squad(item.value) and is_so(item.value.get(key)):
            return item / key
    return item


def _files_in(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    return (
        path
        for path in folder.rglob("*")
        if path.suffix in suffixes and path.is_file() and not {"node_modules", ".git"}.intersection(path.parts)
    )


def format_of_items(source: str, items: list[Place]) -> str:
    """Which of the formats the items are.

    Raises:
        UsageError: none of them, or several.
    """
    met = dict.fromkeys(kind for item in items for kind, is_so in _SIGNS.items() if is_so(item.value))
    if not met:
        if any(isinstance(item.value, dict) and {"scenario", "agents"} <= item.value.keys() for item in items):
            raise refused(source, "is a scenario already")
        raise refused(source, "is none of these")
    if len(met) > 1:
        raise UsageError(
            f"'{source}' may be of {' or '.join(met)}", hint=f"say which: --from {' or --from '.join(met)}"
        )
    return next(iter(met))


def _is_promptfoo(data: Any) -> bool:
    if not isinstance(data, dict):
        return False
    if "prompts" in data and data.keys() & {"providers", "targets", "tests", "scenarios", "defaultTest"}:
        return True
    tests = data.get("tests")
    return isinstance(tests, list) and any(
        isinstance(test, dict) and test.keys() & {"vars", "assert", "assertScoringFunction"} for test in tests
    )


def _is_livekit(data: Any) -> bool:
    scenarios = data.get("scenarios") if isinstance(data, dict) else None
    return isinstance(scenarios, list) and any(
        isinstance(each, dict) and "instructions" in each and each.keys() & {"label", "agent_expectations", "userdata"}
        for each in scenarios
    )


def is_squad(data: Any) -> bool:
    members = data.get("members") if isinstance(data, dict) else None
    return isinstance(members, list) and any(
        isinstance(each, dict) and each.keys() & {"assistant", "assistantId", "assistantDestinations"}
        for each in members
    )


def is_assistant(data: Any) -> bool:
    if not isinstance(data, dict) or "conversation_config" in data:
        return False
    model = data.get("model")
    if isinstance(model, dict) and model.keys() & {"provider", "messages", "toolIds", "systemPrompt"}:
        return True
    return bool(data.keys() & {"firstMessage", "firstMessageMode", "serverMessages", "startSpeakingPlan"})


def is_retell_llm(data: Any) -> bool:
    return isinstance(data, dict) and bool(
        data.keys() & {"general_prompt", "general_tools", "starting_state", "begin_message"}
    )


def is_retell_agent(data: Any) -> bool:
    return isinstance(data, dict) and bool(data.keys() & {"response_engine", "retellLlmData", "conversationFlow"})


def is_retell_flow(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("nodes"), list) and "prompts" not in data


def is_elevenlabs(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("conversation_config"), dict)


_SIGNS: Mapping[str, Callable[[Any], bool]] = {
    "promptfoo": _is_promptfoo,
    "livekit": _is_livekit,
    "vapi": lambda data: is_squad(data) or is_assistant(data),
    "retell": lambda data: is_retell_llm(data) or is_retell_agent(data) or is_retell_flow(data),
    "elevenlabs": is_elevenlabs,
}
