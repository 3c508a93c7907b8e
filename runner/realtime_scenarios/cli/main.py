"""The command `scenario`: it finds the subcommand, runs it, and turns the world's errors into one line each."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import keyword
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

if TYPE_CHECKING:
    from realtime_scenarios.core import ScenarioError


class CommandHome(NamedTuple):
    """Where a command is: its module, imported only when the command is used, and its line in the help."""

    module: str
    summary: str


COMMANDS = {
    "run": CommandHome("realtime_scenarios.cli.run", "Talk to a scenario in the terminal."),
    "talk": CommandHome("realtime_scenarios.cli.talk", "Talk to a scenario, a command at a time."),
    "test": CommandHome("realtime_scenarios.cli.test", "Replay dialogues and say what fails."),
    "mutate": CommandHome("realtime_scenarios.cli.mutate", "Say which changes no dialogue would notice."),
    "history": CommandHome("realtime_scenarios.cli.history", "Say what earlier runs came to."),
    "diff": CommandHome("realtime_scenarios.cli.diff", "Say which dialogues go otherwise, and how."),
    "record": CommandHome("realtime_scenarios.cli.record", "Make a dialogue of a conversation or a log."),
    "lint": CommandHome("realtime_scenarios.cli.lint", "Say everything that is wrong or weak."),
    "validate": CommandHome("realtime_scenarios.cli.validate", "Say what is wrong, and nothing else."),
    "models": CommandHome("realtime_scenarios.cli.models", "Say until when the models answer."),
    "doctor": CommandHome("realtime_scenarios.cli.doctor", "Say what keeps a conversation from being held."),
    "generate": CommandHome("realtime_scenarios.cli.generate", "Write dialogues for what none meets."),
    "graph": CommandHome("realtime_scenarios.cli.graph", "Draw who hands off to whom."),
    "new": CommandHome("realtime_scenarios.cli.new", "Write a scenario and a first dialogue."),
    "schema": CommandHome("realtime_scenarios.cli.schema", "Print or write the JSON Schemas."),
    "prompt": CommandHome("realtime_scenarios.cli.prompt", "Render prompts, and write new ones."),
    "import": CommandHome("realtime_scenarios.cli.importing", "Make a scenario of agents written elsewhere."),
    "skill": CommandHome("realtime_scenarios.cli.skill", "Print what a coding agent needs to know."),
    "serve": CommandHome("realtime_scenarios.cli.serve", "Serve the Realtime engine to any client."),
}

_SHORT_LIVED = frozenset(
    ("lint", "validate", "models", "graph", "new", "schema", "history", "--help", "-h", "--version")
)
"""What is over before there is anything to collect, and leaves nothing to be put in order."""

_OTHER_ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""What ends a process that is not asked to by Ctrl-C: somebody wants that, or its terminal is gone."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that help costs next to nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        attribute = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command = getattr(importlib.import_module(COMMANDS[cmd_name].module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from realtime_scenarios.core import did_you_mean

            raise click.UsageError(f"there is no command '{args[0]}': {did_you_mean(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, home.summary) for name, home in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.option("--debug", is_flag=True, help="Show tracebacks of errors that are otherwise one line.")
@click.version_option(package_name="realtime-scenarios", message="%(version)s")
def cli(debug: bool) -> None:
    """Voice agents as YAML: read, prove, rehearse, run and regression-test them."""


def _unforeseen(problem: Exception) -> ScenarioError:
    """What nobody has foreseen, as one of our errors."""
    from realtime_scenarios.core import ScenarioError

    if isinstance(problem, OSError):
        where = f" '{str(problem.filename)[:80]}'" if problem.filename else ""
        message = f"the system refuses{where}: {problem.strerror or problem}"
        return ScenarioError(message, hint="is there room, and may it be written to?")
    known = f"{type(problem).__name__}: {problem}".strip(": ")[:300]
    hint = "`scenario --debug ...` shows where it did; please report it"
    return ScenarioError(f"this should not have happened: {known}", hint=hint)


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code: 0 fine, 1 findings, 2 usage, 3 the world, 130 interrupted.

    `args` None: those of this process, which is over with the command.
    """
    arguments = sys.argv[1:] if args is None else args
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - it was closed
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="replace")
    if args is None:
        _hear_other_ends_as_ctrl_c()
    is_short_lived = not _SHORT_LIVED.isdisjoint(arguments[:1])
    was_on = gc.isenabled()
    if is_short_lived:
        gc.disable()
    try:
        code = _exit_code(arguments, own_process=args is None)
    finally:
        if was_on:
            gc.enable()
    if args is None:
        for number in _OTHER_ENDS:
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is told: what ends with the process ends in good order
        gc.freeze()  # so that Python, as it ends, does not look through the objects of all modules for garbage
    if is_short_lived and args is None:
        _leave_at_once(code)
    sys.exit(code)


def _hear_other_ends_as_ctrl_c() -> None:
    """From now on SIGTERM and SIGHUP are what Ctrl-C is: what is begun is put in order. What is ignored stays so.

    The second of them does nothing while that is done; Ctrl-C does.
    """

    def hear(number: int, frame: FrameType | None) -> None:
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in the background of a shell
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    heard = [number for number in _OTHER_ENDS if signal.getsignal(number) == signal.SIG_DFL]
    for number in heard:
        signal.signal(number, hear)


def _exit_code(arguments: list[str], *, own_process: bool) -> int:
    """Run the command; what went wrong is told in one line. `own_process`: this process is there for nothing else."""
    try:
        code = _code_of_command(arguments, own_process=own_process)
        sys.stdout.flush()
        _require_written_output()
        return code
    except click.ClickException as problem:
        _show_with_usage(problem)
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        with contextlib.suppress(OSError):  # its terminal may be gone
            click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as problem:
        from realtime_scenarios.core import ScenarioError  # help needs nothing of ours

        if "--debug" in arguments:
            raise
        if not isinstance(problem, ScenarioError):
            problem = _unforeseen(problem)
        from realtime_scenarios.cli.output import echo, painted

        echo(f"{painted('error', fg='red')}: {problem.message}", err=True)
        if problem.hint:
            echo(f"hint: {problem.hint}", err=True)
        return problem.exit_code


def _code_of_command(arguments: list[str], *, own_process: bool) -> int:
    """The exit code that the command itself has; what it raises is left to the caller."""
    try:
        return cli.main(arguments, prog_name="scenario", standalone_mode=False, obj=own_process) or 0
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except click.exceptions.Exit as left:
        return left.exit_code


def _require_written_output() -> None:
    """A reader that has seen enough is no error, and changes no exit code; what could not be written is one."""
    output = sys.modules.get("realtime_scenarios.cli.output")  # help has printed without it
    problem = output.unread_because() if output is not None else None
    if problem is not None and not isinstance(problem, BrokenPipeError):
        raise problem


def _show_with_usage(problem: click.ClickException) -> None:
    from realtime_scenarios.cli.output import echo

    shown = io.StringIO()
    problem.show(file=shown)
    echo(shown.getvalue(), nl=False, err=True)


def _leave_at_once(code: int) -> NoReturn:
    """End the process without taking everything apart first, which would cost an eighth of a short command's time.

    Nothing is lost: these commands start no thread and leave no file open. Where the output cannot be flushed, Python
    ends the ordinary way, and says so.
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
