"""Demo companies of any size, published as snapshots without a database in between.

Two million customers are ninety million rows; through SQLite that would take longer than what is
to be measured. The rows pass the same door and the same mart builders as those of a refresh.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from dashboard import marts, pipeline
from dashboard.settings import ROOT, Settings
from data_access.contract import TABLES
from data_access.demo.generate import AS_OF, count_chunks, generate_chunk
from data_access.door import admit
from data_access.engine import open_engine
from data_access.extract import ExtractedTable, Extraction
from data_access.snapshot import SnapshotStore

HOME = ROOT / "var" / "benchmarks"
ZONE = "Asia/Shanghai"
NOTHING = pl.lit(None, pl.List(pl.String))  # was lost on the way from a database


@dataclass(frozen=True)
class Stages:
    """Seconds of each stage of a direct publication, and the rows it holds."""

    generate: float
    door: float
    marts: float
    rows: int


def installation(customers: int) -> Settings:
    """Where the company of that size lives."""
    home = HOME / str(customers)
    return Settings(
        data="demo",
        crm_url=f"sqlite:///{home / 'demo' / 'crm.sqlite'}",
        home=home,
        time_zone=ZONE,
        money_scale=2,
        currency="CNY",
    )


def _spool(folder: Path, customers: int) -> dict[str, int]:
    """Generate two chunks at a time onto disk, with the day columns that extraction adds."""
    numbers = range(count_chunks(customers))
    rows: Counter[str] = Counter()
    with ProcessPoolExecutor(2, get_context("spawn")) as workers:
        for written in workers.map(partial(_write_chunk, folder, customers), numbers):
            rows.update(written)
    return dict(rows)


def _write_chunk(folder: Path, customers: int, number: int) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name, frame in generate_chunk(number, customers).tables.items():
        days = {
            day: pl.col(time).dt.convert_time_zone(ZONE).dt.date()
            for time, day in TABLES[name].days.items()
        }
        part = folder / name
        part.mkdir(parents=True, exist_ok=True)
        frame.with_columns(**days, _unreadable=NOTHING).write_ipc(part / f"{number:04d}.arrow")
        rows[name] = frame.height
    return rows


def publish(customers: int) -> Stages:
    """Publish the company of that size; returns what each stage took."""
    own = installation(customers)
    with SnapshotStore(own.snapshots).staging() as staging:
        began = time.monotonic()
        rows = _spool(staging.spool / "parts", customers)
        generated = time.monotonic()
        tables = {
            name: ExtractedTable(
                frame=pl.scan_ipc(staging.spool / "parts" / name / "*.arrow"),
                rows=rows[name],
                present=True,
            )
            for name in TABLES
        }
        extraction = Extraction("generated", "stayline", ZONE, AS_OF, tables, [])
        admission = admit(extraction, staging)
        admitted = time.monotonic()
        clock = marts.Clock(AS_OF, admission.complete_until, ZONE)
        facts = {"data": "demo", "money_scale": 2} | admission.facts(extraction)
        with open_engine(own.engine, staging.spool / "engine") as engine:
            pipeline.publish(staging, clock, facts, engine, money_scale=2)
    done = time.monotonic()
    return Stages(generated - began, admitted - generated, done - admitted, sum(rows.values()))


def published(customers: int) -> Settings:
    """The company of that size, published if it is not yet."""
    own = installation(customers)
    if not (own.snapshots / "CURRENT").exists():
        publish(customers)
    return own


if __name__ == "__main__":
    import sys

    print(publish(int(sys.argv[1])))
