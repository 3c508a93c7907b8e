"""A lint rule of the plug-in."""

from __future__ import annotations

from collections.abc import Iterator

from dice_scenarios.roll import RollStub
from realtime_scenarios.lint import Finding, Subject, rule


@rule("DICE01", "many-dice", "warning")
def many_dice(subject: Subject) -> Iterator[Finding]:
    """A tool rolls more dice than anybody can follow.

    Problem: a caller cannot check the sum of more than five dice.

    Instead: roll five dice or fewer.
    """
    for tool in subject.scenario.tools.values():
        if isinstance(tool.stub, RollStub) and tool.stub.dice > 5:
            yield Finding(f"tool '{tool.name}' rolls {tool.stub.dice} dice", tool.stub.place.span, "roll five or fewer")
