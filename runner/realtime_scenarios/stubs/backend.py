"""A call to a request to the author's own backend, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from realtime_scenarios.model.tool import HttpStub
from realtime_scenarios.stubs.answers import given_answer, with_updates
from realtime_scenarios.stubs.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.templates import Arguments, Template, TemplateError, rendered_value

_CHANGES_NOTHING = {"GET"}
_LONGEST_ANSWER = 1_000_000
"""Bytes of an answer that are read at most."""


async def requested(stub: HttpStub, call: ToolCall, session: StubSession) -> StubResult:
    """The backend's answer, or the offline one where no network is wanted.

    Raises:
        StubFailed: there is no offline answer, the backend cannot be reached, or it says no.
    """
    if not session.network:
        if stub.offline is None:
            raise StubFailed("there is no network here, and the tool has no offline answer")
        return await given_answer(stub.offline, call, session)
    try:
        status, body = await _sent(stub, call, session)
    except (UnicodeError, ValueError, RecursionError) as problem:
        raise StubFailed(f"the request cannot be made of these arguments: {type(problem).__name__}") from problem
    if status >= 300:
        raise StubFailed(f"the backend answered {status}: {str(body)[:200]}")
    if stub.has_returns:
        return await given_answer(stub.answer, call, session, body=body, status=status)
    return with_updates(stub.answer, body, call, session, body=body, status=status)


async def _sent(stub: HttpStub, call: ToolCall, session: StubSession) -> tuple[int, Any]:
    import httpx2 as httpx  # 100 ms of import that only a live call needs

    values = call.values()
    try:
        url = Template(stub.url).render(_escaped(values))
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
                        return response.status_code, await _body(response)
            except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
                if tries >= stub.retries:
                    raise StubFailed(f"the backend cannot be reached: {problem}") from problem
            except httpx.HTTPError as problem:
                if tries >= stub.retries or stub.method not in _CHANGES_NOTHING:
                    raise StubFailed(f"the request failed: {type(problem).__name__}") from problem
            tries += 1
            await session.clock.sleep(0.2 * 2**tries)


async def _body(response: Any) -> Any:
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


def _escaped(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with every text in them safe to stand in a path."""
    return {name: _safe(value) for name, value in values.items()}


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return quote(value, safe="")
    if isinstance(value, Arguments):
        return Arguments({key: _safe(one) for key, one in value.items()}, value.declared)
    if isinstance(value, Mapping):
        return {key: _safe(one) for key, one in value.items()}
    return [_safe(one) for one in value] if isinstance(value, (list, tuple)) else value
