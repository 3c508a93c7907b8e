"""The providers that are somewhere else: OpenAI, Azure OpenAI, and any server that speaks the Realtime protocol."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agents.realtime import RealtimeModelConfig

from realtime_scenarios.core import ProviderError, UsageError
from realtime_scenarios.providers.provider import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.text import LiveText
from realtime_scenarios.providers.wire import WireModel

OPENAI_URL = "wss://api.openai.com/v1/realtime"
DEFAULT_MODEL = "gpt-realtime"


@dataclass(frozen=True, slots=True)
class OpenAI:
    """OpenAI's Realtime API: `OPENAI_API_KEY`, and `OPENAI_BASE_URL` for a proxy in front of it."""

    name: str = "openai"
    summary: str = "OpenAI's Realtime API (OPENAI_API_KEY)"
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        variable = request.key_env or "OPENAI_API_KEY"
        key = _key(request, variable)
        if key is None:
            raise ProviderError(
                f"no key for OpenAI: {variable} is not set",
                hint=f"set {variable}; `scenario run --provider offline` needs no key",
            )
        base = request.url or request.environment.get("OPENAI_BASE_URL")
        model = request.model or DEFAULT_MODEL
        url = _with_model(_realtime_url(base) if base else OPENAI_URL, model)
        text_base = request.text_url or (_text_url(base) if base else None)
        config = _config(url, {"Authorization": f"Bearer {key}"})
        return _opened(request, config, model, key, variable, LiveText(request, text_base, key, "responses"))


@dataclass(frozen=True, slots=True)
class Azure:
    """Azure OpenAI's GA path: `/openai/v1/realtime?model=DEPLOYMENT`, no api-version, the key in `api-key`.

    Source: Microsoft's GA migration notes, as gathered in openai-agents-python issue 1748 and pull request 2440.
    """

    name: str = "azure"
    summary: str = "Azure OpenAI (AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_DEPLOYMENT)"
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        variable = request.key_env or "AZURE_OPENAI_API_KEY"
        key = _key(request, variable)
        endpoint = request.url or request.environment.get("AZURE_OPENAI_ENDPOINT")
        deployment = request.deployment or request.environment.get("AZURE_OPENAI_DEPLOYMENT") or request.model
        needed = {variable: key, "AZURE_OPENAI_ENDPOINT": endpoint, "AZURE_OPENAI_DEPLOYMENT": deployment}
        if missing := [name for name, value in needed.items() if not value]:
            raise ProviderError(
                f"Azure OpenAI needs {', '.join(missing)}",
                hint=f"set {missing[0]}; `scenario run --provider offline` needs no key",
            )
        assert key and endpoint and deployment
        url = _with_model(_azure_url(endpoint), deployment)
        text = LiveText(request, request.text_url or _text_url(_azure_url(endpoint)), key, "responses")
        return _opened(request, _config(url, {"api-key": key}), deployment, key, variable, text)


@dataclass(frozen=True, slots=True)
class Url:
    """Any server that speaks the Realtime protocol. Without a key in `key_env` none is sent."""

    name: str = "url"
    summary: str = "any compatible server: --url ws://host:port/v1/realtime"
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        if not request.url:
            raise UsageError("provider 'url' needs an address", hint="add --url ws://127.0.0.1:8765/v1/realtime")
        key = _key(request, request.key_env) if request.key_env else None
        if request.key_env and key is None:
            raise ProviderError(f"no key: {request.key_env} is not set", hint=f"set {request.key_env}")
        model = request.model or DEFAULT_MODEL
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = _with_model(_realtime_url(request.url), model)
        text = LiveText(request, request.text_url or _text_url(request.url), key, "chat")
        return _opened(request, _config(url, headers), model, key, request.key_env, text)


PROVIDERS.add("openai", OpenAI())
PROVIDERS.add("azure", Azure())
PROVIDERS.add("url", Url())


def _opened(
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
        environment=request.environment,
    )


def _text_url(base: str) -> str:
    """Where the text models are beside a Realtime endpoint: the same base, over http."""
    parts = urlsplit(_realtime_url(base))
    scheme = {"ws": "http", "wss": "https"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, parts.path.removesuffix("/realtime"), "", ""))


def _config(url: str, headers: dict[str, str]) -> RealtimeModelConfig:
    """Headers that are given, even empty ones, keep the SDK from looking for a key of its own."""
    return {"url": url, "headers": headers}


def _key(request: ProviderRequest, variable: str) -> str | None:
    """The key in an environment variable, None where it is not set.

    Raises:
        ProviderError: it cannot be a key: quotes or white space have got into it.
    """
    key = request.environment.get(variable, "").strip()
    if not key:
        return None
    if key[0] in "'\"" or key[-1] in "'\"":
        raise ProviderError(f"{variable} has quotation marks around it", hint="set it again without them")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ProviderError(f"{variable} holds characters that no key has", hint="copy the key again")
    return key


def _realtime_url(base: str) -> str:
    """`base` as a websocket address that ends in /realtime.

    Raises:
        UsageError: it is no address.
    """
    parts = urlsplit(base if "://" in base else f"wss://{base}")
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    try:
        wrong = scheme is None or not parts.hostname or (parts.port is not None and parts.port < 1)
    except ValueError:
        wrong = True
    if wrong:
        raise UsageError(f"'{base}' is no address of a server", hint="write it like wss://host/v1/realtime")
    assert scheme is not None
    path = parts.path.rstrip("/")
    if not path.endswith("/realtime"):
        path = f"{path or '/v1'}/realtime"
    return urlunsplit((scheme, parts.netloc, path, parts.query, ""))


def _azure_url(endpoint: str) -> str:
    """The GA address below an endpoint, with or without `/openai/v1` at its end."""
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    path = parts.path.rstrip("/").removesuffix("/realtime").removesuffix("/openai/v1").removesuffix("/openai")
    return _realtime_url(urlunsplit((parts.scheme, parts.netloc, f"{path}/openai/v1", "", "")))


def _with_model(url: str, model: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "model"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("model", model)])))
