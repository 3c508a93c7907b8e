"""How long something may take, and how often it may happen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from realtime_scenarios.document import Pointer
from realtime_scenarios.model.values import seconds
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Subject

_LONGER = 60
_CAPS = ("max_calls", "max_trips", "retries")


@kind("timeout-lengthened")
def timeout_lengthened(subject: Subject) -> Iterator[Change]:
    """Something may take sixty times as long."""
    for pointer, what, data in _bounded(subject):
        if "timeout" in data:
            yield subject.put(
                (*pointer, "timeout"),
                f"{seconds(data['timeout']) * _LONGER:g}s",
                f"{what} may take sixty times as long",
                f"one in which {what} takes too long, with `took`",
            )


@kind("delay-lengthened")
def delay_lengthened(subject: Subject) -> Iterator[Change]:
    """An answer takes sixty times as long."""
    for tool in subject.tools:
        places: list[tuple[Pointer, Any]] = [(tool.pointer, tool.data)]
        for key in ("cases", "sequence"):
            places += [((*tool.pointer, key, index), each) for index, each in enumerate(tool.data.get(key, ()))]
        query = tool.data.get("query")
        if isinstance(query, dict) and "empty" in query:
            places.append(((*tool.pointer, "query", "empty"), query["empty"]))
        for pointer, data in places:
            if isinstance(data, dict) and "delay" in data:
                yield subject.put(
                    (*pointer, "delay"),
                    f"{seconds(data['delay']) * _LONGER:g}s",
                    f"'{tool.name}' answers sixty times as late",
                    f"one that calls '{tool.name}', with `took`",
                )


@kind("cap-raised")
def cap_raised(subject: Subject) -> Iterator[Change]:
    """Something may happen once more."""
    for pointer, what, data in _bounded(subject):
        for key in _CAPS:
            if key in data:
                yield subject.put(
                    (*pointer, key),
                    data[key] + 1,
                    f"`{key}` of {what} is {data[key] + 1}",
                    f"one in which {what} reaches the limit",
                )


def _bounded(subject: Subject) -> Iterator[tuple[Pointer, str, dict[str, Any]]]:
    """All that may have a timeout or a limit."""
    for tool in subject.tools:
        yield tool.pointer, f"'{tool.name}'", dict(tool.data)
        for key in ("model", "http"):
            if isinstance(tool.data.get(key), dict):
                yield (
                    (*tool.pointer, key),
                    f"the {'text model' if key == 'model' else 'server'} of '{tool.name}'",
                    (dict(tool.data[key])),
                )
    for rule in subject.approvals:
        yield rule.pointer, f"the question about '{rule.name}'", dict(rule.data)
    for supervisor in subject.named("supervisors"):
        yield supervisor.pointer, f"the supervisor '{supervisor.name}'", dict(supervisor.data)
    for server in subject.named("mcp"):
        yield server.pointer, f"the server '{server.name}'", dict(server.data)
    yield ("session", "guardrails"), "guardrails", dict(subject.data.get("session", {}).get("guardrails", {}))
