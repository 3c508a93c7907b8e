"""A tool's output as what is said to the caller about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from realtime_scenarios.core import listed
from realtime_scenarios.standin.conversation import parsed
from realtime_scenarios.standin.offers import unwrapped
from realtime_scenarios.standin.reference import relevant, units_of, unmarked
from realtime_scenarios.standin.words import content_of, name_words, sentences_of, word_set, words_of

CANCELLED = "All right, I will not do that. Is there something else I can help you with?"
FAILED = "I am sorry, that did not work. Is there something else I can help you with?"
TOO_SLOW = "I am sorry, that took too long and I have no answer. Is there something else I can help you with?"
REFUSED = "I am sorry, I cannot do that right now. Is there something else I can help you with?"
NOT_THERE = "I am sorry, that is not in what I have here."
NOTHING_FOUND = "I found nothing for that."

Manner = Literal["answer", "cancelled", "failed", "invalid", "refused", "slow"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an output means. `reason` is the part of a failure that a caller may hear; empty where there is none."""

    manner: Manner
    data: Any
    reason: str = ""


_DIRECTIVE = re.compile(
    r"(?:^|[.;:!?,]\s+|\b(?:please|and|then)\s+)(?:do not|don['’]?t|never|offer (?:to|the|them|something|another)|"
    r"(?:ask|tell|inform|thank|apologi[sz]e to|verify|confirm with|authenticate|greet|identify) "
    r"(?:the |them|him|her)?(?:caller|customer|user|guest|patient)?\b.{0,60}?(?:first|before|again|for|that)|"
    r"(?:hand|transfer|connect|send|put) (?:the |this )?(?:caller|customer|user|guest|patient|call)\b|"
    r"(?:call|use) \w+_\w+|proceed\b)|"
    r"\b(?:not allowed (?:now|here|yet)|it requires \w+[._]|in plain words|(?:call|use) \w+_\w+)",
    re.I,
)
_TO_HAND_ON = re.compile(
    r"\b(?:hand|transfer|connect|send|put) (?:the |this )?(?:caller|customer|user|guest|patient|call)"
    r"(?: (?:back|over|on|through))* to (?:the |an? )?(?P<name>[\w ]{2,40})",
    re.I,
)
_REJECTED = re.compile(
    r"\b(?:not approved|not authori[sz]ed by|said no|(?:caller|user|customer|person|human|operator)[^.]{0,40} "
    r"(?:cancel\w*|reject\w*|declin\w*|den\w+|refus\w+|did not answer)|"
    r"(?:sign-?in|execution|approval|call|action|request|tool) "
    r"(?:was |has been )?(?:cancel\w*|reject\w*|declin\w*|denied))\b",
    re.I,
)
_TO_CALLER = re.compile(r"\b(?:[Yy]our?|I)\b")
_REJECTION_WORD = re.compile(r"\b(?:reject\w*|cancel\w*|declined?|denied|not approved)\b", re.I)
_INVALID = re.compile(
    r"\b(?:argument|parameter|propert(?:y|ies)|field|input|schema)s?\b.{0,200}"
    r"\b(?:invalid|missing|required|not fit|unexpected|wrong|must)\b|"
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
    r"^(?:(?:for )?(?:anything|everything|all|any other|other|something) ?"
    r"(?:else|other|questions?|topics?|matters?)?|otherwise|other)\b"
    r"\s*(?:questions?|topics?|matters?)?\s*[:,–-]\s*(?P<rest>.+)",
    re.I,
)
_WORD_FOR_WORD = re.compile(r"\b(?:word for word|verbatim|exactly as (?:it|they|returned|given))\b", re.I)
_SAY = re.compile(r"\b(?:say|speak|read)\b", re.I)
_ANSWER = re.compile(r"\b(?:answers?|results?|responses?|returns?|says)\b", re.I)
_VERBATIM = word_set("""
    nextresponse next_response response say message answer reply
    """)
_TEXTS = word_set("""
    policy text content document result output summary description note info
    """)
_READ_WHOLE = 600
"""So many characters of prose are read out as they stand."""
_FIELDS_ALONE, _FIELDS_IN_A_LIST, _RECORDS = 5, 3, 3


def reading_of(output: str) -> Reading:
    """What the output of a call means."""
    data = parsed(output)
    text = data if isinstance(data, str) else ""
    if isinstance(data, dict):
        wrong = data.get("error")
        failed = wrong or data.get("success") is False or data.get("ok") is False
        if failed:
            told = (
                wrong
                if isinstance(wrong, str)
                else next((data[k] for k in ("message", "reason") if isinstance(data.get(k), str)), "")
            )
            text = told or output if wrong is True or not told else told
            manner: Manner = "invalid" if _INVALID.search(output) else "slow" if _SLOW.search(text) else "failed"
            if manner == "failed" and _is_rejection(text):
                manner = "cancelled"
            elif manner == "failed" and _DIRECTIVE.search(text):
                manner = "refused"
            return Reading(manner, data, _for_the_caller(told))
    if text and len(text) < 2_000:
        if _INVALID.search(text) and len(text.split()) > 2 and not text.lstrip().startswith("-"):
            return Reading("invalid", text)
        if _is_rejection(text):
            return Reading("cancelled", text)
        if _SLOW.search(text) and len(text) < 200:
            return Reading("slow", text)
        if _FAILURE.search(text):
            return Reading("failed", text)
        if len(text) < 400 and _DIRECTIVE.search(text) and not _TO_CALLER.search(text):
            told = [sentence for sentence in sentences_of(text) if not _DIRECTIVE.search(sentence)]
            return Reading("answer", " ".join(told)) if told else Reading("refused", text)
    return Reading("answer", data)


def handed_on_to(output: str) -> frozenset[str]:
    """The words of the agent that the output wants the caller handed to; empty where it wants nothing of the kind."""
    found = _TO_HAND_ON.search(output) if len(output) < 400 else None
    return frozenset(words_of(found["name"])) - {"the", "a", "agent", "desk"} if found else frozenset()


def is_read_out(instructions: str) -> bool:
    """Whether the instructions want a tool's answer said word for word."""
    return any(
        _WORD_FOR_WORD.search(sentence) and _SAY.search(sentence) and _ANSWER.search(sentence)
        for sentence in sentences_of(unwrapped(instructions))
    )


def spoken_answer(data: Any, question: str, *, looked_up: bool, done: str) -> str:
    """The answer in plain words. `looked_up`: only what answers the question. `done`: what confirms an empty answer."""
    data = _unwrapped(data)
    if data is None or data is True or data in ("", "ok", "OK", "true", "done", "success", {}):
        return done
    if data is False:
        return FAILED
    if isinstance(data, Mapping) and len(data) == 1:
        name, value = next(iter(data.items()))
        if isinstance(value, str) and str(name).lower() in _VERBATIM:
            return value.strip() or done
        if isinstance(value, str) and str(name).lower() in _TEXTS:
            data = value
    if isinstance(data, str):
        return _spoken_text(data, question, looked_up=looked_up)
    if isinstance(data, (int, float)):
        return f"{data}."
    return _spoken_data(data, question) or done


def _unwrapped(data: Any) -> Any:
    """The data without the wrappers that say nothing: `success`, `ok`, and a single key that holds a list or object."""
    for _ in range(4):
        if not isinstance(data, Mapping):
            break
        kept = {
            name: value
            for name, value in data.items()
            if not (name in ("success", "ok", "status_code") or value is None)
        }
        if len(kept) == 1 and isinstance(only := next(iter(kept.values())), (Mapping, list)):
            data = only
        elif len(kept) == 1 and "result" in kept and not isinstance(kept["result"], str):
            data = kept["result"]
        else:
            return kept
    return data


def _spoken_text(text: str, question: str, *, looked_up: bool) -> str:
    text = text.strip()
    units = units_of(text)
    is_list = sum(bool(line.strip()) for line in text.splitlines()) > 2
    if (not is_list and len(text) <= _READ_WHOLE) or not units:
        return " ".join(_sentence(unit) for unit in units) or _sentence(text)
    if not content_of(question):
        return " ".join(_sentence(unit) for unit in units[:2])
    catch_all = next((found["rest"] for unit in units if (found := _ANYTHING_ELSE.match(unit))), "")
    told = list(relevant([unit for unit in units if not _ANYTHING_ELSE.match(unit)], question))
    if told:
        return " ".join(_sentence(unit) for unit in told)
    if not looked_up:
        return " ".join(_sentence(unit) for unit in units[:2])
    return f"{NOT_THERE} {_sentence(catch_all)}".strip()


def _spoken_data(data: Any, question: str) -> str:
    asked = frozenset(content_of(question))
    if isinstance(data, Mapping):
        lists = [value for value in data.values() if isinstance(value, list) and value]
        about = _record(data, asked, _FIELDS_ALONE)
        return " ".join(filter(None, [about, *(_spoken_data(value, question) for value in lists[:1])]))
    if not isinstance(data, list) or not data:
        return NOTHING_FOUND
    if any(isinstance(entry, (Mapping, list)) for entry in data):
        records = [entry for entry in data if isinstance(entry, Mapping)]
        asked_for = _asked_for(records, asked)
        told = [said for record in asked_for[:_RECORDS] if (said := _record(record, asked, _FIELDS_IN_A_LIST))]
        more = len(asked_for) - len(told)
        return " ".join([*told, *([f"And {more} more."] if more and told else [])])
    shown = [_value(entry) for entry in data[:8]]
    return _sentence(listed(shown))


def _asked_for(records: Sequence[Mapping[str, Any]], asked: frozenset[str]) -> list[Mapping[str, Any]]:
    """The records that hold most of the asked words; all of them where none holds any."""
    if not records:
        return []
    shared = [len(asked.intersection(content_of(" ".join(map(str, record.values()))))) for record in records]
    return [record for record, count in zip(records, shared, strict=True) if count == max(shared)]


def _record(record: Mapping[str, Any], asked: frozenset[str], limit: int) -> str:
    """`Order SNP-1: delivered, total 471.48.`: what it is called first, then what was asked for or matters most."""
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
    if not plain:
        return ""
    head = next((name for name in plain if name.lower() in ("name", "title")), None)
    head = head or next((name for end in _HEADS for name in plain if name_words(name)[-1:] == [end]), None)
    if head is not None and len(plain) > 1 and name_words(head) == ["id"]:
        head = None
    asked = asked - frozenset(content_of(" ".join(name_words(head or ""))))
    fields = [name for name in plain if name != head and (not _is_technical(name, plain[name]) or _asks(asked, name))]
    fields = fields or [name for name in plain if name != head and (head is None or isinstance(plain[name], bool))]
    wanted = [name for name in fields if _asks(asked, name)]
    if not wanted:
        wanted = sorted(fields, key=_importance)[:limit]
    told = [_field(name, plain[name]) for name in wanted[:limit]]
    if head is None:
        return _sentence(", ".join(told))
    kind = " ".join(word for word in name_words(head) if word not in ("id", "number", "code", "no", "name", "title"))
    title = f"{kind} {_value(plain[head])}".strip()
    return _sentence(f"{title}: {', '.join(told)}" if told else title)


def _asks(asked: frozenset[str], name: str) -> bool:
    return bool(asked.intersection(content_of(" ".join(name_words(name)))))


def _is_technical(name: str, value: Any) -> bool:
    """Whether nobody says it unless asked: an identifier, a yes or no."""
    return isinstance(value, bool) or name_words(name)[-1:] in (["id"], ["ids"], ["num"], ["nums"], ["uuid"], ["key"])


def _field(name: str, value: Any) -> str:
    words = [word for word in name_words(name.rpartition(".")[2]) if word not in ("usd", "eur", "gbp", "pct", "the")]
    if isinstance(value, str) and words[-1:] and words[-1] in _SPEAKS_FOR_ITSELF:
        return _value(value).rstrip(".")
    return f"{' '.join(words) or name} {_value(value)}{' percent' if name.endswith('pct') else ''}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value).strip()
    moment = re.fullmatch(r"(\d{4}-\d\d-\d\d)T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?", text)
    if moment:
        return moment[1]
    if re.fullmatch(r"[a-z]+(?:_[a-z]+)+|[a-z]{2,}(?:[A-Z][a-z]+)+", text):
        return " ".join(name_words(text))
    return text


def _importance(name: str) -> int:
    words = name_words(name)
    return next((at for at, word in enumerate(_IMPORTANT) if word in words), len(_IMPORTANT))


def _is_rejection(text: str) -> bool:
    if _TO_CALLER.search(text) and not _DIRECTIVE.search(text):
        return False
    return bool(
        _REJECTED.search(text) or (_REJECTION_WORD.search(text) and _DIRECTIVE.search(text) and len(text) < 400)
    )


def _for_the_caller(reason: str) -> str:
    """The reason where it reads like a sentence for a person; empty where it is meant for the model or a developer."""
    if not reason or len(reason) > 160 or _TECHNICAL.search(reason) or _DIRECTIVE.search(reason):
        return ""
    return _sentence(reason)


def _sentence(text: str) -> str:
    text = unmarked(text)
    if not text:
        return ""
    first = (
        text
        if text.startswith(("http", "www.")) or (text[:2].lower() == text[:2] and text[1:2].isdigit())
        else text[0].upper() + text[1:]
    )
    return first if first.endswith((".", "!", "?", ":", ")", '"', "”")) else f"{first}."


_SPEAKS_FOR_ITSELF = word_set("""
    status state name title type category content note notes reason message text description summary answer policy
    details info response result
    """)
_HEADS = ("id", "number", "code", "name", "title")
_IMPORTANT = ("status", "name", "total", "balance", "amount", "sale", "price", "date", "time", "phone", "address")
