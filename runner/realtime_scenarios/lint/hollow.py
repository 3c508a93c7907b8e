"""Dialogues that show less than they seem to: they expect what holds or fails anyway, or are played twice alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import structs

from realtime_scenarios.core import Related, nearest
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.judge import Judge
from realtime_scenarios.expectations.matching import mismatch, shown
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import code_of
from realtime_scenarios.model.dialogue import Dialogue, Say
from realtime_scenarios.model.each import filled
from realtime_scenarios.model.matcher import Matcher, matcher_of
from realtime_scenarios.model.scenario import Scenario

_OWN_ERRORS = ("connection_lost", "guardrail_limit", "invalid_event", "supervisor_failed", "text_model_failed")
"""Codes of errors that we record; those of the service may be any."""

_ANY_ERROR = frozenset(["any", "true", "yes", "on", "some", "error", "errors"])
_NO_ERRORS = frozenset(("no", "nothing", "never", "nil", "null", "zero", "0", "false"))


@rule("SC540", "same-values-again", "warning")
def same_values_again(subject: Subject) -> Iterator[Finding]:
    """A dialogue is played twice for the same values.

    Problem: the second time shows nothing that the first has not shown; another value was probably meant.
    Instead: give other values, or take the item out.
    """
    for dialogue in _once_each(subject):
        seen: dict[str, Place] = {}
        items = dialogue.place / "each"
        for index, values in enumerate(items.value or ()):
            first = seen.setdefault(json.dumps(values, sort_keys=True), items / index)
            if first != items / index:
                related = Related("the first one is here", first.span)
                yield Finding("these values are there already", (items / index).span, "give others", (related,))


@rule("SC541", "opening-after-the-caller")
def opening_after_the_caller(subject: Subject) -> Iterator[Finding]:
    """A dialogue that the caller begins expects the agent to open it.

    Problem: `opens` is about what the agent says before the caller does anything, so the dialogue can only fail.
    Instead: begin with a turn that has no `user`: `- agent: [{say: ...}]`; or expect `said`.
    """
    for dialogue in _once_each(subject):
        begins = _where_the_caller_begins(dialogue)
        if begins is None:
            continue
        for place in _expected(dialogue, "opens"):
            related = Related("the caller begins here", begins.span)
            hint = "begin with a turn without `user`, or expect `said`"
            yield Finding("the agent does not open this dialogue", place.key_span, hint, (related,))


@rule("SC542", "unknown-error", "warning")
def unknown_error(subject: Subject) -> Iterator[Finding]:
    """A dialogue expects an error whose code is almost `none`, or almost one of ours, or is no word for one.

    Problem: any text is the code of an error, so that `errors: non` waits for an error "non".
    Instead: write `none` where there must be no error, or the code as it is.
    """
    for dialogue in _once_each(subject):
        for place in _expected(dialogue, "errors"):
            for code_place in (place, place / "code"):
                hint = _hint_for_error(code_place.value)
                if hint is not None:
                    message = f"'{code_place.value}' is the code of no error that is known"
                    yield Finding(message, code_place.span, hint)


@rule("SC543", "never-given", "warning")
def never_given(subject: Subject) -> Iterator[Finding]:
    """A person fills something in, and the dialogue expects a value to stand nowhere that nobody gives.

    Problem: it holds whatever happens: a value that is not there cannot leak.
    Instead: write the value as it is filled in, letter by letter.
    """
    scenario = subject.scenario
    if scenario.mcp or any(code_of(scenario, "python")) or any(tool.stub.waits for tool in scenario.tools.values()):
        return  # what comes from outside is not known
    own: set[str] | None = None  # what the scenario has itself is much to look through, and asked for by few dialogues
    for dialogue in subject.dialogues:
        script = filled(_without(dialogue.place.value, "each"), dialogue.values)
        given = [*_leaves(_without(script, "expect")), *_leaves(dict(dialogue.context))]
        filled_in = [text for texts in _below("approve", script) for text in _leaves(texts)]
        for place in _expected(dialogue, "nowhere") if filled_in else ():
            if own is None:
                own = {*_leaves(_without(scenario.place.value, "dialogues")), *_texts_of_files(scenario)}
            matcher = matcher_of(filled(place.value, dialogue.values), place)
            if _is_one_value(matcher) and not any(_is_in(matcher, leaf) for leaf in (*given, *own)):
                is_slip = nearest(matcher.contains[0], filled_in) is not None
                hint = (
                    "one that is filled in is almost this: write it alike"
                    if is_slip
                    else "write the value that is given"
                )
                yield Finding("nobody gives this value, so it stands nowhere anyway", place.span, hint)


@rule("SC546", "only-judged", "warning")
def only_judged(subject: Subject) -> Iterator[Finding]:
    """All that a dialogue expects is what a judge says.

    Problem: a judge can say no and never yes, so the dialogue never passes: where nobody says no, nothing was checked.
    A caller without a script whom any answer satisfies checks nothing either.
    Instead: expect something else as well - what is called, said or left behind - or write the agent's moves, or of a
    caller an `until`.
    """
    for dialogue in _once_each(subject):
        expected = dialogue.expectations
        caller = dialogue.caller
        is_held = (caller is not None and caller.wants_more_than_an_answer) or any(
            turn.moves is not None for turn in dialogue.turns
        )
        if expected and not is_held and all(isinstance(wanted, Judge) for wanted in expected):
            hint = "expect what is called, said or left behind as well"
            yield Finding("nothing but a judge looks at this dialogue", expected[0].place.key_span, hint)


@rule("SC547", "judgement-for-nobody", "warning")
def judgement_for_nobody(subject: Subject) -> Iterator[Finding]:
    """A move says what a judge makes of it, and neither its turn nor the dialogue asks one.

    Problem: `judged` is the answer to a `judge` that stands in `expect`; without one nobody reads it.
    Instead: add the `judge` with its rubric, or leave `judged` out.
    """
    for dialogue in _once_each(subject):
        asks = any(isinstance(wanted, Judge) for wanted in dialogue.expect)
        for turn in dialogue.turns if not asks else ():
            if any(isinstance(wanted, Judge) for wanted in turn.expect):
                continue
            for move in turn.moves or ():
                if isinstance(move, Say) and move.judged is not None:
                    hint = "add `judge: ...` to `expect`, or leave this out"
                    yield Finding("nobody asks a judge here", (move.place / "judged").key_span, hint)


@rule("SC545", "fact-never-asked", "warning")
def fact_never_asked(subject: Subject) -> Iterator[Finding]:
    """A caller without a script knows something that nothing in the scenario speaks of.

    Problem: they say it only when they are asked for it, and no instruction, parameter, variable or field is about it;
    the words that ask for it may be others than the agent's.
    Instead: write in `asked` what the agent asks with, such as the name of the parameter; or leave the fact out.
    """
    scenario = subject.scenario
    if scenario.mcp or any(code_of(scenario, "python")):
        return  # what comes from outside is not known
    spoken_of: str | None = None
    for dialogue in _once_each(subject):
        for fact in dialogue.caller.facts if dialogue.caller is not None else ():
            if spoken_of is None:
                own = [*_leaves(_without(scenario.place.value, "dialogues")), *_texts_of_files(scenario)]
                spoken_of = _as_spoken("\n".join(own))
            if not _is_in(structs.replace(fact.asked, excludes=()), spoken_of):
                place = fact.place / "asked"
                message = f"nothing in the scenario speaks of what asks for this: {shown(fact.asked.written)}"
                yield Finding(message, place.span, "use the words of an instruction, a parameter or a variable")


def _where_the_caller_begins(dialogue: Dialogue) -> Place | None:
    """Where it says that the caller has the first word; None: they have not."""
    if not dialogue.turns:
        caller = dialogue.caller
        return caller.wants[0].place if caller is not None and caller.begins else None
    first = dialogue.turns[0]
    return None if (first.user, first.image, first.silence) == (None, None, None) else first.place


def _as_spoken(names: str) -> str:
    """Names as words: `zip_code` and `zipCode` are a zip code."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", names.replace("_", " "))


def _once_each(subject: Subject) -> Iterator[Dialogue]:
    """Each script once, however many values it is played for."""
    yield from {dialogue.script: dialogue for dialogue in subject.dialogues}.values()


def _expected(dialogue: Dialogue, key: str) -> Iterator[Place]:
    """The places of the expectations of a kind."""
    return (expectation.place for expectation in dialogue.expectations if expectation.place.pointer[-1] == key)


def _hint_for_error(code: Any) -> str | None:
    if not isinstance(code, str) or code == "none" or code in _OWN_ERRORS:
        return None
    if code.casefold() not in _NO_ERRORS and (code.isdecimal() or code.casefold() in _ANY_ERROR):
        return "codes are words, such as text_model_failed"
    guess = "none" if code.casefold() in _NO_ERRORS else nearest(code, ("none", *_OWN_ERRORS))
    return None if guess is None else f"did you mean '{guess}'?"


def _is_one_value(matcher: Matcher) -> bool:
    """Whether a single word is looked for: what has blanks may be a phrase that only a model could come up with."""
    is_plain = len(matcher.contains) == 1 and not matcher.excludes and not matcher.any_of and matcher.pattern is None
    return is_plain and " " not in matcher.contains[0].strip()


def _is_in(matcher: Matcher, leaf: str) -> bool:
    return mismatch(matcher, leaf) is None


def _leaves(value: Any) -> Iterator[str]:
    """All keys, texts and numbers of a value, as texts."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(value)


def _without(value: Any, key: str) -> Any:
    """The value without what stands below a key, wherever it stands."""
    if isinstance(value, dict):
        return {name: _without(inner, key) for name, inner in value.items() if name != key}
    return [_without(inner, key) for inner in value] if isinstance(value, list) else value


def _below(key: str, value: Any) -> Iterator[Any]:
    """What stands below a key, wherever that stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (inner,) if name == key else _below(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _below(key, inner)


def _texts_of_files(scenario: Scenario) -> Iterator[str]:
    """What stands in files that the scenario names: prompts and answers."""
    for agent in scenario.agents.values():
        if agent.instructions is not None:
            yield agent.instructions.text
    for tool in scenario.tools.values():
        yield from (text for answer in tool.stub.answers for text in _leaves(answer.returns))
