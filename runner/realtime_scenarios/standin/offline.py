"""A response request as what to say or call, by fixed rules: a stand-in for a voice model, without key or network.

Theory of operation. Nothing is kept from one response to the next: each begins with the conversation's items, the tools
and, beside our own runner, a `Briefing`. A caller's newest message is, in this order: an answer to the open question
(`matter.py`), a step in the agent's states (`walk.py`), a correction of what was just done, small talk, or a request.
A request leads to the tool or handoff whose examples or description fit it best (`matching.py`), and to a call once all
that the call needs was said (`arguments.py`). Where nothing fits, that is said, in one sentence.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from realtime_scenarios.core.kinds import Kind
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.standin import smalltalk
from realtime_scenarios.standin.agreement import corrects, is_no, is_plain_yes, is_yes
from realtime_scenarios.standin.arguments import Evidence, Filling, Knowledge, filled
from realtime_scenarios.standin.briefing import Briefing
from realtime_scenarios.standin.contacts import places_in
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, Said
from realtime_scenarios.standin.language import Texts, texts_of
from realtime_scenarios.standin.languages import is_foreign, language_of
from realtime_scenarios.standin.matching import FITS, rests_on_one_word, scores
from realtime_scenarios.standin.matter import Matter, confirmation, matter_of
from realtime_scenarios.standin.moments import today_in
from realtime_scenarios.standin.orders import is_order, ordered_courtesy, ordered_words, thing_to_ask_for
from realtime_scenarios.standin.prompt import agent_named, fact_about, opening_line, reads_out, shares_a_deed
from realtime_scenarios.standin.routes import Routes
from realtime_scenarios.standin.smalltalk import Talk, examples_of, smalltalk_in
from realtime_scenarios.standin.telling import handed_on_to, reading_of, spoken_answer
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer, Slot, offers_of
from realtime_scenarios.standin.values import values_in
from realtime_scenarios.standin.walk import SET_STATE_TOOL, Walk
from realtime_scenarios.standin.words import asks, content_of, name_words, words_of

_CLEARLY = 0.8
"""Another intent this sure interrupts a question that is still open."""
_LEANS, _FAR_AHEAD = 0.3, 0.2
"""From the one on an option is meant that is ahead of all others by the other."""
_IN_A_STATE = 0.7
"""Another intent this sure leads out of a state."""
_AHEAD = 0.04
"""How much better a handoff must fit than a tool of the agent's own."""
_MOST_ASKED = 3
_CACHED_AGENTS = 64
_TYPED: frozenset[Kind] = frozenset(["email", "phone", "seat", "code", "zip"])
_TRY_AGAIN = re.compile(
    r"\b(?:try|once more|one more time|again|retry|encore une fois|réessayez|essayez|otra vez|inténtelo)\b", re.I
)
_SHORT = 8
"""A correction or a follow-up has at most so many words."""
_FOR_ANYTHING = re.compile(r"\b(?:anything|everything|whatever|delegates?|right (?:place|desk))\b", re.I)


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
        self,
        briefing: Callable[[], Briefing | None] | None = None,
        missed: Callable[[Missed], None] | None = None,
    ) -> None:
        self._briefing = briefing or (lambda: None)
        self._missed = missed or (lambda _: None)
        self._offers: OrderedDict[tuple[str, str, str], tuple[Offer, ...]] = OrderedDict()

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        briefing = self._briefing()
        outputs = _Answer(self._offers_of(request, briefing), request, briefing, self._missed).outputs()
        return [output for output in outputs if not isinstance(output, SayText) or output.text]

    def _offers_of(self, request: ResponseRequest, briefing: Briefing | None) -> tuple[Offer, ...]:
        key = (request.instructions, repr(request.tools), briefing.agent if briefing else "")
        offers = self._offers.get(key)
        if offers is None:
            offers = self._offers[key] = offers_of(request.tools, request.instructions, briefing)
            if len(self._offers) > _CACHED_AGENTS:
                self._offers.popitem(last=False)
        else:
            self._offers.move_to_end(key)
        return offers


@dataclass
class _Answer:
    """One response: what is known, and the road from there to its outputs."""

    offers: tuple[Offer, ...]
    request: ResponseRequest
    briefing: Briefing | None
    missed: Callable[[Missed], None]

    def outputs(self) -> list[Output]:
        """The outputs; what was just said is not said a third time in the same words."""
        outputs = self._ordered() or self._forced() or self._on_the_last_entry()
        only = outputs[0] if len(outputs) == 1 else None
        reads_out = any(offer.verbatim for offer in self.offers)
        if isinstance(only, SayText) and not reads_out and self.conversation.said[:2] == [only.text] * 2:
            return [SayText(f"{self.texts.who} {only.text}")]
        return outputs

    # --- what is known --------------------------------------------------------------------------------------------

    @cached_property
    def conversation(self) -> Conversation:
        return Conversation.of(self.request.items)

    @cached_property
    def texts(self) -> Texts:
        language = self.briefing.language if self.briefing else language_of(self.request.instructions)
        return texts_of(language)

    @cached_property
    def routes(self) -> Routes:
        return Routes.of(self.conversation, self.briefing.first if self.briefing else None)

    @cached_property
    def memory(self) -> Knowledge:
        return Knowledge().with_calls_of(self.conversation.entries)

    @cached_property
    def walk(self) -> Walk | None:
        """The way through the agent's states, where it has any."""
        here = self.briefing.states.get(self.briefing.here or "") if self.briefing else None
        if here is None or self.briefing is None:
            return None
        return Walk(self.briefing, here, self.conversation, self.offers, self.texts, self.routes.arrived_at is not None)

    @cached_property
    def callable(self) -> tuple[Offer, ...]:
        """What may be called now: nothing under `tool_choice` none, and no handoff that would lead in circles."""
        if self.request.tool_choice == "none":
            return ()
        open_handoffs = self.routes.open(self.offers)
        closed = self.walk.elsewhere() if self.walk else frozenset[str]()
        return tuple(
            offer
            for offer in self.offers
            if offer.name not in NEVER_CHOSEN | closed and (not offer.handoff or offer in open_handoffs)
        )

    @cached_property
    def matter(self) -> Matter:
        return matter_of(self.conversation, self.callable, self.texts, self._filled, self._likeness)

    @property
    def _prose(self) -> str:
        """What an author wrote about the agent; on the wire, all of its prompt."""
        return self.briefing.prose if self.briefing else self.request.instructions

    def _fact(self, text: str) -> str:
        """What the prompt itself says about a question, where its author has no tool for every question."""
        strictly = [offer for offer in self.callable if offer.takes_anything or offer.takes_questions]
        return fact_about(text, self._prose) if not strictly else ""

    @property
    def _text(self) -> str:
        return self.conversation.text_at(self.conversation.last_user)

    def _filled(self, offer: Offer, evidence: Sequence[Evidence]) -> Filling:
        today = (self.briefing.today if self.briefing else None) or today_in(self.request.instructions)
        return filled(
            offer, evidence, replace(self.memory, today=today, known=self.briefing.known if self.briefing else {})
        )

    def _likeness(self, text: str, offer: Offer) -> float:
        return scores(text, [offer.option])[0]

    # --- what a response was ordered to do ------------------------------------------------------------------------

    def _ordered(self) -> list[Output]:
        """What instructions of this response alone want said; empty where it has none, or has a prompt of its own."""
        order = self.request.asked_for
        if order is None or not is_order(order):
            return []
        if words := ordered_words(order):
            return [SayText(words)]
        if courtesy := ordered_courtesy(order):
            return [SayText(self._reply(courtesy))]
        if thing := thing_to_ask_for(order):
            return [SayText(self.texts.ask.format(thing=f"your {thing}" if self.texts.code == "en" else thing))]
        return [SayText(self.texts.cannot_do_that)]

    def _forced(self) -> list[Output]:
        """The call that `tool_choice` asks for, with what is known; empty where it asks for none."""
        choice = self.request.tool_choice
        named = choice.get("name") if isinstance(choice, dict) else None
        if named is None and choice != "required":
            return []
        offers = [offer for offer in self.offers if named in (None, offer.name, offer.within and offer.within.tool)]
        if named is None:
            offers = [offer for offer in offers if offer in self.callable] or [
                offer for offer in offers if offer.name not in NEVER_CHOSEN
            ]
        if not offers:
            return [CallFunction(named, "{}")] if named else []
        fitting = scores(self.matter.request, [offer.option for offer in offers])
        best = self.matter.offer if self.matter.offer in offers else offers[fitting.index(max(fitting))]
        return [best.call(self._filled(best, self.matter.evidence).arguments)] if best else []

    # --- what to do about the last entry --------------------------------------------------------------------------

    def _on_the_last_entry(self) -> list[Output]:
        last = self.conversation.entries[-1] if self.conversation.entries else None
        match last:
            case Said(role="user", text=text):
                return self._to_the_user(text)
            case Returned():
                return self._after(last)
            case Called():
                return [SayText(self.texts.waiting)]
            case None:
                return self._opening()
            case _:
                return [
                    SayText(
                        self.texts.anything_else if self.conversation.last_user is not None else self.texts.go_ahead
                    )
                ]

    def _opening(self) -> list[Output]:
        opening = self.briefing.opening if self.briefing else opening_line(self.request.instructions)
        if opening:
            return [SayText(opening)]
        return (self.walk.onward() if self.walk else []) or [SayText(self._greeting())]

    def _to_the_user(self, text: str) -> list[Output]:
        if text.lower().startswith("guardrail triggered"):
            return [SayText(self.texts.taken_back)]
        talk = smalltalk_in(text)
        if talk is None and not words_of(text):
            return [SayText(self.texts.not_heard)]
        if step := self._somebody_else(text):
            return step
        if self.matter.offer is not None and not (self.walk and self.walk.does(self.matter.offer.name)):
            return self._go_on(self.matter, self.matter.offer, text, talk)
        if self.walk is not None and (step := self._walk(self.walk, text, talk)):
            return step
        if talk is None and (step := self._amend_the_last_call(text)):
            return step
        if talk is not None:
            return self._small_talk(talk)
        return self._choose(text)

    def _somebody_else(self, text: str) -> list[Output]:
        """What follows where the caller wants a person, or another agent by name; empty where they want neither."""
        name = agent_named(text)
        handoff = next(
            (offer for offer in self.callable if name and offer.handoff and name <= frozenset(words_of(offer.target))),
            None,
        )
        if handoff is not None:
            return self._proceed(handoff, [Evidence(text)])
        wish = smalltalk.wish_for_a_person(text)
        if wish is None:
            return []
        best, score = self._best(smalltalk.without_the_wish(text) if wish == "anybody" else text)
        to_a_person = next((offer for offer in self.callable if smalltalk.leads_to_a_person(offer)), None)
        if best is not None and score >= _CLEARLY and (wish == "anybody" or smalltalk.leads_to_a_person(best)):
            return self._proceed(best, [Evidence(text)])
        if to_a_person is not None:
            return self._proceed(to_a_person, [Evidence(text)])
        anything = next((offer for offer in self.callable if offer.takes_anything), None)
        told = (self.briefing.persons if self.briefing else None) or smalltalk.told_about_persons(self._prose)
        if told is None and anything is not None:
            return self._proceed(anything, [Evidence(text)])
        if told is None and self.routes.arrived_at:
            return [SayText(self._greeting())]
        return [SayText(told or f"{self.texts.no_person} {self._examples()}".strip())]

    def _walk(self, walk: Walk, text: str, talk: Talk | None) -> list[Output]:
        """What leads on from the present state; empty where the caller wants something else."""
        best, score = self._best(text)
        if smalltalk.is_cancel(text) and (best is None or score < FITS):
            return [SayText(f"{self.texts.keeps} {self.texts.anything_else}")]
        if asks(text) and (best is None or score < FITS) and (fact := self._fact(text)):
            return [SayText(f"{fact} {walk.question() or ''}".strip())]
        if not walk.takes(text, talk):
            return []
        sure = 0.95 if walk.is_answered() else _IN_A_STATE
        if best is not None and score >= sure and not walk.does(best.name):
            return []
        return walk.onward()

    def _small_talk(self, talk: Talk) -> list[Output]:
        said = self._reply(talk)
        question = self.walk.question() if self.walk is not None and talk not in ("end", "again") else None
        if question and not said.endswith(question):
            aside = said.removesuffix(self.texts.anything_else).removesuffix(self.texts.how_can_i_help)
            said = f"{aside.strip()} {question}"
        return [SayText(said)]

    # --- a request, and what it needs -----------------------------------------------------------------------------

    def _choose(self, text: str) -> list[Output]:
        """A call for what the caller asks, an answer out of what stands in the prompt, or a plain no."""
        best, score = self._best(text)
        if best is not None and score >= FITS:
            return self._proceed(best, self._evidence_for(text))
        if (meant := self._meant_by_its_values(text)) is not None:
            return self._proceed(meant, self._evidence_for(text))
        foreign = is_foreign(text, self.texts)
        if (foreign and self.texts.code != "en") or (foreign and language_of(self.request.instructions) == "en"):
            return [SayText(self.texts.only_language)]
        if asks(text) and (fact := self._fact(text)):
            return [SayText(fact)]
        is_request = asks(text) or (bool(content_of(text)) and len(words_of(text)) > 2)
        lookup = next(
            (offer for offer in self.callable if offer.takes_anything or (asks(text) and offer.takes_questions)), None
        )
        replied_to = self._asked_by_a_tool()
        if replied_to is not None or (lookup is not None and is_request and content_of(text)):
            return self._proceed(replied_to or lookup, self._evidence_for(text))  # type: ignore[arg-type]
        hub = next(
            (
                offer
                for offer in self.callable
                if offer.is_hub and _FOR_ANYTHING.search(f"{offer.option.description} {' '.join(offer.option.hints)}")
            ),
            None,
        )
        if hub is not None and is_request:
            return self._proceed(hub, [Evidence(text)])
        if self.routes.arrived_at:
            return [SayText(self._greeting())]
        self.missed(Missed(text, self.routes.agent, best.name if best is not None and score >= _LEANS else None))
        return [SayText(f"{self.texts.do_not_know} {self._examples()}".strip())]

    def _meant_by_its_values(self, text: str) -> Offer | None:
        """The own tool that takes what the text gives, such as a number or a seat; None where that is not one tool."""
        own = [offer for offer in self.callable if not offer.handoff and any(slot.required for slot in offer.slots)]
        given = [
            sum(
                slot.kind in _TYPED and next(values_in(slot, text, None, asked=False, sole=True), None) is not None
                for slot in offer.slots
            )
            for offer in own
        ]
        best = max(given, default=0)
        return own[given.index(best)] if best and given.count(best) == 1 else None

    def _evidence_for(self, text: str) -> list[Evidence]:
        """The request, behind what was said for the same matter before the caller was handed over."""
        return (
            [*(said for said in self.matter.evidence if said.text != text), Evidence(text)]
            if len(self.matter.evidence) > 1
            else [Evidence(text)]
        )

    def _best(self, text: str) -> tuple[Offer | None, float]:
        """What fits best, and how well; an own tool wins over a close handoff. Values are no words to compare."""
        offers = [offer for offer in self.callable if any(slot.kind == "place" for slot in offer.slots)]
        places = places_in(text) if offers else []
        matter = text
        for place in places:
            matter = re.sub(rf"{re.escape(place)}(?:['’]s)?", " ", matter)
        if len(offers) == 1 and places and not content_of(matter):
            return offers[0], FITS
        return max(self._best_for(text), self._best_for(matter), key=lambda found: found[1])

    def _best_for(self, text: str) -> tuple[Offer | None, float]:
        offers = [offer for offer in self.callable if offer.takes_anything or shares_a_deed(text, offer.option)]
        fitting = scores(text, [offer.option for offer in offers]) if offers else []
        ranked = sorted(
            zip(fitting, offers, strict=True),
            key=lambda pair: pair[0] + (0 if pair[1].handoff else _AHEAD),
            reverse=True,
        )
        if not ranked:
            return None, 0.0
        (score, best), second = ranked[0], ranked[1][0] if len(ranked) > 1 else 0.0
        if _LEANS <= score < FITS and score - second >= _FAR_AHEAD and not (best.handoff and self.routes.arrived_at):
            score = FITS  # nothing else is meant by any of its words
        if score >= FITS and not (best.handoff or best.looks_up) and rests_on_one_word(text, best.option):
            score = _LEANS
        return best, score

    def _proceed(self, offer: Offer, evidence: Sequence[Evidence], *, confirmed: bool = False) -> list[Output]:
        """The call, the question for what it still needs, or what is about to be done with a question for a yes."""
        found = self._filled(offer, evidence)
        if found.missing is not None:
            return [SayText(found.missing.question)]
        call = offer.call(found.arguments)
        if not found.complete or self.routes.was_called(call.name, json.loads(call.arguments)):
            return [SayText(self.texts.refused)]
        if not confirmed and offer.writes and not offer.handoff and self._is_to_be_confirmed(offer, evidence, found):
            return [SayText(confirmation(offer, found, self.texts))]
        return [*([SayText(offer.filler)] if offer.filler else []), call]

    def _is_to_be_confirmed(self, offer: Offer, evidence: Sequence[Evidence], found: Filling) -> bool:
        """Whether the caller has not heard yet what is written: all was said in one breath, or made of words."""
        if self.walk is not None and self.walk.does(offer.name):
            return False
        if offer.asks_a_person and not offer.is_confirmed_first:
            return False  # whoever is asked hears what is to be done
        spoken = [slot for slot in offer.slots if slot.kind == "email" and slot.name in found.arguments]
        heard = " ".join(said.text.lower() for said in evidence)
        in_one_breath = len(evidence) == 1 and not any(slot.kind == "email" for slot in offer.slots)
        return in_one_breath or any(str(found.arguments[slot.name]).lower() not in heard for slot in spoken)

    def _go_on(self, matter: Matter, offer: Offer, text: str, talk: Talk | None) -> list[Output]:
        """The matter whose question was open, with what the caller answered."""
        if smalltalk.is_cancel(text):
            return [SayText(f"{self.texts.keeps} {self.texts.anything_else}")]
        question = (
            matter.asked.question
            if matter.asked
            else confirmation(offer, self._filled(offer, matter.evidence[:-1]), self.texts)
        )
        if talk in ("end",):
            return [SayText(self._reply(talk))]
        if talk in ("greeting", "thanks", "who", "help", "again"):
            said = (
                ""
                if talk == "again"
                else self._reply(talk)
                .removesuffix(self.texts.how_can_i_help)
                .removesuffix(self.texts.anything_else)
                .strip()
            )
            return [SayText(f"{said} {question}".strip())]
        best, score = self._best(text)
        another = best is not None and best is not offer and len(words_of(text)) > 2
        before, now = self._filled(offer, matter.evidence[:-1]), self._filled(offer, matter.evidence)
        if matter.asked is None:
            if is_yes(text) and not corrects(text):
                return self._proceed(offer, matter.evidence[:-1], confirmed=True)
            if now.arguments != before.arguments and not (another and score >= _CLEARLY):
                return (
                    [SayText(confirmation(offer, now, self.texts))]
                    if now.missing is None
                    else [SayText(now.missing.question)]
                )
            if is_no(text) and not (another and score >= FITS):
                return [SayText(f"{self.texts.keeps} {self.texts.anything_else}")]
        elif (now.missing is None or now.missing.path != matter.asked.path) and not (
            another and score >= self._sure_against(matter.asked)
        ):
            return self._proceed(offer, matter.evidence)
        elif now.arguments != before.arguments and not (another and score >= FITS):
            return [SayText(question)]  # it was another value that the caller gave
        elif is_no(text) and not is_yes(text) and not another:
            return [SayText(f"{self.texts.keeps} {self.texts.anything_else}")]
        if another and score >= FITS:
            return self._choose(text)
        if matter.times >= _MOST_ASKED:
            return [SayText(f"{self.texts.given_up} {self._examples()}".strip())]
        elsewhere = any((other.looks_up and other is not offer) or other.is_hub for other in self.callable)
        if asks(text) and len(words_of(text)) > 3 and elsewhere:
            return self._choose(text)
        return [SayText(f"{self.texts.not_got} {question}")]

    def _sure_against(self, asked: Slot) -> float:
        """How sure another wish must be not to be the answer: little where any words could be one."""
        return FITS if asked.kind in ("name", "place", "other") else _CLEARLY

    def _amend_the_last_call(self, text: str) -> list[Output]:
        """The call that was answered just before, once more or with the one value that the caller gives instead."""
        user = self.conversation.last_user or 0
        last = next(
            (entry for entry in reversed(self.conversation.entries[:user]) if not isinstance(entry, Said)), None
        )
        if not isinstance(last, Returned) or last.call is None or len(words_of(text)) > _SHORT:
            return []
        offer = next((offer for offer in self.callable if offer.is_called_by(last.call) and not offer.handoff), None)
        if offer is not None and _TRY_AGAIN.search(text) and not content_of(_TRY_AGAIN.sub(" ", text)):
            return self._repeated(offer, dict(offer.arguments_in(last.call)))
        best, score = self._best(text)
        if offer is None or (best is not None and best is not offer and score >= FITS):
            return []
        made = dict(offer.arguments_in(last.call))
        for slot in offer.slots:
            if (
                len(slot.path) == 1
                and slot.name in made
                and (value := self._new_value(slot, text, made[slot.name])) is not None
            ):
                made[slot.name] = value
                return self._repeated(offer, made) if offer.parameters.accepts(made) else []
        return []

    def _new_value(self, slot: Slot, text: str, old: Any) -> Any:
        """Another value for the slot in a text that is about little else; None where it holds none."""
        if slot.kind in ("request", "text", "boolean", "other"):
            return None
        today = self.briefing.today if self.briefing else None
        found = (value for value in values_in(slot, text, today, asked=False, sole=True) if slot.schema.accepts(value))
        value = next(found, None)
        return value if value != old else None

    def _repeated(self, offer: Offer, arguments: dict[str, Any]) -> list[Output]:
        return [*([SayText(offer.filler)] if offer.filler else []), offer.call(arguments)]

    def _asked_by_a_tool(self) -> Offer | None:
        """The tool whose answer, read out just before, ended in a question: it also gets the caller's reply."""
        user = self.conversation.last_user or 0
        words = self.conversation.words_before(user)
        last = next(
            (entry for entry in reversed(self.conversation.entries[:user]) if isinstance(entry, Returned)), None
        )
        if (
            not words.endswith("?")
            or last is None
            or words not in spoken_answer(reading_of(last.output).data, "", self.texts)
        ):
            return None
        return next((offer for offer in self.callable if offer.is_called_by(last.call)), None)

    # --- what came back of a call ---------------------------------------------------------------------------------

    def _after(self, last: Returned) -> list[Output]:
        if last.agent is not None:
            return self._arrived()
        if last.call is not None and last.call.name == SET_STATE_TOOL and self.walk is not None:
            return self.walk.after_a_move(last) or [SayText(self.texts.anything_else)]
        since = self.conversation.since(self.conversation.last_user)
        spoken_at = max((at for at, entry in enumerate(since) if isinstance(entry, Said)), default=-1)
        returns = [entry for entry in since[spoken_at + 1 :] if isinstance(entry, Returned) and entry.agent is None]
        new = [entry for entry in returns if entry.call is None or entry.call.name != SET_STATE_TOOL] or [last]
        told = " ".join(dict.fromkeys(filter(None, map(self._words_about, new[-3:]))))
        own = self.walk.here.tools if self.walk is not None else ()
        if (
            self.walk is not None
            and last.call
            and last.call.name in own
            and (step := self.walk.after_a_call(last, told))
        ):
            return step
        to = handed_on_to(last.output)
        handoff = next(
            (
                offer
                for offer in self.offers
                if to is not None
                and offer.handoff
                and (to <= frozenset(words_of(offer.target)) if to else offer.is_hub)
            ),
            None,
        )
        if handoff is not None and self.routes.may_go_on and self.request.tool_choice != "none":
            return self._proceed(handoff, [Evidence(self.matter.request)])
        return [SayText(told or self.texts.done)]

    def _words_about(self, returned: Returned) -> str:
        """What is said about one output: it is whole and true, or what of a failure is meant for a caller."""
        found = reading_of(returned.output)
        offer = next((offer for offer in self.offers if offer.is_called_by(returned.call)), None)
        match found.manner:
            case "invalid":
                slot = self._blamed(returned, offer)
                return slot.question if slot else self.texts.failed
            case "slow":
                return f"{self.texts.slow} {self.texts.anything_else}"
            case "cancelled" | "failed" | "refused":
                lead = {"cancelled": self.texts.cancelled, "failed": self.texts.failed, "refused": self.texts.refused}
                return " ".join(filter(None, [lead[found.manner], found.reason, self.texts.anything_else]))
            case _:
                whole = offer is not None and (
                    offer.verbatim
                    or (offer.looks_up and self.briefing is None and reads_out(self.request.instructions))
                )
                if whole and isinstance(found.data, str):
                    return found.data.strip()
                asked = " ".join(said.text for said in self.matter.evidence)
                looked_up = offer is not None and offer.looks_up
                return spoken_answer(found.data, asked, self.texts, looked_up=looked_up) or self.texts.done

    def _blamed(self, returned: Returned, offer: Offer | None) -> Slot | None:
        """The value that an output calls wrong or missing; None where it names none, or it was asked for before."""
        named = [slot for slot in offer.slots if slot.name in returned.output] if offer else []
        rejected = [
            entry
            for entry in self.conversation.entries
            if isinstance(entry, Returned)
            and offer
            and offer.is_called_by(entry.call)
            and reading_of(entry.output).manner == "invalid"
        ]
        return min(named, key=lambda slot: not slot.required) if named and len(rejected) <= 2 else None

    def _arrived(self) -> list[Output]:
        """Go on, as the agent that took over, with what the caller said before."""
        text, talk = self._text, smalltalk_in(self._text)
        if self.walk is not None and (step := self.walk.onward()):
            return step
        if talk is not None or not words_of(text) or is_plain_yes(text):
            return [SayText(self._greeting())]
        own = [offer for offer in self.callable if not offer.handoff]
        if smalltalk.wish_for_a_person(text) or agent_named(text):
            if len(own) == 1 and own[0].writes:
                return self._proceed(own[0], [Evidence(text)])
            return [SayText(self._greeting())]
        if self.matter.offer is not None:
            return self._go_on(self.matter, self.matter.offer, text, talk)
        return self._choose(self.matter.request if len(self.matter.evidence) > 1 else text)

    # --- words ------------------------------------------------------------------------------------------------------

    def _reply(self, talk: Talk) -> str:
        """What is said to small talk."""
        texts = self.texts
        match talk:
            case "greeting":
                return self._greeting()
            case "thanks":
                return f"{texts.welcome} {texts.anything_else}"
            case "end":
                thanked = smalltalk_in(self._text.split(",")[0]) == "thanks"
                return f"{texts.welcome if thanked else texts.all_right} {texts.goodbye}"
            case "who" | "angry":
                return " ".join(
                    filter(
                        None,
                        [
                            texts.this_is.format(agent=spoken_name(self.routes.agent)) if self.routes.agent else "",
                            texts.who,
                            self._examples(),
                        ],
                    )
                )
            case "help":
                return self._examples() or texts.go_ahead
            case "again":
                last = next(iter(self.conversation.said), "")
                return (
                    texts.once_more.format(words=last.removeprefix(texts.once_more.format(words="")))
                    if last
                    else texts.not_heard
                )
            case "yes":
                return texts.how_can_i_help
            case "no":
                return f"{texts.all_right} {texts.anything_else}"

    def _greeting(self) -> str:
        """A short hello; with the agent's name where the caller has just come to it, or hears it first."""
        texts, agent, first = self.texts, self.routes.agent, not self.conversation.said
        hello = texts.hello if first or self.routes.arrived_at else texts.hello_again
        is_named = agent is not None and (first or self.routes.arrived_at is not None)
        name = texts.this_is.format(agent=spoken_name(agent)) if agent is not None and is_named else ""
        return " ".join(filter(None, [hello, name, texts.how_can_i_help]))

    def _examples(self) -> str:
        """What a caller may say here, as a sentence; without examples, what the tools are called."""
        recent = sum(said.startswith(self.texts.do_not_know) for said in self.conversation.said[:4])
        if examples := examples_of(self.offers, skip=recent):
            return self.texts.example.format(examples=self.texts.either.join(examples))
        names = [" ".join(name_words(offer.name)) for offer in self.offers if offer.name not in NEVER_CHOSEN]
        return self.texts.can_do.format(what=self.texts.either.join(names[:4])) if names else ""


def spoken_name(name: str) -> str:
    """An agent's name as a caller hears it: `tourGuide` and `tour_guide` are the `tour guide`, names stay names."""
    return " ".join(name_words(name)) if name.isidentifier() and (name[:1].islower() or "_" in name) else name
