"""What the data-health page asks: what was read, what was turned away, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dashboard import data
from dashboard.view import View

_COUNTS = {
    "table": pl.String,
    "present": pl.Boolean,
    "read": pl.Int64,
    "admitted": pl.Int64,
    "grown": pl.Int64,
}
_REJECTIONS = {
    "table": pl.String,
    "column": pl.String,
    "rule": pl.String,
    "action": pl.String,
    "rows": pl.Int64,
    "examples": pl.String,
}
_FINDINGS = {
    "table": pl.String,
    "column": pl.String,
    "code": pl.String,
    "powers": pl.List(pl.String),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the shown version is from.

    Attributes:
        version: Name of the snapshot.
        read_at: When the CRM was read, UTC.
        url: Its address, without password.
        bytes: Size of the snapshot on disk.
    """

    version: str
    read_at: datetime
    url: str
    bytes: int


def _facts(view: View) -> dict[str, Any]:
    return dict(data.snapshot(view).manifest.facts)


def source(view: View) -> Source:
    """Version, time and address of the read."""
    manifest = data.snapshot(view).manifest
    size = sum(entry.bytes for entry in manifest.tables.values())
    return Source(manifest.version, manifest.read_at, str(manifest.facts["source_url"]), size)


@data.answer
def tables(view: View) -> pl.DataFrame:
    """Every contract table: what was read of it, how fresh it is, what the read before had.

    Returns:
        table, present, read, admitted (rows), turned_away, orphans (rows that refer to what is not
        there), grown (rows admitted more than in the snapshot before; null without one), latest_at
        (its last event), complete_until (null where the source guarantees nothing: then it is the
        read), silent_days (whole days from the last event until then). Moments in the business time
        zone; null where there is no event.
    """
    facts = _facts(view)
    before = facts.get("counts_before", {})
    rows = [
        {
            "table": name,
            "present": name not in facts["absent"],
            "read": counts["read"],
            "admitted": counts["admitted"],
            "grown": counts["admitted"] - before[name]["admitted"] if name in before else None,
        }
        for name, counts in facts["counts"].items()
    ]
    ends = {
        name: datetime.fromisoformat(end).astimezone(data.time_zone())
        for name, end in facts["complete_until"].items()
    }
    frame = pl.DataFrame(rows, schema=_COUNTS)
    zone = pl.Datetime("us", str(data.time_zone()))
    until = pl.Series("complete_until", [ends.get(name) for name in frame["table"].to_list()], zone)
    latest = data.frame(view, "table_ends").with_columns(pl.col("latest_at").cast(zone)).collect()
    orphans = rejections(view).filter(pl.col("rule") == "orphan")
    lost = orphans.group_by("table").agg(orphans=pl.col("rows").sum())
    read = pl.lit(data.snapshot(view).manifest.read_at).cast(zone)
    return (
        frame.with_columns(until, turned_away=pl.col("read") - pl.col("admitted"))
        .join(latest, on="table", how="left", validate="1:1", maintain_order="left")
        .join(lost, on="table", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            pl.col("orphans").fill_null(0),
            silent_days=(pl.coalesce("complete_until", read) - pl.col("latest_at")).dt.total_days(),
        )
    )


@data.answer
def rejections(view: View) -> pl.DataFrame:
    """Rows caught by a rule at the door, most rows first.

    Returns:
        table, column, rule, action, rows, examples (keys of at most five; empty
        for a reader with a limited scope).
    """
    told = view.principal.sees_everything  # the keys may be of anybody's rows
    rows = [
        {**rejection, "examples": ", ".join(map(str, rejection["examples"])) if told else ""}
        for rejection in _facts(view)["rejections"]
    ]
    return pl.DataFrame(rows, schema=_REJECTIONS).sort("rows", "table", descending=[True, False])


@data.answer
def findings(view: View) -> pl.DataFrame:
    """What the database lacks of the contract.

    Returns:
        table, column (empty for a whole table), code, powers (codes of what it switches off).
    """
    rows = [
        {**finding, "powers": list(finding["switches_off"])} for finding in _facts(view)["findings"]
    ]
    return pl.DataFrame(rows, schema=_FINDINGS)
