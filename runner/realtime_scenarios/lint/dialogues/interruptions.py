"""Callers who are to cut in when there is nothing left to cut into."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.core.speech import spoken_ms, words_of
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.dialogue import Call, Move, Say
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.written import Code


@rule("SC407", "late-interruption")
def late_interruption(subject: Subject) -> Iterator[Finding]:
    """The caller is to break a silence, a call or a line that is over by then.

    Problem: they never cut in, so what the dialogue is to show never happens.
    Instead: let `after` be shorter than the `silence`, the tool's `delay` or the line; or let the next turn be what the
    caller says.
    """
    for dialogue in subject.dialogues:
        for turn in dialogue.turns:
            for move in turn.moves or ():
                yield from _cut_in_too_late(move, subject.scenario)
            after = turn.interrupt.after_seconds if turn.interrupt is not None else None
            if after is not None and turn.silence is not None and after >= turn.silence:
                span = (turn.place / "interrupt" / "after").span
                message = f"the silence is over after {turn.silence:g} s, so nobody cuts in after {after:g} s"
                yield Finding(message, span, "cut in earlier, or let the next turn be what the caller says")


def _cut_in_too_late(move: Move, scenario: Scenario) -> Iterator[Finding]:
    """The finding about a line that has been said, or a tool that has answered, before the caller cuts in."""
    hint = "cut in earlier, or let the next turn be what the caller says"
    if isinstance(move, Call) and move.interrupt is not None:
        after, lasts = move.interrupt.after_seconds, _longest_wait(move.tool, scenario)
        if after is not None and lasts is not None and after > lasts:
            message = f"'{move.tool}' answers after {lasts:g} s at the latest, so nobody cuts in after {after:g} s"
            yield Finding(message, (move.place / "interrupt" / "after").span, hint)
    elif isinstance(move, Say) and move.interrupt is not None:
        words = len(words_of(move.text))
        lasts = spoken_ms(words, min(1.0, scenario.session.speed or 1.0)) / 1000
        if (after := move.interrupt.after_seconds) is not None and after > lasts:
            message = f"this is said in {lasts:g} s, so nobody cuts in after {after:g} s"
            yield Finding(message, (move.place / "interrupt" / "after").span, hint)
        elif (counted := move.interrupt.after_words) is not None and counted > words:
            message = f"this has {words} word{'s' if words > 1 else ''}, so nobody cuts in after {counted}"
            yield Finding(message, (move.place / "interrupt" / "after_words").span, hint)


def _longest_wait(name: str, scenario: Scenario) -> float | None:
    """The seconds after which a tool has answered in any case; None where that is not known.

    How long a person, a backend, a text model or code takes is not.
    """
    tool = scenario.tools.get(name)
    if tool is None or tool.approval is not None or tool.stub.waits or not tool.stub.answers:
        return None
    texts = tool.stub.texts(tool.place, {"args": None})
    if any(isinstance(text, Code) and text.kind == "python" for text in texts):
        return None
    return max(tool.timeout if answer.times_out else min(answer.delay, tool.timeout) for answer in tool.stub.answers)
