"""`scenario serve FILE`: the studio beside the engine, with models as the command line has them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_scenarios.cli.calling import OURS
from realtime_scenarios.cli.options import request_of
from realtime_scenarios.cli.serving import Address, Limits, run_server
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.cli.voices import AskedVoices, best_voices, parts_factory
from realtime_scenarios.core import UsageError
from realtime_scenarios.model.provider import PROVIDERS, missing_for
from realtime_scenarios.project import Project, load_plugins, projects_at
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.realtime.door import LOOPBACK, Hosts
from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.studio.models import WishedModel
from realtime_scenarios.studio.projects import Projects
from realtime_scenarios.studio.studio import Studio
from realtime_scenarios.studio.watched import keep_watch

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from realtime_scenarios.providers import Opened, ProviderRequest
    from realtime_scenarios.realtime import Parts


@dataclass(frozen=True, slots=True)
class AskedStudio:
    """`opens`: the browser is opened. `provider` None: the scenario's own, or offline."""

    opens: bool
    trust: bool
    provider: str | None
    wishes: Mapping[str, str | None]


def run_studio(
    targets: Sequence[str],
    address: Address,
    limits: Limits,
    voices: AskedVoices,
    asked: AskedStudio,
    color: str,
    event_log: str | None = None,
) -> int:
    """Serve the studio, and the engine beside it, until a signal comes; the exit code.

    Raises:
        UsageError: what is wanted does not exist, or everybody could read what the page and the server say.
        ScenarioError: as `run_server`.
    """
    if address.host not in LOOPBACK and address.tls_certificate is None:
        message = f"'{address.host}' is not this machine's own address, and the studio's token would travel unhidden"
        hint = "give a certificate: --tls-cert FILE --tls-key FILE; or leave the studio out: --realtime-only"
        raise UsageError(message, hint=hint)
    projects = projects_at(targets, Path.cwd())
    require_trust([project for project in projects if project.built is not None], trust=asked.trust)
    served = Projects(list(dict.fromkeys(project.path for project in projects)))
    page = _Page(served, address, voices, asked, Budget(limits.session_minutes, None))
    return run_server(targets, address, limits, voices, None, color, event_log, page)


class _Page:
    """The studio as what else is on the port."""

    def __init__(
        self, projects: Projects, address: Address, voices: AskedVoices, asked: AskedStudio, budget: Budget
    ) -> None:
        self._projects = projects
        self._budget = budget
        self._address = address
        self._asked = asked
        self._models = CommandLineModels(voices, asked)
        self._token = ""
        self.taps = Taps()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[ASGIApp], ASGIApp]]:
        """As long as the studio is there: what puts it before an engine."""
        from realtime_scenarios.studio.application import application

        address = self._address
        made = version("realtime-scenarios")
        studio = Studio(self._projects, self._models, made, budget=self._budget, taps=self.taps)
        self._token = studio.lock.token
        hosts = Hosts(address.host, address.hosts)
        is_secure = address.tls_certificate is not None
        watch = asyncio.create_task(keep_watch(studio))
        # a conversation needs the SDK, which takes seconds to import: it comes while the person looks at the page
        threading.Thread(target=import_module, args=("realtime_scenarios.studio.hosted",), daemon=True).start()
        try:
            yield lambda engine: application(studio, hosts, engine, is_secure=is_secure)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await studio.close()

    def lines(self, url: str) -> Sequence[str]:
        """Where it is, for somebody to open it; and it is opened where that is wanted."""
        self._models.engine = url
        base = url.replace("ws", "http", 1).removesuffix("/v1/realtime")
        page = f"{base}/?t={self._token}"
        if self._asked.opens:
            webbrowser.open(page)
        return [f"the studio:  {page}"]


class CommandLineModels:
    """Models as they are asked for on the command line and at the page. Parts that hear and speak are made once.

    `engine` is the address of the engine on the same port, empty until it is there.
    """

    def __init__(self, voices: AskedVoices, asked: AskedStudio) -> None:
        self.engine = ""
        self._voices = voices
        self._asked = asked
        self._parts: dict[Path, Callable[[], Parts]] = {}

    def listed(self) -> Sequence[Mapping[str, Any]]:
        load_plugins()
        told = []
        for name in PROVIDERS:
            if name == "scripted":
                continue
            missing = missing_for(name, os.environ, self._asked.wishes)
            told.append({"name": name, "ready": not missing, "needs": ", ".join(missing) or None})
        return told

    async def open(self, project: Project, wished: WishedModel) -> Opened:
        from realtime_scenarios.realtime import Pace

        spec = project.scenario.provider
        usual = self._asked.provider or ("url" if self._asked.wishes.get("url") else spec.name if spec else "offline")
        name = PROVIDERS.known(wished.provider or usual)
        if name == "scripted":
            raise UsageError("the scripted provider only replays dialogues", hint="choose another")
        wishes = {**self._asked.wishes, **({"model": wished.model} if wished.model else {})}
        request = replace(request_of(wishes), sessions_before=wished.sessions_before).completed_by(project.scenario)
        if wished.call is not None:
            return self._beside_call(wished.call, request, name)
        if not wished.voice:
            request = request.paced(Pace(words_per_delta=1, ms_per_word=35))
        elif name in OURS:
            pace = Pace(words_per_delta=1, follows_speech=True)
            parts = await asyncio.to_thread(self._parts_for, project)
            request = replace(request, pace=pace, parts=parts(), beside=asyncio.to_thread)
        opened: Opened = PROVIDERS[name].open(request)
        return opened

    def _beside_call(self, call: str, request: ProviderRequest, name: str) -> Opened:
        """The engine here as the model of a call that a page holds with it; text models are where they always are."""
        from realtime_scenarios.providers.sideband import attached

        here = PROVIDERS["url"].open(replace(request, url=self.engine, key_env=None))
        return replace(attached(here, call), text=PROVIDERS[name].open(request).text)

    def _parts_for(self, project: Project) -> Callable[[], Parts]:
        if project.path not in self._parts:
            self._parts[project.path] = parts_factory(best_voices(self._voices, project).voices)
        return self._parts[project.path]
