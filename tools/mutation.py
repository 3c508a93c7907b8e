"""The tables of docs/mutation.md: `python tools/mutation.py` writes that of the kinds anew.

Given files in which `scenario mutate --format json` has told of scenarios, it writes the tables of these as well:

    scenario mutate scenarios --format json > all.json && python tools/mutation.py all.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from realtime_scenarios.mutation import KINDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "mutation.md"
NOTICED = ("lint", "dialogue")
COUNTED = (*NOTICED, "survived")


def page(text: str, told: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page with its tables as they must be now. `told` are scenarios; none: what is said of them stays."""
    tables = {"kinds": kinds()}
    if told:
        tables |= {"scenarios": scenarios(told), "by kind": by_kind(told)}
    for name, rows in tables.items():
        begin, rest = text.split(f"<!-- {name} -->\n")
        text = "\n".join([f"{begin}<!-- {name} -->", *rows, "<!-- end -->"]) + rest.partition("<!-- end -->")[2]
    return text


def kinds() -> Iterator[str]:
    yield "| kind | in its mutants |"
    yield "|---|---|"
    for name, kind in sorted(KINDS.items()):
        yield f"| `{name}` | {kind.meaning} |"


def scenarios(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| scenario | noticed | | by lint | by dialogues | survive | not counted |"
    yield "|---|---|---|---|---|---|---|"
    for each in sorted(told, key=lambda each: str(each["scenario"])):
        left = each["mutants"] - each["tried"]
        name = Path(each["scenario"]).stem + (f", without {left} that were not tried" if left else "")
        yield (
            f"| {name} | {each['noticed']} of {each['counted']} | {each['percent']:.1f} % "
            f"| {each['lint']} | {each['dialogue']} | {each['survived']} | {each['same'] + each['no_scenario']} |"
        )
    noticed, counted = (sum(each[key] for each in told) for key in ("noticed", "counted"))
    rest = " | ".join(str(sum(each[key] for each in told)) for key in ("lint", "dialogue", "survived"))
    left = sum(each["same"] + each["no_scenario"] for each in told)
    yield f"| **all** | {noticed} of {counted} | {100 * noticed / counted:.1f} % | {rest} | {left} |"


def by_kind(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    outcomes = [outcome for each in told for outcome in each["outcomes"]]
    counted = Counter(outcome["kind"] for outcome in outcomes if outcome["fate"] in COUNTED)
    noticed = Counter(outcome["kind"] for outcome in outcomes if outcome["fate"] in NOTICED)
    yield "| kind | noticed |"
    yield "|---|---|"
    for name in sorted(counted):
        yield f"| `{name}` | {noticed[name]} of {counted[name]} |"


def main(files: Sequence[str]) -> None:
    told = [each for file in files for each in json.loads(Path(file).read_text(encoding="utf-8"))["scenarios"]]
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), told), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
