"""Rules about dialogues that cannot be: names that mean nothing, and moves that the scenario does not allow."""

from realtime_scenarios.lint.dialogues import callers, decisions, interruptions, moves, names

__all__ = ["callers", "decisions", "interruptions", "moves", "names"]
