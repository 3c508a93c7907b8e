"""A tool to its arguments: where they stand, who can know them, and how they are said."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.lint.prompts.passages import prompt_read_by
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec, Scenario
from realtime_scenarios.model.tool import ToolSpec

_OF_THE_MODEL = {
    "request", "question", "query", "reason", "rationale", "summary", "message", "note", "notes", "text", "topic",
    "context", "content", "description", "conversation", "comment", "transcript", "information", "keyword", "keywords",
}  # fmt: skip
_ALSO_CALLED = {
    "zip": {"postal", "postcode", "zipcode"},
    "postal": {"zip", "zipcode", "postcode"},
    "dob": {"birth", "birthday", "born"},
    "birth": {"dob", "birthday", "born"},
    "phone": {"telephone", "mobile"},
    "telephone": {"phone", "mobile"},
    "mail": {"email"},
    "email": {"mail"},
    "forename": {"name"},
}
_IDENTIFYING = {"phone", "telephone", "mobile", "email", "iban", "ssn", "passport", "vin", "card", "zip", "postal"}
_NO_IDENTIFIER = {"country", "language", "currency", "status", "error", "airport", "page", "locale", "type"}


def arguments_of(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The arguments that are values, each with the names that lead to it and its schema."""
    properties = schema.get("properties", {})
    for name, part in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(part, Mapping):  # JSON Schema allows `true` and `false` in place of one
            if isinstance(part.get("properties"), Mapping):
                yield from arguments_of(part, (*path, name))
            else:
                yield (*path, name), part


def place_of_argument(tool: ToolSpec, path: Sequence[str]) -> Place:
    """Where an argument is declared, in the short form or as a JSON Schema; or what stands around it."""
    place = tool.place / "parameters"
    for name in path:
        for step in ((name,), (f"{name}?",), ("properties", name), ("properties", f"{name}?")):
            further = place
            for key in step:
                further = further / key
            if further.exists:
                place = further
                break
    return place


def asked_of_caller(tool: ToolSpec) -> Iterator[tuple[str, ...]]:
    """The arguments that a call must have and that only the caller, or somebody before, can know."""
    for path, schema in arguments_of(tool.parameters):
        if not _is_required(tool.parameters, path) or {"enum", "const", "default"} & schema.keys():
            continue
        words = set(words_of(path[-1]))
        if schema.get("type") in ("string", "number", "integer") and not words & _OF_THE_MODEL and "id" not in words:
            yield path


def _is_required(schema: Mapping[str, Any], path: Sequence[str]) -> bool:
    for name in path:
        if name not in schema.get("required", ()):
            return False
        schema = schema["properties"][name]
    return True


def words_known_to(agent: AgentSpec, scenario: Scenario) -> set[str]:
    """The words that stand anywhere a value could be learnt: the prompt, the context, the agent's tools."""
    texts = [prompt_read_by(agent, scenario)]
    texts += [f"{variable.name} {variable.description or ''}" for variable in scenario.context.values()]
    for tool in (scenario.tools[name] for name in agent.tools if name in scenario.tools):
        texts += [tool.description, *(str(answer.returns) for answer in tool.stub.answers)]
    texts += [str(edge.inputs or "") for edge in _handoffs_by_target(scenario).get(agent.id, ())]
    return {word for text in texts for word in words_of(text)}


@functools.lru_cache(maxsize=2)
def _handoffs_by_target(scenario: Scenario) -> Mapping[str, Sequence[HandoffSpec]]:
    """All handoffs, by the agent that they lead to: asked for each agent in turn."""
    found: dict[str, list[HandoffSpec]] = {}
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            found.setdefault(edge.to, []).append(edge)
    return found


def is_known(name: str, known: Collection[str]) -> bool:
    """Whether one of the words of the name, or another word for it, is among those known."""
    words = set(words_of(name))
    words |= {other for word in words for other in _ALSO_CALLED.get(word, ())}
    return any(word in known or f"{word}s" in known or word.removesuffix("s") in known for word in words)


def words_of(text: str) -> list[str]:
    """The words of a text or a name in lower case, `newAddress` and `new_address` alike."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)]


def is_identifier(path: Sequence[str], schema: Mapping[str, Any]) -> bool:
    """Whether it is something callers say digit by digit or letter by letter."""
    words = words_of(path[-1])
    if schema.get("type") != "string" or {"enum", "const", "format"} & schema.keys() - {"format"}:
        return False
    if not words or _NO_IDENTIFIER & set(words) or schema.get("format") in ("date", "time", "date-time"):
        return False
    return bool(_IDENTIFYING & set(words)) or words[-1] in ("number", "code", "digits")


def is_unspeakable(pattern: object) -> bool:
    """Whether the pattern refuses what a caller says in words."""
    if not isinstance(pattern, str):
        return False
    try:
        return re.search(pattern, "two oh six, five five five, zero one three five") is None
    except re.error:
        return False
