"""A model, and an author's own code, may do anything: the conversation goes on, or ends with what went wrong."""

from __future__ import annotations

import json

import pytest

from realtime_scenarios.core import StalledError
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.trace import AgentSaid, ToolCalled, ToolReturned, to_json_lines
from support import Answers, Written
from support.conversations import held, of, saying

DESK = """
    scenario: desk
    start: desk
    context: {pin: {type: string, default: "7-pin-7", secret: true}, code: {type: string, default: "42", secret: true}}
    agents: {desk: {instructions: Help., tools: [look, quits, deep]}}
    tools:
      look: {description: Look., parameters: {what: string}, returns: "Found {{ args.what }}"}
      quits: {description: Ends the process., python: "stubs:quits"}
      deep: {description: Answers without end., python: "stubs:deep"}
"""
STUBS = """
def quits():
    raise SystemExit(3)


def deep():
    found = []
    for _ in range(100_000):
        found = [found]
    return found
"""


@pytest.mark.parametrize(
    "arguments",
    [
        '{"what": "\\ud800"}',
        "[" * 100_000,
        '{"what":' * 5_000 + "1" + "}" * 5_000,
        '{"what":' + "[" * 900 + "]" * 900 + "}",
        '{"what": NaN}',
        '{"what": 1e999}',
    ],
    ids=["half a character", "no end", "nested objects", "nested lists", "no number", "endless number"],
)
def test_arguments_that_cannot_be_written_again_are_told_to_the_model(written: Written, arguments: str) -> None:
    trace, _ = held(written(DESK), Answers([[CallFunction("look", arguments)], [SayText("Done.")]]), saying("Look"))
    [returned] = of(trace, ToolReturned)
    assert returned.outcome == "invalid"
    assert returned.output.startswith("Invalid arguments for look: the arguments are not a JSON object.")
    assert of(trace, ToolCalled)[0].arguments == arguments
    assert of(trace, AgentSaid)[-1].text == "Done."
    to_json_lines(trace).encode()


def test_a_pattern_that_takes_for_ever_elsewhere_is_decided_at_once(written: Written) -> None:
    scenario = DESK.replace("{what: string}", "{what: {type: string, pattern: '^(a+)+$'}}")
    call = CallFunction("look", json.dumps({"what": "a" * 40 + "!"}))
    trace, _ = held(written(scenario), Answers([[call], [SayText("Done.")]]), saying("Look"))
    assert "argument 'what' must match the pattern ^(a+)+$" in of(trace, ToolReturned)[0].output


def test_a_call_without_a_name_ends_the_conversation_with_what_went_wrong(written: Written) -> None:
    with pytest.raises(StalledError, match="the SDK could not carry out the call of ''"):
        held(written(DESK), Answers([[CallFunction("", "{}")], [SayText("Done.")]]), saying("Look"))


def test_a_model_that_calls_without_end_is_given_up(written: Written) -> None:
    again = Answers([[CallFunction("look", '{"what": "it"}')]], repeat=True)
    with pytest.raises(StalledError, match="the model answered 200 times in one turn"):
        held(written(DESK), again, saying("Look"))


@pytest.mark.parametrize(("tool", "reason"), [("quits", "SystemExit: 3"), ("deep", "its answer is no JSON")])
def test_an_authors_function_that_misbehaves_is_a_failed_call(written: Written, tool: str, reason: str) -> None:
    written(STUBS, "stubs.py")
    trace, _ = held(written(DESK), Answers([[CallFunction(tool, "{}")], [SayText("Done.")]]), saying("Go"))
    [returned] = of(trace, ToolReturned)
    assert returned.outcome == "failed" and reason in returned.output


def test_a_secret_default_is_hidden_from_the_first_word(written: Written) -> None:
    trace, _ = held(written(DESK), Answers([[SayText("It is 7-pin-7, or xx7-pin-7xx.")]]), saying("Which?"))
    assert of(trace, AgentSaid)[0].text == "It is [secret], or xx[secret]xx."


def test_a_short_secret_is_hidden_where_it_stands_alone_and_no_name_or_number_is_harmed(written: Written) -> None:
    call = CallFunction("look", json.dumps({"what": "42 of 142"}))
    trace, _ = held(written(DESK), Answers([[call], [SayText("Code 42, room 421.")]]), saying("Which?"))
    assert of(trace, ToolReturned)[0].output == "Found [secret] of 142"
    assert of(trace, AgentSaid)[0].text == "Code [secret], room 421."
