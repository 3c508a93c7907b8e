"""Two runs of the same dialogues to what went otherwise: broken, mended, changed, new and gone."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from realtime_scenarios.core import counted
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import cropped
from realtime_scenarios.suite.lines import line_of
from realtime_scenarios.suite.markdown import cut, escaped, folded
from realtime_scenarios.trace import ModelAsked, SessionEnded, Trace
from realtime_scenarios.verdicts import DialogueResult, Status
from realtime_scenarios.verdicts.result import FAILS_THE_RUN

Kind = Literal["broken", "mended", "changed", "new", "gone"]

KINDS: tuple[Kind, ...] = ("broken", "mended", "changed", "new", "gone")

_MOST_LINES = 40
_TONES = {"broken": "bad", "mended": "good", "changed": "ask", "new": "quiet", "gone": "quiet"}
_LINE_TONES = {"-": "bad", "+": "good"}


class Outcome(Struct, frozen=True):
    """How one dialogue went: what it came to, why where it did not pass, and what happened, a line an event.

    Lines are without what differs each time (measures, ids of calls), so that two outcomes are alike where the
    conversations were.
    """

    status: Status
    reason: str
    lines: tuple[str, ...]

    @property
    def fails(self) -> bool:
        return self.status in FAILS_THE_RUN

    @property
    def was_played(self) -> bool:
        return self.status not in ("skipped", "invalid")


class Difference(Struct, frozen=True):
    """A dialogue that went otherwise. `before` None: it is new, or gone without being played; `after` None: gone."""

    name: str
    kind: Kind
    before: Outcome | None
    after: Outcome | None

    @property
    def diff(self) -> list[str]:
        """What happened before (`-`) and now (`+`), with one line around it; empty where only the verdict differs."""
        before, after = self.before.lines if self.before else (), self.after.lines if self.after else ()
        return list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:] if self.before and self.after else []


def outcome_of(result: DialogueResult) -> Outcome:
    match result.status:
        case "invalid":
            reason = "; ".join(f"{mistake.code} {mistake.message}" for mistake in result.mistakes[:3])
        case "skipped":
            reason = result.skipped or ""
        case "unsure":
            reason = result.doubt or ""
        case _:
            stopped = [f"stopped: {result.error.message}"] if result.error is not None else []
            reason = "; ".join([*stopped, *(verdict.message for verdict in result.failures)][:3])
    return Outcome(result.status, reason, tuple(behaviour(result.trace)))


def behaviour(trace: Trace) -> Iterator[str]:
    """What happened in a conversation, a line an event; what models read is no part of it, nor how it ended."""
    for event in trace:
        if not isinstance(event, (ModelAsked, SessionEnded)):
            line = line_of(event)
            yield f"turn {event.turn}  {line.label.ljust(10)} {line.text}"


def differences(
    before: Mapping[str, Outcome], after: Mapping[str, Outcome], gone: Collection[str] = ()
) -> list[Difference]:
    """Each dialogue that went otherwise, in the order of `after`, those that are gone last.

    `gone` are those that are known to be gone, though they were not played before either.
    """
    found = []
    for name, now in after.items():
        then = before.get(name)
        if then is None:
            found.append(Difference(name, "new", None, now))
        elif now.fails and not then.fails:
            found.append(Difference(name, "broken", then, now))
        elif then.fails and not now.fails:
            found.append(Difference(name, "mended", then, now))
        elif (then.status, then.lines) != (now.status, now.lines):
            found.append(Difference(name, "changed", then, now))
    found += [Difference(name, "gone", then, None) for name, then in before.items() if name not in after]
    return [*found, *(Difference(name, "gone", None, None) for name in gone if name not in before)]


def uncompared(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """What was played neither before nor now, for one reason: nobody knows whether it goes otherwise."""
    return {
        name: now
        for name, now in after.items()
        if (then := before.get(name)) is not None and then.status == now.status and not now.was_played
    }


def told(found: Sequence[Difference], total: int, unplayed: int = 0) -> str:
    """`2 of 40 dialogues went otherwise: 1 broken, 1 changed`; `unplayed` more were not compared."""
    counts = Counter(each.kind for each in found)
    parts = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
    dialogues = counted(total, "dialogue")
    more = f"; {unplayed} not compared, which {'was' if unplayed == 1 else 'were'} not played" if unplayed else ""
    return (
        f"{len(found)} of {dialogues} went otherwise: {parts}{more}"
        if found
        else f"nothing changed in {dialogues}{more}"
    )


def as_text(
    found: Sequence[Difference], total: int, paint: Paint, width: int, unplayed: Mapping[str, Outcome] = {}
) -> Iterator[str]:
    for each in found:
        yield f"{paint(each.kind.ljust(8), _TONES[each.kind])} {each.name}{_verdict_change(each)}"
        for line in each.diff[:_MOST_LINES]:
            if not line.startswith("@@"):
                yield f"    {paint(cropped(line, width - 4), _LINE_TONES.get(line[:1], 'quiet'))}"
        if len(each.diff) > _MOST_LINES:
            yield f"    {paint(f'({len(each.diff) - _MOST_LINES} more lines)', 'quiet')}"
    for name, outcome in unplayed.items():
        yield f"{paint('unplayed', 'quiet')} {name} ({_unplayed_because(outcome)})"
    yield told(found, total, len(unplayed))


def as_markdown(found: Sequence[Difference], total: int, between: str, unplayed: Mapping[str, Outcome] = {}) -> str:
    """For a comment on a pull request. `between` says what is compared."""
    marks = {"broken": "❌", "mended": "✅", "changed": "🔀", "new": "🆕", "gone": "🗑️"}
    lines = [f"### {told(found, total, len(unplayed))}", "", escaped(between)]
    for each in found:
        title = f"{marks[each.kind]} {each.kind}: {each.name}{_verdict_change(each)}"
        lines += ["", *(folded(title, iter(each.diff)) if each.diff else [f"- {escaped(title)}"])]
    lines += [""] if unplayed else []
    lines += [f"- {escaped(f'⏭️ unplayed: {name} ({_unplayed_because(each)})')}" for name, each in unplayed.items()]
    return cut("\n".join(lines) + "\n")


def as_json(found: Sequence[Difference], total: int, unplayed: Mapping[str, Outcome] = {}) -> str:
    def data(outcome: Outcome | None) -> dict[str, Any] | None:
        return None if outcome is None else {"status": outcome.status, "reason": outcome.reason}

    objects = [
        {"dialogue": each.name, "kind": each.kind, "before": data(each.before), "after": data(each.after)}
        | {"diff": each.diff}
        for each in found
    ]
    left = [{"dialogue": name, **(data(outcome) or {})} for name, outcome in unplayed.items()]
    return json.dumps({"dialogues": total, "differences": objects, "unplayed": left}, indent=2, ensure_ascii=False)


def _unplayed_because(outcome: Outcome) -> str:
    return f"{outcome.status}: {outcome.reason}" if outcome.reason else outcome.status


def _verdict_change(each: Difference) -> str:
    """What it came to before and now, where that differs, and why where it fails."""
    if each.before is None or each.after is None or each.before.status == each.after.status:
        return ""
    why = f": {each.after.reason}" if each.after.reason else ""
    return f" ({each.before.status} → {each.after.status}{why})"
