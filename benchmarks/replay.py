"""Dialogues per CPU-second: ours over the SDK's session and wire code, against a fake model written by hand.

The standard dialogue: five turns, two tool calls, one handoff, five answers in text (eight model responses).
Run: python benchmarks/replay.py [dialogues]
"""

from __future__ import annotations

import cProfile
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_model

import realtime_scenarios
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.workers.player import played_here

ROUNDS = 7
"""Each measures all rivals one after the other, and its ratios are of one moment: the machine may be busy."""

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk:
    instructions: You are the front desk.
    tools: [order_status, opening_hours]
    handoffs: [returns]
  returns:
    instructions: You handle returns.
    handoffs: [desk]
tools:
  order_status:
    description: Look an order up.
    parameters: {order_id: string}
    returns: {status: shipped, order: "{{ args.order_id }}"}
  opening_hours:
    description: When the shop is open.
    returns: nine to five
dialogues:
  - id: standard
    turns:
      - user: Hello
        agent: [{say: "Hello, this is the shop. How can I help you today?"}]
      - user: Where is my order A-17?
        agent:
          - {call: order_status, args: {order_id: A-17}, returns: {contains: shipped}}
          - say: Your order A-17 has been shipped and is on its way to you.
      - user: And when do you open?
        agent:
          - call: opening_hours
          - say: We are open from nine to five on every working day.
      - user: I want to return something
        agent:
          - handoff: returns
          - say: This is the returns desk. What would you like to return?
        expect: [{agent: returns}]
      - user: The shoes
        agent: [{say: "All right, I have noted that you want to return the shoes."}]
        expect: [{said: shoes}]
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        cases = cases_of([load(path)])
        assert cases[0].dialogue.id == "standard"
    provider, request = PROVIDERS["scripted"], ProviderRequest()

    def ours(many: int) -> None:
        for finished in played_here(cases * many, provider, request):
            result = finished.result
            assert result.passed, [verdict.message for verdict in result.failures] or result.error

    ours(20), fake_model.play_many(20)
    fresh = [sys.executable, fake_model.__file__, str(count)]
    rivals: dict[str, Callable[[], float]] = {
        "SDK session, hand-written fake model": lambda: float(subprocess.check_output(fresh)),
        "the same with our changes to the SDK (providers/wire.py)": lambda: fake_model.rate(count),
        "ours: SDK session and wire code, in memory": lambda: rate(ours, count),
    }
    rounds = [[measured() for measured in rivals.values()] for _ in range(ROUNDS)]
    for name, rates in zip(rivals, zip(*rounds, strict=True), strict=True):
        ratio = statistics.median(rate / fake for rate, (fake, *_) in zip(rates, rounds, strict=True))
        print(f"{name:58} {statistics.median(rates):4.0f} dialogues/CPU-s  {ratio:.2f}")
    split = shares(lambda: ours(300))
    print("time of ours: " + ", ".join(f"{whose} {share:.0%}" for whose, share in split.items()) + " (profiled)")
    for many in (100, 300, 1000):
        began = cpu()
        ours(many)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{many:5} dialogues in one process: {(cpu() - began) / many * 1000:.2f} ms each, {peak:.0f} MB at most")


def rate(play_many: Callable[[int], None], many: int) -> float:
    """Dialogues per CPU-second."""
    began = cpu()
    play_many(many)
    return many / (cpu() - began)


def cpu() -> float:
    """Of this process, and of all that it has waited for."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def owner(path: str) -> str:
    """Whose code a profiled function is; the ground floor (`core`) belongs to whoever calls it."""
    root = str(Path(realtime_scenarios.__file__).parent)
    if path.startswith(f"{root}/core"):
        return "core"
    if path.startswith(root):
        return "engine" if path.startswith(f"{root}/realtime") else "ours"
    if any(package in path for package in ("/agents/", "/pydantic", "/openai/")):
        return "SDK"
    return "python"


def shares(play_all: Callable[[], None]) -> dict[str, float]:
    """The share of each owner; builtins, the standard library and the ground floor count for those who call them."""
    profile = cProfile.Profile()
    profile.runcall(play_all)
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    spent = dict.fromkeys(("SDK", "engine", "ours", "python"), 0.0)

    def charge(function: Any, seconds: float, callers: Any, *, depth: int = 4) -> None:
        """Put the seconds down to the function's owner, or to its callers in proportion to what they caused."""
        whose = owner(function[0])
        by_time = {caller: own for caller, (_, _, own, _) in callers.items()}
        caused = sum(by_time.values())
        if depth == 0 or not caused or whose not in ("core", "python"):
            spent["engine" if whose == "core" else whose] += seconds
            return
        for caller, own in by_time.items():
            part = seconds * own / caused
            if owner(caller[0]) == "core":
                charge(caller, part, stats[caller][4], depth=depth - 1)
            else:
                spent[owner(caller[0])] += part

    for function, (_, _, own, _, callers) in stats.items():
        charge(function, own, callers)
    total = sum(spent.values())
    return {("the event loop" if whose == "python" else whose): seconds / total for whose, seconds in spent.items()}


if __name__ == "__main__":
    main()
