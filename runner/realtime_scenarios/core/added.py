"""What packages of others bring: imported late, and when it cannot be, told in one line with whose it is."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from realtime_scenarios.core.errors import ScenarioError


def added_module(name: str, what: str) -> ModuleType:
    """The module of that name; `what` it is to us, and whose, opens the message.

    Raises:
        ScenarioError: it is not there, or fails in any way while it is imported.
    """
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as problem:
        raise ScenarioError(
            f"{what} cannot be imported: {reason_of(problem)}", hint="mend or uninstall it"
        ) from problem


def added_item(home: str, what: str) -> Any:
    """What is at `home` (`module:attribute`).

    Raises:
        ScenarioError: it is not there, or fails in any way while it is imported.
    """
    module, _, attribute = home.partition(":")
    found = added_module(module, what)
    if not hasattr(found, attribute):
        raise ScenarioError(f"{what} is not there: '{module}' has no '{attribute}'", hint="mend or uninstall it")
    return getattr(found, attribute)


def reason_of(problem: BaseException) -> str:
    """What went wrong in code of others, in one line."""
    return " ".join(raised_text(problem).split())[:300].rstrip(": ")


def first_line_of(problem: Exception) -> str:
    """What a service of others says went wrong, short enough for a message of ours; its type where it says nothing."""
    return next((line.strip()[:200] for line in str(problem).splitlines() if line.strip()), type(problem).__name__)


def raised_text(problem: BaseException) -> str:
    """What was raised in code of others, as one reads it below a traceback; its text may fail in itself."""
    kind = type(problem).__name__
    try:
        return f"{kind}: {problem}"
    except BaseException:
        return kind
