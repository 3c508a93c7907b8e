"""What is said where no tool is needed: greetings, thanks, not understanding, and what the agent can do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from realtime_scenarios.core import listed
from realtime_scenarios.standin.offers import Offer
from realtime_scenarios.standin.phrases import spoken_name
from realtime_scenarios.standin.words import (
    QUESTION_WORDS,
    STOP_WORDS,
    YES_WORDS,
    content_of,
    sentences_of,
    word_set,
    words_of,
)

ANYTHING_ELSE = "Is there something else I can help you with?"
NOT_HEARD = "I am sorry, I did not catch that. Could you say it again, please?"
ENGLISH_ONLY = "I am sorry, I can only help in English."
GOODBYE = "You are welcome. Goodbye!"
DONE = "All right, thank you for calling. Goodbye!"
WELCOME = f"You are welcome. {ANYTHING_ELSE}"
LEFT_ALONE = f"All right, I will leave that. {ANYTHING_ELSE}"
TAKEN_BACK = "I am sorry, I take that back; I should not have said it. What else can I help you with?"
NOT_GOT = "I am sorry, I did not get that."
GIVEN_UP = "I am sorry, I still did not get it, so I will leave that for now."
ONE_MOMENT = "One moment, please. I am still waiting for an answer."
CALM = "I am sorry that this is going badly. I am only an offline stand-in with fixed rules."
DO_NOT_KNOW = "I am sorry, I do not know how to help with that."
GO_AHEAD = "Of course, please go ahead. What is it about?"
HERE = "Yes, I am here. How can I help you?"
NO_JOKES = "I am a stand-in with fixed rules, and I know no jokes."
SAID_AGAIN = "Let me say it again:"
WELL = "Thank you, all is well here. How can I help you?"
WHO = "I am an offline stand-in: I follow fixed rules and am neither a person nor a language model."
NOTHING_TO_DO = "I can only talk here; there is nothing I could look up or do."
STILL_THERE = "Are you still there?"

Smalltalk = Literal[
    "angry", "confused", "done", "goodbye", "greeting", "help", "joke", "no", "question", "repeat", "thanks", "there",
    "well", "who", "yes",
]  # fmt: skip
UNLESS_ASKED_FOR: frozenset[Smalltalk] = frozenset(["angry", "joke", "question"])
"""Words of this kind may also be meant for something that the agent does."""

_GREETING = word_set("""
    hello hi hey hiya greetings howdy good morning afternoon evening there again day yo everyone ma'am sir
    """)
_THANKS = word_set("""
    thanks thank you thx cheers ta very much so a lot bunch million great perfect awesome wonderful ok okay good
    appreciate appreciated that it all for your help the youve been helpful kind really
    """)
_THANKED = word_set("thanks thank thx cheers ta appreciate appreciated helpful")
_GOODBYE = word_set("""
    bye goodbye byebye farewell ciao cya see you ya later soon have a nice good great day night evening one for now
    thats all is it that take care talk to i got gotta go must ok okay well then
    """)
_LEAVES = re.compile(
    r"\b(?:bye|goodbye|bye-bye|farewell|ciao|cya|see (?:you|ya)|take care|talk to you later|good night|"
    r"have a (?:nice|good|great)|got(?:ta| to) go|have to go)\b",
    re.I,
)
_DONE = re.compile(
    r"\bthat(?:['’]?s| is|['’]?ll be| will be| would be)? (?:all|it|everything)\b|\bnothing else\b|"
    r"\bi(?:['’]?m| am) (?:done|finished|all set)\b|\bwrong number\b",
    re.I,
)
_DONE_WITH = word_set("""
    thatll will would be everything done finished set for today now i im need needed wanted wrong number oh sorry my
    mistake
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
_NAME = re.compile(
    r"\bwhat(?:['’]?s| is) your name\b|\bdo you have a name\b|\bwho is (?:this|there|speaking)\b|"
    r"\b(?:who am i|whom am i) (?:talking|speaking) (?:to|with)\b",
    re.I,
)
_WELL = re.compile(
    r"^\W*(?:(?:hi|hello|hey|and|so)\W+)*(?:how(?:['’]?s| is| are| have)\W+(?:you|it|things|everything|your day|life)"
    r"(?: (?:doing|going|been|feeling|today))*|how do you do|what['’]?s up|wassup)\W*$",
    re.I,
)
_THERE = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\W+)*(?:are you (?:even |still )?(?:there|here|listening)|can you hear me|"
    r"(?:is )?any(?:body|one) (?:there|here))\W*$|^\W*hello\s*\?+\W*$",
    re.I,
)
_QUESTION = re.compile(
    r"^\W*(?:(?:hi|hello|hey|yes|ok|okay|well|actually|so)\W+)*(?:(?:i have|i['’]?ve(?: got)?|i got|i need|i want|"
    r"i['’]?d like|(?:can|may|could) (?:i|you))(?: to)?(?: (?:ask|help|please))*(?: (?:you|me))?"
    r"(?: (?:a|an|some|one|another|quick|small|simple))*(?: (?:questions?|problem|issue|help|something))?"
    r"(?: with something)?)(?:,? please)?\W*$",
    re.I,
)
_QUESTION_NOUN = re.compile(r"\b(?:questions?|problem|issue|help|ask)\b", re.I)
_JOKE = re.compile(r"\bjokes?\b|\bmake me laugh\b", re.I)
_CONFUSED = re.compile(
    r"^\W*(?:(?:sorry|oh|well|but|no)\W+)*(?:i (?:(?:do|did)(?:n['’]?t| not) (?:understand|get|follow)|am confused)|"
    r"i['’]?m confused|you lost me|(?:that|this|it) makes no sense|huh|what do you mean)(?: (?:that|it|you|this))?\W*$",
    re.I,
)
_ANGRY = word_set("""
    ridiculous useless terrible stupid idiot idiots idiotic awful hate sue lawyer angry furious wtf damn crap worst
    horrible rubbish pathetic unacceptable outrageous shit bullshit fuck fucking sucks joke scam
    """)
_SIGNS = {"👍": "yes", "👌": "yes", "✅": "yes", "👎": "no", "❌": "no", "👋": "hello", "🙏": "thanks"}
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
_OTHER_LANGUAGE = re.compile(
    r"\b(?:speak|answer|respond|reply|talk|language)\b[^.\n]{0,30}"
    r"\b(?:French|German|Spanish|Italian|Portuguese|Dutch|Polish|Turkish|Russian|Chinese|Japanese|Korean|Arabic|Hindi)\b",
    re.I,
)
_ENGLISH = re.compile(r"\b(?:English|if|when)\b", re.I)
_READ, _SEARCHED = 1_000, 20_000
"""So many characters of a message are read for what it is; so many of the instructions are searched."""
_SHARED = word_set("""
    a as in is me no on so des die la ma o para es il pas kan
    """)


def smalltalk_in(text: str) -> Smalltalk | None:
    """What kind of smalltalk the whole text is; None where it says something else too."""
    text = text[:_READ]
    words = set(words_of(text))
    for kind, pattern in _PATTERNS:
        if pattern.search(text):
            return kind
    if not words or len(words) > 12:
        return None
    if _QUESTION.search(text) and _QUESTION_NOUN.search(text):
        return "question"
    if words <= _GREETING and words & {"hello", "hi", "hey", "hiya", "greetings", "howdy", "good", "morning", "yo"}:
        return "greeting"
    if _LEAVES.search(text) and words <= _GOODBYE | _THANKS | _NO:
        return "goodbye"
    if _DONE.search(text) and words <= _GOODBYE | _THANKS | _NO | _DONE_WITH:
        return "done"
    if words & _THANKED and "no" not in words and words <= _THANKS | _GOODBYE:
        return "thanks"
    if words & {"no", "n", "nope", "nah", "nothing", "nevermind", "never"} and words <= _NO:
        return "no"
    if words & YES_WORDS - {"please"} and words <= _YES:
        return "yes"
    return "angry" if words & _ANGRY else None


def in_words(text: str) -> str:
    """A sign that stands alone (a thumb up) as the word that it stands for; any other text as it is."""
    if words_of(text[:_READ]):
        return text
    return next((word for sign, word in _SIGNS.items() if sign in text[:_READ]), text)


def reply(kind: Smalltalk, instructions: str, offers: Sequence[Offer], *, agent: str | None, last: str) -> str:
    """What is said to small talk. `last` is what the agent said before, empty where it has said nothing."""
    match kind:
        case "greeting":
            return greeting(instructions, offers, agent=agent, again=bool(last))
        case "there":
            return HERE if last else greeting(instructions, offers, agent=agent, again=False)
        case "well":
            return WELL
        case "question":
            return GO_AHEAD
        case "thanks":
            return WELCOME
        case "goodbye":
            return GOODBYE
        case "done":
            return DONE
        case "who":
            named = f"This is the {spoken_name(agent)}. " if agent else ""
            return f"{named}{WHO} {can_do(offers)}".strip()
        case "help":
            return can_do(offers) or NOTHING_TO_DO
        case "joke":
            return f"{NO_JOKES} {for_example(offers)}".strip()
        case "angry":
            return f"{CALM} {for_example(offers)}".strip()
        case "repeat":
            return last or NOT_HEARD
        case "confused":
            said = last.removeprefix(SAID_AGAIN).strip()
            return f"{SAID_AGAIN} {said}" if said else f"{NOT_HEARD}"
        case "yes":
            return f"What would you like? {for_example(offers)}".strip()
        case "no":
            return f"All right. {ANYTHING_ELSE}"


def asks(text: str) -> bool:
    """Whether the text is a question, and no request or statement."""
    return "?" in text or bool(QUESTION_WORDS.intersection(words_of(text[:_READ])[:1]))


def makes_sense(text: str, score: float) -> bool:
    """Whether the text is a question or a request at all, rather than noise. `score`: how well it fits something."""
    words = words_of(text[:_READ])
    known = sum(word in STOP_WORDS for word in words)
    return bool(content_of(text[:_READ])) and (
        score >= 0.2
        or "?" in text
        or (bool(known) and (words[0] in QUESTION_WORDS | STOP_WORDS or known * 4 >= len(words)))
    )


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


def speaks_another_language(instructions: str) -> bool:
    """Whether the instructions are for an agent that does not speak English."""
    return is_foreign(instructions) or any(
        not _ENGLISH.search(line) and _OTHER_LANGUAGE.search(line) for line in sentences_of(instructions[:_SEARCHED])
    )


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
        return f"Hello, this is the {spoken_name(agent)}. How can I help you?"
    return f"Hello! {can_do(offers) or ''} How can I help you?".replace("  ", " ")


def can_do(offers: Sequence[Offer], *, most: int = 4) -> str:
    """`I can look up your flight or connect you with sales.`; empty where there is nothing to offer."""
    phrases = list(dict.fromkeys(offer.capability for offer in offers if offer.choosable))
    if not phrases:
        return ""
    shown = phrases[:most]
    return f"I can {listed(shown, joined_by='or')}{', among other things' if len(phrases) > len(shown) else ''}."


def for_example(offers: Sequence[Offer], *, skip: int = 0) -> str:
    """One or two things that a caller may say; what can be done where no examples are known.

    `skip` leaves so many examples out, where there are others.
    """
    own_first = sorted((offer for offer in offers if offer.choosable), key=lambda offer: offer.handoff)
    examples = [
        offer.option.examples[min(skip, len(offer.option.examples) - 1)] for offer in own_first if offer.option.examples
    ][:2]
    if not examples:
        return can_do(own_first, most=2)
    return f"You could say, for example: {' or '.join(f'“{example}”' for example in examples)}"


def not_understood(offers: Sequence[Offer]) -> str:
    """Plainly that the request is not understood, and what is possible here."""
    return f"{DO_NOT_KNOW} {for_example(offers) or NOTHING_TO_DO}"


_PATTERNS: tuple[tuple[Smalltalk, re.Pattern[str]], ...] = (
    ("who", _WHO),
    ("who", _NAME),
    ("help", _HELP),
    ("repeat", _REPEAT),
    ("well", _WELL),
    ("there", _THERE),
    ("confused", _CONFUSED),
    ("joke", _JOKE),
)
