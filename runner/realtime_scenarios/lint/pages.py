"""All rules as one page of Markdown, made from their docstrings by `python -m realtime_scenarios.lint.pages`."""

from __future__ import annotations

import re
import sys

from realtime_scenarios.lint import PROFILES, RULES, Rule

_OPENING = """\
# Rules of lint

Made from the rules' own words by `python -m realtime_scenarios.lint.pages`. `scenario lint --explain CODE` says the
same of one.

Errors keep a scenario from being run; `scenario validate` reports them as well. (Errors about models do not: offline
any name will do, and a service changes its mind from day to day. Only `lint` tells them.) Warnings are about what can
be run, but will not go well. `lint: {ignore: [CODE or name]}` in a scenario leaves a warning out; an error cannot be
left out.

Rules belong to a profile. `basic` holds everywhere, `realtime` adds what the prompting guides for Realtime models ask
for, and `metaprompt` adds the sections and states of the voice agent metaprompt. Each one holds those before it. A file
chooses with `lint: {profile: realtime}`; `--profile` on the command line adds to what the file asks for.
"""

_FAMILIES = {
    "SC2": "Names",
    "SC3": "Code inside a scenario",
    "SC4": "Dialogues",
    "SC5": "The scenario as a whole",
    "SC6": "Prompts, states and tools",
    "SC8": "Models and their settings",
}


def pages() -> str:
    """The page, ending in a line feed."""
    rules = sorted((rule for _, rule in RULES.items()), key=lambda rule: rule.code)
    parts = [_OPENING]
    for family in sorted({rule.code[:3] for rule in rules}):
        members = [rule for rule in rules if rule.code.startswith(family)]
        parts.append(f"## {_FAMILIES.get(family, family + 'xx')}\n")
        parts += [_entry_of(rule) for rule in members]
    return "\n".join(parts)


def _entry_of(rule: Rule) -> str:
    kind = rule.severity if rule.profile == PROFILES[0] else f"{rule.severity}, profile `{rule.profile}`"
    lines = [f"### {rule.code} {rule.name}\n", f"{rule.meaning} *({kind})*\n"]
    rest = rule.documentation.partition("\n")[2]
    for word, text in re.findall(r"(Problem|Instead): (.*?)(?=\n\s*(?:Problem|Instead): |\Z)", rest, re.DOTALL):
        lines.append(f"- **{word}:** {' '.join(text.split())}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(pages())
