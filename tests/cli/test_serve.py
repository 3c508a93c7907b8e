"""`scenario serve`: over TLS, and with parts that hear and speak, or a word about what is wrong with them."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import ssl
import subprocess
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from realtime_scenarios.cli.main import main
from realtime_scenarios.voice import PCM16, decoded, encoded
from support import PROGRAM
from support.sounds import decibels, hum, joined, quiet

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


@needs_openssl
def test_a_client_connects_over_tls_and_one_more_than_there_is_room_for_is_turned_away(folder: Path) -> None:
    options = ["--port", "0", "--tls-cert", "one.pem", "--tls-key", "one.key", "--max-connections", "1"]
    with subprocess.Popen([*PROGRAM, "serve", *options], cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            assert url.startswith("wss://127.0.0.1:")
            trusting = ssl.create_default_context(cafile=folder / "one.pem")
            with connect(url, ssl=trusting, open_timeout=60) as client:
                assert json.loads(client.recv())["type"] == "session.created"
                with pytest.raises(InvalidStatus) as refused, connect(url, ssl=trusting, open_timeout=60):
                    pass
                assert refused.value.response.status_code == 503
        finally:
            server.send_signal(signal.SIGTERM)


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


def test_what_is_spoken_is_written_down_from_a_script_and_answered_in_sound(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("Hello there, who are you?\n", encoding="utf-8")
    options = ["--port", "0", "--stt", "script:lines.txt", "--tts", "tone", "--pace", "fast"]
    program = [*PROGRAM, "serve", *options]
    line = base64.b64encode(encoded(joined([quiet(200), hum(300, 400), quiet(800)]), PCM16)).decode()
    with subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            with connect(server.stdout.readline().split()[-1], open_timeout=60) as client:
                transcription = {"audio": {"input": {"transcription": {"model": "any"}}}}
                client.send(json.dumps({"type": "session.update", "session": {"type": "realtime", **transcription}}))
                client.send(json.dumps({"type": "input_audio_buffer.append", "audio": line}))
                events = [json.loads(client.recv(timeout=60))]
                while events[-1]["type"] != "response.done":
                    events.append(json.loads(client.recv(timeout=60)))
        finally:
            server.send_signal(signal.SIGTERM)
    heard = [event["transcript"] for event in events if event["type"].endswith("input_audio_transcription.completed")]
    assert heard == ["Hello there, who are you?"]
    sound = b"".join(base64.b64decode(e["delta"]) for e in events if e["type"] == "response.output_audio.delta")
    assert decibels(decoded(sound, PCM16)) > -30


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--stt", "scrip:lines.txt"], 2, "did you mean 'script'?"),
        (["--stt", "script"], 3, "name its file: script:lines.txt"),
        (["--stt", "script:none.txt"], 3, "cannot read 'none.txt': No such file"),
        (["--tts", "flit"], 2, "did you mean 'flite'?"),
        (["--vad", "louder"], 2, "unknown voice detector 'louder'"),
        (["--tts", "http://[/v1"], 3, "is no URL"),
        (["--voice-key-env", "NO_SUCH_KEY"], 3, "leave --voice-key-env out"),
    ],
)
def test_a_part_that_cannot_be_had_is_one_line(
    options: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", "--port", "0", *options])
    printed = capsys.readouterr().err
    assert left.value.code == code
    assert said in printed and "Traceback" not in printed
