"""What axe has to say of a page in Chromium, wide and narrow, in light colours and in dark ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from support.javascript import installed
from support.studio_browser import NARROW, WIDE

_FOLDER = Path(__file__).parent.parent / "studio" / "js" / "axe"
_LIGHT = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_DARK = ["color-contrast", "link-in-text-block"]
"""The rules that ask for colours: to all others a page is the same as in light ones."""

each_size = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


def findings(page: Page) -> list[str]:
    """What axe has to say, and where."""
    if not page.evaluate("'axe' in window"):
        source = (installed(_FOLDER, "axe") / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        page.evaluate(f"() => {{ {source}; }}")
    page.emulate_media(reduced_motion="reduce")  # colours are those of the scheme at once
    return [
        f"{found['id']}, {scheme}: {node['target']} {node['html'][:120]}"
        for scheme, rules in (("dark", _DARK), ("light", _LIGHT))
        for found in _violations(page, scheme, rules)
        for node in found["nodes"]
    ]


def _violations(page: Page, scheme: Any, rules: list[str]) -> Any:
    page.emulate_media(color_scheme=scheme)
    return page.evaluate("(rules) => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)["violations"]
