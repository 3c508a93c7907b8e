"""A caller who is no script, played by rules: what the agent said, to what the caller says next."""

from realtime_scenarios.personas.rules import Line, RuledCaller, Standing

__all__ = ["Line", "RuledCaller", "Standing"]
