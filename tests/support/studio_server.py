"""`scenario serve` as people start it, for tests: its address, and requests with the cookie that the address buys."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from support import PROGRAM

_ADDRESS = re.compile(r"the studio:\s+(?P<base>http://\S+?)/\?t=(?P<token>\S+)")


@dataclass(frozen=True)
class Answer:
    status: int
    data: Any
    headers: Mapping[str, str]


class StudioServer:
    """A studio that is being served. `address` lets a browser in, once."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base
        self.address = f"{base}/?t={token}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.open(self.address, timeout=60).read()

    def ask(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        """One request below `/studio/api/`, as the page makes it."""
        sent = {"X-Studio": "1", "Content-Type": "application/json", **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/studio/api/{path}", data, sent, method=method)
        try:
            with self._opener.open(request, timeout=120) as response:
                return _answer(response.status, response.read(), response.headers)
        except urllib.error.HTTPError as refused:
            return _answer(refused.code, refused.read(), refused.headers)


def _answer(status: int, body: bytes, headers: Any) -> Answer:
    kind = headers.get("Content-Type", "")
    return Answer(status, json.loads(body) if "json" in kind else body.decode(), dict(headers))


@contextlib.contextmanager
def served(*targets: Path | str, folder: Path, options: Sequence[str] = ()) -> Iterator[StudioServer]:
    """A studio on these files, started in a folder, until the block ends."""
    command = [*PROGRAM, "serve", "--port", "0", "--no-open", *options, *map(str, targets)]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ}
    )
    try:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if (found := _ADDRESS.search(line)) is not None:
                break
        else:
            raise AssertionError("".join(printed))
        yield StudioServer(found["base"], found["token"])
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
