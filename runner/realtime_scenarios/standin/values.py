"""One value for one slot, out of one sentence: as an answer to its question, or as something mentioned in passing."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import Any

from realtime_scenarios.standin.contacts import (
    address_in,
    codes_in,
    emails_in,
    joined_in,
    names_in,
    phone_forms,
    phones_in,
    place_in,
    seat_in,
    spelled_in,
)
from realtime_scenarios.standin.moments import MONTHS, dates_in, times_in
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.offers import Slot, choices_of
from realtime_scenarios.standin.words import (
    NO_WORDS,
    QUESTION_WORDS,
    STOP_WORDS,
    YES_WORDS,
    name_words,
    sentences_of,
    stem,
    word_set,
    words_of,
)

_YES, _NO = YES_WORDS, NO_WORDS
_IT_IS = (["it", "is"], ["that", "is", "it"], ["thats", "it"], ["cest", "juste"])
_LATER = frozenset(["later", "remind", "another", "tomorrow"])
_YES_CHOICES = ("accept", "yes", "true", "confirm", "approv", "agre")
_NO_CHOICES = ("declin", "no", "reject", "fals", "deni", "refus")
_LATER_CHOICES = ("later", "remind")
_LEAD = re.compile(
    r"^(?:(?:yes|yeah|sure|fine|all right|ok|okay|well|um|uh|oh|so|hi|hello|sorry|of course)\b[\s,.!]*)*"
    r"(?:(?:it['’]?s|it is|that['’]?s|that is|this is|i think(?: it['’]?s)?|i['’]?d like|i want|i am|i['’]?m|make it|"
    r"(?:my|the) [\w' ]{1,40}? (?:is|are|was|will be)|for|in|at|about|on)\b[\s:,]*)?",
    re.I,
)
_TAIL = re.compile(r"[\s,.!?;:]+(?:please|thanks|thank you|i think)?[\s.!?,;:]*$", re.I)
_NO_ANSWER = word_set("""
    what why who how huh pardon sorry hello hi dont unknown nothing idk whatever help cancel stop
    """)
_POLITE = (
    _YES
    | _NO
    | word_set("""
    y n thanks thank you merci danke gracias hello hi hm hmm um uh well
    """)
)
_BEGINS_ANEW = re.compile(r"\b(?:no,? wait|wait,? no|hold on|i mean|i meant|scratch that|or rather)\b", re.I)
_TURNED_DOWN = re.compile(
    r"^(?:(?:no|nope|nah|non|nein|sorry|actually|wrong|that['’]?s (?:wrong|not (?:it|right)))\b[\s,.!:;-]*)+", re.I
)
_MOMENT = re.compile(
    rf"\b(?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*\.? \d{{1,2}}(?:th|st|nd|rd)?\b(?:,? \d{{4}})?|"
    rf"\b\d{{1,2}}(?:th|st|nd|rd)?(?: of)? (?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*\b(?:,? \d{{4}})?|"
    r"\bat \d{1,2}\b(?! \w)|\b\d{1,2}(?:th|st|nd|rd)\b",
    re.I,
)
_ENDS = re.compile(r"\b(?:ends?|ending|last (?:\w+ )?digits are) (?:in|with|on)?\s*(\d(?:[ ,-]*\d)*)", re.I)
_CODE_LIKE = frozenset(["id", "ids", "number", "numbers", "code", "codes"])
_LONGEST_ANSWER = 80
_READ = 1_000
"""So many characters of a message are searched for values."""


def is_yes(text: str) -> bool:
    words = words_of(text[:_READ])
    return (
        bool(words)
        and not _NO.intersection(words)
        and (words[0] in _YES or words in _IT_IS or bool(_SAID_YES.search(text[:_READ])))
    )


def is_no(text: str) -> bool:
    words = words_of(text[:_READ])
    return bool(words) and (words[0] in _NO or (bool({"dont", "not"} & set(words[:4])) and len(words) < 8))


def corrected(text: str) -> str:
    """The text from where the speaker begins anew: `12A, no wait, 14C` is `14C`."""
    begun = _BEGINS_ANEW.split(text)[-1].strip(" ,.:;!-")
    return begun if words_of(begun) else text


def amended(value: object, text: str) -> str | None:
    """The value with the end that the text gives it: `ends in nine nine`; None where it gives none."""
    found = _ENDS.search(with_digits(text))
    digits = re.sub(r"\D", "", found[1]) if found else ""
    if not digits or not isinstance(value, str) or sum(sign.isdigit() for sign in value) < len(digits):
        return None
    places = [at for at, sign in enumerate(value) if sign.isdigit()][-len(digits) :]
    new = list(value)
    for at, digit in zip(places, digits, strict=True):
        new[at] = digit
    return "".join(new)


def answers(slot: Slot, text: str, today: datetime.date | None) -> Iterator[Any]:
    """What `text` can mean as an answer to the slot's question, the likeliest first."""
    if slot.kind not in ("boolean", "choice"):
        text = _TURNED_DOWN.sub("", corrected(text), count=1)
    if slot.kind == "text":
        yield from [] if _is_courtesy(words_of(text)) else [text.strip()]
        return
    text = text[:_READ]
    yield from _mentioned(slot, text, today)
    if slot.kind == "name":
        text = " ".join(part for part in sentences_of(text) if not part.endswith("?"))
    plain = _cleaned(text)
    match slot.kind:
        case "boolean":
            yield from [value for value, said in ((True, is_yes(text)), (False, is_no(text))) if said]
        case "choice":
            yield from _yes_no_choices(slot, text)
        case "number":
            yield from _wanted_first(list(_numbers(_plain_numbers(text))), text)
        case "seat":
            yield from (form for code, _ in codes_in(text) if len(code) < 5 for form in _forms(code))
        case "code" | "zip" | "digits":
            if "pattern" in slot.schema.data:
                yield from (form for code in joined_in(text) for form in _forms(code))
            bare = re.sub(r"[\s.,-]", "", with_digits(plain))
            yield from (form for code, _ in codes_in(text) for form in _forms(code))
            yield from (form for word in spelled_in(text) for form in _forms(word))
            if (
                bare.isascii()
                and bare.isalnum()
                and 3 <= len(bare) <= 20
                and _is_an_answer(plain)
                and (len(plain.split()) < 3 or bare.isdecimal())
            ):
                yield from _forms(bare)
            yield from (
                form for word in re.findall(r"[A-Za-z0-9][\w-]*", plain) if word.isupper() for form in _forms(word)
            )
        case "name":
            yield from (word.title() for word in spelled_in(text) if word.isalpha())
            words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", plain)
            if 1 <= len(words) <= 4 and _is_an_answer(plain) and _is_a_name(words, text):
                yield " ".join(words)
        case "address":
            if "," not in text and _is_an_answer(plain):
                yield plain
        case "place" | "string":
            if _is_an_answer(plain):
                yield plain


def mentions(slot: Slot, text: str, today: datetime.date | None, *, sole: bool, taken: Iterable[str]) -> Iterator[Any]:
    """Values for the slot that clearly stand in `text`. `sole`: no other slot of the tool could claim such a value."""
    text = corrected(text[:_READ])
    if slot.kind == "code":
        yield from _codes(slot, text, today, sole=sole, taken=frozenset(taken))
    elif slot.kind == "number":
        yield from _counted(slot, with_digits(text), sole=sole)
    elif slot.kind == "digits":
        near = re.search(
            r"(?:last (?:four|4)|ending(?: in| with)?)\D{0,40}(\d(?:[\s-]*\d){3})(?!\d)", with_digits(text), re.I
        )
        if near:
            yield re.sub(r"\D", "", near[1])
    else:
        yield from _mentioned(slot, text, today)


def list_answers(slot: Slot, text: str, today: datetime.date | None, *, asked: bool) -> list[Any]:
    """The elements for a slot that takes a list; empty where none is named."""
    text = text[:_READ]
    choices = choices_of(slot.schema.data)
    if choices:
        said = {stem(word) for word in words_of(text)}
        return [choice for choice in choices if said.issuperset(stem(word) for word in name_words(str(choice)))]
    items = slot.schema.data.get("items")
    kind = items.get("type") if isinstance(items, dict) else None
    if kind in ("integer", "number"):
        return list(_numbers(with_digits(text))) if asked else []
    if asked or _named_before(slot.name, text):
        codes = list(dict.fromkeys(code for code, _ in codes_in(_without_contacts(text))))
        if codes or kind not in (None, "string"):
            return codes
    if _CODE_LIKE.intersection(name_words(slot.name)):
        return []
    plain = _cleaned(text)
    return (
        [part.strip() for part in re.split(r",|\band\b", plain) if part.strip()]
        if asked and _is_an_answer(plain)
        else []
    )


def _mentioned(slot: Slot, text: str, today: datetime.date | None) -> Iterator[Any]:
    match slot.kind:
        case "email":
            yield from emails_in(text)
        case "phone":
            yield from (form for digits in phones_in(text) for form in _phone_forms(slot, digits, text))
        case "date":
            yield from _date_forms(text, today)
        case "time":
            yield from (at.strftime(form) for at in times_in(text) for form in ("%H:%M", "%H:%M:%S", "%I:%M %p"))
        case "seat":
            seat = seat_in(text)
            if seat:
                yield seat
        case "zip":
            yield from re.findall(r"(?<![\w-])\d{5}(?:-\d{4})?(?![\w-])", with_digits(text))
        case "name":
            yield from (_part_of_name(slot.name, name) for name in names_in(text))
        case "place":
            place = place_in(text)
            if place:
                yield place
        case "choice":
            yield from _choices(slot, text)
        case "address":
            yield from (part for key, part in address_in(_cleaned(text)).items() if key == _address_key(slot.name))
        case "digits":
            yield from (
                digits
                for digits in (*spelled_in(text), *re.findall(r"\b\d{4}\b", with_digits(text)))
                if len(digits) == 4
            )


def _choices(slot: Slot, text: str) -> Iterator[Any]:
    """The choice that the words name: all of its words, or one that no other choice has."""
    words = words_of(text)
    said = {*words, *map(stem, words)}
    choices = choices_of(slot.schema.data)
    parts = [[stem(word) for word in name_words(str(choice))] or [str(choice).lower()] for choice in choices]
    full = [choice for choice, part in zip(choices, parts, strict=True) if said.issuperset(part)]
    yield from sorted(full, key=lambda choice: -len(str(choice)))
    for choice, part in zip(choices, parts, strict=True):
        own = [word for word in part if sum(word in other for other in parts) == 1 and len(word) > 2]
        near = [
            word
            for word in own
            for heard in said
            if word == heard or (len(heard) > 3 and len(word) > 3 and word.startswith(heard))
        ]
        if near and choice not in full:
            yield choice


def _yes_no_choices(slot: Slot, text: str) -> Iterator[Any]:
    wanted = _LATER_CHOICES if _LATER.intersection(words_of(text)) else _NO_CHOICES if is_no(text) else ()
    wanted = wanted or (_YES_CHOICES if is_yes(text) else ())
    for choice in choices_of(slot.schema.data):
        if any(word.startswith(start) for start in wanted for word in map(stem, name_words(str(choice)))):
            yield choice


def _codes(slot: Slot, text: str, today: datetime.date | None, *, sole: bool, taken: frozenset[str]) -> Iterator[str]:
    patterned = "pattern" in slot.schema.data
    if patterned:
        said = [*(code for code, _ in codes_in(text)), *joined_in(text)]
        yield from (form for code in said if code not in taken for form in _forms(code))
        return
    rest = _without_contacts(text)
    codes = [(code, at) for code, at in codes_in(rest) if code not in taken]
    plain = with_digits(rest)
    for code, at in codes:
        if _named_before(slot.name, plain[max(0, at - 32) : at]):
            yield code
    if sole:
        mixed = [code for code, _ in codes if len(code) > 2 and any(sign.isalpha() for sign in code)]
        long = [code for code, _ in codes if code.isdigit() and len(code) > 4]
        yield from [*mixed, *long][:1]


def _named_before(name: str, before: str) -> bool:
    own = {stem(word) for word in name_words(name)} - {"id", "number", "no", "num", "new", "code"}
    return bool(own.intersection(stem(word) for word in words_of(before)))


def _counted(slot: Slot, text: str, *, sole: bool) -> Iterator[int | float]:
    """Numbers next to the slot's own word (`3 people`, `order 77`)."""
    own = {stem(word) for word in name_words(slot.name)} - {"number", "num", "id", "of", "count", "total"}
    for match in re.finditer(r"(?<![\w.-])(\d+(?:\.\d+)?)(?![\w-]|\.\d)", _without_contacts(text)):
        around = {stem(word) for word in words_of(text[max(0, match.start() - 24) : match.end() + 16])}
        if own & around:
            yield from _numbers(match[1])
    if sole and slot.required:
        yield from _wanted_first(list(_numbers(_plain_numbers(text))), text)[:1]


def _plain_numbers(text: str) -> str:
    """The text with number words as digits, without contacts, dates, times and digits said one by one."""
    text = _MOMENT.sub(" ", _without_contacts(with_digits(text, ordinals=True)))
    return re.sub(r"(?<![\w.])\d(?:[ ,-]+\d(?![\w.])){2,}", " ", text)


def _wanted_first(numbers: list[int | float], text: str) -> list[int | float]:
    """The numbers with the one after `to` before the one after `from`: `from 2 to 4`."""
    to = re.search(r"\bto (-?\d[\d,.]*)", with_digits(text))
    wanted = next((number for number in numbers if to and str(number) == to[1].rstrip(".,")), None)
    return numbers if wanted is None else [wanted, *numbers]


def _numbers(text: str) -> Iterator[int | float]:
    for match in re.finditer(r"(?<![\w.])-?\d{1,15}(?:,\d{3})*(?:\.\d{1,9})?(?![\w])", text):
        plain = match.group().replace(",", "")
        yield float(plain) if "." in plain else int(plain)


def _date_forms(text: str, today: datetime.date | None) -> Iterator[str]:
    times = times_in(text)
    for day, _ in dates_in(text, today):
        yield day.isoformat()
        for at in times[-1:]:
            yield from (f"{day}T{at:%H:%M:%S}Z", f"{day} {at:%H:%M:%S}", f"{day}T{at:%H:%M:%S}")
        yield from (f"{day:%m/%d/%Y}", f"{day:%d/%m/%Y}", f"{day:%Y/%m/%d}", f"{day:%d.%m.%Y}", f"{day:%m-%d-%Y}")


def _phone_forms(slot: Slot, digits: str, text: str) -> list[str]:
    forms = phone_forms(digits, text)
    about = str(slot.schema.data.get("description") or "")
    shape = re.search(r"[(+]?[x#X\d][x#X\d().\s-]{8,18}[x#X\d]", about)
    if shape:
        wanted = re.sub(r"[x#X\d]", "0", shape.group())
        forms.sort(key=lambda form: re.sub(r"\d", "0", form) != wanted)
    return forms


def _forms(code: str) -> Iterator[str]:
    yield from dict.fromkeys([code, code.upper(), code.lower(), code.replace("-", ""), code.replace("-", "").upper()])


def _part_of_name(slot_name: str, name: str) -> str:
    words = set(name_words(slot_name))
    parts = name.split()
    if words & {"first", "given"} or slot_name.lower() == "fname":
        return parts[0]
    if words & {"last", "family", "sur"} or slot_name.lower() == "lname":
        return parts[-1] if len(parts) > 1 else ""
    return name


def _address_key(name: str) -> str:
    words = set(name_words(name))
    if words & {"zip", "zipcode", "postal", "postcode", "plz"}:
        return "postal_code"
    return "street" if "street" in words else "city" if words & {"city", "town"} else "state"


def _without_contacts(text: str) -> str:
    """The text with e-mail addresses, phone numbers and dates blanked out."""
    text = re.sub(
        r"\b\d{1,2}(?::\d\d| ?[ap]\.?m\b| ?o'?clock)|[\w.+-]+@[\w.-]+|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2}",
        lambda found: " " * len(found.group()),
        text,
    )
    return re.sub(
        r"(?<![\w-])\+?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])", lambda found: " " * len(found.group()), text
    )


def _cleaned(text: str) -> str:
    plain = " ".join(text.split()).strip("\"“”'` ")
    return _TAIL.sub("", _LEAD.sub("", plain, count=1)).strip("\"“”'` ")


def _is_an_answer(plain: str) -> bool:
    words = words_of(plain)
    return bool(words) and len(plain) <= _LONGEST_ANSWER and not _NO_ANSWER.intersection(words[:2]) and words != ["no"]


def _is_courtesy(words: list[str]) -> bool:
    """Whether the words say no more than yes, no or thank you."""
    return not words or (words[0] in _POLITE and not set(words) - _POLITE - STOP_WORDS)


def _is_a_name(words: list[str], text: str) -> bool:
    """Whether words that stand alone can be a name: no question, no number, and no everyday word in small letters."""
    if re.search(r"[?<>{}\[\]@_=/\\]|\d", with_digits(text, ordinals=True)) or _is_courtesy(words_of(text)):
        return False
    everyday = [word for word in words if word.lower() in STOP_WORDS | QUESTION_WORDS | _POLITE]
    return not everyday or (all(word[0].isupper() for word in words[:3]) and not set(map(str.lower, words)) & _POLITE)


_SAID_YES = re.compile(r"\b(?:go ahead|do it|that is right|that's right|sounds good|why not|i do|i would)\b", re.I)
