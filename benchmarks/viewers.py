"""Many readers at once, each thinking between clicks, on one server.

    python -m benchmarks.viewers [--customers 2000000] [--viewers 50] [--seconds 300] [--publish]

Every reader walks a seeded mix of his own over real websockets: a third of the clicks change a
filter or the period, the others the page; half of the readers read Chinese. With `--publish` a new
version is published in the middle: all marts anew, of the contract tables the rows of the customers
whom the readers open. The server works on a hard-linked copy, so the company stays as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

import polars as pl

from benchmarks.client import Client, Run, cpu_seconds, memory_megabytes
from benchmarks.company import published
from benchmarks.pages import PAGES, server
from dashboard.settings import Settings
from data_access.contract import TABLES
from data_access.demo.truth import ACQUISITION_CHANNELS, REGIONS, SEGMENTS
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import SnapshotStore
from metrics.selection import CHOICES

THINKING = (5.0, 15.0)  # seconds between an answer and the next click
WINDOW = 30.0  # seconds after a publication that are told on their own
CUSTOMERS = [f"C{number:07d}" for number in range(100, 140)]
CHOSEN = {
    "segment": SEGMENTS,
    "region": REGIONS,
    "acquisition_channel": ACQUISITION_CHANNELS,
    "period": tuple(CHOICES),
}


@dataclass(frozen=True)
class Click:
    """One interaction: seconds since the beginning, the page, what it took."""

    at: float
    page: str
    run: Run


def walk(number: int) -> Generator[tuple[str, str]]:
    """Page and address of each click of a reader, without end; the same for the same number."""
    mind = random.Random(number)
    page, chosen = "overview", dict.fromkeys(CHOSEN, "")
    while True:
        named = {"language": ("zh", "en")[number % 2], **chosen, "id": mind.choice(CUSTOMERS)}
        yield page, "&".join(f"{name}={value}" for name, value in named.items())
        if mind.random() < 1 / 3:
            name = mind.choice(list(CHOSEN))
            chosen[name] = mind.choice(["", *CHOSEN[name]])
        else:
            page = mind.choice([other for other in PAGES if other != page])


async def _reader(number: int, port: int, pid: int, seconds: float, clicks: list[Click]) -> None:
    mind = random.Random(f"thinking {number}")
    began = time.monotonic()
    await asyncio.sleep(mind.uniform(0, THINKING[1]))
    async with Client(port, pid) as client:
        for page, address in walk(number):
            at = time.monotonic() - began
            if at > seconds:
                return
            clicks.append(Click(at, page, await client.run(page, address)))
            await asyncio.sleep(mind.uniform(*THINKING))


async def _read(
    viewers: int, port: int, pid: int, seconds: float, publish: Callable[[], str] | None
) -> list[Click]:
    clicks: list[Click] = []
    async with asyncio.TaskGroup() as together:
        for number in range(viewers):
            together.create_task(_reader(number, port, pid, seconds, clicks))
        if publish is not None:
            await asyncio.sleep(seconds / 2)
            await asyncio.to_thread(publish)
    return clicks


@contextmanager
def _copied(own: Settings) -> Generator[Settings]:
    """The company in another home, its files linked, not copied."""
    home = own.home.with_name(f"{own.home.name}-viewers")
    shutil.rmtree(home, ignore_errors=True)
    copy = replace(own, home=home)
    shutil.copytree(own.snapshots, copy.snapshots, copy_function=os.link)
    try:
        yield copy
    finally:
        shutil.rmtree(home)


@contextmanager
def _staged(root: Path) -> Generator[Callable[[], str]]:
    """The next version, written but for its publication, which is what is given."""
    store = SnapshotStore(root)
    current = store.current()
    with store.staging() as staging:
        for name in current.manifest.tables:
            rows = current.scan(name, LOCAL_ADMINISTRATOR)
            if name in TABLES and "customer_id" in rows.collect_schema():
                rows = rows.filter(pl.col("customer_id").is_in(CUSTOMERS))
            elif name not in TABLES:
                rows = rows.slice(1)  # so that no file is that of the version before
            staging.write(name, rows)
        later = current.manifest.read_at + timedelta(hours=1)
        yield lambda: staging.publish(read_at=later, facts=current.manifest.facts)


def _line(name: str, clicks: Iterable[Click]) -> str:
    milliseconds = sorted(click.run.wall for click in clicks)
    if len(milliseconds) < 2:
        return f"| {name} | {len(milliseconds)} | | | | |"
    hundredths = quantiles(milliseconds, n=100, method="inclusive")
    told = [*(hundredths[part - 1] for part in (50, 95, 99)), milliseconds[-1]]
    return f"| {name} | {len(milliseconds)} | " + " | ".join(f"{ms:.0f}" for ms in told) + " |"


def _tell(clicks: Sequence[Click], seconds: float, *, published: bool) -> None:
    print("| clicks | n | p50 ms | p95 ms | p99 ms | longest ms |\n|---|---|---|---|---|---|")
    print(_line("all", clicks))
    if published:
        since = [click for click in clicks if 0 <= click.at - seconds / 2 < WINDOW]
        print(_line(f"in the {WINDOW:.0f} s after the publication", since))
    for page in PAGES:
        print(_line(page, [click for click in clicks if click.page == page]))
    print(f"\nerrors: {sum(click.run.failed for click in clicks)}", end="")


def _busy() -> float:
    """CPU seconds that all processes have used since the machine began."""
    user, nice, system = (Path("/proc/stat").read_text().split()[part] for part in (1, 2, 3))
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def main(customers: int, viewers: int, seconds: float, *, publish: bool) -> None:
    """Print one table."""
    with _copied(published(customers)) as own:
        staged = _staged(own.snapshots) if publish else nullcontext()
        with staged as next_version, server(own) as (port, pid):
            warm = memory_megabytes(pid)
            cpu, busy, began = cpu_seconds(pid), _busy(), time.monotonic()
            mine = time.process_time()
            clicks = asyncio.run(_read(viewers, port, pid, seconds, next_version))
            took = time.monotonic() - began
            used = cpu_seconds(pid) - cpu
            others = _busy() - busy - used - (time.process_time() - mine)
            _tell(clicks, seconds, published=publish)
            print(
                f"; server: {used / took:.2f} of {os.cpu_count()} cores, "
                f"others: {others / took:.2f}; memory: {warm:.0f} MB when warm, "
                f"{memory_megabytes(pid):.0f} MB at the end, "
                f"{memory_megabytes(pid, 'VmHWM'):.0f} MB at the peak"
            )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--customers", type=int, default=2_000_000)
    asked.add_argument("--viewers", type=int, default=50)
    asked.add_argument("--seconds", type=float, default=300)
    asked.add_argument("--publish", action="store_true")
    given = asked.parse_args()
    main(given.customers, given.viewers, given.seconds, publish=given.publish)
