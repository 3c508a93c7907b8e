"""What of a conversation in a terminal is kept in files: while it goes on, where somebody says so, and at its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.recording import Recording
from realtime_scenarios.cli.screen import Screen
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.writing import refuse_unwritable, write_file
from realtime_scenarios.project import Project

if TYPE_CHECKING:
    from realtime_scenarios.session import Conversation
    from realtime_scenarios.suite.saving import SavedDialogue


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """What is written when the conversation is over, and while it goes on (`record`); None: nothing."""

    dialogue: Path | None = None
    trace: Path | None = None
    record: Path | None = None

    def refuse_unwritable(self) -> None:
        """Go on only where what is written at the end can be, as far as that can be known.

        Raises:
            UsageError: the dialogue exists already.
            ScenarioError: a file cannot be written.
        """
        if self.dialogue is not None:
            from realtime_scenarios.suite.saving import new_dialogue_path

            new_dialogue_path(str(self.dialogue))
        if self.trace is not None:
            refuse_unwritable([self.trace])


class Kept:
    """The files of one conversation. What becomes secret is taken out of those that are written already."""

    def __init__(
        self,
        files: WantedFiles,
        recording: Recording | None,
        project: Project,
        conversation: Conversation,
        screen: Screen,
        provider: str | None = None,
    ) -> None:
        self._files = files
        self._recording = recording
        self._project = project
        self._conversation = conversation
        self._screen = screen
        self._provider = provider
        self._saved: list[SavedDialogue] = []
        conversation.state.secrets.subscribe(self._mask)

    def save(self, name: str) -> None:
        """Write the conversation as a dialogue file.

        Raises:
            ScenarioError: nothing has been said yet, or the file cannot be written.
        """
        from realtime_scenarios.suite.saving import save_dialogue

        saved = save_dialogue(self._conversation.trace, self._project, name, provider=self._provider)
        self._saved.append(saved)
        echo(f"wrote {saved.path}; replay it with: scenario test {saved.path}")
        if saved.stand_ins:
            echo("no secret is in it: where one matters, write one that is good for a test in its place")
        for given in dict.fromkeys(given for given in saved.stand_ins if not given.fits):
            echo(f"nothing was found that '{given.field}' of '{given.tool}' takes: replace '{given.text}'")

    @contextlib.contextmanager
    def written_at_the_end(self) -> Iterator[None]:
        """Write the wanted files, each whether or not the other can be, before the line is closed: that may take long.

        Where the conversation itself has failed, that is what is raised.
        """
        try:
            yield
        except BaseException:
            for problem in self._written_files():
                self._screen.tell_problem(problem)
            raise
        for problem in self._written_files():
            raise problem

    def _written_files(self) -> list[ScenarioError]:
        """Write the wanted files; why one could not be."""
        problems: list[ScenarioError] = []
        for path, write in (
            (self._files.trace, self._write_trace),
            (self._files.dialogue, self._save_at_the_end),
        ):
            try:
                if path is not None:
                    write(str(path))
            except ScenarioError as problem:
                problems.append(problem)
        if self._recording is not None and self._recording.problem is not None:
            problems.append(self._recording.problem)
        if self._conversation.unlogged is not None:
            problems.append(self._conversation.unlogged)
        return problems

    def _save_at_the_end(self, name: str) -> None:
        """Write the dialogue; under a name beside it where somebody else's file has come to be there meanwhile."""
        from realtime_scenarios.suite.saving import dialogue_path, path_beside

        path = dialogue_path(name)
        if path.exists():
            echo(f"'{path}' has come to exist meanwhile and is left as it is")
            path = path_beside(path)
        self.save(str(path))

    def _write_trace(self, name: str) -> None:
        from realtime_scenarios.trace import to_json_lines

        write_file(Path(name), to_json_lines(self._conversation.trace))

    def _mask(self) -> None:
        """Something has become secret that may stand in files which were written before."""
        if self._recording is not None:
            self._recording.become(self._conversation.trace)
        for saved in self._saved:
            try:
                saved.mask(self._conversation.state.secrets)
            except ScenarioError as problem:
                self._screen.tell_problem(problem)
