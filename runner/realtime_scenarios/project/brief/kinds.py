"""The name of a context variable to the kind of thing it holds, and how callers are asked for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that callers are asked for. All texts may hold `{label}`; `sample` is a value of this kind."""

    names: str
    told: str
    ask: str
    back: str
    sample: str
    spoken: str | None = None
    is_secret: bool = False


_KINDS = (
    Kind(
        "password|passcode|pin|ssn|social_security|card|cvv|iban",
        "Take the {label} in without reading it aloud; say only that you have it.",
        "Please give me your {label}. I will not say it out loud.",
        "Thank you, I have your {label}.",
        "4711",
        is_secret=True,
    ),
    Kind(
        "first_name|given_name",
        "Spell the {label} back letter by letter, and ask whether you have it right.",
        "May I have your {label}?",
        "So your {label} is J, A, N, E. Have I got that right?",
        "Jane",
    ),
    Kind(
        "last_name|family_name|surname",
        "Repeat the {label} together with its spelling, since this is what is misheard most.",
        "And what is your {label}?",
        "Your {label} is spelled R, I, V, E, R, A, correct?",
        "Rivera",
    ),
    Kind(
        "name",
        "Say the {label} back in full, and spell whichever part could be written in two ways.",
        "Could you give me the {label}, please?",
        "I have Jane Rivera as the {label}, with R, I, V, E, R, A. Is that how it is written?",
        "Jane Rivera",
    ),
    Kind(
        "phone|telephone|mobile|callback",
        "Read the {label} back digit by digit, in groups of three and four, and wait for a yes.",
        "Which {label} should I write down for you?",
        "Let me read the {label} back: five five five, zero one four, zero one nine nine. Is every digit right?",
        "555-014-0199",
        "phone_numbers",
    ),
    Kind(
        "email|e_mail|mail",
        'Spell the {label} back one character at a time, with "at" and "dot" as words.',
        "Which {label} may I use?",
        "As your {label} I wrote J, A, N, E, at, example, dot, com. Did I catch every letter?",
        "jane@example.com",
        "codes",
    ),
    Kind(
        "birth|birthday|birthdate|dob",
        "Say the {label} back with the month as a word and the year in full.",
        "What is your {label}?",
        "For the {label} I understood the fourth of March, nineteen eighty-eight. Is that so?",
        "1988-03-04",
        "dates",
    ),
    Kind(
        "date|day",
        "Repeat the {label} with the weekday and with the month as a word, never as bare numbers.",
        "Which day shall I note as the {label}?",
        "The {label} would be Tuesday, the third of March. Does that suit you?",
        "2026-03-03",
        "dates",
    ),
    Kind(
        "time|hour",
        "Say the {label} back with the part of the day, so that morning and evening are not mixed up.",
        "What {label} would you like?",
        "Half past ten in the morning as the {label}, yes?",
        "10:30",
    ),
    Kind(
        "address|street",
        "Repeat the {label} in full: the house number digit by digit, street and town as words.",
        "What is the {label}, with street, number and town?",
        "I have one four Pine Road, Springfield, as the {label}. Is anything missing?",
        "14 Pine Road, Springfield",
        "addresses",
    ),
    Kind(
        "zip|postcode|postal",
        "Read the {label} back one digit at a time.",
        "And the {label}?",
        "The {label} is nine, four, one, zero, five. Right?",
        "94105",
        "addresses",
    ),
    Kind(
        "amount|price|budget|total|cost",
        "Repeat the {label} in words, with its currency.",
        "What {label} do you have in mind?",
        "So the {label} is forty dollars, is it?",
        "forty dollars",
        "money",
    ),
    Kind(
        "size|height|weight|age|length|width",
        "Repeat the {label} as a number together with its unit.",
        "And what {label} do you need me to note?",
        "I have forty-two as the {label}. Is that what you said?",
        "forty-two",
    ),
    Kind(
        "code|number|id|reference|order|account|prescription|ticket|booking|confirmation|serial|licence|license|plate",
        "Read the {label} back one character after the other, none left out; after a correction, all of it again.",
        "Could you read the {label} to me?",
        "I heard A, dash, one, seven as the {label}. Does that match what you have in front of you?",
        "A-17",
        "codes",
    ),
)
"""The first kind that has a word of the name decides; order matters."""

_DETAIL = Kind(
    "",
    "Sum up in a few words what the caller said about the {label}, and ask whether that is what they meant.",
    "How would you describe the {label}?",
    "Let me make sure that I noted the {label} the way you meant it.",
    "about average",
)


def kind_of(variable: str) -> Kind:
    """What kind of thing a context variable holds, by its name."""
    words = f"_{variable.casefold()}_"
    return next((one for one in _KINDS if any(f"_{name}_" in words for name in one.names.split("|"))), _DETAIL)
