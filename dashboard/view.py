"""What one run of a page looks at: snapshot version, reader, period, comparison, customers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from data_access.principal import Principal
from metrics import selection
from metrics.churn.rhythm import Definition
from metrics.selection import Moved, Period, Selection
from metrics.tiers.scheme import default_code


class Earlier(NamedTuple):
    """The periods that a card compares with; None where there is no such one to tell."""

    previous: Period | None
    last_year: Period | None


@dataclass(frozen=True, slots=True)
class View:
    """Hashable, so that it is the whole key of every cached figure.

    `definition` is another one of churn than that of the rules; None for theirs. `moved` are the
    customers for whom a filter on owners asks about another one than the CRM's; None where it would
    say the same. `scheme` is the code of the tier scheme: every `tier` that a view is told is one
    of it.
    """

    version: str
    principal: Principal
    period_code: str
    comparison: str
    selection: Selection
    definition: Definition | None = None
    moved: Moved | None = None
    scheme: str = field(default_factory=default_code)

    def period(self, as_of: date, earliest: date) -> Period:
        """The chosen days, judged at the last day the topic's data are complete."""
        return selection.period(self.period_code, as_of=as_of, earliest=earliest)

    def compared(self, period: Period) -> Period:
        """The days to compare with: the period before, or the same days a year earlier."""
        if self.comparison == "year":
            return selection.year_ago(period)
        return selection.previous(self.period_code, period)

    def earlier(self, period: Period) -> Earlier:
        """The period before, and the same days a year earlier, whatever the reader compares with.

        Twelve months are compared with the twelve before once, as last year; "all" with nothing.
        """
        if self.period_code == "all":
            return Earlier(None, None)
        before, year_ago = selection.previous(self.period_code, period), selection.year_ago(period)
        return Earlier(None if before == year_ago else before, year_ago)

    def earlier_states(self, as_of: date) -> Earlier:
        """The same for what is told as of today, whatever the period: each ends on that day.

        The last complete quarter ended before today; a state of today is compared with the one
        three months ago, not with that before the quarter.
        """
        return self.earlier(Period(as_of, as_of + timedelta(days=1)))

    def everything(self) -> View:
        """The view without any choice, for what is the same in all of them and kept once.

        Only the scheme stays: what a tier is, is no choice of customers.
        """
        return View(
            self.version, self.principal, "year", "previous", Selection(), scheme=self.scheme
        )

    def whenever(self) -> View:
        """The view of the same customers without its period and comparison."""
        return replace(self, period_code="year", comparison="previous")

    def by_the_rules(self) -> View:
        """The view with the rules' definition of churn, for what no other can be applied to."""
        return replace(self, definition=None)

    def as_assigned(self) -> View:
        """The view whose filter on owners goes by who looks after the customers today.

        For what is told of customers as they are. Events and past months know the CRM's owner only,
        and so do roll-ups, which hold no customers.
        """
        return replace(self, selection=replace(self.selection, moved=self.moved))

    def as_in_the_crm(self) -> View:
        """The view without what was assigned here, for figures that do not know it."""
        return replace(self, moved=None, selection=replace(self.selection, moved=None))

    def without(self, *dimensions: str) -> View:
        """The view without its filters on some dimensions, where they would decide the answer."""
        kept = tuple(each for each in self.selection.filters if each[0] not in dimensions)
        return replace(self, selection=Selection(kept, self.selection.moved))
