"""What is wrong with an author's template or expression, found without rendering it."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, structs

from realtime_scenarios.core import did_you_mean, listed, nearest
from realtime_scenarios.templates.plain import Path, is_literal, plain_path, plain_uses
from realtime_scenarios.templates.slips import VALUES, place_of_name, slip_in

if TYPE_CHECKING:
    from jinja2 import TemplateSyntaxError, nodes

Names = Mapping[str, Collection[str] | None]
"""The names that may be used, each with what may follow its dot; None: anything."""

_WORDS = re.compile(r"\s*[^\W\d][\w ,.!?\N{RIGHT SINGLE QUOTATION MARK}-]*")
"""Nothing but words and what stands between them in a sentence."""


class Problem(Struct, frozen=True):
    """`line` counts from 1 within the text; `hint` is None where the message already says it.

    `stretch` is where in the text the characters stand that it is about, from 0; None: somewhere in the line.
    """

    message: str
    line: int = 1
    hint: str | None = None
    stretch: tuple[int, int] | None = None


def problems(text: str, kind: Literal["template", "expression"], names: Names) -> list[Problem]:
    """All that can be said about the text without values. Jinja is only imported where plain reading does not do."""
    if kind == "template":
        paths = plain_uses(text)
    elif is_literal(text):
        paths = ()
    else:
        path = plain_path(text)
        paths = None if path is None else ((path, 1),)
    if paths is None:
        found = list(_problems_by_jinja(text, kind, names))
    else:
        found = [problem for path, line in paths for problem in _path_problems(path, line, names, kind)]
    if found and kind == "expression" and (unquoted := _unquoted_text(text, names)) is not None:
        return [unquoted]
    return [_placed(problem, text, kind) for problem in found]


def free_names(text: str, kind: Literal["template", "expression"]) -> frozenset[str] | None:
    """The names that a template or expression asks for; None where it cannot be read, or only shows them."""
    if (plain_uses(text) if kind == "template" else plain_path(text)) is not None:
        return None
    from realtime_scenarios.templates.jinja import environment

    try:
        uses = _uses_in(text, kind)
    except (RecursionError, MemoryError, OverflowError, ValueError, SyntaxError):
        return None
    return uses.names - environment().globals.keys() if not uses.misread else None


def _path_problems(path: Path, line: int, names: Names, kind: str) -> Iterator[Problem]:
    root, *steps = path
    if root not in names:
        may_be_text = kind == "expression" and not steps
        yield Problem(f"'{root}' is not defined here", line, _hint_for_name(root, names, may_be_text=may_be_text))
        return
    known = names[root]
    if steps and known is not None and steps[0] not in known:
        yield Problem(f"'{root}' has no '{steps[0]}'", line, did_you_mean(steps[0], known))


def _hint_for_name(name: str, names: Names, *, may_be_text: bool) -> str:
    if name in VALUES:
        return f"write {VALUES[name]}"
    owner = next((owner for owner, known in names.items() if known is not None and name in known), None)
    if owner is not None:
        return f"did you mean '{owner}.{name}'?"
    if may_be_text and nearest(name, names) is None:
        return f"if it is a text, write '{name}' in quotes; the names here are {listed(names)}"
    return did_you_mean(name, names)


def _unquoted_text(text: str, names: Names) -> Problem | None:
    """What is said where an expression is nothing but words, none of which means anything: a text was meant."""
    if not _WORDS.fullmatch(text):
        return None
    words = re.findall(r"\w+", text)
    owned = {name for known in names.values() for name in known or ()}
    if any(word in names or word in owned or word in VALUES or nearest(word, names) for word in words):
        return None
    return Problem(f"'{text.strip()}' is no expression", hint=f"put a text in quotes of its own: \"'{text.strip()}'\"")


def _placed(problem: Problem, text: str, kind: str) -> Problem:
    """The problem with the place of the name that its message begins with, where it can be told."""
    quoted = re.match(r"'(\w+)' (?:is not defined|has no '(\w+)')", problem.message)
    if problem.stretch is not None or quoted is None:
        return problem
    wanted = f"{quoted[1]}.{quoted[2]}" if quoted[2] else quoted[1]
    stretch = place_of_name(text, kind, wanted, problem.line) or place_of_name(text, kind, quoted[1], problem.line)
    return structs.replace(problem, stretch=stretch)


def _problems_by_jinja(text: str, kind: str, names: Names) -> Iterator[Problem]:
    from realtime_scenarios.templates.jinja import LONGEST_TEXT, environment

    if len(text) > LONGEST_TEXT:
        yield Problem(f"it is longer than {LONGEST_TEXT:,} characters, which only a text without code may be")
        return
    try:
        uses = _uses_in(text, kind)
        yield from uses.misread
        for path, line in uses.paths:
            if path[0] not in environment().globals or path[0] in names:
                yield from _path_problems(path, line, names, kind)
        yield from uses.refused
    except (RecursionError, MemoryError):
        yield Problem("cannot be read: it is nested too deeply", hint="write less into one template")
    except (OverflowError, ValueError, SyntaxError) as problem:  # the last is Python's, of the code that Jinja made
        yield Problem(f"cannot be read: {getattr(problem, 'msg', problem)}")


class _Uses(Struct, frozen=True):
    """What code asks for, and what of it is refused in any case. `misread` is why it cannot be read."""

    misread: tuple[Problem, ...] = ()
    names: frozenset[str] = frozenset()
    paths: tuple[tuple[Path, int], ...] = ()
    refused: tuple[Problem, ...] = ()


@functools.lru_cache(maxsize=4096)
def _uses_in(text: str, kind: str) -> _Uses:
    from jinja2 import TemplateSyntaxError, meta

    from realtime_scenarios.templates.jinja import compiled_expression, compiled_template, parsed

    source = text if kind == "template" else "{{ " + text + " }}"
    unknown = tuple(_unknown_filters_and_tests(source))
    if unknown:  # Jinja would stop at the first of them, and sees none that stands in a branch
        return _Uses(unknown)
    try:
        if kind == "template":
            compiled_template(text)
        else:
            compiled_expression(text)
        tree = parsed(source)
    except TemplateSyntaxError as problem:
        return _Uses((_syntax_problem(problem, text, kind),))
    names = frozenset(meta.find_undeclared_variables(tree))
    return _Uses(names=names, paths=tuple(_paths_in(tree, names)), refused=tuple(_reaching_other_files(tree)))


def _syntax_problem(problem: TemplateSyntaxError, text: str, kind: str) -> Problem:
    if kind == "expression" and re.match(r"\s*\{\{.*\}\}\s*$", text, re.DOTALL):
        return Problem("an expression has no braces", problem.lineno, f"write it as {text.strip(' {}')}")
    if (slip := slip_in(text, kind, problem.lineno, str(problem.message))) is not None:
        line = 1 + text.count("\n", 0, slip.start)
        return Problem(slip.message, line, slip.hint, (slip.start, slip.end))
    message = str(problem.message).replace("chunk after expression", "more stands after the end of the expression")
    return Problem(message, problem.lineno, _syntax_hint(message))


def _unknown_filters_and_tests(source: str) -> Iterator[Problem]:
    """Filters and tests that there are not, in branches as well; none where the text cannot be read."""
    from jinja2 import TemplateSyntaxError, nodes

    from realtime_scenarios.templates.jinja import environment, parsed

    try:
        tree = parsed(source)
    except (TemplateSyntaxError, RecursionError, OverflowError, ValueError):
        return
    known = {nodes.Filter: ("filter", environment().filters), nodes.Test: ("test", environment().tests)}
    for kind, (noun, names) in known.items():
        for node in tree.find_all(kind):
            if node.name not in names:
                words = sorted(name for name in names if name.isidentifier())
                is_value = kind is nodes.Test and node.name in VALUES
                hint = f"write {VALUES[node.name]}" if is_value else did_you_mean(node.name, words)
                yield Problem(f"No {noun} named {node.name!r}.", node.lineno, hint)


def _paths_in(tree: nodes.Template, undeclared: frozenset[str]) -> Iterator[tuple[Path, int]]:
    """Each use of an undeclared name, with the step after it where there is one."""
    from jinja2 import nodes

    inner: set[int] = set()
    attributes: list[nodes.Getattr | nodes.Getitem] = [*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Getitem)]
    for attribute in attributes:
        step = _step_of(attribute)
        if isinstance(attribute.node, nodes.Name) and attribute.node.name in undeclared and step is not None:
            inner.add(id(attribute.node))
            yield (attribute.node.name, step), attribute.lineno
    for name in tree.find_all(nodes.Name):
        if name.name in undeclared and id(name) not in inner and name.ctx == "load":
            yield (name.name,), name.lineno


def _step_of(attribute: Any) -> str | None:
    from jinja2 import nodes

    if isinstance(attribute, nodes.Getattr):
        return attribute.attr
    return (
        attribute.arg.value if isinstance(attribute.arg, nodes.Const) and isinstance(attribute.arg.value, str) else None
    )


def _reaching_other_files(tree: nodes.Template) -> Iterator[Problem]:
    from jinja2 import nodes

    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        yield Problem(
            "a template cannot reach other files",
            node.lineno,
            "put the text into this one, or name it with {file: ...}",
        )


def _syntax_hint(message: str) -> str | None:
    if "after the end of the expression" in message:
        return "compare with == and !=, and join conditions with and, or, not"
    if "Unexpected end of template" in message:
        return "each {% if %} and {% for %} needs its {% endif %} or {% endfor %}"
    if "end of print statement" in message and "got " in message:
        return "one {{ ... }} shows one value; join several with ~, or write {% if %} for a condition"
    if "end of template" in message:
        return "the expression breaks off: something is missing at its end"
    if "expected token" in message or "unexpected" in message:
        return "look for a bracket, quote or }} that is missing"
    return None
