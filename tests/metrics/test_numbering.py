"""Customers by number: there and back, and nobody doubled."""

import polars as pl
import pytest

from metrics.numbering import named, numbered, numbering, places

CUSTOMERS = pl.LazyFrame({"customer_id": ["bob", "ann", "zoe"]})


def test_numbers_follow_the_order_of_the_ids_and_lead_back():
    numbers = numbering(CUSTOMERS)
    events = pl.LazyFrame({"n": [1, 2, 3], "customer_id": ["zoe", None, "ann"], "rest": [0, 0, 0]})
    found = numbered(events, numbers.lazy(), "customer_id", "n", "absent").sort("n")
    assert found.collect().rows() == [(2, 1), (None, 2), (0, 3)]
    assert named(found, numbers).collect()["customer_id"].to_list() == ["zoe", None, "ann"]


def test_a_customer_who_occurs_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        numbering(pl.concat([CUSTOMERS, CUSTOMERS]))


@pytest.mark.parametrize(
    ("ids", "among"),
    [(["b", None, "x", "a"], ["a", "b"]), ([7, None, 9, 3], [3, 7]), ([], [3]), ([4], [])],
)
def test_places_are_rows_and_strangers_have_none(ids, among):
    types = pl.String if "a" in among else pl.Int32
    found = places(pl.Series(ids, dtype=types), pl.Series(among, dtype=types))
    assert found.to_list() == [among.index(each) if each in among else None for each in ids]
