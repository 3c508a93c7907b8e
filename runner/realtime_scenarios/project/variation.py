"""A project with something in its scenario changed: the same files and dialogues, and none of them is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Document, Pointer
from realtime_scenarios.document.check import is_valid
from realtime_scenarios.model import Scenario, build_scenario
from realtime_scenarios.project.loader import Project, contents_of_variation


class Edit(Struct, frozen=True):
    """What stands at `pointer` becomes `value`, or is taken out (`removed`). Keys around it must be there."""

    pointer: Pointer
    value: Any = None
    removed: bool = False


Edits = tuple[Edit, ...]


class Variation(Project):
    """A project of which the scenario is another one than its files say. `base` is as they say."""

    def __init__(self, base: Project, edits: Edits, document: Document) -> None:
        super().__init__(base.path, only=base.only, contents=contents_of_variation(document, base.inline_dialogues))
        self.base = base
        self.edits = edits
        self.__dict__.update(  # what is cached of the other one holds here as well
            shown=base.shown,
            dialogue_files=base.dialogue_files,
            inline_dialogues=base.inline_dialogues,
            dialogues=base.dialogues,
        )


def variation_of(base: Project, edits: Edits) -> Variation | None:
    """The project with these changes, one after the other; None where that is no scenario by its schema."""
    assert base.document is not None
    document = base.document.holding(edited(base.document.data, edits))
    return Variation(base, edits, document) if is_valid(document, "scenario") else None


def varied_scenario(scenario: Scenario, edits: Edits) -> Scenario:
    """A scenario with these changes, where all it was made of is at hand: the same that `variation_of` builds."""
    document = scenario.place.document
    assert isinstance(document, Document)
    return build_scenario(document.holding(edited(document.data, edits)))[0]


def edited(data: Any, edits: Sequence[Edit]) -> Any:
    """The data with these changes; nothing that is there already is changed."""
    for edit in edits:
        data = _edited(data, edit.pointer, edit)
    return data


def _edited(data: Any, pointer: Pointer, edit: Edit) -> Any:
    if not pointer:
        return edit.value
    step, rest = pointer[0], pointer[1:]
    copied: Any = dict(data) if isinstance(data, dict) else list(data)
    if not rest and edit.removed:
        del copied[step]
    elif not rest:
        copied[step] = edit.value
    else:
        copied[step] = _edited(copied[step], rest, edit)
    return copied
