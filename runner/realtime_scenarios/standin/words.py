"""English text as words to compare: folded, without filler, lightly stemmed, everyday synonyms made one word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def word_list(text: str) -> tuple[str, ...]:
    """The words of a list that is written as plain text."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['’\-‑.][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])[\"”')\]]*\s+(?=[\"“'(\[]?[A-Z0-9])|\n+")
_NAME_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

STOP_WORDS = word_set("""
    a about again ah all also am an and any anything are as at be been being but by call called can cannot could
    did do does doing done else en every for from get give go going got had has have having he hello help her
    here hey hi him his how i if in into is it its just know let like look make many may me mean might more most
    much must my need no not now of off oh ok okay on one only or other our out over please put really say see
    shall she should so some something still such take tell than thank thanks that the their them then there
    these they thing this those through to too uh um up us use very want was way we well were what when where
    which who whose why will wish with would yes yet you your yours myself caller callers customer customers
    user users question questions dont im ive id ill its whats wheres hows youre theres lets bring possible
    allowed able kind sort currently please today wonder wondering wondered hope whether
    """)

QUESTION_WORDS = word_set("""
    am are can could did do does had has have how is may might must shall should was were what whats when whens
    where wheres which who whose why will would
    """)

_JOINED = frozenset(
    ["check in", "check out", "carry on", "wi fi", "e mail", "sign in", "sign up", "log in", "log on", "call back"]
)

YES_WORDS = word_set("""
    yes yeah yea yep yup y aye mhm sure ok okay alright fine correct right exactly true absolutely certainly definitely
    indeed agree accept accepted please oui si sí ja
    """)
"""A first word that agrees to what was asked."""
NO_WORDS = word_set("""
    no n nope nah not never false decline declined dont reject refuse non nein
    """)

_SAME = """
    bag baggage luggage suitcase suitcases trunk backpack
    pet pets dog dogs puppy cat cats kitten animal animals
    wifi internet wireless
    signin login logon
    size big large dimension dimensions measure
    weigh weight heavy pound pounds kilo kilos kilogram lb lbs kg
    refund refunds reimburse reimbursement moneyback
    cost price prices fee charge expensive
    human person someone representative operator staff
    sale sales discount discounts promotion promotions deal deals offer offers bargain
    phone telephone mobile cell cellphone
    shop store stores
    bill invoice billing
    leave depart departure departs
    cancel cancellation abort
    late delay delayed delays
    reservation booking bookings booked book reserve
    appointment appointments visit
    buy purchase
    hour hours opening open
    broken defective damaged faulty defect
    baby child children kid kids infant
    address addresses
    change modify alter switch reschedule swap
    forecast weather rain sunny temperature
    safe safety
    plane aircraft airplane jet
    trip journey
    password passcode
""".strip().splitlines()


def words_of(text: str) -> list[str]:
    """The words in order, case folded. A hyphen joins (`wi-fi` is `wifi`), and so do pairs such as `check in`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = [re.sub(r"['’\-‑.]", "", word.removesuffix("'s").removesuffix("’s")) for word in _WORD.findall(folded)]
    joined: list[str] = []
    for word in words:
        if joined and f"{joined[-1]} {word}" in _JOINED:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def content_of(text: str) -> tuple[str, ...]:
    """What the text is about: its words without filler, stemmed, synonyms made one."""
    return tuple(stem(word) for word in words_of(text) if word not in STOP_WORDS)


def name_words(name: str) -> list[str]:
    """The words of an identifier: `phone_number`, `phoneNumber` and `PhoneNumber` are all `phone`, `number`."""
    return [part.lower() for part in _NAME_PART.findall(name)]


def sentences_of(text: str) -> list[str]:
    """The lines and sentences of a text, without list marks and headings' marks."""
    pieces = (re.sub(r"^\s*(?:[-*•>]+|#+|\d+[.)])\s+", "", piece).strip() for piece in _SENTENCE.split(text))
    return [piece for piece in pieces if piece]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A rough stem, the same for `delay`, `delays` and `delayed`, and one for words that mean the same in practice."""
    known = _canonical().get(word)
    if known is not None:
        return known
    root = _root(word)
    return _canonical().get(root, root)


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    canonical: dict[str, str] = {}
    for line in _SAME:
        first, *others = line.split()
        head = canonical.get(first, _root(first))
        for word in (first, *others):
            canonical.setdefault(word, head)
            canonical.setdefault(_root(word), head)
    return canonical


def _root(word: str) -> str:
    if len(word) <= 3 or not word.isascii():
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "els":
        word = word[:-1]
    if len(word) > 4 and word.endswith("ll"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if word[-1] == "y" and len(word) > 3:
        word = word[:-1] + "i"
    return word


_ENDINGS = (
    ("ations", ""),
    ("ation", ""),
    ("ities", "i"),
    ("ings", ""),
    ("ies", "i"),
    ("ied", "i"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("ing", ""),
    ("ed", ""),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)
