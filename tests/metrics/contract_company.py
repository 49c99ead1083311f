"""A small company that lives on contracts, whose customers cancel for known reasons."""

from datetime import date

import numpy as np
import polars as pl

from metrics.churn.tables import CrmTables

AS_OF = date(2026, 6, 30)
# How many times as fast customers cancel, per step of what a landmark tells of them.
TRUTH = {
    "log_monthly_amount": -0.25,
    "complaints": 0.45,
    "other_tickets": 0.0,
    "missed_promises": 0.3,
    "nps_detractor": 0.6,
    "nps_promoter": -0.4,
    "segment=industry": -0.3,
    "segment=public": -0.7,
    "region=south": 0.2,
    "acquisition_channel=web": 0.0,
}
_HISTORY = 900  # days
_WINDOW = 90
BANDS = ((90, 1.8), (365, 1.2), (10_000, 0.8))  # hazard by tenure, times the base of a day
BASE = 0.0011


def company(customers: int, *, seed: int = 3) -> CrmTables:
    """Contracts that end by proportional hazards of what was known at the last landmark.

    Every 90 days back from AS_OF a customer gets the complaints, tickets and answer that the next
    90 days depend on, all on the day of the landmark; AS_OF is one, too. 3 % are deleted one day.
    """
    rng = np.random.default_rng(seed)
    n = customers
    segment = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    south, web = rng.random(n) < 0.4, rng.random(n) < 0.4
    start = -rng.integers(1, _HISTORY, n)
    amount = np.exp(rng.normal(10.0, 0.8, n)).astype(np.int64)
    end = np.full(n, np.inf)
    fixed = TRUTH["log_monthly_amount"] * (np.log(amount + 1) - 10.0)
    fixed += np.array([0.0, TRUTH["segment=industry"], TRUTH["segment=public"]])[segment]
    fixed += TRUTH["region=south"] * south
    complaints, tickets, broken, answers = [], [], [], []
    for landmark in range(-_HISTORY, 1, _WINDOW):
        there = np.flatnonzero((start <= landmark) & np.isinf(end))
        complained = rng.poisson(0.25, len(there))
        asked = rng.poisson(0.3, len(there))
        missed = rng.poisson(0.2, len(there))
        nps = rng.choice([3, 7, 8, 10], len(there), p=[0.25, 0.25, 0.2, 0.3])
        complaints.append((np.repeat(there, complained), landmark))
        tickets.append((np.repeat(there, asked), landmark))
        broken.append((np.repeat(there, missed), landmark))
        answers.append((there, nps, landmark))
        hazard = fixed[there] + TRUTH["complaints"] * complained
        hazard += TRUTH["missed_promises"] * missed
        hazard += TRUTH["nps_detractor"] * (nps <= 6) + TRUTH["nps_promoter"] * (nps >= 9)
        tenure = landmark - start[there]
        rate = BASE * np.exp(hazard)
        for limit, factor in reversed(BANDS):
            rate = np.where(tenure < limit, BASE * np.exp(hazard) * factor, rate)
        waits = np.ceil(rng.exponential(1 / rate))
        gone = waits <= _WINDOW
        end[there[gone]] = landmark + waits[gone]
    deleted = np.where(rng.random(n) < 0.03, -rng.integers(1, 400, n), np.nan)
    names = _ids(np.arange(n))
    asked = [
        (who, np.full(len(who), day), kind)
        for kind, each in (("complaint", complaints), ("inquiry", tickets))
        for who, day in each
    ]
    return CrmTables.read(
        customers=_frame(
            customer_id=names,
            segment=np.array(["retail", "industry", "public"])[segment],
            region=np.where(south, "south", "north"),
            acquisition_channel=np.where(web, "web", "store"),
            deleted_on=_days(deleted),
        ),
        orders=_frame(
            customer_id=names[:0],
            ordered_on=pl.Series([], dtype=pl.Date),
            status=pl.Series([], dtype=pl.String),
            amount=pl.Series([], dtype=pl.Int64),
        ),
        tickets=_frame(
            customer_id=_ids(np.concatenate([who for who, _, _ in asked])),
            created_on=_days(np.concatenate([day for _, day, _ in asked])),
            kind=np.repeat([kind for *_, kind in asked], [len(who) for who, _, _ in asked]),
        ),
        survey_responses=_frame(
            customer_id=_ids(np.concatenate([who for who, _, _ in answers])),
            answered_on=_days(np.concatenate([np.full(len(who), day) for who, _, day in answers])),
            nps=np.concatenate([nps for _, nps, _ in answers]).astype(np.int16),
        ),
        missed=_frame(
            customer_id=_ids(np.concatenate([who for who, _ in broken])),
            missed_on=_days(np.concatenate([np.full(len(who), day) for who, day in broken])),
        ),
        contracts=_frame(
            customer_id=names,
            started_on=_days(start),
            ended_on=_days(np.where(end > 0, np.nan, end)),
            monthly_amount=amount,
        ),
    )


def _frame(**columns) -> pl.LazyFrame:
    return pl.DataFrame(columns).lazy()


def _ids(numbers) -> pl.Series:
    return pl.select("C" + pl.Series(numbers).cast(pl.String).str.zfill(7)).to_series()


def _days(offsets) -> pl.Series:
    whole = pl.Series(np.asarray(offsets, dtype=float)).fill_nan(None).cast(pl.Int32)
    return (whole + (AS_OF - date(1970, 1, 1)).days).cast(pl.Date)
