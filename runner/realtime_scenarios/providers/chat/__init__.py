"""Any server that speaks OpenAI's chat completions: a text model plays the voice model, behind our own engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlunsplit

from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI, Timeout

from realtime_scenarios.core import Ids, ProviderError, UsageError
from realtime_scenarios.core.addresses import address_parts
from realtime_scenarios.project.models import model_named, resolved_model
from realtime_scenarios.providers.chat.failures import Endpoint, raise_where_unreachable, refused_key
from realtime_scenarios.providers.chat.responder import ChatResponder
from realtime_scenarios.providers.provider import Opened, ProviderRequest
from realtime_scenarios.providers.remote import key_in
from realtime_scenarios.providers.text import LiveText
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Engine, MemoryConnection

OLLAMA_URL = "http://127.0.0.1:11434/v1"
"""Where Ollama listens when nobody has told it otherwise."""

LONGEST_SILENCE = 180.0
"""Seconds. A server on this machine may first have to load the model, and a thinking one thinks."""

_FIRST_CONTACT = 5.0
"""Seconds for the question that finds out whether there is a server at all."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A text model behind chat completions (Ollama, llama.cpp, vLLM, a hosted one). Without `key_env` no key is sent.

    The one model answers everywhere, as supervisor and classifier, too, unless the scenario's `text_models` says more.
    """

    name: str = "chat"
    needs: tuple[str, ...] = ()
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        key = key_in(request, request.key_env) if request.key_env else None
        if request.key_env and key is None:
            raise ProviderError(f"no key: {request.key_env} is not set", hint=f"set {request.key_env}")
        ids = request.ids()
        endpoint = Endpoint(chat_url(request.url or OLLAMA_URL), _chat_model(request), key, request.key_env)

        async def connect() -> object:
            client = _client_of(endpoint)
            try:
                await _be_let_in(client, endpoint)
            except BaseException:
                await client.close()
                raise
            return _ChatConnection(client, endpoint, request, ids())

        text_base = request.text_url or endpoint.base
        text_request = replace(request, text_model=request.text_model or endpoint.model)
        return Opened(
            WireModel(connect),
            {"url": endpoint.base, "headers": {}},
            secrets=(key,) if key else (),
            key_env=request.key_env,
            text=request.text or LiveText(text_request, text_base, key, "chat", only=text_request.text_model),
            network=True,
            environment=request.environment,
            patience=LONGEST_SILENCE + 5,
        )


class _ChatConnection(MemoryConnection):
    """A connection to an engine in which a text model answers; the way to that model is closed with it."""

    def __init__(self, client: AsyncOpenAI, endpoint: Endpoint, request: ProviderRequest, ids: Ids) -> None:
        engine = Engine(ids, pace=request.pace, parts=request.parts)
        super().__init__(engine, ChatResponder(client, endpoint), request.beside)
        self._client = client

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await super().close(code, reason)
        await self._client.close()


def chat_url(base: str) -> str:
    """`base` as the address that `/chat/completions` is below.

    Raises:
        UsageError: it is no address.
    """
    parts = address_parts(base, ("http", "https"), assumed="http")
    if parts is None:
        raise UsageError(f"'{base}' is no address of chat completions", hint=f"write it like {OLLAMA_URL}")
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", parts.query, ""))


def _chat_model(request: ProviderRequest) -> str:
    """The text model to ask for: a scenario's voice model is none.

    Raises:
        UsageError: nobody has named one.
    """
    for name in (request.model, request.text_model):
        wanted = resolved_model(name, "text", on=request.on) if name else None
        known = model_named(wanted) if wanted else None
        if wanted and (known is None or known.kind == "text"):
            return wanted
    raise UsageError("provider 'chat' needs a text model", hint="add --model qwen3, or what else your server has")


def _client_of(endpoint: Endpoint) -> AsyncOpenAI:
    timeout = Timeout(LONGEST_SILENCE, connect=_FIRST_CONTACT)
    return AsyncOpenAI(api_key=endpoint.key or "none", base_url=endpoint.base, timeout=timeout)


async def _be_let_in(client: AsyncOpenAI, endpoint: Endpoint) -> None:
    """Find out before the first word whether there is a server that takes the key.

    Raises:
        ProviderError: there is none, or it does not.
    """
    try:
        await client.with_options(timeout=_FIRST_CONTACT, max_retries=0).models.list()
    except APIStatusError as problem:
        if problem.status_code in (401, 403):
            raise refused_key(problem, endpoint) from problem
    except APIConnectionError as problem:
        raise_where_unreachable(problem, endpoint)
    except (APIError, ValueError):
        return  # it has an answer, and what it thinks of this question is no matter


CHAT = Chat()
