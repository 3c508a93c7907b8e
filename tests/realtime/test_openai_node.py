"""The Realtime client of the npm package `openai` in Node: over TLS, which it insists on, and beside a call."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.realtime import serve
from support.caller import calling
from support.javascript import installed, needs_javascript
from support.responders import Desk

SOURCES = Path(__file__).parent / "js"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine, with its key beside it."""
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", "own.key", "-out", "own.pem", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*new, *files], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "own.pem"


@needs_javascript
@needs_openssl
def test_openai_for_node_talks_calls_functions_hears_speech_and_listens_in_on_a_call(certificate: Path) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, certificate.with_suffix(".key"))
    trusting = ssl.create_default_context(cafile=certificate)

    async def visit() -> dict[str, Any]:
        async with (
            serve(Desk, api_keys=["sk-1"], tls=served) as server,
            calling(server.url, key="sk-1", tls=trusting) as caller,
        ):
            base = server.url.replace("wss", "https", 1).removesuffix("/realtime")
            process = await asyncio.create_subprocess_exec(
                "node", "openai.mjs", base, "sk-1", caller.call_id,
                cwd=installed(SOURCES), stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "NODE_EXTRA_CA_CERTS": str(certificate)},
            )  # fmt: skip
            printed, _ = await asyncio.wait_for(process.communicate(), 60)
            assert (await caller.until("session.updated"))["session"]["instructions"] == "Be brief."
        found: dict[str, Any] = json.loads(printed)
        return found

    found = asyncio.run(visit())
    assert found["errors"] == []
    assert found["calls"] == [["look_up", '{"what": "bags"}']]
    assert found["said"] == ["I found: up to 22 inches", "You said hello"]
    assert found["audio"] > 0
    assert found["sideband"] == ["session.created", "session.updated"]
