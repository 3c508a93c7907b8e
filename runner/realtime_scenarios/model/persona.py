"""A caller who is no script, as typed, frozen data: what they know, want and put up with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.decision import Decision
from realtime_scenarios.model.matcher import Matcher

Ending = Literal["done", "gives_up"]


class Fact(Struct, frozen=True, eq=False):
    """Something that they say, one of `says`, when a sentence that matches `asked` asks for it."""

    asked: Matcher
    says: tuple[str, ...]
    place: Place


class Want(Struct, frozen=True, eq=False):
    """Something that they bring up, by one of `says`. `until` is what the agent says when it is settled.

    `until` None: any answer settles it that asks for no fact.
    """

    says: tuple[str, ...]
    until: Matcher | None
    place: Place


class Reaction(Struct, frozen=True, eq=False):
    """What they say, one of `says`, where they do not get on; empty: what they want, once more.

    `when` is by which words of the agent they notice; None: by those that are known for the language.
    """

    says: tuple[str, ...] = ()
    when: Matcher | None = None


class Persona(Struct, frozen=True, eq=False):
    """A caller who goes by what they know and want. What they open with is the first of `wants`.

    `begins`: they say what they open with; otherwise the agent may speak first. `approvals` are what they decide each
    time that somebody is asked about a tool. They take at most `turns` turns, and give up behind more than `patience`
    answers in a row that do not get them on. `ends` is how it must end. `who` is for a text model that plays them;
    `model` is which one, None: they go by rules wherever they are.
    """

    wants: tuple[Want, ...]
    facts: tuple[Fact, ...]
    question: Reaction
    refusal: Reaction
    silence: Reaction
    approvals: Mapping[str, tuple[Decision, ...]]
    turns: int
    patience: int
    ends: Ending
    place: Place
    who: str | None = None
    model: str | None = None
    begins: bool = True

    @property
    def texts(self) -> Iterator[str]:
        """All that they may say."""
        spoken: tuple[Want | Fact | Reaction, ...] = (*self.wants, *self.facts, *self.reactions)
        for each in spoken:
            yield from each.says

    @property
    def wants_more_than_an_answer(self) -> bool:
        """Whether how they end says something of the agent; otherwise whatever it answers settles all."""
        return self.ends == "gives_up" or any(want.until is not None for want in self.wants)

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        return self.question, self.refusal, self.silence
