from __future__ import annotations

import pytest

from realtime_scenarios.standin.smalltalk import smalltalk_in
from support.telephone import tool


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("well", ["how are you?", "hi, how's it going", "How are you doing today?", "what's up"]),
        ("who", ["what is your name?", "who are you", "who am I speaking to?", "are you a real person"]),
        ("done", ["that's all", "no, that's all, thanks", "nothing else", "I'm done, thank you", "that will be all"]),
        ("confused", ["I don't understand", "sorry, I didn't get that", "what do you mean?", "huh?"]),
        ("question", ["I have a question", "can I ask you something?", "can you help me?", "hi, I need some help please"]),
        ("joke", ["tell me a joke"]),
        ("thanks", ["thank you so much for your help", "ok cheers", "thanks a million", "you've been very helpful"]),
        ("goodbye", ["bye", "thanks, see you later", "have a nice day", "ok I have to go, bye bye", "good night"]),
        ("there", ["hello?", "are you there", "are you even listening?", "can you hear me"]),
        ("angry", ["this is ridiculous", "you stupid thing", "I'll sue you"]),
        ("yes", ["y", "yup", "ok, fine", "exactly", "that's right"]),
        ("no", ["n", "nope", "no thanks"]),
        (None, ["I have a dog", "can I bring something else", "have a seat for me", "that's all I want to know about bags"]),
    ],
)  # fmt: skip
def test_small_talk_is_known_for_what_it_is(kind, texts):
    assert {text: smalltalk_in(text) for text in texts} == dict.fromkeys(texts, kind)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("how are you?", "Thank you, all is well here. How can I help you?"),
        ("that's all", "All right, thank you for calling. Goodbye!"),
        ("I have a question", "Of course, please go ahead. What is it about?"),
        ("this is ridiculous", "I am sorry that this is going badly. I am only an offline stand-in with fixed rules. "
         "You could say, for example: “When are you open?”"),
        ("👎", "All right. Is there something else I can help you with?"),
        ("👋", "Hello! I can say when we are open. How can I help you?"),
    ],
)  # fmt: skip
def test_small_talk_is_answered_without_a_call(line, text, said):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]))
    assert desk.says(text) == said
    assert desk.calls == []


def test_who_does_not_understand_hears_it_again(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]), hours="From nine to five.")
    desk.says("When are you open?")
    assert desk.says("I don't understand") == "Let me say it again: From nine to five."
    assert desk.says("I don't understand") == "Let me say it again: From nine to five."
    assert "offline stand-in" in desk.says("asdf") or "for example" in desk.says("asdf")


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
