"""Of rows that tell a customer's life in order: which was the latest at the close of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

_EPOCH = date(1970, 1, 1)


def latest(counts: NDArray[np.int64], days: pl.Series, at: Sequence[date]) -> NDArray[np.int64]:
    """The latest row of each customer up to and including each of several days.

    Rows are counted by customer and stretch between two of the days; sums of the counts are
    places. So the cost is one look at each row, however many days there are.

    Args:
        counts: Rows of each customer; those of one customer lie together.
        days: The Date of each row, ascending within a customer.
        at: The days asked for, ascending.

    Returns:
        One line per customer, one column per day: the place of the row, or -1 before the first.
    """
    width = len(at) + 1
    edges = [(day - _EPOCH).days for day in at]
    stretch = np.searchsorted(edges, days.to_physical().to_numpy())
    stretch += np.repeat(np.arange(len(counts)) * width, counts)
    size = len(counts) * width
    ends = np.cumsum(np.bincount(stretch, minlength=size)).reshape(-1, width)[:, :-1]
    begins = np.cumsum(counts) - counts
    return np.where(ends > begins[:, None], ends - 1, -1)
