"""Text to sound: the tone, programs on this machine, and where words end in what they say."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.core import Registry, ScenarioError, UsageError
from realtime_scenarios.core.speech import words_of
from realtime_scenarios.voice import (
    FORMATS,
    PCM16,
    Manner,
    PartFailed,
    Spoken,
    TextToSpeech,
    Tone,
    Unvoiced,
    decoded,
    phrases_of,
)
from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS, PartOptions
from realtime_scenarios.voice.speaking import spoken_from, word_ends
from realtime_scenarios.voice.waves import wave_in, wave_of
from support.sounds import decibels, hum, joined, needs_flite, quiet

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed (apt install espeak-ng)"
)
PROGRAMS = [pytest.param("flite", marks=needs_flite), pytest.param("espeak-ng", marks=needs_espeak)]
SENTENCE = "Your flight to New York leaves tomorrow morning at eight, and your bag may weigh fifty pounds."
texts = st.text(st.sampled_from("ab é東.,!? -\n"), max_size=60)


def speaker(name: str, argument: str = "") -> TextToSpeech:
    return SPEAKERS[name](PartOptions(argument))


def samples_of(spoken: object) -> array[int]:
    assert isinstance(spoken, Spoken)
    return decoded(spoken.audio, spoken.audio_format)


@given(texts, st.sampled_from(sorted(FORMATS)), st.sampled_from([0.25, 1.0, 1.3]))
def test_the_tone_lasts_as_long_as_plain_speech(text: str, kind: str, speed: float) -> None:
    spoken = Tone().speak(text, Manner("marin", speed, FORMATS[kind]))
    assert len(spoken.word_ends) == len(words_of(text))
    assert len(spoken.audio) == FORMATS[kind].bytes_of(spoken.word_ends[-1] if spoken.word_ends else 0)


def test_words_and_voices_have_notes_of_their_own() -> None:
    def note(word: str, voice: str = "marin") -> bytes:
        return Tone().speak(word, Manner(voice)).audio

    assert note("flight") == note("Flight, ") and note("flight") != note("bag")
    assert note("flight") != note("flight", "cedar")


@given(texts)
def test_phrases_are_the_words_in_order(text: str) -> None:
    phrases = list(phrases_of(words_of(text)))
    assert [word for phrase in phrases for word in phrase] == words_of(text)
    assert all(phrases)


def test_a_phrase_ends_with_a_sentence_or_where_it_is_long_with_a_comma() -> None:
    text = 'He said "No." So, well: it is what we have, and that, I think, is all'
    phrases = ["".join(phrase) for phrase in phrases_of(words_of(text))]
    assert phrases == ['He said "No." ', "So, well: it is what we have, ", "and that, I think, is all"]


@given(st.lists(st.sampled_from(["a ", "wonderful ", "day, ", "— "]), max_size=20), st.integers(0, 900))
def test_words_end_in_order_and_with_the_sound(words: list[str], ms: int) -> None:
    sound = joined([quiet(200), hum(300, ms), quiet(300)])
    ends = word_ends(words, sound, 24000, ms + 500)
    assert list(ends) == sorted(ends) and len(ends) == len(words)
    assert not ends or (ends[0] >= 0 and ends[-1] == ms + 500)


def test_words_share_what_sounds_and_not_the_silence_around_it() -> None:
    sound = joined([quiet(1000), hum(300, 1000), quiet(1000)])
    first, second = word_ends(["four ", "four"], sound, 24000, 3000)
    assert 1450 <= first <= 1550 and second == 3000


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_a_program_speaks_and_says_the_same_each_time(name: str, kind: str) -> None:
    manner = Manner("marin", 1.0, FORMATS[kind])
    spoken = speaker(name).speak(SENTENCE, manner)
    sound = samples_of(spoken)
    assert -35 < decibels(sound) < -6
    assert 3 < len(sound) / FORMATS[kind].rate < 9
    assert spoken == speaker(name).speak(SENTENCE, manner)
    assert len(spoken.word_ends) == 17


@pytest.mark.parametrize("name", PROGRAMS)
def test_voices_differ_and_speed_is_kept(name: str) -> None:
    part = speaker(name)
    plain = samples_of(part.speak(SENTENCE, Manner("marin")))
    assert samples_of(part.speak(SENTENCE, Manner("cedar"))) != plain
    assert 0.6 < len(samples_of(part.speak(SENTENCE, Manner("marin", 1.5)))) / len(plain) < 0.78


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("end", [". Seven", "? Seven", "! Seven.", ", seven", "\nSeven", " 7"])
def test_the_last_word_is_said(name: str, end: str) -> None:
    said, more = (samples_of(speaker(name).speak(text, Manner("marin"))) for text in ("Is it ten", f"Is it ten{end}"))
    sounding = [sum(abs(sample) > 300 for sample in samples) for samples in (said, more)]
    assert sounding[1] > sounding[0] * 1.2


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("text", ["...", "— ", ""])
def test_what_holds_no_letter_is_a_pause(name: str, text: str) -> None:
    assert isinstance(speaker(name).speak(text, Manner("marin")), Unvoiced)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("text", ["-b --version", "$(reboot) `id`; <speak>hello</speak>", "naïve 東京 café", "a" * 300])
def test_any_text_is_said_and_none_of_it_obeyed(name: str, text: str) -> None:
    assert len(samples_of(speaker(name).speak(text, Manner("marin")))) > 2400


@needs_flite
def test_a_voice_that_is_named_speaks_whatever_a_session_asks_for() -> None:
    part = speaker("flite", "kal")
    assert part.speak("Hello.", Manner("marin")) == part.speak("Hello.", Manner("cedar"))


@needs_espeak
def test_other_languages_are_spoken_too() -> None:
    french, english = speaker("espeak-ng", "fr"), speaker("espeak-ng")
    assert french.speak("Bonjour, madame.", Manner("marin")) != english.speak("Bonjour, madame.", Manner("marin"))


@pytest.mark.parametrize("program", ["flite", "espeak-ng"])
def test_a_program_that_is_not_there_is_told_with_the_way_out(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ScenarioError, match=f"{program} is not installed") as told:
        speaker(program)
    assert told.value.hint is not None and f"apt install {program}" in told.value.hint
    assert isinstance(speaker("auto"), Tone)


UNKNOWN = [
    pytest.param("flite:nobody", "unknown flite voice 'nobody'", "slt", marks=needs_flite),
    pytest.param("flite:slr", "unknown flite voice 'slr'", "did you mean 'slt'?", marks=needs_flite),
    pytest.param("flite:/nowhere/a.flitevox", "unknown flite voice '/nowhere/a.flitevox'", "slt", marks=needs_flite),
    pytest.param("espeak-ng:xx", "unknown espeak-ng language 'xx'", "choose one of: af, am, ", marks=needs_espeak),
    pytest.param("espeak-ng:xx+f3", "unknown espeak-ng language 'xx'", "choose one of: af, am, ", marks=needs_espeak),
    pytest.param("espeak-ng:fr+croaks", "unknown espeak-ng variant 'croaks'", "'croak'?", marks=needs_espeak),
    ("tone:loud", "'tone' has no 'loud'", "only 'tone'"),
    ("silence:deep", "'silence' has no 'deep'", "only 'silence'"),
]


@pytest.mark.parametrize(("asked", "message", "way_out"), UNKNOWN)
def test_a_voice_that_is_not_there_is_refused_with_some_that_are(asked: str, message: str, way_out: str) -> None:
    with pytest.raises(UsageError) as told:
        speaker(*asked.split(":", 1))
    assert told.value.message == message
    assert told.value.hint is not None and way_out in told.value.hint


@needs_espeak
@pytest.mark.parametrize("language", ["", "fr", "EN-US", "fr-ca", "de+croak", "de+12", "French (France)"])
def test_a_language_that_espeak_knows_is_taken(language: str) -> None:
    assert len(samples_of(speaker("espeak-ng", language).speak("Hello.", Manner("marin")))) > 2400


@pytest.mark.parametrize("given", [{"model": "tts-1"}, {"voice": "nova"}, {"rate": 16000}])
@pytest.mark.parametrize(("catalogue", "name"), [(SPEAKERS, "auto"), (SPEAKERS, "tone"), (LISTENERS, "script")])
def test_what_only_a_service_is_told_is_refused_where_none_is_asked(
    catalogue: Registry[Callable[[PartOptions], object]], name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match=r"is no service that is told a (model|voice|rate)"):
        catalogue[name](PartOptions(**given))


def test_a_wave_is_read_whatever_length_it_claims() -> None:
    sound = hum(440, 100)
    data = wave_of(sound, 24000)
    assert wave_in(data, "test").samples == sound
    untrue = data[:40] + b"\x00\xf0\xff\x7f" + data[44:]
    assert wave_in(untrue, "test").samples == sound
    with pytest.raises(PartFailed, match="test gave something that is no WAV file"):
        wave_in(b"RIFF....", "test")


def test_sound_at_any_rate_becomes_whole_milliseconds_of_the_format() -> None:
    for kind in FORMATS.values():
        spoken = spoken_from(hum(440, 333, rate=22050), 22050, "Hello.", kind)
        assert len(spoken.audio) == kind.bytes_of(spoken.word_ends[-1])
        assert abs(spoken.word_ends[-1] - 333) <= 2
    assert PCM16.rate == 24000
