"""What no dialogue meets, to dialogues that meet it: moves are tried where they can be made, shortest ways first."""

from realtime_scenarios.generation.search import Generated, Search
from realtime_scenarios.generation.written import dialogue_file

__all__ = ["Generated", "Search", "dialogue_file"]
