"""Callers without a script, by rules: what they say to what the agent said."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.model.persona import Persona
from realtime_scenarios.personas import Line, RuledCaller
from realtime_scenarios.project import load
from support import Written

SHOP = """\
scenario: shop
start: desk
agents:
  desk: {instructions: "Ask for zip code, colour, phone."}
dialogues:
  - id: d
    caller:
"""


@pytest.fixture
def caller(written: Written):  # type: ignore[no-untyped-def]
    """Gives the caller that these lines of YAML are about."""

    def of(lines: str, *, seed: int = 0, language: str = "en") -> RuledCaller:
        text = (
            SHOP + "".join(f"      {line}\n" for line in lines.strip().splitlines()) + "    expect: [{agent: desk}]\n"
        )
        path: Path = written(text)
        project = load(path)
        assert not project.errors, project.errors
        persona = project.dialogues[0].caller
        assert isinstance(persona, Persona)
        return RuledCaller(persona, language=language, seed=seed)

    return of


def answers(caller: RuledCaller, *said: str) -> list[str]:
    """What they say to each of these, one after the other; in brackets how it is over."""
    lines = [caller.next(text) for text in said]
    return [line.text if isinstance(line, Line) else f"({line})" for line in lines]


FACTS = """
opens: I want to order
facts:
  - {asked: zip code, says: "02134"}
  - {asked: {any_of: [colour, color]}, says: Red}
"""


def test_a_fact_is_told_only_when_a_sentence_asks_for_it(caller) -> None:  # type: ignore[no-untyped-def]
    said = answers(
        caller(FACTS + "wants: [{says: Order it, until: ordered}]"),
        "",
        "We also need no zip code for pickup. How can I help you?",
        "What is your zip code?",
        "The zip code is fine. Which colour?",
        "It is ordered.",
    )
    assert said == ["I want to order", "Order it", "02134", "Red", "(done)"]


def test_a_request_without_a_question_mark_asks_as_well(caller) -> None:  # type: ignore[no-untyped-def]
    assert answers(caller(FACTS), "", "Please give me your zip code.") == ["I want to order", "02134"]


def test_asked_for_several_facts_they_tell_all_in_the_order_of_the_question(caller) -> None:  # type: ignore[no-untyped-def]
    assert answers(caller(FACTS), "", "Which color? And what is your zip code?")[-1] == "Red 02134"


def test_where_no_language_is_known_every_sentence_may_ask(caller) -> None:  # type: ignore[no-untyped-def]
    assert answers(caller(FACTS, language="fi"), "", "Zip code, kiitos.")[-1] == "02134"


def test_what_they_want_comes_one_after_the_other_each_when_the_last_is_settled(caller) -> None:  # type: ignore[no-untyped-def]
    wants = """
opens: Hello
wants:
  - {says: A chair, until: chair is ordered}
  - {says: A table, until: table is ordered}
"""
    said = answers(caller(wants), "", "Hello!", "Chairs are nice.", "The chair is ordered.", "Your table is ordered.")
    assert said == ["Hello", "A chair", "A chair", "A table", "(done)"]


def test_they_react_to_a_question_a_refusal_and_silence(caller) -> None:  # type: ignore[no-untyped-def]
    reacts = """
wants: [{says: A chair, until: ordered}]
reacts: {question: I do not know, refusal: Why not?, silence: "Hello?"}
limits: {patience: 9}
"""
    said = answers(
        caller(reacts),
        "",
        "Which wood?",
        "I am afraid we have none.",
        "",
        "Sorry, I did not catch that. What did you say?",
        "Hm.",
    )
    assert said == ["A chair", "I do not know", "Why not?", "Hello?", "Hello?", "A chair"]


def test_the_words_of_a_refusal_can_be_the_authors(caller) -> None:  # type: ignore[no-untyped-def]
    reacts = """
wants: [{says: A chair, until: ordered}]
reacts: {refusal: {when: sold out, says: Then a table}}
limits: {patience: 9}
"""
    assert answers(caller(reacts), "", "They are sold out.", "I cannot say.") == ["A chair", "Then a table", "A chair"]


def test_patience_ends_behind_so_many_answers_in_a_row_that_do_not_get_them_on(caller) -> None:  # type: ignore[no-untyped-def]
    wants = """
wants: [{says: A chair, until: ordered}]
facts: [{asked: zip code, says: "02134"}]
limits: {patience: 2}
"""
    said = answers(caller(wants), "", "Hm.", "Hm.", "Your zip code?", "Hm.", "Your zip code?", "Hm.")
    assert said == ["A chair", "A chair", "A chair", "02134", "A chair", "02134", "(gives_up)"]


def test_they_take_no_more_turns_than_they_have(caller) -> None:  # type: ignore[no-untyped-def]
    wants = """
wants: [{says: A chair, until: ordered}]
limits: {turns: 2}
"""
    assert answers(caller(wants), "", "Hm.", "Hm.") == ["A chair", "A chair", "(turns)"]


def test_words_are_chosen_by_the_seed_and_alike_by_the_same(caller) -> None:  # type: ignore[no-untyped-def]
    wants = "wants: [{says: [One, Two, Three, Four], until: never}]\nlimits: {patience: 20}"
    talks = [answers(caller(wants, seed=seed), "", *["Hm."] * 8) for seed in (1, 1, 2)]
    assert talks[0] == talks[1] != talks[2]
    assert len(set(talks[0])) > 1


def test_an_answer_that_settles_the_next_thing_as_well_settles_it(caller) -> None:  # type: ignore[no-untyped-def]
    wants = "opens: Hello\nwants: [{says: A chair, until: chair}, {says: A table, until: table}, {says: Bye}]"
    assert answers(caller(wants), "", "We have a chair and a table.", "Bye.") == ["Hello", "Bye", "(done)"]
