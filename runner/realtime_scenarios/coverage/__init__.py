"""Traces to what of a scenario they have met: agents, edges, states, answers, decisions of people, gates."""

from realtime_scenarios.coverage.items import KIND_NAMES, Item, ItemKind, Key, items_of
from realtime_scenarios.coverage.record import Coverage, Share, share_of
from realtime_scenarios.coverage.seen import keys_in
from realtime_scenarios.coverage.written import WrittenCoverage, as_data, read_coverage

__all__ = [
    "KIND_NAMES",
    "Coverage",
    "Item",
    "ItemKind",
    "Key",
    "Share",
    "WrittenCoverage",
    "as_data",
    "items_of",
    "keys_in",
    "read_coverage",
    "share_of",
]
