"""What a person may type instead of talking: commands that begin with a slash."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from realtime_scenarios.cli.kept import Kept
from realtime_scenarios.cli.keyboard import EndOfInput
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.screen import Screen
from realtime_scenarios.cli.style import width
from realtime_scenarios.core import ScenarioError, UsageError, did_you_mean
from realtime_scenarios.core.snippets import Paint

if TYPE_CHECKING:
    from realtime_scenarios.session import Conversation


class TakesTurns(Protocol):
    """How a turn of the caller is taken that is no line of text."""

    async def take(self, turn: Awaitable[None]) -> None: ...


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """`usage` is how it is typed; `run` is given what stands behind its name. `help` None: it is listed nowhere."""

    usage: str
    help: str | None
    run: Callable[[SlashCommands, str], Awaitable[None]]

    @property
    def name(self) -> str:
        return self.usage.partition(" ")[0]


class SlashCommands:
    """The commands of one conversation."""

    def __init__(self, conversation: Conversation, screen: Screen, kept: Kept, turns: TakesTurns, paint: Paint) -> None:
        self._conversation = conversation
        self._screen = screen
        self._kept = kept
        self._turns = turns
        self._paint = paint

    async def run(self, line: str) -> None:
        """Do what the line says; what is wrong with it is told, and the conversation goes on.

        Raises:
            EndOfInput: the person leaves.
        """
        name, _, rest = line.partition(" ")
        command = COMMANDS.get(name)
        if command is None:
            listed = [command.name for command in COMMANDS.values() if command.help is not None]
            echo(f"unknown command '{name}': {did_you_mean(name, listed)}")
            return
        try:
            await command.run(self, rest.strip())
        except ScenarioError as problem:
            self._screen.tell_problem(problem)

    async def show_help(self, rest: str) -> None:
        echo(HELP)

    async def show_agent(self, rest: str) -> None:
        state = self._conversation.state
        scenario = state.scenario
        agent = scenario.agents[state.agent]
        targets = [scenario.agents[edge.to].name for edge in agent.handoffs]
        echo(f"{agent.name} ({agent.id})")
        echo(f"  tools     {', '.join(agent.tools) or 'none'}")
        echo(f"  handoffs  {', '.join(targets) or 'none'}")

    async def show_state(self, rest: str) -> None:
        state = self._conversation.state
        for name, value in state.context.items():
            shown = "[secret]" if state.scenario.context[name].secret and value is not None else value
            echo(f"  {name} = {json.dumps(state.secrets.hidden_in(shown), ensure_ascii=False)}")
        here = {} if state.here is None else {state.agent: state.here}
        for agent, current in {**state.states, **here}.items():
            echo(f"  {state.scenario.agents[agent].name} is in state {current}")
        if not state.context and not state.states and not here:
            echo("  no context variables and no states")

    async def show_history(self, rest: str) -> None:
        from realtime_scenarios.suite import event_lines

        events = self._conversation.trace.events
        for line in event_lines(events, set(), self._screen.name_of, self._paint, width()):
            echo(line)

    async def show_picture(self, rest: str) -> None:
        """Show a picture, with words behind its name or without."""
        name, _, words = rest.partition(" ")
        if not name:
            raise UsageError("show which picture?", hint="/show photo.png What is this?")
        await self._turns.take(self._conversation.user_shows(Path(name), words.strip() or None))

    async def save(self, rest: str) -> None:
        self._kept.save(rest)

    async def quit(self, rest: str) -> None:
        raise EndOfInput


COMMANDS = {
    command.name: command
    for command in (
        SlashCommand("/help", "this list", SlashCommands.show_help),
        SlashCommand("/agent", "who you are talking to, and whom they can hand you to", SlashCommands.show_agent),
        SlashCommand("/state", "the context variables and the states of the agents", SlashCommands.show_state),
        SlashCommand("/history", "everything that happened so far", SlashCommands.show_history),
        SlashCommand(
            "/show IMAGE", "show a picture; words behind its name are said with it", SlashCommands.show_picture
        ),
        SlashCommand(
            "/save FILE.yaml", "write the conversation as a dialogue, for `scenario test` to replay", SlashCommands.save
        ),
        SlashCommand("/quit", "leave (as does the end of input)", SlashCommands.quit),
        SlashCommand("/exit", None, SlashCommands.quit),
    )
}

_CTRL_C = """\
Ctrl-C           while the agent speaks or a tool works: cut in, and again: leave;
                 at the prompt: leave, if it is pressed twice
m, space         in a call, where nothing is typed: m mutes the microphone and opens it,
                 space talks with --push-to-talk"""

HELP = "\n".join(
    [*(f"{command.usage:<15}  {command.help}" for command in COMMANDS.values() if command.help is not None), _CTRL_C]
)
