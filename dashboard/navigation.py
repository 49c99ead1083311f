"""The registered pages by name, for links from one page to another, and the way back to a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

_KEY = "registered_pages"
_HERE = "page_of_this_run"
_FROM = "opened_from"
CUSTOMER = "customer"


class Opened(NamedTuple):
    """From where a customer's page was opened: the page by name, and its address."""

    customer_id: str
    page: str
    parameters: dict[str, list[str]]


def register(registered: Sequence[st.Page]) -> None:
    """Remember the pages of this run; Streamlit makes new page objects on every rerun."""
    st.session_state[_KEY] = {page.url_path or "overview": page for page in registered}


def arrive(name: str) -> None:
    """Remember which page this run draws."""
    st.session_state[_HERE] = name


def page(name: str) -> st.Page:
    """The page with that name, such as `churn_risk`."""
    return pages()[name]


def pages() -> dict[str, st.Page]:
    """Every page by name."""
    return st.session_state[_KEY]


def leave_for(customer_id: str) -> None:
    """Remember this page as it is, so that the customer's leads back to it.

    A customer found on another customer's page leads back to where that one was opened. The
    language is left out: whoever changes it meanwhile comes back in the new one.
    """
    here, before = st.session_state[_HERE], st.session_state.get(_FROM)
    if here != CUSTOMER:
        kept = {key: st.query_params.get_all(key) for key in st.query_params if key != "language"}
        st.session_state[_FROM] = Opened(customer_id, here, kept)
    elif before is not None:
        st.session_state[_FROM] = before._replace(customer_id=customer_id)


def way_back(customer_id: str) -> Opened | None:
    """From where this customer's page was opened; None if by its address or the menu."""
    opened: Opened | None = st.session_state.get(_FROM)
    return opened if opened is not None and opened.customer_id == customer_id else None
