"""The yes of a person where nobody is at a keyboard: the caller's own, by a key of the telephone, or a rule's.

A voice may be misheard, and a model that is told what the caller said could take anything for a yes. A key cannot. What
is to be filled in cannot be said by a key, and is not asked for aloud: it may be secret.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest
from realtime_scenarios.telephone.keys import Keypad

SECONDS_FOR_A_KEY = 30.0
"""How long the caller may think where the rule has no timeout; then it is a no."""

SECONDS_TO_HEAR = 1.0
"""So long after the agent begins to ask, nobody has heard what: a key that comes sooner answers something else."""

YES, NO = "1", "2"

NO_FORM = "This cannot be done by telephone, because something has to be filled in. Tell the caller so."
NO_KEY = "The caller did not press a key, so it was not done."


@dataclass(frozen=True, slots=True)
class _Words:
    may_i: str
    press: str


_WORDS: Mapping[str, _Words] = {
    "de": _Words("Soll ich das tun?", "Drücken Sie die 1 für ja oder die 2 für nein."),
    "en": _Words("Shall I do that?", "Press 1 for yes, or 2 for no."),
    "es": _Words("¿Lo hago?", "Pulse 1 para sí o 2 para no."),
    "fr": _Words("Dois-je le faire ?", "Appuyez sur 1 pour oui, ou sur 2 pour non."),
    "it": _Words("Lo faccio?", "Prema 1 per sì o 2 per no."),
    "pt": _Words("Posso fazê-lo?", "Prima 1 para sim ou 2 para não."),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Tools whose calls are decided without asking the caller."""

    approved: Collection[str] = ()
    rejected: Collection[str] = ()


def unfit_for_telephone(scenario: Scenario, policy: Policy) -> list[str]:
    """Tools that `policy` approves and that nobody can approve like this, since something must be filled in."""
    rules = {name: scenario.tools[name].approval for name in policy.approved}
    return [name for name, rule in rules.items() if rule and any(part.required for part in rule.fields.values())]


@dataclass(frozen=True, slots=True)
class SpokenQuestion:
    """What the agent is to ask; whoever has it asked says when that has `begun`."""

    text: str
    begun: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class CallersYes:
    """Asks the caller of one call. `questions` are to be said aloud; a key answers the one that is being asked.

    A key that is pressed before is none: a second press for the question before it, or part of what is typed for the
    agent.
    """

    policy: Policy
    keypad: Keypad
    language: str = "en"
    questions: asyncio.Queue[SpokenQuestion] = field(default_factory=asyncio.Queue)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_open(self) -> bool:
        """Whether a question is waiting for a key."""
        return self._asking.locked()

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        if request.tool in self.policy.rejected:
            return ApprovalAnswer("reject")
        if any(part.required for part in request.fields):
            return ApprovalAnswer("reject", message=NO_FORM)
        if request.tool in self.policy.approved:
            return ApprovalAnswer("approve")
        async with self._asking:  # one question at a time: a key says yes to one thing
            return await self._asked(request)

    async def _asked(self, request: ApprovalRequest) -> ApprovalAnswer:
        words = _WORDS.get(self.language, _WORDS["en"])
        text = f"{request.question or words.may_i} {words.press}"
        question = SpokenQuestion(text)
        self.questions.put_nowait(question)
        try:
            async with asyncio.timeout(SECONDS_FOR_A_KEY):
                await question.begun.wait()
                await asyncio.sleep(SECONDS_TO_HEAR)
            async with asyncio.timeout(SECONDS_FOR_A_KEY):
                while (key := await self.keypad.one()) not in (YES, NO):
                    self.questions.put_nowait(SpokenQuestion(text))
        except TimeoutError:
            return ApprovalAnswer("reject", message=NO_KEY)
        return ApprovalAnswer("approve" if key == YES else "reject")
