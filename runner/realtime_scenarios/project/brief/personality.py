"""A brief to the personality of its agent, in full sentences."""

from __future__ import annotations

from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.qualities import filler_words, qualities
from realtime_scenarios.project.brief.wording import rendered
from realtime_scenarios.project.brief.words import lowered, sentence


def personality_of(brief: Brief) -> dict[str, str]:
    """Every quality in full sentences: the author's words where there are any, otherwise what suits the role."""
    texts = {}
    steps = [lowered(step.text.rstrip(". ")) for step in brief.steps]
    for name, quality in qualities().items():
        given = (brief.qualities or {}).get(name)
        if name == "identity":
            texts[name] = sentence(given) if given else rendered("brief/identity", brief=brief)
        elif name == "task":
            texts[name] = sentence(given) if given else rendered("brief/task", steps=steps)
        elif name == "filler_words":
            texts[name] = filler_words()[given or default_of(name, brief)]
        elif given:
            few = len(given.split()) <= 4
            texts[name] = f"{sentence(given)} {quality.more}".rstrip() if few else sentence(given)
        else:
            texts[name] = default_of(name, brief)
    return texts


def open_qualities(brief: Brief) -> list[str]:
    """The qualities that a person may still be asked about, in order; the role itself says who and what for."""
    return [name for name, quality in qualities().items() if quality.options and name not in (brief.qualities or {})]


def default_of(name: str, brief: Brief) -> str:
    """What suits the role, for a quality that nobody chose."""
    return qualities()[name].options[brief.temperament].text
