"""What goes wrong with chat completions: the end of the conversation with the way out, or of one answer."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from httpx2 import HTTPError
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

from realtime_scenarios.core import ProviderError, Secrets
from realtime_scenarios.core.addresses import without_credentials
from realtime_scenarios.realtime.responder import FailResponse

FAILURES = (APIError, HTTPError, json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError)
"""All that asking and reading an answer raises; the last two where a chunk has not the shape of one."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where chat completions are. `key` None: none is sent; `key_env` is the environment variable it came from."""

    base: str
    model: str
    key: str | None = None
    key_env: str | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.base).netloc.rpartition("@")[2]

    @property
    def shown(self) -> str:
        return without_credentials(self.base)

    def fatal(self, message: str, hint: str) -> ProviderError:
        return ProviderError(self.without_key(message), hint=hint)

    def without_key(self, text: str) -> str:
        return Secrets((self.key,) if self.key else ()).hidden(text)


def failed_answer(problem: Exception, endpoint: Endpoint) -> FailResponse:
    """The end of one answer: the next one may well be better.

    Raises:
        ProviderError: no answer will ever come this way.
    """
    match problem:
        case APITimeoutError():
            return _failed("timeout", f"{endpoint.host} did not answer in time", endpoint)
        case APIConnectionError() | HTTPError():
            raise_where_unreachable(problem, endpoint)
            return _failed("connection_lost", f"the connection to {endpoint.host} was lost", endpoint)
        case APIStatusError():
            return _refused(problem, endpoint)
        case APIError():
            return _failed(
                "server_error", f"{endpoint.host} failed in the middle: {_one_line(problem.message)}", endpoint
            )
        case _:
            return _failed("malformed_stream", f"what {endpoint.host} streams is no chat completion", endpoint)


def raise_where_unreachable(problem: Exception, endpoint: Endpoint) -> None:
    """Go on only where it is no lasting failure of the connection.

    Raises:
        ProviderError: it is.
    """
    local = "; with Ollama: `ollama serve`" if endpoint.host.endswith(":11434") else ""
    for cause in _causes(problem):
        match cause:
            case socket.gaierror():
                raise endpoint.fatal(f"no such host: {endpoint.host}", "check --url and your network") from problem
            case ConnectionRefusedError():
                hint = f"start the server{local}, or say with --url where it is"
                raise endpoint.fatal(f"nothing listens at {endpoint.shown}", hint) from problem
            case ssl.SSLError():
                message = f"no secure connection to {endpoint.host}: {cause.reason or 'handshake failed'}"
                raise endpoint.fatal(message, "use http:// for a server without TLS") from problem


def _refused(problem: APIStatusError, endpoint: Endpoint) -> FailResponse:
    """An answer with a status of 400 or more."""
    host, said = endpoint.host, _reason_in(problem)
    because = f": {said}" if said else ""
    match problem.status_code:
        case 401 | 403:
            raise refused_key(problem, endpoint) from problem
        case 404 if "model" in said.lower():
            message = f"{host} has no model '{endpoint.model}'{because}"
            hint = f"name another with --model, or fetch it (with Ollama: `ollama pull {endpoint.model}`)"
        case 404:
            message, hint = f"{host} has no chat completions at {endpoint.shown}{because}", "most addresses end in /v1"
        case 429:
            return _failed("rate_limit_exceeded", f"{host} takes no more requests for now{because}", endpoint)
        case status if status >= 500:
            return _failed("server_error", f"{host} failed (HTTP {status}){because}", endpoint)
        case status:
            message = f"{host} refused the request (HTTP {status}){because}"
            hint = (
                "choose a model that can call tools, such as qwen3"
                if "tool" in said.lower()
                else "mend what it names, or choose another model"
            )
    raise endpoint.fatal(message, hint) from problem


def refused_key(problem: APIStatusError, endpoint: Endpoint) -> ProviderError:
    said = _reason_in(problem)
    if endpoint.key is None:
        message, hint = f"{endpoint.host} wants a key", "name the environment variable that holds it with --key-env"
    else:
        message, hint = f"{endpoint.host} refused the key", f"check {endpoint.key_env}: is it complete and still valid?"
    return endpoint.fatal(f"{message}: {said}" if said else message, hint)


def _failed(code: str, message: str, endpoint: Endpoint) -> FailResponse:
    return FailResponse(code, endpoint.without_key(message))


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The error and what is behind it; errors of several addresses that were tried are looked into."""
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        for inner in cause.exceptions if isinstance(cause, BaseExceptionGroup) else ():
            yield from _causes(inner)
        cause = cause.__cause__ or cause.__context__


def _reason_in(problem: APIStatusError) -> str:
    """The server's own words, if they are short and plain."""
    text = problem.response.text
    with contextlib.suppress(ValueError, KeyError, TypeError):
        text = _message_in(json.loads(text))
    return _one_line(text) if "<" not in text else ""


def _message_in(body: Any) -> str:
    """What servers call it: `error.message` (OpenAI, Ollama, llama.cpp), `message` (vLLM), `error`, `detail`."""
    error = body.get("error") or body.get("message") or body["detail"]
    return str(error["message"] if isinstance(error, dict) else error)


def _one_line(text: str) -> str:
    return " ".join(str(text).split())[:200]
