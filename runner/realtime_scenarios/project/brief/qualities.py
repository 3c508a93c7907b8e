"""The parts of a personality, each with a question about it and an answer for every temperament."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from msgspec import Struct

from realtime_scenarios.project.brief.temperament import Temperament
from realtime_scenarios.project.brief.wording import data_in


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """A way to be: `label` in a few words, `text` as a scenario file says it."""

    label: str
    text: str


class Quality(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a personality. `more` is added to a few words of the author, so that they can be acted on; `options`
    holds an answer for each temperament. Without a question and options, the brief itself says it."""

    question: str = ""
    more: str = ""
    options: Mapping[Temperament, Option] = {}
    extra: Option | None = None

    def ordered(self, temperament: Temperament) -> list[Option]:
        """The options, the one that fits best first, each once."""
        options = [self.options[temperament], *self.options.values(), *([self.extra] if self.extra else [])]
        return list(dict.fromkeys(options))


class Qualities(Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a personality in the order of the prompt, and what each of the words for `filler_words` means."""

    filler_words: Mapping[str, str]
    qualities: Mapping[str, Quality]


def qualities() -> Mapping[str, Quality]:
    """The parts of a personality, in the order of the schema and of the prompt."""
    return _quality_data().qualities


def filler_words() -> Mapping[str, str]:
    """How often there are filler words, in a word of the schema and in the words of a prompt."""
    return _quality_data().filler_words


@functools.cache
def _quality_data() -> Qualities:
    return data_in("qualities", Qualities)
