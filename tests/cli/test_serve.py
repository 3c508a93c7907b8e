"""`scenario serve`: over TLS, for other machines, for a limited time, with parts that hear and speak, for a dialogue.

And a word about what is wrong with any of that.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect as asyncio_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from realtime_scenarios.cli.main import main
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.voice import PCM16, decoded, encoded
from support import PROGRAM
from support.command_line import run
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


DESK = Path(__file__).parent.parent / "serving" / "desk.yaml"


def refused_call(url: str, answer: str) -> None:
    """A client of the dialogue `refused` whose function answers so, and that leaves when it is over."""

    def until_done(client: ClientConnection) -> list[dict[str, Any]]:
        while (event := json.loads(client.recv()))["type"] != "response.done":
            pass
        found: list[dict[str, Any]] = event["response"]["output"]
        return found

    with connect(url, open_timeout=60) as client:
        part = {"type": "input_text", "text": "Just look it up."}
        for event in (
            {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}},
            {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [part]}},
            {"type": "response.create"},
        ):
            client.send(json.dumps(event))
        (call,) = until_done(client)
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": answer}
        client.send(json.dumps({"type": "conversation.item.create", "item": output}))
        client.send('{"type": "response.create"}')
        until_done(client)


@pytest.mark.parametrize("chosen", [None, "?scenario=desk"], ids=["nobody connects", "another is asked for"])
def test_a_server_at_which_no_dialogue_was_played_says_that_nothing_was_checked(chosen: str | None) -> None:
    command = [*PROGRAM, "serve", f"{DESK}::refused", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        next(line for line in server.stdout if line.startswith("Ctrl-C stops"))
        if chosen is not None:
            with connect(url + chosen, open_timeout=60) as client:
                client.recv()
        server.send_signal(signal.SIGINT)
        printed = server.stdout.read()
        assert server.wait(60) == 1
    who = "nobody connected" if chosen is None else "no dialogue was played"
    assert printed.splitlines()[-1] == f"stopped: {who}, so nothing was checked"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_verdicts_that_cannot_be_written_stop_the_server_with_the_reason() -> None:
    command = [*PROGRAM, "serve", f"{DESK}::refused", "--port", "0", "--verdicts", "/dev/full", "--connections", "2"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--pace", "fast"], **pipes) as server:
        try:
            assert server.stdout is not None and server.stderr is not None
            refused_call(server.stdout.readline().split()[-1], "found")
            assert server.wait(60) == 3
            told = server.stderr.read()
        finally:
            server.kill()
    assert told.startswith("error: cannot write '/dev/full': No space left on device") and "Traceback" not in told


def test_a_dialogue_is_served_and_what_the_client_did_is_written_down(tmp_path: Path) -> None:
    verdicts = tmp_path / "verdicts.jsonl"
    command = [*PROGRAM, "serve", f"{DESK}::refused", "--port", "0", "--verdicts", str(verdicts), "--connections", "2"]
    command += ["--pace", "fast"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        refused_call(url, "What am I to look up?")
        with connect(url, open_timeout=60) as client:
            client.recv()
        printed = server.stdout.read()
        assert server.wait(60) == 1
    assert "each connection plays" in printed and "the caller says:  Just look it up." in printed
    assert "connection 1: ok   " in printed and "connection 2: FAIL" in printed
    assert (
        "the client left before the first turn" in printed
        and "stopped: 1 passed, 1 failed, 2 things not checked" in printed
    )
    first, second = map(json.loads, verdicts.read_text(encoding="utf-8").splitlines())
    assert (first["connection"], first["session"], first["status"]) == (1, "sess_0001", "passed")
    assert first["dialogue"].endswith("desk.yaml::refused")
    assert [event["type"] for event in first["trace"]] == [
        "UserSaid", "ToolCalled", "ToolReturned", "AgentSaid", "SessionEnded",
    ]  # fmt: skip
    assert first["unchecked"][0]["reason"] == "that it is invalid is the client's own business"
    assert all(verdict["passed"] for verdict in first["verdicts"])
    assert (second["status"], second["problem"]) == ("failed", "the client left before the first turn")


def test_a_server_whose_dialogue_nobody_played_has_checked_nothing() -> None:
    command = [*PROGRAM, "serve", f"{DESK}::*", "--port", "0", "--pace", "fast"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "one connection after the other plays" in server.stdout.readline() + server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 1


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        (f"{DESK}::size", 2, "did you mean 'sizes'?"),
        ("none.yaml", 2, "there is no scenario"),
        ("broken.yaml", 1, "nothing is served: mend the files first"),
    ],
)
def test_what_cannot_be_served_is_told_before_anybody_connects(
    target: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "broken.yaml").write_text("scenario: broken\nstart: nobody\nagents: {}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["serve", target, "--port", "0", "--realtime-only"])
    printed = capsys.readouterr()
    assert left.value.code == code
    assert said in printed.out + printed.err


@needs_openssl
def test_a_client_connects_over_tls_and_one_more_than_there_is_room_for_is_turned_away(folder: Path) -> None:
    options = ["--tls-cert", "one.pem", "--tls-key", "one.key", "--max-connections", "1"]
    with serving(*options, folder=folder) as url:
        assert url.startswith("wss://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=folder / "one.pem")
        asyncio.run(_one_is_let_in_and_one_more_is_not(url, trusting))


async def _one_is_let_in_and_one_more_is_not(url: str, trusting: ssl.SSLContext) -> None:
    """By the client that has one thread: two at a TLS socket may lose an answer (python/cpython#151508)."""
    connecting = functools.partial(asyncio_connect, url, ssl=trusting, open_timeout=60)
    async with connecting() as client:
        assert json.loads(await client.recv())["type"] == "session.created"
        with pytest.raises(InvalidStatus) as refused:
            await connecting()
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
        (["--stt-model", "whisper-1"], 2, "name it: --stt URL"),
        (["--tts", "tone", "--tts-voice", "nova"], 2, "name a service by its URL"),
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


def test_a_server_that_cannot_listen_takes_no_verdicts_from_the_one_that_does(tmp_path: Path) -> None:
    verdicts = tmp_path / "verdicts.jsonl"
    verdicts.write_text("{}\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", str(DESK), "--port", port, "--verdicts", str(verdicts))

    assert isinstance(result.exception, ScenarioError) and "cannot listen at" in result.exception.message
    assert verdicts.read_text(encoding="utf-8") == "{}\n"
