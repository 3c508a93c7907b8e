"""What a person is asked about a call in words, and what of their answer is accepted."""

from __future__ import annotations

import pytest

from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer
from realtime_scenarios.suite import line_of
from realtime_scenarios.trace import (
    ApprovalDecided,
    ApprovalIncomplete,
    ApprovalRequested,
    ToolReturned,
    Trace,
    from_json_lines,
    to_json_lines,
)
from support import Answers, Written
from support.conversations import Person, held, of, saying

CASHIER = """
    scenario: cashier
    start: cashier
    context:
      code: {type: string, default: KX-4417, secret: true}
      house: {type: string, default: h-1}
    agents: {cashier: {instructions: You take payments., tools: [pay, refund, ledger]}}
    tools:
      pay:
        description: Pay an invoice.
        parameters: {invoice: string}
        approval:
          question: "Pay {{ row.amount }} euros for {{ args.invoice }} with code {{ context.code }}?"
          query: SELECT amount FROM invoices WHERE id = :invoice
          timeout: 60s
          fields:
            card: {label: Card number, secret: true, pattern: "^[0-9]{16}$"}
            receipt: {label: E-mail, format: email, required: false}
        returns: paid
      refund:
        description: Pay back.
        approval: {question: "{{ rows | length }} invoices of {{ context.house }}: pay all back?",
                   query: {sql: SELECT id FROM invoices WHERE house = :house, params: {house: context.house}}}
        returns: paid back
      ledger:
        description: Books.
        catalogue:
          functions:
            strike:
              description: Strike an entry.
              parameters: {entry: string}
              approval: {question: "Strike {{ args.entry }}?"}
              returns: struck
            close: {description: Close a year., parameters: {year: integer}, returns: closed}
        approval: {question: "Let {{ args.function_name }} change the books?"}
    data:
      invoices: {rows: [{id: A-1, amount: 120, house: h-1}, {id: A-2, amount: 30, house: h-1}]}
"""

CARD = "4111222233334444"


def paying(written: Written, call: str, arguments: str, *answers: ApprovalAnswer) -> tuple[Trace, Person]:
    person = Person(*answers)
    model = Answers([[CallFunction(call, arguments)], [SayText("Done.")]])
    return held(written(CASHIER), model, saying("Go on"), person=person)[0], person


def test_a_person_is_asked_in_words_about_the_rows_that_matter_and_without_secrets(written: Written) -> None:
    trace, person = paying(written, "pay", '{"invoice": "A-1"}', ApprovalAnswer("approve", {"card": CARD}))

    assert person.asked[0].question == "Pay 120 euros for A-1 with code [secret]?"
    assert of(trace, ApprovalRequested)[0].question == person.asked[0].question
    assert of(trace, ToolReturned)[0].output == "paid"
    assert "KX-4417" not in to_json_lines(trace)
    assert to_json_lines(from_json_lines(to_json_lines(trace))) == to_json_lines(trace)


def test_a_question_binds_expressions_beside_the_arguments(written: Written) -> None:
    _, person = paying(written, "refund", "{}", ApprovalAnswer("reject"))

    assert person.asked[0].question == "2 invoices of h-1: pay all back?"


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        ('{"function_name": "strike", "parameters": {"entry": "E-7"}}', "Strike E-7?"),
        ('{"function_name": "close", "parameters": {"year": 2025}}', "Let close change the books?"),
    ],
)
def test_a_question_reads_the_arguments_of_the_tool_or_function_whose_rule_it_is(
    written: Written, arguments: str, question: str
) -> None:
    _, person = paying(written, "ledger", arguments, ApprovalAnswer("approve"))

    assert [request.question for request in person.asked] == [question]


def test_nobody_says_yes_to_what_cannot_be_asked(written: Written) -> None:
    trace, person = paying(written, "pay", '{"invoice": "A-9"}', ApprovalAnswer("approve", {"card": CARD}))

    assert person.asked == [] and of(trace, ApprovalRequested) == [] and of(trace, ApprovalDecided) == []
    returned = of(trace, ToolReturned)[0]
    assert returned.outcome == "failed"
    assert returned.output.startswith("Tool 'pay' failed: the person who must approve it cannot be asked (")


def test_what_does_not_have_its_form_is_asked_for_again_with_the_reason_and_nothing_of_it_is_shown(
    written: Written,
) -> None:
    trace, person = paying(
        written,
        "pay",
        '{"invoice": "A-1"}',
        ApprovalAnswer("approve", {"card": "4111 2222 3333", "receipt": "noor at example"}),
        ApprovalAnswer("approve", {"card": "", "receipt": "noor@example.org"}),
        ApprovalAnswer("approve", {"card": CARD, "receipt": " "}),
    )
    unfit = {"card": "it does not match the pattern ^[0-9]{16}$", "receipt": "it is no email"}

    assert [(request.missing, request.unfit) for request in person.asked] == [
        ((), {}),
        ((), unfit),
        (("card",), {}),
    ]
    assert {request.question for request in person.asked} == {"Pay 120 euros for A-1 with code [secret]?"}
    assert [event.unfit for event in of(trace, ApprovalIncomplete)] == [unfit, {}]
    assert line_of(of(trace, ApprovalIncomplete)[0]).text == (
        "pay stays pending: card: it does not match the pattern ^[0-9]{16}$; receipt: it is no email"
    )
    assert "4111" not in to_json_lines(trace)
    assert of(trace, ToolReturned)[0].output == "paid"


def test_a_wrong_form_does_not_keep_anybody_from_saying_no(written: Written) -> None:
    trace, person = paying(written, "pay", '{"invoice": "A-1"}', ApprovalAnswer("reject", {"card": "1"}))

    assert len(person.asked) == 1
    assert of(trace, ApprovalDecided)[0].decision == "rejected"
