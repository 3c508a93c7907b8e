"""A tool that sends a request to the author's own backend."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self
from urllib.parse import quote

from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions, Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written, templates_in
from realtime_scenarios.stubs.kind import TOLD, WithoutModel
from realtime_scenarios.stubs.reading import answer_in, bare_answer_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names

_CHANGES_NOTHING = {"GET"}
_LONGEST_ANSWER = 1_000_000
"""Bytes of an answer that are read at most."""


class HttpStub(WithoutModel, frozen=True, eq=False):
    """A request to a backend. `url`, `query`, `headers` and the strings in `json` are templates.

    `json` is unset when `has_json` is False. `offline` answers where no network is wanted; None: the tool fails there.
    `given.returns` may be a template over `body` and `status`; when the author gave none the body itself is returned
    (`has_returns` False).
    """

    kind: ClassVar = "http"
    keys: ClassVar = frozenset(("http",))
    beside: ClassVar = TOLD

    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    query: Mapping[str, Json]
    json: Json
    has_json: bool
    headers: Mapping[str, str]
    key_env: str | None
    retries: int
    offline: Answer | None
    given: Answer
    has_returns: bool

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        request = data["http"]
        return cls(
            url=request["url"],
            method=request.get("method", "GET"),
            query=request.get("query", {}),
            json=request.get("json"),
            has_json="json" in request,
            headers=request.get("headers", {}),
            key_env=request.get("key_env"),
            retries=request.get("retries", 0),
            offline=bare_answer_in(request, "offline", place / "http", source),
            given=answer_in(data, place, source),
            has_returns="returns" in data,
        )

    @property
    def waits(self) -> bool:
        return True

    @property
    def answers(self) -> tuple[Answer, ...]:
        return (self.given,) if self.offline is None else (self.given, self.offline)

    @property
    def assumptions(self) -> Assumptions:
        effect = ("http", self.method, self.url)
        return Assumptions(looks_outside=True, may_fail=True, in_order=False, effect=effect)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        request = {"url": self.url, "query": self.query, "json": self.json, "headers": self.headers}
        yield from templates_in(request, place / "http", names)
        for answer in self.answers:
            yield from answer.texts({**names, "body": None, "status": None})

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        """The backend's answer, or the offline one where no network is wanted.

        Raises:
            StubFailed: there is no offline answer, the backend cannot be reached, or it says no.
        """
        from realtime_scenarios.stubs.answers import given_answer, passed_on

        if not session.network:
            if self.offline is None:
                raise StubFailed("there is no network here, and the tool has no offline answer")
            return await given_answer(replace(self.offline, delay=self.given.delay), call, session)
        try:
            status, body = await _backend_answer(self, call, session)
        except (UnicodeError, ValueError, RecursionError) as problem:
            raise StubFailed(f"the request cannot be made of these arguments: {type(problem).__name__}") from problem
        if status >= 300:
            raise StubFailed(f"the backend answered {status}: {str(body)[:200]}")
        if self.has_returns:
            return await given_answer(self.given, call, session, body=body, status=status)
        return await passed_on(self.given, body, call, session, body=body, status=status)


async def _backend_answer(stub: HttpStub, call: ToolCall, session: StubSession) -> tuple[int, Any]:
    import httpx2 as httpx  # 100 ms of import that only a live call needs

    from realtime_scenarios.templates import Template, TemplateError, rendered_value

    values = call.values()
    try:
        url = Template(stub.url).render(_url_safe_values(values))
        if any(step in (".", "..") for step in url.partition("?")[0].split("/")):
            raise StubFailed("an argument would lead to another address")
        query = rendered_value(stub.query, values)
        headers = {name: Template(text).render(values) for name, text in stub.headers.items()}
        body = rendered_value(stub.json, values) if stub.has_json else None
    except TemplateError as problem:
        raise StubFailed(problem.message) from problem
    if stub.key_env is not None:
        key = session.environment.get(stub.key_env, "").strip()
        if not key:
            raise StubFailed(f"{stub.key_env} is not set")
        session.keep_secret(key)
        headers["Authorization"] = f"Bearer {key}"
    request: dict[str, Any] = {
        "params": query or None,
        "headers": headers,
        **({"json": body} if stub.has_json else {}),
    }
    tries = 0
    try:
        httpx.URL(url)
    except httpx.InvalidURL as problem:
        raise StubFailed(f"an argument makes no address: {problem}") from problem
    async with httpx.AsyncClient(follow_redirects=False, timeout=None) as client:
        while True:
            try:
                async with client.stream(stub.method, url, **request) as response:
                    if response.status_code < 500 or tries >= stub.retries or stub.method not in _CHANGES_NOTHING:
                        return response.status_code, await _body_of(response)
            except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
                if tries >= stub.retries:
                    raise StubFailed(f"the backend cannot be reached: {problem}") from problem
            except httpx.HTTPError as problem:
                if tries >= stub.retries or stub.method not in _CHANGES_NOTHING:
                    raise StubFailed(f"the request failed: {type(problem).__name__}") from problem
            tries += 1
            await session.clock.sleep(0.2 * 2**tries)


async def _body_of(response: Any) -> Any:
    """The answer as JSON, or as text; no more of it is read than may be."""
    data = b""
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > _LONGEST_ANSWER:
            raise StubFailed(f"the backend's answer is longer than {_LONGEST_ANSWER:,} bytes")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode(response.encoding or "utf-8", "replace")


def _url_safe_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with every text in them safe to stand in a path."""
    from realtime_scenarios.templates import Arguments

    return {**_url_safe(values), "args": Arguments(_url_safe(values["args"]), values["args"].declared)}


def _url_safe(value: Any) -> Any:
    if isinstance(value, str):
        return quote(value, safe="")
    if isinstance(value, Mapping):
        return {key: _url_safe(item) for key, item in value.items()}
    return [_url_safe(item) for item in value] if isinstance(value, (list, tuple)) else value


STUBS.add(HttpStub.kind, HttpStub)
