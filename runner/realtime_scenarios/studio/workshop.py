"""What the page writes and tests with, over HTTP: files, findings, completion, dialogues, runs and comparisons."""

from __future__ import annotations

import asyncio
import http
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from realtime_scenarios.studio.asking import number_at, object_in, text_at
from realtime_scenarios.studio.authoring import Linter, findings_data
from realtime_scenarios.studio.comparing import Side, compared
from realtime_scenarios.studio.completing import completion_of
from realtime_scenarios.studio.conversations import attachment, no_conversation
from realtime_scenarios.studio.door import answer
from realtime_scenarios.studio.files import OpenedFile, ScenarioFolder
from realtime_scenarios.studio.making import Choices, Maker
from realtime_scenarios.studio.outline import outline_of
from realtime_scenarios.studio.projects import Served
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.replaying import events_of
from realtime_scenarios.studio.sharing import MOST_WHOLE, SharedEntry, entry_of, names_of, shared_html
from realtime_scenarios.studio.studio import Studio
from realtime_scenarios.studio.testing import Bench, Wanted
from realtime_scenarios.studio.updating import outcome_with_updates, updated
from realtime_scenarios.suite import tally

_LONGEST_NAME = 1_000
_MOST_SOUND = 60_000_000
"""Bytes of a recording that goes into a shared file: ten minutes of both sides; a longer one is left out."""


class Workshop:
    """What is made and tested in one studio. Made inside the loop."""

    def __init__(self, studio: Studio) -> None:
        loop = asyncio.get_running_loop()

        def publish(event: Mapping[str, Any]) -> None:
            loop.call_soon_threadsafe(studio.events.add, "studio", "run", event)

        self.studio = studio
        self.made = f"studio of realtime-scenarios {studio.version}"
        self.linter = Linter()
        self.bench = Bench(publish, folder=Path.cwd(), environment=os.environ)

    def served(self, name: object) -> Served:
        """The scenario of that id.

        Raises:
            Refusal: 404, there is none.
        """
        served = self.studio.projects.served.get(str(name))
        if served is None:
            raise Refusal(404, f"there is no scenario '{name}'")
        return served

    def folder(self, name: object) -> tuple[Served, ScenarioFolder]:
        served = self.served(name)
        return served, ScenarioFolder(served.folder)

    def side(self, name: str) -> Side:
        """One side of a comparison: `c1`, a conversation, or `r1/DIALOGUE`, what came of a dialogue in a run.

        Raises:
            Refusal: 404, there is no such thing.
        """
        run, separator, dialogue = name.partition("/")
        if separator:
            outcome = self.bench.outcome(run, dialogue)
            marked = frozenset(verdict.at for verdict in outcome.result.failures)
            title = f"{dialogue}, run {run.removeprefix('r')}"
            return Side(title, outcome.result.trace, outcome.case.agent_name, outcome.result.status, marked)
        hosted = self.studio.conversations.get(name)
        trace = None if hosted is None else hosted.trace()
        if hosted is None or trace is None:
            raise Refusal(404, f"there is no conversation '{name}'", "it may have ended")
        agents = hosted.scenario.agents
        return Side(f"conversation {name}", trace, lambda agent: agents[agent].name if agent in agents else agent)


def routes(workshop: Workshop) -> Sequence[BaseRoute]:
    api = "/studio/api"
    return [*_of_files(workshop, api), *_of_writing(workshop, api), *_of_tests(workshop, api)]


def _of_files(workshop: Workshop, api: str) -> Sequence[BaseRoute]:
    async def listed(request: Request) -> Response:
        served, folder = workshop.folder(request.query_params.get("scenario"))
        names = await asyncio.to_thread(folder.names)
        return answer(
            {
                "folder": "" if (home := Path(served.read.shown).parent.as_posix()) == "." else home,
                "file": served.path.name,
                "files": names,
            }
        )

    async def opened(request: Request) -> Response:
        _, folder = workshop.folder(request.query_params.get("scenario"))
        return _file(await asyncio.to_thread(folder.opened, request.path_params["path"]))

    async def saved(request: Request) -> Response:
        _, folder = workshop.folder(request.query_params.get("scenario"))
        asked = await object_in(request)
        name, text = request.path_params["path"], text_at(asked, "text")
        is_new = request.headers.get("if-none-match") == "*"
        tag = request.headers.get("if-match")
        return _file(await asyncio.to_thread(lambda: folder.saved(name, text, tag, new=is_new)))

    return [
        Route(f"{api}/files", listed, methods=["GET"]),
        Route(f"{api}/files/{{path:path}}", opened, methods=["GET"]),
        Route(f"{api}/files/{{path:path}}", saved, methods=["PUT"]),
    ]


def _of_writing(workshop: Workshop, api: str) -> Sequence[BaseRoute]:
    async def lint(request: Request) -> Response:
        asked = await object_in(request)
        served, folder = workshop.folder(asked.get("scenario"))
        path = folder.path_of(text_at(asked, "file", _LONGEST_NAME))
        found = await workshop.linter.findings(served.path, path, text_at(asked, "text"))
        findings = None if found is None else findings_data(found, served.folder)
        return answer({"version": asked.get("version"), "findings": findings})

    async def complete(request: Request) -> Response:
        asked = await object_in(request)
        served, folder = workshop.folder(asked.get("scenario"))
        path = folder.path_of(text_at(asked, "file", _LONGEST_NAME))
        text, line, column = text_at(asked, "text"), number_at(asked, "line"), number_at(asked, "column")
        if line > text.count("\n") + 1:
            raise Refusal(400, "there is no such line in the text")
        found = await asyncio.to_thread(completion_of, served.path, path, text, line, column)
        return answer({"version": asked.get("version"), **found.data()})

    async def outline(request: Request) -> Response:
        served = workshop.served(request.query_params.get("scenario"))
        entries = await asyncio.to_thread(outline_of, served.read)
        return answer({"entries": [entry.data(served.folder) for entry in entries]})

    async def make(request: Request) -> Response:
        hosted = workshop.studio.conversations.get(request.path_params["id"])
        if hosted is None:
            raise no_conversation()
        asked = await object_in(request)
        trace = hosted.trace()
        if trace is None:
            raise Refusal(409, "there is nothing to save yet", "connect, and say something first")
        if hosted.wish.data:
            message = "it began with other rows than the scenario's, and a dialogue begins with those"
            raise Refusal(422, message, "put the rows into the scenario, or begin anew without changing them")
        choices = _choices(asked)
        maker = Maker(hosted.project, ScenarioFolder(hosted.project.path.parent))

        def work() -> dict[str, Any]:
            draft = maker.draft(trace, choices, hosted.secrets())
            if asked.get("write") is not True:
                return {**draft.data(maker.findings(draft)), "files": maker.files()}
            maker.write(draft, choices)
            run = workshop.bench.begin(
                hosted.project.path, Wanted(ids=frozenset([draft.id])), trust=asked.get("trust") is True
            )
            return {"id": draft.id, "file": draft.file, "run": run.id}

        return answer(await asyncio.to_thread(work))

    return [
        Route(f"{api}/lint", lint, methods=["POST"]),
        Route(f"{api}/complete", complete, methods=["POST"]),
        Route(f"{api}/outline", outline, methods=["GET"]),
        Route(f"{api}/conversations/{{id}}/dialogue", make, methods=["POST"]),
    ]


def _of_tests(workshop: Workshop, api: str) -> Sequence[BaseRoute]:
    bench = workshop.bench

    async def listed(request: Request) -> Response:
        served = workshop.served(request.query_params.get("scenario"))
        return answer(await asyncio.to_thread(bench.listed, served.path))

    async def begin(request: Request) -> Response:
        asked = await object_in(request)
        served = workshop.served(asked.get("scenario"))
        ids = asked.get("ids")
        if ids is not None and not (isinstance(ids, list) and all(isinstance(name, str) for name in ids)):
            raise Refusal(400, "ids are a list of texts")
        wanted = Wanted(
            None if ids is None else frozenset(ids), asked.get("failed") is True, asked.get("changed") is True
        )
        trust = asked.get("trust") is True
        run = await asyncio.to_thread(lambda: bench.begin(served.path, wanted, trust=trust))
        return answer(run.data(), http.HTTPStatus.CREATED)

    async def told(request: Request) -> Response:
        return answer(bench.run(request.path_params["run"]).data())

    async def stop(request: Request) -> Response:
        bench.stop(request.path_params["run"])
        return answer({})

    async def result(request: Request) -> Response:
        outcome = bench.outcome(request.path_params["run"], request.path_params["dialogue"])
        return answer(await asyncio.to_thread(outcome_with_updates, outcome))

    async def update(request: Request) -> Response:
        asked = await object_in(request)
        outcome = bench.outcome(text_at(asked, "run", _LONGEST_NAME), text_at(asked, "dialogue", _LONGEST_NAME))
        project, number = outcome.case.project, number_at(asked, "verdict") - 1

        def work() -> dict[str, Any]:
            folder = ScenarioFolder(project.path.parent)
            draft = updated(outcome, number, folder)
            if asked.get("write") is not True:
                return draft.data()
            folder.saved(draft.file, draft.after, text_at(asked, "etag", _LONGEST_NAME))
            try:
                run = bench.begin(project.path, Wanted(ids=frozenset([outcome.case.dialogue.id])))
            except Refusal as refusal:  # it is written all the same
                return {"file": draft.file, "run": None, "why": refusal.body["error"]}
            return {"file": draft.file, "run": run.id, "why": None}

        return answer(await asyncio.to_thread(work))

    async def replay(request: Request) -> Response:
        outcome = bench.outcome(str(request.query_params.get("run")), str(request.query_params.get("dialogue")))
        return answer({"events": events_of(outcome.result.trace, outcome.case.project.scenario)})

    async def share_dialogues(request: Request) -> Response:
        run, name = str(request.query_params.get("run")), request.query_params.get("dialogue")
        outcomes = list(bench.run(run).outcomes.values()) if name is None else [bench.outcome(run, name)]
        if not outcomes:
            raise Refusal(404, f"nothing is over in run '{run}'")
        scenario = outcomes[0].case.project.scenario

        def written() -> str:
            whole = len(outcomes) <= MOST_WHOLE
            entries = [
                entry_of(each.case, each.result, printed=each.printed, whole=whole or not each.result.passed)
                for each in outcomes
            ]
            told = str(tally([each.result for each in outcomes], len(outcomes)))
            return shared_html(scenario.title, told, entries, made=workshop.made)

        return _download(await asyncio.to_thread(written), f"{scenario.id}-{name or run}.html")

    async def share_conversation(request: Request) -> Response:
        name = request.path_params["id"]
        hosted = workshop.studio.conversations.get(name)
        if hosted is None:
            raise no_conversation()
        await hosted.stream.settled()
        scenario = hosted.scenario
        entry = SharedEntry(f"{scenario.id}, {name}", hosted.stream.picture(), names_of(scenario))
        secrets = hosted.secrets()

        recorded = hosted.kept.recorded[-1] if hosted.kept.recorded else None

        def written() -> str:
            is_short = recorded is not None and recorded.stat().st_size <= _MOST_SOUND
            sound = recorded.read_bytes() if recorded is not None and is_short else None
            told = f"A conversation with {hosted.wish.model.provider or 'the scenario'}"
            masked = replace(entry, events=secrets.hidden_in(list(entry.events)), sound=sound)
            return shared_html(scenario.title, told, [masked], made=workshop.made)

        return _download(await asyncio.to_thread(written), f"{scenario.id}-{name}.html")

    async def compare(request: Request) -> Response:
        sides = [workshop.side(request.query_params.get(name, "")) for name in ("left", "right")]
        return answer(await asyncio.to_thread(compared, *sides))

    return [
        Route(f"{api}/dialogues", listed, methods=["GET"]),
        Route(f"{api}/runs", begin, methods=["POST"]),
        Route(f"{api}/runs/{{run}}", told, methods=["GET"]),
        Route(f"{api}/runs/{{run}}", stop, methods=["DELETE"]),
        Route(f"{api}/runs/{{run}}/{{dialogue:path}}", result, methods=["GET"]),
        Route(f"{api}/update", update, methods=["POST"]),
        Route(f"{api}/share", share_dialogues, methods=["GET"]),
        Route(f"{api}/conversations/{{id}}/share.html", share_conversation, methods=["GET"]),
        Route(f"{api}/replay", replay, methods=["GET"]),
        Route(f"{api}/compare", compare, methods=["GET"]),
    ]


def _download(text: str, name: str) -> Response:
    """A page to be taken away: never shown here, where it would be one of ours."""
    return Response(text, media_type="text/html", headers=attachment(name))


def _file(file: OpenedFile) -> Response:
    response = answer({"name": file.name, "text": file.text, "etag": file.etag})
    response.headers["ETag"] = file.etag
    return response


def _choices(asked: Mapping[str, Any]) -> Choices:
    """What was chosen for a dialogue.

    Raises:
        Refusal: 400, it is not of the right kind.
    """
    until, expectations, secrets = asked.get("until"), asked.get("expectations"), asked.get("secrets") or {}
    is_text: Callable[[object], bool] = lambda value: isinstance(value, str)  # noqa: E731
    tags = asked.get("tags") or []
    if not (
        all(is_text(asked.get(name, "")) for name in ("id", "file", "title"))
        and isinstance(tags, list)
        and all(map(is_text, tags))
        and (expectations is None or (isinstance(expectations, list) and all(map(is_text, expectations))))
        and isinstance(secrets, dict)
        and all(map(is_text, secrets.values()))
        and (until is None or (isinstance(until, int) and not isinstance(until, bool)))
    ):
        raise Refusal(400, "that is no choice for a dialogue")
    return Choices(
        asked.get("id", ""),
        asked.get("file", ""),
        asked.get("title", ""),
        tuple(tags),
        until,
        None if expectations is None else tuple(expectations),
        dict(secrets),
    )
