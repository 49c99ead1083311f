"""The rows of a company of any size, generated to disk in the form in which a refresh reads them.

    python -m benchmarks.generation [customers]

No database in between: Arrow files by table and chunk, with what reading adds. Imports nothing of
the dashboard, so that a worker is small and quick to start.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from data_access.contract import TABLES
from data_access.demo.generate import count_chunks, generate_chunk
from data_access.demo.seasons import SHANGHAI
from data_access.demo.truth import DEMO
from data_access.reader import UNREADABLE

SIZE = 2_000_000
# At 2 million customers a few per cent more than 40 million orders, 40 million interactions,
# 5 million tickets and 5 million answers, whether invitations are counted or only the answered.
BUSY = DEMO.busier(orders=1.42, contacts=1.10, tickets=1.05, answers=2.2)
CHUNK = 25_000  # customers; its arrays fit the processor's caches
WORKERS = 2
# One thread each, as there are as many workers as cores; and memory freed after a step is kept
# for the next one, since asking the system for it anew takes a seventh of the time.
WORKER_ENVIRONMENT = {
    "POLARS_MAX_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",
}


@dataclass(frozen=True, slots=True)
class Generation:
    """What it took to generate and write a company."""

    rows: dict[str, int]  # by table, those that have any
    seconds: float
    cpu_seconds: float  # of the workers
    megabytes: float  # peak of each worker and of this process, added up


def generate_parts(folder: Path, customers: int) -> Generation:
    """Write every table to `folder/<table>/<chunk>.arrow`, two chunks at a time."""
    began, cpu = time.monotonic(), _cpu_of_children()
    rows: Counter[str] = Counter()
    peaks: dict[int, int] = {}
    numbers = range(count_chunks(customers, chunk=CHUNK))
    with _worker_environment(), ProcessPoolExecutor(WORKERS, get_context("spawn")) as workers:
        for written, worker, peak in workers.map(partial(_write, folder, customers), numbers):
            rows.update(written)
            peaks[worker] = peak
    return Generation(
        {name: rows[name] for name in TABLES if rows[name]},
        time.monotonic() - began,
        _cpu_of_children() - cpu,
        (sum(peaks.values()) + _peak()) / 1024,
    )


def _write(folder: Path, customers: int, number: int) -> tuple[dict[str, int], int, int]:
    """Write one chunk; its rows by table, and this process with its peak so far in kB."""
    tables = generate_chunk(number, customers, chunk=CHUNK, truth=BUSY).tables
    for name, frame in tables.items():
        part = folder / name
        part.mkdir(parents=True, exist_ok=True)
        as_read(name, frame).write_ipc(part / f"{number:04d}.arrow")
    return {name: frame.height for name, frame in tables.items()}, os.getpid(), _peak()


def as_read(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A generated table with what reading adds: the day of each time in Shanghai, nothing lost.

    Shanghai's clocks have not been changed since 1991; adding eight hours takes a twentieth of
    the time of a conversion by the rules of any zone.
    """
    days = {
        day: (pl.col(time).dt.replace_time_zone(None) + SHANGHAI.utcoffset(None)).dt.date()
        for time, day in TABLES[table].days.items()
    }
    return frame.with_columns(**days, **{UNREADABLE: pl.lit(None, pl.List(pl.String))})


@contextmanager
def _worker_environment() -> Generator[None]:
    before = dict(os.environ)
    os.environ.update(WORKER_ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def line(customers: int, made: Generation) -> str:
    """One row of a Markdown table."""
    rows = ", ".join(f"{name} {count:,}" for name, count in made.rows.items())
    took = f"{made.seconds:.1f} | {made.cpu_seconds:.1f} | {made.megabytes:,.0f}"
    return f"| {customers:,} | {took} | {sum(made.rows.values()):,} | {rows} |"


HEAD = "| customers | s | CPU s | peak MB | rows | rows by table |\n|---|---|---|---|---|---|"


if __name__ == "__main__":
    size = int(sys.argv[1]) if sys.argv[1:] else SIZE
    parts = Path("var") / "benchmarks" / f"parts-{size}"
    try:
        print(f"{HEAD}\n{line(size, generate_parts(parts, size))}")
    finally:
        shutil.rmtree(parts, ignore_errors=True)
