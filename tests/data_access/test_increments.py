"""A refresh that reads only what has changed publishes what a whole read would."""

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from data_access import changes
from data_access.contract import TABLES
from data_access.door import admit
from data_access.errors import UnknownChangesError
from data_access.extract import extract
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.schema import metadata
from data_access.snapshot import SnapshotStore

READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = datetime(2026, 1, 31, 22, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def customer(number, **more):
    return {"customer_id": f"c{number}", "name": f"n{number}", "updated_at": LONG_AGO} | more


def order(number, **more):
    row = {"order_id": f"o{number}", "customer_id": f"c{number % 7}", "status": "completed",
           "ordered_at": START + timedelta(days=3 * (number % 60)), "amount": number,
           "currency": "CNY", "updated_at": LONG_AGO}  # fmt: skip
    return row | more


class Crm:
    """A CRM that is written to between the refreshes, by its own clock."""

    def __init__(self, url):
        self.url = url
        self.engine = sa.create_engine(url)
        with self.engine.connect() as connection:
            self.now = changes.moment(connection)

    def insert(self, table, *rows):
        with self.engine.begin() as connection:
            connection.execute(metadata().tables[table].insert(), list(rows))

    def delete(self, table, key):
        sql = metadata().tables[table]
        self._run(sql.delete().where(next(iter(sql.c)) == key))

    def set(self, table, key, **values):
        sql = metadata().tables[table]
        where = next(iter(sql.c)) == key
        self._run(sql.update().where(where).values(**{"updated_at": self.now} | values))

    def _run(self, statement):
        with self.engine.begin() as connection:
            connection.execute(statement)


@pytest.fixture
def make(sqlite_crm):
    made = []

    def company(rows):
        made.append(Crm(sqlite_crm(rows)))
        return made[-1]

    yield company
    for each in made:
        each.engine.dispose()


ROWS = {"customers": [customer(i) for i in range(7)], "orders": [order(i) for i in range(60)]}


@pytest.fixture
def company(sqlite_crm):
    company = Crm(sqlite_crm(ROWS))
    yield company
    company.engine.dispose()


@pytest.fixture
def store(tmp_path):
    return SnapshotStore(tmp_path / "store", grace=timedelta(0))


def refresh(store, crm, *, whole=False, deletions=False, cut_from=20, read_at=READ_AT):
    """Read, admit and publish; returns what was read of each table."""
    with store.staging() as staging:
        known = staging.base.sources if staging.base and not whole else {}
        read = extract(
            crm.url, spool=staging.spool, read_at=read_at, known=known, deletions=deletions
        )
        admission = admit(read, staging, cut_from=cut_from)
        staging.publish(read_at=read_at, facts=admission.facts(read))
    return {name: table.rows for name, table in read.tables.items() if table.rows}


def published(store):
    """Every contract table in one order, and what the door caught."""
    snapshot = store.current()
    tables = {
        name: snapshot.scan(name, LOCAL_ADMINISTRATOR).sort(pl.all()).collect() for name in TABLES
    }
    caught = {
        (each["table"], each["rule"], each["column"], each["rows"])
        for each in snapshot.manifest.facts["rejections"]
    }
    return tables, caught, snapshot.manifest.facts["counts"]


def assert_as_read_whole(store, crm, tmp_path, **options):
    other = SnapshotStore(tmp_path / f"whole-{random.random()}")
    refresh(other, crm, **options)
    (tables, caught, counts), (fresh, caught_then, counts_then) = published(store), published(other)
    for name in TABLES:
        assert_frame_equal(tables[name], fresh[name])
    assert (caught, counts) == (caught_then, counts_then)


def test_only_what_has_changed_is_read_again(crm, store, tmp_path):
    company = Crm(crm(ROWS))
    assert refresh(store, company) == {"customers": 7, "orders": 60}
    assert refresh(store, company) == {}
    company.set("orders", "o3", amount=33)
    company.insert("orders", order(100, updated_at=company.now))
    assert refresh(store, company) == {"orders": 2}
    orders = store.current().scan("orders", LOCAL_ADMINISTRATOR).collect()
    assert orders.height == 61
    assert orders.filter(order_id="o3")["amount"].to_list() == [33]
    company.delete("orders", "o5")
    assert refresh(store, company, deletions=True) == {"orders": 2}  # by the overlap, once more
    assert_as_read_whole(store, company, tmp_path)
    company.engine.dispose()


def test_parts_without_a_change_are_the_same_files(company, store):
    refresh(store, company)
    before = {file.part: file for file in store.current().manifest.tables["orders"].files}
    assert list(before) == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06",
                            "2026-07"]  # fmt: skip
    company.set("orders", "o30", amount=33)  # of 1 May
    refresh(store, company)
    after = {file.part: file for file in store.current().manifest.tables["orders"].files}
    assert {part for part in before if before[part] != after[part]} == {"2026-05"}


def test_an_event_that_moves_to_another_month_leaves_the_old_one(company, store, tmp_path):
    refresh(store, company)
    company.set("orders", "o0", ordered_at=START + timedelta(days=100))
    refresh(store, company)
    orders = store.current().scan("orders", LOCAL_ADMINISTRATOR).collect()
    assert orders.filter(order_id="o0")["ordered_at"].to_list() == [START + timedelta(days=100)]
    assert_as_read_whole(store, company, tmp_path)


def test_a_row_marked_as_deleted_leaves(company, store, tmp_path):
    refresh(store, company)
    company.set("orders", "o5", deleted_at=READ_AT)
    refresh(store, company)
    assert store.current().scan("orders", LOCAL_ADMINISTRATOR).collect().height == 59
    assert_as_read_whole(store, company, tmp_path)


def test_a_row_gone_without_a_mark_leaves_when_the_keys_are_compared(company, store, tmp_path):
    refresh(store, company)
    company.delete("orders", "o5")
    company.delete("customers", "c1")
    refresh(store, company)
    assert store.current().scan("orders", LOCAL_ADMINISTRATOR).collect().height == 60
    refresh(store, company, deletions=True)
    assert store.current().scan("orders", LOCAL_ADMINISTRATOR).collect().height == 59
    assert_as_read_whole(store, company, tmp_path)


def test_a_row_that_does_not_say_when_it_changed_is_read_every_time(company, store):
    company.insert("orders", order(70, updated_at=None))
    refresh(store, company)
    assert refresh(store, company) == {"orders": 1}


def test_orders_find_their_customer_when_it_comes_later(company, store, tmp_path):
    company.insert("orders", order(70, customer_id="late"))
    refresh(store, company)
    assert ("orders", "orphan", "customer_id", 1) in published(store)[1]
    company.insert("customers", customer(0, customer_id="late", updated_at=company.now))
    assert refresh(store, company) == {"customers": 1}
    assert published(store)[1] == set()
    assert_as_read_whole(store, company, tmp_path)


def test_lines_follow_their_order_to_another_customer(make, store, tmp_path):
    company = make({
        "customers": [customer(i) for i in range(3)],
        "orders": [order(1)],
        "order_lines": [{"order_id": "o1", "line_number": 1, "quantity": 1, "amount": 1}],
    })  # fmt: skip
    refresh(store, company)
    company.set("orders", "o1", customer_id="c2")
    refresh(store, company)
    lines = store.current().scan("order_lines", LOCAL_ADMINISTRATOR).collect()
    assert lines["customer_id"].to_list() == ["c2"]
    assert_as_read_whole(store, company, tmp_path)


def test_what_was_of_the_future_is_admitted_when_its_day_has_come(company, store):
    company.insert("orders", order(0, order_id="soon", ordered_at=READ_AT + timedelta(days=3)))
    refresh(store, company)
    assert ("orders", "future", "ordered_at", 1) in published(store)[1]
    assert refresh(store, company, read_at=READ_AT + timedelta(days=3)) == {}
    assert published(store)[1] == set()


def test_of_two_rows_with_one_key_the_last_changed_stays_the_one(company, store):
    company.insert("orders", order(3, amount=-3, updated_at=LONG_AGO + timedelta(1)))
    refresh(store, company)
    assert ("orders", "duplicate_key", "order_id", 1) in published(store)[1]
    company.insert("orders", order(3, amount=-33, updated_at=company.now))
    refresh(store, company)
    orders = store.current().scan("orders", LOCAL_ADMINISTRATOR).collect()
    assert orders.filter(order_id="o3")["amount"].to_list() == [-33]


def test_sums_that_grow_beyond_64_bits_are_limited_in_parts_long_read(make, store, tmp_path):
    huge = [order(i, amount=10**15) for i in range(9_000)]
    company = make({"customers": [customer(i) for i in range(7)], "orders": huge})
    refresh(store, company, cut_from=4_000)
    assert published(store)[1] == set()
    company.insert("orders", order(9_001, amount=10**15, updated_at=company.now))
    refresh(store, company, cut_from=4_000)
    assert ("orders", "out_of_range", "amount", 9_001) in published(store)[1]
    assert_as_read_whole(store, company, tmp_path, cut_from=4_000)


def test_another_column_or_table_is_read_wholly(make, store, tmp_path):
    company = make({"customers": [customer(i) for i in range(7)], "orders": [order(1)]})
    with company.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders DROP COLUMN profit")
    refresh(store, company)
    with company.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders ADD COLUMN profit INTEGER DEFAULT 7")
    assert refresh(store, company) == {"orders": 1}
    assert_as_read_whole(store, company, tmp_path)


def test_a_small_table_without_a_time_of_change_is_read_wholly(make, store):
    company = make({"customers": [customer(1)]})
    with company.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE employees DROP COLUMN updated_at")
        connection.exec_driver_sql("INSERT INTO employees (employee_id) VALUES ('e1')")
    refresh(store, company)
    assert refresh(store, company) == {"employees": 1}


def test_a_large_table_without_a_time_of_change_is_refused(company, store, monkeypatch):
    with company.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders DROP COLUMN updated_at")
    refresh(store, company)
    version = store.current().version
    monkeypatch.setattr(changes, "LARGE", 50)
    with pytest.raises(UnknownChangesError, match=r"orders has 60 rows and no time updated_at"):
        refresh(store, company)
    assert store.current().version == version
    assert refresh(store, company, whole=True) == {"customers": 7, "orders": 60}


@pytest.mark.parametrize("server", ["postgres", "mariadb"])
def test_a_row_committed_after_the_read_that_could_not_see_it_is_not_lost(server, request, store):
    """What a naive watermark, the newest time of change seen so far, would lose."""
    company = Crm(request.getfixturevalue(f"{server}_crm")({"customers": [customer(1)]}))
    naive = sa.select(sa.func.max(metadata().tables["orders"].c.updated_at))
    with company.engine.connect() as slow:
        slow.execute(metadata().tables["orders"].insert(), order(1, updated_at=company.now))
        later = company.now + timedelta(seconds=1)
        company.insert("orders", order(2, updated_at=later))
        refresh(store, company)
        with company.engine.connect() as connection:
            watermark = connection.execute(naive).scalar_one()
        slow.commit()
    orders = metadata().tables["orders"]
    with company.engine.connect() as connection:
        found = connection.execute(
            sa.select(orders.c.order_id).where(orders.c.updated_at > watermark)
        )
        assert found.all() == []  # the naive way never reads o1
    refresh(store, company)
    read = store.current().scan("orders", LOCAL_ADMINISTRATOR).collect()
    assert sorted(read["order_id"]) == ["o1", "o2"]
    company.engine.dispose()


CHANGES = {
    "new order": lambda crm, _, i: crm.insert("orders", order(i, updated_at=crm.now)),
    "new customer": lambda crm, _, i: crm.insert("customers", customer(i, updated_at=crm.now)),
    "amount": lambda crm, some, i: crm.set("orders", some, amount=i),
    "moved": lambda crm, some, i: crm.set("orders", some, ordered_at=START + timedelta(i % 200)),
    "customer": lambda crm, some, i: crm.set("orders", some, customer_id=f"c{i % 12}"),
    "deleted": lambda crm, some, _: crm.set("orders", some, deleted_at=READ_AT),
    "gone": lambda crm, some, _: crm.delete("orders", some),
}


@pytest.mark.parametrize("seed", range(4))
def test_any_history_ends_as_a_whole_read_would(make, store, tmp_path, seed):
    """Random changes between refreshes, the last of which compares the keys."""
    dice = random.Random(seed)
    company = make(ROWS)
    for number in range(1_000, 1_025):
        change = CHANGES[dice.choice([*CHANGES])]
        change(company, f"o{dice.randrange(60)}", number)
        if number % 6 == 0:
            refresh(store, company)
    refresh(store, company, deletions=True)
    assert_as_read_whole(store, company, tmp_path)
