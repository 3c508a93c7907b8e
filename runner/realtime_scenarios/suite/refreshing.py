"""Recordings that are stale, held anew: the caller says the same, and the agents answer as they do now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.writing import write_file
from realtime_scenarios.document import Document
from realtime_scenarios.model.provider import PROVIDERS
from realtime_scenarios.played import unpacked
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import load, load_dialogues
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.project.met import StaleAgent, stale_agents
from realtime_scenarios.suite.record import dialogue_keys, yaml_text
from realtime_scenarios.suite.saving import keep_agents_met
from realtime_scenarios.suite.supervisor import Supervisor
from realtime_scenarios.verdicts import DialogueResult

_KEPT = ("title", "tags", "now", "context", "agent", "state", "live", "reason", "faults")
"""Keys of a dialogue that are its author's, whatever is said in it."""


class Refreshed(Struct, frozen=True):
    """A recording that was held anew. `stale` is what had changed, `result` what came of replaying the new one.

    `problem` is why it stands as it was; None: it has been written anew.
    """

    case: Case
    stale: tuple[StaleAgent, ...]
    result: DialogueResult | None = None
    problem: str | None = None


def stale_cases(cases: Sequence[Case]) -> list[tuple[Case, tuple[StaleAgent, ...]]]:
    """The recordings among the cases of which an agent has changed, each with what has."""
    known = ((case, stale_agents(case.dialogue, case.project.scenario)) for case in cases if not case.mistakes)
    return [(case, stale) for case, stale in known if stale]


def refreshed(
    cases: Sequence[Case], *, provider: str | None = None, where: Mapping[str, str | None] | None = None
) -> Iterator[Refreshed]:
    """Each stale recording among the cases, held anew and written in its place.

    `provider` is whose model answers; None: that of the recording, offline where it was nobody's that can be asked.
    What its author has written beside the turns, what is expected of a turn that begins alike, and the decisions of the
    person who is asked are kept.

    Raises:
        ScenarioError: there is no such provider, or there can be no workers.
    """
    stale = stale_cases(cases)
    names = [provider or _provider_of(case) for case, _ in stale]
    for name in dict.fromkeys(names):
        here = [each for each, wanted in zip(stale, names, strict=True) if wanted == name]
        with (
            Supervisor(Wishes.of(PROVIDERS.known(name), os.environ, **(where or {}))) as asked,
            Supervisor(Wishes.of("scripted", os.environ)) as replaying,
        ):
            for case, changed in here:
                yield _held_anew(case, changed, name, asked, replaying)


def _held_anew(
    case: Case, stale: tuple[StaleAgent, ...], provider: str, asked: Supervisor, replaying: Supervisor
) -> Refreshed:
    if case.dialogue.values:
        return Refreshed(case, stale, problem="it is played for several values: record it anew by hand")
    (finished,) = asked.finished([case])
    if finished.play is None or finished.result.error is not None:
        error = finished.result.error
        reason = error.message if error else finished.result.skipped or "it was not played"
        return Refreshed(case, stale, problem=f"it could not be held anew: {reason}")
    trace = unpacked(finished.play).trace
    written = case.dialogue.place.value
    document = case.dialogue.place.document
    assert isinstance(document, Document)
    anew = dialogue_keys(trace, case.project.scenario, name=written["id"], provider=provider)
    keys = _with_what_is_kept(anew, written)
    try:
        _write_in_place(case, document.path, keys)
        keep_agents_met(trace, case.project, document.path)
    except ScenarioError as problem:
        return Refreshed(case, stale, problem=problem.message)
    again = [
        other
        for other in cases_of([load(case.project.path, only=document.path)])
        if other.dialogue.id == case.dialogue.id
    ]
    (replayed,) = replaying.finished(again[:1])
    return Refreshed(case, stale, result=replayed.result)


def _provider_of(case: Case) -> str:
    named = case.dialogue.recorded.provider if case.dialogue.recorded is not None else None
    return "offline" if named is None or named == "scripted" else named


def _with_what_is_kept(keys: dict[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """The new dialogue with all that its author has written into the old one and that still has a place."""
    kept = {key: written[key] for key in _KEPT if key in written}
    turns = [dict(turn) for turn in keys["turns"]]
    for turn, before in zip(turns, written["turns"], strict=False):
        if turn.get("user") == before.get("user") and "expect" in before:
            turn["expect"] = before["expect"]
        decisions = {move["call"]: move["approval"] for move in before.get("agent") or () if "approval" in move}
        for move in turn["agent"]:
            if isinstance(move.get("approval"), dict) and move.get("call") in decisions:
                move["approval"] = decisions[move["call"]]
    expect = {"expect": written["expect"]} if "expect" in written else {}
    head = {"id": keys["id"], **kept, "recorded": keys["recorded"]}
    head.setdefault("tags", keys["tags"])
    return {**head, "turns": turns, **expect}


def _write_in_place(case: Case, path: Path, keys: Mapping[str, Any]) -> None:
    """Put the dialogue in the place of the one that stands in the file; all else in the file stays as it is.

    Raises:
        ScenarioError: it stands there in a form in which nothing can be put in its place, or cannot be written.
    """
    before = path.read_text(encoding="utf-8")
    lines = before.split("\n")
    span = case.dialogue.place.span
    first = lines[span.line - 1]
    indent = len(first) - len(first.lstrip())
    if not first.lstrip().startswith("- "):
        raise ScenarioError("it does not stand in lines of its own in its file: record it anew by hand")
    end = span.line
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent):
        end += 1
    item = [f"{' ' * indent}{line}" for line in yaml_text([dict(keys)]).rstrip("\n").splitlines()]
    rest = lines[end:]
    text = "\n".join([*lines[: span.line - 1], *item, *rest]).rstrip("\n") + "\n"
    write_file(path, text)
    read = load_dialogues(path)
    if any(found.severity == "error" for found in read.diagnostics):
        write_file(path, before)
        raise ScenarioError(f"the new one would not be read: {read.diagnostics[0].message}")
