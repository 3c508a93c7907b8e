"""`scenario run --otel`: who wants spans, where they go, and what is told where they cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from support.warm import conversed

DESK = "scenario: desk\nstart: desk\nagents: {desk: {instructions: Help.}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    return tmp_path


def talked(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    surroundings = {**clean, **environment}
    return conversed("run", "desk.yaml", *options, typed="Hello\n", folder=folder, environment=surroundings)


@pytest.mark.parametrize("options", [["--otel"], []], ids=["asked for", "by the environment"])
def test_spans_go_where_the_environment_says(folder: Path, options: list[str]) -> None:
    pytest.importorskip("opentelemetry.sdk")
    done = talked(folder, *options, OTEL_TRACES_EXPORTER="console")
    assert done.returncode == 0 and not done.stderr
    for name in ("conversation desk", "turn 1", '"service.name": "scenario"', '"gen_ai.provider.name": "offline"'):
        assert name in done.stdout
    assert "Hello" not in done.stdout[done.stdout.index('"conversation desk"') :]


@pytest.mark.parametrize("switch", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
def test_they_are_switched_off_by_the_environment(folder: Path, switch: dict[str, str]) -> None:
    done = talked(folder, "--otel", **switch)
    assert done.returncode == 0 and "conversation desk" not in done.stdout


def test_an_exporter_that_is_not_known_is_named(folder: Path) -> None:
    done = talked(folder, "--otel", OTEL_TRACES_EXPORTER="zipkin")
    assert done.returncode == 2 and "error: OTEL_TRACES_EXPORTER names 'zipkin'" in done.stderr


@pytest.mark.parametrize("variable", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_BSP_MAX_QUEUE_SIZE"])
def test_a_setting_that_makes_no_sense_is_one_line_where_spans_are_wished_for(folder: Path, variable: str) -> None:
    pytest.importorskip("opentelemetry.sdk")
    done = talked(folder, "--otel", OTEL_TRACES_EXPORTER="console", **{variable: "-1"})
    assert done.returncode == 2
    assert done.stderr.startswith("error: OpenTelemetry takes its settings from variables, and not these: ")
    assert "hint: mend the OTEL_ variable, or unset it" in done.stderr
    unasked = talked(folder, OTEL_TRACES_EXPORTER="console", **{variable: "-1"})
    assert (unasked.returncode, unasked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("answers", "told"),
    [([503, 200], "OpenTelemetry says: Transient error "), ([400], "spans were lost: "), ([200], "")],
    ids=["once more", "refused", "taken"],
)
def test_spans_are_said_to_be_lost_where_they_are(folder: Path, answers: list[int], told: str) -> None:
    pytest.importorskip("opentelemetry.sdk")

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(answers.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            place = f"http://127.0.0.1:{server.server_port}"
            done = talked(folder, OTEL_EXPORTER_OTLP_ENDPOINT=place, OTEL_EXPORTER_OTLP_TIMEOUT="30")
        finally:
            server.shutdown()
            serving.join()
    assert done.returncode == 0 and not answers
    assert done.stderr.startswith(told) and (told or not done.stderr)


def without(module: str, folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A conversation where the module cannot be imported."""
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from realtime_scenarios.cli.main import main; main(['run', 'desk.yaml', *{list(options)!r}])"
    )
    surroundings = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", program], input="Hello\n", capture_output=True, text=True, cwd=folder, env=surroundings
    )


def test_what_is_missing_is_named_with_the_way_out(folder: Path) -> None:
    done = without("opentelemetry.exporter", folder, "--otel")
    assert done.returncode == 2 and "spans are wished for, and OpenTelemetry is not installed" in done.stderr
    assert "pip install 'realtime-scenarios[otel]'" in done.stderr


def test_variables_that_are_meant_for_others_disturb_nobody(folder: Path) -> None:
    place = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = without("opentelemetry.exporter", folder, **place)
    assert done.returncode == 0 and not done.stderr


def test_nothing_of_it_is_imported_where_nobody_wants_spans(folder: Path) -> None:
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print([name for name in sys.modules if name.startswith('opentelemetry.sdk')]))\n"
        "from realtime_scenarios.cli.main import main; main(['run', 'desk.yaml'])"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input="Hello\n", capture_output=True, text=True, cwd=folder, env=clean)
    assert done.stdout.splitlines()[-1] == "[]"
