"""The provider `chat`: a text model behind chat completions plays the voice model, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError, UsageError, resource_folder
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.providers.chat import OLLAMA_URL, chat_url
from realtime_scenarios.providers.text import LiveText
from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest, Conversation, LoopClock
from realtime_scenarios.trace import AgentSaid, HandedOff, Interrupted, ModelError, ToolCalled, ToolReturned, Trace
from support import PROGRAM, Written
from support.chat_api import Refused, Reply, Streamed, called, calls, chat_api, chunk, says
from support.warm import conversed

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
DESK = """
    scenario: desk
    start: desk
    agents: {desk: {instructions: You look things up., tools: [look]}}
    tools: {look: {description: Look., parameters: {what: string}, returns: "Found {{ args.what }}"}}
"""
ENDLESS = Streamed([chunk({"content": "One two three "})], ends=False, waits_for_hang_up=True)


class Signs:
    """A person who signs in."""

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        return ApprovalAnswer("approve", {"username": "riley", "password": "hunter2"})


class Heard:
    """What comes through while it is said."""

    def __init__(self) -> None:
        self.deltas: list[str] = []
        self.something = asyncio.Event()

    def on_delta(self, agent: str, text: str) -> None:
        self.deltas.append(text)
        self.something.set()

    def on_event(self, event: object) -> None:
        pass


Talk = Callable[[Conversation], Awaitable[None]]


def held(path: Path, base: str, talk: Talk | str, *, observer: Heard | None = None, **wishes: Any) -> Trace:
    async def conversation() -> Trace:
        project = load(path)
        request = ProviderRequest(**{"url": base, "model": "qwen3", **wishes}).completed_by(project.scenario)
        opened = PROVIDERS["chat"].open(request)
        talked = Conversation(
            compiled(project.scenario), opened, clock=LoopClock(), approver=Signs(), observer=observer
        )
        async with talked:
            await (talked.user_says(talk) if isinstance(talk, str) else talk(talked))
            return talked.finished("over")

    return asyncio.run(conversation())


def of(trace: Trace, kind: type) -> list[Any]:
    return [event for event in trace if isinstance(event, kind)]


def said(trace: Trace) -> list[str]:
    return [event.text for event in of(trace, AgentSaid)]


# --- what is asked ------------------------------------------------------------------------------------------------------


def test_the_agents_instructions_and_tools_are_what_the_model_reads(written: Written) -> None:
    with chat_api(says("Good ", "day.")) as api:
        trace = held(written(DESK), api.base, "Hello")

    assert said(trace) == ["Good day."]
    assert api.paths == ["/v1/models", "/v1/chat/completions"]
    (body,) = api.bodies
    assert (body["model"], body["stream"]) == ("qwen3", True)
    system, user = body["messages"]
    assert system["role"] == "system" and "You look things up." in system["content"]
    assert user == {"role": "user", "content": "Hello"}
    (tool,) = body["tools"]
    assert tool["function"]["name"] == "look"
    assert tool["function"]["parameters"]["properties"] == {"what": {"type": "string"}}
    assert "tool_choice" not in body


def test_words_are_heard_while_the_model_still_speaks(written: Written) -> None:
    heard = Heard()
    with chat_api(says("Your bag ", "may be la", "rge.")) as api:
        held(written(DESK), api.base, "Hello", observer=heard)

    assert heard.deltas == ["Your ", "bag may be ", "large."]


def test_a_call_its_answer_and_the_words_after_it_stand_in_the_chat(written: Written) -> None:
    with chat_api(calls(("look", '{"what": "bags"}')), says("I found bags."), says("Bye.")) as api:

        async def two_turns(talked: Conversation) -> None:
            await talked.user_says("Look for bags")
            await talked.user_says("Thanks")

        trace = held(written(DESK), api.base, two_turns)

    assert of(trace, ToolReturned)[0].output == "Found bags"
    call_id = of(trace, ToolCalled)[0].call_id
    function = {"name": "look", "arguments": '{"what": "bags"}'}
    assert api.bodies[2]["messages"][1:] == [
        {"role": "user", "content": "Look for bags"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": call_id, "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": call_id, "content": "Found bags"},
        {"role": "assistant", "content": "I found bags."},
        {"role": "user", "content": "Thanks"},
    ]


def test_a_handoff_changes_what_the_model_is() -> None:
    with chat_api(calls(("transfer_to_qa_agent", "{}")), says("Ask away.")) as api:
        trace = held(AIRLINE, api.base, "How big can my bag be?")

    assert [event.to for event in of(trace, HandedOff)] == ["qa"]
    first, second = api.bodies
    assert [tool["function"]["name"] for tool in first["tools"]] == ["check_flights", "transfer_to_qa_agent"]
    assert [tool["function"]["name"] for tool in second["tools"]] == ["document_lookup", "transfer_to_main_agent"]
    assert first["messages"][0] != second["messages"][0]


def test_calls_that_are_made_together_are_answered_together(written: Written) -> None:
    together = calls(("look", '{"what": "bags"}'), ("look", '{"what": "pets"}'))
    with chat_api(together, says("Found both.")) as api:
        trace = held(written(DESK), api.base, "Look for bags and pets")

    assert [event.output for event in of(trace, ToolReturned)] == ["Found bags", "Found pets"]
    assert len(api.bodies) == 2
    assistant, *answers = api.bodies[1]["messages"][2:]
    assert [call["id"] for call in assistant["tool_calls"]] == [answer["tool_call_id"] for answer in answers]


def test_an_agent_that_opens_answers_a_caller_who_says_nothing(written: Written) -> None:
    with chat_api(says("Good day.")) as api:
        held(written(DESK), api.base, Conversation.agent_opens)

    assert api.bodies[0]["messages"][-1] == {"role": "user", "content": "(The caller says nothing.)"}


def test_words_that_are_ordered_replace_the_instructions_for_one_response(written: Written) -> None:
    opening = "\n    opening: {speaks: agent, say: Welcome to the desk., exact: true}\n"
    with chat_api(says("Welcome to the desk."), says("Yes?")) as api:

        async def opens_and_goes_on(talked: Conversation) -> None:
            await talked.agent_opens()
            await talked.user_says("Hello")

        held(written(DESK + opening), api.base, opens_and_goes_on)

    ordered, usual = (body["messages"][0]["content"] for body in api.bodies)
    assert "Welcome to the desk." in ordered and "You look things up." not in ordered
    assert "You look things up." in usual


def test_the_callers_key_is_sent_and_no_other(written: Written) -> None:
    environment = {"OPENAI_API_KEY": "sk-not-for-you", "OTHER_KEY": "other"}
    with chat_api(says("Yes?")) as api:
        held(written(DESK), api.base, "Hello", environment=environment)
        held(written(DESK), api.base, "Hello", environment=environment, key_env="OTHER_KEY")

    assert [headers["authorization"] for headers in api.headers] == ["Bearer none", "Bearer other"]


@pytest.mark.parametrize(
    ("wishes", "named", "asked"),
    [
        ({}, None, "qwen3"),
        ({}, "gpt-6-luna", "qwen3"),
        ({}, "text-mini", "qwen3"),
        ({"text_model": "qwen3:32b"}, "gpt-6-luna", "qwen3:32b"),
        ({"text_models": {"gpt-6-luna": "llama4"}}, "gpt-6-luna", "llama4"),
        ({"text_models": {"gpt-6-luna": "llama4"}}, "text", "qwen3"),
    ],
)
def test_the_one_model_there_answers_to_all_names_unless_the_scenario_says_more(
    wishes: dict[str, Any], named: str | None, asked: str
) -> None:
    text = PROVIDERS["chat"].open(ProviderRequest(model="qwen3", **wishes)).text
    assert isinstance(text, LiveText)
    assert text.named(named).model == asked  # type: ignore[attr-defined]


# --- how it is cut off --------------------------------------------------------------------------------------------------


def test_who_cuts_in_stops_the_model_and_it_reads_what_was_heard(written: Written) -> None:
    heard = Heard()
    with chat_api(ENDLESS, says("Yes?")) as api:

        async def cuts_in(talked: Conversation) -> None:
            turn = asyncio.ensure_future(talked.user_says("Count"))
            await heard.something.wait()
            await talked.interrupt()
            await turn
            await talked.user_says("Stop")

        trace = held(written(DESK), api.base, cuts_in, observer=heard)
        assert api.hung_up.wait(5)

    assert of(trace, Interrupted)[0].heard == "One two "
    assert of(trace, AgentSaid)[0].interrupted
    assert api.bodies[1]["messages"][2:] == [
        {"role": "assistant", "content": "One two "},
        {"role": "user", "content": "Stop"},
    ]


def test_who_leaves_in_the_middle_stops_the_model(written: Written) -> None:
    heard = Heard()
    with chat_api(ENDLESS) as api:

        async def leaves(talked: Conversation) -> None:
            turn = asyncio.ensure_future(talked.user_says("Count"))
            await heard.something.wait()
            turn.cancel()

        held(written(DESK), api.base, leaves, observer=heard)
        assert api.hung_up.wait(5)


# --- what the model does wrong ------------------------------------------------------------------------------------------


def test_a_call_of_something_that_is_not_there_is_told_to_the_model(written: Written) -> None:
    with chat_api(calls(("fly", "{}")), says("I cannot fly.")) as api:
        trace = held(written(DESK), api.base, "Fly!")

    assert of(trace, ToolReturned)[0].outcome == "unknown"
    assert said(trace) == ["I cannot fly."]
    assert api.bodies[1]["messages"][-1]["content"] == "Tool fly not found"


@pytest.mark.parametrize("arguments", ['{"what": ', "bags", "[1]", '"bags"'])
def test_broken_arguments_are_told_to_the_model_which_reads_them_as_json(written: Written, arguments: str) -> None:
    with chat_api(calls(("look", arguments)), says("Sorry.")) as api:
        trace = held(written(DESK), api.base, "Look")

    assert of(trace, ToolReturned)[0].outcome == "invalid"
    call, answer = api.bodies[1]["messages"][-2:]
    assert json.loads(call["tool_calls"][0]["function"]["arguments"]) == {"arguments": arguments}
    assert answer["content"].startswith("Invalid arguments for look")


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        pytest.param([called(0, "a", name="look", arguments='{"what": "a"}'), called(0, "b", name="look", arguments='{"what": "b"}')], ["a", "b"], id="one index for all"),
        pytest.param([called(None, "a", name="look", arguments='{"what": "a"}'), called(None, "b", name="look", arguments='{"what": "b"}')], ["a", "b"], id="no index"),
        pytest.param([called(0, "a", name="look", arguments='{"wh'), called(0, "a", name="look", arguments='at": "a"}')], ["a"], id="the id in every fragment"),
        pytest.param([called(0, "a", name="look"), called(1, "b", name="look"), called(0, None, arguments='{"what": "a"}'), called(1, None, arguments='{"what": "b"}')], ["a", "b"], id="by turns"),
    ],
)  # fmt: skip
def test_calls_are_told_apart_however_they_are_streamed(
    written: Written, frames: Sequence[Any], expected: Sequence[str]
) -> None:
    with chat_api(Streamed([*frames, chunk({}, "tool_calls")]), says("Done.")) as api:
        trace = held(written(DESK), api.base, "Look")

    assert [event.arguments["what"] for event in of(trace, ToolCalled)] == expected


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        (["<think>They say hello.", "</think>\n\nGood day."], "Good day."),
        (["<th", "ink>", "Hm.", "</thi", "nk>", "Good day."], "Good day."),
        (["\n<think>\n\n</think>\n\nGood day."], "Good day."),
        (["<the desk>"], "<the desk>"),
        (["Use <think> tags."], "Use <think> tags."),
    ],
)
def test_thoughts_are_not_said(written: Written, pieces: list[str], heard: str) -> None:
    with chat_api(says(*pieces)) as api:
        assert said(held(written(DESK), api.base, "Hello")) == [heard]


def test_thoughts_in_a_field_of_their_own_are_not_said(written: Written) -> None:
    frames = [chunk({"reasoning_content": "Hm."}), chunk({"reasoning": "Hm."}), *says("Good day.").frames]
    with chat_api(Streamed(frames)) as api:
        assert said(held(written(DESK), api.base, "Hello")) == ["Good day."]


def test_chunks_without_a_choice_are_passed_over(written: Written) -> None:
    frames = [{"id": "x", "object": "chat.completion.chunk", "choices": []}, *says("Good day.").frames]
    with chat_api(Streamed(frames)) as api:
        assert said(held(written(DESK), api.base, "Hello")) == ["Good day."]


@pytest.mark.parametrize(
    ("reply", "code", "message"),
    [
        (says("One ", "two ", finish="length"), "max_output_tokens", "the response was cut short: max_output_tokens"),
        (says("One ", finish="content_filter"), "content_filter", "the response was cut short: content_filter"),
        (says("One ", finish=None), "stream_broken_off", "the answer broke off before its end"),
        (Streamed([chunk({"content": "One "})], ends=False), "connection_lost", "the connection to HOST was lost"),
        (Streamed(["{"]), "malformed_stream", "what HOST streams is no chat completion"),
        (Streamed(['"a text"']), "malformed_stream", "what HOST streams is no chat completion"),
        (Streamed(['{"choices": [{"delta": 5}]}']), "malformed_stream", "what HOST streams is no chat completion"),
        (Streamed([{"error": {"message": "out of memory"}}]), "server_error", "HOST failed in the middle: out of memory"),
        (Refused(429, {"error": {"message": "slow down"}}), "rate_limit_exceeded", "HOST takes no more requests for now: slow down"),
        (Refused(500, "<html>"), "server_error", "HOST failed (HTTP 500)"),
        (Refused(503, {"error": "loading model"}), "server_error", "HOST failed (HTTP 503): loading model"),
    ],
)  # fmt: skip
def test_an_answer_that_fails_ends_its_turn_and_the_next_one_may_succeed(
    written: Written, reply: Reply, code: str, message: str
) -> None:
    replies = [reply] * 3 if isinstance(reply, Refused) else [reply]  # the client asks three times
    with chat_api(*replies, says("Here.")) as api:

        async def two_turns(talked: Conversation) -> None:
            await talked.user_says("Hello")
            await talked.user_says("Again")

        trace = held(written(DESK), api.base, two_turns)

    (error,) = of(trace, ModelError)
    assert (error.code, error.message) == (code, message.replace("HOST", api.base[7:-3]))
    assert said(trace)[-1] == "Here."


def test_a_call_that_is_cut_short_is_not_made(written: Written) -> None:
    frames = [called(0, "a", name="look", arguments='{"what": "a"}'), chunk({}, "length")]
    with chat_api(Streamed(frames)) as api:
        trace = held(written(DESK), api.base, "Look")

    assert of(trace, ToolCalled) == []


# --- what ends the conversation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "message", "hint"),
    [
        (Refused(401, {"error": {"message": "no key"}}), "HOST wants a key: no key", "--key-env"),
        (Refused(404, {"error": {"message": 'model "qwen3" not found'}}), "HOST has no model 'qwen3': model \"qwen3\" not found", "ollama pull qwen3"),
        (Refused(404, "404 page not found"), "HOST has no chat completions at BASE: 404 page not found", "/v1"),
        (Refused(400, {"error": {"message": "m does not support tools"}}), "HOST refused the request (HTTP 400): m does not support tools", "a model that can call tools"),
        (Refused(400, {"object": "error", "message": "context is full"}), "HOST refused the request (HTTP 400): context is full", "mend what it names"),
    ],
)  # fmt: skip
def test_what_would_fail_each_time_ends_the_conversation_at_once(
    written: Written, reply: Refused, message: str, hint: str
) -> None:
    with chat_api(reply) as api, pytest.raises(ProviderError) as problem:
        held(written(DESK), api.base, "Hello")

    assert problem.value.message == message.replace("HOST", api.base[7:-3]).replace("BASE", api.base)
    assert hint in (problem.value.hint or "")


def test_a_refused_key_is_told_before_the_first_word(written: Written) -> None:
    async def nothing(talked: Conversation) -> None:
        raise AssertionError("there is no conversation")

    refused = Refused(401, {"error": {"message": "invalid key sk-test-1"}})
    environment = {"CHAT_KEY": "sk-test-1"}
    with chat_api(says("Hello."), greets=refused) as api, pytest.raises(ProviderError) as problem:
        held(written(DESK), api.base, nothing, environment=environment, key_env="CHAT_KEY")

    assert "refused the key" in problem.value.message and "sk-test-1" not in problem.value.message
    assert problem.value.hint == "check CHAT_KEY: is it complete and still valid?"


def test_a_server_that_lists_no_models_is_talked_to_all_the_same(written: Written) -> None:
    with chat_api(says("Hello."), greets=Refused(404, "no")) as api:
        assert said(held(written(DESK), api.base, "Hello")) == ["Hello."]


def test_a_server_that_is_not_there_is_told_before_the_first_word(written: Written) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        base = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ProviderError, match=f"nothing listens at {base}") as problem:
        held(written(DESK), base, "Hello")
    assert problem.value.hint == "start the server, or say with --url where it is"


def test_a_host_that_does_not_exist_is_told(written: Written) -> None:
    with pytest.raises(ProviderError, match=r"no such host: nowhere\.invalid"):
        held(written(DESK), "http://nowhere.invalid/v1", "Hello")


def test_a_server_that_goes_away_between_turns_ends_the_conversation(written: Written) -> None:
    with chat_api(says("Hello.")) as api:

        async def outlives_it(talked: Conversation) -> None:
            await talked.user_says("Hello")
            api.stop()
            await talked.user_says("Are you there?")

        with pytest.raises(ProviderError, match="nothing listens at"):
            held(written(DESK), api.base, outlives_it)


# --- how it is opened ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://localhost:8000/", "http://localhost:8000/v1"),
        ("https://openrouter.ai/api/v1/", "https://openrouter.ai/api/v1"),
        ("http://here/v1/chat/completions", "http://here/v1"),
    ],
)
def test_an_address_is_taken_as_people_write_it(given: str, meant: str) -> None:
    assert chat_url(given) == meant


@pytest.mark.parametrize("given", ["ws://127.0.0.1/v1", "http://", "http://here:99999", "http://[here"])
def test_what_is_no_address_is_told(given: str) -> None:
    with pytest.raises(UsageError, match="is no address of chat completions"):
        chat_url(given)


def test_a_model_must_be_named_and_a_voice_model_is_none() -> None:
    for model in (None, "gpt-realtime-2.1-mini", "realtime"):
        with pytest.raises(UsageError, match="provider 'chat' needs a text model"):
            PROVIDERS["chat"].open(ProviderRequest(model=model))
    opened = PROVIDERS["chat"].open(ProviderRequest(model="gpt-realtime-2.1-mini", text_model="qwen3"))
    assert opened.config["url"] == OLLAMA_URL


def test_a_key_that_is_named_must_be_there() -> None:
    with pytest.raises(ProviderError, match="no key: CHAT_KEY is not set"):
        PROVIDERS["chat"].open(ProviderRequest(model="qwen3", key_env="CHAT_KEY"))


# --- on the command line ------------------------------------------------------------------------------------------------


def test_a_conversation_in_the_terminal_is_held_with_it(written: Written) -> None:
    with chat_api(calls(("look", '{"what": "bags"}')), says("I found bags.")) as api:
        words = ["run", str(written(DESK)), "--provider", "chat", "--url", api.base, "--model", "qwen3"]
        done = conversed(*words, typed="Look for bags\n")

    assert done.returncode == 0, done.stderr
    assert "I found bags." in done.stdout
    assert "provider  chat" in done.stdout


def test_a_server_that_is_not_there_is_one_line_in_the_terminal(written: Written) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        base = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    words = ["run", str(written(DESK)), "--provider", "chat", "--url", base, "--model", "qwen3"]
    done = conversed(*words, typed="Hello\n")

    assert done.returncode == 3
    assert done.stderr == (f"error: nothing listens at {base}\nhint: start the server, or say with --url where it is\n")


def test_dialogues_are_held_against_what_it_does(written: Written, tmp_path: Path) -> None:
    dialogues = """
    dialogues:
      - {id: looks, turns: [{user: Look for bags, agent: [{call: look, args: {what: bags}}, {say: Found.}]}]}
      - {id: looks-again, turns: [{user: Look for pets, agent: [{call: look, args: {what: pets}}, {say: Found.}]}]}
    """
    with chat_api(calls(("look", '{"what": "bags"}')), says("I found bags."), says("I will not look.")) as api:
        command = [*PROGRAM, "test", str(written(DESK + dialogues)), "--provider", "chat", "--url", api.base]
        done = subprocess.run([*command, "--model", "qwen3"], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed" in done.stdout and "1 failed" in done.stdout
    assert "looks-again" in done.stdout
