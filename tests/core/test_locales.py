"""Amounts and numbers, told in the words and with the separators of a language and a country."""

from __future__ import annotations

import pytest

from realtime_scenarios.core.locales import example_of_money, money_in, number_in
from realtime_scenarios.project import load
from realtime_scenarios.project.prompts import prompt_of
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.templates import Template
from realtime_scenarios.trace import ToolReturned
from support import Answers, Written
from support.conversations import Person, held, of, saying


@pytest.mark.parametrize(
    ("locale", "value", "currency", "said"),
    [
        ("en", 42.17, None, "42 dollars and 17 cents"),
        ("en-GB", 1.01, None, "1 pound and 1 penny"),
        ("en", 1234.5, "EUR", "1,234 euros and 50 cents"),
        ("en", -0.5, None, "minus 0 dollars and 50 cents"),
        ("de", 1234.5, None, "1.234 Euro und 50 Cent"),
        ("de-CH", 1234.5, None, "1'234 Franken und 50 Rappen"),
        ("fr", 0, None, "0 euro"),
        ("fr", 1250000, None, "1 250 000 euros"),
        ("fr-CH", 42.17, None, "42 francs et 17 centimes"),
        ("es", 2.01, None, "2 euros con 1 céntimo"),
        ("es-MX", 1234, "USD", "1,234 dólares"),
        ("sv", 1234.5, "SEK", "1,234.50 SEK"),
        ("de", 1234.5, "SEK", "1.234,50 SEK"),
    ],
)
def test_money_is_said_in_the_words_of_the_locale(locale: str, value: float, currency: str | None, said: str) -> None:
    assert money_in(locale, value, currency) == said
    wanted = "" if currency is None else f"('{currency}')"
    assert Template("{{ x | money" + wanted + " }}").render({"x": value, "locale": locale}) == said


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "1,234.5"), ("de", "1.234,5"), ("fr", "1 234,5"), ("es", "1.234,5"), ("de-CH", "1'234.5")],
)
def test_a_number_has_the_separators_of_the_locale(locale: str, text: str) -> None:
    assert number_in(locale, 1234.5) == text
    assert Template("{{ x | number(2) }}").render({"x": 1234.5, "locale": locale}) == f"{text}0"


def test_a_prompt_shows_an_amount_in_the_language_of_its_callers() -> None:
    assert example_of_money("en") == "forty-two dollars and seventeen cents"
    assert example_of_money("de-CH") == "zweiundvierzig Franken und siebzehn Rappen"
    assert example_of_money("ja") == "forty-two dollars and seventeen cents"


SHOP = """
    scenario: shop
    LOCALE
    start: desk
    prompt: {spoken: [money]}
    agents:
      desk: {instructions: "Shipping is {{ 4.5 | money }}.", tools: [pay]}
    tools:
      pay:
        description: Pay.
        approval: {question: "Pay {{ 1200 | money }}?"}
        returns: "{{ 1200 | money }} paid"
"""


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("locale: de-DE", ("4 Euro und 50 Cent", "zweiundvierzig Euro", "Pay 1.200 Euro?", "1.200 Euro paid")),
        ("session: {language: fr}", ("4 euros et 50", "quarante-deux euros", "Pay 1 200 euros?", "1 200 euros paid")),
        (
            "session: {voice: sage}",
            ("4 dollars and 50", "forty-two dollars", "Pay 1,200 dollars?", "1,200 dollars paid"),
        ),
    ],
)
def test_prompts_questions_and_answers_follow_the_scenario(
    written: Written, locale: str, said: tuple[str, ...]
) -> None:
    from realtime_scenarios.session import ApprovalAnswer

    path = written(SHOP.replace("LOCALE", locale))
    scenario, person = load(path).scenario, Person(ApprovalAnswer("approve"))
    trace, _ = held(path, Answers([[CallFunction("pay", "{}")], [SayText("Done.")]]), saying("Go"), person=person)
    prompt = prompt_of(scenario.agents["desk"], scenario, {"context": {}, "now": None})

    assert said[0] in prompt and said[1] in prompt
    assert (person.asked[0].question, of(trace, ToolReturned)[0].output) == said[2:]
