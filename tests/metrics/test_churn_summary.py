"""Risk of a group in a few numbers, the leading driver, and effects in readable steps."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from metrics.churn.effects import effects, left_out
from metrics.churn.model import ChurnModel, Column, Effect, Note
from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.summary import leading_driver, risk_measures
from metrics.churn.win_back import is_lately, lapsed
from metrics.purchase_days import bought_on

AS_OF = date(2026, 10, 31)
DRIVERS = pl.List(pl.Struct({"driver": pl.String, "effect": pl.Float64}))


def customers(*rows: dict) -> pl.LazyFrame:
    schema = {
        "p90": pl.Float64,
        "revenue_at_risk": pl.Int64,
        "revenue_365": pl.Int64,
        "monthly_amount": pl.Int64,
        "tau_days": pl.Int32,
        "churned": pl.Boolean,
        "silent_days": pl.Int32,
        "remaining_days": pl.Int32,
        "contract_days": pl.Int32,
        "contract_ended_on": pl.Date,
        "lapsed": pl.Boolean,
    }
    return pl.DataFrame(list(rows), schema=schema, orient="row").lazy()


def measured(*rows: dict) -> dict:
    frame = customers(*rows).select(**risk_measures()).collect()
    return frame.row(0, named=True)


def buyer(silent: int, tau: int = 100, **more: object) -> dict:
    return {"tau_days": tau, "churned": silent >= tau, "silent_days": silent, **more}


def test_half_is_at_risk_and_less_is_not():
    found = measured(
        buyer(90, p90=0.5, revenue_at_risk=50, revenue_365=100),
        buyer(80, p90=0.499, revenue_at_risk=20, revenue_365=40),
        buyer(1, p90=0.0, revenue_at_risk=0, revenue_365=10),
    )
    assert (found["scored"], found["at_risk"], found["may_churn"]) == (3, 1, 2)
    assert (found["revenue_at_risk"], found["revenue_scored"]) == (70, 150)


def test_under_contract_the_revenue_is_what_the_revenue_at_risk_is_of():
    """Else a company that lives on contracts would lose more than it earns, or a dash."""
    found = measured(
        {"churned": False, "p90": 0.5, "monthly_amount": 10, "revenue_at_risk": 60},
        buyer(90, p90=0.5, revenue_365=-20, revenue_at_risk=0),
        buyer(200, revenue_365=70),
    )
    assert (found["revenue_at_risk"], found["revenue_scored"]) == (60, 120)


def test_those_who_never_bought_are_neither_buyers_nor_churned():
    found = measured(buyer(100), buyer(99), {"tau_days": None, "churned": None})
    assert (found["buyers"], found["churned"]) == (2, 1)


def test_without_scores_and_buyers_figures_are_null_not_zero():
    found = measured({"tau_days": None})
    assert found["revenue_at_risk"] is None
    assert found["churned"] is None
    assert found["win_back_rate"] is None


def test_win_back_rate_is_those_who_bought_since_among_those_churned_then():
    found = measured(
        buyer(500, lapsed=True),
        buyer(90, lapsed=True),  # bought on that very day, so known then: not since
        buyer(89, lapsed=True),
        buyer(10, lapsed=False),
        buyer(10),  # first bought since: was nobody then
    )
    assert (found["came_back"], found["lapsed"]) == (1, 3)
    assert found["win_back_rate"] == pytest.approx(1 / 3)
    assert found["win_back_rate_low"] < 1 / 3 < found["win_back_rate_high"]


@pytest.mark.parametrize(("days", "lately"), [(-1, False), (0, True), (89, True), (90, False)])
def test_who_left_lately_became_churned_within_the_90_days_before(days: int, lately: bool):
    """90 days before as_of, with a tau of 80: so many days past it."""
    row = {"churned": days >= 0, "remaining_days": -days}
    found = pl.select(**{name: pl.lit(value) for name, value in row.items()}).select(is_lately())
    assert found.item() is lately


def orders(customer: str, *days_ago: int) -> list[dict]:
    return [
        {
            "customer_id": customer,
            "ordered_on": AS_OF - timedelta(days=back),
            "status": "completed",
            "amount": 100,
        }
        for back in days_ago
    ]


def test_lapsed_is_judged_by_the_rhythm_known_90_days_ago():
    # Both bought every 20 days up to 190 days before as_of, so 100 days of silence by then;
    # tau is about 4 x 20. One of them came back a week ago: today's rhythm has the gap of 183 days
    # in it, tau is twice as long, and 100 days of silence were no churn at all.
    rows = [
        *orders("stayed_away", 290, 270, 250, 230, 210, 190),
        *orders("came_back", 290, 270, 250, 230, 210, 190, 7),
        *orders("in_time", 250, 230, 210, 190, 170, 150, 130),
        *orders("new", 30, 10),
    ]
    purchases = bought_on(pl.DataFrame(rows).lazy(), as_of=AS_OF)
    found = lapsed(purchases, as_of=AS_OF).collect()
    states = dict(found.select("customer_id", "lapsed").iter_rows())
    assert states == {"stayed_away": True, "came_back": True, "in_time": False}
    assert found.filter(customer_id="came_back")["tau_then_days"].item() < 100
    today = rhythm(purchases, as_of=AS_OF, definition=Definition()).collect()
    assert today.filter(customer_id="came_back")["tau_days"].item() > 100


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("silence", 0.9), ("unanswered", 0.3), ("nps", 0.2)], "unanswered"),
        ([("usual_gap", 0.9), ("silence", 0.4)], None),  # the rhythm is no reason
        ([("frequency", -0.5), ("contacts", 0.1)], "contacts"),  # lowering reasons are passed over
        (None, None),
    ],
)
def test_leading_driver_is_the_strongest_that_raises_risk(given, expected):
    values = None if given is None else [{"driver": d, "effect": e} for d, e in given]
    frame = pl.DataFrame({"drivers": [values]}, schema={"drivers": DRIVERS})
    found = frame.select(leading_driver().struct.field("driver")).item()
    assert found == expected


def model(*named: tuple[str, str | None, float]) -> ChurnModel:
    effect = [
        Effect(Column(name, name, name, level), beta, 0.05, 0.0) for name, level, beta in named
    ]
    return ChurnModel(
        tuple(effect), (1.0,), ((0.0, 1.0), (0.0, 1.0)), 1, 1, 1, 1, 0.6, Definition(), AS_OF
    )


def test_logarithms_are_told_per_doubling_and_counts_per_one_more():
    found = effects(model(("log_basket", None, 0.5), ("unanswered", None, -0.1)))
    rows = {row["feature"]: row for row in found.iter_rows(named=True)}
    # a basket twice as large: the return takes exp(-0.5 ln 2) = 0.7071 times as long
    assert rows["log_basket"]["change"] == pytest.approx(2**-0.5 - 1)
    assert rows["log_basket"]["step"] == "doubled"
    assert rows["unanswered"]["change"] == pytest.approx(math.exp(0.1) - 1)
    assert rows["unanswered"]["step"] == "one_more"


def test_effects_are_strongest_first_and_marked_when_uncertain():
    found = effects(
        model(("single_purchase", None, -0.05), ("overdue", None, -0.4), ("region", "x", 0.2))
    )
    assert found["feature"].to_list() == ["overdue", "region", "single_purchase"]
    assert found["is_certain"].to_list() == [True, True, False]  # 0.05 is one standard error
    assert found["step"].to_list() == ["one_more", "level", "yes"]


def test_drivers_without_an_effect_are_told_once_with_the_reason():
    notes = [
        Note("no_table", "interactions"),  # contacts and answers
        Note("constant", "complaints"),
        Note("constant", "nps_promoter"),
        Note("constant", "nps_detractor"),
        Note("collinear", "log_tenure"),
        Note("separating", "region=north"),
        Note("constant", "segment=public"),  # another segment has an effect
        Note("constant", "single_purchase"),
    ]
    fitted = ChurnModel(
        (
            Effect(Column("segment=retail", "segment", "segment", "retail"), 0.1, 0.05, 0.0),
            Effect(Column("overdue", "silence", "overdue"), 0.1, 0.05, 0.0),
        ),
        (1.0,), ((0.0, 1.0), (0.0, 1.0)), 1, 1, 1, 1, 0.6, Definition(), AS_OF, tuple(notes),
    )  # fmt: skip
    assert left_out(fitted) == {
        "no_table": ["contacts", "unanswered"],
        "constant": ["complaints", "nps", "single_purchase"],
        "collinear": ["tenure"],
        "separating": ["region"],
    }
    assert left_out(replace(fitted, notes=())) == {}
