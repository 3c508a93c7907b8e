"""A tool's output as what a caller is told about it: whole and true, or what answers the question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from realtime_scenarios.core import listed
from realtime_scenarios.core.kinds import name_words
from realtime_scenarios.standin.conversation import parsed
from realtime_scenarios.standin.language import Texts, word_set
from realtime_scenarios.standin.matching import Spelling
from realtime_scenarios.standin.words import content_of, sentence_of, sentences_of, unmarked, words_of

Manner = Literal["answer", "cancelled", "failed", "invalid", "refused", "slow"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an output means. `reason` is the part of a failure that a caller may hear; empty where there is none."""

    manner: Manner
    data: Any
    reason: str = ""


_WHO = r"(?:caller|customer|user|guest|patient|call)"
_DIRECTIVE = re.compile(
    r"(?:^|[.;:!?,]\s+|\b(?:please|and|then)\s+)(?:do not|don['’]?t|never|offer (?:to|the|them|something|another)|"
    rf"(?:ask|tell|inform|thank|verify|confirm with|identify) (?:the |them|him|"
    rf"her)?{_WHO}?\b.{{0,60}}?(?:first|before|again|for|that|so)\b|"
    rf"(?:hand|transfer|connect|send|put) (?:the |this )?{_WHO}\b|(?:call|use) \w+_\w+|proceed\b|dites-le)|"
    r"\b(?:not allowed (?:now|here|yet)|it requires \w+[._]|in plain words|(?:call|use) \w+_\w+)",
    re.I,
)
_TO_HAND_ON = re.compile(
    rf"\b(?:hand|transfer|connect|send|put) (?:the |this )?{_WHO}(?: (?:back|over|on|"
    rf"through))*(?: to (?:the |an? )?(?P<name>[\w ]{{2,40}}))?",
    re.I,
)
_REJECTED = re.compile(
    r"\b(?:not approved|not authori[sz]ed by|said no|(?:caller|user|customer|person|human|operator)[^.]{0,40} "
    r"(?:cancel\w*|reject\w*|declin\w*|den\w+|refus\w+|did not (?:answer|confirm))|"
    r"(?:sign-?in|execution|approval|call|action|request|tool) (?:was |has been )?(?:cancel\w*|reject\w*|"
    r"declin\w*|denied)|"
    r"pas donné son accord)\b",
    re.I,
)
_TO_CALLER = re.compile(r"\b(?:[Yy]our?|I)\b")
_REJECTION_WORD = re.compile(r"\b(?:reject\w*|cancel\w*|declined?|denied|not approved)\b", re.I)
_INVALID = re.compile(
    r"\b(?:argument|parameter|propert(?:y|ies)|field|input|schema)s?\b.{0,200}\b(?:invalid|missing|"
    r"required|not fit|unexpected|wrong|must)\b|"
    r"\b(?:invalid|missing|required|wrong)\b.{0,60}\b(?:argument|parameter|propert(?:y|ies)|field|input)s?\b|MUST_ASK_USER",
    re.I | re.S,
)
_SLOW = re.compile(r"\btimed out\b|\btime-?out\b|did not answer in time", re.I)
_FAILURE = re.compile(
    r"^\s*(?:an? )?(?:internal |unexpected |tool |server )?(?:error|exception|traceback)\b|\berror occurred\b|"
    r"^tool ['\"]?[\w -]+['\"]? (?:not found|failed)|something went wrong|authentication missing",
    re.I,
)
_TECHNICAL = re.compile(
    r"\w+_\w+|[{}<>\[\]]|traceback|exception|schema|\bjson\b|error occurred|went wrong|\btool\b", re.I
)
_ANYTHING_ELSE = re.compile(
    r"^(?:(?:for )?(?:anything|everything|all|any other|other|something) ?(?:else|other|questions?|topics?|"
    r"matters?)?|otherwise|other)\b"
    r"\s*(?:questions?|topics?|matters?)?\s*[:,–-]\s*(?P<rest>.+)",
    re.I,
)
_VERBATIM = word_set("answer_fields")
_TEXTS = word_set("text_fields")
_READ_WHOLE = 600
"""So many characters of prose are read out as they stand."""
_RECORDS = 3
_NUMBERS = word_set("number_words")
_UNKNOWN_WORD = 0.2
"""What a word of a question weighs that no line has: politeness and detail must not hide the word that matters."""


def reading_of(output: str) -> Reading:
    """What the output of a call means."""
    data = parsed(output)
    if isinstance(data, dict):
        wrong = data.get("error")
        if wrong or data.get("success") is False or data.get("ok") is False:
            reasons = [wrong, *(data.get(key) for key in ("message", "reason"))]
            told = next((reason for reason in reasons if isinstance(reason, str)), "")
            return Reading(_manner_of_failure(told or output, output), data, _for_the_caller(told))
    text = data if isinstance(data, str) and len(data) < 2_000 else ""
    if _INVALID.search(text) and len(text.split()) > 2 and not text.lstrip().startswith("-"):
        return Reading("invalid", text)
    if _is_rejection(text):
        return Reading("cancelled", text, _for_the_caller(text))
    if _SLOW.search(text) and len(text) < 200:
        return Reading("slow", text)
    if _FAILURE.search(text):
        return Reading("failed", text)
    if len(text) < 400 and _DIRECTIVE.search(text) and not _TO_CALLER.search(text):
        told = " ".join(sentence for sentence in sentences_of(text) if not _DIRECTIVE.search(sentence))
        return Reading("answer", told) if told else Reading("refused", text)
    return Reading("answer", data)


def handed_on_to(output: str) -> frozenset[str] | None:
    """The words of the agent that the output wants the caller handed to; None where it wants nothing of the kind."""
    found = _TO_HAND_ON.search(output) if len(output) < 400 else None
    return frozenset(words_of(found["name"] or "")) - {"the", "a", "agent", "desk"} if found else None


def spoken_answer(data: Any, question: str, texts: Texts, *, looked_up: bool = False) -> str:
    """The answer in plain words; empty where it says no more than that it was done.

    `looked_up`: only what answers the question, and that there is nothing where nothing does.
    """
    data = _unwrapped(data)
    if (
        isinstance(data, Mapping)
        and set(data) <= {"success", "ok", "result", "done"}
        and all(value is True for value in data.values())
    ):
        return ""
    if data is None or data is True or data in ("", "ok", "OK", "true", "done", "success", {}):
        return ""
    if data is False:
        return texts.failed
    if isinstance(data, Mapping) and len(data) == 1:
        name, value = next(iter(data.items()))
        if isinstance(value, str) and str(name).lower() in _VERBATIM:
            return value.strip()
        if isinstance(value, str) and str(name).lower() in _TEXTS:
            data = value
    if isinstance(data, str):
        return _spoken_text(data, question, texts, looked_up=looked_up)
    if isinstance(data, (int, float)):
        return f"{data}."
    return _spoken_data(data, question, texts)


def relevant(units: Sequence[str], question: str) -> Iterator[str]:
    """The lines that answer: the best, and a second that is nearly as good; none where none does.

    A line is known by its label (`Pets: ...`). By other words it is known only where two of them are asked for, or
    where the one word is all that was asked.
    """
    words = [frozenset(content_of(unit)) - _NUMBERS for unit in units]
    labels = [frozenset(content_of(unit.partition(":")[0])) if ":" in unit[:40] else frozenset[str]() for unit in units]
    used_by = Counter(word for line in words for word in line)
    asked = _asked_words(question, used_by)
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
    ranked = sorted(range(len(units)), key=lambda at: (-scores[at], at))
    yield from (units[at] for at in sorted(at for at in ranked[:2] if best >= 0.3 and scores[at] >= 0.9 * best))


def spoken_value(value: Any, texts: Texts) -> str:
    """A single value as it is said: `in_transit` is `in transit`, a moment is its day."""
    if isinstance(value, bool):
        return texts.yes if value else texts.no
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed([spoken_value(entry, texts) for entry in value])
    text = str(value).strip()
    if moment := re.fullmatch(r"(\d{4}-\d\d-\d\d)T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?", text):
        return moment[1]
    if re.fullmatch(r"[a-z]+(?:_[a-z]+)+|[a-z]{2,}(?:[A-Z][a-z]+)+", text):
        return " ".join(name_words(text))
    return text


def _manner_of_failure(text: str, output: str) -> Manner:
    if _INVALID.search(output):
        return "invalid"
    if _SLOW.search(text):
        return "slow"
    return "cancelled" if _is_rejection(text) else "refused" if _DIRECTIVE.search(text) else "failed"


def _is_rejection(text: str) -> bool:
    if _TO_CALLER.search(text) and not _DIRECTIVE.search(text):
        return False
    return bool(
        _REJECTED.search(text) or (_REJECTION_WORD.search(text) and _DIRECTIVE.search(text) and len(text) < 400)
    )


def _for_the_caller(reason: str) -> str:
    """What of the reason reads like a sentence for a person; empty where all is for the model or a developer."""
    parts = [part for piece in sentences_of(reason[:400]) for part in piece.split("; ")]
    told = [
        part
        for part in parts
        if not (
            _TECHNICAL.search(part)
            or _DIRECTIVE.search(part)
            or _REJECTED.search(part)
            or re.match(r"(?:tell|ask|dites)\b", part, re.I)
        )
    ]
    return " ".join(map(sentence_of, told)) if len(reason) < 300 else ""


def _unwrapped(data: Any) -> Any:
    """The data without the wrappers that say nothing: `success`, `ok`, and a single key that holds a list or object."""
    for _ in range(4):
        if not isinstance(data, Mapping):
            break
        kept = {
            name: value
            for name, value in data.items()
            if name not in ("success", "ok", "status_code") and value is not None
        }
        if len(kept) == 1 and isinstance(only := next(iter(kept.values())), (Mapping, list)):
            data = only
        else:
            return kept
    return data


def _spoken_text(text: str, question: str, texts: Texts, *, looked_up: bool) -> str:
    text = text.strip()
    lines = [unmarked(line) for line in text.splitlines() if line.strip()]
    units = lines if len(lines) > 2 else sentences_of(text)
    if (len(lines) <= 2 and len(text) <= _READ_WHOLE) or not units:
        return " ".join(map(sentence_of, units)) or sentence_of(text)
    catch_all = next((found["rest"] for unit in units if (found := _ANYTHING_ELSE.match(unit))), "")
    told = (
        list(relevant([unit for unit in units if not _ANYTHING_ELSE.match(unit)], question))
        if content_of(question)
        else []
    )
    if told or not looked_up:
        return " ".join(map(sentence_of, told or units[:2]))
    return f"{texts.not_there} {sentence_of(catch_all)}".strip()


def _asked_words(question: str, known: Counter[str]) -> dict[str, float]:
    """The words that were asked for, as they are spelled in the lines, and how sure that is."""
    spelling = Spelling(known)
    asked: dict[str, float] = {}
    for word in dict.fromkeys(content_of(question[:600])):
        if word not in _NUMBERS:
            near, how = spelling.nearest(word)
            asked.setdefault(near or word, how or 1.0)
    return asked


def _spoken_data(data: Any, question: str, texts: Texts) -> str:
    asked = frozenset(content_of(question))
    if isinstance(data, Mapping):
        lists = [value for value in data.values() if isinstance(value, list) and value]
        about = _spoken_record(data, asked, texts, whole=True)
        return " ".join(filter(None, [about, *(_spoken_data(value, question, texts) for value in lists[:1])]))
    if not isinstance(data, list) or not data:
        return texts.nothing_found
    records = [entry for entry in data if isinstance(entry, Mapping)]
    if not records:
        return sentence_of(listed([spoken_value(entry, texts) for entry in data[:8]]))
    shared = [len(asked.intersection(content_of(" ".join(map(str, record.values()))))) for record in records]
    meant = [record for record, count in zip(records, shared, strict=True) if count == max(shared)]
    told = [said for record in meant[:_RECORDS] if (said := _spoken_record(record, asked, texts, whole=False))]
    more = len(meant) - len(told)
    return " ".join([*told, *([texts.and_more.format(count=more)] if more > 0 and told else [])])


def _spoken_record(record: Mapping[str, Any], asked: frozenset[str], texts: Texts, *, whole: bool) -> str:
    """`Order SNP-1: delivered, total 471.48.`: what it is called first, then what was asked for, or everything."""
    inner = {
        f"{name}.{key}": value
        for name, part in record.items()
        if isinstance(part, Mapping)
        for key, value in part.items()
    }
    plain = {
        str(name): value
        for name, value in {**inner, **record}.items()
        if value not in (None, "") and not isinstance(value, (Mapping, list))
    }
    head = next((name for name in plain if name.lower() in ("name", "title")), None)
    head = head or next(
        (name for end in ("id", "number", "code", "name", "title") for name in plain if name_words(name)[-1:] == [end]),
        None,
    )
    head = None if head is not None and len(plain) > 1 and name_words(head) == ["id"] else head
    wanted_words = asked - frozenset(content_of(" ".join(name_words(head or ""))))
    wanted = [
        name for name in plain if name != head and wanted_words.intersection(content_of(" ".join(name_words(name))))
    ]
    fields = [name for name in plain if name != head and (name in wanted or not _is_for_machines(name))] or [
        name for name in plain if name != head
    ]
    shown = fields if whole or not wanted else wanted
    told = [_spoken_field(name, plain[name], texts) for name in shown]
    if head is None:
        return sentence_of(", ".join(told))
    kind = " ".join(word for word in name_words(head) if word not in ("id", "number", "code", "no", "name", "title"))
    title = f"{kind} {spoken_value(plain[head], texts)}".strip()
    return sentence_of(f"{title}: {', '.join(told)}" if told else title)


def _is_for_machines(name: str) -> bool:
    """Whether nobody says it unless asked: an identifier."""
    return name_words(name)[-1:] in (["id"], ["ids"], ["num"], ["nums"], ["uuid"], ["key"])


def _spoken_field(name: str, value: Any, texts: Texts) -> str:
    words = [word for word in name_words(name.rpartition(".")[2]) if word not in ("usd", "eur", "gbp", "pct", "the")]
    if isinstance(value, str) and words[-1:] and words[-1] in _SPEAKS_FOR_ITSELF:
        return spoken_value(value, texts).rstrip(".")
    return f"{' '.join(words) or name} {spoken_value(value, texts)}{' percent' if name.endswith('pct') else ''}"


_SPEAKS_FOR_ITSELF = word_set("plain_fields")
