"""The four things that a program does with a scenario: load it, check it, replay its dialogues, talk to it."""

from __future__ import annotations

import datetime
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from realtime_scenarios.core import Diagnostic, MistakesError, UsageError, did_you_mean
from realtime_scenarios.model import Scenario
from realtime_scenarios.project import Project, find_scenario, project_at, project_of
from realtime_scenarios.project import load as load_project
from realtime_scenarios.project.beginning import beginning

if TYPE_CHECKING:
    from realtime_scenarios.providers import ProviderRequest
    from realtime_scenarios.session import Approver, Conversation, Observer
    from realtime_scenarios.verdicts import DialogueResult


class Where(TypedDict, total=False):
    """Where the model is, beyond the name of the provider; what is left out, the scenario or the provider says.

    `model` and `deployment` are names, `url` an address of the Realtime endpoint, `key_env` the name of the environment
    variable that holds the key. `environment` is where variables are looked up; left out: this process's environment.
    """

    model: str
    url: str
    deployment: str
    key_env: str
    environment: Mapping[str, str]


_OF_REPLAY = ("provider", "workers", "in_process", "wall_timeout")
_OF_CONVERSE = ("provider", "approver", "observer", "context", "agent", "state", "now")
_KEYWORDS = (*Where.__annotations__, *_OF_REPLAY, *_OF_CONVERSE)


def load(path: str | Path) -> Scenario:
    """The scenario in a file, as frozen data. `path` may also name a packaged example, such as `airline`.

    Raises:
        UsageError: there is no such file.
        MistakesError: mistakes keep it from being run; they are its `diagnostics`.
    """
    project = load_project(find_scenario(str(path), Path.cwd()))
    if project.built is None or any(diagnostic.severity == "error" for diagnostic in project.diagnostics):
        raise MistakesError(project.diagnostics)
    return project.scenario


def check(target: str | Path | Scenario, *, warnings: bool = True, as_of: date | None = None) -> list[Diagnostic]:
    """All that is wrong with a scenario and its dialogues, or weak, causes first.

    Without `warnings`, only what keeps it from being run. `target` is a scenario, its file, or one file of dialogues
    (then only these are looked at beside the scenario). `as_of` is the day on which models must still answer; None:
    today.

    Raises:
        UsageError: there is no such file.
    """
    from realtime_scenarios.lint import findings

    return findings(_project_of(target), warnings=warnings, as_of=as_of or date.today())


def replay(
    target: str | Path | Scenario,
    *ids: str,
    provider: str = "scripted",
    workers: int = 1,
    in_process: bool = False,
    wall_timeout: float | None = None,
    **where: Unpack[Where],
) -> list[DialogueResult]:
    """The result of each dialogue of a scenario, or of those named by `ids`, in the order of the files.

    `target` as for `check`. With the scripted provider the dialogue's moves are what the model does, in virtual time;
    with any other they are what is expected of it. They are played by so many `workers`, processes of their own, and
    each may take so many seconds as `wall_timeout` says by the wall clock; None: 30, and more where time must pass for
    real. `in_process` plays them in this process, where a debugger can look, and where nothing bounds them.

    Raises:
        UsageError: there is no such file, dialogue or provider; there is nothing to replay; or an event loop runs here.
        MistakesError: mistakes keep the scenario or a dialogue from being played.
        TypeError: `where` has a name that means nothing.
    """
    _refuse_unknown(where)
    if workers < 1:
        raise UsageError(f"{workers} workers play nothing", hint="leave `workers` out, or give it a positive number")
    if _is_loop_running():
        runs = "runs an event loop of its own" if in_process else "waits until all is played"
        raise UsageError(
            f"replay {runs}, and an event loop is running here",
            hint="call it outside of the loop, or as `await asyncio.to_thread(replay, ...)`",
        )
    from realtime_scenarios.lint import findings
    from realtime_scenarios.project.cases import Selection, cases_of, selected

    project = _project_of(target)
    if mistakes := findings(project, warnings=False):
        raise MistakesError(mistakes)
    cases = selected(cases_of([project]), Selection(ids=frozenset(ids)))
    if not cases:
        raise UsageError(f"'{project.shown}' has no dialogues", hint="write one in dialogues/ beside it")

    if in_process:
        from realtime_scenarios.providers import PROVIDERS
        from realtime_scenarios.workers.player import played_here

        return [finished.result for finished in played_here(cases, PROVIDERS[provider], _request(where))]

    from realtime_scenarios.model import provider as providers
    from realtime_scenarios.processes import Wishes
    from realtime_scenarios.suite import Supervisor, in_order

    wishes = Wishes.of(
        providers.PROVIDERS.known(provider),
        where.get("environment", os.environ),
        model=where.get("model"),
        url=where.get("url"),
        deployment=where.get("deployment"),
        key_env=where.get("key_env"),
    )
    with Supervisor(wishes, workers=workers, wall_timeout=wall_timeout) as supervisor:
        return [finished.result for finished in in_order(supervisor.finished(cases))]


@asynccontextmanager
async def converse(
    target: str | Path | Scenario,
    *,
    provider: str | None = None,
    approver: Approver | None = None,
    observer: Observer | None = None,
    context: Mapping[str, Any] | None = None,
    agent: str | None = None,
    state: str | None = None,
    now: datetime.datetime | None = None,
    **where: Unpack[Where],
) -> AsyncIterator[Conversation]:
    """A conversation with a scenario: an asynchronous context manager, connected when it is entered.

    `target` is a scenario or its file. `provider` None: the scenario's own, and offline where it names none, as
    `scenario run` has it. `approver` is who is asked where a call needs a person's yes; None: nobody, so
    that every such call is rejected. `observer` hears every event, and every piece of an answer as it comes. `agent`
    and `state` are where it begins; None: where the scenario begins. `context` are variables that differ from their
    defaults. `now` is the moment at which it begins, with its zone; None: the present one. Time runs on from there.

    Raises:
        UsageError: there is no such file, provider, agent, state or variable, or `now` has no zone.
        MistakesError: mistakes keep the scenario from being run.
        ProviderError: the model cannot be reached, or something that the provider needs is not there, such as a key.
        TypeError: `where` has a name that means nothing.
    """
    _refuse_unknown(where)
    scenario = target if isinstance(target, Scenario) else load(target)
    begins = beginning(scenario, agent=agent, state=state, context=context, now=now)
    chosen = provider or (scenario.provider.name if scenario.provider else "offline")
    if chosen == "scripted":
        raise UsageError("the scripted provider only plays dialogues", hint="use replay, or provider='offline'")

    from realtime_scenarios.compiler import compiled
    from realtime_scenarios.providers import PROVIDERS
    from realtime_scenarios.session import Conversation, LoopClock

    conversation = Conversation(
        compiled(scenario),
        PROVIDERS[chosen].open(_request(where).completed_by(scenario)),
        clock=LoopClock(begins.now),
        approver=approver,
        observer=observer,
        context=begins.context,
        agent=begins.agent,
        state=begins.state,
    )
    async with conversation:
        yield conversation


def _project_of(target: str | Path | Scenario) -> Project:
    return project_of(target) if isinstance(target, Scenario) else project_at(str(target), Path.cwd())


def _refuse_unknown(where: Mapping[str, object]) -> None:
    """What Python does with an argument that a function does not have: a misspelt provider must not go unnoticed.

    Raises:
        TypeError: `where` has a name that means nothing.
    """
    for name in where:
        if name not in Where.__annotations__:
            raise TypeError(f"unexpected keyword argument '{name}': {did_you_mean(name, _KEYWORDS)}")


def _is_loop_running() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _request(where: Where) -> ProviderRequest:
    from realtime_scenarios.providers import ProviderRequest

    environment = where.get("environment")
    return ProviderRequest(
        environment=dict(os.environ) if environment is None else environment,
        model=where.get("model"),
        url=where.get("url"),
        deployment=where.get("deployment"),
        key_env=where.get("key_env"),
        on=date.today(),
    )
