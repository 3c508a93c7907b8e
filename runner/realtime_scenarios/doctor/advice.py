"""What people run into with voice agents, and what to look at: the part that no program can look at by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    when: str
    then: str


ADVICE = (
    Advice(
        "the key is there, and is refused",
        "It may be cut off, stand in quotes, or belong to another project or service. One of Azure goes with its own "
        "endpoint.",
    ),
    Advice(
        "the key is good, and no Realtime model answers",
        "The project must be allowed to use Realtime models; on Azure one must be deployed, and is asked for by the "
        "deployment's name. `scenario models` says until when models answer.",
    ),
    Advice(
        "the line does not come about, or drops",
        "Websockets need TCP 443 and a proxy that lets them through; WebRTC needs UDP as well. A VPN or a firewall may "
        "let pages through and neither of these.",
    ),
    Advice(
        "nobody is heard, or nothing is to be heard",
        "Allow the microphone, in the browser and in the system; click once into the page, or it may not play sound; "
        "wear headphones. Both ends must mean the same format: a telephone's is G.711, `input_format: g711_ulaw`.",
    ),
    Advice(
        "callers are written down wrongly, or not at all",
        "Name the language under `session`, and for the model the role `transcription`. What the model hears itself is "
        "not what is written down.",
    ),
    Advice(
        "a tool is not called, or does not work",
        "`scenario prompt render` shows what the model reads of it. `scenario lint` finds schemas and gates that "
        "cannot be met; what a stub raises stands in the trace, and /history shows it.",
    ),
    Advice(
        "an agent says nothing",
        "/history and `--trace` show why: a refused session, a tool that never answers, an approval that nobody gives, "
        "a guardrail that trips again and again, a handoff to somebody who waits for the caller.",
    ),
    Advice(
        "answers come late",
        "Take a smaller model (`realtime-mini`), less `reasoning`, shorter instructions, fewer tools; let agents say a "
        "filler before slow ones. The trace has the seconds of every turn.",
    ),
)
"""After the troubleshooting lists of the public reference agents."""
