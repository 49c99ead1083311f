"""The registered pages by name, for links from one page to another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

_KEY = "registered_pages"


def register(registered: Sequence[st.Page]) -> None:
    """Remember the pages of this run; Streamlit makes new page objects on every rerun."""
    st.session_state[_KEY] = {page.url_path or "overview": page for page in registered}


def page(name: str) -> st.Page:
    """The page with that name, such as `churn_risk`."""
    return pages()[name]


def pages() -> dict[str, st.Page]:
    """Every page by name."""
    return st.session_state[_KEY]
