"""Speech by OpenAI's audio API: what is asked of a server, what it may answer, and how its failures are told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.voice import (
    FORMATS,
    PCM16,
    Manner,
    PartFailed,
    Spoken,
    Unvoiced,
    Utterance,
    decoded,
    encoded,
    services,
)
from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS, NamedPart, PartOptions
from realtime_scenarios.voice.waves import wave_in, wave_of
from support.sounds import hum


class Server:
    """Answers all with `answer`, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b"{}"
        self.kind: str | None = None
        self.drips = False
        self.asked: list[tuple[str, str | None, Any]] = []
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_of: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers["Content-Type"]
        asked = json.loads(body) if kind == "application/json" else _parts_of(kind, body)
        self.server_of.asked.append((self.path, self.headers["Authorization"], asked))
        self.send_response(self.server_of.status)
        if self.server_of.kind is not None:
            self.send_header("Content-Type", self.server_of.kind)
        self.send_header("Content-Length", str(len(self.server_of.answer)))
        self.end_headers()
        answer = self.server_of.answer
        for piece in [answer[at : at + 1] for at in range(len(answer))] if self.server_of.drips else [answer]:
            try:
                self.wfile.write(piece)
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, *arguments: Any) -> None:
        pass


def _parts_of(kind: str, body: bytes) -> dict[str, bytes]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in message.iter_parts()
    }


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def listener(server: Server, **options: Any) -> Any:
    return LISTENERS["url"](PartOptions(server.url, **options))()


def test_a_url_is_the_name_of_a_service() -> None:
    assert NamedPart.of("http://localhost:8000/v1") == NamedPart("url", "http://localhost:8000/v1")
    assert NamedPart.of("espeak-ng:fr") == NamedPart("espeak-ng", "fr")
    assert NamedPart.of("tone") == NamedPart("tone", "")


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_an_utterance_is_sent_as_a_wave_and_its_text_comes_back(server: Server, kind: str) -> None:
    server.answer = b'{"text": " What flight am I on?\\n"}'
    sound = encoded(hum(440, 500, rate=FORMATS[kind].rate), FORMATS[kind])
    heard = Utterance(sound, FORMATS[kind], language="en", prompt="An airline.")
    assert listener(server, model="tiny.en", key="sk-1").transcribe(heard) == "What flight am I on?"
    ((path, key, asked),) = server.asked
    assert (path, key) == ("/v1/audio/transcriptions", "Bearer sk-1")
    sent = wave_in(asked.pop("file"), "the part")
    assert (sent.rate, len(sent.samples)) == (16000, 8000)
    assert asked == {"model": b"tiny.en", "response_format": b"json", "language": b"en", "prompt": b"An airline."}


def test_no_key_and_no_language_are_sent_where_there_are_none(server: Server) -> None:
    server.answer = b'{"text": ""}'
    assert listener(server).transcribe(Utterance(bytes(4800))) == ""
    ((_, key, asked),) = server.asked
    assert key is None and set(asked) == {"file", "model", "response_format"}


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (500, b"out of memory", "the server at 127.0.0.1 answered 500: out of memory"),
        (404, b'{"detail": "no such model"}', "answered 404: .*no such model"),
        (200, b"<html>", "gave no text: '<html>'"),
        (200, b'{"texts": 1}', "gave no text"),
        (200, b'{"text": null}', "gave no text"),
        (200, b"[]", "gave no text"),
    ],
)
def test_an_answer_without_words_fails_that_utterance(server: Server, status: int, answer: bytes, told: str) -> None:
    server.status, server.answer = status, answer
    with pytest.raises(PartFailed, match=told):
        listener(server).transcribe(Utterance(bytes(4800)))


def test_the_key_is_in_no_message_though_the_server_repeats_it(server: Server) -> None:
    server.status, server.answer = 401, b'{"error": "Incorrect API key provided: sk-12345678"}'
    with pytest.raises(PartFailed) as told:
        listener(server, key="sk-12345678").transcribe(Utterance(bytes(4800)))
    assert "answered 401" in told.value.message and "sk-1234" not in told.value.message


def test_an_answer_that_never_ends_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer, server.drips = b'{"text": "Hello"}' + b" " * 200_000, True
    slow = listener(server)
    monkeypatch.setattr(services, "_SECONDS", 0.2)
    with pytest.raises(PartFailed, match="did not answer within"):
        slow.transcribe(Utterance(bytes(4800)))


def test_an_answer_that_is_longer_than_any_speech_is_not_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_LONGEST_ANSWER", 1000)
    server.answer = bytes(2000)
    with pytest.raises(PartFailed, match="sent more than 1000 bytes"):
        SPEAKERS["url"](PartOptions(server.url)).speak("Hello.", Manner("marin"))


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (None, b""),
        ("application/json", b'{"error": "no such voice"}'),
        ("text/html; charset=utf-8", b"<html>"),
        ("audio/mpeg", b"\xff\xfb\x90\x64" + bytes(400)),
        (None, b"ID3\x04" + bytes(400)),
        ("audio/pcm", b"OggS" + bytes(400)),
    ],
)
def test_what_is_no_speech_is_not_played(server: Server, kind: str | None, answer: bytes) -> None:
    server.kind, server.answer = kind, answer
    with pytest.raises(PartFailed, match="for speech, and neither raw PCM nor WAV"):
        SPEAKERS["url"](PartOptions(server.url)).speak("Hello.", Manner("marin"))


def test_a_server_that_is_gone_fails_that_utterance(server: Server) -> None:
    gone = listener(server)
    server.close()
    with pytest.raises(PartFailed, match=r"the server at 127\.0\.0\.1 did not answer"):
        gone.transcribe(Utterance(bytes(4800)))


@pytest.mark.parametrize("is_wave", [False, True], ids=["pcm", "wav"])
def test_speech_comes_as_raw_pcm_or_as_a_wave_that_knows_its_rate(server: Server, is_wave: bool) -> None:
    sound = hum(440, 600, rate=22050)
    server.answer = wave_of(sound, 22050) if is_wave else encoded(sound, PCM16)
    part = SPEAKERS["url"](PartOptions(server.url, model="kokoro", voice="af_heart", rate=16000 if is_wave else 22050))
    spoken = part.speak("Hello there.", Manner("marin", 1.25))
    assert isinstance(spoken, Spoken)
    assert abs(len(decoded(spoken.audio, PCM16)) - 24 * 600) < 50
    ((path, _, asked),) = server.asked
    assert path == "/v1/audio/speech"
    assert asked == {
        "model": "kokoro",
        "input": "Hello there.",
        "voice": "af_heart",
        "response_format": "pcm",
        "speed": 1.25,
    }
    assert part.speak("Hello there.", Manner("marin", 1.25)) == spoken and len(server.asked) == 1
    assert isinstance(part.speak("...", Manner("marin")), Unvoiced) and len(server.asked) == 1


def test_speech_that_fails_is_asked_for_again_next_time(server: Server) -> None:
    part = SPEAKERS["url"](PartOptions(server.url))
    server.status = 503
    with pytest.raises(PartFailed, match="answered 503"):
        part.speak("Hello.", Manner("marin"))
    server.status, server.answer = 200, encoded(hum(440, 100), PCM16)
    assert isinstance(part.speak("Hello.", Manner("marin")), Spoken)
    assert server.asked[-1][2]["voice"] == "marin"


@pytest.mark.parametrize("url", ["http://", "http://[", "https:///v1"])
def test_what_is_no_url_is_told_at_the_start(url: str) -> None:
    with pytest.raises(ScenarioError, match="is no URL"):
        SPEAKERS["url"](PartOptions(url))
