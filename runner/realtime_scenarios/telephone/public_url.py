"""Where a carrier reaches this server: the address that it was given, and the forms in which it signs that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from realtime_scenarios.core import UsageError
from realtime_scenarios.core.addresses import address_parts

_SECURE = {"https": ("https", "wss"), "http": ("http", "ws")}
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """`scheme` is https, or http where nothing secures it; `folder` stands before all paths, and may be empty."""

    scheme: str
    place: str
    folder: str = ""

    @classmethod
    def typed(cls, text: str) -> PublicUrl:
        """The address that somebody typed.

        Raises:
            UsageError: it is none.
        """
        parts = address_parts(text, _SECURE, assumed="https")
        if parts is None or parts.query or "@" in parts.netloc:
            raise UsageError(
                f"'{text}' is no address that a carrier could reach", hint="write it like https://phone.example"
            )
        return cls(parts.scheme, parts.netloc, parts.path.rstrip("/"))

    @property
    def host(self) -> str:
        """The name by which the server is asked for."""
        return urlsplit(f"//{self.place}").hostname or ""

    def web(self, path: str) -> str:
        return f"{self.scheme}://{self.place}{self.folder}{path}"

    def socket(self, path: str) -> str:
        return f"{_SECURE[self.scheme][1]}://{self.place}{self.folder}{path}"


def signed_forms(url: str) -> Iterator[str]:
    """The forms of a URL that may have been signed: with the port that its scheme implies, and without.

    Twilio's own libraries accept both, since which of them is signed is not always the same; that of a websocket is
    said to be signed with a slash behind it, too.
    """
    parts = urlsplit(url)
    implied = _PORTS[parts.scheme]
    places = {parts.netloc}
    if parts.port is None:
        places.add(f"{parts.netloc}:{implied}")
    elif parts.port == implied:
        places.add(parts.netloc.removesuffix(f":{implied}"))
    for place in sorted(places):
        whole = parts._replace(netloc=place).geturl()
        yield whole
        if parts.scheme in ("ws", "wss") and not parts.query:
            yield f"{whole}/"
