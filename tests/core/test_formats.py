"""The `format` of a schema: what each word demands, in both validators that ask."""

from __future__ import annotations

import datetime
import http.server
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.core.arguments import ArgumentCheck, check_of
from realtime_scenarios.core.formats import FORMATS, is_of_form
from realtime_scenarios.standin.tools import Schema
from support import http_served

FIT = {
    "date": ["2026-02-28", "2024-02-29"],
    "time": ["10:30", "23:59:59", "09:00:00.5", "10:30:00Z", "10:30:00+01:00"],
    "date-time": ["2026-02-28T10:30:00Z", "2026-02-28T10:30:00.25-05:00"],
    "duration": ["PT30M", "P2D", "P1DT12H"],
    "email": ["a@example.com", "first.last+tag@mail.example.org"],
    "uri": ["https://example.com/a?b=c", "mailto:a@example.com"],
    "uuid": ["123e4567-e89b-42d3-a456-426614174000"],
    "ipv4": ["192.0.2.1"],
    "ipv6": ["2001:db8::1"],
    "hostname": ["example.com"],
}
UNFIT = {
    "date": ["2026-02-30", "2026-2-3", "28.02.2026", "20260228", "tomorrow", ""],
    "time": ["24:00", "10:60", "10:30:61", "10", "10:30 pm", "9:00", "١٠:٣٠"],
    "date-time": ["2026-02-30T10:30:00Z", "2026-02-28T10:30:00", "2026-02-28"],
    "duration": ["30 minutes", "1h", "PT"],
    "email": ["nope", "a@", "a b@example.com"],
    "uri": ["nope", "example.com"],
    "uuid": ["123e4567"],
    "ipv4": ["256.0.0.1", "1.2.3"],
    "ipv6": ["1.2.3.4"],
    "hostname": ["-a", "a b"],
}


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in FIT.items() for text in texts])
def test_a_text_of_the_form_fits(word: str, text: str) -> None:
    assert ArgumentCheck({"format": word}).fits(text)


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in UNFIT.items() for text in texts])
def test_a_text_of_another_form_does_not(word: str, text: str) -> None:
    assert not ArgumentCheck({"format": word}).fits(text)


@pytest.mark.parametrize("word", list(FORMATS))
def test_the_sample_of_a_form_is_one(word: str) -> None:
    assert ArgumentCheck({"type": "string", "format": word}).fits(FORMATS[word].sample)


@pytest.mark.parametrize("word", list(FORMATS))
def test_only_texts_have_a_form(word: str) -> None:
    check = ArgumentCheck({"type": ["string", "null", "integer"], "format": word})
    assert check.fits(None) and check.fits(5)


def test_a_form_that_nobody_knows_lets_all_texts_through() -> None:
    assert ArgumentCheck({"format": "colour"}).fits("red")


CHECKS = {word: ArgumentCheck({"type": "object", "properties": {"x": {"format": word}}}) for word in FORMATS}
LIKELY = st.sampled_from([*(text for texts in (*FIT.values(), *UNFIT.values()) for text in texts)])


@given(
    st.sampled_from(list(FORMATS)), st.one_of(LIKELY, st.text(max_size=20), st.dates().map(str), st.times().map(str))
)
def test_what_does_not_fit_is_told_by_its_name_and_nothing_else_is(word: str, text: str) -> None:
    problems = CHECKS[word].problems({"x": text})
    assert bool(problems) is not is_of_form(text, word)
    assert all(problem.startswith(f"argument 'x' is no {FORMATS[word].noun}: ") for problem in problems)


@given(st.dates(), st.times(), st.sampled_from(["%H:%M", "%H:%M:%S"]))
def test_every_day_and_every_time_of_day_fits(day: datetime.date, time: datetime.time, layout: str) -> None:
    assert is_of_form(day.isoformat(), "date")
    assert is_of_form(time.strftime(layout), "time")


def test_the_model_is_told_which_argument_is_wrong_and_how_to_write_it() -> None:
    guests = {"type": "array", "items": {"type": "object", "properties": {"mail": {"format": "email"}}}}
    check = ArgumentCheck({"type": "object", "properties": {"date": {"format": "date"}, "guests": guests}})
    assert check.problems({"date": "2026-02-30", "guests": [{"mail": "nope"}]}) == [
        "argument 'date' is no date: 2026-02-30; write it as YYYY-MM-DD",
        "argument 'guests.0.mail' is no email address: nope",
    ]


PLACE = {
    "type": "object",
    "properties": {
        "size": {"type": "string", "default": "M"},
        "address": {
            "type": "object",
            "properties": {"country": {"type": "string", "default": "FR"}, "city": {"type": "string"}},
            "required": ["city"],
        },
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        "options": {"type": "object", "properties": {"gift": {"default": True}}},
    },
    "required": ["size"],
    "$defs": {"item": {"type": "object", "properties": {"count": {"type": "integer", "default": 1}}}},
}


def test_defaults_stand_where_nothing_was_given_however_deep() -> None:
    given = {"address": {"city": "Lyon"}, "items": [{}, {"count": 2}]}
    assert check_of(PLACE).filled(given) == {
        "address": {"city": "Lyon", "country": "FR"},
        "items": [{"count": 1}, {"count": 2}],
        "size": "M",
    }
    assert given == {"address": {"city": "Lyon"}, "items": [{}, {"count": 2}]}


def test_what_has_a_default_need_not_be_given() -> None:
    assert check_of(PLACE).problems({}) == []
    assert check_of(PLACE).problems({"size": None}) == ["argument 'size' must be of type string"]


def test_one_call_does_not_change_the_default_of_the_next() -> None:
    check = ArgumentCheck({"type": "object", "properties": {"tags": {"type": "array", "default": []}}})
    check.filled({})["tags"].append("x")
    assert check.filled({}) == {"tags": []}


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """The address of a schema that a server of this machine has, and what it was asked for."""
    asked: list[str] = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, *_: object) -> None: ...

    with http_served(Answers) as address:
        yield f"{address}/schema.json", asked


REFERENCES = [
    {"$ref": "there"},
    {"properties": {"a": {"$ref": "there"}}},
    {"$dynamicRef": "there"},
    {"$id": "there", "$ref": "other.json"},
    {"$schema": "there", "$ref": "there"},
]


@pytest.mark.parametrize("schema", REFERENCES, ids=lambda schema: "-".join(map(str, schema)))
def test_nobody_is_asked_for_what_a_schema_refers_to(
    elsewhere: tuple[str, list[str]], tmp_path: Path, schema: dict[str, object]
) -> None:
    address, asked = elsewhere
    file = tmp_path / "schema.json"
    file.write_text('{"type": "string"}')
    for there in (address, file.as_uri()):
        read = _with(schema, there)
        with pytest.raises(ValueError):
            ArgumentCheck(read).problems({"a": 1})
        assert Schema(read).accepts({"a": 1})
    assert asked == []


def _with(part: object, there: str) -> dict[str, object]:
    whole = part if isinstance(part, dict) else {}
    return {
        key: there if value == "there" else _with(value, there) if isinstance(value, dict) else value
        for key, value in whole.items()
    }


def test_what_a_schema_refers_to_in_itself_counts() -> None:
    schema = {"properties": {"a": {"$ref": "#/$defs/word"}}, "$defs": {"word": {"type": "string"}}}
    assert ArgumentCheck(schema).problems({"a": 1}) == ["argument 'a' must be of type string"]
    assert not Schema(schema).accepts({"a": 1})
