"""Where a conversation begins, as somebody types it: held against the scenario, and told where it does not fit."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.model import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.beginning import WishedBeginning, beginning
from support import Written

SHOP = """
    scenario: shop
    start: desk
    context:
      zip: {type: string, pattern: "^[0-9]{5}$", default: "00000"}
      tries: {type: integer, default: 0}
      note: {type: [string, "null"], default: null}
      vip: {type: boolean, default: false}
      cart: {type: array, default: []}
      born: {type: string, default: ""}
      any: {description: Whatever it is.}
      pin: {type: string, maxLength: 4, default: "", secret: true}
    agents:
      desk: {instructions: x, handoffs: [back]}
      back:
        instructions: x
        handoffs: [desk]
        states_mode: tracked
        states: [{id: a, description: x, transitions: [{to: b, when: y}]}, {id: b, description: x, terminal: true}]
"""


@pytest.fixture
def shop(written: Written) -> Scenario:
    return load(written(SHOP)).scenario


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("zip=02134", "02134"),
        ("tries=012", 12),
        ("note=null", None),
        ("note=", ""),
        ("note=yes: no", "yes: no"),
        ("note='#1'", "#1"),
        ("note=5", "5"),
        ("note=a=b", "a=b"),
        ("vip=true", True),
        ("cart=[1, two]", [1, "two"]),
        ('cart=[{"id": "A-1"}]', [{"id": "A-1"}]),
        ("born=1980-01-01", "1980-01-01"),
        ("any={a: 1.5}", {"a": 1.5}),
        ("any=on", "on"),
        ("note={a: [", "{a: ["),
    ],
)
def test_a_value_is_read_as_in_a_file_where_that_fits_the_variable_and_as_text_elsewhere(
    shop: Scenario, typed: str, value: Any
) -> None:
    (found,) = WishedBeginning(context=(typed,)).in_scenario(shop).context.values()
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("wished", "message", "hint"),
    [
        (WishedBeginning(agent="desc"), "there is no agent 'desc'", "did you mean 'desk'?"),
        (WishedBeginning(state="a"), "agent 'desk' has no state 'a'", "leave the state out: it has none"),
        (WishedBeginning(agent="back", state="c"), "agent 'back' has no state 'c'", ""),
        (WishedBeginning(context=("tries",)), "--context tries: there is no '='", "--context name=value"),
        (WishedBeginning(context=("tris=1",)), "there is no context variable 'tris'", "did you mean 'tries'?"),
        (WishedBeginning(context=("tries=many",)), "--context: 'tries' cannot be 'many'", "integer"),
        (WishedBeginning(context=("pin=47114711",)), "--context: 'pin' cannot be [secret]", "maxLength"),
        (WishedBeginning(now="soon"), "'soon' is no moment in time", "2026-03-01T09:00Z"),
        (WishedBeginning(now="2026-03-01T09:00"), "'2026-03-01T09:00' does not say in which zone", "2026-03-01T09:00Z"),
    ],
)
def test_what_cannot_be_is_told(shop: Scenario, wished: WishedBeginning, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as found:
        wished.in_scenario(shop)
    assert found.value.message == message and hint in (found.value.hint or "")


def test_a_beginning_that_is_wished_for(shop: Scenario) -> None:
    wished = WishedBeginning("back", "b", "2026-03-01T09:00+13:00", ("tries=1", "tries=2", "vip=true"))
    begins = wished.in_scenario(shop)

    assert (begins.agent, begins.state, begins.context) == ("back", "b", {"tries": 2, "vip": True})
    assert begins.now == datetime.datetime(2026, 2, 28, 20, 0, tzinfo=datetime.UTC)


def test_a_moment_has_a_zone_from_python_too(shop: Scenario) -> None:
    with pytest.raises(UsageError, match="does not say in which zone"):
        beginning(shop, now=datetime.datetime(2026, 3, 1, 9, 0))
