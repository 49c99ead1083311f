"""Snapshots on object storage: the same refresh, the same pages, and settings that say no."""

from dataclasses import replace

import polars as pl
import pytest

from dashboard import data
from dashboard.pipeline import refresh
from dashboard.settings import settings
from dashboard.store import store
from data_access.principal import LOCAL_ADMINISTRATOR
from tests.conftest import Installation


def test_a_refresh_publishes_to_a_lake_what_it_publishes_to_a_disk(minimal, tmp_path):
    own = replace(minimal.own, lake=f"file://{tmp_path}/lake")
    version = refresh(own)
    lake, disk = store(own).current(), store(minimal.own).current()
    assert lake.version == version
    assert lake.manifest.tables.keys() == disk.manifest.tables.keys()
    for name in disk.manifest.tables:
        one, other = (each.scan(name, LOCAL_ADMINISTRATOR).collect() for each in (lake, disk))
        assert one.equals(other), name
    folder = own.snapshots.relative_to(own.home)
    mart = pl.scan_delta(str(tmp_path / "lake" / folder / "data" / "customer_mart")).collect()
    assert mart.height == disk.manifest.tables["customer_mart"].rows


def test_the_pages_read_from_the_lake(minimal, tmp_path, opened, monkeypatch):
    monkeypatch.setenv("STAYLINE_SNAPSHOTS", f"file://{tmp_path}/lake/")
    opened(Installation(minimal.own))
    version = refresh(settings())
    with data.reading() as read:
        assert read == version


@pytest.mark.parametrize("wrong", ["bucket", "http://bucket/x", "s3://", "ftp://x/y"])
def test_an_address_that_is_none_is_one_sentence(wrong, monkeypatch):
    monkeypatch.setenv("STAYLINE_SNAPSHOTS", wrong)
    settings.cache_clear()
    with pytest.raises(ValueError, match="must be an address such as s3://bucket/folder"):
        settings()
    settings.cache_clear()
