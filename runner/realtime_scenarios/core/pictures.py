"""What kind of picture some bytes are."""

from __future__ import annotations

_STARTS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def picture_kind(data: bytes) -> str | None:
    """`png`, `jpeg`, `gif` or `webp`, by the first bytes; None for anything else."""
    if data.startswith(b"RIFF") and data[8:12] != b"WEBP":
        return None
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)
