"""A response request as what to say or call, by fixed rules: a stand-in for a voice model, without key or network.

Theory of operation. Nothing is kept from one response to the next: each begins with the conversation's items, the tools
and, beside our own runner, a `Briefing`. What a caller's newest message leads to is decided by a table of rules, the
first that has anything to say: an answer to the open question (`form.py`), a step in the agent's states (`walk.py`), a
correction of what was just done, small talk, a request. A request leads to the tool or handoff whose examples or
description fit it best (`matching.py`), and to a call once all that the call needs was said (`arguments.py`). Where
nothing fits, that is said, in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from realtime_scenarios.core.kinds import Kind
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.standin import prompt, smalltalk
from realtime_scenarios.standin.agreement import is_no, is_plain_yes, is_yes
from realtime_scenarios.standin.arguments import Evidence, Filling, Knowledge, filled
from realtime_scenarios.standin.briefing import Briefing
from realtime_scenarios.standin.contacts import places_in
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, Said
from realtime_scenarios.standin.form import MOST_ASKED, Form, exchanges_of_the_matter, open_form
from realtime_scenarios.standin.language import Texts, pattern, texts_of, word_set
from realtime_scenarios.standin.matching import FITS, scores
from realtime_scenarios.standin.moments import today_in
from realtime_scenarios.standin.orders import order_in
from realtime_scenarios.standin.replies import Replies
from realtime_scenarios.standin.routes import Routes
from realtime_scenarios.standin.smalltalk import ASIDE, Talk
from realtime_scenarios.standin.telling import handed_on_to, reading_of, spoken_answer
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer, Slot, offers_of
from realtime_scenarios.standin.values import values_in
from realtime_scenarios.standin.walk import SET_STATE_TOOL, Walk
from realtime_scenarios.standin.words import asks, content_of, is_foreign, language_of, words_of

_CLEARLY = 0.8
"""Another intent this sure interrupts a question that is still open."""
_LEANS, _FAR_AHEAD = 0.3, 0.2
"""From the one on an option is meant that is ahead of all others by the other."""
_IN_A_STATE, _IN_THE_MIDST = 0.7, 0.95
"""Another intent this sure leads out of a state; the second where the caller has just answered its question."""
_AHEAD, _WRITES_UNASKED, _BEGINNING = 0.04, 0.2, 30
"""How much better a handoff must fit than a tool of the agent's own, and what writes where a question begins so."""
_ASKS_ABOUT = word_set("asks_about")
_SHORT = 8
"""A correction or a follow-up has at most so many words."""
_TYPED: frozenset[Kind] = frozenset(["email", "phone", "seat", "code", "zip", "place"])
_ANY_WORDS: frozenset[Kind] = frozenset(["name", "place", "other"])
_WITHOUT_A_FORM: frozenset[Kind] = frozenset(["request", "text", "boolean", "other"])
_TRY_AGAIN, _FOR_ANYTHING = pattern("tries_again"), pattern("for_anything")


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that led to nothing, and what came nearest: the example that would help stands there or nowhere."""

    text: str
    agent: str | None
    nearest: str | None


class OfflineResponder:
    """Answers every request the same way every time, from the request and the briefing alone.

    A caller's message leads to at most two handoffs and one tool call; the same call is never made twice for one
    message. Under a forced `tool_choice` the call is made with what is known.

    Args:
        briefing: tells whose desk is active now; None, or nothing told: only what is on the wire is known.
        missed: hears of every message that was not understood.
    """

    never_waits = True

    def __init__(
        self, briefing: Callable[[], Briefing | None] | None = None, missed: Callable[[Missed], None] | None = None
    ) -> None:
        self._briefing = briefing or (lambda: None)
        self._missed = missed or (lambda _: None)

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        outputs = _Answer(request, self._briefing(), self._missed).outputs()
        return [output for output in outputs if not isinstance(output, SayText) or output.text]


@dataclass
class _Answer:
    """One response: what is known, and the rules from there to its outputs."""

    request: ResponseRequest
    briefing: Briefing | None
    missed: Callable[[Missed], None]

    def outputs(self) -> list[Output]:
        """The outputs; what was just said is not said a third time in the same words."""
        outputs = self._ordered() or self._forced() or self._on_the_last_entry()
        only = outputs[0] if len(outputs) == 1 else None
        if isinstance(only, SayText) and self.conversation.said[:2] == [only.text] * 2:
            return [SayText(f"{self.texts.who} {only.text}")]
        return outputs

    # --- what is known ------------------------------------------------------------------------------------------------

    @cached_property
    def conversation(self) -> Conversation:
        return Conversation.of(self.request.items)

    @cached_property
    def texts(self) -> Texts:
        return texts_of(self.briefing.language if self.briefing else language_of(self.request.instructions))

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        texts = self.texts if self.briefing else texts_of("en")
        return offers_of(self.request.tools, self.request.instructions, self.briefing, texts)

    @cached_property
    def routes(self) -> Routes:
        return Routes(self.conversation, self.briefing.first if self.briefing else None)

    @cached_property
    def replies(self) -> Replies:
        return Replies(self.texts, self.conversation, self.routes, self.offers)

    @cached_property
    def beside(self) -> Knowledge:
        today = (self.briefing.today if self.briefing else None) or today_in(self.request.instructions)
        known = self.briefing.known if self.briefing else {}
        return Knowledge(today=today, known=known).with_calls_of(self.conversation.entries)

    @cached_property
    def walk(self) -> Walk | None:
        """The way through the agent's states, where it has any."""
        here = self.briefing.states.get(self.briefing.here or "") if self.briefing else None
        if here is None or self.briefing is None:
            return None
        return Walk(self.briefing, here, self.conversation, self.offers, self.texts, self.routes.has_arrived)

    @cached_property
    def callable(self) -> tuple[Offer, ...]:
        """What may be called now: nothing under `tool_choice` none, and no handoff that would lead in circles."""
        if self.request.tool_choice == "none":
            return ()
        closed = NEVER_CHOSEN | (self.walk.elsewhere() if self.walk else frozenset[str]())
        handoffs = self.routes.open(self.offers)
        return tuple(o for o in self.offers if o.name not in closed and (not o.handoff or o in handoffs))

    @cached_property
    def form(self) -> Form | None:
        """What the caller's newest message is an answer for; None where no question of a tool's was open."""
        return open_form(self.conversation, self.callable, self.beside, self.texts)

    @cached_property
    def text(self) -> str:
        return self.conversation.text_at(self.conversation.last_user)

    @cached_property
    def talk(self) -> Talk | None:
        return smalltalk.smalltalk_in(self.text)

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The request, and behind it what was said for the same matter."""
        matter = exchanges_of_the_matter(self.conversation, self.callable, self.texts)
        return [Evidence(exchange.text) for exchange in matter]

    @cached_property
    def best(self) -> tuple[Offer | None, float]:
        return self._best_for(self.text)

    @property
    def _prose(self) -> str:
        """What an author wrote about the agent; on the wire, all of its prompt."""
        return self.briefing.prose if self.briefing else self.request.instructions

    def _says(self, *texts: str) -> list[Output]:
        return [SayText(" ".join(filter(None, texts)))]

    # --- what a response was ordered to do ----------------------------------------------------------------------------

    def _ordered(self) -> list[Output]:
        """What instructions of this response alone want said; empty where it has none, or has a prompt of its own."""
        order = order_in(self.request.asked_for or "")
        if order is None:
            return []
        match order.kind:
            case "words":
                return self._says(order.words)
            case "greeting" | "end" | "thanks" as courtesy:
                return self._says(self.replies.to(courtesy))
            case "ask for":
                return self._says(self.texts.ask.format(thing=f"{self.texts.your}{order.words}"))
            case _:
                return self._says(self.texts.cannot_do_that)

    def _forced(self) -> list[Output]:
        """The call that `tool_choice` asks for, with what is known; empty where it asks for none."""
        choice = self.request.tool_choice
        named = choice.get("name") if isinstance(choice, dict) else None
        if named is None and choice != "required":
            return []
        meant = [offer for offer in self.offers if named in (offer.name, offer.within and offer.within.tool)]
        offers = meant or ([] if named else [*self.callable] or [o for o in self.offers if o.name not in NEVER_CHOSEN])
        if not offers:
            return [CallFunction(named, "{}")] if named else []
        if self.form is not None and self.form.offer in offers:
            return [self.form.offer.call(self.form.found.arguments)]
        fitting = scores(self.text, [offer.option for offer in offers])
        best = offers[fitting.index(max(fitting))]
        return [best.call(filled(best, self.evidence, self.beside).arguments)]

    # --- what to do about the last entry ------------------------------------------------------------------------------

    def _on_the_last_entry(self) -> list[Output]:
        last = self.conversation.entries[-1] if self.conversation.entries else None
        match last:
            case Said(role="user"):
                return self._to_the_caller()
            case Returned():
                return self._after(last)
            case Called():
                return self._says(self.texts.waiting)
            case None:
                return self._opening()
            case _:
                has_spoken = self.conversation.last_user is not None
                return self._says(self.texts.anything_else if has_spoken else self.texts.go_ahead)

    def _opening(self) -> list[Output]:
        opening = self.briefing.opening if self.briefing else prompt.opening_line(self.request.instructions)
        step = self.walk.onward() if self.walk and not opening else []
        return step or self._says(opening or self.replies.greeting())

    def _to_the_caller(self) -> list[Output]:
        """What the first rule says that has anything to say to the caller's newest message."""
        rules = (
            self._nothing_heard,
            self._somebody_else,
            self._an_answer,
            self._a_step,
            self._an_amendment,
            self._small_talk,
            self._a_request,
        )
        return next(filter(None, (rule() for rule in rules)), []) or self._nothing_fits()

    def _nothing_heard(self) -> list[Output]:
        if self.text.lower().startswith("guardrail triggered"):
            return self._says(self.texts.taken_back)
        return [] if self.talk or words_of(self.text) else self._says(self.texts.not_heard)

    def _somebody_else(self) -> list[Output]:
        """The caller wants a person, or another agent by name."""
        name = prompt.agent_named(self.text)
        for offer in self.callable:
            if name and offer.handoff and name <= frozenset(words_of(offer.target)):
                return self._proceed(offer, [Evidence(self.text)])
        wish = smalltalk.wish_for_a_person(self.text)
        if wish is None:
            return []
        best, score = self._best_for(smalltalk.without_the_wish(self.text) if wish == "anybody" else self.text)
        fits = best is not None and score >= _CLEARLY and (wish == "anybody" or smalltalk.leads_to_a_person(best))
        reached = best if fits else next(filter(smalltalk.leads_to_a_person, self.callable), None)
        told = (self.briefing.persons if self.briefing else None) or smalltalk.told_about_persons(self._prose)
        reached = reached or (self._look_up("anything") if told is None else None)
        if reached is not None:
            return self._proceed(reached, [Evidence(self.text)])
        if told is None and self.routes.has_arrived:
            return self._says(self.replies.greeting())
        return self._says(told or f"{self.texts.no_person} {self.replies.examples()}".strip())

    def _an_answer(self) -> list[Output]:
        """The caller answers what a tool has asked; empty where they want something else, or nobody has asked."""
        form = self.form
        if form is None or (self.walk is not None and self.walk.does(form.offer.name)):
            return []
        question = form.found.missing.question if form.found.missing else form.to_confirm(self.texts)
        if self.talk == "end":
            return self._says(self.replies.to("end"))
        if self.talk in ASIDE:
            return self._says(self.replies.aside(self.talk), question)
        if smalltalk.is_cancel(self.text):
            return self._says(self.texts.keeps, self.texts.anything_else)
        if self._is_about_something_else(form):
            return []
        if form.withdrawn or (form.misses and is_no(self.text) and not is_yes(self.text)):
            return self._says(self.texts.keeps, self.texts.anything_else)
        if form.confirmed:
            return self._proceed(form.offer, form.evidence, confirmed=True)
        if form.misses == 0:
            is_changed = form.was_read and form.found.missing is None
            return self._says(question) if is_changed else self._proceed(form.offer, form.evidence)
        if fact := self._fact():
            return self._says(fact, question)
        if form.misses >= MOST_ASKED:
            return self._says(self.texts.given_up, self.replies.examples())
        return self._says(self.texts.not_got, question)

    def _is_about_something_else(self, form: Form) -> bool:
        """Whether the newest words are another wish, and no answer, or a question that something else is there for."""
        best, score = self.best
        is_open = form.misses > 0 or form.withdrawn or (form.asked is not None and form.asked.kind in _ANY_WORDS)
        another = best is not None and best is not form.offer and len(words_of(self.text)) > 2
        if another and not form.confirmed and score >= (FITS if is_open else _CLEARLY):
            return True
        elsewhere = any(offer.is_hub or (offer.answers and offer is not form.offer) for offer in self.callable)
        return form.misses > 0 and asks(self.text) and len(words_of(self.text)) > 3 and elsewhere

    def _a_step(self) -> list[Output]:
        """What leads on from the present state; empty where the caller wants something else."""
        walk, (best, score) = self.walk, self.best
        if walk is None:
            return []
        fits = best is not None and score >= FITS
        if smalltalk.is_cancel(self.text) and not fits:
            return self._says(self.texts.keeps, self.texts.anything_else)
        if not fits and (fact := self._fact()):
            return self._says(fact, walk.question() or "")
        if not walk.takes(self.text, self.talk):
            return []
        leads_out = best is not None and score >= (_IN_THE_MIDST if walk.is_answered() else _IN_A_STATE)
        return [] if leads_out and best is not None and not walk.does(best.name) else walk.onward()

    def _an_amendment(self) -> list[Output]:
        """The call that was answered just before, once more or with the one value that the caller gives instead."""
        offer, last = self._called_before
        call = last.call if last is not None else None
        if self.talk is not None or offer is None or call is None or len(words_of(self.text)) > _SHORT:
            return []
        made, (best, score) = offer.arguments_in(call), self.best
        if _TRY_AGAIN.search(self.text) and not content_of(_TRY_AGAIN.sub(" ", self.text)):
            return offer.called(made)
        if best is not None and best is not offer and score >= FITS:
            return []
        for slot in offer.slots:
            if slot.path == (slot.name,) and slot.name in made and (value := self._value_for(slot)) is not None:
                other = {**made, slot.name: value}
                if value != made[slot.name] and offer.parameters.accepts(other):
                    return offer.called(other)
        return []

    def _small_talk(self) -> list[Output]:
        if self.talk is None:
            return []
        question = self.walk.question() if self.walk is not None and self.talk not in ("end", "again") else None
        if question is None:
            return self._says(self.replies.to(self.talk))
        said = self.replies.aside(self.talk)
        return self._says(said, "" if said.endswith(question) else question)

    def _a_request(self) -> list[Output]:
        """The tool that fits the words or takes what they give, a fact, or whoever is there for everything."""
        best, score = self.best
        meant = best if score >= FITS else self._meant_by_its_values()
        if meant is not None:
            return self._proceed(meant, self.evidence)
        is_one_language = self.texts.code != "en" or language_of(self.request.instructions) == "en"
        if is_one_language and is_foreign(self.text, self.texts.code):
            return self._says(self.texts.only_language)
        if fact := self._fact():
            return self._says(fact)
        meant = self._asked_by or self._there_for_everything()
        return self._proceed(meant, self.evidence) if meant is not None else []

    def _nothing_fits(self) -> list[Output]:
        if self.routes.has_arrived:
            return self._says(self.replies.greeting())
        best, score = self.best
        self.missed(Missed(self.text, self.routes.agent, best.name if best is not None and score >= _LEANS else None))
        return self._says(self.texts.do_not_know, self.replies.examples())

    # --- what fits, and what it needs ---------------------------------------------------------------------------------

    def _best_for(self, text: str) -> tuple[Offer | None, float]:
        """What fits best, and how well; an own tool wins over a close handoff. Places are no words to compare."""
        takes_places = any(slot.kind == "place" for offer in self.callable for slot in offer.slots)
        matter = text
        for place in places_in(text) if takes_places else ():
            matter = re.sub(rf"{re.escape(place)}(?:['’]s)?", " ", matter)
        return max(self._ranked(text), self._ranked(matter), key=lambda found: found[1])

    def _ranked(self, text: str) -> tuple[Offer | None, float]:
        """What fits best; who asks about something wants nothing written, and few words do that nothing else has."""
        offers = [o for o in self.callable if o.answers == "anything" or prompt.shares_a_deed(text, o.option)]
        if not offers:
            return None, 0.0
        writes = _WRITES_UNASKED if set(words_of(text[:_BEGINNING])) & _ASKS_ABOUT else 0.0
        fitting = [
            fits - writes * o.writes for o, fits in zip(offers, scores(text, [o.option for o in offers]), strict=True)
        ]
        order = sorted(range(len(offers)), key=lambda at: offers[at].handoff * _AHEAD - fitting[at])
        best, score = offers[order[0]], fitting[order[0]]
        is_ahead = score >= _LEANS and all(score - fitting[at] >= _FAR_AHEAD for at in order[1:2])
        return best, max(score, FITS) if is_ahead and not (best.handoff and self.routes.has_arrived) else score

    def _meant_by_its_values(self) -> Offer | None:
        """The own tool that takes what the text gives, such as a number; of several, the one that writes nothing."""
        own = [offer for offer in self.callable if not offer.handoff and any(slot.required for slot in offer.slots)]
        given = [sum(self._is_given(slot) for slot in offer.slots if slot.kind in _TYPED) for offer in own]
        best = max(given, default=0)
        meant = [offer for offer, count in zip(own, given, strict=True) if best and count == best]
        meant = meant if len(meant) == 1 else [offer for offer in meant if not offer.writes]
        return meant[0] if len(meant) == 1 else None

    def _is_given(self, slot: Slot) -> bool:
        """Whether the text gives a value for the slot; a place only where it names nothing else."""
        given = values_in(slot, self.text, None, asked=False, sole=True)
        value = next(filter(slot.schema.accepts, given), None)
        return value is not None and (slot.kind != "place" or not content_of(self.text.replace(str(value), " ")))

    def _value_for(self, slot: Slot) -> Any:
        """Another value for the slot in a text that is about little else; None where it holds none."""
        if slot.kind in _WITHOUT_A_FORM:
            return None
        found = values_in(slot, self.text, self.beside.today, asked=False, sole=True)
        return next(filter(slot.schema.accepts, found), None)

    def _look_up(self, *kinds: str) -> Offer | None:
        """The first tool that looks up answers to questions of such a kind."""
        return next((offer for offer in self.callable if offer.answers in kinds), None)

    def _there_for_everything(self) -> Offer | None:
        """A tool for every request or question, else whoever finds the right desk; None where little was said."""
        if not content_of(self.text) or not (asks(self.text) or len(words_of(self.text)) > 2):
            return None
        hubs = (
            o
            for o in self.callable
            if o.is_hub and _FOR_ANYTHING.search(" ".join([o.told.description, *o.option.hints]))
        )
        return self._look_up("anything", *(["questions"] if asks(self.text) else [])) or next(hubs, None)

    def _fact(self) -> str:
        """What the prompt itself says about a question, where its author has no tool for every question."""
        is_looked_up = not asks(self.text) or self._look_up("questions", "anything")
        return "" if is_looked_up else prompt.fact_about(self.text, self._prose)

    @cached_property
    def _called_before(self) -> tuple[Offer | None, Returned | None]:
        """The tool that was called last before the caller's newest message, and what came back."""
        before = reversed(self.conversation.entries[: self.conversation.last_user])
        last = next((entry for entry in before if not isinstance(entry, Said)), None)
        if not isinstance(last, Returned):
            return None, None
        return next((o for o in self.callable if o.is_called_by(last.call) and not o.handoff), None), last

    @property
    def _asked_by(self) -> Offer | None:
        """The tool whose answer, read out just before, ended in a question: it also gets the caller's reply."""
        offer, returned = self._called_before
        words = self.conversation.words_before(self.conversation.last_user or 0)
        told = spoken_answer(reading_of(returned.output).data, "", self.texts) if returned else ""
        return offer if words.endswith("?") and words in told else None

    def _proceed(self, offer: Offer, evidence: Sequence[Evidence], *, confirmed: bool = False) -> list[Output]:
        """The call, the question for what it still needs, or what is about to be done with a question for a yes."""
        found = filled(offer, evidence, self.beside)
        if found.missing is not None:
            return self._says(found.missing.question)
        if not found.complete or self.routes.was_called(offer.call(found.arguments)):
            return self._says(self.texts.refused)
        if not confirmed and self._is_to_be_confirmed(offer, evidence, found):
            return self._says(Form(offer, found).to_confirm(self.texts))
        return offer.called(found.arguments)

    def _is_to_be_confirmed(self, offer: Offer, evidence: Sequence[Evidence], found: Filling) -> bool:
        """Whether something is written that the caller has not heard yet: all was said in one breath, or spoken."""
        if offer.handoff or not offer.writes or (self.walk is not None and self.walk.does(offer.name)):
            return False
        if offer.told.asks_a_person and not offer.is_confirmed_first:
            return False  # whoever is asked hears what is to be done
        emails = [str(found.arguments.get(slot.name) or "").lower() for slot in offer.slots if slot.kind == "email"]
        heard = " ".join(said.text.lower() for said in evidence)
        return any(email not in heard for email in emails) or (len(evidence) == 1 and not emails)

    # --- what came back of a call -------------------------------------------------------------------------------------

    def _after(self, last: Returned) -> list[Output]:
        if last.agent is not None:
            return self._arrived()
        if self.walk is not None and last.call is not None and last.call.name == SET_STATE_TOOL:
            return self.walk.after_a_move(last) or self._says(self.texts.anything_else)
        since = self.conversation.since_user
        spoken_at = max((at for at, entry in enumerate(since) if isinstance(entry, Said)), default=-1)
        returns = [entry for entry in since[spoken_at + 1 :] if isinstance(entry, Returned) and entry.agent is None]
        new = [entry for entry in returns if entry.call is None or entry.call.name != SET_STATE_TOOL] or [last]
        told = " ".join(dict.fromkeys(filter(None, map(self._words_about, new[-3:]))))
        own = self.walk.here.tools if self.walk is not None else ()
        if self.walk and last.call and last.call.name in own and (step := self.walk.after_a_call(last, told)):
            return step
        to = handed_on_to(last.output) if self.routes.may_go_on and self.request.tool_choice != "none" else None
        for offer in self.offers if to is not None else ():
            if offer.handoff and (to <= frozenset(words_of(offer.target)) if to else offer.is_hub):
                return self._proceed(offer, self.evidence[:1])
        return self._says(told or self.texts.done)

    def _words_about(self, returned: Returned) -> str:
        """What is said about one output: it is whole and true, or what of a failure is meant for a caller."""
        found, texts = reading_of(returned.output), self.texts
        offer = next((offer for offer in self.offers if offer.is_called_by(returned.call)), None)
        match found.manner:
            case "invalid":
                blamed = self._blamed(returned, offer)
                return blamed.question if blamed else texts.failed
            case "answer":
                answers = offer is not None and bool(offer.answers)
                if isinstance(found.data, str) and offer is not None and offer.told.verbatim:
                    return found.data.strip()
                asked = " ".join(said.text for said in self.evidence)
                return spoken_answer(found.data, asked, texts, looked_up=answers) or texts.done
        lead = {"cancelled": texts.cancelled, "failed": texts.failed, "refused": texts.refused, "slow": texts.slow}
        return " ".join(filter(None, [lead[found.manner], found.reason, texts.anything_else]))

    def _blamed(self, returned: Returned, offer: Offer | None) -> Slot | None:
        """The value that an output calls wrong or missing; None where it names none, or it was just asked for."""
        named = [slot for slot in offer.slots if slot.name in returned.output] if offer else []
        first = min(named, key=lambda slot: not slot.required, default=None)
        return None if first is None or first.question in self.conversation.said[:2] else first

    def _arrived(self) -> list[Output]:
        """Go on, as the agent that took over, with what the caller said before."""
        if self.walk is not None and (step := self.walk.onward()):
            return step
        if self.talk is not None or not words_of(self.text) or is_plain_yes(self.text):
            return self._says(self.replies.greeting())
        if smalltalk.wish_for_a_person(self.text) or prompt.agent_named(self.text):
            own = [offer for offer in self.callable if not offer.handoff]
            only = own[0] if len(own) == 1 and own[0].writes else None
            return self._proceed(only, [Evidence(self.text)]) if only else self._says(self.replies.greeting())
        return self._an_answer() or self._a_request() or self._nothing_fits()
