"""Random times of events, for all customers at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_access.demo.arrays import Floats, Ints

_CELLS = 32  # for each interval
_SPAN = 1e5  # days; larger than any time, so that customer and time fit one sortable number


def interpolated(x: Floats, edges: Floats, values: Floats) -> Floats:
    """`np.interp`, in a third of the time if `x` are many; they lie within the edges.

    The interval of each is not searched but looked up: the edges' range is cut into equal cells,
    so narrow that hardly one holds two edges.
    """
    low, high = float(edges[0]), float(edges[-1])
    scale = _CELLS * len(edges) / (high - low)
    cells: Floats = low + np.arange(_CELLS * len(edges) + 1, dtype=np.float64) / scale
    interval: Ints = np.searchsorted(edges, cells, side="right").astype(np.int64)
    interval = np.clip(interval - 1, 0, len(edges) - 2)
    at: Ints = interval[((x - low) * scale).astype(np.int64)]
    while (beyond := (x >= edges[at + 1]) & (at < len(edges) - 2)).any():
        at += beyond
    at -= x < edges[at]  # a cell's own edges are rounded
    slopes = np.diff(values) / np.diff(edges)
    return slopes[at] * (x - edges[at]) + values[at]


def poisson_times(
    rng: np.random.Generator,
    rate: Floats,
    start: Floats,
    stop: Floats,
    days: Floats,
    weights: Floats,
) -> tuple[Ints, Floats]:
    """Events of an inhomogeneous Poisson process per customer.

    Args:
        rng: Source of randomness.
        rate: Events a day at weight 1, per customer.
        start: First moment, in days, per customer.
        stop: Last moment, in days, per customer.
        days: Edges of the days of the calendar.
        weights: Cumulative daily weight at these edges.

    Returns:
        Position of the customer and time in days of each event, ordered by customer.
    """
    low = np.interp(start, days, weights)
    span = np.maximum(np.interp(np.maximum(stop, start), days, weights) - low, 0.0)
    count = rng.poisson(rate * span)
    who = np.repeat(np.arange(len(rate)), count)
    return who, interpolated(low[who] + rng.random(len(who)) * span[who], weights, days)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of buying: at full pace from `start`, slower from `change`, nothing from `stop`."""

    start: Floats
    change: Floats
    stop: Floats
    starts_with_event: np.typing.NDArray[np.bool_]


def renewal_times(
    rng: np.random.Generator,
    rate: Floats,
    shape: float,
    slower: float,
    spell: Spell,
    calendar: tuple[Floats, Floats],
) -> tuple[Ints, Floats]:
    """Events with gamma gaps of one `shape`: more regular than chance if above 1.

    Gaps are drawn in operational time (1 = one mean gap) and mapped to the calendar by each
    customer's pace and the daily weights, so that holidays and decline stretch them.

    Returns:
        Position of the customer and time in days of each event, ordered by customer and time.
    """
    days, weights = calendar
    start, change = np.interp(spell.start, days, weights), np.interp(spell.change, days, weights)
    stop = np.interp(spell.stop, days, weights)
    full = rate * np.maximum(change - start, 0.0)
    total = full + rate * slower * np.maximum(stop - np.maximum(change, start), 0.0)
    total = np.where(spell.stop > spell.start, total, -1.0)
    room = np.maximum(total, 0.0)
    count = np.where(total >= 0, np.ceil(room + 5 * np.sqrt(room / shape) + 4), 0).astype(np.int64)
    who = np.repeat(np.arange(len(rate)), count)
    gaps = rng.gamma(shape, 1 / shape, len(who))
    first = np.cumsum(count) - count
    first = first[count > 0]
    gaps[first] *= np.where(spell.starts_with_event[who[first]], 0.0, rng.random(len(first)))
    passed = np.cumsum(gaps)
    before = np.zeros(len(rate))
    before[who[first]] = passed[first] - gaps[first]
    passed -= np.repeat(before, count)
    happens = passed <= np.repeat(total, count)
    who, passed = who[happens], passed[happens]
    early = passed <= full[who]
    pace = np.where(early, rate[who], rate[who] * slower)
    since = np.where(early, start[who], np.maximum(change, start)[who])
    place = since + (passed - np.where(early, 0.0, full[who])) / pace
    return who, interpolated(place, weights, days)


def at_hours(
    rng: np.random.Generator, when: Floats, opens: float, closes: float, *, lean: float = 2.0
) -> Floats:
    """The same days with a time of day between two hours, most often in the middle."""
    hours = opens + (closes - opens) * rng.beta(lean, lean * 1.15, len(when))
    return np.floor(when) + hours / 24


class EventIndex:
    """Events of all customers, sorted once, to count those of one customer in an interval."""

    def __init__(self, who: Ints, when: Floats) -> None:
        self._keys = np.sort(who * _SPAN + when)

    def count(self, who: Ints, after: Floats, until: Floats) -> Ints:
        """Events of each `who` with `after` < time <= `until`."""
        high = np.searchsorted(self._keys, who * _SPAN + until, side="right")
        return high - np.searchsorted(self._keys, who * _SPAN + after, side="right")
