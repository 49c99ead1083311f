"""The answer to an address that is nobody's: one sentence in the reader's language, and a link."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from dashboard.i18n import LANGUAGES
from dashboard.words import words

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Stayline</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }}
body {{ margin: 20vh auto; max-width: 34rem; padding: 0 1.5rem; }}
h1 {{ font-size: 1.5rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{sentence}</p>
<p><a href="/?language={language}">{link}</a></p>
</body>
</html>
"""


def _language(request: Request) -> str:
    """What the address says, else the first language of the browser that we speak."""
    asked = request.headers.get("accept-language", "").replace(",", " ").split()
    wishes = [request.query_params.get("language", ""), *(wish[:2].lower() for wish in asked)]
    return next((wish for wish in wishes if wish in LANGUAGES), "en")


def _page(language: str) -> HTMLResponse:
    said = {name: escape(words(language)[f"not_found.{name}"]) for name in _SAID}
    return HTMLResponse(_PAGE.format(language=language, **said), 404)


_SAID = ("title", "sentence", "link")


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request; nothing of the address is repeated."""
    await _page(_language(Request(scope)))(scope, receive, send)
