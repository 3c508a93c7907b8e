"""Functions of a catalogue are looked at as tools are."""

from __future__ import annotations

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written

OFFICE = """
scenario: office
start: main
context: {known: {type: boolean, default: false}}
agents: {main: {instructions: "Use office, and ask for the pin.", tools: [office]}}
supervisors: {boss: {instructions: "Answer {{ args.question }}."}}
tools:
  office:
    description: The office. Use it for everything.
    parameters: {function: string, arguments: object}
    APPROVAL
    catalogue:
      functions:
        FUNCTION
"""


def names(written: Written, function: str, approval: str = "approval: never") -> list[str]:
    text = OFFICE.replace("FUNCTION", function).replace("    APPROVAL\n", f"    {approval}\n" if approval else "")
    return [diagnostic.name for diagnostic in findings(load(written(text)), warnings=True)]


def test_a_function_may_use_what_the_tool_asks_a_person(written: Written) -> None:
    function = "pay: {description: Pay., set: {known: \"approval.pin == '1'\"}}"
    assert "bad-template" not in names(written, function, "approval: {fields: {pin: {label: Pin}}, timeout: 60s}")
    assert "bad-template" in names(written, function, "approval: {fields: {code: {label: Code}}, timeout: 60s}")


def test_a_gate_of_a_function_is_looked_at(written: Written) -> None:
    assert "gate-never-opens" in names(written, "pay: {description: Pay., requires: context.known}", "")


def test_a_supervisor_that_a_function_asks_is_used(written: Written) -> None:
    function = "ask: {description: Ask., parameters: {question: string}, supervisor: boss}"
    assert "unused-supervisor" not in names(written, function, "")
    assert "unused-supervisor" in names(written, "ask: {description: Ask.}", "")


def test_code_of_a_function_is_looked_at(written: Written) -> None:
    assert "bad-sql" in names(written, 'find: {description: Find., query: "SELECT * FROM nowhere"}')
    assert "bad-python" in names(written, 'find: {description: Find., python: "nowhere:find"}')


@pytest.mark.parametrize("schema", ["true", "{}"])
def test_a_parameter_that_may_be_anything_is_no_trouble(written: Written, schema: str) -> None:
    text = f"""
scenario: s
start: a
agents: {{a: {{instructions: Use t., tools: [t]}}}}
tools: {{t: {{description: Does x_y., parameters: {{type: object, properties: {{x: {schema}}}}}}}}}
"""
    found = findings(load(written(text)), warnings=True)
    assert [diagnostic for diagnostic in found if diagnostic.severity == "error"] == []
