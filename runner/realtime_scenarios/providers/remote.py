"""What the providers that are somewhere else share: addresses, keys, and what they open."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agents.realtime import RealtimeModelConfig

from realtime_scenarios.core import ProviderError, UsageError
from realtime_scenarios.core.addresses import address_parts
from realtime_scenarios.model.provider import IN_FILE
from realtime_scenarios.project.models import models_of
from realtime_scenarios.providers.provider import Opened, ProviderRequest
from realtime_scenarios.providers.text import LiveText
from realtime_scenarios.providers.wire import WireModel

_OVER_WEBSOCKETS = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_QUOTES = ("''", '""', "“”", "‘’", "``")


def opened(
    provider: str,
    request: ProviderRequest,
    config: RealtimeModelConfig,
    model: str,
    key: str | None,
    key_env: str | None,
    text: LiveText,
) -> Opened:
    return Opened(
        WireModel(),
        config,
        model,
        (key,) if key else (),
        key_env,
        text=request.text or text,
        network=True,
        transcription_models=models_of("transcription", provider, request.on),
        environment=request.environment,
    )


def text_url(base: str) -> str:
    """Where the text models are beside a Realtime endpoint: the same base, over http."""
    parts = urlsplit(realtime_url(base))
    scheme = {"ws": "http", "wss": "https"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, parts.path.removesuffix("/realtime"), "", ""))


def config_of(url: str, headers: dict[str, str]) -> RealtimeModelConfig:
    """Headers that are given, even empty ones, keep the SDK from looking for a key of its own."""
    return {"url": url, "headers": headers}


def key_in(request: ProviderRequest, variable: str) -> str | None:
    """The key in an environment variable, or in the file that the variable with `_FILE` behind it names.

    None where neither is set. Blanks and quotation marks around a key are none of it: they come along when it is copied
    into a file of settings.

    Raises:
        ProviderError: there is no such file, or it cannot be a key that stands there.
    """
    key = value_in(request, variable) or _key_in_file(value_in(request, variable + IN_FILE), variable + IN_FILE)
    if key is None:
        return None
    if not key.isascii() or not key.isprintable() or not set(" '\"").isdisjoint(key):
        raise ProviderError(f"{variable} holds characters that no key has", hint="copy the key again")
    return key


def value_in(request: ProviderRequest, variable: str) -> str | None:
    """What an environment variable holds, without blanks and quotation marks around it; None where that is nothing."""
    return _bare(request.environment.get(variable, ""))


def _key_in_file(name: str | None, variable: str) -> str | None:
    if name is None:
        return None
    try:
        return _bare(Path(name).expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no text"
        raise ProviderError(
            f"the key file '{name}' cannot be read: {reason}",
            hint=f"{variable} must name a file that holds the key alone",
        ) from problem


def _bare(text: str) -> str | None:
    text = text.strip().removeprefix("\ufeff").strip()
    while len(text) > 1 and text[0] + text[-1] in _QUOTES:
        text = text[1:-1].strip()
    return text or None


def realtime_url(base: str) -> str:
    """`base` as a websocket address that ends in /realtime.

    Raises:
        UsageError: it is no address.
    """
    parts = address_parts(base, _OVER_WEBSOCKETS, assumed="wss")
    if parts is None:
        raise UsageError(f"'{base}' is no address of a server", hint="write it like wss://host/v1/realtime")
    path = parts.path.rstrip("/")
    if not path.endswith("/realtime"):
        path = f"{path or '/v1'}/realtime"
    return urlunsplit((_OVER_WEBSOCKETS[parts.scheme], parts.netloc, path, parts.query, ""))


def with_model(url: str, model: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "model"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("model", model)])))
