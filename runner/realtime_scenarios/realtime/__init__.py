"""The server side of the OpenAI Realtime protocol: a state machine, who answers in it, and the ways to reach it."""

from realtime_scenarios.realtime.engine import Engine, Transcriber
from realtime_scenarios.realtime.memory import MemoryConnection, connect_in_memory
from realtime_scenarios.realtime.server import Server, serve
from realtime_scenarios.realtime.speech import AudioFormat, Pace

__all__ = [
    "AudioFormat",
    "Engine",
    "MemoryConnection",
    "Pace",
    "Server",
    "Transcriber",
    "connect_in_memory",
    "serve",
]
