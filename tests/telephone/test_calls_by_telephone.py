"""A call over a media stream, from its first frame to its last, in virtual time."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from realtime_scenarios.realtime import Engine
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.telephone.approving import NO_FORM, NO_KEY, Policy
from realtime_scenarios.telephone.callers_ear import CallersEar
from realtime_scenarios.telephone.turns import BROKEN, HUNG_UP
from realtime_scenarios.trace import AgentSaid, ApprovalDecided, Interrupted, SessionEnded, ToolReturned, UserSaid
from support import Answers, Written
from support.calls import Following, Held, answering, called, mu_law, silence
from support.carrier import QUIET, STREAM, Phone, connected, frames_of, key, started, stopped
from support.sounds import hum

DESK = "scenario: desk\nstart: desk\nagents: {desk: {instructions: You are a desk.}}\n"
VOICE = mu_law(hum(300, 900))


def test_the_agent_greets_hears_and_answers(written: Written) -> None:
    answers = answering(
        written(DESK), Answers([[SayText("Good day.")], [SayText("We are open.")]]), words=("Are you open?",)
    )
    held = called(answers, silence(2000) + VOICE + silence(4000))
    seen = held.seen
    assert seen.kinds == ["AgentSaid", "UserSaid", "AgentSaid", "SessionEnded"]
    assert [said.text for said in seen.of(AgentSaid)] == ["Good day.", "We are open."]
    assert [said.text for said in seen.of(UserSaid)] == ["Are you open?"]
    assert seen.of(SessionEnded)[0].reason == seen.why == HUNG_UP and seen.problem is None
    assert held.phone.closed == 1000
    media = [base64.b64decode(frame["media"]["payload"]) for frame in held.sent if frame["event"] == "media"]
    assert sum(map(len, media)) == sum(said.audio_bytes for said in seen.of(AgentSaid))
    assert max(map(len, media)) == 400


def test_a_caller_who_cuts_in_stops_the_agent_and_the_answer_is_cut_where_the_ear_was(written: Written) -> None:
    long = "One two three four five six seven eight nine ten eleven twelve."
    answers = answering(written(DESK), Answers([[SayText(long)], [SayText("Yes?")]]), words=("Stop.",))
    held = called(answers, silence(1500) + VOICE + silence(4000))
    interrupted = held.seen.of(Interrupted)
    assert (
        len(interrupted) == 1 and interrupted[0].heard.startswith("One two three") and "six" not in interrupted[0].heard
    )
    assert [frame["event"] for frame in held.sent].count("clear") == 1
    assert held.seen.of(AgentSaid)[0].interrupted and held.seen.of(AgentSaid)[1].text == "Yes?"


def frames(held: Held, kind: str) -> list[Any]:
    return [frame for frame in held.sent if frame["event"] == kind]


def dialled(*coming: tuple[float, str | None], until: float = 8000) -> Callable[[Phone], None]:
    """A caller whose side is silent, with frames that come at these milliseconds."""

    def dial(phone: Phone) -> None:
        phone.sounds(silence(int(until)))
        phone.comes(coming)

    return dial


LONG = "One two three four five six seven eight nine ten eleven twelve."
TWO_DESKS = """
scenario: desks
start: first
session: {voice: cedar}
agents:
  first: {name: First, instructions: You are the first., handoffs: [second]}
  second: {name: Second, instructions: You are the second.}
"""


def test_both_formats_are_mu_law_and_stay_so_across_a_handoff(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    begin = Engine.begin

    def kept(engine: Engine, text: str | bytes, now_ms: float | None = None) -> list[Any]:
        sent.append(json.loads(text))
        return begin(engine, text, now_ms)

    monkeypatch.setattr(Engine, "begin", kept)
    responder = Answers([[SayText("Good day.")], [CallFunction("transfer_to_second", "{}")], [SayText("Second here.")]])
    held = called(
        answering(written(TWO_DESKS), responder, words=("The other one.",)), silence(1500) + VOICE + silence(3000)
    )
    assert [said.text for said in held.seen.of(AgentSaid)] == ["Good day.", "Second here."]
    updates = [event["session"]["audio"] for event in sent if event["type"] == "session.update"]
    assert len(updates) == 2
    for audio in updates:
        assert audio["input"]["format"] == audio["output"]["format"] == {"type": "audio/pcmu"}
    sounds = b"".join(
        base64.b64decode(event["audio"]) for event in sent if event["type"] == "input_audio_buffer.append"
    )
    assert sounds == silence(1500) + VOICE.ljust(-len(VOICE) % 160 + len(VOICE), QUIET) + silence(3000)


def truncated(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The truncations that the engine is asked for, as they come."""
    asked: list[dict[str, Any]] = []
    begin = Engine.begin

    def kept(engine: Engine, text: str | bytes, now_ms: float | None = None) -> list[Any]:
        event = json.loads(text)
        if event["type"] == "conversation.item.truncate":
            asked.append(event)
        answers = begin(engine, text, now_ms)
        assert all(answer["type"] != "error" for answer in answers), answers
        return answers

    monkeypatch.setattr(Engine, "begin", kept)
    return asked


def test_what_was_made_at_once_is_truncated_where_the_ear_was_and_the_rest_at_nothing(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = truncated(monkeypatch)
    answers = answering(
        written(DESK),
        Answers([[SayText(LONG), SayText("And more.")], [SayText("Yes?")]]),
        words=("Stop.",),
        at_once=True,
    )
    held = called(answers, silence(1500) + VOICE + silence(4000))
    first, second = asked
    ear_ms = first["audio_end_ms"]
    assert 1500 <= ear_ms <= 1700 and ear_ms % 50 == 0 and second["audio_end_ms"] == 0
    assert first["item_id"] != second["item_id"]
    assert held.seen.of(Interrupted)[0].heard == "One two three four "
    assert [said.text for said in held.seen.of(AgentSaid)] == [LONG, "And more.", "Yes?"]
    assert len(frames(held, "clear")) == 1
    assert ear_ms - 50 <= len(held.phone.ear.heard) / 8 - 400 * 1 <= ear_ms + 100


def test_keys_are_told_the_agent_when_they_have_been_typed(written: Written) -> None:
    responder = Answers([[SayText("Your number?")], [SayText("Thank you.")], [SayText("Again?")]])
    answers = answering(written(DESK), responder)
    keys = [(2000 + 300 * at, key(digit)) for at, digit in enumerate("4711")]
    held = called(answers, dial=dialled(*keys, (6000, key("5")), (6100, key("#")), (7400, key("#"))))
    assert [said.text for said in held.seen.of(UserSaid)] == ["[keypad] 4711", "[keypad] 5"]
    assert [said.text for said in held.seen.of(AgentSaid)] == ["Your number?", "Thank you.", "Again?"]


def test_a_key_cuts_in_as_on_all_menus(written: Written) -> None:
    answers = answering(written(DESK), Answers([[SayText(LONG)], [SayText("Yes?")]]))
    held = called(answers, dial=dialled((1000, key("1")), (1100, key("#"))))
    assert len(frames(held, "clear")) == 1 and held.seen.of(AgentSaid)[0].interrupted
    assert held.seen.kinds == ["Interrupted", "AgentSaid", "UserSaid", "AgentSaid", "SessionEnded"]


ASKING = """
scenario: asking
start: desk
agents: {desk: {instructions: You book tables., tools: [book, sign_in]}}
tools:
  book:
    description: Call this to book a table.
    parameters: {guests: {type: integer}}
    approval: {question: "A table for {{ args.guests }}, is that right?"}
    returns: booked
  sign_in:
    description: Call this to sign in.
    approval: {fields: {pin: {label: PIN, secret: true}}}
    returns: signed in
"""


def booked(
    written: Written, *coming: tuple[float, str | None], policy: Policy | None = None, tool: str = "book"
) -> Held:
    arguments = '{"guests": 4}' if tool == "book" else "{}"
    responder = Following([SayText("Good day.")], [CallFunction(tool, arguments)], [SayText("That is it.")])
    answers = answering(written(ASKING), responder, words=("Book a table.",), policy=policy)

    def dial(phone: Phone) -> None:
        phone.sounds(silence(1500) + VOICE + silence(40_000))
        phone.comes(coming)

    return called(answers, dial=dial)


@pytest.mark.parametrize(("digit", "decision"), [("1", "approved"), ("2", "rejected")])
def test_the_caller_is_asked_aloud_and_answers_by_a_key(written: Written, digit: str, decision: str) -> None:
    held = booked(written, (12_000, key("7")), (20_000, key(digit)))
    said = [event.text for event in held.seen.of(AgentSaid)]
    question = "A table for 4, is that right? Press 1 for yes, or 2 for no."
    assert said == ["Good day.", question, question, "That is it."]
    assert [event.decision for event in held.seen.of(ApprovalDecided)] == [decision]
    assert not any("keypad" in event.text for event in held.seen.of(UserSaid))


@pytest.mark.parametrize(("later", "decision"), [("1", "approved"), ("2", "rejected"), ("", "rejected")])
def test_a_second_press_is_no_yes_to_a_question_that_nobody_has_asked_yet(
    written: Written, later: str, decision: str
) -> None:
    both = [CallFunction("book", '{"guests": 4}'), CallFunction("book", '{"guests": 400}')]
    responder = Following([SayText("Good day.")], both, [SayText("That is it.")], [SayText("And that.")])
    answers = answering(written(ASKING), responder, words=("Book two tables.",))

    def dial(phone: Phone) -> None:
        phone.sounds(silence(1500) + VOICE + silence(60_000))
        phone.comes([(15_000, key("1")), (15_200, key("1")), *([(26_000, key(later))] if later else [])])

    seen = called(answers, dial=dial).seen
    first, second = seen.of(ApprovalDecided)
    assert (first.decision, second.decision) == ("approved", decision)
    asked = next(said.seq for said in seen.of(AgentSaid) if "A table for 400" in said.text)
    assert second.seq > asked


def test_a_caller_who_presses_no_key_has_not_said_yes(written: Written) -> None:
    held = booked(written)
    assert [event.decision for event in held.seen.of(ApprovalDecided)] == ["rejected"]
    assert held.seen.of(ToolReturned)[0].output == NO_KEY


def test_what_has_to_be_filled_in_is_not_asked_for_aloud(written: Written) -> None:
    held = booked(written, tool="sign_in")
    assert [event.decision for event in held.seen.of(ApprovalDecided)] == ["rejected"]
    assert held.seen.of(ToolReturned)[0].output == NO_FORM
    assert [event.text for event in held.seen.of(AgentSaid)] == ["Good day.", "That is it."]


@pytest.mark.parametrize(
    ("policy", "decision"), [(Policy(approved=["book"]), "approved"), (Policy(rejected=["book"]), "rejected")]
)
def test_a_tool_that_is_decided_beforehand_is_not_asked_about(written: Written, policy: Policy, decision: str) -> None:
    held = booked(written, policy=policy)
    assert [event.decision for event in held.seen.of(ApprovalDecided)] == [decision]
    assert [event.text for event in held.seen.of(AgentSaid)] == ["Good day.", "That is it."]


def test_a_line_that_breaks_ends_its_conversation(written: Written) -> None:
    answers = answering(written(DESK), Answers([[SayText(LONG)]]))

    def dial(phone: Phone) -> None:
        phone.comes([(0, connected()), (0, started()), (500, None)])

    held = called(answers, dial=dial)
    assert (held.seen.why, held.seen.problem) == (BROKEN, None)
    assert held.seen.of(SessionEnded)[0].reason == BROKEN


def test_a_line_on_which_nothing_comes_any_more_is_broken_after_a_minute(written: Written) -> None:
    answers = answering(written(DESK), Answers([[SayText("Good day.")]]))
    held = called(answers, dial=lambda phone: phone.comes([(0, connected()), (0, started())]))
    assert held.seen.why == BROKEN and 60_000 <= held.lasted_ms < 61_000


def test_a_turn_ends_also_where_the_carrier_sends_no_silence(written: Written) -> None:
    responder = Answers([[SayText("Good day.")], [SayText("We are open.")]])
    answers = answering(written(DESK), responder, words=("Are you open?",))

    def dial(phone: Phone) -> None:
        phone.comes([(0, connected()), (0, started())])
        phone.comes((2000 + at * 20, frame) for at, frame in enumerate(frames_of(VOICE)))
        phone.comes([(9000, stopped())])

    held = called(answers, dial=dial)
    assert [said.text for said in held.seen.of(UserSaid)] == ["Are you open?"]
    assert [said.text for said in held.seen.of(AgentSaid)] == ["Good day.", "We are open."]


def test_a_model_that_fails_ends_the_call_with_its_reason(written: Written) -> None:
    answers = answering(written(DESK), Answers([[SayText("Good day.")]]), minutes=0.05)
    held = called(answers, silence(20_000))
    assert held.seen.problem is not None and "0.05" in held.seen.why and held.lasted_ms < 4000
    assert held.seen.of(SessionEnded)[0].reason == held.seen.why


def test_frames_that_are_none_are_passed_over_but_not_without_end(written: Written) -> None:
    answers = answering(written(DESK), Answers([[SayText("Good day.")]]))
    held = called(answers, dial=dialled(*((100 + at, "nonsense") for at in range(9)), until=2000))
    assert held.seen.why == HUNG_UP
    answers = answering(written(DESK), Answers([[SayText("Good day.")]]))
    held = called(answers, dial=dialled(*((100 + at, "nonsense") for at in range(19)), until=2000))
    assert held.seen.problem is not None and "JSON" in held.seen.why


def test_parameters_of_a_call_are_context_where_the_scenario_has_a_variable_for_them(written: Written) -> None:
    knowing = DESK + "context: {caller: {type: [string, 'null'], default: null}, tries: {type: integer, default: 1}}\n"
    answers = answering(written(knowing), Answers([]))
    assert answers.known_of({"caller": "+14155550100", "other": "x", "tries": "many"}) == {"caller": "+14155550100"}
    assert answers.known_of({"tries": "3"}) == {"tries": 3}


@pytest.mark.parametrize("detection", ["off", "{type: server_vad, create_response: false}"])
def test_turns_are_heard_and_answered_also_where_the_scenario_has_a_button_for_them(
    written: Written, detection: str
) -> None:
    pushed = f"{DESK}session: {{turn_detection: {detection}, output: text}}\n"
    responder = Answers([[SayText("Good day.")], [SayText("We are open.")]])
    held = called(
        answering(written(pushed), responder, words=("Are you open?",)), silence(2000) + VOICE + silence(4000)
    )
    assert [said.text for said in held.seen.of(AgentSaid)] == ["Good day.", "We are open."]


def test_a_scenario_in_which_the_caller_speaks_first_waits_for_that(written: Written) -> None:
    waiting = DESK + "opening: {speaks: caller}\n"
    answers = answering(written(waiting), Answers([[SayText("Yes?")]]), words=("Hello?",))
    held = called(answers, silence(500) + VOICE + silence(3000))
    assert held.seen.kinds == ["UserSaid", "AgentSaid", "SessionEnded"]


def test_what_has_not_gone_to_the_carrier_when_the_caller_cuts_in_never_does() -> None:
    async def cut() -> list[str]:
        ear = CallersEar(STREAM)
        ear.on_audio("item_1", VOICE)
        first = json.loads(await ear.next_frame())
        ear.on_cut("item_1")
        ear.on_audio("item_1", VOICE)
        ear.on_audio("item_2", VOICE[:400])
        return [first["event"], *[json.loads(await ear.next_frame())["event"] for _ in range(3)]]

    assert asyncio.run(cut()) == ["media", "clear", "media", "mark"]
