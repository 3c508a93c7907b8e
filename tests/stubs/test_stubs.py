"""What a tool answers, kind by kind, in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.core.arguments import ArgumentCheck, arguments_of, repair_message
from realtime_scenarios.model.call import ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.project import load
from realtime_scenarios.session import LoopClock, run_in_virtual_time
from realtime_scenarios.standin.telling import reading_of
from realtime_scenarios.stubs.answering import answer
from realtime_scenarios.stubs.code import python_problems
from realtime_scenarios.stubs.session import StubSession
from support import Written
from support.stubs import called, outcome

SHOP = """
    scenario: shop
    start: main
    context:
      level: {type: integer, default: 0}
      name: {type: [string, "null"], default: null}
    agents:
      main:
        instructions: x
        tools: [nothing, greet, fails, branch, steps, late, never, orders, status, cancel, both, code, own, slow, raising, path]
    data:
      orders:
        rows:
          - {id: A-1, owner: Noor, status: sent}
          - {id: A-2, owner: Noor, status: packed}
    tools:
      nothing: {description: x}
      greet:
        description: x
        parameters: {name: string}
        returns: {text: "Hello {{ args.name }}", year: "{{ now.year }}", secret: "{{ approval.pin | length }}"}
        set: {name: args.name, level: context.level + 1}
      fails: {description: x, parameters: {name: string}, raises: "No {{ args.name }} here."}
      branch:
        description: x
        parameters: {n: integer}
        cases:
          - {when: args.n > 10, returns: many}
          - {when: args.n == 1, raises: just one}
          - {when: args.n == 2, returns: two, set: {level: '"high"'}}
      steps: {description: x, sequence: [{returns: first}, {raises: second}, {returns: third}]}
      late: {description: x, delay: 5s, returns: late}
      never: {description: x, timeout: 3s, times_out: true}
      orders: {description: x, parameters: {owner: string}, query: SELECT id FROM orders WHERE owner = :owner ORDER BY id}
      status:
        description: x
        parameters: {id: string}
        query: {sql: SELECT status FROM orders WHERE id = :wanted, params: {wanted: args.id | upper}, result: value, empty: no such order}
      found:
        description: x
        parameters: {id: string}
        query: {sql: "SELECT owner FROM orders WHERE id = :id", result: row}
        set: {name: row.owner}
      cancel:
        description: x
        parameters: {id: string}
        query: UPDATE orders SET status = 'cancelled' WHERE id = :id
        returns: "{{ args.id }} is cancelled"
      both:
        description: x
        query: ["INSERT INTO orders VALUES ('A-3', 'Bo', 'new')", "INSERT INTO orders VALUES (1, 2)"]
      code: {description: x, parameters: {a: integer, b?: integer}, python: "code:add"}
      own: {description: x, python: "code:about", set: {level: result.level}}
      slow: {description: x, timeout: 2s, python: "code:slow"}
      raising: {description: x, python: "code:raising"}
      path: {description: x, python: "code:unjson"}
"""

CODE = """
import asyncio
from helper import twice


def add(a: int, b: int = 0) -> int:
    return twice(a) + b


async def about(call) -> dict:
    return {"agent": call.agent, "level": call.context["level"] + 5}


async def slow() -> str:
    await asyncio.sleep(60)
    return "never seen"


def raising() -> str:
    raise ValueError("out of stock")


def unjson() -> object:
    return {1, 2}
"""


@pytest.fixture
def shop(written: Written) -> Path:
    written(CODE, "code.py")
    written("def twice(n):\n    return 2 * n\n", "helper.py")
    return written(SHOP)


def test_a_tool_without_a_stub_answers_true(shop: Path) -> None:
    assert outcome(shop, "nothing") == ("answered", True)


def test_templates_see_arguments_approval_and_the_clock(shop: Path) -> None:
    assert outcome(shop, "greet", name="Bo") == ("answered", {"text": "Hello Bo", "year": 2026, "secret": 4})


def test_set_changes_context_from_what_stood_before(shop: Path) -> None:
    (_, _), (second, _) = called(shop, ("greet", {"name": "Bo"}), ("greet", {"name": "Al"}))
    assert second.updates == {"name": "Al", "level": 2}


def test_an_error_is_told_in_the_authors_words(shop: Path) -> None:
    assert outcome(shop, "fails", name="Bo") == ("failed", "No Bo here.")


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (11, ("answered", "many")),
        (1, ("failed", "just one")),
        (5, ("failed", "Tool 'branch' failed: no case of 'branch' fits these arguments")),
        (2, ("failed", "Tool 'branch' failed: 'level' cannot be set to 'high': it does not fit the variable")),
    ],
)
def test_the_first_case_that_holds_answers(shop: Path, n: int, expected: tuple[str, str]) -> None:
    assert outcome(shop, "branch", n=n) == expected


def test_a_sequence_goes_on_and_its_last_answer_repeats(shop: Path) -> None:
    outputs = [result.output for result, _ in called(shop, *[("steps", {})] * 4)]
    assert outputs == ["first", "second", "third", "third"]


def test_a_delay_passes_on_the_clock_and_a_timeout_ends_at_its_second(shop: Path) -> None:
    (late, at), (never, then) = called(shop, ("late", {}), ("never", {}))
    assert (late.output, at) == ("late", 5)
    assert (never.outcome, never.output, then) == ("timed_out", "Tool 'never' timed out after 3 seconds.", 8)


def test_a_query_binds_its_arguments_and_never_pastes_them(shop: Path) -> None:
    assert outcome(shop, "orders", owner="Noor") == ("answered", [{"id": "A-1"}, {"id": "A-2"}])
    assert outcome(shop, "orders", owner="' OR '1'='1") == ("answered", [])


def test_a_query_whose_answer_needs_a_row_that_was_not_found_says_so(shop: Path) -> None:
    kind, told = outcome(shop, "found", id="A-9")
    assert kind == "failed"
    assert told.startswith("Tool 'found' failed: no row was found: 'name' cannot be set: 'row' is null")


def test_a_query_can_answer_with_one_value_or_with_words_where_there_is_none(shop: Path) -> None:
    assert outcome(shop, "status", id="a-1") == ("answered", "sent")
    assert outcome(shop, "status", id="a-9") == ("answered", "no such order")


def test_each_conversation_has_its_own_copy_of_the_data(shop: Path) -> None:
    results = called(shop, ("cancel", {"id": "A-1"}), ("status", {"id": "A-1"}))
    assert [result.output for result, _ in results] == ["A-1 is cancelled", "cancelled"]
    assert outcome(shop, "status", id="A-1") == ("answered", "sent")


def test_a_statement_that_fails_takes_the_others_back(shop: Path) -> None:
    (both, _), (orders, _) = called(shop, ("both", {}), ("orders", {"owner": "Bo"}))
    assert both.outcome == "failed"
    assert orders.output == []


def test_python_is_called_with_the_arguments_and_may_ask_for_the_call(shop: Path) -> None:
    assert outcome(shop, "code", a=4, b=1) == ("answered", 9)
    assert outcome(shop, "code", a=4) == ("answered", 8)
    result, _ = called(shop, ("own", {}))[0]
    assert (result.output, result.updates) == ({"agent": "main", "level": 5}, {"level": 5})


def test_python_that_is_slow_raises_or_answers_nonsense_is_an_answer_too(shop: Path) -> None:
    assert outcome(shop, "slow") == ("timed_out", "Tool 'slow' timed out after 2 seconds.")
    assert outcome(shop, "raising") == ("failed", "Tool 'raising' failed: ValueError: out of stock")
    assert outcome(shop, "path")[0] == "failed" and "no JSON" in outcome(shop, "path")[1]


def test_python_cannot_come_from_outside_the_folder(written: Written, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}_outside.py"
    outside.write_text("def f():\n    return 1\n", encoding="utf-8")
    try:
        path = written(
            "scenario: s\nstart: a\nagents: {a: {instructions: x, tools: [t]}}\ntools: {t: {description: x, python: 'link:f'}}\n"
        )
        (tmp_path / "link.py").symlink_to(outside)
        assert outcome(path, "t") == ("failed", "Tool 't' failed: 'link.py' leads out of the scenario's folder")
    finally:
        outside.unlink()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("ATTACH 'x.db' AS other", "only reading and changing"),
        ("PRAGMA table_info(orders)", "only reading and changing"),
        ("DROP TABLE orders", "only reading and changing"),
        ("CREATE TABLE t (a)", "only reading and changing"),
        ("SELECT load_extension('x')", "only reading|no such function|not authorized"),
        ("SELECT 1; DELETE FROM orders", "one statement"),
        ("SELECT :missing", "there is no value for ':missing'"),
        ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c", "takes too long"),
        ("SELECT * FROM nowhere", "no such table"),
    ],
)
def test_sql_reaches_nothing_but_the_rows(shop: Path, sql: str, reason: str) -> None:
    from realtime_scenarios.stubs.data import Database, QueryFailed

    database = Database(load(shop).scenario.data)
    try:
        with pytest.raises(QueryFailed, match=reason):
            database.run([sql], {})
        assert database.read("SELECT count(*) AS n FROM orders") == [{"n": 2}]
        with pytest.raises(QueryFailed):
            database.read("DELETE FROM orders")
    finally:
        database.close()


SCHEMA = {
    "type": "object",
    "properties": {
        "seat": {"type": "string", "pattern": "^[0-9]+[A-F]$"},
        "count": {"type": "integer", "minimum": 1},
        "size": {"enum": ["small", "large"]},
        "address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
    "required": ["seat"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "required argument 'seat' is missing"),
        ('{"seta": "1A"}', "unknown argument 'seta' (did you mean 'seat'?)"),
        ('{"seat": "A1"}', "argument 'seat' must match the pattern ^[0-9]+[A-F]$"),
        ('{"seat": 5}', "argument 'seat' must be of type string"),
        ('{"seat": "1A", "count": 0}', "argument 'count'"),
        ('{"seat": "1A", "size": "huge"}', 'argument \'size\' must be one of "small", "large"'),
        ('{"seat": "1A", "address": {}}', "required argument 'city' is missing in 'address'"),
        ("[1]", "the arguments are not a JSON object"),
        ("{", "the arguments are not a JSON object"),
    ],
)
def test_arguments_that_do_not_fit_are_explained(text: str, problem: str) -> None:
    _, problems = ArgumentCheck(SCHEMA).parsed(text)
    assert any(problem in found for found in problems), problems
    assert reading_of(repair_message("book", problems)).manner == "invalid"


def test_arguments_that_fit_are_taken_as_they_are() -> None:
    assert ArgumentCheck(SCHEMA).parsed('{"seat": "12A", "count": 2}') == ({"seat": "12A", "count": 2}, [])
    assert arguments_of("") == {}
    assert arguments_of("[" * 100_000) is None


def test_an_unknown_kind_of_stub_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        STUBS["quary"]
    assert caught.value.hint == "did you mean 'query'?"


COUNTING = """\
import helper

calls = 0

def count():
    global calls
    calls += 1
    helper.calls += 1
    return [calls, helper.calls, helper.who]
"""


def test_what_python_code_remembers_is_forgotten_after_the_conversation(tmp_path: Path) -> None:
    text = "scenario: s\nstart: a\nagents: {a: {instructions: x, tools: [t]}}\ntools: {t: {description: x, python: 'code:count'}}\n"
    sessions = {}
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "s.yaml").write_text(text, encoding="utf-8")
        (folder / "code.py").write_text(COUNTING, encoding="utf-8")
        (folder / "helper.py").write_text(f"calls = 10\nwho = '{name}'\n", encoding="utf-8")
        sessions[name] = load(folder / "s.yaml").scenario

    async def counted(name: str, times: int) -> list[object]:
        scenario = sessions[name]
        session = StubSession(scenario, LoopClock())
        call = ToolCall("t", "call_1", {}, {}, {}, session.clock.now(), "a", "a")
        outputs = [(await answer(scenario.tools["t"], call, session)).output for _ in range(times)]
        session.close()
        return outputs

    assert run_in_virtual_time(counted("one", 2)) == [[1, 11, "one"], [2, 12, "one"]]
    assert run_in_virtual_time(counted("one", 1)) == [[1, 11, "one"]]
    assert run_in_virtual_time(counted("two", 1)) == [[1, 11, "two"]]


@pytest.mark.parametrize("code", ["from other import f", "f = lambda: 1", "if True:\n    def f(): ...", "class f: ..."])
def test_a_function_that_comes_from_elsewhere_is_no_mistake(tmp_path: Path, code: str) -> None:
    (tmp_path / "code.py").write_text(f"{code}\n", encoding="utf-8")
    assert list(python_problems("code:f", tmp_path, {"properties": {}})) == []
    assert list(python_problems("code:g", tmp_path, {"properties": {}})) != []
