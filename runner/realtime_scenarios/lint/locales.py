"""Rules about codes of countries and currencies, and the layouts of dates, that a scenario gives as constants."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realtime_scenarios.core import nearest
from realtime_scenarios.core.iso import COUNTRIES, CURRENCIES, LANGUAGE_CODES
from realtime_scenarios.document import Place
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import span_of_line, texts_of
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.templates import constants_given_to

_COUNTRIES_BY_OTHER_NAMES = {"UK": "GB", "EN": "GB", "EL": "GR"}
_CURRENCIES_BY_SIGN = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY"}


@rule("SC226", "unknown-locale", "warning")
def unknown_locale(subject: Subject) -> Iterator[Finding]:
    """A locale or language has a code that no language or country has.

    Problem: amounts are told as those of another country, and the service may refuse the language.
    Instead: write the codes of ISO 639 and ISO 3166: `en-GB`, not `en-UK`.
    """
    for place in _places_of_locales(subject.scenario):
        if isinstance(place.value, str):
            yield from _unknown_codes(place.value, place)


@rule("SC227", "unknown-currency", "warning")
def unknown_currency(subject: Subject) -> Iterator[Finding]:
    """The filter `money` is given a currency that is neither a code nor a word.

    Problem: a sign or a code that does not exist is said as it stands: "42 £", "42.00 GPB".
    Instead: write the code of ISO 4217, such as GBP, or the word itself: `money('points')`.
    """
    for written in texts_of(subject.scenario):
        for given in constants_given_to("money", "currency", written.text, is_expression=written.kind == "expression"):
            hint = _hint_for_currency(given.value)
            if hint is not None:
                span = span_of_line(written.text, written.place, given.line)
                yield Finding(f"'{given.value}' is no currency", span, hint)


@rule("SC228", "unknown-date-layout", "warning")
def unknown_date_layout(subject: Subject) -> Iterator[Finding]:
    """The filter `date` is given a layout with nothing to fill in.

    Problem: `{{ now | date('DD.MM.YYYY') }}` says "DD.MM.YYYY".
    Instead: write it as `strftime` has it: `date('%d.%m.%Y')`, or leave it out.
    """
    for written in texts_of(subject.scenario):
        for given in constants_given_to("date", "layout", written.text, is_expression=written.kind == "expression"):
            if "%" not in given.value and given.value.strip():
                span = span_of_line(written.text, written.place, given.line)
                hint = "write it as '%A, %B %d' or '%d.%m.%Y'"
                yield Finding(f"the layout '{given.value}' has nothing to fill in", span, hint)


def _places_of_locales(scenario: Scenario) -> Iterator[Place]:
    session = scenario.place / "session"
    yield scenario.place / "locale"
    yield session / "language"
    yield session / "transcription" / "language"
    languages = session / "transcription" / "languages"
    yield from (languages / index for index in range(len(languages.value or ())))


def _unknown_codes(locale: str, place: Place) -> Iterator[Finding]:
    language, _, country = locale.partition("-")
    if len(language) == 2 and language.lower() not in LANGUAGE_CODES:
        is_country = language.upper() in COUNTRIES
        message = f"'{language}' is {'a country, and no language' if is_country else 'no language'}"
        yield Finding(message, place.span, "a language comes first, as in de or de-CH")
    if len(country) == 2 and country.upper() not in COUNTRIES:
        meant = _COUNTRIES_BY_OTHER_NAMES.get(country.upper())
        hint = f"write {language}-{meant}" if meant else "write the two letters of ISO 3166, as in de-CH"
        yield Finding(f"'{country}' is no country", place.span, hint)


def _hint_for_currency(given: str) -> str | None:
    """What to write instead; None where it may be meant as it is: a code, or the word for a unit."""
    code = given.strip().upper()
    if given in CURRENCIES:
        return None
    if code in CURRENCIES:
        return f"write {code}"
    if code in _CURRENCIES_BY_SIGN:
        return f"write {_CURRENCIES_BY_SIGN[code]}"
    if re.fullmatch(r"[A-Z]{3}", given):
        anagrams = [known for known in sorted(CURRENCIES) if sorted(known) == sorted(given)]
        guess = anagrams[0] if anagrams else nearest(given, sorted(CURRENCIES))
        return f"did you mean '{guess}'?" if guess else "write a code of ISO 4217, such as EUR"
    return None if any(map(str.isalpha, given)) else "write a code of ISO 4217, such as EUR"
