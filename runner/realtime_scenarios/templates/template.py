"""Authors' texts and expressions as things that can be rendered and evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import ScenarioError, did_you_mean, nearest
from realtime_scenarios.templates.plain import plain_parts, plain_path, value_at
from realtime_scenarios.templates.work import TooMuch, one_rendering

_ONE_HOLE = re.compile(r"\s*\{\{((?:(?!\{\{|\}\}|\{%|\{#).)+)\}\}\s*", re.DOTALL)
_LONGEST_MESSAGE = 400
_NOT_DEFINED = re.compile(r"^'(\w+)' is undefined")
_NO_ATTRIBUTE_OF_NULL = re.compile(r"^'None' has no attribute '(\w+)'")
_NO_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")


class TemplateError(ScenarioError):
    """A template or expression cannot be read, or cannot be rendered with these values.

    `null` is the dotted name that is null where something was asked of it; None where that is not the reason.
    `is_too_much`: it did more than a rendering may.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, null: str | None = None, is_too_much: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.null = null
        self.is_too_much = is_too_much

    def about(self, what: str) -> TemplateError:
        """The same error, its message beginning with what it is about."""
        return TemplateError(f"{what}: {self.message}", hint=self.hint, null=self.null, is_too_much=self.is_too_much)


class Template:
    """A text with `{{ ... }}` and `{% ... %}`. Compiled when it is first rendered; equal texts are compiled once."""

    __slots__ = ("_parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = plain_parts(text)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with `values` filled in; null becomes nothing.

        Raises:
            TemplateError: a name is not defined, something fails, or more than 100,000 characters come of it.
        """
        if self._parts is not None:
            try:
                return "".join(
                    part if isinstance(part, str) else _text_of(value_at(part, values)) for part in self._parts
                )
            except KeyError:
                pass
        return _rendered_by_jinja(self.text, values)


class Expression:
    """A bare expression, such as `args.amount > 100 and context.signed_in`."""

    __slots__ = ("_path", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._path = plain_path(text)

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """What the expression comes to.

        Raises:
            TemplateError: it cannot be read, a name is not defined, or something fails.
        """
        if self._path is not None:
            try:
                return value_at(self._path, values)
            except KeyError:
                pass
        return _evaluated_by_jinja(self.text, values)


def rendered_value(value: Any, values: Mapping[str, Any]) -> Any:
    """A JSON value with every text in it rendered. A text that is one `{{ expression }}` keeps that one's type."""
    if isinstance(value, str):
        if "{" not in value:
            return value
        hole = _ONE_HOLE.fullmatch(value)
        return Expression(hole.group(1)).evaluate(values) if hole else Template(value).render(values)
    if not isinstance(value, (Mapping, list, tuple)):
        return value
    with one_rendering():
        if isinstance(value, Mapping):
            return {key: rendered_value(item, values) for key, item in value.items()}
        return [rendered_value(item, values) for item in value]


def _text_of(value: Any) -> str:
    return "" if value is None else str(value)


def _rendered_by_jinja(text: str, values: Mapping[str, Any]) -> str:
    from realtime_scenarios.templates.jinja import LONGEST_TEXT, compiled_template

    pieces: list[str] = []
    length = 0
    try:
        with one_rendering():
            for piece in compiled_template(text).generate(dict(values)):
                pieces.append(piece)
                length += len(piece)
                if length > LONGEST_TEXT:
                    raise TooMuch(f"it comes to more than {LONGEST_TEXT:,} characters")
    except Exception as problem:  # an author's template may fail in any way that Python can
        raise _template_error(problem, text, values) from problem
    return "".join(pieces)


def _evaluated_by_jinja(text: str, values: Mapping[str, Any]) -> Any:
    from jinja2 import Undefined

    from realtime_scenarios.templates.jinja import compiled_expression

    try:
        with one_rendering():
            result = compiled_expression(text)(**values)
        if isinstance(result, Undefined):
            str(result)
    except Exception as problem:
        raise _template_error(problem, text, values) from problem
    return result


def _template_error(problem: Exception, text: str, values: Mapping[str, Any]) -> TemplateError:
    from jinja2 import TemplateSyntaxError, UndefinedError

    message = (str(problem) or type(problem).__name__)[:_LONGEST_MESSAGE]
    if isinstance(problem, RecursionError):
        return TemplateError("it calls itself without end, or is nested too deeply", is_too_much=True)
    if isinstance(problem, TooMuch):
        return TemplateError(message, is_too_much=True)
    if isinstance(problem, TemplateSyntaxError):
        return TemplateError(f"cannot be read: {message}")
    if isinstance(problem, UndefinedError):
        if unknown := _NOT_DEFINED.search(message):
            return TemplateError(
                f"'{unknown.group(1)}' is not defined", hint=did_you_mean(unknown.group(1), list(values))
            )
        if unknown := _NO_ATTRIBUTE_OF_NULL.search(message):
            return _error_about_attribute(unknown.group(1), text, values, otherwise=f"null has no '{unknown.group(1)}'")
        if unknown := _NO_ATTRIBUTE.search(message):
            return _error_about_attribute(unknown.group(1), text, values)
    return TemplateError(message)


def _error_about_attribute(
    name: str, text: str, values: Mapping[str, Any], *, otherwise: str | None = None
) -> TemplateError:
    """Of what was `name` asked that has none: of null, or of something that has other names.

    `otherwise` is what is said where the text does not show of what; None: that nothing has it, with the nearest name.
    """
    owners = {written: _value_or_null(written, values) for written in _owners_of(name, text)}
    null = next((written for written, value in owners.items() if value is None), None)
    if null is not None:
        hint = f"say what holds without it: {null}.{name} if {null} else ..."
        return TemplateError(f"'{null}' is null, so it has no '{name}'", hint=hint, null=null)
    for written, value in owners.items():
        if isinstance(value, Mapping) and name not in value:
            return TemplateError(f"'{written}' has no '{name}'", hint=did_you_mean(name, map(str, value)))
    if otherwise is not None:
        return TemplateError(otherwise)
    known = [str(key) for value in values.values() if isinstance(value, Mapping) for key in value]
    guess = nearest(name, known)
    return TemplateError(f"there is no '{name}'", hint=f"did you mean '{guess}'?" if guess else None)


def _owners_of(name: str, text: str) -> list[str]:
    """The dotted names in front of `.name` or `["name"]` in a text."""
    wanted = re.compile(rf"(?<![\w.])([A-Za-z_][\w.]*)(?:\.{re.escape(name)}\b|\[\s*['\"]{re.escape(name)}['\"]\s*\])")
    return list(dict.fromkeys(wanted.findall(text)))


def _value_or_null(written: str, values: Mapping[str, Any]) -> Any:
    """What a dotted name stands for; an empty list where that cannot be told."""
    try:
        return value_at(tuple(written.split(".")), values)
    except KeyError:
        return []
