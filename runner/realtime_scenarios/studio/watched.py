"""Files that are saved while the studio is open: scenarios are read anew, and every page is told."""

from __future__ import annotations

import asyncio

from realtime_scenarios.studio.authoring import findings_data
from realtime_scenarios.studio.studio import Studio

LOOK_SECONDS = 0.5


async def keep_watch(studio: Studio, seconds: float = LOOK_SECONDS) -> None:
    """Look at the files again and again, until it is cancelled."""
    before = await asyncio.to_thread(studio.projects.moment)
    await _search(studio)
    while True:
        await asyncio.sleep(seconds)
        after = await asyncio.to_thread(studio.projects.moment)
        if after != before:
            await read_changes(studio, studio.projects.read_anew(before, after))
            before = after
            await _search(studio)


async def read_changes(studio: Studio, changed: dict[str, list[str]]) -> None:
    """Tell pages of the files of each scenario that have changed, and what keeps it from being talked to."""
    for id, files in changed.items():
        studio.events.add("studio", "files", {"scenario": id, "files": files})
        await asyncio.to_thread(studio.projects.served[id].look)
        _tell_findings(studio, id)


async def _search(studio: Studio) -> None:
    """Tell pages all that is wrong with each scenario, as it is found."""
    for id, served in studio.projects.served.items():
        if not served.is_searched:
            await asyncio.to_thread(served.search)
            _tell_findings(studio, id)


def _tell_findings(studio: Studio, id: str) -> None:
    served = studio.projects.served[id]
    found = findings_data(served.findings, served.folder)
    told = {"scenario": id, "findings": found, "is_whole": served.project is served.read}
    studio.events.add("studio", "findings", {**told, "is_searched": served.is_searched})
