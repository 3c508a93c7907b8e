"""Who is let into the studio, over HTTP and by websocket, and what every answer says to a browser."""

from __future__ import annotations

import asyncio
import os
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.cli.studio import AskedStudio, CommandLineModels
from realtime_scenarios.cli.voices import AskedPart, AskedVoices
from realtime_scenarios.model.provider import PROVIDERS, variables_of
from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.studio.application import application
from realtime_scenarios.studio.door import Lock
from realtime_scenarios.studio.projects import Projects
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.studio import Studio
from support import Written
from support.asgi import Answer, Headers, asked, knocked
from support.page_size import shell_files
from support.studio_page import PAGE

HERE = "127.0.0.1:8765"
HOST = ("Host", HERE)
OURS = ("Origin", f"http://{HERE}")
CHANGES = ("X-Studio", "1")

SCENARIO = """
    scenario: desk
    title: A desk
    start: clerk
    context:
      tier: {type: string, default: basic, description: What they pay.}
      pin: {type: string, default: "0000", secret: true}
    agents:
      clerk:
        name: Clerk
        instructions: Help.
    dialogues:
      - id: hello
        turns:
          - user: Hello there
"""


class NoModels:
    def listed(self) -> Sequence[Mapping[str, Any]]:
        return [{"name": "offline", "ready": True, "needs": None}]

    async def open(self, project: Any, wished: Any) -> Any:
        raise AssertionError("nobody converses here")


async def engine(scope: Any, receive: Any, send: Any) -> None:
    start = "http.response.start" if scope["type"] == "http" else "websocket.http.response.start"
    await send({"type": start, "status": 418, "headers": []})
    await send({"type": start.replace("start", "body"), "body": b"engine"})


class Desk:
    """A studio on one scenario, its application, and the cookie that opens it."""

    def __init__(self, path: Path, *, is_secure: bool = False) -> None:
        self.studio = Studio(Projects([path]), NoModels(), "1.0", now=lambda: 0.0)
        self.app = asyncio.run(self._application(is_secure))
        self.cookie = ("Cookie", f"studio_8765={self.studio.lock.cookie}")

    async def _application(self, is_secure: bool) -> Any:
        return application(self.studio, Hosts("127.0.0.1", ["studio.example"]), engine, is_secure=is_secure)


@pytest.fixture
def desk(written: Written) -> Desk:
    return Desk(written(SCENARIO))


PROJECT, SOCKET = "/studio/api/project", "/studio/ws/p"


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "studio.example"])
def test_a_known_name_with_the_cookie_is_let_in(desk: Desk, host: str) -> None:
    port = host.rpartition(":")[2] if host[-1].isdigit() else "web"
    cookie = ("Cookie", f"studio_{port}={desk.studio.lock.cookie}")
    assert asked(desk.app, PROJECT, [("Host", host), cookie]).status == 200
    assert knocked(desk.app, SOCKET, [("Host", host), cookie, ("Origin", f"http://{host}")]).status == 101


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "", "evil@127.0.0.1:8765x"])
def test_another_name_is_turned_away(desk: Desk, host: str) -> None:
    assert asked(desk.app, PROJECT, [("Host", host), desk.cookie]).status == 403
    assert knocked(desk.app, SOCKET, [("Host", host), desk.cookie, ("Origin", f"http://{host}")]).status == 403


@pytest.mark.parametrize("headers", [[], [HOST, ("Host", "localhost:8765")]], ids=["none", "two"])
def test_who_names_no_host_or_two_is_turned_away(desk: Desk, headers: Headers) -> None:
    assert asked(desk.app, PROJECT, [*headers, desk.cookie]).status == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:3000",
        "http://localhost:8765",
        "https://127.0.0.1:8765",
        "http://127.0.0.1",
        "http://evil.example",
        "null",
        "",
    ],
)
def test_a_page_of_another_origin_is_turned_away_over_http_and_by_websocket(desk: Desk, origin: str) -> None:
    headers = [HOST, desk.cookie, ("Origin", origin), CHANGES]
    assert asked(desk.app, PROJECT, headers).status == 403
    assert asked(desk.app, "/studio/api/conversations", headers, method="POST", body=b"{}").status == 403
    assert knocked(desk.app, SOCKET, headers).status == 403
    assert knocked(desk.app, "/studio/ws/c/c1", headers).status == 403


def test_a_websocket_without_an_origin_is_turned_away(desk: Desk) -> None:
    assert knocked(desk.app, SOCKET, [HOST, desk.cookie]).status == 403


@pytest.mark.parametrize("cookie", [[], [("Cookie", "studio_8765=wrong")], [("Cookie", "studio_9999=COOKIE")]])
def test_without_the_cookie_nothing_is_shown_and_it_is_said_how_to_get_in(desk: Desk, cookie: Headers) -> None:
    given = [(name, value.replace("COOKIE", desk.studio.lock.cookie)) for name, value in cookie]
    for path in (PROJECT, "/", "/studio/static/app.js", "/studio/api/conversations/c1/events.jsonl", "/studio/nothing"):
        refused = asked(desk.app, path, [HOST, OURS, *given])
        assert refused.status == 401
        assert refused.data["hint"] == "open the address that `scenario serve` printed, with its ?t=..."
    assert knocked(desk.app, SOCKET, [HOST, OURS, *given]).status == 401


def test_the_token_is_exchanged_for_a_cookie_and_goes_from_the_address(desk: Desk) -> None:
    entered = asked(desk.app, f"/?t={desk.studio.lock.token}&view=graph", [HOST])
    assert (entered.status, entered.headers["location"]) == (303, "/?view=graph")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith(f"studio_8765={desk.studio.lock.cookie};")
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie and "Secure" not in cookie
    assert desk.studio.lock.token not in cookie
    assert asked(desk.app, "/", [HOST, ("Cookie", cookie.partition(";")[0])]).status == 200


def test_under_tls_the_cookie_is_secure_and_the_origin_is_https(written: Written) -> None:
    desk = Desk(written(SCENARIO), is_secure=True)
    assert "Secure" in asked(desk.app, f"/?t={desk.studio.lock.token}", [HOST]).headers["set-cookie"]
    assert asked(desk.app, PROJECT, [HOST, desk.cookie, ("Origin", f"https://{HERE}")]).status == 200
    assert asked(desk.app, PROJECT, [HOST, desk.cookie, OURS]).status == 403


def test_the_token_opens_no_other_address_and_no_other_method(desk: Desk) -> None:
    token = desk.studio.lock.token
    assert asked(desk.app, f"{PROJECT}?t={token}", [HOST]).status == 401
    assert asked(desk.app, f"/?t={token}", [HOST], method="POST").status == 401
    assert asked(desk.app, f"/?t={token}", [HOST, ("Origin", "http://evil.example")]).status == 403
    assert knocked(desk.app, f"{SOCKET}?t={token}", [HOST, OURS]).status == 401


def test_who_tries_many_tokens_has_to_wait() -> None:
    at = 0.0
    lock = Lock(lambda: at)
    assert not any(lock.is_opened_by_token(f"wrong {number}") for number in range(20))
    with pytest.raises(Refusal):
        lock.is_opened_by_token(lock.token)
    at = 61.0
    assert lock.is_opened_by_token(lock.token)


def test_a_change_needs_the_header_that_no_form_can_send(desk: Desk) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        refused = asked(desk.app, "/studio/api/conversations", [HOST, OURS, desk.cookie], method=method, body=b"{}")
        assert (refused.status, refused.data["error"]) == (403, "a change needs the header X-Studio: 1")
    answered = asked(
        desk.app, "/studio/api/conversations", [HOST, OURS, desk.cookie, CHANGES], method="POST", body=b"{}"
    )
    assert answered.status == 404  # it is let in, and there is no such scenario


def answers(desk: Desk) -> list[Answer]:
    """One of each kind: a page, a file, data, a redirect, refusals, mistakes."""
    inside = [HOST, OURS, desk.cookie, CHANGES]
    post = "/studio/api/conversations"
    return [
        asked(desk.app, "/", inside),
        asked(desk.app, "/studio/static/index.html", inside),
        asked(desk.app, PROJECT, inside),
        asked(desk.app, f"/?t={desk.studio.lock.token}", [HOST]),
        asked(desk.app, "/", [HOST]),
        asked(desk.app, PROJECT, [("Host", "evil.example")]),
        asked(desk.app, "/studio/nothing", inside),
        asked(desk.app, PROJECT, inside, method="DELETE"),
        asked(desk.app, post, inside, method="POST", body=b"no json"),
        asked(desk.app, post, inside, method="POST", body=b'{"scenario": "none"}'),
        knocked(desk.app, SOCKET, [HOST]),
        knocked(desk.app, "/studio/ws/nothing", inside),
    ]


def test_the_page_asks_for_all_that_it_begins_with_at_once(desk: Desk) -> None:
    (page, *_) = answers(desk)
    (names,) = re.findall(r'<html lang="en" data-modules="([^"]+)">', page.body.decode())
    wanted = {file for entry in ("app.js", "conversation.js") for file in shell_files(PAGE, entry)}
    assert sorted(names.split()) == sorted(file.relative_to(PAGE).as_posix() for file in wanted)


def test_what_nothing_is_drawn_before_comes_with_the_page(desk: Desk) -> None:
    (page, *_) = answers(desk)
    head, _, _ = page.body.decode().partition("</head>")
    assert 'rel="stylesheet"' not in head
    assert re.findall("<script[^>]*>", head) == ["<script>"] and 'modulepreload"' not in page.body.decode()
    assert (PAGE / "tokens.css").read_text(encoding="utf-8") in head
    assert (PAGE / "first.js").read_text(encoding="utf-8") in head


def test_every_answer_keeps_the_page_in_its_place(desk: Desk) -> None:
    found = answers(desk)
    ours = b64encode(sha256((PAGE / "first.js").read_bytes()).digest()).decode()
    nonces = set()
    for answer in found:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith(f"default-src 'none'; script-src 'self' 'sha256-{ours}'; style-src 'self' 'nonce-")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy
        nonces.add(policy.partition("'nonce-")[2].partition("'")[0])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "microphone=(self)" in answer.headers["permissions-policy"]
        assert "access-control-allow-origin" not in answer.headers
    assert len(nonces) == len(found)


def test_mistakes_are_told_in_one_line_with_the_way_out(desk: Desk) -> None:
    refused = [answer for answer in answers(desk) if answer.status >= 400]
    assert len(refused) >= 7
    for answer in refused:
        if answer.headers.get("content-type") == "application/json":
            assert "\n" not in answer.data["error"] and answer.data["error"]


@pytest.mark.parametrize("path", ["../door.py", "%2e%2e/door.py", "..%2fdoor.py", "/etc/passwd", "nothing.js", ""])
def test_only_files_of_the_page_are_served(desk: Desk, path: str) -> None:
    assert asked(desk.app, f"/studio/static/{path}", [HOST, desk.cookie]).status == 404


def test_everything_else_is_the_engine_s(desk: Desk) -> None:
    assert asked(desk.app, "/v1/realtime", [("Host", "evil.example")]).body == b"engine"
    assert asked(desk.app, "/studiox", [HOST]).body == b"engine"
    assert knocked(desk.app, "/v1/realtime", [HOST]).status == 418


def test_a_page_is_told_of_scenarios_and_providers(desk: Desk) -> None:
    told = asked(desk.app, PROJECT, [HOST, desk.cookie]).data
    (scenario,) = told["scenarios"]
    assert scenario["name"] == "A desk" and scenario["start"] == "clerk" and scenario["is_whole"]
    assert scenario["agents"] == [{"id": "clerk", "name": "Clerk", "states": []}]
    assert scenario["examples"] == ["Hello there"]
    assert scenario["context"]["tier"]["default"] == "basic"
    assert scenario["context"]["pin"]["default"] is None  # what is secret is not shown
    assert told["providers"] == [{"name": "offline", "ready": True, "needs": None}]
    assert told["epoch"] == desk.studio.epoch


def test_a_scenario_with_mistakes_is_shown_with_them(written: Written) -> None:
    desk = Desk(written("scenario: desk\nagents: [\n"))
    (scenario,) = asked(desk.app, PROJECT, [HOST, desk.cookie]).data["scenarios"]
    assert not scenario["is_whole"] and not scenario["can_talk"] and scenario["findings"][0]["line"] >= 1
    begun = asked(
        desk.app,
        "/studio/api/conversations",
        [HOST, OURS, desk.cookie, CHANGES],
        method="POST",
        body=b'{"scenario": "scenario"}',
    )
    assert begun.status == 409 and "has mistakes" in begun.data["error"]


def needs(wishes: Mapping[str, str | None]) -> dict[str, str | None]:
    """What each provider needs, as a page is told it."""
    voices = AskedVoices("auto", None, AskedPart("auto"), "real", 0)
    listed = CommandLineModels(voices, AskedStudio(False, False, None, wishes)).listed()
    assert all(told["ready"] is (told["needs"] is None) for told in listed)
    return {told["name"]: told["needs"] for told in listed}


@pytest.mark.parametrize(
    ("provider", "environment", "wishes", "missing"),
    [
        ("openai", {}, {}, "OPENAI_API_KEY"),
        ("openai", {"OPENAI_API_KEY": "k"}, {}, None),
        ("openai", {"OPENAI_API_KEY_FILE": "/run/key"}, {}, None),
        ("openai", {"OPENAI_API_KEY": "k"}, {"key_env": "MINE"}, "MINE"),
        ("openai", {"MINE_FILE": "/run/key"}, {"key_env": "MINE"}, None),
        ("azure", {}, {}, "AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_DEPLOYMENT"),
        ("azure", {"AZURE_OPENAI_API_KEY": "k"}, {"url": "https://east", "deployment": "voice"}, None),
        ("url", {}, {}, "--url, or `provider: {name: url, url: ...}` in the scenario"),
        ("url", {}, {"url": "ws://127.0.0.1:9"}, None),
        ("offline", {}, {}, None),
        ("chat", {}, {}, None),
    ],
)
def test_a_provider_needs_what_nobody_has_given_in_any_way_that_it_takes(
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    environment: Mapping[str, str],
    wishes: Mapping[str, str | None],
    missing: str | None,
) -> None:
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "AZURE_", "MINE")):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert needs(wishes)[provider] == missing


def test_what_a_provider_is_opened_with_is_what_is_said_that_it_needs() -> None:
    assert {name: PROVIDERS[name].needs for name in PROVIDERS.homes} == {
        name: variables_of(name) for name in PROVIDERS.homes
    }


def test_a_key_is_named_and_never_shown(monkeypatch: pytest.MonkeyPatch, written: Written) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-1234567890")
    monkeypatch.delenv("AZURE_OPENAI_API_KEY", raising=False)
    voices = AskedVoices("auto", None, AskedPart("auto"), "real", 0)
    listed = CommandLineModels(voices, AskedStudio(False, False, None, {})).listed()
    by_name = {provider["name"]: provider for provider in listed}
    assert by_name["openai"]["ready"] and not by_name["azure"]["ready"]
    assert "AZURE_OPENAI_API_KEY" in by_name["azure"]["needs"]
    assert os.environ["OPENAI_API_KEY"] not in repr(listed)
    assert "scripted" not in by_name
