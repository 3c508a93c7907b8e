"""Why a dialogue has no verdict when its worker is gone, in words."""

from __future__ import annotations

import signal

from realtime_scenarios.core import WorkerError
from realtime_scenarios.processes.wire import Ended


def loss_by_time(seconds: float, ended: Ended) -> WorkerError:
    """It took longer than it may."""
    message = f"it took longer than {seconds:g} s by the wall clock{_whereabouts(ended)}"
    return WorkerError(message, hint="`--wall-timeout SECONDS` gives it longer", turn=ended.turn)


def loss_by_death(ended: Ended) -> WorkerError:
    """Its process ended, whoever did that."""
    return loss_by_fault(f"its process {end_in_words(ended.status)}", ended)


def loss_by_fault(fault: str, ended: Ended) -> WorkerError:
    """Its process had to be ended; `fault` says why."""
    return WorkerError(f"{fault}{_whereabouts(ended)}", turn=ended.turn)


def loss_by_error(problem: str) -> WorkerError:
    """The play ended in an error that nobody has foreseen."""
    return WorkerError(
        f"this should not have happened: {problem}", hint="`scenario --debug test --in-process` shows where it did"
    )


def end_in_words(status: int) -> str:
    """How a process ended; `status` is its exit code, or a signal as a negative number."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _whereabouts(ended: Ended) -> str:
    tool = f" while '{ended.tool}' was at work" if ended.tool else ""
    return f", in turn {ended.turn}{tool}" if ended.turn else f", before the first turn{tool}"
