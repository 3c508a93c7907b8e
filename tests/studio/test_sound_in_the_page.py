"""The studio's page as a telephone, without a browser: frames, rates, push to talk, waveforms, the two worklets."""

from __future__ import annotations

import itertools
import math
import struct
from typing import Any

import pytest

from realtime_scenarios.voice import FORMATS, PCM16, decoded
from support.node import needs_node, told_by_node

pytestmark = needs_node

WORKLET = """
    const posted = [];
    globalThis.sampleRate = given.rate;
    globalThis.currentTime = 0;
    globalThis.AudioWorkletProcessor = class { constructor() { this.port = { postMessage: (told) => posted.push(told) }; } };
    let Made;
    globalThis.registerProcessor = (_, processor) => { Made = processor; };
    await import(page + given.module);
    const processor = new Made({ processorOptions: { rate: 24000 } });
    const told = (data) => processor.port.onmessage({ data });
    const heard = [];
    const run = (quanta, input) => {
      for (let at = 0; at < quanta; at += 1) {
        const output = [new Float32Array(128), new Float32Array(128)];
        processor.process(input ? [input(at)] : [[]], [output]);
        heard.push(...output[0]);
        globalThis.currentTime += 128 / given.rate;
      }
    };
"""
"""A worklet's processor in a thread of sound that is made up: `run` plays so many quanta."""


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
def test_every_byte_of_g711_means_what_it_means_to_the_server(name: str) -> None:
    codec = {"audio/pcmu": "ulaw", "audio/pcma": "alaw"}[name]
    told = told_by_node(
        """
        const frames = await import(page + 'audio/frames.js');
        const [to, from] = given === 'ulaw' ? [frames.toMulaw, frames.fromMulaw] : [frames.toAlaw, frames.fromAlaw];
        const samples = Array.from({ length: 4097 }, (_, at) => Math.min(32767, at * 16 - 32768));
        const levels = Array.from({ length: 256 }, (_, at) => from(at));
        return { levels, again: levels.map((level) => from(to(level))), codes: samples.map(to) };
        """,
        codec,
    )
    assert told["levels"] == list(decoded(bytes(range(256)), FORMATS[name]))
    assert told["again"] == told["levels"]
    for at, level in enumerate(decoded(bytes(told["codes"]), FORMATS[name])):
        sample = min(32767, at * 16 - 32768)
        assert abs(sample - level) <= max(16, abs(sample) / 31)


def test_a_frame_of_the_microphone_is_the_one_that_the_server_reads() -> None:
    told = told_by_node(
        """
        const { MICROPHONE, written } = await import(page + 'audio/frames.js');
        const frame = written({ kind: MICROPHONE, rate: 24000, first: 480, samples: Float32Array.from([0, 0.5, -1, 1]) });
        return Array.from(new Uint8Array(frame));
        """
    )
    frame = bytes(told)
    assert struct.unpack_from("<BBHII", frame) == (1, 0, 240, 0, 480)
    assert list(decoded(frame[12:], PCM16)) == [0, 16384, -32768, 32767]


def test_a_frame_that_is_none_is_not_read() -> None:
    assert told_by_node(
        """
        const { read } = await import(page + 'audio/frames.js');
        return [read(new ArrayBuffer(5)), read(Uint8Array.from([2, 9, 240, 0, 0, 0, 0, 0, 0, 0, 0, 0]).buffer)];
        """
    ) == [None, None]


@pytest.mark.parametrize(("given", "wanted"), [(48000, 24000), (44100, 24000), (8000, 24000), (24000, 44100)])
def test_a_tone_keeps_its_pitch_and_its_strength_at_another_rate_across_blocks(given: int, wanted: int) -> None:
    samples = told_by_node(
        """
        const { Resampler } = await import(page + 'audio/resample.js');
        const resampler = new Resampler(given.from, given.to);
        const made = [];
        for (let block = 0; block * 128 < given.from; block += 1) {
          const tone = (at) => Math.sin((2 * Math.PI * 440 * (block * 128 + at)) / given.from);
          made.push(...resampler.feed(Float32Array.from({ length: 128 }, (_, at) => tone(at))));
        }
        return made;
        """,
        {"from": given, "to": wanted},
    )
    assert abs(len(samples) - wanted) < 300
    steady = samples[200:-200]
    crossings = sum(1 for one, other in itertools.pairwise(steady) if one < 0 <= other)
    assert abs(crossings * wanted / len(steady) - 440) < 3
    rms = math.sqrt(sum(sample * sample for sample in steady) / len(steady))
    assert abs(rms - math.sqrt(0.5)) < 0.01
    jumps = max(abs(one - other) for one, other in itertools.pairwise(steady))
    assert jumps < 2 * math.pi * 440 / wanted * 1.1


def test_what_was_played_is_counted_in_the_samples_of_the_item_and_not_before_it_is_heard() -> None:
    told = told_by_node(
        WORKLET
        + """
        told({ item: 1, rate: 8000, samples: new Float32Array(8000).fill(0.5) });
        run(94); // half a second
        const half = posted.at(-1);
        run(110);
        return { half, whole: posted.at(-1), heard: heard.filter((sample) => sample > 0.4).length };
        """,
        {"rate": 24000, "module": "audio/playback.js"},
    )
    assert told["half"]["item"] == 1 and 3700 <= told["half"]["played"] <= 4100 and not told["half"]["idle"]
    assert told["whole"]["played"] == told["whole"]["length"] == 8000 and told["whole"]["idle"]
    assert told["heard"] > 23000


def test_a_flush_ends_within_twelve_milliseconds_and_says_how_far_it_had_come() -> None:
    told = told_by_node(
        WORKLET
        + """
        told({ item: 3, rate: 24000, samples: new Float32Array(48000).fill(0.5) });
        run(94);
        told({ flush: 'f1' });
        const said = posted.find((one) => one.flushed === 'f1');
        heard.length = 0;
        run(20);
        const last = heard.findLastIndex((sample) => sample !== 0);
        return { said, last, jump: Math.abs(heard[0] - 0.5) };
        """,
        {"rate": 24000, "module": "audio/playback.js"},
    )
    assert told["said"]["item"] == 3 and told["said"]["played"] == 94 * 128
    assert told["last"] < 0.012 * 24000 and told["jump"] < 0.01


def test_nothing_is_heard_of_an_item_before_sixty_milliseconds_are_there() -> None:
    told = told_by_node(
        WORKLET
        + """
        told({ item: 1, rate: 24000, samples: new Float32Array(480).fill(0.5) });
        run(4);
        const early = heard.some((sample) => sample !== 0);
        told({ item: 1, rate: 24000, samples: new Float32Array(1200).fill(0.5) });
        run(4);
        return { early, late: heard.some((sample) => sample !== 0) };
        """,
        {"rate": 24000, "module": "audio/playback.js"},
    )
    assert told == {"early": False, "late": True}


def test_the_microphone_comes_in_pieces_of_twenty_milliseconds_with_their_level() -> None:
    told = told_by_node(
        WORKLET
        + """
        run(375, () => [new Float32Array(128).fill(0.25)]); // a second at 48 kHz
        return posted.map(({ first, samples, rms }) => [first, samples.length, rms]);
        """,
        {"rate": 48000, "module": "audio/capture.js"},
    )
    assert [piece[:2] for piece in told] == [[at * 480, 480] for at in range(50)]
    assert all(abs(piece[2] - 0.25) < 0.01 for piece in told[2:])


def pushed(steps: list[Any]) -> list[str]:
    """What comes of presses, releases and waits (milliseconds)."""
    told: list[str] = told_by_node(
        """
        const { PushToTalk } = await import(page + 'audio/pushtotalk.js');
        let now = 0;
        const timers = new Map();
        const done = [];
        const talk = new PushToTalk(
          { down: () => done.push('down'), up: () => done.push('up'), tooShort: () => done.push('short'), changed() {} },
          (fn, ms) => { const key = {}; timers.set(key, [now + ms, fn]); return key; },
          (key) => timers.delete(key),
        );
        for (const step of given) {
          if (typeof step === 'string') talk[step]();
          else {
            now += step;
            for (const [key, [at, fn]] of [...timers]) if (at <= now) { timers.delete(key); fn(); }
          }
        }
        return [...done, talk.phase];
        """,
        steps,
    )
    return told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (["press", 200, 900, "release", 250], ["down", "up", "idle"]),
        (["press", 120, "release", 500], ["short", "idle"]),
        (["press", "press", 300, "release", "release", 250], ["down", "up", "idle"]),
        (["press", 300, "leave", 250, "release"], ["down", "up", "idle"]),
        (["release", "leave", 500], ["idle"]),
        (["toggle", 2000, "toggle", 250], ["down", "up", "idle"]),
        (["press", 300, "release", 100, "press", 150, 200], ["down", "up", "down", "talking"]),
        (["press", 300, "stop", 500, "release"], ["down", "idle"]),
    ],
)
def test_push_to_talk_sends_what_was_held_long_enough_once(steps: list[Any], told: list[str]) -> None:
    assert pushed(steps) == told


def test_a_waveform_is_the_least_and_the_greatest_of_every_twenty_milliseconds() -> None:
    told = told_by_node(
        """
        const { Peaks } = await import(page + 'audio/peaks.js');
        const peaks = new Peaks(1000, 24000);
        peaks.add(new Float32Array(480).fill(0.5));
        peaks.add(new Float32Array(480).fill(-1));
        const known = [peaks.between(1000, 1020), peaks.between(1000, 1040), peaks.between(0, 900), peaks.length];
        peaks.silentUntil(1100);
        return [...known, peaks.between(1060, 1080)];
        """
    )
    assert told == [[0, 64 / 127], [-1, 64 / 127], None, 40, [0, 0]]
