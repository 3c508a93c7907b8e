"""A conversation in the terminal: streamed answers, visible moves, questions to the person, commands."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from realtime_scenarios.cli.files import write_file
from realtime_scenarios.cli.keyboard import CtrlC, EndOfInput, Keyboard, keyboard
from realtime_scenarios.cli.options import request_of
from realtime_scenarios.cli.output import echo, unread_because
from realtime_scenarios.cli.recording import Recorded, Recording
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import ScenarioError, UsageError, did_you_mean
from realtime_scenarios.core.snippets import Paint, columns_of
from realtime_scenarios.core.wrapping import cropped, wrapped
from realtime_scenarios.lint import findings
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import Project, find_scenario, load
from realtime_scenarios.project.beginning import Beginning, WishedBeginning
from realtime_scenarios.project.models import table
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalRequested,
    GuardrailChecked,
    ModelAsked,
    SessionEnded,
    TraceEvent,
    UserSaid,
)

if TYPE_CHECKING:
    from realtime_scenarios.cli.saving import SavedDialogue
    from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest
    from realtime_scenarios.standin import Missed

HELP = """\
/help            this list
/agent           who you are talking to, and whom they can hand you to
/state           the context variables and the states of the agents
/history         everything that happened so far
/show IMAGE      show a picture; words behind its name are said with it
/save FILE.yaml  write the conversation as a dialogue, for `scenario test` to replay
/quit            leave (as does the end of input)
Ctrl-C           while the agent speaks or a tool works: cut in, and again: leave;
                 at the prompt: leave, if it is pressed twice"""

_TO_LEAVE = (signal.SIGTERM, signal.SIGHUP)
"""What ends a conversation in good order: somebody wants the process to end, or its terminal is gone."""


def talk(
    file: str,
    wished: WishedBeginning,
    opening: bool,
    files: WantedFiles,
    budget: Budget,
    color: str,
    provider: str | None,
    wishes: Mapping[str, str | None],
    *,
    trust: bool = False,
) -> int:
    """Hold a conversation with a person, and write what of it is wanted, however it ends.

    The exit code: 0 where the person or the input ended it, 128 and the number of the signal where a signal did.

    Raises:
        ScenarioError: the conversation could not go on, or a file cannot be written.
    """
    from realtime_scenarios.cli.diagnostics import echo_diagnostics

    project = load(find_scenario(file, Path.cwd()))
    if mistakes := findings(project, warnings=False, proofs=False):
        echo_diagnostics(mistakes, color=color)
        return 1
    begins = wished.in_scenario(project.scenario)
    named = project.scenario.provider.name if project.scenario.provider else "offline"
    chosen = provider or ("url" if wishes.get("url") else named)
    if chosen == "scripted":
        raise UsageError(
            "the scripted provider only replays dialogues", hint="use `scenario test`, or --provider offline"
        )
    require_trust([project], trust=trust)
    paint = painter(color)
    with contextlib.ExitStack() as end:
        recording = end.enter_context(contextlib.closing(Recording(files.record))) if files.record else None
        conversation = _TerminalConversation(project, chosen, wishes, paint, begins, opening, files, budget, recording)
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(conversation.hold())
    return 128 + conversation.ended_by if conversation.ended_by else 0


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """What is written when the conversation is over, and while it goes on (`record`); None: nothing."""

    dialogue: Path | None
    trace: Path | None
    record: Path | None


class _TerminalConversation:
    def __init__(
        self,
        project: Project,
        provider: str,
        wishes: Mapping[str, str | None],
        paint: Paint,
        begins: Beginning,
        opening: bool,
        files: WantedFiles,
        budget: Budget,
        recording: Recording | None,
    ) -> None:
        self.ended_by: int | None = None
        self._cuts = 0
        self._was_asked = False
        self._saved: list[SavedDialogue] = []
        self._holding: asyncio.Task[None] | None = None
        self._turn: asyncio.Future[None] | None = None
        self._files = files
        self._project = project
        self._provider_name = provider
        self._wishes = wishes
        self._paint = paint
        self._begins = begins
        self._opening = opening
        self._screen = _Screen(project.scenario, paint)
        self._budget = budget
        self._recording = recording

    async def hold(self) -> None:
        """Open the conversation, take turns until the person leaves, close it."""
        if sys.stderr.isatty():
            echo(self._paint("loading the SDK …", "quiet"), nl=False, err=True)
        from realtime_scenarios.compiler import compiled
        from realtime_scenarios.providers import PROVIDERS
        from realtime_scenarios.realtime import Pace
        from realtime_scenarios.session import Conversation, LoopClock

        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        self._holding = asyncio.current_task()
        self._listen_to_signals()
        keys = keyboard()
        provider = PROVIDERS[self._provider_name]
        request = request_of(self._wishes).completed_by(self._project.scenario)
        self._screen.is_watched = keys.is_person
        if keys.is_person:
            request = request.paced(Pace(words_per_delta=1, ms_per_word=35))
        opened = provider.open(request)
        self._conversation = Conversation(
            compiled(self._project.scenario),
            opened,
            clock=LoopClock(self._begins.now),
            approver=_PersonAtTheKeyboard(keys, self._paint),
            observer=self._screen if self._recording is None else Recorded(self._screen, self._recording),
            context=self._begins.context,
            agent=self._begins.agent,
            state=self._begins.state,
            reconnects=True,
            budget=self._budget,
        )
        self._conversation.state.secrets.subscribe(self._mask_saved)
        self._banner()
        try:
            async with self._conversation:
                with self._written_at_the_end():
                    await self._turns(keys)
        finally:
            keys.close()
            self._screen.end_line()
            if self._conversation.dollars:
                cost = f"about ${self._conversation.dollars:.4f}"
                echo(self._paint(f"{cost} for the voice model, by the prices of {table().checked_on}", "quiet"))
        self._screen.leave()
        if opened.desk is not None and opened.desk.missed:
            lesson = self._conversation.state.secrets.hidden(_lesson_of(opened.desk.missed))
            echo(self._paint(lesson, "quiet"))

    async def _turns(self, keys: Keyboard) -> None:
        opening = self._project.scenario.opening
        starts = self._begins.agent == self._project.scenario.start and self._begins.state is None
        if self._opening or (opening is not None and opening.speaks == "agent" and starts):
            await self._interruptible(self._conversation.agent_opens())
        while unread_because() is None:
            try:
                line = await keys.line("you  ")
            except CtrlC:
                self._ask_whether_to_leave()
                continue
            except EndOfInput:
                return
            self._was_asked = False
            if not keys.is_person and line.strip():
                echo(f"{self._paint('you', 'bold')}  {line}")
            command, _, rest = line.strip().partition(" ")
            if command in ("/quit", "/exit"):
                return
            if command == "/show":
                await self._show_picture(rest.strip())
            elif command.startswith("/"):
                self._command(command, rest.strip())
            elif line.strip():
                await self._interruptible(self._conversation.user_says(line.strip()))

    async def _show_picture(self, rest: str) -> None:
        """Show a picture, with words behind its name or without."""
        name, _, words = rest.partition(" ")
        try:
            if not name:
                raise UsageError("show which picture?", hint="/show photo.png What is this?")
            await self._interruptible(self._conversation.user_shows(Path(name), words.strip() or None))
        except ScenarioError as problem:
            self._say_problem(problem)

    async def _interruptible(self, turn: Awaitable[None]) -> None:
        """Take a turn; Ctrl-C cuts in, and a second one leaves."""
        self._cuts, self._turn = 0, asyncio.ensure_future(turn)
        try:
            await self._turn
        finally:
            self._turn = None
            self._screen.end_line()

    def _listen_to_signals(self) -> None:
        """Leave in good order when a signal says so."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._on_ctrl_c)
        for number in _TO_LEAVE:
            loop.add_signal_handler(number, self._leave, number)

    def _on_ctrl_c(self) -> None:
        self._cuts += 1
        if self._turn is not None and self._cuts == 1:
            self._conversation.interrupt_soon()
        elif self._turn is None and self._screen.is_watched:
            self._ask_whether_to_leave()  # a person was quicker than the prompt
        else:
            self._leave(signal.SIGINT)

    def _ask_whether_to_leave(self) -> None:
        """Ctrl-C where nothing is to be cut into: leave only if it is meant."""
        if self._was_asked:
            self._leave(signal.SIGINT)
            return
        self._was_asked = True
        echo(self._paint("press Ctrl-C again to leave", "quiet"))

    def _leave(self, number: int) -> None:
        """End the conversation in good order; the next signal ends the process as it would any other."""
        self.ended_by = number
        for each in (signal.SIGINT, *_TO_LEAVE):
            asyncio.get_running_loop().remove_signal_handler(each)
        assert self._holding is not None
        self._holding.cancel()

    @contextlib.contextmanager
    def _written_at_the_end(self) -> Iterator[None]:
        """Write the wanted files, each whether or not the other can be, before the line is closed: that may take long.

        Where the conversation itself has failed, that is what is raised.
        """
        try:
            yield
        except BaseException:
            for problem in self._written_files():
                self._say_problem(problem)
            raise
        for problem in self._written_files():
            raise problem

    def _written_files(self) -> list[ScenarioError]:
        """Write the wanted files; why one could not be."""
        problems: list[ScenarioError] = []
        for path, write in ((self._files.trace, self.write_trace), (self._files.dialogue, self.save)):
            try:
                if path is not None:
                    write(str(path))
            except ScenarioError as problem:
                problems.append(problem)
        if self._recording is not None and self._recording.problem is not None:
            problems.append(self._recording.problem)
        return problems

    def _command(self, command: str, rest: str) -> None:
        commands: dict[str, Callable[[str], None]] = {
            "/help": lambda _: echo(HELP),
            "/agent": self._show_agent,
            "/state": self._show_state,
            "/history": self._show_history,
            "/save": self.save,
        }
        if command not in commands:
            echo(f"unknown command '{command}': {did_you_mean(command, [*commands, '/show', '/quit'])}")
            return
        try:
            commands[command](rest)
        except ScenarioError as problem:
            self._say_problem(problem)

    def _say_problem(self, problem: ScenarioError) -> None:
        echo(f"{self._paint('error', 'bad')}: {problem.message}")
        if problem.hint:
            echo(f"hint: {problem.hint}")

    def _banner(self) -> None:
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
        echo(self._paint("type to talk · /help for commands · Ctrl-C cuts in · /quit leaves", "quiet"))

    def _show_agent(self, rest: str) -> None:
        scenario, state = self._project.scenario, self._conversation.state
        agent = scenario.agents[state.agent]
        targets = [scenario.agents[edge.to].name for edge in agent.handoffs]
        echo(f"{agent.name} ({agent.id})")
        echo(f"  tools     {', '.join(agent.tools) or 'none'}")
        echo(f"  handoffs  {', '.join(targets) or 'none'}")

    def _show_state(self, rest: str) -> None:
        state = self._conversation.state
        for name, value in state.context.items():
            shown = "[secret]" if state.scenario.context[name].secret and value is not None else value
            echo(f"  {name} = {json.dumps(state.secrets.hidden_in(shown), ensure_ascii=False)}")
        here = {} if state.here is None else {state.agent: state.here}
        for agent, current in {**state.states, **here}.items():
            echo(f"  {state.scenario.agents[agent].name} is in state {current}")
        if not state.context and not state.states and not here:
            echo("  no context variables and no states")

    def _show_history(self, rest: str) -> None:
        from realtime_scenarios.suite import event_lines

        events = self._conversation.trace.events
        for line in event_lines(events, set(), self._screen.name_of, self._paint, width()):
            echo(line)

    def save(self, name: str) -> None:
        """Write the conversation as a dialogue file."""
        from realtime_scenarios.cli.saving import save_dialogue

        saved = save_dialogue(self._conversation.trace, self._project, name)
        self._saved.append(saved)
        echo(f"wrote {saved.path}; replay it with: scenario test {saved.path}")
        if saved.stand_ins:
            echo("no secret is in it: where one matters, write one that is good for a test in its place")
        for given in dict.fromkeys(given for given in saved.stand_ins if not given.fits):
            echo(f"nothing was found that '{given.field}' of '{given.tool}' takes: replace '{given.text}'")

    def _mask_saved(self) -> None:
        """Something has become secret that may stand in files which were written before."""
        if self._recording is not None:
            self._recording.become(self._conversation.trace)
        for saved in self._saved:
            try:
                saved.mask(self._conversation.state.secrets)
            except ScenarioError as problem:
                self._say_problem(problem)

    def write_trace(self, name: str) -> None:
        from realtime_scenarios.trace import to_json_lines

        write_file(Path(name), to_json_lines(self._conversation.trace))


def _lesson_of(missed: Sequence[Missed]) -> str:
    """What the stand-in did not understand, and which example would help, on one line."""
    last = missed[-1]
    more = f", and {len(missed) - 1} more" if len(missed) > 1 else ""
    where = f"on '{last.nearest}'" if last.nearest else "on the tool or handoff that it is meant for"
    example = yaml.safe_dump([last.text], default_flow_style=True, allow_unicode=True, width=math.inf).strip()
    return f"not understood: “{last.text}”{more}; what would help: examples: {example} {where}"


class _Screen:
    """What a person sees of the conversation: the answer as it streams, and every move as a line of its own.

    Where somebody watches, words that do not fit go on the next line; what is piped keeps its lines.
    """

    def __init__(self, scenario: Scenario, paint: Paint) -> None:
        self.is_watched = False
        self._scenario = scenario
        self._paint = paint
        self._speaking = False
        self._column = 0
        self._word = ""

    def name_of(self, agent: str) -> str:
        return self._scenario.agents[agent].name

    def on_delta(self, agent: str, text: str) -> None:
        if not self._speaking:
            echo(f"{self._paint(self.name_of(agent), 'bold')}  ", nl=False)
            self._speaking = True
            self._column = columns_of(self.name_of(agent)) + 2
        if not self.is_watched:
            echo(text, nl=False)
        for piece in re.findall(r"\s+|\S+", text) if self.is_watched else ():
            if piece.isspace():
                self._end_word()
                self._column += columns_of(piece)
                echo(piece, nl=False)
            else:
                self._word += piece
        sys.stdout.flush()

    def _end_word(self) -> None:
        if self._word and self._column + columns_of(self._word) > width(least=0):
            echo()
            self._column = 0
        echo(self._word, nl=False)
        self._column += columns_of(self._word)
        self._word = ""

    def on_event(self, event: TraceEvent) -> None:
        from realtime_scenarios.suite import line_of

        if isinstance(event, AgentSaid):
            if self._speaking and event.interrupted:
                self._end_word()
                echo(" —", nl=False)
            self.end_line()
        elif not isinstance(event, (UserSaid, SessionEnded, ApprovalRequested)) and not _is_routine(event):
            self.end_line()
            line = line_of(event, self.name_of)
            shown = cropped(" ".join(line.text.split()), max(40, width(least=0) - 15))
            echo(f"  {self._paint('· ' + line.label.ljust(9), 'quiet')} {self._paint(shown, line.tone)}")

    def end_line(self) -> None:
        if self._speaking:
            self._end_word()
            echo()
            self._speaking = False

    def leave(self) -> None:
        self.end_line()
        echo(self._paint("the conversation is over", "quiet"))


def _argument_lines(arguments: Any) -> Iterator[str]:
    """All that a person says yes or no to: every argument, whole, on lines that fit."""
    given = arguments if isinstance(arguments, dict) else {}
    for name, value in given.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield from _wrapped(f"{name}: {text}", "  ") or [f"{name}:"]


def _wrapped(text: str, indent: str = "") -> list[str]:
    """The text on lines that fit behind the bar of a question; those after the first begin with `indent`."""
    return wrapped(text, max(20, width(least=0) - 4), indent=indent)


def _is_routine(event: TraceEvent) -> bool:
    """Whether it only says that a guardrail looked and found nothing, or what a text model reads; /history shows it."""
    return isinstance(event, ModelAsked) or (isinstance(event, GuardrailChecked) and event.status != "fail")


@dataclass(frozen=True, slots=True)
class _PersonAtTheKeyboard:
    """Asks the person at the terminal; leaving a question open means no."""

    keys: Keyboard
    paint: Paint

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        from realtime_scenarios.session import ApprovalAnswer

        echo(self.paint(f"  ┌ {request.tool} needs your yes{': fill this in' if request.fields else ''}", "ask"))
        for line in (*_wrapped(request.question or ""), *_argument_lines(request.arguments)):
            echo(f"{self.paint('  │', 'ask')} {line}")
        if request.missing:
            echo(self.paint(f"  │ still empty: {', '.join(request.missing)}", "ask"))
        labels = {field.name: field.label for field in request.fields}
        for name, reason in request.unfit.items():
            echo(self.paint(f"  │ {labels[name]}: {reason}", "ask"))
        try:
            if not request.fields:
                reply = await self.keys.line("  └ allow it? [y/N] ")
                allowed = reply.strip().casefold() in ("y", "yes")
                return ApprovalAnswer("approve" if allowed else "reject")
            echo(self.paint(f"  │ /cancel{' or Ctrl-C' if self.keys.is_person else ''} says no", "quiet"))
            given: dict[str, str] = {}
            for field in request.fields:
                reply = await self.keys.line(f"  │ {field.label}: ", secret=field.secret)
                if reply.strip() == "/cancel":
                    return ApprovalAnswer("reject")
                given[field.name] = reply
            return ApprovalAnswer("approve", given)
        except EndOfInput:
            return ApprovalAnswer("reject")
