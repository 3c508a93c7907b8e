"""Addresses of servers, as people write them."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from realtime_scenarios.core.redaction import MARK

_ASKING = re.compile(r"(?<=//)[^/?#]*(?=@)")
_VALUE = re.compile(r"(?<=[?&])(?P<name>[^=&#]*)=[^&#]*")
_NO_KEYS = ("model", "deployment", "api-version", "intent")


def without_credentials(address: str) -> str:
    """The address as it may be told: with a mark for who asks, and for each value behind its `?` that may be a key."""

    def told(found: re.Match[str]) -> str:
        return found[0] if found["name"].casefold() in _NO_KEYS else f"{found['name']}={MARK}"

    return _VALUE.sub(told, _ASKING.sub(MARK, address))


def address_parts(text: str, schemes: Collection[str], *, assumed: str) -> SplitResult | None:
    """The parts of an address that names a host; None: it is none. `assumed` is the scheme where none is written."""
    try:
        parts = urlsplit(text if "://" in text else f"{assumed}://{text}")
        # the port is only read when it is asked for, and may be none
        is_one = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if is_one else None
