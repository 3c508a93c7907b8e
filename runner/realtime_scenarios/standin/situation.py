"""What a response is made from: what was said and called so far, what is on offer, what the caller's words mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from realtime_scenarios.realtime.responder import ResponseRequest
from realtime_scenarios.standin.briefing import Briefing, StateBriefing
from realtime_scenarios.standin.conversation import Conversation, Exchange, entries_of
from realtime_scenarios.standin.form import Evidence, Form, Knowledge, exchanges_of_the_matter, open_form
from realtime_scenarios.standin.language import Texts, pattern, texts_of, understood
from realtime_scenarios.standin.matching import FITS, scores, shares_a_deed
from realtime_scenarios.standin.numerals import today_in
from realtime_scenarios.standin.smalltalk import Talk, smalltalk_in
from realtime_scenarios.standin.telling import fact_about, spoken_value
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer, offers_of
from realtime_scenarios.standin.values import places_in
from realtime_scenarios.standin.walk import Walk
from realtime_scenarios.standin.words import asks, content_of, language_of, name_words, words_of

LEANS, _FAR_AHEAD = 0.3, 0.2
"""From the one on an option is meant that is ahead of all others by the other."""
_HANDS_OFF_LATE = 0.04
"""So much better a handoff must fit than an own tool."""
_MOST_HANDOFFS = 2
"""For one message of the caller."""
_NOT_ASIDE = ("anything_else", "how_can_i_help", "once_more")


@dataclass
class Situation:
    """One response request, and what is known of whose desk it is."""

    request: ResponseRequest
    briefing: Briefing

    @cached_property
    def conversation(self) -> Conversation:
        return Conversation(tuple(entries_of(self.request.items)), self.briefing.first)

    @cached_property
    def texts(self) -> Texts:
        return texts_of(self.briefing.language)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        return offers_of(self.request.tools, self.request.instructions, self.briefing, self.texts)

    @property
    def may_go_on(self) -> bool:
        """Whether the message at hand may be handed over once more."""
        return self.request.tool_choice != "none" and len(self.conversation.visited) <= _MOST_HANDOFFS

    @cached_property
    def beside(self) -> Knowledge:
        beside = Knowledge(today=self.briefing.today, known=self.briefing.known)
        return beside.with_calls_of(self.conversation.returned)

    @cached_property
    def walk(self) -> Walk:
        """The way through the agent's states; one that leads nowhere where it has none."""
        here = self.briefing.states.get(self.briefing.here or "") or StateBriefing("")
        return Walk(self.briefing, here, self.conversation, self.offers, self.texts)

    @cached_property
    def callable(self) -> tuple[Offer, ...]:
        """What may be called now: nothing under `tool_choice` none; no handoff that was refused, that leads back to
        where the message at hand came from, or is the third for it."""
        if self.request.tool_choice == "none":
            return ()
        returned = self.conversation.since_user.returned
        refused = {it.call.name for it in returned if it.agent is None and it.call}
        been = {_letters_of(agent) for agent in self.conversation.visited if agent}
        handoffs = [offer for offer in self.offers if offer.handoff and offer.name not in refused]
        new = [offer for offer in handoffs if _letters_of(offer.target) not in been]
        if None in self.conversation.visited:  # it may be the one behind a hub
            new = [offer for offer in new if len(handoffs) > 1 and not offer.is_hub]
        new = new if self.may_go_on else []
        closed = NEVER_CHOSEN | self.walk.elsewhere()
        return tuple(o for o in self.offers if o.name not in closed and (not o.handoff or o in new))

    @cached_property
    def form(self) -> Form | None:
        """What the caller's newest message is an answer for; None where no question of a tool's was open."""
        return open_form(self.matter, self.callable, self.beside, self.texts)

    @cached_property
    def matter(self) -> list[Exchange]:
        """The request, and behind it what was said about it."""
        return exchanges_of_the_matter(self.conversation, self.callable, self.texts)

    @property
    def evidence(self) -> list[Evidence]:
        return [Evidence(exchange.text) for exchange in self.matter]

    # --- the caller's newest message ----------------------------------------------------------------------------------

    @cached_property
    def text(self) -> str:
        return self.conversation.text

    @cached_property
    def talk(self) -> Talk | None:
        return smalltalk_in(self.text)

    @cached_property
    def best(self) -> tuple[Offer | None, float]:
        """What fits the words best, and how well: an own tool wins over a close handoff, and few words do that nothing
        else has. Places are no words to compare."""
        takes_places = any(slot.kind == "place" for offer in self.callable for slot in offer.slots)
        text = self.text
        for place in places_in(text) if takes_places else ():
            text = re.sub(rf"{re.escape(place)}(?:['’]s)?", " ", text)
        offers = [o for o in self.callable if o.answers == "anything" or shares_a_deed(text, o.option)]
        if not offers:
            return None, 0.0
        fitting = scores(text, [offer.option for offer in offers])
        order = sorted(range(len(offers)), key=lambda at: offers[at].handoff * _HANDS_OFF_LATE - fitting[at])
        best, score = offers[order[0]], fitting[order[0]]
        is_ahead = score >= LEANS and all(score - fitting[at] >= _FAR_AHEAD for at in order[1:2])
        return best, max(score, FITS) if is_ahead and not (best.handoff and self.conversation.visited) else score

    def meant(self, surely: float = FITS) -> Offer | None:
        """What the words mean, where that is so sure."""
        best, score = self.best
        return best if score >= surely else None

    @cached_property
    def fact(self) -> str:
        """What the prompt itself says about a question, where its author has no tool for every question."""
        is_looked_up = not asks(self.text) or self.look_up("questions", "anything")
        return "" if is_looked_up else fact_about(self.text, self.briefing.prose)

    def look_up(self, *kinds: str) -> Offer | None:
        """The first tool that looks up answers to questions of such a kind."""
        return next((offer for offer in self.callable if offer.answers in kinds), None)

    def there_for_everything(self) -> Offer | None:
        """A tool for every request or question, else whoever finds the right desk; None where little was said."""
        last = self.conversation.exchanges[-1]
        is_reply = last.called is not None and (last.words or "").endswith("?")
        if not content_of(self.text) or not (asks(self.text) or is_reply or len(words_of(self.text)) > 2):
            return None
        hubs = (offer for offer in self.callable if offer.is_hub and pattern("for_anything").search(offer.about))
        return self.look_up("anything", *(["questions"] if asks(self.text) else [])) or next(hubs, None)

    # --- what is replied to small talk --------------------------------------------------------------------------------

    def reply(self, talk: Talk, *, aside: bool = False) -> str:
        """What is replied; `aside`: before a question that is still open, and so without one of its own."""
        names = [name for name in understood()["replies"][talk] if not aside or name not in _NOT_ASIDE]
        return " ".join(filter(None, map(self._sentence, names)))

    def examples(self) -> str:
        """What a caller may say here, others after a while; without examples, what the tools are called."""
        recent = sum(said.startswith(self.texts.do_not_know) for said in self.conversation.said[:4])
        own_first = sorted((o for o in self.offers if o.name not in NEVER_CHOSEN), key=lambda offer: offer.handoff)
        examples = [o.option.examples[min(recent, len(o.option.examples) - 1)] for o in own_first if o.option.examples]
        if examples:
            return self.texts.example.format(examples=self.texts.either.join(f"“{words}”" for words in examples[:2]))
        names = [" ".join(name_words(offer.name)) for offer in own_first]
        return self.texts.can_do.format(what=self.texts.either.join(names[:4])) if names else ""

    def _sentence(self, name: str) -> str:
        """One of the sentences, with what it takes filled in; empty where there is nothing to say."""
        texts, agent = self.texts, self.conversation.agents[-1]
        is_new = not self.conversation.said or bool(self.conversation.visited)
        match name:
            case "hello":
                return texts.hello if is_new else texts.hello_again
            case "this_is" | "this_is_now":
                is_said = agent and (is_new or name == "this_is")
                return texts.this_is.format(agent=spoken_value(agent, texts)) if is_said else ""
            case "examples":
                return self.examples() or texts.go_ahead
            case "once_more":
                last = next(iter(self.conversation.said), "").removeprefix(texts.once_more.format(words=""))
                return texts.once_more.format(words=last) if last else texts.not_heard
            case _:
                return str(getattr(texts, name))


def told_by_the_wire(request: ResponseRequest) -> Briefing:
    """What a prompt alone tells of whose desk it is."""
    prose = request.instructions
    opening = pattern("opening").search(prose[:4_000])
    line = opening["line"].strip() if opening else None
    return Briefing("", language=language_of(prose), today=today_in(prose), opening=line, prose=prose)


def _letters_of(name: str) -> str:
    """An agent's name as function names have it, whatever it was called by."""
    return "".join(filter(str.isalnum, name.lower())).removesuffix("agent")
