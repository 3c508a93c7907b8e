"""A YAML file to a document: plain data, and the place of every key and value in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from realtime_scenarios.core import Diagnostic, Span, in_reading_order
from realtime_scenarios.core.garbage import no_collections
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.construction import MAX_REPEATED, Construction, TooManyAliases
from realtime_scenarios.document.files import NO_SHIFTS, YAML_LIMIT, Shifts, Unreadable, lines_of, shifted, text_of
from realtime_scenarios.document.include import Includes
from realtime_scenarios.document.nodes import MAX_DEPTH, UNNAMED, TooDeep, composed
from realtime_scenarios.document.place import Place, Pointer


class Document:
    """A file as data. `file` is what messages call it; `folder` is what the files it names must not leave.

    `left_out` are the lines, counted from 0, that could not be read and are not in the data.
    """

    __slots__ = (
        "_data",
        "_doubted",
        "_includes",
        "_is_as_read",
        "_lines",
        "_replaced",
        "_root_node",
        "file",
        "left_out",
        "path",
        "text",
    )

    def __init__(
        self,
        path: Path,
        file: str,
        text: str,
        root: Node,
        includes: Includes,
        left_out: frozenset[int] = frozenset(),
    ) -> None:
        self.path = path
        self.file = file
        self.text = text
        self.left_out = left_out
        self._data: Any = None
        self._root_node: Node | None = root
        self._is_as_read = False
        self._includes = includes
        self._replaced: dict[int, Node] = {}
        self._doubted: set[int] = set()
        self._lines: dict[str, list[str]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Its text alone, where nothing else is needed to make the rest of it: that is a tenth of all."""
        state = {name: getattr(self, name) for name in self.__slots__}
        return {**state, "_data": None, "_root_node": None, "_lines": {}} if self._is_as_read else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def __copy__(self) -> Document:
        other = object.__new__(Document)
        other.__setstate__({name: getattr(self, name) for name in self.__slots__})
        return other

    @property
    def root_node(self) -> Node:
        if self._root_node is None:  # in another process, where hardly anybody asks for it
            self._root_node = composed(self.text)
            assert self._root_node is not None, "it has been read before"
        return self._root_node

    @property
    def data(self) -> Any:
        if self._data is None and self._is_as_read:
            self._data = Construction(self).value(self.root_node)
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        self._data, self._is_as_read = data, False

    def have_read(self, data: Any) -> None:
        """Hold what its own text says; where that is all of it, the text is enough to have it again."""
        self._data = data
        self._is_as_read = not (self._replaced or self._doubted or self._includes.shifts or self.left_out)

    @property
    def folder(self) -> Path:
        return self.path.parent.absolute()

    @property
    def texts(self) -> Mapping[str, str]:
        """The texts of the document's file, and of those it includes, as they stand there."""
        return self._includes.texts

    @property
    def attached(self) -> dict[Path, str]:
        """The texts of files that it names in place of texts and rows, as they were when it was built."""
        return self._includes.attached

    @property
    def root(self) -> Place:
        return Place(self)

    def holding(self, data: Any) -> Document:
        """The same document with other data in it: what stands in the same place as before is where it was."""
        other = copy.copy(self)
        other.data = data
        return other

    def line(self, number: int, file: str | None = None) -> str:
        """The source line with that number, from 1; of an included `file`, or of the document itself (None)."""
        lines = self._lines_of(file or self.file)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def span(self, pointer: Pointer, key: bool = False) -> Span:
        """Where the value at `pointer` stands, or its key; where there is none, the nearest thing around it."""
        node, key_node = self._with_includes(self.root_node), None
        for step in pointer:
            found = self._child(node, step)
            if found is None:
                return self.span_of(node)
            key_node, node = found[0], self._with_includes(found[1])
        return self.span_of(key_node if key and key_node is not None else node)

    def span_of(self, node: Node) -> Span:
        """Where a node stands: from its first character to its last, without the white space after it."""
        start, end = node.start_mark, self._end_mark(node)
        file = self.file if start.name == UNNAMED else start.name
        line, column = end.line, end.column
        begin = start.column
        if (shifts := self._includes.shifts) and (moved := shifts.get(file)):
            begin, column = begin - moved.get(start.line, 0), column - moved.get(line, 0)
        if column == 0 and line > start.line:  # a text after `|` ends where the parser meets the next token
            lines = self._lines_of(file)
            line -= 1
            while line > start.line and not lines[line].strip():
                line -= 1
            column = len(lines[line].rstrip())
        if self.left_out:  # what is left out is read as `null`, which stands nowhere
            lines = self._lines_of(file)
            begin, column = min(begin, len(lines[start.line])), min(column, len(lines[line]))
        return Span(file, start.line + 1, begin + 1, line + 1, column + 1)

    def span_of_part(self, pointer: Pointer, start: int, end: int) -> Span:
        """Where the characters from `start` to `end` (from 0, exclusive) of the text at `pointer` stand.

        They end at their last character, without the white space after it. In a text of one line, and where it cannot
        be told, that is where all of it stands.
        """
        node = self._node_at(pointer)
        whole = self.span(pointer)
        if not isinstance(node, ScalarNode) or whole.line == whole.end_line:
            return whole
        from realtime_scenarios.document.alignment import indexes_in  # only a mistake needs it

        end = start + max(1, len(node.value[start:end].rstrip()))
        lines = self._lines_of(whole.file)[whole.line - 1 : whole.end_line]
        lines = [lines[0][whole.column - 1 :], *lines[1:]]
        indexes = indexes_in("\n".join(lines), node.value, node.style)
        if indexes is None or not 0 <= start < end < len(indexes):
            return whole
        first, last = _line_and_column(lines, indexes[start]), _line_and_column(lines, indexes[end - 1])
        offsets = (whole.column, *[1] * len(lines))
        return Span(
            whole.file,
            whole.line + first[0],
            first[1] + offsets[first[0]],
            whole.line + last[0],
            last[1] + offsets[last[0]] + 1,
        )

    def value_on(self, number: int) -> Any:
        """The value of the first key of the document's own file that stands on a line, from 0; None where none does."""
        return next((value for line, value in _keys_of(self.root_node, self.data) if line == number), None)

    def included(self, node: MappingNode, found: list[Diagnostic]) -> Node | None:
        """What stands in place of a mapping with `$include`; None where it cannot be had, which is then `found`."""
        nodes = self._includes.nodes(node, self.span_of(node), found, self.span_of(node.value[0][1]))
        if nodes is not None:
            self._replaced[id(node)] = nodes
        return nodes

    def doubt(self, node: Node) -> None:
        """Remember that the data of a node is not what the author meant, and that this has been said."""
        self._doubted.add(id(node))

    def is_doubted(self, pointer: Pointer) -> bool:
        """Whether the value at `pointer`, or one around it, has been found wrong as YAML already."""
        node = self.root_node
        for step in pointer:
            if self._is_doubted_node(node) or (found := self._child(self._with_includes(node), step)) is None:
                break
            node = found[1]
        return self._is_doubted_node(node)

    def has_left_out_inside(self, pointer: Pointer) -> bool:
        """Whether lines of the value at `pointer` could not be read."""
        span = self.span(pointer)
        return span.file == self.file and any(span.line <= line + 1 <= span.end_line for line in self.left_out)

    def may_have_left_out(self, key: str) -> bool:
        """Whether a key that is missing may be one of those that could not be read."""
        return any(key in self.line(number + 1) for number in self.left_out)

    def _node_at(self, pointer: Pointer) -> Node | None:
        node = self._with_includes(self.root_node)
        for step in pointer:
            found = self._child(node, step)
            if found is None:
                return None
            node = self._with_includes(found[1])
        return node

    def _is_doubted_node(self, node: Node) -> bool:
        """A value without text is doubted as well where the lines below it, which might be its own, were left out."""
        if id(node) in self._doubted:
            return True
        if not self.left_out or not isinstance(node, ScalarNode) or node.start_mark.name != UNNAMED:
            return False
        line = node.start_mark.line
        return line in self.left_out or (node.start_mark.index == node.end_mark.index and line + 1 in self.left_out)

    def _with_includes(self, node: Node) -> Node:
        """What stands in place of the node where it is an `$include`; the node itself otherwise."""
        while (replacement := self._replaced.get(id(node))) is not None:
            node = replacement
        return node

    def _child(self, node: Node, step: str | int) -> tuple[Node | None, Node] | None:
        """The key, if there is one, and the value one step further in, as it stands in the file."""
        if isinstance(node, MappingNode):
            merged: list[Node] = []
            for key_node, value_node in node.value:
                if key_node.value == step:
                    return key_node, value_node
                if key_node.value == "<<":
                    value = self._with_includes(value_node)
                    merged += value.value if isinstance(value, SequenceNode) else [value]
            return next((found for part in merged if (found := self._child(self._with_includes(part), step))), None)
        if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
            return None, node.value[step]
        return None

    def _end_mark(self, node: Node) -> yaml.Mark:
        """A block ends where its last value does; its own mark stands before the next token."""
        while not node.flow_style if isinstance(node, (MappingNode, SequenceNode)) else False:
            last = _last_inside(node)
            if last is None:
                break
            node = last
        return node.end_mark

    def _lines_of(self, file: str) -> list[str]:
        if file not in self._lines:
            self._lines[file] = lines_of(self._includes.texts.get(file, ""))
        return self._lines[file]


def _last_inside(block: Node) -> Node | None:
    """The last key or value that stands in a block. An alias is the node that it refers to, which stands elsewhere."""
    parts: Iterator[Node] = reversed(block.value)
    if isinstance(block, MappingNode):
        parts = (part for key, value in reversed(block.value) for part in (value, key))
    begins = block.start_mark.index
    return next((part for part in parts if part.start_mark.index >= begins and part is not block), None)


def _keys_of(node: Node, data: Any) -> Iterator[tuple[int, Any]]:
    """The line of each key in the file, from 0, and its value."""
    if isinstance(node, MappingNode) and isinstance(data, dict):
        for key, value in node.value:
            if key.value in data and key.start_mark.name == UNNAMED:
                yield key.start_mark.line, data[key.value]
                yield from _keys_of(value, data[key.value])
    elif isinstance(node, SequenceNode) and isinstance(data, list):
        for item, value in zip(node.value, data, strict=False):
            yield from _keys_of(item, value)


def _line_and_column(lines: Sequence[str], index: int) -> tuple[int, int]:
    """Both from 0, of an index into the lines joined."""
    number = 0
    while index > len(lines[number]):
        index -= len(lines[number]) + 1
        number += 1
    return number, index


def read(
    path: Path, *, shown_as: str | None = None, shifts: Shifts = NO_SHIFTS
) -> tuple[Document | None, list[Diagnostic]]:
    """The document in a file, and what is wrong with it as YAML. `shown_as` is what messages call it; None: its path.

    There is no document where there is no data. With a document there may still be mistakes. Lines of `shifts` are read
    as if they began elsewhere; what is said of them is said of where they stand.
    """
    shown = shown_as or str(path)
    text = text_of(path, shown, YAML_LIMIT)
    if isinstance(text, Unreadable):
        span = Span(shown, text.line, text.column, text.line, text.column + 1)
        return None, [finding(text.name, text.message, span, text.hint)]
    return _document_of(text, Includes(path, shown, text, folder=path.parent, shifts=shifts), path, shown)


def read_text(text: str, name: str) -> tuple[Document | None, list[Diagnostic]]:
    """The document in a text that messages call `name`. It cannot include files."""
    text, path = text.removeprefix("\ufeff"), Path(name)
    return _document_of(text, Includes(path, name, text, folder=None), path, name)


class Trial(Struct, frozen=True):
    """A file read as if lines of it, or of what it includes, began elsewhere.

    `document` None: it is no YAML. `problems` is what the parser says of the files that are none.
    """

    document: Document | None
    found: list[Diagnostic]
    problems: dict[str, yaml.YAMLError]


def trial_of(path: Path, shown: str, text: str, shifts: Shifts) -> Trial | None:
    """What becomes of the file, whose text is `text`; None where it cannot be said at all."""
    includes = Includes(path, shown, text, folder=path.parent, shifts=shifts, is_trial=True)
    with no_collections():
        try:
            root = composed(shifted(text, shifts.get(shown, {})))
        except yaml.YAMLError as problem:
            return Trial(None, [], {shown: problem})
        except TooDeep:
            return None
        if root is None:
            return None
        document, found = _constructed(Document(path, shown, text, root, includes))
    return Trial(document, found, includes.problems)


def _document_of(text: str, includes: Includes, path: Path, shown: str) -> tuple[Document | None, list[Diagnostic]]:
    with no_collections():
        meant = shifted(text, includes.shifts.get(shown, {}))
        try:
            root = composed(meant)
        except yaml.YAMLError as problem:
            return _recovered_document(problem, text, meant, includes, path, shown)
        except TooDeep as problem:
            line, column = (problem.mark.line + 1, problem.mark.column + 1) if problem.mark else (1, 1)
            span = Span(shown, line, column, line, column + 1)
            return None, [
                finding("too-deep", f"values are nested more than {MAX_DEPTH} deep", span, "close some of the brackets")
            ]
        if root is None:
            what = "holds only comments" if text.strip() else "is empty"
            return None, [
                finding("empty-file", f"'{shown}' {what}", Span(shown), "`scenario new` writes one to begin with")
            ]
        return _constructed(Document(path, shown, text, root, includes))


def _constructed(document: Document) -> tuple[Document | None, list[Diagnostic]]:
    construction = Construction(document)
    try:
        document.have_read(construction.value(document.root_node))
    except TooManyAliases as problem:
        message = f"aliases stand for more than {MAX_REPEATED:,} values, or nest more than {MAX_DEPTH} deep"
        return None, [finding("too-many-aliases", message, document.span_of(problem.node), "write out what is meant")]
    return document, in_reading_order(construction.found)


def _recovered_document(
    problem: yaml.YAMLError, text: str, meant: str, includes: Includes, path: Path, shown: str
) -> tuple[Document | None, list[Diagnostic]]:
    """What is wrong with a text that is no YAML, and the document around it, where enough of it is left.

    `meant` is the text with the lines of its shifts moved.
    """
    from realtime_scenarios.document.recovery import recovered  # 4 ms that only a mistake needs

    rest_of_text = recovered(problem, meant, shown)
    root, found = rest_of_text.root, rest_of_text.found
    if not isinstance(root, MappingNode):
        return None, found
    if rest_of_text.moved:
        includes.shift(shown, rest_of_text.moved)
    document = Document(path, shown, text, root, includes, rest_of_text.left_out)
    rest, more = _constructed(document)
    return rest, in_reading_order([*found, *more])
