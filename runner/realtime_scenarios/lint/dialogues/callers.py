"""Callers who are no script, of whom something can never come to pass."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.expectations.heard import Heard
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.persona import Persona


@rule("SC411", "impossible-caller")
def impossible_caller(subject: Subject) -> Iterator[Finding]:
    """Something that a caller without a script wants, or that is expected of the conversation, cannot come to pass.

    Problem: what they want takes more turns than they have, or only a script could bring about what is expected. So the
    dialogue can only fail, or what is expected is never looked at.
    Instead: give the caller more turns, or less to want; expect what holds of a model that answers by itself.
    """
    for dialogue in {dialogue.script: dialogue for dialogue in subject.dialogues}.values():
        if dialogue.caller is not None:
            if not dialogue.expect:
                hint = "write an `expect` of the dialogue: what they call, hear or leave behind"
                yield Finding("nothing is expected of this conversation", dialogue.caller.place.key_span, hint)
            yield from _never_brought_up(dialogue.caller)
            yield from _never_looked_at(dialogue)


def _never_brought_up(persona: Persona) -> Iterator[Finding]:
    if len(persona.wants) > persona.turns:
        turns = "1 turn" if persona.turns == 1 else f"{persona.turns} turns"
        message = f"the caller never comes to this: they have {turns}, and each thing that they want takes one"
        hint = f"give them more: limits: {{turns: {2 * len(persona.wants)}}}"
        yield Finding(message, persona.wants[persona.turns].place.span, hint)


def _never_looked_at(dialogue: Dialogue) -> Iterator[Finding]:
    for wanted in dialogue.expect:
        key = str(wanted.place.pointer[-1])
        if wanted.needs_scripted_model:
            message = f"'{key}' is about what only a scripted model does, and this caller talks to none"
            hint = "expect what must hold whatever the agent does, or write the turns"
            yield Finding(message, wanted.place.key_span, hint)
        elif isinstance(wanted, Heard) and not any(_is_cut_into(dialogue)):
            message = "nobody cuts into an answer in this dialogue, so nothing of one is heard in part"
            yield Finding(message, wanted.place.key_span, "expect `said`, or cut in in a turn that is written")


def _is_cut_into(dialogue: Dialogue) -> Iterator[bool]:
    for turn in dialogue.turns:
        yield turn.interrupt is not None
        yield from (getattr(move, "interrupt", None) is not None for move in turn.moves or ())
