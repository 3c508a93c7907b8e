"""Rules that the prompting guides for Realtime models ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realtime_scenarios.core import Span, listed
from realtime_scenarios.core.languages import LANGUAGES
from realtime_scenarios.core.words import caseless
from realtime_scenarios.lint.prompts.arguments import arguments_of, is_identifier
from realtime_scenarios.lint.prompts.passages import (
    any_case,
    english_prompts,
    instructing_passages,
    is_foreign,
    passages_of,
    place_of_setting,
    prompt_read_by,
    prose,
)
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import prompt_place
from realtime_scenarios.model.scenario import AgentSpec

_LONG_PARAGRAPH = 80
"""Words in a line that a model should not have to hold together."""
_ROLE = any_case(
    r"(?:\A|[.!?:;\n]\s*|[-*]\s+)you(?:'re)?\b|\byou(?:'re| are)\b"
    r"|\b(?:your (?:role|job|task|goal|objective|purpose)|role|objective|act as)\b"
)
"""A sentence that begins with "You" says what the agent does, even where it names no role."""
_ANY_LANGUAGE = "|".join(LANGUAGES.values())
_LANGUAGE = any_case(rf"\blanguages?\b|\b(?:{_ANY_LANGUAGE})\b")
_LOCK = any_case(
    rf"\b(?:speak|answer|respond|reply|talk)\b[^.\n]{{0,30}}\b({_ANY_LANGUAGE})\b[^.\n]{{0,12}}\bonly\b"
    rf"|\bonly (?:speak|answer in|respond in|reply in|in)\b[^.\n]{{0,12}}\b({_ANY_LANGUAGE})\b"
)
_SAMPLES = any_case(r"\b(?:sample|example) (?:phrases|lines|sentences|utterances)\b")
_VARIETY = any_case(
    r"\b(?:vary|varied|variety|varying|rephrase|(?:other|different|own) words|not always|"
    r"(?:not|don't|never|avoid|without) repeat\w*|not say the same)\b"
)
_UNCLEAR = any_case(
    r"\b(?:unclear|unintelligible|inaudible|nois[ey]\w*|misheard|garbled|cut off|"
    r"(?:hear|heard|understood|understand) (?:\w+ )?clearly|"
    r"(?:did not|didn't|cannot|can't|could not|couldn't) (?:\w+ )?(?:hear|understand|catch)|"
    r"clear (?:audio|speech)|say (?:it|that) again|ask\b[^.\n]{0,40}\b(?:repeat|again))\b"
)
_READ_BACK = any_case(
    r"\b(?:confirm\w*|spell\w*|(?:digit|character|letter|number) by (?:digit|character|letter|number)|"
    r"(?:digit|character|letter)-by-(?:digit|character|letter)|one (?:by one|at a time)|"
    r"after the other|(?:read|repeat|say)\w*\b[^.\n]{0,40}\bback|"
    r"repeat\w*\b[^.\n]{0,40}\b(?:numbers?|digits?|names?|codes?|spellings?|e-?mails?))\b"
)
_SAYS_WHEN = any_case(r"\b(?:when|whenever|if|for|use|call|before|after|once|until|only|every)\b")
_CONSENT = any_case(
    r"\b(?:confirm\w*|consent\w*|permission|approv\w*|agree\w*|go[- ]ahead|says? yes|explicit\w*|"
    r"ask\b[^.\n]{0,40}\b(?:before|first|whether|if)|read\w*\b[^.\n]{0,30}\bback|summar\w+)\b"
)
_PERSON = any_case(
    r"\b(?:escalat\w*|humans?|(?:real|live) (?:person|agent)|(?:asks? for|to|with) (?:a|another) person|"
    r"representatives?|manager|staff|colleagues?|support team|operator|person on (?:duty|call)|"
    r"somebody else|a person)\b"
)
_SOUNDS = any_case(
    r"\b(?:sound effects?|onomatopoei\w+|beatbox\w*)\b|\*(?:sighs?|laughs?|chuckles?|giggles?|gasps?|coughs?)\*"
    r"|\b(?:imitate|mimic|make)\b[^.\n]{0,25}\b(?:sounds|noises|sound of|noise of)\b"
)
_NEGATION = any_case(r"\b(?:no|not|never|avoid|without|don't|nor)\b")
_ALWAYS = any_case(r"\b(always|never|do not ever)[ ]+([^.;:,!?\n()]+)")


@rule("SC621", "no-role", "warning", "realtime")
def no_role(subject: Subject) -> Iterator[Finding]:
    """The prompt does not say who the agent is or what it is there for.

    Problem: the model falls back on being a general assistant, and does what nobody asked for.
    Instead: begin with a role: "You are the first voice on an airline's support line."
    """
    for agent, text in english_prompts(subject.scenario):
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
    heard = LANGUAGES.get(code)
    for agent in scenario.agents.values():
        spoken = agent.prompt.language
        if spoken is not None:
            if heard and spoken.title() in LANGUAGES.values() and spoken.title() != heard:
                span = place_of_setting(agent, scenario, "language").span
                yield _conflicting_languages(agent, spoken, heard, span)
            continue
        locks = [
            (found, passage)
            for passage in instructing_passages(agent, scenario)
            for found in _LOCK.finditer(prose(passage.text))
        ]
        for found, passage in locks:
            locked = (found.group(1) or found.group(2)).title()
            if heard and locked != heard:
                yield _conflicting_languages(agent, locked, heard, passage.span_of(found.group()))
        text = prompt_read_by(agent, scenario)
        if not locks and not is_foreign(text) and not _LANGUAGE.search(text):
            message = f"nothing says which language '{agent.id}' speaks"
            yield Finding(message, prompt_place(agent).span, f"add it: prompt: {{language: {heard or 'English'}}}")


@rule("SC623", "sample-phrases-without-variety", "warning", "realtime")
def sample_phrases_without_variety(subject: Subject) -> Iterator[Finding]:
    """There are sample phrases, and nothing says that they may be varied.

    Problem: voice models follow samples closely, and say the same sentence in every call.
    Instead: write `prompt: {variety: true}`, or say that the samples show the manner only.
    """
    scenario = subject.scenario
    for agent, text in english_prompts(scenario):
        shown = agent.states is not None and agent.states.mode != "focused"  # the runner says it there
        samples = [passage for passage in passages_of(agent, scenario) if passage.sample and shown]
        samples += [passage for passage in instructing_passages(agent, scenario) if _SAMPLES.search(passage.text)]
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
    for agent, text in english_prompts(subject.scenario):
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
    for agent, text in english_prompts(scenario):
        if _READ_BACK.search(text):
            continue
        for index, name in enumerate(agent.tools):
            tool = scenario.tools.get(name)
            arguments = arguments_of(tool.parameters) if tool else ()
            heard = [path for path, schema in arguments if is_identifier(path, schema)]
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
        text = prompt_read_by(agent, scenario)
        for index, name in enumerate(agent.tools if len(agent.tools) > 1 else ()):
            tool = scenario.tools.get(name)
            if tool is None or tool.examples or is_foreign(text) or is_foreign(tool.description):
                continue
            if agent.states is not None and name in agent.states.homes_of_tools:
                continue
            if not _SAYS_WHEN.search(tool.description) and not re.search(rf"\b{re.escape(name)}\b", text):
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
    for agent, text in english_prompts(scenario):
        for index, name in enumerate(agent.tools):
            tool = scenario.tools.get(name)
            if tool is None or not tool.writes or tool.approval is not None:
                continue
            gates = [condition.expression for condition in tool.requires]
            if not any(map(_CONSENT.search, (text, tool.description, *gates))):
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
    for agent, text in english_prompts(scenario):
        names = [*agent.tools, *(edge.to for edge in agent.handoffs)]
        names += [scenario.agents[edge.to].name for edge in agent.handoffs if edge.to in scenario.agents]
        texts = (text, *(name.replace("_", " ") for name in names))
        if not agent.prompt.escalation and not any(map(_PERSON.search, texts)):
            message = f"nothing says when '{agent.id}' hands the caller to a person"
            yield Finding(message, prompt_place(agent).span, "add prompt: {escalation: ...}")


@rule("SC629", "long-paragraph", "warning", "realtime")
def long_paragraph(subject: Subject) -> Iterator[Finding]:
    """A paragraph of the prompt is long.

    Problem: voice models follow short points better than long paragraphs.
    Instead: make a list of it, one rule a line. A text after `>` is one line for the model; `|` keeps the lines.
    """
    for agent in subject.scenario.agents.values():
        for passage in instructing_passages(agent, subject.scenario):
            for line in prose(passage.text).splitlines():
                if (words := len(line.split())) > _LONG_PARAGRAPH:
                    message = f"a paragraph of the prompt of '{agent.id}' has {words} words"
                    yield Finding(message, passage.span_of(line.strip()), "make a list of it")


@rule("SC630", "sound-effects", "warning", "realtime")
def sound_effects(subject: Subject) -> Iterator[Finding]:
    """The prompt asks for sounds that are no words.

    Problem: a voice reads them out as words, or makes noises that nobody expects on the phone.
    Instead: say how the agent feels and let the voice do it, or leave them out.
    """
    for agent in subject.scenario.agents.values():
        for passage in passages_of(agent, subject.scenario):
            for found in _SOUNDS.finditer(passage.text):
                before = re.split(r"[.!?\n]", passage.text[: found.start()])[-1]
                after = re.split(r"[.!?\n]", passage.text[found.end() :])[0]
                if not _NEGATION.search(before) and not _NEGATION.search(after):
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
        for passage in instructing_passages(agent, subject.scenario):
            for found in _ALWAYS.finditer(prose(passage.text)):
                word, what = found.group(1).lower(), caseless(found.group(2))
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
        place = place_of_setting(agent, subject.scenario, "pronunciations")
        for word, sound in agent.prompt.pronunciations.items():
            if not sound.strip() or sound.strip() == word.strip():
                message = f"the pronunciation of '{word}' says nothing about its sound"
                yield Finding(message, (place / word).span, "write how it sounds, or leave it out")


def _conflicting_languages(agent: AgentSpec, spoken: str, heard: str, span: Span) -> Finding:
    message = f"agent '{agent.id}' speaks {spoken}, but callers are transcribed in {heard}"
    return Finding(message, span, "make them the same")
