"""Addresses of servers, as they may be told."""

from __future__ import annotations

import pytest

from realtime_scenarios.core.addresses import without_credentials


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("wss://host/v1/realtime?model=gpt-realtime", "wss://host/v1/realtime?model=gpt-realtime"),
        ("wss://me:hunter2@host/v1", "wss://[secret]@host/v1"),
        (
            "https://host/v1?api-key=k1&api-version=2&sig=a=b#part",
            "https://host/v1?api-key=[secret]&api-version=2&sig=[secret]#part",
        ),
        ("host:80", "host:80"),
    ],
)
def test_whoever_asks_and_what_may_be_a_key_is_not_told(address: str, told: str) -> None:
    assert without_credentials(address) == told
