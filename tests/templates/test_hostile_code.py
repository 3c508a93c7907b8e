"""Whatever an author writes comes to an end, within a bound that is named."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

from support import PROGRAM, Written, hostile_code


def test_code_that_would_never_end_is_given_up_and_says_why() -> None:
    program = [sys.executable, hostile_code.__file__]
    done = subprocess.run(program, capture_output=True, text=True, preexec_fn=_bound)
    assert done.returncode == 0, done.stderr[-2000:]

    cases = list(hostile_code.cases())
    told = json.loads(done.stdout)

    assert len(told) == len(cases)
    assert [
        (code[:80], came)
        for (code, wanted), came in zip(cases, told, strict=True)
        if wanted not in came or bool(wanted) != bool(came)
    ] == []


@pytest.mark.parametrize("opened", ["{{", "{%", "{#"])
def test_a_text_of_nothing_but_opened_braces_is_linted_in_time(opened: str, written: Written) -> None:
    text = "scenario: s\nstart: d\nagents: {d: {instructions: 'TEXT'}}\ncontext: {x: {type: string, secret: true}}\n"
    path = written(text.replace("TEXT", opened * 45_000))

    done = subprocess.run([*PROGRAM, "lint", str(path)], capture_output=True, text=True, preexec_fn=_bound)

    assert done.returncode == 1
    assert "SC301" in done.stdout


def _bound() -> None:
    """Code that gets out of its own bounds must not take the machine along."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
