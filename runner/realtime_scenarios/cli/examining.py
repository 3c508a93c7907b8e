"""What the doctor finds as lines with their ways out, or as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from realtime_scenarios.cli.options import request_of
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import wrapped
from realtime_scenarios.doctor import ADVICE, Observation, Question, Section, Sent, examined
from realtime_scenarios.model.provider import missing_for
from realtime_scenarios.project import Project, find_scenario, load

WITHOUT_A_FILE = "simple_handoff"

_TONES = {"ok": "good", "note": "quiet", "warn": "ask", "fail": "bad"}
_INDENT = 8


def examine(
    file: str | None,
    provider: str | None,
    wishes: Mapping[str, str | None],
    *,
    dials_out: bool,
    form: str,
    color: str,
    trust: bool,
    day: date,
) -> int:
    """Look, and print what is found; the exit code."""
    project = load(find_scenario(file or WITHOUT_A_FILE, Path.cwd()))
    require_trust([project], trust=trust)
    chosen = provider or ("url" if wishes.get("url") else _meant_provider(project, os.environ))
    question = Question(project, chosen, request_of(wishes), day, dials_out)
    found: list[Section | Sent] = []
    paint = painter(color)
    for part in examined(question):
        found.append(part)
        if form == "text":
            for line in _lines_of(part, paint):
                echo(line)
    sections = [part for part in found if isinstance(part, Section)]
    code = _exit_code(sections, project)
    if form == "json":
        echo(json.dumps(_as_data(found, chosen, code), indent=2, ensure_ascii=False))
    else:
        for line in _conclusion(chosen, code, paint, is_tried=_is_tried(sections)):
            echo(line)
    return code


def _meant_provider(project: Project, environment: Mapping[str, str]) -> str:
    """The scenario's own provider, or the one whose keys are set; where none is, the one that needs none."""
    spec = project.built.provider if project.built is not None else None
    if spec is not None:
        return spec.name
    return next((name for name in ("openai", "azure") if not missing_for(name, environment, {})), "offline")


def _exit_code(sections: list[Section], project: Project) -> int:
    failed = [section.about for section in sections if section.fails]
    return 0 if not failed else 1 if failed == [project.shown] else 3


def _is_tried(sections: list[Section]) -> bool:
    """Whether nothing was left out that decides whether a conversation can be held."""
    return all(section.was_tried for section in sections)


def _lines_of(part: Section | Sent, paint: Paint) -> Iterator[str]:
    if isinstance(part, Sent):
        yield from _lines_of_sent(part, paint)
        return
    if not part.observations:
        return
    yield paint(part.about, "bold")
    for found in part.observations:
        yield from _lines_of_observation(found, paint)
    yield ""


def _lines_of_observation(found: Observation, paint: Paint) -> Iterator[str]:
    first, *rest = _wrapped(found.says)
    yield f"  {paint(found.state.ljust(_INDENT - 2), _TONES[found.state])}{first}"
    for line in rest:
        yield f"{'':{_INDENT}}{line}"
    for line in _wrapped(f"-> {found.way_out}", "   ") if found.way_out else ():
        yield f"{'':{_INDENT}}{line}"


def _lines_of_sent(sent: Sent, paint: Paint) -> Iterator[str]:
    """What is sent, an item a line; of instructions and tools no more than how much they are."""
    yield paint("what would be sent first, with every key hidden", "bold")
    headers = [f"{name}: {value}" for name, value in sent.headers.items()]
    yield from _folded(f"to {sent.url}", *headers)
    session = dict(sent.session)
    instructions, tools = str(session.pop("instructions", "")), session.pop("tools", None) or ()
    names = ", ".join(str(tool.get("name") or tool.get("type")) for tool in tools)
    items = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in session.items()]
    yield from _folded(
        "session.update", *items, f"instructions: {len(instructions)} characters", f"tools: {names or 'none'}"
    )
    yield ""


def _folded(title: str, *items: str) -> Iterator[str]:
    for index, text in enumerate((title, *items)):
        for number, line in enumerate(wrapped(text, width() - _INDENT, indent="  ")):
            yield f"{'':{2 if index == 0 and number == 0 else 4}}{line}"


def _conclusion(provider: str, code: int, paint: Paint, *, is_tried: bool) -> Iterator[str]:
    yield paint("when it still does not work", "bold")
    for advice in ADVICE:
        for line in wrapped(advice.when, width() - 2):
            yield f"  {line}"
        for line in wrapped(advice.then, width() - _INDENT):
            yield f"{'':{_INDENT}}{paint(line, 'quiet')}"
    yield ""
    if code == 0 and not is_tried:
        yield paint(f"nothing is missing here, and whether --provider {provider} lets us in was not tried", "ask")
    elif code == 0:
        yield paint(f"a conversation can be held: --provider {provider}", "good")
        if provider == "offline":
            yield from wrapped(
                "For a real model set OPENAI_API_KEY and add --provider openai, or talk to a text model on this "
                "machine: --provider chat.",
                width(),
            )
    else:
        yield paint(f"no conversation can be held: --provider {provider}", "bad")
        if provider != "offline" and code == 3:
            yield "`scenario run --provider offline` needs no key and no network."


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrapped(text, width() - _INDENT, indent=indent)


def _as_data(found: list[Section | Sent], provider: str, code: int) -> dict[str, object]:
    """`works` is null where nothing fails that was tried, and not everything was."""
    sections = [part for part in found if isinstance(part, Section)]
    sent = next((part for part in found if isinstance(part, Sent)), None)
    return {
        "provider": provider,
        "works": False if code else True if _is_tried(sections) else None,
        "sections": [dataclasses.asdict(section) for section in sections],
        "sent": dataclasses.asdict(sent) if sent is not None else None,
        "advice": [dataclasses.asdict(advice) for advice in ADVICE],
    }
