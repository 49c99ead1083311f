"""What stands before Streamlit: this machine only, known addresses and messages only."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard.server import Guard

ROOT = Path(__file__).parents[2]
HERE = "127.0.0.1:8501"
STREAM = "/_stcore/stream"
FRONT_END = Path(st.__file__).parent / "static"
SCRIPT = f"/static/js/{min(path.name for path in (FRONT_END / 'static/js').glob('*.js'))}"
PADDING = b"\xfa\x3e\x80\x04" + b"p" * 512  # a field no message has


@dataclass
class Reply:
    """What a client gets to see, and what came through to the app behind."""

    status: int
    headers: dict[str, str]
    text: str
    came_through: list[Any]


async def answer_everything(reply: Reply, scope: Any, receive: Any, send: Any) -> None:
    """Stands where Streamlit stands, and notes what it gets."""
    if scope["type"] == "http":
        reply.came_through.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    while (message := await receive())["type"] != "websocket.disconnect":
        reply.came_through.append(message.get("bytes") or message["type"])


def call(scope: dict[str, Any], messages: Sequence[dict[str, Any]] = ()) -> Reply:
    """Send one connection through the guard to an app that answers everything."""
    waiting = [*messages, {"type": f"{scope['type']}.disconnect"}]
    reply = Reply(0, {}, "", [])

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            pairs = message["headers"]
            reply.headers = {key.decode(): value.decode() for key, value in pairs}
        elif message["type"] == "http.response.body":
            reply.text += message.get("body", b"").decode()
        elif message["type"] == "websocket.close":
            reply.status = 403

    asyncio.run(Guard(partial(answer_everything, reply))(scope, receive, send))
    return reply


def scope(kind: str, path: str, server: str = "127.0.0.1", **headers: str) -> dict[str, Any]:
    given = {"host": HERE} | headers
    pairs = [(key.encode(), value.encode()) for key, value in given.items()]
    return {
        "type": kind,
        "path": unquote(path),
        "query_string": b"",
        "headers": pairs,
        "server": (server, 8501),
    }


def ask(path: str, method: str = "GET", **headers: str) -> Reply:
    return call(scope("http", path, **headers) | {"method": method})


def connect(*messages: bytes | str, path: str = STREAM, **headers: str) -> Reply:
    sent = [{"type": "websocket.connect"}] + [
        {"type": "websocket.receive", "bytes" if isinstance(each, bytes) else "text": each}
        for each in messages
    ]
    return call(scope("websocket", path, **headers), sent)


@pytest.mark.parametrize("path", ["/", "/voice", "/churn_risk"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_is_the_shell_and_asked_for_again_each_time(method, path):
    answer = ask(path, method)
    assert answer.status == 200
    assert answer.came_through == []
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    ["/livez", "/favicon.png", SCRIPT, "/media/x", "/_stcore/health", "/voice/"],
)
def test_what_the_browser_needs_reaches_streamlit(path):
    assert ask(path).came_through == [path]


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics", "/_stcore/%6detrics", "/x/_stcore/metrics", "/_stcore//metrics",
        "/_stcore/agent/mcp", "/_stcore/script-health-check", "/_stcore/upload_file/a/b",
        "/component/x/y", "/auth/login", "/pages/voice.py", "/streamlit_app.py",
        "/.streamlit/config.toml", "/var/demo/crm.sqlite", "/livez/..%2f..%2fetc", "/voice%00",
        "/app/static/x", "/static", "/index.html", "/static/js/x.js", "/static/js/../index.html",
        "/nosuch", "/%E8%AF%AD", "/nosuch/", "/voice/x", "/Voice",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_nothing_else_is_there(method, path):
    answer = ask(path, method)
    assert answer.status == 404
    assert answer.came_through == []
    assert path not in answer.text


@pytest.mark.parametrize(
    ("address", "accepted", "said"),
    [
        ("/nosuch", "zh-CN,zh;q=0.9,en;q=0.8", "返回总览"),
        ("/nosuch", "fr,en;q=0.8,zh;q=0.5", "To the overview"),
        ("/nosuch", "", "To the overview"),
        ("/nosuch?language=zh", "en-GB", "返回总览"),
        ("/nosuch?language=<b>", "zh", "返回总览"),
    ],
)
def test_what_is_not_there_is_said_in_the_readers_language(address, accepted, said):
    path, _, query = address.partition("?")
    request = scope("http", path, **{"accept-language": accepted})
    answer = call(request | {"method": "GET", "query_string": query.encode()})
    assert answer.status == 404
    assert said in answer.text
    assert "nosuch" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("query", ["", "language=en&period=all"])
def test_the_first_page_by_its_name_leads_to_its_address(query):
    answer = call(scope("http", "/overview") | {"method": "GET", "query_string": query.encode()})
    assert answer.status == 307
    assert answer.headers["location"] == (f"/?{query}" if query else "/")


@pytest.mark.parametrize("path", ["/", "/livez", "/_stcore/metrics", "/media/x"])
def test_every_answer_carries_the_headers(path):
    headers = ask(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "'unsafe-eval'" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-cache", "no-store")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"}, {"host": "127.0.0.1.evil.example:8501"}, {"host": ""},
        {"host": "127.0.0.1:1@evil"}, {"host": "127.0.0.2:8501"},
        {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": ""},
        {"origin": "http://localhost:8501"}, {"origin": "http://127.0.0.1:9999"},
        {"origin": "evil://127.0.0.1:8501"}, {"origin": "http://evil#://127.0.0.1:8501"},
    ],
)  # fmt: skip
def test_other_names_for_this_machine_and_other_sites_are_refused(headers):
    for reply in (ask("/_stcore/host-config", **headers), connect(**headers)):
        assert reply.status == 403
        assert reply.came_through == []


def test_a_request_without_a_host_is_refused():
    assert call(scope("http", "/") | {"method": "GET", "headers": []}).status == 403


def test_a_connection_from_another_machine_is_refused_whatever_name_it_gives():
    assert ask("/", server="192.0.2.2").status == 403
    assert connect(server="192.0.2.2").came_through == []


@pytest.mark.parametrize("origin", [None, f"http://{HERE}"])
def test_our_own_page_may_connect_and_rerun(origin):
    rerun = BackMsg()
    rerun.rerun_script.query_string = "language=en"
    sent = rerun.SerializeToString()
    reply = connect(sent, **({"origin": origin} if origin else {}))
    assert reply.came_through == ["websocket.connect", sent]


def test_only_the_stream_takes_websockets():
    assert connect(path="/voice").status == 403


@pytest.mark.parametrize("padding", [b"", PADDING], ids=["plain", "padded"])
def test_messages_that_touch_everybody_are_dropped(padding):
    stop = BackMsg(stop_script=True).SerializeToString()
    names = ("clear_cache", "set_run_on_save", "load_git_info", "debug_shutdown_runtime")
    refused = [BackMsg(**{name: True}) for name in names] + [BackMsg(), BackMsg(), BackMsg()]
    refused[-1].file_urls_request.request_id = "x"
    refused[-2].backend_operation_request.install_skills.SetInParent()
    sent = [message.SerializeToString() + padding for message in refused]
    reply = connect(*sent, "hello", stop)
    assert reply.came_through == ["websocket.connect", stop]


def test_the_server_does_not_start_beyond_loopback():
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    options = ["--server.address", "0.0.0.0", "--server.port", "0"]
    tried = subprocess.run(
        [*command, *options, "--browser.serverAddress", "127.0.0.1"],
        cwd=ROOT,
        env=os.environ | {"STAYLINE_NO_BROWSER": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert tried.returncode != 0
    assert tried.stderr.strip().splitlines() == [
        "Stayline listens on 0.0.0.0, but it has no sign-in yet: set server.address to 127.0.0.1."
    ]
