"""`scenario serve --twilio` and `--sip`: a call with the command as a process of its own, and what it will not do."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from realtime_scenarios.cli.main import main
from realtime_scenarios.cli.telephone_options import AskedCalls
from realtime_scenarios.cli.telephony import CallModel
from realtime_scenarios.cli.voices import AskedPart, AskedVoices
from realtime_scenarios.project import load
from realtime_scenarios.trace import AgentSaid, SessionEnded, UserSaid, from_json_lines
from realtime_scenarios.voice import SpeechToText, Utterance
from realtime_scenarios.voice.parts import LISTENERS, PartOptions
from support import PROGRAM
from support.calls import mu_law, over_a_socket, silence
from support.carrier import CALL, Phone, connected, frames_of, started, stopped
from support.sounds import hum

DESK = """
scenario: desk
start: desk
opening: {speaks: agent, say: Good day., exact: true}
agents: {desk: {instructions: You are a desk.}}
"""
ASKING = """
scenario: asking
start: desk
agents: {desk: {instructions: You are a desk., tools: [pay, sign_in]}}
tools:
  pay: {description: Call this to pay., approval: always, returns: paid}
  sign_in: {description: Call this to sign in., approval: {fields: {pin: {label: PIN, secret: true}}}, returns: in}
"""


def test_a_call_is_held_told_of_and_kept_as_it_happens(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    (tmp_path / "lines.txt").write_text("Hello there\n", encoding="utf-8")
    command = [*PROGRAM, "serve", "desk.yaml", "--twilio", "--port", "0", "--record", "calls"]
    command += ["--stt", "script:lines.txt", "--tts", "tone", "--pace", "fast"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        first = server.stdout.readline()
        url = first.split()[-1]
        asked = httpx2.post(f"{url}/incoming-call", data={"From": "+1"})
        assert f"{url.replace('http', 'ws')}/media-stream" in asked.text

        async def call() -> None:
            phone = Phone()
            sound = silence(1200) + mu_law(hum(300, 600)) + silence(1500)
            phone.comes([(0, connected()), (0, started())])
            phone.comes((at * 20, frame) for at, frame in enumerate(frames_of(sound)))
            phone.comes([(4000, stopped())])
            await asyncio.wait_for(over_a_socket(phone, f"{url.replace('http', 'ws')}/media-stream"), 60)

        asyncio.run(call())
        assert httpx2.get(f"{url}/v1/realtime").status_code == 404
        server.send_signal(signal.SIGTERM)
        printed = first + server.stdout.read()
        assert server.wait(60) == 0
    kept = from_json_lines((tmp_path / "calls" / f"{CALL}.jsonl").read_text(encoding="utf-8"))
    # time is real here: where the machine is slow, the caller may have begun before the greeting was over
    assert [event.text for event in kept if isinstance(event, UserSaid)] == ["Hello there"]
    assert next(event.text for event in kept if isinstance(event, AgentSaid)) == "Good day."
    assert isinstance(kept[-1], SessionEnded) and kept[-1].reason == "the caller hung up"
    assert "call 1: the caller hung up, after 2 turns and " in printed
    assert "Hello there" not in printed and "a file each in calls" in printed


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--twilio"], 2, "a telephone needs a scenario"),
        (["asking.yaml", "desk.yaml", "--twilio"], 2, "one scenario answers a telephone"),
        (["desk.yaml::one", "--twilio"], 2, "no client that a dialogue could be rehearsed with"),
        (["desk.yaml", "--twilio", "--public-url", "https://phone.example"], 2, "set TWILIO_AUTH_TOKEN"),
        (["desk.yaml", "--twilio", "--host", "0.0.0.0"], 2, "set TWILIO_AUTH_TOKEN"),
        (["desk.yaml", "--twilio", "--public-url", "ftp://phone"], 2, "write it like https://phone.example"),
        (["desk.yaml", "--twilio", "--public-url", "https://[phone"], 2, "write it like https://phone.example"),
        (["desk.yaml", "--sip"], 2, "set OPENAI_WEBHOOK_SECRET"),
        (["desk.yaml", "--record", "x"], 2, "add --twilio or --sip"),
        (["desk.yaml", "--realtime-only", "--provider", "openai"], 2, "add --twilio or --sip"),
        (["desk.yaml", "--twilio", "--verdicts", "x"], 2, "--verdicts is about Realtime clients"),
        (["desk.yaml", "--twilio", "--provider", "scripted"], 2, "only replays dialogues"),
        (["desk.yaml", "--twilio", "--provider", "openai"], 3, "OPENAI_API_KEY is not set"),
        (["asking.yaml", "--twilio", "--approve", "pya"], 2, "did you mean 'pay'?"),
        (["asking.yaml", "--twilio", "--approve", "sign_in"], 2, "wants something filled in"),
        (["desk.yaml", "--twilio", "--record", "desk.yaml"], 2, "is a file"),
        (["broken.yaml", "--twilio"], 1, "SC"),
    ],
)
def test_what_cannot_be_answered_is_told_before_anybody_calls(
    options: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    (tmp_path / "asking.yaml").write_text(ASKING, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("scenario: broken\nstart: nobody\nagents: {}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for variable in ("TWILIO_AUTH_TOKEN", "OPENAI_WEBHOOK_SECRET", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(SystemExit) as left:
        main(["serve", *options, "--port", "0"])
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
    assert left.value.code == code


def test_all_calls_are_heard_by_one_recogniser_which_has_learnt_its_words_before_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Slow] = []

    def recogniser(options: PartOptions) -> Callable[[], SpeechToText]:
        made.append(Slow())
        return lambda: made[-1]

    monkeypatch.setitem(LISTENERS._items, "slow", recogniser)
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    asked = AskedCalls(True, False, None, None, (), (), False, None, {})
    voices = AskedVoices("loudness", AskedPart("slow"), AskedPart("tone"), "fast", 0)
    model = CallModel.chosen(load(tmp_path / "desk.yaml"), "desk.yaml", asked, voices)
    for _ in range(3):
        model.opened()
    asyncio.run(model.warm_up())
    assert len(made) == 1 and made[0].heard == 1


class Slow:
    takes_time = True

    def __init__(self) -> None:
        self.heard = 0

    def transcribe(self, utterance: Utterance) -> str:
        self.heard += 1
        return ""


def test_a_token_wants_the_address_that_is_signed_and_sip_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "12345")
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", "whsec_eA==")
    for options, said in (
        (["--twilio"], "--public-url https://phone.example"),
        (["--sip", "--provider", "offline"], "use --provider openai"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["serve", "desk.yaml", *options, "--port", "0"])
        assert left.value.code == 2
        assert said in capsys.readouterr().err
