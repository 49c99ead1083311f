"""What the data-health page asks of audits, accounts, runs, incidents and reviews."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers.file_quality import shares
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, first_day, shift_months
from metrics.intervals import wilson
from metrics.measure import ratio
from metrics.profiles.governance import events, held_quarter, hours_to_tell
from metrics.profiles.measures import audited, right
from metrics.rules import load

_RULES: dict[str, Any] = load("data_quality")
_INFERRED = tuple(_RULES["audits"]["inferred"])
_RECORDED = tuple(_RULES["audits"]["accuracy"])
_PAIRS = {
    "data_accuracy": ("accurate", _RECORDED),
    "profile_accuracy": ("accurate", _INFERRED),
    "data_consistency": ("consistent", (*_RECORDED, *_INFERRED)),
}


@data.answer
def audits(view: View) -> dict[str, Reading]:
    """Accuracy and consistency of the chosen customers' audited entries, beside the year before."""
    as_of, facts = data.as_of(view, "profile_audits"), data.selected(view, "audit_facts")
    pairs = {key: right(column, blocks) for key, (column, blocks) in _PAIRS.items()}
    now, before = (
        shares(audited(facts, as_of=as_of, years_back=back), pairs, sampled=True) for back in (0, 1)
    )
    return {
        key: replace(reading, last_year=before[key].value) if reading.value is not None else reading
        for key, reading in now.items()
    }


@data.answer
def accuracy(view: View) -> pl.DataFrame:
    """Each block of the audited entries: block, accurate, low, high, consistent, n.

    Shares 0 to 1 with Wilson's 95 % interval; n: entries that somebody judged.
    """
    facts = audited(data.selected(view, "audit_facts"), as_of=data.as_of(view, "profile_audits"))
    good, judged = pl.col("accurate").sum(), pl.col("accurate").count()
    low, high = wilson(good, judged)
    same = ratio(pl.col("consistent").sum(), pl.col("consistent").count())
    asked = {"accurate": ratio(good, judged), "low": low, "high": high, "consistent": same}
    rows = facts.group_by("block").agg(**asked, n=judged.cast(pl.Int64)).collect()
    order = {block: place for place, block in enumerate((*_RECORDED, *_INFERRED))}
    rank = pl.col("block").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return rows.sort(rank, "block")


@data.once
def accounts(view: View) -> pl.DataFrame:
    """Each channel: channel, accounts, matched, share (0 to 1); lowest share first."""
    rows = data.frame(view, "account_counts").collect()
    told = rows.with_columns(share=ratio(pl.col("matched"), pl.col("accounts")))
    return told.sort("share", "channel", nulls_last=True)


@data.once
def connectivity(view: View) -> Reading:
    """Accounts known to be a customer's, of all accounts of the company."""
    rows = data.frame(view, "account_counts")
    pair = pl.col("matched").sum(), pl.col("accounts").sum()
    return shares(rows, {"connectivity": pair})["connectivity"]


@data.once
def runs(view: View) -> dict[str, Reading]:
    """Updates of the last days, how long they took, what was consolidated, what was refused."""
    rule, rows = _RULES["runs"], data.frame(view, "sync_runs")
    since = data.as_of(view, "sync_runs") - timedelta(days=rule["days"])
    ended = pl.col("finished_at").is_not_null()
    lately = (pl.col("kind") == rule["update"]) & (pl.col("started_on") > since)
    big = pl.col("kind").is_in(rule["consolidation"]) & ended
    counted = pl.col("records_rejected").is_not_null() & pl.col("records_in").is_not_null()
    took = (pl.col("finished_at") - pl.col("started_at")).dt.total_seconds() / 3600
    row = rows.select(
        runs=pl.len().cast(pl.Int64),
        data_updates=(lately & ended).sum().cast(pl.Int64),
        asked=lately.sum().cast(pl.Int64),
        run_hours=took.filter(lately & ended).median(),
        consolidations=big.sum().cast(pl.Int64),
        consolidated_records=pl.col("records_in").cast(pl.Int64).filter(big).sum(),
        refused=pl.col("records_rejected").cast(pl.Int64).filter(counted).sum(),
        received=pl.col("records_in").cast(pl.Int64).filter(counted).sum(),
    )
    found: dict[str, Any] = row.collect().row(0, named=True)
    if not found["runs"]:
        keys = ("data_updates", "run_hours", "consolidated_records", "refused_records")
        return dict.fromkeys(keys, unavailable("no_rows"))
    received = found["received"]
    share = found["refused"] / received if received else None
    return {
        "data_updates": Reading(found["data_updates"], n=found["asked"]),
        "run_hours": _known(found["run_hours"], found["data_updates"]),
        "consolidated_records": Reading(found["consolidated_records"], n=found["consolidations"]),
        "refused_records": _known(share, received),
    }


def _known(value: float | None, n: int) -> Reading:
    return unavailable("no_rows") if value is None else Reading(value, n=n)


@data.once
def breaches(view: View) -> Reading:
    """The longest time until those concerned by a breach were told, hours; see `hours_to_tell`."""
    told = hours_to_tell(data.frame(view, "incidents"), data.snapshot(view).as_of("incidents"))
    row = told.select(worst=pl.col("hours").max(), n=pl.len().cast(pl.Int64)).collect()
    worst, n = row.row(0)
    return Reading(worst, n=n) if n else unavailable("no_breach")


@data.once
def governance(view: View) -> pl.DataFrame:
    """What was due in the last months of the rule, by kind; see `metrics.profiles.governance`."""
    return events(data.frame(view, "governance_events"), as_of=_today(view)).collect()


def _today(view: View) -> date:
    return data.as_of(view, "governance_events")


@data.once
def reviews(view: View) -> dict[str, Reading]:
    """Privacy audits held in the last complete quarter; reviews held in time, of those due."""
    rows = governance(view)
    due, on_time = int(rows["due"].sum()), int(rows["on_time"].sum())
    this = first_day(_today(view), Grain.QUARTER)
    quarter = held_quarter(
        data.frame(view, "governance_events"), start=shift_months(this, -3), end=this
    )
    audits_held = int(quarter.collect().item())
    nothing = data.frame(view, "governance_events").limit(1).collect().is_empty()
    return {
        "privacy_audits": unavailable("no_rows") if nothing else Reading(audits_held),
        "governance_on_time": _known(on_time / due if due else None, due),
    }
