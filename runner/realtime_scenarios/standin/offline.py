"""A response request as what to say or call, by fixed rules: a stand-in for a voice model, without key or network."""

from __future__ import annotations

import datetime
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.standin import smalltalk
from realtime_scenarios.standin.arguments import Evidence, Filling, Memory, filled
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, Said, parsed
from realtime_scenarios.standin.embedding import BestMatcher
from realtime_scenarios.standin.examples import split_filler
from realtime_scenarios.standin.marks import SAY_EXACTLY, SET_STATE_TOOL
from realtime_scenarios.standin.matching import FITS, Matcher, rests_on_one_word
from realtime_scenarios.standin.moments import today_in
from realtime_scenarios.standin.offers import Offer, offers_of
from realtime_scenarios.standin.persons import (
    NO_PERSON,
    agent_named,
    handoff_to,
    is_called,
    leads_to_a_person,
    not_reached,
    told_about_persons,
    wish_for_a_person,
    without_the_wish,
)
from realtime_scenarios.standin.phrases import spoken_name
from realtime_scenarios.standin.readback import escalation_in
from realtime_scenarios.standin.routes import Routes, taker_of
from realtime_scenarios.standin.spoken import (
    NOT_THERE,
    REFUSED,
    handed_on_to,
    is_read_out,
    reading_of,
    spoken_answer,
)
from realtime_scenarios.standin.states import place_of
from realtime_scenarios.standin.telling import told
from realtime_scenarios.standin.unfinished import (
    Unfinished,
    asks_for_a_yes,
    corrected_call,
    offer_question,
    offered,
    other_wish,
    unfinished,
    wish,
    wishes_in,
)
from realtime_scenarios.standin.values import is_no, is_yes
from realtime_scenarios.standin.variety import in_other_words
from realtime_scenarios.standin.walk import Walk
from realtime_scenarios.standin.words import content_of, words_of

_CLEARLY = 0.8
"""Another intent this sure interrupts a question that is still open."""
_LEANS = 0.38
"""From here on, and well ahead of the rest, an option is offered instead of taken."""
_AHEAD = 0.04
"""How much better a handoff must fit than a tool of the agent's own."""
_MOST_ASKED = 3
"""So often the same question is asked before it is dropped."""
_CACHED_AGENTS = 64
_ASIDE: tuple[smalltalk.Smalltalk, ...] = ("greeting", "thanks", "who", "help")
"""Small talk after which an open question is put again."""


class OfflineResponder:
    """Answers every request the same way every time, from the request alone.

    A caller's message leads to at most two handoffs and one tool call; the same call is never made twice for one
    message. `tool_choice` `required` is kept as far as honest arguments go: a value that nobody gave is asked for.

    Args:
        matcher: how words are compared; None takes sentence embeddings where the extra is installed, else words.
    """

    never_waits = True

    def __init__(self, matcher: Matcher | None = None) -> None:
        self._matcher = matcher or BestMatcher()
        self._offers: OrderedDict[tuple[str, str], tuple[Offer, ...]] = OrderedDict()

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if words := ordered_words(request.instructions):
            return [SayText(words)]
        output = _Turn(self._matcher, self._offers_of(request), request).answer()
        if isinstance(output, CallFunction) and (line := _said_before(output.name, request)):
            return [SayText(line), output]
        return [output] if not isinstance(output, SayText) or output.text else []

    def _offers_of(self, request: ResponseRequest) -> tuple[Offer, ...]:
        key = (request.instructions, repr(request.tools))
        offers = self._offers.get(key)
        if offers is None:
            offers = self._offers[key] = offers_of(request.tools, request.instructions)
            if len(self._offers) > _CACHED_AGENTS:
                self._offers.popitem(last=False)
        else:
            self._offers.move_to_end(key)
        return offers


def ordered_words(instructions: str) -> str | None:
    """The words that a response was ordered with; None where it was not."""
    return instructions[len(SAY_EXACTLY) :].strip().strip('"') if instructions.startswith(SAY_EXACTLY) else None


def _said_before(name: str, request: ResponseRequest) -> str | None:
    """What the tool's description wants to be said before it is called; None: nothing."""
    tool = next((tool for tool in request.tools if tool.get("name") == name), {})
    text = tool.get("description")
    return split_filler(text)[1] if isinstance(text, str) else None


@dataclass
class _Turn:
    """One response: what is known, and the road from there to an output."""

    matcher: Matcher
    offers: tuple[Offer, ...]
    request: ResponseRequest

    def answer(self) -> Output:
        """The next output; what was just said is said in other words."""
        output = self._answer()
        has_returned = isinstance(next(reversed(self.conversation.entries), None), Returned)
        if not isinstance(output, SayText) or (has_returned and self.reads_out):
            return output
        return SayText(in_other_words(output.text, self.conversation.said, self.offers))

    def _answer(self) -> Output:
        entries = self.conversation.entries
        last = entries[-1] if entries else None
        if isinstance(last, Said) and last.role == "user":
            return self._to_the_user(last.text)
        if isinstance(last, Returned):
            return self._after(last)
        if isinstance(last, Called):
            return SayText(smalltalk.ONE_MOMENT)
        if last is None:
            return self._forced("") or SayText(self._greeting())
        return SayText(smalltalk.ANYTHING_ELSE if self.conversation.last_user is not None else smalltalk.STILL_THERE)

    @cached_property
    def conversation(self) -> Conversation:
        return Conversation.of(self.request.items)

    @cached_property
    def routes(self) -> Routes:
        return Routes.of(self.conversation)

    @cached_property
    def memory(self) -> Memory:
        return Memory.of(self.conversation)

    @cached_property
    def today(self) -> datetime.date | None:
        return today_in(self.request.instructions)

    @cached_property
    def reads_out(self) -> bool:
        """Whether what a lookup returns is said word for word."""
        return is_read_out(self.request.instructions)

    @cached_property
    def callable(self) -> tuple[Offer, ...]:
        """What may be called now: nothing under `tool_choice` none, and no handoff that would lead in circles."""
        if self.request.tool_choice == "none":
            return ()
        open_handoffs = self.routes.open(self.offers)
        closed = self.walk.place.elsewhere if self.walk else frozenset()
        return tuple(
            offer
            for offer in self.offers
            if offer.choosable and offer.name not in closed and (not offer.handoff or offer in open_handoffs)
        )

    @cached_property
    def walk(self) -> Walk | None:
        """The way through the agent's states, where they are enforced."""
        place = place_of(self.request.tools, self.request.instructions)
        arrived = self.routes.arrived_at is not None
        way_out = escalation_in(self.request.instructions)
        return Walk(place, self.conversation, self.offers, self.today, arrived, way_out) if place else None

    def _to_the_user(self, text: str) -> Output:
        if text.lower().startswith("guardrail triggered"):
            return SayText(smalltalk.TAKEN_BACK)
        if forced := self._forced(text):
            return forced
        text = smalltalk.in_words(text)
        if not words_of(text):
            return SayText(smalltalk.NOT_HEARD)
        if (step := self._somebody_else(text)) is not None:
            return step
        open_call = unfinished(self.conversation, self.callable, self.matcher)
        if open_call is not None and not (self.walk and self.walk.does(open_call.offer.name)):
            return self._go_on_with(open_call, text)
        if self.walk is not None and (step := self._walk(self.walk, text)) is not None:
            return step
        proposed = offered(self.conversation, self.callable)
        if proposed is not None and is_yes(text):
            return self._call(proposed[0], [Evidence(proposed[1]), Evidence(text)])
        again = corrected_call(self.conversation, self.callable, self.today)
        if again is not None and not again[0].handoff and self._best(text)[1] < _CLEARLY:
            return again[0].call(again[1])
        kind = smalltalk.smalltalk_in(text)
        said = self._choose(text) if kind is None else self._small_talk(kind, text)
        open_question = self.walk.question() if self.walk is not None and kind in _ASIDE else None
        if isinstance(said, SayText) and open_question and not said.text.endswith(open_question):
            return SayText(f"{said.text.removesuffix(smalltalk.ANYTHING_ELSE)} {open_question}".replace("  ", " "))
        return said

    def _walk(self, walk: Walk, text: str) -> Output | None:
        """What leads on from the present state; None where the caller wants something else."""
        kind = smalltalk.smalltalk_in(text)
        if kind in (*_ASIDE, "goodbye", "repeat") and not (kind == "greeting" and not walk.question()):
            return None
        best, score, _ = self._best(text)
        enough = _CLEARLY if walk.is_answered else FITS
        wants_else = best is not None and not walk.does(best.name) and score >= enough
        gives_up = smalltalk.is_cancel(text)
        if wants_else and (gives_up or not (walk.is_answered and len(words_of(text)) < 4)):
            return None
        if gives_up:
            return SayText(smalltalk.LEFT_ALONE)
        return walk.onward()

    def _somebody_else(self, text: str) -> Output | None:
        """What follows where the caller wants another agent by name, or a person; None where they want neither."""
        named = agent_named(text)
        if named is not None and (handoff := handoff_to(named, self.callable)) is not None:
            return self._call(handoff, [Evidence(text)])
        if named is not None and self.routes.agent and is_called(self.routes.agent, named):
            return SayText(f"You are speaking to the {spoken_name(self.routes.agent)}. How can I help you?")
        wanted = wish_for_a_person(text)
        if named and not wanted and self._best(text)[1] < FITS and (told := not_reached(named, text)) is not None:
            return SayText(f"{told} {smalltalk.for_example(self.offers)}".strip())
        if wanted is None:
            return None
        if wanted == "anybody" and self._best(without_the_wish(text))[1] >= FITS:
            return self._choose(without_the_wish(text))
        to_a_person = next((offer for offer in self.callable if leads_to_a_person(offer)), None)
        told = told_about_persons(self.request.instructions) or escalation_in(self.request.instructions) or None
        to_a_person = to_a_person or next((offer for offer in self.callable if offer.is_hub and told is None), None)
        if to_a_person is not None:
            return self._call(to_a_person, [Evidence(text)])
        if told is None and self.routes.arrived_at:
            return SayText(self._greeting())
        example = smalltalk.for_example(self.offers)
        if told is None or told not in self.conversation.said[:1]:
            return SayText(told or f"{NO_PERSON} {example}".strip())
        return SayText(f"More than that I cannot do about it: {told} {example}".strip())

    def _small_talk(self, kind: smalltalk.Smalltalk, text: str) -> Output:
        if kind in smalltalk.UNLESS_ASKED_FOR and self._best(text)[1] >= FITS:
            return self._choose(text)
        if kind == "yes" and len(self.callable) == 1 and asks_for_a_yes(self.conversation):
            return self._call(self.callable[0], [Evidence(text)])
        last = next(iter(self.conversation.said), "")
        agent = self.routes.agent
        return SayText(smalltalk.reply(kind, self.request.instructions, self.offers, agent=agent, last=last))

    def _choose(self, text: str) -> Output:
        """A call for what the caller asks, or an answer without one."""
        wishes = self._wishes(text)
        first = next((part for part, offer in wishes if not offer.handoff), None)
        if len(wishes) > 1 and first is not None and first != text:
            offer = next(offer for part, offer in wishes if part == first)
            return self._call(offer, [Evidence(first), Evidence(text)])
        best, score, lead = self._best(text)
        if best is not None and score >= FITS:
            if not (best.handoff or best.looks_up) and rests_on_one_word(text, best.option):
                return SayText(offer_question(best))
            return self._call(best, [Evidence(text)])
        if smalltalk.is_foreign(text) and not smalltalk.speaks_another_language(self.request.instructions):
            return SayText(smalltalk.ENGLISH_ONLY)
        if best is not None and score >= _LEANS and lead >= 0.1 and not any(offer.looks_up for offer in self.callable):
            return SayText(offer_question(best))
        if (asked := self._asked_by_a_tool()) is not None:
            return self._call(asked, [Evidence(text)])
        if smalltalk.makes_sense(text, score) and (fallback := self._fallback(text)) is not None:
            return self._call(fallback, [Evidence(text)])
        return SayText(self._from_context(text) or self._not_understood())

    def _wishes(self, text: str) -> list[tuple[str, Offer]]:
        """The parts of the text that something different is meant by, each with what that is."""
        found: dict[str, tuple[str, Offer]] = {}
        for part in wishes_in(text):
            best, score, _ = self._best(part)
            if best is not None and score >= FITS:
                found.setdefault(best.name, (part, best))
        return list(found.values())

    def _also(self) -> str:
        """An offer for what was wished beside something that has just been done; empty where there is nothing."""
        wishes = self._wishes(wish(self.conversation))
        done = {offer.name for _, offer in wishes if any(offer.is_called_by(call) for call in self.routes.calls)}
        left = [other_wish(part, offer) for part, offer in wishes if offer.name not in done]
        return left[0] if done and left else ""

    def _best(self, text: str) -> tuple[Offer | None, float, float]:
        """What fits best, how well, and how far ahead of the others; an own tool wins over a close handoff."""
        scores = self.matcher.scores(text, [offer.option for offer in self.callable])
        ranked = sorted(
            zip(scores, self.callable, strict=True),
            key=lambda pair: pair[0] + (0 if pair[1].handoff else _AHEAD),
            reverse=True,
        )
        if not ranked:
            return None, 0.0, 0.0
        others = max((score for score, _ in ranked[1:]), default=0.0)
        return ranked[0][1], ranked[0][0], ranked[0][0] - others

    def _fallback(self, text: str) -> Offer | None:
        """Who takes a question that fits nothing: an own lookup, a desk that answers questions, the hub."""
        if all(offer.handoff for offer in self.callable):
            return None  # it talks itself, and does not need to be rid of what it cannot look up
        ready = [
            offer for offer in self.callable if not offer.handoff or self._filled(offer, [Evidence(text)]).complete
        ]
        return taker_of(ready, is_question=smalltalk.asks(text))

    def _asked_by_a_tool(self) -> Offer | None:
        """The tool whose answer, read out just before, ended in a question: it also gets the caller's reply."""
        said = [entry for entry in self.conversation.entries[:-1] if isinstance(entry, Said)][-1:]
        answers = [entry for entry in self.conversation.entries if isinstance(entry, Returned)][-1:]
        if not said or said[0].role != "assistant" or not said[0].text.endswith("?") or not answers:
            return None
        call = answers[0].call
        if call is None or said[0].text not in spoken_answer(parsed(answers[0].output), "", looked_up=False, done=""):
            return None
        return next((offer for offer in self.callable if offer.name == call.name), None)

    def _from_context(self, text: str) -> str:
        """An answer out of what a tool said before, where it holds one."""
        for returned in self.conversation.returns():
            if returned.agent is None and isinstance(returned.call, Called):
                found = reading_of(returned.output)
                if found.manner == "answer" and set(content_of(returned.output)).intersection(content_of(text)):
                    said = spoken_answer(found.data, text, looked_up=True, done="")
                    return "" if said.startswith(NOT_THERE) else said
                return ""
        return ""

    def _not_understood(self) -> str:
        return self._greeting() if self.routes.arrived_at else smalltalk.not_understood(self.offers)

    def _greeting(self) -> str:
        if arrived := self.routes.arrived_at:
            return f"Hello, this is the {spoken_name(arrived)}. How can I help you?"
        again = bool(list(self.conversation.said))
        return smalltalk.greeting(self.request.instructions, self.offers, agent=self.routes.agent, again=again)

    def _go_on_with(self, call: Unfinished, text: str) -> Output:
        """The call that a question was asked for, with what the caller answered."""
        if smalltalk.is_cancel(text):
            return SayText(smalltalk.LEFT_ALONE)
        best, score, _ = self._best(text)
        if best is not None and best is not call.offer and score >= _CLEARLY and len(words_of(text)) > 2:
            return self._choose(text)
        found = self._filled(call.offer, call.evidence)
        if found.missing is None or found.missing.path != call.asked.path:
            return self._call(call.offer, call.evidence)
        if is_no(text) and not is_yes(text):
            before = filled(call.offer, call.evidence[:-1], self.memory, self.today)
            return SayText(smalltalk.LEFT_ALONE if before.arguments == found.arguments else call.asked.question)
        if best is not None and best is not call.offer and score >= FITS and len(words_of(text)) > 2:
            return self._choose(text)
        if (
            len(words_of(text)) > 3
            and smalltalk.asks(text)
            and content_of(text)
            and (fallback := self._fallback(text)) is not None
        ):
            return self._call(fallback, [Evidence(text)])
        if call.times_asked >= _MOST_ASKED:
            return SayText(f"{smalltalk.GIVEN_UP} {smalltalk.for_example(self.offers)}".strip())
        return SayText(f"{smalltalk.NOT_GOT} {call.asked.question}")

    def _forced(self, text: str) -> Output | None:
        """The call that `tool_choice` asks for; None where it asks for none, or none is possible."""
        choice = self.request.tool_choice
        named = choice.get("name") if isinstance(choice, dict) else None
        if named is None and choice != "required":
            return None
        if named is not None:
            options = [offer for offer in self.offers if offer.name == named]
        else:
            scores = self.matcher.scores(text, [offer.option for offer in self.callable])
            ranked = sorted(zip(scores, self.callable, strict=True), key=lambda pair: pair[0], reverse=True)
            options = [offer for _, offer in ranked]
        open_call = unfinished(self.conversation, options, self.matcher)
        evidence = open_call.evidence if open_call else [Evidence(text)] if text else []
        for offer in options if open_call is None else [open_call.offer, *options]:
            found = self._filled(offer, evidence)
            if found.complete:
                return offer.call(found.arguments)
        return self._call(options[0], evidence) if options else None

    def _call(self, offer: Offer, evidence: Sequence[Evidence]) -> Output:
        """The call, or the question for what it still needs."""
        found = self._filled(offer, evidence)
        if found.missing is not None:
            return SayText(found.missing.question)
        call = offer.call(found.arguments)
        if not found.complete or self.routes.was_called(call.name, json.loads(call.arguments)):
            return SayText(REFUSED)
        return call

    def _filled(self, offer: Offer, evidence: Sequence[Evidence]) -> Filling:
        return filled(offer, evidence, self.memory, self.today)

    def _after(self, last: Returned) -> Output:
        """What to do with what came back."""
        user = self.conversation.last_user
        if last.agent is not None:
            return self._arrived_with(wish(self.conversation))
        if last.call is not None and last.call.name == SET_STATE_TOOL:
            step = self.walk.after_a_move(last) if self.walk else None
            return step or SayText(self._what_was_wanted() or smalltalk.ANYTHING_ELSE)
        is_own = self.walk is not None and last.call is not None and last.call.name in self.walk.place.tools
        if self.walk is not None and is_own and (step := self.walk.after_a_call(last)) is not None:
            return step
        to = handoff_to(handed_on_to(last.output), self.offers)
        if to is not None and self.routes.may_go_on and self.request.tool_choice != "none":
            return self._call(to, [Evidence(wish(self.conversation))])
        since = self.conversation.since(user)
        spoken_at = max((at for at, entry in enumerate(since) if isinstance(entry, Said)), default=-1)
        returns = [entry for entry in since[spoken_at + 1 :] if isinstance(entry, Returned) and entry.agent is None]
        new = [entry for entry in returns if entry.call is None or entry.call.name != SET_STATE_TOOL] or [last]
        said = dict.fromkeys(
            told(returned, self.offers, self.conversation, whole=self.reads_out) for returned in new[-3:]
        )
        return SayText(" ".join(filter(None, [*said, self._also()])))

    def _what_was_wanted(self) -> str | None:
        """The offer to go where the caller first wanted to, once all that comes before it is done."""
        exits = [offer for offer in self.callable if self.walk is not None and offer.name in self.walk.place.exits]
        for said in self.conversation.entries if len(exits) > 1 else ():
            if isinstance(said, Said) and said.role == "user":
                scores = self.matcher.scores(said.text, [offer.option for offer in exits])
                if max(scores) >= FITS:
                    return offer_question(exits[scores.index(max(scores))])
        return None

    def _arrived_with(self, text: str) -> Output:
        """Go on, as the agent that took over, with what the caller said before."""
        open_call = unfinished(self.conversation, self.callable, self.matcher)
        if open_call is not None and not (self.walk and self.walk.does(open_call.offer.name)):
            return self._go_on_with(open_call, text)
        if self.walk is not None and (step := self.walk.onward()) is not None:
            return step
        named = agent_named(text)
        is_here = named is not None and is_called(self.routes.agent or "", named)
        if is_here or not words_of(text) or smalltalk.smalltalk_in(text) is not None:
            return SayText(self._greeting())
        if wish_for_a_person(text) and (step := self._somebody_else(text)) is not None:
            return step
        return self._choose(text)
