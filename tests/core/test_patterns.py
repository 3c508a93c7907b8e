"""Authors' patterns mean what they mean to `re`, in time that grows with the text alone."""

from __future__ import annotations

import re
import warnings

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_scenarios.core.patterns import Pattern, pattern_problem

_CHARACTERS = "aAbB1_ \n-é'ßſK\u0130iıः٣\u00a0\u200d日."
"""Among them those that change with case in odd ways, a mark that is no letter, a digit and a space outside of ASCII."""

_ATOMS = st.sampled_from(
    [
        *("a", "b", "B", "é", "ß", "s", "k", "i", "\\.", " ", "-"),
        *(
            ".",
            "\\w",
            "\\W",
            "\\d",
            "\\D",
            "\\s",
            "\\S",
            "[ab]",
            "[^a]",
            "[a-c1-3]",
            "[\\w-]",
            "[^\\W\\d_]",
            "[é-ʸ]",
            "[s\\s]",
        ),
        *("^", "$", "\\b", "\\B", "\\A", "\\Z", ""),
    ]
)
_REPEATS = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{2,}"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda parts: f"(?:{parts[0]}|{parts[1]})"),
        st.tuples(inner, _REPEATS).map(lambda parts: f"({parts[0]}){parts[1]}"),
        st.tuples(st.sampled_from(["i", "m", "s", "a", "ms", "im", "-i", "u"]), inner).map(
            lambda parts: f"(?{parts[0]}:{parts[1]})"
        ),
    )


_PATTERNS = st.tuples(
    st.sampled_from(["", "(?i)", "(?m)", "(?s)", "(?a)", "(?im)"]), st.recursive(_ATOMS, _grown, max_leaves=8)
).map("".join)


@settings(max_examples=600, deadline=None)
@given(pattern=_PATTERNS, texts=st.lists(st.text(_CHARACTERS, max_size=8), min_size=1, max_size=6))
def test_it_is_found_where_python_finds_it(pattern: str, texts: list[str]) -> None:
    ours, pythons = Pattern(pattern), re.compile(pattern)

    assert [ours.is_found_in(text) for text in texts] == [_is_found(pythons, text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(pattern=st.text("ab()[]{}|*+?.^$\\\\wdbBAZ0123,-é", max_size=12), text=st.text("ab1-é\n", max_size=6))
def test_whatever_is_written_is_read_as_python_reads_it(pattern: str, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = re.compile(pattern)
        except (re.error, OverflowError):
            assert pattern_problem(pattern) is not None
            return
        problem = pattern_problem(pattern)
    if problem is None:
        assert Pattern(pattern).is_found_in(text) == _is_found(wanted, text)
    else:
        assert "this is no regular expression" not in problem.message


def _is_found(pattern: re.Pattern[str], text: str) -> bool:
    """Not by `search`, which misses what `(?a:\\W)` matches: it looks for the first character with the outer flags."""
    return any(pattern.match(text, at) for at in range(len(text) + 1))
