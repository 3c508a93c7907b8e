"""What `scenario serve` is told, as a server that runs until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gc
import signal
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from realtime_scenarios.cli.diagnostics import echo_diagnostics
from realtime_scenarios.cli.options import key_in
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.cli.voices import AskedVoices, pace_of, parts_factory
from realtime_scenarios.core import Diagnostic, ScenarioError, Secrets, UsageError
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.writing import write_file
from realtime_scenarios.lint import findings
from realtime_scenarios.model.secret import written_secrets
from realtime_scenarios.project import Project, projects_at
from realtime_scenarios.project.cases import Case, Selection, cases_of, parsed_target, selected
from realtime_scenarios.realtime import Pace, Parts, serve_visitors
from realtime_scenarios.realtime.door import LOOPBACK
from realtime_scenarios.realtime.event_log import EventLog
from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.realtime.visit import Seat, Visitor
from realtime_scenarios.serving.record import verdict_line
from realtime_scenarios.serving.stage import Rehearsing, Stage
from realtime_scenarios.standin import RESPONDERS
from realtime_scenarios.suite import failure_report, result_line, tally
from realtime_scenarios.verdicts import DialogueResult

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and to whom. `api_key_env` names the variable with the key, None: none is needed."""

    host: str
    port: int
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    api_key_env: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`session_minutes` None: a session may last for ever. `rehearsals`: it stops after so many, None: it does not.

    `seed` decides about faults that have a chance only.
    """

    connections: int
    session_minutes: float | None
    rehearsals: int | None
    seed: int


def run_server(
    targets: Sequence[str],
    address: Address,
    limits: Limits,
    voices: AskedVoices,
    verdicts: Path | None,
    color: str,
    event_log: str | None = None,
    page: Page | None = None,
) -> int:
    """Serve until a signal comes; the exit code. `page` is what else is on the port; None: nothing.

    Beside a page files may have mistakes: it shows them, and there they are mended.

    Raises:
        UsageError: what is wanted does not exist, or does not go together.
        ScenarioError: the key, the certificate or a part cannot be had, the address not be listened at, a file not be
            written.
    """
    if address.host not in LOOPBACK and address.api_key_env is None:
        message = f"'{address.host}' is not this machine's own address, and whoever reaches it could connect"
        raise UsageError(message, hint="name the variable with a key that clients must show: --api-key-env NAME")
    key, tls = key_in(address.api_key_env, "--api-key-env"), tls_context(address.tls_certificate, address.tls_key)
    parts, pace = parts_factory(voices), pace_of(voices)
    served = _served(targets, proofs=page is None)
    if served.mistakes and page is None:
        echo_diagnostics(served.mistakes, color=color)
        echo("nothing is served: mend the files first (`scenario lint` shows the same list)", err=True)
        return 1
    log = None if event_log is None else EventLog(Path(event_log), _secrets_of(served, key, voices), _now)
    programme = _Programme(served, verdicts, painter(color), limits)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_until_stopped(programme, address, key, tls, limits, parts, pace, log, page))
    if log is not None and log.problem is not None:
        raise log.problem
    return programme.exit_code


class Page(Protocol):
    """What people open in a browser on the same port. `taps` listen to the calls of its pages; None: nobody does."""

    @property
    def taps(self) -> Taps | None: ...

    def opened(self) -> AbstractAsyncContextManager[Callable[[ASGIApp], ASGIApp]]:
        """As long as it is there: what puts it before the engine's application."""
        ...

    def lines(self, url: str) -> Sequence[str]:
        """What is said of it, once the engine is at that address."""
        ...


@dataclass(frozen=True, slots=True)
class _Served:
    """What the targets mean: scenarios, all of their dialogues, and those of them that are rehearsed in turn."""

    projects: Sequence[Project]
    cases: Sequence[Case]
    in_turn: Sequence[Case]
    mistakes: Sequence[Diagnostic]


def _served(targets: Sequence[str], *, proofs: bool) -> _Served:
    """`proofs`: what takes a search through all conversations is a mistake, too; a page looks for it by itself."""
    meant = [parsed_target(target) for target in targets]
    named = projects_at([target.path for target in meant], Path.cwd()) if meant else []
    found = [(project, findings(project, warnings=False, proofs=proofs)) for project in named]
    projects = [project for project, _ in found]
    mistakes = [mistake for _, own in found for mistake in own if mistake.severity == "error"]
    if mistakes:
        whole = [project for project, own in found if not any(mistake.severity == "error" for mistake in own)]
        return _Served(whole, (), (), mistakes)
    cases = cases_of(projects)
    in_turn: list[Case] = []
    for target in meant:
        if target.dialogue is not None:
            paths = {project.path for project in projects_at([target.path], Path.cwd())}
            own = [case for case in cases if case.project.path in paths]
            ids = frozenset() if target.dialogue == "*" else frozenset([target.dialogue])
            in_turn += _servable(selected(own, Selection(ids)))
    return _Served(projects, cases, in_turn, ())


def _servable(wanted: Sequence[Case]) -> list[Case]:
    """Those of the dialogues that have a script: without one there is nothing that a scripted model could say.

    Raises:
        UsageError: none of them has.
    """
    servable = [case for case in wanted if case.dialogue.caller is None]
    if wanted and not servable:
        raise UsageError(
            f"the caller of '{wanted[0].dialogue.id}' has no script, so it cannot be served",
            hint="play it: scenario test --provider offline",
        )
    return servable


class _Programme:
    """What is served, and what has come of it so far. `stop` is set when it is over, by a `problem` or without one."""

    def __init__(self, served: _Served, verdicts: Path | None, paint: Paint, limits: Limits) -> None:
        self.served = served
        self.stop = asyncio.Event()
        self.problem: ScenarioError | None = None
        self._verdicts = verdicts
        self._paint = paint
        self._left = limits.rehearsals
        self._results: list[DialogueResult] = []
        self._visitors = 0
        self._seat_for: Callable[[Visitor], Seat] = self._plain_seat
        if served.projects:
            stage = Stage(
                served.projects,
                served.cases,
                served.in_turn,
                tell=self._tell,
                seconds=time.monotonic,
                now=_now,
                seed=limits.seed,
            )
            self._seat_for = stage.welcome

    def welcome(self, visitor: Visitor) -> Seat:
        self._visitors += 1
        return self._seat_for(visitor)

    @property
    def exit_code(self) -> int:
        """A run in which dialogues were to be rehearsed and nothing was checked fails."""
        if not self._results and not self.served.in_turn:
            return 0
        return 1 if tally(self._results, len(self._results)).fails_the_run else 0

    def summary(self) -> str:
        """What came of the dialogues that were to be rehearsed."""
        if not self._results:
            return f"{'no dialogue was played' if self._visitors else 'nobody connected'}, so nothing was checked"
        return str(tally(self._results, len(self._results)))

    @property
    def lines(self) -> Sequence[str]:
        """What is served, for somebody who is going to connect: of one dialogue, what to say as well."""
        match self.served.in_turn:
            case [only]:
                spoken = [f"  the caller says:  {turn.user}" for turn in only.dialogue.turns if turn.user is not None]
                return [f"each connection plays {only.name}", *spoken]
            case [first, *others]:
                return [f"one connection after the other plays {first.name} and the {len(others)} behind it"]
            case _:
                return [f"answers as {project.shown}" for project in self.served.projects]

    def _plain_seat(self, visitor: Visitor) -> Seat:
        return Seat(RESPONDERS["offline"]())

    def _tell(self, rehearsing: Rehearsing) -> None:
        result = rehearsing.rehearsed.result
        self._results.append(result)
        self._write(rehearsing)
        echo(f"connection {rehearsing.number}: {result_line(rehearsing.case, result, self._paint)}")
        if result.fails_the_run:
            for line in failure_report(rehearsing.case, result, self._paint, width()):
                echo(line)
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.stop.set()

    def begin_verdicts(self) -> None:
        """Empty the file for verdicts, now that it is served: a server that cannot start takes nothing from another.

        Raises:
            ScenarioError: it cannot be written.
        """
        if self._verdicts is not None:
            write_file(self._verdicts, "")

    def _write(self, rehearsing: Rehearsing) -> None:
        """Write down what came of it; where that cannot be, everything stops: nobody would know what is missing."""
        if self._verdicts is None or self.problem is not None:
            return
        try:
            with self._verdicts.open("a", encoding="utf-8") as file:
                file.write(verdict_line(rehearsing))
        except OSError as problem:
            self.problem = ScenarioError(f"cannot write '{self._verdicts}': {problem.strerror or problem}")
            self.stop.set()


def _secrets_of(served: _Served, key: str | None, voices: AskedVoices) -> Secrets:
    """What must not be read in a file: keys, and what the dialogues that are served hold of secrets."""
    keys = (key, voices.speaker.key, voices.listener.key if voices.listener is not None else None)
    secrets = Secrets(tuple(each for each in keys if each))
    for case in served.cases:
        for value in written_secrets(case.project.scenario, case.dialogue):
            secrets.add(value)
    return secrets


def _now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


def tls_context(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise UsageError("a certificate and its key go together", hint="give both --tls-cert and --tls-key")
    for path in (certificate, key):
        try:
            Path(path).read_bytes()
        except OSError as problem:
            raise ScenarioError(f"cannot read '{path}': {problem.strerror}") from problem
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as problem:
        if problem.reason == "KEY_VALUES_MISMATCH":
            raise ScenarioError(f"'{key}' is not the private key of '{certificate}'") from problem
        message = f"'{certificate}' and '{key}' are not a certificate and a private key that can be used"
        raise ScenarioError(message, hint="both must be PEM, and the key without a password") from problem
    return context


async def _serve_until_stopped(
    programme: _Programme,
    address: Address,
    key: str | None,
    tls: ssl.SSLContext | None,
    limits: Limits,
    parts: Callable[[], Parts],
    pace: Pace,
    log: EventLog | None,
    page: Page | None,
) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, programme.stop.set)
    minutes = limits.session_minutes
    try:
        async with contextlib.AsyncExitStack() as end:
            beside = None if page is None else await end.enter_async_context(page.opened())
            serving = serve_visitors(
                programme.welcome,
                host=address.host,
                port=address.port,
                hosts=address.hosts,
                origins=address.origins,
                pace=pace,
                parts_factory=parts,
                api_keys=None if key is None else (key,),
                max_connections=limits.connections,
                max_session_seconds=None if minutes is None else minutes * 60,
                tls=tls,
                event_log=log,
                beside=beside,
                taps=None if page is None else page.taps,
            )
            running = await end.enter_async_context(serving)
            gc.collect()
            gc.freeze()  # a collection keeps all clients waiting, by 25 ms where it looks at the modules as well
            programme.begin_verdicts()
            echo(f"serving the Realtime protocol at {running.url}")
            for line in page.lines(running.url) if page is not None else ():
                echo(line)
            for line in programme.lines:
                echo(line)
            if not programme.served.projects and page is None:
                echo(f"talk to it:  scenario run airline.yaml --url {running.url}")
            echo("Ctrl-C stops")
            await programme.stop.wait()
        if programme.problem is not None:
            raise programme.problem
    except OSError as problem:
        raise ScenarioError(
            f"cannot listen at {address.host}:{address.port}: {problem.strerror or problem}",
            hint="choose another --port; 0 takes a free one",
        ) from problem
    echo(f"stopped: {programme.summary()}" if programme.served.in_turn else "stopped")
