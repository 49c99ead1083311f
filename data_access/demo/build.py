"""The demo company as a CRM database, with its truth beside it."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import polars as pl

from data_access.bulk_load import write_sqlite
from data_access.demo.generate import AS_OF, CUSTOMERS, SEED, generate_chunks
from data_access.demo.truth import Truth

_log = logging.getLogger(__name__)


def build(
    path: Path, customers: int = CUSTOMERS, *, seed: int = SEED, as_of: datetime = AS_OF
) -> dict[str, int]:
    """Write the demo CRM to an SQLite file, and what is true of it beside it.

    `truth.json` holds the parameters, the dirt counts and the rows per table;
    `truth_customers.parquet` one row per customer with its latent value class and the times of
    decline, churn (up to 200 days after `as_of`; null if later) and return. Both are complete
    before the database appears under its name.

    Returns:
        Rows per table.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    latent: list[pl.DataFrame] = []
    dirt: Counter[str] = Counter()
    rows: Counter[str] = Counter()

    def chunks() -> Iterator[dict[str, pl.DataFrame]]:
        for part in generate_chunks(customers, seed=seed, as_of=as_of):
            latent.append(part.truth)
            dirt.update(part.dirt)
            rows.update({name: frame.height for name, frame in part.tables.items()})
            _log.info("%s of %s customers", f"{_height(latent):,}", f"{customers:,}")
            yield part.tables
        # After the last row and before the database is renamed into place.
        facts = {"seed": seed, "customers": customers, "as_of": as_of.isoformat()}
        truth = facts | asdict(Truth()) | {"dirt": dict(dirt), "rows": dict(rows)}
        text = json.dumps(truth, indent=2, ensure_ascii=False)
        (path.parent / "truth.json").write_text(text + "\n", encoding="utf-8")
        if latent:
            pl.concat(latent).write_parquet(path.parent / "truth_customers.parquet")

    return write_sqlite(path, chunks())


def _height(frames: list[pl.DataFrame]) -> int:
    return sum(frame.height for frame in frames)
