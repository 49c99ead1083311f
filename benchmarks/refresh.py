"""How fast a CRM is read, and how fast it becomes a published snapshot; in how much memory.

    python -m benchmarks.refresh [customers …]

From SQLite up to 100,000 customers and, where they answer, from PostgreSQL
(STAYLINE_TEST_POSTGRES_URL) and MariaDB (STAYLINE_TEST_MARIADB_URL), each way in a process of its
own; the better of two up to that size. The peers read the same tables by SQLAlchemy's rows, 50,000
at a time, and by pandas: nothing checked, typed or stored, as our reading does. Then a refresh from
the database to a published snapshot, stage by stage, and again after 1 % of all rows have changed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from benchmarks.load import drop, filled
from data_access import schema
from data_access.contract import TABLES
from data_access.demo.build import build
from data_access.demo.generate import AS_OF, generate
from data_access.extract import extract

SIZES = (20_000,)
SMALL = 100_000  # customers
SERVERS = {
    "PostgreSQL": os.environ.get(
        "STAYLINE_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
    ),
    "MariaDB": os.environ.get(
        "STAYLINE_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/test"
    ),
}


STAGES = ("extract", "admit", "publish")
Figures = dict[str, float]


def _refresh(url: str, customers: int) -> Figures:
    """Refresh from that database into a folder that is thrown away; then 1 % have changed."""
    from benchmarks.company import installation  # here, so that it weighs on no other way
    from dashboard import pipeline
    from dashboard.extent import Extent

    taken: dict[str, float] = {}

    def timed(name: str) -> None:
        does = getattr(pipeline, name)

        def do(*given: Any, **named: Any) -> Any:
            began = time.monotonic()
            try:
                return does(*given, **named)
            finally:
                taken[name] = time.monotonic() - began

        setattr(pipeline, name, do)

    for stage in STAGES:
        timed(stage)
    with tempfile.TemporaryDirectory() as home:
        own = replace(installation(customers), crm_url=url, home=Path(home))
        pipeline.refresh(own)
        found: Figures = {**taken, "peak": _peak()}
        for kind, chosen in CHANGED.items():
            found[kind] = _change(url, chosen)
            pipeline.refresh(own, Extent.CHANGES)
            found |= {f"{stage} {kind}": taken[stage] for stage in STAGES}
    return found


Chosen = Callable[[sa.Connection, sa.Table], sa.ColumnElement[bool]]


def _latest(connection: sa.Connection, table: sa.Table) -> sa.ColumnElement[bool]:
    """The hundredth of a table that changed last: what a CRM changes, mostly."""
    count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    order = sa.select(table.c.updated_at).order_by(table.c.updated_at.desc())
    return (
        table.c.updated_at >= connection.execute(order.offset(count // 100).limit(1)).scalar_one()
    )


def _anywhere(_: sa.Connection, table: sa.Table) -> sa.ColumnElement[bool]:
    """A hundredth of a table, in every month."""
    return table.c[TABLES[table.name].key[-1]].like("%07")


def _change(url: str, chosen: Chosen) -> int:
    """Mark rows as changed now; how many."""
    engine, rows = sa.create_engine(url, poolclass=sa.NullPool), 0
    now = sa.text(_NOW[engine.dialect.name])
    with engine.begin() as connection:
        for table in schema.metadata().sorted_tables:
            if "updated_at" in table.c:
                change = table.update().where(chosen(connection, table)).values(updated_at=now)
                rows += connection.execute(change).rowcount
    return rows


CHANGED: dict[str, Chosen] = {"latest": _latest, "anywhere": _anywhere}
_NOW = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
    "postgresql": "now()",
    "mariadb": "utc_timestamp(6)",
}


def _read(url: str, _: int) -> Figures:
    """Every table by its carrier, typed to the contract and written out; rows."""
    with tempfile.TemporaryDirectory() as spool:
        tables = extract(url, spool=Path(spool), read_at=AS_OF).tables
    return {"rows": sum(table.rows for table in tables.values())}


def _rows(url: str, _: int) -> Figures:
    """Every table by SQLAlchemy's rows into Polars frames that are thrown away; rows."""
    rows = 0
    with sa.create_engine(url).connect() as connection:
        streaming = connection.execution_options(stream_results=True, yield_per=50_000)
        for table in schema.metadata().sorted_tables:
            with streaming.execute(table.select()) as result:
                for batch in result.partitions():
                    columns = dict(zip(result.keys(), zip(*batch, strict=True), strict=True))
                    rows += pl.DataFrame(columns, strict=False).height
    return {"rows": rows}


def _pandas(url: str, _: int) -> Figures:
    """Every table into a pandas frame; rows."""
    import pandas as pd  # a peer, not a dependency

    engine = sa.create_engine(url)
    tables = schema.metadata().sorted_tables
    return {"rows": sum(len(pd.read_sql(table.select(), engine)) for table in tables)}


WAYS: dict[str, Callable[[str, int], Figures]] = {
    "refresh": _refresh,
    "read": _read,
    "rows": _rows,
    "pandas": _pandas,
}


def _once(way: str, url: str, customers: int) -> dict[str, float]:
    began, used = time.monotonic(), time.process_time()
    found = WAYS[way](url, customers)
    seconds, cpu = time.monotonic() - began, time.process_time() - used
    return {"seconds": seconds, "cpu": cpu, "megabytes": _peak(), **found}


def _peak() -> float:
    """Of this process alone; `ru_maxrss` begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _measured(way: str, url: str, customers: int) -> Figures:
    """The quicker of the runs, so that other work on the machine counts least."""
    command = [sys.executable, "-m", "benchmarks.refresh", "--once", way, url, str(customers)]
    results: list[Figures] = []
    for _ in range(2 if customers <= SMALL else 1):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    return min(results, key=lambda result: result["seconds"])


def _read_line(customers: int, name: str, url: str) -> str:
    read, plain, pandas = (_measured(way, url, customers) for way in ("read", "rows", "pandas"))
    rates = [each["rows"] / each["seconds"] for each in (read, plain, pandas)]
    cells = [
        *(f"{customers:,}", name, f"{read['rows']:,.0f}"),
        *(f"{rate:,.0f}" for rate in rates),
        *(f"{rates[0] / rate:.1f}" for rate in rates[1:]),
        *(f"{each['cpu'] / read['cpu']:.1f}" for each in (plain, pandas)),
        *(f"{each['megabytes']:.0f}" for each in (read, plain, pandas)),
    ]
    return f"| {' | '.join(cells)} |"


def _refresh_lines(customers: int, name: str, url: str) -> list[str]:
    found = _measured("refresh", url, customers)
    lines: list[str] = []
    for kind in ("", *CHANGED):
        cells = [
            *(f"{customers:,}", name),
            *(f"{found[kind]:,.0f}, {kind}" if kind else "all", f"{found['peak']:.0f}"),
            *(f"{found[f'{stage} {kind}'.strip()]:.1f}" for stage in STAGES),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


_READ = (
    *("customers", "source", "rows", "read rows/s", "SQLAlchemy rows/s", "pandas rows/s"),
    *("× SQLAlchemy", "× pandas", "CPU × SQLAlchemy", "CPU × pandas"),
    *("read MB", "SQLAlchemy MB", "pandas MB"),
)
_REFRESH = ("customers", "source", "rows changed", "MB", "read s", "door s", "marts s")


def _sources(customers: int) -> Iterator[tuple[str, str]]:
    """Each database with the company in it, by name and URL; gone when the next is asked for."""
    from benchmarks.company import installation

    own = installation(customers)
    if customers <= SMALL:
        own.embedded_database.parent.mkdir(parents=True, exist_ok=True)
        build(own.embedded_database, customers)
        yield "SQLite", own.crm_url
        own.embedded_database.unlink()
    database = f"stayline_benchmark_{customers}"
    for name, server in SERVERS.items():
        url = filled(server, database, lambda: generate(customers))
        if url is None:
            print(f"{name}: none answers", file=sys.stderr)
            continue
        try:
            yield name, url
        finally:
            drop(server, database)


def main(sizes: tuple[int, ...]) -> None:
    """Print two tables: rows per second, ratios, peak megabytes; then refreshes."""
    for customers in sizes:
        tables: tuple[list[str], list[str]] = [], []
        for name, url in _sources(customers):
            tables[0].append(_read_line(customers, name, url))
            tables[1].extend(_refresh_lines(customers, name, url))
        for heads, lines in zip((_READ, _REFRESH), tables, strict=True):
            print(f"\n| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
            print("\n".join(lines), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        _, _, way, url, customers = sys.argv
        print(json.dumps(_once(way, url, int(customers))))
    else:
        main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
