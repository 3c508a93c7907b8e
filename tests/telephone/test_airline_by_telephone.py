"""The airline by telephone: a question that is spoken over mu-law leads where the typed line leads."""

from __future__ import annotations

from realtime_scenarios.cli.voices import callers_lines_at
from realtime_scenarios.core import resource_folder
from realtime_scenarios.telephone.turns import HUNG_UP
from realtime_scenarios.trace import AgentSaid, HandedOff, ToolCalled, UserSaid
from realtime_scenarios.voice import Samples
from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS, PartOptions
from support.calls import answering, called, mu_law, silence
from support.carrier import BadLine
from support.conversations import of, talked_offline
from support.sounds import needs_flite, needs_pocketsphinx, said_by_flite

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
QUESTION = "How big can my carry-on be?"


@needs_flite
@needs_pocketsphinx
def test_a_spoken_question_leads_to_the_typed_lines_calls_and_is_answered_aloud() -> None:
    typed = talked_offline("airline", QUESTION)
    listener = LISTENERS["pocketsphinx"](PartOptions(str(AIRLINE), callers_lines=callers_lines_at))
    answers = answering(AIRLINE, None, listener=listener, speaker=SPEAKERS["flite"](PartOptions()))
    question: Samples = said_by_flite(QUESTION)
    bad = BadLine(seed=2, lost=0.02, doubled=0.05, late=0.2)
    held = called(answers, silence(9000) + mu_law(question) + silence(14_000), line=bad)
    seen = held.seen
    assert seen.why == HUNG_UP
    assert [event.to for event in seen.of(HandedOff)] == [event.to for event in of(typed, HandedOff)] == ["qa"]
    assert [event.tool for event in seen.of(ToolCalled)] == [event.tool for event in of(typed, ToolCalled)]
    assert [event.text for event in seen.of(UserSaid)] == [QUESTION]
    assert [event.text for event in seen.of(AgentSaid)][1:] == [event.text for event in of(typed, AgentSaid)]
    spoken_ms = sum(event.audio_ms for event in seen.of(AgentSaid))
    assert spoken_ms > 3000 and len(held.phone.ear.heard) >= spoken_ms * 8 * 0.9
