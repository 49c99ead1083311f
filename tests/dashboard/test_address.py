"""Whatever an address holds, a widget gets a value it can have."""

import pytest
from streamlit.testing.v1 import AppTest


def _script() -> None:
    import streamlit as st

    from dashboard import address

    address.seed_page_number("list_page", 7)
    address.seed_one("period", ("month", "year"), "year")
    address.seed_many("tier", ("high", "mid"))
    st.text(f"{st.session_state['list_page']} {st.session_state['period']}")
    st.text(" ".join(st.session_state["tier"]))


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ("3", 3), ("0", 1), ("8", 7), ("-1", 1), ("", 1), ("²", 1), ("٣", 1), ("1e1", 1),
        ("9" * 5_000, 1), ("\x00", 1), ("NaN", 1), (["2", "5"], 5),
    ],
)  # fmt: skip
def test_a_page_number_lies_within_the_list(given, page):
    app = AppTest.from_function(_script)
    for key in ("list_page", "period", "tier"):
        app.query_params[key] = given
    app.run()
    assert not app.exception
    assert [text.value for text in app.text] == [f"{page} year", ""]
