"""What one run of a page looks at: snapshot version, reader, period, comparison, customers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from data_access.principal import Principal
from metrics import selection
from metrics.selection import Period, Selection


@dataclass(frozen=True, slots=True)
class View:
    """Hashable, so that it is the whole key of every cached figure."""

    version: str
    principal: Principal
    period_code: str
    comparison: str
    selection: Selection

    def period(self, as_of: date, earliest: date) -> Period:
        """The chosen days, judged at the last day the topic's data are complete."""
        return selection.period(self.period_code, as_of=as_of, earliest=earliest)

    def compared(self, period: Period) -> Period:
        """The days to compare with: the period before, or the same days a year earlier."""
        if self.comparison == "year":
            return selection.year_ago(period)
        return selection.previous(self.period_code, period)

    def everything(self) -> View:
        """The view without any choice, for what is the same in all of them and kept once."""
        return View(self.version, self.principal, "year", "previous", Selection())

    def whenever(self) -> View:
        """The view of the same customers without its period and comparison."""
        return replace(self, period_code="year", comparison="previous")

    def without(self, *dimensions: str) -> View:
        """The view without its filters on some dimensions, where they would decide the answer."""
        kept = tuple(each for each in self.selection.filters if each[0] not in dimensions)
        return replace(self, selection=Selection(kept))
