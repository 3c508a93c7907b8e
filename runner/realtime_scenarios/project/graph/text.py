"""Text as it stands in a picture."""

from __future__ import annotations


def elided(text: str, longest: int) -> str:
    """The text on one line of at most so many characters, with an `…` where it is cut."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"
