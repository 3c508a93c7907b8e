"""Voice agents as YAML: read, prove, rehearse, run and regression-test OpenAI Realtime scenarios.

What is listed here is the public face, and all that is promised to stay. Importing it costs next to nothing; reading
and checking never load the SDK, `replay` and `converse` do when they are called.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime_scenarios.api import Where, check, converse, load, replay
    from realtime_scenarios.core import (
        Diagnostic,
        MistakesError,
        ProviderError,
        ScenarioError,
        Span,
        StalledError,
        UsageError,
        WorkerError,
    )
    from realtime_scenarios.expectations import Verdict
    from realtime_scenarios.model import Dialogue, Scenario
    from realtime_scenarios.project import Plugin
    from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest, Approver, Conversation
    from realtime_scenarios.suite.recording import Recording, record
    from realtime_scenarios.trace import (
        AgentSaid,
        ApprovalDecided,
        ApprovalIncomplete,
        ApprovalRequested,
        ContextChanged,
        GuardrailChecked,
        GuardrailTripped,
        HandedOff,
        HandoffRefused,
        Interrupted,
        ModelAnswered,
        ModelAsked,
        ModelError,
        Reconnected,
        SessionEnded,
        StateEntered,
        StateRefused,
        ToolCalled,
        ToolReturned,
        Trace,
        TraceEvent,
        TranscriptionReplaced,
        UserSaid,
        UserShowed,
        UserSilent,
    )
    from realtime_scenarios.verdicts import DialogueResult

_HOME = {
    "api": ("Where", "check", "converse", "load", "replay"),
    "core": (
        "Diagnostic",
        "MistakesError",
        "ProviderError",
        "ScenarioError",
        "Span",
        "StalledError",
        "UsageError",
        "WorkerError",
    ),
    "expectations": ("Verdict",),
    "model": ("Dialogue", "Scenario"),
    "project": ("Plugin",),
    "session": ("ApprovalAnswer", "ApprovalRequest", "Approver", "Conversation"),
    "suite.recording": ("Recording", "record"),
    "trace": (
        "AgentSaid",
        "ApprovalDecided",
        "ApprovalIncomplete",
        "ApprovalRequested",
        "ContextChanged",
        "GuardrailChecked",
        "GuardrailTripped",
        "HandedOff",
        "HandoffRefused",
        "Interrupted",
        "ModelAnswered",
        "ModelAsked",
        "ModelError",
        "Reconnected",
        "SessionEnded",
        "StateEntered",
        "StateRefused",
        "ToolCalled",
        "ToolReturned",
        "Trace",
        "TraceEvent",
        "TranscriptionReplaced",
        "UserSaid",
        "UserShowed",
        "UserSilent",
    ),
    "verdicts": ("DialogueResult",),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "AgentSaid",
    "ApprovalAnswer",
    "ApprovalDecided",
    "ApprovalIncomplete",
    "ApprovalRequest",
    "ApprovalRequested",
    "Approver",
    "ContextChanged",
    "Conversation",
    "Diagnostic",
    "Dialogue",
    "DialogueResult",
    "GuardrailChecked",
    "GuardrailTripped",
    "HandedOff",
    "HandoffRefused",
    "Interrupted",
    "MistakesError",
    "ModelAnswered",
    "ModelAsked",
    "ModelError",
    "Plugin",
    "ProviderError",
    "Reconnected",
    "Recording",
    "Scenario",
    "ScenarioError",
    "SessionEnded",
    "Span",
    "StalledError",
    "StateEntered",
    "StateRefused",
    "ToolCalled",
    "ToolReturned",
    "Trace",
    "TraceEvent",
    "TranscriptionReplaced",
    "UsageError",
    "UserSaid",
    "UserShowed",
    "UserSilent",
    "Verdict",
    "Where",
    "WorkerError",
    "check",
    "converse",
    "load",
    "record",
    "replay",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'realtime_scenarios' has no attribute '{name}'")
    return getattr(importlib.import_module(f"realtime_scenarios.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
