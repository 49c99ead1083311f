"""What stands before Streamlit: security headers, refused messages, health and warm-up."""

from __future__ import annotations

import base64
import gc
import hashlib
import importlib
import logging
import re
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import plotly.graph_objects as go
import polars as pl
import streamlit as st
from google.protobuf.message import DecodeError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard import data, i18n
from dashboard.palette import LIGHT, layout

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Any client may send these, whatever the toolbar shows: one would empty the caches of everybody.
_REFUSED_MESSAGES = frozenset({"clear_cache", "set_run_on_save", "load_git_info"})
_HIDDEN_PATHS = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")


def _index() -> str:
    """Streamlit's page, told where its server is.

    Without that, a page opened by its address first asks below its own path and logs two 404s.
    """
    html = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    told = "<script>window.__streamlit={BACKEND_BASE_URL:window.location.origin}</script>"
    # assets are named relative to the address, which has no folders here
    return html.replace("<head>", f"<head>{told}", 1).replace("<title>Streamlit", "<title>Stayline")


def _content_security_policy(html: str) -> str:
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
        for code in inline
    )
    return (
        f"default-src 'none'; script-src 'self' {hashes} 'wasm-unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; media-src 'self'; manifest-src 'self'; "
        "frame-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


class Guard:
    """Pure ASGI middleware: headers on every response, refused websocket messages dropped."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.index = _index()
        self.headers = [
            (b"content-security-policy", _content_security_policy(self.index).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            if scope["path"].startswith(_HIDDEN_PATHS):
                await PlainTextResponse("Not found", 404)(scope, receive, send)
                return
            page = scope["method"] == "GET" and _is_page(scope["path"])
            app = HTMLResponse(self.index) if page else self.app
            await app(scope, receive, self._with_headers(send))
        elif scope["type"] == "websocket":
            if not _same_host(scope):
                await receive()
                await send({"type": "websocket.close", "code": 4403})
                return
            await self.app(scope, self._without_refused(receive), send)
        else:
            await self.app(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", []) if pair[0] != b"server"]
                message["headers"] = kept + self.headers
            await send(message)

        return sender

    def _without_refused(self, receive: Receive) -> Receive:
        async def receiver() -> Message:
            while True:
                message = await receive()
                if not _is_refused(message):
                    return message

        return receiver


def _is_page(path: str) -> bool:
    """Whether an address is a page's: one name, no file ending, nothing reserved."""
    name = path.removeprefix("/")
    return not name or (name.isidentifier() and not name.startswith("_") and name != "livez")


def _is_refused(message: MutableMapping[str, Any]) -> bool:
    body = message.get("bytes")
    if message["type"] != "websocket.receive" or not body:
        return False
    parsed = BackMsg()
    try:
        parsed.ParseFromString(body)
    except DecodeError:
        return False  # Streamlit closes such a connection itself
    return parsed.WhichOneof("type") in _REFUSED_MESSAGES


def _same_host(scope: Scope) -> bool:
    """Refuse a page of another site, and another name for this machine (DNS rebinding)."""
    headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
    host = headers.get(b"host", "")
    name = host.rsplit(":", 1)[0].strip("[]")
    origin = headers.get(b"origin")
    return name in _LOOPBACK and (origin is None or origin.split("://", 1)[-1] == host)


async def _live(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


def _require_loopback() -> None:
    address = st.get_option("server.address")
    if address not in _LOOPBACK:
        raise SystemExit(
            f"Stayline listens on {address or 'every address'}, but it has no sign-in yet: "
            "set server.address to 127.0.0.1."
        )


@asynccontextmanager
async def lifespan(_: object) -> AsyncGenerator[dict[str, Any]]:
    """Refuse to listen beyond loopback, load the snapshot, then freeze the heap.

    Streamlit collects garbage after every rerun; with the warm heap frozen that costs 6 ms
    instead of 28.
    """
    _require_loopback()
    await anyio.to_thread.run_sync(_warm)
    gc.collect()
    gc.freeze()
    yield {"ready": True}


def _warm() -> None:
    """Do before the heap is frozen what the first reader would otherwise pay for."""
    importlib.import_module("dashboard.shell")
    for language in i18n.LANGUAGES:
        i18n.words(language)
    pl.DataFrame({"warm": ["up"]}).to_pandas()
    go.Figure(go.Scatter(y=[0]), layout=layout(LIGHT)).to_json()
    data.warm()


def on_script_error(error: BaseException) -> bool:
    """Log an unexpected error with its number and say only that number to the reader."""
    number = hashlib.sha256(repr(error).encode()).hexdigest()[:8]
    logging.getLogger(__name__).error("page failed [%s]", number, exc_info=error)
    st.error(i18n.t("error.unexpected", number=number))
    return True


MIDDLEWARE = [Middleware(Guard)]
ROUTES = [Route("/livez", _live)]
