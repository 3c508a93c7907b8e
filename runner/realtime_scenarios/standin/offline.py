"""A response request as what to say or call, by fixed rules: a stand-in for a voice model, without key or network.

Theory of operation. Nothing is kept from one response to the next: each begins with the conversation's items, the tools
and, beside our own runner, a `Briefing` (`situation.py`). What a caller's newest message leads to is decided by rules
in one order, the first that has anything to say: an answer to the open question (`form.py`), a step in the agent's
states (`walk.py`), small talk, a request. A request leads to the tool or handoff whose examples or description fit it
best (`matching.py`), and to a call once all that the call needs was said (`form.py`). Where nothing fits, that is said,
in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.standin import smalltalk
from realtime_scenarios.standin.briefing import Briefing
from realtime_scenarios.standin.conversation import Called, Returned, Said, as_object
from realtime_scenarios.standin.form import Evidence, Form, asked_again, filled
from realtime_scenarios.standin.language import pattern, patterns, word_set
from realtime_scenarios.standin.matching import EVERY_HANDOFF, FITS
from realtime_scenarios.standin.situation import LEANS, Situation, told_by_the_wire
from realtime_scenarios.standin.smalltalk import ASIDE, is_no, is_plain_yes, is_yes, says
from realtime_scenarios.standin.telling import reading_of, spoken_answer
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer, best_of
from realtime_scenarios.standin.walk import SET_STATE_TOOL
from realtime_scenarios.standin.words import asks, content_of, language_of, words_of

_CLEARLY = 0.8
"""Another intent this sure interrupts a question that is still open, and leads out of a state."""
_LONGEST_ORDER = 400
"""What is longer is a prompt of its own, and no order."""


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
        outputs = _Answer(request, self._briefing() or told_by_the_wire(request), self._missed).outputs()
        return [output for output in outputs if not isinstance(output, SayText) or output.text]


@dataclass
class _Answer(Situation):
    """One response: the rules from what is known to its outputs."""

    missed: Callable[[Missed], None]

    def outputs(self) -> list[Output]:
        """The outputs; what was just said is not said a third time in the same words."""
        outputs = self._ordered() or self._forced() or self._on_the_last_entry()
        only = outputs[0] if len(outputs) == 1 else None
        if isinstance(only, SayText) and self.conversation.said[:2] == [only.text] * 2:
            return [SayText(f"{self.texts.who} {only.text}")]
        return outputs

    def _says(self, *texts: str) -> list[Output]:
        return [SayText(" ".join(filter(None, texts)))]

    # --- what a response was ordered to do ----------------------------------------------------------------------------

    def _ordered(self) -> list[Output]:
        """What instructions of this response alone want said; empty where it has none, or has a prompt of its own."""
        order = (self.request.asked_for or "").strip()
        if not 0 < len(order) <= _LONGEST_ORDER or pattern("prompt_of_its_own").search(order):
            return []
        found = next(filter(None, (form.match(order) for form in patterns("ordered"))), None)
        match found and found.lastgroup:
            case "greeting" | "end" | "thanks" as courtesy:
                return self._says(self.reply(courtesy))
            case "words" if found:
                words = found["words"].strip()
                return self._says(f"{words[:1].upper()}{words[1:]}")
            case "thing" if found:
                return self._says(self.texts.ask.format(thing=f"{self.texts.your}{found['thing'].strip()}"))
            case _:
                return self._says(self.texts.cannot_do_that)

    def _forced(self) -> list[Output]:
        """The call that `tool_choice` asks for, with what is known; empty where it asks for none."""
        choice = self.request.tool_choice
        named = choice.get("name") if isinstance(choice, dict) else None
        if named is None and choice != "required":
            return []
        of_anything = self.callable or [offer for offer in self.offers if offer.name not in NEVER_CHOSEN]
        offers = [offer for offer in self.offers if named in (offer.name, offer.tool)] if named else of_anything
        if not offers:
            return [CallFunction(named, "{}")] if named else []
        if self.form is not None and self.form.offer in offers:
            return [self.form.offer.call(self.form.found.arguments)]
        best = best_of(self.text, offers)
        return [best.call(filled(best, self.evidence, self.beside).arguments)]

    # --- what to do about the last entry ------------------------------------------------------------------------------

    def _on_the_last_entry(self) -> list[Output]:
        match self.conversation.entries[-1] if self.conversation.entries else None:
            case Said(role="user"):
                return self._to_the_caller()
            case Returned() as last:
                return self._after(last)
            case Called():
                return self._says(self.texts.waiting)
            case None:
                step = [] if self.briefing.opening else self.walk.onward()
                return step or self._says(self.briefing.opening or self.reply("greeting"))
            case _:
                return self._says(self.texts.anything_else if self.conversation.exchanges else self.texts.go_ahead)

    def _to_the_caller(self) -> list[Output]:
        """What the first rule says that has anything to say to the caller's newest message."""
        to_a_question = self._nothing_heard() or self._a_person() or self._an_answer() or self._a_step()
        return to_a_question or self._small_talk() or self._a_request() or self._nothing_fits()

    def _nothing_heard(self) -> list[Output]:
        if self.text.lower().startswith("guardrail triggered"):
            return self._says(self.texts.taken_back)
        return [] if self.talk or words_of(self.text) else self._says(self.texts.not_heard)

    def _a_person(self) -> list[Output]:
        """The caller wants a person."""
        is_anybody = says("wants_anybody", self.text) and not self.meant()
        if not is_anybody and not says("wants_a_person", self.text):
            return []
        told = self.briefing.persons or smalltalk.told_about_persons(self.briefing.prose)
        persons = [offer for offer in self.callable if smalltalk.leads_to_a_person(offer)]
        reached = best_of(self.text, persons) if persons else None if told else self.look_up("anything")
        if reached is not None:
            return self._proceed(reached, [Evidence(self.text)])
        if told is None and self.conversation.visited:
            return self._says(self.reply("greeting"))
        return self._says(told or f"{self.texts.no_person} {self.examples()}".strip())

    def _an_answer(self) -> list[Output]:
        """The caller answers what a tool has asked; empty where they want something else, or nobody has asked."""
        form = self.form
        if form is None or self.walk.does(form.offer.name):
            return []
        question = form.found.missing.question if form.found.missing else form.to_confirm(self.texts)
        if self.talk is not None and self.talk in ASIDE:
            return self._says(self.reply(self.talk, aside=True), question if self.talk != "end" else "")
        is_cancelled = says("cancels", self.text)
        if not is_cancelled and self._is_about_something_else(form):
            return []
        if is_cancelled or form.withdrawn or (form.misses and is_no(self.text) and not is_yes(self.text)):
            return self._says(self.texts.keeps, self.texts.anything_else)
        is_changed = form.was_read and form.found.missing is None
        if form.confirmed or not (form.misses or is_changed):
            return self._proceed(form.offer, form.evidence, confirmed=form.confirmed)
        given_up = f"{self.texts.given_up} {self.examples()}".strip()
        return self._says(asked_again(form.misses, question, self.texts, given_up))

    def _is_about_something_else(self, form: Form) -> bool:
        """Whether the newest words are another wish, and no answer, or a question that something else is there for."""
        is_open = form.misses > 0 or form.withdrawn or (form.asked and form.asked.kind in word_set("any_words"))
        another = self.meant(FITS if is_open else _CLEARLY) not in (None, form.offer)
        elsewhere = any(offer.is_hub or (offer.answers and offer is not form.offer) for offer in self.callable)
        is_another_question = form.misses > 0 and asks(self.text) and elsewhere
        return (is_another_question or (another and not form.confirmed)) and len(words_of(self.text)) > 2

    def _a_step(self) -> list[Output]:
        """What leads on from the present state; empty where the caller wants something else."""
        if self.briefing.here is None:
            return []
        if says("cancels", self.text) and not self.meant():
            return self._says(self.texts.keeps, self.texts.anything_else)
        if self.fact and not self.meant():
            return self._says(self.fact, self.walk.question() or "")
        another = self.meant(_CLEARLY)
        is_taken = self.walk.takes(self.text, self.talk) and (another is None or self.walk.does(another.name))
        return self.walk.onward() if is_taken else []

    def _small_talk(self) -> list[Output]:
        if self.talk is None:
            return []
        question = self.walk.question() if self.talk not in ("end", "again") else None
        said = self.reply(self.talk, aside=question is not None)
        return self._says(said, "" if question is None or said.endswith(question) else question)

    def _a_request(self) -> list[Output]:
        """The tool that fits the words, or whoever is there for everything."""
        if best := self.meant():
            return self._proceed(best, self.evidence)
        is_one_language = self.texts.code != "en" or language_of(self.request.instructions) in ("", "en")
        if is_one_language and language_of(self.text) not in ("", self.texts.code):
            return self._says(self.texts.only_language)
        meant = None if self.fact else self.there_for_everything()
        return self._proceed(meant, self.evidence) if meant is not None else self._says(self.fact) if self.fact else []

    def _nothing_fits(self) -> list[Output]:
        if self.conversation.visited:
            return self._says(self.reply("greeting"))
        nearest = self.meant(LEANS)
        self.missed(Missed(self.text, self.conversation.agents[-1], nearest.name if nearest else None))
        return self._says(self.texts.do_not_know, self.examples())

    # --- what a call needs --------------------------------------------------------------------------------------------

    def _proceed(self, offer: Offer, evidence: Sequence[Evidence], *, confirmed: bool = False) -> list[Output]:
        """The call, the question for what it still needs, or what is about to be done with a question for a yes."""
        found = filled(offer, evidence, self.beside)
        if found.missing is not None:
            return self._says(found.missing.question)
        call = offer.call(found.arguments)
        made = Called(call.name, as_object(call.arguments)) in self.conversation.since_user.called
        if made or not found.complete:
            return self._says(self.texts.refused)
        if not confirmed and self._is_to_be_confirmed(offer, evidence, found.arguments):
            return self._says(Form(offer, found).to_confirm(self.texts))
        return offer.called(found.arguments)

    def _is_to_be_confirmed(self, offer: Offer, evidence: Sequence[Evidence], arguments: Mapping[str, Any]) -> bool:
        """Whether something is written that the caller has not heard yet: said in one breath, or a spoken address."""
        if offer.handoff or not offer.writes or self.walk.does(offer.name):
            return False
        amends = self.form is not None and self.matter[-1].words != self.conversation.exchanges[-1].words
        about = " ".join([offer.told.description, *(slot.description for slot in offer.slots)])
        if offer.told.asks_a_person and (amends or not pattern("is_confirmed").search(about)):
            return False  # whoever is asked hears what is to be done, and the author wants no more
        emails = [str(arguments.get(slot.name) or "").lower() for slot in offer.slots if slot.kind == "email"]
        heard = " ".join(said.text.lower() for said in evidence)
        return amends or any(email not in heard for email in emails) or (len(evidence) == 1 and not emails)

    # --- what came back of a call -------------------------------------------------------------------------------------

    def _after(self, last: Returned) -> list[Output]:
        if last.agent is not None:
            return self._arrived()
        name = last.call.name if last.call else None
        if self.briefing.here is not None and name == SET_STATE_TOOL:
            return self.walk.after_a_move(last) or self._says(self.texts.anything_else)
        since = [*takewhile(lambda entry: not isinstance(entry, Said), reversed(self.conversation.entries))][::-1]
        returns = [entry for entry in since if isinstance(entry, Returned) and entry.agent is None]
        new = [entry for entry in returns if entry.call is None or entry.call.name != SET_STATE_TOOL] or [last]
        told = " ".join(dict.fromkeys(filter(None, map(self._words_about, new[-3:]))))
        if name in self.walk.here.tools and (step := self.walk.after_a_call(last, told)):
            return step
        hub = next((offer for offer in self.offers if offer.is_hub and self.may_go_on), None)
        if hub is not None and pattern("hands_on").search(last.output[:_LONGEST_ORDER]):
            return self._proceed(hub, self.evidence[:1])
        return self._says(told or self.texts.done)

    def _words_about(self, returned: Returned) -> str:
        """What is said about one output: it is whole and true, or what of a failure is meant for a caller."""
        found, texts = reading_of(returned.output), self.texts
        offer = next((offer for offer in self.offers if offer.is_called_by(returned.call)), None)
        if found.manner == "invalid":
            named = [slot.question for slot in offer.slots if slot.name in returned.output] if offer else []
            question = next(iter(named), texts.failed)
            return texts.failed if question in self.conversation.said[:2] else question  # it was just asked for
        if found.manner != "answer":
            return " ".join(filter(None, [getattr(texts, found.manner), found.reason, texts.anything_else]))
        if isinstance(found.data, str) and offer is not None and offer.told.verbatim:
            return found.data.strip()
        asked = " ".join(said.text for said in self.evidence)
        is_looked_up = offer is not None and bool(offer.answers)
        return spoken_answer(found.data, asked, texts, looked_up=is_looked_up) or texts.done

    def _arrived(self) -> list[Output]:
        """Go on, as the agent that took over, with what the caller said before."""
        if step := self.walk.onward():
            return step
        its_name = {*content_of(self.conversation.agents[-1] or ""), *EVERY_HANDOFF}
        is_seen_to = self.talk is not None or is_plain_yes(self.text) or says("wants_a_person", self.text)
        if is_seen_to or its_name.issuperset(content_of(self.text)):
            return self._says(self.reply("greeting"))
        return self._an_answer() or self._a_request() or self._nothing_fits()
