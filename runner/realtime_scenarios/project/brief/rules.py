"""A brief to the rules that its agent is told."""

from __future__ import annotations

from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.words import lowered, sentence, title_of


def rules_of(brief: Brief) -> list[str]:
    """The rules that hold in a scenario and in a prompt that stands alone alike."""
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
    rules += [f"`{tool.name}`: {sentence(tool.description)}" for tool in brief.tools]
    if brief.tools:
        rules.append(
            "Before a tool is called, say briefly what you are about to do; tell the outcome only when it is there."
        )
    if not brief.steps and brief.heir:
        rules.append(
            f"When the caller wants what {title_of(brief.heir)} is there for, say that you are handing them over, and "
            f"call `{handoff_tool_name(brief.heir)}`."
        )
    elif not brief.steps and brief.ending:
        rules.append(f"When the caller has what they need: {lowered(sentence(brief.ending))}")
    return rules


def rules_of_settings(brief: Brief) -> list[str]:
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
