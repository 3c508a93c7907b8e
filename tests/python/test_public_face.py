"""The public face: what it costs to import, what each of its four functions does, and what it raises."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import realtime_scenarios
from realtime_scenarios import (
    AgentSaid,
    ApprovalAnswer,
    ApprovalRequest,
    DialogueResult,
    HandoffRefused,
    MistakesError,
    ProviderError,
    ToolReturned,
    UsageError,
    check,
    converse,
    load,
    replay,
)
from support import Written

SHOP = """
    scenario: shop
    start: desk
    context: {member: {type: boolean, default: false}}
    agents:
      desk:
        instructions: You sell bikes.
        tools: [price, sell]
        handoffs: [{to: workshop, requires: context.member}]
      workshop: {instructions: You mend bikes., handoffs: [desk]}
    tools:
      price: {description: What a bike costs., examples: [What does it cost], returns: 300 euros}
      sell: {description: Sell a bike., examples: [I take it], approval: always, returns: sold}
    dialogues:
      - id: price
        turns:
          - user: What does it cost?
            agent: [{call: price, returns: 300 euros}, {say: It is 300 euros.}]
      - id: too-dear
        turns:
          - user: What does it cost?
            agent: [{call: price, returns: 5 euros}, {say: It is 5 euros.}]
"""


class Yes:
    """Says yes to everything, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[ApprovalRequest] = []

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        self.asked.append(request)
        return ApprovalAnswer("approve")


def test_everything_that_is_promised_is_there() -> None:
    assert all(getattr(realtime_scenarios, name) is not None for name in realtime_scenarios.__all__)
    assert set(realtime_scenarios.__all__) == set(dir(realtime_scenarios)) == set(realtime_scenarios._MODULES)
    with pytest.raises(AttributeError, match="has no attribute 'laod'"):
        _ = realtime_scenarios.laod


def test_importing_reading_and_checking_cost_no_sdk(written: Written) -> None:
    program = (
        "import sys, realtime_scenarios as face; before = set(sys.modules);"
        f"print('msgspec' in before, face.check({str(written(SHOP))!r}, warnings=False), 'agents' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "[]", "False"]


def test_a_scenario_is_loaded_as_frozen_data(written: Written) -> None:
    scenario = load(written(SHOP))

    assert list(scenario.agents) == ["desk", "workshop"]
    with pytest.raises(AttributeError):
        scenario.start = "workshop"  # type: ignore[misc]


def test_a_packaged_example_is_loaded_by_its_name() -> None:
    assert load("airline").id == "airline"


def test_mistakes_are_raised_with_their_places(written: Written) -> None:
    path = written(SHOP.replace("start: desk", "strat: desk").replace("to: workshop", "to: workshp"))
    with pytest.raises(MistakesError) as raised:
        load(path)

    assert {found.name for found in raised.value.diagnostics} >= {"unknown-key"}
    assert f"{path}:3:1: SC" in str(raised.value)


def test_checking_tells_what_loading_would_raise_and_what_is_weak(written: Written) -> None:
    path = written(SHOP.replace("to: workshop", "to: workshp"))

    assert [found.name for found in check(path, warnings=False)] == ["unknown-handoff-target"]
    assert check(load(written(SHOP))) == check(written(SHOP))


def test_replaying_gives_a_result_for_each_dialogue_in_order(written: Written) -> None:
    for target in (written(SHOP), load(written(SHOP))):
        results = replay(target)
        assert [(result.dialogue.id, result.passed) for result in results] == [("price", True), ("too-dear", False)]
    (failure,) = results[1].failures
    assert "5 euros" in failure.message and failure.place.span.line == 22


def test_single_dialogues_are_replayed_by_id_and_on_workers(written: Written) -> None:
    path = written(SHOP)

    assert [result.dialogue.id for result in replay(path, "price")] == ["price"]
    assert [result.passed for result in replay(path, workers=2)] == [True, False]
    with pytest.raises(UsageError, match="there is no dialogue 'prize'"):
        replay(path, "prize")


def test_workers_change_nothing_about_a_result(written: Written) -> None:
    path = written(SHOP)
    alone, shared = replay(path), replay(path, workers=2)

    def facts(results: list[DialogueResult]) -> list[object]:
        traces = [result.trace for result in results]
        told = [
            [(verdict.message, verdict.place.span, verdict.at) for verdict in result.verdicts] for result in results
        ]
        return [told, [(trace.events, trace.start, trace.context, trace.entries, trace.began) for trace in traces]]

    assert facts(alone) == facts(shared) and alone[0].trace.began is not None


def test_nothing_to_replay_is_no_success(written: Written) -> None:
    with pytest.raises(UsageError, match="has no dialogues"):
        replay(written(SHOP.partition("    dialogues:")[0]))


def test_a_dialogue_with_a_mistake_keeps_replaying_from_looking_fine(written: Written) -> None:
    with pytest.raises(MistakesError, match="tool 'prize' does not exist"):
        replay(written(SHOP.replace("{call: price, returns: 5", "{call: prize, returns: 5")))


def said(
    path: Path, *lines: str, context: Mapping[str, object] | None = None, approver: Yes | None = None
) -> list[str]:
    """Every event of a conversation with the stand-in, as the name of its kind and what was said or answered."""

    async def talk() -> list[str]:
        async with converse(path, context=context, approver=approver) as conversation:
            for line in lines:
                await conversation.user_says(line)
            return [
                event.text if isinstance(event, AgentSaid) else getattr(event, "outcome", type(event).__name__)
                for event in conversation.trace
                if isinstance(event, AgentSaid | ToolReturned | HandoffRefused)
            ]

    return asyncio.run(talk())


def test_a_conversation_is_held_with_nobody_to_ask_unless_an_approver_is_given(written: Written) -> None:
    path, person = written(SHOP), Yes()

    assert "rejected" in said(path, "I take it")
    assert "answered" in said(path, "I take it", approver=person)
    assert [request.tool for request in person.asked] == ["sell"]


def test_a_conversation_begins_where_it_is_told_to(written: Written) -> None:
    async def begun() -> str:
        async with converse(written(SHOP), agent="workshop", context={"member": True}) as conversation:
            return conversation.trace.start

    assert asyncio.run(begun()) == "workshop"


@pytest.mark.parametrize(
    ("wishes", "problem"),
    [
        ({"agent": "dsk"}, "there is no agent 'dsk'"),
        ({"state": "one"}, "agent 'desk' has no state 'one'"),
        ({"context": {"membr": True}}, "there is no context variable 'membr'"),
        ({"context": {"member": "yes"}}, "the value of 'member' does not fit"),
        ({"provider": "ofline"}, "unknown provider 'ofline'"),
    ],
)
def test_what_does_not_exist_is_told_before_anything_begins(
    wishes: dict[str, object], problem: str, written: Written
) -> None:
    async def begun() -> None:
        async with converse(written(SHOP), **wishes):  # type: ignore[arg-type]
            raise AssertionError("nothing may begin")

    with pytest.raises(UsageError, match=problem):
        asyncio.run(begun())


def test_a_missing_key_is_told_with_the_way_out(written: Written) -> None:
    async def begun() -> None:
        async with converse(written(SHOP), provider="openai", environment={}):
            raise AssertionError("nothing may begin")

    with pytest.raises(ProviderError, match="OPENAI_API_KEY is not set"):
        asyncio.run(begun())


def test_a_misspelt_keyword_is_no_stand_in_instead(written: Written) -> None:
    path = written(SHOP)

    async def begun() -> None:
        async with converse(path, providr="openai"):  # type: ignore[call-arg]
            raise AssertionError("nothing may begin")

    with pytest.raises(TypeError, match="unexpected keyword argument 'providr': did you mean 'provider'"):
        asyncio.run(begun())
    with pytest.raises(TypeError, match="unexpected keyword argument 'worker'"):
        replay(path, worker=2)  # type: ignore[call-arg]


def test_a_conversation_is_with_the_provider_that_the_scenario_names(written: Written) -> None:
    async def begun(**wishes: str) -> None:
        async with converse(written(SHOP + "    provider: openai\n"), environment={}, **wishes):  # type: ignore[arg-type]
            pass

    with pytest.raises(ProviderError, match="OPENAI_API_KEY is not set"):
        asyncio.run(begun())
    asyncio.run(begun(provider="offline"))
    with pytest.raises(UsageError, match="the scripted provider only plays dialogues"):
        asyncio.run(begun(provider="scripted"))


def test_replaying_where_it_cannot_be_done_is_told(written: Written) -> None:
    path = written(SHOP)

    async def inside(*, in_process: bool) -> None:
        replay(path, in_process=in_process)

    with pytest.raises(UsageError, match="an event loop of its own"):
        asyncio.run(inside(in_process=True))
    with pytest.raises(UsageError, match="waits until all is played"):
        asyncio.run(inside(in_process=False))
    with pytest.raises(UsageError, match="0 workers play nothing"):
        replay(path, workers=0)
