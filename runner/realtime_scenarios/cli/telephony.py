"""`scenario serve --twilio` and `--sip`: a server that takes calls for one scenario until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from realtime_scenarios.cli.diagnostics import echo_diagnostics
from realtime_scenarios.cli.options import request_of
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.recording import Recording
from realtime_scenarios.cli.serving import Address, Limits, tls_context
from realtime_scenarios.cli.telephone_options import AskedCalls
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.cli.voices import AskedPart, AskedVoices, pace_of, parts_factory
from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ScenarioError, UsageError, did_you_mean
from realtime_scenarios.lint import findings
from realtime_scenarios.project import Project, find_scenario, load
from realtime_scenarios.project.cases import parsed_target
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.providers import PROVIDERS, Opened
from realtime_scenarios.providers.remote import key_in
from realtime_scenarios.providers.sideband import Calls
from realtime_scenarios.realtime import Parts
from realtime_scenarios.realtime.door import LOOPBACK, Hosts
from realtime_scenarios.realtime.server import listening
from realtime_scenarios.session import Conversation
from realtime_scenarios.telephone.answering import Answering, on_the_telephone
from realtime_scenarios.telephone.approving import Policy, unfit_for_telephone
from realtime_scenarios.telephone.doors import INCOMING_CALL, MOST_MESSAGE_BYTES, Door, TwilioDoor, application
from realtime_scenarios.telephone.public_url import PublicUrl
from realtime_scenarios.telephone.sip import INCOMING, WEBHOOK, SipDoor
from realtime_scenarios.telephone.switchboard import Call, Switchboard
from realtime_scenarios.trace import TraceEvent
from realtime_scenarios.voice import PartFailed, Utterance, takes_time
from realtime_scenarios.voice.formats import MU_LAW

TOKEN, SECRET = "TWILIO_AUTH_TOKEN", "OPENAI_WEBHOOK_SECRET"

_HEARD_HERE = ("offline", "chat")
"""Providers whose callers are heard by parts on this machine."""

_PING_SECONDS = 20.0


def run_telephone(
    targets: Sequence[str], address: Address, limits: Limits, voices: AskedVoices, asked: AskedCalls, color: str
) -> int:
    """Take calls until a signal comes; the exit code.

    Raises:
        UsageError: what is wanted does not exist, or does not go together, or everybody could call.
        ScenarioError: a key, the certificate or a part cannot be had, or the address not be listened at.
    """
    file = _only_file(targets)
    project = load(find_scenario(file, Path.cwd()))
    if mistakes := findings(project, warnings=False, proofs=False):
        echo_diagnostics(mistakes, color=color)
        return 1
    require_trust([project], trust=asked.trust)
    secrets = _Secrets.of(asked, address)
    tls = tls_context(address.tls_certificate, address.tls_key)
    model = CallModel.chosen(project, file, asked, voices)
    if asked.record is not None:
        _make_folder(asked.record)
    answering = Answering(
        compiled(on_the_telephone(project.scenario, mu_law=asked.twilio)),
        model.opened,
        _policy(project, asked),
        Budget(limits.session_minutes, None),
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_TelephoneServer(answering, model, secrets, address, limits, asked).serve(tls))
    return 0


def _only_file(targets: Sequence[str]) -> str:
    match [parsed_target(target) for target in targets]:
        case [only] if only.dialogue is None:
            return str(only.path)
        case [only]:
            raise UsageError("a caller is no client that a dialogue could be rehearsed with", hint=f"name {only.path}")
        case []:
            raise UsageError("a telephone needs a scenario", hint="scenario serve airline.yaml --twilio")
        case _:
            raise UsageError("one scenario answers a telephone", hint="serve each on a port of its own")


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What requests are held against; None: nothing is (`token`, on this machine alone), or it is not wanted."""

    token: str | None
    webhook: str | None
    public_url: PublicUrl | None

    @classmethod
    def of(cls, asked: AskedCalls, address: Address) -> _Secrets:
        request = request_of({})
        public_url = None if asked.public_url is None else PublicUrl.typed(asked.public_url)
        token = key_in(request, TOKEN) if asked.twilio else None
        webhook = key_in(request, SECRET) if asked.sip else None
        if asked.twilio and token is None and (public_url is not None or address.host not in LOOPBACK):
            message = "everybody who finds this address could call, and whoever calls speaks to your agents"
            raise UsageError(message, hint=f"set {TOKEN}: only requests that Twilio has signed are then let in")
        if asked.twilio and token is not None and public_url is None:
            message = f"{TOKEN} is set, and what Twilio signs begins with the address that it was given"
            raise UsageError(message, hint="name that address: --public-url https://phone.example")
        if asked.sip and webhook is None:
            message = "everybody who finds this address could say that a call waits"
            raise UsageError(message, hint=f"set {SECRET}, which OpenAI shows when the webhook is made")
        return cls(token, webhook, public_url)


@dataclass(frozen=True, slots=True)
class CallModel:
    """Where the model is that answers calls, and what is said about that.

    `parts` makes what hears and speaks in one call, None: the model does that itself. It is made once: a recogniser
    that is taught a scenario's words takes its time over it, and is shared by all calls.
    """

    provider: str
    project: Project
    asked: AskedCalls
    voices: AskedVoices
    parts: Callable[[], Parts] | None

    @classmethod
    def chosen(cls, project: Project, file: str, asked: AskedCalls, voices: AskedVoices) -> CallModel:
        spec = project.scenario.provider
        usual = spec.name if spec is not None else "openai" if asked.sip else "offline"
        provider = asked.provider or ("url" if asked.wishes.get("url") else usual)
        if provider == "scripted":
            raise UsageError("the scripted provider only replays dialogues", hint="use --provider offline")
        if asked.sip and provider in _HEARD_HERE:
            raise UsageError(f"calls by SIP come to OpenAI, and not to '{provider}'", hint="use --provider openai")
        if provider in _HEARD_HERE and voices.listener is None and find_spec("pocketsphinx") is not None:
            voices = replace(voices, listener=AskedPart(f"pocketsphinx:{file}"))
        model = cls(provider, project, asked, voices, parts_factory(voices) if provider in _HEARD_HERE else None)
        model.opened()  # what is missing, such as a key, is told now and not to the first caller
        return model

    def opened(self) -> Opened:
        """A model for one call."""
        request = request_of(self.asked.wishes).completed_by(self.project.scenario)
        if self.parts is not None:
            request = replace(request, parts=self.parts(), pace=pace_of(self.voices), beside=asyncio.to_thread)
        return PROVIDERS[self.provider].open(request)

    async def warm_up(self) -> None:
        """Have a recogniser on this machine learn its words now, and not while the first caller waits."""
        listener = self.parts().listener if self.parts is not None else None
        if listener is not None and takes_time(listener) and not self._is_heard_elsewhere:
            nothing = Utterance(MU_LAW.silence * MU_LAW.bytes_of(200), MU_LAW)
            with contextlib.suppress(PartFailed):  # whoever calls is told so
                await asyncio.to_thread(listener.transcribe, nothing)

    @property
    def _is_heard_elsewhere(self) -> bool:
        return self.voices.listener is not None and self.voices.listener.name == "url"

    @property
    def line(self) -> str:
        if self.provider not in _HEARD_HERE:
            return f"model: {self.provider}"
        heard = "nothing writes down what callers say (--stt)" if self.voices.listener is None else self._hears
        return f"model: {self.provider}; {heard}; spoken by {self.voices.speaker.part}"

    @property
    def _hears(self) -> str:
        assert self.voices.listener is not None
        return f"heard by {self.voices.listener.part}"


def _policy(project: Project, asked: AskedCalls) -> Policy:
    tools = project.scenario.tools
    for name in (*asked.approved, *asked.rejected):
        if name not in tools:
            raise UsageError(f"there is no tool '{name}'", hint=did_you_mean(name, tools))
    policy = Policy(asked.approved, asked.rejected)
    if unfit := unfit_for_telephone(project.scenario, policy):
        message = f"'{unfit[0]}' wants something filled in with its yes, and nobody does that on a telephone"
        raise UsageError(message, hint="leave it out of --approve: its calls are rejected, and the caller is told")
    return policy


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ScenarioError(f"'{folder}' cannot be made: {problem.strerror}") from problem


class _TelephoneServer:
    def __init__(
        self,
        answering: Answering,
        model: CallModel,
        secrets: _Secrets,
        address: Address,
        limits: Limits,
        asked: AskedCalls,
    ) -> None:
        self._answering = answering
        self._model = model
        self._secrets = secrets
        self._address = address
        self._limits = limits
        self._asked = asked

    async def serve(self, tls: ssl.SSLContext | None) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        address, public_url = self._address, self._secrets.public_url
        names = address.hosts if public_url is None else (*address.hosts, public_url.host)
        await self._model.warm_up()
        hosts = Hosts(address.host, names, address.origins)
        switchboard = Switchboard(_Operator(self._asked.record), self._limits.connections)
        async with switchboard.staffed(), self._doors(switchboard) as doors:
            app = application(hosts, doors)
            try:
                async with listening(app, address.host, address.port, tls, MOST_MESSAGE_BYTES, _PING_SECONDS) as port:
                    self._tell(f"{'http' if tls is None else 'https'}://{address.host}:{port}")
                    await stop.wait()
                    await switchboard.stop()
            except OSError as problem:
                raise ScenarioError(
                    f"cannot listen at {address.host}:{address.port}: {problem.strerror or problem}",
                    hint="choose another --port; 0 takes a free one",
                ) from problem
        echo("stopped")

    @contextlib.asynccontextmanager
    async def _doors(self, switchboard: Switchboard) -> AsyncIterator[Sequence[Door]]:
        async with contextlib.AsyncExitStack() as end:
            doors: list[Door] = []
            if self._asked.twilio:
                doors.append(TwilioDoor(switchboard, self._answering, self._secrets.public_url, self._secrets.token))
            if self._secrets.webhook is not None:
                calls = Calls.beside(self._model.opened(), self._secrets.webhook)
                end.push_async_callback(calls.close)
                doors.append(SipDoor(switchboard, self._answering, calls))
            yield doors

    def _tell(self, local: str) -> None:
        project, public_url = self._model.project, self._secrets.public_url
        echo(f"answering calls as {project.shown} at {local}")
        echo(self._model.line)
        reached = public_url.web if public_url is not None else f"{local}{{}}".format
        if self._asked.twilio:
            echo(f"Twilio, a call comes in:  {reached(INCOMING_CALL)}")
            if self._secrets.token is None:
                echo("only carriers on this machine are let in: Twilio needs --public-url")
        if self._asked.sip:
            echo(f"OpenAI, webhook for {INCOMING}:  {reached(WEBHOOK)}")
        kept = f"a file each in {self._asked.record}" if self._asked.record is not None else "not kept"
        echo(f"traces of calls: {kept}; sound is never kept")
        echo("Ctrl-C stops")


class _Operator:
    """Tells of calls in the terminal: that they began and ended, and nothing of what was said."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def witness(self, call: Call) -> _CallSeen:
        recording = None if self._folder is None else Recording(_new_file(self._folder, call.id))
        echo(f"call {call.number}: began")
        return _CallSeen(call, recording)

    def told(self, message: str) -> None:
        echo(message)


def _new_file(folder: Path, call_id: str) -> Path:
    """A file that is named after a call; ids are the carrier's, and no paths."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", call_id)[:80] or "call"
    path, number = folder / f"{name}.jsonl", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.jsonl"
    return path


class _CallSeen:
    """One call: what happens in it goes to its file."""

    def __init__(self, call: Call, recording: Recording | None) -> None:
        self._call = call
        self._recording = recording
        self._conversation: Conversation | None = None

    def on_event(self, event: TraceEvent) -> None:
        if self._recording is not None:
            self._recording.add(event)

    def on_delta(self, agent: str, text: str) -> None:
        pass

    def holds(self, conversation: Conversation) -> None:
        self._conversation = conversation
        conversation.state.secrets.subscribe(self._mask)

    def ended(self, why: str, problem: ScenarioError | None) -> None:
        state = None if self._conversation is None else self._conversation.state
        lasted = "" if state is None else f", after {state.turn} turns and {state.clock.monotonic():.0f} s"
        echo(f"call {self._call.number}: {'failed: ' if problem is not None else ''}{why}{lasted}")
        if problem is not None and problem.hint:
            echo(f"hint: {problem.hint}")
        if self._recording is not None:
            self._recording.close()
            if self._recording.problem is not None:
                echo(f"error: {self._recording.problem.message}")

    def _mask(self) -> None:
        """Something has become secret that may stand in the file."""
        if self._recording is not None and self._conversation is not None:
            self._recording.become(self._conversation.trace)
