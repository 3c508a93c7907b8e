"""Whether a request comes from Twilio: `X-Twilio-Signature`.

Twilio documentation, "Webhooks security": the URL as it was given to Twilio, and behind it each parameter of a form
that was posted, its name and its value, sorted by name; of that the HMAC-SHA1 with the account's auth token, in base64.
Handshakes of websockets are signed alike, with the wss URL that the TwiML named.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

HEADER = "X-Twilio-Signature"


def signature_of(url: str, form: Iterable[tuple[str, str]], token: str) -> str:
    """What Twilio would sign the request with. A parameter that is doubled with the same value counts once."""
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def is_signed(signature: str | None, urls: Iterable[str], form: Iterable[tuple[str, str]], token: str) -> bool:
    """Whether the signature is good for one of the URLs, under all of which the request may have been made."""
    given = (signature or "").encode("utf-8", "replace")
    fields = list(form)
    matches = [hmac.compare_digest(given, signature_of(url, fields, token).encode()) for url in urls]
    return any(matches)
