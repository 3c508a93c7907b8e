"""A brief, which says who a voice agent is and what it goes through, to its prompt, its YAML, or a whole scenario."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from runner.core import Diagnostic, did_you_mean, in_reading_order, listed, resource_folder
from runner.document import Document, check, finding, read, read_text
from runner.model.names import handoff_tool_name
from runner.project.prompts import prompt_of

Temperament = Literal["lively", "calm", "plain"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the call. `collect` names what is found out in it, as context variables; `verify`: no way on without
    a yes; `tool` is called in it."""

    text: str
    collect: tuple[str, ...] = ()
    verify: bool = False
    tool: str | None = None


@dataclass(frozen=True, slots=True)
class BriefTool:
    """A function the agent may call. `parameters` is written as in a scenario."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brief:
    """What an author says about an agent that does not exist yet.

    `manner` is a personality in one text, `qualities` holds those given one by one, by the keys of the schema. `ending`
    is one word, the agent who takes over, or a text that says how the call ends.
    """

    role: str
    name: str = "Assistant"
    manner: str | None = None
    qualities: Mapping[str, str] | None = None
    company: str | None = None
    language: str | None = None
    steps: tuple[Step, ...] = ()
    tools: tuple[BriefTool, ...] = ()
    ending: str | None = None

    @property
    def agent_id(self) -> str:
        return _slug(self.name) or "assistant"

    @property
    def scenario_id(self) -> str:
        return _slug(self.name).lstrip("_") or "assistant"

    @property
    def heir(self) -> str | None:
        """The id of the agent who takes over at the end; None where the call just ends."""
        word = re.fullmatch(r"[A-Za-z_]\w*", self.ending or "", re.ASCII)
        return self.ending if word and self.ending != self.agent_id else None

    @property
    def temperament(self) -> Temperament:
        """What the words of the brief suggest about qualities that it leaves open."""
        few = [text for text in (self.qualities or {}).values() if len(text.split()) <= 8]
        return temperament_of(" ".join([self.role, self.manner or "", *few]))

    def with_quality(self, name: str, text: str) -> Brief:
        return replace(self, qualities={**(self.qualities or {}), name: text})


def read_brief(path: Path, *, shown_as: str | None = None) -> tuple[Brief | None, list[Diagnostic]]:
    """The brief in a YAML file, and what is wrong with it; with mistakes there is no brief."""
    return _brief_in(*read(path, shown_as=shown_as))


def read_brief_text(text: str, name: str) -> tuple[Brief | None, list[Diagnostic]]:
    """The same for a text that messages call `name`."""
    return _brief_in(*read_text(text, name))


def prompt_text(brief: Brief) -> str:
    """The whole prompt, ready to be pasted. It has conversation states only if the brief has steps."""
    personality = personality_of(brief)
    parts = [f"## {quality.heading}\n{personality[name]}\n" for name, quality in QUALITIES.items()]
    rules = [*_rules(brief), *_rules_of_settings(brief)]
    text = "# Personality and Tone\n" + "\n".join(parts) + "\n# Instructions\n" + "\n".join(f"- {one}" for one in rules)
    if brief.steps:
        shown = json.dumps(_numbered(states_of(brief), brief), indent=2, ensure_ascii=False)
        text += f"\n\n# Conversation States\n{shown}"
    return text + "\n"


def agents_yaml(brief: Brief) -> str:
    """The agent as blocks of a scenario file: `context`, `agents` and `tools`, as far as there is something in them."""
    return as_yaml(_blocks(brief, {brief.agent_id: agent_block(brief)}, context_of(brief)))


def scenario_files_of(
    brief: Brief, agents: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """A scenario folder with its first dialogue: texts by path below the folder.

    `agents` and `context` are those that a model has written; None: they are made from the brief.
    """
    made = dict(agents) if agents is not None else {brief.agent_id: agent_block(brief)}
    variables = dict(context) if context is not None else context_of(brief)
    start = next(iter(made))
    document: dict[str, Any] = {
        "scenario": brief.scenario_id,
        "title": f"{brief.name} of {brief.company}" if brief.company else brief.name,
        "description": _sentence(brief.role),
        "session": _session(brief),
        "start": start,
    }
    blocks = _blocks(brief, made, variables)
    document |= {"context": blocks.pop("context")} if "context" in blocks else {}
    if brief.heir and brief.heir not in made:
        blocks["agents"] = {**made, brief.heir: _heir_block(brief.heir, start, brief)}
    document |= blocks
    dialogue = {
        "scenario": f"../{brief.scenario_id}.yaml",
        "dialogues": [_first_dialogue(start, made[start], variables, brief)],
    }
    return {
        f"{brief.scenario_id}.yaml": "# yaml-language-server: $schema=schemas/scenario.schema.json\n"
        + as_yaml(document),
        "dialogues/first.yaml": "# yaml-language-server: $schema=../schemas/dialogue.schema.json\n" + as_yaml(dialogue),
    }


def metaprompt(brief: Brief, *, form: Literal["text", "yaml"] = "text") -> str:
    """What any chat model is told so that it writes the prompt. `form` `yaml` asks for the blocks of a scenario."""
    from jinja2 import Environment, StrictUndefined

    text = (resource_folder("prompts") / "metaprompt.md.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    return template.from_string(text).render(
        brief=as_yaml(plain(brief)).rstrip(),
        form=form,
        steps=len(brief.steps),
        headings=[quality.heading for quality in QUALITIES.values()],
        keys=list(QUALITIES),
        given=[QUALITIES[name].heading for name in brief.qualities or {}],
        agent=brief.agent_id,
        heir=brief.heir,
        transfer=handoff_tool_name(brief.heir) if brief.heir else None,
        tools=[tool.name for tool in brief.tools],
        collected=list(dict.fromkeys(name for step in brief.steps for name in step.collect)),
        language=brief.language,
    )


def plain(brief: Brief) -> dict[str, Any]:
    """The brief as data again, as its file would hold it."""
    steps: list[Any] = []
    for step in brief.steps:
        more = {"collect": list(step.collect), "verify": step.verify, "tool": step.tool}
        kept = {name: value for name, value in more.items() if value}
        steps.append({"step": step.text, **kept} if kept else step.text)
    tools = [
        {"name": one.name, "description": one.description}
        | ({"parameters": dict(one.parameters)} if one.parameters else {})
        for one in brief.tools
    ]
    personality = dict(brief.qualities or {}) | ({"other": brief.manner} if brief.manner and brief.qualities else {})
    data = {
        "name": brief.name,
        "role": brief.role,
        "company": brief.company,
        "language": brief.language,
        "personality": personality or brief.manner,
        "steps": steps,
        "tools": tools,
        "ending": brief.ending,
    }
    return {name: value for name, value in data.items() if value}


# What a model writes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model made of a brief. `text` is its YAML without the fence around it; with `diagnostics`, which call the
    text `answer`, `agents` and `context` are empty and there is no prompt."""

    text: str
    agents: Mapping[str, Any]
    context: Mapping[str, Any]
    prompt: str
    diagnostics: tuple[Diagnostic, ...]


def generated_by_model(brief: Brief, ask: Callable[[str], str]) -> ModelAnswer:
    """The agent as a model writes it. `ask` sends a text and returns the answer.

    An answer with mistakes is sent back once, with what is wrong; the second answer stands, mistakes or not.
    """
    question = metaprompt(brief, form="yaml")
    answer = _judged(ask(question), brief)
    if not answer.diagnostics:
        return answer
    mistakes = "\n".join(_told(one) for one in answer.diagnostics)
    return _judged(
        ask(
            f"{question}\n\n# Your first answer\n```yaml\n{answer.text}```\n\n# What is wrong with it\n{mistakes}\n\n"
            "Mend these mistakes, change nothing else, and answer with the whole YAML again."
        ),
        brief,
    )


def _judged(raw: str, brief: Brief) -> ModelAnswer:
    """The answer, held against the scenario schema. What a scenario needs besides stands below it, so lines agree."""
    fenced = re.search(r"^```[a-z]*[ \t]*\n(.*?)^```", raw, re.DOTALL | re.MULTILINE)
    text = (fenced.group(1) if fenced else raw).strip("\n") + "\n"
    tail: dict[str, Any] = {"scenario": "answer", "start": brief.agent_id}
    if not re.search(r"^tools:", text, re.MULTILINE):
        tail |= {"tools": _tools_block(brief)} if brief.tools else {}
    document, found = read_text(text + as_yaml(tail), "answer")
    if document is not None:
        found = [*found, *check(document, "scenario")]
    if document is not None and not found:
        found = list(_dangling(document, brief))
    if document is None or found:
        return ModelAnswer(text, {}, {}, "", tuple(in_reading_order(found)))
    from runner.model import build_scenario
    from runner.templates import TemplateError

    scenario, found = build_scenario(document)
    prompt = ""
    if scenario is not None:
        try:
            agent = scenario.agents[scenario.start]
            values = {name: one.default for name, one in scenario.context.items()}
            prompt = prompt_of(agent, scenario, {"context": values, "now": "{{ now }}"})
        except TemplateError as problem:
            found = [
                *found,
                finding("bad-form", f"its prompt cannot be rendered: {problem.message}", document.span(("agents",))),
            ]
    if found:
        return ModelAnswer(text, {}, {}, "", tuple(in_reading_order(found)))
    return ModelAnswer(text, document.data["agents"], document.data.get("context", {}), prompt, ())


def _dangling(document: Document, brief: Brief) -> Iterable[Diagnostic]:
    """Names in the answer that mean nothing: its agent, its tools, its heirs, its states and what they collect."""
    data = document.data
    agents, variables = data["agents"], data.get("context", {})
    if brief.agent_id not in agents:
        yield finding(
            "missing-key",
            f"there is no agent '{brief.agent_id}'",
            document.span(("agents",)),
            f"call it {brief.agent_id}",
        )
    known_tools = data.get("tools", {})
    known_agents = {*agents, *([brief.heir] if brief.heir else [])}
    for name, agent in agents.items():
        here: tuple[str | int, ...] = ("agents", name)
        ids = [state["id"] for state in agent.get("states", ())]
        for at, tool in enumerate(agent.get("tools", ())):
            yield from _unknown("tool", tool, known_tools, document, (*here, "tools", at))
        for at, edge in enumerate(agent.get("handoffs", ())):
            target = edge["to"] if isinstance(edge, dict) else edge
            yield from _unknown("agent", target, known_agents, document, (*here, "handoffs", at))
        if ids and not brief.steps:
            message = "there are states, but the brief names no steps"
            yield finding("unknown-key", message, document.span((*here, "states"), key=True), "leave `states` out")
        for number, state in enumerate(agent.get("states", ())):
            there = (*here, "states", number)
            for at, variable in enumerate(state.get("collect", ())):
                bare = variable.removesuffix("?")
                yield from _unknown("context variable", bare, variables, document, (*there, "collect", at))
            for at, tool in enumerate(state.get("tools", ())):
                yield from _unknown("tool", tool, agent.get("tools", ()), document, (*there, "tools", at))
            for at, edge in enumerate(state.get("transitions", ())):
                place = (*there, "transitions", at)
                if "to" in edge:
                    yield from _unknown("state", edge["to"], ids, document, (*place, "to"))
                else:
                    yield from _unknown("agent", edge["handoff"], known_agents, document, (*place, "handoff"))


def _unknown(
    kind: str, name: str, known: Iterable[str], document: Document, pointer: tuple[str | int, ...]
) -> Iterable[Diagnostic]:
    if name not in (choices := list(known)):
        message = f"{kind} '{name}' does not exist"
        yield finding("unknown-value", message, document.span(pointer), did_you_mean(name, choices))


def _told(one: Diagnostic) -> str:
    return f"- line {one.span.line}: {one.message}" + (f" ({one.hint})" if one.hint else "")


# How a brief is read ------------------------------------------------------------------------------------------------


def _brief_in(document: Document | None, found: list[Diagnostic]) -> tuple[Brief | None, list[Diagnostic]]:
    if document is None:
        return None, found
    import jsonschema

    from runner.document.wording import diagnostics_of

    schema = _brief_schema()
    errors = jsonschema.Draft202012Validator(schema).iter_errors(document.data)
    found = [*found, *(one for error in errors for one in diagnostics_of(error, document, schema))]
    if not found:
        found = list(_unmeant(document))
    return (None if found else _brief_of(document.data)), in_reading_order(found)


def _unmeant(document: Document) -> Iterable[Diagnostic]:
    """What no schema can see: tools that are not there, or there twice."""
    names: list[str] = []
    for at, tool in enumerate(document.data.get("tools", ())):
        if tool["name"] in names:
            span = document.span(("tools", at, "name"))
            yield finding("conflicting-keys", f"a second tool is named '{tool['name']}'", span, "rename one of them")
        names.append(tool["name"])
    for at, step in enumerate(document.data.get("steps", ())):
        if isinstance(step, dict) and "tool" in step and step["tool"] not in names:
            hint = did_you_mean(step["tool"], names) if names else "declare it: tools: [{name: ..., description: ...}]"
            span = document.span(("steps", at, "tool"))
            yield finding("unknown-value", f"tool '{step['tool']}' does not exist", span, hint)


def _brief_of(data: Mapping[str, Any]) -> Brief:
    personality = data.get("personality")
    return Brief(
        role=data["role"].strip(),
        name=data.get("name", "Assistant").strip(),
        manner=personality.strip() if isinstance(personality, str) else None,
        qualities=dict(personality) if isinstance(personality, dict) else None,
        company=data.get("company"),
        language=_LANGUAGES.get(str(data.get("language", "")).casefold(), data.get("language")),
        steps=tuple(step_of(step) for step in data.get("steps", ())),
        tools=tuple(
            BriefTool(one["name"], one["description"], one.get("parameters", {})) for one in data.get("tools", ())
        ),
        ending=data["ending"].strip() if "ending" in data else None,
    )


def step_of(step: str | Mapping[str, Any]) -> Step:
    """A step as it stands in a brief. Where `collect` is not given, what the text asks for is collected."""
    if isinstance(step, str):
        return Step(step.strip(), _asked_for(step))
    text = step["step"].strip()
    collect = tuple(dict.fromkeys(_slug(name) for name in step["collect"])) if "collect" in step else _asked_for(text)
    return Step(text, collect, step.get("verify", False), step.get("tool"))


def _asked_for(text: str) -> tuple[str, ...]:
    """The names, numbers, dates and so on that a step asks the caller for."""
    if not re.match(_ASKING, text.strip(), re.IGNORECASE):
        return ()
    return tuple(dict.fromkeys(_slug(found) for found in re.findall(_ASKED_FOR, text, re.IGNORECASE)))


_ASKING = r"(?:ask|get|collect|take|find out|note|request|obtain|learn|record)\b"
_ASKED_FOR = (
    r"\b(?:(?:first|last|given|family|full) name|surname|name|date of birth|birthday|e-?mail(?: address)?"
    r"|(?:(?!(?:and|or|the|an?|their|your|his|her|which|what|for|of|to|by|caller's)\b)[a-z]+ )?"
    r"(?:number|code|id|date|address)|phone|zip|postcode)\b"
)


@functools.cache
def _brief_schema() -> dict[str, Any]:
    """The schema of briefs; what they share with scenarios is taken from the schema of scenarios."""
    from runner.document.schema import schema

    said = {"type": "string", "minLength": 1, "pattern": r"\S", "x-hint": "it must not be blank"}
    name = {**said, "pattern": "[A-Za-z]", "x-hint": "give it a name with a letter in it"}
    step = {
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": said,
        "else": {
            "required": ["step"],
            "additionalProperties": False,
            "properties": {
                "step": said,
                "collect": {"type": "array", "items": name},
                "verify": {"type": "boolean"},
                "tool": {"$ref": "#/$defs/tool_name"},
            },
        },
    }
    tool = {
        "type": "object",
        "required": ["name", "description"],
        "additionalProperties": False,
        "properties": {
            "name": {"$ref": "#/$defs/tool_name"},
            "description": said,
            "parameters": {"$ref": "#/$defs/parameters"},
        },
    }
    return {
        "$defs": schema("scenario")["$defs"],
        "type": "object",
        "required": ["role"],
        "additionalProperties": False,
        "properties": {
            "name": name,
            "role": said,
            "personality": {
                "type": ["string", "object"],
                "if": {"type": "object"},
                "then": {"$ref": "#/$defs/personality"},
                "else": said,
            },
            "company": said,
            "language": said,
            "steps": {"type": "array", "items": step},
            "tools": {"type": "array", "items": tool},
            "ending": said,
        },
    }


# Who the agent is ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """A way to be: `label` in a few words, `text` as the prompt says it. `value` is what a scenario file holds, where
    that is not the text."""

    label: str
    text: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """A part of a personality. `more` is added to a few words of the author, so that they can be acted on; `options`
    holds an answer for each temperament and is empty where the role says it."""

    heading: str
    question: str
    more: str
    options: Mapping[Temperament, Option]
    extra: Option | None = None

    def ordered(self, temperament: Temperament) -> list[Option]:
        """The options, the one that fits best first, each once."""
        options = [self.options[temperament], *self.options.values(), *([self.extra] if self.extra else [])]
        return list(dict.fromkeys(options))


FILLER_WORDS = {
    "none": "None. A pause is a pause: begin to speak when you know what you want to say.",
    "occasionally": 'Occasionally. A small "okay" or "let\'s see" where a person thinks aloud, once a turn at most.',
    "often": 'Often. "Um", "hm" and "you know" come as they do among friends, but never inside a number or a name.',
    "very often": 'Very often. You think aloud, with "um", "uh" and half-begun sentences; facts still come out whole.',
}

QUALITIES: Mapping[str, Quality] = {
    "identity": Quality("Identity", "Who is the agent?", "", {}),
    "task": Quality("Task", "What is the agent there to do?", "", {}),
    "demeanor": Quality(
        "Demeanor",
        "With which attitude does it meet callers?",
        "Meet the caller like this from the first word to the last, also when they are in a hurry or cross.",
        {
            "lively": Option(
                "sunny and encouraging",
                "Sunny and encouraging. You are glad that the caller rang, you pick up on what they are looking "
                "forward to, and you never make a question feel silly.",
            ),
            "calm": Option(
                "patient and reassuring",
                "Patient and reassuring. Nothing is too small to be asked twice. You let people finish, and you show "
                "that you have heard them before you go on.",
            ),
            "plain": Option(
                "attentive and matter-of-fact",
                "Attentive and matter-of-fact. You listen closely, waste nobody's time, and stay even-tempered when a "
                "caller is not.",
            ),
        },
    ),
    "tone": Quality(
        "Tone",
        "How do its voice and its words feel?",
        "Use words that people say aloud rather than write, and let the voice carry the rest.",
        {
            "lively": Option(
                "bright and conversational",
                "Bright and conversational, as between people who share a hobby: short spoken sentences, everyday "
                "words, nothing that sounds like a catalogue.",
            ),
            "calm": Option(
                "soft and warm",
                "Soft and warm. The voice stays low and even, and the words are plain enough to be taken in on a bad "
                "day.",
            ),
            "plain": Option(
                "clear and courteous",
                "Clear and courteous. One thought to a sentence, no jargon, and an answer before any explanation.",
            ),
        },
    ),
    "enthusiasm": Quality(
        "Level of Enthusiasm",
        "How much energy does it show?",
        "Let it follow the caller: a little more where they are glad, a good deal less where they are worried.",
        {
            "lively": Option(
                "high, without a sales pitch",
                "High. You are audibly keen on the subject; it shows in how quickly you take up what the caller says, "
                "not in one exclamation after the other.",
            ),
            "calm": Option(
                "low and steady",
                "Low and steady. You sound present rather than excited, and tell good news with a smile instead of a "
                "cheer.",
            ),
            "plain": Option(
                "moderate",
                "Moderate. Awake and interested throughout, with a touch more energy at the greeting and at the "
                "good-bye.",
            ),
        },
    ),
    "formality": Quality(
        "Level of Formality",
        "How formally does it speak?",
        "Keep to it throughout, whichever way the caller speaks.",
        {
            "lively": Option(
                "casual",
                'Casual. First names and contractions are fine ("let\'s get you sorted"); slang that somebody would '
                "have "
                "to look up is not.",
            ),
            "calm": Option(
                "relaxed but respectful",
                "Relaxed but respectful. You speak as a trusted acquaintance would, and use the caller's name now and "
                "then once you know it.",
            ),
            "plain": Option(
                "polite and professional",
                'Polite and professional. Whole sentences, "please" and "thank you", and the family name until the '
                "caller "
                "offers the first.",
            ),
        },
    ),
    "emotion": Quality(
        "Level of Emotion",
        "How much feeling does it show?",
        "Whatever you show is about the caller's situation, never about your own.",
        {
            "lively": Option(
                "open",
                "Open. You laugh along, you are pleased out loud when something works, and sorry out loud when it "
                "does not.",
            ),
            "calm": Option(
                "gentle empathy",
                'Gentle. You name what you hear ("that sounds tiring") once, without making it larger, and then you '
                "help.",
            ),
            "plain": Option(
                "restrained",
                "Restrained. You acknowledge trouble in one sincere sentence and turn to what can be done about it.",
            ),
        },
    ),
    "filler_words": Quality(
        "Filler Words",
        "How often does it say things like 'um' (none, occasionally, often, very often)?",
        "",
        {
            "lively": Option("occasionally", FILLER_WORDS["occasionally"], "occasionally"),
            "calm": Option("none", FILLER_WORDS["none"], "none"),
            "plain": Option("none", FILLER_WORDS["none"], "none"),
        },
        Option("often", FILLER_WORDS["often"], "often"),
    ),
    "pacing": Quality(
        "Pacing",
        "How fast does it speak?",
        "Slow down for names, numbers and whatever the caller may be writing down.",
        {
            "lively": Option(
                "brisk",
                "Brisk, with short turns that leave room to jump in. Numbers, names and prices come at half that "
                "speed.",
            ),
            "calm": Option(
                "slow, with room to breathe",
                "Slow, with a real pause after each thought. Silence is fine: do not fill it, and do not hurry a "
                "caller who is thinking.",
            ),
            "plain": Option(
                "steady",
                "Steady, neither hurried nor drawn out. You slow down whenever digits or spellings are read.",
            ),
        },
    ),
    "other": Quality(
        "Other details",
        "Is there anything else that makes it who it is?",
        "It colours what you say; it never gets in the way of what the caller needs.",
        {
            "lively": Option(
                "takes an interest in the caller's plans",
                "Where there is room for it, ask one friendly question about what the caller is planning, and come "
                "back to the answer later in the call.",
            ),
            "calm": Option(
                "offers to repeat before anyone asks",
                "Offer to repeat something, or to take it more slowly, before anybody has to ask for it.",
            ),
            "plain": Option(
                "sums up at the end",
                "Before the call ends, say in one sentence what was settled and what happens next.",
            ),
        },
    ),
}
"""The parts of a personality, in the order of the schema and of the prompt."""

_HINTS: Mapping[Temperament, str] = {
    "lively": "snowboard ski surf skate sport fitness gym shop store boutique game gaming music festival party travel "
    "tour outdoor adventure bike restaurant cafe bakery kids toy fan fun funny friendly energetic upbeat cheerful "
    "lively enthusiastic playful bubbly bright",
    "calm": "calm gentle soothing quiet meditation mindfulness sleep breathing yoga hospital clinic pharmacy medicine "
    "medical doctor nurse health patient care hospice therapy therapist counsellor counselor grief funeral elderly "
    "support crisis slow patient reassuring",
    "plain": "bank insurance legal law tax government office authority airline billing account corporate enterprise "
    "precise formal professional businesslike efficient",
}


def temperament_of(text: str) -> Temperament:
    """What kind of voice the words call for; `plain` where they say nothing about it."""
    words = re.findall(r"[a-z]+", text.casefold())
    counts = {name: sum(word.rstrip("s") in hints.split() for word in words) for name, hints in _HINTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "plain"


def open_qualities(brief: Brief) -> list[str]:
    """The qualities that a person may still be asked about, in order; the role itself says who and what for."""
    return [name for name, quality in QUALITIES.items() if quality.options and name not in (brief.qualities or {})]


def personality_of(brief: Brief) -> dict[str, str]:
    """Every quality in full sentences: the author's words where there are any, otherwise what suits the role."""
    texts = {}
    for name, quality in QUALITIES.items():
        given = (brief.qualities or {}).get(name)
        if name == "identity":
            texts[name] = _sentence(given) if given else _identity(brief)
        elif name == "task":
            texts[name] = _sentence(given) if given else _task(brief)
        elif name == "filler_words":
            texts[name] = FILLER_WORDS[given or _default(name, brief)]
        elif given:
            few = len(given.split()) <= 4
            texts[name] = f"{_sentence(given)} {quality.more}".rstrip() if few else _sentence(given)
        else:
            texts[name] = _default(name, brief)
    return texts


def _default(name: str, brief: Brief) -> str:
    """What suits the role, for a quality that nobody chose."""
    option = QUALITIES[name].options[brief.temperament]
    return option.value or option.text


def _identity(brief: Brief) -> str:
    who = f"You are {brief.name}" + (f", the voice that callers of {brief.company} hear" if brief.company else "")
    role = brief.role.rstrip(". ")
    if re.match(r"you\b", role, re.IGNORECASE):
        text = f"{who}. {_sentence(role)}"
    elif re.match(r"(an?|the)\b", role, re.IGNORECASE):
        text = f"{who}: {_lower(role)}."
    else:
        text = f"{who}. Your role: {_lower(role)}."
    if brief.manner and re.match(r"(an?|the)\b", brief.manner, re.IGNORECASE):
        return f"{text} At heart you are {_lower(_sentence(brief.manner))}"
    if brief.manner and len(brief.manner.split()) <= 8:
        return f"{text} Your manner: {_lower(_sentence(brief.manner))}"
    return f"{text} {_sentence(brief.manner)}" if brief.manner else text


def _task(brief: Brief) -> str:
    if not brief.steps:
        return (
            "Find out what the caller wants, help with it as far as your role goes, and say so openly where it does "
            "not. Let the caller decide where the conversation goes."
        )
    first, *rest = [_lower(step.text.rstrip(". ")) for step in brief.steps]
    if not rest:
        return f"One thing, done well: {first}."
    return (
        f"Take every caller through the call in this order: {first}; {'; '.join([*rest[:-1], 'finally, ' + rest[-1]])}."
    )


# What the agent is told ---------------------------------------------------------------------------------------------


def _rules(brief: Brief) -> list[str]:
    rules = []
    if brief.steps:
        rules.append(
            "Follow the conversation states closely: do what the current one says, and move on only when the condition "
            "of a transition is met."
        )
    else:
        rules.append("There is no fixed order of events. Follow the caller, and keep in mind what was said before.")
    rules += [
        "Ask for one thing at a time, and wait for the answer before you ask for the next.",
        "Whenever you are given a name, a phone number or anything else whose exact spelling matters, say it back "
        "(letters and digits one by one) and have it confirmed before you use it.",
        "When the caller corrects you, acknowledge it plainly, without a long apology, and confirm the new value by "
        "saying it back.",
        "Say only what you know from here or from a tool. Where you do not know, say that you do not.",
    ]
    rules += [f"`{tool.name}`: {_sentence(tool.description)}" for tool in brief.tools]
    if brief.tools:
        rules.append(
            "Before a tool is called, say briefly what you are about to do; tell the outcome only when it is there."
        )
    if not brief.steps and brief.heir:
        rules.append(
            f"When the caller wants what {_heir(brief.heir)} is there for, say that you are handing them over, and "
            f"call `{handoff_tool_name(brief.heir)}`."
        )
    elif not brief.steps and brief.ending:
        rules.append(f"When the caller has what they need: {_lower(_sentence(brief.ending))}")
    return rules


def _rules_of_settings(brief: Brief) -> list[str]:
    """The rules that a scenario has settings for, and a prompt that stands alone must say."""
    rules = [
        "Answer only what you heard clearly. If it was noisy, cut off or silent, ask the caller to say it again.",
        "Do not use the same sentence twice. Sample phrases show the manner; vary them.",
    ]
    if brief.language:
        rules.append(
            f"Speak {brief.language} only, and say sample phrases in {brief.language} too. A caller who speaks another "
            "language is told so kindly."
        )
    return rules


# What the agent goes through ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that callers are asked for. All texts may hold `{label}`; `sample` is a value of this kind."""

    names: str
    told: str
    ask: str
    back: str
    sample: str
    spoken: str | None = None
    is_secret: bool = False


_KINDS = (
    Kind(
        "password|passcode|pin|ssn|social_security|card|cvv|iban",
        "Take the {label} in without reading it aloud; say only that you have it.",
        "Please give me your {label}. I will not say it out loud.",
        "Thank you, I have your {label}.",
        "4711",
        is_secret=True,
    ),
    Kind(
        "first_name|given_name",
        "Spell the {label} back letter by letter, and ask whether you have it right.",
        "May I have your {label}?",
        "So your {label} is J, A, N, E. Have I got that right?",
        "Jane",
    ),
    Kind(
        "last_name|family_name|surname",
        "Repeat the {label} together with its spelling, since this is what is misheard most.",
        "And what is your {label}?",
        "Your {label} is spelled R, I, V, E, R, A, correct?",
        "Rivera",
    ),
    Kind(
        "name",
        "Say the {label} back in full, and spell whichever part could be written in two ways.",
        "Could you give me the {label}, please?",
        "I have Jane Rivera as the {label}, with R, I, V, E, R, A. Is that how it is written?",
        "Jane Rivera",
    ),
    Kind(
        "phone|telephone|mobile|callback",
        "Read the {label} back digit by digit, in groups of three and four, and wait for a yes.",
        "Which {label} should I write down for you?",
        "Let me read the {label} back: five five five, zero one four, zero one nine nine. Is every digit right?",
        "555-014-0199",
        "phone_numbers",
    ),
    Kind(
        "email|e_mail|mail",
        'Spell the {label} back one character at a time, with "at" and "dot" as words.',
        "Which {label} may I use?",
        "As your {label} I wrote J, A, N, E, at, example, dot, com. Did I catch every letter?",
        "jane@example.com",
        "codes",
    ),
    Kind(
        "birth|birthday|birthdate|dob",
        "Say the {label} back with the month as a word and the year in full.",
        "What is your {label}?",
        "For the {label} I understood the fourth of March, nineteen eighty-eight. Is that so?",
        "1988-03-04",
        "dates",
    ),
    Kind(
        "date|day",
        "Repeat the {label} with the weekday and with the month as a word, never as bare numbers.",
        "Which day shall I note as the {label}?",
        "The {label} would be Tuesday, the third of March. Does that suit you?",
        "2026-03-03",
        "dates",
    ),
    Kind(
        "time|hour",
        "Say the {label} back with the part of the day, so that morning and evening are not mixed up.",
        "What {label} would you like?",
        "Half past ten in the morning as the {label}, yes?",
        "10:30",
    ),
    Kind(
        "address|street",
        "Repeat the {label} in full: the house number digit by digit, street and town as words.",
        "What is the {label}, with street, number and town?",
        "I have one four Pine Road, Springfield, as the {label}. Is anything missing?",
        "14 Pine Road, Springfield",
        "addresses",
    ),
    Kind(
        "zip|postcode|postal",
        "Read the {label} back one digit at a time.",
        "And the {label}?",
        "The {label} is nine, four, one, zero, five. Right?",
        "94105",
        "addresses",
    ),
    Kind(
        "amount|price|budget|total|cost",
        "Repeat the {label} in words, with its currency.",
        "What {label} do you have in mind?",
        "So the {label} is forty dollars, is it?",
        "forty dollars",
        "money",
    ),
    Kind(
        "size|height|weight|age|length|width",
        "Repeat the {label} as a number together with its unit.",
        "And what {label} do you need me to note?",
        "I have forty-two as the {label}. Is that what you said?",
        "forty-two",
    ),
    Kind(
        "code|number|id|reference|order|account|prescription|ticket|booking|confirmation|serial|licence|license|plate",
        "Read the {label} back one character after the other, none left out; after a correction, all of it again.",
        "Could you read the {label} to me?",
        "I heard A, dash, one, seven as the {label}. Does that match what you have in front of you?",
        "A-17",
        "codes",
    ),
)
"""The first kind that has a word of the name decides; order matters."""

_DETAIL = Kind(
    "",
    "Sum up in a few words what the caller said about the {label}, and ask whether that is what they meant.",
    "How would you describe the {label}?",
    "Let me make sure that I noted the {label} the way you meant it.",
    "about average",
)

_WAYS: Sequence[tuple[str, tuple[str, ...]]] = (
    (
        r"(?:ask|find out|get|learn|check with)\b",
        (
            "Let the caller answer in their own words; if the answer stays vague, ask one further question.",
            "If the caller touched on this already, build on what they said instead of asking from scratch.",
            "Accept a short answer as it is; this is a conversation and not a form.",
        ),
    ),
    (
        r"(?:recommend|suggest|offer|propose|explain|describe|tell|inform|present|advise|outline|give)\b",
        (
            "Put what matters most to this caller first, in two or three short sentences, and leave the rest for "
            "questions.",
            "Name at most three choices at once: the ear forgets the fourth.",
            "Tie it to something that the caller said, so that it does not sound read out.",
        ),
    ),
    (
        r"",
        (
            "Say what you are about to do, do it, and let the caller react before you go on.",
            "Make sure that the caller is still with you; a short pause is enough of a question.",
            "Keep it short, and answer whatever comes up on the way.",
        ),
    ),
)
"""How to do a step that is nothing in particular, by the verb that it begins with."""

_WAITING = (
    "Just a moment, please.",
    "One second, I am on it.",
    "Give me a moment to do that for you.",
    "Bear with me, this takes a second or two.",
)

_ONWARD = (
    "There is no way on before the caller has said yes to the {labels}.",
    "As long as the caller hesitates about the {labels}, stay here and clear it up.",
    "Move on only after a clear yes to the {labels}.",
)

_SMALL = "a|an|the|their|they|them|your|of|to|with|is|are|it|for|in|on|at|from|one|some|any"

_PEOPLE = r"(?:the )?(?:callers?|customers?|clients?|patients?|guests?|users?|visitors?|listeners?|members?)"

_PHRASES = (
    (r"ask (?:you )?about (.+)", "Tell me a little about {0}."),
    (r"ask (?:you )?for (.+)", "May I ask you for {0}?"),
    (r"ask (?:you )?((?:whether|if|what|which|when|where|how|why|who)\b.+)", "May I ask {0}?"),
    (r"(?:get|collect|take|note|find out|learn) (.+)", "Could you tell me {0}?"),
    (r"(?:offer|propose) (?:you )?(.+)", "What I can offer you is {0}."),
    (r"(?:recommend|suggest) (?:you )?(.+)", "From what you have told me, I would suggest {0}."),
    (r"(?:explain|describe|outline) (?:to you )?(.+)", "Let me explain {0}."),
    (r"(?:say|mention) that (.+)", "You should know that {0}."),
    (r"(?:tell|inform|advise|warn|remind) you (.+)", "I would like to tell you {0}."),
    (r"((?:check|look up|find|search|verify|see) .+)", "Let me {0}."),
    (r"(?:confirm|repeat|summari[sz]e|sum up|review|go over|read back) (.+)", "Let me go over {0} with you once more."),
    (r"(?:guide|lead|walk|take) you through (.+)", "Let us go through {0} together."),
    (r"(?:book|reserve|schedule|arrange|set up) (.+)", "I am arranging {0} for you now."),
)


def kind_of(variable: str) -> Kind:
    """What kind of thing a context variable holds, by its name."""
    words = f"_{variable.casefold()}_"
    return next((one for one in _KINDS if any(f"_{name}_" in words for name in one.names.split("|"))), _DETAIL)


def states_of(brief: Brief) -> list[dict[str, Any]]:
    """The conversation states as a scenario holds them, one a step; none without steps.

    A text `ending` is a state of its own, and so is the end of a call whose last step collects something: what a state
    has collected is given on the way to another. No instruction and no sample phrase stands in two states.
    """
    steps = list(brief.steps)
    last = None
    if steps and brief.heir and steps[-1].collect:
        steps.append(Step(f"Hand the caller over to {_heir(brief.heir)}"))
        last = "handing_over"
    elif steps and not brief.heir and (brief.ending or steps[-1].collect):
        steps.append(Step(brief.ending or "Thank the caller and say good-bye"))
        last = "closing"
    ids = _state_ids(steps, last)
    known: dict[str, None] = {}
    used: set[str] = set()
    states: list[dict[str, Any]] = []
    for index, (step, name) in enumerate(zip(steps, ids, strict=True)):
        heir = brief.heir if index == len(steps) - 1 else None
        state: dict[str, Any] = {
            "id": name,
            "description": _purpose(step, name),
            "instructions": _told_in(step, name, known, used, heir),
            "examples": _examples(step, name, brief, known, used, heir),
        }
        state |= {"collect": list(step.collect)} if step.collect else {}
        state |= {"tools": [step.tool]} if step.tool else {}
        if index < len(steps) - 1:
            state["transitions"] = [{"to": ids[index + 1], "when": _condition(step, name)}]
        elif heir:
            state["transitions"] = [{"handoff": heir, "when": _condition(step, name)}]
        else:
            state["terminal"] = True
        known |= dict.fromkeys(step.collect)
        states.append(state)
    return states


def context_of(brief: Brief) -> dict[str, Any]:
    """A context variable for each thing that some step collects."""
    variables: dict[str, Any] = {}
    for step in brief.steps:
        for name in step.collect:
            secret = {"secret": True} if kind_of(name).is_secret else {}
            variables[name] = {"type": "string", "description": f"The {_words(name)} that the caller gave.", **secret}
    return variables


def agent_block(brief: Brief) -> dict[str, Any]:
    """The agent as a scenario holds it below `agents`."""
    personality = {name: _literal(text) for name, text in personality_of(brief).items()}
    personality["filler_words"] = (brief.qualities or {}).get("filler_words") or _default("filler_words", brief)
    rules = [*_rules(brief)]
    if brief.language:
        rules.append(f"Sample phrases show the manner; say them in {brief.language}.")
    spoken = sorted(
        {kind.spoken for step in brief.steps for name in step.collect if (kind := kind_of(name)).spoken} - {None}
    )
    settings: dict[str, Any] = {"language": brief.language} if brief.language else {}
    settings |= {"unclear_audio": True, "variety": True} | ({"spoken": spoken} if spoken else {})
    block: dict[str, Any] = {
        "name": brief.name,
        "personality": personality,
        "instructions": _literal("".join(f"- {rule}\n" for rule in rules)),
        "prompt": settings,
    }
    if brief.tools:
        block["tools"] = [tool.name for tool in brief.tools]
    if brief.heir:
        block["handoffs"] = [
            {"to": brief.heir, "description": f"Hand the caller to {_heir(brief.heir)} when your own part is done."}
        ]
    if brief.steps:
        block |= {"states_mode": "tracked", "states": states_of(brief)}
    return block


def _state_ids(steps: Sequence[Step], last: str | None) -> list[str]:
    """The ids of the states; `last` is the one of the last state where its step was not the author's."""
    ids: list[str] = []
    for index, step in enumerate(steps):
        if last is not None and index == len(steps) - 1:
            name = last
        elif _greets(step):
            name = "greeting"
        elif 0 < len(step.collect) <= 2 and not step.tool:
            name = f"get_{'_and_'.join(step.collect)}"
        else:
            name = _short_name(step.text) or "step"
        number = 2
        base = name
        while name in ids:
            name, number = f"{base}_{number}", number + 1
        ids.append(name)
    return ids


def _short_name(text: str) -> str:
    first = re.split(r"[,;:.]| (?:and|before|that|so|if|when) ", text)[0]
    words = [word for word in re.findall(r"[a-z0-9]+", first.casefold()) if not re.fullmatch(_SMALL, word)]
    return _slug("_".join(words[:4]))


def _greets(step: Step) -> bool:
    return bool(re.match(r"(greet|welcome|say hello|say hi)\b", step.text, re.IGNORECASE))


def _purpose(step: Step, name: str) -> str:
    """What the state is for. The step itself says it where it is nothing in particular."""
    labels = listed(_words(one) for one in step.collect)
    if name.startswith("greeting"):
        return "The caller is welcomed and knows whom they are talking to."
    if name == "closing":
        return "The call comes to a friendly end."
    if name == "handing_over":
        return "Your own part is done, and somebody else takes over."
    if step.collect and step.tool:
        return f"The {labels} {_is(step.collect)} found out, confirmed and passed on."
    if step.collect:
        return f"The caller gives the {labels}, and you make sure that you heard right."
    if step.tool:
        return f"`{step.tool}` is called, and the caller learns what came of it."
    if step.verify:
        return "Nothing that was said so far is left in doubt."
    return _sentence(step.text)


def _told_in(step: Step, name: str, known: Mapping[str, None], used: set[str], heir: str | None) -> list[str]:
    is_ours = name.startswith("greeting") or name in ("closing", "handing_over")
    is_plain = not (step.collect or step.tool or step.verify or is_ours)
    told = [] if is_plain else [_sentence(step.text)]
    if len(step.collect) > 1:
        told.append(f"Ask for {listed(_words(one) for one in step.collect)} one after the other, not all at once.")
    for one in step.collect:
        label = _words(one)
        if one in known:
            told.append(f"The {label} is known already: ask whether it still holds instead of asking anew.")
        else:
            told.append(kind_of(one).told.format(label=label))
    if step.verify and step.collect:
        labels = listed(_words(one) for one in step.collect)
        onward = next((one for one in _ONWARD if one not in used), _ONWARD[-1])
        used.add(onward)
        told.append(onward.format(labels=labels))
    elif step.verify:
        what = f" ({listed(_words(one) for one in known)})" if known else ""
        told.append(f"Go through what was said so far{what} in one or two sentences, and wait for a clear yes.")
    if step.tool:
        sure = "Once that is confirmed, call" if step.collect or step.verify else "Call"
        told.append(f"{sure} `{step.tool}`, and say in plain words what came of it.")
    if name.startswith("greeting"):
        told.append("Keep it short: a greeting, your name, and then room for the caller.")
    elif name == "closing":
        told.append("If nothing is left open, say good-bye once, and do not begin a new subject.")
    elif is_plain:
        ways = next(ways for verb, ways in _WAYS if re.match(verb, step.text, re.IGNORECASE))
        told += [way for way in ways if way not in used][:1]
    if heir:
        told.append(
            f"Tell the caller in one sentence that {_heir(heir)} takes over, then call `{handoff_tool_name(heir)}`."
        )
    return _unused(told, used) or [_sentence(step.text)]


def _examples(
    step: Step, name: str, brief: Brief, known: Mapping[str, None], used: set[str], heir: str | None
) -> list[str]:
    if name.startswith("greeting"):
        examples = [_greeting(brief)]
        if more := re.search(r" and (?:then )?((?:say|mention|tell|explain|inform|warn|remind)\b.+)", step.text):
            examples.append(_phrase_for(more.group(1)))
    elif name == "handing_over":
        examples = []
    elif name == "closing" or re.match(r"(thank|say good-?bye|close|end|wish)\b", step.text, re.IGNORECASE):
        examples = [_farewell(brief)]
    else:
        examples = [] if step.collect else [_phrase_for(step.text)]
    for one in step.collect:
        kind, label = kind_of(one), _words(one)
        examples += (
            [f"Is your {label} still the one you gave me?"]
            if one in known
            else [kind.ask.format(label=label), kind.back.format(label=label)]
        )
    if step.tool:
        examples += [one for one in _WAITING if one not in used][:1]
    if heir:
        examples.append(f"From here on {_heir(heir)} looks after you. I am putting you through now.")
    return _unused(examples, used) or [f"Let us come to the next point: {_lower(step.text.rstrip('. '))}."]


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _heir(heir: str) -> str:
    """The agent who takes over, as callers are told: a person by trade, or a team."""
    words = _words(heir)
    return f"the {words}" if re.search(r"(ist|er|or|ent|ant|an|se)$", words) else f"the {words} team"


def _greeting(brief: Brief) -> str:
    place = f" from {brief.company}" if brief.company else ""
    match brief.temperament:
        case "lively":
            return f"Hey there, you're talking to {brief.name}{place}! What can I do for you today?"
        case "calm":
            return f"Hello, this is {brief.name}{place}. I am glad you called. What can I do for you?"
        case "plain":
            return f"Good day, you are speaking with {brief.name}{place}. How may I help you?"


def _farewell(brief: Brief) -> str:
    place = f" {brief.company}" if brief.company else ""
    match brief.temperament:
        case "lively":
            return f"Thanks for calling{place}, that was fun. See you soon!"
        case "calm":
            return f"Thank you for calling{place}. Take good care of yourself."
        case "plain":
            return f"Thank you for calling{place}. Good-bye."


def _phrase_for(text: str) -> str:
    """What an agent might say who does what the text tells it to."""
    first = re.split(r"[,;.]|, and | and ", text.strip())[0]
    said = re.sub(rf"\b{_PEOPLE}'s?\b", "your", first, flags=re.IGNORECASE)
    said = re.sub(rf"\b{_PEOPLE}\b", "you", said, flags=re.IGNORECASE)
    for pattern, word in ((r"their", "your"), (r"they|them", "you"), (r"theirs", "yours"), (r"themselves", "yourself")):
        said = re.sub(rf"\b(?:{pattern})\b", word, said, flags=re.IGNORECASE)
    said = _lower(said)
    for pattern, phrase in _PHRASES:
        if found := re.fullmatch(pattern, said, re.IGNORECASE):
            return phrase.format(found.group(1))
    return f"Now I would like to {said}."


def _condition(step: Step, name: str) -> str:
    if step.tool:
        return f"`{step.tool}` has answered, and the caller knows what came of it."
    if step.collect:
        confirmed = listed(_words(one) for one in step.collect)
        return f"The caller has confirmed the {confirmed}."
    if name.startswith("greeting"):
        return "The caller has been greeted and has said something."
    if name == "handing_over":
        return "The caller knows that they are being handed over."
    text = _lower(" ".join(step.text.split()).rstrip(". "))
    if asked := re.fullmatch(r"(?:ask|find out|learn) (?:about |for )?(.+)", text):
        return f"You know {asked.group(1)}."
    return f"You did this, and the caller has no question left about it: {text}."


def _numbered(states: Sequence[Mapping[str, Any]], brief: Brief) -> list[dict[str, Any]]:
    """The states as the metaprompt writes them, with ids that begin with their number."""
    ids = {state["id"]: f"{number}_{state['id']}" for number, state in enumerate(states, 1)}
    heir = handoff_tool_name(brief.heir) if brief.heir else ""
    return [
        {
            "id": ids[state["id"]],
            "description": state["description"],
            "instructions": state["instructions"],
            "examples": state["examples"],
            "transitions": [
                {"next_step": ids[edge["to"]] if "to" in edge else heir, "condition": edge["when"]}
                for edge in state.get("transitions", ())
            ],
        }
        for state in states
    ]


def _unused(texts: Iterable[str], used: set[str]) -> list[str]:
    """The texts that have not been used before; from now on they have."""
    fresh = [text for text in dict.fromkeys(texts) if text not in used]
    used.update(fresh)
    return fresh


# The files around the agent -----------------------------------------------------------------------------------------

_LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
    "da": "Danish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "hi": "Hindi",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "ar": "Arabic",
}

_YES = ("Yes, please.", "That sounds good.", "All right, go on.", "Okay, thank you.")
_SAID = ("Let me think. The usual, I would say.", "It depends, but mostly yes.", "Nothing special, really.")


def _blocks(brief: Brief, agents: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    blocks: dict[str, Any] = {"context": dict(context)} if context else {}
    blocks["agents"] = dict(agents)
    if brief.tools:
        blocks["tools"] = _tools_block(brief)
    return blocks


def _tools_block(brief: Brief) -> dict[str, Any]:
    return {
        tool.name: {"description": tool.description}
        | ({"parameters": dict(tool.parameters)} if tool.parameters else {})
        for tool in brief.tools
    }


def _session(brief: Brief) -> dict[str, Any]:
    code = next((code for code, name in _LANGUAGES.items() if name == brief.language), None)
    transcription = {"model": "gpt-4o-mini-transcribe"} | ({"language": code} if code else {})
    return {"model": "gpt-realtime", "voice": "marin", "transcription": transcription}


def _heir_block(heir: str, giver: str, brief: Brief) -> dict[str, Any]:
    """A stand-in for the agent who takes over, so that the scenario is whole."""
    return {
        "handoff_description": f"Takes over from {_literal(brief.name)}.",
        "instructions": f"You are {_heir(heir)}, and take over a caller from {_literal(brief.name)}. Help them with "
        "what they still want, in one or two sentences a turn.\n",
        "prompt": {"language": brief.language} if brief.language else {"unclear_audio": True},
        "handoffs": [{"to": giver, "description": f"Hand the caller back to {brief.name}."}],
    }


def _first_dialogue(start: str, agent: Mapping[str, Any], context: Mapping[str, Any], brief: Brief) -> dict[str, Any]:
    """A call that goes once through the agent's states, or says hello where it has none."""
    states = {state["id"]: state for state in agent.get("states", ())}
    if not states:
        say = {"say": _greeting(brief)}
        return {
            "id": "hello",
            "title": "The agent says hello",
            "turns": [{"user": "Hello", "agent": [say], "expect": [{"agent": start}]}],
        }
    here = next(iter(states.values()))
    seen = {here["id"]}
    turns: list[dict[str, Any]] = [{"user": "Hello", "agent": [{"say": _line_of(here)}]}]
    given: dict[str, str] = {}
    is_enforced = agent.get("states_mode", "prompt") != "prompt"
    end: dict[str, Any] = {"agent": start}
    while is_enforced:
        ways = [edge for edge in here.get("transitions", ()) if edge.get("to") not in seen]
        collected = {name.removesuffix("?"): kind_of(name.removesuffix("?")).sample for name in here.get("collect", ())}
        given |= collected
        calls = _calls_in(here, given, brief)
        if not ways and not calls:
            break
        user = _reply(here, collected, len(turns))
        if not ways:
            turns.append({"user": user, "agent": [*calls, {"say": here["examples"][-1]}]})
            break
        way = ways[0]
        arguments = {"args": collected} if collected else {}
        if "handoff" in way:
            turns.append(
                {"user": user, "agent": [*calls, {"handoff": way["handoff"]}, {"say": "Hello, I am taking over."}]}
            )
            end = {"agent": way["handoff"]}
            break
        here = states[way["to"]]
        seen.add(here["id"])
        turns.append(
            {
                "user": user,
                "agent": [*calls, {"state": here["id"], **arguments}, {"say": _line_of(here)}],
                "expect": [{"state": here["id"]}],
            }
        )
    held = {name: value for name, value in given.items() if not _is_secret(context.get(name))}
    dialogue = {
        "id": "from-start-to-end",
        "title": "A call that goes through every step",
        "turns": turns,
        "expect": [end],
    }
    if held:
        dialogue["expect"] = [end, {"context": held}]
    return dialogue


def _reply(state: Mapping[str, Any], collected: Mapping[str, str], number: int) -> str:
    """What a caller might answer to the agent's line in this state."""
    if collected:
        said = listed(f"my {_words(name)} is {value}" for name, value in collected.items())
        return _sentence(said)
    choices = _SAID if _line_of(state).endswith("?") and number > 1 else _YES
    return choices[number % len(choices)]


def _line_of(state: Mapping[str, Any]) -> str:
    examples = state.get("examples") or [state["description"]]
    return str(examples[0])


def _is_secret(variable: Any) -> bool:
    return isinstance(variable, Mapping) and bool(variable.get("secret"))


def _calls_in(state: Mapping[str, Any], given: Mapping[str, str], brief: Brief) -> list[dict[str, Any]]:
    """The calls of the state's tools, where arguments can be thought of that fit."""
    calls = []
    for tool in brief.tools:
        if tool.name in state.get("tools", ()):
            arguments = _arguments(tool.parameters, given)
            if arguments is not None:
                calls.append({"call": tool.name, **({"args": arguments} if arguments else {})})
    return calls


def _arguments(parameters: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any] | None:
    import jsonschema

    if parameters.get("type") == "object":
        required = parameters.get("required", ())
        wanted = {name: one for name, one in parameters.get("properties", {}).items() if name in required}
    else:
        wanted = {name: one for name, one in parameters.items() if not name.endswith("?")}
    found: dict[str, Any] = {}
    for name, one in wanted.items():
        schema = {"type": one} if isinstance(one, str) else {"enum": one} if isinstance(one, list) else one
        value = _value(name, schema, given)
        if not jsonschema.Draft202012Validator(schema).is_valid(value):
            return None
        found[name] = value
    return found


def _value(name: str, schema: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    kinds = {"integer": 2, "number": 2, "boolean": True, "array": [], "object": {}}
    return kinds.get(str(schema.get("type")), given.get(name, kind_of(name).sample))


# Words --------------------------------------------------------------------------------------------------------------


def _sentence(text: str | None) -> str:
    """The text with a capital and a full stop."""
    bare = " ".join((text or "").split())
    closed = bare.endswith((".", "!", "?", "…", '"'))
    return f"{bare[:1].upper()}{bare[1:]}{'' if closed else '.'}" if bare else ""


def _lower(text: str) -> str:
    """The text as it stands inside a sentence; names and abbreviations keep their capital."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first[1:].islower() or len(first) == 1 else text


def _words(name: str) -> str:
    return name.replace("_", " ").strip()


def _slug(text: str) -> str:
    plain_letters = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    name = re.sub(r"[^a-z0-9]+", "_", plain_letters.casefold()).strip("_")
    return f"step_{name}" if name[:1].isdigit() else name


def _literal(text: str) -> str:
    """The text for a template that is to say exactly this."""
    return re.sub(r"\{[{%#]", lambda found: f"{{{{ '{found.group()}' }}}}", text)


def as_yaml(data: Mapping[str, Any]) -> str:
    """Data as YAML that people like to read: block texts where they are long, short lists on one line."""
    import yaml

    class Emitter(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(emitter: yaml.SafeDumper, value: str) -> yaml.Node:
        style = "|" if "\n" in value else ">" if len(value) > 90 else None
        return emitter.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def sequence(emitter: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
        short = all(isinstance(one, str) and re.fullmatch(r"[\w-]+", one) for one in value) and len(str(value)) < 80
        return emitter.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)

    Emitter.add_representer(str, text)
    Emitter.add_representer(list, sequence)
    dumped: str = yaml.dump(dict(data), Dumper=Emitter, sort_keys=False, allow_unicode=True, width=110)
    return dumped
