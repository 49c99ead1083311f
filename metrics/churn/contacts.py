"""Contacts that were not answered: how many in a row, as known at the close of a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from metrics.churn.readers import ANSWERED, INBOUND, UNANSWERED
from metrics.customer_days import CustomerDays, Ints


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts by what became of them; those whose outcome was not recorded are not among them.

    Attributes:
        inbound: The customer's own.
        answered: Ours with an answer.
        unanswered: Ours without one.
        contact_days: How far back unanswered ones count.
        answer_days: How long an answer may take: younger contacts are not judged, because their
            answer may still come and could not have been known.
    """

    inbound: CustomerDays
    answered: CustomerDays
    unanswered: CustomerDays
    contact_days: int
    answer_days: int

    @classmethod
    def of(cls, interactions: pl.DataFrame, *, contact_days: int, answer_days: int) -> Self:
        """The contacts of `readers.interactions` with customers by number, and an answer."""
        kinds = (
            CustomerDays.of(interactions.filter(pl.col("answer") == answer), "occurred_on")
            for answer in (INBOUND, ANSWERED, UNANSWERED)
        )
        return cls(*kinds, contact_days=contact_days, answer_days=answer_days)

    def streak(self, who: Ints, as_of: Ints) -> Ints:
        """Our contacts without an answer since the customer was last heard.

        An inbound contact is an answer, too.

        Args:
            who: Customers, by number.
            as_of: The day at whose close each is asked about.
        """
        start, judged = as_of - self.contact_days, as_of - self.answer_days
        heard = start
        for events, until in ((self.inbound, as_of), (self.answered, judged)):
            span = events.within(who, after=start, until=until)
            heard = np.maximum(heard, events.last_day(span, start))
        return self.unanswered.within(who, after=heard, until=judged).count()
