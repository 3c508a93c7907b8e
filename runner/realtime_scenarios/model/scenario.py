"""A scenario as typed, frozen data: what the YAML says, with every default filled in. Built once, by `build_scenario`.

Nothing compares them by value (`eq=False`). They are structs, because of what dataclasses cost at every start.
Durations are seconds. Mappings keep the order of the file. `place` says where a thing stands, for messages.
Texts that are templates or expressions stay text here; `realtime_scenarios.templates` compiles them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from realtime_scenarios.document import Place
from realtime_scenarios.model.tool import Condition, Json, Text, ToolSpec


class ContextVariable(Struct, frozen=True, eq=False):
    """A typed variable of the conversation. `schema` is the JSON Schema its values must satisfy."""

    name: str
    schema: Mapping[str, Json]
    default: Json
    description: str | None
    secret: bool
    place: Place


class HandoffSpec(Struct, frozen=True, eq=False):
    """An edge of the graph. `tool_name` None: the SDK's name, `transfer_to_<agent name>`.

    `description` None: made from the target's `handoff_description`. `inputs` is the full JSON Schema of the payload,
    or None for a handoff without one. `set` holds expressions for context variables; they can read `args`. `tell` is a
    template of what the other agent is told, or None. `say_first`: the caller must hear of it before it happens.
    """

    to: str
    tool_name: str | None
    description: str | None
    examples: tuple[str, ...]
    requires: tuple[Condition, ...]
    inputs: Mapping[str, Json] | None
    set: Mapping[str, str]
    tell: str | None
    say_first: bool
    place: Place


class Transition(Struct, frozen=True, eq=False):
    """A way on from a state: to another state (`to`), or to another agent (`handoff`); the other one is None.

    Where it is taken, the variables in `clear` become again what the conversation began with, and those in `set` what
    its expressions say; these read the context as it was before, with what the same move has brought along.
    """

    to: str | None
    handoff: str | None
    condition: str
    requires: tuple[Condition, ...]
    place: Place
    set: Mapping[str, str] = field(default_factory=dict)
    clear: tuple[str, ...] = ()


class Collected(Struct, frozen=True, eq=False):
    """A context variable that a state finds out. One that is not `required` may stay open."""

    variable: str
    required: bool
    place: Place


class State(Struct, frozen=True, eq=False):
    """`tools` belong to this state and to the others that name them. `terminal`: the conversation may end here."""

    id: str
    description: str
    instructions: tuple[str, ...]
    examples: tuple[str, ...]
    collect: tuple[Collected, ...]
    tools: tuple[str, ...]
    terminal: bool
    transitions: tuple[Transition, ...]
    place: Place


class StateMachine(Struct, frozen=True, eq=False, dict=True):
    """States of one agent; `entry` is where it begins.

    `mode`: `prompt` renders the machine into the prompt and leaves it to the model; `tracked` also gives the model a
    `set_conversation_state` tool and refuses illegal moves; `focused` is tracked, with nothing but the current state in
    the prompt and among the tools.
    """

    mode: Literal["prompt", "tracked", "focused"]
    states: Mapping[str, State]
    entry: str
    place: Place

    @property
    def is_enforced(self) -> bool:
        """Whether the runner itself keeps to the machine."""
        return self.mode != "prompt"

    def leads_back(self, here: str, there: str) -> bool:
        """Whether a move leads to an earlier state, for which nothing has to be found out."""
        order = list(self.states)
        return there in self.states and order.index(there) < order.index(here)

    @cached_property
    def homes_of_tools(self) -> Mapping[str, tuple[str, ...]]:
        """Tools that belong to states, with the ids of those states. All other tools are there in every state."""
        return _homes((name, state.id) for state in self.states.values() for name in state.tools)

    @cached_property
    def homes_of_handoffs(self) -> Mapping[str, tuple[str, ...]]:
        """Agents that only some states hand off to, with the ids of those states."""
        return _homes(
            (edge.handoff, state.id)
            for state in self.states.values()
            for edge in state.transitions
            if edge.handoff is not None
        )


class Personality(Struct, frozen=True, eq=False):
    """Who an agent is and how it speaks, as the metaprompt divides it. None: nothing is said about it."""

    identity: str | None = None
    task: str | None = None
    demeanor: str | None = None
    tone: str | None = None
    enthusiasm: str | None = None
    formality: str | None = None
    emotion: str | None = None
    filler_words: Literal["none", "occasionally", "often", "very often"] | None = None
    pacing: str | None = None
    other: str | None = None


class PromptSettings(Struct, frozen=True, eq=False):
    """Parts of a prompt that are written from settings; `sections` are texts by heading. None: nothing is said."""

    language: str | None = None
    unclear_audio: bool = False
    variety: bool = False
    transfers: Literal["told", "silent"] | None = None
    escalation: str | None = None
    spoken: tuple[str, ...] = ()
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, Text] = field(default_factory=dict)


class AgentSpec(Struct, frozen=True, eq=False):
    """One voice agent. `id` is its key in the file, `name` what the SDK and people see.

    `instructions` None: the personality says it all. `prompt` holds the scenario's settings, with the agent's own over
    them. `voice` and `model` are wishes that only lint looks at: both belong to the session.
    """

    id: str
    name: str
    handoff_description: str | None
    personality: Personality | None
    instructions: Text | None
    prompt: PromptSettings
    tools: tuple[str, ...]
    mcp: tuple[str, ...]
    handoffs: tuple[HandoffSpec, ...]
    handoff_style: Literal["sdk", "transfer_agents"]
    voice: str | None
    model: str | None
    guardrails: tuple[str, ...]
    states: StateMachine | None
    place: Place


class Category(Struct, frozen=True, eq=False):
    """What belongs into a category, and the phrases by which the offline stand-in knows it."""

    description: str
    phrases: tuple[str, ...]


class Classifier(Struct, frozen=True, eq=False):
    """A text model that puts a text into one of `categories` or into NONE. `model` None: the provider's own."""

    model: str | None
    instructions: str | None
    categories: Mapping[str, Category]


class Guardrail(Struct, frozen=True, eq=False):
    """What an agent must not say. Exactly one of `phrases`, `pattern`, `python`, `classify` decides.

    `phrases` match whole words and ignore case; `pattern` is a regular expression; `python` is `module:function` that
    takes the text and returns a reason (a string) or None. `say` is what the agent is told to say instead, or None.
    `on_error`: what a guardrail that fails means; `open` lets the text pass, `closed` trips.
    """

    name: str
    phrases: tuple[str, ...]
    pattern: str | None
    python: str | None
    classify: Classifier | None
    say: str | None
    on_error: Literal["open", "closed"]
    place: Place


class GuardrailSettings(Struct, frozen=True, eq=False):
    """`debounce_text_length` in characters; `max_trips` is how often one turn may trip before it is ended."""

    debounce_text_length: int = 100
    max_trips: int = 3


class NoiseReduction(Struct, frozen=True, eq=False):
    """`microphone` is where it is. `strength` is from 0 to 1; None: the service's own."""

    microphone: Literal["near_field", "far_field"]
    strength: float | None = None


class Reasoning(Struct, frozen=True, eq=False):
    """How much the model thinks before it answers."""

    effort: str


class Retention(Struct, frozen=True, eq=False):
    """How much of a conversation that is too long is kept: the share `ratio` of what follows the instructions.

    `post_instructions` is how many tokens may follow the instructions; None: as many as the model can read.
    """

    ratio: float
    post_instructions: int | None = None


class SessionSpec(Struct, frozen=True, eq=False):
    """Session-wide model settings, as the SDK's RealtimeSessionModelSettings wants them.

    None everywhere means: leave it to the SDK's default. `turn_detection` "off" is push to talk.
    """

    model: str | None = None
    voice: str | None = None
    output: Literal["text", "audio"] | None = None
    speed: float | None = None
    transcription: Mapping[str, Json] | None = None
    turn_detection: Mapping[str, Json] | Literal["off"] | None = None
    noise_reduction: NoiseReduction | None = None
    input_format: str | None = None
    output_format: str | None = None
    max_output_tokens: int | Literal["inf"] | None = None
    tool_choice: str | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    truncation: Retention | Literal["auto", "disabled"] | None = None
    guardrails: GuardrailSettings = GuardrailSettings()


class ProviderSpec(Struct, frozen=True, eq=False):
    """Where the model is, as the file wishes it; the command line wins over it.

    `url`, `deployment` and `key_env` (the name of an environment variable, never a key) are None where not given.
    `text_url` is where text models are, None: where the provider has them; `text_models` maps the scenario's names of
    text models to those that are used there.
    """

    name: str
    url: str | None
    deployment: str | None
    key_env: str | None
    text_url: str | None
    text_model: str | None
    text_models: Mapping[str, str]
    place: Place


class Supervisor(Struct, frozen=True, eq=False):
    """A text agent behind a tool.

    `history` is how many of the last messages it reads, None all of them. `input` None: the arguments of the call.
    `max_calls` bounds the calls for one answer; `timeout` is in seconds. `read` `verbatim`: the voice agent reads the
    answer out word for word.
    """

    name: str
    model: str | None
    instructions: Text
    tools: tuple[str, ...]
    history: int | None
    input: str | None
    max_calls: int
    retries: int
    timeout: float
    fallback: str
    read: Literal["verbatim", "freely"]
    place: Place


class McpServer(Struct, frozen=True, eq=False):
    """A server of the Model Context Protocol over standard input and output. `tools` None: all that it has.

    `shared`: it keeps nothing of a conversation, so that those which follow each other in a process may have one.
    """

    name: str
    command: tuple[str, ...]
    tools: tuple[str, ...] | None
    approval: Literal["always", "never"]
    timeout: float
    shared: bool
    place: Place

    @property
    def script(self) -> str | None:
        """The file of Python that is its program, as it is seen from the scenario's folder; None: it is another one."""
        arguments = self.command[1:]
        return arguments[0] if arguments and arguments[0].endswith(".py") else None


class Opening(Struct, frozen=True, eq=False):
    """How the conversation begins. `say` None: the agent chooses its words; not `exact`: it may use others like these.

    `calls` are made before, in silence.
    """

    speaks: Literal["agent", "caller"]
    say: str | None
    exact: bool
    calls: tuple[str, ...]
    place: Place


class Property(Struct, frozen=True, eq=False):
    """What must hold in every conversation: `never` (perhaps `when` an expression holds), or `before`, a pair."""

    never: str | None
    before: tuple[str, str] | None
    when: Condition | None
    because: str | None
    place: Place


class LintSettings(Struct, frozen=True, eq=False):
    """How strictly lint looks at the file. `ignore` holds codes and names of rules."""

    profile: Literal["basic", "realtime", "metaprompt"] = "basic"
    ignore: tuple[str, ...] = ()


class Table(Struct, frozen=True, eq=False):
    """One table of the scenario's data. `columns` map to SQL types and constraints, taken from
    the rows where the author gave none.
    """

    name: str
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, Json], ...]
    place: Place


class Scenario(Struct, frozen=True, eq=False):
    """A whole scenario. `folder` is where its files may live: nothing outside of it is ever read.

    `locale` is a language and perhaps a country, such as `de` or `de-CH`, by which amounts and numbers are told.
    """

    id: str
    title: str
    description: str | None
    locale: str
    folder: Path
    session: SessionSpec
    provider: ProviderSpec | None
    context: Mapping[str, ContextVariable]
    opening: Opening | None
    prompt: PromptSettings
    start: str
    agents: Mapping[str, AgentSpec]
    tools: Mapping[str, ToolSpec]
    supervisors: Mapping[str, Supervisor]
    mcp: Mapping[str, McpServer]
    guardrails: Mapping[str, Guardrail]
    session_guardrails: tuple[str, ...]
    data: Mapping[str, Table]
    properties: tuple[Property, ...]
    lint: LintSettings
    place: Place


def _homes(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    homes: dict[str, tuple[str, ...]] = {}
    for name, state in pairs:
        homes[name] = (*homes.get(name, ()), state)
    return homes
