"""Run by `test_publishing.py` and killed by it: publishes versions one after another."""

import itertools
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from data_access.snapshot import SnapshotStore

store = SnapshotStore(Path(sys.argv[1]), grace=timedelta(seconds=5))
for number in itertools.count(int(sys.argv[2])):
    with store.staging() as staging:
        for name in ("customers", "orders"):
            staging.write(name, pl.DataFrame({"number": [number] * 20_000}))
        staging.publish(read_at=datetime(2026, 1, 1, tzinfo=UTC), facts={"number": number})
