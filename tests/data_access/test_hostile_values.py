"""Values no CRM should hold: nulled or excluded, counted, never quoted, never the end of it."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from data_access.connection import read_transaction, shown_url
from data_access.door import admit
from data_access.errors import SourceUnavailableError
from data_access.extract import extract
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import SnapshotStore

READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
CUSTOMERS = [{"customer_id": f"c{number}", "name": f"n{number}"} for number in range(4)]
ORDERS = [
    {"order_id": f"o{number}", "customer_id": "c1", "ordered_at": READ_AT, "status": "completed",
     "amount": 100, "currency": "CNY"}
    for number in range(3)
]  # fmt: skip


@pytest.fixture
def through(tmp_path):
    """Extract, check and publish; what was caught, and a way to read what was admitted."""

    def run(url):
        store = SnapshotStore(tmp_path / "snapshots")
        with store.staging() as staging:
            extraction = extract(url, spool=staging.spool, read_at=READ_AT)
            admission = admit(extraction, staging)
            staging.publish(read_at=READ_AT, facts=admission.facts(extraction))
        caught = [(r.table, r.rule, r.column, r.rows) for r in admission.rejections]
        return caught, lambda name: store.current().scan(name, LOCAL_ADMINISTRATOR).collect()

    return run


def test_text_that_is_no_text_is_null_and_counted(sqlite_crm, through):
    url = sqlite_crm({"customers": CUSTOMERS, "orders": ORDERS})
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as crm, crm:
        crm.execute("UPDATE customers SET name = CAST(x'41ff42' AS TEXT) WHERE customer_id = 'c2'")
        crm.execute("UPDATE orders SET ordered_at = CAST(x'ff' AS TEXT) WHERE order_id = 'o1'")
    caught, read = through(url)
    assert caught == [
        ("customers", "unreadable", "name", 1),
        ("orders", "unreadable", "ordered_at", 1),
        ("orders", "required_null", "ordered_at", 1),
    ]
    assert read("customers")["name"].to_list() == ["n0", "n1", None, "n3"]
    assert read("orders")["order_id"].to_list() == ["o0", "o2"]


@pytest.mark.postgres
def test_times_without_a_date_in_our_calendar_are_null_and_counted(postgres_crm, through):
    url = postgres_crm({"customers": CUSTOMERS, "orders": ORDERS})
    writer = sa.create_engine(url)
    with writer.begin() as crm:
        for number, time in enumerate(["infinity", "0044-03-15 BC", "2026-01-31 16:30:00.5+00"]):
            change = f"UPDATE customers SET registered_at = '{time}' WHERE customer_id = "
            crm.exec_driver_sql(f"{change}'c{number}'")
        crm.exec_driver_sql("INSERT INTO expenses VALUES ('x', 'l', 'infinity', 1)")
    writer.dispose()
    caught, read = through(url)
    assert caught[0] == ("customers", "unreadable", "registered_at", 2)
    assert ("expenses", "unreadable", "spent_on", 1) in caught
    expected = [None, None, datetime(2026, 1, 31, 16, 30, 0, 500_000, tzinfo=UTC), None]
    assert read("customers")["registered_at"].to_list() == expected
    assert read("orders")["ordered_at"].to_list() == [READ_AT] * 3


@pytest.mark.postgres
def test_a_value_the_database_itself_refuses_is_not_quoted(postgres_crm):
    url = postgres_crm({"customers": CUSTOMERS})
    with (
        pytest.raises(SourceUnavailableError, match="InvalidTextRepresentation") as caught,
        read_transaction(url) as connection,
    ):
        connection.exec_driver_sql("SELECT name::int FROM customers")
    assert "n0" not in str(caught.value)


def test_placeholder_days_and_amounts_beyond_sense_are_excluded(sqlite_crm, through):
    amounts = [2**63 - 1, -(2**63), 10**15]
    moments = [datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC), READ_AT]
    lines = [
        {"line_id": f"l{number}", "budget_id": "b", "subject": "s", "period_start": start,
         "period_months": months, "planned": 1}
        for number, (start, months) in enumerate(
            [(date(1, 1, 1), 1), (date(9999, 12, 31), 1), (date(2026, 1, 1), 2**31 - 1),
             (date(2026, 1, 1), 12)]
        )
    ]  # fmt: skip
    rows = {
        "customers": [CUSTOMERS[1] | {"registered_at": datetime(1, 1, 1, tzinfo=UTC)}],
        "orders": [
            *(order | {"amount": n} for order, n in zip(ORDERS, amounts, strict=True)),
            *(order | {"order_id": f"m{order['order_id']}", "ordered_at": moment}
              for order, moment in zip(ORDERS, moments, strict=True)),
        ],
        "budgets": [{"budget_id": "b", "name": "b", "currency": "CNY"}],
        "budget_lines": lines,
        "feeds": [{"table_name": "orders", "complete_until": datetime(9999, 12, 31, tzinfo=UTC)},
                  {"table_name": "tickets", "complete_until": datetime(1, 1, 1, tzinfo=UTC)}],
    }  # fmt: skip
    caught, read = through(sqlite_crm(rows))
    assert caught == [
        ("feeds", "out_of_range", "complete_until", 1),
        ("feeds", "future", "complete_until", 1),
        ("customers", "out_of_range", "registered_at", 1),
        ("orders", "out_of_range", "ordered_at", 2),
        ("orders", "out_of_range", "amount", 2),
        ("budget_lines", "out_of_range", "period_start", 2),
        ("budget_lines", "out_of_range", "period_months", 1),
    ]
    assert read("feeds").is_empty()
    assert read("customers")["registered_on"].to_list() == [None]
    assert sorted(read("orders")["order_id"]) == ["mo2", "o2"]
    assert read("budget_lines")["line_id"].to_list() == ["l3"]


def test_a_password_that_is_not_written_as_it_must_be_is_not_shown_in_part():
    url = "postgresql+psycopg://u:se/c@ret@127.0.0.1:1/x"
    assert shown_url(url) == "an address that cannot be understood"
    with pytest.raises(SourceUnavailableError, match="%40") as caught, read_transaction(url):
        pass
    assert "ret" not in str(caught.value).replace("interpreted", "")
