"""How far a read is: the rows there may be, the share read, the time left."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from data_access.connection import read_transaction
from data_access.extract import extract
from data_access.progress import Progress, expected_rows

ROWS = {
    "customers": [{"customer_id": f"c{i}"} for i in range(30)],
    "employees": [{"employee_id": f"e{i}"} for i in range(12)],
}
ANALYSE = {"sqlite": "ANALYZE", "postgresql": "ANALYZE", "mariadb": "ANALYZE TABLE {}"}


def analyse(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        statement = ANALYSE[engine.dialect.name].format(", ".join(ROWS))
        connection.exec_driver_sql(statement).close()
    engine.dispose()


def test_the_database_says_how_many_rows_there_are(crm):
    url = crm(ROWS)
    analyse(url)
    with read_transaction(url) as connection:
        assert expected_rows(connection, set(ROWS)) == 42


@pytest.mark.parametrize(
    "crm",
    [pytest.param("postgres", marks=pytest.mark.postgres),
     pytest.param("mariadb", marks=pytest.mark.mariadb)],
    indirect=True,
)  # fmt: skip
def test_of_a_view_nobody_knows(crm):
    url = crm(ROWS)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW owners AS SELECT * FROM employees")
    engine.dispose()
    analyse(url)
    with read_transaction(url) as connection:
        assert expected_rows(connection, {*ROWS, "owners"}) is None


@pytest.mark.parametrize(
    ("rows", "expected", "seconds", "share", "left"),
    [
        pytest.param(25, 100, 10.0, 0.25, 30.0, id="a quarter in ten seconds"),
        pytest.param(25, 100, 1.0, 0.25, None, id="too early"),
        pytest.param(120, 100, 10.0, 0.99, pytest.approx(10 / 99), id="more than expected"),
        pytest.param(25, None, 10.0, None, None, id="nobody knows"),
        pytest.param(0, 100, 10.0, 0.0, None, id="no row yet"),
        pytest.param(5, 0, 10.0, None, None, id="none expected"),
    ],
)
def test_share_and_time_left(rows, expected, seconds, share, left):
    progress = Progress("orders", rows, expected, seconds)
    assert (progress.share, progress.seconds_left) == (share, left)


def test_a_read_tells_how_far_it_is_after_every_batch(crm, tmp_path):
    told = []
    url = crm(ROWS)
    analyse(url)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    extract(url, spool=tmp_path, read_at=moment, told=told.append)
    assert [(progress.table, progress.rows) for progress in told] == [
        ("employees", 12),
        ("customers", 42),
    ]
