"""Clients of others against a dialogue's model: what they do right passes, and what they do wrong is told at its line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, realtime_handoff
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import Pace, serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.record import verdict_line
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.trace import AgentSaid, UserSaid
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.client import LOUD, QUIET, Client, Function, function, sound

DESK = load(Path(__file__).parent / "desk.yaml")
CASES = cases_of([DESK])
LOOK_UP = function("look_up", what={"type": "string"})
FRONT = [LOOK_UP, function("transfer_to_front_desk"), function("transfer_to_bags")]
GOOD: Mapping[str, Function] = {
    "look_up": lambda arguments: f"a {arguments.get('what')}: up to 22 inches",
    "weigh": lambda arguments: "20 pounds",
    "transfer_to_bags": lambda arguments: '{"assistant": "Bags"}',
}

Visit = Callable[[Client], Awaitable[None]]


def served(
    dialogue: str, visit: Visit, functions: Mapping[str, Function] = GOOD, query: str = "", pace: Pace | None = None
) -> DialogueResult:
    """What came of a visit to the model of the dialogue."""
    (rehearsing,) = run_in_virtual_time(_served(f"?dialogue={dialogue}{query}", visit, functions, pace))
    assert rehearsing.case.dialogue.id == dialogue
    return rehearsing.rehearsed.result


async def _served(
    query: str, visit: Visit, functions: Mapping[str, Function] = GOOD, pace: Pace | None = None
) -> list[Rehearsing]:
    told: list[Rehearsing] = []
    seconds = asyncio.get_running_loop().time
    stage = Stage([DESK], CASES, (), tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
    async with (
        serve_visitors(stage.welcome, ping_interval=None, pace=pace) as server,
        connect(server.url + query, ping_interval=None) as socket,
    ):
        await asyncio.wait_for(visit(Client(socket, functions)), 10_000)
    return told


async def asks_for_sizes(client: Client) -> None:
    """A client with the scenario's agents, as it should be."""
    await client.update(tools=FRONT)
    assert await client.say("How big can a bag be?") == ["One moment.", "Up to 22 inches."]
    await client.update(tools=[*FRONT, function("weigh")])
    assert await client.say("Weigh mine.") == ["It weighs 20 pounds."]


def problems(result: DialogueResult) -> list[str]:
    """Each failed verdict as the line of the file where it stands, and its message."""
    lines = [f"{verdict.place.span.line}: {verdict.message}" for verdict in result.failures]
    return lines + ([result.error.message] if result.error else [])


def line_of(text: str) -> int:
    """The line of the scenario that holds the text."""
    lines = (Path(__file__).parent / "desk.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


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


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


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


def test_a_spoken_caller_is_heard_as_the_dialogue_has_it() -> None:
    async def visit(client: Client) -> None:
        listening = {"input": {"transcription": {"model": "whisper-1"}}}
        await client.update(tools=[*FRONT, function("weigh")], output_modalities=["audio"], audio=listening)
        assert await client.speak() == ["One moment.", "Up to 22 inches."]
        assert await client.speak() == ["It weighs 20 pounds."]
        heard = [event for event in client.events if event["type"].endswith("input_audio_transcription.completed")]
        assert [event["transcript"] for event in heard] == ["How large may a bag be?", "Can you weigh mine?"]

    result = served("sizes", visit)
    assert result.passed
    assert next(event.text for event in result.trace if isinstance(event, UserSaid)) == "How large may a bag be?"


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_caller_who_cuts_in_where_the_dialogue_says_so_passes(modality: str) -> None:
    async def visit(client: Client) -> None:
        await client.update(output_modalities=[modality])
        part = {"type": "input_text", "text": "Tell me."}
        await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
        await client.send("response.create")
        for _ in range(4):
            await client.until("response.output_text.delta" if modality == "text" else "response.output_audio.delta")
        if modality == "text":
            await client.send("response.cancel")
        else:
            await client.send("input_audio_buffer.append", audio=sound(LOUD, 200))
        assert (await client.until("response.done"))["response"]["status"] == "cancelled"
        if modality == "text":
            assert await client.say("Enough.") == ["As you like."]
        else:
            await client.send("input_audio_buffer.append", audio=sound(QUIET, 1000))
            await client.until("response.done")

    result = served("cut-off", visit)
    assert problems(result) == []
    said = [event for event in result.trace if isinstance(event, AgentSaid)]
    assert [event.interrupted for event in said] == [True, False]
    assert said[0].text.split() == ["Bags", "come", "in", "all"]


def test_an_answer_that_was_sent_before_it_was_heard_is_cut_off_by_a_truncate() -> None:
    async def visit(client: Client) -> None:
        await client.update(output_modalities=["audio"])
        await client.say("Tell me.")
        item = client.events[-1]["response"]["output"][0]["id"]
        await client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=900)
        await client.say("Enough.")

    assert problems(served("cut-off", visit)) == []


def test_a_caller_who_hears_out_what_was_to_be_cut_off_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        await client.say("Tell me.")
        await client.say("Enough.")

    (found,) = problems(served("cut-off", visit))
    assert found.endswith("the caller was to cut in, but the line was over before")


async def begins_to_hear(client: Client, said: str) -> None:
    await client.send("conversation.item.create", item=user(said))
    await client.send("response.create")
    await client.until("response.output_text.delta")


def test_a_client_that_cuts_into_a_line_where_the_dialogue_has_nobody_cut_in_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        await begins_to_hear(client, "Promise me that it fits.")
        await client.send("response.cancel")
        await client.until("response.done")
        assert await client.ask() == ["Some bags fit."]

    assert problems(served("taken-back", visit, pace=Pace(1, 1000))) == [
        f"{line_of('- say: I promise you')}: "
        "this line was cut off after 'I', and the dialogue has nobody cut in (`interrupt`)"
    ]


def test_a_line_that_is_cut_off_last_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        assert await client.say("Tell me all about bags.")
        await begins_to_hear(client, "Enough.")
        await client.send("response.cancel")
        await client.until("response.done")

    told = problems(served("cut-off", visit, pace=Pace(1, 1000)))
    assert any(problem.startswith(f"{line_of('- say: As you like.')}: this line was cut off") for problem in told)


def test_a_line_that_the_clients_bound_on_tokens_ends_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update(max_output_tokens=2)
        await client.say("Tell me all about bags.")
        await client.say("Enough.")

    told = problems(served("cut-off", visit))
    assert any(problem.startswith(f"{line_of('- say: As you like.')}: this line was cut off") for problem in told)


@pytest.mark.parametrize(
    "told_of", ["guardrail triggered: no_promises", "⚠️ Your last answer was blocked. Failed Guardrail Reason: x"]
)
def test_a_client_whose_own_guardrail_stops_a_line_cuts_nobody_off(told_of: str) -> None:
    async def visit(client: Client) -> None:
        await client.update()
        await begins_to_hear(client, "Promise me that it fits.")
        await client.send("response.cancel")
        await client.until("response.done")
        assert await client.say(told_of) == ["Some bags fit."]

    assert problems(served("taken-back", visit, pace=Pace(1, 1000))) == []


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


def test_a_client_that_says_nothing_of_itself_is_the_agent_that_begins() -> None:
    async def visit(client: Client) -> None:
        session = (await client.until("session.created"))["session"]
        assert session["instructions"].startswith("You answer what callers ask")
        assert [tool["name"] for tool in session["tools"]] == ["look_up", "transfer_to_bags"]
        await client.update(instructions="Be brief.")
        session = (await client.until("session.updated"))["session"]
        assert (session["instructions"], len(session["tools"])) == ("Be brief.", 2)

    served("sizes", visit)


def test_the_stand_in_knows_the_examples_of_the_scenario_though_the_client_does_not_tell_them() -> None:
    async def visit(client: Client) -> None:
        await client.update(tools=[{**LOOK_UP, "description": "Desk function 7."}])
        await client.say("how large may my parcel be")
        assert any(event["type"] == "response.function_call_arguments.done" for event in client.events)

    assert run_in_virtual_time(_served("", visit)) == []


@pytest.mark.parametrize(
    ("query", "param"), [("?dialogue=size", "dialogue"), ("?scenario=desks&dialogue=sizes", "scenario")]
)
def test_what_is_not_served_is_not_found(query: str, param: str) -> None:
    async def visit(client: Client) -> None:
        raise AssertionError("it was let in")

    with pytest.raises(InvalidStatus) as refused:
        run_in_virtual_time(_served(query, visit))
    assert refused.value.response.status_code == 404
    assert b"Did you mean" in (refused.value.response.body or b"")


def test_an_agent_whose_prompt_cannot_be_filled_in_lets_nobody_in(written: Written) -> None:
    project = load(
        written(
            """
scenario: s
start: a
context: {name: {type: [string, "null"], default: null}}
agents: {a: {instructions: "Greet {{ context.name.title() }}."}}
"""
        )
    )

    async def visit() -> tuple[int, str]:
        stage = Stage([project], (), (), tell=lambda _: None, seconds=lambda: 0.0, now=lambda: DEFAULT_NOW)
        async with serve_visitors(stage.welcome) as server:
            with pytest.raises(InvalidStatus) as refused:
                await connect(server.url)
        response = refused.value.response
        return response.status_code, (response.body or b"").decode()

    status, body = asyncio.run(visit())
    assert status == 500 and "the prompt of agent 'a'" in body


@function_tool
async def look_up(what: str) -> str:
    """Looks things up."""
    return f"a {what}: up to 22 inches"


@function_tool
async def weigh() -> str:
    """Weighs."""
    return "20 pounds"


def test_openai_agents_plays_a_dialogue_with_tools_and_a_handoff() -> None:
    bags = RealtimeAgent[Any](name="Bags", tools=[weigh])
    front = RealtimeAgent[Any](name="Front Desk", tools=[look_up], handoffs=[realtime_handoff(bags)])
    settings: Any = {"output_modalities": ["text"], "audio": {"input": {"turn_detection": None}}}
    told: list[Rehearsing] = []

    async def visit() -> None:
        seconds = asyncio.get_running_loop().time
        stage = Stage([DESK], CASES, CASES[:1], tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
        async with serve_visitors(stage.welcome) as server:
            config: Any = {"url": server.url, "headers": {}, "initial_model_settings": settings}
            session = await RealtimeRunner(front).run(model_config=config)
            async with session:
                waiting = ["How big?", "Weigh mine."]
                await session.send_message(waiting.pop(0))
                async for event in session:
                    raw = event.data if event.type == "raw_model_event" else None
                    if raw is None or raw.type != "raw_server_event" or raw.data["type"] != "response.done":
                        continue
                    if any(item["type"] == "function_call" for item in raw.data["response"]["output"]):
                        continue
                    if not waiting:
                        break
                    await session.send_message(waiting.pop(0))

    asyncio.run(asyncio.wait_for(visit(), 60))
    (rehearsing,) = told
    assert problems(rehearsing.rehearsed.result) == []


SECRET = """
scenario: bank
start: a
context: {pin: {type: string, default: "", secret: true}}
agents:
  a:
    instructions: Ask for the pin.
    states_mode: tracked
    states:
      - {id: one, description: Ask., instructions: [Ask.], collect: [pin], transitions: [{to: two, when: They gave it.}]}
      - {id: two, description: Done., instructions: [Be done.]}
dialogues:
  - id: pin
    turns:
      - {user: My pin is 4711-x, agent: [{state: two, args: {pin: 4711-x}}, {say: Thanks.}]}
"""


def test_a_secret_of_the_dialogue_is_in_nothing_that_is_written(written: Written) -> None:
    project = load(written(SECRET))
    cases = cases_of([project])
    told: list[Rehearsing] = []

    async def visit() -> None:
        stage = Stage([project], cases, cases, tell=told.append, seconds=lambda: 0.0, now=lambda: DEFAULT_NOW)
        functions = {"set_conversation_state": lambda arguments: f'{{"state": "two", "pin": "{arguments["pin"]}"}}'}
        async with serve_visitors(stage.welcome) as server, connect(server.url) as socket:
            client = Client(socket, functions)
            await client.update()
            assert await client.say("My pin is 4711-x") == ["Thanks."]

    asyncio.run(visit())
    assert problems(told[0].rehearsed.result) == []
    assert "4711-x" not in verdict_line(told[0]) and '"pin": "[secret]"' in verdict_line(told[0])
