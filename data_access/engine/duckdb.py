"""DuckDB in this process: the second opinion that every figure of the marts is tested against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data_access.engine.engine import Engine


class DuckDBEngine(Engine):
    """An own database in memory; what does not fit is spilled into the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._connection = duckdb.connect(config={"temp_directory": str(folder / "spilled")})
        self._connection.execute("set TimeZone = 'UTC'")

    def scan(self, paths: Sequence[str]) -> duckdb.DuckDBPyRelation:
        """A relation over the files."""
        return self._connection.read_parquet(list(paths))

    def write(self, frame: duckdb.DuckDBPyRelation, path: Path) -> list[str]:
        """One file."""
        frame.write_parquet(str(path), compression="zstd")
        return [str(path)]

    def close(self) -> None:
        """Forget the database."""
        self._connection.close()
