"""Values for one slot out of one message, by its kind: as an answer to its question, or as something mentioned."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any

from realtime_scenarios.core.kinds import Kind, choices_of, types_of
from realtime_scenarios.standin.language import pattern, understood, word_set
from realtime_scenarios.standin.numerals import dates_in, times_in, with_digits
from realtime_scenarios.standin.smalltalk import corrected, is_courtesy, is_no, is_yes
from realtime_scenarios.standin.tools import Slot
from realtime_scenarios.standin.words import STOP_WORDS, asks, name_words, sentence_of, sentences_of, stem, words_of


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
        text = pattern("leads_in").sub("", " ".join(self.text.split()).strip("\"“”'` "), count=1)
        return pattern("leads_out").sub("", text).strip("\"“”'` ")

    @property
    def is_an_answer(self) -> bool:
        """Whether it can be an answer in its own words: short, no question, no courtesy, nothing said to the agent."""
        words = words_of(self.plain)
        is_short = self.asked and 0 < len(words) < 9 and not asks(self.text)
        return is_short and word_set("no_answer").isdisjoint(words[:4]) and not is_courtesy(words)


def values_in(slot: Slot, text: str, today: datetime.date | None, *, asked: bool, sole: bool) -> Iterator[Any]:
    """What the message holds for the slot, the likeliest first; in no case is it held against the schema yet."""
    text = text if slot.kind in ("boolean", "choice") else corrected(text)
    stated = [part for part in sentences_of(text) if not part.endswith("?")]
    if asked and slot.kind not in ("request", "text") and stated:
        text = " ".join(stated)  # `John. Can we skip the rest?`
    yield from _FINDERS[slot.kind](slot, Heard(text, asked, sole, today))


def _phones(slot: Slot, heard: Heard) -> Iterator[Any]:
    """Each phone number in the ways to write one: as the description shows it, then the plainest first."""
    sample = re.search(r"[(+]?[x#X\d][x#X\d().\s-]{8,18}[x#X\d]", slot.description)
    wanted = re.sub(r"[x#X\d]", "0", sample[0]) if sample else ""
    for found in pattern("phone").finditer(with_digits(heard.text)):
        digits = re.sub(r"\D", "", found[0])
        if not 7 <= len(digits) <= 15 or re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", found[0]):
            continue
        ten = digits[-10:] if len(digits) == 10 or (len(digits) == 11 and digits[0] == "1") else ""
        parts = {"area": ten[:3], "office": ten[3:6], "line": ten[6:]}
        pairs = [mark.join(digits[at : at + 2] for at in range(0, len(digits), 2)) for mark in (" ", ".")]
        plain = [f"+{digits}", digits] if found[0].startswith("+") else [digits, f"+{digits}"]
        usual = [form.format(**parts) for form in understood()["phone_forms"]] if ten else plain[:1]
        forms = [*usual, *pairs, *plain, " ".join(found[0].split())]
        yield from sorted(forms, key=lambda form: re.sub(r"\d", "0", form) != wanted) if wanted else forms


def _emails(slot: Slot, heard: Heard) -> Iterator[Any]:
    """E-mail addresses, written or spoken (`john dot doe at example dot com`, `j-o-n at example dot com`)."""
    yield from (address.strip(".") for address in pattern("email").findall(heard.text))
    for parts in pattern("spoken_email").findall(with_digits(heard.text)):
        address = "@".join(re.sub(r"\b([a-z0-9])[ -](?=[a-z0-9]\b)", r"\1", part, flags=re.I) for part in parts)
        for word, sign in understood()["signs"].items():
            address = re.sub(rf"\s*\b{word}\b\s*", sign, address, flags=re.I)
        yield re.sub(r"\s+", "", address).lower()


def _dates(slot: Slot, heard: Heard) -> Iterator[Any]:
    for day in dates_in(heard.text, None if "birth" in slot.name.lower() else heard.today):
        moments = [datetime.datetime.combine(day, at) for at in times_in(heard.text)[-1:]]
        yield day.isoformat()
        yield from (at.strftime(form) for at in moments for form in understood()["moment_forms"])
        yield from (day.strftime(form) for form in understood()["date_forms"])


def _codes(slot: Slot, heard: Heard) -> Iterator[Any]:
    """Whatever has the shape, where one is known; else what is called by the slot's name, or answers its question."""
    shape, codes = understood()["shapes"].get(slot.kind), codes_in(heard.text)
    is_shaped = shape is not None or "pattern" in slot.schema.data
    if is_shaped and (slot.kind != "digits" or heard.asked or heard.sole):
        # letters and digits that were said apart: `C eighty-eight` is `C-88`, `row twelve, seat A` is `12A`
        plain = re.sub(r"\bthe letter ([A-Za-z])\b(?:\W+(?:and|then))*", r"\1", lettered(heard.text)).upper()
        apart = ["-".join(re.sub(r"[\W_]", "", part) for part in parts) for parts in pattern("apart").findall(plain)]
        spoken = [*codes, *map("".join, pattern("letter_last").findall(plain)), *apart]
        yield from _forms(code for code in spoken if shape is None or re.fullmatch(shape, code, re.I))
    if heard.asked and slot.kind != "seat":
        capitals = [word for word in re.findall(r"[A-Za-z0-9][\w-]*", heard.plain) if word.isupper() and len(word) > 2]
        bare = re.sub(r"[\s.,-]", "", with_digits(heard.plain))  # all that was said, in a word or two
        is_short = heard.is_an_answer and (len(heard.plain.split()) < 3 or bare.isdecimal())
        is_code = is_short and re.fullmatch(r"[A-Za-z0-9]{3,20}", bare)
        yield from _forms([*codes, *spelled_in(heard.text), *([bare] if is_code else []), *capitals])
    elif not is_shaped:
        rest = without_contacts(with_digits(heard.text))
        own = {stem(word) for word in name_words(slot.name)} - word_set("of_numbers")
        before = {code: map(stem, words_of(rest[: rest.find(code)][-32:])) for code in codes_in(rest)}
        yield from (code for code, words in before.items() if not own.isdisjoint(words))
        likely = [code for code in before if len(code) > (4 if code.isdigit() else 2) and re.search(r"\w\w", code)]
        yield from likely[:1] if heard.sole else []


def _names(slot: Slot, heard: Heard) -> Iterator[Any]:
    """Names that people introduce (`my name is Maya`, `je m'appelle Paul Girard`), spell, or say alone."""

    def belongs(word: str, first: str) -> bool:
        is_another = first[0].isupper() and word.islower() and word not in word_set("name_particles")
        return word.lower() not in word_set("no_name") and not is_another

    found = [it["name"].split() for form in ("named", "introduced") for it in pattern(form).finditer(heard.text)]
    told = [" ".join(takewhile(partial(belongs, first=words[0]), words)) for words in found]
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.split(r"[,.;]|\bat\b|\bau\b", heard.plain)[0])
    stands_alone = heard.is_an_answer and 1 <= len(words) <= 4 and _is_a_name(words, heard.text)
    names = [name if name[0].isupper() else name.title() for name in told if name]
    names = names or ([" ".join(words)] if stands_alone else [])
    spelled = [word for word in spelled_in(heard.text) if word.isalpha()]
    if spelled and heard.asked:
        names = [name for name in names if name.split()[-1].lower() == spelled[0].lower()] or [spelled[0].title()]
    is_first, is_last = (not word_set(part).isdisjoint(name_words(slot.name)) for part in ("first_names", "last_names"))
    for first, *others in map(str.split, names):
        cut = [first] if is_first else others if is_last and others and not first.islower() else [first, *others]
        yield " ".join(cut)


def _is_a_name(words: list[str], text: str) -> bool:
    """Whether words that stand alone can be a name: no question, no number, and no everyday word in small letters."""
    if re.search(r"[?<>{}\[\]@_=/\\]", text) or re.search(r"\d", with_digits(" ".join(words), ordinals=True)):
        return False
    small = {word for word in words if word.islower()} - word_set("name_particles")
    return small.isdisjoint(STOP_WORDS | word_set("question"))


def _places(slot: Slot, heard: Heard) -> Iterator[Any]:
    words, places = set(name_words(slot.name)), places_in(heard.text)
    led = "from" if words & {"from", "origin", "departure"} else "to" if words & {"to", "destination"} else ""
    if led:
        yield from (place for place in places if re.search(rf"\b{led}\s+{re.escape(place)}", heard.text))
    if not led or heard.sole or heard.asked:
        yield from places or ([heard.plain] if heard.is_an_answer else [])


def _choices(slot: Slot, heard: Heard) -> Iterator[Any]:
    """The choices that the words name: all words of one, or one that no other has; or by a yes, a no, or `later`."""
    said = {*words_of(heard.text), *map(stem, words_of(heard.text))}
    choices = {str(choice): choice for choice in choices_of(slot.schema.data)}
    parts = {name: [stem(word) for word in name_words(name)] or [name.lower()] for name in choices}
    yield from (choices[name] for name in sorted(parts, key=len, reverse=True) if said.issuperset(parts[name]))
    for name, words in parts.items():
        own = [word for word in words if sum(word in others for others in parts.values()) == 1 and len(word) > 2]
        if said.intersection(own) or any(w.startswith(start) for w in own for start in said if len(start) > 3):
            yield choices[name]
    if heard.asked:
        later = not word_set("later").isdisjoint(words_of(heard.text))
        way = "later" if later else "no" if is_no(heard.text) else "yes" if is_yes(heard.text) else ""
        begun = tuple(understood()["chosen_by"][way])
        yield from (choices[name] for name, words in parts.items() for word in words if word.startswith(begun))


def _numbers(slot: Slot, heard: Heard) -> Iterator[Any]:
    """Numbers where they are asked for, or nothing else takes one; those of moments and phones are none."""
    text = pattern("moment").sub(" ", without_contacts(with_digits(heard.text, ordinals=True)))
    text = re.sub(r"(?<![\w.])\d(?:[ ,-]+\d(?![\w.])){2,}", " ", text)
    found = re.findall(r"(?<![\w.])-?\d{1,15}(?:,\d{3})*(?:\.\d{1,9})?(?![\w])", text)
    behind_to = re.findall(r"\bto (-?\d[\d,]*(?:\.\d+)?)", text)[:1]
    if heard.asked or heard.sole:
        for number in [*behind_to, *(found if heard.asked else found[:1])]:
            plain = number.replace(",", "")
            yield float(plain) if "." in plain else int(plain)


def _texts(slot: Slot, heard: Heard) -> Iterator[Any]:
    begun = None if heard.asked else pattern("begins_text").search(heard.text)
    if begun is not None and not asks(heard.text):
        yield sentence_of(begun["text"].strip())
    elif heard.asked and not asks(heard.text) and not is_courtesy(words_of(heard.text)):
        yield sentence_of(pattern("begins_with_a_yes").sub("", heard.text.strip()))


def _requests(slot: Slot, heard: Heard) -> Iterator[Any]:
    if pattern("only_what_is_new").search(slot.description):
        data = re.findall(r"\(?\d[\d\s().-]{3,}\d", heard.text)
        is_named = re.search(r"(?<=\w )[A-Z][a-z]+\b", heard.text) or pattern("weekday").search(heard.text)
        yield data[0].strip() if data else heard.text.strip() if is_named or not asks(heard.text) else ""
    elif heard.asked and not is_courtesy(words_of(heard.text)):
        yield heard.text.strip()


def _lists(slot: Slot, heard: Heard) -> Iterator[Any]:
    """The choices that are named, or the codes of an answer."""
    chosen = set(_choices(slot, heard))
    codes = codes_in(without_contacts(heard.text)) if heard.asked else []
    yield from filter(None, [[it for it in choices_of(slot.schema.data) if it in chosen], [*dict.fromkeys(codes)]])


def _others(slot: Slot, heard: Heard) -> Iterable[Any]:
    """What is of no kind of ours is taken as it is said."""
    return [heard.plain] if heard.is_an_answer and not (types_of(slot.schema.data) - {"string"}) else []


def _forms(codes: Iterable[str]) -> Iterator[str]:
    for code in codes:
        yield from (code, code.upper(), code.lower(), code.replace("-", ""), code.replace("-", "").upper())


def without_contacts(text: str) -> str:
    """The text with e-mail addresses, phone numbers, dates and times blanked out."""
    return pattern("contact").sub(lambda found: " " * len(found[0]), text)


def lettered(text: str) -> str:
    """The text with digits, and letters for words that stand for these: `D as in David`, `Sierra Foxtrot Oscar`."""
    text = with_digits(pattern("as_in").sub(r"\1", text))
    words = pattern("letter_by_word").findall(text)
    is_spoken = len(words) > 1 or (words and re.search(r"\d", text))
    return pattern("letter_by_word").sub(lambda it: it[0][0].upper(), text) if is_spoken else text


def spelled_in(text: str) -> list[str]:
    """What is spelled out letter by letter or digit by digit, joined: `A B C one two three` is `ABC123`."""
    return [re.sub(r"[\W_]", "", found[0]) for found in pattern("spelled").finditer(lettered(text))]


def codes_in(text: str) -> list[str]:
    """Tokens that look like an identifier (they hold a digit); spelled ones come first, `from 3A` behind `to 14C`."""
    plain = lettered(text)
    tokens = sorted(pattern("code").finditer(plain), key=lambda it: plain[: it.start()].split()[-1:] == ["from"])
    return [code for code in spelled_in(text) if re.search(r"\d", code)] + [found[0].lstrip("#") for found in tokens]


def places_in(text: str) -> list[str]:
    """The places that the text names, in its order: what has a capital, or stands behind `in`; words that begin a
    sentence only where they are no everyday words."""
    text, places = text.title() if text.isupper() else text, list[str]()
    for found in pattern("place").finditer(text):
        words, begins = found[0].split(), not re.search(r"[^\W_]", re.split(r"[.!?]\s", text[: found.start()])[-1])
        everyday = words[0].lower() in STOP_WORDS | word_set("openers")
        others = re.findall(r"[^\W\d_]+", text.replace(found[0], " ").lower())
        if begins and everyday and len(words) > 1:
            places.append(" ".join(words[1:]))
        elif (not begins and words[0].lower() not in STOP_WORDS) or (not everyday and STOP_WORDS.issuperset(others)):
            places.append(found[0])
    small = pattern("place_in_small_letters").match(text)
    named = places or ([small["place"]] if small else [])
    cut = (pattern("behind_a_place").sub("", it.strip()).removesuffix("'s").removesuffix("’s") for it in named)
    return [place for place in cut if place and place.split()[-1].lower() not in STOP_WORDS and len(place.split()) < 5]


_FINDERS: Mapping[Kind, Callable[[Slot, Heard], Iterable[Any]]] = {
    "address": _others, "choice": _choices, "code": _codes, "date": _dates, "digits": _codes, "email": _emails,
    "list": _lists, "name": _names, "number": _numbers, "phone": _phones, "place": _places, "request": _requests,
    "seat": _codes, "text": _texts, "zip": _codes, "other": _others,
    "boolean": lambda _, heard: [is_yes(heard.text)] if heard.asked and is_yes(heard.text) != is_no(heard.text) else [],
    "time": lambda _, heard: [at.strftime(form) for at in times_in(heard.text) for form in understood()["time_forms"]],
}  # fmt: skip
