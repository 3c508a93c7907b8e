"""`scenario prompt`: what the model reads, and new prompts from a brief."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import click

from realtime_scenarios.cli.diagnostics import FORMATS
from realtime_scenarios.cli.files import write_scenario
from realtime_scenarios.cli.lint import PROFILES
from realtime_scenarios.cli.options import color_option, request_of
from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import ScenarioError, UsageError, did_you_mean
from realtime_scenarios.core.writing import refuse_existing, refuse_unwritable, write_file

if TYPE_CHECKING:
    from realtime_scenarios.core import Diagnostic
    from realtime_scenarios.lint import Profile
    from realtime_scenarios.model.scenario import AgentSpec, Scenario
    from realtime_scenarios.project.brief import Brief, ModelAnswer, Step

MADE_AS = ("text", "yaml", "scenario", "metaprompt")
_DEFAULT_NOW = datetime.datetime(2026, 1, 15, 9, 0, tzinfo=datetime.UTC)


@click.group("prompt")
def prompt() -> None:
    """Render prompts as the model reads them, look for what is weak in them, and write new ones from a brief."""


@prompt.command("render")
@click.argument("file", metavar="FILE")
@click.argument("agent", required=False, metavar="[AGENT]")
@click.option("--all", "everyone", is_flag=True, help="Render the prompt of every agent.")
@click.option("--state", metavar="ID", help="The state that the agent is in. Default: its first one.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="Give a context variable this value.")
@click.option("--now", metavar="ISO", help="The moment it is rendered at. Default: 2026-01-15T09:00Z.")
@click.option("--json", "as_json", is_flag=True, help="Print the agent, its state, its prompt and its tools as JSON.")
def render(
    file: str,
    agent: str | None,
    everyone: bool,
    state: str | None,
    values: tuple[str, ...],
    now: str | None,
    as_json: bool,
) -> None:
    """Print exactly what the model reads when AGENT speaks.

    FILE is a scenario, or the name of a packaged example. AGENT is the one that callers meet first, unless you say.
    """
    from realtime_scenarios.cli.diagnostics import echo_diagnostics
    from realtime_scenarios.lint import findings
    from realtime_scenarios.project import find_scenario, load
    from realtime_scenarios.project.beginning import context_typed, moment_typed

    project = load(find_scenario(file, Path.cwd()))
    if mistakes := findings(project, warnings=False, proofs=False):
        echo_diagnostics(mistakes)
        raise click.exceptions.Exit(1)
    scenario = project.scenario
    if everyone and (agent or state):
        raise UsageError("--all renders every agent, in the state it begins with", hint="leave out AGENT and --state")
    if agent is not None and agent not in scenario.agents:
        raise UsageError(f"there is no agent '{agent}'", hint=did_you_mean(agent, scenario.agents))
    wanted = list(scenario.agents) if everyone else [agent or scenario.start]
    defaults = {name: variable.default for name, variable in scenario.context.items()}
    given = {
        "context": {**defaults, **context_typed(scenario, values, option="--set")},
        "now": _DEFAULT_NOW if now is None else moment_typed(now, datetime.UTC),
    }
    prompts = [_rendered_prompt(scenario.agents[name], scenario, given, state) for name in wanted]
    if as_json:
        objects = [rendered._asdict() for rendered in prompts]
        echo(json.dumps(objects if everyone else objects[0], indent=2, ensure_ascii=False))
        return
    for index, rendered in enumerate(prompts):
        if everyone:
            echo(f"{'' if index == 0 else chr(10)}===== {rendered.agent} =====")
        text = rendered.instructions
        echo(text, nl=not text.endswith("\n"))


@prompt.command("lint")
@click.argument("file", metavar="FILE")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    default="realtime",
    show_default=True,
    help="Look at these rules, besides the file's own profile.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@color_option
@click.option("--strict", is_flag=True, help="Warnings count as findings for the exit code.")
def lint(file: str, profile: str, form: str, color: str, strict: bool) -> None:
    """Say what a voice model will stumble over.

    FILE is a scenario, or the name of a packaged example. `scenario lint` says this too, and all that is not about
    prompts. Exit code 0: no errors (and no warnings, with --strict). 1: findings. 2: no such file.
    """
    from realtime_scenarios.cli.checking import report
    from realtime_scenarios.lint.prompts import is_about_prompts

    asked = cast("Profile", profile)
    sys.exit(report([file], form, color, warnings=True, strict=strict, profile=asked, is_wanted=is_about_prompts))


@prompt.command("generate")
@click.argument("brief", required=False, metavar="[BRIEF]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write, or the folder of a scenario.")
@click.option(
    "--as", "form", type=click.Choice(MADE_AS), help="What to make of the brief. Default: what -o suggests, or text."
)
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.option("--provider", type=click.Choice(["openai", "azure", "url"]), help="Let a text model write the prompt.")
@click.option("--model", metavar="NAME", help="The text model to ask.")
@click.option("--url", metavar="URL", help="Where the model is (url).")
@click.option("--deployment", metavar="NAME", help="The deployment to use (azure).")
@click.option("--key-env", metavar="NAME", help="The environment variable that holds the key.")
def generate(
    brief: str | None, output: Path | None, form: str | None, force: bool, provider: str | None, **wishes: str | None
) -> None:
    """Write the prompt of a new voice agent.

    BRIEF is a YAML file with `role`, and perhaps name, personality, company, language, steps, tools and ending; `-` is
    standard input. Without it you are asked, or a pipe is read line by line.

    Made as text, ready to paste; as yaml, the agent for a scenario file; as a whole scenario with a first dialogue; or
    as a metaprompt, for a chat model of your choice to write the prompt from.
    """
    from realtime_scenarios.project import brief as writing

    chosen = form or ("yaml" if output is not None and output.suffix in (".yaml", ".yml") else "text")
    if provider is not None and chosen == "metaprompt":
        raise UsageError("a metaprompt is for a model to read", hint="leave out --provider, or choose another --as")
    subject = _brief_from_interview() if brief is None else _brief_in(brief)
    if chosen == "scenario":
        folder = output or Path(subject.scenario_id)
        _refuse_existing([folder / name for name in writing.scenario_files_of(subject)], force)
    elif output is not None:
        _refuse_existing([output], force)
    answer = _model_answer(subject, provider, wishes) if provider is not None else None
    if chosen == "scenario":
        texts = writing.scenario_files_of(
            subject, answer.agents if answer else None, answer.context if answer else None
        )
        _write_scenario(folder, texts)
        return
    if chosen == "yaml":
        text = answer.text if answer else writing.agents_yaml(subject)
    elif chosen == "metaprompt":
        text = writing.metaprompt(subject)
    else:
        text = answer.prompt if answer else writing.prompt_text(subject)
    if output is None:
        echo(text, nl=not text.endswith("\n"))
        return
    write_file(output, text if text.endswith("\n") else text + "\n")
    echo(f"wrote {output}")


class _RenderedPrompt(NamedTuple):
    """What the model reads of an agent; `state` None: it has no states."""

    agent: str
    state: str | None
    instructions: str
    tools: list[str]


def _rendered_prompt(
    agent: AgentSpec, scenario: Scenario, values: dict[str, Any], state: str | None
) -> _RenderedPrompt:
    from realtime_scenarios.core import Secrets
    from realtime_scenarios.project.prompts import prompt_of

    secrets = Secrets()
    for name, variable in scenario.context.items():
        if variable.secret and values["context"][name] is not None:
            secrets.add(str(values["context"][name]))
    if state is not None and agent.states is None:
        raise UsageError(f"agent '{agent.id}' has no states", hint="leave out --state")
    if state is not None and agent.states is not None and state not in agent.states.states:
        raise UsageError(f"agent '{agent.id}' has no state '{state}'", hint=did_you_mean(state, agent.states.states))
    current = state or (agent.states.entry if agent.states else None)
    return _RenderedPrompt(
        agent=agent.id,
        state=current,
        instructions=secrets.hidden(prompt_of(agent, scenario, values, current)),
        tools=_offered_tools(agent, scenario, current),
    )


def _offered_tools(agent: AgentSpec, scenario: Scenario, current: str | None) -> list[str]:
    """The functions that the model is offered in the state `current`, by their names on the wire."""
    from realtime_scenarios.model.names import SET_STATE_TOOL
    from realtime_scenarios.project.prompts import wire_name

    machine = agent.states if agent.states is not None and agent.states.is_enforced else None
    tools, handoffs = agent.tools, agent.handoffs
    moves = False
    if machine is not None and current is not None:
        if machine.mode == "focused":  # elsewhere they are offered, and refused in the wrong state
            tools = tuple(name for name in tools if current in machine.homes_of_tools.get(name, (current,)))
            handoffs = tuple(edge for edge in handoffs if current in machine.homes_of_handoffs.get(edge.to, (current,)))
        moves = any(edge.to is not None for edge in machine.states[current].transitions)
    names = [*tools, *([SET_STATE_TOOL] if moves else [])]
    return list(dict.fromkeys([*names, *(wire_name(edge, agent, scenario) for edge in handoffs)]))


def _brief_in(name: str) -> Brief:
    from realtime_scenarios.project.brief import read_brief, read_brief_text

    if name == "-":
        file = read_brief_text(sys.stdin.read(), "standard input")
    else:
        file = read_brief(Path(name))
    if file.brief is None:
        _exit_with(file.diagnostics)
    return file.brief


def _exit_with(mistakes: Sequence[Diagnostic]) -> NoReturn:
    from realtime_scenarios.cli.diagnostics import echo_diagnostics

    echo_diagnostics(mistakes)
    raise click.exceptions.Exit(1)


def _model_answer(brief: Brief, provider: str, wishes: dict[str, str | None]) -> ModelAnswer:
    from realtime_scenarios.project.brief import generated_by_model
    from realtime_scenarios.providers.text import asker

    ask: Callable[[str], str] = asker(provider, request_of(wishes))
    answer = generated_by_model(brief, ask)
    if answer.diagnostics:
        echo("the model's answer has mistakes, and the second one too. This is what it wrote:\n", err=True)
        for number, line in enumerate(answer.text.splitlines(), 1):
            echo(f"{number:>5} | {line}", err=True)
        echo(err=True)
        _exit_with(answer.diagnostics)
    return answer


def _refuse_existing(paths: Sequence[Path], force: bool) -> None:
    if not force:
        refuse_existing(paths, "choose another place with -o, or add --force")
    refuse_unwritable(paths)


def _write_scenario(folder: Path, texts: dict[str, str]) -> None:
    shown = write_scenario(folder, texts)
    echo("\nnext:")
    echo(f"  scenario test {shown}    replay its dialogue")
    echo(f"  scenario run {shown}     talk to it")


# A brief from questions ---------------------------------------------------------------------------------------------


class _BestJudgment(Exception):
    """The person leaves the rest to us."""


def _brief_from_interview() -> Brief:
    """A brief from a person, or from a pipe with an answer a line. What is not answered is decided by the role."""
    from realtime_scenarios.project.brief import Brief, open_qualities, step_of

    role = _typed_line("What is the agent's role? (For example: a friendly voice at the front desk of a hotel)\n> ")
    if not role:
        raise UsageError("a brief needs a role", hint="say who the agent is, or give a BRIEF file")
    name = _typed_line("What is it called? (Enter: Assistant)\n> ")
    steps: list[Step] = []
    echo("Which steps does a call go through? One a line; an empty line ends them, none at all is fine.", err=True)
    while line := _typed_line(f"{len(steps) + 1}. "):
        steps.append(step_of(line))
    brief = Brief(role=role, name=name or "Assistant", steps=tuple(steps))
    echo('How does it speak? A letter, words of your own, Enter for a), or "?" to leave the rest to us.', err=True)
    try:
        for number, quality in enumerate(open_qualities(brief), 1):
            brief = _with_chosen_quality(brief, number, quality)
    except _BestJudgment:
        pass
    echo(err=True)
    return brief


def _with_chosen_quality(brief: Brief, number: int, name: str) -> Brief:
    """The brief with an answer about one quality."""
    from realtime_scenarios.project.brief import filler_words, qualities
    from realtime_scenarios.project.prompts import HEADINGS

    quality = qualities()[name]
    options = quality.ordered(brief.temperament)
    letters = "abc"[: len(options)]
    lines = [f"{number}. {HEADINGS[name]}: {quality.question}"]
    lines += [f"   {letter}) {option.label}" for letter, option in zip(letters, options, strict=True)]
    echo("\n".join(lines), err=True)
    while True:
        given = _typed_line("> ", at_end="?")
        if given == "?":
            raise _BestJudgment
        choice = given.rstrip(").").casefold() or "a"
        choice = dict(zip("123", letters, strict=False)).get(choice, choice)
        if len(choice) == 1 and choice in letters:
            option = options[letters.index(choice)]
            return brief.with_quality(name, option.text)
        if name != "filler_words":
            return brief.with_quality(name, given)
        if choice in filler_words():
            return brief.with_quality(name, choice)
        echo(f"   please choose {', '.join(letters)}, or one of: {', '.join(filler_words())}", err=True)


def _typed_line(question: str, *, at_end: str = "") -> str:
    """What is typed, or the next line of the pipe; `at_end` where there is no more. Questions go to standard error."""
    echo(question, nl=False, err=True)
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise ScenarioError("the answers are not UTF-8 text") from None
    if not sys.stdin.isatty():
        echo(line.rstrip("\r\n"), err=True)
    return line.strip() if line else at_end
