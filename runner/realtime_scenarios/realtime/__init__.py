"""Client events to server events, as OpenAI's Realtime protocol has them: a state machine, and the ways to reach it."""

from realtime_scenarios.realtime.engine import Engine, Parts
from realtime_scenarios.realtime.exchange import Beside
from realtime_scenarios.realtime.memory import MemoryConnection, connect_in_memory
from realtime_scenarios.realtime.server import Server, serve, serve_visitors
from realtime_scenarios.realtime.speech import AudioFormat, Pace

__all__ = [
    "AudioFormat",
    "Beside",
    "Engine",
    "MemoryConnection",
    "Pace",
    "Parts",
    "Server",
    "connect_in_memory",
    "serve",
    "serve_visitors",
]
