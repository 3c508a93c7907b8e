"""Options that play each dialogue many times against a model that answers by chance, and what all tries come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from msgspec import structs

from realtime_scenarios.cli.options import given_as
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import Players, Playing
from realtime_scenarios.core import ProviderError
from realtime_scenarios.core.snippets import Paint

if TYPE_CHECKING:
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.suite import Finished
    from realtime_scenarios.suite.repeats import Tries
    from realtime_scenarios.verdicts import DialogueResult

_ALWAYS_ALIKE = {
    "scripted": "the scripted model does the same each time",
    "offline": "the offline stand-in answers the same each time",
}
_SHOWN_POWERS = (1, 2, 4, 8)


class RepeatWish:
    """What was typed, and how often each dialogue passed so far. `times` None: each is played once.

    `wanted` is the rate from 0 to 1 that a dialogue must have to pass.
    """

    def __init__(self, times: int | None, wanted: float) -> None:
        self.times = times
        self.wanted = wanted
        self._tries: dict[str, Tries] = {}
        self._reasons: dict[str, str] = {}

    def check(self, provider: str) -> None:
        """
        Raises:
            click.UsageError: nothing can be learnt from so many tries, or from this provider.
        """
        if self.times is None:
            return
        if provider in _ALWAYS_ALIKE:
            raise click.UsageError(f"--repeat tells nothing here: {_ALWAYS_ALIKE[provider]}; name another --provider")
        from realtime_scenarios.suite.repeats import tries_needed

        needed = tries_needed(self.wanted)
        if self.times < needed:
            raise click.UsageError(
                f"--repeat {self.times} can never show {self.wanted * 100:g} %, even if all pass: "
                f"take --repeat {needed}, or a lower --pass-rate"
            )

    def repeating(self, players: Players) -> Players:
        """Players that play each case until its verdict is clear, and give one result for all its tries."""
        if self.times is None:
            return players
        times = self.times

        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            is_interrupted = False

            def finished() -> Iterator[Finished]:
                nonlocal is_interrupted
                waiting = [_Repeated(index, case) for index, case in enumerate(cases)]
                while waiting and not is_interrupted:
                    batch = [each for each in waiting for _ in range(each.next_tries(self.wanted, times))]
                    with players([each.case for each in batch]) as playing:
                        for finished_try in playing.finished:
                            batch[finished_try.index].add(finished_try)
                        is_interrupted = playing.is_interrupted()
                    for each in waiting:
                        if each.is_over(self.wanted, times):
                            self._remember(each)
                            yield each.result(self.wanted, times)
                    waiting = [each for each in waiting if not each.is_over(self.wanted, times)]

            yield Playing(finished(), lambda: is_interrupted)

        return play

    def _remember(self, repeated: _Repeated) -> None:
        if repeated.tries.tries:
            self._tries[repeated.case.name] = repeated.tries
            if repeated.failed is not None:
                self._reasons[repeated.case.name] = _reason(repeated.failed.result)

    def tell(self, paint: Paint) -> None:
        """Print how often each dialogue passed; nothing where none was played again."""
        if not self._tries:
            return
        longest = max(map(len, self._tries))
        echo("")
        echo(paint(f"{'tries'.ljust(longest + 2)}   passed   the rate is, by 95 %", "bold"))
        for name, tries in self._tries.items():
            tone = {"passed": "good", "failed": "bad", "unsure": "ask"}[tries.verdict(self.wanted)]
            count = f"{tries.passed} of {tries.tries}"
            echo(paint(f"  {name.ljust(longest)}  {count:>9}  {tries.interval}", tone))
        flaky = [name for name, tries in self._tries.items() if tries.is_flaky]
        if flaky:
            echo("")
            echo(paint("flaky: passed and failed", "bold"))
            for name in flaky:
                echo(f"  {name}: such as: {self._reasons[name]}")
        echo("")
        echo(f"all of k tries pass: {', '.join(self._powers())}")

    def _powers(self) -> Iterator[str]:
        """pass^k, the mean over the dialogues that were tried as often."""
        for k in _SHOWN_POWERS:
            rates = [rate for tries in self._tries.values() if (rate := tries.pass_hat(k)) is not None]
            if rates:
                yield f"pass^{k} {sum(rates) / len(rates):.1%}"


class _Repeated:
    """The tries of one case so far. `passed` and `failed` are the first of each kind, None: there was none yet."""

    def __init__(self, index: int, case: Case) -> None:
        from realtime_scenarios.suite.repeats import Tries

        self.index = index
        self.case = case
        self.tries = Tries(0, 0)
        self.passed: Finished | None = None
        self.failed: Finished | None = None
        self._settled: Finished | None = None

    def next_tries(self, wanted: float, most: int) -> int:
        """How often to play it before looking again; once at first, where it may turn out to be no use."""
        return self.tries.until_decided(wanted, most) if self.tries.tries else 1

    def add(self, finished: Finished) -> None:
        result = finished.result
        if result.status in ("invalid", "skipped") or (self.passed is None and isinstance(result.error, ProviderError)):
            self._settled = self._settled or finished
            return
        self.tries = type(self.tries)(self.tries.passed + result.passed, self.tries.tries + 1)
        if result.passed:
            self.passed = self.passed or finished
        else:
            self.failed = self.failed or finished

    def is_over(self, wanted: float, most: int) -> bool:
        return self._settled is not None or self.tries.decided(wanted, most) is not None

    def result(self, wanted: float, most: int) -> Finished:
        """What all tries come to. Where that is not clear, no play goes on record, which would be judged alone."""
        if self._settled is not None:
            return structs.replace(self._settled, index=self.index)
        shown = {"passed": self.passed, "failed": self.failed, "unsure": self.passed or self.failed}
        verdict = self.tries.decided(wanted, most) or "unsure"
        finished = shown[verdict]
        assert finished is not None, "a verdict comes from tries"
        if verdict != "unsure":
            return structs.replace(finished, index=self.index)
        doubt = f"{self.tries.passed} of {self.tries.tries} passed: {self.tries.interval}, and {wanted:.0%} is wanted"
        unsure = replace(finished.result, verdicts=(), error=None, doubt=doubt)
        if self.passed is not None:
            unsure = replace(finished.result, doubt=doubt)
        return structs.replace(finished, index=self.index, result=unsure, play=None)


def _reason(result: DialogueResult) -> str:
    if result.error is not None:
        return result.error.message
    return next((f"{verdict.place.span}: {verdict.message}" for verdict in result.failures), "")


def _wish(repeat: int | None, pass_rate: float | None) -> RepeatWish:
    if pass_rate is not None and repeat is None:
        raise click.UsageError("--pass-rate says what tries must come to; it needs --repeat")
    return RepeatWish(repeat, (80.0 if pass_rate is None else pass_rate) / 100)


repeat_options = given_as(
    "repeat",
    _wish,
    click.option(
        "--repeat",
        type=click.IntRange(2),
        metavar="K",
        help="Play each dialogue up to K times, until its verdict is clear: passed, failed, or unsure.",
    ),
    click.option(
        "--pass-rate",
        type=click.FloatRange(1, 99),
        metavar="PERCENT",
        help="How often a dialogue must pass, as far as its tries tell. Default 80.",
    ),
)
"""`--repeat` and what goes with it, which the command is given as `repeat`."""
