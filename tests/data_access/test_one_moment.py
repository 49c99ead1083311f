"""All tables of a read are of one moment and read-only, whoever carries them and whoever writes."""

from contextlib import closing
from itertools import islice

import pytest
import sqlalchemy as sa

from data_access import connection as address
from data_access import extract as extraction
from data_access.carriers import carrier, mysql, postgresql, rows
from data_access.carriers.query import frames
from data_access.connection import read_transaction
from data_access.contract import TABLES
from data_access.errors import SourceUnavailableError
from data_access.extract import extract
from tests.data_access.test_carriers import BIG, READ_AT

PAIRS = 2 * len(TABLES)  # one is replaced before each batch, none twice


def pair(number):
    """A customer and its order, which the CRM writes and deletes together."""
    key = f"k{number}"
    return {"customer_id": key}, {
        "order_id": key, "customer_id": key, "ordered_at": READ_AT, "status": "completed",
        "amount": 1, "currency": "CNY",
    }  # fmt: skip


PAIRED = dict(zip(("customers", "orders"), zip(*map(pair, range(PAIRS)), strict=True), strict=True))


@pytest.fixture
def busy(crm):
    """A CRM with pairs, and more employees than fit on the wire, so that a statement lasts."""
    url = crm(PAIRED)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        many = BIG[engine.dialect.name].format(20_000, 300)
        connection.exec_driver_sql(f"INSERT INTO employees (employee_id, name) {many}")
    if engine.dialect.name == "sqlite":  # as a CRM with writers keeps it
        with closing(engine.raw_connection()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    yield url, engine
    engine.dispose()


def replace_one(engine, number):
    """In one transaction another pair takes the place of one."""
    _, new = pair(PAIRS + number)
    with engine.begin() as connection:
        for statement in (
            f"DELETE FROM customers WHERE customer_id = 'k{number}'",
            f"DELETE FROM orders WHERE customer_id = 'k{number}'",
            f"INSERT INTO customers (customer_id) VALUES ('{new['customer_id']}')",
            "INSERT INTO orders (order_id, customer_id, ordered_at, status, amount, currency) "
            f"VALUES ('{new['order_id']}', '{new['customer_id']}', '2026-01-01', 'x', 1, 'CNY')",
        ):
            connection.exec_driver_sql(statement)


def while_written(carry, engine):
    """The same carrier, with a write before every batch and every table."""

    def carried(connection, queries):
        for number, batch in enumerate(carry(connection, queries)):
            replace_one(engine, number % PAIRS)
            yield batch

    return carried


def apart(connection, queries):
    """What must not be: each table read over a connection, and at a moment, of its own."""
    url = connection.engine.url.render_as_string(hide_password=False)
    for name, query in queries.items():
        with read_transaction(url) as own:
            yield from list(rows.carry(own, {name: query}))


def keys(url, spool):
    tables = extract(url, spool=spool, read_at=READ_AT).tables
    customers, orders = (
        tables[name].frame.collect()["customer_id"].sort().to_list()
        for name in ("customers", "orders")
    )
    return customers, orders


@pytest.mark.parametrize("way", ["its own", "rows"])
def test_customers_and_orders_are_of_one_moment(busy, way, tmp_path, monkeypatch):
    url, engine = busy
    carry = rows.carry if way == "rows" else carrier(engine.dialect.name)
    monkeypatch.setattr(extraction, "carrier", lambda _: while_written(carry, engine))
    customers, orders = keys(url, tmp_path)
    assert len(customers) == PAIRS
    assert customers == orders


def test_tables_read_apart_would_be_torn(busy, tmp_path, monkeypatch):
    """That the test above can fail."""
    url, engine = busy
    monkeypatch.setattr(extraction, "carrier", lambda _: while_written(apart, engine))
    customers, orders = keys(url, tmp_path)
    assert customers != orders


@pytest.mark.postgres
def test_a_table_that_falls_back_is_of_the_same_moment(postgres_crm, tmp_path, monkeypatch):
    """Orders cannot be carried by ADBC; they come as rows, with the customers they had."""
    url = postgres_crm(PAIRED)
    engine = sa.create_engine(url)
    usual = postgresql._Follower.batches

    def batches(self, sql):
        if "FROM orders" in sql:
            sql = sql.replace("orders.amount", "1 / (orders.amount - 1) AS amount")
        return usual(self, sql)

    monkeypatch.setattr(postgresql._Follower, "batches", batches)
    carry = while_written(postgresql.carry, engine)
    monkeypatch.setattr(extraction, "carrier", lambda _: carry)
    customers, orders = keys(url, tmp_path)
    engine.dispose()
    assert customers == orders
    assert len(customers) == PAIRS


@pytest.mark.mariadb
@pytest.mark.parametrize("cut", ["by the server", "without a word"])
def test_a_statement_that_ends_early_is_read_again_as_rows(
    mariadb_crm, cut, tmp_path, monkeypatch, capfd
):
    """Nothing is lost, nothing is there twice, and Rust's trace is not on the screen."""
    url = mariadb_crm(PAIRED)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        many = BIG["mariadb"].format(60_001, 300)
        connection.exec_driver_sql(f"INSERT INTO employees (employee_id, name) {many}")
    engine.dispose()
    if cut == "by the server":
        monkeypatch.setattr(mysql, "STATEMENT_SECONDS", 0.001)
    else:
        monkeypatch.setattr(mysql, "frames", lambda stream: islice(frames(stream), 1))
    began = []

    def watched(connection, queries):
        for batch in mysql.carry(connection, queries):
            began.extend([batch.query] if batch.columns is None else [])
            yield batch

    monkeypatch.setattr(extraction, "carrier", lambda _: watched)
    employees = extract(url, spool=tmp_path, read_at=READ_AT).tables["employees"]
    assert began == [*TABLES] * 2
    assert employees.rows == employees.frame.collect().height == 60_001
    assert capfd.readouterr().err == ""


@pytest.mark.postgres
def test_adbc_cannot_write(postgres_crm):
    url = postgres_crm({"employees": [{"employee_id": "e"}]})
    with read_transaction(url) as connection, postgresql._follower(connection) as follower:
        for sql in ("INSERT INTO employees VALUES ('f')", "DROP TABLE employees"):
            with pytest.raises(postgresql.AdbcError, match="read-only transaction"):
                list(follower.batches(sql))
    assert names(url) == ["e"]


@pytest.mark.mariadb
def test_connectorx_cannot_write(mariadb_crm):
    url = mariadb_crm({"employees": [{"employee_id": "e"}]})
    for sql in ("INSERT INTO employees (employee_id) VALUES ('f')", "DROP TABLE employees"):
        assert list(mysql._batches(sa.make_url(url), sql, 1)) == []
    assert names(url) == ["e"]


def names(url):
    with read_transaction(url) as connection:
        return connection.execute(sa.text("SELECT employee_id FROM employees")).scalars().all()


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_is_told_and_not_tried_again(
    postgres_crm, tmp_path, monkeypatch
):
    url = postgres_crm({}, tables={"customers", "orders"})
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE VIEW employees AS SELECT 'e' AS employee_id, '' AS name FROM pg_sleep(30)"
        )
    engine.dispose()
    for module in (postgresql, address.postgresql):
        monkeypatch.setattr(module, "STATEMENT_SECONDS", 1)
    with pytest.raises(SourceUnavailableError, match="the table employees took longer than 1 s"):
        extract(url, spool=tmp_path, read_at=READ_AT)
