"""What callers name or spell: phone numbers, e-mail addresses, codes, names and places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from realtime_scenarios.standin.language import any_of, pattern, understood, word_set
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.words import STOP_WORDS

_PHONE = re.compile(r"(?<![\w/-])\+?\(?\d[\d\s().,\-–]{5,28}\d(?![\w/])")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SIGNS: Mapping[str, str] = understood()["signs"]
_PHONE_FORMS: Sequence[str] = understood()["phone_forms"]
_ALPHABET = {word: word[0].upper() for word in understood()["letters"]}
_AS_IN = re.compile(r"\b([A-Za-z])(?: as in| like| for| comme) [A-Za-z]+\b")
_SPELLED = re.compile(r"(?<![\w'’])[^\W_](?:(?:\s*-\s*|[\s.,]+)[^\W_](?!\w)){2,}")
_CODE = re.compile(r"(?<![\w@.])(?=[A-Za-z0-9#-]*\d)#?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w@])")
_APART = re.compile(
    r"(?<![\w'’-])((?:[A-Za-z](?![A-Za-z])[ .,-]*)+|[A-Za-z]{2,4})[ .,]*(?:-|dash|hyphen|minus)?[ .,]*"
    r"(\d(?:[ ,.-]*\d)*)(?![\w-])"
)
_LETTER_LAST = re.compile(r"\b(\d{1,2})[ ,-]*(?:(?:seat|letter) )?([A-K])\b", re.I)

_PARTICLES, _NO_NAME, _OPENERS = word_set("name_particles"), word_set("no_name"), word_set("openers")
_CAPITALS = r"[^\W\d_a-zß-öø-ÿ][\w'’-]*(?:\s+(?:(?:de|da|van|von|der|den|la|le)\s+)*[^\W\d_a-zß-öø-ÿ][\w'’-]*){0,3}"
_LED = re.compile(
    rf"\b(?:{any_of(understood()['before_a_name'])})\s+(?P<name>[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){{0,3}})", re.I
)
_INTRODUCED = re.compile(
    rf"\b(?:[Tt]his is|I am|I['’]m|[Ii]t['’]s|[Cc]['’]est|[Ff]or|[Nn]ote|[Ii]ci)\s+(?P<name>{_CAPITALS})"
)
_SMALL = re.compile(r".*\b(?:in|near|around|dans)\s+(?P<place>[^\W\d_][^?!,;:.\d]{1,40})", re.I | re.S)
_ANY_CAPITALS = re.compile(rf"(?:\b(?:le|la|les|the)\s+)?{_CAPITALS}")
_BEHIND_A_PLACE = re.compile(rf"\s+(?:{any_of(understood()['after_a_place'])})\b.*$", re.I)


def phones_in(text: str) -> Iterator[str]:
    """The digits of each phone number, with a leading `+` kept."""
    for found in _PHONE.finditer(with_digits(text)):
        digits = re.sub(r"\D", "", found[0])
        if 7 <= len(digits) <= 15 and not _DATE.fullmatch(found[0]):
            yield ("+" if found[0].startswith("+") else "") + digits


def phone_forms(digits: str, said: str) -> list[str]:
    """The ways to write a phone number, the plainest first; `said` is a text that may already hold it as wanted."""
    bare = digits.removeprefix("+")
    ten = bare[-10:] if len(bare) == 10 or (len(bare) == 11 and bare[0] == "1") else ""
    forms = [form.format(area=ten[:3], office=ten[3:6], line=ten[6:]) for form in _PHONE_FORMS if ten]
    pairs = [mark.join(bare[at : at + 2] for at in range(0, len(bare), 2)) for mark in (" ", ".")]
    as_said = [" ".join(found[0].split()) for found in _PHONE.finditer(said)]
    return [*forms, *(pairs if ten else [digits, *pairs]), digits, bare, f"+{bare}", *as_said]


def emails_in(text: str) -> list[str]:
    """E-mail addresses, written or spoken (`john dot doe at example dot com`, `j-o-n at example dot com`)."""
    spoken = pattern("spoken_email").finditer(with_digits(text))
    found = _EMAIL.findall(text) or ["@".join(map(_with_signs, parts.groups())).lower() for parts in spoken]
    return [address.strip(".") for address in found]


def lettered(text: str) -> str:
    """The text with words that stand for letters as these: `D as in David`, `Sierra Foxtrot Oscar`."""
    text = _AS_IN.sub(lambda found: found[1], text)
    words = [word for word in re.findall(r"[A-Za-z-]+", text) if word.lower() in _ALPHABET]
    if not words or (len(words) < 2 and not re.search(r"\d", with_digits(text))):
        return text
    return re.sub(r"[A-Za-z]+(?:-ray)?", lambda found: _ALPHABET.get(found[0].lower(), found[0]), text)


def spelled_in(text: str) -> list[str]:
    """What is spelled out letter by letter or digit by digit, joined: `A B C one two three` is `ABC123`."""
    return [re.sub(r"[\W_]", "", found[0]) for found in _SPELLED.finditer(with_digits(lettered(text)))]


def codes_in(text: str) -> list[str]:
    """Tokens that look like an identifier (they hold a digit); spelled ones come first, `from 3A` behind `to 14C`."""
    plain = with_digits(lettered(text))
    tokens = sorted(_CODE.finditer(plain), key=lambda found: plain[: found.start()].split()[-1:] == ["from"])
    return [code for code in spelled_in(text) if re.search(r"\d", code)] + [found[0].lstrip("#") for found in tokens]


def joined_in(text: str) -> Iterator[str]:
    """Codes whose letters and digits were said apart: `C eighty-eight` is `C-88`, `row twelve, seat A` is `12A`."""
    plain = re.sub(r"\bthe letter ([A-Za-z])\b(?:\W+(?:and|then))*", r"\1", with_digits(lettered(text)))
    yield from (f"{found[1]}{found[2]}".upper() for found in _LETTER_LAST.finditer(plain))
    for found in _APART.finditer(plain):
        yield f"{re.sub('[^A-Za-z]', '', found[1])}-{re.sub(r'[^0-9]', '', found[2])}".upper()


def names_in(text: str) -> list[str]:
    """Names that people introduce: `my name is Maya`, `this is John Doe`, `je m'appelle Paul Girard`."""
    found = [match["name"] for pattern in (_LED, _INTRODUCED) for match in pattern.finditer(text)]
    names = [" ".join(_up_to_a_small_word(name.split())) for name in found]
    return [name if name[0].isupper() else name.title() for name in names if name]


def places_in(text: str) -> list[str]:
    """The places that the text names, in its order: what has a capital, or stands behind `in`."""
    small = _SMALL.match(text)
    places = list(_capitalized(text.title() if text.isupper() else text)) or ([small["place"]] if small else [])
    cut = (_BEHIND_A_PLACE.sub("", place.strip()).removesuffix("'s").removesuffix("’s") for place in places)
    return [place for place in cut if place and place.split()[-1].lower() not in STOP_WORDS and len(place.split()) < 5]


def _with_signs(text: str) -> str:
    for word, sign in _SIGNS.items():
        text = re.sub(rf"\s*\b{word}\b\s*", sign, text, flags=re.I)
    if re.fullmatch(r"[a-z0-9](?:[ -][a-z0-9])+", text, re.I):
        text = re.sub(r"[ -]", "", text)
    return re.sub(r"\s+", "", text)


def _up_to_a_small_word(words: list[str]) -> list[str]:
    """The words of a name, without what follows it: `Maya and I want ...` is `Maya`."""
    kept: list[str] = []
    for word in words:
        if word.lower() in _NO_NAME or (kept and kept[0][0].isupper() and word.islower() and word not in _PARTICLES):
            break
        kept.append(word)
    return kept


def _capitalized(text: str) -> Iterator[str]:
    """Words with a capital; those that begin a sentence only where they are no everyday words."""
    for found in _ANY_CAPITALS.finditer(text):
        words, begins = found[0].split(), not re.search(r"[^\W_]", re.split(r"[.!?]\s", text[: found.start()])[-1])
        everyday = words[0].lower() in STOP_WORDS | _OPENERS
        if begins and everyday and len(words) > 1:
            yield " ".join(words[1:])
        elif (not begins and words[0].lower() not in STOP_WORDS) or (
            not everyday and _is_all_that_is_said(found[0], text)
        ):
            yield found[0]


def _is_all_that_is_said(words: str, text: str) -> bool:
    return all(word.lower() in STOP_WORDS for word in re.findall(r"[^\W\d_]+", text.replace(words, " ")))
