"""The ground floor: places and diagnostics, errors, the registry, time, ids, secrets, resource paths."""

from runner.core.clock import Clock, Ids
from runner.core.errors import ProviderError, ScenarioError, StalledError, UsageError
from runner.core.json_text import parsed_json
from runner.core.place import Diagnostic, Related, Severity, Span, in_reading_order
from runner.core.redaction import Secrets
from runner.core.registry import Registry
from runner.core.resources import resource_folder
from runner.core.words import did_you_mean, listed, nearest, sendable

__all__ = [
    "Clock",
    "Diagnostic",
    "Ids",
    "ProviderError",
    "Registry",
    "Related",
    "ScenarioError",
    "Secrets",
    "Severity",
    "Span",
    "StalledError",
    "UsageError",
    "did_you_mean",
    "in_reading_order",
    "listed",
    "nearest",
    "parsed_json",
    "resource_folder",
    "sendable",
]
