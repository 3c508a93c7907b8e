"""The server side of the OpenAI Realtime protocol: a state machine, who answers in it, and the ways to reach it."""

from runner.realtime.engine import Engine, Transcriber
from runner.realtime.memory import MemoryConnection, connect_in_memory
from runner.realtime.server import Server, serve
from runner.realtime.speech import AudioFormat, Pace

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
