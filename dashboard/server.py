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
from threading import Event, Thread
from typing import Any

import anyio
import plotly.graph_objects as go
import polars as pl
import streamlit as st
from google.protobuf.message import DecodeError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard import data, i18n, workspace
from dashboard.not_found import not_found
from dashboard.palette import LIGHT, layout
from dashboard.theme import NARROW

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.ASCII)
_STREAM = "/_stcore/stream"
# What the browser asks for beside pages; whatever else Streamlit could answer is not there.
_OPEN_PATHS = frozenset({"/livez", "/favicon.png", "/_stcore/health", "/_stcore/host-config"})
_MEDIA = "/media/"
# Any client may send any message, whatever the toolbar shows; one empties everybody's caches.
_MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat"})
_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
_NOT_YOU = PlainTextResponse("Stayline answers on this machine only.", 403)


_FRONT_END = Path(st.__file__).parent / "static"
_PAGES = {path.stem for path in (Path(__file__).parents[1] / "pages").glob("[a-z]*.py")}
_FIRST = "overview"  # Streamlit knows the first page only as /


def _index() -> str:
    """Streamlit's page, told where its server is, and telling it whether the window is narrow.

    Without the first, a page opened by its address first asks below its own path and logs two
    404s. The width is kept until the page is opened anew (`theme.is_narrow`).
    """
    html = (_FRONT_END / "index.html").read_text("utf-8")
    told = (
        "<script>window.__streamlit={BACKEND_BASE_URL:window.location.origin};"
        f'document.cookie="{NARROW}="+(window.innerWidth<=640?1:0)+";path=/;SameSite=Strict"'
        "</script>"
    )
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
    """Pure ASGI middleware: this machine only, known addresses and messages only, headers on all.

    Without it any page on the web could reach the server under another name for this machine
    (DNS rebinding), and any client could send what Streamlit's toolbar hides.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        index = _index()
        self.index = HTMLResponse(index, headers={"cache-control": "no-cache"})
        files = (_FRONT_END / "static").rglob("*")
        # Streamlit answers its own page for a file it does not have.
        self.files = {f"/{path.relative_to(_FRONT_END).as_posix()}" for path in files}
        self.headers = [
            (b"content-security-policy", _content_security_policy(index).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            await self._answer(scope)(scope, receive, self._with_headers(send))
        elif scope["type"] != "websocket":
            await self.app(scope, receive, send)
        elif scope["path"] == _STREAM and _is_ours(scope):
            await self.app(scope, self._without_refused(receive), send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403})

    def _answer(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if not _is_ours(scope):
            return _NOT_YOU
        if path.strip("/") == _FIRST:
            return _to_the_first_page(scope)
        if _is_page(path) and scope["method"] in ("GET", "HEAD"):
            return self.index
        known = path in _OPEN_PATHS or path in self.files or path.startswith(_MEDIA)
        return self.app if known or _is_page(path.removesuffix("/")) else not_found

    def _with_headers(self, send: Send) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *self.headers]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
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
    """Whether an address is a page's: its name, or nothing for the first one."""
    return path in ("", "/") or (path.startswith("/") and path[1:] in _PAGES)


def _to_the_first_page(scope: Scope) -> RedirectResponse:
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"/?{query}" if query else "/")


def _is_refused(message: MutableMapping[str, Any]) -> bool:
    if message["type"] != "websocket.receive":
        return False
    parsed = BackMsg()
    try:
        parsed.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        return False  # Streamlit closes such a connection itself
    kind = parsed.WhichOneof("type")
    if kind == "backend_operation_request":
        return parsed.backend_operation_request.WhichOneof("payload") not in _OPERATIONS
    return kind not in _MESSAGES


def _is_ours(scope: Scope) -> bool:
    """Refuse other machines, pages of other sites, and other names for this machine."""
    headers = [(key, value.decode("latin-1")) for key, value in scope["headers"]]
    hosts = [value for key, value in headers if key == b"host"]
    origins = [value for key, value in headers if key == b"origin"]
    if (scope.get("server") or ("",))[0] not in _LOOPBACK:
        return False
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return False
    return all(origin in (f"http://{hosts[0]}", f"https://{hosts[0]}") for origin in origins)


async def _live(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


def require_loopback() -> None:
    """Refuse to start beyond this machine, in one sentence.

    Raises:
        SystemExit: `server.address` is another than loopback.
    """
    address = st.get_option("server.address")
    if address not in _LOOPBACK:
        raise SystemExit(
            f"Stayline listens on {address or 'every address'}, but it has no sign-in yet: "
            "set server.address to 127.0.0.1."
        )


@asynccontextmanager
async def lifespan(_: object) -> AsyncGenerator[dict[str, Any]]:
    """Load the snapshot, freeze the heap, then watch for newer snapshots.

    What is frozen is not looked at again when garbage is collected: 6 ms instead of 28. It stays
    frozen when a newer snapshot is swapped in, which is a few thousand objects.
    """
    await anyio.to_thread.run_sync(_warm)
    gc.collect()
    gc.freeze()
    ended = Event()
    Thread(target=data.watch, args=(ended.wait,), name="watch", daemon=True).start()
    yield {"ready": True}
    ended.set()


def _warm() -> None:
    """Do before the heap is frozen what the first reader would otherwise pay for."""
    importlib.import_module("dashboard.shell")
    for language in i18n.LANGUAGES:
        i18n.words(language)
    pl.DataFrame({"warm": ["up"]}).to_pandas().style.to_html()
    go.Figure(go.Scatter(y=[0]), layout=layout(LIGHT)).to_json()
    data.warm()
    workspace.warm()


def on_script_error(error: BaseException) -> bool:
    """Log an unexpected error with its number and say only that number to the reader."""
    number = hashlib.sha256(repr(error).encode()).hexdigest()[:8]
    logging.getLogger(__name__).error("page failed [%s]", number, exc_info=error)
    st.error(i18n.t("error.unexpected", number=number))
    return True


MIDDLEWARE = [Middleware(Guard)]
ROUTES = [Route("/livez", _live)]
