"""The question whether code from elsewhere may run, asked once at the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from realtime_scenarios.cli.output import echo
from realtime_scenarios.project import Project

trust_option = click.option(
    "--trust", is_flag=True, help="Let a scenario from outside of this project run its code, until that changes."
)


def require_trust(projects: Iterable[Project], *, trust: bool) -> None:
    """Go on only where nothing runs that comes from elsewhere, or somebody says or has said that it may.

    Raises:
        NotTrusted: nobody did, or there is nobody to be asked.
    """
    from realtime_scenarios.project.trust import code_from_elsewhere, is_remembered, memory_folder, remember

    memory = memory_folder(os.environ, Path.home())
    for code in code_from_elsewhere(projects, Path.cwd()):
        if is_remembered(code, memory):
            continue
        if not trust:
            if not _is_somebody_there():
                raise code.refusal
            echo(f"'{code.scenario}' is not of this project, and brings code:", err=True)
            for line in code.what:
                echo(f"  {line}", err=True)
            if not click.confirm("run it, now and until it changes?", default=False, err=True):
                raise code.refusal
        remember(code, memory)


def _is_somebody_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
