"""The carried source files: five public data sets, compressed, as `files/ATTRIBUTION.md` says."""

from __future__ import annotations

from pathlib import Path

import polars as pl

FOLDER = Path(__file__).with_name("files")


def read(name: str) -> pl.DataFrame:
    """Rows of one carried file, in the order and with the names of its source."""
    return pl.read_parquet(FOLDER / f"{name}.parquet")
