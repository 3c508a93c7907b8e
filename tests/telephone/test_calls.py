"""A call over a media stream, from its first frame to its last, in virtual time."""

from __future__ import annotations

import base64

from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.telephone.turns import HUNG_UP
from realtime_scenarios.trace import AgentSaid, Interrupted, SessionEnded, UserSaid
from support import Answers, Written
from support.calls import answering, called, mu_law, silence
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
