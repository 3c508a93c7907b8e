"""Whether spans are wanted of a conversation, and where they go: `--otel`, and the environment of OpenTelemetry."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from logging.handlers import BufferingHandler
from typing import TYPE_CHECKING, Any

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError

if TYPE_CHECKING:
    from realtime_scenarios.session.spans import Telemetry

_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_INSTALL = "install what sends them: pip install 'realtime-scenarios[otel]'"
_PATIENCE = 3.0
"""Seconds for what is sent, all attempts together: a person waits for the last of it."""

_MOST_PROBLEMS = 1_000_000
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
    exporter = _exporter(wished, environment)
    if exporter is None:
        yield None
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from realtime_scenarios.session.spans import OURS, Telemetry

    problems = BufferingHandler(_MOST_PROBLEMS)  # in place of lines on the terminal
    problems.setLevel(logging.WARNING)
    log = logging.getLogger("opentelemetry")
    log.addHandler(problems)
    propagates, log.propagate = log.propagate, False
    named = {} if "OTEL_SERVICE_NAME" in environment else {"service.name": "scenario"}
    tracing = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    tracing.add_span_processor(BatchSpanProcessor(exporter))
    try:
        content = environment.get(_CONTENT, "").strip().lower() in ("true", "1", "span_only", "span_and_event")
        yield Telemetry(tracing.get_tracer(OURS), _CONVENTIONAL.get(provider, provider), content)
    finally:
        tracing.shutdown()
        log.removeHandler(problems)
        log.propagate = propagates
        if problems.buffer:
            echo(f"spans were lost: {' '.join(problems.buffer[0].getMessage().split())[:200]}", err=True)


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
