"""How often a dialogue passed, to how sure that makes anybody: an interval, a verdict, and when to stop.

Whether a model passes is chance. So many tries are a sample, and the rate behind it is somewhere in Wilson's interval
(E. B. Wilson, 1927), which keeps its word for few tries and for rates near 0 and 1, where the textbook's does not.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

Clear = Literal["passed", "failed", "unsure"]

Z = 1.959963984540054
"""Standard deviations on both sides of the middle that hold 95 % of a normal distribution."""


class Interval(NamedTuple):
    """From 0 to 1."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"between {math.floor(self.low * 100)} % and {math.ceil(self.high * 100)} %"


class Tries(NamedTuple):
    """A dialogue `passed` so many of so many `tries`."""

    passed: int
    tries: int

    @property
    def interval(self) -> Interval:
        """Where the rate behind the tries is, with 95 % of certainty."""
        if not self.tries:
            return Interval(0.0, 1.0)
        rate, n = self.passed / self.tries, self.tries
        middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
        low, high = max(0.0, middle - half), min(1.0, middle + half)
        return Interval(0.0 if self.passed == 0 else low, 1.0 if self.passed == self.tries else high)

    @property
    def is_flaky(self) -> bool:
        """Whether it passed and failed."""
        return 0 < self.passed < self.tries

    def verdict(self, wanted: float) -> Clear:
        """What it comes to, where a rate from 0 to 1 is wanted: the whole interval is above it, below, or neither."""
        low, high = self.interval
        return "passed" if low >= wanted else "failed" if high < wanted else "unsure"

    def decided(self, wanted: float, most: int) -> Clear | None:
        """The verdict on all `most` tries, as soon as the rest cannot make it another; None: it still can.

        Nothing else ends the tries early. To look again and again, and to stop as soon as the interval lies well, would
        find a good day sooner or later: the certainty of 95 % is that of one look.
        """
        worst, best = (Tries(self.passed + more, most).verdict(wanted) for more in (0, most - self.tries))
        return worst if worst == best else None

    def until_decided(self, wanted: float, most: int) -> int:
        """The fewest tries that may decide it: all pass, or all fail. At least 1, at most as many as are left."""
        left = most - self.tries
        for more in range(1, left):
            for passed in (0, more):
                if Tries(self.passed + passed, self.tries + more).decided(wanted, most) is not None:
                    return more
        return max(1, left)

    def pass_hat(self, k: int) -> float | None:
        """How likely it is that `k` tries all pass: of all ways to draw `k` of these tries, those without a failure.

        None: there were fewer tries.
        """
        if k > self.tries:
            return None
        return math.comb(self.passed, k) / math.comb(self.tries, k)


def tries_needed(wanted: float) -> int:
    """The fewest tries that can show a rate, if all of them pass. `wanted` is below 1: certainty takes for ever."""
    return math.ceil(Z * Z * wanted / (1 - wanted) - 1e-9)
