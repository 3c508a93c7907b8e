"""The steps of a brief to the conversation states of its agent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.kinds import kind_of
from realtime_scenarios.project.brief.model import Brief, Part, Step
from realtime_scenarios.project.brief.phrases import examples_of, unused
from realtime_scenarios.project.brief.sentences import state_texts
from realtime_scenarios.project.brief.words import label_of, lowered, sentence, slug, title_of

_FUNCTION_WORDS = "a|an|the|their|they|them|your|of|to|with|is|are|it|for|in|on|at|from|one|some|any"


def states_of(brief: Brief) -> list[dict[str, Any]]:
    """The conversation states as a scenario holds them, one a step; none without steps.

    A text `ending` is a state of its own, and so is the end of a call whose last step collects something: what a state
    has collected is given on the way to another. No instruction and no sample phrase stands in two states.
    """
    steps = list(brief.steps)
    last: Part | None = None
    if steps and brief.heir and steps[-1].collect:
        last = "handing_over"
        steps.append(Step(state_texts().added.handing_over.format(heir=title_of(brief.heir))))
    elif steps and not brief.heir and (brief.ending or steps[-1].collect):
        last = "closing"
        steps.append(Step(brief.ending or state_texts().added.closing))
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
            "description": _state_description(step, part),
            "instructions": _state_instructions(step, part, known, used, heir),
            "examples": examples_of(step, part, brief, known, used, heir),
        }
        state |= {"collect": list(step.collect)} if step.collect else {}
        state |= {"tools": [step.tool]} if step.tool else {}
        if index < len(steps) - 1:
            state["transitions"] = [{"to": ids[index + 1], "when": _transition_condition(step, part)}]
        elif heir:
            state["transitions"] = [{"handoff": heir, "when": _transition_condition(step, part)}]
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
            name = _name_from(step.text) or "step"
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


def _name_from(text: str) -> str:
    first = re.split(r"[,;:.]| (?:and|before|that|so|if|when) ", text)[0]
    words = [word for word in re.findall(r"[a-z0-9]+", first.casefold()) if not re.fullmatch(_FUNCTION_WORDS, word)]
    return slug("_".join(words[:4]))


def _state_description(step: Step, part: Part | None) -> str:
    """What the state is for. The step itself says it where it is nothing in particular."""
    texts = state_texts()
    if part:
        return texts.parts[part].purpose
    if step.collect:
        text = texts.purpose.collect_and_call if step.tool else texts.purpose.collect
        return text.format(labels=_joined_labels(step.collect), are="is" if len(step.collect) == 1 else "are")
    if step.tool:
        return texts.purpose.call.format(tool=step.tool)
    return texts.purpose.verify if step.verify else sentence(step.text)


def _joined_labels(names: Iterable[str]) -> str:
    return listed(label_of(name) for name in names)


def _state_instructions(
    step: Step, part: Part | None, known: Mapping[str, None], used: set[str], heir: str | None
) -> list[str]:
    texts = state_texts().told
    is_nothing_in_particular = not (step.collect or step.tool or step.verify or part)
    instructions = [] if is_nothing_in_particular else [sentence(step.text)]
    if len(step.collect) > 1:
        instructions.append(texts.several.format(labels=_joined_labels(step.collect)))
    for name in step.collect:
        text = texts.known if name in known else kind_of(name).told
        instructions.append(text.format(label=label_of(name)))
    if step.verify and step.collect:
        onward = next((text for text in texts.confirm if text not in used), texts.confirm[-1])
        used.add(onward)
        instructions.append(onward.format(labels=_joined_labels(step.collect)))
    elif step.verify:
        instructions.append(texts.review_known.format(labels=_joined_labels(known)) if known else texts.review)
    if step.tool:
        instructions.append(
            (texts.call_confirmed if step.collect or step.verify else texts.call).format(tool=step.tool)
        )
    if part and (of_part := state_texts().parts[part].told):
        instructions.append(of_part)
    elif is_nothing_in_particular:
        ways = next(ways for ways in state_texts().ways if re.match(ways.verb, step.text, re.IGNORECASE))
        instructions += [way for way in ways.told if way not in used][:1]
    if heir:
        instructions.append(texts.hand_over.format(heir=title_of(heir), function=handoff_tool_name(heir)))
    return unused(instructions, used) or [sentence(step.text)]


def _transition_condition(step: Step, part: Part | None) -> str:
    texts = state_texts().done
    if step.tool:
        return texts.call.format(tool=step.tool)
    if step.collect:
        return texts.collect.format(labels=_joined_labels(step.collect))
    if part and (of_part := state_texts().parts[part].done):
        return of_part
    text = lowered(" ".join(step.text.split()).rstrip(". "))
    if asked := re.fullmatch(r"(?:ask|find out|learn) (?:about |for )?(.+)", text):
        return texts.asked.format(what=asked.group(1))
    return texts.otherwise.format(what=text)
