"""Two groups compared within strata, worked by hand."""

from __future__ import annotations

import polars as pl
import pytest

from metrics.intervals import Z95
from metrics.standardised import Difference, difference


def rows(*groups: tuple[str | None, bool, list[float | None]]) -> pl.LazyFrame:
    return pl.LazyFrame(
        [
            {"tier": tier, "treated": treated, "x": x}
            for tier, treated, values in groups
            for x in values
        ],
        schema={"tier": pl.String, "treated": pl.Boolean, "x": pl.Float64},
    )


def found(frame: pl.LazyFrame, *strata: str) -> Difference:
    return difference(frame, pl.col("x"), pl.col("treated"), strata)


def test_what_the_make_up_explains_goes_away():
    """Half of the basic and all of the best stay, members or not; members are more often best."""
    basic, best = [0.0, 1.0], [1.0, 1.0]
    frame = rows(
        ("basic", True, basic), ("best", True, best * 3),
        ("basic", False, basic * 3), ("best", False, best),
    )  # fmt: skip
    raw, matched = found(frame), found(frame, "tier")
    assert raw.value == pytest.approx(7 / 8 - 5 / 8)
    assert (matched.treated, matched.control) == pytest.approx((7 / 8, 7 / 8))
    assert matched.value == pytest.approx(0)
    assert (matched.n, matched.n_control) == (8, 8)
    # the best vary in nothing; basic: s² = 1/2 of two, 3/10 of six, weighing 2/8
    half = Z95 * (2 / 8) * (0.5 / 2 + 0.3 / 6) ** 0.5
    assert (matched.low, matched.high) == pytest.approx((-half, half))


def test_strata_weigh_as_the_treated_do():
    frame = rows(
        ("a", True, [3.0, 5.0, 4.0]), ("a", False, [1.0, 1.0]),
        ("b", True, [2.0, 2.0]), ("b", False, [5.0, 7.0, 6.0]),
    )  # fmt: skip
    told = found(frame, "tier")
    assert told.value == pytest.approx((3 * (4 - 1) + 2 * (2 - 6)) / 5)


def test_who_has_nobody_to_be_compared_with_is_left_out():
    frame = rows(
        ("a", True, [1.0, 2.0]), ("a", False, [1.0, 1.0]),
        ("b", True, [9.0, 9.0]), ("b", False, [0.0]), (None, False, [4.0, 4.0]),
    )  # fmt: skip
    told = found(frame, "tier")
    assert (told.value, told.n, told.n_control) == (0.5, 2, 2)
    nothing = found(frame.filter(tier="b"), "tier")
    assert nothing == Difference(None, None, None, None, None, 0, 0)


def test_unknown_values_are_left_out_and_an_unknown_stratum_is_one():
    frame = rows((None, True, [1.0, 3.0, None]), (None, False, [1.0, 1.0]))
    assert found(frame, "tier").value == 1
    assert found(frame, "tier").n == 2


def test_where_nothing_varies_there_is_no_interval_without_width():
    told = found(rows(("a", True, [1.0, 1.0]), ("a", False, [0.0, 0.0])))
    assert (told.value, told.low, told.high) == (1, None, None)
