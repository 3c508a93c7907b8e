"""The steps of a brief to the conversation states of its agent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.kinds import kind_of
from realtime_scenarios.project.brief.model import Brief, Part, Step
from realtime_scenarios.project.brief.phrases import examples_of, unused
from realtime_scenarios.project.brief.words import label_of, lowered, sentence, slug, title_of

_SMALL = "a|an|the|their|they|them|your|of|to|with|is|are|it|for|in|on|at|from|one|some|any"

_ONWARD = (
    "There is no way on before the caller has said yes to the {labels}.",
    "As long as the caller hesitates about the {labels}, stay here and clear it up.",
    "Move on only after a clear yes to the {labels}.",
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


def states_of(brief: Brief) -> list[dict[str, Any]]:
    """The conversation states as a scenario holds them, one a step; none without steps.

    A text `ending` is a state of its own, and so is the end of a call whose last step collects something: what a state
    has collected is given on the way to another. No instruction and no sample phrase stands in two states.
    """
    steps = list(brief.steps)
    last: Part | None = None
    if steps and brief.heir and steps[-1].collect:
        steps.append(Step(f"Hand the caller over to {title_of(brief.heir)}"))
        last = "handing_over"
    elif steps and not brief.heir and (brief.ending or steps[-1].collect):
        steps.append(Step(brief.ending or "Thank the caller and say good-bye"))
        last = "closing"
    ids = _state_ids(steps, last)
    known: dict[str, None] = {}
    used: set[str] = set()
    states: list[dict[str, Any]] = []
    for index, (step, name) in enumerate(zip(steps, ids, strict=True)):
        is_last = index == len(steps) - 1
        heir = brief.heir if is_last else None
        part = _part_of(step, last if is_last else None)
        state: dict[str, Any] = {
            "id": name,
            "description": _purpose(step, part),
            "instructions": _told_in(step, part, known, used, heir),
            "examples": examples_of(step, part, brief, known, used, heir),
        }
        state |= {"collect": list(step.collect)} if step.collect else {}
        state |= {"tools": [step.tool]} if step.tool else {}
        if index < len(steps) - 1:
            state["transitions"] = [{"to": ids[index + 1], "when": _condition(step, part)}]
        elif heir:
            state["transitions"] = [{"handoff": heir, "when": _condition(step, part)}]
        else:
            state["terminal"] = True
        known |= dict.fromkeys(step.collect)
        states.append(state)
    return states


def _state_ids(steps: Sequence[Step], last: Part | None) -> list[str]:
    """The ids of the states; `last` is the part of the last one where its step was not the author's."""
    ids: list[str] = []
    for index, step in enumerate(steps):
        name: str
        if part := _part_of(step, last if index == len(steps) - 1 else None):
            name = part
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


def _part_of(step: Step, ours: Part | None) -> Part | None:
    """What part of the call the step is; None where it is nothing in particular. `ours` says so of a step we added."""
    if ours is None and re.match(r"(greet|greeting|welcome|say hello|say hi)\b", step.text, re.IGNORECASE):
        return "greeting"
    return ours


def _short_name(text: str) -> str:
    first = re.split(r"[,;:.]| (?:and|before|that|so|if|when) ", text)[0]
    words = [word for word in re.findall(r"[a-z0-9]+", first.casefold()) if not re.fullmatch(_SMALL, word)]
    return slug("_".join(words[:4]))


def _purpose(step: Step, part: Part | None) -> str:
    """What the state is for. The step itself says it where it is nothing in particular."""
    labels = listed(label_of(one) for one in step.collect)
    if part == "greeting":
        return "The caller is welcomed and knows whom they are talking to."
    if part == "closing":
        return "The call comes to a friendly end."
    if part == "handing_over":
        return "Your own part is done, and somebody else takes over."
    if step.collect and step.tool:
        return f"The {labels} {_is(step.collect)} found out, confirmed and passed on."
    if step.collect:
        return f"The caller gives the {labels}, and you make sure that you heard right."
    if step.tool:
        return f"`{step.tool}` is called, and the caller learns what came of it."
    if step.verify:
        return "Nothing that was said so far is left in doubt."
    return sentence(step.text)


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _told_in(step: Step, part: Part | None, known: Mapping[str, None], used: set[str], heir: str | None) -> list[str]:
    is_ours = part is not None
    is_plain = not (step.collect or step.tool or step.verify or is_ours)
    told = [] if is_plain else [sentence(step.text)]
    if len(step.collect) > 1:
        told.append(f"Ask for {listed(label_of(one) for one in step.collect)} one after the other, not all at once.")
    for one in step.collect:
        label = label_of(one)
        if one in known:
            told.append(f"The {label} is known already: ask whether it still holds instead of asking anew.")
        else:
            told.append(kind_of(one).told.format(label=label))
    if step.verify and step.collect:
        labels = listed(label_of(one) for one in step.collect)
        onward = next((one for one in _ONWARD if one not in used), _ONWARD[-1])
        used.add(onward)
        told.append(onward.format(labels=labels))
    elif step.verify:
        what = f" ({listed(label_of(one) for one in known)})" if known else ""
        told.append(f"Go through what was said so far{what} in one or two sentences, and wait for a clear yes.")
    if step.tool:
        sure = "Once that is confirmed, call" if step.collect or step.verify else "Call"
        told.append(f"{sure} `{step.tool}`, and say in plain words what came of it.")
    if part == "greeting":
        told.append("Keep it short: a greeting, your name, and then room for the caller.")
    elif part == "closing":
        told.append("If nothing is left open, say good-bye once, and do not begin a new subject.")
    elif is_plain:
        ways = next(ways for verb, ways in _WAYS if re.match(verb, step.text, re.IGNORECASE))
        told += [way for way in ways if way not in used][:1]
    if heir:
        told.append(
            f"Tell the caller in one sentence that {title_of(heir)} takes over, then call `{handoff_tool_name(heir)}`."
        )
    return unused(told, used) or [sentence(step.text)]


def _condition(step: Step, part: Part | None) -> str:
    if step.tool:
        return f"`{step.tool}` has answered, and the caller knows what came of it."
    if step.collect:
        confirmed = listed(label_of(one) for one in step.collect)
        return f"The caller has confirmed the {confirmed}."
    if part == "greeting":
        return "The caller has been greeted and has said something."
    if part == "handing_over":
        return "The caller knows that they are being handed over."
    text = lowered(" ".join(step.text.split()).rstrip(". "))
    if asked := re.fullmatch(r"(?:ask|find out|learn) (?:about |for )?(.+)", text):
        return f"You know {asked.group(1)}."
    return f"You did this, and the caller has no question left about it: {text}."
