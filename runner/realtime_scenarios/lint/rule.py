"""What a rule is: a function from a scenario and its dialogues to diagnostics, documented by its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal, get_args

from msgspec import Struct

from realtime_scenarios.core import Diagnostic, Registry, Related, Severity, Span
from realtime_scenarios.document import CODES
from realtime_scenarios.model import Dialogue, Scenario

Profile = Literal["basic", "realtime", "metaprompt"]

PROFILES: tuple[Profile, ...] = get_args(Profile)
"""From the most lenient to the strictest; each one holds the rules of those before it."""


class Subject(Struct, frozen=True):
    """What rules look at: a scenario that could be built, and its dialogues.

    `as_of` is the day by which dates are judged; None: they are left alone.
    """

    scenario: Scenario
    dialogues: tuple[Dialogue, ...]
    as_of: date | None = None


class Finding(Struct, frozen=True):
    """What a rule found; the rule adds its code, name and severity.

    `missing` is the name that means nothing, where that is what was found: it may mean something once other mistakes
    are mended.
    """

    message: str
    span: Span
    hint: str | None = None
    related: tuple[Related, ...] = ()
    missing: str | None = None


Check = Callable[[Subject], Iterator[Finding]]


class Rule(Struct, frozen=True):
    """`documentation` is the docstring: what is wrong (Problem) and what to write (Instead).

    An error `keeps_from_running`, unless what it finds fails somewhere else than here, or on another day than today.
    `of_whole`: it says that something never happens, or is nowhere used or found out; so it may follow from any name
    that is not the one that was meant. `misnames`: so may everything that it finds be such a name.
    """

    code: str
    name: str
    severity: Severity
    check: Check
    documentation: str
    profile: Profile = "basic"
    needs_all: bool = False
    keeps_from_running: bool = True
    of_whole: bool = False
    misnames: bool = False

    @property
    def meaning(self) -> str:
        return self.documentation.partition("\n")[0]

    def is_in(self, profile: Profile) -> bool:
        """Whether the rule is looked at under this profile."""
        return PROFILES.index(self.profile) <= PROFILES.index(profile)

    def diagnostic(self, finding: Finding) -> Diagnostic:
        return Diagnostic(
            self.code, self.name, finding.message, finding.span, self.severity, finding.hint, finding.related
        )

    def diagnostics(self, subject: Subject) -> Iterator[Diagnostic]:
        return map(self.diagnostic, self.check(subject))


RULES: Registry[Rule] = Registry("rule")

_CODES_OF_READING = {word for code in CODES.values() for word in (code.code, code.name)}
"""Codes and names that mean something before any rule looks."""


def rule(
    code: str,
    name: str,
    severity: Severity = "error",
    profile: Profile = "basic",
    *,
    needs_all: bool = False,
    keeps_from_running: bool = True,
    of_whole: bool = False,
    misnames: bool = False,
) -> Callable[[Check], Check]:
    """Registers a check as a rule. `needs_all`: it says nothing about a file of which only a part can be read.

    `keeps_from_running`, `of_whole` and `misnames`: see `Rule`; the first says something about errors alone.

    Raises:
        ValueError: the code or the name means something else already.
    """
    taken = _CODES_OF_READING.union(*((code, known.name) for code, known in RULES.items())) & {code, name}
    if taken:
        raise ValueError(f"rule {code} '{name}' cannot be added: {', '.join(sorted(taken))} is there already")

    def register(check: Check) -> Check:
        documentation = inspect.getdoc(check) or ""
        keeps = severity == "error" and keeps_from_running
        RULES.add(
            code,
            Rule(code, name, severity, check, documentation, profile, needs_all, keeps, of_whole, misnames),
        )
        return check

    return register
