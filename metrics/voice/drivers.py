"""What goes with promoting and with detracting: odds ratios, each adjusted for the others."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics import nps
from metrics.customer_days import CustomerDays, Ints, ints
from metrics.intervals import Z95
from metrics.rules import load
from metrics.voice.logistic import Floats, fit

EVENTS = ("complaint", "missed", "asked", "new")
"""What may have come before an answer: a complaint, a broken promise, another request; or that the
customer had begun to buy not long before."""
KNOWN = ("tier", "channel")
"""What else the answers are adjusted for: the tier of the time, and where they were asked."""
OUTCOMES = (nps.PROMOTER, nps.DETRACTOR)


def events_before(
    answers: pl.DataFrame, tickets: pl.DataFrame, first_orders: pl.Series
) -> pl.DataFrame:
    """What came in the days of the rule before the day of each answer.

    At 2 million customers (5 million tickets, 2.5 million answers) 11 s of processor time.

    Args:
        answers: customer_id (number, null if anonymous), answered_on.
        tickets: customer_id (number), created_on, kind, sla_state; without nulls in the first two.
        first_orders: First order of everybody, by number.

    Returns:
        The columns `EVENTS` in the order of the answers; null if anonymous.
    """
    rule = load("surveys")["drivers"]
    known = answers["customer_id"].is_not_null()
    who = ints(answers["customer_id"].fill_null(0))
    day = ints(answers["answered_on"])
    complaint = pl.col("kind") == "complaint"
    cuts = {
        "complaint": tickets.filter(complaint),
        "missed": tickets.filter(pl.col("sla_state") == "missed"),
        "asked": tickets.filter(~complaint),
    }
    found = {name: _any(rows, who, day, rule["days"]) for name, rows in cuts.items()}
    since = first_orders.gather(answers["customer_id"])
    new = answers["answered_on"] - since < timedelta(days=rule["new_days"])
    columns = {name: pl.Series(name, values) for name, values in found.items()}
    told = pl.DataFrame({**columns, "new": new})
    return told.with_columns(pl.when(known).then(pl.all()).name.keep())


def next_days(answers: pl.DataFrame) -> pl.Series:
    """The day of the next recommendation of the same customer, in the order of the answers.

    Null for the last, for answers without a recommendation, and for anonymous ones.

    Args:
        answers: customer_id (number), answered_on, nps; in the order of their days and keys.
    """
    told = pl.col("nps").is_between(0, 10) & pl.col("customer_id").is_not_null()
    scored = answers.lazy().with_row_index("_row").filter(told)
    following = pl.col("answered_on").shift(-1).over("customer_id", order_by="_row")
    found = scored.select("_row", next_nps_on=following)
    every = answers.lazy().with_row_index("_row").select("_row")
    beside = every.join(found, on="_row", how="left", validate="1:1", maintain_order="left")
    return beside.select("next_nps_on").collect()["next_nps_on"]


def _any(tickets: pl.DataFrame, who: Ints, day: Ints, days: int) -> NDArray[np.bool_]:
    happened = CustomerDays.of(tickets, "created_on")
    return happened.within(who, after=day - days - 1, until=day - 1).count() > 0


def cells(answers: pl.LazyFrame) -> pl.LazyFrame:
    """Answers counted by all that may drive them: the columns, n, promoter, detractor."""
    return (
        answers.group_by(*EVENTS, *KNOWN)
        .agg(
            n=pl.len().cast(pl.Int64),
            **{name: nps.is_in(name, pl.col("nps")).sum().cast(pl.Int64) for name in OUTCOMES},
        )
        .sort(*EVENTS, *KNOWN, nulls_last=True)
    )


def odds_ratios(counted: pl.DataFrame, outcome: str) -> pl.DataFrame:
    """How many times as high the odds of an outcome are, all else equal.

    exp(b) of a logistic regression, with the interval exp(b ± 1.96 se). Of tier and channel each
    value is held against the most frequent one. Effects with fewer answers than the rule asks for
    on either side, with or without the outcome, are left out. An association, no cause.

    Args:
        counted: Of `cells`.
        outcome: promoter or detractor.

    Returns:
        One row per effect, events first, in a fixed order: driver, value (null for events), against
        (null for events), n (answers with it), odds, low, high. No rows where nothing can be
        fitted.
    """
    schema = {"driver": pl.String, "value": pl.String, "against": pl.String, "n": pl.Int64}
    schema |= dict.fromkeys(("odds", "low", "high"), pl.Float64)
    usable = [each for each in _effects(counted) if _enough(counted, each[3], outcome)]
    if not usable:
        return pl.DataFrame(schema=schema)
    predictors = np.column_stack([each[3] for each in usable])
    n, had = (counted[name].to_numpy().astype(np.float64) for name in ("n", outcome))
    found = fit(predictors, had, n)
    if found is None:
        return pl.DataFrame(schema=schema)
    rows = [
        (*named, int(n[held > 0].sum()), *map(float, np.exp([b, b - Z95 * se, b + Z95 * se])))
        for (*named, held), b, se in zip(usable, found.coefficients, found.errors, strict=True)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


_Effect = tuple[str, str | None, str | None, Floats]


def _effects(counted: pl.DataFrame) -> list[_Effect]:
    """Every yes or no that may be a predictor, with its name."""
    found: list[_Effect] = [(name, None, None, _flag(counted[name])) for name in EVENTS]
    for name in KNOWN:
        sizes = counted.drop_nulls(name).group_by(name).agg(pl.col("n").sum())
        values = sizes.sort("n", name, descending=[True, False])[name].to_list()
        found += [
            (name, value, values[0], _flag(counted[name] == value)) for value in sorted(values[1:])
        ]
        if counted[name].null_count() and values:
            found.append((name, "", values[0], _flag(counted[name].is_null())))
    return found


def _flag(column: pl.Series) -> Floats:
    return column.fill_null(value=False).to_numpy().astype(np.float64)


def _enough(counted: pl.DataFrame, held: Floats, outcome: str) -> bool:
    fewest = load("surveys")["drivers"]["fewest"]
    n, had = (counted[name].to_numpy() for name in ("n", outcome))
    sides = (held * had, held * (n - had), (1 - held) * had, (1 - held) * (n - had))
    return all(side.sum() >= fewest for side in sides)
