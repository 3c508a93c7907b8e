"""Lines that a client of others cuts off: told where the dialogue has nobody cut in, unless its own guardrail did it."""

from __future__ import annotations

import pytest

from realtime_scenarios.realtime import Pace
from support.client import Client
from support.rehearsal import line_of, problems, served, user


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
