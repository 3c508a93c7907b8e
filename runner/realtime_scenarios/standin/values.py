"""Values for one slot out of one message: as an answer to its question, or as something that is mentioned."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core.kinds import Kind, choices_of, types_of
from realtime_scenarios.standin.agreement import corrected, is_courtesy, is_no, is_yes
from realtime_scenarios.standin.contacts import (
    address_in,
    codes_in,
    emails_in,
    joined_in,
    names_in,
    phone_forms,
    phones_in,
    places_in,
    seat_in,
    spelled_in,
)
from realtime_scenarios.standin.language import word_set
from realtime_scenarios.standin.moments import MONTHS, dates_in, times_in, weekdays_in
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.telling import sentence_of
from realtime_scenarios.standin.tools import Slot
from realtime_scenarios.standin.words import QUESTION_WORDS, STOP_WORDS, asks, name_words, sentences_of, stem, words_of

_PARTICLES = word_set("name_particles")
_LATER = frozenset(["later", "remind", "another", "tomorrow"])
_YES_CHOICES = ("accept", "yes", "true", "confirm", "approv", "agre")
_NO_CHOICES = ("declin", "no", "reject", "fals", "deni", "refus")
_LEAD = re.compile(
    r"^(?:(?:yes|yeah|sure|fine|all right|ok|okay|well|um|uh|oh|so|hi|hello|sorry|of course|oui|sí|"
    r"actually|no|non)\b[\s,.!]*)*"
    r"(?:(?:it['’]?s|it is|that['’]?s|that is|this is|i think(?: it['’]?s)?|i['’]?d like|i want|i am|"
    r"i['’]?m|make it|you can note|c['’]est|"
    r"write(?: down)? that|note that|that|tell them that|"
    r"(?:my|the|mon|ma|le|la) [\w' ]{1,40}? (?:is|are|was|will be|est)|for|in|at|about|on)\b[\s:,]*)?",
    re.I,
)
_TAIL = re.compile(r"[\s,.!?;:]+(?:please|thanks|thank you|i think|s['’]il vous plaît|por favor)?[\s.!?,;:]*$", re.I)
_NO_ANSWER = word_set("no_answer")
_MOMENT = re.compile(
    rf"\b(?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*\.? \d{{1,2}}(?:th|st|nd|rd)?\b(?:,? \d{{4}})?|"
    rf"\b\d{{1,2}}(?:th|st|nd|rd)?(?: of)? (?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*\b(?:,? \d{{4}})?|"
    r"\bat \d{1,2}\b(?! \w)|\b\d{1,2}(?:th|st|nd|rd)\b",
    re.I,
)
_SAID_AS_TEXT = re.compile(r"(?:[:;]\s+|\b(?:that|noting|saying|que|dass) )(?P<text>\S.{3,})$", re.S | re.I)
_ANNOUNCES = re.compile(
    r"\b(?:have|got) (?:a|another|one more|some) (?:quick )?questions?\b|^(?:hi|hello|hey|ok|okay|well|"
    r"thanks|thank you)\W*$",
    re.I,
)
_ONLY_WHAT_IS_NEW = re.compile(r"\b(?:empty|blank|leer|vide) (?:where|if|when|unless|si|wenn)\b", re.I)
_UNLESS_SAID = re.compile(r"\b(?:not|no|un)\b.{0,12}\b(?:named|said|given|specified|mention\w*)|\bby default\b", re.I)
_READ = 1_000
"""So many characters of a message are searched for values."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message. `asked`: it answers the slot's question. `sole`: no other slot of the tool takes such a value."""

    text: str
    asked: bool
    sole: bool
    today: datetime.date | None

    @property
    def plain(self) -> str:
        """The message without what leads in and out: `it's Maya, please` is `Maya`."""
        text = " ".join(self.text.split()).strip("\"“”'` ")
        return _TAIL.sub("", _LEAD.sub("", text, count=1)).strip("\"“”'` ")

    @property
    def is_an_answer(self) -> bool:
        """Whether it can be an answer in its own words: short, no question, no courtesy, nothing said to the agent."""
        words = words_of(self.plain)
        return (
            self.asked
            and 0 < len(words) < 9
            and not asks(self.text)
            and _NO_ANSWER.isdisjoint(words[:4])
            and not is_courtesy(words)
        )


def values_in(slot: Slot, text: str, today: datetime.date | None, *, asked: bool, sole: bool) -> Iterator[Any]:
    """What the message holds for the slot, the likeliest first; in no case is it held against the schema yet."""
    text = corrected(text[:_READ]) if slot.kind not in ("boolean", "choice") else text[:_READ]
    stated = [part for part in sentences_of(text) if not part.endswith("?")]
    if asked and slot.kind not in ("request", "text") and stated:
        text = " ".join(stated)  # `John. Can we skip the rest?`
    yield from _FINDERS[slot.kind](slot, Heard(text, asked, sole, today))


def request_in(text: str) -> str:
    """What somebody wants to know, without `hello` and `I have a question` before it."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    kept = [part for part in sentences if not _ANNOUNCES.search(part)]
    return " ".join(kept or sentences)


def unsaid_choice(slot: Slot) -> Any:
    """The choice that the slot's own description has for somebody who names none; None where it has none."""
    if not _UNLESS_SAID.search(slot.description):
        return None
    return next((choice for choice in choices_of(slot.schema.data) if str(choice).lower() in ("any", "all")), None)


def _emails(slot: Slot, heard: Heard) -> Iterator[Any]:
    yield from emails_in(heard.text)


def _phones(slot: Slot, heard: Heard) -> Iterator[Any]:
    shape = re.search(r"[(+]?[x#X\d][x#X\d().\s-]{8,18}[x#X\d]", slot.description)
    for digits in phones_in(heard.text):
        forms = phone_forms(digits, heard.text)
        if shape:
            wanted = re.sub(r"[x#X\d]", "0", shape.group())
            forms.sort(key=lambda form: re.sub(r"\d", "0", form) != wanted)
        yield from forms


def _dates(slot: Slot, heard: Heard) -> Iterator[Any]:
    times = times_in(heard.text)
    for day in dates_in(heard.text, None if "birth" in slot.name.lower() else heard.today):
        yield day.isoformat()
        for at in times[-1:]:
            yield from (f"{day}T{at:%H:%M:%S}Z", f"{day} {at:%H:%M:%S}", f"{day}T{at:%H:%M:%S}")
        yield from (f"{day:%m/%d/%Y}", f"{day:%d/%m/%Y}", f"{day:%Y/%m/%d}", f"{day:%d.%m.%Y}", f"{day:%m-%d-%Y}")


def _times(slot: Slot, heard: Heard) -> Iterator[Any]:
    yield from (at.strftime(form) for at in times_in(heard.text) for form in ("%H:%M", "%H:%M:%S", "%I:%M %p"))


def _seats(slot: Slot, heard: Heard) -> Iterator[Any]:
    seat = seat_in(heard.text)
    yield from [seat] if seat else []


def _zips(slot: Slot, heard: Heard) -> Iterator[Any]:
    yield from re.findall(r"(?<![\w-])\d{5}(?:-\d{4})?(?![\w-])", with_digits(heard.text))
    if heard.asked:
        yield from _asked_codes(slot, heard)


def _digits(slot: Slot, heard: Heard) -> Iterator[Any]:
    found = [*spelled_in(heard.text), *re.findall(r"(?<![\w-])\d{4}(?![\w-])", with_digits(heard.text))]
    near = re.search(
        r"(?:last (?:four|4)|ending(?: in| with)?)\D{0,40}(\d(?:[\s-]*\d){3})(?!\d)", with_digits(heard.text), re.I
    )
    if heard.asked or heard.sole:
        yield from (digits for digits in found if len(digits) == 4)
    if near:
        yield re.sub(r"\D", "", near[1])


def _names(slot: Slot, heard: Heard) -> Iterator[Any]:
    spelled = [word for word in spelled_in(heard.text) if word.isalpha()]
    introduced = names_in(heard.text)
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.split(r"[,.;]|\bat\b|\bau\b", heard.plain)[0])
    stands_alone = heard.is_an_answer and 1 <= len(words) <= 4 and _is_a_name(words, heard.text)
    names = [*introduced, *([" ".join(words)] if stands_alone and not introduced else [])]
    if spelled and heard.asked:
        said = next((name for name in names if name.split()[-1].lower() == spelled[0].lower()), None)
        names = [said or spelled[0].title()]
    yield from filter(None, (_part_of_name(slot.name, name) for name in names))


def _is_a_name(words: list[str], text: str) -> bool:
    """Whether words that stand alone can be a name: no question, no number, and no everyday word in small letters."""
    if re.search(r"[?<>{}\[\]@_=/\\]", text) or re.search(r"\d", with_digits(" ".join(words), ordinals=True)):
        return False
    small = [word for word in words if word.islower() and word not in _PARTICLES]
    return not any(word in STOP_WORDS | QUESTION_WORDS for word in small)


def _part_of_name(slot_name: str, name: str) -> str:
    words, parts = set(name_words(slot_name)), name.split()
    if words & {"first", "given"} or slot_name.lower() == "fname" or slot_name.lower() == "caller_name":
        return parts[0]
    if words & {"last", "family", "sur"} or slot_name.lower() == "lname":
        return " ".join(parts[1:]) if len(parts) > 1 and not parts[0].islower() else name
    return name


def _places(slot: Slot, heard: Heard) -> Iterator[Any]:
    words = set(name_words(slot.name))
    led = (
        r"\bfrom\s+" if words & {"from", "origin", "departure"} else r"\bto\s+" if words & {"to", "destination"} else ""
    )
    places = places_in(heard.text)
    if led:
        yield from (place for place in places if re.search(led + re.escape(place), heard.text))
        if not heard.sole and not heard.asked:
            return
    yield from places
    if heard.is_an_answer and not places:
        yield heard.plain


def _addresses(slot: Slot, heard: Heard) -> Iterator[Any]:
    words = set(name_words(slot.name))
    part = "street" if "street" in words else "city" if words & {"city", "town"} else "state"
    part = "postal_code" if words & {"zip", "zipcode", "postal", "postcode", "plz"} else part
    found = address_in(heard.plain)
    yield from [found[part]] if part in found else []
    if heard.is_an_answer and "," not in heard.text:
        yield heard.plain.removeprefix("in ")


def _choices(slot: Slot, heard: Heard) -> Iterator[Any]:
    """The choices that the words name: all words of one, one that no other has, or what the description calls it."""
    said = {*words_of(heard.text), *map(stem, words_of(heard.text))}
    choices = choices_of(slot.schema.data)
    parts = [[stem(word) for word in name_words(str(choice))] or [str(choice).lower()] for choice in choices]
    full = [choice for choice, part in zip(choices, parts, strict=True) if said.issuperset(part)]
    yield from sorted(full, key=lambda choice: -len(str(choice)))
    for choice, part in zip(choices, parts, strict=True):
        own = [word for word in part if sum(word in other for other in parts) == 1 and len(word) > 2]
        begun = any(
            len(word) > 3 and len(heard_word) > 3 and word.startswith(heard_word) for word in own for heard_word in said
        )
        if said.intersection(own) or begun or said.intersection(_glosses(str(choice), slot.description)):
            yield choice
    if heard.asked:
        later = _LATER.intersection(words_of(heard.text))
        wanted = (
            ("later", "remind")
            if later
            else _NO_CHOICES
            if is_no(heard.text)
            else _YES_CHOICES
            if is_yes(heard.text)
            else ()
        )
        for choice, part in zip(choices, parts, strict=True):
            if any(word.startswith(start) for start in wanted for word in part):
                yield choice


def _glosses(choice: str, description: str) -> frozenset[str]:
    """The words that the description has for a choice: `afternoon pour l'après-midi`, `lundi (monday)`."""
    found = re.search(rf"\b{re.escape(choice)}\b (?:pour|for|means|if|si|para|=)\W+([^,.;]+)", description, re.I)
    before = re.search(rf"(\w+) \({re.escape(choice)}\)", description, re.I)
    words = words_of(f"{found[1] if found else ''} {before[1] if before else ''}")
    return frozenset(part for word in words for part in (word, word.removeprefix("l")) if word not in STOP_WORDS)


def _booleans(slot: Slot, heard: Heard) -> Iterator[Any]:
    if heard.asked:
        yield from [value for value, said in ((True, is_yes(heard.text)), (False, is_no(heard.text))) if said]


def _numbers(slot: Slot, heard: Heard) -> Iterator[Any]:
    text = _MOMENT.sub(" ", _without_contacts(with_digits(heard.text, ordinals=True)))
    text = re.sub(r"(?<![\w.])\d(?:[ ,-]+\d(?![\w.])){2,}", " ", text)
    own = {stem(word) for word in name_words(slot.name)} - {"number", "num", "id", "of", "count", "total"}
    for match in re.finditer(r"(?<![\w.-])(\d+(?:\.\d+)?)(?![\w-]|\.\d)", text):
        around = {stem(word) for word in words_of(text[max(0, match.start() - 24) : match.end() + 16])}
        if own & around:
            yield from _plain_numbers(match[1])
    if heard.asked or heard.sole:
        numbers = list(_plain_numbers(text))
        to = re.search(r"\bto (-?\d[\d,.]*)", text)
        yield from (number for number in numbers if to and str(number) == to[1].rstrip(".,"))
        yield from numbers if heard.asked else numbers[:1]


def _codes(slot: Slot, heard: Heard) -> Iterator[Any]:
    if "pattern" in slot.schema.data:
        yield from _forms([*(code for code, _ in codes_in(heard.text)), *joined_in(heard.text)])
    if heard.asked:
        yield from _asked_codes(slot, heard)
    elif "pattern" not in slot.schema.data:
        rest = _without_contacts(heard.text)
        codes, plain = codes_in(rest), with_digits(rest)
        yield from (code for code, at in codes if _is_named_before(slot.name, plain[max(0, at - 32) : at]))
        mixed = [
            code for code, _ in codes if len(code) > 2 and any(map(str.isalpha, code)) and any(map(str.isdigit, code))
        ]
        yield from [*mixed, *(code for code, _ in codes if code.isdigit() and len(code) > 4)][:1] if heard.sole else []


def _asked_codes(slot: Slot, heard: Heard) -> Iterator[str]:
    """What a code can be in an answer: a token with a digit, what was spelled, or all that was said."""
    yield from _forms([*(code for code, _ in codes_in(heard.text)), *spelled_in(heard.text)])
    bare = re.sub(r"[\s.,-]", "", with_digits(heard.plain))
    if (
        heard.is_an_answer
        and bare.isascii()
        and bare.isalnum()
        and 3 <= len(bare) <= 20
        and (len(heard.plain.split()) < 3 or bare.isdecimal())
    ):
        yield from _forms([bare])
    yield from _forms(
        [word for word in re.findall(r"[A-Za-z0-9][\w-]*", heard.plain) if word.isupper() and len(word) > 2]
    )


def _texts(slot: Slot, heard: Heard) -> Iterator[Any]:
    found = _SAID_AS_TEXT.search(heard.text)
    if heard.asked and not is_courtesy(words_of(heard.text)) and not asks(heard.text):
        said = (
            heard.plain
            if re.match(r"(?:please )?(?:write|note|that)\b", heard.text, re.I)
            else _without_a_yes(heard.text)
        )
        yield sentence_of(said)
    elif found and not heard.asked and not asks(heard.text):
        yield sentence_of(found["text"].strip())


def _without_a_yes(text: str) -> str:
    return re.sub(r"^(?:yes|oui|sí|right|correct)\b[\s,.!]+(?=\S)", "", text.strip(), flags=re.I)


def _requests(slot: Slot, heard: Heard) -> Iterator[Any]:
    if _ONLY_WHAT_IS_NEW.search(slot.description):
        data = [match.group().strip() for match in re.finditer(r"\(?\d[\d\s().-]{3,}\d", heard.text)]
        own = _is_data(heard.text)
        yield heard.text.strip() if own and not data else data[0] if data else ""
    elif heard.asked and not is_courtesy(words_of(heard.text)):
        yield heard.text.strip()


def _is_data(text: str) -> bool:
    """Whether a message adds something to what is asked: a name, a day, a number, a yes; and is no mere question."""
    return bool(
        is_courtesy(words_of(text)) or weekdays_in(text) or re.search(r"\d", with_digits(text)) or names_in(text)
        or re.search(r"(?<=\w )[A-Z][a-z]+\b", text) or (not asks(text) and len(words_of(text)) < 4)
    )  # fmt: skip


def _lists(slot: Slot, heard: Heard) -> Iterator[Any]:
    items = slot.schema.data.get("items")
    items = items if isinstance(items, dict) else {}
    if choices_of(slot.schema.data):
        chosen = [choice for choice in choices_of(slot.schema.data) if _names_choice(str(choice), slot, heard.text)]
        yield from [chosen] if chosen else []
    elif types_of(items) & {"integer", "number"}:
        numbers = list(_plain_numbers(with_digits(heard.text))) if heard.asked else []
        yield from [numbers] if numbers else []
    elif heard.asked or _is_named_before(slot.name, heard.text):
        codes = list(dict.fromkeys(code for code, _ in codes_in(_without_contacts(heard.text))))
        parts = [part.strip() for part in re.split(r",|\band\b|\bet\b|\by\b", heard.plain) if part.strip()]
        is_code = {"id", "ids", "number", "numbers", "code", "codes"} & set(name_words(slot.name))
        if codes or (heard.is_an_answer and not is_code):
            yield codes or parts


def _names_choice(choice: str, slot: Slot, text: str) -> bool:
    said = {*words_of(text), *map(stem, words_of(text))}
    return (
        said.issuperset(stem(word) for word in name_words(choice))
        or bool(said & _glosses(choice, slot.description))
        or (any(choice.lower() == _english_day(number) for _, number in weekdays_in(text)))
    )


def _english_day(number: int) -> str:
    return ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[number]


def _others(slot: Slot, heard: Heard) -> Iterator[Any]:
    if heard.is_an_answer and not (types_of(slot.schema.data) - {"string"}):
        yield heard.plain


def _is_named_before(name: str, before: str) -> bool:
    own = {stem(word) for word in name_words(name)} - {"id", "number", "no", "num", "new", "code"}
    return bool(own.intersection(stem(word) for word in words_of(before)))


def _plain_numbers(text: str) -> Iterator[int | float]:
    for match in re.finditer(r"(?<![\w.])-?\d{1,15}(?:,\d{3})*(?:\.\d{1,9})?(?![\w])", text):
        plain = match.group().replace(",", "")
        yield float(plain) if "." in plain else int(plain)


def _forms(codes: list[str]) -> Iterator[str]:
    for code in codes:
        yield from dict.fromkeys(
            [code, code.upper(), code.lower(), code.replace("-", ""), code.replace("-", "").upper()]
        )


def _without_contacts(text: str) -> str:
    """The text with e-mail addresses, phone numbers, dates and times blanked out."""
    return re.sub(
        r"\b\d{1,2}(?::\d\d| ?[ap]\.?m\b| ?o'?clock)|[\w.+-]+@[\w.-]+|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2}|"
        r"(?<![\w-])\+?\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])",
        lambda found: " " * len(found.group()),
        text,
    )


_FINDERS: Mapping[Kind, Callable[[Slot, Heard], Iterator[Any]]] = {
    "address": _addresses, "boolean": _booleans, "choice": _choices, "code": _codes, "date": _dates, "digits": _digits,
    "email": _emails, "list": _lists, "name": _names, "number": _numbers, "phone": _phones, "place": _places,
    "request": _requests, "seat": _seats, "text": _texts, "time": _times, "zip": _zips, "other": _others,
}  # fmt: skip
