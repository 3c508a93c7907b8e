"""`scenario run` with a voice: from files, over the whole loop of what hears, answers and speaks."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli import calling
from realtime_scenarios.cli.keyboard import CtrlC, EndOfInput
from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.trace import (
    AgentSaid,
    HandedOff,
    Interrupted,
    ToolCalled,
    ToolReturned,
    TraceEvent,
    UserSaid,
    from_json_lines,
)
from realtime_scenarios.voice import Samples
from realtime_scenarios.voice.waves import wave_in, wave_of
from support import PROGRAM
from support.command_line import run
from support.sounds import RATE, hum, joined, needs_flite, needs_pocketsphinx, needs_silero, quiet, said_by_flite

BAGS = "How big can my carry-on be?"
FLIGHT = "What flight am I on?"
DESK = """\
scenario: desk
start: desk
session: {turn_detection: {type: server_vad, silence_duration_ms: 400}}
agents: {desk: {instructions: You are a desk., tools: [hours]}}
tools:
  hours: {description: Tell when we are open., examples: [When are you open?], returns: "WORDS"}
"""
LONG = "We are open from nine to five on all days of the week but Sunday and Monday and never in August."
FAST = ("--pace", "fast", "--vad", "loudness", "--tts", "tone")
"""A call that takes no time, and needs no program."""


def written_wave(path: Path, *sounds: Samples) -> str:
    path.write_bytes(wave_of(joined(sounds), RATE))
    return str(path)


def desk(folder: Path, *lines: str, returns: str = "From nine to five.") -> list[str]:
    """The command for a call with that desk, whose callers' words are known beforehand."""
    (folder / "desk.yaml").write_text(DESK.replace("WORDS", returns), encoding="utf-8")
    (folder / "lines.txt").write_text("\n".join(lines), encoding="utf-8")
    return ["run", "desk.yaml", "--stt", "script:lines.txt", *FAST, "--trace", "trace.jsonl"]


def traced(folder: Path, name: str = "trace.jsonl") -> list[TraceEvent]:
    return from_json_lines((folder / name).read_text(encoding="utf-8"))


def moves(events: list[TraceEvent]) -> list[object]:
    """What was done, and what the agent said: all that must not depend on whether it was typed or spoken."""
    found: list[object] = []
    for event in events:
        match event:
            case ToolCalled():
                found.append(("calls", event.tool))
            case ToolReturned():
                found.append(("returns", event.tool, event.outcome, event.output))
            case HandedOff():
                found.append(("hands off", event.to))
            case AgentSaid():
                found.append(("says", event.text.strip()))
    return found


def loud_ms(samples: Samples) -> list[int]:
    """The tenths of a second in which something can be heard, by their beginnings in milliseconds."""
    step = RATE // 10
    return [at * 1000 // RATE for at in range(0, len(samples), step) if max(map(abs, samples[at : at + step])) > 500]


@needs_flite
@needs_pocketsphinx
@needs_silero
@pytest.mark.parametrize(("line", "typed"), [(BAGS, ""), (FLIGHT, "ada\nlovelace\n")])
def test_a_spoken_question_comes_to_what_the_typed_one_comes_to_and_is_answered_in_sound(
    folder: Path, line: str, typed: str
) -> None:
    said = said_by_flite(line, "rms")
    question = written_wave(folder / "question.wav", quiet(600), said, quiet(300))
    call = ["--in", question, "--out", "answer.wav", "--wav", "both.wav", "--pace", "fast", "--trace", "spoken.jsonl"]
    spoken = CliRunner().invoke(cli, ["run", "airline", *call], input=typed)
    assert spoken.exit_code == 0, spoken.output
    CliRunner().invoke(cli, ["run", "airline", "--trace", "typed.jsonl"], input=f"{line}\n{typed}")

    events = traced(folder, "spoken.jsonl")
    assert moves(events) == moves(traced(folder, "typed.jsonl"))
    assert len(moves(events)) >= 3
    heard = loud_ms(wave_in((folder / "answer.wav").read_bytes(), "answer").samples)
    asked_until = 600 + len(said) * 1000 // RATE
    assert heard and heard[0] >= asked_until
    assert loud_ms(wave_in((folder / "both.wav").read_bytes(), "both").samples)[-1] <= asked_until
    assert "pocketsphinx writes down what is spoken" in spoken.output
    assert "both sides are recorded in both.wav: callers have to be told" in spoken.output
    assert "lovelace" not in spoken.output


def test_who_speaks_into_an_answer_cuts_it_off_and_hears_the_next_one(folder: Path) -> None:
    call = desk(folder, "When are you open?", "When are you open?", returns=LONG)
    written_wave(folder / "two.wav", quiet(300), hum(300, 600), quiet(3000), hum(300, 600))
    done = run(*call, "--in", "two.wav", "--out", "answer.wav")
    assert done.exit_code == 0, done.output

    (cut,) = [event for event in traced(folder) if isinstance(event, Interrupted)]
    first, second = [event for event in traced(folder) if isinstance(event, AgentSaid)]
    heard = len(cut.heard.split())
    assert 4 <= heard <= 7  # 2.6 s of 400 ms a word
    assert cut.heard.split() == LONG.split()[:heard]
    assert first.interrupted and heard <= len(first.text.split()) <= heard + 1  # a word may have begun
    assert second.text == LONG
    answer = loud_ms(wave_in((folder / "answer.wav").read_bytes(), "answer").samples)
    assert not [at for at in answer if 4100 <= at < 4800]  # from when the second voice was heard until it is answered


def test_the_same_call_gives_the_same_trace_and_the_same_sound(folder: Path) -> None:
    call = desk(folder, "When are you open?")
    written_wave(folder / "one.wav", quiet(300), hum(300, 600))
    for number in ("1", "2"):
        assert run(*call[:-1], f"{number}.jsonl", "--in", "one.wav", "--wav", f"{number}.wav").exit_code == 0
    assert (folder / "1.jsonl").read_bytes() == (folder / "2.jsonl").read_bytes()
    assert (folder / "1.wav").read_bytes() == (folder / "2.wav").read_bytes()


def test_a_whole_file_is_one_turn_where_the_caller_holds_a_key(folder: Path) -> None:
    call = desk(folder, "When are you open?")
    written_wave(folder / "one.wav", hum(300, 600), quiet(2000), hum(300, 600))
    assert run(*call, "--in", "one.wav", "--push-to-talk").exit_code == 0
    assert [event.audio_ms for event in traced(folder) if isinstance(event, UserSaid)] == [3200]


def test_who_says_nothing_is_not_answered_and_the_call_ends(folder: Path) -> None:
    call = desk(folder)
    written_wave(folder / "none.wav", quiet(1000))
    done = run(*call, "--in", "none.wav", "--out", "answer.wav")
    assert done.exit_code == 0 and moves(traced(folder)) == []
    assert not loud_ms(wave_in((folder / "answer.wav").read_bytes(), "answer").samples)


def test_an_agent_that_opens_is_heard_before_anybody_has_spoken(folder: Path) -> None:
    call = desk(folder)
    written_wave(folder / "none.wav", quiet(500))
    done = run(*call, "--in", "none.wav", "--out", "answer.wav", "--opening")
    assert done.exit_code == 0
    assert loud_ms(wave_in((folder / "answer.wav").read_bytes(), "answer").samples)


def test_a_call_ends_when_its_minutes_are_over_and_its_sound_is_kept(folder: Path) -> None:
    call = desk(folder)
    written_wave(folder / "long.wav", quiet(10_000))
    done = run(*call, "--in", "long.wav", "--wav", "both.wav", "--max-minutes", "0.05")
    assert isinstance(done.exception, ScenarioError) and "0.05" in done.exception.message
    assert len(wave_in((folder / "both.wav").read_bytes(), "both").samples) == pytest.approx(3 * RATE, abs=RATE / 10)


class Typing:
    """A person at a terminal who types these lines at these seconds, and presses Ctrl-C where a line is None.

    `answers` are what they type when they are asked.
    """

    is_person = True

    def __init__(self) -> None:
        self.lines: Iterator[tuple[float, str | None]] = iter(())
        self.answers: list[str] = []
        self.prompts: list[str] = []

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        self.prompts.append(prompt)
        if not prompt.startswith("you"):
            return self.answers.pop(0)
        at, text = next(self.lines, (10_000.0, ""))
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        if at == 10_000:
            raise EndOfInput
        if text is None:
            raise CtrlC
        return text

    def close(self) -> None:
        pass


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Typing:
    typing = Typing()
    monkeypatch.setattr(calling, "StillKeyboard", lambda clock: typing)
    return typing


def test_commands_work_beside_the_voice_and_a_typed_line_cuts_in(folder: Path, typing: Typing) -> None:
    call = desk(folder, "When are you open?", returns=LONG)
    written_wave(folder / "one.wav", quiet(300), hum(300, 600))
    typing.lines = iter([(2.0, "/agent"), (4.0, "When are you open?"), (4.1, "/nonsense")])
    done = run(*call, "--in", "one.wav", "--out", "answer.wav")
    assert done.exit_code == 0, done.output

    assert "desk (desk)" in done.output and "unknown command '/nonsense'" in done.output
    events = traced(folder)
    assert [type(event).__name__ for event in events if isinstance(event, (UserSaid, AgentSaid, Interrupted))] == [
        *("UserSaid", "Interrupted", "AgentSaid"),
        *("UserSaid", "AgentSaid"),
    ]
    first, second = [event for event in events if isinstance(event, AgentSaid)]
    assert (first.turn, first.interrupted, second.turn, second.interrupted) == (1, True, 2, False)
    assert second.text == LONG
    assert [event.audio_ms is None for event in events if isinstance(event, UserSaid)] == [False, True]


def test_an_approval_is_asked_for_at_the_prompt_and_given_by_keyboard(folder: Path, typing: Typing) -> None:
    call = desk(folder, "When are you open?")
    path = folder / "desk.yaml"
    path.write_text(path.read_text().replace("returns:", "approval: always, returns:"), encoding="utf-8")
    written_wave(folder / "one.wav", quiet(300), hum(300, 600))
    typing.answers = ["y"]
    done = run(*call, "--in", "one.wav", "--out", "answer.wav")
    assert done.exit_code == 0, done.output
    assert typing.prompts == ["you  ", "  └ allow it? [y/N] ", "you  "]
    assert moves(traced(folder))[-1] == ("says", "From nine to five.")


def test_who_types_can_speak_again_after_it(folder: Path, typing: Typing) -> None:
    call = desk(folder, "When are you open?")
    written_wave(folder / "one.wav", quiet(6000), hum(300, 600))
    typing.lines = iter([(1.0, "When are you open?")])
    assert run(*call, "--in", "one.wav").exit_code == 0
    said = [event for event in traced(folder) if isinstance(event, UserSaid)]
    assert [(event.turn, event.audio_ms is None) for event in said] == [(1, True), (2, False)]


def test_ctrl_c_cuts_in_where_something_is_being_said_and_else_asks_whether_to_leave(
    folder: Path, typing: Typing
) -> None:
    call = desk(folder, "When are you open?", returns=LONG)
    written_wave(folder / "one.wav", quiet(300), hum(300, 600))
    typing.lines = iter([(3.0, None), (3.5, None)])
    done = run(*call, "--in", "one.wav")
    assert done.exit_code == 0, done.output
    assert [event.turn for event in traced(folder) if isinstance(event, Interrupted)] == [1]
    assert done.output.count("press Ctrl-C again to leave") == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--out", "b.wav"], "--out needs --in"),
        (["--in", "a.wav", "--input-device", "1"], "--in takes the place of the microphone"),
        (["--voice", "--pace", "fast"], "--pace fast needs --in"),
        (["--wav", "b.wav"], "--wav needs --voice"),
        (["--push-to-talk"], "--push-to-talk needs --voice"),
        (["--stt", "script:lines.txt"], "--stt needs --voice"),
        (
            ["--in", "a.wav", "--provider", "url", "--url", "ws://127.0.0.1:9", "--pace", "fast"],
            "--pace fast is for offline",
        ),
        (
            ["--in", "a.wav", "--provider", "url", "--url", "ws://127.0.0.1:9", "--tts", "tone"],
            "hears and speaks itself",
        ),
        (["--in", "none.wav"], "cannot read 'none.wav': No such file or directory"),
        (["--in", "desk.yaml"], "the file 'desk.yaml' gave something that is no WAV file"),
        (["--in", "a.wav", "--wav", "a.wav"], "'a.wav' exists already"),
        (["--in", "a.wav", "--tts", "nobody"], "unknown text-to-speech part 'nobody'"),
    ],
)
def test_what_cannot_be_is_one_line_and_no_traceback(folder: Path, options: list[str], told: str) -> None:
    desk(folder)
    written_wave(folder / "a.wav", quiet(100))
    done = run("run", "desk.yaml", *options)
    assert isinstance(done.exception, (SystemExit, ScenarioError))  # of click, and of what `main` tells in one line
    assert done.exit_code == 2 or isinstance(done.exception, ScenarioError)
    assert told in done.output + str(getattr(done.exception, "message", ""))


def test_a_model_elsewhere_hears_and_speaks_through_the_sdk_and_is_cut_where_the_ear_is(folder: Path) -> None:
    """Over a socket, in real time: a server that gives the whole answer at once, and a caller who cuts in."""
    desk(folder, "When are you open?", "When are you open?", returns=LONG)
    written_wave(folder / "two.wav", quiet(300), hum(300, 600), quiet(2000), hum(300, 600))
    parts = ["--stt", "script:lines.txt", "--tts", "tone", "--pace", "fast"]
    command = [*PROGRAM, "serve", "desk.yaml", "--port", "0", *parts]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            call = ["--in", "two.wav", "--out", "answer.wav", "--trace", "trace.jsonl"]
            done = run("run", "desk.yaml", "--provider", "url", "--url", url, *call, "--max-minutes", "1")
        finally:
            server.terminate()
    assert done.exit_code == 0, done.output
    assert "the model hears and speaks itself" in done.output

    events = traced(folder)
    assert [event.text for event in events if isinstance(event, UserSaid)] == ["When are you open?"] * 2
    (cut,) = [event for event in events if isinstance(event, Interrupted)]
    assert LONG.startswith(cut.heard.strip()) and 2 <= len(cut.heard.split()) <= 8  # about 1.6 s of 400 ms a word
    answer = loud_ms(wave_in((folder / "answer.wav").read_bytes(), "answer").samples)
    assert answer[-1] - answer[0] > 8000  # the second answer is heard to its end


def test_a_call_that_never_began_leaves_no_files_in_the_way_of_the_next(folder: Path) -> None:
    written_wave(folder / "q.wav", quiet(100))
    call = [*desk(folder, "Hello"), "--in", "q.wav", "--out", "a.wav", "--wav", "both.wav"]

    assert isinstance(run(*call, "--tts", "flight").exception, UsageError)
    assert not (folder / "a.wav").exists()
    assert not (folder / "both.wav").exists()
