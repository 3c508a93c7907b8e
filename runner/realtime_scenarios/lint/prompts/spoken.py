"""Rules about what is heard: voices, forms that nobody speaks in, silence, and words that are read out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realtime_scenarios.core.words import caseless
from realtime_scenarios.lint.prompts.arguments import arguments_of, is_unspeakable, place_of_argument, words_of
from realtime_scenarios.lint.prompts.passages import (
    Passage,
    any_case,
    blanked,
    instructing_passages,
    passages_of,
    prompt_read_by,
    prose,
)
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model.tool import ToolSpec
from realtime_scenarios.project.models import resolved_model

_SPOKEN_FORMS = {"phone", "telephone", "mobile", "date", "day", "birth", "birthday", "dob", "time", "amount", "price"}
_SAYS_FORM = any_case(
    r"\d|[\"“`]|\b(?:format|digits?|without|as in|such as|example|e\.g|written|only|dashes|spaces|plus|iso|code)\b"
)
_SLOW = 3.0
"""Seconds of silence after which callers ask whether anybody is there."""
_SAID_BEFORE_A_CALL = any_case(
    r"\b(?:filler|preamble|one moment|hold on|just a (?:moment|second)|let me (?:check|look|see))\b"
    r"|\b(?:say|tell|announce)\b[^.\n]{0,80}\bbefore\b|\bbefore\b[^.\n]{0,60}\b(?:call|us|look)ing\b[^.\n]{0,40}\bsay\b"
)
_OUTCOME = any_case(
    r"\b(?:i(?:'ve| have)? found|great news|good news|confirmed|approved|done|yes|sorry|unfortunately|"
    r"congratulations)\b"
)
_OPEN_OUTCOME = any_case(r"\b(?:if|whether|until|to be|get (?:it|that|this) done)\b")
_COMPARISON = re.compile(
    r"(?<![\w<>=-])[\w.%$'\])]+[ \t]*(?:>=|<=|!=|==|≥|≤|≠)[ \t]*[\w$'\"]+"
    r"|(?<![\w<>=-])[A-Za-z_][\w.]*[ \t]*[<>][ \t]*\$?\d[\d.,]*"
)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_CODE = re.compile(r"`[^`\n]*`")
_FIRST_WORDS = any_case(
    r"\b(?:first message|(?:begin|start|open) (?:the|every|each) (?:call|conversation)|greet (?:the |every )?"
    r"(?:caller|user|customer)s?) (?:with|by saying|exactly|is)[^\"“\n]{0,30}[\"“][^\"”\n]+[\"”]"
)
_PLACEHOLDER = re.compile(
    r"\[[A-Z][A-Z _-]{2,30}\]|<(?:[A-Z][A-Z _-]{2,30}|(?:insert|your|name of|company|add)\b[^<>\n]{0,30})>"
    r"|(?<![{\w$])\{[a-z][a-z_]{1,30}\}(?!\})|\b[xX]{3}[-. ][xX]{3}(?:[-. ][xX]{4})?\b"
)
_SHOWS_A_FORM = any_case(
    r"[\"'“”‘’`]|\b(?:example|e\.g|format|form|template|placeholders?|replace|such as|like|say|as in)\b"
)


@rule("SC601", "voice-or-model-differs", "warning")
def voice_or_model_differs(subject: Subject) -> Iterator[Finding]:
    """An agent wishes for another voice or model than the session has.

    Problem: a session has one voice and one model; after a handoff the caller hears the voice of before.
    Instead: write both once, below `session`.
    """
    scenario = subject.scenario
    for key in ("voice", "model"):
        wanted = getattr(scenario.session, key)
        for agent in scenario.agents.values():
            own = getattr(agent, key)
            wanted = wanted or own
            if own is not None and own != wanted and not (key == "model" and _is_one_model(own, wanted)):
                message = f"agent '{agent.id}' wishes for the {key} '{own}', but the session has '{wanted}'"
                yield Finding(message, (agent.place / key).span, f"write it once: session: {{{key}: {wanted}}}")


def _is_one_model(first: str, second: str) -> bool:
    """Whether two names mean the same model, one of them perhaps as its role."""
    return resolved_model(first, "realtime") == resolved_model(second, "realtime")


@rule("SC603", "spoken-format", "warning")
def spoken_format(subject: Subject) -> Iterator[Finding]:
    """An argument must have a form that nobody speaks in, and nothing tells the model that form.

    Problem: it hears "two oh six, triple five", passes that on, and the call is refused.
    Instead: say the form in the argument's description, with an example.
    """
    for tool in subject.scenario.tools.values():
        for path, schema in arguments_of(tool.parameters):
            if not _SPOKEN_FORMS & set(words_of(path[-1])) or not is_unspeakable(schema.get("pattern")):
                continue
            if "examples" not in schema and not _SAYS_FORM.search(str(schema.get("description", ""))):
                message = f"nothing says what '{'.'.join(path)}' must look like, and callers do not speak that way"
                hint = "describe the form: `description: ten digits without dashes, such as 2065550135`"
                yield Finding(message, place_of_argument(tool, path).span, hint)


@rule("SC604", "slow-tool-without-filler", "warning")
def slow_tool_without_filler(subject: Subject) -> Iterator[Finding]:
    """A tool that takes a while is called without a word.

    Problem: the line goes silent, and callers ask whether anybody is there.
    Instead: give the tool a `filler`, such as `filler: [One moment., Let me look into that.]`.
    """
    scenario = subject.scenario
    for tool in scenario.tools.values():
        owners = [agent for agent in scenario.agents.values() if tool.name in agent.tools]
        texts = [tool.description, *(prompt_read_by(agent, scenario) for agent in owners)]
        if owners and tool.filler is None and _is_slow(tool) and not any(map(_SAID_BEFORE_A_CALL.search, texts)):
            hint = "add a filler: filler: [One moment., Let me look into that.]"
            yield Finding(f"the line is silent while '{tool.name}' works", tool.place.key_span, hint)


@rule("SC605", "filler-implies-outcome", "warning")
def filler_implies_outcome(subject: Subject) -> Iterator[Finding]:
    """A filler says how the call turned out, before it is made.

    Problem: the caller is told of a success, or of a failure, that may not come.
    Instead: say only that you are looking: "One moment, let me check that."
    """
    for tool in subject.scenario.tools.values():
        for line in tool.filler.lines if tool.filler else ():
            found = _OUTCOME.search(line)
            if found and tool.filler and not _OPEN_OUTCOME.search(line):
                message = f"the filler of '{tool.name}' says '{found.group().lower()}' before there is an answer"
                yield Finding(message, Passage(line, tool.filler.place).span_of(line), "say only that you are looking")


@rule("SC606", "symbolic-comparison", "warning")
def symbolic_comparison(subject: Subject) -> Iterator[Finding]:
    """The instructions compare with symbols.

    Problem: voice models follow rules in words better, and may read the symbols out.
    Instead: write "more than three failed attempts", not "failures > 3".
    """
    for agent in subject.scenario.agents.values():
        for passage in instructing_passages(agent, subject.scenario):
            for found in _COMPARISON.finditer(blanked(prose(passage.text), _TAG, _CODE)):
                snippet = found.group().strip()
                yield Finding(f"'{snippet}' is a comparison in symbols", passage.span_of(snippet), "write it in words")


@rule("SC612", "opening-repeated", "warning")
def opening_repeated(subject: Subject) -> Iterator[Finding]:
    """The opening words stand in the instructions as well, or the instructions give other ones.

    Problem: they are said twice, or again by the agent that takes over.
    Instead: keep them in `opening.say` alone.
    """
    scenario = subject.scenario
    if scenario.opening is None or scenario.opening.say is None:
        return
    words = caseless(scenario.opening.say)
    for agent in scenario.agents.values():
        for passage in passages_of(agent, scenario):
            other = _FIRST_WORDS.search(passage.text) if agent.id == scenario.start else None
            if len(words.split()) > 2 and words in caseless(passage.text):
                message = f"the opening words stand in the prompt of '{agent.id}' as well"
                yield Finding(message, passage.span_of(scenario.opening.say), "leave them out here")
            elif other is not None:
                message = f"the prompt of '{agent.id}' gives first words besides those of the opening"
                yield Finding(message, passage.span_of(other.group()), "leave them out here")


@rule("SC613", "placeholder-as-fact", "warning")
def placeholder_as_fact(subject: Subject) -> Iterator[Finding]:
    """A placeholder was left in the prompt.

    Problem: the model reads it out, or makes something up in its place.
    Instead: write the fact, or a template over `context`: `{{ context.name }}`.
    """
    for agent in subject.scenario.agents.values():
        for passage in instructing_passages(agent, subject.scenario):
            text = blanked(prose(passage.text), _CODE)
            for found in _PLACEHOLDER.finditer(text):
                line = text[text.rfind("\n", 0, found.start()) + 1 : found.end()]
                if not _SHOWS_A_FORM.search(line) and f"</{found.group()[1:]}" not in text:
                    message = f"'{found.group()}' was left in the prompt of '{agent.id}'"
                    yield Finding(message, passage.span_of(found.group()), "write what belongs there")


def _is_slow(tool: ToolSpec) -> bool:
    return tool.stub.waits or any(answer.delay >= _SLOW for answer in tool.stub.answers)
