"""A caller's words against what an agent can do: how well each option fits, from 0 to 1."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from realtime_scenarios.standin.language import word_set
from realtime_scenarios.standin.words import content_of, name_words, stem, words_of

FITS = 0.5
"""From here on an option is what the caller means."""

_UNKNOWN_WORD = 0.55
"""What a word weighs that no option has; a word that one sentence has weighs 1."""
_DESCRIBED = 0.8
"""What a description counts for beside an example: an example that is said wins over any description."""
_LONGEST_TEXT = 2_000
_NEARLY, _ANSWERS = 0.9, 0.6
_A_SLIP, _LONGEST_WORD = 0.82, 30
_HANDOFF_FILLER = frozenset(map(stem, word_set("every_handoff")))
"""Every handoff is about these."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing an agent can do. `hints` are sentences about it from the agent's instructions."""

    name: str
    description: str
    examples: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    handoff: bool = False


def scores(text: str, options: Sequence[Option]) -> list[float]:
    """How well each option fits, from 0 to 1: rare words weigh more, the best example counts, slips are forgiven."""
    (texts, weights), text = _weighed(tuple(options)), text[:_LONGEST_TEXT]
    exact = " ".join(words_of(text))
    if any(exact in each.exact for each in texts):
        return [float(exact in each.exact) for each in texts]
    asked = [word for word in dict.fromkeys(content_of(text)) if word not in _HANDOFF_FILLER or word in weights]
    known = {word: _nearest(word, weights) for word in asked}
    words = {near: how for near, how in known.values() if near}
    unknown = sum(1 for word, (near, _) in known.items() if not near and not any(map(str.isdigit, word)))
    return [_score(words, unknown, weights, each) if words else 0.0 for each in texts]


def lines_about(question: str, lines: Sequence[str]) -> list[str]:
    """The lines that answer a question: the best, and a second nearly as good. `Pets: ...` is known by `Pets`."""
    labels = [(line.partition(":")[0],) if ":" in line[:40] else () for line in lines]
    fitting = scores(question, [Option("", line, label) for line, label in zip(lines, labels, strict=True)])
    best = max(fitting, default=0.0)
    ranked = sorted(range(len(lines)), key=lambda at: -fitting[at])[:2]
    return [lines[at] for at in sorted(ranked) if fitting[at] >= max(FITS if labels[at] else _ANSWERS, _NEARLY * best)]


@lru_cache(maxsize=64)
def _weighed(options: tuple[Option, ...]) -> tuple[list[_Texts], dict[str, float]]:
    """The words of each option, and what each word weighs: less where many options, or their sentences, have it."""
    texts = [_texts_of(option) for option in options]
    in_options = Counter(word for each in texts for word in each.everything)
    in_sentences = Counter(word for each in texts for sentence in each.sentences for word in sentence)
    return texts, {
        word: 1.0 / ((1.0 + 0.8 * (used - 1)) * (1.0 + 0.12 * (in_sentences[word] - 1)))
        for word, used in in_options.items()
    }


def _score(words: Mapping[str, float], unknown: int, weights: Mapping[str, float], texts: _Texts) -> float:
    """How well the option with these texts fits the words, each with how sure it is that this is the word."""
    whole = sum(weights[word] for word in words) + _UNKNOWN_WORD * unknown

    def shared(by: frozenset[str]) -> float:
        return sum(weights[word] * how for word, how in words.items() if word in by)

    owned = ((example, sum(weights[word] for word in example)) for example in texts.examples)
    best_example = max((5 * shared(example) / (4 * whole + own) for example, own in owned if own), default=0.0)
    return min(1.0, max(best_example, _DESCRIBED * shared(texts.everything) / whole))


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of an option: of each example, of each sentence (examples among them), and of all of it.

    `exact` holds the examples as they stand, for those that are all filler (`I'll take it`).
    """

    exact: frozenset[str]
    examples: tuple[frozenset[str], ...]
    sentences: tuple[frozenset[str], ...]
    everything: frozenset[str]


def _texts_of(option: Option) -> _Texts:
    name = frozenset(stem(word) for word in name_words(option.name) if word not in word_set("tool_name_filler"))
    filler = _HANDOFF_FILLER if option.handoff else frozenset[str]()
    examples = tuple(frozenset(content_of(example)) for example in option.examples)
    described, *hints = (frozenset(content_of(text)) - filler for text in (option.description, *option.hints))
    exact = frozenset(" ".join(words_of(example)) for example in option.examples) - {""}
    sentences = (*examples, name | described, *hints)
    return _Texts(exact, examples, sentences, frozenset[str]().union(*sentences))


def _nearest(word: str, known: Collection[str]) -> tuple[str | None, float]:
    """The known word that this may be with a slip in it or another ending, and how sure that is."""
    if word in known or not 4 <= len(word) <= _LONGEST_WORD:
        return (word, 1.0) if word in known else (None, 0.0)
    alike = difflib.get_close_matches(word, [other for other in known if other[0] == word[0]], n=1, cutoff=_A_SLIP)
    return (alike[0], _A_SLIP) if alike else (None, 0.0)
