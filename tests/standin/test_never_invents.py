"""Whatever is said to whatever tools: every argument was said, returned, shown, or is a default of the schema."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from realtime_scenarios.standin.language import any_of, understood
from realtime_scenarios.standin.numerals import with_digits
from support.telephone import PHONE, STRING, Line, tool

MANY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)

PARAMETERS = {
    "city": STRING,
    "destination": STRING,
    "phone_number": PHONE,
    "email": {**STRING, "format": "email"},
    "order_id": STRING,
    "confirmation_number": {**STRING, "pattern": r"^[A-Z]{3}\d{3}$"},
    "guests": {"type": "integer", "minimum": 1},
    "date": {**STRING, "format": "date"},
    "first_name": STRING,
    "reason": STRING,
    "size": {**STRING, "enum": ["small", "large"]},
    "express": {"type": "boolean"},
    "to": {**STRING, "description": "Whom it goes to."},
    "channel": {**STRING, "default": "telephone"},
    "kind": {"const": "standard"},
}
TASKS = (
    ("get_weather", "Get the weather in a place.", "What is the weather?", ["city"]),
    ("book_taxi", "Book a taxi.", "I need a taxi", ["destination", "guests", "phone_number"]),
    ("track_order", "Say where an order is.", "Where is my order?", ["order_id"]),
    ("change_seat", "Change a seat.", "Change my seat", ["confirmation_number", "first_name"]),
    ("send_note", "Send a note.", "Send a note", ["to", "reason", "channel"]),
    ("recommend", "Recommend a dish, a taxi or a hotel.", "What do you recommend?", ["size", "kind", "express"]),
    ("register", "Register a guest.", "Register me", ["email", "date", "first_name"]),
)
TOOLS = st.lists(st.sampled_from(TASKS), min_size=1, max_size=4, unique_by=lambda task: task[0])
VALUES = st.sampled_from(
    [
        "in Lima", "New York", "Berlin please", "206 555 0143", "two oh six, five five five, oh one four three",
        "jo at example dot com", "jo@example.com", "N-1001", "ABC123", "A B C one two three", "we are four", "three",
        "March 12 1985", "the third of March nineteen eighty-eight", "my name is Maya", "Maya", "large", "yes", "no",
        "no, 0134", "to Boston", "because it broke", "it is too small for me", "never mind", "thanks", "Please say hello",
        "hm", "what?", "tomorrow", "first, tell me your name", "Wait, who are you?", "seat 12A",
    ]
)  # fmt: skip
REQUESTS = st.sampled_from([task[2] for task in TASKS])
MESSAGES = st.lists(
    st.one_of(REQUESTS, VALUES, st.tuples(REQUESTS, VALUES).map(" ".join), st.text(max_size=30)), min_size=1, max_size=7
)
RECORDS = {"orders": [{"order_id": "ZX-77", "state": "on its way"}, {"order_id": "ZX-78", "state": "lost"}]}


def line_to(tasks: list[Any]) -> Line:
    tools = [tool(name, about, {key: PARAMETERS[key] for key in keys}, [said]) for name, about, said, keys in tasks]
    return Line({"Desk": ("You help callers.", tools)}, {"track_order": RECORDS})


@MANY
@given(TOOLS, MESSAGES)
@example([TASKS[0]], ["What is the weather?", "First, who are you?"])
@example([TASKS[0]], ["What is the weather? in Lima", "Please say hello"])
@example([TASKS[1], TASKS[5]], ["I need a taxi to Boston", "no, 0134"])
def test_every_argument_comes_from_somewhere(tasks, messages):
    line = line_to(tasks)
    for at, text in enumerate(messages):
        made = len(line.calls)
        line.says(text)
        for name, arguments in line.calls[made:]:
            schema = {key: PARAMETERS[key] for key in next(task[3] for task in tasks if task[0] == name)}
            for key, value in arguments.items():
                assert is_founded(value, schema[key], messages[: at + 1]), (name, key, value)


@MANY
@given(
    st.lists(st.sampled_from(["Berlin", "New York", "Lima", "Rio de Janeiro", "Oslo"]), min_size=1, max_size=4),
    st.data(),
)
def test_an_answer_about_one_place_is_never_given_for_another(cities, data):
    line = line_to([TASKS[0]])
    for city in cities:
        form = data.draw(st.sampled_from(["What is the weather in {}?", "and in {}?", "How about {}?", "{}"]))
        line.outputs = {"get_weather": f"It is sunny in {city}."}
        made = len(line.calls)
        said = line.says(form.format(city))
        assert all(arguments == {"city": city} for _, arguments in line.calls[made:])
        if "sunny" in said:
            assert city in said and (len(line.calls) > made or cities.count(city) > 1)


@MANY
@given(st.one_of(VALUES, REQUESTS, st.text(max_size=40)))
@example("Please say hello")
@example("SI")
@example("please try once more")
@example("right now I am on a train")
def test_nothing_that_was_read_back_is_done_without_a_yes(text):
    line = line_to([("change_seat", "Change a seat.", "Change my seat", ["confirmation_number"])])
    assert line.says("Change my seat, ABC123").endswith("Is that right?")
    line.says(text)
    agrees = re.match(rf"\W*(?:{any_of(understood()['agrees'])})\b", text, re.I) and "train" not in text
    assert not line.calls or agrees or "abc123" in set(forms_of(text))


def is_founded(value: Any, schema: dict[str, Any], messages: list[str]) -> bool:
    """Whether the value was said, was returned, or stands in the schema as a default or the only choice."""
    if value in (schema.get("default"), schema.get("const")) and ("default" in schema or "const" in schema):
        return True
    if isinstance(value, bool):
        return any(re.search(r"\b(?:yes|y|no|n|not|ok|right|please|sure)\b|[^\w\s]", text, re.I) for text in messages)
    said = [form for text in messages for form in forms_of(text)] + [folded(json.dumps(RECORDS))]
    whole = folded(str(value))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        year, _, day = str(value).split("-")
        return any(year in form and str(int(day)) in form for form in said)
    return any(whole in form or (whole.startswith("1") and whole[1:] in form) for form in said)


def forms_of(text: str) -> Iterator[str]:
    for form in (text, with_digits(text), with_digits(text, ordinals=True)):
        yield folded(form)
        yield folded(re.sub(r"\b(?:at|dot)\b", "", form))


def folded(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())
