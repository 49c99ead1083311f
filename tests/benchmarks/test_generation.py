"""The company of the benchmarks: as large as promised, written as a refresh would have read it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks.company import ZONE
from benchmarks.generation import BUSY, CHUNK, as_read, generate_parts
from data_access.contract import TABLES
from data_access.demo.generate import Chunk, generate_chunk
from data_access.reader import UNREADABLE

CUSTOMERS = 4_000
PROMISED = 2_000_000


@pytest.fixture(scope="module")
def made() -> Chunk:
    return generate_chunk(1, CUSTOMERS * 2, chunk=CUSTOMERS, truth=BUSY)


def test_at_two_million_customers_it_has_the_rows_that_are_promised(made):
    held = {name: made.tables[name].height for name in TABLES}
    held["answers"] = made.tables["survey_responses"]["answered_at"].count()
    times = PROMISED / CUSTOMERS
    assert held["orders"] * times >= 40e6
    assert held["interactions"] * times >= 40e6
    assert held["tickets"] * times >= 5e6
    assert held["answers"] * times >= 5e6


@pytest.mark.parametrize("name", TABLES)
def test_days_are_those_of_the_time_zone(made, name):
    frame = as_read(name, made.tables[name])
    assert dict(frame.schema) == TABLES[name].own_schema | {UNREADABLE: pl.List(pl.String)}
    for time, day in TABLES[name].days.items():
        assert frame[day].equals(frame[time].dt.convert_time_zone(ZONE).dt.date().alias(day))
    assert frame[UNREADABLE].null_count() == frame.height


def test_parts_on_disk_are_the_rows_counted(tmp_path: Path):
    made = generate_parts(tmp_path, 50)
    for name, rows in made.rows.items():
        assert pl.scan_ipc(tmp_path / name / "*.arrow").select(pl.len()).collect().item() == rows
    expected = generate_chunk(0, 50, chunk=CHUNK, truth=BUSY).tables["orders"]
    orders = pl.read_ipc(tmp_path / "orders" / "0000.arrow")
    assert orders.equals(as_read("orders", expected))
    assert made.cpu_seconds > 0
    assert made.megabytes > 0
