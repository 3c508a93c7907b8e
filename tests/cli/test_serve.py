"""`scenario serve`: over TLS, for other machines, for a limited time, or a word about what is wrong with that."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from realtime_scenarios.cli.main import main
from support import PROGRAM

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate")

NEW = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=localhost"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two certificates for this machine with their keys, and a key that wants a password."""
    folder = tmp_path_factory.mktemp("tls")
    for name, secret in (("one", ["-nodes"]), ("two", ["-nodes"]), ("locked", ["-passout", "pass:secret"])):
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run([*NEW, *secret, *files], cwd=folder, check=True, capture_output=True)
    (folder / "text").write_text("no certificate", encoding="utf-8")
    return folder


@contextlib.contextmanager
def serving(*options: str, folder: Path | None = None, **environment: str) -> Iterator[str]:
    """The command as a process of its own; the address that it prints."""
    command = [*PROGRAM, "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.send_signal(signal.SIGTERM)


def test_a_session_has_as_many_minutes_as_it_is_given() -> None:
    with serving("--session-limit", "0.01") as url, connect(url, open_timeout=60) as client:
        assert json.loads(client.recv())["session"]["expires_at"] > 0
        assert json.loads(client.recv())["error"]["message"] == "Your session hit the maximum duration of 0.01 minutes."
        with pytest.raises(ConnectionClosed) as closed:
            client.recv()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1001


def test_a_server_for_other_machines_wants_a_key() -> None:
    with serving("--host", "0.0.0.0", "--api-key-env", "KEY", KEY="sk-1") as url:
        address = url.replace("0.0.0.0", "127.0.0.1")
        with pytest.raises(InvalidStatus) as refused, connect(address, open_timeout=60):
            pass
        assert refused.value.response.status_code == 401
        with connect(address, additional_headers={"Authorization": "Bearer sk-1"}, open_timeout=60) as client:
            assert json.loads(client.recv())["type"] == "session.created"


@needs_openssl
def test_a_client_connects_over_tls_and_one_more_than_there_is_room_for_is_turned_away(folder: Path) -> None:
    options = ["--tls-cert", "one.pem", "--tls-key", "one.key", "--max-connections", "1"]
    with serving(*options, folder=folder) as url:
        assert url.startswith("wss://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=folder / "one.pem")
        with connect(url, ssl=trusting, open_timeout=60) as client:
            assert json.loads(client.recv())["type"] == "session.created"
            with pytest.raises(InvalidStatus) as refused, connect(url, ssl=trusting, open_timeout=60):
                pass
            assert refused.value.response.status_code == 503


@needs_openssl
@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--tls-cert", "one.pem"], 2, "give both --tls-cert and --tls-key"),
        (["--tls-key", "one.key"], 2, "give both --tls-cert and --tls-key"),
        (["--tls-cert", "none.pem", "--tls-key", "one.key"], 3, "cannot read 'none.pem': No such file"),
        (["--tls-cert", "one.pem", "--tls-key", "."], 3, "cannot read '.': Is a directory"),
        (["--tls-cert", "one.pem", "--tls-key", "two.key"], 3, "'two.key' is not the private key of 'one.pem'"),
        (["--tls-cert", "text", "--tls-key", "one.key"], 3, "both must be PEM"),
        (["--tls-cert", "locked.pem", "--tls-key", "locked.key"], 3, "the key without a password"),
        (["--max-connections", "0"], 2, "0 is not in the range"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_one_line(
    folder: Path,
    options: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as left:
        main(["serve", "--port", "0", *options])
    printed = capsys.readouterr().err
    assert left.value.code == code
    assert said in printed and "Traceback" not in printed
