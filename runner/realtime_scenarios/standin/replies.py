"""The stand-in's own words at a point of a conversation: what is replied to small talk, and what can be said here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from realtime_scenarios.standin.conversation import Conversation
from realtime_scenarios.standin.language import Texts, understood
from realtime_scenarios.standin.smalltalk import Talk, smalltalk_in
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer
from realtime_scenarios.standin.words import name_words

_REPLIES: Mapping[Talk, Sequence[str]] = understood()["replies"]
"""What each kind of talk is replied, as the names of sentences."""
_NOT_ASIDE = ("anything_else", "how_can_i_help", "once_more")


@dataclass(frozen=True, slots=True)
class Replies:
    """`offers` are what can be asked for here."""

    texts: Texts
    conversation: Conversation
    offers: Sequence[Offer]

    def to(self, talk: Talk, *, aside: bool = False) -> str:
        """What is replied; `aside`: before a question that is still open, and so without one of its own."""
        names = [name for name in _REPLIES[talk] if not aside or name not in _NOT_ASIDE]
        return " ".join(filter(None, map(self._sentence, names)))

    def examples(self) -> str:
        """What a caller may say here, others after a while; without examples, what the tools are called."""
        recent = sum(said.startswith(self.texts.do_not_know) for said in self.conversation.said[:4])
        own_first = sorted((o for o in self.offers if o.name not in NEVER_CHOSEN), key=lambda offer: offer.handoff)
        examples = [o.option.examples[min(recent, len(o.option.examples) - 1)] for o in own_first if o.option.examples]
        if examples:
            return self.texts.example.format(examples=self.texts.either.join(f"“{words}”" for words in examples[:2]))
        names = [" ".join(name_words(o.name)) for o in self.offers if o.name not in NEVER_CHOSEN]
        return self.texts.can_do.format(what=self.texts.either.join(names[:4])) if names else ""

    def _sentence(self, name: str) -> str:
        """One of the sentences, with what it takes filled in; empty where there is nothing to say."""
        texts, agent = self.texts, self.conversation.agents[-1]
        is_new = not self.conversation.said or bool(self.conversation.visited)
        match name:
            case "hello":
                return texts.hello if is_new else texts.hello_again
            case "this_is" | "this_is_now" if agent and (is_new or name == "this_is"):
                return texts.this_is.format(agent=spoken_name(agent))
            case "this_is" | "this_is_now":
                return ""
            case "examples":
                return self.examples()
            case "examples_or_here":
                return self.examples() or texts.go_ahead
            case "once_more":
                last = next(iter(self.conversation.said), "").removeprefix(texts.once_more.format(words=""))
                return texts.once_more.format(words=last) if last else texts.not_heard
            case "all_right":
                is_thanked = smalltalk_in(self.conversation.text.split(",")[0]) == "thanks"
                return texts.welcome if is_thanked else texts.all_right
            case _:
                return str(getattr(texts, name))


def spoken_name(name: str) -> str:
    """An agent's name as a caller hears it: `tourGuide` and `tour_guide` are the `tour guide`, names stay names."""
    return " ".join(name_words(name)) if name.isidentifier() and (name[:1].islower() or "_" in name) else name
