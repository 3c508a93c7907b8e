"""The options that say what hears and what speaks, for each command in which somebody does."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from realtime_scenarios.cli.options import key_in


def voice_options(*, detector: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds them to a command, which is given what they say as one argument: `voices`, an `AskedVoices`.

    `detector` is what tells voices from noise where nobody says so.
    """
    return functools.partial(_with_options, detector)


def _with_options(detector: str, command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def with_voices(
        *arguments: Any,
        stt: str | None,
        stt_model: str | None,
        tts: str,
        tts_model: str | None,
        tts_voice: str | None,
        tts_rate: int,
        voice_key_env: str | None,
        vad: str,
        pace: str,
        ms_per_word: int,
        **others: Any,
    ) -> Any:
        from realtime_scenarios.cli.voices import AskedPart, AskedVoices

        key = key_in(voice_key_env, "--voice-key-env")
        voices = AskedVoices(
            detector=vad,
            listener=None if stt is None else AskedPart(stt, stt_model, key),
            speaker=AskedPart(tts, tts_model, key, tts_voice, tts_rate),
            pace=pace,
            ms_per_word=ms_per_word,
        )
        return command(*arguments, voices=voices, **others)

    added: Callable[..., Any] = with_voices
    for option in _VOICE_OPTIONS:
        added = option(added)
        if option is _PACE:
            added = _detector_option(detector)(added)
    return added


def _detector_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    best = "; auto takes silero where it is installed" if default == "auto" else ""
    told = f"What tells voices from noise: loudness, or silero{best}."
    return click.option("--vad", default=default, show_default=True, metavar="PART", help=told)


_PACE = click.option(
    "--pace",
    type=click.Choice(["real", "fast"]),
    default="real",
    show_default=True,
    help="Spoken answers come as fast as they are heard, or as fast as they are made.",
)

_VOICE_OPTIONS = (  # the last one is shown first
    click.option("--ms-per-word", default=0, type=click.IntRange(0, 5000), help="Each word takes so long instead."),
    _PACE,
    click.option("--voice-key-env", metavar="NAME", help="The key of those services is in this environment variable."),
    click.option(
        "--tts-rate",
        default=24000,
        show_default=True,
        type=click.IntRange(8000, 48000),
        help="Its samples a second, where it sends raw PCM.",
    ),
    click.option("--tts-voice", metavar="NAME", help="Its voice, whatever voice a session asks for."),
    click.option("--tts-model", metavar="NAME", help="The model of a service at --tts URL."),
    click.option(
        "--tts",
        default="auto",
        show_default=True,
        metavar="PART",
        help="What speaks: flite, espeak-ng, tone, silence, or a service's URL; auto takes the first that is there.",
    ),
    click.option("--stt-model", metavar="NAME", help="The model of a service at --stt URL."),
    click.option(
        "--stt",
        metavar="PART",
        help="What writes down what is said: script:FILE (a line a turn), pocketsphinx:SCENARIO, or a service's URL.",
    ),
)
