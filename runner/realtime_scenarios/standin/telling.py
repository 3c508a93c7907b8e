"""A tool's output, or a prompt, as what a caller is told of it: whole and true, or what answers the question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from realtime_scenarios.core import listed
from realtime_scenarios.core.kinds import name_words
from realtime_scenarios.standin.conversation import parsed
from realtime_scenarios.standin.language import Texts, pattern, word_set
from realtime_scenarios.standin.matching import lines_about
from realtime_scenarios.standin.words import content_of, most_alike, sentence_of, sentences_of, unmarked, unwrapped

Manner = Literal["answer", "cancelled", "failed", "invalid", "refused", "slow"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an output means. `reason` is the part of a failure that a caller may hear; empty where there is none."""

    manner: Manner
    data: Any
    reason: str = ""


_SAYS_SO: tuple[Manner, ...] = ("invalid", "cancelled", "slow", "failed")
"""What an output says about its call in so many words, the weightier first."""
_SAYS_DONE: tuple[object, ...] = ({}, "", "ok", "OK", "true", "done", "success")
_CALLED_BY = ("id", "number", "code", "name", "title")
_LONGEST_NOTE = 400
"""What is longer is an answer, and no word about the call."""
_READ_WHOLE, _RECORDS = 600, 3
"""So many characters of prose are read out as they stand, and so many records."""


def reading_of(output: str) -> Reading:
    """What the output of a call means."""
    data, unfit = parsed(output), (pattern("technical"), pattern("directs"), pattern("cancelled"))
    if isinstance(data, dict) and (data.get("error") or False in (data.get("success"), data.get("ok"))):
        told = next((data[key] for key in ("error", "message", "reason") if isinstance(data.get(key), str)), "")
        manner = _manner_of(output if pattern("invalid").search(output) else told)
        return Reading("failed" if manner == "answer" else manner, data, _for_the_caller(told[:300], *unfit))
    manner = _manner_of(data) if isinstance(data, str) and len(data) < _LONGEST_NOTE else "answer"
    if manner != "refused":
        return Reading(manner, data, _for_the_caller(data[:300], *unfit) if manner == "cancelled" else "")
    told = _for_the_caller(data, pattern("directs"))
    return Reading("answer" if told else "refused", told or data)


def has_worked(output: str) -> bool:
    """Whether the output says that what it was called for was done."""
    data = parsed(output)
    says_no = isinstance(data, dict) and any(data.get(name) is False for name in ("success", "ok", "result", "found"))
    return reading_of(output).manner == "answer" and data is not False and not says_no


def spoken_answer(data: Any, question: str, texts: Texts, *, looked_up: bool = False) -> str:
    """The answer in plain words; empty where it says no more than that it was done.

    `looked_up`: only what answers the question, and that there is nothing where nothing does.
    """
    data = _unwrapped(data)
    only = next(iter(data)) if isinstance(data, Mapping) and len(data) == 1 else None
    if only is not None and isinstance(data[only], str) and str(only).lower() in word_set("text_fields"):
        data = data[only]
    if data is None or data is True or data in _SAYS_DONE:
        return ""
    if isinstance(data, str):
        return _spoken_text(data.strip(), question, texts, looked_up=looked_up)
    if isinstance(data, (int, float)):
        return texts.failed if data is False else f"{data}."
    return _spoken_data(data, question, texts)


def fact_about(question: str, instructions: str) -> str:
    """What of the prompt answers a caller's question: sentences that say how things are, and nothing about what the
    agent is to do; empty where none does."""
    lines = [line for line in unwrapped(instructions).splitlines() if not line.lstrip().startswith("#")]
    facts: list[str] = []
    for sentence in sentences_of("\n".join(lines)):
        label = pattern("labelled").match(sentence)
        says = label or (len(sentence.split()) > 3 and pattern("states_a_fact").search(sentence))
        if says and not pattern("for_the_agent").search(sentence, label.end() if label else 0):
            facts.append(sentence)
    return " ".join(map(sentence_of, lines_about(question, facts)))


def spoken_value(value: Any, texts: Texts) -> str:
    """A single value as it is said: `in_transit` is `in transit`, a moment is its day."""
    if isinstance(value, bool):
        return texts.yes if value else texts.no
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed([spoken_value(entry, texts) for entry in value])
    text = str(value).strip()
    if moment := re.fullmatch(r"(\d{4}-\d\d-\d\d)T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?", text):
        return moment[1]
    return " ".join(name_words(text)) if re.fullmatch(r"[a-z]+(?:_[a-z]+)+|[a-z]{2,}(?:[A-Z][a-z]+)+", text) else text


def _manner_of(text: str) -> Manner:
    """What a short text says about a call; `refused`: it holds words for the agent."""
    directs = any(map(pattern("directs").search, _clauses(text)))
    is_to_caller = pattern("speaks_to_the_caller").search(text)
    named = next((manner for manner in _SAYS_SO if pattern(manner).search(text)), None)
    if is_to_caller and not directs and named != "invalid":
        return "answer"
    return named or ("refused" if directs and not is_to_caller else "answer")


def _clauses(text: str) -> list[str]:
    return [clause for sentence in sentences_of(text) for clause in re.split(r"[;!:] |, (?=and |then )", sentence)]


def _for_the_caller(text: str, *unfit: re.Pattern[str]) -> str:
    """What of the text is for a person, in sentences: its clauses that none of the patterns fits."""
    told = [clause for clause in _clauses(text) if not any(words.search(clause) for words in unfit)]
    return " ".join(map(sentence_of, told))


def _unwrapped(data: Any, depth: int = 4) -> Any:
    """The data without the wrappers that say nothing: `success`, `ok`, and a single key that holds a list or object."""
    if not isinstance(data, Mapping) or not depth:
        return data
    wraps = {name for name, it in data.items() if it is None or (it is True and name in word_set("wrappers"))}
    told = {name: it for name, it in data.items() if name not in wraps | {"status_code"}}
    only = next(iter(told.values())) if len(told) == 1 else None
    return _unwrapped(only, depth - 1) if isinstance(only, (Mapping, list)) else told


def _spoken_text(text: str, question: str, texts: Texts, *, looked_up: bool) -> str:
    lines = [unmarked(line) for line in text.splitlines() if line.strip()]
    units = lines if len(lines) > 2 else sentences_of(text)
    if (len(lines) <= 2 and len(text) <= _READ_WHOLE) or not units:
        return " ".join(map(sentence_of, units)) or sentence_of(text)
    others = [found["rest"] for unit in units if (found := pattern("anything_else").match(unit))]
    told = lines_about(question, [unit for unit in units if not pattern("anything_else").match(unit)])
    return " ".join(map(sentence_of, told or ([texts.not_there, *others[:1]] if looked_up else units[:2])))


def _spoken_data(data: Any, question: str, texts: Texts) -> str:
    asked = frozenset(content_of(question))
    if isinstance(data, Mapping):
        lists = [value for value in data.values() if isinstance(value, list) and value]
        about = _spoken_record(data, asked, texts)
        return " ".join(filter(None, [about, *(_spoken_data(value, question, texts) for value in lists[:1])]))
    records = [entry for entry in data if isinstance(entry, Mapping)]
    if not records:
        return sentence_of(listed([spoken_value(entry, texts) for entry in data[:8]])) or texts.nothing_found
    named = most_alike(question, [" ".join(map(str, record.values())) for record in records])
    meant = [records[at] for at in named] or records
    told = [_spoken_record(record, asked, texts) for record in meant[:_RECORDS]]
    more = [texts.and_more.format(count=len(meant) - _RECORDS)] if len(meant) > _RECORDS else []
    return " ".join(filter(None, [*told, *more]))


def _spoken_record(record: Mapping[str, Any], asked: frozenset[str], texts: Texts) -> str:
    """`Order SNP-1: delivered, total 471.48.`: what it is called first, then what is for people, or was asked for; that
    of the records inside it before its own."""
    inner = [(name, value) for name, value in record.items() if isinstance(value, Mapping)]
    whole = {**{f"{name}.{key}": part for name, value in inner for key, part in value.items()}, **record}
    plain = {
        str(it): whole[it] for it in whole if whole[it] not in (None, "") and not isinstance(whole[it], (dict, list))
    }
    named = [name for name in plain if name.lower() in ("name", "title")]
    named += [name for end in _CALLED_BY for name in plain if name_words(name)[-1:] == [end]]
    # a bare `id` is no name where there is anything else
    head = None if not named or (len(plain) > 1 and name_words(named[0]) == ["id"]) else named[0]

    def is_told(name: str) -> bool:
        is_for_people = word_set("fields_for_machines").isdisjoint(name_words(name)[-1:])
        return is_for_people or not asked.isdisjoint(content_of(" ".join(name_words(name))))

    others = [name for name in plain if name != head]
    fields = ", ".join(_spoken_field(name, plain[name], texts) for name in [*filter(is_told, others)] or others)
    if head is None:
        return sentence_of(fields)
    kind = " ".join(word for word in name_words(head) if word not in (*_CALLED_BY, "no"))
    title = f"{kind} {spoken_value(plain[head], texts)}".strip()
    return sentence_of(f"{title}: {fields}" if fields else title)


def _spoken_field(name: str, value: Any, texts: Texts) -> str:
    words = [word for word in name_words(name.rpartition(".")[2]) if word not in word_set("units")]
    if isinstance(value, str) and not word_set("plain_fields").isdisjoint(words[-1:]):
        return spoken_value(value, texts).rstrip(".")
    return f"{' '.join(words) or name} {spoken_value(value, texts)}{' percent' if name.endswith('pct') else ''}"
