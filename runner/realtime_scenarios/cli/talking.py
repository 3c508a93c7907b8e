"""A conversation in the terminal, from the file that is talked to until its end."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import statistics
import sys
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from realtime_scenarios.cli.call_options import WantedCall
from realtime_scenarios.cli.calling import TerminalCall, tapes_of, voices_for
from realtime_scenarios.cli.kept import Kept, WantedFiles
from realtime_scenarios.cli.keyboard import keyboard
from realtime_scenarios.cli.leaving import Leaving
from realtime_scenarios.cli.options import request_of
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.person import PersonAtTheKeyboard
from realtime_scenarios.cli.recording import Recorded, Recording
from realtime_scenarios.cli.screen import Screen
from realtime_scenarios.cli.slash import SlashCommands
from realtime_scenarios.cli.style import painter
from realtime_scenarios.cli.telemetry import telemetry_to
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.cli.turns import take_turns
from realtime_scenarios.core import UsageError
from realtime_scenarios.lint import findings
from realtime_scenarios.project import Project, find_scenario, load
from realtime_scenarios.project.beginning import Beginning, WishedBeginning
from realtime_scenarios.project.spending import Budget

if TYPE_CHECKING:
    from realtime_scenarios.cli.voices import AskedVoices
    from realtime_scenarios.devices import Tape
    from realtime_scenarios.providers import ProviderRequest
    from realtime_scenarios.session import Conversation, LoopClock
    from realtime_scenarios.session.spans import Telemetry
    from realtime_scenarios.standin import Missed


@dataclass(frozen=True, slots=True)
class WantedTalk:
    """A conversation as it was asked for. `provider` None: the scenario's own; `wishes` is what else is said of it.

    `opening`: the agent speaks first, whatever the scenario says. `call` is how it is spoken, None: it is typed;
    `voices` is what hears and speaks then. `otel`: spans are sent in any case.
    """

    file: str
    begins: WishedBeginning
    opening: bool
    files: WantedFiles
    budget: Budget
    color: str
    trust: bool
    otel: bool
    provider: str | None
    wishes: Mapping[str, str | None]
    call: WantedCall | None
    voices: AskedVoices

    @property
    def is_in_virtual_time(self) -> bool:
        """Whether it takes no time, as a call from a file may."""
        return self.call is not None and self.voices.pace == "fast"


def talk(wanted: WantedTalk) -> int:
    """Hold a conversation with a person, and write what of it is wanted, however it ends.

    The exit code: 0 where the person or the input ended it, 128 and the number of the signal where a signal did.

    Raises:
        ScenarioError: the conversation could not go on, or a file cannot be written.
    """
    from realtime_scenarios.cli.diagnostics import echo_diagnostics

    wanted.files.refuse_unwritable()  # before anything is said that could be lost
    project = load(find_scenario(wanted.file, Path.cwd()))
    if mistakes := findings(project, warnings=False, proofs=False):
        echo_diagnostics(mistakes, color=wanted.color)
        return 1
    begins = wanted.begins.in_scenario(project.scenario)
    provider = _provider_name(wanted, project)
    require_trust([project], trust=wanted.trust)
    with contextlib.ExitStack() as end:
        path = wanted.files.record
        recording = end.enter_context(contextlib.closing(Recording(path))) if path else None
        telemetry = end.enter_context(telemetry_to(wanted.otel, os.environ, provider))
        tapes = end.enter_context(tapes_of(wanted.call)) if wanted.call is not None else []
        terminal = _TerminalConversation(wanted, project, provider, begins, recording, telemetry, tapes)
        with contextlib.suppress(asyncio.CancelledError):
            _run(terminal.hold(), in_virtual_time=wanted.is_in_virtual_time)
    return 128 + terminal.ended_by if terminal.ended_by else 0


def _run(conversation: Coroutine[Any, Any, None], *, in_virtual_time: bool) -> None:
    if not in_virtual_time:
        asyncio.run(conversation)
        return
    from realtime_scenarios.session import run_in_virtual_time

    run_in_virtual_time(conversation)


def _provider_name(wanted: WantedTalk, project: Project) -> str:
    named = project.scenario.provider.name if project.scenario.provider else "offline"
    name = wanted.provider or ("url" if wanted.wishes.get("url") else named)
    if name == "scripted":
        raise UsageError(
            "the scripted provider only replays dialogues", hint="use `scenario test`, or --provider offline"
        )
    return name


class _TerminalConversation:
    def __init__(
        self,
        wanted: WantedTalk,
        project: Project,
        provider: str,
        begins: Beginning,
        recording: Recording | None,
        telemetry: Telemetry | None,
        tapes: Sequence[Tape],
    ) -> None:
        self._wanted = wanted
        self._project = project
        self._provider_name = provider
        self._begins = begins
        self._recording = recording
        self._tapes = tapes
        self._telemetry = telemetry
        self._paint = painter(wanted.color)
        self._screen = Screen(project.scenario, self._paint)
        self._leaving: Leaving | None = None

    @property
    def ended_by(self) -> int | None:
        """The number of the signal that ended it; None: none did."""
        return None if self._leaving is None else self._leaving.ended_by

    async def hold(self) -> None:
        """Open the conversation, take turns until the person leaves, close it."""
        if sys.stderr.isatty():
            echo(self._paint("loading the SDK …", "quiet"), nl=False, err=True)
        from realtime_scenarios.compiler import compiled
        from realtime_scenarios.providers import PROVIDERS
        from realtime_scenarios.session import Conversation, LoopClock

        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        clock = LoopClock(self._begins.now)
        call = self._call(clock)
        keys = keyboard() if call is None else call.keys
        self._screen.is_watched = keys.is_person
        self._screen.by_line = keys.is_person and call is not None
        request = self._request(call, is_watched=keys.is_person)
        opened = PROVIDERS[self._provider_name].open(request)
        conversation = Conversation(
            compiled(self._project.scenario),
            opened,
            clock=clock,
            approver=PersonAtTheKeyboard(keys, self._paint),
            observer=self._screen if self._recording is None else Recorded(self._screen, self._recording),
            context=self._begins.context,
            agent=self._begins.agent,
            state=self._begins.state,
            reconnects=True,
            budget=self._wanted.budget,
            audio=None if call is None else call.audio,
            event_log=request.event_log,
            telemetry=self._telemetry,
        )
        self._leaving = leaving = Leaving(conversation, self._screen)
        leaving.listen()
        kept = Kept(self._wanted.files, self._recording, self._project, conversation, self._screen, self._provider_name)
        commands = SlashCommands(conversation, self._screen, kept, call or leaving, self._paint)
        self._show_banner(call)
        try:
            async with conversation:
                with kept.written_at_the_end():
                    first = conversation.agent_opens() if self._agent_speaks_first else None
                    if call is not None:
                        await call.hold(conversation, commands, leaving, first)
                    else:
                        if first is not None:
                            await leaving.take(first)
                        await take_turns(conversation, keys, commands, leaving, self._paint)
        finally:
            keys.close()
            self._screen.end_line()
            self._show_what_it_took(conversation)
        self._screen.tell("the conversation is over")
        if opened.desk is not None and opened.desk.missed:
            self._screen.tell(conversation.state.secrets.hidden(_lesson_of(opened.desk.missed)))

    def _call(self, clock: LoopClock) -> TerminalCall | None:
        """The call that the conversation is; None: it is typed."""
        wanted = self._wanted
        if wanted.call is None:
            return None
        voices = voices_for(self._provider_name, wanted.voices, self._project)
        return TerminalCall(wanted.call, voices, self._project, self._tapes, self._screen, clock, self._paint)

    def _request(self, call: TerminalCall | None, *, is_watched: bool) -> ProviderRequest:
        from realtime_scenarios.realtime import Pace

        request = request_of(self._wanted.wishes).completed_by(self._project.scenario)
        if call is not None:
            return call.request(request)
        return request.paced(Pace(words_per_delta=1, ms_per_word=35)) if is_watched else request

    @property
    def _agent_speaks_first(self) -> bool:
        opening, begins = self._project.scenario.opening, self._begins
        is_from_the_start = begins.agent == self._project.scenario.start and begins.state is None
        return self._wanted.opening or (opening is not None and opening.speaks == "agent" and is_from_the_start)

    def _show_banner(self, call: TerminalCall | None) -> None:
        scenario = self._project.scenario
        names = [
            f"{agent.name}{' (first)' if agent.id == self._begins.agent else ''}" for agent in scenario.agents.values()
        ]
        echo(self._paint(f"{scenario.id} · {scenario.title}", "bold"))
        echo(f"agents    {', '.join(names)}")
        if self._provider_name == "offline":
            echo("provider  offline: a deterministic stand-in on this machine. It is no language")
            echo("          model: it matches words, so it shows the scenario's moves, not how a")
            echo("          model would talk. For a real one: set OPENAI_API_KEY, and add")
            echo("          --provider openai.")
        else:
            echo(f"provider  {self._provider_name}")
        if call is not None:
            call.show_banner()
        else:
            self._screen.tell("type to talk · /help for commands · Ctrl-C cuts in · /quit leaves")

    def _show_what_it_took(self, conversation: Conversation) -> None:
        """How long the caller waited, where that depends on somebody else than this machine, and what it cost."""
        from realtime_scenarios.providers import PROVIDERS

        waits = conversation.waits
        if waits and PROVIDERS[self._provider_name].real_time:
            typical, longest = statistics.median(waits), max(waits)
            turns = "1 turn" if len(waits) == 1 else f"{len(waits)} turns"
            self._screen.tell(f"{turns}: first words after {typical:.1f} s (median), {longest:.1f} s at most")
        for line in conversation.spending.told():
            self._screen.tell(line)


def _lesson_of(missed: Sequence[Missed]) -> str:
    """What the stand-in did not understand, and which example would help, on one line."""
    last = missed[-1]
    more = f", and {len(missed) - 1} more" if len(missed) > 1 else ""
    where = f"on '{last.nearest}'" if last.nearest else "on the tool or handoff that it is meant for"
    example = yaml.safe_dump([last.text], default_flow_style=True, allow_unicode=True, width=math.inf).strip()
    return f"not understood: “{last.text}”{more}; what would help: examples: {example} {where}"
