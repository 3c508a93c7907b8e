"""The Jinja environment of the authors: sandboxed, strict, bounded, and without a way to other files."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.environment import Template, TemplateExpression
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from realtime_scenarios.core.locales import DEFAULT_LOCALE, money_in, number_in

LONGEST_TEXT = 100_000
"""Characters that a template may come to, and items that a repetition may make."""

MOST_STEPS = 1_000

_GROWING = frozenset(("ljust", "rjust", "center", "zfill", "format", "format_map", "expandtabs"))
"""Methods of texts that make as much as they are asked for."""

_LARGEST_NUMBER = 10**30

_CURRENCY_CODE = re.compile(r"[A-Z]{3}")
_WIDE = re.compile(r"%[^a-zA-Z%]*(?:\d{4}|\*)")


class AuthorsEnvironment(ImmutableSandboxedEnvironment):
    """`a.b` looks for the key `b` of a mapping before anything else, so that `args.items` is the argument."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, finalize=_null_as_nothing, cache_size=0)
        for name in ("lipsum", "cycler", "joiner"):
            self.globals.pop(name, None)
        for name in ("random", "center", "indent", "format", "slice", "batch"):
            self.filters.pop(name, None)  # they differ from run to run, or make much out of little
        self.globals["range"] = bounded_range
        self.filters.update(
            money=money, number=number, spoken_digits=spoken_digits, date=date, default=default, d=default
        )

    def wrap_str_format(self, value: Any) -> None:
        """`"{:>9}".format(x)` is no safe attribute: it makes as much as it is asked for."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in _GROWING and super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and (attribute in obj or attribute in getattr(obj, "declared", ())):
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and not (_is_small(left) and isinstance(right, (int, float)) and abs(right) <= 64):
            raise OverflowError("powers of large numbers are not allowed")
        if operator == "%" and isinstance(left, str) and _WIDE.search(left):
            raise OverflowError("a text is filled up with too much")
        if operator == "*":
            for repeated, times in ((left, right), (right, left)):
                if (
                    isinstance(repeated, (str, bytes, list, tuple))
                    and isinstance(times, int)
                    and len(repeated) * times > LONGEST_TEXT
                ):
                    raise OverflowError("a repetition comes to too much text")
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and abs(result) > _LARGEST_NUMBER:
            raise OverflowError("a number is too large")
        return result


@functools.cache
def environment() -> AuthorsEnvironment:
    return AuthorsEnvironment()


@functools.lru_cache(maxsize=4096)
def compiled_template(text: str) -> Template:
    return environment().from_string(text)


@functools.lru_cache(maxsize=4096)
def compiled_expression(text: str) -> TemplateExpression:
    return environment().compile_expression(text, undefined_to_none=False)


def bounded_range(*bounds: int) -> range:
    """`range` with no more than 1,000 steps.

    Raises:
        OverflowError: it would have more.
    """
    steps = range(*bounds)
    if len(steps) > MOST_STEPS:
        raise OverflowError(f"a range of more than {MOST_STEPS:,} steps")
    return steps


def default(value: Any, instead: Any = "", falsy_too: bool = False) -> Any:
    """`instead` for what is null, as arguments are that a call leaves out; `falsy_too` as in Jinja."""
    is_missing = value is None or isinstance(value, Undefined)
    return instead if is_missing or (falsy_too and not value) else value


@pass_context
def money(context: Context, value: float | int | str, currency: str | None = None, cents: str = "cents") -> str:
    """An amount as it is said: `42.17` -> `42 dollars and 17 cents`.

    `currency` is a code such as EUR, whose words the scenario's locale has, or the word itself; None: the locale's.
    """
    if currency is None or _CURRENCY_CODE.fullmatch(currency):
        return money_in(_locale_of(context), float(value), currency)
    total = round(float(value) * 100)
    whole, rest = divmod(abs(total), 100)
    sign = "minus " if total < 0 else ""
    return f"{sign}{whole} {currency}" + (f" and {rest} {cents}" if rest else "")


@pass_context
def number(context: Context, value: float | int, digits: int | None = None) -> str:
    """A number with the separators of the scenario's locale: `1234.5` -> `1,234.5`."""
    return number_in(_locale_of(context), value, digits)


def _locale_of(context: Context) -> str:
    """The scenario's locale, which comes with the values of all texts that people hear or read."""
    return str(context.get("locale", DEFAULT_LOCALE))


def spoken_digits(value: Any) -> str:
    """A number or code said character by character: `4421` -> `4-4-2-1`."""
    return "-".join(char for char in str(value) if char.isalnum())


def date(value: datetime.date | datetime.datetime | str, layout: str = "%A, %B %d") -> str:
    """A moment as text; `layout` is strftime's. Text is read as ISO 8601."""
    moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.strftime(layout).replace(" 0", " ")


def _null_as_nothing(value: Any) -> Any:
    """Nothing is said for null."""
    return "" if value is None else value


def _is_small(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= 10**6
