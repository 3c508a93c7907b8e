"""A conversation is held step by step: each step ends with the turn, or with a question to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.project import load
from realtime_scenarios.project.beginning import beginning
from realtime_scenarios.providers import ProviderRequest
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.talks.held import Decide, HeldTalk

SCENARIO = """\
scenario: shop
start: desk
opening: {speaks: agent, say: Welcome to the shop., exact: true}
agents:
  desk: {instructions: x, tools: [hours, refund]}
tools:
  hours: {description: When we are open., examples: [When are you open?], returns: "We are open from nine to five."}
  refund:
    description: Give the money back.
    examples: [I want my money back]
    approval: {timeout: 60s, fields: {pin: {label: PIN, secret: true, pattern: "[0-9]{4}"}}}
    returns: "Your money is on its way."
"""


@pytest.fixture
def talk(tmp_path: Path) -> HeldTalk:
    path = tmp_path / "shop.yaml"
    path.write_text(SCENARIO)
    project = load(path)
    return HeldTalk(project, "offline", ProviderRequest(), beginning(project.scenario))


def held(talk: HeldTalk, steps: Coroutine[Any, Any, None]) -> None:
    async def all_of_it() -> None:
        try:
            await steps
        finally:
            await talk.close()

    run_in_virtual_time(all_of_it())


def test_the_agent_opens_and_answers_and_each_step_tells_what_is_new(talk: HeldTalk) -> None:
    async def steps() -> None:
        assert (await talk.start())["said"] == ["Welcome to the shop."]
        told = await talk.say("When are you open?")
        assert told["said"] == ["We are open from nine to five."]
        assert [event["type"] for event in told["events"]] == ["UserSaid", "ToolCalled", "ToolReturned", "AgentSaid"]
        assert (told["turn"], told["agent"], told["waiting"]) == (2, "desk", None)

    held(talk, steps())


def test_a_call_that_needs_a_yes_waits_for_it_and_shows_no_secret(talk: HeldTalk) -> None:
    async def steps() -> None:
        await talk.start()
        waiting = (await talk.say("I want my money back"))["waiting"]
        assert waiting["tool"] == "refund"
        assert waiting["fields"] == [
            {"name": "pin", "label": "PIN", "secret": True, "required": True, "pattern": "[0-9]{4}"}
        ]
        with pytest.raises(UsageError, match="waits for a person's yes"):
            await talk.say("Hello?")
        with pytest.raises(UsageError, match="does not ask for 'pni'"):
            await talk.decide(Decide(True, {"pni": "1234"}))
        again = await talk.decide(Decide(True, {"pin": "12"}))
        assert "pin" in again["waiting"]["unfit"]
        done = await talk.decide(Decide(True, {"pin": "4321"}))
        assert done["waiting"] is None and done["said"] == ["Your money is on its way."]
        assert "4321" not in str(done) + str(talk.state())
        with pytest.raises(UsageError, match="nothing waits"):
            await talk.decide(Decide(True))

    held(talk, steps())


def test_a_no_is_a_no_and_is_told_in_the_words_that_were_given(talk: HeldTalk) -> None:
    async def steps() -> None:
        await talk.start()
        await talk.say("I want my money back")
        told = await talk.decide(Decide(False, message="Come to the shop, please."))
        (returned,) = [event for event in told["events"] if event["type"] == "ToolReturned"]
        assert (returned["outcome"], returned["output"]) == ("rejected", "Come to the shop, please.")

    held(talk, steps())


def test_the_last_step_is_undone_and_all_before_it_stays(talk: HeldTalk) -> None:
    async def steps() -> None:
        await talk.start()
        await talk.say("When are you open?")
        await talk.say("I want my money back")
        await talk.decide(Decide(True, {"pin": "1234"}))
        assert (await talk.undo())["waiting"]["tool"] == "refund"
        assert (await talk.undo())["waiting"] is None
        before = talk.state()
        assert before["turn"] == 2 and "We are open" in before["lines"][-1]
        await talk.undo()
        with pytest.raises(UsageError, match="nothing to undo"):
            await talk.undo()

    held(talk, steps())


def test_what_was_held_is_saved_as_a_dialogue(talk: HeldTalk, tmp_path: Path) -> None:
    async def steps() -> None:
        await talk.start()
        with pytest.raises(ScenarioError, match="nothing to save"):
            await talk.save(str(tmp_path / "first.yaml"))
        await talk.say("I want my money back")
        await talk.decide(Decide(True, {"pin": "4321"}))
        assert (await talk.save(str(tmp_path / "first.yaml")))["stand_ins"] == ["refund.pin"]

    held(talk, steps())
    text = (tmp_path / "first.yaml").read_text()
    assert "provider: offline" in text and "4321" not in text


def test_what_waits_for_a_yes_is_not_saved_before_it_is_decided(talk: HeldTalk, tmp_path: Path) -> None:
    async def steps() -> None:
        await talk.start()
        await talk.say("I want my money back")
        with pytest.raises(UsageError, match="'refund' waits for a person's yes") as refused:
            await talk.save(str(tmp_path / "first.yaml"))
        assert refused.value.hint == "approve or reject it first"
        assert not (tmp_path / "first.yaml").exists()
        await asyncio.sleep(61)  # of virtual time: nobody decides
        await talk.save(str(tmp_path / "first.yaml"))

    held(talk, steps())
    assert "approval: times_out" in (tmp_path / "first.yaml").read_text()


def test_silence_and_an_empty_line_are_no_words(talk: HeldTalk) -> None:
    async def steps() -> None:
        await talk.start()
        with pytest.raises(UsageError, match="nothing to say"):
            await talk.say("  ")

    held(talk, steps())
