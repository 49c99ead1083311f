"""Scripts, purposes and coupons, counted in one roll-up (mart)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import polars as pl

from metrics.contact.flags import fitting
from metrics.contact.months import ROLLED, People, Source, Table
from metrics.contact.rule import Fit
from metrics.numbering import NUMBER

TOPIC_COUNTS = (
    *("sent", "judged", "answered", "result_known", "converted", "by_rule"),
    *("fit_judged", "fits"),
)
SCRIPT, PURPOSE, COUPON = "script", "purpose", "coupon"
_NEVER = pl.lit(value=False)


def contact_topics(
    contacts: pl.LazyFrame,
    coupons: pl.LazyFrame,
    people: People,
    rules: Callable[[str], Fit],
    *,
    as_of: date,
) -> dict[str, pl.DataFrame]:
    """Our contacts by script and by purpose, coupons by kind (mart).

    At 2 million customers two more passes over the columns of contacts that it needs, a quarter of
    a year at a time, and one over coupons.

    Args:
        contacts: Of `contact_rows`.
        coupons: By customers' number: occurred_on, coupon; without those withheld.
        people: Whose they are.
        rules: What suits whom, by scheme.
        as_of: Last day, inclusive.

    Returns:
        By scheme one row per combination that occurs: day, kind (script, purpose, coupon), topic
        (of that kind), the dimensions of `contact_months`, and `TOPIC_COUNTS` (Int64): sent; judged
        and answered; result_known and converted; by_rule (a rule asked); fit_judged and fits
        (of a coupon: its kind suits the tier). Sorted, nulls last.
    """
    ours = contacts.filter(pl.col("direction") == "outbound")
    sources = [
        Source(ours, partial(_contacts, kind=SCRIPT)),
        Source(ours, partial(_contacts, kind=PURPOSE)),
        Source(coupons, _coupons, lambda part, scheme: _fitting(part, rules(scheme))),
    ]
    table = Table(("day", "kind", "topic"), ROLLED, TOPIC_COUNTS)
    return table.of(people, sources, as_of=as_of)


def _contacts(part: pl.LazyFrame, *, kind: str) -> pl.LazyFrame:
    answered, converted = pl.col("responded"), pl.col("converted")
    return _topics(
        part.filter(pl.col(kind).is_not_null()),
        kind,
        pl.col(kind),
        judged=answered.is_not_null(),
        answered=answered,
        result_known=converted.is_not_null(),
        converted=converted,
        by_rule=pl.col("rule").is_not_null(),
    )


def _coupons(part: pl.LazyFrame) -> pl.LazyFrame:
    return _topics(part, COUPON, pl.col("coupon"))


def _fitting(part: pl.LazyFrame, rule: Fit) -> pl.LazyFrame:
    suits = fitting("", pl.col("topic"), pl.lit(value=True), rule, "coupons")
    return part.with_columns(fit_judged=suits["judged"], fits=suits["fits"])


def _topics(part: pl.LazyFrame, kind: str, topic: pl.Expr, **counts: pl.Expr) -> pl.LazyFrame:
    told = dict.fromkeys(TOPIC_COUNTS, _NEVER) | {"sent": pl.lit(value=True)} | counts
    named = part.with_columns(topic=topic)
    return named.select(*("day", "topic", "_row", NUMBER, "occurred_on"), kind=pl.lit(kind), **told)
