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
