"""Pages of a list are kept; what they were cut from is not."""

from __future__ import annotations

import gc
from weakref import ReferenceType

import polars as pl
from streamlit.testing.v1 import AppTest

SEEN: list[ReferenceType[pl.LazyFrame]] = []


def page() -> None:
    from weakref import ref

    import polars as pl

    from dashboard import drilldown
    from dashboard.table import Column
    from tests.dashboard.test_drilldown import SEEN

    frame = pl.LazyFrame({"a": [len(SEEN)] * 40})
    SEEN.append(ref(frame))
    rows, columns = drilldown.Rows(frame, "the same list"), [Column("a", "A", "count")]
    drilldown.paged(rows, columns, key="kept", alt="A", size=15, identity=None)


def test_a_kept_page_lets_go_of_its_list():
    """A list may rest on marts of a version that has been superseded: gigabytes."""
    app = AppTest.from_function(page)
    shown = [app.run(timeout=30).dataframe[0].value["A"].to_list() for _ in range(2)]
    assert not app.exception
    assert shown == [[0.0] * 15] * 2  # the second run shows the page that the first one kept
    gc.collect()
    assert [each() for each in SEEN] == [None, None]


ASKED: list[int] = []


def told_beside() -> None:
    import polars as pl

    from dashboard import drilldown
    from dashboard.table import Column
    from tests.dashboard.test_drilldown import ASKED

    def beside(page: pl.LazyFrame) -> pl.LazyFrame:
        rows = page.collect()
        ASKED.append(rows.height)
        return rows.lazy().with_columns(told=pl.col("a") * len(ASKED))

    rows = drilldown.Rows(
        pl.LazyFrame({"a": range(40), "other": range(40)}),
        "a list with more beside it",
        beside=beside,
        needs=("a",),
        gives=("told",),
    )
    columns = [Column("told", "Told", "count"), Column("other", "Other", "count")]
    drilldown.paged(rows, columns, key="beside", alt="A", size=15, identity=None)


def test_what_is_told_beside_a_list_is_asked_of_its_page_only_and_anew_in_each_run():
    app = AppTest.from_function(told_beside)
    shown = [app.run(timeout=30).dataframe[0].value for _ in range(2)]
    assert not app.exception
    assert ASKED == [15, 15]
    assert shown[0]["Told"].to_list() == list(range(15))
    assert shown[1]["Told"].to_list() == [2 * n for n in range(15)]
    assert shown[1]["Other"].to_list() == list(range(15))
