"""What people type for a scenario to the file that they mean."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from realtime_scenarios.core import UsageError, nearest, resource_folder

_SUFFIXES = (".yaml", ".yml")


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
    if (folder / name).is_dir():
        raise UsageError(f"there is no scenario in '{name}'", hint="`scenario new` writes one")
    raise UsageError(f"there is no scenario '{name}'", hint=_names_hint(name, folder, examples))


def example(name: str) -> Path | None:
    """The packaged example of that name, such as `airline`; None where there is none."""
    path = resource_folder("scenarios") / name / f"{name}.yaml"
    return path if name.isidentifier() and path.is_file() else None


def dialogue_files(folder: Path) -> list[Path]:
    """The dialogue files in a folder and below it."""
    return [path for path in _yaml_files(folder) if is_dialogue_file(path)]


def scenario_files(folder: Path) -> list[Path]:
    """The scenario files in a folder and below it, told apart from other files by their top-level keys."""
    return [path for path in _yaml_files(folder) if is_scenario(path)]


def is_scenario(path: Path) -> bool:
    """Whether a file looks like a scenario: it has two of the top-level keys `scenario`, `agents` and `start`."""
    return len(_top_level_keys(path) & {"scenario", "agents", "start"}) > 1


def is_dialogue_file(path: Path) -> bool:
    """Whether a file looks like a dialogue file: top-level keys `scenario` and `dialogues`, and no agents."""
    keys = _top_level_keys(path)
    return {"scenario", "dialogues"} <= keys and keys.isdisjoint({"agents", "start"})


def _top_level_keys(path: Path) -> set[str]:
    try:
        if not path.is_file() or path.stat().st_size > 2_000_000:
            return set()
        lines = path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff").splitlines()
    except OSError:
        return set()
    return {line.partition(":")[0].strip().strip("\"'") for line in lines if line[:1].isalpha() or line[:1] in "\"'"}


def _yaml_files(folder: Path) -> list[Path]:
    """Those that are not hidden, in order."""
    paths = (path for suffix in _SUFFIXES for path in folder.rglob(f"*{suffix}"))
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _scenario_meant_by(path: Path) -> Path | None:
    """The file that a path means: itself, itself with a suffix, or the scenario in the folder of that name."""
    try:
        if path.is_file():
            return path
        for suffix in _SUFFIXES:
            if path.name and (beside := path.with_name(path.name + suffix)).is_file():
                return beside
        return _scenario_in_folder(path) if path.is_dir() else _scenario_in_its_folder(path)
    except (OSError, ValueError):
        return None


def _scenario_in_folder(folder: Path) -> Path | None:
    for suffix in _SUFFIXES:
        if (same := folder / f"{folder.resolve().name}{suffix}").is_file():
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
        return inside if inside.is_file() else None
    return None


def _names_hint(name: str, folder: Path, examples: Path) -> str:
    given = Path(name)
    known = dict.fromkeys((*_known_names(folder), *_known_names(folder / "scenarios"), *_known_names(examples)))
    guess = nearest(given.name, known) or nearest(given.stem, known)
    if guess is None and (folder / given).parent.is_dir():
        guess = nearest(given.name, _known_names((folder / given).parent))
        guess = str(given.parent / guess) if guess else None
    if guess:
        return f"did you mean '{guess}'?"
    return f"the examples are: {', '.join(_known_names(examples, files=False))}"


def _known_names(folder: Path, *, files: bool = True) -> Iterable[str]:
    if not folder.is_dir():
        return []
    entries = sorted(folder.iterdir())
    names = [entry.name for entry in entries if files and entry.suffix in _SUFFIXES and is_scenario(entry)]
    return names + [entry.name for entry in entries if entry.is_dir() and (entry / f"{entry.name}.yaml").is_file()]
