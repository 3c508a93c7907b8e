"""A test that is left out does not go unnoticed where `--no-skips` is given."""

from __future__ import annotations

import pytest

from support.no_skips import WHY

SKIPPING = """
import pytest

def test_that_needs_more():
    pytest.skip("there is no node")

@pytest.mark.skip(reason="too slow")
def test_that_is_marked():
    pass

@pytest.mark.xfail(reason="known")
def test_that_is_known_to_fail():
    assert False

def test_that_passes():
    pass
"""


@pytest.fixture
def skipping(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest('pytest_plugins = ["support.no_skips"]')
    pytester.makepyfile(SKIPPING, test_whole="import pytest\npytest.importorskip('no_such_module')")
    return pytester


def test_skips_are_told_apart_from_passes_by_default(skipping: pytest.Pytester) -> None:
    skipping.runpytest_inprocess().assert_outcomes(passed=1, skipped=3, xfailed=1)


def test_a_skip_is_a_failure_with_its_reason_where_none_is_allowed(skipping: pytest.Pytester) -> None:
    result = skipping.runpytest_inprocess("--no-skips", "--continue-on-collection-errors")
    result.assert_outcomes(passed=1, failed=1, errors=2, xfailed=1)
    for reason in ("there is no node", "too slow", "could not import 'no_such_module'"):
        result.stdout.fnmatch_lines([f"*{WHY}*{reason}*"])
