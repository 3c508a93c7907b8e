"""What people type for a scenario to the file that they mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from msgspec import Struct
from yaml import YAMLError
from yaml.nodes import MappingNode, ScalarNode

from realtime_scenarios.core import UsageError, nearest, resource_folder
from realtime_scenarios.core.paths import is_file, is_folder
from realtime_scenarios.document.files import YAML_LIMIT, unsaved_text
from realtime_scenarios.document.nodes import TooDeep, composed
from realtime_scenarios.document.schema import schema_text

_SUFFIXES = (".yaml", ".yml")
_KEY = re.compile(r"""^["']?([A-Za-z]\w*)["']?[ \t]*:""", re.MULTILINE)
_KEY_IN_BROKEN_TEXT = re.compile(r"""^(?:[{?] ?| )?["']?([A-Za-z]\w*)["']?[ \t]*(?::|$)""", re.MULTILINE)


def find_scenario(name: str, folder: Path) -> Path:
    """The scenario file that `name` means to somebody in `folder`.

    A path, with or without its suffix, or a folder with one scenario in it; then the same below `scenarios/`; then one
    of the examples that come with the package.

    Raises:
        UsageError: there is none, with the nearest name that there is; or a folder holds several.
    """
    if "\0" in name or not name:
        raise UsageError(f"{name!r} cannot be the name of a scenario", hint="give a file, such as airline.yaml")
    examples = resource_folder("scenarios")
    for base in (folder, folder / "scenarios", examples):
        if (found := _scenario_meant_by(base / name)) is not None:
            return found
    if is_folder(folder / name):
        raise UsageError(f"there is no scenario in '{name}'", hint="`scenario new` writes one")
    raise UsageError(f"there is no scenario '{name}'", hint=_names_hint(name, folder, examples))


def example(name: str) -> Path | None:
    """The packaged example of that name, such as `airline`; None where there is none."""
    path = resource_folder("scenarios") / name / f"{name}.yaml"
    return path if name.isidentifier() and is_file(path) else None


def dialogue_files(folder: Path) -> list[Path]:
    """The dialogue files in a folder and below it."""
    return [path for path in _yaml_files(folder) if is_dialogue_file(path)]


def scenario_files(folder: Path) -> list[Path]:
    """The scenario files in a folder and below it, told apart from other files by their top-level keys."""
    return [path for path in _yaml_files(folder) if is_scenario(path)]


def is_ours(path: Path) -> bool:
    """Whether a YAML file is read where its folder is meant.

    It is a scenario, a file of dialogues, or stands in `dialogues/` beside a scenario, whatever it holds.
    """
    return is_dialogue_file(path) or is_scenario(path) or bool(scenarios_beside(path))


def may_be_ours(path: Path) -> bool:
    """Whether a YAML file that is named must be read: all but mappings without a key `scenario`."""
    if is_ours(path):
        return True
    top = _top_level_of(_text_of(path))
    return "scenario" in top.keys or not top.is_mapping


def is_scenario(path: Path) -> bool:
    """Whether a file is a scenario, finished or not.

    It has two of the top-level keys `scenario`, `agents` and `start`; or it has `scenario` and nothing else, or
    something else that scenarios have, or nearly. The latter is half typed; in `dialogues/` it is no scenario.
    """
    top = _top_level(path)
    if len(top.keys & {"scenario", "agents", "start"}) > 1:
        return True
    return "scenario" in top.keys and not top.is_about_a_scenario and top.has_our_keys and not scenarios_beside(path)


def is_dialogue_file(path: Path) -> bool:
    """Whether a file is a file of dialogues: `scenario` with `dialogues` or the path of a file, and no agents."""
    return _top_level(path).is_about_a_scenario


def scenarios_beside(path: Path) -> list[Path]:
    """The scenarios that read the file because it is below the folder `dialogues/` beside them."""
    homes = [folder.parent for folder in path.absolute().parents if folder.name == "dialogues"]
    return [
        found
        for home in homes
        for suffix in _SUFFIXES
        for found in sorted(home.glob(f"*{suffix}"))
        if is_scenario(found)
    ]


class _TopLevel(Struct, frozen=True):
    """The keys of a file, as far as they can be read, and the text at `scenario`; None where it was not looked at."""

    is_mapping: bool
    keys: frozenset[str] = frozenset()
    scenario: str | None = None

    @property
    def is_about_a_scenario(self) -> bool:
        if "scenario" not in self.keys or not self.keys.isdisjoint({"agents", "start"}):
            return False
        return "dialogues" in self.keys or (self.scenario or "").endswith(_SUFFIXES)

    @property
    def has_our_keys(self) -> bool:
        """Whether there is a key besides `scenario` that is ours, or nearly; or none at all, or none can be read."""
        others = self.keys - {"scenario"}
        if not others or not self.is_mapping or others & _keys_of_scenarios():
            return True
        return any(nearest(key, ("agents", "start")) for key in others)


@cache
def _keys_of_scenarios() -> frozenset[str]:
    return frozenset(json.loads(schema_text("scenario"))["properties"])


def _top_level(path: Path) -> _TopLevel:
    """The top of a file. Where a glance does not tell, it is read as YAML, unless our words are nowhere in it."""
    text = _text_of(path)
    if "scenario" not in text and not ("agents" in text and "start" in text):
        return _TopLevel(is_mapping=False)
    keys = frozenset(_KEY.findall(text))
    if len(keys & {"scenario", "agents", "start"}) > 1 or {"scenario", "dialogues"} <= keys:
        return _TopLevel(is_mapping=True, keys=keys)
    return _top_level_of(text)


def _top_level_of(text: str) -> _TopLevel:
    if len(text) >= YAML_LIMIT:  # it is told as too large
        return _TopLevel(is_mapping=False, keys=frozenset(_KEY.findall(text)))
    try:
        root = composed(text)
    except (YAMLError, TooDeep):
        return _TopLevel(is_mapping=False, keys=frozenset(_KEY_IN_BROKEN_TEXT.findall(text)))
    if not isinstance(root, MappingNode):
        return _TopLevel(is_mapping=False)
    values = {key.value: value for key, value in root.value if isinstance(key, ScalarNode)}
    scenario = values.get("scenario")
    return _TopLevel(True, frozenset(values), scenario.value if isinstance(scenario, ScalarNode) else None)


def _text_of(path: Path) -> str:
    """The beginning of a file, also in an encoding that is a mistake, which must be told; "" where it is no file."""
    if (edited := unsaved_text(path)) is not None:
        return edited[:YAML_LIMIT]
    try:
        if not is_file(path):
            return ""
        with path.open("rb") as file:
            data = file.read(YAML_LIMIT)
    except (OSError, ValueError):
        return ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data[:200].count(0) * 3 > len(data[:200]):
        return data.decode("utf-16-be" if data.startswith(b"\0") else "utf-16-le", errors="replace")
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _yaml_files(folder: Path) -> list[Path]:
    """Those that are not hidden, in order."""
    paths = (path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _scenario_meant_by(path: Path) -> Path | None:
    """The file that a path means: itself, itself with a suffix, or the scenario in the folder of that name."""
    try:
        if is_file(path):
            return path
        for suffix in _SUFFIXES:
            if path.name and is_file(beside := path.with_name(path.name + suffix)):
                return beside
        return _scenario_in_folder(path) if is_folder(path) else _scenario_in_its_folder(path)
    except (OSError, ValueError):
        return None


def _scenario_in_folder(folder: Path) -> Path | None:
    for suffix in _SUFFIXES:
        if is_file(same := folder / f"{folder.resolve().name}{suffix}"):
            return same
    found = [path for suffix in _SUFFIXES for path in sorted(folder.glob(f"*{suffix}")) if is_scenario(path)]
    if len(found) > 1:
        names = [path.name for path in found]
        raise UsageError(f"'{folder}' holds several scenarios", hint=f"name one of them: {', '.join(names)}")
    return found[0] if found else None


def _scenario_in_its_folder(path: Path) -> Path | None:
    """`scenarios/airline/airline.yaml` for `scenarios/airline.yaml`."""
    if path.suffix in _SUFFIXES:
        inside = path.with_suffix("") / path.name
        return inside if is_file(inside) else None
    return None


def _names_hint(name: str, folder: Path, examples: Path) -> str:
    given = Path(name)
    known = dict.fromkeys((*_known_names(folder), *_known_names(folder / "scenarios"), *_known_names(examples)))
    guess = nearest(given.name, known) or nearest(given.stem, known)
    if guess is None and is_folder((folder / given).parent):
        guess = nearest(given.name, _known_names((folder / given).parent))
        guess = str(given.parent / guess) if guess else None
    if guess:
        return f"did you mean '{guess}'?"
    return f"the examples are: {', '.join(_known_names(examples, files=False))}"


def _known_names(folder: Path, *, files: bool = True) -> Iterable[str]:
    if not is_folder(folder):
        return []
    entries = sorted(folder.iterdir())
    names = [entry.name for entry in entries if files and entry.suffix in _SUFFIXES and is_scenario(entry)]
    return names + [entry.name for entry in entries if is_folder(entry) and is_file(entry / f"{entry.name}.yaml")]
