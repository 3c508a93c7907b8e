"""Conversations and dialogues as one HTML file that opens from disk: the page's own views, read-only, and the data.

Nothing is loaded from anywhere: the policy in the file lets no script or style in but those whose hash it names, and
pictures and sound only from the file itself.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from msgspec import Struct

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.core.printable import printable
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project.cases import Case
from realtime_scenarios.studio.alone import PAGE, hash_of, head_of, policy_of, style_of
from realtime_scenarios.studio.bundling import bundled
from realtime_scenarios.studio.replaying import events_of
from realtime_scenarios.studio.results import result_data
from realtime_scenarios.suite.report import TallySoFar
from realtime_scenarios.suite.results import not_run_of
from realtime_scenarios.verdicts import DialogueResult

_STYLES = ("tokens.css", "frame.css", "parts.css", "conversation.css", "testing.css", "sharing/share.css")
MOST_WHOLE = 300
"""Dialogues of which all conversations are in one file; of more, those that passed are left out."""


class SharedEntry(Struct, frozen=True):
    """One conversation in the file. `result` None: nothing was held against it. `sound` is a WAV file; None: none."""

    id: str
    events: Sequence[Mapping[str, Any]]
    names: Mapping[str, str]
    title: str | None = None
    status: str | None = None
    result: Mapping[str, Any] | None = None
    sound: bytes | None = None
    left_out: bool = False

    def data(self) -> dict[str, Any]:
        sound = None if self.sound is None else f"data:audio/wav;base64,{base64.b64encode(self.sound).decode()}"
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "names": dict(self.names),
            "result": self.result,
            "events": list(self.events),
            "sound": sound,
            "left_out": self.left_out,
        }


def names_of(scenario: Scenario) -> dict[str, str]:
    """What people call each agent, by its id."""
    return {agent.id: agent.name for agent in scenario.agents.values()}


def entry_of(case: Case, result: DialogueResult, *, printed: str = "", whole: bool = True) -> SharedEntry:
    """A dialogue with what came of it. Not `whole`: without the conversation."""
    scenario = case.project.scenario
    told = result_data(result, case.project.path.parent, case.agent_name, printed=printed)
    events = events_of(result.trace, scenario) if whole else []
    if not whole:
        told = {**told, "turns": []}
    title, names = case.dialogue.title, names_of(scenario)
    return SharedEntry(case.name, events, names, title, result.status, told, left_out=not whole)


def suite_html(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    """All dialogues of a run in one file. `mistakes` are those of files that were left out."""
    are_all_whole = len(results) <= MOST_WHOLE
    entries, so_far, scenarios = [], TallySoFar(), dict[str, None]()
    for case, result in results:  # once: each may be made only when it is asked for
        entries.append(entry_of(case, result, whole=are_all_whole or not result.passed))
        so_far.add(result)
        scenarios[case.project.scenario.title] = None
    files = sorted({mistake.span.file for mistake in mistakes})
    broken = f"; left out, since they have mistakes: {', '.join(files)}" if files else ""
    title = next(iter(scenarios)) if len(scenarios) == 1 else "scenario test"
    left = not_run_of(results)
    not_run = f"; {left}" if left else ""
    return shared_html(title, f"{so_far.of(len(results) + len(left))}{broken}{not_run}", entries)


def shared_html(title: str, told: str, entries: Iterable[SharedEntry], *, made: str = "scenario test") -> str:
    """The whole file. `told` is a line about what is in it, and `made` who wrote it."""
    shared = {"title": printable(title), "told": printable(told), "made": made, "entries": [e.data() for e in entries]}
    data = orjson.dumps(shared, default=str).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028")
    script, style = _script(), style_of(_STYLES)
    policy = policy_of(
        style,
        f"script-src '{hash_of(script)}'",
        "media-src data:",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    head = "".join(head_of(policy, html.escape(printable(title)), style))
    block = f'<script type="application/json" id="shared">{data}</script>\n<script>{script}</script>\n'
    return f"{head}{_sprite()}\n{_BODY}{block}</body>\n</html>\n"


_BODY = """\
<div id="app"></div>
<p id="status" class="unseen" role="status"></p>
<p id="alert" class="unseen" role="alert"></p>
<noscript>What is in this file is shown by a script that stands in it.</noscript>
"""


@cache
def _script() -> str:
    script = bundled(PAGE, "sharing/share.js", {"icons.js": "sharing/icons.js"})
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def _sprite() -> str:
    return (
        (PAGE / "icons.svg").read_text(encoding="utf-8").replace("<svg ", '<svg class="sprite" aria-hidden="true" ', 1)
    )
