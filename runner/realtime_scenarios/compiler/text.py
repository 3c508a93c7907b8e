"""Text models behind tools and guardrails: how they are asked, on the SDK's own Agent and Runner."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents import (
    Agent,
    AgentOutputSchemaBase,
    MaxTurnsExceeded,
    Model,
    ModelBehaviorError,
    ModelResponse,
    ModelSettings,
    RunConfig,
    Runner,
    ToolsToFinalOutputResult,
)

from realtime_scenarios.compiler.approval import Ask
from realtime_scenarios.compiler.asking import Question, TextModels
from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.compiler.tools import CallCap, Nesting, nested_tool
from realtime_scenarios.core import first_line_of
from realtime_scenarios.core.arguments import ArgumentCheck
from realtime_scenarios.model.call import StubFailed, ToolCall
from realtime_scenarios.model.scenario import Supervisor
from realtime_scenarios.model.tool import ModelQuestion
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.templates import Template, TemplateError, rendered_value
from realtime_scenarios.trace import (
    AgentSaid,
    ModelAnswered,
    ModelError,
    ToolCalled,
    ToolReturned,
    TraceEvent,
    UserSaid,
)


class _TooManyCalls(Exception):
    """A supervisor tried more calls than it may make for one answer."""


class AsksTextModels:
    """Asks text models for the stubs of one conversation, and puts on record what they do.

    `models` is where they are, None: there are none. `ask` asks a person about the calls that they make.
    """

    def __init__(self, state: ConversationState, models: TextModels | None, ask: Ask) -> None:
        self._state = state
        self._models = models
        self._ask = ask

    async def supervised(self, supervisor: str, call: ToolCall, session: StubSession) -> str:
        """The supervisor's answer; its fallback where it fails, takes too long or comes to no end."""
        state = self._state
        spec = state.scenario.supervisors[supervisor]
        try:
            async with state.clock.limit(spec.timeout) as limit:
                state.limits.append(limit)
                try:
                    answer = str(await self._run_supervisor(spec, call, session))
                finally:
                    state.limits.remove(limit)
        except TimeoutError:
            return self._fallback_answer(spec, f"supervisor '{spec.name}' took longer than {spec.timeout:g} seconds")
        except (_TooManyCalls, MaxTurnsExceeded):
            reason = f"supervisor '{spec.name}' made more than {spec.max_calls} calls"
            return self._fallback_answer(spec, reason, "supervisor_in_circles")
        except Exception as problem:  # a model may fail in any way, and the caller on the line must still be answered
            return self._fallback_answer(spec, f"supervisor '{spec.name}' failed: {_reason_line(problem)}")
        state.record(ModelAnswered, call_id=call.call_id, name=spec.name, text=answer)
        return answer

    async def answered(self, question: ModelQuestion, call: ToolCall) -> Any:
        """The answer to one question.

        Raises:
            StubFailed: the model cannot be had, and there is no fallback.
        """
        state = self._state
        values = {**call.values(), "scenario": _scenario_names(state)}
        try:
            async with asyncio.timeout(question.timeout):
                answer = await self._run_model(question, call, values)
        except Exception as problem:  # see above
            slow = isinstance(problem, TimeoutError)
            reason = f"the text model took longer than {question.timeout:g} seconds" if slow else _reason_line(problem)
            state.record(ModelError, code="text_model_failed", message=f"'{call.tool}': {reason}")
            if question.fallback is None:
                raise StubFailed(reason) from problem
            return rendered_value(question.fallback.returns, values)
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        state.record(ModelAnswered, call_id=call.call_id, name=call.tool, text=text)
        return answer

    async def _run_supervisor(self, spec: Supervisor, call: ToolCall, session: StubSession) -> Any:
        state, cap = self._state, CallCap(spec.max_calls)
        nesting = Nesting(call.call_id, self._ask, cap)
        question = Question(call.call_id, call.tool, spec.name, spec.model)
        values = {**call.values(), "scenario": _scenario_names(state)}
        instructions = state.secrets.hidden(Template(spec.instructions.text).render(values))
        agent: Agent[Any] = Agent(
            name=spec.name,
            instructions=instructions,
            model=_Retrying(self._model_for(question), spec.retries),
            tools=[nested_tool(state.scenario.tools[name], state, session, nesting) for name in spec.tools],
            model_settings=ModelSettings(parallel_tool_calls=False if spec.tools else None),
            tool_use_behavior=lambda *_: ToolsToFinalOutputResult(is_final_output=cap.is_exceeded),
        )
        asked = self._model_input(spec.input, spec.history, values, spec.tools)
        state.record_question(call.call_id, spec.name, instructions, conversation_text(asked))
        result = await Runner.run(agent, asked, max_turns=spec.max_calls + 1, run_config=_untraced())
        if cap.is_exceeded:
            raise _TooManyCalls
        return result.final_output

    async def _run_model(self, asked: ModelQuestion, call: ToolCall, values: Mapping[str, Any]) -> Any:
        state = self._state
        offline = rendered_value(asked.offline.returns, values) if asked.offline is not None else None
        question = Question(call.call_id, call.tool, call.tool, asked.model, asked.offline is not None, offline)
        instructions = state.secrets.hidden(Template(asked.instructions.text).render(values))
        agent: Agent[Any] = Agent(
            name=call.tool,
            instructions=instructions,
            model=self._model_for(question),
            output_type=JsonOutput(asked.output) if asked.output is not None else None,
        )
        messages = self._model_input(asked.input, asked.history, values)
        state.record_question(call.call_id, call.tool, instructions, conversation_text(messages))
        tries = 0
        while True:
            try:
                return (await Runner.run(agent, messages, max_turns=1, run_config=_untraced())).final_output
            except Exception:
                tries += 1
                if tries > asked.retries:
                    raise

    def _model_input(
        self, template: str | None, history: int | None, values: Mapping[str, Any], tools: Sequence[str] = ()
    ) -> list[Any]:
        """What the model reads: so much of the conversation, with its own earlier calls in it, and the question."""
        kept = messages_of(self._state.recorder.events, history, frozenset(tools))
        if template is not None:
            question = Template(template).render(values)
        else:
            args = values["args"]
            question = json.dumps(args, ensure_ascii=False) if any(args.values()) else ""
            question = f"Relevant context from the voice agent: {question}" if question else ""
        asked: list[Any] = [*kept]
        if question or not asked:
            message = {"role": "user" if not asked else "developer", "content": self._state.secrets.hidden(question)}
            at = len(asked) - 1 if asked and asked[-1].get("role") == "user" else len(asked)
            asked.insert(at, message) if asked else asked.append(message)
        return asked

    def _fallback_answer(self, spec: Supervisor, reason: str, code: str = "supervisor_failed") -> str:
        self._state.record(ModelError, code=code, message=reason)
        return spec.fallback

    def _model_for(self, question: Question) -> Model:
        if self._models is None:
            raise StubFailed("there is no text model to ask")
        return self._models.model(question)


class JsonOutput(AgentOutputSchemaBase):
    """A structured answer as the author's JSON Schema wants it."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        self._check = ArgumentCheck(schema)

    def is_plain_text(self) -> bool:
        return False

    def name(self) -> str:
        return "answer"

    def json_schema(self) -> dict[str, Any]:
        return self._schema

    def is_strict_json_schema(self) -> bool:
        return False

    def validate_json(self, json_str: str) -> Any:
        data, problems = self._check.parsed(json_str)
        if problems:
            raise ModelBehaviorError(f"the answer does not fit: {'; '.join(problems)}")
        return data


class _Retrying(Model):
    """A model that is asked again after an error."""

    def __init__(self, model: Model, retries: int) -> None:
        self._model = model
        self._retries = retries

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        tries = 0
        while True:
            try:
                return await self._model.get_response(*args, **kwargs)
            except Exception:
                tries += 1
                if tries > self._retries:
                    raise

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        return self._model.stream_response(*args, **kwargs)


def messages_of(events: Sequence[TraceEvent], last: int | None, tools: frozenset[str]) -> list[dict[str, str]]:
    """What was said so far, as messages of caller and agent. The SDK's tool context has no history (0.24).

    `last` is how many messages are wanted, None all of them. What text models called with `tools` before, and what came
    back, stands among them: a record that was found once need not be looked for again.
    """
    items: list[dict[str, str]] = []
    returned = {event.call_id: event.output for event in events if isinstance(event, ToolReturned)}
    for event in events:
        match event:
            case UserSaid() if event.text:
                items.append({"role": "user", "content": event.text})
            case AgentSaid():
                items.append({"role": "assistant", "content": event.text})
            case ToolCalled() if event.within is not None and event.tool in tools and event.call_id in returned:
                arguments = json.dumps(event.arguments, ensure_ascii=False)
                call = {"type": "function_call", "call_id": event.call_id, "name": event.tool, "arguments": arguments}
                answer = {"type": "function_call_output", "call_id": event.call_id, "output": returned[event.call_id]}
                items += [call, answer]
            case _:
                pass
    if last is None:
        return items
    messages = [at for at, item in enumerate(items) if "role" in item]
    if last >= len(messages):
        return items
    return items[messages[len(messages) - last] :] if last else []


def conversation_text(items: Iterable[Mapping[str, str]]) -> str:
    """The messages, calls and answers that a text model reads, one below the other."""
    return "\n".join(map(_item_text, items))


def _item_text(item: Mapping[str, str]) -> str:
    match item:
        case {"role": role, "content": content}:
            return f"{role}: {content}"
        case {"name": name, "arguments": arguments}:
            return f"call: {name}({arguments})"
        case _:
            return f"returned: {item['output']}"


def _scenario_names(state: ConversationState) -> dict[str, str]:
    return {"id": state.scenario.id, "title": state.scenario.title}


def _untraced() -> RunConfig:
    return RunConfig(tracing_disabled=True)


def _reason_line(problem: Exception) -> str:
    return problem.message if isinstance(problem, TemplateError) else first_line_of(problem)
