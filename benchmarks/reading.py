"""What it costs to read and check a scenario of 5,000 lines, held against PyYAML's C loader in the same run.

    python benchmarks/reading.py

CPU milliseconds of this process, the best and the median of many rounds that take turns. PyYAML gives the data and
no places; ours gives the data, the place of every key and value, and everything that the schema does not allow.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from realtime_scenarios.document import check, read_text

ROUNDS = 25
LINES = 5_000

AGENT = """\
  agent_{n}:
    name: Desk {n}
    handoff_description: Answers questions of kind {n}.
    instructions: |
      # Role and objective
      You are desk {n} of a shop. Find out what the caller wants.

      # Rules
      - One or two sentences a turn.
      - Speak English only.
    tools: [look_up_{n}]
    handoffs:
      - to: agent_{next}
        description: Hand the caller to desk {next}.
        examples:
          - Question {n} about my order
          - Can somebody help me with matter {n}?
"""
TOOL = """\
  look_up_{n}:
    description: Look up order {n}.
    examples: [Where is order {n}?, When does order {n} arrive?]
    parameters:
      order_id: {{type: string, description: The number of the order.}}
      kind: [new, old]
      "count?": integer
    approval:
      fields:
        username: {{label: Username}}
        password: {{label: Password, secret: true}}
      timeout: 60s
    returns: "Order {{{{ args.order_id }}}} arrives on day {n}."
    set: {{username: approval.username}}
"""


def scenario_text(lines: int) -> str:
    """A valid scenario of at least so many lines."""
    count = lines // (AGENT.count("\n") + TOOL.count("\n")) + 1
    agents = "".join(AGENT.format(n=n, next=(n + 1) % count) for n in range(count))
    tools = "".join(TOOL.format(n=n) for n in range(count))
    return f"scenario: big\nstart: agent_0\ncontext: {{username: string}}\nagents:\n{agents}tools:\n{tools}"


def ours(text: str) -> None:
    document, found = read_text(text, "big.yaml")
    assert document is not None
    assert not found
    assert not check(document, "scenario")


def pyyaml(text: str) -> None:
    yaml.load(text, Loader=yaml.CSafeLoader)


def cpu_ms(work: Callable[[str], None], text: str) -> float:
    began = time.process_time()
    work(text)
    return (time.process_time() - began) * 1e3


def main() -> None:
    text = scenario_text(LINES)
    ours(text), pyyaml(text)
    rounds = [(cpu_ms(pyyaml, text), cpu_ms(ours, text)) for _ in range(ROUNDS)]
    theirs, own = (list(column) for column in zip(*rounds, strict=True))
    print(f"{Path(__file__).name}: {text.count(chr(10))} lines, {len(text) // 1000} kB, {ROUNDS} rounds, CPU ms")
    print(f"  PyYAML CSafeLoader, data only           best {min(theirs):6.1f}  median {statistics.median(theirs):6.1f}")
    print(f"  ours: data, every place, schema checked best {min(own):6.1f}  median {statistics.median(own):6.1f}")
    ratio = statistics.median(own) / statistics.median(theirs)
    print(f"  ratio {ratio:.2f} (medians; may be at most 1.20)")


if __name__ == "__main__":
    main()
