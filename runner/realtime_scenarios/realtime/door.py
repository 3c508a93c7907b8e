"""Who may come in: hosts and origins that are known, API keys, and the ephemeral keys that are made of them.

Codes and wording of refusals are those of OpenAI's API, as far as they are public.
"""

from __future__ import annotations

import hmac
import http
import ipaddress
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.session import Kind

LOOPBACK = ("127.0.0.1", "localhost", "::1")
KEY_PROTOCOL = "openai-insecure-api-key."
"""What stands before a key in a sub-protocol: browsers can send no header with a websocket."""

_MOST_KEYS = 1000
_MOST_BYTES = 64 * 1024 * 1024
"""How many keys are kept, and of how much that they were asked for with."""

_REMEMBERED = 600
"""For so many seconds after its time somebody who shows a key is told that it has expired."""

_EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer to somebody who is not let in. `param` is the field at fault, None where it is no single one."""

    status: http.HTTPStatus
    message: str
    code: str
    param: str | None = None

    @classmethod
    def of(cls, problem: ClientError) -> Refusal:
        return cls(http.HTTPStatus.BAD_REQUEST, problem.message, problem.code, problem.param)

    @property
    def body(self) -> dict[str, Any]:
        """An error like OpenAI's."""
        error = {"message": self.message, "type": "invalid_request_error", "param": self.param, "code": self.code}
        return {"error": error}


@dataclass(frozen=True, slots=True)
class NotLetIn(Exception):
    """Somebody is not let in."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a session begins with: what it is for, and the settings in the form of a `session.update`."""

    kind: Kind = "realtime"
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EphemeralKey:
    """A key that any number of sessions may begin with until it expires, at a Unix time. `size` is what it takes."""

    value: str
    expires_at: int
    beginning: Beginning
    size: int = 0


class Hosts:
    """Under which names the server is asked for, and by pages from where.

    A page of another site can reach a server on this machine through a name that it makes mean this machine: so the
    name is looked at, and not only the address. `bound` is what the server listens at, `names` are others that mean it.
    `origins` are pages that may connect besides those of this machine, such as "https://app.example".
    """

    def __init__(self, bound: str, names: Iterable[str] = (), origins: Collection[str] = ()) -> None:
        self._names = {*LOOPBACK, bound.casefold(), *(name.casefold() for name in names)}
        self._is_everywhere = bound in _EVERYWHERE
        self._origins = frozenset(origins)

    def refusal(self, hosts: Sequence[str], origins: Sequence[str]) -> Refusal | None:
        """Why a request with these headers is turned away; None where it is not."""
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return Refusal(http.HTTPStatus.FORBIDDEN, "This server has another name.", "host_not_allowed")
        if not all(map(self._is_allowed, origins)):
            return Refusal(http.HTTPStatus.FORBIDDEN, "Pages of this origin may not connect.", "origin_not_allowed")
        return None

    def _is_known(self, host: str) -> bool:
        name = _hostname(f"//{host}")
        return name is not None and (name in self._names or (self._is_everywhere and _is_address(name)))

    def _is_allowed(self, origin: str) -> bool:
        return origin in self._origins or _hostname(origin) in LOOPBACK


class Keys:
    """API keys, and the ephemeral keys made with them. `api_keys` None: any key or none will do.

    `now` is the Unix time, `token` makes something that nobody can guess.
    """

    def __init__(
        self,
        api_keys: Collection[str] | None,
        *,
        now: Callable[[], float] = time.time,
        token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._api_keys = None if api_keys is None else [key.encode() for key in api_keys]
        self._now = now
        self._token = token
        self._ephemeral: dict[str, EphemeralKey] = {}

    def mint(self, beginning: Beginning, seconds: int, size: int = 0) -> EphemeralKey:
        """A new key for sessions that begin so, which takes so many bytes; those whose time is over are forgotten.

        Raises:
            NotLetIn: too many are in use.
        """
        now = self._now()
        self._ephemeral = {value: key for value, key in self._ephemeral.items() if now < key.expires_at + _REMEMBERED}
        kept = sum(key.size for key in self._ephemeral.values())
        if len(self._ephemeral) >= _MOST_KEYS or kept + size > _MOST_BYTES:
            message = "Too many ephemeral keys are in use: wait until some have expired."
            raise NotLetIn(Refusal(http.HTTPStatus.TOO_MANY_REQUESTS, message, "rate_limit_exceeded"))
        key = EphemeralKey(f"ek_{self._token()}", int(self._now()) + seconds, beginning, size)
        self._ephemeral[key.value] = key
        return key

    def require(self, shown: Sequence[str]) -> None:
        """Go on only where an API key is among those that are shown.

        Raises:
            NotLetIn: there is none.
        """
        if self._api_keys is not None and not any(map(self._is_valid, shown)):
            raise NotLetIn(_key_refusal("Incorrect API key provided." if shown else "You didn't provide an API key."))

    def beginning(self, shown: Sequence[str]) -> Beginning | None:
        """What a session begins with by the ephemeral key that is shown; None: an API key is, or none is needed.

        Raises:
            NotLetIn: no key that is shown is good, or it has expired.
        """
        ephemeral = next((self._ephemeral[key] for key in shown if key in self._ephemeral), None)
        if ephemeral is None:
            self.require(shown)
            return None
        if self._now() >= ephemeral.expires_at:
            raise NotLetIn(_key_refusal("Ephemeral token has expired."))
        return ephemeral.beginning

    def _is_valid(self, key: str) -> bool:
        given = key.encode("utf-8", "surrogateescape")
        matches = [hmac.compare_digest(given, known) for known in self._api_keys or ()]  # all of them, each time
        return any(matches)


def shown_keys(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The keys a client shows: as a bearer token, in Azure's header, or as a sub-protocol, as browsers must."""
    keys: list[str] = []
    for name, value in headers:
        match name.casefold():
            case "api-key":
                keys.append(value)
            case "authorization":
                scheme, _, token = value.partition(" ")
                keys += [token.strip()] if scheme.casefold() == "bearer" else []
            case "sec-websocket-protocol":
                offered = [protocol.strip() for protocol in value.split(",")]
                keys += [item.removeprefix(KEY_PROTOCOL) for item in offered if item.startswith(KEY_PROTOCOL)]
    return keys


def _key_refusal(message: str) -> Refusal:
    return Refusal(http.HTTPStatus.UNAUTHORIZED, message, "invalid_api_key")


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
