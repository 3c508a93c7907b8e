"""What the views ask of the studio: a scenario as its files are now, and what a conversation knows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from realtime_scenarios.core import UsageError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.secret import shown_values
from realtime_scenarios.project import Project
from realtime_scenarios.studio.covering import Met, met_of
from realtime_scenarios.studio.revisions import Revisions, Then
from realtime_scenarios.studio.studio import Studio
from realtime_scenarios.studio.testing import Bench

if TYPE_CHECKING:
    from realtime_scenarios.compiler import ConversationState


class KnownHere:
    """The answers of one studio."""

    def __init__(self, studio: Studio, bench: Bench) -> None:
        self._studio = studio
        self._bench = bench
        self._revisions = Revisions()
        studio.closing.append(self._revisions.close)

    def scenario(self, name: str) -> Scenario:
        """The scenario with this id; one that has mistakes now as it was before.

        Raises:
            UsageError: there is none, or it has had mistakes from the beginning.
        """
        return self._project(name).scenario

    def met(self, name: str) -> Met:
        """What of the scenario with this id the dialogues met that were played here.

        Raises:
            UsageError: as of `scenario`.
        """
        project = self._project(name)
        return met_of(project, self._bench.outcomes(project.path))

    def then(self, name: str, revision: str) -> Then:
        """The scenario with this id as it was in a revision.

        Raises:
            UsageError: there is no such scenario, no repository, or no such revision.
        """
        return self._revisions.scenario(self._project(name).path, revision)

    def context(self, conversation: str) -> Mapping[str, Any] | None:
        """The context of a conversation as it is now, without secrets; None: it is not, or not connected."""
        state = self._state(conversation)
        return None if state is None else shown_values(state.scenario.context, state.context, state.secrets)

    def now(self, conversation: str | None) -> datetime.datetime:
        """The moment in a conversation; None, or one that is not connected: this moment."""
        state = self._state(conversation or "")
        return datetime.datetime.now().astimezone() if state is None else state.now()

    def _project(self, name: str) -> Project:
        served = self._studio.projects.served.get(name)
        if served is None:
            raise UsageError(f"there is no scenario '{name}'", hint="choose one of those that are served")
        served.look()
        return served.project or served.read

    def _state(self, conversation: str) -> ConversationState | None:
        hosted = self._studio.conversations.get(conversation)
        talk = None if hosted is None else hosted.conversation
        return None if talk is None else talk.state
