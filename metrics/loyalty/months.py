"""Members and points by month: who joined, takes part and redeems, what is owed to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.calendar import Grain, by_month, first_day, shift_months, spine
from metrics.cells import Cells, cells
from metrics.customer_days import day_number
from metrics.dimensions import TODAY
from metrics.loyalty.members import NEVER, Memberships
from metrics.loyalty.points import FLOWS
from metrics.numbering import places
from metrics.purchase_days import first_purchase, has_bought
from metrics.repurchase import window
from metrics.rules import load
from metrics.selection import DIMENSIONS

MONTHS = 37  # three years, and the running month
_DAY = timedelta(days=1)
_COUNTS = (
    *("customers", "members", "joined", "active", "redeemers"),
    *("existing", "repeated", "other_existing", "other_repeated"),
)
_SUMS = ("opening", *FLOWS, "balance")
_SCHEMA = {
    "month": pl.Date(),
    **dict.fromkeys(DIMENSIONS, pl.String()),
    **dict.fromkeys((*_COUNTS, *_SUMS), pl.Int64()),
}
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Company:
    """What the walk over the months reads.

    Attributes:
        people: Customers (unique, not deleted): customer_id, the dimensions of today,
            registered_on, first_order_on.
        memberships: Theirs.
        moves, visits: Of `point_months` and `visit_months`.
        bought: The mart `purchase_days` of the same customers in the same order.
    """

    people: pl.DataFrame
    memberships: Memberships
    moves: pl.DataFrame
    visits: pl.DataFrame
    bought: pl.DataFrame


def loyalty_months(
    company: Company, *, as_of: date, active_days: int, tiers: Sequence[str] = ("tier",)
) -> list[pl.DataFrame]:
    """Members and points by month and dimensions, at most the last 37 months (mart).

    The customers are walked once, by the tiers of all schemes together; what each scheme says is
    added up from there.

    Args:
        company: What the walk reads.
        as_of: Last day, inclusive.
        active_days: For how many days a sign of life counts.
        tiers: The columns with today's tier of each scheme.

    All dimensions are today's, the tier too: so what points a group has at the end of a month is
    what it had before and what came and went. Customers deleted since are left out of the counts;
    their points, and those of unknown customers, stay under null dimensions. The running month
    ends at `as_of`.

    Returns:
        For each of `tiers` one row per month × dimensions that occurs: month (Date), the
        dimensions, and at its end customers (known to the CRM by then: registered, or with an
        order, or a member), members, active (members who earned or redeemed points, or visited,
        within `active_days`), redeemers (members who redeemed within `active_days`), existing
        (members of three months ago who had bought in the 12 months before that and were new no
        more; 0 where the data do not hold these 12 months), repeated (those of them who bought in
        the three months), other_existing, other_repeated (of who was no member three months ago);
        joined (whose first membership began in it); opening, earned, redeemed, expired, adjusted,
        balance (points; balance = opening + earned − redeemed − expired + adjusted). Sorted by
        month and dimensions, nulls last. No rows without members or points.
    """
    found = [[pl.DataFrame(schema=_SCHEMA)] for _ in tiers]
    if not len(company.memberships.row) and company.moves.is_empty():
        return [pl.concat(each) for each in found]
    where = cells(company.people, (*TODAY, *tiers))
    views = [_View.of_scheme(company.people, where, tier) for tier in tiers]
    walk = _Walk(company, where, active_days)
    last = first_day(as_of, Grain.MONTH)
    shown = shift_months(last, 1 - MONTHS)
    for month, flows, owed in walk.points(shown, last):
        if month >= shown:
            end = min(shift_months(month, 1) - _DAY, as_of)
            values = walk.told(month, end, flows, owed)
            for each, view in zip(found, views, strict=True):
                each.append(view.rows(month, values))
    return [pl.concat(each) for each in found]


@dataclass(frozen=True, slots=True)
class _View:
    """The cells of one scheme, and which of them each of the walk's cells belongs to."""

    where: Cells
    of: Numbers

    @classmethod
    def of_scheme(cls, people: pl.DataFrame, walked: Cells, tier: str) -> Self:
        own = cells(people.with_columns(tier=tier), DIMENSIONS)
        of = np.zeros(len(walked), np.int64)
        of[walked.of] = own.of
        return cls(own, of)

    def rows(self, month: date, values: dict[str, Numbers]) -> pl.DataFrame:
        """The rows of one month."""
        told = {name: self._added(value) for name, value in values.items()}
        occurs = np.any([value != 0 for value in told.values()], axis=0)
        columns = [pl.Series(name, value[occurs], pl.Int64) for name, value in told.items()]
        rows = self.where.names.filter(pl.Series(occurs))
        return rows.with_columns(pl.lit(month).alias("month"), *columns).select(*_SCHEMA)

    def _added(self, value: Numbers) -> Numbers:
        total = np.zeros(len(self.where), np.int64)
        some = np.flatnonzero(value)
        np.add.at(total, self.of[some], value[some])
        return total


class _Walk:
    """The months one after the other: what is added up, and when each customer last did what."""

    def __init__(self, company: Company, where: Cells, active_days: int) -> None:
        self._company, self._where, self._active_days = company, where, active_days
        self._ids = company.people["customer_id"]
        self._since = _known_since(company)
        self._joined = company.memberships.first()
        self._used, self._redeemed = (np.full(len(self._ids) + 1, -NEVER) for _ in range(2))
        self._turned = _turned(company.people)
        self._from = first_purchase(company.bought.select("customer_id", *_months(company.bought)))

    def points(self, first: date, last: date) -> Iterator[tuple[date, dict[str, Numbers], Numbers]]:
        """Each month from the first with data: its flows and the opening balance, by cell."""
        moves, visits = (
            by_month(rows.with_columns(row=_row(rows["customer_id"], self._ids)))
            for rows in (self._company.moves, self._company.visits)
        )
        begin = min([first, *moves, *visits])
        balance = np.zeros(len(self._where), np.int64)
        for month in spine(begin, last + _DAY, Grain.MONTH).collect()["bucket"].to_list():
            flows = {name: np.zeros(len(self._where), np.int64) for name in FLOWS}
            if month in moves:
                self._move(moves[month], flows)
            if month in visits:
                _later(self._used, visits[month], "visited_on")
            yield month, flows, balance
            earned, redeemed, expired, adjusted = (flows[name] for name in FLOWS)
            balance = balance + earned - redeemed - expired + adjusted

    def _move(self, rows: pl.DataFrame, flows: dict[str, Numbers]) -> None:
        cell = self._where.of[rows["row"].to_numpy()]
        for name, added in flows.items():
            np.add.at(added, cell, rows[name].to_numpy())
        _later(self._used, rows, "used_on")
        _later(self._redeemed, rows, "redeemed_on")

    def told(
        self, month: date, end: date, flows: dict[str, Numbers], opening: Numbers
    ) -> dict[str, Numbers]:
        """What one month tells, by cell."""
        number, ago = day_number(end), day_number(end) - self._active_days
        member = self._company.memberships.on(end)
        flags = {
            "customers": self._since <= number,
            "members": member,
            "joined": (self._joined >= day_number(month)) & (self._joined <= number),
            "active": member & (self._used[:-1] > ago),
            "redeemers": member & (self._redeemed[:-1] > ago),
            **self._buying(end),
        }
        of = self._where.of[:-1]
        counts = {
            name: np.bincount(of[flag], minlength=len(self._where)) for name, flag in flags.items()
        }
        earned, redeemed, expired, adjusted = (flows[name] for name in FLOWS)
        balance = opening + earned - redeemed - expired + adjusted
        return {**counts, "opening": opening, **flows, "balance": balance}

    def _buying(self, end: date) -> dict[str, Flags]:
        """Whose repurchase is asked about at the end of a month, and who did buy again."""
        asked, bought = window(end), self._company.bought
        existing, repeated = (np.zeros(len(self._ids), np.bool_) for _ in range(2))
        if self._from is not None and self._from <= asked.year.start:
            found = bought.select(
                year=has_bought(bought.columns, asked.year),
                again=has_bought(bought.columns, asked.days),
            )
            old = self._turned <= day_number(asked.days.start)
            existing = found["year"].to_numpy() & old
            repeated = existing & found["again"].to_numpy()
        member = self._company.memberships.on(asked.days.start - _DAY)
        return {
            "existing": member & existing,
            "repeated": member & repeated,
            "other_existing": ~member & existing,
            "other_repeated": ~member & repeated,
        }


def _turned(people: pl.DataFrame) -> Numbers:
    """The day on which each customer is new no more; beyond all days without a purchase."""
    months = load("lifecycle")["stages"]["new_months"]
    day = pl.col("first_order_on").dt.offset_by(f"{months}mo")
    return people.select(day.to_physical().cast(pl.Int64).fill_null(NEVER)).to_series().to_numpy()


def _months(bought: pl.DataFrame) -> list[str]:
    return [name for name in bought.columns if name[:2].isdigit()]


def _row(ids: pl.Series, among: pl.Series) -> pl.Series:
    return places(ids, among).cast(pl.Int64).fill_null(len(among))


def _later(last: Numbers, rows: pl.DataFrame, day: str) -> None:
    """Take over the days of one month, which are later than those of the months before."""
    known = rows.select("row", day=pl.col(day).to_physical()).drop_nulls()
    row = known["row"].to_numpy()
    last[row] = np.maximum(last[row], known["day"].to_numpy())


def _known_since(company: Company) -> Numbers:
    """The first day on which each customer is known to the CRM; before all days if it says none."""
    told = company.people.select(day=pl.min_horizontal("registered_on", "first_order_on"))["day"]
    days = told.to_physical().cast(pl.Int64).fill_null(NEVER).to_numpy()
    since = np.minimum(days, company.memberships.first())
    return np.where(since == NEVER, -NEVER, since)
