"""Rules about prompts, states and what stands around them: what a voice model will stumble over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from runner.core import Span, did_you_mean, listed, nearest
from runner.document import CODES, Place
from runner.lint.rule import RULES, Finding, Subject, rule
from runner.lint.walk import PERSONALITY, answers_of, prompt_place
from runner.model.scenario import (
    AgentSpec,
    CatalogueStub,
    HttpStub,
    ModelStub,
    Scenario,
    SupervisorStub,
    Text,
    ToolSpec,
)
from runner.project.prompts import prompt_template

_SLOW = 3.0
"""Seconds of silence after which callers ask whether anybody is there."""
_LONG = 80
"""Words in a line that a model should not have to hold together."""
_LANGUAGES = {
    "ar": "Arabic",
    "zh": "Chinese",
    "cs": "Czech",
    "da": "Danish",
    "nl": "Dutch",
    "en": "English",
    "fi": "Finnish",
    "fr": "French",
    "de": "German",
    "el": "Greek",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "es": "Spanish",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
_ANY_LANGUAGE = "|".join(_LANGUAGES.values())
_SECTIONS = ("Personality and Tone", "Instructions", "Conversation States")
_TRAITS = {
    "identity": "Identity",
    "task": "Task",
    "demeanor": "Demeanor",
    "tone": "Tone",
    "enthusiasm": "Level of Enthusiasm",
    "formality": "Level of Formality",
    "emotion": "Level of Emotion",
    "filler_words": "Filler Words",
    "pacing": "Pacing",
}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_ENGLISH = _pattern(r"\b(?:the|you|your|and|to|if|when|for|with|not)\b")
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|```.*?(?:```|\Z)", re.DOTALL)
_SAID_BEFORE_A_CALL = _pattern(
    r"\b(?:filler|preamble|one moment|hold on|just a (?:moment|second)|let me (?:check|look|see))\b"
    r"|\b(?:say|tell|announce)\b[^.\n]{0,80}\bbefore\b|\bbefore\b[^.\n]{0,60}\b(?:call|us|look)ing\b[^.\n]{0,40}\bsay\b"
)
_OUTCOME = _pattern(
    r"\b(?:i(?:'ve| have)? found|great news|good news|confirmed|approved|done|yes|sorry|unfortunately|"
    r"congratulations)\b"
)
_OPEN_OUTCOME = _pattern(r"\b(?:if|whether|until|to be|get (?:it|that|this) done)\b")
_COMPARISON = re.compile(
    r"(?<![\w<>=-])[\w.%$'\])]+[ \t]*(?:>=|<=|!=|==|≥|≤|≠)[ \t]*[\w$'\"]+"
    r"|(?<![\w<>=-])[A-Za-z_][\w.]*[ \t]*[<>][ \t]*\$?\d[\d.,]*"
)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_CODE = re.compile(r"`[^`\n]*`")
_FIRST_WORDS = _pattern(
    r"\b(?:first message|(?:begin|start|open) (?:the|every|each) (?:call|conversation)|greet (?:the |every )?"
    r"(?:caller|user|customer)s?) (?:with|by saying|exactly|is)[^\"“\n]{0,30}[\"“][^\"”\n]+[\"”]"
)
_PLACEHOLDER = re.compile(
    r"\[[A-Z][A-Z _-]{2,30}\]|<(?:[A-Z][A-Z _-]{2,30}|(?:insert|your|name of|company|add)\b[^<>\n]{0,30})>"
    r"|(?<![{\w$])\{[a-z][a-z_]{1,30}\}(?!\})|\b[xX]{3}[-. ][xX]{3}(?:[-. ][xX]{4})?\b"
)
_SHOWS_A_FORM = _pattern(
    r"[\"'“”‘’`]|\b(?:example|e\.g|format|form|template|placeholders?|replace|such as|like|say|as in)\b"
)
_ROLE = _pattern(
    r"(?:\A|[.!?:;\n]\s*|[-*]\s+)you(?:'re)?\b|\byou(?:'re| are)\b"
    r"|\b(?:your (?:role|job|task|goal|objective|purpose)|role|objective|act as)\b"
)
"""A sentence that begins with "You" says what the agent does, even where it names no role."""
_LANGUAGE = _pattern(rf"\blanguages?\b|\b(?:{_ANY_LANGUAGE})\b")
_LOCK = _pattern(
    rf"\b(?:speak|answer|respond|reply|talk)\b[^.\n]{{0,30}}\b({_ANY_LANGUAGE})\b[^.\n]{{0,12}}\bonly\b"
    rf"|\bonly (?:speak|answer in|respond in|reply in|in)\b[^.\n]{{0,12}}\b({_ANY_LANGUAGE})\b"
)
_SAMPLES = _pattern(r"\b(?:sample|example) (?:phrases|lines|sentences|utterances)\b")
_VARIETY = _pattern(
    r"\b(?:vary|varied|variety|varying|rephrase|(?:other|different|own) words|not always|"
    r"(?:not|don't|never|avoid|without) repeat\w*|not say the same)\b"
)
_UNCLEAR = _pattern(
    r"\b(?:unclear|unintelligible|inaudible|nois[ey]\w*|misheard|garbled|cut off|"
    r"(?:hear|heard|understood|understand) (?:\w+ )?clearly|"
    r"(?:did not|didn't|cannot|can't|could not|couldn't) (?:\w+ )?(?:hear|understand|catch)|"
    r"clear (?:audio|speech)|say (?:it|that) again|ask\b[^.\n]{0,40}\b(?:repeat|again))\b"
)
_READ_BACK = _pattern(
    r"\b(?:confirm\w*|spell\w*|(?:digit|character|letter|number) by (?:digit|character|letter|number)|"
    r"(?:digit|character|letter)-by-(?:digit|character|letter)|one (?:by one|at a time)|"
    r"after the other|(?:read|repeat|say)\w*\b[^.\n]{0,40}\bback|"
    r"repeat\w*\b[^.\n]{0,40}\b(?:numbers?|digits?|names?|codes?|spellings?|e-?mails?))\b"
)
_WHEN = _pattern(r"\b(?:when|whenever|if|for|use|call|before|after|once|until|only|every)\b")
_CONSENT = _pattern(
    r"\b(?:confirm\w*|consent\w*|permission|approv\w*|agree\w*|go[- ]ahead|says? yes|explicit\w*|"
    r"ask\b[^.\n]{0,40}\b(?:before|first|whether|if)|read\w*\b[^.\n]{0,30}\bback|summar\w+)\b"
)
_PERSON = _pattern(
    r"\b(?:escalat\w*|humans?|(?:real|live) (?:person|agent)|(?:asks? for|to|with) (?:a|another) person|"
    r"representatives?|manager|staff|colleagues?|support team|operator|person on (?:duty|call)|"
    r"somebody else|a person)\b"
)
_SOUNDS = _pattern(
    r"\b(?:sound effects?|onomatopoei\w+|beatbox\w*)\b|\*(?:sighs?|laughs?|chuckles?|giggles?|gasps?|coughs?)\*"
    r"|\b(?:imitate|mimic|make)\b[^.\n]{0,25}\b(?:sounds|noises|sound of|noise of)\b"
)
_NOT = _pattern(r"\b(?:no|not|never|avoid|without|don't|nor)\b")
_ALWAYS = _pattern(r"\b(always|never|do not ever)[ ]+([^.;:,!?\n()]+)")
_IDENTIFYING = {"phone", "telephone", "mobile", "email", "iban", "ssn", "passport", "vin", "card", "zip", "postal"}
_NO_IDENTIFIER = {"country", "language", "currency", "status", "error", "airport", "page", "locale", "type"}
_SPOKEN_FORMS = {"phone", "telephone", "mobile", "date", "day", "birth", "birthday", "dob", "time", "amount", "price"}
_SAYS_FORM = _pattern(
    r"\d|[\"“`]|\b(?:format|digits?|without|as in|such as|example|e\.g|written|only|dashes|spaces|plus|iso|code)\b"
)
_OF_THE_MODEL = {
    "request", "question", "query", "reason", "rationale", "summary", "message", "note", "notes", "text", "topic",
    "context", "content", "description", "conversation", "comment", "transcript", "information", "keyword", "keywords",
}  # fmt: skip
_ALSO_CALLED = {
    "zip": {"postal", "postcode", "zipcode"},
    "postal": {"zip", "zipcode", "postcode"},
    "dob": {"birth", "birthday", "born"},
    "birth": {"dob", "birthday", "born"},
    "phone": {"telephone", "mobile"},
    "telephone": {"phone", "mobile"},
    "mail": {"email"},
    "email": {"mail"},
    "forename": {"name"},
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the author that the model reads as it stands. `sample`: it shows how to speak."""

    text: str
    place: Place
    sample: bool = False

    def span_of(self, snippet: str) -> Span:
        """Where the snippet stands in the file; the whole text where it cannot be found, as in another file."""
        span, document = self.place.span, self.place.document
        for part in (snippet, " ".join(snippet.split()[:5])):
            for number in range(span.line, span.end_line + 1):
                at = document.line(number, span.file).find(part, span.column - 1 if number == span.line else 0)
                if part and at >= 0:
                    return Span(span.file, number, at + 1, number, at + 1 + len(part))
        return span


@rule("SC600", "unknown-rule", "warning")
def unknown_rule(subject: Subject) -> Iterator[Finding]:
    """The file ignores a rule that does not exist, or one that cannot be ignored.

    Problem: nothing is left out, and the next reader thinks that something is.
    Instead: mend the code or name; `scenario lint --list` has them all. Errors have to be mended.
    """
    scenario = subject.scenario
    rules = [(one.code, one.name, one.severity) for _, one in RULES.items()]
    warnings = {name for code, title, severity in rules for name in (code, title) if severity == "warning"}
    warnings |= {name for code in CODES.values() for name in (code.code, code.name)}
    errors = {name for code, title, severity in rules for name in (code, title) if severity == "error"}
    for index, name in enumerate(scenario.lint.ignore):
        span = (scenario.place / "lint" / "ignore" / index).span
        if name in errors:
            yield Finding(f"rule '{name}' cannot be ignored", span, "errors keep a scenario from being run; mend them")
        elif name not in warnings:
            yield Finding(f"rule '{name}' does not exist", span, _nearest_rule(name, warnings))


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
            if own is not None and own != wanted:
                message = f"agent '{agent.id}' wishes for the {key} '{own}', but the session has '{wanted}'"
                yield Finding(message, (agent.place / key).span, f"write it once: session: {{{key}: {wanted}}}")


@rule("SC602", "state-needs-datum", "warning")
def state_needs_datum(subject: Subject) -> Iterator[Finding]:
    """A state calls a tool with something that nobody has found out.

    Problem: the model must give the argument, and invents one or asks out of turn.
    Instead: ask for it in a state before, or take it out of what the tool requires.
    """
    scenario = subject.scenario
    for agent in scenario.agents.values():
        known = _known_words(agent, scenario)
        if agent.states is None or _is_foreign(_prompt(agent, scenario)):
            continue
        for state in agent.states.states.values():
            text = "\n".join((state.description, *state.instructions))
            for name in agent.tools:
                if name in scenario.tools and (name in state.tools or re.search(rf"\b{re.escape(name)}\b", text)):
                    tool = scenario.tools[name]
                    missing = [".".join(path) for path in _asked_of_caller(tool) if not _is_known(path[-1], known)]
                    if missing:
                        data = listed(f"'{one}'" for one in missing)
                        message = f"state '{state.id}' calls '{name}', but nothing finds out {data}"
                        yield Finding(message, (state.place / "id").span, "say in a state that the agent asks for it")


@rule("SC603", "spoken-format", "warning")
def spoken_format(subject: Subject) -> Iterator[Finding]:
    """An argument must have a form that nobody speaks in, and nothing tells the model that form.

    Problem: it hears "two oh six, triple five", passes that on, and the call is refused.
    Instead: say the form in the argument's description, with an example.
    """
    for tool in subject.scenario.tools.values():
        for path, schema in _leaves(tool.parameters):
            if not _SPOKEN_FORMS & set(_words(path[-1])) or not _is_unspeakable(schema.get("pattern")):
                continue
            if "examples" not in schema and not _SAYS_FORM.search(str(schema.get("description", ""))):
                message = f"nothing says what '{'.'.join(path)}' must look like, and callers do not speak that way"
                hint = "describe the form: `description: ten digits without dashes, such as 2065550135`"
                yield Finding(message, _parameter_place(tool, path).span, hint)


@rule("SC604", "slow-tool-without-filler", "warning")
def slow_tool_without_filler(subject: Subject) -> Iterator[Finding]:
    """A tool that takes a while is called without a word.

    Problem: the line goes silent, and callers ask whether anybody is there.
    Instead: give the tool a `filler`, such as `filler: [One moment., Let me look into that.]`.
    """
    scenario = subject.scenario
    for tool in scenario.tools.values():
        owners = [agent for agent in scenario.agents.values() if tool.name in agent.tools]
        told = [tool.description, *(_prompt(agent, scenario) for agent in owners)]
        if owners and tool.filler is None and _is_slow(tool) and not any(map(_SAID_BEFORE_A_CALL.search, told)):
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
        for passage in _told(agent, subject.scenario):
            for found in _COMPARISON.finditer(_blanked(_prose(passage.text), _TAG, _CODE)):
                snippet = found.group().strip()
                yield Finding(f"'{snippet}' is a comparison in symbols", passage.span_of(snippet), "write it in words")


@rule("SC607", "state-without-way-on", "warning")
def state_without_way_on(subject: Subject) -> Iterator[Finding]:
    """A state has no transitions, and the conversation may not end there either.

    Problem: the caller is stuck in it.
    Instead: add a transition, or mark the state `terminal: true`.
    """
    for agent in subject.scenario.agents.values():
        if agent.states is None:
            continue
        states = agent.states.states.values()
        has_ends = any(one.terminal or any(edge.handoff for edge in one.transitions) for one in states)
        for state in states:
            if (has_ends or agent.states.is_enforced) and not state.transitions and not state.terminal:
                hint = "add a transition, or terminal: true"
                yield Finding(f"no way leads on from state '{state.id}'", (state.place / "id").span, hint)


@rule("SC608", "handoff-target-not-allowed")
def handoff_target_not_allowed(subject: Subject) -> Iterator[Finding]:
    """A state hands off to an agent that its own agent has no handoff to.

    Problem: the function that would do it does not exist.
    Instead: add the agent to `handoffs`, or take the transition out.
    """
    for agent in subject.scenario.agents.values():
        allowed = [edge.to for edge in agent.handoffs]
        for state in agent.states.states.values() if agent.states else ():
            for edge in state.transitions:
                if edge.handoff is not None and edge.handoff not in allowed:
                    message = f"agent '{agent.id}' has no handoff to '{edge.handoff}'"
                    known = edge.handoff in subject.scenario.agents
                    hint = f"add it: handoffs: [{edge.handoff}]" if known else did_you_mean(edge.handoff, allowed)
                    yield Finding(message, (edge.place / "handoff").span, hint)


@rule("SC609", "state-tool-not-of-agent")
def state_tool_not_of_agent(subject: Subject) -> Iterator[Finding]:
    """A state has a tool that its agent has not.

    Problem: the tool can never be called there.
    Instead: add it to the agent's `tools`, or mend the name.
    """
    scenario = subject.scenario
    for agent in scenario.agents.values():
        lent = [scenario.mcp[name].tools for name in agent.mcp if name in scenario.mcp]
        if agent.states is None or None in lent or len(lent) < len(agent.mcp):
            continue  # what a server has is known only when it runs
        known = [*agent.tools, *(name for names in lent for name in names or ())]
        for state in agent.states.states.values():
            for index, name in enumerate(state.tools):
                if name not in known:
                    hint = (
                        f"add it to the agent: tools: [{name}]" if name in scenario.tools else did_you_mean(name, known)
                    )
                    yield Finding(
                        f"agent '{agent.id}' has no tool '{name}'", (state.place / "tools" / index).span, hint
                    )


@rule("SC610", "collect-unknown-variable")
def collect_unknown_variable(subject: Subject) -> Iterator[Finding]:
    """A state collects a context variable that is not declared.

    Problem: there is nowhere to put what the caller says.
    Instead: declare it below `context`, or mend the name.
    """
    known = subject.scenario.context
    for agent in subject.scenario.agents.values():
        for state in agent.states.states.values() if agent.states else ():
            for one in state.collect:
                if one.variable not in known:
                    hint = (
                        did_you_mean(one.variable, known) if known else f"declare it: context: {{{one.variable}: ...}}"
                    )
                    yield Finding(f"context variable '{one.variable}' does not exist", one.place.span, hint)


@rule("SC611", "unknown-supervisor")
def unknown_supervisor(subject: Subject) -> Iterator[Finding]:
    """A tool asks a supervisor that does not exist.

    Problem: nobody would answer the call.
    Instead: name one of the keys below `supervisors`.
    """
    known = subject.scenario.supervisors
    for tool in subject.scenario.tools.values():
        for one in (tool, *(tool.stub.functions.values() if isinstance(tool.stub, CatalogueStub) else ())):
            if isinstance(one.stub, SupervisorStub) and one.stub.name not in known:
                span = (one.place / "supervisor").span
                yield Finding(f"supervisor '{one.stub.name}' does not exist", span, did_you_mean(one.stub.name, known))


@rule("SC612", "opening-repeated", "warning")
def opening_repeated(subject: Subject) -> Iterator[Finding]:
    """The opening words stand in the instructions as well, or the instructions give other ones.

    Problem: they are said twice, or again by the agent that takes over.
    Instead: keep them in `opening.say` alone.
    """
    scenario = subject.scenario
    if scenario.opening is None or scenario.opening.say is None:
        return
    words = _folded(scenario.opening.say)
    for agent in scenario.agents.values():
        for passage in _passages(agent, scenario):
            other = _FIRST_WORDS.search(passage.text) if agent.id == scenario.start else None
            if len(words.split()) > 2 and words in _folded(passage.text):
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
        for passage in _told(agent, subject.scenario):
            text = _blanked(_prose(passage.text), _CODE)
            for found in _PLACEHOLDER.finditer(text):
                line = text[text.rfind("\n", 0, found.start()) + 1 : found.end()]
                if not _SHOWS_A_FORM.search(line) and f"</{found.group()[1:]}" not in text:
                    message = f"'{found.group()}' was left in the prompt of '{agent.id}'"
                    yield Finding(message, passage.span_of(found.group()), "write what belongs there")


@rule("SC614", "collect-without-way-to-give")
def collect_without_way_to_give(subject: Subject) -> Iterator[Finding]:
    """A state collects variables, but no transition leads from it to another state.

    Problem: the model gives what it has found out when it moves on, and it never does.
    Instead: add a transition with `to`.
    """
    for agent in subject.scenario.agents.values():
        for state in agent.states.states.values() if agent.states and agent.states.is_enforced else ():
            if state.collect and not any(edge.to for edge in state.transitions):
                names = listed(f"'{one.variable}'" for one in state.collect)
                message = f"state '{state.id}' collects {names}, but leads to no other state"
                yield Finding(message, (state.place / "collect").span, "add a transition with `to`")


@rule("SC615", "unknown-mcp-server")
def unknown_mcp_server(subject: Subject) -> Iterator[Finding]:
    """An agent uses an MCP server that does not exist.

    Problem: its tools would be missing.
    Instead: name one of the keys below `mcp`.
    """
    known = subject.scenario.mcp
    for agent in subject.scenario.agents.values():
        for index, name in enumerate(agent.mcp):
            if name not in known:
                span = (agent.place / "mcp" / index).span
                yield Finding(f"MCP server '{name}' does not exist", span, did_you_mean(name, known))


@rule("SC616", "bad-opening-call")
def bad_opening_call(subject: Subject) -> Iterator[Finding]:
    """The opening calls a tool that does not exist, or that needs arguments.

    Problem: nobody has said anything yet that the arguments could come from.
    Instead: name a tool of the scenario that can be called without arguments.
    """
    opening, tools = subject.scenario.opening, subject.scenario.tools
    for index, name in enumerate(opening.calls if opening else ()):
        span = (subject.scenario.place / "opening" / "calls" / index).span
        if name not in tools:
            yield Finding(f"tool '{name}' does not exist", span, did_you_mean(name, tools))
        elif needed := tools[name].parameters.get("required", ()):
            names = listed(f"'{one}'" for one in needed)
            message = f"tool '{name}' cannot be called without {names}"
            yield Finding(message, span, "make them optional, or leave the call out")


@rule("SC617", "unknown-tool-of-supervisor")
def unknown_tool_of_supervisor(subject: Subject) -> Iterator[Finding]:
    """A supervisor has a tool that does not exist.

    Problem: the name is not a key below `tools`.
    Instead: declare the tool, or mend the name.
    """
    tools = subject.scenario.tools
    for supervisor in subject.scenario.supervisors.values():
        for index, name in enumerate(supervisor.tools):
            if name not in tools:
                span = (supervisor.place / "tools" / index).span
                yield Finding(f"tool '{name}' does not exist", span, did_you_mean(name, tools))


@rule("SC621", "no-role", "warning", "realtime")
def no_role(subject: Subject) -> Iterator[Finding]:
    """The prompt does not say who the agent is or what it is there for.

    Problem: the model falls back on being a general assistant, and does what nobody asked for.
    Instead: begin with a role: "You are the first voice on an airline's support line."
    """
    for agent, text in _english_prompts(subject.scenario):
        has_traits = agent.personality is not None and (agent.personality.identity or agent.personality.task)
        if not has_traits and not _ROLE.search(text):
            message = f"nothing says who '{agent.id}' is and what it is there for"
            yield Finding(message, prompt_place(agent).span, "begin with: You are ...")


@rule("SC622", "no-language-lock", "warning", "realtime")
def no_language_lock(subject: Subject) -> Iterator[Finding]:
    """The prompt does not say which language the agent speaks, or another one than is transcribed.

    Problem: an accent or a foreign name is enough for the model to change its language.
    Instead: write `prompt: {language: English}`, and the same language in `session.language`.
    """
    scenario = subject.scenario
    code = str((scenario.session.transcription or {}).get("language", "")).lower().partition("-")[0]
    heard = _LANGUAGES.get(code)
    for agent in scenario.agents.values():
        spoken = agent.prompt.language
        if spoken is not None:
            if heard and spoken.title() in _LANGUAGES.values() and spoken.title() != heard:
                span = _setting(agent, scenario, "language").span
                yield _two_languages(agent, spoken, heard, span)
            continue
        locks = [(found, one) for one in _told(agent, scenario) for found in _LOCK.finditer(_prose(one.text))]
        for found, passage in locks:
            locked = (found.group(1) or found.group(2)).title()
            if heard and locked != heard:
                yield _two_languages(agent, locked, heard, passage.span_of(found.group()))
        text = _prompt(agent, scenario)
        if not locks and not _is_foreign(text) and not _LANGUAGE.search(text):
            message = f"nothing says which language '{agent.id}' speaks"
            yield Finding(message, prompt_place(agent).span, f"add it: prompt: {{language: {heard or 'English'}}}")


@rule("SC623", "sample-phrases-without-variety", "warning", "realtime")
def sample_phrases_without_variety(subject: Subject) -> Iterator[Finding]:
    """There are sample phrases, and nothing says that they may be varied.

    Problem: voice models follow samples closely, and say the same sentence in every call.
    Instead: write `prompt: {variety: true}`, or say that the samples show the manner only.
    """
    scenario = subject.scenario
    for agent, text in _english_prompts(scenario):
        shown = agent.states is not None and agent.states.mode != "focused"  # the runner says it there
        samples = [one for one in _passages(agent, scenario) if one.sample and shown]
        samples += [one for one in _told(agent, scenario) if _SAMPLES.search(one.text)]
        if samples and not _VARIETY.search(text):
            found = None if samples[0].sample else _SAMPLES.search(samples[0].text)
            message = f"nothing tells '{agent.id}' to vary its sample phrases"
            yield Finding(
                message, samples[0].span_of(found.group() if found else samples[0].text), "add prompt: {variety: true}"
            )


@rule("SC624", "no-unclear-audio-rule", "warning", "realtime")
def no_unclear_audio_rule(subject: Subject) -> Iterator[Finding]:
    """The prompt does not say what to do when the caller was not heard clearly.

    Problem: the model answers noise, silence and half a word as if they were a request.
    Instead: write `prompt: {unclear_audio: true}`, or a rule of your own.
    """
    for agent, text in _english_prompts(subject.scenario):
        if not agent.prompt.unclear_audio and not _UNCLEAR.search(text):
            message = f"nothing says what '{agent.id}' does when it has not heard clearly"
            yield Finding(message, prompt_place(agent).span, "add prompt: {unclear_audio: true}")


@rule("SC625", "no-read-back", "warning", "realtime")
def no_read_back(subject: Subject) -> Iterator[Finding]:
    """A tool takes a number or a spelled word, and nothing says that it is read back first.

    Problem: one digit misheard is another person's account.
    Instead: let the agent repeat it digit by digit, and wait for a yes.
    """
    scenario = subject.scenario
    for agent, text in _english_prompts(scenario):
        if _READ_BACK.search(text):
            continue
        for index, name in enumerate(agent.tools):
            tool = scenario.tools.get(name)
            heard = [path for path, schema in _leaves(tool.parameters) if _is_identifier(path, schema)] if tool else []
            if heard:
                data = listed(f"'{'.'.join(path)}'" for path in heard)
                message = f"nothing tells '{agent.id}' to read {data} of '{name}' back"
                hint = "add a rule: read numbers and spellings back before you use them"
                yield Finding(message, (agent.place / "tools" / index).span, hint)


@rule("SC626", "tool-without-use-when", "warning", "realtime")
def tool_without_use_when(subject: Subject) -> Iterator[Finding]:
    """An agent has several tools, and nothing says when to use this one.

    Problem: the model chooses by name, and often the wrong one.
    Instead: say it in the description ("Use it when ...") or in the instructions.
    """
    scenario = subject.scenario
    for agent in scenario.agents.values():
        text = _prompt(agent, scenario)
        for index, name in enumerate(agent.tools if len(agent.tools) > 1 else ()):
            tool = scenario.tools.get(name)
            if tool is None or tool.examples or _is_foreign(text) or _is_foreign(tool.description):
                continue
            if agent.states is not None and name in agent.states.homes_of_tools:
                continue
            if not _WHEN.search(tool.description) and not re.search(rf"\b{re.escape(name)}\b", text):
                message = f"nothing says when '{agent.id}' uses '{name}'"
                hint = "say it in its description: Use it when ..."
                yield Finding(message, (agent.place / "tools" / index).span, hint)


@rule("SC627", "write-without-confirmation", "warning", "realtime")
def write_without_confirmation(subject: Subject) -> Iterator[Finding]:
    """A tool changes something, and nobody is asked before.

    Problem: a misheard sentence cancels a booking.
    Instead: tell the agent to sum up and ask first, or give the tool an `approval`.
    """
    scenario = subject.scenario
    for agent, text in _english_prompts(scenario):
        for index, name in enumerate(agent.tools):
            tool = scenario.tools.get(name)
            if tool is None or not tool.writes or tool.approval is not None:
                continue
            gates = [one.expression for one in tool.requires]
            if not any(_CONSENT.search(one) for one in (text, tool.description, *gates)):
                message = f"nothing tells '{agent.id}' to ask before it calls '{name}'"
                hint = "add a rule: say what you are about to do, and wait for a yes"
                yield Finding(message, (agent.place / "tools" / index).span, hint)


@rule("SC628", "no-escalation-rule", "warning", "realtime")
def no_escalation_rule(subject: Subject) -> Iterator[Finding]:
    """The prompt does not say when the caller is handed to a person.

    Problem: somebody who asks for a person, or is in danger, goes round in circles.
    Instead: write `prompt: {escalation: ...}` with the cases and the way, even if it is only a number to call.
    """
    scenario = subject.scenario
    for agent, text in _english_prompts(scenario):
        ways = [*agent.tools, *(edge.to for edge in agent.handoffs)]
        ways += [scenario.agents[edge.to].name for edge in agent.handoffs if edge.to in scenario.agents]
        said = (text, *(way.replace("_", " ") for way in ways))
        if not agent.prompt.escalation and not any(map(_PERSON.search, said)):
            message = f"nothing says when '{agent.id}' hands the caller to a person"
            yield Finding(message, prompt_place(agent).span, "add prompt: {escalation: ...}")


@rule("SC629", "long-paragraph", "warning", "realtime")
def long_paragraph(subject: Subject) -> Iterator[Finding]:
    """A paragraph of the prompt is long.

    Problem: voice models follow short points better than long paragraphs.
    Instead: make a list of it, one rule a line. A text after `>` is one line for the model; `|` keeps the lines.
    """
    for agent in subject.scenario.agents.values():
        for passage in _told(agent, subject.scenario):
            for line in _prose(passage.text).splitlines():
                if (words := len(line.split())) > _LONG:
                    message = f"a paragraph of the prompt of '{agent.id}' has {words} words"
                    yield Finding(message, passage.span_of(line.strip()), "make a list of it")


@rule("SC630", "sound-effects", "warning", "realtime")
def sound_effects(subject: Subject) -> Iterator[Finding]:
    """The prompt asks for sounds that are no words.

    Problem: a voice reads them out as words, or makes noises that nobody expects on the phone.
    Instead: say how the agent feels and let the voice do it, or leave them out.
    """
    for agent in subject.scenario.agents.values():
        for passage in _passages(agent, subject.scenario):
            for found in _SOUNDS.finditer(passage.text):
                before = re.split(r"[.!?\n]", passage.text[: found.start()])[-1]
                after = re.split(r"[.!?\n]", passage.text[found.end() :])[0]
                if not _NOT.search(before) and not _NOT.search(after):
                    message = f"the prompt of '{agent.id}' asks for sounds: '{found.group()}'"
                    yield Finding(message, passage.span_of(found.group()), "leave them out")


@rule("SC631", "always-and-never", "warning", "realtime")
def always_and_never(subject: Subject) -> Iterator[Finding]:
    """The prompt says always and never of the same thing.

    Problem: the model follows the one or the other, as it comes.
    Instead: keep one, and say when it holds.
    """
    for agent in subject.scenario.agents.values():
        first: dict[str, str] = {}
        for passage in _told(agent, subject.scenario):
            for found in _ALWAYS.finditer(_prose(passage.text)):
                word, what = found.group(1).lower(), _folded(found.group(2))
                if first.setdefault(what, word) != word:
                    message = f"the prompt of '{agent.id}' says both {first[what]} and {word}: '{what}'"
                    yield Finding(message, passage.span_of(found.group().strip()), "keep one, and say when it holds")


@rule("SC632", "bad-pronunciation", "warning", "realtime")
def bad_pronunciation(subject: Subject) -> Iterator[Finding]:
    """A pronunciation is empty, or the word itself.

    Problem: it tells the model nothing.
    Instead: write how it sounds: `Noah: NOW-uh`.
    """
    for agent in subject.scenario.agents.values():
        place = _setting(agent, subject.scenario, "pronunciations")
        for word, sound in agent.prompt.pronunciations.items():
            if not sound.strip() or sound.strip() == word.strip():
                message = f"the pronunciation of '{word}' says nothing about its sound"
                yield Finding(message, (place / word).span, "write how it sounds, or leave it out")


@rule("SC641", "personality-incomplete", "warning", "metaprompt")
def personality_incomplete(subject: Subject) -> Iterator[Finding]:
    """The personality lacks some of what the metaprompt asks for.

    Problem: what is left open the model fills in, differently in every call.
    Instead: write the missing keys below `personality`.
    """
    for agent in subject.scenario.agents.values():
        text = prompt_template(agent, subject.scenario)
        has = {found.group(1).casefold() for found in re.finditer(r"^#+[ \t]*(.+?)[ \t:]*$", text, re.MULTILINE)}
        missing = [key for key, heading in _TRAITS.items() if heading.casefold() not in has]
        if missing:
            place = agent.place / "personality" if agent.personality else prompt_place(agent)
            message = f"the personality of '{agent.id}' says nothing about {listed(missing)}"
            if len(missing) == len(_TRAITS):
                message = f"agent '{agent.id}' has no personality"
            yield Finding(message, place.key_span if agent.personality else place.span, "add them below personality")


@rule("SC642", "sections-out-of-order", "warning", "metaprompt")
def sections_out_of_order(subject: Subject) -> Iterator[Finding]:
    """The sections of the prompt do not stand in the order of the metaprompt.

    Problem: states that come before the rules for them are read without them.
    Instead: first Personality and Tone, then Instructions, then Conversation States.
    """
    heading = re.compile(rf"^#+[ \t]*({'|'.join(_SECTIONS)})[ \t:]*$", re.MULTILINE)
    for agent in subject.scenario.agents.values():
        found = [one.group(1) for one in heading.finditer(prompt_template(agent, subject.scenario))]
        for before, after in pairwise(found):
            if _SECTIONS.index(after) < _SECTIONS.index(before):
                home = next((one for one in _passages(agent, subject.scenario) if after in one.text), None)
                span = home.span_of(after) if home else prompt_place(agent).span
                yield Finding(f"the section '{after}' stands after '{before}'", span, "put it before")


@rule("SC643", "state-incomplete", "warning", "metaprompt")
def state_incomplete(subject: Subject) -> Iterator[Finding]:
    """A state lacks instructions or an example, or a transition does not say when.

    Problem: the model knows the state's name and not what to do in it.
    Instead: give every state instructions, a sample phrase, and every transition a condition.
    """
    for agent in subject.scenario.agents.values():
        for state in agent.states.states.values() if agent.states else ():
            missing = [key for key in ("instructions", "examples") if not any(map(str.strip, getattr(state, key)))]
            if missing:
                message = f"state '{state.id}' has no {listed(missing, joined_by='and no')}"
                yield Finding(message, (state.place / "id").span, "add them")
            for edge in state.transitions:
                if not edge.condition.strip():
                    yield Finding("nothing says when this way is taken", (edge.place / "when").span, "say it in words")


def _passages(agent: AgentSpec, scenario: Scenario) -> Iterator[Passage]:
    """What the author wrote for the agent's prompt, in the order in which the model reads it."""
    if agent.personality is not None:
        for key in PERSONALITY:
            if text := getattr(agent.personality, key):
                yield Passage(text, agent.place / "personality" / key)
    if agent.instructions is not None:
        yield Passage(agent.instructions.text, agent.instructions.place)
    sections: Mapping[str, Text] = agent.prompt.sections
    for section in sections.values():
        yield Passage(section.text, section.place)
    if agent.prompt.escalation:
        yield Passage(agent.prompt.escalation, _setting(agent, scenario, "escalation"))
    for state in agent.states.states.values() if agent.states else ():
        yield Passage(state.description, state.place / "description")
        for text in state.instructions:
            yield Passage(text, state.place / "instructions")
        for text in state.examples:
            yield Passage(text, state.place / "examples", sample=True)
        for edge in state.transitions:
            yield Passage(edge.condition, edge.place / "when")


def _told(agent: AgentSpec, scenario: Scenario) -> Iterator[Passage]:
    """The passages that tell the model what to do, without the samples of how to speak."""
    return (one for one in _passages(agent, scenario) if not one.sample)


def _prompt(agent: AgentSpec, scenario: Scenario) -> str:
    """All that the model reads of the agent, its states among it."""
    return "\n".join([prompt_template(agent, scenario), *(one.text for one in _passages(agent, scenario))])


def _english_prompts(scenario: Scenario) -> Iterator[tuple[AgentSpec, str]]:
    """The agents whose prompts these rules can read. In another language they would find nothing but gaps."""
    for agent in scenario.agents.values():
        text = _prompt(agent, scenario)
        if not _is_foreign(text):
            yield agent, text


def _is_foreign(text: str) -> bool:
    words = len(text.split())
    return words >= 12 and len(_ENGLISH.findall(text)) < words * 0.04


def _setting(agent: AgentSpec, scenario: Scenario, key: str) -> Place:
    """Where a key of `prompt` stands: with the agent, or with the scenario for all of them."""
    own = agent.place / "prompt" / key
    return own if _stands(own) else scenario.place / "prompt" / key


def _stands(place: Place) -> bool:
    """Whether there is anything at the place, rather than something around it."""
    value: Any = place.document.data
    for step in place.pointer:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _parameter_place(tool: ToolSpec, path: Sequence[str]) -> Place:
    """Where an argument is declared, in the short form or as a JSON Schema; or what stands around it."""
    place = tool.place / "parameters"
    for name in path:
        for step in ((name,), (f"{name}?",), ("properties", name), ("properties", f"{name}?")):
            further = place
            for key in step:
                further = further / key
            if _stands(further):
                place = further
                break
    return place


def _leaves(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The arguments that are values, each with the names that lead to it and its schema."""
    properties = schema.get("properties", {})
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(one, Mapping):
            if isinstance(one.get("properties"), Mapping):
                yield from _leaves(one, (*path, name))
            else:
                yield (*path, name), one


def _asked_of_caller(tool: ToolSpec) -> Iterator[tuple[str, ...]]:
    """The arguments that a call must have and that only the caller, or somebody before, can know."""
    for path, schema in _leaves(tool.parameters):
        if not _is_required(tool.parameters, path) or {"enum", "const", "default"} & schema.keys():
            continue
        words = set(_words(path[-1]))
        if schema.get("type") in ("string", "number", "integer") and not words & _OF_THE_MODEL and "id" not in words:
            yield path


def _is_required(schema: Mapping[str, Any], path: Sequence[str]) -> bool:
    for name in path:
        if name not in schema.get("required", ()):
            return False
        schema = schema["properties"][name]
    return True


def _known_words(agent: AgentSpec, scenario: Scenario) -> set[str]:
    """The words that stand anywhere a value could be learnt: the prompt, the context, the agent's tools."""
    texts = [_prompt(agent, scenario)]
    texts += [f"{one.name} {one.description or ''}" for one in scenario.context.values()]
    for tool in (scenario.tools[name] for name in agent.tools if name in scenario.tools):
        texts += [tool.description, *(str(answer.returns) for answer in answers_of(tool))]
    for edge in (edge for one in scenario.agents.values() for edge in one.handoffs if edge.to == agent.id):
        texts += [str(edge.inputs or "")]
    return {word for text in texts for word in _words(text)}


def _is_known(name: str, known: Collection[str]) -> bool:
    words = set(_words(name))
    words |= {other for word in words for other in _ALSO_CALLED.get(word, ())}
    return any(word in known or f"{word}s" in known or word.removesuffix("s") in known for word in words)


def _words(text: str) -> list[str]:
    """The words of a text or a name in lower case, `newAddress` and `new_address` alike."""
    return [one.lower() for one in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)]


def _is_identifier(path: Sequence[str], schema: Mapping[str, Any]) -> bool:
    """Whether it is something callers say digit by digit or letter by letter."""
    words = _words(path[-1])
    if schema.get("type") != "string" or {"enum", "const", "format"} & schema.keys() - {"format"}:
        return False
    if not words or _NO_IDENTIFIER & set(words) or schema.get("format") in ("date", "time", "date-time"):
        return False
    return bool(_IDENTIFYING & set(words)) or words[-1] in ("number", "code", "digits")


def _is_unspeakable(pattern: object) -> bool:
    """Whether the pattern refuses what a caller says in words."""
    if not isinstance(pattern, str):
        return False
    try:
        return re.search(pattern, "two oh six, five five five, zero one three five") is None
    except re.error:
        return False


def _is_slow(tool: ToolSpec) -> bool:
    if isinstance(tool.stub, (SupervisorStub, ModelStub, HttpStub)):
        return True
    if isinstance(tool.stub, CatalogueStub):
        return any(map(_is_slow, tool.stub.functions.values()))
    return any(answer.delay >= _SLOW for answer in answers_of(tool))


def _prose(text: str) -> str:
    """The text without templates and code; what is taken out leaves blanks, so that the rest stays where it is."""
    return _blanked(text, _BRACES)


def _blanked(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    return text


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _nearest_rule(name: str, known: Collection[str]) -> str:
    guess = None if re.fullmatch(r"SC\d+", name, re.IGNORECASE) else nearest(name, known)  # numbers are no slips
    return f"did you mean '{guess}'?" if guess else "`scenario lint --list` has them all"


def _two_languages(agent: AgentSpec, spoken: str, heard: str, span: Span) -> Finding:
    message = f"agent '{agent.id}' speaks {spoken}, but callers are transcribed in {heard}"
    return Finding(message, span, "make them the same")
