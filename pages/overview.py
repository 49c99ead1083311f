"""Stub while the page is being built."""

import streamlit as st

from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    st.text(repr(view))
