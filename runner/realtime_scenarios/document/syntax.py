"""What the YAML parser complains about, to messages that say what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from realtime_scenarios.core import Diagnostic, Related, Span, did_you_mean
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.files import lines_of

_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")

PLAIN_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a ':' is not allowed here",
        "put a text that holds ': ' in quotes, or check the indentation",
    ),
    (
        "could not find expected ':'",
        "this line is neither 'key: value' nor part of a text",
        "add the ':', or check the indentation",
    ),
    (
        "block sequence entries are not allowed",
        "a list item '- ' is not allowed here",
        "begin the list on a line of its own",
    ),
    ("did not find expected '-' indicator", "a list item '- ' is expected here", "check the indentation of this line"),
    (
        "did not find expected ',' or ']'",
        "the list in [...] is not closed before this",
        "add ',' between items, and ']' at the end",
    ),
    (
        "did not find expected ',' or '}'",
        "the mapping in {...} is not closed before this",
        "add ',' between entries, and '}' at the end",
    ),
    (
        "did not find expected key",
        "a key is expected here",
        "check the indentation of this line, and the quotes above it",
    ),
    ("found unexpected end of stream", "the quote that opens here is never closed", "add the closing quote"),
    ("found unexpected document indicator", "the quote that opens here is not closed", "add the closing quote"),
    (
        "found unknown escape character",
        "this escape is unknown in double quotes",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    (
        "did not find expected hexdecimal number",
        "this escape is not complete",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    (
        "did not find expected alphabetic or numeric",
        "a text cannot begin with '*' or '&' without quotes",
        "put the text in quotes",
    ),
    ("did not find expected whitespace or line break", "a space is expected after this", "put the text in quotes"),
    ("did not find expected comment or line break", "nothing may follow here", "begin the text on the next line"),
    (
        "did not find expected <document start>",
        "this does not continue what stands above",
        "check the indentation, and the brackets above",
    ),
    ("did not find expected node content", "a value is expected here", "put the text in quotes"),
    ("found undefined tag handle", "YAML tags are not used here", "put a text that begins with '!' in quotes"),
    ("did not find expected tag URI", "YAML tags are not used here", "put a text that begins with '!' in quotes"),
    ("found duplicate %", "this directive stands twice", "remove it; the file needs none"),
    ("directive", "a line that begins with '%' is not understood", "put the text in quotes"),
    (
        "found incompatible YAML document",
        "this version of YAML is not understood",
        "remove the line; the file needs none",
    ),
    (
        "found invalid Unicode character escape code",
        "this escape is no character",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    ("did not find the expected '>'", "YAML tags are not used here", "put a text that begins with '!' in quotes"),
    ("did not find expected '!'", "a line that begins with '%' is not understood", "put the text in quotes"),
    ("did not find URI escaped octet", "YAML tags are not used here", "put a text that begins with '!' in quotes"),
    ("UTF-8 octet", "YAML tags are not used here", "put a text that begins with '!' in quotes"),
    (
        "found an indentation indicator equal to 0",
        "a block of text cannot be indented by 0",
        "write '|' without the number",
    ),
    (
        "found unexpected ':'",
        "a ':' is not allowed here",
        "put a text that holds ':' in quotes, or leave a space after it",
    ),
    ("did not find expected version number", "a line that begins with '%' is not understood", "put the text in quotes"),
    ("did not find expected digit or '.'", "a line that begins with '%' is not understood", "put the text in quotes"),
    ("found extremely long version number", "a line that begins with '%' is not understood", "put the text in quotes"),
    (
        "found unexpected non-alphabetical character",
        "a line that begins with '%' is not understood",
        "put the text in quotes",
    ),
)
"""Part of what the parser says, what an author is told instead, and a hint; the first row that fits counts.

The wordings are libyaml's and PyYAML's. They change with the versions, so tests/document feeds each row from the
parser that is installed.
"""


def syntax_findings(problem: yaml.YAMLError, text: str, file: str) -> list[Diagnostic]:
    """The mistakes that keep `text` from being YAML: all unseen characters and tabs, or what the parser met first."""
    lines = lines_of(text)
    found = [*_control_character_findings(lines, file)]
    if found:
        return found
    mark = getattr(problem, "problem_mark", None)
    if mark is None:
        return [finding("yaml-syntax", f"this is not YAML: {problem}", Span(file))]
    # libyaml puts the end of a text on a line of its own, which the text may not have.
    line, column = min(mark.line, len(lines) - 1), mark.column
    words = str(getattr(problem, "problem", ""))
    if "\t" in _leading_space(lines[line]) or "tab character" in words:
        return [*tab_findings(lines, file)] or [_syntax_finding(problem, words, lines, line, column, file)]
    return [_syntax_finding(problem, words, lines, line, column, file)]


def line_of_problem(problem: yaml.YAMLError) -> int:
    """Where the parser stopped, from 0; for something that is never closed, where it opens."""
    mark = getattr(problem, "problem_mark", None)
    context = getattr(problem, "context_mark", None)
    words = str(getattr(problem, "problem", ""))
    is_open = "end of stream" in words or "document indicator" in words or "expected ':'" in words
    if context is not None and is_open:
        mark = context
    return mark.line if mark is not None else 0


def _syntax_finding(
    problem: yaml.YAMLError, words: str, lines: list[str], line: int, column: int, file: str
) -> Diagnostic:
    here = Span(file, line + 1, column + 1, line + 1, max(column + 1, min(column + 2, len(lines[line]) + 1)))
    context: yaml.Mark | None = getattr(problem, "context_mark", None)
    if "single document" in str(getattr(problem, "context", "")):
        return finding("several-documents", "a second document begins here", here, "a file holds one; remove the '---'")
    if "undefined alias" in words:
        return _unknown_alias_finding(lines, here)
    if "duplicate anchor" in words or "duplicate anchor" in str(getattr(problem, "context", "")):
        return finding("unknown-anchor", "this anchor stands twice", here, "give the second one another name")
    if "cannot start any token" in words:
        character = lines[line][column : column + 1]
        return finding("yaml-syntax", f"a text cannot begin with '{character}'", here, "put the text in quotes")
    message, hint = _message_and_hint(words)
    if (template := re.match(r"[^\"'|>]*?\{\{", lines[line])) is not None:
        here = Span(file, line + 1, template.end() - 1, line + 1, template.end() + 1)
        return finding("yaml-syntax", "a text that begins with '{{' needs quotes", here, 'write it as "{{ ... }}"')
    if (
        "mapping values" in words
        and (stuck := re.match(r"\s*[\w-]+:(?=[^\s:/])", lines[line - 1])) is not None
        and line
    ):
        here = Span(file, line, stuck.end(), line, stuck.end() + 1)
        return finding("yaml-syntax", "a space is missing after this ':'", here, "write 'key: value'")
    if "expected ','" in words and (opens := _quote_closed_too_late(lines[line], column)) is not None:
        here = Span(file, line + 1, opens + 1, line + 1, opens + 2)
        return finding("yaml-syntax", "the quote that opens here is never closed", here, "add the closing quote")
    if "quote" in message and context is not None:
        here = Span(file, context.line + 1, context.column + 1, context.line + 1, context.column + 2)
    related: tuple[Related, ...] = ()
    if context is not None and min(context.line, len(lines) - 1) != here.line - 1:
        begun = Span(file, context.line + 1, context.column + 1, context.line + 1, context.column + 2)
        related = (Related("what it belongs to begins here", begun),)
    return finding("yaml-syntax", message, here, hint, related=related)


def _quote_closed_too_late(line: str, column: int) -> int | None:
    """Where a quote opens that is only closed by the opening one of the next text, which then stands open.

    The parser stops at `column`, behind the text that it takes this for. None: it is not that.
    """
    before = line[:column].rstrip()
    quote = before[-1:]
    if quote not in ("'", '"') or line.count(quote) % 2 == 0:
        return None
    return before.rfind(quote, 0, -1) if before.rfind(quote, 0, -1) >= 0 else None


def _message_and_hint(words: str) -> tuple[str, str | None]:
    for part, message, hint in PLAIN_WORDS:
        if part in words:
            return message, hint
    return f"this is not YAML: {words}" if words else "this is not YAML", None


def _unknown_alias_finding(lines: list[str], here: Span) -> Diagnostic:
    match = re.match(r"\*([^\s,\[\]{}]*)", lines[here.line - 1][here.column - 1 :])
    name = match[1] if match else ""
    anchors = [anchor for text in lines for anchor in re.findall(r"(?:^|\s)&([^\s,\[\]{}]+)", text)]
    hint = did_you_mean(name, dict.fromkeys(anchors)) if anchors else "put a text that begins with '*' in quotes"
    return finding("unknown-anchor", f"the alias '*{name}' has no anchor '&{name}' before it", here, hint)


def _control_character_findings(lines: list[str], file: str) -> Iterator[Diagnostic]:
    for number, line in enumerate(lines, 1):
        for match in _CONTROL.finditer(line):
            span = Span(file, number, match.start() + 1, number, match.start() + 2)
            message = f"the character U+{ord(match[0]):04X} cannot be seen and does not belong here"
            yield finding("control-character", message, span, "remove it")


def tab_findings(lines: list[str], file: str) -> Iterator[Diagnostic]:
    """The lines that are indented with a tab, which YAML does not count in columns."""
    for number, line in enumerate(lines, 1):
        column = _leading_space(line).find("\t")
        if column >= 0 and line.strip():
            span = Span(file, number, column + 1, number, column + 2)
            yield finding("tab-indentation", "this line is indented with a tab", span, "indent with spaces")


def _leading_space(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
