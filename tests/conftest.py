"""What many tests share."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support import Written

pytest_plugins = ["support.no_skips"]

# As many examples as one waits for; `--hypothesis-profile=large` looks longer. No deadlines: the machine may be busy.
settings.register_profile("small", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("large", settings.get_profile("small"), max_examples=500)
settings.load_profile("small")

# Where Python is told to write no bytecode beside sources, each process that a test starts would compile all modules anew.
if sys.dont_write_bytecode and "PYTHONPYCACHEPREFIX" not in os.environ:
    os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="bytecode-")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    atexit.register(shutil.rmtree, os.environ["PYTHONPYCACHEPREFIX"], ignore_errors=True)

gc.disable()  # until the tests are collected: nearly all that is made until then stays


def pytest_collection_finish() -> None:
    """Keep the collector from looking through modules and tests, a million objects, again and again while tests run."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes the text of a scenario to a file of its own and gives its path."""

    def write(text: str, name: str = "scenario.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write
