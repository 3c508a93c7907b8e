"""Whether spans are wanted of a conversation, and where they go: `--otel`, and the environment of OpenTelemetry."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from realtime_scenarios.session.spans import Telemetry

_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_INSTALL = "install what sends them: pip install 'realtime-scenarios[otel]'"
_PATIENCE = 3.0
"""Seconds for what is sent, all attempts together: a person waits for the last of it."""

_CONVENTIONAL = {"openai": "openai", "azure": "azure.ai.openai"}
"""Names of providers in the conventions; the others keep their own."""


@contextlib.contextmanager
def telemetry_to(wished: bool, environment: Mapping[str, str], provider: str) -> Iterator[Telemetry | None]:
    """Where the spans of a conversation go until the block ends; None: nobody wants any.

    They are wanted where `wished` says so, and where the environment names an exporter or where to send to. What cannot
    be sent is told in one line at the end.

    Raises:
        UsageError: they are wished for, and cannot be made or sent.
    """
    complaints = _Complaints(logging.WARNING)  # in place of lines on the terminal
    log = logging.getLogger("opentelemetry")
    log.addHandler(complaints)
    propagates, log.propagate = log.propagate, False
    tracing = None
    try:
        tracing = _tracing(wished, environment)
        yield None if tracing is None else _telemetry(tracing, environment, provider)
    finally:
        if tracing is not None:
            tracing.shutdown()
        log.removeHandler(complaints)
        log.propagate = propagates
        if complaints.first is not None and tracing is not None:
            what = "spans were lost" if complaints.is_serious else "OpenTelemetry says"
            echo(f"{what}: {' '.join(complaints.first.split())[:200]}", err=True)


class _Complaints(logging.Handler):
    """The first thing that was complained of, None: nothing was. `is_serious`: something could not be done at all.

    What fails once is tried again, and only complained of as an error when that was of no use.
    """

    first: str | None = None
    is_serious = False

    def emit(self, record: logging.LogRecord) -> None:
        self.first = self.first or record.getMessage()
        self.is_serious = self.is_serious or record.levelno >= logging.ERROR


def _telemetry(tracing: TracerProvider, environment: Mapping[str, str], provider: str) -> Telemetry:
    from realtime_scenarios.session.spans import OURS, Telemetry

    content = environment.get(_CONTENT, "").strip().lower() in ("true", "1", "span_only", "span_and_event")
    return Telemetry(tracing.get_tracer(OURS), _CONVENTIONAL.get(provider, provider), content)


def _tracing(wished: bool, environment: Mapping[str, str]) -> TracerProvider | None:
    """What sends spans; None: nobody wants any, or the variables are meant for others."""
    try:
        exporter = _exporter(wished, environment)
        if exporter is None:
            return None
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        named = {} if "OTEL_SERVICE_NAME" in environment else {"service.name": "scenario"}
        tracing = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        tracing.add_span_processor(BatchSpanProcessor(exporter))
        return tracing
    except ValueError as problem:  # of a variable: some are read when the SDK is imported
        if not wished:
            return None
        message = f"OpenTelemetry takes its settings from variables, and not these: {problem}"
        raise UsageError(message, hint="mend the OTEL_ variable, or unset it") from problem


def _exporter(wished: bool, environment: Mapping[str, str]) -> Any:
    """What sends spans; None: nothing does."""
    named = environment.get("OTEL_TRACES_EXPORTER", "").strip()
    has_place = any(environment.get(f"OTEL_EXPORTER_OTLP_{part}ENDPOINT") for part in ("", "TRACES_"))
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or named == "none"
    if is_off or not (wished or named or has_place):
        return None
    try:
        if named == "console":
            from opentelemetry.sdk.trace.export import ConsoleSpanExporter

            return ConsoleSpanExporter()
        if named in ("", "otlp"):
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            has_timeout = any(environment.get(f"OTEL_EXPORTER_OTLP_{part}TIMEOUT") for part in ("", "TRACES_"))
            return OTLPSpanExporter(timeout=None if has_timeout else _PATIENCE)
    except ImportError as problem:
        if not wished:
            return None  # the variables may be meant for others
        raise UsageError("spans are wished for, and OpenTelemetry is not installed", hint=_INSTALL) from problem
    if not wished:
        return None
    raise UsageError(f"OTEL_TRACES_EXPORTER names '{named}'", hint="otlp (over HTTP), console and none are known")
