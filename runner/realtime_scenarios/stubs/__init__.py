"""What a tool answers, one file a kind: the modules imported here are the catalogue.

Reading a scenario needs the kinds, but not what their answers need: that is imported by the calls themselves.
"""

from realtime_scenarios.stubs import (
    cases,
    catalogue,
    http,
    model,
    nothing,
    python,
    query,
    returns,
    sequence,
    supervisor,
)

__all__ = ["cases", "catalogue", "http", "model", "nothing", "python", "query", "returns", "sequence", "supervisor"]
