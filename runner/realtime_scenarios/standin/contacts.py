"""Phone numbers, e-mail addresses, postal addresses, names, places and codes in what somebody says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from realtime_scenarios.standin.language import understood, word_set
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.words import STOP_WORDS

_PHONE = re.compile(r"(?<![\w/-])\+?\(?\d[\d\s().,\-–]{5,28}\d(?![\w/])")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SIGNS: Mapping[str, str] = understood()["signs"]
_SIGN = rf"(?:\.|{'|'.join(_SIGNS)})"
_SPOKEN_EMAIL = re.compile(
    rf"\b((?:[a-z0-9]+|(?:[a-z0-9][ -]){{2,}}[a-z0-9])(?:\s*\b{_SIGN}\b\s*[a-z0-9]+)*)\s+(?:at|arobase|arroba)\s+"
    rf"([a-z0-9]+(?:\s*(?:\.|\bdot\b|\bpoint\b|\bpunto\b)\s*[a-z]{{2,}})+)\b",
    re.I,
)
_SPELLED = re.compile(r"(?<![\w'’])[^\W_](?:(?:\s*-\s*|[\s.,]+)[^\W_](?!\w)){2,}")
_CODE = re.compile(r"(?<![\w@.])(?=[A-Za-z0-9#-]*\d)#?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w@])")
_CAPITALS = r"[^\W\d_a-zß-öø-ÿ][\w'’-]*(?:\s+(?:(?:de|da|van|von|der|den|la|le)\s+)*[^\W\d_a-zß-öø-ÿ][\w'’-]*){0,3}"
_LED = re.compile(
    r"\b(?:my (?:full |first |last )?name(?: is|['’]s|:)|(?:the )?name(?: is|['’]s|:)|call me|je m['’]appelle|"
    r"mon nom est|me llamo|mi nombre es|soy|ich heiße|"
    r"mein name ist)\s+(?P<name>[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){0,3})",
    re.I,
)
_INTRODUCED = re.compile(
    rf"\b(?:[Tt]his is|I am|I['’]m|[Ii]t['’]s|[Cc]['’]est|[Ff]or|[Nn]ote|[Ii]ci)\s+(?P<name>{_CAPITALS})"
)
_AFTER = re.compile(
    r"\b(?:in|near|around|for|to|from|at|of|about|à|au|aux|dans|du|de|pour|en|a|avec|with|and|et|y)\s+"
    rf"(?P<place>(?:(?:le|la|les|el|los|the)\s+)?{_CAPITALS})"
)
_SMALL = re.compile(r".*\b(?:in|near|around|dans)\s+(?P<place>[^\W\d_][^?!,;:.\d]{1,40})", re.I | re.S)
_ANY_CAPITALS = re.compile(rf"(?:\b(?:le|la|les|the)\s+)?{_CAPITALS}")
_TIMES_OF_DAY = re.compile(
    r"\s+(?:please|today|tomorrow|now|right now|tonight|this week|next week|like|s['’]il vous plaît|and|with|by)\b.*$",
    re.I,
)
_STREET = re.compile(r"\d+[a-z]?\s+[^\d,]+?(?:,|\bin\b|$)", re.I)


def phones_in(text: str) -> list[str]:
    """The digits of each phone number, with a leading `+` kept."""
    found: list[str] = []
    for match in _PHONE.finditer(with_digits(text)):
        digits = re.sub(r"\D", "", match.group())
        if 7 <= len(digits) <= 15 and not _DATE.fullmatch(match.group()):
            found.append(("+" if match.group().startswith("+") else "") + digits)
    return found


def phone_forms(digits: str, said: str) -> list[str]:
    """The ways to write a phone number, the plainest first; `said` is a text that may already hold it as wanted."""
    bare = digits.removeprefix("+")
    ten = bare[1:] if len(bare) == 11 and bare.startswith("1") else bare
    forms = [digits]
    if len(ten) == 10:
        area, office, line = ten[:3], ten[3:6], ten[6:]
        forms = [f"({area}) {office}-{line}", ten, f"{area}-{office}-{line}", f"+1{ten}", f"1{ten}"]
        forms += [f"+1-{area}-{office}-{line}", f"{area} {office} {line}", f"{area}.{office}.{line}"]
    forms += [mark.join(bare[at : at + 2] for at in range(0, len(bare), 2)) for mark in (" ", ".")]
    return [*forms, digits, bare, f"+{bare}", *(" ".join(match.group().split()) for match in _PHONE.finditer(said))]


def emails_in(text: str) -> list[str]:
    """E-mail addresses, written or spoken (`john dot doe at example dot com`, `j-o-n at example dot com`)."""
    found = _EMAIL.findall(text)
    for match in _SPOKEN_EMAIL.finditer(with_digits(text)) if not found else ():
        found.append("@".join(map(_with_signs, match.groups())).lower())
    return [address.strip(".") for address in found]


def spelled_in(text: str) -> list[str]:
    """What is spelled out letter by letter or digit by digit, joined: `A B C one two three` is `ABC123`."""
    return [re.sub(r"[\W_]", "", match.group()) for match in _SPELLED.finditer(with_digits(lettered(text)))]


def codes_in(text: str) -> list[tuple[str, int]]:
    """Tokens that look like an identifier (they hold a digit), each with where it starts; spelled ones come first."""
    found = [(spelled, 0) for spelled in spelled_in(text) if any(sign.isdigit() for sign in spelled)]
    return found + [(match.group().lstrip("#"), match.start()) for match in _CODE.finditer(with_digits(text))]


def joined_in(text: str) -> list[str]:
    """Codes whose letters and digits were said apart, joined by a hyphen: `C eighty-eight` is `C-88`."""
    plain = re.sub(r"\bthe letter ([A-Za-z])\b(?:\W+(?:and|then))*", r"\1", with_digits(lettered(text)))
    found = _APART.finditer(plain)
    return [f"{re.sub('[^A-Za-z]', '', match[1])}-{re.sub(r'[^0-9]', '', match[2])}".upper() for match in found]


def lettered(text: str) -> str:
    """The text with words that stand for letters as these: `D as in David`, `Sierra Foxtrot Oscar`."""
    text = _AS_IN.sub(lambda match: match[1], text)
    spelled = [word for word in re.findall(r"[A-Za-z-]+", text) if word.lower() in _ALPHABET]
    if not spelled or (len(spelled) < 2 and not re.search(r"\d", with_digits(text))):
        return text
    return re.sub(r"[A-Za-z]+(?:-ray)?", lambda match: _ALPHABET.get(match[0].lower(), match[0]), text)


def seat_in(text: str) -> str | None:
    """The seat that the text names; the one after `to` where it names where somebody moves."""
    plain = with_digits(lettered(text))
    plain = re.sub(r"\brow (\d{1,2}),? (?:seat |letter )?([A-K])\b", r"\1\2", plain, flags=re.I)
    found = [(match, plain[: match.start()].split()) for match in _SEAT.finditer(plain)]
    found.sort(key=lambda seat: ("from" in seat[1][-3:], "to" not in seat[1][-3:]))
    return f"{found[0][0][1]}{found[0][0][2].upper()}" if found else None


def names_in(text: str) -> list[str]:
    """Names that people introduce: `my name is Maya`, `this is John Doe`, `je m'appelle Paul Girard`."""
    found = [match["name"] for pattern in (_LED, _INTRODUCED) for match in pattern.finditer(text)]
    names = [" ".join(_up_to_a_small_word(name.split())) for name in found]
    return [name if name[0].isupper() else name.title() for name in names if name]


def places_in(text: str) -> list[str]:
    """The places that the text names, in its order: what has a capital behind `in` or `to`, or stands behind `in`."""
    if text.isupper():
        text = text.title()
    found = {
        match.start("place"): match["place"]
        for match in _AFTER.finditer(text)
        if not re.search(r"[^\W\d_a-zß-öø-ÿ]\w+\s$", text[: match.start()])  # `de` in `Rio de Janeiro`
    }
    rest = text
    for start, place in found.items():
        rest = rest[:start] + "·" * len(place) + rest[start + len(place) :]
    for match in _ANY_CAPITALS.finditer(rest):
        sentence_begins = not re.search(r"[^\W_]", re.split(r"[.!?]\s", rest[: match.start()])[-1])
        words = match.group().split()
        if sentence_begins and len(words) > 1 and words[0].lower() in STOP_WORDS | _OPENERS:
            words = words[1:]
        if words and words[0].lower() not in STOP_WORDS and not (sentence_begins and words[0].lower() in _OPENERS):
            alone = all(
                word.lower() in STOP_WORDS for word in re.findall(r"[^\W\d_]+", rest.replace(match.group(), " "))
            )
            if not sentence_begins or alone or words[0] != match.group().split()[0]:
                found[match.start()] = " ".join(words)
    small = _SMALL.match(text) if not found else None
    places = [found[start] for start in sorted(found)] or ([small["place"]] if small else [])
    cut = (_TIMES_OF_DAY.sub("", place.strip()).removesuffix("'s").removesuffix("’s") for place in places)
    return [place for place in cut if place and place.split()[-1].lower() not in STOP_WORDS and len(place.split()) < 5]


def address_in(text: str) -> Mapping[str, str]:
    """The parts of a postal address: `street`, `city`, `state`, `postal_code`, as many as can be told apart."""
    parts = [part.strip(" .") for part in text.split(",") if part.strip(" .")]
    street = _STREET.search(parts[0]) if parts else None
    if street is None:
        return {}
    found = {"street": parts[0][street.start() :]}
    last = re.fullmatch(r"(?P<state>.*?)\s*(?P<zip>\d{4,5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)", parts[-1])
    rest = parts[1:]
    if last and len(parts) > 1:
        found["postal_code"] = last["zip"]
        rest = [*parts[1:-1], *([last["state"]] if last["state"] else [])]
    return found | dict(zip(("city", "state"), rest, strict=False))


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


_SEAT = re.compile(r"\b(\d{1,2})[ -]?([A-K])\b", re.I)
_AS_IN = re.compile(r"\b([A-Za-z])(?: as in| like| for| comme) [A-Za-z]+\b")
_APART = re.compile(
    r"(?<![\w'’-])((?:[A-Za-z](?![A-Za-z])[ .,-]*)+|[A-Za-z]{2,4})[ .,]*(?:-|dash|hyphen|minus)?[ .,]*"
    r"(\d(?:[ ,.-]*\d)*)(?![\w-])"
)
_PARTICLES = word_set("name_particles")
_OPENERS = word_set("openers") - {"reykjavik"}
_NO_NAME = word_set("no_name")
_ALPHABET = {word: word[0].upper() for word in understood()["letters"]}
