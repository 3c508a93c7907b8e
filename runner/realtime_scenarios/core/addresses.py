"""Addresses of servers, as people write them."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit


def address_parts(text: str, schemes: Collection[str], *, assumed: str) -> SplitResult | None:
    """The parts of an address that names a host; None: it is none. `assumed` is the scheme where none is written."""
    try:
        parts = urlsplit(text if "://" in text else f"{assumed}://{text}")
        # the port is only read when it is asked for, and may be none
        is_one = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if is_one else None
