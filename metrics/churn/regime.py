"""The two ways to lose a customer, and all that differs between them in the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from metrics.churn.features import CONTRACT_DRIVERS, DRIVERS
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class Regime:
    """How a model of leaving is made of landmark rows.

    Attributes:
        name: Stable code; stored with the model.
        clock: The feature that the strata are bands of.
        clock_driver: The driver that stands for it.
        drivers: Feature to driver, of those a model may use.
        direction: 1 if the event is the departure, -1 if it is the return: then a fast pace is
            a low risk.
    """

    name: str
    clock: str
    clock_driver: str
    drivers: Mapping[str, str]
    direction: int

    @property
    def cuts(self) -> tuple[float, ...]:
        """The bounds of the bands in `rules/churn.toml`."""
        return tuple(load("churn")["bands"][self.name])

    def merged_cuts(self, rows: pl.DataFrame) -> tuple[float, ...]:
        """The bounds of the rules, without those beside a band of fewer than 20 events.

        A band without an event would score everyone in it as churned or safe without a warning.

        Args:
            rows: Landmark rows.
        """
        least, cuts = load("churn")["bands"]["min_events"], list(self.cuts)
        at = rows.filter(pl.col("event") == 1)[self.clock].to_numpy()
        while cuts:
            edges = [-np.inf, *cuts, np.inf]
            events = [int(((at >= low) & (at < high)).sum()) for low, high in pairwise(edges)]
            thin = int(np.argmin(events))
            if events[thin] >= least:
                break
            upper = thin == 0 or (thin < len(cuts) and events[thin + 1] < events[thin - 1])
            cuts.pop(thin if upper else thin - 1)
        return tuple(cuts)


PURCHASES = Regime("purchases", "overdue", "silence", DRIVERS, -1)
"""Without a contract: modelled is the next purchase, in bands of silence."""
CONTRACTS = Regime("contracts", "contract_days", "contract_tenure", CONTRACT_DRIVERS, 1)
"""Under contract: modelled is its end, in bands of tenure."""
REGIMES = {regime.name: regime for regime in (PURCHASES, CONTRACTS)}
