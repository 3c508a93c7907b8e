"""The process in which pocketsphinx hears: it keeps Python's lock while it works, so it works beside ours.

Run as `python -m realtime_scenarios.voice.recogniser`. It reads one line of JSON, the lines that callers may say, and
answers `ready`; then for each utterance four bytes of length (little-endian), and 16-bit PCM at 16 kHz, and answers
with a line of JSON, the words. It ends with its input.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from realtime_scenarios.voice.language import EVERYWHERE, pronunciations, ways_to_say

_RATE = 16000
_UNSEEN = 0.2
"""The share that the model keeps for what no line has: with a half, as the library has it, more lines are lost."""
_PADDING = bytes(2 * _RATE // 10)
"""A tenth of a second of silence on both sides, without which the first sounds are lost."""


def main() -> None:
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    decoder = _decoder_of(json.loads(incoming.readline()))
    outgoing.write(b"ready\n")
    outgoing.flush()
    while len(head := incoming.read(4)) == 4:
        audio = incoming.read(int.from_bytes(head, "little"))
        outgoing.write(json.dumps(_words_in(audio, decoder)).encode() + b"\n")
        outgoing.flush()


def _words_in(audio: bytes, decoder: Any) -> str:
    decoder.start_utt()
    decoder.process_raw(_PADDING + audio + _PADDING, full_utt=True)
    decoder.end_utt()
    heard = decoder.hyp()
    return heard.hypstr if heard is not None else ""


def _decoder_of(lines: Sequence[str]) -> Any:
    """A decoder whose dictionary and language model hold the lines and nothing more: it is ready in no time."""
    from pocketsphinx import Decoder, get_model_path

    sentences = [words for line in (*EVERYWHERE, *lines) for words in ways_to_say(line) if words]
    with tempfile.TemporaryDirectory() as folder:
        dictionary, model = Path(folder, "words.dict"), Path(folder, "lines.lm")
        known = _dictionary(Path(get_model_path("en-us/cmudict-en-us.dict")))
        vocabulary = sorted({word for sentence in sentences for word in sentence})
        dictionary.write_text(_written(list(pronunciations(vocabulary, known))), encoding="utf-8")
        model.write_text(_language_model(sentences), encoding="utf-8")
        return Decoder(
            hmm=get_model_path("en-us/en-us"), lm=str(model), dict=str(dictionary), samprate=_RATE, loglevel="FATAL"
        )


def _language_model(sentences: Sequence[Sequence[str]]) -> str:
    """A trigram model with back-off, in ARPA's form."""
    from pocketsphinx.lm import ArpaBoLM

    text = "".join(f"<s> {' '.join(sentence)} </s>\n" for sentence in sentences)
    model = ArpaBoLM(text=text, discount_mass=_UNSEEN)
    model.compute()
    with tempfile.NamedTemporaryFile("r", suffix=".lm") as file:
        model.write_file(file.name)
        return file.read()


def _dictionary(path: Path) -> Mapping[str, Sequence[str]]:
    """Each word's pronunciations; those after the first are listed as `word(2)`."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, sounds = line.partition(" ")
        found[word.partition("(")[0]].append(sounds.strip())
    return found


def _written(entries: Sequence[tuple[str, str]]) -> str:
    counts: dict[str, int] = defaultdict(int)
    lines = []
    for word, sounds in entries:
        counts[word] += 1
        number = counts[word]
        lines.append(f"{word}{f'({number})' if number > 1 else ''} {sounds}\n")
    return "".join(lines)


if __name__ == "__main__":
    main()
