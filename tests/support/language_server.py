"""A YAML language server as an editor sees it: the Language Server Protocol over standard input and output."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

Message = dict[str, Any]

PATIENCE = 30.0
"""Seconds in which the server says what is waited for; it takes hundredths of one on an idle machine."""

_SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    }
}
_CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "publishDiagnostics": {},
    },
}
_SNIPPET = re.compile(r"\$\{\d+:((?:[^{}\\]|\\.)*)\}|\$\{\d+\|((?:[^|\\]|\\.)*)\|\}|\$\{?\d+\}?")


@dataclass(frozen=True)
class Mistake:
    """A diagnostic: the words that are underlined, and what is said of them."""

    line: int
    words: str
    message: str


@dataclass(frozen=True)
class Completion:
    """What is offered at a place."""

    label: str
    documentation: str
    inserted: str
    """What is put there, with the words that a snippet proposes, and indented as editors do."""
    accepted: str = field(repr=False)
    """The whole file then."""


class LanguageServer:
    """The server's side of one editor; `serve_language` starts and ends it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in: IO[bytes] = process.stdin
        self._received: queue.Queue[Message | None] = queue.Queue()
        self._requests = 0
        self._versions: dict[str, int] = {}
        self._reading = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reading.start()

    def start(self, folder: Path) -> None:
        self._request(
            "initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": _CAPABILITIES}
        )
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": _SETTINGS})

    def end(self) -> None:
        self._request("shutdown", None)
        self._notify("exit", None)

    def mistakes(self, path: Path) -> list[Mistake]:
        """What is underlined in a file."""
        uri, text = self._open(path, path.read_text(encoding="utf-8"))

        def are_told(message: Message) -> bool:
            return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri

        found = self._wait(are_told)["params"]["diagnostics"]
        return [
            Mistake(item["range"]["start"]["line"] + 1, _cut(text, item["range"]), item["message"]) for item in found
        ]

    def hover(self, path: Path, words: str) -> str:
        """What is shown, in Markdown, when the mouse rests on the first of the words that stand once in the file."""
        text = path.read_text(encoding="utf-8")
        assert text.count(words) == 1, f"{words!r} stands {text.count(words)} times in {path.name}"
        uri, _ = self._open(path, text)
        # One character on: where a key begins, the mapping before it ends.
        found = self._at("hover", uri, text, text.index(words) + 1)
        return str(found["contents"]["value"]) if found else ""

    def completions(self, path: Path, text: str) -> list[Completion]:
        """What is offered where `█` stands in a file with this text, in the order in which it is shown."""
        before, after = text.split("█")
        uri, _ = self._open(path, before + after)
        found = self._at("completion", uri, before + after, len(before))["items"]
        in_order = sorted(found, key=lambda item: item.get("sortText", item["label"]))
        return [_completion(item, before + after) for item in in_order]

    def _at(self, what: str, uri: str, text: str, offset: int) -> Any:
        line, start = text.count("\n", 0, offset), text.rfind("\n", 0, offset) + 1
        position = {"line": line, "character": offset - start}
        return self._request(f"textDocument/{what}", {"textDocument": {"uri": uri}, "position": position})

    def _open(self, path: Path, text: str) -> tuple[str, str]:
        uri = path.as_uri()
        self._versions[uri] = self._versions.get(uri, 0) + 1
        item = {"uri": uri, "version": self._versions[uri]}
        if self._versions[uri] == 1:
            self._notify("textDocument/didOpen", {"textDocument": {**item, "languageId": "yaml", "text": text}})
        else:
            self._notify("textDocument/didChange", {"textDocument": item, "contentChanges": [{"text": text}]})
        return uri, text

    def _request(self, method: str, params: Any) -> Any:
        self._requests += 1
        number = self._requests
        self._send({"id": number, "method": method, "params": params})

        def is_its_answer(message: Message) -> bool:
            return "method" not in message and message.get("id") == number

        answer = self._wait(is_its_answer)
        assert "error" not in answer, answer
        return answer.get("result")

    def _notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._in.flush()

    def _wait(self, is_wanted: Callable[[Message], bool]) -> Message:
        """The first message of that kind. What the server asks meanwhile is answered; what it tells is passed over."""
        while True:
            message = self._received.get(timeout=PATIENCE)
            assert message is not None, "the server has ended"
            if is_wanted(message):
                return message
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": _answer(message)})

    def _read(self, stream: IO[bytes]) -> None:
        while (length := _content_length(stream)) is not None:
            self._received.put(json.loads(stream.read(length)))
        self._received.put(None)


@contextmanager
def serve_language(command: Sequence[str], folder: Path) -> Iterator[LanguageServer]:
    """A server on the files of a folder, ended when the block is left."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            server = LanguageServer(process)
            server.start(folder)
            yield server
            server.end()
            process.wait(PATIENCE)
        finally:
            process.kill()


def _content_length(stream: IO[bytes]) -> int | None:
    """How long the next message is; None at the end."""
    length = None
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return length


def _answer(question: Message) -> Any:
    if question["method"] == "workspace/configuration":
        return [_SETTINGS.get(item.get("section"), {}) for item in question["params"]["items"]]
    return None


def _completion(item: Message, text: str) -> Completion:
    edit, lines = item["textEdit"], text.split("\n")
    start, end = (_offset(lines, edit["range"][key]) for key in ("start", "end"))
    line = lines[edit["range"]["start"]["line"]]
    indent = line[: len(line) - len(line.lstrip(" "))]
    inserted = _without_marks(edit["newText"]).replace("\n", f"\n{indent}")
    documentation = item.get("documentation", "")
    told = documentation["value"] if isinstance(documentation, dict) else documentation
    return Completion(item["label"], told, inserted, text[:start] + inserted + text[end:])


def _without_marks(snippet: str) -> str:
    return re.sub(r"\\([$}\\])", r"\1", _SNIPPET.sub(lambda mark: mark[1] or (mark[2] or "").split(",")[0], snippet))


def _cut(text: str, place: Message) -> str:
    lines = text.split("\n")
    return text[_offset(lines, place["start"]) : _offset(lines, place["end"])]


def _offset(lines: Sequence[str], position: Message) -> int:
    return sum(len(line) + 1 for line in lines[: position["line"]]) + int(position["character"])
