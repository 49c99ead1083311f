"""Of the tables of events what churn reads: who, on which day, and a few numbers (portable).

Each takes a contract table with its day columns, of any engine, and gives one narrow row per event
of a known customer, unordered. What follows sees nothing else of a CRM.
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
    return (
        _known(rows, earns(nw.col)).select(*_on("ordered_on"), "amount", bought=bought).to_native()
    )


def interactions(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The contacts: customer_id, occurred_on, answer.

    `answer` is INBOUND, ANSWERED or UNANSWERED, null if the outcome of one of ours was not
    recorded; the column is missing where the CRM records no answers at all.
    """
    known = _known(rows)
    if "responded" not in known.columns:
        return known.select(*_on("occurred_on")).to_native()
    ours = nw.col("direction") != "inbound"
    unanswered = nw.when(ours & ~nw.col("responded")).then(nw.lit(UNANSWERED))
    answered = nw.when(nw.col("responded")).then(nw.lit(ANSWERED)).otherwise(unanswered)
    answer = nw.when(nw.col("direction") == "inbound").then(nw.lit(INBOUND)).otherwise(answered)
    return known.select(*_on("occurred_on"), answer=answer.cast(nw.Int8)).to_native()


def tickets(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The tickets: customer_id, created_on, complaint (null if the kind is unknown)."""
    complaint = nw.col("kind") == "complaint"
    return _known(rows).select(*_on("created_on"), complaint=complaint).to_native()


def survey_responses(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The answers: customer_id, answered_on and, as far as the CRM has them, nps and csat."""
    known = _known(rows)
    scores = [name for name in ("nps", "csat") if name in known.columns]
    return known.select(*_on("answered_on"), *scores).to_native()


def missed(rows: IntoLazyFrameT) -> IntoLazyFrameT:
    """The broken promises: customer_id, and missed_on or, if that is not known, created_on."""
    known = _known(rows)
    day = "missed_on" if "missed_on" in known.columns else "created_on"
    return known.select(*_on(day)).to_native()


def _known(rows: IntoLazyFrameT, *conditions: nw.Expr) -> nw.LazyFrame[IntoLazyFrameT]:
    return nw.from_native(rows).filter(~nw.col("customer_id").is_null(), *conditions)


def _on(day: str) -> tuple[str, str]:
    return "customer_id", day
