"""A text with many lines as the few of them that answer a question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from realtime_scenarios.standin.matching import Spelling
from realtime_scenarios.standin.words import content_of, sentences_of, word_set, words_of

_NUMBERS = word_set("""
    two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand first second
    third half dozen couple
    """)
"""They stand in any line, and say nothing about what it is about."""
_UNKNOWN_WORD = 0.2
"""What a word weighs that no line has: politeness and detail must not hide the word that matters."""
_READ = 600
_LABEL = 40
"""So many characters of a line are searched for the colon behind its label."""


def relevant(units: Sequence[str], question: str) -> Iterator[str]:
    """The lines that answer: the best, and a second that is nearly as good; none where none does.

    A line is known by its label (`Pets: ...`). By other words it is known only where two of them are asked for, or
    where the one word is all that was asked.
    """
    words = [_content(unit) for unit in units]
    labels = [_content(unit.partition(":")[0]) if ":" in unit[:_LABEL] else frozenset[str]() for unit in units]
    used_by = Counter(word for line in words for word in line)
    asked = _asked(question, used_by)
    weights = {word: 1.0 / used_by[word] if word in used_by else _UNKNOWN_WORD for word in asked}
    total = sum(weights.values()) or 1.0
    named = [at for at, label in enumerate(labels) if label & asked.keys()]
    alone = len(asked) == 1 and (len(words_of(question)) == 1 or not any(labels))
    scores = [0.0] * len(units)
    for at, line in enumerate(words):
        shared = [word for word in asked if word in line]
        share = sum(weights[word] * asked[word] for word in shared) / total
        if at in named:
            scores[at] = 1.0 if len(named) == 1 else share * 1.25 + 0.1
        elif share >= 0.5 and (len(shared) > 1 or alone):
            scores[at] = min(share, 0.85)
    best = max(scores, default=0.0)
    if best < 0.3:
        return
    ranked = sorted(range(len(units)), key=lambda at: (-scores[at], at))
    yield from (units[at] for at in sorted(at for at in ranked[:2] if scores[at] >= 0.9 * best))


def units_of(text: str) -> list[str]:
    """The entries of a list of more than two lines, the sentences of any other text."""
    lines = [unmarked(line) for line in text.splitlines() if line.strip()]
    return lines if len(lines) > 2 else sentences_of(text)


def unmarked(line: str) -> str:
    """The line without the marks of lists, headings and bold type."""
    return re.sub(r"^\s*(?:[-*•>]+|#+|\d+[.)])\s+", "", line).replace("**", "").strip()


def _content(text: str) -> frozenset[str]:
    return frozenset(content_of(text)) - _NUMBERS


def _asked(question: str, known: Counter[str]) -> dict[str, float]:
    """The words that were asked for, as they are spelled in the lines, and how sure that is."""
    spelling = Spelling(known)
    asked: dict[str, float] = {}
    for word in dict.fromkeys(content_of(question[:_READ])):
        if word not in _NUMBERS:
            near, how = spelling.nearest(word)
            asked.setdefault(near or word, how or 1.0)
    return asked
