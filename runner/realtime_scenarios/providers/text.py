"""Where text models are: on this machine as a deterministic stand-in, or behind an OpenAI-compatible API."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from realtime_scenarios.compiler.asking import NO_CATEGORY, UNASKED, Classification, Question, TextModels
from realtime_scenarios.compiler.text import JsonOutput
from realtime_scenarios.core import ProviderError
from realtime_scenarios.core.folding import is_heard
from realtime_scenarios.core.formats import FORMATS
from realtime_scenarios.model.scenario import Classifier, Guardrail
from realtime_scenarios.project.models import Role, model_named, resolved_model
from realtime_scenarios.project.prompts import classifier_prompt
from realtime_scenarios.providers.desk import Desk
from realtime_scenarios.realtime.responder import CallFunction, ResponseRequest, SayText
from realtime_scenarios.standin import OfflineResponder

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from realtime_scenarios.providers.provider import ProviderRequest


class OfflineText:
    """The stand-in of `offline`: the author's own offline answers, and the policy of the offline responder.

    `desk` is where the stand-in sits that talks to the caller, None: nothing but what is sent is known.
    """

    def __init__(self, desk: Desk | None = None) -> None:
        self._desk = desk

    def model(self, question: Question) -> Model:
        return OfflineTextModel(question, self._desk)

    async def category(self, guardrail: Guardrail, text: str) -> Classification:
        """The first category one of whose phrases is in the text; by its sense nothing is classified here."""
        assert guardrail.classify is not None
        for name, category in guardrail.classify.categories.items():
            for phrase in category.phrases:
                if is_heard(phrase, text, whole_words=True):
                    return Classification(name, f"it says '{phrase}'")
        return UNASKED


class OfflineTextModel(Model):
    """One answer of the stand-in; a tool call at a time, as the offline responder chooses."""

    def __init__(self, question: Question, desk: Desk | None = None) -> None:
        self._question = question
        self._responder = OfflineResponder(
            briefing=lambda: desk.briefing_of_supervisor(question.name) if desk else None
        )
        self._calls = 0

    async def get_response(
        self,
        system_instructions: str | None,
        input: Any,
        model_settings: Any,
        tools: Any,
        output_schema: Any,
        *_: Any,
        **__: Any,
    ) -> ModelResponse:
        if self._question.has_offline:
            return text_response(_offline_text(self._question.offline))
        if isinstance(output_schema, JsonOutput):
            return text_response(json.dumps(_least_value(output_schema.json_schema())))
        request = ResponseRequest(
            response_id="text",
            instructions=system_instructions or "",
            tools=[_wire_tool(tool) for tool in tools],
            tool_choice="auto",
            items=_conversation_items(input),
        )
        for output in await self._responder.respond(request):
            if isinstance(output, CallFunction):
                self._calls += 1
                return call_response(output.name, output.arguments, f"nested_{self._calls}")
            if isinstance(output, SayText):
                return text_response(output.text)
        return text_response("")

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("nobody streams from a text model")


class LiveText:
    """Text models behind an OpenAI-compatible API.

    `base` None: OpenAI's own. `key` None: none is sent. `only` is the one model there, which answers to every name.
    """

    def __init__(
        self,
        request: ProviderRequest,
        base: str | None,
        key: str | None,
        api: Literal["responses", "chat"],
        only: str | None = None,
    ) -> None:
        self._request = request
        self._base = base
        self._key = key
        self._api = api
        self._only = only
        self.spent: Callable[[str, Mapping[str, Any]], None] | None = None
        """Is told of each answer which model gave it, and its usage as a response of the Realtime API has it."""

    def model(self, question: Question) -> Model:
        return self.named(question.model)

    def named(self, name: str | None, role: Role = "text") -> CountedModel:
        """The model that the scenario calls so; None: the one that the provider is told to use, or the role's."""
        from agents import OpenAIChatCompletionsModel, OpenAIResponsesModel

        request = self._request
        wanted = name or request.text_model or role
        known = resolved_model(wanted, role, on=request.on)
        deployed = request.text_models.get(wanted) or request.text_models.get(known)
        model = deployed or self._only or known
        # a deployment has a name of its own, and the prices of the model that it is one of
        priced = known if deployed is not None and model_named(deployed) is None else model
        kind = OpenAIChatCompletionsModel if self._api == "chat" else OpenAIResponsesModel
        return CountedModel(kind(model, self._client), model, priced, self)

    @functools.cached_property
    def _client(self) -> AsyncOpenAI:
        """One a conversation, so that its questions share connections."""
        from openai import AsyncOpenAI

        return AsyncOpenAI(api_key=self._key or "none", base_url=self._base, max_retries=0)

    async def listed(self) -> dict[str, date | None]:
        """The models that the service lists, each with the first day on which it does not answer, None: unknown.

        Raises:
            openai.OpenAIError: it cannot be asked, or lets nobody in.
        """
        client = self._client.with_options(timeout=10, max_retries=0)
        try:
            return {model.id: _day_in(model.shutdown_date) async for model in client.models.list()}
        finally:
            await self._client.close()
            del self._client

    async def category(self, guardrail: Guardrail, text: str) -> Classification:
        """What the model says; at most two sentences of reason come with it."""
        assert guardrail.classify is not None
        agent: Agent[Any] = Agent(
            name=guardrail.name,
            instructions=classifier_prompt(guardrail.classify),
            model=self.named(guardrail.classify.model, "text-mini"),
            output_type=JsonOutput(_category_schema(guardrail.classify)),
        )
        answer = (await Runner.run(agent, text, max_turns=1, run_config=RunConfig(tracing_disabled=True))).final_output
        return Classification(str(answer["category"]), str(answer["rationale"]))


class CountedModel(Model):
    """A model, asked by the name `model`. `texts` are told what each answer has used, as one of `priced`."""

    def __init__(self, asked: Model, model: str, priced: str, texts: LiveText) -> None:
        self.model = model
        self._asked = asked
        self._priced = priced
        self._texts = texts

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        response = await self._asked.get_response(*args, **kwargs)
        if self._texts.spent is not None:
            self._texts.spent(self._priced, _as_realtime(response.usage))
        return response

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        return self._asked.stream_response(*args, **kwargs)


def _as_realtime(usage: Usage) -> dict[str, Any]:
    cached = usage.input_tokens_details.cached_tokens
    return {
        "input_token_details": {"text_tokens": usage.input_tokens, "cached_tokens": cached},
        "output_token_details": {"text_tokens": usage.output_tokens},
    }


def has_text_model(texts: TextModels) -> bool:
    """Whether a model answers there: the stand-in is none."""
    return not isinstance(texts, OfflineText)


def asker(provider: str, request: ProviderRequest) -> Callable[[str], str]:
    """A function that sends one question to the provider's text model and gives its answer.

    Raises:
        ProviderError: the provider has no text models, or something that it needs is not there.
    """
    import asyncio

    from realtime_scenarios.providers.provider import PROVIDERS

    def live_text() -> LiveText:
        text = PROVIDERS[provider].open(request).text
        if not isinstance(text, LiveText):
            raise ProviderError(f"provider '{provider}' has no text model", hint="use openai, azure, url or chat")
        return text

    live_text()

    async def answer(question: str) -> str:
        # each question has an event loop of its own, and so it needs connections of its own
        agent: Agent[Any] = Agent(name="author", model=live_text().named(None))
        result = await Runner.run(agent, question, max_turns=1, run_config=RunConfig(tracing_disabled=True))
        return str(result.final_output)

    def ask(question: str) -> str:
        try:
            return asyncio.run(answer(question))
        except Exception as problem:  # any failure of the network or the service is one line for the author
            raise ProviderError(
                f"the text model cannot be asked: {problem}", hint="look at the key and at --url"
            ) from problem

    return ask


def text_response(text: str) -> ModelResponse:
    """A message of a text model, as the SDK reads it."""
    content = ResponseOutputText(text=text, type="output_text", annotations=[], logprobs=[])
    message = ResponseOutputMessage(
        id="message", content=[content], role="assistant", status="completed", type="message"
    )
    return ModelResponse(output=[message], usage=Usage(), response_id=None)


def call_response(name: str, arguments: str, call_id: str) -> ModelResponse:
    """A call of a text model, as the SDK reads it."""
    call = ResponseFunctionToolCall(name=name, arguments=arguments, call_id=call_id, type="function_call")
    return ModelResponse(output=[call], usage=Usage(), response_id=None)


def _day_in(text: str | None) -> date | None:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text) if text else None
    return None


def _category_schema(spec: Classifier) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"rationale": {"type": "string"}, "category": {"enum": [*spec.categories, NO_CATEGORY]}},
        "required": ["rationale", "category"],
        "additionalProperties": False,
    }


def _wire_tool(tool: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.params_json_schema,
    }


def _conversation_items(input: Any) -> list[dict[str, Any]]:
    """What the model reads as conversation items, up to what the caller said last and what was called since."""
    items = [
        _conversation_item(item)
        for item in (input if isinstance(input, list) else [{"role": "user", "content": input}])
    ]
    while len(items) > 1 and items[-1].get("role") in ("assistant", "developer"):
        items.pop()
    return items


def _conversation_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """An input item of a text model as a conversation item."""
    return {"type": "message", **item} if "role" in item else dict(item)


def _offline_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _least_value(schema: Mapping[str, Any]) -> Any:
    """The smallest value that a schema allows, for a model call whose author gave no offline answer."""
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][-1]
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]].sample
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {name: _least_value(part) for name, part in schema.get("properties", {}).items() if name in required}
        case "array":
            return []
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case _:
            return "unknown"
