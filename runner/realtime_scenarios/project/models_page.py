"""The table of models to `docs/models.md`, one page of Markdown: `python -m realtime_scenarios.project.models_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from realtime_scenarios.project.models import Entry, Kind, Life, Rates, Table, table

_OPENING = """\
# Models

Made from `models.yaml` beside `runner/realtime_scenarios/project/models.py` by
`python -m realtime_scenarios.project.models_page`; last checked on {checked_on}. The services have the last word: this
is what could be read about them.

A scenario names a model, or a role. A role stands for whatever model is the one to take today, and a newer version of
this package may mean another one by it. Where a scenario names nothing, it means the role.

`scenario lint` tells of models that are gone or will be within 90 days, `scenario models` lists what a folder names,
and `scenario models --write` changes it. Both take `--as-of DATE`. A dated snapshot that has no row of its own shares
the fate of its family. With the provider `url` names are not looked up; with `azure` the dates of Azure count.
"""

_TITLES: dict[Kind, str] = {
    "realtime": "Realtime: voice to voice",
    "transcription": "Transcription of what callers say",
    "text": "Text: supervisors, model calls, classifiers",
    "live": "GPT-Live: another protocol, not for scenarios yet",
    "translation": "Translation: another protocol",
    "audio": "Audio in chat completions: not for scenarios",
    "speech": "Reading out: not for scenarios",
}

_HEAD = """\
| model | until | Azure | then | can | US dollars | from |
|---|---|---|---|---|---|---|"""


def page() -> str:
    """The page, ending in a line feed."""
    known = table()
    parts = [_OPENING.format(checked_on=known.checked_on), *_roles(known)]
    for kind, title in _TITLES.items():
        entries = {name: entry for name, entry in known.models.items() if entry.kind == kind}
        parts += [f"## {title}\n", _HEAD, *(_row(name, entry) for name, entry in entries.items()), ""]
        parts += [*_notes(entries)]
    parts += ["## Where this is from\n", *(f"- **{key}**: {what}" for key, what in known.sources.items())]
    return "\n".join(parts).rstrip("\n") + "\n"


def _roles(known: Table) -> Iterator[str]:
    yield "## Roles\n\n| role | stands for | why |\n|---|---|---|"
    for role, choice in known.roles.items():
        yield f"| `{role}` | {', then '.join(f'`{name}`' for name in choice.models)} | {choice.why} |"
    yield ""


def _row(name: str, entry: Entry) -> str:
    names = ", ".join(f"`{called}`" for called in (name, *entry.aliases))
    cells = (
        names,
        _until(entry.openai),
        _until(entry.azure),
        f"`{entry.openai.replacement}`" if entry.openai.replacement else "",
        "; ".join(_abilities(entry)),
        "; ".join(_prices(entry)),
        ", ".join(entry.sources) + (f" ({entry.checked_on})" if entry.checked_on else ""),
    )
    return f"| {' | '.join(cells)} |"


def _until(life: Life | None) -> str:
    if life is None:
        return ""
    if life.shutdown is None:
        return life.status if life.status != "active" else "no end"
    return f"gone since {life.shutdown}" if life.status == "shut down" else str(life.shutdown)


def _abilities(entry: Entry) -> Iterator[str]:
    """What may be asked of a model, in the words of the keys of a scenario where there are such."""
    can = entry.capabilities
    if can.reasoning:
        azure = f" (Azure: {' '.join(can.reasoning_on_azure)})" if can.reasoning_on_azure is not None else ""
        yield f"effort {' '.join(can.reasoning)}{azure}"
    switches = {
        "parallel_tool_calls": can.parallel_tool_calls,
        "truncation": can.truncation,
        "noise_reduction.strength": can.noise_strength is True,
        "images": can.image_input,
        "structured output": can.structured_output,
        "prompt": can.prompt,
        "keywords": can.keywords,
        "languages": can.languages,
        "delay": can.delay,
        "no turn detection": can.needs_manual_turns,
    }
    yield from (name for name, is_there in switches.items() if is_there)
    if can.noise_strength is None and entry.kind == "realtime":
        yield "noise_reduction.strength unknown"
    if can.in_voice_session is not None:
        yield f"in a voice session: {can.in_voice_session}"
    if can.usage is not None:
        yield f"counted in {can.usage}"
    if can.context is not None:
        yield f"{can.context:,} tokens" + (f", {can.max_output_tokens:,} out" if can.max_output_tokens else "")


def _prices(entry: Entry) -> Iterator[str]:
    prices = entry.prices
    if prices is None:
        return
    for what, rates in {"text": prices.text, "audio": prices.audio, "images": prices.image}.items():
        if rates is not None:
            yield f"{what} {_rates(rates)}"
    if prices.minute is not None:
        yield f"{prices.minute:g} a minute"


def _rates(rates: Rates) -> str:
    """In, cached in and out, for a million tokens."""
    shown = ["?" if rate is None else f"{rate:g}" for rate in (rates.input, rates.cached, rates.output)]
    return " / ".join(shown[:2] if rates.output is None else shown)


def _notes(entries: dict[str, Entry]) -> Iterator[str]:
    """What sources differ about, and what else there is to know; a note of several models stands once."""
    about: dict[str, list[str]] = {}
    for name, entry in entries.items():
        for note in entry.notes:
            about.setdefault(note, []).append(f"`{name}`")
    yield from (f"- {', '.join(names)}: {note}" for note, names in about.items())
    if about:
        yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
