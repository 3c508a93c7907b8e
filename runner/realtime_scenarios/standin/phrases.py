"""Tool descriptions and names as phrases that can be said to the caller."""

from __future__ import annotations

import re
from typing import Literal

from realtime_scenarios.standin.words import name_words, sentences_of, word_set

_DEFAULT_HANDOFF = re.compile(
    r"^hand-?off to the (?P<agent>.+?) agent to handle the request\.?\s*(?P<rest>.*)", re.I | re.S
)
_WHEN = re.compile(
    r"^(?:please )?(?:call|use|invoke|run)(?: (?:this|it|the))?(?: tool| function| handoff)?\s*"
    r"(?P<word>to|when(?:ever)?|if|for|in order to)\s+(?P<rest>.+)",
    re.I | re.S,
)
_ASKS = re.compile(
    r"^(?:the )?(?:caller|customer|user|guest|patient)s? "
    r"(?:asks?|wants? to know|has questions?|is asking) (?:about |for )?",
    re.I,
)
_WANTS = re.compile(r"^(?:the )?(?:caller|customer|user|guest|patient)s? (?:wants?|needs?|wishes|would like) to ", re.I)
_ANYONE = r"(?:caller|customer|user|guest|patient|passenger)"
_PERSON = rf"the {_ANYONE}"
_SWAPS = tuple(
    (re.compile(pattern, re.I), instead)
    for pattern, instead in (
        (
            rf"\b(hand|put|connect|transfer|send|pass) an? (?:\w+ )?{_ANYONE}\b"
            r"(?: who [^,.]*?)?(?= (?:to|through|over) )",
            r"\1 you",
        ),
        (rf"\ban? (?:\w+ )?{_ANYONE}['’]s\b", "your"),
        (rf"\ban? {_ANYONE} is\b", "you are"),
        (rf"{_PERSON} (?:of|on|with) (?:a|an|the|their) \w+\b", "you"),
        (r"\b(because|if|where|when|once) they (want|ask|need|are|have)\b", r"\1 you \2"),
        (rf"\bthe (\w+(?: \w+)?) of {_PERSON}\b(?!['’])", r"your \1"),
        (rf"\b{_PERSON} is\b", "you are"),
        (rf"\b{_PERSON} was\b", "you were"),
        (rf"\b{_PERSON} has\b", "you have"),
        (rf"\b{_PERSON}(?:['’]s|s['’])", "your"),
        (rf"\b{_PERSON} (ask|want|need|sign|say|call|choose|give|book|order|make|mention|request)s\b", r"you \1"),
        (rf"\b{_PERSON}\b", "you"),
        (r"\bcallers\b", "you"),
        (r"\btheir own\b", "your own"),
        (r"\btheir\b", "your"),
    )
)
_VERBS = word_set("""
    add answer apply arrange ask assign book browse buy calculate call cancel change charge check close collect
    compare confirm connect convert count create delete do enter escalate estimate exchange explain fetch file
    fill find finish fix forward generate get give hand have help hold issue initiate inform list load locate log look
    lookup make mark move note open order pay place play post prepare print process provide put read rebook
    receive record recommend refund register remind remove rename renew repeat replace report request reschedule
    reserve reset resolve retrieve return route run save say schedule search see sell send set show sign start stop
    store submit subscribe suggest take tell track transfer translate try turn update upgrade use validate
    verify view write
    """)
_IRREGULAR = {
    "buy": "bought", "do": "done", "find": "found", "get": "got", "give": "given", "hold": "held", "make": "made",
    "pay": "paid", "put": "put", "read": "read", "run": "run", "say": "said", "see": "seen", "sell": "sold",
    "send": "sent", "set": "set", "show": "shown", "take": "taken", "tell": "told", "write": "written", "log": "logged",
    "submit": "submitted", "stop": "stopped", "transfer": "transferred", "refer": "referred", "cancel": "cancelled",
    "have": "had", "reset": "reset", "rebook": "rebooked", "begin": "begun",
}  # fmt: skip
_ASKING = frozenset(["how", "what", "where", "when", "who", "which", "whether", "why"])
_TECHNICAL_NAME = re.compile(
    r"\b(?:[a-z]+(?:_[a-z0-9]+)+|[a-z]{2,}(?:[A-Z][a-z]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)*?(?:Num|Ids?|Start|End|Date|Time))\b"
)
_SHORT = 14
_PLURAL = re.compile(r"^(?:the |your )?(?:last |first )?(?:four |three |\d )?[a-z]*[^s\W]s\b")
_ARTICLE = frozenset(["a", "an", "the", "your", "whether", "one", "all", "some", "new", "this", "up", "you"])

Form = Literal["one", "many", "number", "yes or no"]
"""What kind of answer a question waits for."""


def capability(name: str, description: str, *, handoff: bool) -> str:
    """What a tool does, as it goes on after `I can`: `look up the flight you are booked on`."""
    default = _DEFAULT_HANDOFF.match(description)
    if default:
        return f"connect you with the {_target(default['agent'])}"
    first = next(iter(sentences_of(description)), "")
    phrase = _plain_names(_phrase_of(first.rstrip(" .:;!"), name, handoff=handoff))
    words = phrase.split()
    return phrase if len(words) <= 2 * _SHORT else " ".join(words[: 2 * _SHORT]).rstrip(",;") + " and so on"


def past(phrase: str) -> str | None:
    """`update your seat` as `updated your seat`; None where the phrase does not begin with a verb."""
    verb, _, rest = phrase.partition(" ")
    if verb in ("help", "lookup") or (verb not in _VERBS and rest.partition(" ")[0] not in _ARTICLE):
        return None
    done = _IRREGULAR.get(verb) or (
        verb + "d" if verb.endswith("e") else verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else verb + "ed"
    )
    return f"{done} {rest}".strip()


def question_for(name: str, description: str, *, form: Form = "one", choices: tuple[str, ...] = ()) -> str:
    """One clear question for a value: from its description where that is a short noun phrase, else from its name."""
    words = [word for word in name_words(name) if word not in ("id", "new", "the")] or name_words(name) or ["value"]
    thing = _NAMED.get("".join(name_words(name))) or " ".join(words)
    noun = _noun_phrase(description)
    if form == "yes or no":
        return f"About the {noun or thing}: yes or no?"
    if choices:
        shown = ", ".join(choices[:-1]) + f" or {choices[-1]}" if len(choices) > 1 else choices[0]
        return f"Which {thing} do you mean: {shown}?"
    if thing in ("city", "location", "place", "date", "day", "time", "region"):
        return f"For which {thing}?"
    if form == "many":
        return f"Which {' '.join(word for word in name_words(name) if word != 'ids') or thing}?"
    if noun:
        return f"What {'are' if _PLURAL.search(noun) else 'is'} {noun}?"
    if form == "number":
        return f"How many {thing}?" if _PLURAL.search(thing) or thing == "people" else f"What is the {thing}?"
    if name_words(name)[:1] == ["new"]:
        return f"What is the new {thing}?"
    if "".join(name_words(name)) in _NAMED:
        return f"What is your {thing}?"
    return f"What is your {thing}{' id' if name_words(name)[-1:] == ['id'] and len(words) < 3 else ''}?"


def spoken_name(name: str) -> str:
    """An agent's name as a caller hears it: `tourGuide` and `tour_guide` are the `tour guide`, names stay names."""
    return said_name(name) if name.isidentifier() and (name[:1].islower() or "_" in name) else name


def to_the_caller(text: str) -> str:
    """Words about the caller as words to the caller: `the caller's seat` is `your seat`."""
    for pattern, instead in _SWAPS:
        text = pattern.sub(instead, text)
    return text


def said_name(name: str) -> str:
    """An identifier as words: `shipping_address` is `shipping address`."""
    return " ".join(name_words(name)) or name


def _phrase_of(sentence: str, name: str, *, handoff: bool) -> str:
    when = _WHEN.match(sentence)
    if when:
        rest = when["rest"].strip()
        if when["word"].lower() in ("when", "whenever", "if"):
            wants, asks = _WANTS.match(rest), _ASKS.match(rest)
            rest = rest[wants.end() :] if wants else f"help with {rest[asks.end() :]}" if asks else f"help when {rest}"
        elif when["word"].lower() == "for":
            rest = f"help with {rest}"
        sentence = rest
    sentence = to_the_caller(sentence)
    if not sentence:
        words = [word for word in name_words(name) if word not in ("transfer", "to")]
        return f"connect you with the {' '.join(words) or name}" if handoff else _verbal(" ".join(words) or name)
    return _verbal(sentence)


def _plain_names(phrase: str) -> str:
    """The phrase with the names of fields as words: `AptNum`, `startDate` and `zip_code` are nothing to say."""
    return _TECHNICAL_NAME.sub(lambda found: said_name(found.group()), phrase)


def _verbal(sentence: str) -> str:
    first, _, rest = sentence.partition(" ")
    word = first.lower()
    if word in _ASKING:
        return f"tell you {word} {rest}".strip()
    for base in (word, word.removesuffix("s"), word.removesuffix("es")):
        if base in _VERBS:
            return f"{base} {rest}".strip()
    if rest.partition(" ")[0] in _ARTICLE and first.isalpha() and not word.endswith("s"):
        return f"{word} {rest}"
    return f"help with {sentence if len(first) > 1 and first.isupper() else word + (' ' + rest if rest else '')}"


def _noun_phrase(description: str) -> str:
    """A short description as the object of a question: `your booking's confirmation number`; empty where it is none."""
    text = re.split(
        r"[.,;:(\n]|\b(?:such as|for example|e\.g\.|like|as in|in the form|formatted|in format)\b", description.strip()
    )[0]
    words = to_the_caller(text.strip()).split()
    if not 1 < len(words) <= 9 or words[0].lower() in _VERBS | _NO_NOUN:
        return ""
    head = words[0].lower()
    if head in ("a", "an"):
        words = words[1:]
    if head in ("the", "your", "which", "their", "its", "his", "her"):
        return " ".join([head, *words[1:]])
    return "the " + " ".join([words[0] if words[0][1:2].isupper() else words[0].lower(), *words[1:]])


def _target(agent: str) -> str:
    return agent.strip() if agent[:1].isupper() and " " in agent else f"{spoken_name(agent.strip())} agent"


_NO_NOUN = word_set("""
    if whether when how what who where must should optional required always never true
    """)
_NAMED = {
    "dob": "date of birth",
    "birthdate": "date of birth",
    "phone": "phone number",
    "email": "email address",
    "zip": "zip code",
    "zipcode": "zip code",
    "orderid": "order number",
    "ssn": "social security number",
    "fname": "first name",
    "lname": "last name",
}
