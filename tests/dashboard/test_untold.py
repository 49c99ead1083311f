"""What has no value is told by its reason; tables become lists where a phone has no room."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import i18n, theme
from dashboard.panels import untold
from dashboard.reading import Reading, unavailable

READINGS = [
    ("nps", Reading(31.0)),
    ("csat", unavailable("no_table", "survey_responses")),
    ("response_rate", unavailable("no_rows")),
    ("backlog", unavailable("no_rows")),
    ("tickets_created", unavailable("no_table", "tickets")),
]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "en")


def test_the_commonest_reason_comes_first_and_tables_are_reasons_of_their_own():
    words = i18n.words("en")
    assert untold.by_reason(READINGS) == {
        words["missing.no_rows"]: ["response_rate", "backlog"],
        words["missing.no_table"].format(what="survey_responses"): ["csat"],
        words["missing.no_table"].format(what="tickets"): ["tickets_created"],
    }


def _listed() -> None:
    from dashboard.panels import untold
    from tests.dashboard.test_untold import READINGS

    untold.listed(READINGS)
    untold.listed(READINGS[:1])


def test_the_list_is_folded_counts_measures_and_reasons_and_is_not_there_without_any():
    app = AppTest.from_function(_listed).run()
    assert not app.exception
    assert [each.label for each in app.expander] == ["4 measures without a value, for 3 reasons"]
    (page,) = (element.proto.body for element in app.get("html"))
    assert "<b>2</b>" in page
    assert i18n.words("en")["kpi.backlog.label"] in page
    assert i18n.words("en")["kpi.nps.label"] not in page


def _table() -> None:
    import polars as pl

    from dashboard import table
    from dashboard.table import Column

    frame = pl.DataFrame({"name": ["<b>x</b>", "y"], "share": [0.5, None], "n": [7, 12_345]})
    columns = [
        Column("name", "Name"),
        Column("share", "A share with a heading that needs room", "share_bar"),
        Column("n", "Number", "count"),
    ]
    table.show(frame, columns, alt="A & B")
    table.show(frame, columns[::2], alt="")


def test_on_a_phone_a_wide_table_is_a_list_and_a_slim_one_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(theme, "is_narrow", lambda: True)
    app = AppTest.from_function(_table).run()
    assert not app.exception
    assert [list(each.value.columns) for each in app.dataframe] == [["Name", "Number"]]
    (page,) = (element.proto.body for element in app.get("html"))
    assert "<b>&lt;b&gt;x&lt;/b&gt;</b>" in page
    assert "needs room <b>50%</b>" in page
    assert page.count("needs room") == 1  # what is not known is left out
    assert "Number <b>12,345</b>" in page


def test_elsewhere_every_table_is_a_table():
    app = AppTest.from_function(_table).run()
    assert len(app.dataframe) == 2


def _choice() -> None:
    import polars as pl
    import streamlit as st

    from dashboard import table
    from dashboard.table import Column

    frame = pl.DataFrame({"name": ["x", "y"], "id": [4, 5], "told": ["long " * 12] * 2})
    columns = [Column("name", "Name"), Column("told", "Told")]
    st.caption(str(table.choose(frame, columns, key="k", identity="id", alt="")))


def test_on_a_phone_a_row_is_picked_by_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(theme, "is_narrow", lambda: True)
    app = AppTest.from_function(_choice).run()
    assert [each.label for each in app.button] == ["x", "y"]
    assert app.caption[0].value == "None"
    app.button[1].click().run()
    assert app.caption[0].value == "5"


def test_long_lists_are_folded_after_the_first_rows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(theme, "is_narrow", lambda: True)
    app = AppTest.from_function(_long).run()
    assert [each.label for each in app.expander] == ["8 more rows"]
    first, more = (element.proto.body for element in app.get("html"))
    assert (first.count("<li>"), more.count("<li>")) == (12, 8)


def _long() -> None:
    import polars as pl

    from dashboard import table
    from dashboard.table import Column

    names = [f"row {place}" for place in range(20)]
    frame = pl.DataFrame({"name": names, "told": ["w " * 40] * 20})
    table.show(frame, [Column("name", "Name"), Column("told", "Told")], alt="")
