"""Amounts of money and numbers as people of a language and a country say and write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

DEFAULT_LOCALE = "en"


class Noun(NamedTuple):
    """A word for one thing, and for several."""

    singular: str
    plural: str


class Words(NamedTuple):
    """How a language joins an amount; `currencies` are its words for the units and the hundredths, by ISO 4217."""

    joined_by: str
    minus: str
    currencies: Mapping[str, tuple[Noun, Noun]]
    example: tuple[str, str]
    """42 and 17 in words."""


_CENT, _DOLLAR, _EURO = Noun("cent", "cents"), Noun("dollar", "dollars"), Noun("euro", "euros")
_CENTIME, _PENNY = Noun("centime", "centimes"), Noun("penny", "pence")

_WORDS: Mapping[str, Words] = {
    "en": Words(
        "and",
        "minus",
        {
            "USD": (_DOLLAR, _CENT),
            "EUR": (_EURO, _CENT),
            "GBP": (Noun("pound", "pounds"), _PENNY),
            "CHF": (Noun("franc", "francs"), _CENTIME),
        },
        ("forty-two", "seventeen"),
    ),
    "de": Words(
        "und",
        "minus",
        {
            "USD": (Noun("Dollar", "Dollar"), Noun("Cent", "Cent")),
            "EUR": (Noun("Euro", "Euro"), Noun("Cent", "Cent")),
            "GBP": (Noun("Pfund", "Pfund"), Noun("Penny", "Pence")),
            "CHF": (Noun("Franken", "Franken"), Noun("Rappen", "Rappen")),
        },
        ("zweiundvierzig", "siebzehn"),
    ),
    "fr": Words(
        "et",
        "moins",
        {
            "USD": (_DOLLAR, _CENT),
            "EUR": (_EURO, _CENTIME),
            "GBP": (Noun("livre", "livres"), _PENNY),
            "CHF": (Noun("franc", "francs"), _CENTIME),
        },
        ("quarante-deux", "dix-sept"),
    ),
    "es": Words(
        "con",
        "menos",
        {
            "USD": (Noun("dólar", "dólares"), Noun("centavo", "centavos")),
            "EUR": (_EURO, Noun("céntimo", "céntimos")),
            "GBP": (Noun("libra", "libras"), Noun("penique", "peniques")),
            "CHF": (Noun("franco", "francos"), Noun("céntimo", "céntimos")),
        },
        ("cuarenta y dos", "diecisiete"),
    ),
}
_CURRENCY_OF = {"US": "USD", "GB": "GBP", "IE": "EUR", "CH": "CHF", "LI": "CHF", "EC": "USD", "PR": "USD"}
"""The currency of a country; of a language without one, that of most who speak it on the phone."""

_SEPARATORS = {"en": (",", "."), "de": (".", ","), "fr": (" ", ","), "es": (".", ",")}
"""What stands between thousands, and before the fraction."""

_SEPARATORS_OF_COUNTRY = {"CH": ("'", "."), "LI": ("'", "."), "MX": (",", "."), "US": (",", "."), "GB": (",", ".")}


def language_of(locale: str) -> str:
    return locale.partition("-")[0]


def currency_of(locale: str) -> str:
    """The currency that amounts are in where nothing else is said."""
    language, _, country = locale.partition("-")
    return _CURRENCY_OF.get(country, "USD" if language == "en" else "EUR")


def number_in(locale: str, value: float, digits: int | None = None) -> str:
    """The number with the separators of the locale; `digits` behind the point, None: as many as it has."""
    language, _, country = locale.partition("-")
    thousands, point = _SEPARATORS_OF_COUNTRY.get(country) or _SEPARATORS.get(language, _SEPARATORS["en"])
    text = f"{value:,}" if digits is None else f"{value:,.{digits}f}"
    return "".join({",": thousands, ".": point}.get(character, character) for character in text)


def money_in(locale: str, value: float, currency: str | None = None) -> str:
    """An amount as it is said, such as `42 dollars and 17 cents`; where the words are not known, `42.17 SEK`.

    `currency` is its ISO 4217 code; None: the currency of the locale.
    """
    code, words = currency or currency_of(locale), _WORDS.get(language_of(locale))
    if words is None or code not in words.currencies:
        return f"{number_in(locale, value, 2)} {code}"
    total = round(value * 100)
    whole, rest = divmod(abs(total), 100)
    unit, hundredth = words.currencies[code]
    said = f"{number_in(locale, whole)} {_counted(unit, whole, locale)}"
    if rest:
        said += f" {words.joined_by} {rest} {_counted(hundredth, rest, locale)}"
    return f"{words.minus} {said}" if total < 0 else said


def example_of_money(locale: str) -> str:
    """An amount written out in words, as a prompt shows it; in English dollars where the language is not known."""
    words = _WORDS.get(language_of(locale))
    code = currency_of(locale)
    if words is None:
        words, code = _WORDS[DEFAULT_LOCALE], "USD"
    unit, hundredth = words.currencies[code]
    whole, rest = words.example
    return f"{whole} {unit.plural} {words.joined_by} {rest} {hundredth.plural}"


def _counted(noun: Noun, count: int, locale: str) -> str:
    is_one = count == 1 or (count == 0 and language_of(locale) == "fr")
    return noun.singular if is_one else noun.plural
