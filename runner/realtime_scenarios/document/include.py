"""`$include: path-or-pattern` to the nodes of the YAML files it names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from realtime_scenarios.core import Diagnostic, Span
from realtime_scenarios.core.paths import is_file
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.files import NO_SHIFTS, YAML_LIMIT, Shifts, Unreadable, path_inside, shifted, text_of
from realtime_scenarios.document.nodes import COLLECTION, MAX_DEPTH, TooDeep, composed

MAX_INCLUDE_DEPTH = 8
"""How many files may include one another in a row."""


class Includes:
    """The files that one document is made of. `folder` is what they never leave; None: nothing can be included.

    `problems` is what the parser says of the files among them that are no YAML. With `is_trial` nothing more is said of
    these.
    """

    def __init__(
        self,
        path: Path,
        shown: str,
        text: str,
        *,
        folder: Path | None,
        shifts: Shifts = NO_SHIFTS,
        is_trial: bool = False,
    ) -> None:
        self.texts = {shown: text}
        self.attached: dict[Path, str] = {}
        self.folder = folder
        self.shifts = shifts
        self.problems: dict[str, yaml.YAMLError] = {}
        self._is_trial = is_trial
        self._paths = {shown: path}
        self._chains: dict[str, tuple[Path, ...]] = {shown: (path.resolve(),) if folder else ()}
        self._roots: dict[str, Node | None] = {}
        self._left = YAML_LIMIT

    def shift(self, shown: str, moved: Mapping[int, int]) -> None:
        """Lines of a file have been read as if they began so many columns further right, besides its shifts."""
        shifts = self.shifts.get(shown, {})
        both = {line: shifts.get(line, 0) + moved.get(line, 0) for line in {*shifts, *moved}}
        self.shifts = {**self.shifts, shown: both}

    def nodes(self, include: MappingNode, span: Span, found: list[Diagnostic], value_span: Span) -> Node | None:
        """What stands in place of a mapping with `$include`; None where that cannot be said, which is then `found`.

        `span` is where the mapping stands, `value_span` where the path stands.
        """
        if self.folder is None:
            found.append(finding("bad-include", "a text without a file cannot include files", span))
            return None
        if len(include.value) != 1:
            hint = "move the other keys into a file, or include one level further in"
            found.append(finding("bad-include", "'$include' cannot stand beside other keys", span, hint))
            return None
        value = include.value[0][1]
        if not isinstance(value, ScalarNode) or not value.value:
            found.append(
                finding("bad-include", "'$include' takes a path or a pattern", value_span, "for example agents/*.yaml")
            )
            return None
        files = self._files_named(value.value, value_span, found)
        roots = [
            (shown, root) for shown in files if (root := self._root_of(shown, span.file, value_span, found)) is not None
        ]
        if len(files) == 1:
            return roots[0][1] if roots else None
        return self._merged_roots(include, roots, value_span, found)

    def _files_named(self, name: str, span: Span, found: list[Diagnostic]) -> list[str]:
        assert self.folder is not None
        base = self._paths[span.file].parent
        named = path_inside(self.folder, base, name)
        if isinstance(named, Unreadable):
            found.append(finding(named.name, named.message, span, named.hint))
            return []
        is_pattern = any(character in name for character in "*?[")
        matches = base.glob(os.path.normpath(name)) if is_pattern else ()
        paths = sorted(match for match in matches if is_file(match)) if is_pattern else [named]
        if not paths:
            hint = "the path is relative to the file that it stands in"
            found.append(finding("bad-include", f"no file fits '{name}'", span, hint))
        shown = []
        for path in paths:
            inside = path_inside(self.folder, self.folder, os.path.relpath(path, self.folder))
            if isinstance(inside, Unreadable):
                found.append(finding(inside.name, inside.message, span, inside.hint))
                continue
            file = os.path.normpath(Path(span.file).parent / os.path.relpath(path, base))
            self._paths.setdefault(file, path)
            shown.append(file)
        return shown

    def _root_of(self, shown: str, parent: str, span: Span, found: list[Diagnostic]) -> Node | None:
        path = self._paths[shown]
        chain = self._chains[parent]
        if path.resolve() in chain:
            found.append(finding("include-cycle", f"'{path.name}' includes itself", span, "take the include out of it"))
            return None
        if len(chain) > MAX_INCLUDE_DEPTH:
            message = f"files include each other more than {MAX_INCLUDE_DEPTH} deep"
            found.append(finding("include-cycle", message, span, "include them from the scenario itself"))
            return None
        self._chains[shown] = (*chain, path.resolve())
        if shown not in self._roots:
            self._roots[shown] = self._composed_file(path, shown, span, found)
        return self._roots[shown]

    def _composed_file(self, path: Path, shown: str, span: Span, found: list[Diagnostic]) -> Node | None:
        text = text_of(path, shown, self._left)
        if isinstance(text, Unreadable):
            found.append(finding(text.name, text.message, span, text.hint))
            return None
        self.texts[shown] = text
        self._left -= len(text)
        text = shifted(text, self.shifts.get(shown, {}))
        try:
            root = composed(text, shown)
        except yaml.YAMLError as problem:
            self.problems[shown] = problem
            if not self._is_trial:
                from realtime_scenarios.document.recovery import recovered

                found.extend(recovered(problem, text, shown).found)
            return None
        except TooDeep:
            found.append(finding("too-deep", f"'{shown}' is nested more than {MAX_DEPTH} deep", Span(shown)))
            return None
        if root is None:
            found.append(
                finding(
                    "empty-file", f"'{shown}' is empty", Span(shown), "write something into it, or include it no more"
                )
            )
        return root

    def _merged_roots(
        self, include: MappingNode, roots: list[tuple[str, Node]], span: Span, found: list[Diagnostic]
    ) -> Node:
        pairs: list[tuple[Node, Node]] = []
        for shown, root in roots:
            if isinstance(root, MappingNode):
                pairs += root.value
            else:
                hint = "several files are merged, so each of them must be a mapping"
                found.append(finding("bad-include", f"'{shown}' holds no mapping", span, hint))
        # Flow style, so that it ends at its own mark: the last of its values stands in another file.
        return MappingNode(COLLECTION, pairs, include.start_mark, include.end_mark, flow_style=True)
