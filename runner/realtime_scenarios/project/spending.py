"""The usage of responses to what they cost by the dated table of models, and the bound that somebody has set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.project.models import Prices, Rates, prices_of, table

_MILLION = 1_000_000
_BOUND_OTHERWISE = "bound the conversation by --max-minutes instead"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a conversation may take: so many minutes of the line, so many US dollars of its models. None: any."""

    minutes: float | None = None
    dollars: float | None = None


class OverBudget(ScenarioError):
    """A conversation has taken what it was given."""


class Spending:
    """What the models have cost so far. The writing down of callers is not in it.

    `unpriced` are the models that were asked and of which no price is known: they are in no sum.
    """

    def __init__(self, budget: Budget, voice_model: str | None) -> None:
        self.by_model: dict[str, float] = {}
        self.unpriced: list[str] = []
        self._budget = budget
        self._voice_model = voice_model

    @property
    def dollars(self) -> float:
        return sum(self.by_model.values())

    @property
    def is_known(self) -> bool:
        """Whether the sum is of all that was asked. Where there is a bound, what has no price ends the conversation."""
        return bool(self.by_model) and (not self.unpriced or self._budget.dollars is not None)

    @classmethod
    def of(cls, budget: Budget, model: str | None, *, costs: bool) -> Spending:
        """With the voice model of that name. `costs` False: nobody is paid for it.

        Raises:
            UsageError: a bound in dollars is set, and no price is known.
        """
        if budget.dollars is not None and costs and (model is None or prices_of(model) is None):
            named = f"'{model}'" if model else "this model"
            raise UsageError(f"no price is known of {named}", hint=_BOUND_OTHERWISE)
        return cls(budget, model if costs else None)

    def add(self, usage: Mapping[str, Any]) -> OverBudget | None:
        """Add the usage of the voice model's response; why the conversation must end, None: it may go on."""
        return self.add_text(self._voice_model, usage) if self._voice_model is not None else None

    def add_text(self, model: str, usage: Mapping[str, Any]) -> OverBudget | None:
        """Add the usage of a text model's answer, the same way."""
        prices = prices_of(model)
        if prices is None:
            self.unpriced += [model] * (model not in self.unpriced)
            if self._budget.dollars is not None:
                message = (
                    f"no price is known of '{model}', so that nobody can say when ${self._budget.dollars:g} is spent"
                )
                return OverBudget(message, hint=_BOUND_OTHERWISE)
        else:
            self.by_model[model] = self.by_model.get(model, 0.0) + cost_of(usage, prices)
        return self._over()

    def told(self) -> Iterator[str]:
        """For people: all of it, and where it is more than the voice model's, model by model, that one first."""
        on = table().checked_on
        if list(self.by_model) == [self._voice_model] and self.dollars:
            yield f"about ${self.dollars:.4f} for the voice model, by the prices of {on}"
        elif self.dollars:
            yield f"about ${self.dollars:.4f} by the prices of {on}:"
            for model, dollars in sorted(self.by_model.items(), key=lambda each: each[0] != self._voice_model):
                yield f"  ${dollars:.4f} {model}"
        for model in self.unpriced:
            yield f"no price is known of '{model}'" + (": it is not in the sum" if self.dollars else "")

    def _over(self) -> OverBudget | None:
        most = self._budget.dollars
        if most is None or self.dollars < most:
            return None
        message = f"the budget of ${most:g} is spent: ${self.dollars:.4f} by the prices of {table().checked_on}"
        return OverBudget(message, hint="--max-cost sets it")


def out_of_time(minutes: float) -> OverBudget:
    return OverBudget(f"the conversation has lasted its {minutes:g} minutes", hint="--max-minutes sets them")


def cost_of(usage: Mapping[str, Any], prices: Prices) -> float:
    """US dollars for a response's `usage`. Kinds of tokens without a price of their own count as text."""
    text = prices.text or Rates()
    read, written = usage.get("input_token_details") or {}, usage.get("output_token_details") or {}
    cached = read.get("cached_tokens_details") or {"text_tokens": read.get("cached_tokens") or 0}
    total = 0.0
    for kind, rates in (("text", text), ("audio", prices.audio or text), ("image", prices.image or text)):
        name = f"{kind}_tokens"
        again = cached.get(name) or 0
        first = max(0, (read.get(name) or 0) - again)
        rate = rates.input or 0.0
        total += first * rate + again * (rate if rates.cached is None else rates.cached)
        total += (written.get(name) or 0) * (rates.output or 0.0)
    return total / _MILLION
