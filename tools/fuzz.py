"""Our own scenario files, each a little broken, through reading and lint: all that may come out is diagnostics.

    python tools/fuzz.py                    20,000 mutants, in as many processes as there are cores
    python tools/fuzz.py --count 500 --seed 7
    python tools/fuzz.py --only 1234        one mutant again: its text, and what becomes of it

A mutant is told by the seed and its number alone, so that what is found can be had again. Each may take `--bound`
seconds of CPU. The exit code is 1 where one hung, or raised anything but a `ScenarioError`.
"""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import click
import yaml

from realtime_scenarios.core import ScenarioError, resource_folder
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load

COUNT, SEED, BOUND = 20_000, 1, 10.0
CHUNK = 50
"""Mutants that a process takes at a time."""

Text = str
Mutation = Callable[[Text, random.Random], Text]

_SCALARS = (
    "null", "true", "0", "-1", "1e400", "''", "[]", "{}", "[[]]", "{a: {b: c}}", "0x10", "2026-02-30", "~",
    "!!binary x", "&a [*a]", "*nothing", "| x", "'{{ context.x }}'", "'{{'", "'{% for x in'", "context.", "not", "((((",
    "a and", "\N{ZERO WIDTH SPACE}", "\N{RIGHT-TO-LEFT OVERRIDE}x", "\N{PILE OF POO}", "x" * 5_000, "[" * 200,
    "^(a+)+$", "(?P<x", "../../x",
)  # fmt: skip
"""What a value becomes that is retyped."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A mutant that hung, or failed with something else than a diagnostic."""

    number: int
    file: str
    what: str


class TooSlow(BaseException):
    """A mutant took more CPU than it may; no `except Exception` on its way catches it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--bound", type=float, default=BOUND, help="CPU seconds for one mutant")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="the number of one mutant")
    asked = parser.parse_args()
    if asked.only is not None:
        file, text = mutant(asked.seed, asked.only)
        click.echo(f"--- {file}\n{text}\n---")
        found = tried([asked.only], asked.seed, asked.bound)
    else:
        found = fuzzed(range(asked.count), asked.seed, asked.bound, asked.workers)
    for failure in found:
        click.echo(f"mutant {failure.number} of {failure.file}: {failure.what}\n")
    click.echo(f"{len(found)} failures")
    return 1 if found else 0


def fuzzed(numbers: range, seed: int, bound: float, workers: int) -> list[Failure]:
    """What was found among the mutants with these numbers, tried in processes of their own."""
    chunks = [numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)]
    found: list[Failure] = []
    began = time.monotonic()
    # a process that is stuck in C is ended by faulthandler; its chunk is then told as a whole
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        results = [(chunk, pool.apply_async(tried, (chunk, seed, bound))) for chunk in chunks]
        for done, (chunk, result) in enumerate(results, 1):
            try:
                found += result.get(timeout=bound * CHUNK + 60)
            except multiprocessing.TimeoutError:
                found.append(Failure(chunk[0], "?", f"one of {chunk} never came back"))
            if done % 20 == 0:
                click.echo(f"{done * CHUNK} mutants, {len(found)} failures, {time.monotonic() - began:.0f} s")
    return found


def tried(numbers: range | list[int], seed: int, bound: float) -> list[Failure]:
    """What was found among these mutants, one after the other, in this process."""
    signal.signal(signal.SIGPROF, _give_up)
    found: list[Failure] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "scenarios"
        shutil.copytree(resource_folder("scenarios"), home, ignore=shutil.ignore_patterns("__pycache__"))
        for number in numbers:
            file, text = mutant(seed, number)
            path = home / file
            whole = path.read_bytes()
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            what = _outcome(path, bound)
            path.write_bytes(whole)
            if what is not None:
                found.append(Failure(number, file, what))
    return found


def _outcome(path: Path, bound: float) -> str | None:
    """What went wrong when the scenario with this file was read and linted; None: nothing."""
    scenario = path if path.parent.name != "dialogues" else path.parent.parent / f"{path.parent.parent.name}.yaml"
    faulthandler.dump_traceback_later(30 * bound, exit=True)
    signal.setitimer(signal.ITIMER_PROF, bound)
    try:
        for diagnostic in findings(load(scenario), warnings=True):
            str(diagnostic)
    except ScenarioError:
        return None
    except TooSlow:
        return f"took more than {bound:.0f} s of CPU\n{traceback.format_exc(limit=-6)}"
    except (Exception, RecursionError):
        return traceback.format_exc(limit=-6)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
    return None


def _give_up(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def mutant(seed: int, number: int) -> tuple[str, Text]:
    """A file below `scenarios`, and its text with one to three changes."""
    dice = random.Random(f"{seed}:{number}")
    root = resource_folder("scenarios")
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*.yaml"))
    file = dice.choice(files)
    text = (root / file).read_text(encoding="utf-8")
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        text = dice.choice(MUTATIONS)(text, dice)
    return file, text


def _byte_changed(text: Text, dice: random.Random) -> Text:
    data = bytearray(text.encode("utf-8", "surrogateescape"))
    at = dice.randrange(len(data) + 1)
    match dice.randrange(3):
        case 0:
            data[at : at + 1] = bytes([dice.randrange(256)])
        case 1:
            data[at:at] = bytes([dice.randrange(256)])
        case _:
            del data[at : at + dice.randrange(1, 20)]
    return data.decode("utf-8", "surrogateescape")


def _token_changed(text: Text, dice: random.Random) -> Text:
    tokens = re.findall(r"\w+|\s+|.", text)
    if len(tokens) < 2:
        return text
    here, there = dice.randrange(len(tokens)), dice.randrange(len(tokens))
    match dice.randrange(4):
        case 0:
            tokens[here], tokens[there] = tokens[there], tokens[here]
        case 1:
            tokens.insert(there, tokens[here])
        case 2:
            del tokens[here]
        case _:
            tokens[here] = tokens[there]
    return "".join(tokens)


def _line_changed(text: Text, dice: random.Random) -> Text:
    lines = text.split("\n")
    here, there = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(5):
        case 0:
            lines[here], lines[there] = lines[there], lines[here]
        case 1:
            lines.insert(there, lines[here])
        case 2:
            del lines[here : here + dice.randrange(1, 5)]
        case 3:
            lines[here] = " " * dice.randrange(1, 4) + lines[here]
        case _:
            lines[here] = lines[here][dice.randrange(1, 4) :] if lines[here].startswith(" ") else "\t" + lines[here]
    return "\n".join(lines)


def _node_changed(text: Text, dice: random.Random, *, change: str) -> Text:
    """One node of the YAML tree dropped, written twice, exchanged or retargeted with another one, or retyped."""
    try:
        spans = list(_spans_in(yaml.compose(text, Loader=yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError):
        return _line_changed(text, dice)
    if not spans:
        return text
    (begin, end), other = dice.choice(spans), dice.choice(spans)
    own, others = text[begin:end], text[other[0] : other[1]]
    match change:
        case "drop":
            return text[:begin] + text[end:]
        case "duplicate":
            return text[:end] + "\n" + " " * (begin - text.rfind("\n", 0, begin) - 1) + own + text[end:]
        case "retarget":
            return text[:begin] + others + text[end:]
        case "swap" if end <= other[0]:
            return text[:begin] + others + text[end : other[0]] + own + text[other[1] :]
        case _:
            return text[:begin] + dice.choice(_SCALARS) + text[end:]


def _spans_in(node: yaml.Node | None) -> Iterator[tuple[int, int]]:
    """Where each node of the tree begins and ends in the text; what an alias repeats is told again."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            yield node.start_mark.index, node.end_mark.index
        elif isinstance(node, yaml.SequenceNode):
            yield node.start_mark.index, node.end_mark.index
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield key.start_mark.index, value.end_mark.index
                waiting += (key, value)


MUTATIONS: tuple[Mutation, ...] = (
    _byte_changed,
    _token_changed,
    _line_changed,
    *(partial(_node_changed, change=change) for change in ("drop", "duplicate", "retarget", "swap", "retype")),
)


if __name__ == "__main__":
    sys.exit(main())
