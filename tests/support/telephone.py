"""A telephone line to the offline responder: agents as it sees them on the wire, and tools that answer as told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.project.prompts import described
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.standin import OfflineResponder

RULES = """\
- Carry-on: one bag of up to 22x14x9 inches, plus one personal item.
- Checked bags: each must weigh less than 50 pounds.
- Check-in: online check-in opens 24 hours before departure.
- Upgrades: may be requested up to one hour before boarding.
- Wi-Fi: free on flights longer than two hours.
- Changes: one free flight change within 24 hours of booking.
- Exit rows: passengers seated there must meet the safety criteria.
- Refunds: given for flights that are cancelled or delayed by more than three hours.
- Pets: animals under 20 pounds may travel in the cabin in a carrier.
- Anything else: please contact the support team.
"""

STRING = {"type": "string"}
PHONE = {"type": "string", "pattern": r"^\(\d{3}\) \d{3}-\d{4}$"}


def tool(
    name: str, description: str = "", parameters: Mapping[str, Any] | None = None, examples: Sequence[str] = ()
) -> dict[str, Any]:
    """A function tool in wire form; every parameter is required."""
    properties = dict(parameters or {})
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "function", "name": name, "description": described(description, examples), "parameters": schema}


def message(role: str, text: str) -> dict[str, Any]:
    kind = "input_text" if role == "user" else "output_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


@dataclass
class Line:
    """A line into a little call centre. `agents` maps a name to its instructions and tools; the first one answers.

    A handoff goes to the agent whose name its tool bears; any other tool answers with its entry in `outputs`.
    """

    agents: Mapping[str, tuple[str, list[dict[str, Any]]]]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    tool_choice: Any = "auto"
    items: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    agent: str = ""
    responder: OfflineResponder = field(default_factory=OfflineResponder)

    def __post_init__(self) -> None:
        self.agent = self.agent or next(iter(self.agents))

    def respond(self) -> Sequence[Output]:
        instructions, tools = self.agents[self.agent]
        request = ResponseRequest("resp_1", instructions, tools, self.tool_choice, list(self.items))
        return asyncio.run(self.responder.respond(request))

    def says(self, *texts: str) -> str:
        """What the agent says in the end to the last of the caller's messages."""
        said = ""
        for text in texts:
            self.items.append(message("user", text))
            said = self.goes_on()
        return said

    def goes_on(self) -> str:
        for _ in range(8):
            outputs = self.respond()
            called = False
            for output in outputs:
                if isinstance(output, SayText):
                    self.items.append(message("assistant", output.text))
                else:
                    assert isinstance(output, CallFunction)
                    called = True
                    self._answer_call(output)
            if not called:
                return " ".join(output.text for output in outputs if isinstance(output, SayText))
        raise AssertionError(f"the agent does not come to an end: {self.calls}")

    def _answer_call(self, call: CallFunction) -> None:
        call_id = f"call_{len(self.calls) + 1}"
        self.calls.append((call.name, json.loads(call.arguments)))
        target = next(
            (name for name in self.agents if call.name == f"transfer_to_{name.lower().replace(' ', '_')}"), ""
        )
        output: Any = (
            {"assistant": target} if target and call.name not in self.outputs else self.outputs.get(call.name, True)
        )
        if target and call.name not in self.outputs:
            self.agent = target
        text = output if isinstance(output, str) else json.dumps(output)
        self.items += [
            {"type": "function_call", "call_id": call_id, "name": call.name, "arguments": call.arguments},
            {"type": "function_call_output", "call_id": call_id, "output": text},
        ]
