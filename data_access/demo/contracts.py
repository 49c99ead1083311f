"""Service contracts: some customers pay by the month until they leave, or grow tired of it."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, frame, ids, times, values
from data_access.demo.customers import Base, Life, customer_ids
from data_access.demo.seasons import Seasons
from data_access.demo.truth import Truth

_AFTER_DAYS = 200.0  # from registration to the contract, on average
_NOTICE_DAYS = (5.0, 45.0)  # from leaving to the end of the contract
_SPREAD = 0.5  # sigma of log monthly amounts within a class
_FEN = 100


def contract_frame(
    rng: np.random.Generator,
    base: Base,
    life: Life,
    truth: Truth,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `contracts` table; who leaves ends the contract, too, and some do so without leaving."""
    count = len(base.number)
    held = rng.random(count) < values(truth.contract_share)[base.value]
    begins = base.registered + rng.exponential(_AFTER_DAYS, count)
    tired = begins + rng.exponential(365 / truth.contract_annual_hazard, count)
    leaves = life.churns + rng.uniform(*_NOTICE_DAYS, count)
    ends = np.floor(np.minimum(tired, leaves))
    begins = np.floor(begins)
    amount = values(truth.contract_monthly)[base.value] * np.exp(rng.normal(0, _SPREAD, count))
    buys = np.isfinite(base.buys_from) & (begins < seasons.end) & (ends > begins)
    who = np.flatnonzero(held & buys)
    over = np.where(ends[who] < seasons.end, ends[who], np.nan)
    changed: Floats = np.where(np.isnan(over), begins[who], over)
    return frame(
        "contracts",
        {
            "contract_id": ids("K", numbers_from + np.arange(len(who)), 10),
            "customer_id": customer_ids(base, who),
            "started_at": times(seasons.origin, begins[who]),
            "ended_at": times(seasons.origin, over),
            "monthly_amount": np.round(amount[who]).astype(np.int64) * _FEN,
            "updated_at": times(seasons.origin, changed),
        },
    )
