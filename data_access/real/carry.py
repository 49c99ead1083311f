"""Makes the carried copies in `files/` from the downloaded originals; ran once, kept as a record.

`python -m data_access.real.carry --from ../shared/data` repeats it. Rows, their order and their
values stay as in the source; only columns that no contract table uses are left out.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from pathlib import Path

import polars as pl

from data_access.real.carried import FOLDER

_PARQUET = {
    "online_retail": "uci_online_retail/online_retail.parquet",
    "incident_events": "uci_incident_event_log/incident_events.parquet",
    "budget_execution": "worldbank_boost_budget/budget_execution.parquet",
    "bank_marketing": "uci_bank_marketing/bank-full.parquet",
}
_LEFT_OUT = {
    "online_retail": (),
    "incident_events": (
        *("active", "caller_id", "opened_by", "sys_created_by", "sys_created_at"),
        *("sys_updated_by", "location", "subcategory", "u_symptom", "cmdb_ci", "impact"),
        *("urgency", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc"),
        *("vendor", "caused_by", "closed_code", "resolved_by"),
    ),
    "budget_execution": (),
    "bank_marketing": (
        *("age", "job", "marital", "education", "default", "balance", "housing", "loan"),
        *("duration", "pdays", "previous"),
    ),
}
_SURVEY = {
    "RESPNUM": "respnum",
    "INTDATE": "intdate",
    "DAY": "day",
    "NETPRO": "netpro",
    "Q7ALL": "q7all",
    "WEIGHT": "weight",
}


def carry(originals: Path) -> None:
    """Write the five carried Parquet files from a folder with the original downloads."""
    for name, path in _PARQUET.items():
        _write(name, pl.read_parquet(originals / path).drop(_LEFT_OUT[name]))
    waves = [_wave(originals / "sfo_customer_survey", year) for year in (2017, 2018)]
    _write("sfo_survey", pl.concat(waves))


def _wave(folder: Path, year: int) -> pl.DataFrame:
    """One survey wave as text, with the weekday that the month of a few answers rests on."""
    path = folder / f"{year}_SFO_Customer_Survey.csv.gz"
    with gzip.open(path, "rt", encoding="latin-1", newline="") as lines:
        names, *rows = csv.reader(lines)
    position = {name.strip(): number for number, name in enumerate(names)}
    columns = {new: [row[position[old]] for row in rows] for old, new in _SURVEY.items()}
    return pl.DataFrame({"survey_year": [year] * len(rows), **columns})


def _write(name: str, frame: pl.DataFrame) -> None:
    frame.write_parquet(FOLDER / f"{name}.parquet", compression="zstd", compression_level=19)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--from", dest="originals", type=Path, required=True)
    carry(arguments.parse_args().originals)
