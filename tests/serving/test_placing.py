"""Where a client is placed: which dialogue it is played, with whose instructions, and what of it is written down."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.record import verdict_line
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW
from support import Written
from support.client import Client
from support.rehearsal import (
    LOOK_UP,
    problems,
    rehearsals,
    served,
)


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

    assert run_in_virtual_time(rehearsals("", visit)) == []


@pytest.mark.parametrize(
    ("query", "param"), [("?dialogue=size", "dialogue"), ("?scenario=desks&dialogue=sizes", "scenario")]
)
def test_what_is_not_served_is_not_found(query: str, param: str) -> None:
    async def visit(client: Client) -> None:
        raise AssertionError("it was let in")

    with pytest.raises(InvalidStatus) as refused:
        run_in_virtual_time(rehearsals(query, visit))
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
