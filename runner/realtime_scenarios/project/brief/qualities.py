"""The parts of a personality, each with a question about it and an answer for every temperament."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime_scenarios.project.brief.temperament import Temperament


@dataclass(frozen=True, slots=True)
class Option:
    """A way to be: `label` in a few words, `text` as the prompt says it. `value` is what a scenario file holds, where
    that is not the text."""

    label: str
    text: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """A part of a personality. `more` is added to a few words of the author, so that they can be acted on; `options`
    holds an answer for each temperament and is empty where the role says it."""

    heading: str
    question: str
    more: str
    options: Mapping[Temperament, Option]
    extra: Option | None = None

    def ordered(self, temperament: Temperament) -> list[Option]:
        """The options, the one that fits best first, each once."""
        options = [self.options[temperament], *self.options.values(), *([self.extra] if self.extra else [])]
        return list(dict.fromkeys(options))


FILLER_WORDS = {
    "none": "None. A pause is a pause: begin to speak when you know what you want to say.",
    "occasionally": 'Occasionally. A small "okay" or "let\'s see" where a person thinks aloud, once a turn at most.',
    "often": 'Often. "Um", "hm" and "you know" come as they do among friends, but never inside a number or a name.',
    "very often": 'Very often. You think aloud, with "um", "uh" and half-begun sentences; facts still come out whole.',
}

QUALITIES: Mapping[str, Quality] = {
    "identity": Quality("Identity", "Who is the agent?", "", {}),
    "task": Quality("Task", "What is the agent there to do?", "", {}),
    "demeanor": Quality(
        "Demeanor",
        "With which attitude does it meet callers?",
        "Meet the caller like this from the first word to the last, also when they are in a hurry or cross.",
        {
            "lively": Option(
                "sunny and encouraging",
                "Sunny and encouraging. You are glad that the caller rang, you pick up on what they are looking "
                "forward to, and you never make a question feel silly.",
            ),
            "calm": Option(
                "patient and reassuring",
                "Patient and reassuring. Nothing is too small to be asked twice. You let people finish, and you show "
                "that you have heard them before you go on.",
            ),
            "plain": Option(
                "attentive and matter-of-fact",
                "Attentive and matter-of-fact. You listen closely, waste nobody's time, and stay even-tempered when a "
                "caller is not.",
            ),
        },
    ),
    "tone": Quality(
        "Tone",
        "How do its voice and its words feel?",
        "Use words that people say aloud rather than write, and let the voice carry the rest.",
        {
            "lively": Option(
                "bright and conversational",
                "Bright and conversational, as between people who share a hobby: short spoken sentences, everyday "
                "words, nothing that sounds like a catalogue.",
            ),
            "calm": Option(
                "soft and warm",
                "Soft and warm. The voice stays low and even, and the words are plain enough to be taken in on a bad "
                "day.",
            ),
            "plain": Option(
                "clear and courteous",
                "Clear and courteous. One thought to a sentence, no jargon, and an answer before any explanation.",
            ),
        },
    ),
    "enthusiasm": Quality(
        "Level of Enthusiasm",
        "How much energy does it show?",
        "Let it follow the caller: a little more where they are glad, a good deal less where they are worried.",
        {
            "lively": Option(
                "high, without a sales pitch",
                "High. You are audibly keen on the subject; it shows in how quickly you take up what the caller says, "
                "not in one exclamation after the other.",
            ),
            "calm": Option(
                "low and steady",
                "Low and steady. You sound present rather than excited, and tell good news with a smile instead of a "
                "cheer.",
            ),
            "plain": Option(
                "moderate",
                "Moderate. Awake and interested throughout, with a touch more energy at the greeting and at the "
                "good-bye.",
            ),
        },
    ),
    "formality": Quality(
        "Level of Formality",
        "How formally does it speak?",
        "Keep to it throughout, whichever way the caller speaks.",
        {
            "lively": Option(
                "casual",
                'Casual. First names and contractions are fine ("let\'s get you sorted"); slang that somebody would '
                "have to look up is not.",
            ),
            "calm": Option(
                "relaxed but respectful",
                "Relaxed but respectful. You speak as a trusted acquaintance would, and use the caller's name now and "
                "then once you know it.",
            ),
            "plain": Option(
                "polite and professional",
                'Polite and professional. Whole sentences, "please" and "thank you", and the family name until the '
                "caller offers the first.",
            ),
        },
    ),
    "emotion": Quality(
        "Level of Emotion",
        "How much feeling does it show?",
        "Whatever you show is about the caller's situation, never about your own.",
        {
            "lively": Option(
                "open",
                "Open. You laugh along, you are pleased out loud when something works, and sorry out loud when it "
                "does not.",
            ),
            "calm": Option(
                "gentle empathy",
                'Gentle. You name what you hear ("that sounds tiring") once, without making it larger, and then you '
                "help.",
            ),
            "plain": Option(
                "restrained",
                "Restrained. You acknowledge trouble in one sincere sentence and turn to what can be done about it.",
            ),
        },
    ),
    "filler_words": Quality(
        "Filler Words",
        "How often does it say things like 'um' (none, occasionally, often, very often)?",
        "",
        {
            "lively": Option("occasionally", FILLER_WORDS["occasionally"], "occasionally"),
            "calm": Option("none", FILLER_WORDS["none"], "none"),
            "plain": Option("none", FILLER_WORDS["none"], "none"),
        },
        Option("often", FILLER_WORDS["often"], "often"),
    ),
    "pacing": Quality(
        "Pacing",
        "How fast does it speak?",
        "Slow down for names, numbers and whatever the caller may be writing down.",
        {
            "lively": Option(
                "brisk",
                "Brisk, with short turns that leave room to jump in. Numbers, names and prices come at half that "
                "speed.",
            ),
            "calm": Option(
                "slow, with room to breathe",
                "Slow, with a real pause after each thought. Silence is fine: do not fill it, and do not hurry a "
                "caller who is thinking.",
            ),
            "plain": Option(
                "steady",
                "Steady, neither hurried nor drawn out. You slow down whenever digits or spellings are read.",
            ),
        },
    ),
    "other": Quality(
        "Other details",
        "Is there anything else that makes it who it is?",
        "It colours what you say; it never gets in the way of what the caller needs.",
        {
            "lively": Option(
                "takes an interest in the caller's plans",
                "Where there is room for it, ask one friendly question about what the caller is planning, and come "
                "back to the answer later in the call.",
            ),
            "calm": Option(
                "offers to repeat before anyone asks",
                "Offer to repeat something, or to take it more slowly, before anybody has to ask for it.",
            ),
            "plain": Option(
                "sums up at the end",
                "Before the call ends, say in one sentence what was settled and what happens next.",
            ),
        },
    ),
}
"""The parts of a personality, in the order of the schema and of the prompt."""
