"""A small company whose customers leave for known reasons; later days exist, to check against."""

from datetime import date

import numpy as np
import polars as pl

from metrics.churn.features import features
from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.tables import CrmTables

AS_OF = date(2026, 6, 30)


def company(customers: int, *, seed: int = 1, years: float = 3.0, future: int = 0) -> CrmTables:
    """Healthy buyers slow down, answer less, complain more, then stop; 5 % are deleted one day."""
    rng = np.random.default_rng(seed)
    n, history = customers, int(365 * years)
    segment = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    start = -rng.uniform(0, history, n)
    onset = start + rng.exponential(900, n) * np.array([1.0, 1.5, 0.7])[segment]
    gone = onset + rng.exponential(75, n)
    pace = rng.gamma(2.0, 0.5, n) * np.array([0.03, 0.04, 0.02])[segment]

    def process(rate, begin, end):
        length = np.maximum(np.minimum(end, future) - begin, 0)
        number = rng.poisson(rate * length)
        who = np.repeat(np.arange(n), number)
        return who, begin[who] + rng.random(len(who)) * length[who]

    forever = np.full(n, float(future))
    first, calm, late = (
        (np.arange(n), start),
        process(pace, start, onset),
        process(pace * 0.35, onset, gone),
    )
    buyer = np.concatenate([first[0], calm[0], late[0]])
    bought = np.concatenate([first[1], calm[1], late[1]])
    amount = np.exp(rng.normal(10.0, 0.6, len(buyer))).astype(np.int64)
    contacted, at = process(np.full(n, 1 / 30), start, forever)
    answer = np.where(at < onset[contacted], 0.45, np.where(at < gone[contacted], 0.15, 0.01))
    c1, c2 = process(np.full(n, 0.0012), start, onset), process(np.full(n, 0.006), onset, gone)
    complainer, complained = np.concatenate([c1[0], c2[0]]), np.concatenate([c1[1], c2[1]])
    asked, answered = process(np.full(n, 1 / 200), start, np.minimum(gone, forever))
    nps = np.where(answered < onset[asked], rng.integers(6, 11, len(asked)), 4)
    deleted = np.where(rng.random(n) < 0.05, rng.uniform(-200, 0, n), np.nan)
    return CrmTables.read(
        orders=_frame(
            customer_id=_ids(buyer),
            ordered_on=_days(bought),
            status=np.where(rng.random(len(buyer)) < 0.03, "cancelled", "completed"),
            amount=amount,
        ),
        customers=_frame(
            customer_id=_ids(np.arange(n)),
            segment=np.array(["retail", "industry", "public"])[segment],
            region=rng.choice(["north", "south"], n),
            acquisition_channel=np.full(n, "web"),
            registered_on=_days(start),
            deleted_on=_days(deleted),
        ),
        interactions=_frame(
            customer_id=_ids(contacted),
            occurred_on=_days(at),
            direction=np.full(len(contacted), "outbound"),
            responded=rng.random(len(contacted)) < answer,
        ),
        tickets=_frame(
            customer_id=_ids(complainer),
            created_on=_days(complained),
            kind=np.where(rng.random(len(complainer)) < 0.7, "complaint", "inquiry"),
        ),
        survey_responses=_frame(
            customer_id=_ids(asked),
            answered_on=_days(answered),
            nps=nps.astype(np.int16),
            csat=np.clip(nps // 2, 1, 5).astype(np.int16),
        ),
    )


def known(tables: CrmTables, day: date, definition: Definition | None = None) -> pl.LazyFrame:
    """The features of every buyer at the close of one day."""
    buyers = moments(tables.purchases(), [day], definition=definition or Definition.standard())
    return features(tables, buyers)


def moments(purchases: pl.LazyFrame, days: list[date], *, definition: Definition) -> pl.LazyFrame:
    """`rhythm` on several days: one row per day, as_of, and customer with a purchase by then."""
    known = (rhythm(purchases, as_of=day, definition=definition) for day in days)
    return pl.concat(
        each.with_columns(as_of=pl.lit(day)) for each, day in zip(known, days, strict=True)
    )


def until(tables: CrmTables, day: date) -> CrmTables:
    """The tables as they stood at the close of `day`."""
    cut = {
        name: None if table is None else table.filter(pl.col(_DAY[name]) <= day)
        for name, table in tables.optional().items()
    }
    orders = tables.orders.filter(pl.col("ordered_on") <= day)
    return CrmTables(orders=orders, customers=tables.customers, **cut)


_DAY = {
    "interactions": "occurred_on",
    "tickets": "created_on",
    "survey_responses": "answered_on",
    "missed": "missed_on",
}


def _frame(**columns) -> pl.LazyFrame:
    return pl.DataFrame(columns).lazy()


def _ids(numbers) -> pl.Series:
    return pl.select("C" + pl.Series(numbers).cast(pl.String).str.zfill(7)).to_series()


def _days(offsets) -> pl.Series:
    whole = pl.Series(np.floor(offsets)).fill_nan(None).cast(pl.Int32)
    return (whole + (AS_OF - date(1970, 1, 1)).days).cast(pl.Date)
