"""@openai/agents-realtime in headless Chromium calls over WebRTC, with an ephemeral key and a microphone that plays a file.

It needs chromium, node (which installs the client) and a folder named in REALTIME_JS_FOLDER.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import Pace, Parts, serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.trace import AgentSaid, UserSaid
from realtime_scenarios.voice import Tone
from realtime_scenarios.voice.pocketsphinx import Pocketsphinx
from support import Written
from support.caller import address_of, post
from support.chromium import Page, needs_chromium, page_in_chromium, served_files, write_wave
from support.javascript import installed, needs_javascript
from support.sounds import joined, needs_flite, needs_pocketsphinx, quiet, said_by_flite

SOURCES = Path(__file__).parent.parent / "realtime" / "js"
QUESTION = "How big can a bag be?"
KEY = "sk-1"
DESKS = """
scenario: desks
start: first
agents:
  first: {name: first, instructions: Use look_up., tools: [look_up], handoffs: [second]}
  second: {name: second, handoff_description: The other desk., instructions: Help., handoffs: [first]}
tools:
  look_up:
    description: Looks things up.
    parameters: {what: string}
    examples: [how big can a bag be]
    returns: up to 22 inches
dialogues:
  - id: called
    turns:
      - user: How big can a bag be?
        agent:
          - {call: look_up, args: {what: bags}, returns: {contains: 22 inches}}
          - {say: Up to 22 inches.}
      - user: the other desk
        agent: [{handoff: second}, {say: The second desk.}]
        expect: [{agent: second}]
      - user: tell me all
        agent:
          - say: Bags come in all sizes from the smallest to the largest and in all colours that there are on earth.
            interrupt: {after_words: 3}
      - {user: Stop., agent: [{say: As you like.}]}
"""


@asynccontextmanager
async def called(
    project: Any, folder: Path, parts: Callable[[], Parts], query: str
) -> AsyncIterator[tuple[Page, dict[str, Any], list[Rehearsing]]]:
    """A page that is connected, what it has been told to connect, and what is told of its call."""
    told: list[Rehearsing] = []
    cases = cases_of([project])
    seconds = asyncio.get_running_loop().time
    stage = Stage([project], cases, (), tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
    pace = Pace(words_per_delta=1, follows_speech=True)
    microphone = write_wave(folder / "question.wav", joined([quiet(200), said_by_flite(QUESTION), quiet(1500)]))
    audio = {"input": {"turnDetection": {"type": "server_vad"}, "transcription": {"model": "any"}}}
    async with serve_visitors(stage.welcome, api_keys=[KEY], parts_factory=parts, pace=pace) as server:
        minted = await post(server.url.replace("ws", "http", 1) + "/client_secrets", key=KEY, json={})
        with served_files(installed(SOURCES)) as address:
            async with page_in_chromium(f"{address}/browser.html", microphone) as page:
                await page.wait_for_function("typeof window.begin == 'function'")
                asked = {"url": address_of(server.url) + query, "key": minted.json()["value"], "audio": audio}
                await page.evaluate("asked => begin(asked)", asked)
                yield page, asked, told


async def until_said(page: Page, text: str) -> None:
    """Wait until an answer is in the page's history and has been played to its end."""
    await page.wait_for_function(
        "text => seen().said.includes(text) && seen().events.at(-1).type == 'output_audio_buffer.stopped'", arg=text
    )


@needs_chromium
@needs_javascript
@needs_flite
def test_a_page_speaks_is_answered_aloud_calls_hands_over_and_cuts_in(written: Written, tmp_path: Path) -> None:
    project = load(written(DESKS))
    told: list[Rehearsing] = []

    async def visit() -> dict[str, Any]:
        async with called(project, tmp_path, lambda: Parts(speaker=Tone()), "?dialogue=called") as (page, _, rehearsed):
            silence = (await page.evaluate("energy()"))["energy"]
            await page.evaluate("speak()")
            await until_said(page, "Up to 22 inches.")
            assert (await page.evaluate("energy()"))["energy"] > silence + 1e-3
            await page.evaluate("say('the other desk')")
            await until_said(page, "The second desk.")
            await page.evaluate("say('tell me all')")
            await page.wait_for_function("seen().events.at(-1).type == 'response.output_audio_transcript.delta'")
            await page.evaluate("speak()")
            await until_said(page, "As you like.")
            await page.evaluate("interrupt()")  # of nothing, as impatient people do
            await page.wait_for_function("seen().events.at(-1).type == 'output_audio_buffer.cleared'")
            found: dict[str, Any] = await page.evaluate("seen()")
            await page.evaluate("end()")
        told.extend(rehearsed)
        return found

    found = asyncio.run(asyncio.wait_for(visit(), 90))
    kinds = [event["type"] for event in found["events"]]
    assert found["errors"] == []
    assert found["callId"].startswith("rtc_")
    assert found["tools"] == ["bags up to 22 inches"] and found["handoffs"] == ["second"]
    assert found["heard"][0] == QUESTION
    assert "response.output_audio.delta" not in kinds
    cut = kinds.index("conversation.item.truncated")
    assert kinds[cut - 1] == "output_audio_buffer.cleared" and kinds[-1] == "output_audio_buffer.cleared"
    (only,) = told
    result = only.rehearsed.result
    assert [verdict.message for verdict in result.failures] == [] and result.passed
    assert next(event.text for event in result.trace if isinstance(event, UserSaid)) == QUESTION
    assert any(event.interrupted for event in result.trace if isinstance(event, AgentSaid))


@needs_chromium
@needs_javascript
@needs_flite
@needs_pocketsphinx
def test_what_a_page_says_is_written_down_by_a_recogniser_and_another_client_calls_without_sound(
    written: Written, tmp_path: Path
) -> None:
    project = load(written(DESKS))
    recogniser = Pocketsphinx((QUESTION, "Can you weigh mine?", "The other desk please."))

    async def visit() -> dict[str, Any]:
        parts = Parts(listener=recogniser, speaker=Tone())
        async with called(project, tmp_path, lambda: parts, "") as (page, asked, _):
            await page.evaluate("speak()")
            await page.wait_for_function("seen().events.at(-1)?.type == 'output_audio_buffer.stopped'")
            found: dict[str, Any] = await page.evaluate("seen()")
            await page.evaluate("end()")
            found["beside"] = await page.evaluate(
                "asked => ask(asked)", {**asked, "instructions": "Be brief.", "text": QUESTION}
            )
        return found

    try:
        found = asyncio.run(asyncio.wait_for(visit(), 90))
    finally:
        recogniser.close()
    assert found["heard"] == [QUESTION] and found["said"][0]
    assert found["beside"]["instructions"] == "Be brief." and found["beside"]["said"] == found["said"][0]
    assert found["errors"] == []
