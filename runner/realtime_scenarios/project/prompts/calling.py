"""What a text model reads that plays a caller."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.core import listed
from realtime_scenarios.model.matcher import Matcher
from realtime_scenarios.model.persona import Persona, Reaction

ALL_DONE = "DONE"
GIVEN_UP = "GIVE UP"
"""What the model writes, and nothing else, where the caller hangs up."""

BEFORE_ANYTHING_IS_SAID = "(The line is open. Nobody has spoken yet.)"


def caller_prompt(persona: Persona) -> str:
    """Instructions: who the caller is, what they know and want, and how they end the conversation."""
    return "\n\n".join(["\n".join(section) for section in _sections(persona)])


def _sections(persona: Persona) -> Iterator[list[str]]:
    yield [
        "You play somebody who calls a voice agent. What the agent says comes to you as the user's messages.",
        "Answer with the caller's next words alone, as people speak: one or two short sentences, no stage directions.",
        "You never help the agent, and never speak for it.",
    ]
    if persona.who is not None:
        yield ["# Who you are", persona.who]
    yield ["# What you want, one after the other", *(_want_lines(persona))]
    if persona.facts:
        told = [f"- Asked for {_sought(fact.asked)}: {_one_of(fact.says)}" for fact in persona.facts]
        yield ["# What you know", "Say each of these only when the agent asks for it. You know nothing else.", *told]
    reactions = list(_reaction_lines(persona))
    if reactions:
        yield ["# How you react", *reactions]
    yield [
        "# How it ends",
        f"- When the agent has settled all that you want, write {ALL_DONE} and nothing else.",
        f"- Behind more than {persona.patience} answers in a row that do not get you on, write {GIVEN_UP} and nothing "
        "else.",
    ]


def _want_lines(persona: Persona) -> Iterator[str]:
    for number, want in enumerate(persona.wants, 1):
        settled = f" It is settled when the agent says {_sought(want.until)}." if want.until is not None else ""
        yield f"{number}. {_one_of(want.says)}{settled}"


def _reaction_lines(persona: Persona) -> Iterator[str]:
    kinds = (
        ("The agent asks for what you do not know", persona.question),
        ("The agent says that it cannot or may not", persona.refusal),
        ("The agent says nothing, or has not understood you", persona.silence),
    )
    for what, reaction in kinds:
        if reaction.says:
            yield f"- {what}{_by_which_words(reaction)}: {_one_of(reaction.says)}"


def _by_which_words(reaction: Reaction) -> str:
    return f" ({_sought(reaction.when)})" if reaction.when is not None else ""


def _one_of(texts: tuple[str, ...]) -> str:
    return listed([f'"{text}"' for text in texts], joined_by="or")


def _sought(matcher: Matcher) -> str:
    """What is looked for, in words."""
    wanted = [f'"{text}"' for text in matcher.texts] + [f"what matches /{pattern}/" for pattern in matcher.patterns]
    without = [f'"{text}"' for text in matcher.excludes]
    parts = [listed(wanted, joined_by="or")] if wanted else ["something"]
    return " ".join([*parts, *([f"without {listed(without, joined_by='or')}"] if without else [])])
