"""Whose hours a clock runs by: those of the desk that handles a ticket, else the promise's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrame

from metrics.business_time import Times, as_moment, microseconds

DESK = "desk"
_APART = 2**53  # microseconds: 285 years, further than any moment lies from 1970


@dataclass(frozen=True, slots=True)
class Opening:
    """A calendar to be looked up for tickets, row by row; see `opening`.

    Attributes:
        usual: Of the promise.
        desks: Of the desks that have hours of their own, by their code; the rows then tell `desk`.
        together: All of them one after the other, each at its own distance: one look-up finds the
            time of every ticket, whatever its desk.
    """

    usual: Times
    desks: Mapping[str, Times]
    together: Times

    def of(self, desk: str | None) -> Times:
        """The calendar of one ticket."""
        return self.desks.get(desk, self.usual) if desk is not None else self.usual

    def elapsed(self, at: pl.Expr) -> pl.Expr:
        """Open microseconds before a moment, as `Times.elapsed`; to be compared within a desk."""
        if not self.desks:
            return self.usual.elapsed(at)
        return self.together.elapsed_by(microseconds(at) + self._distance)

    def moment(self, elapsed: pl.Expr) -> pl.Expr:
        """The first moment with so much open time before it, as `Times.moment`."""
        if not self.desks:
            return self.usual.moment(elapsed)
        return as_moment(self.together.reached_by(elapsed) - self._distance)

    @property
    def _distance(self) -> pl.Expr:
        found = pl.lit(0, pl.Int64)
        for place, code in enumerate(self.desks, 1):
            found = pl.when(pl.col(DESK) == code).then(pl.lit(place * _APART)).otherwise(found)
        return found


def opening(usual: Times, desks: Mapping[str, Times]) -> Opening:
    """The calendar of a promise, with those of the desks."""
    each = (usual, *desks.values())
    spans = [times.spans_from(_APART // 2 - 1) for times in each]
    shift = (pl.col("opens", "closes", "before") + place * _APART for place in range(len(spans)))
    apart = [rows.with_columns(more) for rows, more in zip(spans, shift, strict=True)]
    return Opening(usual, desks, Times(pl.concat(apart).rechunk()))


def with_desk(tickets: pl.LazyFrame) -> pl.LazyFrame:
    """Tickets with `desk`: null where the source does not tell it."""
    if DESK in tickets.collect_schema().names():
        return tickets
    return tickets.with_columns(pl.lit(None, pl.String).alias(DESK))


def has_desks(tickets: IntoLazyFrame) -> bool:
    """Whether the source tells the desk of any ticket (portable)."""
    return bool(nw.from_native(tickets).select(nw.col(DESK).count()).collect().item())
