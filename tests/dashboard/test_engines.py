"""Every engine builds the same marts: DuckDB in every run, Spark where it is asked for."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard import marts
from data_access.contract import TABLES
from data_access.engine import open_engine
from data_access.errors import MissingEngineError
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import SnapshotStore


@dataclass(frozen=True)
class Company:
    """Contract tables as Parquet, when they are judged, and the marts that Polars published."""

    folder: Path
    clock: marts.Clock
    money_scale: int
    published: dict[str, pl.DataFrame]

    def files(self, table: str) -> list[str]:
        return [str(self.folder / f"{table}.parquet")]


def company(installation, folder: Path) -> Company:
    snapshot = SnapshotStore(installation.own.snapshots).current()
    for name in TABLES:
        snapshot.scan(name, LOCAL_ADMINISTRATOR).sink_parquet(folder / f"{name}.parquet")
    published = {
        name: snapshot.scan(name, LOCAL_ADMINISTRATOR).collect()
        for name in set(snapshot.manifest.tables) - set(TABLES)
    }
    ends = {name: snapshot.as_of(name) for name in TABLES}
    clock = marts.Clock(snapshot.manifest.read_at, ends, installation.own.time_zone)
    return Company(folder, clock, installation.own.money_scale, published)


def built(company: Company, engine: str, work: Path, url: str = "") -> dict[str, pl.DataFrame]:
    written: dict[str, pl.DataFrame] = {}

    def write(name: str, frame: pl.LazyFrame | pl.DataFrame) -> pl.LazyFrame:
        written[name] = frame.lazy().collect()
        return written[name].lazy()

    with open_engine(engine, work, spark_url=url) as opened:
        tables = marts.Tables(opened, company.files)
        marts.build(tables, write, company.clock, money_scale=company.money_scale)
    return written


def assert_same(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    assert found.keys() == expected.keys()
    for name, mart in expected.items():
        assert_frame_equal(found[name], mart, check_exact=True)


@pytest.mark.parametrize("data_set", ["demo", "minimal", "empty", "real"])
def test_duckdb_builds_the_marts_that_polars_published(request, tmp_path: Path, data_set: str):
    given = company(request.getfixturevalue(data_set), tmp_path)
    assert_same(built(given, "duckdb", tmp_path / "work"), given.published)


@pytest.mark.spark
def test_spark_builds_the_marts_that_polars_published(demo, tmp_path: Path, monkeypatch):
    pytest.importorskip("pyspark", reason="pip install -r requirements-spark.txt")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    monkeypatch.chdir(tmp_path)  # what Spark leaves behind
    given = company(demo, tmp_path)
    assert_same(built(given, "spark", tmp_path / "work", "local[2]"), given.published)


def test_an_engine_that_is_not_installed_is_told_by_name(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "data_access.engine.spark", None)
    with pytest.raises(MissingEngineError, match="pyspark is not installed"):
        open_engine("spark", tmp_path)
