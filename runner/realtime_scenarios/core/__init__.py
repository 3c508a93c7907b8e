"""The ground floor: places and diagnostics, errors, the registry, time, ids, secrets, resource paths."""

from realtime_scenarios.core.added import added_module, first_line_of, raised_text, reason_of
from realtime_scenarios.core.clock import Clock, Ids
from realtime_scenarios.core.errors import (
    MistakesError,
    NothingCheckedError,
    ProviderError,
    ScenarioError,
    StalledError,
    UsageError,
    WorkerError,
)
from realtime_scenarios.core.json_text import parsed_json
from realtime_scenarios.core.place import Diagnostic, Related, Severity, Span, in_reading_order
from realtime_scenarios.core.promises import broken_promises, promised
from realtime_scenarios.core.redaction import Secrets
from realtime_scenarios.core.registry import Registry
from realtime_scenarios.core.resources import resource_folder
from realtime_scenarios.core.words import counted, did_you_mean, is_unsaid, listed, nearest, sendable

__all__ = [
    "Clock",
    "Diagnostic",
    "Ids",
    "MistakesError",
    "NothingCheckedError",
    "ProviderError",
    "Registry",
    "Related",
    "ScenarioError",
    "Secrets",
    "Severity",
    "Span",
    "StalledError",
    "UsageError",
    "WorkerError",
    "added_module",
    "broken_promises",
    "counted",
    "did_you_mean",
    "first_line_of",
    "in_reading_order",
    "is_unsaid",
    "listed",
    "nearest",
    "parsed_json",
    "promised",
    "raised_text",
    "reason_of",
    "resource_folder",
    "sendable",
]
