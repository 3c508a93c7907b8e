"""Clients of others against a dialogue's model: what they do right passes, and what they do wrong is told at its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from realtime_scenarios.realtime import Pace
from realtime_scenarios.trace import UserSaid
from support.client import Client, function
from support.rehearsal import (
    FRONT,
    GOOD,
    LOOK_UP,
    asks_for_sizes,
    line_of,
    problems,
    served,
    user,
)


def test_a_client_that_does_as_the_dialogue_says_passes_and_is_told_what_was_not_checked() -> None:
    result = served("sizes", asks_for_sizes)
    assert problems(result) == [] and result.passed
    assert [event.text for event in result.trace if isinstance(event, UserSaid)] == [
        "How big can a bag be?",
        "Weigh mine.",
    ]
    assert [(left.place.span.line, left.reason) for left in result.unchecked] == [
        (line_of("approval: approve"), "who approves is asked by the client"),
        (line_of("- approval:"), "it is about what only the client knows"),
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("up to 27 inches", "'look_up' returned something else: "),
        ('{"error": "out of order"}', "'look_up' returned something else"),
        ("An error occurred while running the tool. Please try again.", "'look_up' returned something else"),
    ],
)
def test_a_tool_that_answers_wrongly_is_told_at_the_call(answer: str, said: str) -> None:
    found = problems(served("sizes", asks_for_sizes, {**GOOD, "look_up": lambda arguments: answer}))
    assert len(found) == 1 and found[0].startswith(f"{line_of('- call: look_up')}: {said}")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ('{"error": "out of order"}', "failed"),
        ("An error occurred while running the tool. Please try again.", "failed"),
        ("Tool execution was not approved.", "rejected"),
        ("Tool weigh not found", "unknown"),
        ("Tool 'weigh' timed out after 3 seconds.", "timed_out"),
    ],
)
def test_a_call_that_ends_otherwise_is_told_where_the_dialogue_asks_for_no_answer(answer: str, outcome: str) -> None:
    found = problems(served("sizes", asks_for_sizes, {**GOOD, "weigh": lambda arguments: answer}))
    assert found == [f"{line_of('- call: weigh')}: 'weigh' was to be answered, but it was {outcome}: {answer}"]


def test_a_function_that_the_client_does_not_offer_is_named_with_those_that_it_does() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=FRONT[1:])
        await client.say("How big can a bag be?")
        await client.update(tools=[LOOK_UP, function("weigh")])
        await client.say("Weigh mine.")

    found = problems(served("sizes", visit))
    offers = "it has 'transfer_to_front_desk' and 'transfer_to_bags'"
    assert found[0] == f"{line_of('- call: look_up')}: the client offers no 'look_up': {offers}"
    assert any(
        problem.startswith(
            f"{line_of('- handoff: bags')}: the client offers no function that hands off to 'bags', "
            "neither 'transfer_to_bags' nor 'transfer_agents': it has 'look_up' and 'weigh'"
        )
        for problem in found
    )


def test_a_handoff_is_made_by_whatever_function_the_client_has_for_it() -> None:
    seen: list[dict[str, Any]] = []

    def transferred(arguments: dict[str, Any]) -> str:
        seen.append(arguments)
        return '{"did_transfer": true}'

    async def visit(client: Client) -> None:
        destinations = {"type": "string", "enum": ["frontDesk", "Bags"]}
        transfer = function("transferAgents", destination_agent=destinations)
        await client.update(tools=[LOOK_UP, transfer, function("weigh")])
        await client.say("How big can a bag be?")
        await client.say("Weigh mine.")

    assert served("sizes", visit, {**GOOD, "transferAgents": transferred}).passed
    assert seen[0]["destination_agent"] == "Bags"


def test_a_handoff_that_the_client_refuses_is_none() -> None:
    found = problems(served("sizes", asks_for_sizes, {**GOOD, "transfer_to_bags": lambda _: '{"error": "closed"}'}))
    assert f'{line_of("- handoff: bags")}: the handoff to \'bags\' was refused: {{"error": "closed"}}' in found


def test_a_call_that_is_never_answered_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=FRONT)
        part = {"type": "input_text", "text": "How big?"}
        await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
        await client.send("response.create")
        await client.until("response.done")

    found = problems(served("sizes", visit))
    assert f"{line_of('- call: look_up')}: 'look_up' was called but never returned" in found
    assert any("'Up to 22 inches.' was never reached" in problem for problem in found)
    assert found[-1] == "the client left after turn 1 of 2"


def test_a_call_that_is_answered_twice_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=FRONT)
        await client.say("How big can a bag be?")
        (call,) = [
            item for event in client.events if event["type"] == "response.done" for item in calls_in(event["response"])
        ]
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": "up to 99 inches"}
        await client.send("conversation.item.create", item=item)
        await client.update(tools=[*FRONT, function("weigh")])
        await client.say("Weigh mine.")

    assert problems(served("sizes", visit)) == [
        f"{line_of('- call: look_up')}: the client answered this call more than once, and a model reads all of it"
    ]


def calls_in(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item for item in response["output"] if item["type"] == "function_call"]


def test_a_client_that_leaves_in_the_middle_of_the_last_line_does_not_pass() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        await client.say("Tell me all about bags.")
        await client.send("conversation.item.create", item=user("Enough."))
        await client.send("response.create")
        await client.until("response.output_text.delta")
        await client.until("response.output_text.delta")

    told = problems(served("cut-off", visit, pace=Pace(1, 1000)))
    assert f"{line_of('- say: As you like.')}: this line was never said: the client left before it was over" in told


def test_a_client_that_leaves_at_once_does_not_pass() -> None:
    async def visit(client: Client) -> None:
        await client.until("session.created")

    result = served("sizes", visit)
    assert result.status == "failed" and problems(result) == ["the client left before the first turn"]


def test_a_client_that_goes_on_when_the_dialogue_is_over_is_told() -> None:
    async def visit(client: Client) -> None:
        await asks_for_sizes(client)
        assert await client.say("And now?") == []

    assert [problem.partition(": ")[2] for problem in problems(served("sizes", visit))] == [
        "the caller went on when the dialogue was over"
    ]


def test_a_response_that_is_asked_for_before_the_caller_has_spoken_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=FRONT)
        assert await client.ask() == []
        await asks_for_sizes(client)

    assert [problem.partition(": ")[2] for problem in problems(served("sizes", visit))] == [
        "a response was asked for before the caller said anything"
    ]


def test_what_the_caller_takes_back_was_not_said() -> None:
    async def visit(client: Client) -> None:
        part = {"type": "input_text", "text": "Not this."}
        item = {"id": "draft", "type": "message", "role": "user", "content": [part]}
        await client.send("conversation.item.create", item=item)
        await client.send("conversation.item.delete", item_id="draft")
        await asks_for_sizes(client)

    result = served("sizes", visit)
    assert result.passed
    assert "Not this." not in [event.text for event in result.trace if isinstance(event, UserSaid)]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("close,code=1011,turn=1", "skipped"),  # nothing had been checked by then
        ("close,code=1011,event=response.output_item.added,turn=2", "passed"),
    ],
)
def test_a_call_that_a_fault_cuts_off_is_not_held_against_the_client(fault: str, status: str) -> None:
    async def visit(client: Client) -> None:
        with pytest.raises(ConnectionClosed):
            await asks_for_sizes(client)

    result = served("sizes", visit, query=f"&fault={fault}")
    assert (result.status, problems(result)) == (status, [])


def test_a_mistake_of_the_client_is_told_with_the_words_of_the_service() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=FRONT, voice="alloy")
        await asks_for_sizes(client)
        await client.send("response.cancel")  # of nothing, which real clients do all the time

    assert [problem.partition(": ")[2] for problem in problems(served("sizes", visit))] == [
        "the client was told of a mistake, 'unknown_parameter': Unknown parameter: 'session.voice'."
    ]


def test_a_schema_of_the_clients_own_that_takes_other_arguments_is_told() -> None:
    async def visit(client: Client) -> None:
        strict = function("look_up", item={"type": "string"})
        strict["parameters"] |= {"required": ["item"], "additionalProperties": False}
        await client.update(tools=[strict, *FRONT[1:]])
        await client.say("How big?")
        await client.update(tools=[*FRONT, function("weigh")])
        await client.say("Weigh mine.")

    found = [problem.partition(": ")[2] for problem in problems(served("sizes", visit))]
    assert found == [
        f"the client's own schema of 'look_up' does not take what the dialogue sends: {problem}"
        for problem in ("required argument 'item' is missing", "unknown argument 'what'")
    ]


def test_the_agent_opens_and_speaks_up_in_a_silence_when_it_is_asked_for_a_response() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        assert await client.ask() == ["The desk for bags, good morning."]
        assert await client.say("Good morning!") == ["How may I help?"]
        assert await client.ask() == ["Are you still there?"]

    assert served("opened", visit).passed


def test_responses_out_of_band_belong_to_no_turn() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=FRONT)
        await client.send("response.create", response={"conversation": "none", "metadata": {"topic": "moderation"}})
        assert (await client.until("response.done"))["response"]["output"] == []
        await asks_for_sizes(client)

    assert served("sizes", visit).passed


def test_words_of_a_clients_guardrail_are_no_turn_of_the_caller() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        await client.say("Tell me.")
        assert await client.say("guardrail triggered: no_bags") == []
        assert await client.say("Enough.") == ["As you like."]

    found = problems(served("cut-off", visit))
    assert any("asked to answer again, but the dialogue has no move left" in problem for problem in found)


def test_a_refusal_that_only_the_client_knows_is_not_checked() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=[LOOK_UP])
        assert await client.say("Just look it up.") == ["I need to know what."]

    result = served("refused", visit, {"look_up": lambda arguments: "What am I to look up?"})
    assert result.passed
    assert [left.reason for left in result.unchecked] == ["that it is invalid is the client's own business"]
