"""Of the tables of events what churn reads: who, on which day, and a few numbers (portable).

Each takes a contract table with its day columns, of any engine, and gives one narrow row per event
with a day and a known customer, unordered. What follows sees nothing else of a CRM.
"""

from __future__ import annotations

import narwhals as nw
from narwhals.typing import IntoLazyFrameT

from metrics.revenue import earns, is_purchase

INBOUND, ANSWERED, UNANSWERED = 2, 1, 0
"""Of a contact: the customer's own, one of ours that was answered, one that was not."""


def orders(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The orders that earn: customer_id, ordered_on, amount, bought (whether it is a purchase)."""
    bought = nw.when(is_purchase(nw.col)).then(nw.lit(value=True)).otherwise(nw.lit(value=False))
    earned = _known(rows, "ordered_on").filter(earns(nw.col))
    return earned.select("customer_id", "ordered_on", "amount", bought=bought).to_native()


def interactions(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The contacts: customer_id, occurred_on, answer.

    `answer` is INBOUND, ANSWERED or UNANSWERED, null if the outcome of one of ours was not
    recorded; the column is missing where the CRM records no answers at all.
    """
    known = _known(rows, "occurred_on")
    if "responded" not in known.collect_schema().names():
        return known.select("customer_id", "occurred_on").to_native()
    inbound = nw.col("direction") == "inbound"
    unanswered = nw.when(~inbound & ~nw.col("responded")).then(nw.lit(UNANSWERED))
    answered = nw.when(nw.col("responded")).then(nw.lit(ANSWERED)).otherwise(unanswered)
    answer = nw.when(inbound).then(nw.lit(INBOUND)).otherwise(answered).cast(nw.Int8)
    return known.select("customer_id", "occurred_on", answer=answer).to_native()


def tickets(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The tickets: customer_id, created_on, complaint (null if the kind is unknown)."""
    complaint = nw.col("kind") == "complaint"
    known = _known(rows, "created_on")
    return known.select("customer_id", "created_on", complaint=complaint).to_native()


def survey_responses(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The answers: customer_id, answered_on and, as far as the CRM has them, nps and csat."""
    known = _known(rows, "answered_on")
    names = known.collect_schema().names()
    scores = [name for name in ("nps", "csat") if name in names]
    return known.select("customer_id", "answered_on", *scores).to_native()


def missed(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The broken promises: customer_id, and missed_on or, if that is not known, created_on."""
    names = nw.from_native(rows).collect_schema().names()
    day = "missed_on" if "missed_on" in names else "created_on"
    return _known(rows, day).select("customer_id", day).to_native()


def contracts(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The contracts: customer_id, started_on, ended_on (null while open), monthly_amount.

    One that ended on the day it began, or before, never ran.
    """
    known = _known(rows, "started_on")
    ran = known.filter(nw.col("ended_on").is_null() | (nw.col("ended_on") > nw.col("started_on")))
    return ran.select("customer_id", "started_on", "ended_on", "monthly_amount").to_native()


def _known(rows: IntoLazyFrameT, day: str) -> nw.LazyFrame[IntoLazyFrameT]:
    return nw.from_native(rows).filter(~nw.col("customer_id").is_null(), ~nw.col(day).is_null())
