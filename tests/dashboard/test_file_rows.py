"""Files to mend: as many as the count says, masked, and only of the reader's customers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import customer_file, file_rows, masked
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.mark.parametrize("group", file_rows.FAULTS)
@pytest.mark.parametrize("tier", [None, "basic"])
def test_a_list_is_as_long_as_its_count(group: str, tier: str | None, view: View):
    if tier:
        view = replace(view, selection=Selection((("tier", (tier,)),)))
    rows = file_rows.listed(view, group).collect()
    assert rows.height == file_rows.counts(view)[group]
    assert rows["customer_id"].n_unique() == rows.height
    wrong = rows["wrong"].str.split(file_rows.SEPARATOR)
    assert all(set(each) & set(file_rows.FAULTS[group]) for each in wrong.to_list())


def test_what_leaves_the_answers_is_masked(view: View, demo: Installation):
    rows = file_rows.with_details(view, file_rows.listed(view, "incomplete")).collect()
    with sqlite3.connect(demo.own.embedded_database) as crm:
        clear = {
            each
            for row in crm.execute("select phone, email from customers")
            for each in row
            if each
        }
    shown = {*rows["phone"].drop_nulls().to_list(), *rows["email"].drop_nulls().to_list()}
    assert len(shown) > 20
    assert not shown & clear
    assert "phone" in rows.columns
    assert "address" not in rows.columns


def test_doubles_stand_side_by_side(view: View):
    rows = file_rows.listed(view, "double").collect()
    assert rows["twin"].rle().struct.field("len").min() > 1


def test_a_reader_with_a_region_sees_no_others_files(view: View):
    everybody = file_rows.counts(view)
    east = replace(LOCAL_ADMINISTRATOR, regions=frozenset({"east_china"}))
    own = replace(view, principal=east)
    mine = file_rows.listed(own, "incomplete").collect()
    assert 0 < mine.height == file_rows.counts(own)["incomplete"] < everybody["incomplete"]
    regions = data.frame(own, "customer_mart").select("customer_id")
    assert set(mine["customer_id"]) <= set(regions.collect()["customer_id"])


@pytest.mark.parametrize(
    ("clear", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("+65 1234567", "651****4567"),
        ("12345678", "***"),
        ("call me", "***"),
        (None, None),
    ],
)
def test_a_number_shows_seven_digits_at_most(clear: str | None, shown: str | None):
    frame = pl.DataFrame({"it": [clear]}, schema={"it": pl.String})
    assert frame.select(masked.phone(pl.col("it"))).item() == shown


@pytest.mark.parametrize(
    ("clear", "shown"),
    [
        ("Office@C1.example", "o***@c1.example"),
        ("office c1.example", "***"),
        ("a@b@c.example", "a***@c.example"),
        ("", None),
        (None, None),
    ],
)
def test_an_address_shows_its_first_letter_and_where_it_is(clear: str | None, shown: str | None):
    frame = pl.DataFrame({"it": [clear]}, schema={"it": pl.String})
    assert frame.select(masked.email(pl.col("it"))).item() == shown


def test_the_page_of_a_customer_shows_the_file_masked(view: View, demo: Installation):
    with sqlite3.connect(demo.own.embedded_database) as crm:
        asked = (
            "select customer_id, phone, email, marketing_consent from customers"
            " where deleted_at is null and length(phone) = 11 and email like '%@%' limit 20"
        )
        people = crm.execute(asked).fetchall()
        points = dict(
            crm.execute(
                "select customer_id, sum(case when kind in ('redeem', 'expire') then -points"
                " else points end) from loyalty_transactions group by customer_id"
            ).fetchall()
        )
    members = 0
    for who, phone, email, consent in people:
        found = customer_file.file_of(view, who)
        assert found is not None
        assert found.entries["phone"] == f"{phone[:3]}****{phone[-4:]}"
        assert found.entries["email"] == f"{email[0]}***{email[email.index('@') :]}"
        assert found.entries["address"] in ("", None)
        assert found.consent == (None if consent is None else bool(consent))
        if found.points is not None:
            members += 1
            assert found.points == points.get(who, 0)
    assert members > 3
