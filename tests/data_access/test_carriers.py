"""Every carrier brings the same values, exactly, and says the same of those it cannot."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from data_access import extract as extraction
from data_access.carriers import carrier, rows
from data_access.contract import TABLES
from data_access.extract import extract
from tests.data_access.conftest import DATABASES

ROOT = Path(__file__).parents[2]
READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
AMOUNTS = [0, 1, -1, 10**15, -(10**15), 2**53 + 1, 2**63 - 1, -(2**63), 99, -5, 7, 8, 9, 10, 11]
TEXTS = ["", " ", "晨光 😀", "Ünï\u0301", "a\nb\tc", "'; DROP--", '"\\N"', "NULL", "0", "1", "true",
         "\u200b", "%s :x", "<b>&", "é" * 300]  # fmt: skip
TIMES = [
    datetime(1000, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1986, 5, 3, 18, 30, tzinfo=UTC),  # 02:30 in Shanghai, which its clocks skipped
    datetime(2026, 3, 29, 0, 59, 59, 1, tzinfo=UTC),  # Berlin, a second before and at its change
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 02:30 in Berlin, twice
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2026, 1, 31, 15, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 1, 31, 16, tzinfo=UTC),  # midnight in Shanghai
    datetime(2000, 2, 29, 12, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2200, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
]
NUMBERS = range(len(AMOUNTS))
ROWS = {
    "customers": [
        {"customer_id": f"c{i}", "name": TEXTS[i], "registered_at": TIMES[i]} for i in NUMBERS
    ] + [{"customer_id": "nobody", "name": None, "registered_at": None}],
    "orders": [
        {"order_id": f"o{i}", "customer_id": None if i % 3 else f"c{i}", "ordered_at": TIMES[i],
         "status": "completed", "amount": AMOUNTS[i], "currency": "CNY"}
        for i in NUMBERS
    ],  # profit, channel, updated_at and deleted_at are null throughout
    "tickets": [
        {"ticket_id": f"t{i}", "kind": "inquiry", "created_at": TIMES[i], "reopened": count,
         "source_sla_met": met}
        for i, (count, met) in enumerate([(0, True), (2**31 - 1, False), (None, None)])
    ],
    "expenses": [
        {"expense_id": f"x{i}", "line_id": "l", "spent_on": day, "amount": AMOUNTS[i]}
        for i, day in enumerate([date(1000, 1, 1), date(1969, 12, 31), date(2024, 2, 29),
                                 date(9999, 12, 31)])
    ],
}  # fmt: skip
BIG = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) "
    "SELECT i, printf('%0*d', {1}, i) FROM n",
    "postgresql": "SELECT i, lpad(i::text, {1}, '0') FROM generate_series(1, {0}) i",
    "mariadb": "SELECT seq, lpad(seq, {1}, '0') FROM seq_1_to_{0}",
}


@pytest.fixture(params=["its own", "rows"])
def way(request, monkeypatch):
    """Each database by its own carrier and no other, and by plain SQLAlchemy rows."""
    if request.param == "rows":
        monkeypatch.setattr(extraction, "carrier", lambda _: rows.carry)
    else:
        monkeypatch.setattr(rows, "table", refuse)


def refuse(*_):
    raise AssertionError("it fell back to rows")


@pytest.fixture
def read(tmp_path, unreadable):
    def run(url, name="spool"):
        found = extract(url, spool=tmp_path / name, read_at=READ_AT)
        frames = {name: table.frame.collect() for name, table in found.tables.items()}
        return frames, unreadable(found)

    return run


def expected(name):
    columns = [column.name for column in TABLES[name].columns]
    records = [{column: record.get(column) for column in columns} for record in ROWS[name]]
    return pl.DataFrame(records, schema={c: TABLES[name].schema[c] for c in columns})


@pytest.mark.usefixtures("way")
def test_every_carrier_brings_every_value(crm, read):
    frames, unreadable = read(crm(ROWS))
    assert unreadable == []
    for name in ROWS:
        key = list(TABLES[name].key)
        got = frames[name].select(expected(name).columns)
        assert_frame_equal(got.sort(key), expected(name).sort(key))
    for name in set(TABLES) - set(ROWS):
        assert frames[name].is_empty()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("crm", ["sqlite", *DATABASES[2:]], indirect=True)
def test_every_carrier_brings_a_nul_where_the_database_holds_one(crm, read):
    frames, unreadable = read(crm({"customers": [{"customer_id": "c", "name": "a\0b"}]}))
    assert (frames["customers"]["name"].to_list(), unreadable) == (["a\0b"], [])


@pytest.mark.usefixtures("way")
def test_every_carrier_brings_more_rows_than_a_batch_holds(crm, read):
    url, count, width = crm(), 60_001, 300
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        rows_of = BIG[engine.dialect.name].format(count, width)
        connection.exec_driver_sql(f"INSERT INTO employees (employee_id, name) {rows_of}")
    engine.dispose()
    frames, _ = read(url)
    employees = frames["employees"]
    assert employees["employee_id"].cast(pl.Int64).sort().to_list() == list(range(1, count + 1))
    assert (employees["name"].cast(pl.Int64) == employees["employee_id"].cast(pl.Int64)).all()
    assert (employees["name"].str.len_bytes() == width).all()


FOREIGN = {
    "postgresql": """
        CREATE TYPE mood AS ENUM ('completed', 'returned');
        CREATE TABLE customers (customer_id uuid, name bytea, segment jsonb, region char(4),
            registered_at text, updated_at date);
        INSERT INTO customers VALUES
            ('00000000-0000-0000-0000-00000000000a', 'a', '1', 'x', '2026-01-31 16:30:00', now()),
            ('00000000-0000-0000-0000-00000000000b', '\\xff', NULL, 'y', 'gone', 'infinity'),
            ('00000000-0000-0000-0000-00000000000c', NULL, NULL, '', '2026-01-31T16:30+08', NULL);
        CREATE TABLE orders (order_id bigint, customer_id int, ordered_at timestamp, status mood,
            amount numeric, profit double precision, currency varchar(3), deleted_at timestamptz);
        INSERT INTO orders VALUES
            (1, 7, 'infinity', 'completed', 12.00, 1e15, 'CNY', '-infinity'),
            (2, NULL, '0044-03-15 BC', 'returned', 12.5, 0.5, 'CNY', '294276-01-01 UTC'),
            (3, -7, '2026-01-31 16:30:00.5', NULL, 'NaN', 'NaN', NULL, '2026-01-31 16:30+08'),
            (4, 0, '10000-01-01', NULL, 1e30, 'Infinity', NULL, '0001-01-01 00:00 UTC'),
            (5, 0, NULL, NULL, -10000000000000000.000, -3, NULL, '9999-12-31 23:59:59.999999 UTC');
        CREATE TABLE tickets (ticket_id text, customer_id text, kind text, grade text, channel text,
            created_at timestamptz, resolved_at timestamptz, reopened numeric(6, 1),
            source_sla_met int);
        INSERT INTO tickets SELECT i, NULL, 'inquiry', NULL, NULL, now(), NULL, i * 1.5, i - 1
            FROM generate_series(0, 3) i;
        CREATE TABLE expenses (expense_id text, line_id text, spent_on timestamp, amount text);
        INSERT INTO expenses VALUES ('a', 'l', '2026-01-31 23:59:59', '12'),
            ('b', 'l', 'infinity', ' 13 '), ('c', 'l', NULL, '12.00'), ('d', 'l', NULL, '1e3')
    """,
    "mariadb": """
        SET sql_mode = '';
        CREATE TABLE customers (customer_id bigint unsigned, name enum('Lan', '晨光'),
            segment varchar(20) CHARACTER SET latin1, registered_at varchar(30), updated_at date)
            CHARACTER SET utf8mb4;
        INSERT INTO customers VALUES (18446744073709551615, 'Lan', 'ü', '2026-01-31 16:30:00',
            '2026-01-31'), (2, '晨光', NULL, 'gone', '0000-00-00'), (3, NULL, '', '', NULL);
        CREATE TABLE orders (order_id int, customer_id int, ordered_at datetime(3),
            status varchar(20), amount decimal(40, 3), profit double, currency char(3),
            updated_at timestamp NULL, deleted_at datetime);
        INSERT INTO orders VALUES
            (1, 7, '0000-00-00', 'completed', 12.000, 1e15, 'CNY', '2026-01-31 16:30:00', NULL),
            (2, NULL, '2026-01-31 16:30:00.123', '', 12.5, 0.5, 'CNY', NULL, '1000-01-01'),
            (3, 0, NULL, NULL, 1e30, 1e300, NULL, NULL, '2026-00-00'),
            (4, 0, '9999-12-31 23:59:59.999', NULL, -10000000000000000.000, -3, NULL, NULL, NULL);
        CREATE TABLE tickets (ticket_id varchar(9), customer_id text, kind text, grade text,
            channel text, created_at datetime, resolved_at datetime, reopened decimal(6, 1),
            source_sla_met tinyint);
        INSERT INTO tickets SELECT seq, NULL, 'inquiry', NULL, NULL, now(), NULL, seq * 1.5,
            CAST(seq AS SIGNED) - 1 FROM seq_0_to_3;
        CREATE TABLE expenses (expense_id text, line_id text, spent_on datetime, amount text);
        INSERT INTO expenses VALUES ('a', 'l', '2026-01-31 23:59:59', '12'),
            ('b', 'l', '0000-00-00', ' 13 '), ('c', 'l', NULL, '12.00'), ('d', 'l', NULL, '1e3')
    """,
}


def foreign(url):
    """Tables of the contract's names, of any types, with values that are not to be had."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in FOREIGN[engine.dialect.name].split(";"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def compared(url, read, monkeypatch, plain):
    with monkeypatch.context() as patch:
        patch.setattr(rows, "table", refuse)
        fast, caught = read(url, "fast")
    monkeypatch.setattr(extraction, "carrier", lambda _: plain)
    slow, said = read(url, "slow")
    assert caught == said
    for name in TABLES:
        assert_frame_equal(fast[name], slow[name])
    return fast, {(table, column): len(keys) for table, column, keys in caught}


@pytest.mark.postgres
def test_values_of_any_type_are_as_readable_by_adbc_as_by_rows(postgres_crm, read, monkeypatch):
    from data_access.carriers import postgresql

    def plain(connection, queries):
        for query in queries.values():
            yield from postgresql.by_rows(connection, query)

    url = postgres_crm(tables={"feeds"})
    foreign(url)
    frames, caught = compared(url, read, monkeypatch, plain)
    assert frames["orders"]["amount"].to_list() == [12, None, None, None, -(10**16)]
    assert frames["orders"]["profit"].to_list() == [10**15, None, None, None, -3]
    assert frames["customers"]["name"].to_list() == ["a", None, None]
    assert frames["tickets"]["reopened"].to_list() == [0, None, 3, None]
    assert frames["tickets"]["source_sla_met"].to_list() == [None, False, True, None]
    assert caught == {
        ("customers", "name"): 1, ("customers", "registered_at"): 1, ("customers", "updated_at"): 1,
        ("orders", "ordered_at"): 3, ("orders", "amount"): 3, ("orders", "profit"): 3,
        ("orders", "deleted_at"): 2, ("tickets", "reopened"): 2, ("tickets", "source_sla_met"): 2,
        ("expenses", "spent_on"): 1, ("expenses", "amount"): 2,
    }  # fmt: skip


@pytest.mark.mariadb
def test_values_of_any_type_are_as_readable_by_connectorx_as_by_rows(
    mariadb_crm, read, monkeypatch
):
    url = mariadb_crm(tables={"feeds"})
    foreign(url)
    frames, caught = compared(url, read, monkeypatch, rows.carry)
    assert frames["orders"]["amount"].to_list() == [12, None, None, -(10**16)]
    assert frames["orders"]["profit"].to_list() == [10**15, None, None, -3]
    assert frames["customers"]["customer_id"].to_list() == [str(2**64 - 1), "2", "3"]
    assert caught == {
        ("customers", "registered_at"): 2, ("customers", "updated_at"): 1,
        ("orders", "ordered_at"): 1, ("orders", "amount"): 2, ("orders", "profit"): 2,
        ("orders", "deleted_at"): 1, ("tickets", "reopened"): 2, ("tickets", "source_sla_met"): 2,
        ("expenses", "spent_on"): 1, ("expenses", "amount"): 2,
    }  # fmt: skip


def test_a_dialect_nobody_knows_comes_as_rows():
    assert carrier("oracle") is rows.carry


def test_reading_sqlite_loads_no_second_sqlite_library(sqlite_crm, tmp_path):
    """Two copies in one process drop each other's locks, and the CRM's file is corrupt."""
    program = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from data_access.extract import extract
read_at = datetime(2026, 1, 1, tzinfo=UTC)
extract({sqlite_crm(ROWS)!r}, spool=Path({str(tmp_path)!r}), read_at=read_at)
others = ("connectorx", "adbc_driver_sqlite", "adbc_driver_manager", "duckdb", "apsw", "pysqlite3")
print([name for name in others if name in sys.modules])
"""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+aiosqlite", "sqlite+pysqlcipher"])
def test_sqlite_is_opened_by_the_standard_library_whatever_the_address_names(
    sqlite_crm, read, driver
):
    url = sqlite_crm(ROWS).replace("sqlite", driver, 1)
    frames, _ = read(url)
    assert frames["customers"].height == len(ROWS["customers"])


PEAK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data_access.extract import extract
read_at = datetime(2026, 1, 1, tzinfo=UTC)
tables = extract(sys.argv[1], spool=Path(sys.argv[2]), read_at=read_at).tables
status = Path("/proc/self/status").read_text()  # the kernel's other figure is our parent's too
print(tables["employees"].rows, int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_memory_does_not_grow_with_the_table(crm, tmp_path):
    """Three times the rows, 120 MB more of text: the peak grows by less than half of that.

    The first table is already larger than what the allocators keep back for the next batch. Both
    are views, so that the database need not write what is only to be read.
    """
    peaks = []
    for count in (75_000, 225_000):
        url = crm(tables={"customers", "orders"})
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            many = BIG[engine.dialect.name].format(count, 800)
            connection.exec_driver_sql(f"CREATE VIEW employees (employee_id, name) AS {many}")
        engine.dispose()
        run = [sys.executable, "-c", PEAK, url, str(tmp_path / str(count))]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
        rows_read, peak = map(int, done.stdout.split())
        assert rows_read == count
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 60
