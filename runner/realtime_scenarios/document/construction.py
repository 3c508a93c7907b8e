"""A tree of nodes to plain data, with everything on the way that is YAML but does not belong into a file of ours."""

from __future__ import annotations

from typing import Any, Protocol

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from realtime_scenarios.core import Diagnostic, Related, Span
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.look_alikes import CLOSING_QUOTES, LOOK_ALIKES, OPENING_QUOTES, described
from realtime_scenarios.document.nodes import COLLECTION, MAX_DEPTH, PLAIN, QUOTED
from realtime_scenarios.document.scalars import MAY_BE_MORE_THAN_TEXT, Scalar, plain_value

MAX_REPEATED = 100_000
"""How many values aliases may stand for, all in all."""

_CORE_TAGS = {"str", "int", "float", "bool", "null"}
_UNSEEN = object()
_UNFINISHED = object()


class Places(Protocol):
    """Where nodes stand, and what stands in place of an `$include`."""

    def span_of(self, node: Node) -> Span: ...

    def included(self, node: MappingNode, found: list[Diagnostic]) -> Node | None: ...

    def doubt(self, node: Node) -> None: ...


class TooManyAliases(Exception):
    """Aliases stand for more than `MAX_REPEATED` values; `node` is the one that was too much."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


class Construction:
    """One walk over a tree. `found` fills with what is wrong; the data is as good as it can be all the same."""

    def __init__(self, places: Places) -> None:
        self.found: list[Diagnostic] = []
        self._places = places
        self._done: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}
        self._heights: dict[int, int] = {}
        self._size = self._repeated = self._depth = 0

    def value(self, node: Node) -> Any:
        """The data of a node.

        Raises:
            TooManyAliases: it stands for far more than the file holds.
        """
        tag = node.tag
        if tag is QUOTED:
            return node.value
        if tag is PLAIN:
            text = node.value
            return text if text and text[0] not in MAY_BE_MORE_THAN_TEXT else self._plain_scalar(node)
        if isinstance(node, ScalarNode):
            return self._tagged_scalar(node)
        done = self._done.get(id(node), _UNSEEN)
        if done is not _UNSEEN:
            return self._aliased(node, done)
        return self._collection(node)

    def _collection(self, node: Node) -> Any:
        key = id(node)
        self._done[key] = _UNFINISHED  # until it is built, an alias that leads here is a recursion
        before = self._size
        self._size += len(node.value)
        self._depth += 1
        if node.tag is not COLLECTION:
            self._check_tag(node, {"map"} if isinstance(node, MappingNode) else {"seq"})
        if isinstance(node, (MappingNode, SequenceNode)) and node.flow_style:
            self._find_cut_quotes(node)
        if isinstance(node, MappingNode):
            data: Any = self._mapping(node)
        else:
            value = self.value
            data = [value(item) for item in node.value]
        self._depth -= 1
        self._done[key] = data
        self._sizes[key] = self._size - before
        return data

    def _mapping(self, node: MappingNode) -> Any:
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        value = self.value
        before: Node | None = None
        for key_node, value_node in node.value:
            # Every key of every file comes by here: most are done with after one comparison and one look-up.
            tag = key_node.tag
            key = key_node.value
            if not (tag is QUOTED or (tag is PLAIN and key and key[0] not in MAY_BE_MORE_THAN_TEXT)):
                if tag is PLAIN and key == "$include":
                    return self._included(node)
                if tag is PLAIN and key == "<<":
                    merged = {**self._merged_mappings(value_node), **merged}
                    continue
                if before is not None and _is_rest_of_number(node, before, key_node, value_node):
                    self._report_comma(before, key_node)
                    data[next(reversed(data))] = float(f"{before.value}.{key_node.value}")
                    continue
                key = self._text_of_odd_key(key_node)
                if key is None:
                    self._places.doubt(node)
                    value(value_node)
                    continue
            elif tag is PLAIN and key[0] in OPENING_QUOTES:
                key = self._text_in_curly_quotes(key_node)
            before = value_node
            if key in data:
                self._report_duplicate(node, key_node, key)
                value(value_node)
            else:
                data[key] = value(value_node)
        return {**merged, **data} if merged else data  # a mapping's own keys win, wherever `<<` stands in it

    def _included(self, node: MappingNode) -> Any:
        replacement = self._places.included(node, self.found)
        if replacement is None or not replacement.value:
            self._places.doubt(node)
        return {} if replacement is None else self.value(replacement)

    def _merged_mappings(self, node: Node) -> dict[str, Any]:
        data = self.value(node)
        parts = data if isinstance(data, list) else [data]
        if not all(isinstance(part, dict) for part in parts):
            hint = "write '<<: *name' with the anchor of a mapping, or put '<<' in quotes"
            self._report("bad-merge", "'<<' merges mappings only", node, hint)
        merged: dict[str, Any] = {}
        for part in reversed(parts):  # of several mappings the earlier one wins, by the rule of merge keys
            if isinstance(part, dict):
                merged.update(part)
        self._count_repeated(len(merged), node)
        return merged

    def _text_of_odd_key(self, node: Node) -> str | None:
        """The text of a key that may not be one, or None where there is no text to it."""
        if not isinstance(node, ScalarNode):
            written = isinstance(node, MappingNode) and node.flow_style
            message = "a mapping cannot be a key" if isinstance(node, MappingNode) else "a list cannot be a key"
            hint = 'write a template in quotes: "{{ ... }}"' if written else "give the key a name"
            self._report("key-not-text", message, node, hint)
            return None
        value = self.value(node)
        if isinstance(value, str):
            return value
        text = str(node.value)
        kind = "nothing" if value is None else "true or false" if isinstance(value, bool) else "a number"
        self._report(
            "key-not-text", f"the key '{text}' is {kind}, but keys are text", node, f'put it in quotes: "{text}"'
        )
        return text

    def _report_comma(self, before: Node, rest: Node) -> None:
        number = f"{before.value},{rest.value}"
        message = f"{number} is cut at its comma: it is read as {before.value}, and as a key '{rest.value}'"
        hint = f'write {before.value}.{rest.value}, or put it in quotes if it is a text: "{number}"'
        self._report("key-not-text", message, before, hint)

    def _find_cut_quotes(self, node: Node) -> None:
        """Texts in `[...]` and `{...}` that a comma ends though they seem to be in quotes."""
        parts = node.value if isinstance(node, SequenceNode) else [part for pair in node.value for part in pair]
        plain = [at for at, part in enumerate(parts) if part.tag is PLAIN and part.value]
        opened = [at for at in plain if parts[at].value[0] in OPENING_QUOTES]
        if not opened:
            return
        last_closed = max((at for at, part in enumerate(parts) if _closes(part.value)), default=-1)
        for part in (parts[at] for at in opened if at < last_closed):
            if not _closes(part.value):
                message = f"{described(part.value[0])}, and quotes nothing: the text ends at the comma"
                self._places.doubt(node)
                self._report("key-not-text", message, part, LOOK_ALIKES[part.value[0]].hint)

    def _text_in_curly_quotes(self, node: Node) -> str:
        """The key that was meant by one in curly quotes, which quote nothing."""
        message = f"{described(node.value[0])}, and quotes nothing: it is part of the key"
        self._report("key-not-text", message, node, LOOK_ALIKES[node.value[0]].hint)
        return str(node.value).strip(OPENING_QUOTES + CLOSING_QUOTES)

    def _report_duplicate(self, mapping: MappingNode, node: Node, key: str) -> None:
        first = next(other for other, _ in mapping.value if other.value == key)
        related = Related("it stands here first", self._places.span_of(first))
        hint = "keep one of them; YAML itself would silently take one"
        self.found.append(
            finding(
                "duplicate-key",
                f"the key '{key}' stands here twice",
                self._places.span_of(node),
                hint,
                related=(related,),
            )
        )

    def _plain_scalar(self, node: Node) -> Scalar:
        try:
            value = plain_value(node.value)
        except ValueError:
            digits = len(node.value)
            self._report(
                "number-too-long",
                f"a number of {digits} digits cannot be read",
                node,
                "put it in quotes if it is a text",
            )
            return 0
        if value != value:  # only NaN differs from itself
            self._report("not-a-number", "NaN is not a value here", node, "use null for a value that is not there")
            return None
        return value

    def _tagged_scalar(self, node: ScalarNode) -> Scalar:
        if not self._check_tag(node, _CORE_TAGS) or node.tag.endswith(":str"):
            return str(node.value)
        value = self._plain_scalar(node)
        name = node.tag.rpartition(":")[2]
        kinds: dict[str, tuple[type, ...]] = {
            "int": (int,),
            "float": (int, float),
            "bool": (bool,),
            "null": (type(None),),
        }
        if not isinstance(value, kinds[name]) or (isinstance(value, bool) and name != "bool"):  # `True` is an int
            self._report("unknown-tag", f"'{node.value}' is no '!!{name}'", node, "remove the tag")
        return float(value) if name == "float" and isinstance(value, int) else value

    def _check_tag(self, node: Node, known: set[str]) -> bool:
        prefix, _, name = node.tag.rpartition(":")
        if prefix == "tag:yaml.org,2002" and name in known:
            return True
        shown = f"!!{name}" if prefix == "tag:yaml.org,2002" else node.tag
        hint = "remove the tag; put a text that begins with '!' in quotes"
        self._report("unknown-tag", f"the tag '{shown}' is not used here", node, hint)
        return False

    def _aliased(self, node: Node, done: Any) -> Any:
        """The data of a node that an alias leads back to."""
        if done is _UNFINISHED:
            self._report(
                "recursive-anchor", "this value contains itself through an alias", node, "write out what is meant"
            )
            return None
        self._count_repeated(self._sizes[id(node)] + 1, node)
        if self._depth + self._height_of(node) > MAX_DEPTH:
            raise TooManyAliases(node)
        return done

    def _count_repeated(self, more: int, node: Node) -> None:
        self._size += more
        self._repeated += more
        if self._repeated > MAX_REPEATED:
            raise TooManyAliases(node)

    def _height_of(self, node: Node) -> int:
        if isinstance(node, ScalarNode):
            return 0
        known = self._heights.get(id(node))
        if known is None:
            parts = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
            self._heights[id(node)] = 0  # until it is known: an alias may lead back here
            known = self._heights[id(node)] = 1 + max(map(self._height_of, parts), default=0)
        return known

    def _report(self, name: str, message: str, node: Node, hint: str) -> None:
        self._places.doubt(node)
        self.found.append(finding(name, message, self._places.span_of(node), hint))


def _closes(text: Any) -> bool:
    """Whether a curly quote is closed in what a node holds; only a scalar holds a text."""
    return isinstance(text, str) and any(quote in text for quote in CLOSING_QUOTES)


def _is_rest_of_number(mapping: MappingNode, before: Node, key: Node, value: Node) -> bool:
    """Whether a key in `{...}` without a value is what stands behind the comma of a number: `{price: 1,5}`."""
    return (
        bool(mapping.flow_style)
        and (before.tag is PLAIN and key.tag is PLAIN and not value.value)
        and (before.value.lstrip("-").isdecimal() and key.value.isdecimal())
        and key.start_mark.index == before.end_mark.index + 1
    )
