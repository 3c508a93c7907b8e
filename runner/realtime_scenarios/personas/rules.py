"""A caller who goes by rules: all that they look at is what the agent said, as text, and what they know themselves.

Theory of operation. A caller has one thing at a time in mind. Of each answer they ask, in this order: is what I want
settled; am I asked for something I know; have I been understood; is that a no; is that a question I have nothing for?
What gets them on (something is settled, or a fact is told for the first time) gives them their patience back, all else
takes of it. Where they can put something in several ways, the seed and the number of the turn choose, and nothing else:
so a conversation with an agent that answers alike is alike.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.expectations import mismatch
from realtime_scenarios.model.matcher import Matcher
from realtime_scenarios.model.persona import Fact, Persona, Reaction
from realtime_scenarios.personas.hearing import asking_sentences, asks_anything, is_nothing, is_noticed
from realtime_scenarios.played import Over


class Line(Struct, frozen=True):
    """What a caller says next."""

    text: str


class Standing(Struct, frozen=True):
    """Where a caller is: which of the things they want they have in mind, whether they have said so, what they told.

    `turns` are those they have taken, `fruitless` the answers in a row that did not get them on.
    """

    want: int = 0
    is_said: bool = False
    told: frozenset[int] = frozenset()
    turns: int = 0
    fruitless: int = 0


class RuledCaller:
    """One caller in one conversation."""

    def __init__(self, persona: Persona, *, language: str, seed: int) -> None:
        self._persona = persona
        self._language = language
        self._seed = seed
        self.standing = Standing()

    def next(self, said: str) -> Line | Over:
        """What the caller says to what the agent `said`, "" where it said nothing yet; or how it is over."""
        line, self.standing = self._step(said, self.standing)
        return line

    def _step(self, said: str, at: Standing) -> tuple[Line | Over, Standing]:
        after, line = self._heard(said, at)
        if after.want == len(self._persona.wants):
            return "done", after
        if after.fruitless > self._persona.patience:
            return "gives_up", after
        if after.turns == self._persona.turns:
            return "turns", after
        if line is None:
            line, after = self._one_of(self._persona.wants[after.want].says, after), replace(after, is_said=True)
        return Line(line), replace(after, turns=after.turns + 1)

    def _heard(self, said: str, at: Standing) -> tuple[Standing, str | None]:
        """What the answer makes of where the caller is, and what they say to it; None: what they want."""
        persona, asked = self._persona, self._facts_asked_for(said)
        want = persona.wants[at.want]
        if not at.is_said:
            return self._with_facts(at, asked) if asked else (at, None)
        if want.until is not None and _is_said(want.until, said):
            return self._settled(said, at), None
        if asked:
            return self._with_facts(at, asked)
        fruitless = replace(at, fruitless=at.fruitless + 1)
        if is_nothing(said) or self._notices(persona.silence, "misheard", said):
            return fruitless, self._reaction(persona.silence, at)
        if want.until is None:
            return self._settled(said, at), None
        if self._notices(persona.refusal, "refusal", said):
            return fruitless, self._reaction(persona.refusal, at)
        if asks_anything(said) or _is_named(persona.question, said):
            return fruitless, self._reaction(persona.question, at)
        return fruitless, None

    def _facts_asked_for(self, said: str) -> list[int]:
        """The facts that sentences of the agent ask for, in the order in which they do."""
        sentences = asking_sentences(said, self._language)
        found = {
            at: number
            for at, fact in enumerate(self._persona.facts)
            for number, sentence in reversed(list(enumerate(sentences)))
            if _is_said(fact.asked, sentence)
        }
        return sorted(found, key=lambda at: (found[at], at))

    def _with_facts(self, at: Standing, asked: Sequence[int]) -> tuple[Standing, str]:
        """They tell what they are asked for: what they have not told yet before all else, or else once more."""
        new = [each for each in asked if each not in at.told]
        facts: list[Fact] = [self._persona.facts[each] for each in new or asked]
        after = replace(at, told=at.told | set(new), fruitless=0 if new else at.fruitless + 1)
        return after, " ".join(self._one_of(fact.says, at) for fact in facts)

    def _settled(self, said: str, at: Standing) -> Standing:
        """The thing they have in mind is settled, and so are those behind it that the same answer settles."""
        left = self._persona.wants[at.want + 1 :]
        also = itertools.takewhile(lambda want: want.until is not None and _is_said(want.until, said), left)
        return replace(at, want=at.want + 1 + len(list(also)), is_said=False, fruitless=0)

    def _notices(self, reaction: Reaction, notice: Literal["refusal", "misheard"], said: str) -> bool:
        if reaction.when is not None:
            return _is_named(reaction, said)
        return is_noticed(notice, said, self._language)

    def _reaction(self, reaction: Reaction, at: Standing) -> str | None:
        return self._one_of(reaction.says, at) if reaction.says else None

    def _one_of(self, texts: Sequence[str], at: Standing) -> str:
        return texts[0] if len(texts) == 1 else random.Random(f"{self._seed}:{at.turns}:{at.want}").choice(texts)


def _is_named(reaction: Reaction, said: str) -> bool:
    """Whether the agent says what the author named for it."""
    return reaction.when is not None and _is_said(reaction.when, said)


def _is_said(words: Matcher, said: str) -> bool:
    return mismatch(words, said, heard=True) is None
