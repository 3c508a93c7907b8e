"""The scenario's tables as one conversation has left them, for all that read or change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from realtime_scenarios.model.scenario import Table
from realtime_scenarios.stubs.data import Database, parameters_of


class Tables:
    """The tables of one conversation, never shared; they are made when first asked for. Use `close` when it is over."""

    def __init__(self, declared: Mapping[str, Table], saved: bytes | None = None) -> None:
        """`saved` is what they held at another moment; None: they begin as they are declared."""
        self._declared = declared
        self._saved = saved

    def run(self, statements: Sequence[str], bound: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run the statements in one transaction: the rows of the last one. A parameter that is not `bound` is null.

        Raises:
            QueryFailed: a statement cannot be run; nothing is changed then.
        """
        unsaid = dict.fromkeys(name for statement in statements for name in parameters_of(statement))
        return self._database.run(statements, {**unsaid, **bound})

    def read(self, statement: str, bound: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a statement that only reads. A parameter that is not `bound` is null.

        Raises:
            QueryFailed: it cannot be run, or it would change something.
        """
        return self._database.read(statement, {**dict.fromkeys(parameters_of(statement)), **(bound or {})})

    @property
    def saved(self) -> bytes | None:
        """All that they hold now; None: nobody has asked for them, and they are as they were at the beginning."""
        return self._database.saved if "_database" in self.__dict__ else self._saved

    def close(self) -> None:
        if "_database" in self.__dict__:
            self._database.close()

    @cached_property
    def _database(self) -> Database:
        if self._saved is None:
            return Database(self._declared)
        return Database(self._declared, saved=self._saved)
