"""What goes wrong on the way to a model, as one line with the way out."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from agents.exceptions import UserError
from websockets import exceptions as ws

from realtime_scenarios.core import ProviderError, ScenarioError, Secrets
from realtime_scenarios.core.addresses import without_credentials
from realtime_scenarios.providers.provider import Opened


def connection_failure(problem: BaseException, opened: Opened) -> ProviderError:
    """Why the conversation with a provider could not begin."""
    where = _url_of(opened)
    match problem:
        case ProviderError():
            return problem
        case ws.InvalidStatus():
            return _handshake_refusal(problem.response.status_code, _error_text(problem), where, opened)
        case ws.InvalidURI():
            message, hint = f"'{where}' is no websocket address", "give one that begins with ws:// or wss://"
        case socket.gaierror():
            message, hint = f"no such host: {_host_of(where)}", "check the address and your network"
        case ConnectionRefusedError():
            message, hint = f"nothing listens at {where}", "start the server, or check host and port"
        case TimeoutError():
            message, hint = f"{_host_of(where)} did not answer in time", "check the address, your network and any proxy"
        case ssl.SSLError():
            reason = problem.reason or "handshake failed"
            message, hint = f"no secure connection to {_host_of(where)}: {reason}", "use ws:// for a server without TLS"
        case ws.InvalidHandshake() | ws.InvalidMessage():
            message = f"{where} does not speak websocket: {problem}"
            hint = "check that the address leads to a Realtime endpoint"
        case OSError():
            message, hint = (
                f"{where} cannot be reached: {problem.strerror or problem}",
                "check the address and your network",
            )
        case ws.ConnectionClosed():
            return connection_lost(problem, opened)
        case UserError():
            message, hint = str(problem), "this scenario cannot be opened as it is"
        case _:
            raise problem
    return ProviderError(_without_keys(message, opened), hint=hint)


def connection_lost(problem: BaseException | None, opened: Opened) -> ProviderError:
    """Why a running conversation ended by itself. `problem` None: the other side closed it in good order."""
    where = _url_of(opened)
    if isinstance(problem, ProviderError):
        return problem
    if isinstance(problem, ws.ConnectionClosed):
        frame = problem.rcvd
        farewell = f" (code {frame.code}{': ' + frame.reason if frame.reason else ''})" if frame else " without a word"
        message = f"the connection to {where} was dropped{farewell}"
        hint = "the longest a session may last is 60 minutes" if frame and frame.code == 1001 else "try again"
    elif problem is None:
        message, hint = f"the server at {where} ended the conversation", "look at its log, or try again"
    elif isinstance(problem, (OSError, AssertionError)):
        message, hint = f"the connection to {where} was lost: {problem}", "check your network and try again"
    else:
        raise problem
    return ProviderError(_without_keys(message, opened), hint=hint)


def is_final(problem: ScenarioError) -> bool:
    """Whether it would be no use to try once more: the server has been reached, and does not want us."""
    refused = problem.__cause__
    return (
        isinstance(refused, ws.InvalidStatus)
        and 400 <= refused.response.status_code < 500
        and (refused.response.status_code != 429)
    )


def update_refused(error: Mapping[str, Any], agent: str, opened: Opened) -> ProviderError:
    """What the server does not take of the settings, instructions and tools of the active agent.

    It would go on with those that it had before: with none in the beginning, with another agent's after a handoff.
    """
    message = f"the model refused the session of agent '{agent}': {reason_in(error)}"
    hint = "without it the agent has neither its instructions nor its tools; mend what the message names"
    return ProviderError(_without_keys(message, opened), hint=hint)


def reason_in(error: Mapping[str, Any]) -> str:
    """What an `error` of the server says, in one line."""
    return " ".join(str(error.get("message") or error.get("code") or "without a reason").split())


def _handshake_refusal(status: int, body: str, where: str, opened: Opened) -> ProviderError:
    host = _host_of(where)
    match status:
        case 401:
            message, hint = (
                f"{host} refused the key",
                f"check {opened.key_env or 'the key'}: is it complete and still valid?",
            )
        case 403:
            message, hint = (
                f"{host} does not allow this",
                "the key may lack access to Realtime models, or to this project",
            )
        case 404:
            message = f"{host} has no Realtime endpoint or model at {where}"
            hint = "check the model or deployment name and the path"
        case 429:
            message, hint = f"{host} is refusing more requests for now", "check your quota, and try again later"
        case _ if status >= 500:
            message, hint = f"{host} failed to open a session (HTTP {status})", "try again later"
        case _:
            message, hint = f"{host} refused the connection (HTTP {status})", "check the address, the model and the key"
    reason = f": {body}" if body else ""
    return ProviderError(_without_keys(message + reason, opened), hint=hint)


def _error_text(problem: ws.InvalidStatus) -> str:
    """The server's own words, if they are short and plain."""
    text = (problem.response.body or b"").decode("utf-8", "replace").strip()
    with contextlib.suppress(ValueError, KeyError, TypeError):
        text = str(json.loads(text)["error"]["message"])
    return " ".join(text.split())[:200] if "<" not in text else ""


def _url_of(opened: Opened) -> str:
    """As it is told: one may be called with a password, or with a key in the query."""
    return without_credentials(str(opened.config.get("url", "the provider")))


def _host_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _without_keys(text: str, opened: Opened) -> str:
    return Secrets(opened.secrets).hidden(text)
