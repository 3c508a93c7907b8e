"""What `scenario talk` asks for and how it is told, to people and to clients of MCP."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import MistakesError, ScenarioError, UsageError
from realtime_scenarios.lint import findings
from realtime_scenarios.project import find_scenario, load
from realtime_scenarios.project.beginning import WishedBeginning
from realtime_scenarios.talks.desk import address_file, asked, started
from realtime_scenarios.talks.mcp import Server, Tool
from realtime_scenarios.talks.messages import IDLE_MINUTES, Start


def start_of(
    file: str,
    name: str,
    begins: WishedBeginning,
    idle: float,
    provider: str | None,
    wishes: Mapping[str, str | None],
    *,
    trust: bool,
) -> Start:
    """What is to be held, once it is known that it can be.

    Raises:
        UsageError: there is no such scenario, agent, state or variable.
        MistakesError: mistakes keep the scenario from being run.
        NotTrusted: code would run that nobody trusts.
    """
    project = load(find_scenario(file, Path.cwd()))
    if mistakes := findings(project, warnings=False, proofs=False):
        raise MistakesError(mistakes)
    begun = begins.in_scenario(project.scenario)
    if provider == "scripted":
        raise UsageError("the scripted provider only replays dialogues", hint="use `scenario test`, or offline")
    require_trust([project], trust=trust)
    return Start(
        str(project.path.absolute()),
        str(address_file(Path.cwd(), name)),
        provider=provider,
        where={key: wishes.get(key) for key in ("model", "url", "deployment", "key_env")},
        agent=begins.agent,
        state=begins.state,
        context=begun.context,
        now=begins.now,
        idle_minutes=idle,
    )


def told_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """An answer for people: what has happened, then what is waited for."""
    if told.get("stopped"):
        yield "the conversation is over"
        return
    if "saved" in told:
        yield f"wrote {told['saved']}; replay it with: scenario test {told['saved']}"
        for name in told["stand_ins"]:
            yield f"a stand-in is in the place of the secret {name}"
        return
    if "history" in told:
        where = f", state {told['state']}" if told.get("state") else ""
        yield f"{told['scenario']} · turn {told['turn']} · agent {told['agent']}{where} · {told['provider']}"
        for name, value in told["context"].items():
            yield f"  {name} = {json.dumps(value, ensure_ascii=False)}"
        yield f"  may call {', '.join(told['functions']) or 'nothing'}"
    yield from told.get("lines", ())
    if (waiting := told.get("waiting")) is not None:
        arguments = json.dumps(waiting["arguments"], ensure_ascii=False)
        yield f"waits      {waiting['tool']}({arguments}) needs a person's yes"
        if waiting["question"]:
            yield f"           {waiting['question']}"
        fields = " ".join(f"{field['name']}=…" for field in waiting["fields"])
        yield f"           scenario talk approve {fields}".rstrip()
        for name in waiting["missing"]:
            yield f"           '{name}' was left empty"
        for name, reason in waiting["unfit"].items():
            yield f"           '{name}': {reason}"


# The same for clients of MCP ----------------------------------------------------------------------------------------

_TEXT = {"type": "string"}


def _schema(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    named = {**properties, "name": {**_TEXT, "description": "Which conversation, where several are held."}}
    return {"type": "object", "properties": named, "required": list(required), "additionalProperties": False}


def serve_mcp() -> None:
    """Serve until standard input ends."""
    Server("scenario-talk", _tools()).serve(sys.stdin.buffer, sys.stdout.buffer)


def _tools() -> list[Tool]:
    def step(deed: Any) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
        def ask(given: Mapping[str, Any]) -> Mapping[str, Any]:
            text = given.get("text") or given.get("message")
            if deed == "save":
                text = str(Path(str(given["file"])).absolute())
            fields = {name: str(value) for name, value in (given.get("fields") or {}).items()}
            return asked(address_file(Path.cwd(), str(given.get("name") or "talk")), deed, text, fields)

        return ask

    fields = {"type": "object", "additionalProperties": _TEXT, "description": "What is asked for, by field name."}
    starts = _schema(
        ("file",),
        file={**_TEXT, "description": "The scenario's file, or the name of a packaged example such as airline."},
        agent={**_TEXT, "description": "The agent to begin with."},
        state={**_TEXT, "description": "The state that this agent begins in."},
        context={"type": "object", "description": "Context variables that begin with another value."},
        now={**_TEXT, "description": "The moment at which it begins, as 2026-03-01T09:00Z."},
        provider={**_TEXT, "description": "Where the model is; left out: the scenario's own, or offline."},
    )
    said = _schema(("text",), text={**_TEXT, "description": "The caller's words."})
    no = _schema(message={**_TEXT, "description": "What the model is told instead of the scenario's words."})
    saved = _schema(("file",), file={**_TEXT, "description": "The dialogue file to write."})
    return [
        Tool("talk_start", "Begin a conversation with a scenario.", starts, _start),
        Tool("talk_say", "Say something as the caller, and read what comes of it.", said, step("say")),
        Tool("talk_approve", "Say yes to the call that waits.", _schema(fields=fields), step("approve")),
        Tool("talk_reject", "Say no to the call that waits.", no, step("reject")),
        Tool("talk_state", "Say where the conversation stands, and all that has happened.", _schema(), step("state")),
        Tool("talk_undo", "Take back the last thing that was said or decided.", _schema(), step("undo")),
        Tool("talk_save", "Write the conversation as a dialogue, for `scenario test`.", saved, step("save")),
        Tool("talk_stop", "End the conversation.", _schema(), step("stop")),
    ]


def _start(given: Mapping[str, Any]) -> Mapping[str, Any]:
    begins = WishedBeginning(
        given.get("agent"),
        given.get("state"),
        given.get("now"),
        tuple(f"{name}={_typed(value)}" for name, value in (given.get("context") or {}).items()),
    )
    file, name = str(given["file"]), str(given.get("name") or "talk")
    try:
        wanted = start_of(file, name, begins, IDLE_MINUTES, given.get("provider"), {}, trust=False)
    except MistakesError as problem:
        lines = [f"{found.span}: {found.code} {found.message}" for found in problem.diagnostics[:20]]
        raise ScenarioError("the scenario has mistakes:\n" + "\n".join(lines), hint="scenario lint FILE") from None
    return started(wanted)


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
