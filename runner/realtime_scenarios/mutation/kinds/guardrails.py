"""What an agent must not say."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.mutation.alternatives import without_alternatives
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import OTHERWISE, Change, Subject


@kind("guardrail-dropped")
def guardrail_dropped(subject: Subject) -> Iterator[Change]:
    """An agent, or all of them, may say what a guardrail would stop."""
    for agent in subject.agents:
        for index, name in enumerate(agent.data.get("guardrails", ())):
            yield subject.dropped(
                (*agent.pointer, "guardrails", index),
                f"'{name}' does not listen to {agent.name}",
                f"one in which {agent.name} says what '{name}' stops, with `expect: [{{guardrail: {name}}}]`",
            )
    for index, name in enumerate(subject.data.get("session", {}).get("guardrails", {}).get("apply", ())):
        yield subject.dropped(
            ("session", "guardrails", "apply", index),
            f"'{name}' listens to nobody",
            f"one in which an agent says what '{name}' stops, with `expect: [{{guardrail: {name}}}]`",
        )


@kind("phrase-dropped")
def phrase_dropped(subject: Subject) -> Iterator[Change]:
    """A guardrail does not know one of its phrases."""
    for guardrail in subject.guardrails:
        lists = [(*guardrail.pointer, "phrases")] if "phrases" in guardrail.data else []
        categories = guardrail.data.get("classify", {}).get("categories", {})
        lists += [
            (*guardrail.pointer, "classify", "categories", name, "phrases")
            for name, category in categories.items()
            if isinstance(category, dict) and "phrases" in category
        ]
        for pointer in lists:
            phrases = subject.place(pointer).value
            for index, phrase in enumerate(phrases):
                changed = f"'{guardrail.name}' does not know '{phrase}'"
                noticed = f"one in which an agent says '{phrase}', with `expect: [{{guardrail: {guardrail.name}}}]`"
                if len(phrases) > 1 or "classify" in pointer:
                    yield subject.dropped((*pointer, index), changed, noticed)
                else:  # without any phrase it is no guardrail
                    yield subject.put((*pointer, index), OTHERWISE, changed, noticed)


@kind("category-dropped")
def category_dropped(subject: Subject) -> Iterator[Change]:
    """A guardrail that classifies does not know one of its categories."""
    for guardrail in subject.guardrails:
        for name in guardrail.data.get("classify", {}).get("categories", {}):
            yield subject.dropped(
                (*guardrail.pointer, "classify", "categories", name),
                f"'{guardrail.name}' does not know the category {name}",
                f"one in which an agent says something of {name}",
            )


@kind("forbidden-pattern-narrowed")
def forbidden_pattern_narrowed(subject: Subject) -> Iterator[Change]:
    """The pattern of a guardrail lacks one of its alternatives, or of the signs in brackets."""
    for guardrail in subject.guardrails:
        for rest, dropped in without_alternatives(guardrail.data.get("pattern", "")):
            yield subject.put(
                (*guardrail.pointer, "pattern"),
                rest,
                f"'{guardrail.name}' does not know {dropped}",
                f"one in which an agent says what {dropped} fits",
            )


@kind("guardrail-opened")
def guardrail_opened(subject: Subject) -> Iterator[Change]:
    """A guardrail that fails lets pass what it should have stopped."""
    for guardrail in subject.guardrails:
        if guardrail.data.get("on_error") == "closed":
            yield subject.put(
                (*guardrail.pointer, "on_error"),
                "open",
                f"what '{guardrail.name}' cannot look at is said",
                f"one in which '{guardrail.name}' fails",
            )
