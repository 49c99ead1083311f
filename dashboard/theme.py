"""The theme of this run: which palette the reader sees, and our style sheet."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.palette import DARK, LIGHT, Palette

NARROW = "stayline_narrow"  # the cookie
_STYLE = Path(__file__).parent / "style.css"


def palette() -> Palette:
    """The colours of the theme the reader has chosen in the browser or the menu."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def is_narrow() -> bool:
    """Whether the page was opened in a window as narrow as a phone's; `server` has asked.

    Only the browser knows, and a table is drawn on a canvas, which no style sheet reaches.
    """
    return st.context.cookies.get(NARROW) == "1"


def apply_style() -> None:
    """Put the style sheet into the page; the colour tokens follow the palette."""
    colours = palette()
    tokens = {
        "ink": colours.ink,
        "muted": colours.muted,
        "grid": colours.grid,
        "border": colours.border,
        "background": colours.background,
        "panel": colours.panel,
        "accent": colours.accent,
        "good": colours.good,
        "bad": colours.bad,
        "watch": colours.watch,
        "neutral": colours.neutral,
    }
    variables = "".join(f"--{name}:{value};" for name, value in tokens.items())
    st.html(f"<style>:root{{{variables}}}{_STYLE.read_text('utf-8')}</style>")
