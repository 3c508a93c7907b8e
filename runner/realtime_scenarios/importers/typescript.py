"""TypeScript to plain data, as far as it says what it means: parsed as text, and never run.

`Module.value_of` gives literals, constants, objects and lists of them, also through imports of other files. What is
neither becomes `Code`, with its place. The parser is tree-sitter's, an extra: `realtime-scenarios[import]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from realtime_scenarios.core import UsageError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_SUFFIXES = (".ts", ".tsx", ".mts", ".js", ".mjs")
_MOST_BYTES = 2_000_000
_DEEPEST = 60
"""Steps from a constant to its value: a longer chain is a circle."""


class Code(Struct, frozen=True):
    """Something whose value only running it would tell: its text, and where it stands."""

    text: str
    place: str


class Made(Struct, frozen=True, eq=False):
    """`new Class(...)` or `function(...)` with its arguments as far as they are plain. `node` tells two apart."""

    maker: str
    arguments: tuple[Any, ...]
    place: str
    key: tuple[str, int]


class Function(Struct, frozen=True, eq=False):
    """A function; `returns` is what it always gives, in a list of one; empty: that is code."""

    returns: tuple[Any, ...]
    place: str


class Pushed(Struct, frozen=True, eq=False):
    """`object.list.push(...)`: the object by its key, the name of the list, and what is added."""

    owner: Any
    name: str
    values: tuple[Any, ...]
    place: str


def parser() -> Parser:
    """The parser of TypeScript.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        import tree_sitter_typescript
        from tree_sitter import Language, Parser
    except ImportError:
        hint = "pip install 'realtime-scenarios[import]'"
        raise UsageError("TypeScript is read with tree-sitter, which is not installed", hint=hint) from None
    return Parser(Language(tree_sitter_typescript.language_tsx()))


class Program:
    """The files of a folder, each parsed when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._parser = parser()
        self._modules: dict[Path, Module] = {}

    def module(self, path: Path) -> Module:
        """The module of a file.

        Raises:
            UsageError: it cannot be read, or is too large.
        """
        path = path.resolve()
        if path not in self._modules:
            try:
                text = path.read_bytes()
            except OSError as problem:
                raise UsageError(f"'{path}' cannot be read: {problem.strerror}") from problem
            if len(text) > _MOST_BYTES:
                raise UsageError(f"'{path}' is too large to be read")
            self._modules[path] = Module(self, path, self._parser.parse(text).root_node)
        return self._modules[path]

    def resolved(self, name: str, beside: Path) -> Path | None:
        """The file that an import names; None: it is a package's, or not there."""
        if name.startswith("."):
            starts = [beside.parent / name]
        elif name.startswith("@/"):  # the usual alias of a Next.js project for its `src`
            above = [folder for folder in (self.root, *self.root.parents) if folder.name == "src"]
            starts = [folder / name[2:] for folder in (above[:1] or [self.root, self.root / "src"])]
        else:
            return None
        for start in starts:
            for path in (start, *(start.with_name(start.name + suffix) for suffix in _SUFFIXES)):
                if path.is_file():
                    return path
            for suffix in _SUFFIXES:
                if (start / f"index{suffix}").is_file():
                    return start / f"index{suffix}"
        return None

    def shown(self, path: Path) -> str:
        base = self.root if self.root.is_dir() else self.root.parent
        return path.relative_to(base.resolve()).as_posix() if path.is_relative_to(base.resolve()) else str(path)


class Module:
    """One file: its constants, its imports and its exports by name."""

    def __init__(self, program: Program, path: Path, root: Node) -> None:
        self.program = program
        self.path = path
        self._root = root
        self._constants: dict[str, Node] = {}
        self._imports: dict[str, tuple[str, str]] = {}
        self.exported: list[str] = []
        self._made: dict[int, Any] = {}
        for node in root.named_children:
            self._declare(node, exported=False)
        for node in _walk(root):  # what functions have of their own is looked at last
            if node.type == "variable_declarator":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and value is not None and name.type == "identifier":
                    self._constants.setdefault(_source(name), value)

    @property
    def constants(self) -> tuple[str, ...]:
        return tuple(self._constants)

    def has_errors(self) -> str | None:
        """Where its text is no TypeScript; None: it is."""
        return next((self.place(node) for node in _walk(self._root) if node.type == "ERROR" or node.is_missing), None)

    def place(self, node: Node) -> str:
        row, column = node.start_point
        return f"{self.program.shown(self.path)}:{row + 1}:{column + 1}"

    def constant(self, name: str, depth: int = 0) -> Any:
        """The value of a constant, or of what is imported by that name."""
        if depth > _DEEPEST:
            return Code(name, self.program.shown(self.path))
        if name in self._constants:
            return self.value_of(self._constants[name], depth + 1)
        if name in self._imports:
            source, original = self._imports[name]
            file = self.program.resolved(source, self.path)
            if file is not None:
                module = self.program.module(file)
                return module.constant(module.default if original == "default" else original, depth + 1)
        return Code(name, self.program.shown(self.path))

    default = "default"

    def pushes(self) -> Iterator[Pushed]:
        """Each `x.list.push(...)` at the top of the file."""
        for statement in self._root.named_children:
            call = statement.named_children[0] if statement.type == "expression_statement" else None
            if call is None or call.type != "call_expression":
                continue
            method = call.child_by_field_name("function")
            if method is None or method.type != "member_expression" or _text(method, "property") != "push":
                continue
            owned = _bare(method.child_by_field_name("object"))
            if owned is None or owned.type != "member_expression":
                continue
            owner, arguments = owned.child_by_field_name("object"), call.child_by_field_name("arguments")
            if owner is not None and arguments is not None:
                values = tuple(self.value_of(node) for node in _items(arguments))
                yield Pushed(self.value_of(owner), _text(owned, "property"), values, self.place(statement))

    def value_of(self, node: Node, depth: int = 0) -> Any:
        """The value of an expression; `Code` where it must be run for that."""
        bare = _bare(node)
        if bare is None or depth > _DEEPEST:
            return self._code(node)
        match bare.type:
            case "string":
                return _string(bare)
            case "template_string":
                return self._template(bare, depth)
            case "number":
                return _number(_source(bare))
            case "true" | "false":
                return bare.type == "true"
            case "null" | "undefined":
                return None
            case "array":
                return self._array(bare, depth)
            case "object":
                return self._object(bare, depth)
            case "identifier":
                return None if _source(bare) == "undefined" else self._constant_value(bare, depth)
            case "new_expression" | "call_expression":
                return self._making(bare, depth)
            case "arrow_function" | "function_expression":
                return Function(tuple(self._returned(bare, depth)), self.place(bare))
            case "unary_expression" if _source(bare).startswith("-"):
                inner = self.value_of(bare.named_children[0], depth + 1)
                return -inner if isinstance(inner, (int, float)) else self._code(bare)
            case "binary_expression":
                return self._sum(bare, depth)
            case "member_expression":
                owner = bare.child_by_field_name("object")
                found = self.value_of(owner, depth + 1) if owner is not None else None
                key = _text(bare, "property")
                return found[key] if isinstance(found, dict) and key in found else self._code(bare)
            case _:
                return self._code(bare)

    def _declare(self, node: Node, *, exported: bool) -> None:
        match node.type:
            case "export_statement":
                inner = node.child_by_field_name("declaration")
                value = node.child_by_field_name("value")
                if inner is not None:
                    self._declare(inner, exported=True)
                elif value is not None:
                    self._constants["default"] = value
                    self.exported.append("default")
                for specifier in (each for each in _walk(node) if each.type == "export_specifier"):
                    self.exported.append(_text(specifier, "name"))
            case "lexical_declaration" | "variable_declaration":
                for declared in node.named_children:
                    name, value = declared.child_by_field_name("name"), declared.child_by_field_name("value")
                    if declared.type == "variable_declarator" and name is not None and value is not None:
                        self._constants[_source(name)] = value
                        if exported:
                            self.exported.append(_source(name))
            case "import_statement":
                self._import(node)
            case _:
                pass

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        if source is None:
            return
        name = str(_string(source))
        for each in _walk(node):
            if each.type == "import_specifier":
                original = _text(each, "name")
                self._imports[_text(each, "alias") or original] = (name, original)
            elif each.type == "import_clause":
                for inner in each.named_children:
                    if inner.type == "identifier":
                        self._imports[_source(inner)] = (name, "default")

    def _constant_value(self, node: Node, depth: int) -> Any:
        found = self.constant(_source(node), depth + 1)
        return (
            Code(_source(node), self.place(node)) if isinstance(found, Code) and found.text == _source(node) else found
        )

    def _template(self, node: Node, depth: int) -> Any:
        """A template of text: with the values of its holes, or with their source where they have none."""
        raw, start, parts, holes = _source(node), node.start_byte, [], []
        end = start + 1
        data = node.text or b""
        for hole in (child for child in node.named_children if child.type == "template_substitution"):
            parts.append(_unescaped(data[end - start : hole.start_byte - start].decode()))
            value = self.value_of(hole.named_children[0], depth + 1) if hole.named_children else None
            if isinstance(value, (str, int, float)) and not isinstance(value, bool):
                parts.append(str(value))
            else:
                parts.append(_source(hole))
                holes.append(self.place(hole))
            end = hole.end_byte
        parts.append(_unescaped(data[end - start : len(data) - 1].decode()))
        text = "".join(parts)
        return TextWithHoles(text, tuple(holes)) if holes and raw else text

    def _array(self, node: Node, depth: int) -> Any:
        values: list[Any] = []
        for item in _items(node):
            if item.type == "spread_element":
                inner = self.value_of(item.named_children[0], depth + 1)
                values += inner if isinstance(inner, list) else [self._code(item)]
            else:
                values.append(self.value_of(item, depth + 1))
        return values

    def _object(self, node: Node, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for item in _items(node):
            match item.type:
                case "pair":
                    key, value = item.child_by_field_name("key"), item.child_by_field_name("value")
                    if key is not None and value is not None:
                        name = str(_string(key)) if key.type == "string" else _source(key)
                        found[name] = self.value_of(value, depth + 1)
                case "shorthand_property_identifier":
                    found[_source(item)] = self._constant_value(item, depth)
                case "spread_element":
                    inner = self.value_of(item.named_children[0], depth + 1)
                    found |= inner if isinstance(inner, dict) else {f"...{_source(item)}": self._code(item)}
                case "method_definition":
                    name = _text(item, "name")
                    found[name] = Function(tuple(self._returned(item, depth)), self.place(item))
                case _:
                    pass
        return found

    def _making(self, node: Node, depth: int) -> Any:
        """What is made by a class or a function; the same each time it is asked for."""
        if node.id not in self._made:
            maker = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
            arguments = node.child_by_field_name("arguments")
            given = tuple(self.value_of(each, depth + 1) for each in _items(arguments)) if arguments is not None else ()
            if maker is not None and maker.type == "member_expression" and node.type == "call_expression":
                owner = maker.child_by_field_name("object")
                method = _text(maker, "property")
                on = self.value_of(owner, depth + 1) if owner is not None else None
                if method == "join" and isinstance(on, list) and all(isinstance(each, str) for each in on):
                    return str(given[0] if given else ",").join(on)
                if method == "trim" and isinstance(on, str):
                    return on.strip()
                given = (on, *given)
                name = f".{method}"
            else:
                name = _source(maker) if maker is not None else ""
            self._made[node.id] = Made(name, given, self.place(node), (str(self.path), node.start_byte))
        return self._made[node.id]

    def _returned(self, function: Node, depth: int) -> Iterator[Any]:
        """What a function always gives: the plain value of its only statement, or of the expression that it is."""
        body = function.child_by_field_name("body")
        bare = _bare(body) if body is not None else None
        if bare is None:
            return
        if bare.type == "statement_block":
            statements = [each for each in bare.named_children if each.type != "comment"]
            if len(statements) != 1 or statements[0].type != "return_statement" or not statements[0].named_children:
                return
            bare = statements[0].named_children[0]
        value = self.value_of(bare, depth + 1)
        if is_plain(value):
            yield value

    def _sum(self, node: Node, depth: int) -> Any:
        left, right = (node.child_by_field_name(side) for side in ("left", "right"))
        if left is None or right is None or _text(node, "operator") != "+":
            return self._code(node)
        first, second = self.value_of(left, depth + 1), self.value_of(right, depth + 1)
        if isinstance(first, str) and isinstance(second, str):
            return first + second
        return self._code(node)

    def _code(self, node: Node) -> Code:
        return Code(_source(node), self.place(node))


class TextWithHoles(Struct, frozen=True):
    """A text with what is only known when it runs, as source in it: where the `holes` are."""

    text: str
    holes: tuple[str, ...]


def is_plain(value: Any) -> bool:
    """Whether it is JSON through and through."""
    match value:
        case dict():
            return all(is_plain(inner) for inner in value.values())
        case list():
            return all(map(is_plain, value))
        case _:
            return value is None or isinstance(value, (str, int, float, bool))


def text_of(value: Any) -> str | None:
    """A text, also one with holes; None: it is none."""
    if isinstance(value, TextWithHoles):
        return value.text
    return value if isinstance(value, str) else None


def _bare(node: Node | None) -> Node | None:
    """The expression without what only the type checker reads."""
    wrappers = ("as_expression", "satisfies_expression", "non_null_expression", "parenthesized_expression")
    while node is not None and node.type in (*wrappers, "await_expression"):
        node = node.named_children[0] if node.named_children else None
    return node


def _items(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _walk(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        present = waiting.pop()
        yield present
        waiting += reversed(present.children)


def _source(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _text(node: Node, field: str) -> str:
    found = node.child_by_field_name(field)
    return "" if found is None else _source(found)


def _number(text: str) -> Any:
    try:
        plain = text.replace("_", "")
        return int(plain, 0) if re.fullmatch(r"\d+|0[xXoObB][0-9a-fA-F]+", plain) else float(plain)
    except ValueError:
        return Code(text, "")


def _string(node: Node) -> str:
    return _unescaped(_source(node)[1:-1])


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|[\s\S])")


def _unescaped(text: str) -> str:
    """The characters that a literal stands for (ECMA-262, section 12.9.4)."""

    def char(found: re.Match[str]) -> str:
        written = found[1]
        if len(written) > 1 and written[0] in "ux":
            code = int(written[1:].strip("{}"), 16)
            return chr(code) if code < 0x110000 else "\ufffd"
        return _ESCAPES.get(written, "" if written == "\r\n" else written)

    return _ESCAPE.sub(char, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
