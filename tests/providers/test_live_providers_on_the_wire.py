"""What the live providers put on the wire, and what is said when the way to the model is blocked."""

from __future__ import annotations

import asyncio
import http
import socket
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError, UsageError, resource_folder
from realtime_scenarios.project import load
from realtime_scenarios.project.models import Role
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.providers.text import LiveText
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.session import Conversation, LoopClock
from support import Answers, Recording, Written, port_of, recording_server

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
HANDOFF: list[Sequence[Output]] = [
    [CallFunction("transfer_to_qa_agent", "{}")],
    [CallFunction("document_lookup", '{"request": "bags"}')],
    [SayText("Up to 22 by 14 by 9 inches.")],
]


async def talk(provider: str, request: ProviderRequest, *lines: str, scenario: Path = AIRLINE) -> Conversation:
    project = load(scenario)
    opened = PROVIDERS[provider].open(request.completed_by(project.scenario))
    conversation = Conversation(compiled(project.scenario), opened, clock=LoopClock())
    async with conversation:
        for line in lines:
            await conversation.user_says(line)
    return conversation


async def recorded(provider: str, request: ProviderRequest, path: str) -> Recording:
    async with recording_server(Answers(HANDOFF)) as recording:
        wanted = ProviderRequest(**{**vars_of(request), "url": recording.url + path})
        await talk(provider, wanted, "How big can my bag be?")
    return recording


def vars_of(request: ProviderRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in ProviderRequest.__dataclass_fields__}


def test_openai_is_asked_at_its_path_for_the_scenarios_model_with_a_bearer_key() -> None:
    request = ProviderRequest(environment={"OPENAI_API_KEY": "sk-test-1"})
    recording = asyncio.run(recorded("openai", request, "/v1"))
    assert recording.path == "/v1/realtime?model=gpt-realtime-2.1-mini"
    assert recording.headers["authorization"] == "Bearer sk-test-1"
    assert "openai-beta" not in recording.headers


def test_azure_is_asked_at_its_ga_path_for_a_deployment_with_an_api_key_header() -> None:
    request = ProviderRequest(environment={"AZURE_OPENAI_API_KEY": "az-1"}, deployment="voice-east")
    recording = asyncio.run(recorded("azure", request, "/"))
    assert recording.path == "/openai/v1/realtime?model=voice-east"
    assert recording.headers["api-key"] == "az-1"
    assert "authorization" not in recording.headers
    assert recording.of("session.update")[0]["session"]["model"] == "voice-east"


def test_any_other_server_is_sent_no_key_unless_one_is_named() -> None:
    environment = {"OPENAI_API_KEY": "sk-not-for-you", "OTHER_KEY": "other"}
    without = asyncio.run(recorded("url", ProviderRequest(environment=environment), "/v1/realtime"))
    assert "authorization" not in without.headers and "api-key" not in without.headers
    named = asyncio.run(recorded("url", ProviderRequest(environment=environment, key_env="OTHER_KEY"), "/v1/realtime"))
    assert named.headers["authorization"] == "Bearer other"


def test_each_agents_instructions_and_tools_are_sent_when_it_becomes_active() -> None:
    recording = asyncio.run(recorded("url", ProviderRequest(), "/v1/realtime"))
    assert recording.frames[0]["type"] == "session.update"
    first, second = recording.of("session.update")[0]["session"], recording.of("session.update")[-1]["session"]
    assert "first voice" in first["instructions"]
    assert [tool["name"] for tool in first["tools"]] == ["check_flights", "transfer_to_qa_agent"]
    assert "quick reference" in second["instructions"]
    assert [tool["name"] for tool in second["tools"]] == ["document_lookup", "transfer_to_main_agent"]
    assert '"What flight am I on?"' in first["tools"][0]["description"]


def test_the_session_settings_of_the_scenario_are_sent() -> None:
    session = asyncio.run(recorded("url", ProviderRequest(), "/v1/realtime")).frames[0]["session"]
    assert session["model"] == "gpt-realtime-2.1-mini"
    assert session["output_modalities"] == ["text"]
    assert session["audio"]["output"]["voice"] == "cedar"
    assert session["audio"]["input"]["transcription"] == {"model": "gpt-4o-mini-transcribe", "language": "en"}
    assert session["audio"]["input"]["turn_detection"] is None


UNSAID = "scenario: s\nstart: a\nagents: {a: {instructions: Be kind.}}\n"


@pytest.mark.parametrize(
    ("settings", "on", "model", "transcription"),
    [
        ("", None, "gpt-realtime-2.1", {"model": "gpt-4o-mini-transcribe"}),
        ("session: {model: realtime-mini}", None, "gpt-realtime-2.1-mini", {"model": "gpt-4o-mini-transcribe"}),
        ("session: {language: fr}", None, "gpt-realtime-2.1", {"model": "gpt-4o-mini-transcribe", "language": "fr"}),
        (
            "session: {transcription: {model: transcription, language: fr}}",
            date(2027, 3, 1),
            "gpt-realtime-2.1",
            {"model": "gpt-live-transcribe", "language": "fr"},
        ),
        ("session: {model: ours, transcription: {model: own}}", date(2031, 1, 1), "ours", {"model": "own"}),
    ],
)
def test_roles_are_sent_as_the_models_that_they_stand_for(
    settings: str, on: date | None, model: str, transcription: dict[str, str], written: Written
) -> None:
    async def recorded_session() -> Recording:
        async with recording_server(Answers([])) as recording:
            request = ProviderRequest(environment={"OPENAI_API_KEY": "sk-1"}, url=recording.url, on=on)
            await talk("openai", request, scenario=written(UNSAID + settings))
        return recording

    recording = asyncio.run(recorded_session())
    session = recording.of("session.update")[0]["session"]
    assert recording.path == f"/v1/realtime?model={model}" and session["model"] == model
    assert session["audio"]["input"]["transcription"] == transcription


def test_a_role_is_no_name_of_a_deployment() -> None:
    environment = {"AZURE_OPENAI_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": "https://here.example"}
    with pytest.raises(ProviderError, match="needs AZURE_OPENAI_DEPLOYMENT"):
        PROVIDERS["azure"].open(ProviderRequest(environment=environment, model="realtime"))
    assert PROVIDERS["azure"].open(ProviderRequest(environment=environment, model="east")).model_name == "east"


@pytest.mark.parametrize(
    ("named", "role", "text_model", "text_models", "asked"),
    [
        (None, "text", None, {}, "gpt-6.1-terra"),
        (None, "text-mini", None, {}, "gpt-6-luna"),
        ("text-mini", "text", None, {}, "gpt-6-luna"),
        (None, "text", "text-mini", {}, "gpt-6-luna"),
        (None, "text", "ours", {}, "ours"),
        ("text", "text", None, {"text": "east-text"}, "east-text"),
        ("text", "text", None, {"gpt-6.1-terra": "east-terra"}, "east-terra"),
        ("a", "text", None, {"a": "b", "b": "c"}, "b"),
    ],
)
def test_text_models_are_asked_by_the_name_that_their_role_has_there(
    named: str | None, role: Role, text_model: str | None, text_models: dict[str, str], asked: str
) -> None:
    request = ProviderRequest(url="ws://127.0.0.1:9", text_model=text_model, text_models=text_models)
    text = PROVIDERS["url"].open(request).text
    assert isinstance(text, LiveText)
    model: Any = text.named(named, role)
    assert model.model == asked


def test_a_handoff_sends_the_new_session_before_its_output_and_the_next_response() -> None:
    kinds = [frame["type"] for frame in asyncio.run(recorded("url", ProviderRequest(), "/v1/realtime")).frames]
    at = len(kinds) - 1 - kinds[::-1].index("session.update")
    assert kinds[at : at + 3] == ["session.update", "conversation.item.create", "response.create"]


@pytest.mark.parametrize(
    ("provider", "environment", "message", "hint"),
    [
        ("openai", {}, "no key for OpenAI: OPENAI_API_KEY is not set", "--provider offline"),
        ("openai", {"OPENAI_API_KEY": "' '"}, "no key for OpenAI: OPENAI_API_KEY is not set", "--provider offline"),
        ("openai", {"OPENAI_API_KEY": "'sk-1"}, "OPENAI_API_KEY holds characters that no key has", "copy"),
        (
            "openai",
            {"OPENAI_API_KEY_FILE": "/no/such/key"},
            "key file '/no/such/key' cannot be read: No such file",
            "OPENAI_API_KEY_FILE must name",
        ),
        ("openai", {"OPENAI_API_KEY": "sk 1\u00e4"}, "characters that no key has", "copy"),
        ("azure", {}, "AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT", "set AZURE_OPENAI_API_KEY"),
        ("azure", {"AZURE_OPENAI_API_KEY": "k"}, "needs AZURE_OPENAI_ENDPOINT", "set AZURE_OPENAI_ENDPOINT"),
    ],
)
def test_what_is_missing_is_named_with_the_way_out(
    provider: str, environment: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        PROVIDERS[provider].open(ProviderRequest(environment=environment))
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("written_as", ["sk-1", " sk-1\n", "'sk-1'", '"sk-1"', "“sk-1”", "' sk-1 '", "\ufeffsk-1\r\n"])
@pytest.mark.parametrize("in_file", [False, True])
def test_a_key_is_taken_without_the_blanks_and_quotes_around_it(written_as: str, in_file: bool, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(written_as, encoding="utf-8")
    held = {"OPENAI_API_KEY_FILE": f'"{tmp_path / "key"}"'} if in_file else {"OPENAI_API_KEY": written_as}
    opened = PROVIDERS["openai"].open(ProviderRequest(environment=held))

    assert opened.secrets == ("sk-1",)
    assert opened.config["headers"] == {"Authorization": "Bearer sk-1"}


def test_quotes_around_an_address_of_azure_are_none_of_it() -> None:
    quoted = {"ENDPOINT": '"https://east.example/"', "API_KEY": "'k'", "DEPLOYMENT": "'voice'"}
    environment = {f"AZURE_OPENAI_{name}": value for name, value in quoted.items()}
    opened = PROVIDERS["azure"].open(ProviderRequest(environment=environment))

    assert opened.config["url"] == "wss://east.example/openai/v1/realtime?model=voice"


@pytest.mark.parametrize("url", ["", "ftp://host/x", "ws://", "ws://host:99999/", "ws://[host", "not a url at all ://"])
def test_an_address_that_is_none_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        PROVIDERS["url"].open(ProviderRequest(url=url))


@pytest.mark.parametrize("endpoint", ["ftp://east.example", "https://[east.example", "https://east.example:99999"])
def test_an_endpoint_of_azure_that_is_no_address_is_a_usage_error_that_names_it(endpoint: str) -> None:
    environment = {"AZURE_OPENAI_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": endpoint, "AZURE_OPENAI_DEPLOYMENT": "voice"}
    with pytest.raises(UsageError) as refused:
        PROVIDERS["azure"].open(ProviderRequest(environment=environment))
    assert refused.value.message == f"'{endpoint}' is no address of a server"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("{}", "/v1/realtime?model=m"),
        ("{}/v1/", "/v1/realtime?model=m"),
        ("{}/v1/realtime?model=other&x=1", "/v1/realtime?x=1&model=m"),
        ("{}/proxy/openai/v1", "/proxy/openai/v1/realtime?model=m"),
    ],
)
def test_addresses_are_completed(given: str, path: str) -> None:
    opened = PROVIDERS["url"].open(ProviderRequest(url=given.format("http://127.0.0.1:9"), model="m"))
    assert opened.config["url"] == f"ws://127.0.0.1:9{path}"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "refused the key: no such key"),
        (403, "does not allow this"),
        (404, "no Realtime endpoint"),
        (429, "more requests"),
        (500, "HTTP 500"),
        (418, "HTTP 418"),
    ],
)
def test_a_refused_handshake_is_explained_and_the_key_is_never_shown(status: int, message: str) -> None:
    async def refused() -> None:
        def refuse(connection: ServerConnection, request: Request) -> Response:
            key = request.headers.get("authorization", "")
            return connection.respond(http.HTTPStatus(status), f'{{"error": {{"message": "no such key {key}"}}}}')

        async with serve(lambda connection: asyncio.sleep(0), "127.0.0.1", 0, process_request=refuse) as server:
            url = f"ws://127.0.0.1:{port_of(server)}/v1"
            await talk("openai", ProviderRequest(environment={"OPENAI_API_KEY": "sk-secret-77"}, url=url))

    with pytest.raises(ProviderError) as caught:
        asyncio.run(refused())
    assert message in caught.value.message
    assert "sk-secret-77" not in f"{caught.value.message} {caught.value.hint}"


def test_a_port_where_nothing_listens_is_named() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(ProviderError, match="nothing listens at ws://127"):
            asyncio.run(talk("url", ProviderRequest(url=url)))


@pytest.mark.parametrize("provider", ["url", "chat"])
def test_an_address_with_a_password_or_a_key_is_told_without(provider: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        scheme = {"url": "ws", "chat": "http"}[provider]
        url = f"{scheme}://me:hunter2@127.0.0.1:{closed.getsockname()[1]}/v1?key=sk-77&api-version=2"
        with pytest.raises(ProviderError, match=r"nothing listens at .*\[secret\]@127") as caught:
            asyncio.run(talk(provider, ProviderRequest(url=url, model="qwen3")))
    told = caught.value.message
    assert "hunter2" not in told and "sk-77" not in told and "api-version=2" in told


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(ProviderError, match=r"no such host: nowhere\.invalid"):
        asyncio.run(talk("url", ProviderRequest(url="ws://nowhere.invalid")))


def test_a_server_that_does_not_speak_websocket_is_named() -> None:
    async def talked() -> None:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ready\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await talk("url", ProviderRequest(url=f"ws://127.0.0.1:{port}"))

    with pytest.raises(ProviderError, match="does not speak websocket"):
        asyncio.run(talked())


@pytest.mark.parametrize(("code", "message"), [(1011, "was dropped"), (1001, "ended the conversation|was dropped")])
def test_a_connection_that_is_dropped_in_the_middle_is_told_apart_from_an_answer(code: int, message: str) -> None:
    async def dropped() -> None:
        async with recording_server(Answers([[SayText("Hello.")]]), drop_after=2, code=code) as recording:
            await talk("url", ProviderRequest(url=recording.url), "Hello")

    with pytest.raises(ProviderError, match=message):
        asyncio.run(dropped())
