"""The Jinja environment of the authors: sandboxed, strict, bounded, and without a way to other files."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined, nodes, pass_context, pass_eval_context
from jinja2.environment import Template, TemplateExpression
from jinja2.filters import sync_do_join
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from realtime_scenarios.core.locales import DEFAULT_LOCALE, money_in, number_in
from realtime_scenarios.templates.counting import (
    LONGEST_RANGE,
    RECKONED,
    CountingGenerator,
    counted,
    filling,
    joining,
    replacing,
)
from realtime_scenarios.templates.work import TooMuch, current_work

LONGEST_TEXT = 100_000
"""Characters that a template may come to, and items that a repetition may make."""

_GROWING = frozenset(
    ("ljust", "rjust", "center", "zfill", "format", "format_map", "expandtabs", "translate", "to_bytes", "encode")
)
"""Methods that make as much as they are asked for; and `encode`, as bytes have all of them again."""

_LARGEST_NUMBER = 10**30
_STEPS_OF_CALL = 5

_CURRENCY_CODE = re.compile(r"[A-Z]{3}")


class AuthorsEnvironment(ImmutableSandboxedEnvironment):
    """`a.b` looks for the key `b` of a mapping before anything else, so that `args.items` is the argument."""

    intercepted_binops = frozenset({"+", "-", "*", "**", "%"})
    code_generator_class = CountingGenerator

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, keep_trailing_newline=True, finalize=_finalized, cache_size=0, optimized=False
        )
        for name in ("lipsum", "cycler", "joiner"):
            self.globals.pop(name, None)
        for name in ("random", "center", "indent", "format", "slice", "batch"):
            self.filters.pop(name, None)  # they differ from run to run, or make much out of little
        self.globals.update(range=bounded_range, namespace=_Namespace)
        self.filters.update(
            join=join, money=money, number=number, spoken_digits=spoken_digits, date=date, default=default, d=default
        )
        self.filters = {name: counted(filter_, RECKONED.get(name)) for name, filter_ in self.filters.items()}
        tests: dict[str, Any] = self.tests
        self.tests = {name: counted(test) for name, test in tests.items()}

    def spend(self, steps: int) -> None:
        current_work().spend(steps)

    def made(self, value: Any) -> Any:
        return current_work().made(value)

    def seen(self, value: Any) -> Any:
        current_work().look_at(value)
        return value

    def joined(self, joined: Callable[[Iterable[Any]], str], parts: tuple[Any, ...]) -> str:
        return joined(current_work().made(parts))

    def concat(self, pieces: Iterable[str]) -> str:
        return "".join(current_work().made(list(pieces)))

    def wrap_str_format(self, value: Any) -> None:
        """`"{:>9}".format(x)` is no safe attribute: it makes as much as it is asked for."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in _GROWING and super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and (attribute in obj or attribute in getattr(obj, "declared", ())):
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call(self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        given = [value for key, value in kwargs.items() if not key.startswith("_")]
        current_work().spend(_STEPS_OF_CALL)
        current_work().look_at(owner, args, given)
        if isinstance(owner, str) and name == "replace":
            replacing(owner, *args)
        if isinstance(owner, str) and name == "join" and args:
            args = (joining(owner, args[0]),)
        return current_work().made(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        work = current_work()
        work.look_at(left, right)
        if operator == "**" and not (_is_small(left) and isinstance(right, (int, float)) and abs(right) <= 64):
            raise TooMuch("powers of large numbers are not allowed")
        if operator == "%" and isinstance(left, (str, bytes)):
            filling(left, right)
        if operator == "*":
            for repeated, times in ((left, right), (right, left)):
                is_repetition = isinstance(repeated, (str, bytes, list, tuple)) and isinstance(times, int)
                if is_repetition and len(repeated) * times > LONGEST_TEXT:
                    raise TooMuch("a repetition comes to too much text")
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and abs(result) > _LARGEST_NUMBER:
            raise TooMuch("a number is too large")
        return work.made(result)


class _Namespace(Namespace):
    """One that is not written out: namespaces may hold each other, and themselves."""

    def __repr__(self) -> str:
        return "<Namespace>"


@functools.cache
def environment() -> AuthorsEnvironment:
    return AuthorsEnvironment()


@functools.lru_cache(maxsize=512)
def parsed(text: str) -> nodes.Template:
    """The tree of a template, to be looked at and not changed."""
    return environment().parse(_readable(text))


@functools.lru_cache(maxsize=4096)
def compiled_template(text: str) -> Template:
    return environment().from_string(_readable(text))


@functools.lru_cache(maxsize=4096)
def compiled_expression(text: str) -> TemplateExpression:
    return environment().compile_expression(_readable(text), undefined_to_none=False)


def _readable(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise TooMuch(f"it is longer than {LONGEST_TEXT:,} characters")
    return text


def bounded_range(*bounds: int) -> range:
    """`range` with no more than 1,000 steps.

    Raises:
        TooMuch: it would have more.
    """
    steps = range(*bounds)
    if len(steps) > LONGEST_RANGE:
        raise TooMuch(f"a range has more than {LONGEST_RANGE:,} steps")
    return steps


def default(value: Any, instead: Any = "", falsy_too: bool = False) -> Any:
    """`instead` for what is null, as arguments are that a call leaves out; `falsy_too` as in Jinja."""
    is_missing = value is None or isinstance(value, Undefined)
    return instead if is_missing or (falsy_too and not value) else value


@pass_eval_context
def join(context: EvalContext, value: Iterable[Any], d: Any = "", attribute: str | int | None = None) -> str:
    """Jinja's own, whose items are counted first."""
    return sync_do_join(context, joining(d, value), d, attribute)


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


@pass_context
def _finalized(context: Context, value: Any) -> Any:
    """Nothing is said for null. That the context is passed keeps Jinja from working things out while it compiles."""
    return "" if value is None else current_work().made(value)


def _is_small(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= 10**6
