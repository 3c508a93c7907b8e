"""Which model writes the caller down: the one asked for, and where the service refuses it, the next of its role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.realtime import RealtimeRunConfig

from realtime_scenarios.project.models import TRANSCRIPTION_SETTINGS, model_named

UNINTELLIGIBLE = "audio_unintelligible"
"""The code of a transcription that failed by the sound itself (API reference, server events)."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """`settings` in their wire form, and what may be tried when they are refused; `refused` are models that were."""

    settings: Mapping[str, Any]
    left: tuple[str, ...]
    refused: tuple[str, ...] = field(default=())

    @classmethod
    def asked_for(cls, config: RealtimeRunConfig, models: tuple[str, ...]) -> Transcription:
        """What a run configuration asks for; `models` stand for the role, the one that is wanted first."""
        audio: Mapping[str, Any] = config["model_settings"]["audio"]
        settings = audio["input"]["transcription"]
        return cls(settings, tuple(name for name in models if name != settings["model"]))

    @property
    def model(self) -> str:
        return str(self.settings["model"])

    def is_refused_by(self, error: Mapping[str, Any]) -> bool:
        """Whether an `error` that answers a `session.update` is about it."""
        message, param = str(error.get("message") or ""), str(error.get("param") or "")
        if self._is_about_an_earlier_one(message):
            return False
        return "transcription" in param or self.model in message or (not param and "transcription" in message.lower())

    def has_failed_by(self, error: Mapping[str, Any]) -> bool:
        """Whether what failed to write a turn down is the model itself, and not this turn's sound."""
        message, code = str(error.get("message") or ""), str(error.get("code") or "")
        return not self._is_about_an_earlier_one(message) and ("model" in code or self.model in message)

    def following(self) -> Transcription | None:
        """The same with the next model, less the settings that it does not take; None: there is none left."""
        if not self.left:
            return None
        known = model_named(self.left[0])
        refused = {name for name, taken in TRANSCRIPTION_SETTINGS.items() if known and not taken(known.capabilities)}
        settings = {name: value for name, value in self.settings.items() if name not in refused}
        return Transcription({**settings, "model": self.left[0]}, self.left[1:], (*self.refused, self.model))

    def _is_about_an_earlier_one(self, message: str) -> bool:
        return self.model not in message and any(name in message for name in self.refused)
