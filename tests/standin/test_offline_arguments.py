from __future__ import annotations

import json

import pytest

from support.telephone import PHONE, STRING, message, tool


def calls_of(line, *texts):
    line.says(*texts)
    return line.calls


def test_values_are_asked_for_one_by_one_and_then_sent(line):
    seats = line(
        tool(
            "update_seat",
            "Update the seat of a booking.",
            {"confirmation_number": STRING, "new_seat": STRING},
            ["Change my seat"],
        ),
        update_seat="Updated seat to 12A for confirmation number ABC123.",
    )
    assert seats.says("Change my seat") == "What is your confirmation number?"
    assert seats.says("confirmation ABC123") == "What is the new seat?"
    assert seats.says("seat 12A") == "Updated seat to 12A for confirmation number ABC123."
    assert seats.calls == [("update_seat", {"confirmation_number": "ABC123", "new_seat": "12A"})]


def test_values_that_were_volunteered_are_not_asked_for(line):
    seats = line(
        tool("update_seat", "Update a seat.", {"confirmation_number": STRING, "new_seat": STRING}, ["Change my seat"])
    )
    said = seats.says("Change my seat to 14C, the confirmation is XYZ789")
    assert said == "Confirmation number XYZ789, new seat 14C. Is that right?" and seats.calls == []
    assert calls_of(seats, "yes") == [("update_seat", {"confirmation_number": "XYZ789", "new_seat": "14C"})]


def test_what_was_read_back_is_not_done_after_a_no_and_changed_by_another_value(line):
    seats = line(tool("update_seat", "Update a seat.", {"new_seat": STRING}, ["Change my seat"]))
    assert calls_of(seats, "Change my seat to 14C", "no") == []
    assert seats.says("Change my seat to 14C", "no, 15D") == "15D. Is that right?"
    assert calls_of(seats, "yes") == [("update_seat", {"new_seat": "15D"})]


SPOKEN = [
    ({"phone_number": PHONE}, "206 555 0143", "(206) 555-0143"),
    ({"phone_number": PHONE}, "it's two oh six, five five five, oh one four three", "(206) 555-0143"),
    ({"phone": {**STRING, "pattern": r"^\d{10}$"}}, "(206) 555-0143", "2065550143"),
    ({"phone": {**STRING, "pattern": r"^\+1\d{10}$"}}, "1 206 555 0143", "+12065550143"),
    ({"phone": {**STRING, "description": "Phone as xxx-xxx-xxxx"}}, "206 555 0143", "206-555-0143"),
    ({"date_of_birth": {**STRING, "format": "date"}}, "March 12 1985", "1985-03-12"),
    ({"date_of_birth": STRING}, "the twelfth of March, nineteen eighty-five", "1985-03-12"),
    ({"date": {**STRING, "pattern": r"^\d\d/\d\d/\d{4}$"}}, "12/26/2024", "12/26/2024"),
    ({"date": STRING}, "26 December 2024 please", "2024-12-26"),
    ({"email": STRING}, "john dot doe at example dot com", "john.doe@example.com"),
    ({"email": STRING}, "j-o-n at example dot com", "jon@example.com"),
    ({"email": STRING}, "It is Jo.Doe+x@example.co.uk.", "Jo.Doe+x@example.co.uk"),
    ({"zip_code": STRING}, "94105", "94105"),
    ({"order_id": STRING}, "SNP-20230914-001", "SNP-20230914-001"),
    ({"confirmation_code": {**STRING, "pattern": "^[A-Z]{3}[0-9]{3}$"}}, "a b c one two three", "ABC123"),
    ({"record_locator": STRING}, "QWERTY", "QWERTY"),
    ({"customer_id": STRING}, "my id is C-88", "C-88"),
    ({"new_seat": STRING}, "twelve a please", "12A"),
    ({"last_4_digits": STRING}, "4-4-2-1", "4421"),
    ({"first_name": STRING}, "It's Maya", "Maya"),
    ({"last_name": STRING}, "my name is John Doe", "Doe"),
    ({"city": STRING}, "in Lima, please", "Lima"),
    ({"guests": {"type": "integer"}}, "we are twenty-five", 25),
    ({"amount": {"type": "number"}}, "12.50", 12.5),
    ({"floor": {"type": "integer", "maximum": 9}}, "the number is 3", 3),
    ({"express": {"type": "boolean"}}, "yes please", True),
    ({"express": {"type": "boolean"}}, "no", False),
    ({"category": {**STRING, "enum": ["snowboard", "boots", "any"]}}, "boots I think", "boots"),
    ({"last_4_digits_type": {**STRING, "enum": ["credit_card", "ssn"]}}, "it's my card", "credit_card"),
    ({"user_response": {**STRING, "enum": ["ACCEPTED", "DECLINED", "REMIND_LATER"]}}, "No thank you", "DECLINED"),
    ({"user_response": {**STRING, "enum": ["ACCEPTED", "DECLINED", "REMIND_LATER"]}}, "maybe later", "REMIND_LATER"),
    ({"days": {"type": "array", "items": {"enum": ["monday", "friday"]}}}, "Monday or Friday", ["monday", "friday"]),
    ({"item_ids": {"type": "array", "items": STRING}}, "A-1 and B-2", ["A-1", "B-2"]),
]


@pytest.mark.parametrize(("parameters", "said", "value"), SPOKEN)
def test_an_answer_becomes_the_value_that_the_schema_wants(line, parameters, said, value):
    desk = line(tool("enter", "Enter something.", parameters, ["I want to enter it"]))
    assert desk.says("I want to enter it").endswith("?")
    assert calls_of(desk, said) == [("enter", dict.fromkeys(parameters, value))]


def test_a_garbled_phone_number_is_asked_for_again_and_given_up_in_the_end(line):
    desk = line(tool("look_up", "Look up orders.", {"phone_number": PHONE}, ["Where is my order?"]))
    assert desk.says("Where is my order?") == "What is your phone number?"
    assert desk.says("020 555 0143 12") == "I am sorry, I did not get that. What is your phone number?"
    desk.says("banana")
    assert desk.says("banana again").startswith("I am sorry, I still did not get it")
    assert desk.calls == []


def test_an_address_is_asked_for_part_by_part_and_taken_as_it_was_said(line):
    parts = ("street", "city", "state", "postal_code")
    address = {"type": "object", "properties": dict.fromkeys(parts, STRING), "required": list(parts)}
    desk = line(tool("save_address", "Save an address.", {"new_address": address}, ["I have moved"]))
    assert desk.says("I have moved") == "What is your street?"
    desk.says("14 Pine Road", "in Queenstown", "Otago", "9300, please")
    expected = {"street": "14 Pine Road", "city": "Queenstown", "state": "Otago", "postal_code": "9300"}
    assert desk.calls == [("save_address", {"new_address": expected})]


def test_a_relative_date_needs_to_know_what_day_it_is(line):
    book = tool("book", "Book a table.", {"date": STRING}, ["Book a table"])
    assert line(book).says("Book a table for tomorrow") == "For which date?"
    desk = line(book, instructions="Today is 2026-03-01.")
    assert calls_of(desk, "Book a table for tomorrow", "yes") == [("book", {"date": "2026-03-02"})]


def test_what_was_given_once_is_used_again(line):
    desk = line(
        tool("authenticate", "Verify the caller.", {"phone_number": PHONE}, ["Verify me"]),
        tool("look_up_orders", "Look up orders.", {"phoneNumber": STRING}, ["Where is my order?"]),
    )
    desk.says("Verify me", "206 555 0143", "Where is my order?")
    assert desk.calls[-1] == ("look_up_orders", {"phoneNumber": "(206) 555-0143"})


def test_a_record_that_a_tool_returned_is_chosen_by_its_words_or_place(line):
    sales = {"sales": [{"item_id": 302, "name": "Summit Steps"}, {"item_id": 301, "name": "Glacier Grip"}]}
    tools = [
        tool("sales", "Look up what is on sale.", {}, ["What is on sale?"]),
        tool("add_to_cart", "Add an item to the cart.", {"item_id": STRING}, ["Add it to my cart"]),
        tool("checkout", "Check out the cart.", {"item_ids": {"type": "array", "items": STRING}}, ["I want to pay"]),
    ]
    desk = line(*tools, sales=sales)
    desk.says("What is on sale?", "add the first to my cart", "yes", "add the glacier grip to my cart", "yes")
    desk.says("I want to pay", "yes")
    assert desk.calls[1:] == [
        ("add_to_cart", {"item_id": "302"}),
        ("add_to_cart", {"item_id": "301"}),
        ("checkout", {"item_ids": ["302", "301"]}),
    ]


def test_an_optional_value_is_left_out_unless_it_was_said(line):
    search = tool("find_table", "Find a free table.", {"date": STRING, "city": STRING}, ["Find a table"])
    search["parameters"]["required"] = []
    assert calls_of(line(search), "Find a table") == [("find_table", {})]
    assert calls_of(line(search), "Find a table in Lima") == [("find_table", {"city": "Lima"})]


def test_a_value_that_only_one_choice_allows_is_not_asked_for(line):
    offer = tool(
        "log", "Log the offer.", {"offer_id": {"const": "a-592"}, "note": {"type": ["null", "string"]}}, ["Log it"]
    )
    assert calls_of(line(offer), "Log it") == [("log", {"offer_id": "a-592", "note": None})]


def test_another_wish_interrupts_an_open_question(line):
    desk = line(
        tool("book", "Book a table.", {"city": STRING}, ["Book a table"]),
        tool("hours", "Say when we are open.", {}, ["When are you open?"]),
        hours="We are open from 9 to 5.",
    )
    desk.says("Book a table")
    assert desk.says("When are you open?") == "We are open from 9 to 5."


def test_a_caller_may_leave_an_open_question(line):
    desk = line(tool("book", "Book a table.", {"city": STRING}, ["Book a table"]))
    desk.says("Book a table")
    assert desk.says("never mind").startswith("All right, I will leave that.")
    assert desk.calls == []


def test_an_answer_counts_even_if_the_caller_cut_into_the_question(line):
    desk = line(tool("book", "Book it.", {"confirmation_number": STRING}, ["Book it now"]))
    desk.items += [message("user", "Book it now"), message("assistant", "What is your confir")]
    assert calls_of(desk, "ABC123") == [("book", {"confirmation_number": "ABC123"})]


def test_a_rejected_argument_is_asked_for_once(line):
    complaint = "The arguments of find do not fit: 'order_id' is invalid. Ask for it and call again."
    desk = line(tool("find", "Find an order.", {"order_id": STRING}, ["Find order"]), find=complaint)
    assert desk.says("Find order 77123") == "What is your order number?"
    desk.outputs = {"find": json.dumps({"order_id": "A-1", "status": "in_transit"})}
    assert desk.says("A-1") == "Order A-1: in transit."
    assert [arguments for _, arguments in desk.calls] == [{"order_id": "77123"}, {"order_id": "A-1"}]


def test_a_handoff_with_inputs_is_filled_like_a_tool(line):
    transfer = tool(
        "transfer_to_returns", "Hand the caller to returns.", {"reason": STRING}, ["I want to return boots"]
    )
    assert calls_of(line(transfer), "I want to return my boots")[0] == (
        "transfer_to_returns",
        {"reason": "I want to return my boots"},
    )


CODE = {**STRING, "pattern": r"^[A-Z]+-\d+$"}
SPOKEN_APART = [
    ({"customer_id": CODE}, "C eighty-eight", "C-88"),
    ({"customer_id": CODE}, "C dash 9 8", "C-98"),
    ({"customer_id": CODE}, "Charlie eight eight", "C-88"),
    ({"first_name": STRING}, "J as in Jim, O, N", "Jon"),
    ({"first_name": STRING}, "John. Can we skip the rest?", "John"),
    ({"first_name": STRING}, "Fine, it is Ana", "Ana"),
    ({"new_seat": STRING}, "row fourteen seat C", "14C"),
    ({"new_seat": STRING}, "from 3A to 14C", "14C"),
    ({"new_seat": STRING}, "12A, no wait, 14C", "14C"),
    ({"date_of_birth": STRING}, "March twelfth eighty-five", "1985-03-12"),
    ({"guests": {"type": "integer"}}, "on March 12 at 7 pm, for 4", 4),
    ({"guests": {"type": "integer"}}, "from 2 to 5", 5),
]


@pytest.mark.parametrize(("parameters", "said", "value"), SPOKEN_APART)
def test_a_value_is_understood_the_way_it_is_spoken(line, parameters, said, value):
    desk = line(tool("enter", "Enter something.", parameters, ["I want to enter it"]))
    desk.says("I want to enter it")
    assert calls_of(desk, said) == [("enter", dict.fromkeys(parameters, value))]


@pytest.mark.parametrize("said", ["what is this about?", "yes ok then", "skip to the end", "12345", "thanks"])
def test_not_everything_is_a_name(line, said):
    desk = line(tool("enter", "Enter something.", {"first_name": STRING}, ["I want to enter it"]))
    assert calls_of(desk, "I want to enter it", said) == []


@pytest.mark.parametrize("said", ["no, 14C", "14C", "actually 14C please", "sorry, I meant 14C"])
def test_a_value_alone_corrects_the_call_that_was_just_made(line, said):
    desk = line(tool("update_seat", "Update a seat.", {"new_seat": STRING}, ["Change my seat"]), update_seat="Done.")
    assert calls_of(desk, "Change my seat to 12A", "yes", said) == [("update_seat", {"new_seat": "12A"})]
    assert calls_of(desk, "yes")[-1] == ("update_seat", {"new_seat": "14C"})


def test_what_corrects_a_call_stands_beside_what_else_was_said_for_it(line):
    seats = tool("update_seat", "Update a seat.", {"code": STRING, "new_seat": STRING}, ["Change my seat"])
    desk = line(seats, update_seat="Done.")
    desk.says("Change my seat", "ABC123", "12A", "thank you")
    assert desk.says("no, 14C") == "Code ABC123, new seat 14C. Is that right?"
    assert calls_of(desk, "yes", "15D", "yes")[1:] == [
        ("update_seat", {"code": "ABC123", "new_seat": "14C"}),
        ("update_seat", {"code": "ABC123", "new_seat": "15D"}),
    ]


def test_a_request_of_its_own_takes_nothing_from_the_call_before(line):
    seats = tool("update_seat", "Update a seat.", {"code": STRING, "new_seat": STRING}, ["Change my seat"])
    desk = line(seats, update_seat="Done.")
    desk.says("Change my seat", "ABC123", "12A")
    assert desk.says("Change my seat, the code is XYZ789") == "What is the new seat?"


def test_a_number_that_was_misheard_is_taken_anew(line):
    digits = {"last_four": {**STRING, "pattern": r"^\d{4}$"}}
    desk = line(tool("verify", "Verify a caller.", digits, ["Verify me"]), verify="Verified.")
    assert calls_of(desk, "Verify me", "0143", "no, 0134")[1:] == [("verify", {"last_four": "0134"})]


@pytest.mark.parametrize(
    "said", ["tell me a joke about 14C", "who sits in 14C?", "my brother sat in 14C", "cancel 14C", "12A", "thanks"]
)
def test_what_is_about_another_matter_corrects_no_call(line, said):
    desk = line(tool("update_seat", "Update a seat.", {"new_seat": STRING}, ["Change my seat"]), update_seat="Done.")
    assert calls_of(desk, "Change my seat to 12A", "yes", said, "yes") == [("update_seat", {"new_seat": "12A"})]


def test_a_no_with_another_value_is_no_cancellation(line):
    desk = line(tool("update_seat", "Update a seat.", {"code": STRING, "new_seat": STRING}, ["Change my seat"]))
    desk.says("Change my seat, the code is ABC123", "no, the code is XYZ789", "14C")
    assert desk.calls == [("update_seat", {"code": "XYZ789", "new_seat": "14C"})]
