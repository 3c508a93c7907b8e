"""What is shown of a conversation in a terminal: the answer as it streams, every other event as a line of its own."""

from __future__ import annotations

import re
import sys

from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import width
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.snippets import Paint, columns_of
from realtime_scenarios.core.wrapping import cropped
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalRequested,
    GuardrailChecked,
    ModelAsked,
    SessionEnded,
    TraceEvent,
    UserSaid,
)


class Screen:
    """What a person sees of the conversation: the answer as it streams, and every move as a line of its own.

    Where somebody watches (`is_watched`), words that do not fit go on the next line; what is piped keeps its lines.
    `by_line`: a prompt stands below, so that nothing is shown but whole lines.
    """

    def __init__(self, scenario: Scenario, paint: Paint) -> None:
        self.is_watched = False
        self.by_line = False
        self._begun = ""
        self._scenario = scenario
        self._paint = paint
        self._speaking = False
        self._column = 0
        self._word = ""

    def name_of(self, agent: str) -> str:
        return self._scenario.agents[agent].name

    def on_delta(self, agent: str, text: str) -> None:
        if not self._speaking:
            self._put(f"{self._paint(self.name_of(agent), 'bold')}  ")
            self._speaking = True
            self._column = columns_of(self.name_of(agent)) + 2
        if not self.is_watched:
            self._put(text)
        for piece in re.findall(r"\s+|\S+", text) if self.is_watched else ():
            if piece.isspace():
                self._end_word()
                self._column += columns_of(piece)
                self._put(piece)
            else:
                self._word += piece
        sys.stdout.flush()

    def _end_word(self) -> None:
        if self._word and self._column + columns_of(self._word) > width(least=0):
            self._put_newline()
            self._column = 0
        self._put(self._word)
        self._column += columns_of(self._word)
        self._word = ""

    def on_event(self, event: TraceEvent) -> None:
        from realtime_scenarios.suite import line_of

        if isinstance(event, AgentSaid):
            if self._speaking and event.interrupted:
                self._end_word()
                self._put(" —")
            self.end_line()
        elif isinstance(event, UserSaid) and event.audio_ms is not None:
            self.end_line()
            words = event.text or self._paint("(nothing could be made out)", "quiet")
            echo(f"{self._paint('you', 'bold')}  {words}")
        elif not isinstance(event, (UserSaid, SessionEnded, ApprovalRequested)) and not _is_routine(event):
            self.end_line()
            line = line_of(event, self.name_of)
            shown = cropped(" ".join(line.text.split()), max(40, width(least=0) - 15))
            echo(f"  {self._paint('· ' + line.label.ljust(9), 'quiet')} {self._paint(shown, line.tone)}")

    def tell(self, text: str) -> None:
        """A word from the command itself, on a line of its own."""
        echo(self._paint(text, "quiet"))

    def tell_problem(self, problem: ScenarioError) -> None:
        """What went wrong where the conversation goes on all the same."""
        echo(f"{self._paint('error', 'bad')}: {problem.message}")
        if problem.hint:
            echo(f"hint: {problem.hint}")

    def end_line(self) -> None:
        """End the line of an answer that is streaming, if one is."""
        if self._speaking:
            self._end_word()
            self._put_newline()
            self._speaking = False

    def _put(self, text: str) -> None:
        if self.by_line:
            self._begun += text
        else:
            echo(text, nl=False)

    def _put_newline(self) -> None:
        echo(self._begun.rstrip())
        self._begun = ""


def _is_routine(event: TraceEvent) -> bool:
    """Whether it only says that a guardrail looked and found nothing, or what a text model reads; /history shows it."""
    return isinstance(event, ModelAsked) or (isinstance(event, GuardrailChecked) and event.status != "fail")
