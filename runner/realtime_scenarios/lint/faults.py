"""Faults of served dialogues that cannot happen, or hold what nobody reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from realtime_scenarios.core import did_you_mean, listed
from realtime_scenarios.document import Place
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.dialogue import Dialogue, Fault, FaultKind
from realtime_scenarios.model.names import SERVER_EVENTS

_READ: Mapping[FaultKind, frozenset[str]] = {
    "drop": frozenset(),
    "delay": frozenset(["for"]),
    "duplicate": frozenset(),
    "reorder": frozenset(),
    "malformed": frozenset(),
    "error": frozenset(["code", "message"]),
    "fail": frozenset(["code", "message"]),
    "rate_limit": frozenset(["for"]),
    "close": frozenset(["code", "message"]),
    "expire": frozenset(["for"]),
    "silence": frozenset(["for"]),
}
"""Which of `for`, `code` and `message` each kind of fault reads."""


@rule("SC410", "fault-without-effect", "warning")
def fault_without_effect(subject: Subject) -> Iterator[Finding]:
    """A fault of a dialogue can never happen, or says something that its kind does not read.

    Problem: the client that is served the dialogue is not tested for what the file says.
    Instead: name an event that the server sends and a turn that there is; leave out what the kind does not read.
    """
    for dialogue in subject.dialogues:
        for index, fault in enumerate(dialogue.faults):
            yield from _findings_about(fault, dialogue, dialogue.place / "faults" / index)


def _findings_about(fault: Fault, dialogue: Dialogue, place: Place) -> Iterator[Finding]:
    if not any(fnmatchcase(event, fault.event) for event in SERVER_EVENTS):
        hint = did_you_mean(fault.event, SERVER_EVENTS)
        yield Finding(f"the server sends no event '{fault.event}'", (place / "event").span, hint)
    elif fault.kind == "fail" and not fnmatchcase("response.created", fault.event):
        message = f"a response fails where it is created, and '{fault.event}' is another event"
        yield Finding(message, (place / "event").span, "leave it out")
    if fault.turn is not None and fault.turn > len(dialogue.turns):
        message = f"the dialogue has no turn {fault.turn}"
        yield Finding(message, (place / "turn").span, f"its last one is {len(dialogue.turns)}")
    unread = [key for key in ("for", "code", "message") if (place / key).exists and key not in _READ[fault.kind]]
    for key in unread:
        reads = listed([f"`{kind}`" for kind, keys in _READ.items() if key in keys])
        yield Finding(f"a fault `{fault.kind}` has no use for `{key}`", (place / key).key_span, f"it goes with {reads}")
