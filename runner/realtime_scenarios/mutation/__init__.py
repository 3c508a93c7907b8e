"""A scenario with one thing changed at a time, and whether its dialogues would notice."""

from realtime_scenarios.mutation import kinds
from realtime_scenarios.mutation.mutant import KINDS, Mutant, mutants_of
from realtime_scenarios.mutation.subject import Change, Subject

__all__ = ["KINDS", "Change", "Mutant", "Subject", "kinds", "mutants_of"]
