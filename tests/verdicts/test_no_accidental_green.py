"""What once passed, though something in it did not hold."""

from __future__ import annotations

import pytest

from realtime_scenarios import MistakesError, replay
from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from support import Written
from support.fallible import result_of_another_model

APPROVALS = """\
scenario: desk
start: desk
agents: {{desk: {{instructions: "Use pay.", tools: [pay]}}}}
tools:
  pay: {{description: Pay., approval: {{{rule}}}, returns: paid}}
dialogues:
  - id: paid
    turns: {turns}
"""

ASKED_AGAIN = (
    """[{user: Pay, agent: [{call: pay, approval: [{approve: {pin: "47"}}, {approve: {pin: "4711"}}]}, {say: Ok}]}]"""
)
REMEMBERED = """
      - {{user: Pay, agent: [{{call: pay, approval: {decision}}}, {{say: Ok}}]}}
      - {{user: Pay, agent: [{{call: pay{more}}}, {{say: Ok}}], expect: [{{approval: {{{expected}}}}}]}}"""


def _messages(text: str, written: Written) -> list[str]:
    return [failure.message for result in replay(written(text)) for failure in result.failures]


def _paid(rule: str, turns: str, written: Written) -> list[str]:
    return _messages(APPROVALS.format(rule=rule, turns=turns), written)


def test_a_decision_that_nobody_asked_for_is_told(written: Written) -> None:
    pattern = 'fields: {pin: {label: PIN, pattern: "^[0-9]{4}$"}}'
    assert _paid(pattern, ASKED_AGAIN, written) == []
    assert _paid("fields: {pin: {label: PIN}}", ASKED_AGAIN, written) == [
        "nobody asked for this decision: 'pay' was decided before it"
    ]


def test_who_is_asked_nothing_is_not_asked_in_these_words(written: Written) -> None:
    rule = "remember: session, question: Pay 5 euros?"
    decided, asked = (
        REMEMBERED.format(decision="approve", more="", expected=f"tool: pay, {expected}")
        for expected in ("decision: approved", "asks: 5 euros")
    )
    assert _paid(rule, decided, written) == []
    assert _paid(rule, asked, written) == ["nobody was asked to approve 'pay': an earlier decision was remembered"]


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_that_is_given_anew_is_asked_for_anew(decision: str, written: Written) -> None:
    twice = REMEMBERED.format(decision=decision, more=f", approval: {decision}", expected="tool: pay")
    assert _paid("timeout: 60s", twice, written) == []
    assert _paid("remember: session", twice, written)[0] == (
        "nobody was asked to approve 'pay', though the dialogue gives a decision: an earlier decision was remembered"
    )


def test_a_call_that_is_rejected_by_a_remembered_no_was_to_be_made(written: Written) -> None:
    rule = "remember: session"
    known = REMEMBERED.format(decision="reject", more=", outcome: rejected", expected="decision: rejected")
    assert _paid(rule, known, written) == []
    unknown = REMEMBERED.format(decision="reject", more="", expected="decision: rejected")
    (message,) = _paid(rule, unknown, written)
    assert message.startswith("the call of 'pay' was rejected, as was remembered: ")


VALUES = """\
scenario: desk
start: desk
context: {{paid: {{type: object, default: {{euros: [1]}}}}}}
agents: {{desk: {{instructions: "Use look and fail.", tools: [look, fail]}}}}
tools:
  look: {{description: Look., parameters: {{at: {{type: array, items: {{}}}}}}, returns: {{euros: [1]}}}}
  fail: {{description: Fail., raises: There is none.}}
data: {{bills: {{rows: [{{id: 1, paid: true}}]}}}}
dialogues:
  - id: values
    turns: [{{user: Hi, agent: [{{say: Hello}}, {{call: {call}}}, {{say: Ok}}], expect: [{expected}]}}]
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("look, args: {at: [1]}, returns: {equals: {euros: [EURO]}}", ""),
        ("look, args: {at: [1]}", "{called: {tool: look, args: {at: {equals: [EURO]}}}}"),
        ("look, args: {at: [1]}", "{context: {paid: {equals: {euros: [EURO]}}}}"),
    ],
)
def test_true_is_not_the_number_one_inside_of_values_either(call: str, expected: str, written: Written) -> None:
    one, true = (
        _messages(VALUES.format(call=call.replace("EURO", euro), expected=expected.replace("EURO", euro)), written)
        for euro in ("1", "true")
    )
    assert (one, len(true)) == ([], 1)


@pytest.mark.parametrize("returns", ["true", "[{paid: true}]", "{paid: true}", "1", "[{paid: 1}]"])
def test_tables_have_no_yes_but_the_number_one(returns: str, written: Written) -> None:
    expected = f"{{data: {{query: SELECT paid FROM bills, returns: {returns}}}}}"
    assert _messages(VALUES.format(call="look, args: {at: []}", expected=expected), written) == []


def test_nothing_that_was_said_holds_what_is_excluded_alone(written: Written) -> None:
    assert _messages(VALUES.format(call="look, args: {at: []}", expected="{said: {excludes: Bye}}"), written) == []
    (message,) = _messages(VALUES.format(call="look, args: {at: []}", expected="{said: {excludes: Hello}}"), written)
    assert message == "the agent did not say it: expected it not to contain 'Hello', but it is 'Hello'"


def test_a_call_that_failed_is_told_where_its_answer_is_only_to_lack_something(written: Written) -> None:
    (message,) = _messages(VALUES.format(call="fail, returns: {excludes: secret}", expected=""), written)
    assert message.startswith("the call of 'fail' failed: ")
    assert _messages(VALUES.format(call="fail, returns: {contains: There is none}", expected=""), written) == []
    assert _messages(VALUES.format(call="fail, outcome: failed, returns: {excludes: x}", expected=""), written) == []


def test_a_script_in_which_the_agent_does_nothing_has_checked_nothing(written: Written) -> None:
    text = """\
scenario: desk
start: desk
agents: {desk: {instructions: You talk.}}
dialogues: [{id: silent, turns: [{user: Hi, expect: [{never_said: Bye}]}]}]
"""
    (result,) = replay(written(text))
    assert result.status == "skipped"


SECRETS = """\
scenario: desk
start: desk
context: {{code: {{type: string, default: "", secret: true}}}}
agents: {{desk: {{instructions: "Use pay and keep.", tools: [pay, keep]}}}}
tools:
  pay: {{description: Pay., approval: {{fields: {{pin: {{label: PIN, secret: true}}}}}}, returns: paid}}
  keep: {{description: Keep., parameters: {{code: string}}, returns: kept, set: {{code: args.code}}}}
dialogues:
  - id: secret
    turns: [{{user: Hi, agent: [{moves}, {{say: "{said}"}}], expect: [{expected}]}}]
"""

PAID = "{call: pay, approval: {approve: {pin: hunter2}}}"
KEPT = "{call: keep, args: {code: hunter2}}"


@pytest.mark.parametrize("moves", [PAID, KEPT])
@pytest.mark.parametrize(
    "expected",
    [
        "{never_said: hunter2}",
        "{nowhere: hunter2}",
        "{never_said: {any_of: [swordfish, hunter2]}}",
        "{never_said: It is hunter2}",
    ],
)
def test_a_secret_that_is_said_aloud_is_told_though_the_record_hides_it(
    moves: str, expected: str, written: Written
) -> None:
    aloud = _messages(SECRETS.format(moves=moves, said="It is hunter2.", expected=expected), written)
    assert len(aloud) == 1
    assert moves == KEPT or "hunter2" not in aloud[0]
    kept = SECRETS.format(moves=PAID, said="It is a secret.", expected=expected)
    assert _messages(kept, written) == []


def test_a_guardrail_that_has_the_last_word_is_told_unless_one_is_expected(written: Written) -> None:
    text = """\
scenario: desk
start: desk
session: {{guardrails: {{max_trips: 1, apply: [promises]}}}}
agents: {{desk: {{instructions: You talk.}}}}
guardrails: {{promises: {{phrases: [I promise]}}}}
dialogues: [{{id: stopped, turns: [{{user: Hi, agent: [{{say: I promise you that.}}], expect: [{expected}]}}]}}]
"""
    assert _messages(text.format(expected="{guardrail: promises}"), written) == []
    (message,) = _messages(text.format(expected="{agent: desk}"), written)
    assert message == "guardrail 'promises' tripped and ended the turn, and the dialogue expects no guardrail"


ORDER = """\
scenario: desk
start: desk
context: {code: {type: string, default: "", secret: true}}
agents: {desk: {instructions: "Use status.", tools: [status]}}
tools:
  status:
    description: Look an order up by its number.
    examples: [Where is my order A-1777?]
    parameters: {order_id: string}
    returns: On its way.
dialogues:
  - id: secret
    context: {code: A-1777}
    turns: [{user: "Where is my order A-1777?", agent: [{call: status, args: {order_id: SENT}}, {say: On its way.}]}]
"""


def test_a_secret_that_another_model_sends_is_no_other_value(written: Written) -> None:
    (sent,) = replay(written(ORDER.replace("SENT", "A-1777")), provider="offline")
    assert sent.passed
    (other,) = replay(written(ORDER.replace("SENT", "B-99")), provider="offline")
    assert [failure.message for failure in other.failures] == [
        "a call of 'status' with {\"order_id\": \"[secret]\"} was made, but argument 'order_id': "
        "expected 'B-99', but it is '[secret]'"
    ]


EXPERT = """\
scenario: desk
start: desk
agents: {desk: {instructions: "Use ask.", tools: [ask]}}
tools: {ask: {description: Ask., supervisor: expert}}
supervisors: {expert: {instructions: "{{ 'long ' * LENGTH }}PRICE{{ 'long ' * LENGTH }}", fallback: No.}}
dialogues:
  - id: asked
    turns:
      - user: Hi
        agent: [{call: ask, nested: [{answer: Yes.}]}, {say: Yes.}]
        expect: [{EXPECTED}]
"""


def _asked(length: int, expected: str, written: Written) -> list[str]:
    return _messages(EXPERT.replace("LENGTH", str(length)).replace("EXPECTED", expected), written)


def test_what_a_text_model_was_not_shown_is_not_known_where_the_record_is_cut(written: Written) -> None:
    (message,) = _asked(4000, "asked: {supervisor: expert, excludes: PRICE}", written)
    assert message.startswith("what the text model of 'expert' was shown is too long to be kept whole")


def test_what_stands_nowhere_is_not_known_where_the_record_is_cut(written: Written) -> None:
    (message,) = _asked(4000, "nowhere: PRICE", written)
    assert message == (
        "what the text model of 'expert' was shown is too long to be kept whole, so that nobody knows what stands in it"
    )
    assert _asked(10, "nowhere: DISCOUNT", written) == []
    assert _asked(10, "nowhere: PRICE", written) == ["'PRICE' stands in this event"]


def test_what_is_given_up_whenever_it_is_used_fails_where_it_is_used_and_nothing_else_does(written: Written) -> None:
    text = """\
scenario: desk
start: desk
agents: {desk: {instructions: "Use count.", tools: [count]}}
tools: {count: {description: Count., returns: "LOOP"}}
dialogues:
  - {id: used, turns: [{user: Hi, agent: [{call: count, outcome: failed}, {say: Sorry.}]}]}
  - {id: not-used, turns: [{user: Hi, agent: [{say: Hello.}]}]}
"""
    loop = "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}"
    assert [result.status for result in replay(written(text.replace("LOOP", loop)))] == ["passed", "passed"]


def test_a_file_of_dialogues_is_one_however_its_ending_is_written(written: Written) -> None:
    scenario = written("{scenario: desk, start: desk, agents: {desk: {instructions: You talk.}}}")
    folder = scenario.parent / "dialogues"
    folder.mkdir()
    dialogue = "scenario: PATH\ndialogues: [{id: seen, turns: [{user: Hi, agent: [{say: Hello.}]}]}]\n"
    (folder / "b.YAML").write_text(dialogue.replace("PATH", f"../{scenario.name}"), encoding="utf-8")
    assert [result.dialogue.id for result in replay(scenario)] == ["seen"]


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        ("contains: paid", ["the data is not as expected: 'paid' stands only in the names of columns: {\"paid\": 1}"]),
        (
            "contains: [paid, '1']",
            ["the data is not as expected: 'paid' stands only in the names of columns: {\"paid\": 1}"],
        ),
        (
            "any_of: [paid, free]",
            ["the data is not as expected: 'paid' stands only in the names of columns: {\"paid\": 1}"],
        ),
        ("any_of: [paid, '1']", []),
        ("contains: '1'", []),
        ("contains: '\"paid\": 1'", []),
        ("excludes: free", []),
    ],
)
def test_rows_do_not_contain_the_names_of_their_columns(returns: str, expected: list[str], written: Written) -> None:
    data = f"{{data: {{query: SELECT paid FROM bills, returns: {{{returns}}}}}}}"
    assert _messages(VALUES.format(call="look, args: {at: []}", expected=data), written) == expected


@pytest.mark.parametrize(
    "expected", ["called: {tool: look, times: {at_least: 0}}", "responses: {at_least: 0}", "took: {at_least: 0s}"]
)
def test_what_is_expected_at_least_no_time_is_a_mistake(expected: str, written: Written) -> None:
    with pytest.raises(MistakesError, match="this holds whatever happens"):
        replay(written(VALUES.format(call="look, args: {at: []}", expected=f"{{{expected}}}")))


LISTENED = """\
scenario: desk
start: desk
session: {{guardrails: {{apply: [polite]}}}}
agents: {{desk: {{instructions: You greet.}}}}
guardrails: {{polite: {{{decides}}}}}
dialogues: [{{id: greeted, turns: [{{user: Hi, agent: [{{say: Hello}}], expect: [{{guardrail: none}}]}}]}}]
"""


def test_a_guardrail_that_cannot_look_at_what_is_said_did_not_let_it_pass(written: Written) -> None:
    written("def reason(text): raise ValueError('broken')\n", "rules.py")
    (message,) = _messages(LISTENED.format(decides="python: 'rules:reason'"), written)
    assert message == "guardrail 'polite' could not look at it: failed: ValueError: broken"


def test_where_no_text_model_classifies_nobody_knows_whether_a_guardrail_trips(written: Written) -> None:
    classified = written(LISTENED.format(decides="classify: {instructions: Be strict., categories: {RUDE: Insults}}"))
    (offline,) = replay(classified, provider="offline")
    assert offline.status == "skipped"
    assert [left.reason for left in offline.unchecked] == ["no text model classified what the agent said"]
    (scripted,) = replay(classified)
    assert scripted.passed


def test_what_a_model_that_fails_lets_pass_was_not_looked_at_unless_it_fails_on_purpose(written: Written) -> None:
    listened = LISTENED.format(decides="classify: {instructions: Be strict., categories: {RUDE: Insults}}")
    failing = listened.replace("{say: Hello}", "{say: Hello, classified: {polite: error}}")
    project = load(written(failing))
    (dialogue,) = project.dialogues
    other = result_of_another_model(compiled(project.scenario), dialogue)
    assert [left.reason for left in other.unchecked] == ["no text model classified what the agent said"]
    assert _messages(failing, written) == []


SECRET = """\
scenario: desk
start: desk
context: {{pin: {{type: string, default: "{pin}", secret: true}}}}
agents: {{desk: {{instructions: You greet.}}}}
dialogues: [{{id: greeted, turns: [{{user: Hi, agent: [{{say: Hello}}], expect: [{{context: {{pin: {expected}}}}}]}}]}}]
"""
HIDDEN = (
    "context variable 'pin' holds a secret: expect '[secret]', that there is one, or an empty value, that there is none"
)


@pytest.mark.parametrize("expected", ["'471147'", "{equals: '471147'}", "{excludes: '471147'}", "{any_of: ['471147']}"])
def test_what_a_secret_is_cannot_be_expected(expected: str, written: Written) -> None:
    assert _messages(SECRET.format(pin="471147", expected=expected), written) == [HIDDEN]


def test_that_there_is_a_secret_or_none_can_be_expected(written: Written) -> None:
    assert _messages(SECRET.format(pin="471147", expected="'[secret]'"), written) == []
    assert _messages(SECRET.format(pin="", expected="''"), written) == []
    (message,) = _messages(SECRET.format(pin="471147", expected="''"), written)
    assert message == "context variable 'pin': expected '', but it is '[secret]'"


PROMISED = """\
scenario: desk
start: desk
agents: {desk: {instructions: Use look., tools: [look]}}
tools: {look: {description: Look., filler: [One moment.], returns: nine}}
dialogues:
  - id: silent
    turns: [{user: When?, agent: [{call: look}, {say: At nine.}], expect: [{breaks: filler}]}]
"""


def test_only_a_script_breaks_its_word_on_purpose(written: Written) -> None:
    project = load(written(PROMISED))
    (dialogue,) = project.dialogues
    result = result_of_another_model(compiled(project.scenario), dialogue)
    (message,) = [failure.message for failure in result.failures]
    assert message.startswith("'look' was called without a word to the caller before")
    assert _messages(PROMISED, written) == []


UNANSWERED = """\
scenario: desk
start: desk
agents: {{desk: {{instructions: "Help.", tools: [book]}}}}
tools: {{book: {{description: Book., returns: booked}}}}
dialogues:
  - id: unanswered
    turns:
      - {{user: Hello, agent: [{first}]}}
      - {{user: Book it, expect: [{expected}]}}
"""


@pytest.mark.parametrize("expected", ["", "never_said: closed", "not_called: book", "took: {at_most: 1s}"])
def test_what_holds_of_silence_alone_behind_lines_that_are_only_said_is_not_checked(
    expected: str, written: Written
) -> None:
    (result,) = replay(written(UNANSWERED.format(first="say: Hello", expected=f"{{{expected}}}" if expected else "")))
    assert result.status == "skipped" and result.skipped is not None
    assert result.skipped.startswith("nobody answers in its last turn")


@pytest.mark.parametrize(
    ("beside", "of_all"),
    [("", "never_said: sauna"), ("", "not_called: book"), (", expect: [{said: Hello}]", "never_said: sauna")],
    ids=["what is never said", "what is never called", "what the script says"],
)
def test_what_holds_of_lines_alone_checks_nothing_where_nobody_answers_last(
    written: Written, beside: str, of_all: str
) -> None:
    script = UNANSWERED.format(first=f"say: Hello]{beside}#", expected="").replace("#]", "")
    (result,) = replay(written(script + f"    expect: [{{{of_all}}}]\n"))
    assert result.status == "skipped" and "nobody answers in its last turn" in (result.skipped or "")


def test_a_call_before_a_last_word_that_nobody_answers_is_checked(written: Written) -> None:
    (result,) = replay(written(UNANSWERED.format(first="{call: book}, {say: Booked}", expected="not_called: book")))
    assert result.status == "passed"


def test_what_does_not_hold_of_silence_fails(written: Written) -> None:
    (result,) = replay(written(UNANSWERED.format(first="say: Hello", expected="said: booked")))
    assert result.status == "failed"
