"""What the world may do to us: errors that are shown as one line with the way out, never as a traceback."""

from __future__ import annotations

from collections.abc import Iterable

from realtime_scenarios.core.place import Diagnostic

_MOST_LISTED = 5
"""So many mistakes stand in the message; all of them are in `diagnostics`."""


class ScenarioError(Exception):
    """A wrong of the world: a missing key, an unreachable host, a file that cannot be written.

    `hint` is the way out, shown on its own line; None where the message already says it.
    """

    exit_code = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ScenarioError):
    """The command line asks for something that does not exist, such as an unknown provider or dialogue."""

    exit_code = 2


class NothingCheckedError(UsageError):
    """There is nothing to check, and so nothing holds: a run of tests that checks nothing is no good run."""

    exit_code = 1


class ProviderError(ScenarioError):
    """The model cannot be reached: no key, a wrong key, no such host, a refused handshake, a dropped socket."""


class StalledError(ScenarioError):
    """A wait ran into its bound; the message says what was waited for and for how long."""


class WorkerError(ScenarioError):
    """The process in which a dialogue was played ended, or had to be ended. `turn` is where it was; 0: nowhere yet."""

    def __init__(self, message: str, *, hint: str | None = None, turn: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.turn = turn


class MistakesError(ScenarioError):
    """Mistakes in the author's files keep a scenario from being run; `diagnostics` are all of them."""

    exit_code = 1

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        told = [str(found) for found in self.diagnostics[:_MOST_LISTED]]
        left = len(self.diagnostics) - len(told)
        super().__init__("\n".join([*told, *([f"and {left} more"] if left else [])]))
