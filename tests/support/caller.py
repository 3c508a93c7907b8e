"""A caller over WebRTC that was written by somebody else: an offer, a data channel, and a track each way."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import json
import ssl
from array import array
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from realtime_scenarios.realtime.peer import gather_at
from realtime_scenarios.voice import PCM16, Samples, decoded
from support.sounds import RATE

_FRAME = RATE // 50
_FAINT = 300


class Microphone(MediaStreamTrack):
    """Silence in real time, and in it what is said."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._said = array("h")
        self._sent = 0
        self._began: float | None = None

    def say(self, sound: Samples) -> None:
        self._said += sound

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        self._began = self._began if self._began is not None else loop.time()
        await asyncio.sleep(max(0, self._began + self._sent / RATE - loop.time()))
        part, self._said = self._said[:_FRAME], self._said[_FRAME:]
        part += array("h", bytes(2 * (_FRAME - len(part))))
        frame = AudioFrame(format="s16", layout="stereo", samples=_FRAME)
        both = array("h", bytes(4 * _FRAME))
        both[::2] = both[1::2] = part
        frame.planes[0].update(both.tobytes())
        frame.sample_rate, frame.time_base, frame.pts = RATE, fractions.Fraction(1, RATE), self._sent
        self._sent += _FRAME
        return frame


class Caller:
    """A call. `events` is all that has come over the data channel, `ear` what has been heard."""

    def __init__(self) -> None:
        self.microphone = Microphone()
        self.ear = array("h")
        self.events: list[dict[str, Any]] = []
        self.call_id = ""
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._channel: RTCDataChannel = self.connection.createDataChannel("oai-events")
        self._came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None
        self._is_loud = asyncio.Event()
        self.is_open, self.is_over = asyncio.Event(), asyncio.Event()
        self._channel.on("open", self.is_open.set)
        self._channel.on("message", lambda text: self._came.put_nowait(json.loads(text)))
        self._channel.on("close", self.is_over.set)
        self.connection.on("track", self._listen_to)
        self.connection.addTrack(self.microphone)

    def prefer(self, codec: str) -> None:
        """Speak and be spoken to in this codec alone."""
        (transceiver,) = self.connection.getTransceivers()
        known = RTCRtpSender.getCapabilities("audio").codecs
        transceiver.setCodecPreferences([found for found in known if found.mimeType == f"audio/{codec}"])

    async def offer(self) -> str:
        """The offer of a caller that is on loopback alone, so that no test reaches further."""
        for transport in (self.connection.sctp.transport, self.connection.getSenders()[0].transport):
            gather_at(("127.0.0.1",), transport.transport.iceGatherer)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def take(self, response: httpx2.Response) -> None:
        """The answer to the offer, until the data channel is open."""
        assert response.status_code == 201, response.text
        assert response.headers["content-type"].startswith("application/sdp")
        self.call_id = response.headers["location"].rpartition("/")[2]
        await self.connection.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        await asyncio.wait_for(self.is_open.wait(), 20)

    async def send(self, kind: str, **fields: Any) -> None:
        self._channel.send(json.dumps({"type": kind, **fields}))

    async def update(self, **settings: Any) -> dict[str, Any]:
        await self.send("session.update", session={"type": "realtime", **settings})
        return await self.until("session.updated")

    async def say(self, text: str) -> None:
        """Write something, and ask for a response."""
        part = {"type": "input_text", "text": text}
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
        await self.send("response.create")

    async def until(self, kind: str, seconds: float = 20) -> dict[str, Any]:
        """The next event of that kind."""
        async with asyncio.timeout(seconds):
            while True:
                event = await self._came.get()
                self.events.append(event)
                if event["type"] == kind:
                    return event

    async def hears_something(self) -> None:
        """Wait until something louder than silence has come."""
        self._is_loud.clear()
        await asyncio.wait_for(self._is_loud.wait(), 20)

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self.connection.close()

    def _listen_to(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.ensure_future(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                for piece in resampler.resample(await track.recv()):
                    sound = decoded(bytes(piece.planes[0])[: 2 * piece.samples], PCM16)
                    self.ear += sound
                    if sound and max(sound) > _FAINT:
                        self._is_loud.set()


def address_of(url: str) -> str:
    """Where calls begin, of a server's address for websockets."""
    return url.replace("ws", "http", 1) + "/calls"


async def post(url: str, *, key: str | None = None, tls: ssl.SSLContext | None = None, **sent: Any) -> httpx2.Response:
    """A request as a browser's `fetch` makes it. `tls` is for servers with a certificate of their own."""
    headers: Mapping[str, str] = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(trust_env=False, verify=tls or True) as client:
        return await client.post(url, headers={**headers, **sent.pop("headers", {})}, **sent)


@contextlib.asynccontextmanager
async def calling(
    url: str, *, key: str | None = None, query: str = "", tls: ssl.SSLContext | None = None, codec: str | None = None
) -> AsyncIterator[Caller]:
    """A call to a server, until the block ends."""
    caller = Caller()
    if codec is not None:
        caller.prefer(codec)
    try:
        sdp = {"Content-Type": "application/sdp"}
        offer = await caller.offer()
        await caller.take(await post(address_of(url) + query, key=key, tls=tls, content=offer, headers=sdp))
        await caller.until("session.created")
        yield caller
    finally:
        await caller.close()
