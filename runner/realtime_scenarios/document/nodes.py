"""YAML text to a tree of nodes, each of which knows where it begins and ends."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import yaml
from yaml.composer import Composer
from yaml.nodes import Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

PLAIN = "plain"
"""The tag of scalars that stand without quotes and without a tag: they may be more than text."""

QUOTED = "quoted"
"""The tag of scalars in quotes, folded or literal: they are text."""

COLLECTION = "collection"
"""The tag of mappings and lists without a tag."""

MAX_DEPTH = 50

UNNAMED = "<unicode string>"
"""What PyYAML's marks call a text that it was given as a string, without a name."""

NESTED_TOO_DEEP = "exceeded maximum nesting depth"


class TooDeep(Exception):
    """Nodes are nested deeper than `MAX_DEPTH`; `mark` is where the outermost too deep one begins, or None."""

    def __init__(self, mark: yaml.Mark | None) -> None:
        super().__init__()
        self.mark = mark


class _Resolver:
    """What both loaders ask while they build nodes: the tag of an untagged node, and whether to go on inwards.

    It takes the place of PyYAML's `Resolver`, which loaders inherit: composers call these methods by name. Its own
    follows YAML 1.1, where `on`, `no` and `12:30` are no text; the marks in place of tags put that off to `scalars`.
    """

    depth = 0

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:  # `implicit` is the parser's pair: plain without a tag, quoted without a tag
            return PLAIN if implicit[0] else QUOTED
        return COLLECTION

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeep(parent.start_mark if parent is not None else None)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _PurePythonLoader(_Resolver, Reader, Scanner, Parser, Composer):
    def __init__(self, stream: Any) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


if TYPE_CHECKING or not hasattr(yaml, "CSafeLoader"):
    NodeLoader = _PurePythonLoader
else:
    from yaml.cyaml import CParser

    class NodeLoader(_Resolver, CParser):
        """libyaml underneath: five times as fast."""


def composed(text: str, name: str | None = None) -> Node | None:
    """The root node of the only document in `text`, or None where there is none.

    `name` is what marks call the file; None leaves them `UNNAMED`.

    Raises:
        yaml.YAMLError: the text is not YAML, or holds several documents.
        TooDeep: it is nested without end.
    """
    stream: Any = text
    if name is not None:
        stream = io.StringIO(text)
        stream.name = name
    loader = NodeLoader(stream)
    try:
        return loader.get_single_node()
    except RecursionError:
        raise TooDeep(None) from None
    except yaml.MarkedYAMLError as problem:
        # From 6.0.4 on, PyYAML's scanner has a bound of its own, and reads ahead of the nodes that count depth here.
        if NESTED_TOO_DEEP in (problem.problem or ""):
            raise TooDeep(problem.problem_mark) from None
        raise
    finally:
        if hasattr(loader, "dispose"):
            loader.dispose()
