"""Apache Spark: the marts of more rows than one machine carries, on a cluster that is there."""

# pyright: basic, reportMissingImports=false
# PySpark is not installed where nobody needs it.

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from data_access.engine.engine import Engine


class SparkEngine(Engine):
    """A session on a cluster; files are exchanged through the folder, which all workers share."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        settings: dict[str, str | int | float | bool | None] = {
            "spark.sql.session.timeZone": "UTC",
            # times as Polars writes and reads them; Spark's own default is 96 bits wide
            "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master(url).appName("Stayline marts")
        self._session = builder.config(map=settings).getOrCreate()

    def scan(self, paths: Sequence[str]) -> DataFrame:
        """A data frame over the files."""
        return self._session.read.parquet(*paths)

    def write(self, frame: DataFrame, path: Path) -> list[str]:
        """One file for each partition, in their order."""
        frame.write.parquet(str(path), compression="zstd")
        return sorted(map(str, path.glob("part-*.parquet")))

    def close(self) -> None:
        """End the session; the cluster stays."""
        self._session.stop()
