"""How agents hand off: a tool for each target or one for all, what the other agent is told, and who speaks."""

from __future__ import annotations

import json

from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.trace import ContextChanged, HandedOff, HandoffRefused, ToolCalled
from support import Answers, Written
from support.conversations import held, of, saying

SHOP = """
    scenario: shop
    start: desk
    context: {reason: {type: [string, "null"], default: null}, verified: {type: boolean, default: false}}
    agents:
      desk:
        instructions: You are the desk.
        handoff_style: transfer_agents
        handoffs:
          - to: returns
            description: Takes things back.
            examples: [I want to return it]
            set: {reason: args.rationale_for_transfer}
            tell: "The caller says: {{ args.conversation_context }}"
          - {to: sales, requires: context.verified}
      returns: {name: Jane, instructions: "You are Jane. {{ context.reason }}", handoffs: [{to: desk, tell: Take over.}]}
      sales: {instructions: You are sales., handoff_description: Sells things., handoffs: [desk]}
"""


def transfer(to: str) -> CallFunction:
    arguments = {
        "rationale_for_transfer": "a return",
        "conversation_context": "a cracked board",
        "destination_agent": to,
    }
    return CallFunction("transfer_agents", json.dumps(arguments))


def test_one_tool_offers_every_target_with_its_description(written: Written) -> None:
    model = Answers([[SayText("Hello.")]])
    held(written(SHOP), model, saying("Hello"))
    (tool,) = model.requests[0].tools
    assert tool["name"] == "transfer_agents"
    assert tool["parameters"]["properties"]["destination_agent"]["enum"] == ["returns", "sales"]
    assert "Takes things back." in tool["description"] and "Sells things." in tool["description"]


def test_the_other_agent_takes_over_is_told_and_speaks(written: Written) -> None:
    model = Answers([[transfer("returns")], [SayText("Jane from returns.")]])
    trace, _ = held(written(SHOP), model, saying("I want to return a board"))
    (made,) = of(trace, HandedOff)
    assert (made.agent, made.to, made.arguments["rationale_for_transfer"]) == ("desk", "returns", "a return")
    assert of(trace, ToolCalled) == []
    assert [event.value for event in of(trace, ContextChanged)] == ["a return"]
    after = model.requests[-1]
    assert after.instructions == "You are Jane. a return"
    assert [tool["name"] for tool in after.tools] == ["transfer_to_desk"]
    output = json.loads(next(item for item in after.items if item["type"] == "function_call_output")["output"])
    assert output["did_transfer"] is True and output["told"] == "The caller says: a cracked board"


def test_a_gate_refuses_the_transfer_and_the_agent_stays(written: Written) -> None:
    model = Answers([[transfer("sales")], [transfer("nobody")], [SayText("Not yet.")]])
    trace, _ = held(written(SHOP), model, saying("Sell me something"))
    assert [event.to for event in of(trace, HandoffRefused)] == ["sales", "nobody"]
    assert of(trace, HandedOff) == []
    assert model.requests[-1].instructions == "You are the desk."


def test_what_is_told_travels_with_the_sdks_own_handoff(written: Written) -> None:
    back = CallFunction("transfer_to_desk", "{}")
    model = Answers([[transfer("returns")], [back], [SayText("Hello again.")]])
    held(written(SHOP), model, saying("Return"))
    outputs = [item["output"] for item in model.requests[-1].items if item["type"] == "function_call_output"]
    assert json.loads(outputs[-1]) == {"assistant": "desk", "told": "Take over."}
