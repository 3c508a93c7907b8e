"""What a live suite would cost and take, from a replay of its dialogues that costs nothing.

A replay has everything that a live run is made of but the model: what is said, which functions are called, what they
answer, what text models are shown. Each response of the voice model reads its instructions, its functions and the
conversation so far, and writes what the dialogue has it say or call. What is counted:

* tokens of text: four bytes of UTF-8 each, which for English is what OpenAI's page on tokens says (4 characters);
* tokens of sound, where the agent speaks: 20 a second that it says and 10 a second that it hears (a token is 50 ms of
  what the model says and 100 ms of what it hears: OpenAI, "Managing Realtime costs"), at 150 words a minute;
* money: by the dated table of models. `low` is where all that was read before in the conversation is read from the
  cache, `high` where nothing is. Retries, other models' detours and the writing down of callers are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.core import UsageError, counted
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.models import Prices, Rates, model_named, prices_of, resolved_model, table
from realtime_scenarios.project.prompts import functions_of, prompt_template, states_text
from realtime_scenarios.trace import (
    AgentSaid,
    HandedOff,
    HandoffRefused,
    ModelAnswered,
    ModelAsked,
    StateEntered,
    StateRefused,
    ToolCalled,
    ToolReturned,
    Trace,
    UserSaid,
    UserSilent,
)
from realtime_scenarios.verdicts import DialogueResult

SECONDS_A_RESPONSE = 1.5
"""Until a voice model has answered in text, from its first sign of life to the last; a guess that is stated."""

SECONDS_A_QUESTION = 3.0
"""Until a text model has answered."""

SECONDS_TO_CONNECT = 1.0

_WORDS_A_SECOND = 2.5
_SAID, _HEARD = 20, 10
_OF_AN_ITEM = 6
"""Tokens of what stands around a message: its role, its ends."""

_MILLION = 1_000_000


class Estimate(Struct, frozen=True):
    """What a dialogue, or all of them, would take. Dollars are between `low` and `high`, tokens `read` and `written`.

    `unpriced` are the models whose prices the table does not know, and which are in no sum.
    """

    dialogues: int = 0
    responses: int = 0
    questions: int = 0
    read: int = 0
    written: int = 0
    low: float = 0.0
    high: float = 0.0
    seconds: float = 0.0
    unpriced: tuple[str, ...] = ()

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
            self.dialogues + other.dialogues,
            self.responses + other.responses,
            self.questions + other.questions,
            self.read + other.read,
            self.written + other.written,
            self.low + other.low,
            self.high + other.high,
            self.seconds + other.seconds,
            tuple(dict.fromkeys((*self.unpriced, *other.unpriced))),
        )

    def multiplied(self, times: int) -> Estimate:
        """The same dialogues, each so many times."""
        return replace(summed([self] * times), dialogues=self.dialogues)


def voice_model_of(scenario: Scenario, provider: str, model: str | None, on: date | None) -> str:
    """The name of the voice model that a live run would ask for; with `chat`, of the text model in its place.

    Raises:
        UsageError: that is to be a text model, and nobody has named one.
    """
    if provider == "chat":
        return _chat_model_of(scenario, model, on)
    return resolved_model(model or scenario.session.model, "realtime", "azure" if provider == "azure" else "openai", on)


def _chat_model_of(scenario: Scenario, model: str | None, on: date | None) -> str:
    own = scenario.provider.text_model if scenario.provider is not None else None
    for name in (model or scenario.session.model, own):
        wanted = resolved_model(name, "text", on=on) if name else None
        known = model_named(wanted) if wanted else None
        if wanted and (known is None or known.kind == "text"):
            return wanted
    raise UsageError("provider 'chat' needs a text model", hint="add --model qwen3, or what else your server has")


def forecast_of(case: Case, result: DialogueResult, *, provider: str, model: str | None, on: date | None) -> Estimate:
    """What the dialogue would take live. `result` is of its replay with the scripted provider."""
    scenario = case.project.scenario
    name = voice_model_of(scenario, provider, model, on)
    is_chat = provider == "chat"
    speaks = scenario.session.output == "audio" and not is_chat
    own = scenario.provider.text_model if scenario.provider is not None else None
    only = resolved_model(own or name, "text", on=on) if is_chat else None
    voice = _of_the_voice(result.trace, scenario, prices_of(name), name, speaks=speaks)
    texts = _of_text_models(result.trace, scenario, on, only)
    return voice + texts + Estimate(dialogues=1, seconds=SECONDS_TO_CONNECT)


def told_lines(found: Estimate, left_out: int, workers: int, times: int = 1) -> Iterator[str]:
    """The forecast for people, where each dialogue is played up to so many times."""
    dialogues = counted(found.dialogues, "dialogue")
    more = f" ({left_out} more only as a script)" if left_out else ""
    if times > 1:
        more += f", each up to {times} times"
        found = found.multiplied(times)
    asked = f", {counted(found.questions, 'question')} to text models" if found.questions else ""
    yield f"{dialogues}{more}: {counted(found.responses, 'response')} of the voice model{asked}"
    yield f"about {_rounded(found.read)} tokens read, {_rounded(found.written)} written"
    for name in found.unpriced:
        yield f"no price is known of '{name}'" + (": it is not in the sum" if found.high else "")
    if found.high or not found.unpriced:
        cost = f"${found.low:.2f} to ${found.high:.2f}"
        yield f"about {cost} by the prices of {table().checked_on}: the less where the cache holds all it can"
    yield f"about {_time(found.seconds / max(1, workers))} with {counted(workers, 'worker')}"


def _of_the_voice(trace: Trace, scenario: Scenario, prices: Prices | None, name: str, *, speaks: bool) -> Estimate:
    heard: list[_Item] = []
    total = Estimate(unpriced=() if prices is not None else (name,))
    seen = 0
    for response in _responses(trace):
        heard += response.before
        agent = scenario.agents.get(response.agent)
        around = 0
        if agent is not None:
            state = agent.states.entry if agent.states is not None else None
            told = prompt_template(agent, scenario) + (states_text(agent, scenario, state) if state else "")
            around = _tokens(told) + sum(_tokens(str(function)) for function in functions_of(agent, scenario, state))
        text = around + sum(item.tokens for item in heard if not (speaks and item.words))
        sound = sum(item.seconds * _HEARD for item in heard) if speaks else 0.0
        said = sum(item.seconds * _SAID for item in response.made if item.words) if speaks else 0.0
        written = sum(item.tokens for item in response.made)
        again = min(text, seen)
        if prices is not None:
            rates, spoken = prices.text or Rates(), prices.audio or prices.text or Rates()
            out = written * (rates.output or 0.0) + said * (spoken.output or 0.0)
            high = text * (rates.input or 0.0) + sound * (spoken.input or 0.0) + out
            saved = again * ((rates.input or 0.0) - (rates.cached if rates.cached is not None else rates.input or 0.0))
            total += Estimate(low=(high - saved) / _MILLION, high=high / _MILLION)
        seen = text
        length = sum(item.seconds for item in response.made) if speaks else 0.0
        total += Estimate(
            responses=1,
            read=round(text + sound),
            written=round(written + said),
            seconds=SECONDS_A_RESPONSE + length,
        )
        heard += response.made
    silent = sum(event.seconds for event in trace if isinstance(event, UserSilent))
    return total + Estimate(seconds=silent)


def _of_text_models(trace: Trace, scenario: Scenario, on: date | None, only: str | None) -> Estimate:
    """`only` is the model that answers all questions; None: that which each is for."""
    total = Estimate()
    for index, event in enumerate(trace.events):
        if not isinstance(event, ModelAsked):
            continue
        answer = next(
            (
                later.text
                for later in trace.events[index + 1 :]
                if isinstance(later, ModelAnswered) and later.call_id == event.call_id
            ),
            "",
        )
        name = only or _text_model_of(event, scenario, on)
        prices = prices_of(name)
        read, written = _tokens(event.instructions) + _tokens(event.question), _tokens(answer) + 4
        rates = (prices.text if prices is not None else None) or Rates()
        dollars = (read * (rates.input or 0.0) + written * (rates.output or 0.0)) / _MILLION
        unpriced = () if prices is not None else (name,)
        total += Estimate(0, 0, 1, read, written, dollars, dollars, SECONDS_A_QUESTION, unpriced)
    return total


def _text_model_of(event: ModelAsked, scenario: Scenario, on: date | None) -> str:
    """The name of the text model that is asked: a supervisor's, a tool's or a guardrail's."""
    own = scenario.provider.text_model if scenario.provider is not None else None
    guardrail = scenario.guardrails.get(event.name)
    if guardrail is not None and guardrail.classify is not None and event.call_id is None:
        return resolved_model(guardrail.classify.model or own, "text-mini", on=on)
    named = None
    if event.name in scenario.supervisors:
        named = scenario.supervisors[event.name].model
    elif event.name in scenario.tools and (question := scenario.tools[event.name].stub.question) is not None:
        named = question.model
    return resolved_model(named or own, "text", on=on)


class _Item(Struct, frozen=True):
    """Something of the conversation: its tokens as text, and how long it takes to say; `words`: it is said."""

    tokens: int
    seconds: float = 0.0
    words: bool = False


class _Response(Struct, frozen=True):
    """One response: what was new `before` it, what it `made`, and as whom."""

    agent: str
    before: tuple[_Item, ...]
    made: tuple[_Item, ...]


def _responses(trace: Trace) -> Iterator[_Response]:
    """The responses of the voice model: a line that leads into a call is one, and so are calls at once."""
    before: list[_Item] = []
    made: list[_Item] = []
    agent, is_closed = trace.start, False
    for event in trace:
        match event:
            case UserSaid():
                if made:
                    yield _Response(agent, tuple(before), tuple(made))
                    before, made = [], []
                before.append(_spoken_item(event.text))
            case AgentSaid():
                if made:
                    yield _Response(agent, tuple(before), tuple(made))
                    before, made = [], []
                agent, is_closed = event.agent, False
                made.append(_spoken_item(event.text))
            case ToolCalled(within=None) if event.turn > 0:
                if made and is_closed:
                    yield _Response(agent, tuple(before), tuple(made))
                    before, made, is_closed = [], [], False
                agent = event.agent
                made.append(_Item(_tokens(f"{event.tool}{event.arguments}") + _OF_AN_ITEM))
            case ToolReturned(within=None):
                is_closed = True
                if made:
                    yield _Response(agent, tuple(before), tuple(made))
                    before, made = [], []
                before.append(_Item(_tokens(event.output) + _OF_AN_ITEM))
            case HandedOff() | HandoffRefused() | StateEntered() | StateRefused():
                made.append(_Item(_tokens(str(getattr(event, "arguments", ""))) + 2 * _OF_AN_ITEM))
                yield _Response(event.agent, tuple(before), tuple(made))
                before, made = [_Item(2 * _OF_AN_ITEM)], []
            case _:
                pass
    if made:
        yield _Response(agent, tuple(before), tuple(made))


def _spoken_item(text: str) -> _Item:
    return _Item(_tokens(text) + _OF_AN_ITEM, len(text.split()) / _WORDS_A_SECOND, words=True)


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // 4)


def _rounded(number: int) -> str:
    return f"{number / 1_000_000:.1f} million" if number >= 1_000_000 else f"{round(number, -2):,}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def summed(estimates: Iterable[Estimate]) -> Estimate:
    """All of them together."""
    total = Estimate()
    for each in estimates:
        total += each
    return total
