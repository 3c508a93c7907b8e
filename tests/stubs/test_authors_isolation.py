"""Author's functions work on copies: no call and no conversation sees what another one did to its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import LoopClock, run_in_virtual_time
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.stubs.modules import PACKAGE
from support import Written
from support.dialogues import played
from support.stubs import called, settled_result


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("call.context['bag'].append(1)", "'bag' in call.context"),
        ("call.context['who']['name'] = 'Bo'", "'who' in call.context"),
        ("call.context.pop('who')", "'who' in call.context"),
        ("call.context['new'] = None", "'new' in call.context"),
        ("call.args['x'].clear()", "'x' in call.args"),
        ("call.approval.clear()", "'pin' in call.approval"),
    ],
)
def test_a_call_cannot_be_changed_and_who_tries_is_told(scenario: Callable[..., Path], change: str, what: str) -> None:
    path = scenario(f"""
        def t(x, call):
            {change}
            return "done"
        def other(call): return [call.context, call.approval]
        """)
    (first, _), (second, _), (seen, _) = called(path, ("t", {"x": [1]}), ("t", {"x": [1]}), ("other", {}))
    sentence = f"Tool 't' failed: it changed {what}: a call is there to be read, and context changes by `set`"
    assert [(result.outcome, result.output) for result in (first, second)] == [("failed", sentence)] * 2
    assert seen.output == [{"bag": [], "who": {"name": "Noor"}}, {"pin": "4711"}]


def test_arguments_are_the_functions_own_and_what_it_gave_is_not(scenario: Callable[..., Path]) -> None:
    path = scenario(
        """
        kept = []
        def t(x, call):
            x.append(2)
            kept.append([*call.args["x"], *call.context["bag"]])
            return kept[-1]
        def other(call):
            kept[-1].append("behind your back")
            return call.context["bag"]
        """,
        set="{bag: result}",
    )
    (first, _), (other, _) = called(path, ("t", {"x": [1]}), ("other", {}))
    assert (first.outcome, first.output, first.updates) == ("answered", [1], {"bag": [1]})
    assert other.output == [1]


LEAK = """
    scenario: s
    start: main
    context: {bag: {type: array, default: []}, seen: {type: integer, default: 0}}
    agents: {main: {instructions: x, tools: [keep, look]}}
    tools:
      keep: {description: x, parameters: {tags: {type: array, default: []}}, python: "code:keep", set: {bag: result}}
      look: {description: x, returns: "{{ context.bag | length }}", set: {seen: context.bag | length}}
    dialogues:
      - &first
        id: first
        context: {bag: [0]}
        turns: &turns
          - user: Hi
            agent: [{call: look, returns: 1}, {call: keep}, {call: look, returns: 1}, {say: Ok.}]
            expect: [{context: {bag: [x], seen: 1}}]
      - {<<: *first, id: second}
      - id: third
        turns: [{user: Hi, agent: [{call: look, returns: 0}, {call: keep}, {say: Ok.}], expect: [{context: {bag: [x]}}]}]
      - id: fourth
        turns: [{user: Hi, agent: [{call: look, returns: 0}, {say: Ok.}], expect: [{context: {bag: []}}]}]
"""


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 2, 0), (1, 1, 3, 2)])
def test_no_conversation_sees_what_another_one_left(written: Written, order: tuple[int, ...]) -> None:
    written("kept = []\ndef keep(tags):\n    tags.append('x')\n    kept.append(tags)\n    return tags\n", "code.py")
    project = load(written(LEAK))
    assert not project.errors, project.errors
    scenario = compiled(project.scenario)
    for number in order:
        result = played(scenario, project.dialogues[number], PROVIDERS["scripted"], ProviderRequest())
        assert result.passed, (project.dialogues[number].id, [verdict.message for verdict in result.failures])


def test_conversations_that_overlap_have_copies_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"who = '{name}'\nseen = []\n", encoding="utf-8")
        (tmp_path / name / "code.py").write_text(
            "import pickle\nclass A: ...\n"
            "def f():\n    import helper\n    helper.seen.append(pickle.loads(pickle.dumps(A())))\n"
            "    return [helper.who, len(helper.seen), type(helper.seen[-1]) is A]\n",
            encoding="utf-8",
        )

    async def story() -> list[Any]:
        clock = LoopClock()
        codes = [AuthorsCode(tmp_path / name, clock) for name in ("one", "two", "one")]
        seen = [await code.result_of("code:f", settled_result) for code in (*codes, *codes)]
        for code in codes:
            code.close()
        return seen

    first = [["one", 1, True], ["two", 1, True], ["one", 1, True]]
    assert run_in_virtual_time(story()) == first + [[who, 2, same] for who, _, same in first]
    assert not [name for name in sys.modules if name.startswith(PACKAGE)]


def test_a_function_that_runs_on_cannot_reach_into_a_later_conversation(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"who = '{name}'\n", encoding="utf-8")
    (tmp_path / "one" / "code.py").write_text(
        "import time, pathlib\ndef f():\n    time.sleep(0.5)\n    try:\n        import helper\n        told = helper.who\n"
        "    except ImportError as problem:\n        told = str(problem)\n"
        "    pathlib.Path(__file__).with_name('told').write_text(told)\n",
        encoding="utf-8",
    )
    (tmp_path / "two" / "code.py").write_text("import helper, time\ndef f(): time.sleep(1); return helper.who\n")

    async def story() -> Any:
        clock = LoopClock()
        late = AuthorsCode(tmp_path / "one", clock)
        with pytest.raises(TimeoutError):
            async with clock.limit(0.1):
                await late.result_of("code:f", settled_result)
        late.close()
        code = AuthorsCode(tmp_path / "two", clock)
        answer = await code.result_of("code:f", settled_result)
        code.close()
        return answer

    assert run_in_virtual_time(story()) == "two"
    told = (tmp_path / "one" / "told").read_text(encoding="utf-8")
    assert told == "'helper' cannot be imported when the conversation is over"
