"""Who is asked before a tool runs, and what they are shown and must give."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import OTHERWISE, Change, Subject


@kind("approval-dropped")
def approval_dropped(subject: Subject) -> Iterator[Change]:
    """A tool runs without anybody being asked."""
    for rule in subject.approvals:
        yield subject.dropped(
            rule.pointer,
            f"nobody is asked before '{rule.name}' runs",
            f"one that calls '{rule.name}' and gives a decision with `approval`",
        )


@kind("approval-always")
def approval_always(subject: Subject) -> Iterator[Change]:
    """Somebody is asked about every call, also where the rule says that nobody need be."""
    for rule in subject.approvals:
        if "when" in rule.data:
            yield subject.dropped(
                (*rule.pointer, "when"),
                f"somebody is asked about every call of '{rule.name}'",
                f"one that calls '{rule.name}' where `when` does not hold",
            )


@kind("approval-forgotten")
def approval_forgotten(subject: Subject) -> Iterator[Change]:
    """A decision that was to hold for the whole conversation is asked for again."""
    for rule in subject.approvals:
        if rule.data.get("remember") == "session":
            yield subject.put(
                (*rule.pointer, "remember"),
                "call",
                f"a decision about '{rule.name}' is not remembered",
                f"one that calls '{rule.name}' twice and decides once",
            )


@kind("approval-remembered")
def approval_remembered(subject: Subject) -> Iterator[Change]:
    """A decision about one call holds for the whole conversation."""
    for rule in subject.approvals:
        if rule.data.get("remember", "call") == "call":
            yield subject.put(
                rule.pointer,
                {**rule.data, "remember": "session"},
                f"a decision about '{rule.name}' holds for all further calls",
                f"one that calls '{rule.name}' twice and decides each time",
                span=subject.document.span(rule.pointer, key=True),
            )


@kind("rejection-reworded")
def rejection_reworded(subject: Subject) -> Iterator[Change]:
    """The model is told something else when a person says no."""
    for rule in subject.approvals:
        if "reject_message" in rule.data:
            yield subject.put(
                (*rule.pointer, "reject_message"),
                OTHERWISE,
                f"the model is told something else when '{rule.name}' is rejected",
                f"one that rejects '{rule.name}' and expects what it `returns`",
            )


@kind("question-reworded")
def question_reworded(subject: Subject) -> Iterator[Change]:
    """A person is asked something else."""
    for rule in subject.approvals:
        if "question" in rule.data:
            yield subject.put(
                (*rule.pointer, "question"),
                OTHERWISE,
                f"who decides about '{rule.name}' is asked something else",
                f"one that calls '{rule.name}' and says what the person is asked, with `asks`",
            )


@kind("field-dropped")
def field_dropped(subject: Subject) -> Iterator[Change]:
    """A person is not asked for one of the fields."""
    for rule in subject.approvals:
        for name in rule.data.get("fields", {}):
            yield subject.dropped(
                (*rule.pointer, "fields", name),
                f"'{name}' is not asked for before '{rule.name}' runs",
                f"one that approves '{rule.name}' with this field",
            )


@kind("field-not-required")
def field_not_required(subject: Subject) -> Iterator[Change]:
    """A person may leave a field empty."""
    for rule in subject.approvals:
        for name, field in rule.data.get("fields", {}).items():
            if field.get("required", True):
                yield subject.put(
                    (*rule.pointer, "fields", name),
                    {**field, "required": False},
                    f"'{name}' may be left empty when '{rule.name}' is approved",
                    f"one that approves '{rule.name}' without this field first",
                )


@kind("field-form-dropped")
def field_form_dropped(subject: Subject) -> Iterator[Change]:
    """A person may give a field in any form."""
    for rule in subject.approvals:
        for name, field in rule.data.get("fields", {}).items():
            for key in ("pattern", "format"):
                if key in field:
                    yield subject.dropped(
                        (*rule.pointer, "fields", name, key),
                        f"'{name}' may have any form when '{rule.name}' is approved",
                        f"one that approves '{rule.name}' with something that has not this form first",
                    )
