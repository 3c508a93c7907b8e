"""Phone numbers, e-mail addresses, postal addresses, names and codes in what somebody says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.words import word_list, word_set

_PHONE = re.compile(r"(?<![\w/-])\+?\(?\d[\d\s().,\-–]{5,28}\d(?![\w/])")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL = re.compile(
    r"\b((?:[a-z0-9]+|(?:[a-z0-9][ -]){2,}[a-z0-9])(?:\s*(?:\.|dot|underscore|dash|hyphen)\s*[a-z0-9]+)*)\s+at\s+"
    r"([a-z0-9]+(?:\s*(?:\.|dot)\s*[a-z]{2,})+)\b",
    re.I,
)
_SPELLED = re.compile(r"(?<![\w'’])[A-Za-z0-9](?:(?:\s*-\s*|[\s.,]+)[A-Za-z0-9](?!\w)){2,}")
_CODE = re.compile(r"(?<![\w@.])(?=[A-Za-z0-9#-]*\d)#?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w@])")
_NAME = re.compile(
    r"\b(?:my (?:full |first |last )?name(?: is|'s|:)|i am|i'm|this is|it's|call me|name is|for)\s+"
    r"(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,3})"
)
_ANY_CASE_NAME = re.compile(
    r"\b(?:my (?:full )?name(?: is|'s|:)|call me)\s+(?P<name>[^\W\d_]+(?:[ '-][^\W\d_]+){0,3})", re.I
)
_PLACE = re.compile(
    r".*\b(?:(?:[Ii]n|[Nn]ear|[Aa]round)\s+(?=[^\W\d_])|(?:[Ff]or|[Tt]o|[Ff]rom|[Aa]t)\s+(?=[A-Z]))(?P<place>[^?!,;:.]+)",
    re.S,
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
        forms = [
            f"({area}) {office}-{line}",
            ten,
            f"{area}-{office}-{line}",
            f"+1{ten}",
            f"1{ten}",
            f"+1-{area}-{office}-{line}",
        ]
        forms += [f"{area} {office} {line}", f"{area}.{office}.{line}"]
    forms += [mark.join(bare[at : at + 2] for at in range(0, len(bare), 2)) for mark in (" ", ".")]
    as_said = [" ".join(match.group().split()) for match in _PHONE.finditer(said)]
    return [*forms, digits, bare, f"+{bare}", *as_said]


def emails_in(text: str) -> list[str]:
    """E-mail addresses, written or spoken (`john dot doe at example dot com`, `j-o-n at example dot com`)."""
    found = _EMAIL.findall(text) if "@" in text else []
    for match in _SPOKEN_EMAIL.finditer(with_digits(text)) if " at " in text.lower() else ():
        local, domain = (_symbols(part) for part in match.groups())
        found.append(f"{local}@{domain}".lower())
    return [address.strip(".") for address in found]


def spelled_in(text: str) -> list[str]:
    """What is spelled out letter by letter or digit by digit, joined: `A B C one two three` is `ABC123`."""
    return [re.sub(r"[^A-Za-z0-9]", "", match.group()) for match in _SPELLED.finditer(with_digits(lettered(text)))]


def codes_in(text: str) -> list[tuple[str, int]]:
    """Tokens that look like an identifier (they hold a digit), each with where it starts; spelled ones come first."""
    digits = with_digits(text)
    found = [(spelled, 0) for spelled in spelled_in(text) if any(sign.isdigit() for sign in spelled)]
    return found + [(match.group().lstrip("#"), match.start()) for match in _CODE.finditer(digits)]


def joined_in(text: str) -> list[str]:
    """Codes whose letters and digits were said apart, joined by a hyphen: `C eighty-eight` is `C-88`."""
    found = _APART.finditer(with_digits(lettered(text)))
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
    """Names that people introduce: `my name is Maya`, `this is John Doe`."""
    for pattern in (_NAME, _ANY_CASE_NAME):
        names = [match["name"].rstrip("'’-") for match in pattern.finditer(text)]
        if names:
            return [name if name[0].isupper() else name.title() for name in names]
    return []


def place_in(text: str) -> str | None:
    """The place after the last `in`, `near`, `for`, `to` or `from`: `what is the weather in Lima?` names `Lima`."""
    match = _PLACE.search(text)
    if match is None:
        return None
    place = re.sub(
        r"\s+(?:please|today|tomorrow|now|right now|tonight|this week|next week)$",
        "",
        match["place"].strip(),
        flags=re.I,
    )
    words = place.split()
    if not 1 <= len(words) <= 4 or words[0].lower() in _NO_PLACE:
        return None
    return place


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
    for name, part in zip(("city", "state"), rest, strict=False):
        found[name] = part
    return found


def _symbols(text: str) -> str:
    for word, sign in (("dot", "."), ("underscore", "_"), ("dash", "-"), ("hyphen", "-")):
        text = re.sub(rf"\s*\b{word}\b\s*", sign, text, flags=re.I)
    if re.fullmatch(r"[a-z0-9](?:[ -][a-z0-9])+", text, re.I):
        text = re.sub(r"[ -]", "", text)
    return re.sub(r"\s+", "", text)


_SEAT = re.compile(r"\b(\d{1,2})[ -]?([A-K])\b", re.I)
_AS_IN = re.compile(r"\b([A-Za-z])(?: as in| like| for) [A-Za-z]+\b")
_APART = re.compile(
    r"(?<![\w-])((?:[A-Za-z](?![A-Za-z])[ .,-]*)+|[A-Za-z]{2,4})[ .,]*(?:-|dash|hyphen|minus)?[ .,]*"
    r"(\d(?:[ ,.-]*\d)*)(?![\w-])"
)
_WORDS_FOR_LETTERS = word_list("""
    alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo
    sierra tango uniform victor whiskey xray yankee zulu
    """)
_ALPHABET = {word: word[0].upper() for word in (*_WORDS_FOR_LETTERS, "alpha", "juliet", "x-ray", "whisky")}
_NO_PLACE = word_set("""
    me my a an the it this that you your us our them there here least what which how
    """)
