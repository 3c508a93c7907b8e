from __future__ import annotations

import pytest

from realtime_scenarios.standin.smalltalk import smalltalk_in
from support.telephone import tool


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("who", ["what is your name?", "who are you", "who am I speaking to?", "how are you?", "¿quién es?", "êtes-vous un robot ?"]),
        ("end", ["that's all", "nothing else", "I'm done, thank you", "bye", "thanks, see you later", "au revoir", "adiós"]),
        ("again", ["I don't understand", "sorry, I didn't get that", "what do you mean?", "huh?", "pouvez-vous répéter ?"]),
        ("help", ["I have a question", "can you help me?", "what can you do?"]),
        ("thanks", ["thank you so much for your help", "ok cheers", "thanks a million", "merci beaucoup", "gracias"]),
        ("greeting", ["hello?", "are you there", "can you hear me", "good morning", "bonjour madame", "buenos días"]),
        ("yes", ["y", "yup", "ok, fine", "exactly", "that's right", "oui", "sí"]),
        ("no", ["n", "nope", "no thanks", "never mind", "non merci"]),
        ("angry", ["this is ridiculous", "you stupid thing"]),
        (None, ["I have a dog", "can I bring something else", "have a seat for me", "that's all I want to know about bags",
                "tell me a joke"]),
    ],
)  # fmt: skip
def test_small_talk_is_known_for_what_it_is(kind, texts):
    assert {text: smalltalk_in(text) for text in texts} == dict.fromkeys(texts, kind)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("how are you?", "I am an offline stand-in: I follow fixed rules and am neither a person nor a language model. "
         "You could say, for example: “When are you open?”"),
        ("that's all", "All right. Thank you for calling. Goodbye!"),
        ("I have a question", "You could say, for example: “When are you open?”"),
        ("👎", "All right. Is there something else I can help you with?"),
        ("👋", "Hello! How can I help you?"),
    ],
)  # fmt: skip
def test_small_talk_is_answered_without_a_call(line, text, said):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]))
    assert desk.says(text) == said
    assert desk.calls == []


def test_who_does_not_understand_hears_it_again(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]), hours="From nine to five.")
    desk.says("When are you open?")
    assert desk.says("I don't understand") == "Once more: From nine to five."
    assert desk.says("I don't understand") == "Once more: From nine to five."
    assert "for example" in desk.says("asdf")


def test_words_of_anger_about_something_that_can_be_done_are_a_request(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]), hours="From nine to five.")
    assert desk.says("ridiculous! when are you open?") == "From nine to five."


@pytest.mark.parametrize(
    ("instructions", "only_english"),
    [
        ("Speak French and nothing else.", False),
        ("Vous êtes la voix de la maison, et vous parlez avec les clients.", False),
        ("Speak English only. If the caller speaks German, say so.", True),
        ("If the caller speaks another language, answer in German.", True),
        ("You are kind.", True),
    ],
)
def test_only_an_agent_that_speaks_english_says_that_it_does(line, instructions, only_english):
    said = line(tool("x", "Do it."), instructions=instructions).says("Où est mon chien, et pour qui ?")
    assert (said == "I am sorry, I can only help in English.") is only_english
