"""The studio page's own modules, run by node without a page: numbered events to what is shown of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from realtime_scenarios import studio

PAGE = Path(studio.__file__).with_name("page")
_PROGRAM = Path(__file__).parent.parent / "studio" / "js" / "replay.mjs"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")

Event = dict[str, Any]


class PageModules:
    """One process of node that is asked again and again."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(_PROGRAM), str(PAGE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> PageModules:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def run(self, name: str, **asked: Any) -> Any:
        """What one of the program's runs makes of what it is given."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"run": name, **asked}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def picture(self, events: list[Event], **asked: Any) -> dict[str, Any]:
        """The state behind the page after these events."""
        picture: dict[str, Any] = self.run("reduce", events=events, **asked)
        return picture


def page_modules() -> Iterator[PageModules]:
    """A fixture's body."""
    with PageModules() as modules:
        yield modules


def numbered(events: list[Event]) -> list[Event]:
    """Events as a server sends them: numbers without a gap, and what is not said of them."""
    blank = {
        "turn": 1,
        "agent": "main",
        "dir": "self",
        "item": None,
        "response": None,
        "call": None,
        "cause": None,
        "place": None,
    }
    return [{**blank, "at": 10 * seq, **event, "seq": seq} for seq, event in enumerate(events, 1)]


def studio_event(kind: str, data: dict[str, Any], **fields: Any) -> Event:
    return {"layer": "studio", "type": kind, "data": data, **fields}


def trace_event(kind: str, data: dict[str, Any], **fields: Any) -> Event:
    return {"layer": "trace", "type": kind, "data": data, **fields}


def wire_event(kind: str, data: dict[str, Any], **fields: Any) -> Event:
    return {"layer": "wire", "type": kind, "data": data, **fields}


def placed(item: str, role: str, after: str | None, **data: Any) -> Event:
    return studio_event("ItemPlaced", {"item": item, "role": role, "after": after, **data}, item=item)
