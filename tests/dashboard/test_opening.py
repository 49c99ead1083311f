"""Lists of customers: whoever is named so that Streamlit would read something else into it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

NAMES = ["[a, b]", ":material/delete: x", None, "  ", "=1+1", None]


def page() -> None:
    import polars as pl

    from dashboard import opening
    from dashboard.table import Column
    from tests.dashboard.test_opening import NAMES

    frame = pl.DataFrame({"name": NAMES, "id": ["C1", "C2", "C3", "C4", "C5", None], "n": range(6)})
    columns = [Column("name", "Customer", "customer"), Column("n", "N", "count")]
    opening.draw(frame, columns, key="list", identity="id", alt="A list")


def test_a_name_is_a_name_and_whoever_has_none_goes_by_the_id():
    app = AppTest.from_function(page).run()
    assert not app.exception
    shown = app.dataframe[0].value["Customer"].to_list()
    joiner = "\N{WORD JOINER}"
    assert shown == [f"{joiner}[a, b]", f"{joiner}:material/delete: x", "C3", "C4", "=1+1", "–"]
    (choice,) = app.selectbox
    assert choice.options == ["[a, b]", ":material/delete: x", "C3", "C4", "=1+1"]
    assert choice.value is None
