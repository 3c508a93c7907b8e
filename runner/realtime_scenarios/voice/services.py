"""Speech to text, and text to speech, of any server that speaks OpenAI's audio API, local ones included.

Asked is for what all of them know: WAV in and JSON out, raw PCM or WAV back (docs/decisions/0025). A URL is the base
that the API's paths hang on, such as http://localhost:8000/v1. They are asked beside the loop, so plainly and in turn.
"""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlsplit

from realtime_scenarios.core import ScenarioError
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
            words = answer.json()["text"]
        except (ValueError, TypeError, KeyError):
            words = None
        if not isinstance(words, str):
            raise PartFailed(f"{self._service.name} gave no text: {answer.text[:200]!r}")
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
        data: bytes = self._service.post("/audio/speech", json=asked).content
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


class _Service:
    """A server at a URL. `name` is how messages call it, without what a URL may hold of secrets."""

    def __init__(self, options: PartOptions) -> None:
        import httpx2

        self.name = f"the server at {_host_in(options.argument)}"
        self._base = options.argument.rstrip("/")
        headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
        self._client = httpx2.Client(headers=headers, timeout=_SECONDS)

    def post(self, path: str, **content: Any) -> Any:
        """The answer to what was posted.

        Raises:
            PartFailed: there is none, or it is an error.
        """
        import httpx2

        try:
            answer = self._client.post(self._base + path, **content)
        except httpx2.HTTPError as problem:
            raise PartFailed(f"{self.name} did not answer: {problem or type(problem).__name__}") from problem
        if answer.is_error:
            raise PartFailed(f"{self.name} answered {answer.status_code}: {answer.text[:200]}")
        return answer
