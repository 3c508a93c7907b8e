"""Lines that callers may say, to words as they are said and how each is pronounced: what a recogniser is taught.

Only what the lines hold can be recognised, and a few things that callers say everywhere. Sounds are those of the CMU
Pronouncing Dictionary; what that does not know is pronounced by its spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+|[a-z]+(?:'[a-z]+)*")
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]*\w")
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "twentieth", "thirtieth"),
)
_ORDINAL_OF = {**dict(zip(_ONES[1:13], _ORDINALS, strict=False)), **{tens: f"{tens[:-1]}ieth" for tens in _TENS[2:]}}
_SHORTEST_PART = 3
_FIRST_VOWEL = re.compile(r"\b(?:AE|EH|IH|AA)\b")

EVERYWHERE: Sequence[str] = (
    *("yes", "no", "yes please", "no thank you", "thank you", "thanks", "hello", "hi", "goodbye", "bye", "okay"),
    *("that's right", "that is right", "that's correct", "yes that's right", "no that's wrong", "sure", "of course"),
    *("please", "sorry", "what", "can you say that again", "i don't know", "that's all", "that is all thank you"),
    *("i would like to", "i want to", "i need to", "can you", "could you please", "my name is", "my number is"),
    *("how much is it", "what is", "where is", "when is", "who are you", "can i speak to a person"),
    *("monday tuesday wednesday thursday friday saturday sunday", "today", "tomorrow", "next week", "in the morning"),
    *("january february march april", "may june july august", "september october november december"),
    *(" ".join(_ONES[(start + step * place) % 10] for place in range(10)) for start in range(10) for step in (1, 3, 7)),
    *(f"{tens} {ones}" for tens in _TENS[2:] for ones in _ONES[1:10]),
    *_ORDINALS,
    *(f"twenty {ordinal}" for ordinal in _ORDINALS[:9]),
    "thirty first",
)
"""What callers say whatever the scenario is about; digits in many orders, since a number may have any."""


def ways_to_say(line: str) -> list[list[str]]:
    """The words of a line as somebody may say them: each number as a number, in parts, or digit by digit.

    In an address a synthetic voice may leave its dots out.
    """
    lines = (line, _EMAIL.sub(lambda address: address[0].replace(".", " "), line))
    numbers = (_in_halves, _whole, _digit_by_digit, _hundreds_in_halves, _at_length)
    ways = [said_words(each, number) for each in lines for number in numbers]
    return [way for place, way in enumerate(ways) if way not in ways[:place]]


def said_words(line: str, number: Callable[[str], Sequence[str]] | None = None) -> list[str]:
    """The words of a line in one of these ways, without punctuation and case. `number` None: as most people say it."""
    plain = _EMAIL.sub(_spoken_email, line.casefold().replace("\u2019", "'"))
    return [word for token in _TOKEN.findall(plain) for word in _words_of_token(token, number or _in_halves)]


def _words_of_token(token: str, number: Callable[[str], Sequence[str]]) -> Sequence[str]:
    if token.isdigit():
        return number(token)
    return _ordinal(token[:-2]) if token[0].isdigit() else [token]


def _spoken_email(address: re.Match[str]) -> str:
    return address[0].replace("@", " at ").replace(".", " dot ")


def _digit_by_digit(digits: str) -> list[str]:
    return [_ONES[int(digit)] for digit in digits]


def _whole(digits: str) -> list[str]:
    """As a number; one that is too long for it, or begins with a zero, digit by digit."""
    return _digit_by_digit(digits) if len(digits) > 4 or digits.startswith("0") else _number(int(digits))


def _in_halves(digits: str) -> list[str]:
    """From 1100 up as years and house numbers are said: nineteen seventy nine, twelve hundred, twenty oh five."""
    return _parted(digits) if len(digits) == 4 and digits[1] != "0" else _whole(digits)


def _hundreds_in_halves(digits: str) -> list[str]:
    """As flights, codes and years of this century are said: one twenty three, one oh five, twenty eighty."""
    is_parted = not digits.endswith("00") if len(digits) == 3 else len(digits) == 4 and digits[2] != "0"
    return _parted(digits) if is_parted else _in_halves(digits)


def _at_length(digits: str) -> list[str]:
    """As a number, also with five or six digits: ninety four thousand one hundred five."""
    return _number(int(digits)) if len(digits) <= 6 and not digits.startswith("0") else _digit_by_digit(digits)


def _parted(digits: str) -> list[str]:
    if digits.startswith("0"):
        return _whole(digits)
    begin, end = divmod(int(digits), 100)
    return [*_number(begin), *(["hundred"] if end == 0 else ["oh"] if end < 10 else []), *(_number(end) if end else [])]


def _ordinal(digits: str) -> list[str]:
    """The twenty ninth, the hundred and first: only the last word says that it is one."""
    *before, last = _at_length(digits)
    return [*before, _ORDINAL_OF.get(last, f"{last}th")]


def _number(value: int) -> list[str]:
    if value < 20:
        return [_ONES[value]]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if value >= size:
            return [*_number(value // size), name, *(_number(value % size) if value % size else [])]
    return [_TENS[value // 10], *([_ONES[value % 10]] if value % 10 else [])]


def pronunciations(words: Iterable[str], known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each word with each of its pronunciations; `known` are those of the dictionary."""
    for word in words:
        for sounds in known.get(word) or _compound_sounds(word, known) or _guessed_sounds(word):
            yield word, sounds


def _compound_sounds(word: str, known: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """How a word is pronounced that two known ones were put together for, such as `snowboard`."""
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        first, second = known.get(word[:at]), known.get(word[at:])
        if first and second:
            return [f"{first[0]} {second[0]}"]
    return ()


def _guessed_sounds(word: str) -> Sequence[str]:
    """By the spelling, and with a first vowel that is hardly heard, as names have it that stress the second one."""
    sounds = spelled_sounds(word)
    return list(dict.fromkeys(guess for guess in (sounds, _FIRST_VOWEL.sub("AH", sounds, count=1)) if guess))


def spelled_sounds(word: str) -> str:
    """How a word that no dictionary knows may be pronounced, letter by letter and by the usual groups of letters."""
    sounds: list[str] = []
    at = 0
    while at < len(word):
        for size in (4, 3, 2, 1):
            group = word[at : at + size]
            if len(group) == size and group in _SOUNDS:
                sounds += _SOUNDS[group].split()
                at += size
                break
        else:
            at += 1
    if len(word) > 2 and word.endswith("e") and not word.endswith(("ee", "ie")) and sounds:
        sounds.pop()  # a silent e
    return " ".join(sounds)


_SOUNDS: Mapping[str, str] = {
    "a": "AE",
    "b": "B",
    "c": "K",
    "d": "D",
    "e": "EH",
    "f": "F",
    "g": "G",
    "h": "HH",
    "i": "IH",
    "j": "JH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "o": "OW",
    "p": "P",
    "q": "K",
    "r": "R",
    "s": "S",
    "t": "T",
    "u": "AH",
    "v": "V",
    "w": "W",
    "x": "K S",
    "y": "IY",
    "z": "Z",
    "tion": "SH AH N",
    "sion": "ZH AH N",
    "ture": "CH ER",
    "ough": "OW",
    "igh": "AY",
    "tch": "CH",
    "dge": "JH",
    "sch": "SH",
    "ch": "CH",
    "sh": "SH",
    "th": "TH",
    "ph": "F",
    "wh": "W",
    "ck": "K",
    "ng": "NG",
    "qu": "K W",
    "ce": "S EH",
    "ci": "S IH",
    "cy": "S IY",
    "ge": "JH EH",
    "gi": "JH IH",
    "kn": "N",
    "wr": "R",
    "gn": "N",
    "ee": "IY",
    "ea": "IY",
    "ei": "AY",
    "ie": "IY",
    "ai": "EY",
    "ay": "EY",
    "ey": "IY",
    "oa": "OW",
    "oe": "OW",
    "oo": "UW",
    "ou": "AW",
    "ow": "OW",
    "oi": "OY",
    "oy": "OY",
    "au": "AO",
    "aw": "AO",
    "eu": "UW",
    "ew": "UW",
    "ui": "UW IY",
    "ue": "UW",
    "ar": "AA R",
    "er": "ER",
    "ir": "ER",
    "or": "AO R",
    "ur": "ER",
    "aa": "AA",
    **{letter * 2: sound for letter, sound in zip("bdfgklmnprtvz", "BDFGKLMNPRTVZ", strict=True)},
    "ss": "S",
    "cc": "K",
}
"""Groups of letters to sounds: an approximation for names, in the order of their length."""
