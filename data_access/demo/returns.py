"""What the demo company's programme brings, what serving costs, and how it is insured."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from data_access.demo.arrays import frame, ids
from data_access.demo.finance import BUDGET
from data_access.demo.seasons import SHANGHAI

_WON_AT = {"referral": 80, "search": 340, "wechat": 240, "exhibition": 620, "partner": 410}  # CNY
_USUAL = 280
# Of each subject: months until it begins to bring something, and by how much more a month, CNY.
_BENEFITS = {
    "technology": (6, 18_000, "conversion", "自动化触达转化率与对照期之差 × 毛利"),
    "labour": (3, 9_800, "repurchase", "满意客户复购率之差 × 毛利"),
    "marketing": (1, 4_600, "campaign_orders", "活动订单毛利减去对照组"),
}
_HUMAN = (42_000, 38_000)  # contacts a month by people: two years ago, now
_BOT = (2_500, 9_500)
_LABOUR = (118_000, 82_000)  # CNY a month, two years ago and now
_VALUE_ADDED = (44_000, 51_000)


def with_acquisition_cost(rng: np.random.Generator, customers: pl.DataFrame) -> pl.DataFrame:
    """The customers with what winning them cost, of 85 in 100."""
    usual = pl.col("acquisition_channel").replace_strict(
        _WON_AT, default=_USUAL, return_dtype=pl.Float64
    )
    factor = pl.Series(np.exp(rng.normal(-0.06, 0.35, customers.height)))
    known = pl.Series(rng.random(customers.height) < 0.85)
    cost = pl.when(known).then((usual * factor * 100).round().cast(pl.Int64))
    return customers.with_columns(acquisition_cost=cost).select(customers.columns)


def return_frames(rng: np.random.Generator, as_of: datetime) -> dict[str, pl.DataFrame]:
    """The tables `benefits`, `service_costs` and `insurance_policies`."""
    today = as_of.astimezone(SHANGHAI).date()
    return {
        "benefits": _benefits(rng, today),
        "service_costs": _service_costs(rng, today),
        "insurance_policies": _insurance(today),
    }


def _benefits(rng: np.random.Generator, today: date) -> pl.DataFrame:
    """Month by month since last January; of every month that has ended."""
    rows = [
        (subject, month, growth * (number - wait), driver, method)
        for subject, (wait, growth, driver, method) in _BENEFITS.items()
        for number, month in enumerate(_months(date(today.year - 1, 1, 1), today))
        if number > wait
    ]
    noise = np.exp(rng.normal(0, 0.05, len(rows)))
    return frame(
        "benefits",
        {
            "benefit_id": ids("BF", np.arange(1, len(rows) + 1), 4),
            "budget_id": [BUDGET] * len(rows),
            "subject": [row[0] for row in rows],
            "earned_on": [row[1].replace(day=28) for row in rows],
            "amount": np.rint(np.array([row[2] for row in rows]) * noise).astype(np.int64) * 100,
            "driver": [row[3] for row in rows],
            "method": [row[4] for row in rows],
        },
    )


def _service_costs(rng: np.random.Generator, today: date) -> pl.DataFrame:
    """Two years of months that have ended: people serve less, bots more."""
    months = _months(date(today.year - 2, today.month, 1), today)
    path = np.linspace(0, 1, len(months))

    def grown(bounds: tuple[int, int], spread: float) -> np.typing.NDArray[np.int64]:
        noise = np.exp(rng.normal(0, spread, len(months)))
        return np.rint((bounds[0] + (bounds[1] - bounds[0]) * path) * noise).astype(np.int64)

    human, bot = grown(_HUMAN, 0.03), grown(_BOT, 0.05)
    labour, added = grown(_LABOUR, 0.02), grown(_VALUE_ADDED, 0.06)
    count = len(months)
    bots = np.rint(bot * (0.62 + 0.4 * (1 - path)) + 900).astype(np.int64)
    return frame(
        "service_costs",
        {
            "cost_id": ids("SC", np.arange(1, 2 * count + 1), 4),
            "month": [*months, *months],
            "handled_by": ["human"] * count + ["bot"] * count,
            "department": ["service"] * 2 * count,
            "labour": np.concatenate([labour, np.zeros(count, np.int64)]) * 100,
            "other": np.concatenate([np.full(count, 6_000), bots]) * 100,
            "contacts": np.concatenate([human, bot]),
            "value_added": [*(added * 100).tolist(), *[None] * count],
        },
    )


def _insurance(today: date) -> pl.DataFrame:
    rows = (
        ("general_liability", 5_000_000, 52_000, 4, 1_500_000, 45_000),
        ("it_liability", 3_000_000, 44_000, 6, 900_000, 60_000),
        ("data_breach", None, None, 8, 1_200_000, 70_000),
        ("key_supplier", None, None, 10, 300_000, 40_000),
    )
    return frame(
        "insurance_policies",
        {
            "policy_id": ids("IP", np.arange(1, len(rows) + 1), 3),
            "risk": [row[0] for row in rows],
            "starts_on": [date(today.year, 1, 1)] * len(rows),
            "ends_on": [date(today.year, 12, 31)] * len(rows),
            "insured": [None if row[1] is None else row[1] * 100 for row in rows],
            "premium": [None if row[2] is None else row[2] * 100 for row in rows],
            "probability": [row[3] for row in rows],
            "loss": [row[4] * 100 for row in rows],
            "retained_cost": [row[5] * 100 for row in rows],
        },
    )


def _months(first: date, today: date) -> list[date]:
    """First days of the months from `first` that have ended by the close of `today`."""
    wanted: list[date] = []
    month, tomorrow = first, today + timedelta(days=1)
    while _next(month) <= tomorrow:
        wanted.append(month)
        month = _next(month)
    return wanted


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
