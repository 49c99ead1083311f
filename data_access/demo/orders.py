"""Orders: who buys when, for how much, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import (
    Floats,
    Ints,
    blank,
    by_time,
    frame,
    ids,
    pick,
    times,
    values,
    weighted,
)
from data_access.demo.customers import Base, Life, customer_ids
from data_access.demo.processes import Spell, at_hours, renewal_times
from data_access.demo.seasons import Seasons
from data_access.demo.truth import Truth

ORDER_CHANNELS = ("direct_sales", "online_store", "app", "partner", "phone")
STATUSES = ("completed", "cancelled", "returned")
COMPLETED, CANCELLED, RETURNED = 0, 1, 2
PRODUCTS = (
    *("智能终端 T3", "工业网关 G2", "边缘控制器 C5", "数据平台年费", "标准维护服务", "高级支持包"),
    *("传感器套件 S1", "移动扫码枪 M8", "标签打印机 P4", "云存储 1 TB", "培训课程", "安装调试服务"),
    *("Edge gateway kit", "Barcode terminal", "Spare parts kit", "Analytics add-on"),
)
_CHANNEL_BY_CLASS = (
    (0.46, 0.18, 0.08, 0.18, 0.10),
    (0.24, 0.36, 0.16, 0.14, 0.10),
    (0.06, 0.50, 0.28, 0.08, 0.08),
)
_HALF_YEAR = 182.5
_LINES_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders in the order of their time; amounts in fen."""

    who: Ints
    when: Floats
    status: Ints
    amount: Ints
    channel: Ints


def order_times(
    rng: np.random.Generator, base: Base, life: Life, truth: Truth, seasons: Seasons
) -> tuple[Ints, Floats]:
    """Times of the orders customers place of their own accord."""
    new = base.registered >= 0
    starts = np.where(new, base.buys_from, 0.0)
    first = Spell(
        np.minimum(starts, seasons.end),
        np.clip(life.declines, 0, seasons.end),
        np.where(np.isfinite(base.buys_from), np.minimum(life.churns, seasons.end), -1.0),
        new & (base.buys_from < seasons.end),
    )
    second = Spell(
        np.minimum(life.returns, seasons.end),
        np.minimum(life.declines_again, seasons.end),
        np.minimum(life.churns_again, seasons.end),
        life.returns < seasons.end,
    )
    rate = values(truth.orders_per_year)[base.value] / 365 * base.pace
    pace = truth.gap_shape, truth.decline_order_rate
    calendar = (seasons.days, seasons.orders)
    spells = [renewal_times(rng, rate, *pace, spell, calendar) for spell in (first, second)]
    who = np.concatenate([spell[0] for spell in spells])
    exact = np.concatenate([spell[1] for spell in spells])
    when = np.maximum(at_hours(rng, exact, 8, 22), base.entry[who])
    kept = when < seasons.end
    return who[kept], when[kept]


def sales(
    rng: np.random.Generator,
    base: Base,
    placed: tuple[Ints, Floats],
    truth: Truth,
    seasons: Seasons,
) -> Sales:
    """Amount, status and channel of the orders placed, and a credit note for those returned."""
    order = by_time(placed[1])
    who, when = placed[0][order], placed[1][order]
    status = np.where(rng.random(len(who)) < 0.033, CANCELLED, COMPLETED)
    amount = _amounts(rng, base, who, when, truth)
    channel = np.zeros(len(who), np.int64)
    for value, weights in enumerate(_CHANNEL_BY_CLASS):
        of_class = base.value[who] == value
        channel[of_class] = weighted(rng, weights, int(of_class.sum()))
    back = np.flatnonzero((rng.random(len(who)) < 0.022) & (status == COMPLETED))
    returned = when[back] + rng.uniform(2, 21, len(back))
    back, returned = back[returned < seasons.end], returned[returned < seasons.end]
    part = np.where(rng.random(len(back)) < 0.55, 1.0, rng.uniform(0.2, 0.8, len(back)))
    late = by_time(returned)
    after = np.searchsorted(when, returned[late], side="right")
    joined = np.insert(np.arange(len(when)), after, len(when) + late)
    return Sales(
        np.concatenate([who, who[back]])[joined],
        np.concatenate([when, returned])[joined],
        np.concatenate([status, np.full(len(back), RETURNED)])[joined],
        np.concatenate([amount, -np.rint(amount[back] * part).astype(np.int64)])[joined],
        np.concatenate([channel, channel[back]])[joined],
    )


def _amounts(rng: np.random.Generator, base: Base, who: Ints, when: Floats, truth: Truth) -> Ints:
    customers = len(base.number)
    periods = int(when.max() // _HALF_YEAR) + 1 if len(when) else 1
    drift = rng.normal(0, truth.drift_spread, (customers, periods)).cumsum(axis=1)
    personal = rng.normal(0, truth.customer_spread, customers)
    logarithm = (
        np.log(values(truth.order_value))[base.value[who]]
        + personal[who]
        + drift[who, (when // _HALF_YEAR).astype(np.int64)]
        + rng.normal(0, truth.order_spread, len(who))
        + truth.price_growth_per_year * when / 365
    )
    return np.rint(np.exp(logarithm) * 100).astype(np.int64)


def first_purchases(sold: Sales, customers: int) -> Floats:
    """The moment of the first order of each customer that was not cancelled; infinity for none."""
    placed = np.flatnonzero(sold.status == COMPLETED)
    first = np.full(customers, np.inf)
    first[sold.who[placed][::-1]] = sold.when[placed][::-1]  # of several the earliest stays
    return first


def order_frame(
    rng: np.random.Generator, sold: Sales, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `orders` table; gross margins of 18 to 48 %, lower on large accounts."""
    count = len(sold.who)
    margin = np.array([0.31, 0.345, 0.37])[base.value[sold.who]] + rng.normal(0, 0.04, count)
    margin -= np.where(sold.channel == ORDER_CHANNELS.index("partner"), 0.035, 0.0)
    profit = np.rint(sold.amount * np.clip(margin, 0.18, 0.48)).astype(np.int64)
    delay = np.minimum(rng.exponential(1.5, count), 15.0)  # later than that is dirt
    updated = np.minimum(sold.when + delay, seasons.end)
    deleted = np.where(rng.random(count) < 1 / 5000, updated, np.nan)
    return frame(
        "orders",
        {
            "order_id": ids("O", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, sold.who),
            "ordered_at": times(seasons.origin, sold.when),
            "status": pick(STATUSES, sold.status),
            "amount": sold.amount,
            "profit": blank(pl.Series(profit), rng.random(count) < 1 / 4000),
            "currency": pick(("CNY",), np.zeros(count, np.int64)),
            "channel": pick(ORDER_CHANNELS, sold.channel),
            "updated_at": times(seasons.origin, updated),
            "deleted_at": times(seasons.origin, deleted),
        },
    )


def line_frame(
    rng: np.random.Generator, sold: Sales, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `order_lines` table: one to three lines of the orders of the last 30 days."""
    recent = np.flatnonzero(sold.when > seasons.end - _LINES_DAYS)
    lines = rng.integers(1, 4, len(recent))
    order = np.repeat(recent, lines)
    number = np.arange(len(order)) - np.repeat(np.cumsum(lines) - lines, lines) + 1
    share = np.rint(sold.amount[order] / np.repeat(lines, lines)).astype(np.int64)
    first = number == 1
    rest = np.repeat(lines - 1, lines) * share
    quantity = rng.integers(1, 9, len(order)) * np.sign(sold.amount[order])
    return frame(
        "order_lines",
        {
            "order_id": ids("O", numbers_from + order, 10),
            "line_number": number,
            "product": pick(PRODUCTS, rng.integers(0, len(PRODUCTS), len(order))),
            "quantity": quantity,
            "amount": np.where(first, sold.amount[order] - rest, share),
        },
    )
