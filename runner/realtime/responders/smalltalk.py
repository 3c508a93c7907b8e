"""What is said where no tool is needed: greetings, thanks, not understanding, and what the agent can do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from runner.core import listed
from runner.realtime.responders.offers import Offer
from runner.realtime.responders.words import STOP_WORDS, YES_WORDS, sentences_of, word_set, words_of

ANYTHING_ELSE = "Is there something else I can help you with?"
NOT_HEARD = "I am sorry, I did not catch that. Could you say it again, please?"
ENGLISH_ONLY = "I am sorry, I can only help in English."
GOODBYE = "You are welcome. Goodbye!"
WELCOME = f"You are welcome. {ANYTHING_ELSE}"
LEFT_ALONE = f"All right, I will leave that. {ANYTHING_ELSE}"
TAKEN_BACK = "I am sorry, I take that back; I should not have said it. What else can I help you with?"
NOT_GOT = "I am sorry, I did not get that."
GIVEN_UP = "I am sorry, I still did not get it, so I will leave that for now."
ONE_MOMENT = "One moment, please. I am still waiting for an answer."
WHO = "I am an offline stand-in: I follow fixed rules and am neither a person nor a language model."
NOTHING_TO_DO = "I can only talk here; there is nothing I could look up or do."
STILL_THERE = "Are you still there?"

Smalltalk = Literal["greeting", "thanks", "goodbye", "yes", "no", "who", "help", "repeat"]

_GREETING = word_set("""
    hello hi hey hiya greetings howdy good morning afternoon evening there again day yo everyone ma'am sir
    """)
_THANKS = word_set("""
    thanks thank you thx cheers very much so a lot great perfect awesome ok okay good appreciate appreciated
    that it
    """)
_GOODBYE = word_set("""
    bye goodbye byebye farewell ciao see you later soon have a nice good day night one for now thats all is it
    that take care
    """)
_YES = YES_WORDS | word_set("""
    do it that of course go ahead sounds good great thats
    """)
_NO = word_set("""
    no n nope nah thanks thank you not now really im i am fine good nothing else just looking browsing never mind
    nevermind thats all that is
    """)
_WHO = re.compile(
    r"\b(?:who|what) are you\b|\bwhich model\b|"
    r"\bare you (?:an? )?(?:real|human|person|robot|bot|ai|machine|model|computer)\b",
    re.I,
)
_HELP = re.compile(
    r"^\W*(?:help|menu|options)\W*$|\bwhat can (?:you|i) (?:do|ask|say)\b|\bhow can you help\b|\bwhat do you do\b", re.I
)
_REPEAT = re.compile(
    r"^\W*(?:(?:sorry|pardon|excuse me)\W+)?(?:sorry|pardon|excuse me|what|come again|"
    r"say (?:that|it) again|repeat(?: that| it)?|"
    r"(?:can|could|would) you (?:please )?(?:say|repeat) (?:that|it)(?: again)?)"
    r"(?:,? please)?\W*$",
    re.I,
)
_QUOTED_OPENING = re.compile(
    r"\b(?:say(?:ing)?(?: exactly)?|open(?:ing)?(?: \w+){0,6}(?: with)?|"
    r"(?:begin|start)(?: \w+){0,5} with|greet\w*(?: \w+){0,8}|"
    r"first (?:message|sentence|words?|line)|exact(?:ly)?(?: words?| greeting)?)\b"
    r"[^\"“”.\n]{0,60}[\"“](?P<line>[^\"”\n]{4,400})[\"”]",
    re.I,
)
_SPOKEN_FORMS = re.compile(r"^# How to say things\n(?:- .*\n?)*", re.MULTILINE)
"""A section whose quotations are samples of how values sound."""
_ROLE = re.compile(
    r"\byou(?:'re| are)? (?P<role>(?:an? |the |[a-z]+ing |[A-Z])[^.!?\n]{3,200}|"
    r"(?:answer|help|handle|assist|write|book|take|give|look)\b[^.!?\n]{3,200})",
    re.I,
)
_FOREIGN = word_set("""
    el la los las una para por que qué como cómo puedo mi perro es está gracias hola buenos dónde cuándo mein
    meine ist der die das und nicht wo wie ich kann bitte danke haben sie mit auf für le les une des est je vous
    puis où quand mon ma avec bonjour merci pas il è sono posso mio mia dove quando grazie ciao buongiorno o os
    uma não meu minha onde você obrigado het een ik mijn waar niet hoe kan
    """)
_READ, _SEARCHED = 1_000, 20_000
"""So many characters of a message are read for what it is; so many of the instructions are searched."""
_SHARED = word_set("""
    a as in is me no on so des die la ma o para es il pas kan
    """)


def smalltalk_in(text: str) -> Smalltalk | None:
    """What kind of smalltalk the whole text is; None where it says something else too."""
    text = text[:_READ]
    words = set(words_of(text))
    if _WHO.search(text):
        return "who"
    if _HELP.search(text):
        return "help"
    if _REPEAT.search(text):
        return "repeat"
    if not words or len(words) > 12:
        return None
    if words <= _GREETING and words & {"hello", "hi", "hey", "hiya", "greetings", "howdy", "good", "morning", "yo"}:
        return "greeting"
    if words & {"bye", "goodbye", "byebye", "farewell", "ciao"} and words <= _GOODBYE | _THANKS | _NO:
        return "goodbye"
    if (
        words & {"thanks", "thank", "thx", "cheers"}
        and "no" not in words
        and words <= _THANKS | _GOODBYE | {"for", "your", "help", "the"}
    ):
        return "thanks"
    if words & {"no", "n", "nope", "nah", "nothing", "nevermind", "never"} and words <= _NO:
        return "no"
    if words & YES_WORDS - {"please"} and words <= _YES:
        return "yes"
    return None


def is_cancel(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:never ?mind|forget (?:it|that|about it)|leave it|don't bother)|"
            r"\b(?:cancel(?: (?:it|that))?$|stop(?: it| that)?$)",
            text[:_READ].strip(" .!"),
            re.I,
        )
    )


def is_foreign(text: str) -> bool:
    """Whether the text is plainly not English."""
    letters = [sign for sign in text[:_READ] if sign.isalpha()]
    if letters and sum(sign > "\u024f" for sign in letters) * 2 > len(letters):
        return True
    words = words_of(text[:_READ])
    foreign = sum(word in _FOREIGN and word not in _SHARED for word in words)
    shared = sum(word in _FOREIGN for word in words)
    return foreign >= 1 and shared >= 2 and shared > sum(word in STOP_WORDS and word not in _FOREIGN for word in words)


def opening_line(instructions: str) -> str | None:
    """The words that the instructions want said first, where they quote them."""
    found = _QUOTED_OPENING.search(_SPOKEN_FORMS.sub("", instructions[:_SEARCHED]))
    return found["line"].strip() if found else None


def role_in(instructions: str) -> str | None:
    """The agent's role as it would say it: `I am the first voice on an airline's support line`."""
    for sentence in sentences_of(instructions[:_SEARCHED])[:6]:
        found = _ROLE.match(sentence)
        if found:
            role = re.split(r",? and only\b|; ", found["role"].strip(" .:"))[0]
            role = re.sub(r"\byour\b", "my", role)
            verb = "I am" if re.match(r"you(?:'re| are) ", sentence, re.I) else "I"
            return f"{verb} {role}"
    return None


def greeting(instructions: str, offers: Sequence[Offer], *, agent: str | None, again: bool) -> str:
    """A short hello with what the agent is there for. `again`: it has been said before, so it is shorter."""
    if again:
        return "Hello again. How can I help you?"
    exact = opening_line(instructions)
    if exact:
        return exact
    role = role_in(instructions)
    if role and len(role) <= 160:
        return f"Hello! {role}. How can I help you?"
    if agent:
        return f"Hello, this is the {agent}. How can I help you?"
    return f"Hello! {can_do(offers) or ''} How can I help you?".replace("  ", " ")


def can_do(offers: Sequence[Offer]) -> str:
    """`I can look up your flight or connect you with sales.`; empty where there is nothing to offer."""
    phrases = list(dict.fromkeys(offer.capability for offer in offers if offer.choosable))
    if not phrases:
        return ""
    shown = phrases[:4]
    return f"I can {listed(shown, joined_by='or')}{', among other things' if len(phrases) > len(shown) else ''}."


def not_understood(offers: Sequence[Offer], *, again: bool) -> str:
    """Plainly that the request is not understood, and what is possible here."""
    able = can_do(offers)
    if again:
        return f"I still do not know how to help with that. {able or NOTHING_TO_DO}"
    return f"I am sorry, I do not know how to help with that. {able} Could you put it another way?".replace("  ", " ")
