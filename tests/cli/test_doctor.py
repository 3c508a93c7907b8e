"""`scenario doctor`: what it finds with local servers in the place of services, and what it says to do about it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import resource_folder
from realtime_scenarios.model.provider import variables_of
from support import AS_OF, Answers, Recording, Written, recording_server
from support.chat_api import Refused, chat_api, says

SNAPSHOTS = Path(__file__).parent / "snapshots"
KEY = "sk-proj-neverseen1234"
LISTED = {
    "object": "list",
    "data": [
        {"id": "gpt-realtime-2.1", "object": "model", "created": 1, "owned_by": "o", "shutdown_date": None},
        {"id": "gpt-realtime-2", "object": "model", "created": 1, "owned_by": "o", "shutdown_date": "2027-01-20"},
    ],
}
DESK = """
    scenario: desk
    start: desk
    session: {{model: {model}, language: en}}
    provider: {{name: openai, url: "{url}", text_url: "{text_url}"}}
    agents: {{desk: {{instructions: You look things up., tools: [look]}}}}
    tools: {{look: {{description: Look., parameters: {{what: string}}, returns: Found}}}}
    dialogues: [{{id: looks, turns: [{{user: Look, agent: [{{call: look, args: {{what: bags}}}}, {{say: Done.}}]}}]}}]
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No keys, 80 columns, a folder of its own."""
    for name in (*variables_of("openai"), *variables_of("azure"), "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def doctor(*arguments: str, environment: Mapping[str, str] | None = None) -> Result:
    command = ["doctor", *arguments, "--as-of", str(AS_OF)]
    return CliRunner().invoke(cli, command, prog_name="scenario", env=environment)


@contextmanager
def realtime_server(**settings: Any) -> Iterator[Recording]:
    """A Realtime server that runs beside the test."""
    started: list[Recording] = []
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with recording_server(Answers([]), **settings) as recording:
            started.append(recording)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    try:
        assert ready.wait(10)
        yield started[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@contextmanager
def service(
    written: Written, *, model: str = "gpt-realtime-2.1", lists: Refused | None = None, **settings: Any
) -> Iterator[tuple[str, Recording]]:
    """A scenario whose provider is OpenAI, as far as it knows; and what that service was sent."""
    listing = lists or Refused(200, LISTED)
    with chat_api(says("Hello."), greets=listing) as api, realtime_server(**settings) as recording:
        path = written(DESK.format(url=f"{recording.url}/v1", text_url=api.base, model=model), "desk.yaml")
        yield str(path), recording


def same_as_before(name: str, text: str) -> None:
    """What was expected, apart from versions, times, ports and folders."""
    text = re.sub(r"\n  ok    Python [^\n]*\n(?:  [^\n]*\n|    [^\n]*\n)*", "\n  (what is installed)\n", text, count=1)
    text = re.sub(r"\nsound\n(?:  [^\n]*\n)+", "\nsound\n  (what is there)\n", text)
    text = re.sub(r"\bin \d+\.\d s", "in 0.0 s", text)
    text = re.sub(r"  warn  that is slow[^\n]*\n +->[^\n]*\n", "", text)  # where the machine is busy
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = text.replace(str(resource_folder("scenarios")), "SCENARIOS")
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_without_a_key_it_says_that_offline_works() -> None:
    result = doctor()

    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    same_as_before("doctor.offline.out", result.output)


def test_a_service_that_lets_us_in_is_told_with_what_is_sent_and_without_the_key(written: Written) -> None:
    with service(written) as (path, recording):
        result = doctor(Path(path).name, environment={"OPENAI_API_KEY": KEY})

    assert result.exit_code == 0, result.output
    assert KEY not in result.output
    assert recording.headers["authorization"] == f"Bearer {KEY}"
    assert {frame["type"] for frame in recording.frames} == {"session.update"}  # nobody was asked for anything
    same_as_before("doctor.openai.out", result.output)


def test_what_is_sent_is_what_it_says(written: Written) -> None:
    with service(written) as (path, recording):
        result = doctor(path, "--format", "json", environment={"OPENAI_API_KEY": KEY})

    told = json.loads(result.output)
    assert told["works"] is True and told["provider"] == "openai"
    assert told["sent"]["url"] == f"{recording.url}/v1/realtime?model=gpt-realtime-2.1"
    assert told["sent"]["headers"] == {"Authorization": "Bearer [secret]"}
    assert told["sent"]["session"] == recording.frames[0]["session"]
    assert KEY not in result.output


def test_without_a_key_the_provider_that_was_named_cannot_be_used() -> None:
    result = doctor("--provider", "openai")

    assert result.exit_code == 3
    same_as_before("doctor.keyless.out", result.output)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"lists": Refused(401, {"error": {"message": f"bad key {KEY}"}})}, ["fail  the service refuses the key", "check OPENAI_API_KEY"], id="key refused"),
        pytest.param({"model": "gpt-realtime-9"}, ["warn  'gpt-realtime-9' is not among the 2 models that the service lists", "name one of these: gpt-realtime-2,", "nothing is known of how long"], id="model not there"),
        pytest.param({"model": "gpt-realtime-2"}, ["warn  gpt-realtime-2 answers until 2027-01-20 (as the service says)", "scenario models --write"], id="ends soon"),
        pytest.param({"lists": Refused(404, "no")}, ["note  models are not listed (HTTP 404)", "(as was known on 2026-11-29)"], id="lists nothing"),
        pytest.param({"lists": Refused(200, "<html>")}, ["note  models are not listed"], id="lists nonsense"),
        pytest.param({"spoils": 1}, ["fail  the model refused the session of agent 'desk'", "mend what the message names"], id="session refused"),
        pytest.param({"drop_after": 1}, ["fail  the connection to", "was dropped (code 1011"], id="hangs up"),
    ],
)  # fmt: skip
def test_what_is_wrong_at_the_service_is_told_with_the_way_out(
    written: Written, settings: dict[str, Any], said: list[str]
) -> None:
    with service(written, **settings) as (path, _):
        result = doctor(path, environment={"OPENAI_API_KEY": KEY})

    text = " ".join(result.output.split())
    assert [part for part in said if " ".join(part.split()) not in text] == []
    assert result.exit_code == (3 if any(part.startswith("fail") for part in said) else 0)
    assert KEY not in result.output


def test_a_service_that_is_not_there_is_told(written: Written) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/v1"
    path = written(DESK.format(url=url, text_url=url.replace("ws", "http"), model="realtime"))
    result = doctor(str(path), environment={"OPENAI_API_KEY": KEY})

    assert result.exit_code == 3
    assert "fail  nothing listens at" in result.output
    assert "-> start the server, or check host and port" in result.output


def test_nothing_leaves_the_machine_where_that_is_not_wanted(written: Written) -> None:
    with service(written) as (path, recording):
        result = doctor(path, "--no-network", environment={"OPENAI_API_KEY": KEY})

    assert result.exit_code == 0
    assert recording.frames == []
    assert "note  not tried: --no-network" in result.output
    assert "a conversation can be held" not in result.output
    assert result.output.endswith("\nnothing is missing here, and whether --provider openai lets us in was not tried\n")


@pytest.mark.parametrize(
    ("arguments", "works"), [(["--no-network"], None), ([], False), (["--provider", "offline", "--no-network"], True)]
)
def test_of_a_line_that_was_not_tried_nobody_is_told_that_it_works(
    arguments: list[str], works: bool | None, written: Written
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/v1"
    path = written(DESK.format(url=url, text_url=url.replace("ws", "http"), model="realtime"))
    if "offline" in arguments:
        path.write_text(re.sub("provider: {name[^\n]*", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    result = doctor(str(path), "--format", "json", *arguments, environment={"OPENAI_API_KEY": KEY})

    told = json.loads(result.output)
    assert told["works"] is works
    assert [section["about"] for section in told["sections"] if not section["was_tried"]] == (
        ["the line"] if works is None else []
    )


def test_mistakes_in_the_file_come_first(written: Written) -> None:
    path = written("scenario: s\nstart: nobody\nagents: {a: {instructions: Hi.}}\n")
    result = doctor(str(path))

    assert result.exit_code == 1
    assert "fail  1 mistake:" in result.output
    assert "what would be sent" not in result.output


def test_a_text_model_of_ones_own_is_looked_at_as_well(written: Written) -> None:
    with chat_api(says("Hello."), greets=Refused(200, {"object": "list", "data": []})) as api:
        result = doctor("airline", "--provider", "chat", "--url", api.base, "--model", "qwen3")

    assert result.exit_code == 0, result.output
    assert f"asks {api.base}" in result.output
    assert api.bodies == []


def test_the_provider_whose_keys_are_set_is_the_one_that_is_meant() -> None:
    keys = dict.fromkeys(variables_of("azure"), "key-1") | {"AZURE_OPENAI_ENDPOINT": "https://east.example"}
    result = doctor("--no-network", environment=keys)

    assert "provider azure" in result.output
    assert "api-key: [secret]" in result.output
