"""How fast a CRM is read, and how fast it becomes a published snapshot; in how much memory.

    python -m benchmarks.refresh [customers …]

From SQLite and, where they answer, from PostgreSQL (STAYLINE_TEST_POSTGRES_URL) and MariaDB
(STAYLINE_TEST_MARIADB_URL), each in a process of its own, the better of two. The peers read the
same tables by SQLAlchemy's rows, 50,000 at a time, and by pandas: nothing checked, typed or
stored, as our reading does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from data_access import schema
from data_access.bulk_load import write_database
from data_access.demo.build import build
from data_access.demo.generate import AS_OF, generate
from data_access.extract import extract

SIZES = (20_000,)
RUNS = 2
SERVERS = {
    "PostgreSQL": os.environ.get(
        "STAYLINE_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
    ),
    "MariaDB": os.environ.get(
        "STAYLINE_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/test"
    ),
}


def _refresh(url: str, customers: int) -> int:
    """Refresh once from that database, into a folder that is thrown away."""
    from benchmarks.company import installation  # here, so that it weighs on no other way
    from dashboard.pipeline import refresh

    with tempfile.TemporaryDirectory() as home:
        own = replace(installation(customers), crm_url=url, home=Path(home))
        refresh(own)
    return 0


def _read(url: str, _: int) -> int:
    """Every table by its carrier, typed to the contract and written out; rows."""
    with tempfile.TemporaryDirectory() as spool:
        tables = extract(url, spool=Path(spool), read_at=AS_OF).tables
    return sum(table.rows for table in tables.values())


def _rows(url: str, _: int) -> int:
    """Every table by SQLAlchemy's rows into Polars frames that are thrown away; rows."""
    rows = 0
    with sa.create_engine(url).connect() as connection:
        streaming = connection.execution_options(stream_results=True, yield_per=50_000)
        for table in schema.metadata().sorted_tables:
            with streaming.execute(table.select()) as result:
                for batch in result.partitions():
                    columns = dict(zip(result.keys(), zip(*batch, strict=True), strict=True))
                    rows += pl.DataFrame(columns, strict=False).height
    return rows


def _pandas(url: str, _: int) -> int:
    """Every table into a pandas frame; rows."""
    import pandas as pd  # a peer, not a dependency

    engine = sa.create_engine(url)
    frames = [pd.read_sql(table.select(), engine) for table in schema.metadata().sorted_tables]
    return sum(map(len, frames))


WAYS: dict[str, Callable[[str, int], int]] = {
    "refresh": _refresh,
    "read": _read,
    "rows": _rows,
    "pandas": _pandas,
}


def _once(way: str, url: str, customers: int) -> dict[str, float]:
    began, used = time.monotonic(), time.process_time()
    rows = WAYS[way](url, customers)
    seconds, cpu = time.monotonic() - began, time.process_time() - used
    return {"rows": rows, "seconds": seconds, "cpu": cpu, "megabytes": _peak()}


def _peak() -> float:
    """Of this process alone; `ru_maxrss` begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _measured(way: str, url: str, customers: int, runs: int = RUNS) -> dict[str, float]:
    """The quicker of the runs, so that other work on the machine counts least."""
    command = [sys.executable, "-m", "benchmarks.refresh", "--once", way, url, str(customers)]
    results: list[dict[str, float]] = []
    for _ in range(runs):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    return min(results, key=lambda result: result["seconds"])


def _filled(server: str, customers: int) -> str | None:
    """A database of its own on a test server, with the company in it; None where none answers."""
    name = f"stayline_benchmark_{customers}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"drop database if exists {name}"))
            connection.execute(sa.text(f"create database {name}"))
    except sa.exc.OperationalError:
        return None
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    write_database(url, generate(customers))
    return url


def _drop(server: str, customers: int) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"drop database stayline_benchmark_{customers}"))


def _line(customers: int, name: str, url: str) -> str:
    read, plain, pandas = (_measured(way, url, customers) for way in ("read", "rows", "pandas"))
    whole = _measured("refresh", url, customers, runs=1)
    rates = [each["rows"] / each["seconds"] for each in (read, plain, pandas)]
    cells = [
        *(f"{customers:,}", name, f"{read['rows']:,.0f}"),
        *(f"{rate:,.0f}" for rate in rates),
        *(f"{rates[0] / rate:.1f}" for rate in rates[1:]),
        *(f"{each['cpu'] / read['cpu']:.1f}" for each in (plain, pandas)),
        *(f"{each['megabytes']:.0f}" for each in (read, plain, pandas)),
        f"{whole['seconds']:.1f}",
        f"{whole['megabytes']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main(sizes: tuple[int, ...]) -> None:
    """Print one table: rows per second, ratios, peak megabytes; then a whole refresh."""
    peers = ("SQLAlchemy", "pandas")
    heads = (
        *("customers", "source", "rows", "read rows/s", *(f"{peer} rows/s" for peer in peers)),
        *(f"× {peer}" for peer in peers),
        *(f"CPU × {peer}" for peer in peers),
        *("read MB", *(f"{peer} MB" for peer in peers), "refresh s", "refresh MB"),
    )
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    from benchmarks.company import installation

    for customers in sizes:
        own = installation(customers)
        own.embedded_database.parent.mkdir(parents=True, exist_ok=True)
        if not own.embedded_database.exists():
            build(own.embedded_database, customers)
        print(_line(customers, "SQLite", own.crm_url), flush=True)
        for name, server in SERVERS.items():
            url = _filled(server, customers)
            if url is None:
                print(f"| {customers:,} | {name}: none answers |")
                continue
            try:
                print(_line(customers, name, url), flush=True)
            finally:
                _drop(server, customers)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        _, _, way, url, customers = sys.argv
        print(json.dumps(_once(way, url, int(customers))))
    else:
        main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
