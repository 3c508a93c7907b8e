"""A stand-in for the studio's server, for trying the page alone: `python tests/studio/fake_server.py [PORT] [EVENTS]`.

It plays `streams/airline_cut_off.jsonl` where it is told to connect, and answers what is said with a canned turn. With EVENTS, so
many numbered events come as fast as the page takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "runner/realtime_scenarios/studio/page"
EPOCH = "fake"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
Event = dict[str, Any]


def project() -> dict[str, Any]:
    return {
        "epoch": EPOCH,
        "version": "0.1.0",
        "providers": [
            {"name": "offline", "ready": True, "needs": None},
            {"name": "openai", "ready": False, "needs": "OPENAI_API_KEY"},
        ],
        "scenarios": [
            {
                "id": "airline",
                "name": "Airline customer support",
                "file": "airline.yaml",
                "start": "main",
                "agents": [{"id": "main", "name": "Main Agent"}, {"id": "qa", "name": "QA Agent"}],
                "context": {"username": {"type": ["string", "null"], "default": None, "description": "The account."}},
                "examples": ["What flights do I have?", "How big can my carry-on be?", "Do you have Wi-Fi on board?"],
                "findings": [],
            }
        ],
    }


class Conversation:
    """Events so far, and those who listen."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.changed = asyncio.Event()
        self.last: str | None = None

    def add(self, layer: str, kind: str, data: dict[str, Any], **fields: Any) -> None:
        seq = len(self.events) + 1
        event = {
            "seq": seq,
            "at": seq * 40,
            "turn": 1,
            "agent": "main",
            "layer": layer,
            "dir": "in",
            "type": kind,
            "item": None,
            "response": None,
            "call": None,
            "cause": None,
            "place": None,
            "data": data,
            "size": len(json.dumps(data)),
            **fields,
        }
        self.events.append(event)
        self.wake()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    def place(self, item: str, role: str, **fields: Any) -> None:
        self.add("studio", "ItemPlaced", {"item": item, "role": role, "after": self.last}, item=item, **fields)
        self.last = item

    async def say(self, text: str) -> None:
        n = len(self.events)
        user, agent = f"u{n}", f"a{n}"
        self.place(user, "user")
        self.add("trace", "UserSaid", {"text": text}, item=user)
        self.place(agent, "assistant")
        for word in f"You said: **{text}**. Anything else?".split(" "):
            self.add("studio", "Delta", {"item": agent, "text": word + " "}, item=agent)
            await asyncio.sleep(0.03)
        self.add("trace", "AgentSaid", {"text": f"You said: **{text}**. Anything else?"}, item=agent)


CONVERSATIONS: dict[str, Conversation] = {}


async def page(request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": CSP})


async def projects(request: Request) -> Response:
    return JSONResponse(project())


async def begin(request: Request) -> Response:
    identifier = f"c{len(CONVERSATIONS) + 1}"
    CONVERSATIONS[identifier] = Conversation()
    return JSONResponse({"id": identifier})


async def listen(socket: WebSocket) -> None:
    await socket.accept()
    conversation = CONVERSATIONS.setdefault(socket.path_params["id"], Conversation())
    await socket.send_json({"hello": {"id": socket.path_params["id"], "epoch": EPOCH, "role": "owner"}})
    sender = asyncio.create_task(send(socket, conversation, int(socket.query_params.get("after", "0"))))
    tasks = set()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            message = await socket.receive_json()
            await socket.send_json({"ack": message["cmd"]})
            if message["do"] == "connect" and not conversation.events:
                for line in (HERE / "streams/airline_cut_off.jsonl").read_text(encoding="utf-8").splitlines():
                    event = json.loads(line)
                    if event["type"] == "ItemPlaced":
                        conversation.last = event["data"]["item"]
                    conversation.events.append(event)
                for index in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
                    conversation.add("wire", "response.output_audio.delta", {"bytes": 4800, "at_sample": index * 2400})
                conversation.wake()
            elif message["do"] == "disconnect":
                conversation.add("studio", "Disconnected", {"reason": ""})
            elif message["do"] == "say":
                tasks.add(asyncio.create_task(conversation.say(message["text"])))
            elif message["do"] in ("approve", "reject"):
                conversation.add("studio", "ApprovalClosed", {"call": message["call"], "decision": message["do"] + "d"})
    sender.cancel()


async def send(socket: WebSocket, conversation: Conversation, after: int) -> None:
    while True:
        waiting = conversation.changed
        batch = conversation.events[after : after + 256]
        if not batch:
            await waiting.wait()
            continue
        await socket.send_json({"epoch": EPOCH, "from": batch[0]["seq"], "events": batch})
        after += len(batch)
        await asyncio.sleep(0.016)


async def listen_to_project(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({"hello": {"id": "p", "epoch": EPOCH, "role": "owner"}})
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive()


APP = Starlette(
    routes=[
        Route("/", page),
        Route("/studio/api/project", projects),
        Route("/studio/api/conversations", begin, methods=["POST"]),
        WebSocketRoute("/studio/ws/c/{id}", listen),
        WebSocketRoute("/studio/ws/p", listen_to_project),
        Mount("/studio/static", StaticFiles(directory=PAGE)),
    ]
)

if __name__ == "__main__":
    uvicorn.run(APP, host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8765, log_level="warning")
