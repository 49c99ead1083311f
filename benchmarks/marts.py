"""How long every mart takes, in how much memory; and one builder against native code and SQL.

    python -m benchmarks.marts [customers …]

The marts are built by Polars from a published company and thrown away. A line is the stretch that
ends when that mart is written, so the first after a large frame carries that frame; those of all
tier schemes are one line, and so are those of the backtest. The peers compute
`lifecycle.order_totals`, the same sums of every customer's orders.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

from benchmarks.company import published
from benchmarks.figures import record
from dashboard import marts
from dashboard.settings import Settings
from data_access.contract import TABLES
from data_access.engine import open_engine
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import Snapshot, SnapshotStore
from data_access.storage.files import FileStorage
from metrics import lifecycle
from metrics.revenue import earns, is_purchase, last_year

_QUARTER = timedelta(days=90)

SIZES = (200_000, 20_000, 2_000_000)
RUNS = 3


class Stopwatch:
    """Prints wall and processor seconds since the line before."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def line(self, name: str) -> float:
        wall, cpu = self.lap()
        print(f"| {name} | {wall:.1f} | {cpu:.1f} |", flush=True)
        return cpu

    def lap(self) -> tuple[float, float]:
        """Wall and processor seconds since the line or lap before."""
        wall, cpu = time.perf_counter(), time.process_time()
        took = wall - self._wall, cpu - self._cpu
        self._wall, self._cpu = wall, cpu
        return took


class Memory:
    """The most memory that this process held at once, in GB: of its own, and with mapped files.

    What the engine keeps on the way is mapped from disk: the system takes that back when it needs
    the room.
    """

    def __init__(self) -> None:
        self.own = self.mapped = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            status = dict(
                line.split(":") for line in Path("/proc/self/status").read_text().splitlines()
            )
            own, mapped = (int(status[name].split()[0]) / 1e6 for name in ("RssAnon", "VmRSS"))
            self.own, self.mapped = max(self.own, own), max(self.mapped, mapped)
            time.sleep(0.02)


def every_mart(own: Settings, snapshot: Snapshot) -> float:
    """One table: each mart; gives the processor seconds of all."""
    tables, storage = snapshot.manifest.tables, FileStorage(own.snapshots)
    memory = Memory()
    ends = {name: snapshot.as_of(name) for name in TABLES}
    clock = marts.Clock(snapshot.manifest.read_at, ends, own.time_zone)
    with tempfile.TemporaryDirectory() as name, open_engine("polars", Path(name, "work")) as engine:
        print("| mart | s | CPU s |\n|---|---|---|")
        watch, whole = Stopwatch(), Stopwatch()
        laps: dict[str, list[tuple[float, float]]] = {}

        def write(mart: str, frame: pl.LazyFrame | pl.DataFrame) -> pl.LazyFrame:
            path = Path(name, f"{mart}.parquet")
            frame.lazy().sink_parquet(path, compression="zstd", compression_level=1)
            laps.setdefault(_stage(mart), []).append(watch.lap())
            return pl.scan_parquet(path)

        contract = marts.Tables(engine, lambda table: storage.paths(tables[table].files))
        marts.build(contract, write, clock, money_scale=own.money_scale)
        for stage, took in laps.items():
            wall, cpu = (sum(column) for column in zip(*took, strict=True))
            print(f"| {stage} | {wall:.1f} | {cpu:.1f} |")
        seconds = whole.line("all")
    print(f"\npeak {memory.own:.2f} GB, {memory.mapped:.2f} GB with what is mapped from disk")
    return seconds


def _stage(mart: str) -> str:
    """Whose line the stretch belongs to."""
    name = mart.split("__")[0]  # of a tier scheme
    return "backtest" if name.startswith("backtest_") else name


def _native(path: Path, as_of: date) -> pl.DataFrame:
    bought, year = is_purchase(), last_year(as_of).holds(pl.col("ordered_on"))
    known = earns() & pl.col("customer_id").is_not_null() & (pl.col("ordered_on") <= as_of)
    rows = pl.scan_parquet(path).filter(known).group_by("customer_id")
    return rows.agg(
        purchases=bought.sum().cast(pl.Int64),
        revenue_total=pl.col("amount").sum(),
        revenue_12m=pl.col("amount").filter(year).sum(),
        profit_12m=pl.col("profit").filter(year).sum(),
        purchases_12m=(bought & year).sum().cast(pl.Int64),
        purchases_90d=(bought & (pl.col("ordered_on") > as_of - _QUARTER)).sum().cast(pl.Int64),
        _profits=pl.col("profit").count().cast(pl.Int64),
    ).collect(engine="streaming")


def _portable(path: Path, as_of: date) -> pl.DataFrame:
    totals = lifecycle.order_totals(pl.scan_parquet(path), as_of=as_of)
    return totals.collect(engine="streaming")


_SQL = """
select customer_id,
  count(*) filter (status = 'completed' and amount > 0) purchases,
  sum(amount)::bigint revenue_total,
  coalesce(sum(amount) filter (ordered_on >= $start), 0)::bigint revenue_12m,
  coalesce(sum(profit) filter (ordered_on >= $start), 0)::bigint profit_12m,
  count(*) filter (status = 'completed' and amount > 0 and ordered_on >= $start) purchases_12m,
  count(*) filter (status = 'completed' and amount > 0 and ordered_on > $quarter) purchases_90d,
  count(profit) _profits
from read_parquet($path)
where status in ('completed', 'returned') and customer_id is not null and ordered_on <= $as_of
group by customer_id
"""


def _sql(path: Path, as_of: date) -> pl.DataFrame:
    given = {
        "path": str(path),
        "as_of": as_of,
        "start": last_year(as_of).start,
        "quarter": as_of - _QUARTER,
    }
    with duckdb.connect() as connection:
        table = connection.sql(_SQL, params=given).to_arrow_table()
    return pl.DataFrame(table)


def _pandas(path: Path, as_of: date) -> pl.DataFrame:
    columns = ["customer_id", "ordered_on", "status", "amount", "profit"]
    rows = pd.read_parquet(path, columns=columns, dtype_backend="pyarrow")
    known = rows["status"].isin(["completed", "returned"]) & (rows["ordered_on"] <= as_of)
    rows = rows[known & rows["customer_id"].notna()]
    bought = (rows["status"] == "completed") & (rows["amount"] > 0)
    year = rows["ordered_on"] >= last_year(as_of).start
    parts = rows.assign(
        purchases=bought.astype("int64"),
        revenue_total=rows["amount"],
        revenue_12m=rows["amount"].where(year, 0),
        profit_12m=rows["profit"].where(year, 0).fillna(0),
        purchases_12m=(bought & year).astype("int64"),
        purchases_90d=(bought & (rows["ordered_on"] > as_of - _QUARTER)).astype("int64"),
        _profits=rows["profit"].notna().astype("int64"),
    )
    names = [name for name in parts.columns if name not in columns]
    return pl.from_pandas(parts.groupby("customer_id")[names].sum().reset_index())


def peers(path: Path, as_of: date) -> None:
    """One table: the sums of every customer's orders, four times; the quickest of some runs."""
    print("\n| order_totals | s | CPU s |\n|---|---|---|")
    expected: pl.DataFrame | None = None
    for name, build in (
        ("narwhals on Polars", _portable),
        ("Polars", _native),
        ("DuckDB SQL", _sql),
        ("pandas", _pandas),
    ):
        seconds: list[tuple[float, float]] = []
        for _ in range(RUNS):
            wall, cpu = time.perf_counter(), time.process_time()
            found = build(path, as_of).sort("customer_id")
            seconds.append((time.perf_counter() - wall, time.process_time() - cpu))
            expected = found if expected is None else expected
            if not found.select(expected.columns).cast(dict(expected.schema)).equals(expected):
                raise SystemExit(f"{name} gives other figures")
        wall, cpu = min(seconds)
        print(f"| {name} | {wall:.2f} | {cpu:.2f} |", flush=True)


def main(sizes: tuple[int, ...]) -> None:
    """The marts of each size; the peers for the first."""
    for customers in sizes:
        own = published(customers)
        snapshot = SnapshotStore(own.snapshots).current()
        print(f"\n{customers:,} customers\n")
        record("marts of a refresh", customers, every_mart(own, snapshot))
        if customers == sizes[0]:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "orders.parquet")
                snapshot.scan("orders", LOCAL_ADMINISTRATOR).sink_parquet(path)
                peers(path, snapshot.as_of("orders").date())


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
