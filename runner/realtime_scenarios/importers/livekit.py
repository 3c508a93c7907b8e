"""Tests of LiveKit (`scenarios.yaml`) as dialogues: callers without a script, the end state, and what a judge looks at.

The form is that of `livekit.agents.simulation` and of the examples in livekit/agents (`hotel_receptionist`,
`data_capture_sim`, `frontdesk`): `label`, `instructions`, `agent_expectations`, `tags`, and `userdata`, in which the
hotel keeps `expected_state`, statements that bring the end state about. There a model plays the caller and a model
judges: so here, where a provider has text models; by rules the caller says the lines that stand in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from realtime_scenarios.core import UsageError
from realtime_scenarios.document import Place
from realtime_scenarios.importers.end_states import NoState, State, states_of
from realtime_scenarios.importers.exports import Told, items_at, mapping_at, places_in, text_at
from realtime_scenarios.importers.found import Found, FoundAgent, FoundDialogue, Tests
from realtime_scenarios.importers.written import without_blank_ends

Tables = Mapping[str, Mapping[str, str]]

_PLAYED_BY = "text-mini"
"""The role of the text model that plays the callers, where the provider has any."""

_OPENING = re.compile(r"OPENING LINE[^\n:]*:\s*[\"“]\s*(\S.*?)[\"”]", re.DOTALL)
_STEPS = re.compile(r"^DO,? IN ORDER[^\n]*\n(.*?)(?=^[A-Z][A-Z ,]{3,}[^\n]*:|\Z)", re.DOTALL | re.MULTILINE)
_STEP = re.compile(r"^\s*\d+[.)]\s+(.*?)(?=^\s*\d+[.)]\s|\Z)", re.DOTALL | re.MULTILINE)
_QUOTE = re.compile(r"[\"“]\s*([^\"”\s][^\"”]*)[\"”]")
_CONDITIONAL = re.compile(r"(?i)\W*(if|when|unless|before|once|after|until|only|do not|don't)\b")


def tests_of_livekit(items: list[Place], tables: Tables | None = None) -> Tests:
    """The tests as dialogues. `tables` are those of the scenario that they are for; None: one is made for them.

    Raises:
        UsageError: there are no tests.
    """
    told = Told()
    made: dict[str, dict[str, str]] = {}
    dialogues = []
    for group in items:
        if not isinstance(group.value, dict) or "scenarios" not in group.value:
            told.at(group, "an item without scenarios")
            continue
        told.rest(group, {"name", "scenarios"}, "the tests")
        reader = _Reader(told, tables, made)
        dialogues += [
            reader.dialogue(each, number) for number, each in enumerate(items_at(group / "scenarios", told), 1)
        ]
    if not dialogues:
        raise UsageError("there are no tests in it")
    agent = FoundAgent("Agent", "These tests are about an agent that stands elsewhere. Write here what it is told.")
    return Tests(tuple(dialogues), Found((agent,), {}, told.notes, tables=made))


class _Reader:
    def __init__(self, told: Told, tables: Tables | None, made: dict[str, dict[str, str]]) -> None:
        self._told, self._tables, self._made = told, tables, made

    def dialogue(self, test: Place, number: int) -> FoundDialogue:
        told = self._told
        told.rest(test, {"label", "instructions", "agent_expectations", "tags", "userdata"}, "a test")
        label = text_at(test / "label", told)
        userdata = test / "userdata"
        has_data = mapping_at(userdata, told)
        if has_data:
            told.rest(userdata, {"now", "expected_state"}, "the data of a test")
        expect = (*self._end_state(userdata / "expected_state"),) if has_data else ()
        rubric = without_blank_ends((text_at(test / "agent_expectations", told) or "").strip())
        if rubric:
            expect = (*expect, {"judge": rubric})
        instructions = test / "instructions"
        lines = self._lines(instructions)
        caller = self._caller(instructions, lines, is_held=bool(expect))
        return FoundDialogue(
            label or f"test-{number}",
            tuple({"user": line} for line in lines) if caller is None else (),
            expect,
            title=" ".join(label.split()) if label else None,
            tags=tuple(self._tags(test / "tags")),
            now=self._now(userdata / "now") if has_data else None,
            caller=caller,
        )

    def _caller(self, place: Place, lines: list[str], *, is_held: bool) -> dict[str, Any] | None:
        """Who calls, for a text model and for rules; None: they only say the lines."""
        who = without_blank_ends(place.value.strip()) if isinstance(place.value, str) else ""
        if not who:
            return None
        if not is_held:
            self._told.at(place, "who calls, what they know and how they react: nothing that can be held is expected")
            return None
        self._told.at(place, "for rules, what they know and how they react: only a text model reads `who`")
        opening, *steps = lines
        wants = {"wants": [{"says": step} for step in steps]} if steps else {}
        return {"who": who, "model": _PLAYED_BY, "opens": opening, **wants}

    def _lines(self, place: Place) -> list[str]:
        """The opening line, and what the steps let the caller say in any case."""
        text = text_at(place, self._told) or ""
        opening = _OPENING.search(text)
        if opening is None:
            self._told.at(place, "the line that the caller opens with, which is a model's; here they say hello")
        lines = [" ".join(opening[1].split()) if opening is not None else "Hello."]
        steps = _STEPS.search(text)
        for step in _STEP.finditer(steps[1]) if steps is not None else ():
            quotes = _QUOTE.findall(step[1])
            if len(quotes) == 1 and not _CONDITIONAL.match(step[1]):
                lines.append(" ".join(quotes[0].split()))
            elif steps is not None:
                start = steps.start(1) + step.start(1)
                span = place.span_of_part(start, start + len(step[1].rstrip()))
                self._told.at_span(span, "for rules, a step of the caller that is not one line")
        return lines

    def _tags(self, place: Place) -> Iterator[str]:
        if isinstance(place.value, list):
            yield from (tag for tag in place.value if isinstance(tag, str) and tag)
        elif mapping_at(place, self._told):
            yield from (f"{key}:{value}" for key, value in place.value.items() if key)

    def _now(self, place: Place) -> str | None:
        if place.value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(place.value))
        except ValueError:
            self._told.at(place, "the time of a test, which is no date with a time")
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()

    def _end_state(self, place: Place) -> Iterator[dict[str, Any]]:
        if place.value is None:
            return
        if not place.value:
            self._told.at(place, "that nothing changes; `not_called` says so of a tool")
        elif not isinstance(place.value, list):
            self._told.at(place, "an end state that is no list of statements")
        for statement in places_in(place):
            if not isinstance(statement.value, str):
                self._told.at(statement, "a statement that is no text")
                continue
            try:
                states = states_of(statement.value)
            except NoState as problem:
                self._told.at(statement, f"the end state of a statement: {problem}")
                continue
            for state in states:
                if self._has(state, statement):
                    yield {"data": {"query": state.query, "returns": state.returns}}
        if places_in(place):
            self._told.at(place, "that nothing else changes in the tables")

    def _has(self, state: State, place: Place) -> bool:
        """Whether the scenario has the table; one that is made for the tests gets it."""
        if self._tables is None:
            there = self._made.setdefault(state.table, {})
            for column, kind in state.columns.items():
                if column not in there or there[column] == "TEXT":
                    there[column] = kind
            return True
        table = {name.casefold(): columns for name, columns in self._tables.items()}.get(state.table.casefold())
        if table is None:
            self._told.at(place, f"the end state of table '{state.table}', which the scenario does not have")
            return False
        known = {column.casefold() for column in table}
        missing = next((column for column in state.columns if column.casefold() not in known), None)
        if missing is not None and re.search(rf"\b{re.escape(missing)}\b", state.query):
            self._told.at(place, f"the end state of column '{missing}', which table '{state.table}' does not have")
            return False
        return True
