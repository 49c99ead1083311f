"""The next best step: what is broken first, then who may leave, then the calendar of the plans."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from metrics.next_step import next_step, steps

AS_OF = date(2026, 10, 31)
SCHEMA = {"open_complaints": pl.Int64, "has_plan": pl.Boolean, "warning": pl.String,
          "stage": pl.String, "p90": pl.Float64, "churned": pl.Boolean, "last_nps": pl.Int64,
          "first_order_on": pl.Date}  # fmt: skip
LONG_AGO = AS_OF - timedelta(days=900)


def step(**customer: object) -> str | None:
    row = {"first_order_on": LONG_AGO, "stage": "mature", "churned": False, **customer}
    return pl.DataFrame([row], schema=SCHEMA).select(next_step(as_of=AS_OF)).item()


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ({}, "keep"),
        ({"stage": "existing"}, "needs_survey"),
        ({"last_nps": 9}, "referral"),
        ({"last_nps": 8}, "keep"),
        ({"last_nps": 6}, "call_back"),
        ({"stage": "new", "first_order_on": AS_OF}, "thank"),
        ({"stage": "new", "first_order_on": AS_OF - timedelta(days=1)}, "first_needs"),
        ({"stage": "new", "first_order_on": AS_OF - timedelta(days=6)}, "first_needs"),
        ({"stage": "new", "first_order_on": AS_OF - timedelta(days=7)}, "keep"),
        ({"stage": "churned", "churned": True, "p90": None}, "offer"),
        ({"warning": "blue"}, "win_back"),
        ({"stage": "warning"}, "win_back"),
        ({"p90": 0.5}, "win_back"),
        ({"p90": 0.49}, "keep"),
        ({"warning": "red", "has_plan": True}, "plan"),
        ({"warning": "red", "has_plan": True, "open_complaints": 1}, "complaint"),
        ({"last_nps": 10, "warning": "blue"}, "win_back"),
        ({"first_order_on": None, "stage": None}, None),
        ({"first_order_on": None, "stage": None, "open_complaints": 2}, "complaint"),
    ],
)
def test_the_first_that_applies(customer: dict, expected: str | None):
    assert step(**customer) == expected


def test_every_step_of_the_rules_can_be_the_answer():
    assert {*steps()} == {
        "complaint", "plan", "win_back", "offer", "call_back", "thank", "first_needs", "referral",
        "needs_survey", "keep",
    }  # fmt: skip
    assert next(iter(steps())) == "complaint"
