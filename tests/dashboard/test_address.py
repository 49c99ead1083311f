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


def _slider() -> None:
    import streamlit as st

    from dashboard import address

    st.text(str(address.seed_range("retention", 5, 99, (58, 65))))
    st.slider("retention", 5, 99, key="retention")


@pytest.mark.parametrize(
    ("given", "pair"),
    [
        (["60", "90"], (60, 90)), (["90", "60"], (60, 90)), (["70", "70"], (70, 70)),
        (["60"], (58, 65)), (["1", "90"], (58, 65)), (["60", "x"], (58, 65)),
        (["60", "70", "80"], (58, 65)), ("²", (58, 65)),
    ],
)  # fmt: skip
def test_both_ends_of_a_slider_lie_within_its_bounds(given, pair):
    app = AppTest.from_function(_slider)
    app.query_params["retention"] = given
    app.run()
    assert not app.exception
    assert [text.value for text in app.text] == [str(pair)]
    assert app.slider[0].value == pair
