"""Why something that the page asked for is not done: a status of HTTP, one line, and the way out."""

from __future__ import annotations

from typing import Any

LONGEST = 500
"""Characters of a refusal."""

FAILED = "the studio itself failed: its terminal says why"


class Refusal(Exception):
    """`status` is HTTP's. `hint` is the way out, None where the message says it; `more` is what is told beside."""

    def __init__(self, status: int, message: str, hint: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.hint = hint
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        """What the page is sent."""
        return {"error": brief(self.message), "hint": self.hint and brief(self.hint), **self.more}


def brief(said: object) -> str:
    """What a refusal says: what was asked for may be long, and may hold what no text can."""
    text = str(said).encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
