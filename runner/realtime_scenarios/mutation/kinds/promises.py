"""What a scenario promises of every conversation: openings, fillers, announcements, what is read out word for word."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import OTHERWISE, Change, Subject


@kind("opening-dropped")
def opening_dropped(subject: Subject) -> Iterator[Change]:
    """Nothing is said of how the conversation begins."""
    if "opening" in subject.data:
        yield subject.dropped(
            ("opening",), "nobody opens the conversation", "one with `expect: [{breaks: opening}]`, or with `opens`"
        )


@kind("opening-reworded")
def opening_reworded(subject: Subject) -> Iterator[Change]:
    """The conversation is to be opened with other words."""
    if "say" in subject.data.get("opening", {}):
        yield subject.put(
            ("opening", "say"),
            OTHERWISE,
            "the conversation is opened with other words",
            "one that opens the conversation",
        )


@kind("opening-freely")
def opening_freely(subject: Subject) -> Iterator[Change]:
    """The opening need not be said word for word."""
    opening = subject.data.get("opening", {})
    if "say" in opening and opening.get("exact", True):
        yield subject.put(
            ("opening",),
            {**opening, "exact": False},
            "the opening need not be said word for word",
            "one that opens with words like these, with `expect: [{breaks: opening}]`",
            span=subject.document.span(("opening",), key=True),
        )


@kind("opening-call-dropped")
def opening_call_dropped(subject: Subject) -> Iterator[Change]:
    """A call is not made before the conversation begins."""
    for index, name in enumerate(subject.data.get("opening", {}).get("calls", ())):
        yield subject.dropped(
            ("opening", "calls", index),
            f"'{name}' is not called before the conversation begins",
            f"one with `expect: [{{called: {name}}}]`, or one that says what it answered",
        )


@kind("filler-dropped")
def filler_dropped(subject: Subject) -> Iterator[Change]:
    """The caller hears nothing before a call that takes its time."""
    for tool in subject.tools:
        if "filler" in tool.data:
            yield subject.dropped(
                (*tool.pointer, "filler"),
                f"nothing need be said before '{tool.name}'",
                f"one that calls '{tool.name}' in silence, with `expect: [{{breaks: filler}}]`",
            )


@kind("announcement-dropped")
def announcement_dropped(subject: Subject) -> Iterator[Change]:
    """The caller need not hear of a handoff before it happens."""
    for edge in subject.handoffs:
        if edge.data.get("say_first"):
            yield subject.dropped(
                (*edge.pointer, "say_first"),
                f"the handoff {edge.name} need not be announced",
                f"one that makes the handoff {edge.name} in silence, with `expect: [{{breaks: say_first}}]`",
            )


@kind("read-freely")
def read_freely(subject: Subject) -> Iterator[Change]:
    """An answer need not be read out word for word."""
    for supervisor in subject.named("supervisors"):
        if supervisor.data.get("read") == "verbatim":
            yield subject.put(
                (*supervisor.pointer, "read"),
                "freely",
                f"the answer of '{supervisor.name}' need not be read out word for word",
                "one in which it is told in other words, with `expect: [{breaks: verbatim}]`",
            )
