"""What the CRM holds arrives exactly, whatever database holds it."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from data_access.contract import TABLES
from data_access.errors import SchemaMismatchError, SourceUnavailableError
from data_access.extract import extract
from data_access.values import typed

READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


# Shanghai is UTC+8: 16:00 UTC is midnight there. Nulls, negatives, microseconds, any script.
ROWS = {
    "customers": [
        {"customer_id": "c1", "name": "上海晨光 <b>& Söhne</b>", "region": "华东", "owner_id": "e1",
         "registered_at": utc(2026, 1, 31, 16, 30), "updated_at": utc(2026, 2, 1)},
        {"customer_id": "007", "name": None, "region": None, "owner_id": None,
         "registered_at": None, "updated_at": None},
    ],
    "orders": [
        {"order_id": "o1", "customer_id": "c1", "ordered_at": utc(2026, 1, 31, 15, 59, 59, 999999),
         "status": "completed", "amount": 9_007_199_254_740_993, "profit": None,
         "currency": "CNY", "channel": "web"},
        {"order_id": "o2", "customer_id": None, "ordered_at": utc(2026, 1, 31, 16),
         "status": "returned", "amount": -12_345, "profit": -1, "currency": "CNY",
         "channel": None},
    ],
    "tickets": [
        {"ticket_id": "t1", "customer_id": "c1", "kind": "complaint", "grade": "urgent",
         "channel": "phone", "created_at": utc(2026, 3, 1), "resolved_at": None, "reopened": 2,
         "source_sla_met": True},
        {"ticket_id": "t2", "customer_id": None, "kind": "inquiry", "grade": None,
         "channel": None, "created_at": utc(2026, 3, 1), "resolved_at": utc(2026, 3, 2, 0, 0, 0, 1),
         "reopened": None, "source_sla_met": None},
        {"ticket_id": "t3", "customer_id": None, "kind": "inquiry", "grade": None,
         "channel": None, "created_at": utc(2026, 3, 1), "resolved_at": None, "reopened": 0,
         "source_sla_met": False},
    ],
    "expenses": [
        {"expense_id": "x1", "line_id": "l1", "spent_on": date(2026, 2, 28), "amount": -5},
    ],
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Extract into a spool directory of its own and collect every table."""

    def run(url, name="spool", **options):
        extraction = extract(url, spool=tmp_path / name, read_at=READ_AT, **options)
        return extraction, {name: t.frame.collect() for name, t in extraction.tables.items()}

    return run


def test_rows_arrive_with_the_contracts_types_and_values(crm, read):
    _, frames = read(crm(ROWS))
    for name, records in ROWS.items():
        got = frames[name].select(list(records[0])).rows(named=True)
        assert got == records, name
    own = {column.name for column in TABLES["orders"].columns} | {"ordered_on", "deleted_on"}
    assert dict(frames["orders"].schema) == {
        name: dtype for name, dtype in TABLES["orders"].schema.items() if name in own
    } | {"_unreadable": pl.List(pl.String)}


@pytest.mark.postgres
def test_both_databases_give_identical_frames(sqlite_crm, postgres_crm, read):
    _, one = read(sqlite_crm(ROWS), "one")
    _, other = read(postgres_crm(ROWS), "other")
    for name in TABLES:
        assert_frame_equal(one[name], other[name])


def test_a_day_begins_at_midnight_in_the_business_time_zone(crm, read):
    _, frames = read(crm(ROWS))
    assert frames["orders"]["ordered_on"].to_list() == [date(2026, 1, 31), date(2026, 2, 1)]
    assert frames["customers"]["registered_on"].to_list() == [date(2026, 2, 1), None]


def test_a_day_with_a_clock_change_is_one_day(sqlite_crm, read):
    """In Berlin 25 October 2026 lasts 25 hours: from 22:00 UTC of the 24th to 23:00 of the 25th."""
    moments = [utc(2026, 10, 24, 21, 59), utc(2026, 10, 24, 22), utc(2026, 10, 25, 22, 59),
               utc(2026, 10, 25, 23)]  # fmt: skip
    orders = [
        ROWS["orders"][0] | {"order_id": str(i), "ordered_at": m} for i, m in enumerate(moments)
    ]
    _, frames = read(sqlite_crm({"orders": orders}), time_zone="Europe/Berlin")
    assert [day.day for day in frames["orders"]["ordered_on"]] == [24, 25, 25, 26]


def test_tables_without_rows_are_present_and_typed(crm, read):
    extraction, frames = read(crm())
    assert all(table.present for table in extraction.tables.values())
    assert all(frame.is_empty() for frame in frames.values())
    assert extraction.findings == []


def test_a_database_with_only_customers_and_orders_gives_empty_typed_others(crm, read):
    rows = {name: ROWS[name] for name in ("customers", "orders")}
    extraction, frames = read(crm(rows, tables=set(rows)))
    present = [name for name, table in extraction.tables.items() if table.present]
    assert present == ["customers", "orders"]
    assert frames["tickets"].schema["created_on"] == pl.Date
    assert frames["tickets"].is_empty()
    assert {finding.table for finding in extraction.findings} == set(TABLES) - set(rows)


def test_a_missing_optional_column_is_null_and_said(crm, read):
    url = crm(ROWS)
    writer = sa.create_engine(url)
    with writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders DROP COLUMN profit")
    writer.dispose()
    extraction, frames = read(url)
    assert extraction.tables["orders"].missing == ("profit",)
    assert frames["orders"]["profit"].dtype == pl.Int64
    assert frames["orders"]["profit"].null_count() == 2


def test_a_missing_required_table_is_one_sentence(crm, read):
    with pytest.raises(SchemaMismatchError, match=r"lacks customers; add it, or a view") as caught:
        read(crm(tables={"orders"}))
    assert caught.value.fields["missing"] == "customers"


def test_a_table_larger_than_a_batch_arrives_whole(sqlite_crm, read):
    url = sqlite_crm({"customers": ROWS["customers"][:1]})
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.executemany(
            "INSERT INTO employees (employee_id, name) VALUES (?, ?)",
            ((str(i), f"n{i}") for i in range(120_001)),
        )
        connection.commit()
    extraction, frames = read(url)
    assert extraction.tables["employees"].rows == 120_001
    assert frames["employees"]["employee_id"].cast(pl.Int64).sum() == sum(range(120_001))


def test_what_does_not_fit_is_null_and_marked(sqlite_crm, read, unreadable):
    url = sqlite_crm(ROWS)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE orders SET amount = 12.5 WHERE order_id = 'o1'")
        connection.execute("UPDATE orders SET ordered_at = '31.01.2026' WHERE order_id = 'o2'")
        connection.commit()
    extraction, frames = read(url)
    assert unreadable(extraction) == [
        ("orders", "amount", ["o1"]),
        ("orders", "ordered_at", ["o2"]),
    ]
    assert frames["orders"]["amount"].to_list() == [None, -12_345]


@pytest.mark.postgres
def test_the_address_kept_has_no_password(postgres_crm, read):
    url = sa.make_url(postgres_crm({})).set(password="s3cret").render_as_string(hide_password=False)
    extraction, _ = read(url)
    assert "s3cret" not in extraction.url
    assert ":***@" in extraction.url


def test_a_database_that_cannot_be_reached_is_one_sentence(read):
    with pytest.raises(SourceUnavailableError, match="Cannot read the CRM database at"):
        read("postgresql+psycopg://u:s3cret@127.0.0.1:1/x")


def test_all_tables_are_of_one_moment_while_the_crm_writes(crm, read):
    """A writer adds a customer and its order in one transaction, without pause."""
    url = crm()
    writer = sa.create_engine(url)
    if url.startswith("sqlite"):
        with writer.begin() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    done, written = threading.Event(), 0
    started = threading.Event()

    def write():
        nonlocal written
        with writer.connect() as connection:
            while not done.is_set():
                for sql in (
                    "INSERT INTO customers (customer_id) VALUES ('{0}')",
                    "INSERT INTO orders (order_id, customer_id, ordered_at, status, amount, "
                    "currency) VALUES ('{0}', '{0}', '2026-01-01', 'completed', 1, 'CNY')",
                ):
                    connection.exec_driver_sql(sql.format(written))
                connection.commit()
                written += 1
                started.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        started.wait(10)
        for attempt in range(3):
            before = written
            _, frames = read(url, f"spool{attempt}")
            customers, orders = frames["customers"], frames["orders"]
            assert sorted(customers["customer_id"]) == sorted(orders["customer_id"])
            assert customers.height >= before
            started.clear()
            assert started.wait(10)  # it writes still
    finally:
        done.set()
        thread.join()
        writer.dispose()


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        pytest.param([1, Decimal(2), 3.0, "4", None], pl.Int64(), [1, 2, 3, 4, None], id="whole"),
        pytest.param(
            [float("nan"), float("inf"), Decimal("NaN"), 0.5, Decimal("0.5"), "x", 2**63],
            pl.Int64(), [None] * 7, id="not whole",
        ),
        pytest.param([2**53 + 1], pl.Int64(), [2**53 + 1], id="beyond a float"),
        pytest.param([32_767, 32_768], pl.Int16(), [32_767, None], id="too large"),
        pytest.param([0, 1, 2, None], pl.Boolean(), [False, True, None, None], id="0 and 1"),
        pytest.param(["t", False, "no"], pl.Boolean(), [True, False, None], id="truths"),
        pytest.param([1, "a", b"b", 2.0, b"\xff"], pl.String(), [*"1ab2", None], id="ids"),
        pytest.param(
            ["2026-01-31T16:30:00Z", "2026-02-01 00:30:00+08:00", "2026-01-31", "2026-02-30"],
            TABLES["orders"].schema["ordered_at"],
            [utc(2026, 1, 31, 16, 30), utc(2026, 1, 31, 16, 30), utc(2026, 1, 31), None],
            id="times written in other ways",
        ),
        pytest.param([utc(2026, 1, 31, 23), "2026-01-31", None, "x"], pl.Date(),
                     [date(2026, 1, 31), date(2026, 1, 31), None, None], id="days"),
        pytest.param([], pl.Int64(), [], id="nothing"),
    ],
)  # fmt: skip
def test_values_are_read_exactly_or_not_at_all(values, dtype, expected):
    series = typed(values, dtype)
    assert series.dtype == dtype
    assert series.to_list() == expected
