"""What a page asks for first: the scenarios that are served, and the providers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from realtime_scenarios.studio.door import answer
from realtime_scenarios.studio.studio import Studio


def routes(studio: Studio) -> Sequence[BaseRoute]:
    async def project(request: Request) -> Response:
        return answer(
            {
                "scenarios": await studio.projects.looked_at(),
                "providers": studio.models.listed(),
                "version": studio.version,
                "epoch": studio.epoch,
            }
        )

    return [Route("/studio/api/project", project, methods=["GET"])]
