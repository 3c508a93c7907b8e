"""All codes of diagnostics as one page of Markdown, made by `python -m realtime_scenarios.lint.codes`."""

from __future__ import annotations

import sys

from realtime_scenarios.document.codes import CODES
from realtime_scenarios.lint import RULES

_OPENING = """\
# All codes

Made from the catalogues by `python -m realtime_scenarios.lint.codes`. `scenario lint --list` prints the same list, and
`scenario lint --explain CODE` says what a code means and, of a rule, what to do instead. Codes and names are stable.

What cannot be read (SC0, SC1) is always an error. Rules of lint (SC2 and up) have [a page](lint.md) that says what the
problem is and what to write instead; a warning can be left out with `lint: {ignore: [CODE or name]}`.
"""
_SECTION_TITLES = {"SC0": "Files", "SC10": "YAML", "SC11": "YAML", "SC12": "Includes", "SC14": "Form", "SC16": "Values"}


def page() -> str:
    """The page, ending in a line feed."""
    return "\n".join([_OPENING, *_sections_of_reading(), *_section_of_rules()])


def _sections_of_reading() -> list[str]:
    sections: dict[str, list[str]] = {}
    for code in sorted(CODES.values(), key=lambda code: code.code):
        section = next(title for prefix, title in _SECTION_TITLES.items() if code.code.startswith(prefix))
        sections.setdefault(section, []).append(f"| {code.code} | `{code.name}` | {code.meaning} |\n")
    return [
        f"## {title}\n\n| code | name | meaning |\n|---|---|---|\n{''.join(rows)}" for title, rows in sections.items()
    ]


def _section_of_rules() -> list[str]:
    rules = sorted((rule for _, rule in RULES.items()), key=lambda rule: rule.code)
    rows = [
        f"| [{rule.code}](lint.md#{rule.code.lower()}-{rule.name}) | `{rule.name}` "
        f"| {rule.severity} | `{rule.profile}` | {rule.meaning} |\n"
        for rule in rules
    ]
    return [f"## Rules\n\n| code | name | kind | profile | meaning |\n|---|---|---|---|---|\n{''.join(rows)}"]


if __name__ == "__main__":
    sys.stdout.write(page())
