"""The usage of responses to what they cost by the dated table of models, and the bound that somebody has set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.project.models import Prices, Rates, model_named, table

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What a conversation may take: so many minutes of the line, so many US dollars of its voice model. None: any."""

    minutes: float | None = None
    dollars: float | None = None


class OverBudget(ScenarioError):
    """A conversation has taken what it was given."""


class Spending:
    """What the voice model has cost so far. Text models behind tools and the writing down of callers are not in it."""

    def __init__(self, budget: Budget, prices: Prices | None) -> None:
        self.dollars = 0.0
        self._budget = budget
        self._prices = prices

    @property
    def is_known(self) -> bool:
        """Whether there are prices to count by."""
        return self._prices is not None

    @classmethod
    def of(cls, budget: Budget, model: str | None, *, costs: bool) -> Spending:
        """By the prices of the model. `costs` False: nobody is paid for it.

        Raises:
            UsageError: a bound in dollars is set, and no price is known.
        """
        known = model_named(model) if model is not None and costs else None
        prices = known.entry.prices if known is not None else None
        if budget.dollars is not None and costs and (prices is None or prices.text is None):
            named = f"'{model}'" if model else "this model"
            raise UsageError(f"no price is known of {named}", hint="bound the conversation by --max-minutes instead")
        return cls(budget, prices)

    def add(self, usage: Mapping[str, Any]) -> OverBudget | None:
        """Add one response's usage; why the conversation must end, None: it may go on."""
        if self._prices is not None:
            self.dollars += cost_of(usage, self._prices)
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
