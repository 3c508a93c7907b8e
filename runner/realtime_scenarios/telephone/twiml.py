"""What Twilio is to do with a call: TwiML.

Facts: Twilio documentation, "TwiML Voice: <Connect>", "<Stream>" and "<Reject>". A stream that goes both ways is a
`<Connect>`; its address is wss and has no query, so what is to be known about the call goes into `<Parameter>`s.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

MEDIA_TYPE = "text/xml"

BUSY = '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Reject reason="busy"/></Response>\n'
"""The caller hears that the line is engaged."""


def connected_to(url: str, parameters: Mapping[str, str]) -> str:
    """TwiML that connects the call with a media stream."""
    inside = "".join(
        f"<Parameter name={quoteattr(name)} value={quoteattr(value)}/>" for name, value in parameters.items()
    )
    stream = f"<Stream url={quoteattr(url)}>{inside}</Stream>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Connect>{stream}</Connect></Response>\n'
