"""What is said to small talk, and what a caller may say here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime_scenarios.standin.conversation import Conversation
from realtime_scenarios.standin.language import Texts
from realtime_scenarios.standin.routes import Routes
from realtime_scenarios.standin.smalltalk import Talk, smalltalk_in
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer
from realtime_scenarios.standin.words import name_words


@dataclass(frozen=True, slots=True)
class Replies:
    """The stand-in's own words at this point of a conversation."""

    texts: Texts
    conversation: Conversation
    routes: Routes
    offers: Sequence[Offer]

    def to(self, talk: Talk) -> str:
        texts = self.texts
        match talk:
            case "greeting":
                return self.greeting()
            case "thanks":
                return f"{texts.welcome} {texts.anything_else}"
            case "end":
                thanked = smalltalk_in(self.conversation.text_at(self.conversation.last_user).split(",")[0]) == "thanks"
                return f"{texts.welcome if thanked else texts.all_right} {texts.goodbye}"
            case "who" | "angry":
                this = texts.this_is.format(agent=spoken_name(self.routes.agent)) if self.routes.agent else ""
                return " ".join(filter(None, [this, texts.who, self.examples()]))
            case "help":
                return self.examples() or texts.go_ahead
            case "again":
                last = next(iter(self.conversation.said), "").removeprefix(texts.once_more.format(words=""))
                return texts.once_more.format(words=last) if last else texts.not_heard
            case "yes":
                return texts.how_can_i_help
            case "no":
                return f"{texts.all_right} {texts.anything_else}"

    def aside(self, talk: Talk | None) -> str:
        """The same before a question that is still open, without one of its own."""
        said = self.to(talk) if talk is not None and talk != "again" else ""
        return said.removesuffix(self.texts.anything_else).removesuffix(self.texts.how_can_i_help).strip()

    def greeting(self) -> str:
        """A short hello; with the agent's name where the caller has just come to it, or hears it first."""
        texts, agent = self.texts, self.routes.agent
        is_new = not self.conversation.said or self.routes.has_arrived
        this = texts.this_is.format(agent=spoken_name(agent)) if agent is not None and is_new else ""
        return " ".join(filter(None, [texts.hello if is_new else texts.hello_again, this, texts.how_can_i_help]))

    def examples(self) -> str:
        """What a caller may say here, others after a while; without examples, what the tools are called."""
        recent = sum(said.startswith(self.texts.do_not_know) for said in self.conversation.said[:4])
        own_first = sorted((o for o in self.offers if o.name not in NEVER_CHOSEN), key=lambda offer: offer.handoff)
        examples = [o.option.examples[min(recent, len(o.option.examples) - 1)] for o in own_first if o.option.examples]
        if examples:
            return self.texts.example.format(examples=self.texts.either.join(f"“{words}”" for words in examples[:2]))
        names = [" ".join(name_words(o.name)) for o in self.offers if o.name not in NEVER_CHOSEN]
        return self.texts.can_do.format(what=self.texts.either.join(names[:4])) if names else ""


def spoken_name(name: str) -> str:
    """An agent's name as a caller hears it: `tourGuide` and `tour_guide` are the `tour guide`, names stay names."""
    return " ".join(name_words(name)) if name.isidentifier() and (name[:1].islower() or "_" in name) else name
