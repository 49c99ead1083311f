"""One KPI as read at one moment: the value, what it is compared with, how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a KPI in the chosen period.

    Attributes:
        value: Null when undefined; then `missing` says why.
        previous: The same in the period before; null also where that is `last_year`.
        last_year: The same a year earlier.
        n: Answers, tickets, customers … it rests on.
        low, high: 95 % interval, where one is defined.
        trend: The last periods, oldest first, for the sparkline; null where undefined.
        running: Whether the last point of the trend is an incomplete period.
        missing: Key under `missing.` of the reason why there is no value.
        missing_what: What is missing, for the sentence.
        note: What else the foot of its card says, in the reader's language.
        currency: Currency of an amount of money; empty for the company's own.
        baseline: The same in the year before the programme, for targets set against it; null
            where there is no programme, or no value then.
    """

    value: float | None
    previous: float | None = None
    last_year: float | None = None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    trend: tuple[float | None, ...] = ()
    running: bool = False
    missing: str = ""
    missing_what: str = ""
    note: str = ""
    currency: str = ""
    baseline: float | None = None

    def divided(self, by: float) -> Reading:
        """The same in a larger unit: every figure divided, the counts as they are."""

        def told(value: float | None) -> float | None:
            return None if value is None else value / by

        return replace(
            self,
            value=told(self.value),
            previous=told(self.previous),
            last_year=told(self.last_year),
            low=told(self.low),
            high=told(self.high),
            trend=tuple(map(told, self.trend)),
            baseline=told(self.baseline),
        )


def unavailable(reason: str, what: str = "") -> Reading:
    """A reading that cannot be computed, with the reason."""
    return Reading(None, missing=reason, missing_what=what)
