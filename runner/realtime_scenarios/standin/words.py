"""Text as words to compare: folded, without filler, lightly stemmed, everyday synonyms made one word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from realtime_scenarios.core.kinds import name_words as name_words
from realtime_scenarios.standin.language import pattern, understood, word_set

STOP_WORDS = word_set("stop")
"""Words that say nothing about the matter, in English, French, Spanish, German and Russian."""
_READ = 4_000


def words_of(text: str) -> list[str]:
    """The words in order, case folded. A hyphen joins (`wi-fi` is `wifi`), and so do pairs such as `check in`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    whole = (word.removesuffix("'s").removesuffix("’s") for word in pattern("word").findall(folded))
    words = [re.sub(r"['’\-‑.]", "", word) for word in whole]
    joined: list[str] = []
    for word in words:
        if joined and f"{joined[-1]} {word}" in word_set("joined"):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def content_of(text: str) -> tuple[str, ...]:
    """What the text is about: its words without filler, stemmed, synonyms made one."""
    found: list[str] = []
    for word in words_of(text):
        if pattern("without_spaces").fullmatch(word):
            runs = pattern("no_hiragana").findall(word) or [word]
            pairs = [run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))]
            found += [pair for pair in pairs if pair not in STOP_WORDS]
        elif word not in STOP_WORDS:
            found.append(stem(word))
    return tuple(found)


def most_alike(text: str, others: Sequence[str]) -> list[int]:
    """The places of those that share most words with the text; empty where none shares any."""
    shared = [len({*content_of(text)}.intersection(content_of(other))) for other in others]
    return [at for at, count in enumerate(shared) if 0 < count == max(shared)]


def sentences_of(text: str) -> list[str]:
    """The lines and sentences of a text, without list marks and headings' marks."""
    return [piece for piece in map(unmarked, pattern("between_sentences").split(text)) if piece]


def unmarked(line: str) -> str:
    """The line without the marks of lists, headings and bold type."""
    return re.sub(r"^\s*(?:[-*•>]+|#+|\d+[.)])\s+", "", line).replace("**", "").strip()


def sentence_of(text: str) -> str:
    """The text with a capital and a full stop, but for addresses and codes."""
    text = unmarked(text)
    if not text:
        return ""
    as_it_is = text.startswith(("http", "www.")) or (text[:2].lower() == text[:2] and text[1:2].isdigit())
    first = text if as_it_is else text[0].upper() + text[1:]
    return first if first.endswith((".", "!", "?", ":", ")", '"', "”")) else f"{first}."


def unwrapped(text: str) -> str:
    """The text with each list entry and paragraph on one line."""
    return re.sub(r"(?<=\S)[ \t]*\n[ \t]*(?![-*•#\s]|\d+[.)]\s|$)", " ", text)


def asks(text: str) -> bool:
    """Whether the text is a question, and no request or statement."""
    return "?" in text or bool(word_set("question").intersection(words_of(text)[:1]))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A rough stem, the same for `delay`, `delays` and `delayed`, and one for words that mean the same in practice."""
    root = _root(word)
    return _canonical().get(word) or _canonical().get(root, root)


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    canonical: dict[str, str] = {}
    for line in understood()["same"]:
        first, *others = line.split()
        head = canonical.get(first, _root(first))
        for word in (first, *others):
            canonical.setdefault(word, head)
            canonical.setdefault(_root(word), head)
    return canonical


def _root(word: str) -> str:
    if len(word) <= 3 or not word.isascii():
        return word
    for ending, _, instead in (entry.partition(" ") for entry in understood()["endings"]):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "es":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    return word[:-1] + "i" if word[-1] == "y" and len(word) > 3 else word


def language_of(text: str) -> str:
    """The code of the language that the text asks for, or whose commonest words it has most of; empty where it shows
    none, `other` for another script."""
    if told := pattern("told_language").search(text[:_READ]):
        return str(understood()["languages"][told["language"].lower()])
    words, letters = words_of(text[:_READ]), [sign for sign in text[:_READ] if sign.isalpha()]
    if sum(sign > "\u024f" for sign in letters) * 2 > len(letters):
        return "other"
    counts = {code: sum(word in common for word in words) for code, common in understood()["common"].items()}
    best = max(counts, key=lambda code: (counts[code], code == "en"))
    return best if counts[best] > 1 else ""
