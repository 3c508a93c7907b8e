"""Speech to text, and text to speech, of any server that speaks OpenAI's audio API, local ones included.

Asked is for what all of them know: WAV in and JSON out, raw PCM or WAV back (docs/decisions/0025). A URL is the base
that the API's paths hang on, such as http://localhost:8000/v1. They are asked beside the loop, so plainly and in turn.
"""

from __future__ import annotations

import functools
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.redaction import Secrets
from realtime_scenarios.voice.formats import PCM16, decoded
from realtime_scenarios.voice.hearing import PartFailed, Utterance
from realtime_scenarios.voice.parts import NewListener, PartOptions
from realtime_scenarios.voice.speaking import Manner, Speech, is_voiceless, spoken_from, unvoiced
from realtime_scenarios.voice.waves import Wave, wave_in, wave_of

_SECONDS = 30
_RECOGNISED_RATE = 16000
_PHRASES_KEPT = 256
_LISTENING_MODEL = "whisper-1"
_SPEAKING_MODEL = "tts-1"
_LONGEST_ANSWER = 64 * 1024 * 1024
_SHOWN = 200
_NO_SOUND = ("text/", "application/json")
_OTHER_FORMATS = (b"ID3", b"OggS", b"fLaC")
_MP3_FRAMES = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


def transcription_service(options: PartOptions) -> NewListener:
    """One service hears all conversations."""
    service = TranscriptionService(options)
    return lambda: service


class TranscriptionService:
    """`POST /audio/transcriptions`."""

    takes_time = True

    def __init__(self, options: PartOptions) -> None:
        self._service = _Service(options)
        self._model = options.model or _LISTENING_MODEL

    def transcribe(self, utterance: Utterance) -> str | None:
        sound = wave_of(utterance.samples(_RECOGNISED_RATE), _RECOGNISED_RATE)
        said = {"model": self._model, "response_format": "json"}
        said |= {} if utterance.language is None else {"language": utterance.language}
        said |= {} if utterance.prompt is None else {"prompt": utterance.prompt}
        answer = self._service.post(
            "/audio/transcriptions", data=said, files={"file": ("speech.wav", sound, "audio/wav")}
        )
        try:
            words = json.loads(answer.content)["text"]
        except (ValueError, TypeError, KeyError):
            words = None
        if not isinstance(words, str):
            raise PartFailed(f"{self._service.name} gave no text: {self._service.shown(answer)!r}")
        return words.strip()


class SpeechService:
    """`POST /audio/speech`. A WAV file says its own rate; raw PCM has the rate that the part was made with."""

    takes_time = True

    def __init__(self, options: PartOptions) -> None:
        self._service = _Service(options)
        self._model = options.model or _SPEAKING_MODEL
        self._rate = options.rate
        self._voice = options.voice
        self._said = functools.lru_cache(_PHRASES_KEPT)(self._say)

    def speak(self, text: str, manner: Manner) -> Speech:
        return self._said(text, manner)

    def _say(self, text: str, manner: Manner) -> Speech:
        if is_voiceless(text):
            return unvoiced(text, manner)
        voice = self._voice or manner.voice
        asked: dict[str, Any] = {"model": self._model, "input": text, "voice": voice, "response_format": "pcm"}
        asked |= {} if manner.speed == 1 else {"speed": manner.speed}
        answer = self._service.post("/audio/speech", json=asked)
        data = answer.content
        if not data or _is_something_else(answer):
            given = f"'{answer.kind}'" if data else "nothing"
            raise PartFailed(f"{self._service.name} gave {given} for speech, and neither raw PCM nor WAV")
        spoken = wave_in(data, self._service.name) if data[:4] == b"RIFF" else Wave(decoded(data, PCM16), self._rate)
        return spoken_from(spoken.samples, spoken.rate, text, manner.audio_format)


def _host_in(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if host is None:
        raise ScenarioError(f"'{url}' is no URL", hint="it should be like http://localhost:8000/v1")
    return host


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a service sends; `kind` is the type that it says that is of, or empty."""

    kind: str
    content: bytes


def _is_something_else(answer: _Answer) -> bool:
    """Whether it is no sound, or MP3, Ogg or FLAC, which some servers send whatever they are asked for.

    A frame of MP3 begins with two bytes that raw PCM may begin with, too, so there the type has to say so as well.
    """
    is_mp3 = answer.kind.startswith("audio/mp") and answer.content.startswith(_MP3_FRAMES)
    return is_mp3 or answer.kind.startswith(_NO_SOUND) or answer.content.startswith(_OTHER_FORMATS)


class _Service:
    """A server at a URL. `name` is how messages call it, without what a URL may hold of secrets."""

    def __init__(self, options: PartOptions) -> None:
        import httpx2

        self.name = f"the server at {_host_in(options.argument)}"
        self._base = options.argument.rstrip("/")
        self._secrets = Secrets((options.key,) if options.key else ())
        headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
        self._client = httpx2.Client(headers=headers, timeout=_SECONDS)

    def post(self, path: str, **content: Any) -> _Answer:
        """The answer to what was posted.

        Raises:
            PartFailed: there is none, or not all of it in time, or it is an error, or longer than any speech.
        """
        import httpx2

        deadline = time.monotonic() + _SECONDS
        body = bytearray()
        try:
            with self._client.stream("POST", self._base + path, **content) as coming:
                for piece in coming.iter_bytes():
                    body += piece
                    if time.monotonic() > deadline:  # the client's own bound is that of each piece
                        raise PartFailed(f"{self.name} did not answer within {_SECONDS} seconds")
                    if len(body) > _LONGEST_ANSWER:
                        raise PartFailed(f"{self.name} sent more than {_LONGEST_ANSWER} bytes")
        except httpx2.HTTPError as problem:
            raise PartFailed(f"{self.name} did not answer: {problem or type(problem).__name__}") from problem
        answer = _Answer(coming.headers.get("Content-Type", ""), bytes(body))
        if not coming.is_success:
            raise PartFailed(f"{self.name} answered {coming.status_code}: {self.shown(answer)}")
        return answer

    def shown(self, answer: _Answer) -> str:
        """The beginning of what it says, for a client that may be anybody: some services repeat the key in it."""
        return self._secrets.hidden(answer.content.decode(errors="replace"))[:_SHOWN]
