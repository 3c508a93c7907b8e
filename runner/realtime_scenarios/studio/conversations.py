"""Conversations over HTTP: begun, ended, and taken away as files."""

from __future__ import annotations

import datetime
import http
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from realtime_scenarios.core import UsageError
from realtime_scenarios.project import Project
from realtime_scenarios.project.beginning import beginning, moment_typed
from realtime_scenarios.studio.asking import number_written, object_in
from realtime_scenarios.studio.door import answer
from realtime_scenarios.studio.models import WishedModel
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.starting import start_problems, tables_told
from realtime_scenarios.studio.stream import MOST_BYTES
from realtime_scenarios.studio.studio import Studio
from realtime_scenarios.studio.transcripts import transcript_of

_BAD, _NOT_FOUND = http.HTTPStatus.BAD_REQUEST, http.HTTPStatus.NOT_FOUND
_LONGEST_BEGINNING = MOST_BYTES
"""Bytes: one that goes on from what a page still has brings its events along, of which as many are kept."""

_CODECS = ("pcm16", "g711_ulaw", "g711_alaw")
_TURNS = ("detected", "pushed")


def routes(studio: Studio) -> Sequence[BaseRoute]:
    base = "/studio/api/conversations"

    async def begin(request: Request) -> Response:
        hosted = await run_begin(studio, await object_in(request, _LONGEST_BEGINNING))
        return answer({"id": hosted}, http.HTTPStatus.CREATED)

    async def start(request: Request) -> Response:
        project = await run_in_threadpool(_served, studio, request.query_params.get("scenario"))
        return answer({"tables": tables_told(project.scenario)})

    async def checked(request: Request) -> Response:
        asked = await object_in(request, _LONGEST_BEGINNING)
        project = await run_in_threadpool(_served, studio, asked.get("scenario"))
        problems = await run_in_threadpool(
            start_problems, project.scenario, asked.get("context") or {}, asked.get("data") or {}
        )
        return answer({"problems": [{"field": each.field, "message": each.message} for each in problems]})

    async def end(request: Request) -> Response:
        hosted = _hosted(studio, request)
        await studio.end(hosted, "it was ended from outside of its page")
        return answer({})

    async def event(request: Request) -> Response:
        stream = (await _settled(studio, request)).stream
        seq = number_written(request.path_params["seq"])
        whole = None if seq is None else stream.whole(seq)
        if whole is None:
            raise Refusal(_NOT_FOUND, "there is no such event, or it is not kept any more")
        return Response(whole, media_type="application/json")

    async def earlier(request: Request) -> Response:
        stream = (await _settled(studio, request)).stream
        before = number_written(request.query_params.get("before", ""))
        if before is None:
            raise Refusal(_BAD, "'before' is the number of an event")
        return Response(stream.earlier(before), media_type="application/json")

    async def events(request: Request) -> Response:
        hosted = await _settled(studio, request)
        name = f"{hosted.project.path.stem}-{hosted.id}.jsonl"
        return StreamingResponse(
            _chunks(list(hosted.stream.lines())), media_type="application/jsonl", headers=attachment(name)
        )

    async def recording(request: Request) -> Response:
        hosted = _hosted(studio, request)
        which = request.query_params.get("number", "")
        number = len(hosted.kept.recorded) if not which else number_written(which) or 0
        if not 0 < number <= len(hosted.kept.recorded):
            raise Refusal(_NOT_FOUND, "there is no recording", "record the conversation, and end the recording first")
        path = hosted.kept.recorded[number - 1]
        return FileResponse(path, media_type="audio/wav", headers=attachment(path.name))

    async def transcript(request: Request) -> Response:
        hosted = await _settled(studio, request)
        text = transcript_of(hosted.scenario, hosted.stream.picture())
        name = f"{hosted.project.path.stem}-{hosted.id}.md"
        return Response(text, media_type="text/markdown", headers=attachment(name))

    return [
        Route(f"{base}/{{id}}/recording.wav", recording, methods=["GET"]),
        Route(f"{base}/{{id}}/transcript.md", transcript, methods=["GET"]),
        Route(base, begin, methods=["POST"]),
        Route("/studio/api/start", start, methods=["GET"]),
        Route("/studio/api/start", checked, methods=["POST"]),
        Route(f"{base}/{{id}}", end, methods=["DELETE"]),
        Route(f"{base}/{{id}}/events/{{seq}}", event, methods=["GET"]),
        Route(f"{base}/{{id}}/earlier", earlier, methods=["GET"]),
        Route(f"{base}/{{id}}/events.jsonl", events, methods=["GET"]),
    ]


async def _chunks(lines: list[bytes]) -> Any:
    for start in range(0, len(lines), 500):
        yield b"".join(lines[start : start + 500])


async def run_begin(studio: Studio, asked: Mapping[str, Any]) -> str:
    """Begin a conversation as it is asked for; its id.

    Raises:
        Refusal: it cannot begin so.
    """
    project = await run_in_threadpool(_served, studio, asked.get("scenario"))
    loaded, restoring = await run_in_threadpool(_loaded)
    voice = asked.get("voice") is True
    turns, codec = asked.get("turns") or "detected", asked.get("codec") or "pcm16"
    if turns not in _TURNS or codec not in _CODECS:
        raise Refusal(_BAD, f"turns are {' or '.join(_TURNS)}, and a codec is one of {', '.join(_CODECS)}")
    context = asked.get("context") or {}
    if problems := start_problems(project.scenario, context, asked.get("data") or {}):
        raise Refusal(_BAD, str(problems[0]), "the Context view shows it at its field")
    try:
        now = asked.get("now")
        begins = beginning(
            project.scenario,
            agent=_name_in(asked, "agent"),
            state=_name_in(asked, "state"),
            context=context,
            now=moment_typed(str(now)) if now else None,
        )
    except UsageError as problem:
        raise Refusal(_BAD, problem.message, problem.hint) from problem
    call = asked.get("call") or None
    if call is not None and not (voice and isinstance(call, str)):
        raise Refusal(_BAD, "a call is named by its id, and is spoken: voice must be true")
    model = WishedModel(_name_in(asked, "provider"), _name_in(asked, "model"), voice, call=call)
    wish = loaded.Wish(begins, model, turns if voice else "typed", codec, asked.get("data") or {})
    around = loaded.Surroundings(studio.epoch, studio.models, studio.adopt, studio.budget, taps=studio.taps)
    before = asked.get("goes_on_from")
    if before is None:
        return studio.adopt(lambda id: loaded.Hosted(id, project, wish, around))
    if not isinstance(before, list):
        raise Refusal(_BAD, "what it goes on from is a list of events")
    try:
        now = begins.now or datetime.datetime.now().astimezone()
        defaults = {name: variable.default for name, variable in project.scenario.context.items()}
        known = {**defaults, **begins.context}
        earlier = restoring.restored(project.scenario, before, begins.agent, known, now)
    except UsageError as problem:
        raise Refusal(_BAD, problem.message, problem.hint) from problem

    def made(id: str) -> Any:
        hosted = loaded.Hosted(id, project, wish, around)
        hosted.begin_with(earlier)
        return hosted

    return studio.adopt(made)


def _served(studio: Studio, name: object) -> Project:
    """The scenario of that id, as it can be talked to.

    Raises:
        Refusal: there is none.
    """
    served = studio.projects.served.get(str(name))
    if served is None:
        raise Refusal(_NOT_FOUND, f"there is no scenario '{name}'")
    served.look()
    if served.project is None:
        raise Refusal(http.HTTPStatus.CONFLICT, f"'{served.read.shown}' has mistakes", "mend them in the editor first")
    return served.project


def _name_in(asked: Mapping[str, Any], key: str) -> str | None:
    """The name at a key; None: there is none.

    Raises:
        Refusal: it is no text.
    """
    name = asked.get(key)
    if name is not None and not isinstance(name, str):
        raise Refusal(_BAD, f"'{key}' is a text")
    return name or None


def _loaded() -> Any:
    """What holds conversations; loading it takes seconds, since the SDK comes with it."""
    from realtime_scenarios.studio import hosted, restoring

    return hosted, restoring


def _hosted(studio: Studio, request: Request) -> Any:
    hosted = studio.conversations.get(request.path_params["id"])
    if hosted is None:
        raise no_conversation()
    return hosted


async def _settled(studio: Studio, request: Request) -> Any:
    """The conversation, once what has become secret is taken out of its events."""
    hosted = _hosted(studio, request)
    await hosted.stream.settled()
    return hosted


def no_conversation() -> Refusal:
    return Refusal(_NOT_FOUND, "there is no such conversation", "the server may have been started anew since")


def attachment(name: str) -> dict[str, str]:
    """The headers of a file that is taken away."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)
    return {"Content-Disposition": f'attachment; filename="{plain.lstrip(".")[-80:]}"'}
