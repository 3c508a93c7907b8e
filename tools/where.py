"""The tables of kinds in docs/where.md, made from the catalogues: `python tools/where.py` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import realtime_scenarios.expectations
import realtime_scenarios.stubs  # noqa: F401  both enter their kinds
from realtime_scenarios.model.expectation import EXPECTATIONS
from realtime_scenarios.model.stub import STUBS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "where.md"


def page(text: str) -> str:
    """The page with its tables of kinds as they must be now."""
    for name, rows in {"stubs": stubs(), "expectations": expectations()}.items():
        table = "| keys | class | file |\n|---|---|---|\n" + "".join(rows)
        text = re.sub(rf"(?s)(<!-- {name} -->\n).*?(<!-- end -->)", rf"\g<1>{table}\g<2>", text)
    return text


def stubs() -> Iterator[str]:
    for _, kind in sorted(STUBS.items()):
        yield row(sorted(kind.keys) or sorted(kind.beside), kind)


def expectations() -> Iterator[str]:
    for key, kind in sorted(EXPECTATIONS.items()):
        yield row([key], kind)


def row(keys: list[str], kind: type) -> str:
    _, _, module = kind.__module__.partition(".")
    return f"| {', '.join(f'`{key}`' for key in keys)} | `{kind.__name__}` | `{module.replace('.', '/')}.py` |\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
