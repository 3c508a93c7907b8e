"""The text of a file of a scenario to another text, changed in a few places at random: bytes, tokens, lines, YAML nodes."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from random import Random

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

TEXT, SEQUENCE, MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))

WORDS = re.compile(r"\w+|[^\w\s]|\s+")

YAML_PIECES = (
    "&a ", "*a", "*nowhere", "<<: *a", "!!python/object:os.system ", "!!binary ", "!mine ", "---\n", "...\n", "%YAML 1.2\n",
    "? ", ": ", "- ", "#", "|\n", ">-\n", "'", '"', "{", "}", "[", "]", ",", "@", "`", "~", "\t", "\r", "{$include: '*.yaml'}",
    "{$include: ../../x.yaml}", "[" * 3000, "- " * 3000, "{a: " * 500, '"\\ud800"', '"\\x00"', '"\\u2028"', "&a [*a, *a]",
)  # fmt: skip

CHARACTERS = (
    "\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200d", "\u2028", "\u202e", "\ufeff", "\ufffe",
    "\U000e0001", "e\u0301", "İ", "ß", "ﬁ", "١٢", "½", "日本", "👩‍👩‍👧", "\U0010ffff",
)  # fmt: skip

NUMBERS = (
    "0", "-1", "-0", "1.5", "1e3", "1e308", "1e999", "-1e999", ".inf", "-.inf", ".nan", "9" * 40, "9" * 5000, "0x1F", "017", "0o17",
    "1_000", "12:30:00", "2147483648", "9223372036854775808", "0.1", "1e-320", "5s", "-5s", "1e9s", "999999999h",
)  # fmt: skip

VALUES = (
    *NUMBERS, "", "null", "true", "no", "~", "none", "a", "a b", "é" * 300, "x" * 70_000, "a." * 3000, "2026-02-30T25:61:00Z",
    "2026-03-01T09:00:00+99:00", "../../../etc/passwd", "/dev/zero", "con\x00", "=", "<<", "__class__", "constructor",
)  # fmt: skip

TEMPLATES = (
    "{{", "}}", "{%", "%}", "{#", "{{ x }}", "{{ context }}", "{{ args.a.b.c }}", "{{ 'a' * 10**9 }}", "{{ 2**2**2**9 }}",
    "{% for a in range(999) %}{% for b in range(999) %}x{% endfor %}{% endfor %}", "{{ ''.__class__.__mro__ }}", "{{ 1/0 }}",
    "{{ now + now }}", "{{ self }}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% include 'x' %}", "{% extends x %}",
    "{{ '%s' % x }}", "{{ [[[]]] | tojson }}", "{{ x | nofilter }}", "{% raw %}", "{{ " + "(" * 300, "{{ " + "not " * 400 + "x }}",
    "{{ 'ab' ~ " * 50 + "'' }}", "{% set x = x ~ x %}" * 40 + "{{ x }}", "{{ '{:>999999999}'.format(1) }}",
)  # fmt: skip

EXPRESSIONS = (
    "context.x", "args", "not", "a and", "1 ==", "a in b in c", "context.a > 'x'", "true", "(" * 200 + "1" + ")" * 200,
    "1 < " * 300 + "1", "'a' in 3", "x if y", "[0][9]", "now", "approval.x", "'a' * 10**10", "context.phone == null or", "a.b.c()",
    "range(10**9) | list", "x | map('y')", "lipsum(999)", "cycler()", "loop", "a ~ a", "-none", "1 // 0", "10 ** 10 ** 10", "{}",
)  # fmt: skip

PATTERNS = (
    "(a+)+$", "(?<=a)b", "(?P<n>a)(?P=n)", "\\1", "[", "(", "*", "a{99999}", "(?:a{1000}){1000}", "\\p{L}", "[[:alpha:]]", "(?i)",
    "\\d+(", "(?#", "[^]", "\\b\\B", "[a-\\d]", "(?a)\\w", "x*" * 50, "(" * 150 + ")" * 150, "|", "\\Z", "[\\w--x]", "$^", "(?!a)",
)  # fmt: skip

SQL = (
    "; DROP TABLE x", "SELECT", "'", "--", "/*", "WHERE 1 = :nowhere", "UNION SELECT 1", "randomblob(999999999)", "load_extension('x')",
    "PRAGMA writable_schema = 1", "ATTACH '/tmp/x' AS y", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT * FROM r",
)  # fmt: skip

SPLICES = (CHARACTERS, NUMBERS, TEMPLATES, EXPRESSIONS, PATTERNS, SQL)


def changed(data: bytes, random: Random, *, is_yaml: bool) -> tuple[bytes, str]:
    """The file with one to three changes, and their names."""
    names = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if is_yaml and random.random() < 0.55 and (root := _root(data)) is not None:
            change = random.choice(NODE_CHANGES)
            try:
                change(root, random)
                data = _written(root)
            except RecursionError:  # an earlier change has nested it more deeply than Python copies
                continue
        elif random.random() < 0.8:
            change = random.choice(TEXT_CHANGES)
            data = change(data.decode("utf-8", "replace"), random).encode("utf-8", "surrogatepass")
        else:
            change = random.choice(BYTE_CHANGES)
            data = change(data, random)
        names.append(change.__name__.strip("_").replace("_", " "))
    return data, ", ".join(names)


# -- bytes


def _flip_a_bit(data: bytes, random: Random) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def _put_in_bytes(data: bytes, random: Random) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.randbytes(random.randint(1, 4)) + data[at:]


def _cut_off(data: bytes, random: Random) -> bytes:
    return data[: random.randint(0, len(data))]


def _cut_out(data: bytes, random: Random) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + data[at + random.randint(1, 200) :]


def _encode_otherwise(data: bytes, random: Random) -> bytes:
    codec = random.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1"))
    return data.decode("utf-8", "replace").encode(codec, "replace")


BYTE_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip_a_bit, _put_in_bytes, _cut_off, _cut_out, _encode_otherwise,
)  # fmt: skip


# -- tokens and lines


def _put_in_a_piece(text: str, random: Random) -> str:
    at = random.choice([match.start() for match in WORDS.finditer(text)] or [0])
    return text[:at] + random.choice(random.choice((YAML_PIECES, *SPLICES))) + text[at:]


def _drop_a_token(text: str, random: Random) -> str:
    tokens = WORDS.findall(text)
    if tokens:
        del tokens[random.randrange(len(tokens))]
    return "".join(tokens)


def _double_a_token(text: str, random: Random) -> str:
    tokens = WORDS.findall(text) or [""]
    at = random.randrange(len(tokens))
    return "".join([*tokens[:at], tokens[at] * random.choice((2, 3, 500)), *tokens[at + 1 :]])


def _swap_tokens(text: str, random: Random) -> str:
    return "".join(_with_two_swapped(WORDS.findall(text), random))


def _copy_a_token(text: str, random: Random) -> str:
    tokens = WORDS.findall(text) or [""]
    tokens[random.randrange(len(tokens))] = random.choice(tokens)
    return "".join(tokens)


def _drop_lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    del lines[at : at + random.choice((1, 1, 2, 10))]
    return "\n".join(lines)


def _double_lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    piece = lines[at : at + random.choice((1, 1, 2, 10))]
    return "\n".join([*lines[:at], *piece * random.choice((1, 1, 50)), *lines[at:]])


def _swap_lines(text: str, random: Random) -> str:
    return "\n".join(_with_two_swapped(text.split("\n"), random))


def _indent_otherwise(text: str, random: Random) -> str:
    lines = text.split("\n")
    at, by = random.randrange(len(lines)), random.choice((-8, -4, -2, -1, 1, 1, 2, 4, 8))
    for number in range(at, min(len(lines), at + random.choice((1, 1, 2, 5, 30)))):
        content = lines[number].lstrip(" ")
        lines[number] = " " * (len(lines[number]) - len(content) + by) + content
    return "\n".join(lines)


def _indent_with_tabs(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    lines[at] = lines[at].replace("  ", "\t", random.choice((1, 9)))
    return "\n".join(lines)


def _end_lines_otherwise(text: str, random: Random) -> str:
    return text.replace("\n", random.choice(("\r\n", "\r", "\x85", "\u2028", "\n\n")), random.choice((1, 5, -1)))


TEXT_CHANGES: tuple[Callable[[str, Random], str], ...] = (
    _put_in_a_piece, _put_in_a_piece, _drop_a_token, _double_a_token, _swap_tokens, _copy_a_token, _drop_lines, _double_lines, _swap_lines,
    _indent_otherwise, _indent_with_tabs, _end_lines_otherwise,
)  # fmt: skip


def _with_two_swapped(pieces: list[str], random: Random) -> list[str]:
    if len(pieces) > 1:
        first, second = random.randrange(len(pieces)), random.randrange(len(pieces))
        pieces[first], pieces[second] = pieces[second], pieces[first]
    return pieces


# -- YAML nodes


def _drop_a_node(root: Node, random: Random) -> None:
    if collection := _chosen(root, random, lambda node: not isinstance(node, ScalarNode) and node.value):
        del collection.value[random.randrange(len(collection.value))]


def _double_a_node(root: Node, random: Random) -> None:
    if collection := _chosen(root, random, lambda node: not isinstance(node, ScalarNode) and node.value):
        piece = copy.deepcopy(random.choice(collection.value))
        collection.value[:0] = [piece] * random.choice((1, 1, 1, 40))


def _swap_nodes(root: Node, random: Random) -> None:
    first, second = _chosen(root, random), _chosen(root, random)
    if first and second and first is not root and second is not root:
        mine, theirs = copy.copy(first.__dict__), copy.deepcopy(second.__dict__)
        _become(second, mine)
        _become(first, theirs)


def _retarget(root: Node, random: Random) -> None:
    first, second = _chosen_scalar(root, random), _chosen_scalar(root, random)
    if first and second:
        _become(first, second.__dict__)


def _graft_a_node(root: Node, random: Random) -> None:
    first, second = _chosen(root, random), _chosen(root, random)
    if first and second and first is not root:
        _become(first, copy.deepcopy(second).__dict__)


def _retype(root: Node, random: Random) -> None:
    node = _chosen(root, random)
    if node is None or node is root:
        return
    inner = copy.copy(node)
    shapes = (
        _scalar(random.choice(VALUES)), _scalar(random.choice(VALUES), style='"'), SequenceNode(SEQUENCE, [inner]),
        SequenceNode(SEQUENCE, []), MappingNode(MAPPING, []), MappingNode(MAPPING, [(_scalar("a"), inner)]),
        MappingNode(MAPPING, [(inner, _scalar("a"))]),
    )  # fmt: skip
    _become(node, random.choice(shapes).__dict__)


def _rename_a_key(root: Node, random: Random) -> None:
    keys = [key for node in _nodes(root) if isinstance(node, MappingNode) for key, _ in node.value]
    if not keys:
        return
    key, name = random.choice(keys), str(random.choice(keys).value)
    at = random.randint(0, len(str(key.value)))
    typo = str(key.value)[:at] + random.choice(("", "_", "x", "é", " ", "\u200b")) + str(key.value)[at + 1 :]
    _become(key, _scalar(random.choice((name, typo, typo, random.choice(VALUES)))).__dict__)


def _add_a_key(root: Node, random: Random) -> None:
    mapping = _chosen(root, random, lambda node: isinstance(node, MappingNode))
    keys = [pair for node in _nodes(root) if isinstance(node, MappingNode) for pair in node.value]
    if mapping and keys:
        mapping.value.append(copy.deepcopy(random.choice(keys)))


def _splice(root: Node, random: Random) -> None:
    if scalar := _chosen_scalar(root, random):
        at = random.choice((0, len(scalar.value), random.randint(0, len(scalar.value))))
        text = scalar.value[:at] + random.choice(random.choice(SPLICES)) + scalar.value[at:]
        _become(scalar, _scalar(text, style=random.choice(('"', "'", "|", None))).__dict__)


def _overwrite(root: Node, random: Random) -> None:
    if scalar := _chosen_scalar(root, random):
        _become(scalar, _scalar(random.choice(random.choice((VALUES, *SPLICES)))).__dict__)


def _make_extreme(root: Node, random: Random) -> None:
    numbers = [node for node in _nodes(root) if isinstance(node, ScalarNode) and re.match(r"-?\d", node.value)]
    if numbers:
        _become(random.choice(numbers), _scalar(random.choice(NUMBERS)).__dict__)


def _deepen(root: Node, random: Random) -> None:
    node = _chosen(root, random)
    if node is None or node is root:
        return
    inner: Node = copy.copy(node)
    for _ in range(random.choice((3, 30, 90, 200))):
        inner = (
            MappingNode(MAPPING, [(_scalar("a"), inner)]) if random.random() < 0.5 else SequenceNode(SEQUENCE, [inner])
        )
    _become(node, inner.__dict__)


def _blow_up(root: Node, random: Random) -> None:
    """Aliases of aliases, of which there are many when they are followed."""
    node = _chosen(root, random)
    if node is None or node is root:
        return
    inner: Node = copy.copy(node)
    for _ in range(random.choice((1, 3, 12, 30))):
        inner = SequenceNode(SEQUENCE, [inner] * random.choice((2, 9)))
    _become(node, inner.__dict__)


def _alias(root: Node, random: Random) -> None:
    """One node at two places; where it holds itself, without end."""
    collection, node = _chosen(root, random, lambda node: not isinstance(node, ScalarNode)), _chosen(root, random)
    if collection is None or node is None:
        return
    piece = (_scalar("a"), node) if isinstance(collection, MappingNode) else node
    if collection.value and random.random() < 0.7:
        at = random.randrange(len(collection.value))
        key = collection.value[at][0] if isinstance(collection, MappingNode) else None
        collection.value[at] = piece if key is None else (key, node)
    else:
        collection.value.append(piece)


def _lengthen(root: Node, random: Random) -> None:
    collection = _chosen(root, random, lambda node: not isinstance(node, ScalarNode) and node.value)
    if collection is None:
        return
    piece = random.choice(collection.value)
    for number in range(random.choice((20, 300))):
        if isinstance(collection, MappingNode):
            collection.value.append((_scalar(f"{piece[0].value}{number}"), piece[1]))
        else:
            collection.value.append(copy.copy(piece))


NODE_CHANGES: tuple[Callable[[Node, Random], None], ...] = (
    _drop_a_node, _drop_a_node, _double_a_node, _swap_nodes, _retarget, _retarget, _graft_a_node, _retype, _retype, _rename_a_key,
    _add_a_key, _splice, _splice, _splice, _overwrite, _overwrite, _make_extreme, _deepen, _blow_up, _alias, _lengthen,
)  # fmt: skip


def _root(data: bytes) -> Node | None:
    """The nodes of a text; None where it is no YAML that is worth a change."""
    try:
        return yaml.compose(data.decode(), yaml.CSafeLoader) if len(data) < 200_000 else None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None


def _written(root: Node) -> bytes:
    for node in _nodes(root):
        if not isinstance(node, ScalarNode) and node.flow_style is None:
            node.flow_style = False
    return str(yaml.serialize(root, Dumper=yaml.CSafeDumper, width=120, allow_unicode=True)).encode("utf-8", "replace")


def _nodes(root: Node) -> Iterator[Node]:
    """Each node once, keys too."""
    seen, left = set(), [root]
    while left:
        node = left.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            if isinstance(node, MappingNode):
                left += [each for pair in node.value for each in pair]
            elif isinstance(node, SequenceNode):
                left += node.value


def _chosen(root: Node, random: Random, fits: Callable[[Node], object] = lambda node: True) -> Node | None:
    found = [node for node in _nodes(root) if fits(node)]
    return random.choice(found) if found else None


def _chosen_scalar(root: Node, random: Random) -> Node | None:
    return _chosen(root, random, lambda node: isinstance(node, ScalarNode))


def _scalar(value: str, style: str | None = None) -> ScalarNode:
    tag = TEXT if style else yaml.SafeDumper("").resolve(ScalarNode, value, (True, False))
    return ScalarNode(tag, value, style=style)


def _become(node: Node, other: dict[str, object]) -> None:
    """Whoever holds the node holds what the other one is."""
    node.__class__ = {str: ScalarNode, list: SequenceNode}[type(other["value"])]
    if other["tag"] == MAPPING or (
        isinstance(other["value"], list) and other["value"] and isinstance(other["value"][0], tuple)
    ):
        node.__class__ = MappingNode
    node.__dict__ = dict(other)
