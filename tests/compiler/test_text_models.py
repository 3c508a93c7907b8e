"""Supervisors and model calls: what text models are sent, what their calls may do, and what holds when they fail."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from agents import Model, ModelBehaviorError, ModelResponse

from realtime_scenarios.compiler import Classification, ConversationState, Question, compiled
from realtime_scenarios.model.scenario import Guardrail
from realtime_scenarios.project import load
from realtime_scenarios.project.spending import Budget, OverBudget
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.providers.text import call_response, text_response
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer, Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.trace import (
    LONGEST_SHOWN,
    AgentSaid,
    ApprovalDecided,
    GuardrailChecked,
    GuardrailTripped,
    ModelAnswered,
    ModelAsked,
    ModelError,
    ToolCalled,
    ToolReturned,
    Trace,
    to_json_lines,
)
from support import Answers, Written, recording_server, text_api
from support.conversations import Person, of, saying

BANK = """
    scenario: bank
    start: voice
    agents: {voice: {instructions: Ask the supervisor., tools: [ask, judge], guardrails: [brand]}}
    tools:
      ask: {description: Ask., parameters: {about: string}, supervisor: chief, returns: {next: "{{ answer }}"}}
      judge:
        description: Judge.
        model:
          model: o4-mini
          instructions: Judge by the rules.
          history: 2
          output: {verdict: [fair, unfair], reason: string}
          retries: 1
          timeout: 10s
          FALLBACK
      balance: {description: The balance., parameters: {account: string}, returns: "42 for {{ args.account }}"}
      pay: {description: Pay., approval: {fields: {pin: {label: PIN, secret: true}}}, returns: "paid with {{ approval.pin }}"}
      slow: {description: Slow., delay: 60s}
    supervisors:
      chief:
        model: gpt-4.1
        instructions: You are the chief of {{ scenario.title }}.
        tools: [balance, pay, slow]
        history: 3
        max_calls: 2
        retries: 1
        timeout: 20s
        fallback: I could not find out.
    guardrails:
      brand:
        on_error: ON_ERROR
        classify: {model: gpt-4o-mini, instructions: You guard Bank., categories: {RUDE: Insults.}}
"""


class Text(Model):
    """A text model with prepared answers; it keeps what it was asked."""

    def __init__(self, *answers: Any, category: Any = "NONE") -> None:
        self.answers = list(answers)
        self.category_of = category
        self.questions: list[Question] = []
        self.asked: list[dict[str, Any]] = []

    def model(self, question: Question) -> Model:
        self.questions.append(question)
        return self

    async def category(self, guardrail: Guardrail, text: str) -> Classification:
        if isinstance(self.category_of, Exception):
            raise self.category_of
        return Classification(self.category_of, "because")

    async def get_response(
        self,
        system_instructions: Any,
        input: Any,
        model_settings: Any,
        tools: Any,
        output_schema: Any,
        *_: Any,
        **__: Any,
    ) -> ModelResponse:
        self.asked.append(
            {"instructions": system_instructions, "input": list(input), "tools": [tool.name for tool in tools]}
        )
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


def bank(written: Written, *, fallback: str = "", on_error: str = "open") -> Path:
    return written(BANK.replace("FALLBACK", fallback).replace("ON_ERROR", on_error))


def held(
    path: Path, text: Text, *outputs: Any, lines: tuple[str, ...] = ("Hello",), person: Person | None = None
) -> Trace:
    scenario = load(path)
    assert not scenario.errors, scenario.errors

    async def conversation() -> Trace:
        opened = PROVIDERS["offline"].open(ProviderRequest(responder=Answers(list(outputs)), text=text))
        talk = Conversation(compiled(scenario.scenario), opened, clock=LoopClock(), approver=person)
        async with talk:
            await saying(*lines)(talk)
            return talk.finished("over")

    return run_in_virtual_time(conversation())


ASK = CallFunction("ask", '{"about": "A-1"}')
JUDGE = CallFunction("judge", "{}")


def test_a_supervisor_reads_the_conversation_and_its_answer_is_the_tools(written: Written) -> None:
    text = Text(text_response("It is 42."))
    trace = held(
        bank(written),
        text,
        [SayText("Hi.")],
        [SayText("One moment."), ASK],
        [SayText("It is 42.")],
        lines=("Hi", "Balance?"),
    )
    (asked,) = text.asked
    assert asked["instructions"] == "You are the chief of bank."
    assert [(item["role"], item["content"]) for item in asked["input"]] == [
        ("assistant", "Hi."),
        ("user", "Balance?"),
        ("assistant", "One moment."),
        ("developer", 'Relevant context from the voice agent: {"about": "A-1"}'),
    ]
    assert asked["tools"] == ["balance", "pay", "slow"]
    assert text.questions[0].model == "gpt-4.1"
    assert [event.text for event in of(trace, ModelAnswered)] == ["It is 42."]
    assert [event.output for event in of(trace, ToolReturned)] == ['{"next": "It is 42."}']


def test_what_a_text_model_is_shown_stands_in_the_trace(written: Written) -> None:
    good = text_response('{"verdict": "fair", "reason": "new"}')
    outputs = [SayText("Hi.")], [SayText("One moment."), ASK], [SayText("It is 42.")], [JUDGE], [SayText("Fair.")]
    trace = held(bank(written), Text(text_response("It is 42."), good), *outputs, lines=("Hi", "Balance?", "Fair?"))

    asked = {event.name: event for event in of(trace, ModelAsked)}
    calls = {event.tool: event.call_id for event in of(trace, ToolCalled)}
    assert (asked["chief"].call_id, asked["chief"].instructions) == (calls["ask"], "You are the chief of bank.")
    assert asked["chief"].question.splitlines() == [
        "assistant: Hi.",
        "user: Balance?",
        "assistant: One moment.",
        'developer: Relevant context from the voice agent: {"about": "A-1"}',
    ]
    assert (asked["judge"].call_id, asked["judge"].question) == (calls["judge"], "assistant: It is 42.\nuser: Fair?")
    assert (asked["brand"].call_id, asked["brand"].question) == (None, "Fair.")
    assert "RUDE: Insults." in asked["brand"].instructions


def test_a_secret_is_hidden_in_what_is_kept_of_a_long_question(written: Written) -> None:
    scenario = load(bank(written)).scenario

    async def begun() -> ConversationState:
        return ConversationState.at_the_start(scenario, LoopClock(), secrets=["hunter2"])

    state = run_in_virtual_time(begun())
    state.record_question("c", "chief", "hunter2", "x" * (LONGEST_SHOWN // 2 - 3) + "hunter2" + "y" * LONGEST_SHOWN)

    (event,) = state.recorder.events
    assert isinstance(event, ModelAsked) and event.is_cut
    assert event.instructions == "[secret]"
    assert "hun" not in event.question and len(event.question) < LONGEST_SHOWN + 50
    assert event.question.endswith("y" * (LONGEST_SHOWN // 2))


def test_the_supervisors_own_calls_are_nested_in_the_trace(written: Written) -> None:
    text = Text(call_response("balance", '{"account": "A-1"}', "1"), text_response("It is 42."))
    trace = held(bank(written), text, [ASK], [SayText("It is 42.")])
    outer, inner = of(trace, ToolCalled)
    assert (inner.tool, inner.within) == ("balance", outer.call_id)
    assert [(event.tool, event.within) for event in of(trace, ToolReturned)] == [
        ("balance", outer.call_id),
        ("ask", None),
    ]


def test_a_nested_call_with_an_approval_asks_the_person_and_its_secret_goes_nowhere(written: Written) -> None:
    text = Text(call_response("pay", "{}", "1"), text_response("Paid."))
    trace = held(
        bank(written), text, [ASK], [SayText("Paid.")], person=Person(ApprovalAnswer("approve", {"pin": "4711"}))
    )
    assert [event.decision for event in of(trace, ApprovalDecided)] == ["approved"]
    assert "4711" not in to_json_lines(trace) and "4711" not in json.dumps(text.asked, default=str)
    refused = Text(call_response("pay", "{}", "1"), text_response("Then not."))
    trace = held(bank(written), refused, [ASK], [SayText("Then not.")], person=Person(ApprovalAnswer("reject")))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["rejected", "answered"]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([call_response("balance", '{"account": "1"}', str(number)) for number in range(9)], "made more than 2 calls"),
        ([ModelBehaviorError("down"), ModelBehaviorError("down")], "failed: down"),
        ([call_response("slow", "{}", "1"), text_response("late")], "took longer than 20 seconds"),
    ],
)
def test_a_supervisor_that_does_not_answer_ends_in_its_fallback(written: Written, answers: Any, message: str) -> None:
    trace = held(bank(written), Text(*answers), [ASK], [SayText("Sorry.")])
    assert [event.output for event in of(trace, ToolReturned) if event.tool == "ask"] == [
        '{"next": "I could not find out."}'
    ]
    assert any(message in event.message for event in of(trace, ModelError))


@pytest.mark.parametrize("at_once", [False, True])
def test_a_call_above_the_cap_of_a_supervisor_is_refused_before_it_runs(written: Written, at_once: bool) -> None:
    calls = [call_response("balance", json.dumps({"account": str(number)}), str(number)) for number in range(3)]
    together = ModelResponse(
        output=[item for call in calls for item in call.output], usage=calls[0].usage, response_id=None
    )
    trace = held(bank(written), Text(*([together] if at_once else calls)), [ASK], [SayText("Sorry.")])
    outcomes = [(event.outcome, event.output) for event in of(trace, ToolReturned)]
    assert outcomes == [
        ("answered", "42 for 0"),
        ("answered", "42 for 1"),
        ("refused", "No more than 2 calls are allowed. Nothing was done."),
        ("answered", '{"next": "I could not find out."}'),
    ]
    (error,) = of(trace, ModelError)
    assert (error.code, error.message) == ("supervisor_in_circles", "supervisor 'chief' made more than 2 calls")


def test_a_person_is_not_asked_about_a_call_above_the_cap(written: Written) -> None:
    calls = [call_response("pay", "{}", str(number)) for number in range(3)]
    trace = held(
        bank(written), Text(*calls), [ASK], [SayText("Sorry.")], person=Person(*[ApprovalAnswer("reject")] * 3)
    )
    assert [event.outcome for event in of(trace, ToolReturned)] == ["rejected", "rejected", "refused", "answered"]
    assert len(of(trace, ApprovalDecided)) == 2


def test_a_supervisors_time_is_also_that_of_the_code_which_it_calls(written: Written) -> None:
    written("import time\ndef dig(): time.sleep(0.6)\n", "code.py")
    path = written(
        """
        scenario: s
        start: voice
        agents: {voice: {instructions: x, tools: [ask]}}
        tools:
          ask: {description: x, supervisor: chief}
          dig: {description: x, timeout: 20s, python: "code:dig"}
        supervisors: {chief: {instructions: x, tools: [dig], timeout: 300ms, fallback: Too late.}}
        """
    )
    trace = held(path, Text(call_response("dig", "{}", "1")), [CallFunction("ask", "{}")], [SayText("Sorry.")])
    assert of(trace, ToolReturned)[-1].output == "Too late."
    assert "took longer than 0.3 seconds" in of(trace, ModelError)[0].message


def test_a_model_that_fails_once_is_asked_again(written: Written) -> None:
    trace = held(
        bank(written), Text(ModelBehaviorError("down"), text_response("It is 42.")), [ASK], [SayText("It is 42.")]
    )
    assert of(trace, ModelError) == []


def test_a_structured_answer_is_checked_and_asked_for_again(written: Written) -> None:
    good = text_response('{"verdict": "fair", "reason": "new"}')
    trace = held(bank(written), Text(text_response('{"verdict": "perhaps"}'), good), [JUDGE], [SayText("Fair.")])
    assert [json.loads(event.output) for event in of(trace, ToolReturned)] == [{"verdict": "fair", "reason": "new"}]


def test_a_model_call_without_an_answer_fails_or_gives_its_fallback(written: Written) -> None:
    bad = [text_response("no JSON"), text_response("no JSON")]
    trace = held(bank(written), Text(*bad), [JUDGE], [SayText("Hm.")])
    assert [event.outcome for event in of(trace, ToolReturned)] == ["failed"]
    bad = [text_response("no JSON"), text_response("no JSON")]
    path = bank(written, fallback="fallback: {verdict: unfair, reason: unknown}")
    trace = held(path, Text(*bad), [JUDGE], [SayText("Hm.")])
    assert [event.outcome for event in of(trace, ToolReturned)] == ["answered"]
    assert "unknown" in of(trace, ToolReturned)[0].output


def test_a_classifying_guardrail_is_pending_then_passes_or_fails(written: Written) -> None:
    trace = held(bank(written), Text(), [SayText("Good day.")])
    assert [event.status for event in of(trace, GuardrailChecked)] == ["pending", "pass"]
    trace = held(bank(written), Text(category="RUDE"), [SayText("You fool.")], [SayText("Sorry.")])
    assert [event.status for event in of(trace, GuardrailChecked)][:2] == ["pending", "fail"]
    assert of(trace, GuardrailTripped)[0].reason == "RUDE: because"


@pytest.mark.parametrize(("on_error", "trips"), [("open", 0), ("closed", 1)])
def test_a_classifier_that_fails_passes_or_stops_as_declared(written: Written, on_error: str, trips: int) -> None:
    text = Text(category=RuntimeError("down"))
    trace = held(bank(written, on_error=on_error), text, [SayText("Good day.")], [])
    assert len(of(trace, GuardrailTripped)) == trips


def test_a_supervisor_remembers_what_its_calls_returned_before(written: Written) -> None:
    text = Text(
        call_response("balance", '{"account": "A-1"}', "1"), text_response("It is 42."), text_response("Still 42.")
    )
    turns = [[ASK], [SayText("It is 42.")], [ASK], [SayText("Still 42.")]]
    held(bank(written), text, *turns, lines=("Balance?", "And now?"))
    kinds = [item.get("role") or item["type"] for item in text.asked[-1]["input"]]
    assert kinds == ["user", "function_call", "function_call_output", "assistant", "developer", "user"]


def test_the_time_a_person_takes_is_not_the_supervisors(written: Written) -> None:
    class Slow(Person):
        async def decide(self, request: Any) -> ApprovalAnswer:
            await asyncio.sleep(300)
            return await super().decide(request)

    text = Text(call_response("pay", "{}", "1"), text_response("Paid."))
    trace = held(
        bank(written), text, [ASK], [SayText("Paid.")], person=Slow(ApprovalAnswer("approve", {"pin": "4711"}))
    )
    assert of(trace, ModelError) == []
    assert [event.outcome for event in of(trace, ToolReturned)] == ["answered", "answered"]


def answered(body: dict[str, Any]) -> str | tuple[str, str]:
    """The bank's text models: the supervisor looks the balance up once, the classifier finds nothing."""
    if body.get("response_format") or body.get("text", {}).get("format"):
        return '{"rationale": "fine", "category": "NONE"}'
    has_called = any(message.get("role") == "tool" for message in body.get("messages", ()))
    if body.get("tools") and "messages" in body and not has_called:
        return "balance", '{"account": "A-1"}'
    return "It is 42."


@pytest.mark.parametrize(
    ("provider", "environment", "paths", "header"),
    [
        ("url", {"KEY": "k-1"}, {"/v1/chat/completions"}, "Bearer k-1"),
        ("openai", {"OPENAI_API_KEY": "sk-1"}, {"/v1/responses"}, "Bearer sk-1"),
        ("azure", {"AZURE_OPENAI_API_KEY": "az-1"}, {"/v1/responses"}, "Bearer az-1"),
    ],
)
def test_live_text_models_are_asked_over_their_api(
    written: Written, provider: str, environment: dict[str, str], paths: set[str], header: str
) -> None:
    project = load(bank(written))

    async def conversation(url: str) -> Trace:
        async with recording_server(Answers([[ASK], [SayText("It is 42.")]])) as recording:
            request = ProviderRequest(
                url=recording.url,
                environment=environment,
                key_env="KEY" if provider == "url" else None,
                deployment="voice",
                text_url=url,
                text_models={"gpt-4.1": "my-gpt"},
            )
            talk = Conversation(compiled(project.scenario), PROVIDERS[provider].open(request), clock=LoopClock())
            async with talk:
                await talk.user_says("What is my balance?")
                spent.update(talk.spending.by_model)
                return talk.finished("over")

    spent: dict[str, float] = {}
    with text_api(answered) as (url, requests):
        trace = asyncio.run(conversation(url))
    assert {path for path, _, _ in requests} == paths
    assert {headers["authorization"] for _, headers, _ in requests} == {header}
    models = [body["model"] for _, _, body in requests]
    assert models[0] == "my-gpt" and models[-1] == "gpt-4o-mini"
    assert [event.text for event in of(trace, ModelAnswered)] == ["It is 42."]
    assert [event.status for event in of(trace, GuardrailChecked)] == ["pending", "pass"]
    assert of(trace, AgentSaid)[-1].text == "It is 42."
    if provider == "url":
        assert [event.tool for event in of(trace, ToolCalled)] == ["ask", "balance"]
    assert not any(key in to_json_lines(trace) for key in environment.values())
    # a thousand tokens read, a fifth of them from the cache, and a hundred written; a deployment costs what its model does
    a_question = {"gpt-4.1": 0.0016 + 0.0001 + 0.0008, "gpt-4o-mini": 0.00012 + 0.000015 + 0.00006}
    asked = Counter("gpt-4.1" if model == "my-gpt" else model for model in models)
    texts = {name: spent[name] for name in asked}
    assert texts == pytest.approx({name: count * a_question[name] for name, count in asked.items()})


@pytest.mark.parametrize(("dollars", "ends"), [(0.002, True), (1.0, False)])
def test_a_conversation_ends_where_its_text_models_have_spent_its_money(
    written: Written, dollars: float, ends: bool
) -> None:
    project = load(bank(written))

    async def conversation(url: str) -> None:
        async with recording_server(Answers([[ASK], [SayText("It is 42.")]])) as recording:
            request = ProviderRequest(url=recording.url, environment={"OPENAI_API_KEY": "sk-1"}, text_url=url)
            opened = PROVIDERS["openai"].open(request)
            talk = Conversation(compiled(project.scenario), opened, clock=LoopClock(), budget=Budget(dollars=dollars))
            async with talk:
                await talk.user_says("What is my balance?")

    with text_api(answered) as (url, _), pytest.raises(OverBudget) if ends else nullcontext():
        asyncio.run(conversation(url))
