"""Samples at one rate to samples at another, and what the new rate cannot carry does not come back as something else.

Theory of operation. A windowed sinc (Kaiser, 80 dB) is cut into phases, one for each place that a new sample may have
between two old ones; a new sample is the sum of the old ones around it, weighted by its phase. In pure Python that sum
costs 50 ms for a second of sound. Most rates here are few steps apart (24, 16, 8 kHz), and then all samples of a phase
come out of one multiplication of whole numbers: with samples and weights in the 32-bit digits of two long numbers, the
digits of the product are their convolution (Kronecker substitution), at the speed of C. Rates such as 22050 Hz, which
is 147 steps of 160 away, are summed sample by sample.

Weights are whole numbers, so the same samples give the same samples, in whatever pieces they come.
"""

from __future__ import annotations

import functools
import math
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul

from realtime_scenarios.voice.formats import FULL_SCALE, Samples

_HALF_WIDTH = 24
"""Samples of the lower rate on each side that a new sample looks at."""
_PASSED = 0.92
"""How much of what the lower rate can carry stays as it is; the rest is where the filter falls."""
_KAISER_BETA = 8.0
_UNITY_BITS = 15
_UNITY = 1 << _UNITY_BITS
_DIGIT_BITS = 32
_DIGIT_BYTES = 4
_MOST_PHASES = 8
_AT_ONCE = 24_000
"""Samples of a whole sound that are multiplied at once: in a thread, nobody else in the process goes on meanwhile."""
_RAISED = 1 << (_DIGIT_BITS - 1)
"""Added to each digit of a product, so that none is negative and borrows from the next."""
_ALL_ONES = (1 << _DIGIT_BITS) - 1
_LOW_HALF = 0 if sys.byteorder == "little" else 1
_ROUNDED = _RAISED + _UNITY // 2
_ZERO = _RAISED >> _UNITY_BITS
_LOWEST, _HIGHEST = (_ZERO - FULL_SCALE) << _UNITY_BITS, ((_ZERO + FULL_SCALE) << _UNITY_BITS) - 1


def resampled(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """A whole sound at another rate, as long as before and not later."""
    if from_rate == to_rate:
        return samples
    stream = Resampler(from_rate, to_rate)
    late = stream.delay
    padding = array("h", bytes(2 * (late * from_rate // to_rate + stream.step + 1)))
    wanted = len(samples) * to_rate // from_rate
    whole, new = samples + padding, array("h")
    for start in range(0, len(whole), _AT_ONCE):
        new += stream.feed(whole[start : start + _AT_ONCE])
    return new[late : late + wanted]


class Resampler:
    """One stream. What comes out is `delay` samples later than it would be, and a whole number of steps at a time."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        filters = _filters(from_rate, to_rate)
        self.step = filters.step
        self.delay = filters.delay
        self._filters = filters
        self._waiting = array("h", bytes(2 * filters.width))

    def feed(self, samples: Samples) -> Samples:
        """What can be said of the new rate by now."""
        known = self._waiting + samples
        steps = (len(known) - self._filters.width) // self.step
        self._waiting = known[steps * self.step :]
        return self._filters.applied(known, steps) if steps else array("h")


class _Filters:
    """The weights from one rate to another: `step` old samples become one new sample of each phase.

    The new sample `m` of a phase is the sum of `weights[k] * old[width + step * m + offset - k]`.
    """

    def __init__(self, step: int, phases: Sequence[_Phase], delay: int) -> None:
        self.step = step
        self.delay = delay
        self.width = len(phases[0].weights)
        self._phases = phases
        self._products = [_digits_by_stride(phase, step) for phase in phases] if len(phases) <= _MOST_PHASES else None

    def applied(self, known: Samples, steps: int) -> Samples:
        new = array("h", bytes(2 * steps * len(self._phases)))
        if self._products is None:
            for number, phase in enumerate(self._phases):
                new[number :: len(self._phases)] = array("h", self._summed(known, steps, phase))
            return new
        strides = [_number(known[start :: self.step]) for start in range(self.step)]
        for number, products in enumerate(self._products):
            new[number :: len(self._phases)] = self._multiplied(strides, steps, products)
        return new

    def _multiplied(self, strides: Sequence[int], steps: int, products: Sequence[tuple[int, int, int]]) -> Samples:
        lowest = self.width // self.step + 1
        total = sum((strides[start] * weights) << (_DIGIT_BITS * shift) for start, shift, weights in products)
        raised = total + _repeated(_ROUNDED, steps + 2 * lowest + 2)
        digits = (raised >> (_DIGIT_BITS * lowest)) & _repeated(_ALL_ONES, steps)
        # of a digit that is no longer than a sample the two highest bits differ, and those below are the sample
        highest = _repeated(_RAISED, steps)
        if (digits ^ (digits << 1)) & highest == highest:
            return array("h", _native((digits >> _UNITY_BITS).to_bytes(_DIGIT_BYTES * steps, "little")))[_LOW_HALF::2]
        data = _native(digits.to_bytes(_DIGIT_BYTES * steps, "little"))
        clipped = [min(max(digit, _LOWEST), _HIGHEST) for digit in array("I", data)]
        return array("h", [(digit >> _UNITY_BITS) - _ZERO for digit in clipped])

    def _summed(self, known: Samples, steps: int, phase: _Phase) -> Iterable[int]:
        """The new samples of one phase, one by one."""
        first = self.width + phase.offset + 1
        for end in range(first, first + steps * self.step, self.step):
            total = sum(map(mul, phase.backwards, known[end - self.width : end]))
            yield min(max((total + _UNITY // 2) >> _UNITY_BITS, -FULL_SCALE), FULL_SCALE - 1)


@dataclass(frozen=True, slots=True)
class _Phase:
    """`offset` is by how many old samples it is behind the first of its step."""

    offset: int
    weights: Sequence[int]

    @property
    def backwards(self) -> Sequence[int]:
        return self.weights[::-1]


@functools.cache
def _filters(from_rate: int, to_rate: int) -> _Filters:
    common = math.gcd(from_rate, to_rate)
    phases, step = to_rate // common, from_rate // common
    taps = 2 * _HALF_WIDTH * max(phases, step)
    curve = _low_pass(taps, _PASSED / 2 / max(phases, step))
    width = -(-(len(curve) // phases + 1) // step) * step
    placed = [divmod(phase * step, phases) for phase in range(phases)]
    weights = [_whole([curve[k] for k in range(first, len(curve), phases)], width) for _, first in placed]
    made = [_Phase(offset, weighed) for (offset, _), weighed in zip(placed, weights, strict=True)]
    return _Filters(step, made, round(taps / 2 / step))


def _low_pass(taps: int, cutoff: float) -> list[float]:
    """A sinc in a Kaiser window; `cutoff` in cycles a sample."""
    middle = taps / 2
    return [
        2 * cutoff * _sinc(2 * cutoff * (tap - middle)) * _bessel(_KAISER_BETA * math.sqrt(1 - (tap / middle - 1) ** 2))
        for tap in range(taps + 1)
    ]


def _sinc(x: float) -> float:
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


def _bessel(x: float) -> float:
    """The modified Bessel function of order 0, by its series."""
    total, term, k = 1.0, 1.0, 1
    while term > 1e-12 * total:
        term *= (x / 2 / k) ** 2
        total += term
        k += 1
    return total


def _whole(weights: Sequence[float], width: int) -> list[int]:
    """The weights as whole numbers that make a constant sound neither louder nor softer."""
    total = sum(weights)
    whole = [round(weight / total * _UNITY) for weight in weights]
    middle = len(whole) // 2
    whole[middle] += _UNITY - sum(whole)
    return whole + [0] * (width - len(whole))


def _digits_by_stride(phase: _Phase, step: int) -> list[tuple[int, int, int]]:
    """For each stride of old samples where it starts, how far its product moves up, and its weights as one number."""
    found = []
    for stride in range(step):
        behind, start = divmod(phase.offset - stride, step)
        weights = phase.weights[stride::step]
        number = sum(weight << (_DIGIT_BITS * place) for place, weight in enumerate(weights))
        found.append((start, 1 - behind, number))
    return found


def _number(samples: Samples) -> int:
    """The number whose digits are the samples, negative ones included."""
    unsigned = int.from_bytes(
        _native(array("i", samples.tolist()).tobytes()), "little"
    )  # from a list it is twice as fast
    return unsigned - ((unsigned & _repeated(_RAISED, len(samples))) << 1)


@functools.lru_cache(maxsize=64)
def _repeated(digit: int, count: int) -> int:
    """The number with that digit in so many places."""
    return int.from_bytes(digit.to_bytes(_DIGIT_BYTES, "little") * count, "little")


def _native(data: bytes) -> bytes:
    """Little-endian digits in the machine's order, and back."""
    if sys.byteorder == "little":
        return data
    swapped = array("I", data)
    swapped.byteswap()
    return swapped.tobytes()
