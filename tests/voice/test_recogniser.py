"""Speech to text by pocketsphinx, taught from a scenario: what its callers say is heard, and what it is taught."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from realtime_scenarios.core import ScenarioError, resource_folder
from realtime_scenarios.project import example, load
from realtime_scenarios.project.callers_lines import callers_lines
from realtime_scenarios.voice import PCM16, PartFailed, Utterance, encoded, pocketsphinx, resampled
from realtime_scenarios.voice.formats import MU_LAW
from realtime_scenarios.voice.language import pronunciations, said_words, spelled_sounds, ways_to_say
from realtime_scenarios.voice.mistakes import misheard
from realtime_scenarios.voice.parts import LISTENERS, PartOptions
from realtime_scenarios.voice.pocketsphinx import Pocketsphinx
from realtime_scenarios.voice.written import Writing
from support.sounds import needs_flite, needs_pocketsphinx, quiet, said_by_flite

SEATS = ("What flight am I on?", "I would like to sit by the window.", "Put me in 23A please.")


@pytest.fixture(scope="module")
def recogniser() -> Iterator[Pocketsphinx]:
    recogniser = Pocketsphinx(SEATS)
    yield recogniser
    recogniser.close()


def said(line: str) -> Utterance:
    return Utterance(encoded(said_by_flite(line), PCM16))


@needs_flite
@needs_pocketsphinx
def test_what_callers_of_the_scenario_say_is_heard_word_for_word_and_written_as_they_write_it(
    recogniser: Pocketsphinx,
) -> None:
    for line in ("What flight am I on?", "I would like to sit by the window."):
        assert recogniser.transcribe(said(line)) == line


@needs_flite
@needs_pocketsphinx
def test_other_words_are_written_as_they_are_said(recogniser: Pocketsphinx) -> None:
    line = "I would like to sit."
    assert recogniser.transcribe(said(line)) == " ".join(said_words(line))


@needs_flite
@needs_pocketsphinx
def test_the_telephone_is_heard_too_and_silence_is_no_word(recogniser: Pocketsphinx) -> None:
    sound = encoded(resampled(said_by_flite(SEATS[0]), 24000, 8000), MU_LAW)
    assert (recogniser.transcribe(Utterance(sound, MU_LAW)) or "").lower().strip("?").endswith("flight am i on")
    assert recogniser.transcribe(Utterance(encoded(quiet(1000), PCM16))) == ""
    assert recogniser.transcribe(Utterance(b"")) == ""


@needs_flite
@needs_pocketsphinx
def test_the_same_utterance_is_heard_alike_whatever_came_before(recogniser: Pocketsphinx) -> None:
    utterance = said("I need to sit in the window, what flight is it?")
    heard = [recogniser.transcribe(utterance)]
    recogniser.transcribe(said(SEATS[1]))
    heard.append(recogniser.transcribe(utterance))
    other = Pocketsphinx(SEATS)
    heard.append(other.transcribe(utterance))
    other.close()
    assert heard[0] and heard == [heard[0]] * 3


@needs_flite
@needs_pocketsphinx
def test_a_recogniser_that_died_fails_one_utterance_and_hears_the_next() -> None:
    recogniser = Pocketsphinx(SEATS)
    assert recogniser.transcribe(said(SEATS[0])) == SEATS[0]
    process = recogniser._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(PartFailed, match="has died"):
        recogniser.transcribe(said(SEATS[0]))
    assert recogniser.transcribe(said(SEATS[0])) == SEATS[0]
    recogniser.close()


def test_a_recogniser_that_hangs_fails_one_utterance(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = [sys.executable, "-c", "import sys; print('ready', flush=True); sys.stdin.read()"]
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: popen(silent, **options))
    monkeypatch.setattr(pocketsphinx, "_SECONDS", 1)
    recogniser = Pocketsphinx(SEATS)
    with pytest.raises(PartFailed, match="has died"):
        recogniser.transcribe(Utterance(bytes(4800)))
    recogniser.close()


def test_another_language_is_refused_and_said_so() -> None:
    with pytest.raises(PartFailed, match="knows English, and the session speaks 'fr'"):
        Pocketsphinx(SEATS).transcribe(Utterance(bytes(4800), language="fr"))


@needs_pocketsphinx
def test_it_wants_to_know_whose_callers_it_hears() -> None:
    with pytest.raises(ScenarioError, match="knows no words"):
        LISTENERS["pocketsphinx"](PartOptions())


def test_without_the_extra_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_scenarios.voice.pocketsphinx.find_spec", lambda name: None)
    with pytest.raises(ScenarioError, match="pocketsphinx is not installed"):
        LISTENERS["pocketsphinx"](PartOptions("airline"))


@pytest.mark.parametrize(
    ("line", "ways"),
    [
        ("I\u2019m Riley: re-book me!", ["i'm riley re book me"]),
        ("at 8:30", ["at eight thirty", "at eight three zero"]),
        (
            "in 1979",
            ["in nineteen seventy nine", "in one thousand nine hundred seventy nine", "in one nine seven nine"],
        ),
        (
            "555 010",
            [
                "five hundred fifty five zero one zero",
                "five five five zero one zero",
                "five fifty five zero one zero",
            ],
        ),
        ("the 31st", ["the thirty first"]),
        ("2005", ["two thousand five", "two zero zero five"]),
        ("2080", ["two thousand eighty", "two zero eight zero", "twenty eighty"]),
        ("1200", ["twelve hundred", "one thousand two hundred", "one two zero zero"]),
        ("94105", ["nine four one zero five", "ninety four thousand one hundred five"]),
        ("jane@example.com", ["jane at example dot com", "jane at example com"]),
    ],
)
def test_a_line_in_the_ways_that_it_may_be_said(line: str, ways: list[str]) -> None:
    assert [" ".join(way) for way in ways_to_say(line)] == ways


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("move me to twelve a abc one twenty three", "move me to 12A ABC123"),
        ("five five five zero one zero zero one nine nine please", "555 010 0199 please"),
        ("it is jane at example dot com", "it is jane@example.com"),
        ("born in nineteen seventy nine and paid eighty five", "Born in 1979, and paid 85."),
        ("two for twelve people", "two for twelve people"),
        ("no figures here", "no figures here"),
        ("", ""),
    ],
)
def test_what_lines_write_in_figures_is_written_so_wherever_it_is_heard(heard: str, written: str) -> None:
    lines = ("Seat 12A, ABC123.", "Call 555 010 0199", "jane@example.com", "Born in 1979, and paid 85.", "12 or 2?")
    assert Writing(lines).of(heard) == written


def test_a_line_of_many_figures_is_known_by_few_of_them_in_a_row() -> None:
    few, many = (Writing([" ".join(str(number) for number in range(200, last))]) for last in (260, 320))
    assert len(many._figures) < 2.2 * len(few._figures)
    assert many.of("so two twelve two thirteen") == "so 212 213"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("the 21st", "the twenty first"),
        ("the 1234567th", "the one two three four five six seventh"),
        ("9" * 5_000 + "th", "nine " * 4_999 + "ninth"),
    ],
)
def test_ordinals_of_any_length_are_words(said: str, words: str) -> None:
    assert " ".join(said_words(said)) == words


@pytest.mark.parametrize("name", sorted(folder.name for folder in resource_folder("scenarios").iterdir()))
def test_each_line_of_a_scenario_is_written_without_a_mistake_however_its_numbers_are_said(name: str) -> None:
    path = example(name)
    assert path is not None
    project = load(path)
    lines = callers_lines(project.scenario, project.dialogues)
    writing = Writing(lines)
    for line in lines:
        for way in ways_to_say(line):
            assert misheard(line, writing.of(" ".join(way))).wrong == 0


def test_words_that_no_dictionary_has_are_put_together_or_guessed() -> None:
    known = {"snow": ["S N OW"], "board": ["B AO R D"], "read": ["R EH D", "R IY D"]}
    assert dict(pronunciations(["snowboard"], known)) == {"snowboard": "S N OW B AO R D"}
    assert list(pronunciations(["read"], known)) == [("read", "R EH D"), ("read", "R IY D")]
    assert list(pronunciations(["latif"], known)) == [("latif", "L AE T IH F"), ("latif", "L AH T IH F")]
    assert spelled_sounds("shake") == "SH AE K"
    assert list(pronunciations(["\u2014"], known)) == []


def test_lines_of_callers_count_more_than_what_is_written_about_them() -> None:
    path = example("airline")
    assert path is not None
    project = load(path)
    lines = callers_lines(project.scenario, project.dialogues)
    (spoken, *_) = [turn.user for dialogue in project.dialogues for turn in dialogue.turns if turn.user]
    assert lines.count(spoken) >= 4
    assert not any("check_flights" in line for line in lines)
    assert len(lines) == len([line for line in lines if line.strip()])


def test_addresses_and_numbers_that_callers_say_are_taught_and_those_of_authors_are_not() -> None:
    path = example("front_desk")
    assert path is not None
    project = load(path)
    lines = callers_lines(project.scenario, project.dialogues)
    assert "jane@example.com" in lines and "555 010 0199" in lines
