"""A caller's words against what an agent can do: how well each option fits, from 0 to 1."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from realtime_scenarios.standin.language import understood, word_set
from realtime_scenarios.standin.words import content_of, name_words, stem, words_of

FITS = 0.5
"""From here on an option is what the caller means."""

_UNKNOWN_WORD = 0.55
"""What a word weighs that no option has; a word that one sentence has weighs 1."""
_DESCRIBED = 0.8
"""What a description counts for beside an example: an example that is said wins over any description."""
_NEARLY, _ANSWERS = 0.9, 0.6
_A_SLIP, _LONGEST_WORD = 0.82, 30
_DEEDS = {verb: {*deed["said"], *deed["done"]} for deed in understood()["deeds"] for verb in deed["said"]}
EVERY_HANDOFF = frozenset(map(stem, word_set("every_handoff")))
"""Every handoff is about these."""


@dataclass(frozen=True)
class Option:
    """One thing an agent can do. `hints` are sentences about it from the agent's instructions."""

    name: str
    description: str
    examples: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    handoff: bool = False

    @cached_property
    def exact(self) -> frozenset[str]:
        """The examples as they stand, for those that are all filler (`I'll take it`)."""
        return frozenset(" ".join(words_of(example)) for example in self.examples) - {""}

    @cached_property
    def sentences(self) -> tuple[frozenset[str], ...]:
        """The words of each example, then of its name and description, then of each hint."""
        name = frozenset(stem(word) for word in name_words(self.name) if word not in word_set("tool_name_filler"))
        filler = EVERY_HANDOFF if self.handoff else frozenset[str]()
        described, *hints = (frozenset(content_of(text)) - filler for text in (self.description, *self.hints))
        return (*(frozenset(content_of(example)) for example in self.examples), name | described, *hints)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset[str]().union(*self.sentences)


def scores(text: str, options: Sequence[Option]) -> list[float]:
    """How well each option fits, from 0 to 1: rare words weigh more, the best example counts, slips are forgiven."""
    options, weights = _weighed(tuple(options))
    exact = " ".join(words_of(text))
    if any(exact in option.exact for option in options):
        return [float(exact in option.exact) for option in options]
    asked = [word for word in dict.fromkeys(content_of(text)) if word not in EVERY_HANDOFF or word in weights]
    known = {word: _nearest(word, weights) for word in asked}
    words = frozenset(filter(None, known.values()))
    unknown = sum(near is None and not any(map(str.isdigit, word)) for word, near in known.items())
    return [_score(words, unknown, weights, option) if words else 0.0 for option in options]


def lines_about(question: str, lines: Sequence[str]) -> list[str]:
    """The lines that answer a question: the best, and a second nearly as good. `Pets: ...` is known by `Pets`."""
    labels = [(line.partition(":")[0],) if ":" in line[:40] else () for line in lines]
    fitting = scores(question, [Option("", line, label) for line, label in zip(lines, labels, strict=True)])
    best = max(fitting, default=0.0)
    ranked = sorted(range(len(lines)), key=lambda at: -fitting[at])[:2]
    return [lines[at] for at in sorted(ranked) if fitting[at] >= max(FITS if labels[at] else _ANSWERS, _NEARLY * best)]


@lru_cache(maxsize=64)
def _weighed(options: tuple[Option, ...]) -> tuple[tuple[Option, ...], dict[str, float]]:
    """The options, and what each word weighs: less where many options, or their sentences, have it."""
    in_options = Counter(word for option in options for word in option.words)
    in_sentences = Counter(word for option in options for sentence in option.sentences for word in sentence)
    return options, {
        word: 1.0 / ((1.0 + 0.8 * (used - 1)) * (1.0 + 0.12 * (in_sentences[word] - 1)))
        for word, used in in_options.items()
    }


def _score(words: frozenset[str], unknown: int, weights: Mapping[str, float], option: Option) -> float:
    def weight(of: frozenset[str]) -> float:
        return math.fsum(weights[word] for word in of)  # whatever the order of the set

    whole = weight(words) + _UNKNOWN_WORD * unknown
    examples = option.sentences[: len(option.examples)]
    fitting = (5 * weight(words & each) / (4 * whole + weight(each)) for each in examples if each)
    return min(1.0, max([_DESCRIBED * weight(words & option.words) / whole, *fitting]))


def _nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that this may be with a slip in it or another ending."""
    if word in known or not 4 <= len(word) <= _LONGEST_WORD:
        return word if word in known else None
    alike = difflib.get_close_matches(word, [other for other in known if other[0] == word[0]], n=1, cutoff=_A_SLIP)
    return alike[0] if alike else None


def shares_a_deed(text: str, option: Option) -> bool:
    """Whether the option does what the text wants done, where that is a deed: to book is not to look a booking up."""
    wanted = next((word for word in words_of(text) if word not in word_set("before_a_deed")), "")
    about = " ".join([*name_words(option.name), option.description, *option.examples, *option.hints])
    return wanted not in _DEEDS or not _DEEDS[wanted].isdisjoint(words_of(about))
