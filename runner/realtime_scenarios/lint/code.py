"""Code inside a scenario that cannot run: templates, expressions, SQL, python targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from realtime_scenarios.document import Place
from realtime_scenarios.document.look_alikes import LOOK_ALIKES, described, first_look_alike
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import code_of, code_places, span_of_character, span_of_line, span_of_part, texts_of
from realtime_scenarios.model import Dialogue
from realtime_scenarios.model.mention import Query
from realtime_scenarios.model.written import Code, Written
from realtime_scenarios.templates import Expression, Template, TemplateError, free_names, problems

if TYPE_CHECKING:
    from realtime_scenarios.stubs.data import SqlProblem

_SECRET_IN_PROMPT = r"(?<!\{{)\{{\{{[^}}]*\bcontext\s*(?:\.\s*{0}\b|\[\s*['\"]{0}['\"]\s*\])[^}}]*\}}\}}"
_SECRET_OF_APPROVAL = r"\bapproval\s*(?:\.\s*{0}\b|\[\s*['\"]{0}['\"]\s*\])"


@rule("SC301", "bad-template")
def bad_template(subject: Subject) -> Iterator[Finding]:
    """A template or expression cannot be read, or uses a name that means nothing there.

    Problem: it would fail in the middle of a conversation.
    Instead: look at the names that may be used there. Instructions know `context`, `now`, `scenario` and `agent`; gates
    know `args`, `context`, `now` and `state`; answers know `args`, `context`, `approval` and `now`.
    """
    opening = subject.scenario.opening
    if opening is not None and opening.say is not None and ("{{" in opening.say or "{%" in opening.say):
        yield Finding(
            "the opening is said as it stands, not as a template", (opening.place / "say").span, "write it out"
        )
    for written in texts_of(subject.scenario):
        found = problems(written.text, written.kind, written.names)
        at = first_look_alike(written.text, code_places(written.text, written.kind)) if found else None
        if at is not None:
            yield _stray_character(written.text, at, written.place)
            continue
        for problem in found:
            if problem.stretch is not None:
                span = span_of_part(written.text, written.place, *problem.stretch)
            else:
                span = span_of_line(written.text, written.place, problem.line)
            yield Finding(problem.message, span, problem.hint)


@rule("SC302", "secret-leaves-approval")
def secret_leaves_approval(subject: Subject) -> Iterator[Finding]:
    """A secret field of an approval is used in something that the model will read.

    Problem: a secret reaches the stub and nothing else; in an answer or a context variable it would be blotted out.
    Instead: compare it (`when: approval.pin == ...`), bind it to a query, or pass it to python code.
    """
    for tool in subject.scenario.tools.values():
        secrets = [field.name for field in tool.approval.fields.values() if field.secret] if tool.approval else []
        for name in secrets:
            secret = re.compile(_SECRET_OF_APPROVAL.format(re.escape(name)))
            for answer in tool.stub.answers:
                for place, text in _texts_read_by_the_model(answer.place, answer.returns, answer.raises, answer.set):
                    if secret.search(text):
                        yield Finding(f"the secret '{name}' would be told to the model", place.span, "leave it out")


@rule("SC306", "secret-variable-in-prompt", "warning")
def secret_variable_in_prompt(subject: Subject) -> Iterator[Finding]:
    """A prompt shows a context variable that is secret.

    Problem: the model reads `[secret]` in its place, and may say so.
    Instead: let a tool compare or use the value; in a prompt, ask only whether there is one.
    """
    secrets = [name for name, variable in subject.scenario.context.items() if variable.secret]
    for written in texts_of(subject.scenario) if secrets else ():
        if "agent" not in written.names or written.kind != "template":
            continue
        for name in secrets:
            shown = re.compile(_SECRET_IN_PROMPT.format(re.escape(name)))
            for number, line in enumerate(written.text.splitlines(), 1):
                if name in line and shown.search(line):
                    span = span_of_line(written.text, written.place, number)
                    yield Finding(f"the prompt shows the secret '{name}'", span, "leave it out")


@rule("SC303", "bad-sql")
def bad_sql(subject: Subject) -> Iterator[Finding]:
    """A query cannot be run over the scenario's tables.

    Problem: it cannot be read, names a table or column that does not exist, has a parameter that is no argument, or
    reaches for more than the scenario's own rows.
    Instead: write SQLite's SQL over the tables below `data`; arguments are bound by name, as in `:phone`.
    """
    scenario = subject.scenario
    if any(table_findings(subject)):
        return  # that is told by another rule, and no query could be run
    asked = [mention for dialogue in subject.dialogues for mention in _queries_of(dialogue)] if scenario.data else []
    statements = [statement for _, statement in code_of(scenario, "sql")]
    if not statements and not asked:
        return
    from realtime_scenarios.stubs.data import Database, sql_problems  # only a scenario with queries needs SQLite

    with closing(Database(scenario.data, rows=False)) as database:
        for statement in statements:
            found = list(sql_problems(statement.text, database, statement.bound, reading=statement.only_reads))
            at = first_look_alike(statement.text, code_places(statement.text, "sql")) if found else None
            if at is not None:
                yield _stray_character(statement.text, at, statement.place)
                continue
            for problem in found:
                yield _sql_finding(problem, statement.text, statement.place)
        for mention in asked:
            for problem in sql_problems(mention.text, database, (), reading=True):
                yield _sql_finding(problem, mention.text, mention.place)


@rule("SC835", "endless-template", keeps_from_running=False)
def endless_template(subject: Subject) -> Iterator[Finding]:
    """A template or expression does more than it may, with what it is given when a conversation begins.

    Problem: it is given up where it is used. The call fails, or nobody can begin to talk.
    Instead: loop over less, and make less at a time: a rendering has two million steps, and 100,000 characters to show.
    """
    scenario = subject.scenario
    known: dict[str, object] = {
        "context": {name: variable.default for name, variable in scenario.context.items()},
        "now": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "scenario": {"id": scenario.id, "title": scenario.title},
        "locale": scenario.locale,
    }
    problems: dict[tuple[str, str], str | None] = {}  # in a mesh of agents the same text stands at each handoff
    for written in texts_of(scenario):
        key = (written.kind, written.text)
        if key not in problems:
            needed = free_names(written.text, written.kind)
            is_known = needed is not None and needed <= known.keys()
            problems[key] = _too_much_in(written, {name: known[name] for name in needed or ()}) if is_known else None
        if (problem := problems[key]) is not None:
            yield Finding(
                f"this {written.kind} is given up: {problem}", written.place.span, "loop over less, and make less of it"
            )


def _too_much_in(written: Written, values: Mapping[str, object]) -> str | None:
    """Which bound a template or expression meets with these values; None where it meets none."""
    try:
        if written.kind == "template":
            Template(written.text).render(values)
        else:
            Expression(written.text).evaluate(values)
    except TemplateError as problem:
        return problem.message if problem.is_too_much else None
    return None


@rule("SC836", "endless-query", keeps_from_running=False)
def endless_query(subject: Subject) -> Iterator[Finding]:
    """A query does more than it may, over the rows that the scenario begins with.

    Problem: it is given up, and the call fails.
    Instead: join on a column, and let a recursion come to an end. A query has five million steps of SQLite, and 10,000
    rows to find.
    """
    scenario = subject.scenario
    if any(table_findings(subject)):
        return
    statements = [statement for _, statement in code_of(scenario, "sql")]
    if not statements:
        return
    from realtime_scenarios.stubs.data import too_much_in

    for index, problem in too_much_in([statement.text for statement in statements], scenario.data):
        hint = "join on a column, and end a recursion with LIMIT"
        yield Finding(f"this query is given up: {problem}", statements[index].place.span, hint)


@rule("SC304", "bad-table")
def bad_table(subject: Subject) -> Iterator[Finding]:
    """A table of the scenario cannot be made, or a row does not fit it.

    Problem: a column type is not SQL, a constraint does not hold, or a row has a column that the table has not.
    Instead: look at the columns, and at the row.
    """
    yield from table_findings(subject)


@rule("SC305", "bad-python")
def bad_python(subject: Subject) -> Iterator[Finding]:
    """A python stub or guardrail names a function that is not there, or that does not take its arguments.

    Problem: the call would fail in the middle of a conversation. The code is read, not run.
    Instead: write `module:function`, the module being a file in the scenario's folder.
    """
    scenario = subject.scenario
    targets = list(code_of(scenario, "python"))
    checks = [guardrail for guardrail in scenario.guardrails.values() if guardrail.python is not None]
    if not targets and not checks:
        return
    from realtime_scenarios.stubs.code import python_problems  # only a scenario with code needs it

    for tool, target in targets:
        for message, hint in python_problems(target.text, scenario.folder, tool.parameters):
            yield Finding(message, target.place.span, hint)
    for guardrail in checks:
        for message, hint in python_problems(str(guardrail.python), scenario.folder, None):
            yield Finding(message, (guardrail.place / "python").span, hint)


def _queries_of(dialogue: Dialogue) -> Iterator[Query]:
    """What a dialogue asks the tables."""
    for expectation in dialogue.expectations:
        yield from (mention for mention in expectation.names() if isinstance(mention, Query))


def _sql_finding(problem: SqlProblem, statement: str, place: Place) -> Finding:
    span = span_of_part(statement, place, *problem.stretch) if problem.stretch is not None else place.span
    return Finding(problem.message, span, problem.hint, missing=problem.missing)


def is_sound(written: Written) -> bool:
    """Whether nothing is wrong with a template or expression as such."""
    return not problems(written.text, written.kind, written.names)


def sound_statements(subject: Subject) -> Iterator[Code]:
    """The SQL of tools with which nothing is wrong as such."""
    scenario = subject.scenario
    if any(table_findings(subject)):
        return
    statements = [statement for _, statement in code_of(scenario, "sql")]
    if not statements:
        return
    from realtime_scenarios.stubs.data import Database, sql_problems

    with closing(Database(scenario.data, rows=False)) as database:
        for statement in statements:
            if not any(sql_problems(statement.text, database, statement.bound)):
                yield statement


def _stray_character(text: str, at: int, place: Place) -> Finding:
    """The character that keeps code from being read: what the reader of the code says of it would not name it."""
    return Finding(described(text[at]), span_of_character(text, at, place), LOOK_ALIKES[text[at]].hint)


def table_findings(subject: Subject) -> Iterator[Finding]:
    """What keeps the tables from being made; no query can be run then."""
    for table in subject.scenario.data.values():
        known = {name.casefold() for name in table.columns}
        strangers = [(at, name) for at, row in enumerate(table.rows) for name in row if name.casefold() not in known]
        for at, name in strangers:
            place = table.place / "rows" / at / name
            yield Finding(
                f"table '{table.name}' has no column '{name}'",
                place.key_span,
                f"its columns are {', '.join(table.columns)}",
            )
        if not strangers:
            from realtime_scenarios.stubs.data import table_problem

            if problem := table_problem(table):
                place = table.place / "rows" / problem.row if problem.row is not None else table.place
                span = table.place.key_span if problem.row is None else place.span
                yield Finding(f"table '{table.name}' cannot be made: {problem.message}", span, problem.hint)


def _texts_read_by_the_model(
    place: Place, returns: object, raises: str | None, changes: Mapping[str, str]
) -> Iterator[tuple[Place, str]]:
    """The texts of an answer that end with the model."""
    yield from _strings_in(returns, place / "returns")
    if raises is not None:
        yield place / "raises", raises
    for name, text in changes.items():
        yield place / "set" / name, text


def _strings_in(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strings_in(inner, place / key)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _strings_in(item, place / index)
