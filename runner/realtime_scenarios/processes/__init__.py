"""The processes that a command starts to have dialogues played, and what is said to them. Importing it costs little."""

from realtime_scenarios.processes.nursery import Nursery, be_alone, cool_down, leave, taken_nursery, warm_up
from realtime_scenarios.processes.wire import Wishes
from realtime_scenarios.processes.zygote import NurseryGone

__all__ = ["Nursery", "NurseryGone", "Wishes", "be_alone", "cool_down", "leave", "taken_nursery", "warm_up"]
