"""One regime's forecast on past days: rows that are scored, and rows that it is learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from metrics.churn.cancellation import score_contracts
from metrics.churn.guard import FitRefusedError
from metrics.churn.landmarks import LandmarkRule
from metrics.churn.model import ChurnModel
from metrics.churn.outcomes import churned_on
from metrics.churn.regime import PURCHASES, Regime
from metrics.churn.rhythm import Definition
from metrics.churn.score import HORIZONS, score
from metrics.churn.summary import yearly_revenue

COLUMNS = (
    "customer_id",
    "origin",
    "regime",
    "tau_days",
    "revenue",
    *(f"p{days}" for days in HORIZONS),
    *(f"clock{days}" for days in HORIZONS),
    "churned_on",
)


@dataclass(frozen=True, slots=True)
class Replay:
    """The rows of a regime, by which its forecasts are made again.

    Attributes:
        regime: Which.
        rows: Landmark rows of everybody who is forecast.
        training: Of those whom models are fitted on.
        learnt: Origin to the landmarks before it, whose windows had ended by then.
        rule: Length of a window.
    """

    regime: Regime
    rows: pl.DataFrame
    training: pl.DataFrame
    learnt: Mapping[date, Sequence[date]]
    rule: LandmarkRule

    def models(self, definition: Definition) -> dict[date, ChurnModel]:
        """The model of each origin; none of an origin whose fit is refused."""
        from metrics.churn.fit import fit_rows  # with lifelines, 90 MB that no page needs

        found: dict[date, ChurnModel] = {}
        for day in self.learnt:
            before, window = self._before(day), self.rule.every_days
            try:
                found[day] = fit_rows(
                    before, as_of=day, definition=definition, window=window, regime=self.regime
                )
            except FitRefusedError:
                continue
        return found

    def forecast(self, origin: date, model: ChurnModel) -> pl.DataFrame:
        """Who was at risk at an origin, with the probabilities of the model and of the clock.

        Left out: who counted as churned on the day, and who was deleted within the window before
        the event (what they would have done is not known).
        """
        asked = self.rows.filter(pl.col("landmark_on") == origin, self._seen())
        if self.regime is PURCHASES:
            asked = asked.filter(~pl.col("churned"))
        else:
            asked = asked.with_columns(tau_days=pl.lit(None, pl.Int32))
        if "monthly_amount" not in asked.columns:
            asked = asked.with_columns(monthly_amount=pl.lit(None, pl.Int64))
        clock = clock_alone(self._before(origin), model)
        names = {f"p{days}": f"clock{days}" for days in HORIZONS}
        told, of_clock = self._scores(asked, model), self._scores(asked, clock).rename(names)
        known = asked.with_columns(revenue=yearly_revenue(), regime=pl.lit(self.regime.name))
        return known.hstack(told).hstack(of_clock)

    def with_outcome(self, forecasts: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
        """The forecasts with the day of churn, null if not within the window."""
        if self.regime is PURCHASES:
            outcome = churned_on(purchases, forecasts, within=self.rule.every_days)
        else:
            ended = pl.col("landmark_on") + pl.duration(days="duration")
            left = pl.when(pl.col("event") == 1).then(ended)
            outcome = forecasts.select(churned_on=left).to_series()
        return forecasts.with_columns(outcome).rename({"landmark_on": "origin"}).select(COLUMNS)

    def _before(self, origin: date) -> pl.DataFrame:
        if self.training.is_empty():
            return self.training
        return self.training.filter(pl.col("landmark_on").is_in(list(self.learnt[origin])))

    def _seen(self) -> pl.Expr:
        """Whether there was an event in the window, or the customer to its end."""
        return (pl.col("event") == 1) | (pl.col("duration") == self.rule.every_days)

    def _scores(self, rows: pl.DataFrame, model: ChurnModel) -> pl.DataFrame:
        if self.regime is PURCHASES:
            scored = score(rows.lazy(), model, at_risk_days=self.rule.at_risk_days)
        else:
            scored = score_contracts(rows.lazy(), model)
        return scored.select(f"p{days}" for days in HORIZONS).collect()


def clock_alone(rows: pl.DataFrame, model: ChurnModel) -> ChurnModel:
    """A model that knows nothing but the clock: the event by band, the same for everybody.

    The cumulative hazard of each band is Nelson and Aalen's estimate over the training rows:
    events on each day ÷ customers without one before it, summed. It knows what the churn list of
    a simple tool knows: how long a customer has been silent, and how long is usual.

    Args:
        rows: Landmark rows.
        model: The model with drivers, of the same rows, whose bands are taken.
    """
    parts = rows.select(model.band().alias("band"), "duration", "event")
    baseline = tuple(
        _hazard(parts.filter(pl.col("band") == each), model.window)
        for each in range(len(model.cuts) + 1)
    )
    return replace(model, effects=(), baseline=baseline)


def _hazard(rows: pl.DataFrame, window: int) -> tuple[float, ...]:
    duration, event = rows["duration"].to_numpy(), rows["event"].to_numpy() == 1
    on_day = np.bincount(duration[event], minlength=window + 1)
    left = np.bincount(duration, minlength=window + 1)
    there = left[::-1].cumsum()[::-1]
    daily = np.divide(on_day, there, out=np.zeros(window + 1), where=there > 0)
    return tuple(float(each) for each in daily.cumsum())
