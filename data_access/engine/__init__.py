"""Where the heavy part of the marts runs: Polars here, DuckDB, or a Spark cluster.

The builders in `metrics` that read whole event tables are written against narwhals and take the
frames of any of them. What they return is fetched as Polars; everything after that is the same
whatever the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data_access.engine.engine import Engine, Frame
from data_access.engine.in_process import PolarsEngine
from data_access.errors import MissingEngineError


def open_engine(name: str, folder: Path, *, spark_url: str = "") -> Engine:
    """The engine of that name; close it after use (it is a context manager).

    Args:
        name: polars, duckdb or spark.
        folder: For what it writes on the way; on storage that every worker of a cluster sees
            under this path. Removed by whoever owns it.
        spark_url: Master of the Spark cluster.

    Raises:
        MissingEngineError: Its package is not installed.
    """
    return _MAKERS[name](folder, spark_url)


def _polars(folder: Path, _: str) -> Engine:
    return PolarsEngine(folder)


def _duckdb(folder: Path, _: str) -> Engine:
    try:
        from data_access.engine.duckdb import DuckDBEngine
    except ImportError as error:
        raise MissingEngineError("duckdb", "duckdb") from error
    return DuckDBEngine(folder)


def _spark(folder: Path, spark_url: str) -> Engine:
    try:
        from data_access.engine.spark import SparkEngine
    except ImportError as error:
        raise MissingEngineError("spark", "pyspark") from error
    return SparkEngine(folder, spark_url)


_MAKERS: dict[str, Callable[[Path, str], Engine]] = {
    "polars": _polars,
    "duckdb": _duckdb,
    "spark": _spark,
}

__all__ = ["Engine", "Frame", "open_engine"]
