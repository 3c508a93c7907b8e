"""What is typed for `--engine` as the place where dialogues are played."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import SplitResult, parse_qsl, urlsplit

from msgspec import Struct

from realtime_scenarios.core import ScenarioError, UsageError

OWN = "local"
_HINT = "write dask://HOST:PORT, as the scheduler tells it, or dask://local?workers=4"


class Address(Struct, frozen=True):
    """A scheduler at `host` and `port`; `workers` is how many a cluster of one's own has, None: that one is there."""

    host: str
    port: int
    workers: int | None = None

    @property
    def shown(self) -> str:
        """What people call it."""
        if self.workers is not None:
            return f"dask://{OWN}?workers={self.workers}"
        return f"dask://{self.contact}"

    @property
    def contact(self) -> str:
        """What dask calls it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parsed_address(text: str) -> Address:
    """
    Raises:
        UsageError: it is none.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as problem:
        raise UsageError(f"'{text}' is no address: {str(problem).lower()}", hint=_HINT) from problem
    if parts.scheme != "dask":
        raise UsageError(f"there is no engine '{text}'", hint=_HINT)
    if not parts.hostname or parts.path.strip("/") or parts.username is not None or parts.fragment:
        raise UsageError(f"'{text}' is no address of a scheduler", hint=_HINT)
    if parts.hostname == OWN:
        return Address(OWN, 0, _workers_in(text, parts))
    if parts.query:
        raise UsageError(f"'{text}': a scheduler that is there has the workers that it has", hint=_HINT)
    if port is None:
        raise UsageError(f"'{text}' has no port", hint=_HINT)
    return Address(parts.hostname, port)


def require_dask() -> None:
    """
    Raises:
        ScenarioError: it is not installed.
    """
    if find_spec("distributed") is None:
        raise ScenarioError("dask.distributed is not installed", hint="pip install 'realtime-scenarios[dask]'")


def _workers_in(text: str, parts: SplitResult) -> int:
    wanted = dict(parse_qsl(parts.query, keep_blank_values=True))
    count = wanted.pop("workers", "2")
    if wanted or parts.port is not None or not count.isdecimal() or int(count) < 1:
        raise UsageError(f"'{text}' is no cluster of one's own", hint=_HINT)
    return int(count)
