"""A pattern that cannot be read is told where it stands, whoever uses it; nothing else is said, and nothing breaks."""

from __future__ import annotations

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written

DESK = """
    scenario: desk
    start: d
    context: {n: {type: string, default: "1"CONTEXT}}
    agents:
      d:
        instructions: Use t.
        tools: [t]
        states_mode: tracked
        states: [{id: first, description: First, instructions: [Ask.], collect: [n], transitions: [{to: second, when: Done.}]}, {id: second, description: Second, instructions: [End.], terminal: true}]
    tools:
      t: {description: Do it., approval: {fields: {code: {label: CodeFIELD}}}, returns: ok}
    dialogues:
      - id: x
        context: {n: "1"}
        turns:
          - user: hi
            agent:
              - {call: t, approval: {approve: {code: "1234"}}}
              - {state: second, args: {n: "2"}}
              - say: ok
"""


@pytest.mark.parametrize(
    ("where", "written_as"), [("CONTEXT", ', pattern: "[0-9"'), ("FIELD", ', pattern: "^([0-9]{4}$"')]
)
def test_it_is_the_only_thing_that_is_told(where: str, written_as: str, written: Written) -> None:
    text = DESK.replace(where, written_as).replace("CONTEXT", "").replace("FIELD", "")

    assert [found.name for found in findings(load(written(text)), warnings=False)] == ["bad-pattern"]


OFFICE = """
    scenario: office
    start: d
    agents: {d: {instructions: Use t., tools: [t]}}
    tools:
      t:
        description: Do it.
        parameters: {function_name: string, parameters: object}
        catalogue:
          functions: {pay: {description: Pay., approval: always, parameters: {"day?": {type: string, pattern: "^2{1}${{ ''.x }}"}}}}
    dialogues:
      - {id: x, turns: [{user: hi, agent: [{call: t, args: {function_name: pay, parameters: {day: "2"}}, approval: approve}, {say: ok}]}]}
"""


def test_so_it_is_in_a_function_of_a_catalogue(written: Written) -> None:
    """The engine of schemas refuses it, though Python would read it."""
    assert [found.code for found in findings(load(written(OFFICE)), warnings=False)] == ["SC161"]


def test_a_number_that_python_does_not_read_opens_no_gate(written: Written) -> None:
    number = "9" * 5000
    text = DESK.replace("CONTEXT", "").replace("FIELD", "").replace("returns: ok", f'requires: "{number}", returns: ok')

    assert [found.name for found in findings(load(written(text)), warnings=False)] == ["bad-template"]
