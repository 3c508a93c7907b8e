"""Code of authors that would never come to an end, or make more than there is room for; run alone, all of it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from realtime_scenarios.core.patterns import Pattern, pattern_problem
from realtime_scenarios.project import load
from realtime_scenarios.stubs.data import Database, QueryFailed
from realtime_scenarios.templates import Expression, Template, TemplateError
from realtime_scenarios.templates.work import MOST_STEPS, one_rendering

_STEPS = "more than 2,000,000 steps"
_VALUE = "more than 2,000,000 characters"
_FILLED = "filled up with too much"
_REPEATED = "a repetition comes to too much text"
_ENDLESS = "calls itself without end"
_UNSAFE = "is unsafe"
_LOOP = "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}"
_ENDS = "{% endfor %}{% endfor %}{% endfor %}"


def _again_and_again(start: str, grown: str, shown: str = "ns.a | length") -> str:
    return f"{{% set ns = namespace(a={start}) %}}{{% for i in range(64) %}}{{% set ns.a = {grown} %}}{{% endfor %}}{{{{ {shown} }}}}"


def _in_a_loop(value: str, inside: str) -> str:
    return f"{{% set big = {value} %}}{{% for a in range(1000) %}}{{% for b in range(100) %}}{inside}{{% endfor %}}{{% endfor %}}"


TEMPLATES: Mapping[str, str] = {
    f"{_LOOP}{_ENDS}": _STEPS,
    f"{_LOOP}x{_ENDS}": "more than 100,000 characters",
    "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) if false %}" + _ENDS: _STEPS,
    "{% for i in range(1000) recursive %}{{ loop(range(1000)) }}{% endfor %}": _ENDLESS,
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}": _ENDLESS,
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}": _STEPS,
    "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}": _ENDLESS,
    _again_and_again("'x'", "ns.a ~ ns.a"): _VALUE,
    _again_and_again("'x'", "ns.a + ns.a"): _VALUE,
    _again_and_again("'x'", "[ns.a, ns.a] | join"): _VALUE,
    _again_and_again("'x'", "ns.a.join(['1', '2', '3'])"): _VALUE,
    _again_and_again("'x'", "ns.a | replace('x', 'xx')"): _VALUE,
    _again_and_again("'x'", "ns.a.replace('x', 'xx')"): _VALUE,
    _again_and_again("'x'", "'%s%s' % (ns.a, ns.a)"): _FILLED,
    _again_and_again("[0]", "[ns.a, ns.a]", "ns.a | tojson"): _VALUE,
    _again_and_again("[0]", "{'a': ns.a, 'b': ns.a}", "ns.a"): _VALUE,
    _again_and_again("[0]", "dict(a=ns.a, b=ns.a)", "ns.a | pprint"): _VALUE,
    _again_and_again("(0,)", "(ns.a, ns.a)", "{ns.a: 1} | length"): _VALUE,
    "{% set ns = namespace(a='x') %}{% for i in range(64) %}{% set ns.a %}{{ ns.a }}{{ ns.a }}{% endset %}{% endfor %}": _VALUE,
    f"{{% set big %}}{_LOOP}{'y' * 1000}{_ENDS}{{% endset %}}": _STEPS,
    f"{{% filter replace('x', 'y' * 100000) %}}{'x' * 1000}{{% endfilter %}}": _VALUE,
    _in_a_loop("'a' * 100000", "{% if 'ab' in big %}{% endif %}"): _STEPS,
    _in_a_loop("'a' * 100000", "{% if big == big ~ 'b' %}{% endif %}"): _STEPS,
    _in_a_loop("range(1000) | list", "{% set copy = big[1:] %}"): _STEPS,
    _in_a_loop("range(1000) | list", "{% set copy = big | sort(reverse=true) %}"): _STEPS,
    _in_a_loop("'ab ' * 33333", "{% set copy = big | wordwrap(1) %}"): _STEPS,
    "{{ (1).to_bytes(10**9, 'big') }}": _UNSAFE,
    "{{ 'x{0:>1000000000}'.format(1) }}": _UNSAFE,
    "{{ ('x' * 100000).translate({120: 'y' * 100000}) }}": _UNSAFE,
    "{{ ''.format.__globals__ }}": _UNSAFE,
    "{{ 'x' * 10**9 }}": _REPEATED,
    "{{ [[0] * 100000] * 100000 }}": _VALUE,
    "{{ 10 ** (9 ** 9) }}": "powers of large numbers",
    "{{ 'x' | center(10**9) }}": "No filter named 'center'",
    "{{ 'x' | indent(10**9) }}": "No filter named 'indent'",
    "{{ range(9) | slice(10**9) | list }}": "No filter named 'slice'",
    "{{ lipsum(10**9) }}": "'lipsum' is not defined",
    "{{ '%1000000000d' % 1 }}": _FILLED,
    "{{ '%(a)1000000000d' % {'a': 1} }}": _FILLED,
    "{{ '%((a))1000000000d' % {'(a)': 1} }}": _FILLED,
    "{{ '%*d' % (1000000000, 1) }}": _FILLED,
    "{{ 5 | round(-1000000000) }}": "more than 30 digits",
    "{{ 1.5 | number(1000000000) }}": "more than 30 digits",
    "{{ [[1]] | tojson(indent=1000000000) }}": "more than 8 spaces",
    "{{ ('f' * 100000) | int(0, 16) }}": "a number is too large",
    "{{ range(1000) | map('string') | join('x' * 100000) }}": _VALUE,
    "{{ ('x' * 1000) | wordwrap(1, true, 'y' * 100000) }}": _VALUE,
    f"{{{{ {'(' * 5000}1{')' * 5000} }}}}": "nested too deeply",
    f"{{% if 1 %}}{'{{ 1 }}' * 20000}{{% endif %}}": "longer than 100,000 characters",
}

EXPRESSIONS: Mapping[str, str] = {
    "range(1000) | map('string') | join('x' * 100000) == ''": _VALUE,
    "'x' * 10**9 == ''": _REPEATED,
    "2 ** (10 ** 9) > 1": "powers of large numbers",
    "[0] * 10**8": _REPEATED,
}

STATEMENTS: Mapping[str, str] = {
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c": "takes too long",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c": "more than 10,000 rows",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT hex(zeroblob(40000)) FROM c": "2,000,000 char",
    "SELECT count(*) FROM t a, t b, t c, t d": "takes too long",
    "SELECT group_concat(a.name) FROM t a, t b, t c, t d": "takes too long",
    "SELECT instr(hex(zeroblob(1000000)), hex(zeroblob(450000)) || '1')": "longer than 100,000 bytes",
    "SELECT replace(hex(zeroblob(40000)), '0', hex(zeroblob(40000)))": "longer than 100,000 bytes",
    "SELECT length(zeroblob(1000000000))": "longer than 100,000 bytes",
    "SELECT hex(zeroblob(40000)) LIKE '%' || hex(zeroblob(40000)) || '1%'": "pattern too complex",
    "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, 'a' FROM c": "takes too long",
}

PATTERNS: Mapping[str, str] = {
    "(a+)+$": "",
    "^(a|a)*$": "",
    "(a*)*b": "",
    "(.*a){25}$": "",
    "^(([a-z])+.)+[A-Z]([a-z])+$": "",
    "(a|b)*a(a|b){900}c": "",
    r"(\w+\s?)+$": "",
    "(?:a{1000}){1000}": "more than 5,000 parts",
    "((?:){99999}){99999}b": "",
    "(a)\\1": "refer back",
    "(?=(a+)+$)": "look ahead or behind",
}
_TEXT = "a" * 50_000 + "!"


def _came_of_template(text: str) -> str:
    with one_rendering() as work:
        try:
            return f"came to {Template(text).render({})[:40]}"
        except TemplateError as problem:
            assert work._left > -MOST_STEPS / 2  # a step over the bound is one that is reckoned, and not taken
            return problem.message


def _came_of_expression(text: str) -> str:
    try:
        return f"came to {str(Expression(text).evaluate({}))[:40]}"
    except TemplateError as problem:
        return problem.message


def _came_of_statement(text: str) -> str:
    rows = ", ".join(f"{{id: {number}, name: {'a' * 20}}}" for number in range(300))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "desk.yaml")
        path.write_text(
            f"scenario: desk\nstart: d\nagents: {{d: {{instructions: Hi.}}}}\ndata: {{t: {{rows: [{rows}]}}}}\n"
        )
        database = Database(load(path).scenario.data)
    try:
        return f"came to {len(database.run([text], {}))} rows"
    except QueryFailed as problem:
        return str(problem)
    finally:
        database.close()


def _came_of_pattern(text: str) -> str:
    if problem := pattern_problem(text):
        return problem.message
    return "found" if Pattern(text).is_found_in(_TEXT) else ""


RUNS: tuple[tuple[Mapping[str, str], Callable[[str], str]], ...] = (
    (TEMPLATES, _came_of_template),
    (EXPRESSIONS, _came_of_expression),
    (STATEMENTS, _came_of_statement),
    (PATTERNS, _came_of_pattern),
)


def cases() -> Iterator[tuple[str, str]]:
    """Each piece of code, with what must be said about it; "" where it just is not found."""
    for codes, _ in RUNS:
        yield from codes.items()


if __name__ == "__main__":
    json.dump([came(code) for codes, came in RUNS for code in codes], sys.stdout)
