"""What one interaction on every page costs the server, at 20,000 to 2 million customers.

    python -m benchmarks.pages [customers …]

For each page: the same view again (cached), a view nobody has asked for yet (uncached: another
filter each time), bytes on the wire. The peer is the same figures of the voice page computed by
pandas from SQL, as a typical Streamlit app does.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.client import Client, Run, memory_megabytes
from benchmarks.company import published
from benchmarks.figures import record
from dashboard.settings import ROOT, Settings
from dashboard.start import free_port
from data_access.demo.truth import ACQUISITION_CHANNELS, REGIONS, SEGMENTS

SIZES = (20_000, 200_000, 2_000_000)
PAGES = (
    "overview",
    "scorecard",
    "tiers",
    "lifecycle",
    "churn_risk",
    "worklist",
    "follow_ups",
    "customer",
    "voice",
    "service",
    "service_quality",
    "rectification",
    "care",
    "engagement",
    "campaigns",
    "loyalty",
    "budget",
    "returns",
    "model_quality",
    "data_health",
    "programme",
    "definitions",
)
REPEATS = 5
# Views that no other run has asked for, so that no figure is in a cache.
FRESH = [
    f"segment={segment}&region={region}&acquisition_channel={channel}"
    for segment in SEGMENTS
    for region in REGIONS
    for channel in ACQUISITION_CHANNELS
]


@contextmanager
def server(own: Settings) -> Iterator[tuple[int, int]]:
    """The app on that company; gives port and process number."""
    port = free_port(8801)
    environment = os.environ | {"STAYLINE_HOME": str(own.home), "STAYLINE_DATA": "demo"}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _address(page: str, query: str) -> str:
    customer = "&id=C0000123" if page == "customer" else ""
    return f"language=en&{query}{customer}"


async def _measure(port: int, pid: int) -> Iterator[tuple[str, Run, Run]]:
    fresh = iter(FRESH)
    rows: list[tuple[str, Run, Run]] = []
    for page in PAGES:
        async with Client(port, pid) as client:  # a session keeps its filters from page to page
            await client.run(page, _address(page, "period=year"))
            cached = [await client.run(page, _address(page, "period=year")) for _ in range(REPEATS)]
            uncached = [await client.run(page, _address(page, next(fresh))) for _ in range(REPEATS)]
            rows.append((page, _median(cached), _median(uncached)))
    return iter(rows)


def _median(runs: list[Run]) -> Run:
    return Run(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        int(statistics.median(run.bytes for run in runs)),
    )


def main(sizes: tuple[int, ...]) -> None:
    """Print one table per size."""
    for customers in sizes:
        own = published(customers)
        with server(own) as (port, pid):
            print(f"\n{customers:,} customers\n")
            print("| page | cached ms (CPU) | uncached ms (CPU) | kB |")
            print("|---|---|---|---|")
            for page, cached, uncached in asyncio.run(_measure(port, pid)):
                record(f"{page}, cached", customers, cached.cpu / 1000)
                record(f"{page}, uncached", customers, uncached.cpu / 1000)
                size = max(cached.bytes, uncached.bytes) / 1000
                print(
                    f"| {page} | {cached.wall:.0f} ({cached.cpu:.0f}) "
                    f"| {uncached.wall:.0f} ({uncached.cpu:.0f}) | {size:.0f} |",
                    flush=True,
                )
            print(f"\nprocess: {memory_megabytes(pid):.0f} MB")


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
