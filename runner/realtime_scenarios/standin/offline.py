"""A response request as what to say or call, by fixed rules: a stand-in for a voice model, without key or network.

Theory of operation. Nothing is kept from one response to the next: each begins with the conversation's items, the tools
and, beside our own runner, a `Briefing`. What a caller's newest message leads to is decided by rules
in one order, the first that has anything to say: an answer to the open question (`form.py`), a step in the agent's
states (`walk.py`), small talk, a request. A request leads to the tool or handoff whose examples or description fit it
best (`matching.py`), and to a call once all that the call needs was said (`form.py`). Where nothing fits, that is said,
in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.standin import smalltalk
from realtime_scenarios.standin.briefing import Briefing, StateBriefing
from realtime_scenarios.standin.conversation import (
    Called,
    Conversation,
    Exchange,
    Returned,
    Said,
    as_object,
    entries_of,
)
from realtime_scenarios.standin.form import Evidence, Form, Knowledge, asked_again, filled, matter_of, open_form
from realtime_scenarios.standin.language import Texts, pattern, patterns, texts_of, understood, word_set
from realtime_scenarios.standin.matching import EVERY_HANDOFF, FITS, scores, shares_a_deed
from realtime_scenarios.standin.numerals import dates_in
from realtime_scenarios.standin.smalltalk import ASIDE, Talk, is_no, is_plain_yes, is_yes, says, smalltalk_in
from realtime_scenarios.standin.telling import fact_about, reading_of, spoken_answer, spoken_value
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer, best_of, offers_of
from realtime_scenarios.standin.values import places_in
from realtime_scenarios.standin.walk import SET_STATE_TOOL, Walk
from realtime_scenarios.standin.words import asks, content_of, language_of, name_words, words_of

_CLEARLY, _SURELY = 0.8, 0.95
"""Another intent so sure interrupts an open question, or leads out of a state; the other, out of an answer to it."""
_LEANS, _FAR_AHEAD = 0.3, 0.2
"""From the one on an option is meant that is ahead of all others by the other."""
_HANDS_OFF_LATE = 0.04
"""So much better a handoff must fit than an own tool."""
_MOST_HANDOFFS = 2
"""For one message of the caller."""
_NOT_ASIDE = ("anything_else", "how_can_i_help", "once_more")
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
class _Answer:
    """One response: what it is made from, and the rules that make outputs of it."""

    request: ResponseRequest
    briefing: Briefing
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
        another = self.meant(_SURELY if self.walk.here.collects and not self.walk.form.misses else _CLEARLY)
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
        nearest = self.meant(_LEANS)
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
        since = takewhile(lambda entry: not isinstance(entry, Said), reversed(self.conversation.entries))
        returns = [entry for entry in since if isinstance(entry, Returned) and entry.agent is None]
        new = [entry for entry in returns if entry.call is None or entry.call.name != SET_STATE_TOOL] or [last]
        told = " ".join(dict.fromkeys(filter(None, map(self._words_about, reversed(new[:3])))))
        if name in self.walk.here.tools and (step := self.walk.after_a_call(last, told)):
            return step
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

    # --- what is known ------------------------------------------------------------------------------------------------

    @cached_property
    def conversation(self) -> Conversation:
        return Conversation(tuple(entries_of(self.request.items)), self.briefing.first)

    @cached_property
    def texts(self) -> Texts:
        return texts_of(self.briefing.language)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        return offers_of(self.request.tools, self.request.instructions, self.briefing, self.texts)

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
        new = new if len(self.conversation.visited) <= _MOST_HANDOFFS else []
        closed = NEVER_CHOSEN | self.walk.elsewhere()
        return tuple(o for o in self.offers if o.name not in closed and (not o.handoff or o in new))

    @cached_property
    def form(self) -> Form | None:
        """What the caller's newest message is an answer for; None where no question of a tool's was open."""
        return open_form(self.matter, self.callable, self.beside, self.texts)

    @cached_property
    def matter(self) -> list[Exchange]:
        """The request, and behind it what was said about it."""
        return matter_of(self.conversation, self.callable, self.texts)

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
        is_ahead = score >= _LEANS and all(score - fitting[at] >= _FAR_AHEAD for at in order[1:2])
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
    dated = (dates_in(prose[it.start() : it.end() + 20], None) for it in pattern("today").finditer(prose))
    today = next((day for days in dated for day in days), None)
    return Briefing("", language=language_of(prose), today=today, opening=line, prose=prose)


def _letters_of(name: str) -> str:
    """An agent's name as function names have it, whatever it was called by."""
    return "".join(filter(str.isalnum, name.lower())).removesuffix("agent")
