"""Requests about calls, without a web framework: an SDP offer to a call and its answer, and to the end of one."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http
import importlib
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from realtime_scenarios.realtime.call import Call
from realtime_scenarios.realtime.door import Beginning, Keys, NotLetIn, Refusal
from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.long_events import read_at_once
from realtime_scenarios.realtime.rooms import Query, Rooms
from realtime_scenarios.realtime.session import SESSION
from realtime_scenarios.realtime.shape import missing
from realtime_scenarios.realtime.taps import Taps

EXTRA = "webrtc"
_PEER = "realtime_scenarios.realtime.peer"

_MOST_LINES = 4_000
"""How many there may be in a form: an offer has hundreds, and each takes some microseconds."""

_LOG = logging.getLogger(__name__)
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # whoever sends what is no form is told


@dataclass(frozen=True, slots=True)
class Offer:
    """What a caller sends. `settings` are those of the session that it asks for; None: it does not say."""

    sdp: str
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that has been answered."""

    call_id: str
    answer: str


def offer_in(body: bytes, content_type: str) -> Offer:
    """The offer in the body of a request: SDP as it is, or a form with `sdp` and `session` (API reference, calls).

    Raises:
        NotLetIn: it is of another type.
        ClientError: the form lacks its SDP, or its session cannot be read; `param` is the field.
    """
    kind = content_type.partition(";")[0].strip().casefold()
    if kind == "application/sdp":
        return Offer(body.decode("utf-8", "replace"))
    if kind != "multipart/form-data":
        message = "Send the offer as 'application/sdp', or as 'multipart/form-data' with 'sdp' and 'session'."
        unsupported = http.HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        raise NotLetIn(Refusal(unsupported, message, "unsupported_content_type"))
    if body.count(b"\n") > _MOST_LINES:
        raise ClientError("invalid_offer", f"The form is too long: it may have {_MOST_LINES} lines.")
    form = _form_in(body, content_type)
    if "sdp" not in form:
        raise missing("sdp")
    if "session" not in form:
        return Offer(form["sdp"])
    settings = read_at_once(form["session"])
    SESSION(settings, "session")
    return Offer(form["sdp"], settings)


def _form_in(body: bytes, content_type: str) -> Mapping[str, str]:
    """The fields of a form, and what it has as files, which is how browsers send parts that have a type."""
    fields: dict[str, str] = {}

    def take(part: Any) -> None:
        if part.field_name is not None:
            fields[_text(part.field_name)] = _text(part.value or b"")

    def take_file(part: Any) -> None:
        part.file_object.seek(0)
        fields[_text(part.field_name)] = _text(part.file_object.read())
        part.close()

    is_whole = False

    def end() -> None:
        nonlocal is_whole
        is_whole = True

    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    try:
        parser = FormParser(kind.decode("latin-1"), take, take_file, end, boundary=options.get(b"boundary"))
        parser.write(body)
        parser.finalize()
    except FormParserError as problem:
        raise ClientError("invalid_offer", f"The form cannot be read: {str(problem).rstrip('.')}.") from None
    if not is_whole:  # a part without an end is told to nobody
        raise ClientError("invalid_offer", "The form has no end: the boundary behind its last part is missing.")
    return fields


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


class Calls:
    """The calls of a server. Whoever makes it closes it."""

    def __init__(self, rooms: Rooms, keys: Keys, taps: Taps) -> None:
        self._rooms = rooms
        self._taps = taps
        self._keys = keys
        self._calls: dict[str, Call] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def begin(self, body: bytes, content_type: str, shown: Sequence[str], query: Query, host: str) -> Begun:
        """Answer an offer; the call goes on by itself. `host` is the server's address, as the client has reached it.

        Raises:
            NotLetIn: the key is not good, there is no room, what is asked for is not served, or there is no WebRTC.
            ClientError: the offer or the settings of the session are none.
        """
        beginning = self._rooms.let_in(shown, query)
        place = contextlib.ExitStack()
        place.enter_context(self._rooms.taken())  # at once: others knock while this offer is answered
        try:
            call_id, call, answer = await self._answered(body, content_type, beginning, query, host)
        except BaseException:
            place.close()
            raise
        self._calls[call_id] = call
        running = asyncio.create_task(self._run(call_id, call, place))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return Begun(call_id, answer)

    async def _answered(
        self, body: bytes, content_type: str, beginning: Beginning | None, query: Query, host: str
    ) -> tuple[str, Call, str]:
        """The id of a call, the call, and the answer to its offer."""
        offer = offer_in(body, content_type)
        try:
            await asyncio.to_thread(importlib.import_module, _PEER)  # FFmpeg is long in coming, and others wait
            from realtime_scenarios.realtime.peer import BadOffer, Peer, addresses_for
        except ImportError as problem:
            raise NotLetIn(_no_webrtc(problem)) from None
        peer = Peer()
        call_id = f"rtc_{secrets.token_hex(16)}"
        try:
            await peer.take(offer.sdp)
            tap = functools.partial(self._taps.hear, call_id)
            call = Call(self._rooms.room(query, _begins(beginning, offer)), peer, tap)
            answer = await peer.answer(addresses_for(host), call.play)
        except BadOffer as problem:
            await peer.close()
            raise ClientError("invalid_offer", f"The SDP offer cannot be answered: {problem}.", "sdp") from None
        except BaseException:
            await peer.close()
            raise
        return call_id, call, answer

    def call(self, call_id: str, shown: Sequence[str]) -> Call:
        """A call that is being held, to somebody who shows an API key: an ephemeral one is for calls of its own.

        Raises:
            NotLetIn: the key is not good, or there is no such call.
        """
        self._keys.require(shown)
        if call_id not in self._calls:
            message = f"No call '{call_id[:80]}' is being held."
            raise NotLetIn(Refusal(http.HTTPStatus.NOT_FOUND, message, "call_not_found", "call_id"))
        return self._calls[call_id]

    async def close(self) -> None:
        """End all calls."""
        for call in self._calls.values():
            call.hang_up()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, call_id: str, call: Call, place: contextlib.ExitStack) -> None:
        with place:
            try:
                await call.run(self._rooms.longest_seconds)
            except Exception:
                _LOG.exception("a call has broken")
            finally:
                del self._calls[call_id]


def _begins(beginning: Beginning | None, offer: Offer) -> Beginning | None:
    """What the session begins with: what its key says, and over it what comes with the offer."""
    if offer.settings is None:
        return beginning
    before = beginning.settings if beginning is not None else None
    return Beginning(offer.settings["type"], {**(before or {}), **offer.settings})


def _no_webrtc(problem: ImportError) -> Refusal:
    message = f"This server takes no calls: {problem}. Install its extra: pip install 'realtime-scenarios[{EXTRA}]'"
    return Refusal(http.HTTPStatus.NOT_IMPLEMENTED, message, "webrtc_not_installed")
