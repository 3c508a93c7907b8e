"""Callers who speak other languages than English: their author's examples are matched, and the frame is in their words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from realtime_scenarios import standin
from realtime_scenarios.standin.language import SPOKEN, texts_of, understood
from realtime_scenarios.trace import AgentSaid, HandedOff, ToolCalled
from support import Written
from support.conversations import held, of, saying
from support.telephone import tool

HOTELS = {
    "japanese": (
        {"rooms": ["部屋を予約したいです"], "breakfast": ["朝食は何時からですか"], "taxi": ["タクシーを呼んでください"]},
        {
            "部屋を予約したいのですが": "rooms",
            "明日の部屋の予約をお願いします": "rooms",
            "朝食は何時ですか？": "breakfast",
            "朝食の時間を教えてください": "breakfast",
            "タクシーをお願いします": "taxi",
            "空港までタクシーを呼んでもらえますか": "taxi",
        },
    ),
    "russian": (
        {"rooms": ["Я хочу забронировать номер"], "breakfast": ["Во сколько завтрак?"], "taxi": ["Вызовите мне такси"]},
        {
            "мне нужно забронировать номер": "rooms",
            "Можно забронировать номер на завтра?": "rooms",
            "когда у вас завтрак": "breakfast",
            "а завтрак во сколько?": "breakfast",
            "нужно такси": "taxi",
            "вызовите, пожалуйста, такси в аэропорт": "taxi",
        },
    ),
    "spanish": (
        {"rooms": ["Quiero reservar una habitación"], "breakfast": ["¿A qué hora es el desayuno?"], "taxi": ["Necesito un taxi"]},
        {
            "quisiera reservar una habitación para mañana": "rooms",
            "¿puedo reservar habitación?": "rooms",
            "el desayuno, ¿a qué hora?": "breakfast",
            "¿cuándo es el desayuno?": "breakfast",
            "me pide un taxi, por favor": "taxi",
            "un taxi al aeropuerto": "taxi",
        },
    ),
    "french": (
        {"rooms": ["Je voudrais réserver une chambre"], "breakfast": ["À quelle heure est le petit déjeuner ?"], "taxi": ["Il me faut un taxi"]},
        {
            "je veux réserver une chambre pour demain": "rooms",
            "est-ce que je peux réserver une chambre": "rooms",
            "le petit déjeuner, c'est quand ?": "breakfast",
            "à quelle heure servez-vous le petit déjeuner": "breakfast",
            "appelez-moi un taxi": "taxi",
            "un taxi s'il vous plaît": "taxi",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"), [(language, said) for language, (_, expected) in HOTELS.items() for said in expected]
)
def test_a_sentence_leads_where_an_example_of_its_language_leads(line, language, said):
    examples, expected = HOTELS[language]
    desk = line(*(tool(name, "", {}, phrases) for name, phrases in examples.items()))
    desk.says(said)
    assert [name for name, _ in desk.calls] == [expected[said]]


def test_a_sentence_about_nothing_of_the_kind_leads_nowhere(line):
    for language, said in (
        ("japanese", "猫が好きです"),
        ("russian", "сколько стоит картина"),
        ("spanish", "canta algo"),
    ):
        desk = line(*(tool(name, "", {}, phrases) for name, phrases in HOTELS[language][0].items()))
        desk.says(said)
        assert desk.calls == []


CLINIC = """
    scenario: clinic
    start: reception
    session: {transcription: {language: LANGUAGE}}
    prompt: {language: NAME}
    agents:
      reception:
        instructions: x
        handoffs: [{to: nurse, examples: [FEVER]}]
        tools: [book]
      nurse: {instructions: x, handoffs: [reception]}
    tools:
      book:
        description: Book a visit.
        examples: [VISIT]
        parameters: {day: {type: string, enum: [monday, friday]}}
        returns: OK
"""
CLINICS = {
    "ja": ("Japanese", "熱があります", "診察の予約をしたい", "昨日から熱があるんです", "診察を予約したいです"),
    "ru": ("Russian", "У меня температура", "Хочу записаться на приём", "у ребёнка температура", "запишите на приём"),
}


@pytest.mark.parametrize("code", CLINICS)
def test_a_scenario_of_another_language_is_rehearsed_by_its_examples(written: Written, code: str) -> None:
    name, fever, visit, said_fever, said_visit = CLINICS[code]
    text = CLINIC.replace("LANGUAGE", code).replace("NAME", name).replace("FEVER", fever).replace("VISIT", visit)
    trace, _ = held(written(text), None, saying(said_visit, "friday"))
    assert [dict(event.arguments) for event in of(trace, ToolCalled)] == [{"day": "friday"}]
    assert "monday" in of(trace, AgentSaid)[0].text
    trace, _ = held(written(text), None, saying(said_fever))
    assert [event.to for event in of(trace, HandedOff)] == ["nurse"]


@pytest.mark.parametrize("code", SPOKEN)
def test_the_frame_is_in_the_language_of_the_agent(written: Written, code: str) -> None:
    name = {"en": "English", "fr": "French", "es": "Spanish"}[code]
    text = CLINIC.replace("LANGUAGE", code).replace("NAME", name).replace("FEVER", "xyz").replace("VISIT", "abc def")
    trace, _ = held(written(text), None, saying("qwertz uiop", "abc def"))
    declined, asked = (event.text for event in of(trace, AgentSaid))
    assert declined.startswith(texts_of(code).do_not_know)
    assert asked.startswith(texts_of(code).which_one.split("{")[0].split("¿")[0])


def test_every_sentence_that_the_code_says_is_in_every_language() -> None:
    files = [file for file in Path(standin.__file__).parent.glob("*.py") if file.stem != "matching"]
    sources = [file.read_text("utf-8") for file in files]
    named = {name for source in sources for name in re.findall(r"\btexts\.(\w+)", source)} - {"code", "take_a_yes"}
    replies = {name for names in understood()["replies"].values() for name in names}
    named |= replies - {"this_is_now", "examples"}  # made of others
    assert {"do_not_know", "questions", "goodbye"} <= named
    for code in SPOKEN:
        assert all(hasattr(texts_of(code), name) for name in (*named, "cancelled", "failed", "refused", "slow")), code
