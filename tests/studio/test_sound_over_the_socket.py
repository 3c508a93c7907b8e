"""Sound between a page and a conversation: both ways, what was heard, push to talk, G.711, both sides recorded."""

from __future__ import annotations

import asyncio
import struct
import wave
from array import array
from pathlib import Path

import pytest

from realtime_scenarios.realtime import Pace
from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.studio.keepsakes import Keepsakes
from realtime_scenarios.studio.recording import Recording
from realtime_scenarios.studio.sound import AGENT, MICROPHONE, SoundFrame
from realtime_scenarios.voice import FORMATS, PCM16, decoded, encoded
from realtime_scenarios.voice.formats import MU_LAW
from support import Written
from support.sounds import decibels, hum, quiet
from support.studio import Desk, OfflineModels, Talk, conversing

DESK = """
    scenario: desk
    start: clerk
    agents: {clerk: {name: Clerk, instructions: Help.}}
"""

IN_ITS_TIME = OfflineModels(pace=Pace(words_per_delta=1, follows_speech=True))


@pytest.fixture
def desk(written: Written) -> Path:
    return written(DESK)


class Microphone:
    """The page's microphone: sound as frames of 20 ms, each when its time has passed."""

    def __init__(self, page: Talk) -> None:
        self._page = page
        self._samples = 0

    async def says(self, sound: bytes) -> None:
        for start in range(0, len(sound), 960):
            await asyncio.sleep(0.02)
            frame = SoundFrame(MICROPHONE, 0, 24000, 0, self._samples, sound[start : start + 960])
            self._samples += 480
            await self._page.hosted.hear(frame.written())


def pcm(samples: object) -> bytes:
    return encoded(samples, PCM16)  # type: ignore[arg-type]


VOICE = pcm(hum(220, 900))
SILENCE = pcm(quiet(1000))


def frames(page: Talk) -> list[tuple[int, int, int, int, int, int]]:
    """What came of the agent: kind, codec, rate, item, first sample, samples."""
    found = []
    for data in page.sound:
        kind, codec, rate, item, first = struct.unpack_from("<BBHII", data)
        found.append((kind, codec, rate * 100, item, first, (len(data) - 12) // (2 if codec == 0 else 1)))
    return found


async def ear(page: Talk, seconds: float = 3600.0) -> None:
    """Hear what comes, in its time, and say so as a page does, for so long."""
    until = asyncio.get_running_loop().time() + seconds
    played: dict[int, int] = {}
    while asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.04)
        ids = {event["data"]["index"]: event["data"]["item"] for event in page.of("Sound")}
        came: dict[int, int] = {}
        rate = max((frame[2] for frame in frames(page)), default=24000)
        for *_, item, first, samples in frames(page):
            came[item] = first + samples
        for item, samples in came.items():
            if played.get(item, 0) < samples:
                played[item] = min(samples, played.get(item, 0) + rate * 4 // 100)
                await page.commands.do(
                    {"cmd": f"p{item}-{played[item]}", "do": "played", "item": ids[item], "samples": played[item]}
                )
                break


def test_a_spoken_turn_is_heard_and_answered_in_sound(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="detected")
        await page.connect()
        hearing = asyncio.create_task(ear(page))
        await Microphone(page).says(VOICE + SILENCE)
        await page.until("TurnOver")
        await page.until("Speech", who="agent", speaking=False)
        hearing.cancel()
        user, agent = page.rows
        assert (user[0], agent[0]) == ("user", "assistant") and agent[1]
        listening = page.of("ItemPlaced")[0]
        assert listening["data"]["listening"]
        sound = page.of("Sound")[0]
        assert sound["data"]["item"] == page.of("ItemPlaced")[-1]["item"]
        came = frames(page)
        assert {frame[:4] for frame in came} == {(AGENT, 0, 24000, sound["data"]["index"])}
        expected = 0
        for *_, first, samples in came:
            assert first == expected
            expected += samples
        (said,) = page.of("AgentSaid")
        assert abs(said["data"]["audio_ms"] - expected / 24) < 2
        assert not said["data"]["interrupted"]
        deltas = page.of("response.output_audio.delta")
        assert all("delta" not in event["data"] and event["data"]["bytes"] > 0 for event in deltas)
        assert sum(event["data"]["bytes"] for event in deltas) == expected * 2
        assert deltas[-1]["data"]["at_sample"] > 0

    conversing(desk, talk, IN_ITS_TIME)


def test_who_speaks_into_an_answer_cuts_it_where_their_ear_is(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="detected")
        await page.connect()
        microphone = Microphone(page)
        await microphone.says(VOICE + SILENCE)
        await page.until("TurnOver")  # all of it has come, and nothing has been played
        hearing = asyncio.create_task(ear(page, 1.0))
        await hearing
        await microphone.says(VOICE + SILENCE)
        truncated = await page.until("conversation.item.truncate")
        heard_ms = truncated["data"]["audio_end_ms"]
        (whole,) = [event["data"]["audio_ms"] for event in page.of("AgentSaid")][:1]
        assert 900 <= heard_ms <= 1100 < whole
        flushed = page.of("Flush")[0]
        assert flushed["data"]["items"] == [page.of("Sound")[0]["data"]["item"]]
        (interrupted,) = page.of("Interrupted")
        assert page.rows[1][1].startswith(interrupted["data"]["heard"]) and interrupted["data"]["heard"]
        heard = page.of("Heard")[0]["data"]
        assert heard["ms"] == heard_ms and heard["of_ms"] == whole
        assert heard["text"] == interrupted["data"]["heard"]

    conversing(desk, talk, OfflineModels(pace=Pace(words_per_delta=1)))


def test_whoever_holds_the_button_is_heard_while_they_hold_it(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="pushed")
        await page.connect()
        microphone = Microphone(page)
        await microphone.says(VOICE)  # nobody holds it
        assert not page.of("input_audio_buffer.append")
        await page.do("ptt_down")
        await microphone.says(VOICE)
        await page.do("ptt_up")
        await page.until("TurnOver")
        assert [event["dir"] for event in page.of("input_audio_buffer.commit")] == ["out"]
        assert len(page.of("UserSaid")) == 1 and page.sound
        await page.do("ptt_down")
        refused = await page.tries("ptt_up")
        assert refused["why"] == "nothing was said: hold it while you speak"
        assert len(page.of("input_audio_buffer.commit")) == 1

    conversing(desk, talk, IN_ITS_TIME)


def test_a_microphone_that_is_closed_in_the_middle_of_a_word_ends_the_turn(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="detected")
        await page.connect()
        await Microphone(page).says(VOICE)
        await page.do("mic", on=False)
        await page.until("input_audio_buffer.committed")
        await Microphone(page).says(VOICE + SILENCE)
        await page.until("TurnOver")
        assert len(page.of("UserSaid")) == 1

    conversing(desk, talk, IN_ITS_TIME)


@pytest.mark.parametrize(("codec", "number"), [("g711_ulaw", 1), ("g711_alaw", 2)])
def test_both_sides_can_sound_like_a_telephone(desk: Path, codec: str, number: int) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="detected", codec=codec)
        await page.connect()
        hearing = asyncio.create_task(ear(page))
        await Microphone(page).says(VOICE + SILENCE)
        await page.until("Speech", who="agent", speaking=False)
        hearing.cancel()
        assert {frame[1:3] for frame in frames(page)} == {(number, 8000)}
        (update, *_) = [event for event in page.of("session.update") if "audio" in event["data"]["session"]]
        assert update["data"]["session"]["audio"]["input"]["format"]["type"] == ("audio/pcmu", "audio/pcma")[number - 1]

    conversing(desk, talk, IN_ITS_TIME)


def test_both_sides_are_recorded_by_one_clock(desk: Path) -> None:
    copies: list[bytes] = []

    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="detected")
        await page.connect()
        await page.do("record", on=True)
        began = asyncio.get_running_loop().time()
        hearing = asyncio.create_task(ear(page))
        await Microphone(page).says(SILENCE + VOICE + SILENCE)
        await page.until("Speech", who="agent", speaking=False)
        ended = asyncio.get_running_loop().time() - began
        await page.do("record", on=False)
        hearing.cancel()
        (begun,) = page.of("RecordingBegan")
        answered = ((await page.until("Speech", who="agent", speaking=True))["at"] - begun["at"]) / 1000
        assert page.of("RecordingEnded")[0]["data"] == {"recordings": 1}
        with wave.open(str(page.hosted.kept.recorded[0])) as tape:
            assert (tape.getnchannels(), tape.getframerate()) == (2, 24000)
            both = tape.readframes(tape.getnframes())
        left, right = both[0::4] + b"", both[2::4]
        assert left and right
        caller = b"".join(both[at : at + 2] for at in range(0, len(both), 4))
        agent = b"".join(both[at + 2 : at + 4] for at in range(0, len(both), 4))
        assert abs(len(caller) / 48000 - ended) < 0.2
        said = decoded(caller[48000:91200], PCM16)
        assert decibels(said) > -40 > decibels(decoded(caller[:43200], PCM16))
        before, while_speaking = agent[: int(answered * 24000) * 2 - 4800], agent[int((answered + 0.2) * 24000) * 2 :]
        assert not any(before) and any(while_speaking)
        copies.append(both)

    conversing(desk, talk, IN_ITS_TIME)
    assert copies


def test_both_sides_of_a_call_with_the_engine_are_recorded_as_long_as_somebody_listens(tmp_path: Path) -> None:
    taps = Taps()

    async def talk() -> None:
        kept = Keepsakes("desk-c1")
        kept.begin_recording_of_call(taps, "rtc_1")
        await asyncio.sleep(0.5)
        taps.hear("rtc_1", "caller", array("h", [100] * 2400))
        taps.hear("rtc_2", "caller", array("h", [300] * 2400))  # another call
        await asyncio.sleep(0.5)
        taps.hear("rtc_1", "agent", array("h", [200] * 2400))
        kept.end_recording()
        taps.hear("rtc_1", "caller", array("h", [300] * 2400))
        (path,) = kept.recorded
        (tmp_path / "r.wav").write_bytes(path.read_bytes())
        kept.forget()

    run_in_virtual_time(talk())
    with wave.open(str(tmp_path / "r.wav")) as tape:
        samples = array("h", tape.readframes(tape.getnframes()))
    left, right = samples[::2], samples[1::2]
    assert len(left) == 24_000 and set(left) == {0, 100} and set(right) == {0, 200}
    assert left[9_600:12_000] == array("h", [100] * 2400)
    assert right[21_600:] == array("h", [200] * 2400)


def test_a_recording_holds_what_was_heard_where_it_was_heard(tmp_path: Path) -> None:
    now = 0.0
    recording = Recording(tmp_path / "r.wav", PCM16, MU_LAW, lambda: now)
    now = 1.0
    recording.heard_agent(b"\x01\x00" * 12000)
    now = 5.0
    recording.heard_caller(MU_LAW.silence * 160)
    recording.end()
    with wave.open(str(tmp_path / "r.wav")) as tape:
        both = tape.readframes(tape.getnframes())
    agent = [both[at + 2] for at in range(0, len(both), 4)]
    assert len(agent) == 5 * 24000
    assert agent.index(1) == 12000 and agent.count(1) == 12000


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01\x00", bytes(12), b"\x02\x00" + bytes(20), b"\x01\x07" + bytes(20), b"\x01\x00\x00\x00" + bytes(20)],
)
def test_what_is_no_frame_of_a_microphone_is_none(data: bytes) -> None:
    assert SoundFrame.read(data) is None


def test_a_frame_is_read_as_it_was_written() -> None:
    frame = SoundFrame(MICROPHONE, 1, 8000, 0, 320, b"\xff" * 160)
    assert SoundFrame.read(frame.written()) == frame
    assert FORMATS["audio/pcmu"] is MU_LAW


def test_text_conversations_have_no_sound(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await Microphone(page).says(VOICE)
        await page.say("Hello")
        assert not page.sound and not page.of("Sound", "input_audio_buffer.append")

    conversing(desk, talk)
