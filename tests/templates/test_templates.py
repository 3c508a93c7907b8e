"""Authors' templates and expressions: what they come to, what they cannot do, and what is said about mistakes."""

from __future__ import annotations

import datetime
import subprocess
import sys
from typing import Any, Literal

import jinja2
import jinja2.meta
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.templates import Expression, Problem, Template, TemplateError, problems, rendered_value
from realtime_scenarios.templates.jinja import environment
from realtime_scenarios.templates.plain import plain_parts, plain_uses

VALUES = {
    "args": {"items": 3, "name": "Noor", "nothing": None},
    "context": {"ok": True},
    "now": datetime.datetime(2026, 3, 1),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ args.name }} has {{ args.items }}", "Noor has 3"),
        ("[{{ args.nothing }}]", "[]"),
        ("{% if context.ok %}yes{% else %}no{% endif %}", "yes"),
        ("{{ args.name | upper }}\n", "NOOR\n"),
        ("{{ 42.17 | money }}", "42 dollars and 17 cents"),
        ("{{ 5 | money('euros') }}", "5 euros"),
        ("{{ '(206) 555' | spoken_digits }}", "2-0-6-5-5-5"),
        ("{{ now | date }}", "Sunday, March 1"),
        ("a } b {c} %}", "a } b {c} %}"),
    ],
)
def test_a_template_is_filled_in(text: str, expected: str) -> None:
    assert Template(text).render(VALUES) == expected


def test_a_text_that_is_one_expression_keeps_its_type() -> None:
    value = {"n": "{{ args.items }}", "list": ["{{ context.ok }}", "{{ args.nothing }}"], "text": "n={{ args.items }}"}
    assert rendered_value(value, VALUES) == {"n": 3, "list": [True, None], "text": "n=3"}


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ args.__class__ }}",
        "{{ args.update({'a': 1}) }}",
        "{{ 'x' * 10**9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ [0] * 10**8 }}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(1000) %}{% for j in range(1000) %}xxxxxxxxxx{% endfor %}{% endfor %}",
        "{% include 'x' %}",
        "{{ lipsum() }}",
        "{{ missing }}",
        "{{ args.missing }}",
        "{{ 1 / 0 }}",
        "{{ args.name",
        "{{ '%s'.format.__globals__ }}",
    ],
)
def test_what_a_template_must_not_do_ends_in_one_error(text: str) -> None:
    with pytest.raises(TemplateError):
        Template(text).render(VALUES)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(TemplateError) as caught:
        Template("{{ contxt.ok }}").render(VALUES)
    assert "did you mean 'context'?" in str(caught.value.hint)
    with pytest.raises(TemplateError) as caught:
        Expression("args.nam == 1").evaluate(VALUES)
    assert "did you mean 'name'?" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("args.items > 2 and context.ok", True), ("args.name", "Noor"), ("args.nothing", None), ("1", 1)],
)
def test_an_expression_is_evaluated(text: str, expected: object) -> None:
    assert Expression(text).evaluate(VALUES) == expected


Kind = Literal["template", "expression"]

NAMES = {"args": ("name", "items"), "context": ("ok",), "now": None}


def only_problem(text: str, kind: Kind) -> Problem:
    [problem] = problems(text, kind, NAMES)
    return problem


@pytest.mark.parametrize(
    ("kind", "text", "message", "line", "hint"),
    [
        ("template", "a\n{{ contxt.ok }}", "'contxt' is not defined here", 2, "did you mean 'context'?"),
        ("template", "{{ args.nam }}", "'args' has no 'nam'", 1, "did you mean 'name'?"),
        ("template", "{{ args['nam'] | upper }}", "'args' has no 'nam'", 1, "did you mean 'name'?"),
        ("template", "Dear {{ name }}", "'name' is not defined here", 1, "did you mean 'args.name'?"),
        ("expression", "ok", "'ok' is not defined here", 1, "did you mean 'context.ok'?"),
        ("expression", "context.ko", "'context' has no 'ko'", 1, "choose one of: ok"),
        ("template", "{{ args.name | uper }}", "No filter named 'uper'.", 1, "did you mean 'upper'?"),
        (
            "template",
            "{% if context.ok %}\n{{ args.name | uper }}{% endif %}",
            "No filter named 'uper'.",
            2,
            "'upper'?",
        ),
        ("template", "{% filter uper %}x{% endfilter %}", "No filter named 'uper'.", 1, "did you mean 'upper'?"),
        ("template", "{{ 'x' if context.ok is nun else 'y' }}", "No test named 'nun'.", 1, "choose one of: boolean"),
        (
            "expression",
            "args.name | uper if context.ok else none",
            "No filter named 'uper'.",
            1,
            "did you mean 'upper'?",
        ),
        ("expression", "context.ok and args.name is defind", "No test named 'defind'.", 1, "did you mean 'defined'?"),
    ],
)
def test_an_unknown_name_is_found_without_rendering(kind: Kind, text: str, message: str, line: int, hint: str) -> None:
    problem = only_problem(text, kind)
    assert message in problem.message and problem.line == line and hint in str(problem.hint)


@pytest.mark.parametrize(
    ("kind", "form", "line"),
    [
        ("expression", "CONDITION", 1),
        ("template", "{% if CONDITION %}x{% endif %}", 1),
        ("template", "a\n{% if CONDITION %}x{% endif %}", 2),
    ],
)
@pytest.mark.parametrize(
    ("condition", "message", "hint"),
    [
        ("context.ok = 1", "'=' means nothing here", "write =="),
        ("context.ok = 'es'", "'=' means nothing here", "write =="),
        ("context.ok === 1", "'===' means nothing here", "write =="),
        ("context.ok <> 1", "'<>' means nothing here", "write !="),
        ("context.ok && now", "'&&' means nothing here", "write and"),
        ("context.ok && true", "'&&' means nothing here", "write and"),
        ("context.ok || now", "'||' means nothing here", "write or"),
        ("!context.ok", "'!' means nothing here", "write not"),
        ("context.ok then", "'then' means nothing here", "leave it out"),
        ("context.ok == null", "'null' is not defined here", "write none"),
        ("context.ok == nil", "'nil' is not defined here", "write none"),
        ("context.ok == TRUE", "'TRUE' is not defined here", "write true"),
        ("context.ok is not null", "No test named 'null'.", "write none"),
    ],
)
def test_a_word_of_another_language_is_answered_with_what_to_write(
    kind: Kind, form: str, line: int, condition: str, message: str, hint: str
) -> None:
    problem = only_problem(form.replace("CONDITION", condition), kind)
    assert (problem.message, problem.line, problem.hint) == (message, line, hint)


@pytest.mark.parametrize(
    ("text", "message", "line", "hint"),
    [
        ("\n\n{% if context.ok %}", "this 'if' is never closed", 3, "write {% endif %}"),
        ("{% for x in now %}\n\na", "this 'for' is never closed", 1, "write {% endfor %}"),
        ("{% if now %}a{% elseif context.ok %}x{% endif %}", "'elseif' is no tag", 1, "write elif"),
        ("{% if now %}a{% else if now %}x{% endif %}", "'else' takes no condition", 1, "write elif"),
        ("{% if now %}\na{% endfor %}", "'endfor' closes no 'if'", 2, "write endif"),
        ("{% if now %}a{% end %}", "'end' is no tag", 1, "write endif"),
        ("a\n{% endif %}", "'endif' closes nothing", 2, "write {% if ... %} before it"),
        ("{% context.ok %}", "'context.ok' is no tag", 1, "shown with {{ context.ok }}"),
        ("{{ if now }}a{{ endif }}", "'if' is a tag", 1, "write {% if ... %}"),
        ("{% include 'a' %}", "a template cannot reach other files", 1, "put the text into this one"),
    ],
)
def test_a_wrong_tag_is_answered_with_the_right_one(text: str, message: str, line: int, hint: str) -> None:
    problem = only_problem(text, "template")
    assert message in problem.message and problem.line == line and hint in str(problem.hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("es", "'es' is no expression", "in quotes of its own: \"'es'\""),
        ("checked in", "'checked in' is no expression", "\"'checked in'\""),
        ("en-US", "'en-US' is no expression", "\"'en-US'\""),
        ("context.ok == sure", "'sure' is not defined here", "if it is a text, write 'sure' in quotes"),
        ("{{ context.ok }}", "an expression has no braces", "context.ok"),
    ],
)
def test_a_text_in_place_of_an_expression_is_told_how_to_be_one(text: str, message: str, hint: str) -> None:
    problem = only_problem(text, "expression")
    assert message in problem.message and problem.line == 1 and hint in str(problem.hint)


@pytest.mark.parametrize(
    "text",
    ["{{ args.name }}", "{% set x = 1 %}{{ x }}", "{% for i in args.items %}{{ i.a }}{% endfor %}", "{{ now.year }}"],
)
def test_what_is_right_has_no_problem(text: str) -> None:
    assert problems(text, "template", NAMES) == []


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        " ",
        "a",
        "a.b",
        "if ",
        "endif",
        "else",
        "-",
        "\n",
        "\r\n",
        "{{ a.b }}",
        "{% if a %}",
        "{% endif %}",
        "{% else %}",
        "{{ true }}",
        "{{ not }}",
        "text",
        "'",
        '"',
        "{",
        "}",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_the_fast_road_agrees_with_jinja(text: str) -> None:
    values = {"a": {"b": "x"}}
    parts, uses = plain_parts(text), plain_uses(text)
    if parts is not None:
        try:
            expected = environment().from_string(text).render(values)
        except jinja2.UndefinedError:
            return
        assert Template(text).render(values) == expected
    if uses is not None:
        environment().from_string(text)
        assert {path[0] for path, _ in uses} == set(jinja2.meta.find_undeclared_variables(environment().parse(text)))


def test_plain_templates_need_no_jinja() -> None:
    code = (
        "import sys; from realtime_scenarios.templates import Template, Expression, problems; "
        "Template('{{ a.b }} c').render({'a': {'b': 1}}); Expression('a.b').evaluate({'a': {'b': 1}}); "
        "problems('{% if a.b %}x{% endif %}', 'template', {'a': None}); "
        "assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "values", "message", "hint"),
    [
        (
            "{{ row.code | upper }}",
            {"row": None, "context": {"code": 1}},
            "'row' is null, so it has no 'code'",
            "if row",
        ),
        ("{{ row.code.x | upper }}", {"row": {"code": None}}, "'row.code' is null, so it has no 'x'", "if row.code"),
        ("{{ row['cod'] | upper }}", {"row": {"code": 1}}, "'row' has no 'cod'", "did you mean 'code'?"),
        ("{{ rows[0].code | upper }}", {"rows": [{}], "context": {"code": 1}}, "there is no 'code'", "None"),
    ],
)
def test_a_failure_says_of_what_and_never_suggests_what_it_complains_about(
    text: str, values: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        Template(text).render(values)
    assert caught.value.message == message
    assert hint in str(caught.value.hint)
