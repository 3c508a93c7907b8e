"""What callers name or spell: phone numbers, e-mail addresses, codes, names and places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realtime_scenarios.standin.language import pattern, understood, word_set
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.words import STOP_WORDS

_ALPHABET = {word: word[0].upper() for word in understood()["letters"]}


def phones_in(text: str) -> Iterator[str]:
    """The digits of each phone number, with a leading `+` kept."""
    for found in pattern("phone").finditer(with_digits(text)):
        digits = re.sub(r"\D", "", found[0])
        if 7 <= len(digits) <= 15 and not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", found[0]):
            yield ("+" if found[0].startswith("+") else "") + digits


def phone_forms(digits: str, said: str) -> list[str]:
    """The ways to write a phone number, the plainest first; `said` is a text that may already hold it as wanted."""
    bare = digits.removeprefix("+")
    ten = bare[-10:] if len(bare) == 10 or (len(bare) == 11 and bare[0] == "1") else ""
    forms = [form.format(area=ten[:3], office=ten[3:6], line=ten[6:]) for form in understood()["phone_forms"] if ten]
    pairs = [mark.join(bare[at : at + 2] for at in range(0, len(bare), 2)) for mark in (" ", ".")]
    as_said = [" ".join(found[0].split()) for found in pattern("phone").finditer(said)]
    return [*forms, *(pairs if ten else [digits, *pairs]), digits, bare, f"+{bare}", *as_said]


def emails_in(text: str) -> list[str]:
    """E-mail addresses, written or spoken (`john dot doe at example dot com`, `j-o-n at example dot com`)."""
    spoken = pattern("spoken_email").finditer(with_digits(text))
    found = pattern("email").findall(text) or ["@".join(map(_with_signs, parts.groups())).lower() for parts in spoken]
    return [address.strip(".") for address in found]


def lettered(text: str) -> str:
    """The text with words that stand for letters as these: `D as in David`, `Sierra Foxtrot Oscar`."""
    text = pattern("as_in").sub(lambda found: found[1], text)
    words = [word for word in re.findall(r"[A-Za-z-]+", text) if word.lower() in _ALPHABET]
    if not words or (len(words) < 2 and not re.search(r"\d", with_digits(text))):
        return text
    return re.sub(r"[A-Za-z]+(?:-ray)?", lambda found: _ALPHABET.get(found[0].lower(), found[0]), text)


def spelled_in(text: str) -> list[str]:
    """What is spelled out letter by letter or digit by digit, joined: `A B C one two three` is `ABC123`."""
    return [re.sub(r"[\W_]", "", found[0]) for found in pattern("spelled").finditer(with_digits(lettered(text)))]


def codes_in(text: str) -> list[str]:
    """Tokens that look like an identifier (they hold a digit); spelled ones come first, `from 3A` behind `to 14C`."""
    plain = with_digits(lettered(text))
    tokens = sorted(pattern("code").finditer(plain), key=lambda it: plain[: it.start()].split()[-1:] == ["from"])
    return [code for code in spelled_in(text) if re.search(r"\d", code)] + [found[0].lstrip("#") for found in tokens]


def joined_in(text: str) -> Iterator[str]:
    """Codes whose letters and digits were said apart: `C eighty-eight` is `C-88`, `row twelve, seat A` is `12A`."""
    plain = re.sub(r"\bthe letter ([A-Za-z])\b(?:\W+(?:and|then))*", r"\1", with_digits(lettered(text)))
    yield from (f"{found[1]}{found[2]}".upper() for found in pattern("letter_last").finditer(plain))
    for found in pattern("apart").finditer(plain):
        yield f"{re.sub('[^A-Za-z]', '', found[1])}-{re.sub(r'[^0-9]', '', found[2])}".upper()


def names_in(text: str) -> list[str]:
    """Names that people introduce: `my name is Maya`, `this is John Doe`, `je m'appelle Paul Girard`."""
    found = [match["name"] for form in ("named", "introduced") for match in pattern(form).finditer(text)]
    names = [" ".join(_up_to_a_small_word(name.split())) for name in found]
    return [name if name[0].isupper() else name.title() for name in names if name]


def places_in(text: str) -> list[str]:
    """The places that the text names, in its order: what has a capital, or stands behind `in`."""
    small = pattern("place_in_small_letters").match(text)
    places = list(_capitalized(text.title() if text.isupper() else text)) or ([small["place"]] if small else [])
    cut = (pattern("behind_a_place").sub("", it.strip()).removesuffix("'s").removesuffix("’s") for it in places)
    return [place for place in cut if place and place.split()[-1].lower() not in STOP_WORDS and len(place.split()) < 5]


def _with_signs(text: str) -> str:
    for word, sign in understood()["signs"].items():
        text = re.sub(rf"\s*\b{word}\b\s*", sign, text, flags=re.I)
    if re.fullmatch(r"[a-z0-9](?:[ -][a-z0-9])+", text, re.I):
        text = re.sub(r"[ -]", "", text)
    return re.sub(r"\s+", "", text)


def _up_to_a_small_word(words: list[str]) -> list[str]:
    """The words of a name, without what follows it: `Maya and I want ...` is `Maya`."""
    small = word_set("no_name")
    for at, word in enumerate(words):
        is_other = at and words[0][0].isupper() and word.islower() and word not in word_set("name_particles")
        if word.lower() in small or is_other:
            return words[:at]
    return words


def _capitalized(text: str) -> Iterator[str]:
    """Words with a capital; those that begin a sentence only where they are no everyday words."""
    for found in pattern("place").finditer(text):
        words, begins = found[0].split(), not re.search(r"[^\W_]", re.split(r"[.!?]\s", text[: found.start()])[-1])
        everyday = words[0].lower() in STOP_WORDS | word_set("openers")
        others = re.findall(r"[^\W\d_]+", text.replace(found[0], " ").lower())
        if begins and everyday and len(words) > 1:
            yield " ".join(words[1:])
        elif (not begins and words[0].lower() not in STOP_WORDS) or (not everyday and STOP_WORDS.issuperset(others)):
            yield found[0]
