from __future__ import annotations

import json

import pytest

from realtime_scenarios.standin.language import texts_of
from realtime_scenarios.standin.telling import reading_of, spoken_answer

ENGLISH = texts_of("en")
NOT_THERE = ENGLISH.not_there

ORDERS = {
    "orders": [
        {
            "order_id": "SNP-20230914-001",
            "order_date": "2024-09-14T09:30:00Z",
            "delivered_date": "2024-09-16T14:00:00Z",
            "order_status": "delivered",
            "subtotal_usd": 409.98,
            "total_usd": 471.48,
            "items": [{"item_id": "SNB-TT-X01", "item_name": "Twin Tip"}],
        },
        {"order_id": "SNP-20230820-002", "order_status": "in_transit", "delivered_date": None, "total_usd": 390.97},
    ]
}
SALES = {"sales": [{"item_id": n, "name": name, "sale_price_usd": n} for n, name in enumerate("ABCDE", 1)]}


@pytest.mark.parametrize(
    ("data", "question", "said"),
    [
        ("It is sunny in Lima.", "weather?", "It is sunny in Lima."),
        ("- it is sunny", "weather?", "It is sunny."),
        (True, "do it", ""),
        (None, "do it", ""),
        ({"success": True}, "do it", ""),
        ({"success": True, "data": {"seat": "12A"}}, "which seat?", "Seat 12A."),
        (42, "how many?", "42."),
        ([], "any orders?", "I found nothing for that."),
        (["red", "green", "blue"], "colours?", "Red, green and blue."),
        ({"nextResponse": "Your bill is $42.17."}, "my bill?", "Your bill is $42.17."),
        ({"checkoutUrl": "https://example.com/checkout"}, "pay", "Checkout url https://example.com/checkout."),
        (
            ORDERS,
            "where is my order?",
            "Order SNP-20230914-001: order date 2024-09-14, delivered date 2024-09-16, delivered, subtotal 409.98, "
            "total 471.48. "
            "Order SNP-20230820-002: in transit, total 390.97.",
        ),
        (SALES, "what is on sale?", "A: sale price 1. B: sale price 2. C: sale price 3. And 2 more."),
        (
            {"name": "Jo", "plan": "Plus", "balance_due": "$42.17"},
            "what is my balance?",
            "Jo: plan Plus, balance due $42.17.",
        ),
        (
            {"name": "Jo", "bill": {"roaming": "$8.00", "data": "$4.00"}},
            "why is my bill so high",
            "Jo: roaming $8.00, data $4.00.",
        ),
    ],
)
def test_an_output_is_put_in_words(data, question, said):
    assert spoken_answer(data, question, ENGLISH) == said


PARAGRAPHS = (
    "Returns are accepted within thirty days. Items must be unused and in their packaging. Shipping is not refunded. "
    "Defective goods are replaced within one year."
)
LONG = f"{PARAGRAPHS} {'The shop was founded long ago by two brothers who loved the mountains. ' * 8}"


def test_a_few_sentences_are_read_as_they_stand():
    assert spoken_answer(PARAGRAPHS, "do you sell kayaks?", ENGLISH, looked_up=True) == PARAGRAPHS


def test_of_a_long_text_only_what_answers_is_said():
    said = spoken_answer(LONG, "what about defective goods?", ENGLISH, looked_up=True)
    assert said == "Defective goods are replaced within one year."


def test_a_long_text_that_does_not_answer_is_not_read_out():
    assert spoken_answer(LONG, "do you sell kayaks?", ENGLISH, looked_up=True) == NOT_THERE


def test_the_long_answer_of_another_tool_is_begun():
    said = spoken_answer(LONG, "do you sell kayaks?", ENGLISH)
    assert said == "Returns are accepted within thirty days. Items must be unused and in their packaging."


@pytest.mark.parametrize(
    ("output", "manner"),
    [
        (
            "The caller cancelled the sign-in. Do not look up the flight; offer to help with something else.",
            "cancelled",
        ),
        ("A person was asked and said no. Do not do this; offer to help with something else.", "cancelled"),
        ("A person was asked and did not answer in time. Do not do this; offer something else.", "cancelled"),
        ("Tool execution was not approved.", "cancelled"),
        ('{"error": "The request was rejected by the user."}', "cancelled"),
        ("An error occurred while running the tool. Please try again.", "failed"),
        ("Tool 'x' not found", "failed"),
        ('{"error": "No booking with that number."}', "failed"),
        ('{"success": false}', "failed"),
        ("Tool 'x' timed out after 0.2 seconds.", "slow"),
        ("This is not allowed now: it requires context.verified.", "refused"),
        ("Verify the caller first.", "refused"),
        ("Invalid arguments: 'order_id' is missing.", "invalid"),
        ('{"error": true, "action": "MUST_ASK_USER", "missing": ["Birthdate"]}', "invalid"),
        ("Your card was declined.", "answer"),
        ("I'm sorry, I don't know the answer to that question.", "answer"),
        ("Batteries are never allowed in checked bags.", "answer"),
        ("Pets are not allowed in the cabin; they proceed to the hold.", "answer"),
        ("No booking was found. Do not try again; ask the caller for another number.", "answer"),
        ("Do not look it up; offer something else.", "refused"),
        ("Your flight AB12 was cancelled.", "answer"),
        ("Order 77: cancelled", "answer"),
        ("Refunds: given for flights that are cancelled.", "answer"),
        (json.dumps(ORDERS), "answer"),
    ],
)
def test_what_an_output_means(output, manner):
    assert reading_of(output).manner == manner


@pytest.mark.parametrize(
    ("data", "question", "said"),
    [
        ({"policies": [], "note": "No policy covers this topic."}, "bills?", "No policy covers this topic."),
        ([{"id": "ID-040", "name": "Handsets", "content": "A phone for $0."}], "phones?", "Handsets: A phone for $0."),
        ({"approved": False, "reason": "Broken goods only."}, "a refund", "Approved no, Broken goods only."),
        ({"approved": True}, "a refund", "Approved yes."),
        (
            {"AptNum": 77, "PatNum": 4, "date": "2026-11-21", "confirmed": True},
            "when?",
            "Date 2026-11-21, confirmed yes.",
        ),
        ({"AptNum": 77, "date": "2026-11-21"}, "what is the apt num?", "Apt num 77, date 2026-11-21."),
        ({"agent": "tourGuide", "date": "today"}, "who?", "Agent tour guide, date today."),
    ],
)
def test_what_only_machines_need_is_left_out(data, question, said):
    assert spoken_answer(data, question, ENGLISH) == said


def test_what_is_told_to_the_agent_is_not_said():
    assert (
        reading_of("No booking was found. Do not try again; ask the caller for another.").data
        == "No booking was found."
    )


def test_a_reason_is_passed_on_only_if_it_is_meant_for_people():
    assert reading_of('{"error": "No booking with that number."}').reason == "No booking with that number."
    assert reading_of('{"error": "KeyError in stub_module: booking_id"}').reason == ""
