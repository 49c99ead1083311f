"""Risk at past month ends: a worked company, no look-ahead, and a CRM cut off at that day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn import purchases
from metrics.churn.fit import fit_churn
from metrics.churn.history import (
    COUNTS,
    GROUPS,
    baseline_days,
    history_days,
    last_days,
    risk_months,
)
from metrics.churn.model import ChurnModel
from metrics.churn.past import past_risks
from metrics.churn.purchases import Buyers
from metrics.churn.rhythm import Definition
from metrics.churn.risk import customer_risk
from metrics.churn.score import score
from metrics.churn.summary import recent_win_back_counts, risk_figures, risk_measures
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import lapsed
from tests.metrics.churn_company import AS_OF, company, known, until

TODAY, THEN = date(2026, 10, 31), date(2026, 9, 30)
# Within the usual gap customers come soon; beyond it, hardly anybody comes.
SOON, LOST = (0.0, *[2.0] * 90), (0.0, *[0.1] * 90)
MODEL = ChurnModel((), (1.0,), (SOON, LOST), 1, 1, 1, 1, 0.6, Definition(), TODAY)


def every_20_days(customer: str, last: date, *later: date) -> list[dict]:
    days = [last - timedelta(days=20 * step) for step in range(20)]
    return [
        {"customer_id": customer, "ordered_on": day, "status": "completed", "amount": 100}
        for day in (*days, *later)
    ]


ORDERS = [
    *every_20_days("regular", TODAY),
    # 62 days silent at the end of September, tau 80; bought again since
    *every_20_days("slipping", date(2026, 7, 30), date(2026, 10, 10)),
    # silent since April, so churned on 2 July (90 days before THEN) and on 2 August; came back
    *every_20_days("returned", date(2026, 4, 1), date(2026, 10, 15)),
    *every_20_days("deleted", date(2026, 9, 25)),
    {"customer_id": "new", "ordered_on": date(2026, 10, 20), "status": "completed", "amount": 100},
]
NAMES = ["regular", "slipping", "returned", "deleted", "new"]
PEOPLE = pl.DataFrame(
    {
        "customer_id": NAMES,
        "segment": ["a", "a", "b", "b", None],
        "deleted_on": [None, None, None, date(2026, 10, 5), None],
    }
).lazy()
HISTORY = pl.DataFrame(
    {
        "customer_id": [*NAMES, "returned", "deleted"],
        "month": [*[date(2025, 1, 1)] * 4, *[date(2026, 10, 1)] * 3],
        "tier": ["low", "low", "low", "low", "low", "high", None],
    }
).lazy()


def worked(model: ChurnModel | None = MODEL, people: pl.LazyFrame = PEOPLE) -> pl.DataFrame:
    tables = CrmTables.read(orders=pl.DataFrame(ORDERS).lazy(), customers=people)
    return risk_months(tables, model, people, {"": HISTORY}, as_of=TODAY)[""]


def totals(rows: pl.DataFrame, day: date, **chosen: str) -> dict[str, int]:
    kept = rows.filter(day=day, **chosen) if chosen else rows.filter(day=day)
    return kept.select(pl.col(COUNTS).sum()).row(0, named=True)


def test_a_worked_company_then_and_now():
    rows = worked()
    then, now = totals(rows, THEN), totals(rows, TODAY)
    # regular, slipping, returned and deleted; "new" had not bought, "returned" is not scored
    assert (then["buyers"], then["scored"], then["churned"]) == (4, 3, 1)
    assert (now["buyers"], now["scored"], now["churned"]) == (4, 4, 0)
    # slipping: past the usual gap, 18 days left, so P = exp(-0.1) = 0.905
    assert (then["at_risk"], now["at_risk"]) == (1, 0)
    assert (then["lapsed"], then["came_back"]) == (1, 0)
    assert (now["lapsed"], now["came_back"]) == (1, 1)
    # silent since April with a tau of 80: churned on 20 June, within the 90 days before both
    assert (then["lapsed_lately"], then["back_soon"]) == (1, 0)
    assert (now["lapsed_lately"], now["back_soon"]) == (1, 1)


def test_tiers_are_those_of_the_day_and_of_the_day_before_coming_back():
    rows = worked()
    assert totals(rows, THEN, tier="low")["buyers"] == 4
    high = totals(rows, TODAY, tier="high")  # where the come-back has taken "returned"
    assert (high["buyers"], high["lapsed"]) == (1, 0)
    low = totals(rows, TODAY, tier="low")
    assert (low["buyers"], low["lapsed"], low["came_back"]) == (3, 1, 1)


def test_groups_add_up_to_everybody_and_the_unknown_is_one_of_them():
    rows = worked()
    assert rows.columns == ["day", *GROUPS, "mean_gap_days", *COUNTS]
    assert not rows.select("day", *GROUPS).is_duplicated().any()
    parts = rows.filter(day=TODAY).group_by("segment").agg(pl.col("buyers").sum())
    assert dict(parts.iter_rows()) == {"a": 2, "b": 1, None: 1}


def test_without_a_model_nobody_is_scored_and_the_churned_remain():
    rows = worked(model=None).lazy().filter(day=THEN)
    sums = {name: pl.col(name).sum() for name in COUNTS}
    found = rows.select(**risk_figures(sums)).collect().row(0, named=True)
    assert (found["at_risk"], found["revenue_at_risk"]) == (None, None)
    assert (found["churned"], found["lapsed"], found["win_back_rate"]) == (1, 1, 0.0)


def test_an_empty_crm_has_no_rows():
    nothing = pl.DataFrame(ORDERS).lazy().clear()
    tables = CrmTables.read(orders=nothing, customers=PEOPLE.clear())
    rows = risk_months(tables, None, PEOPLE.clear(), {"": HISTORY.clear()}, as_of=TODAY)[""]
    assert rows.is_empty()
    assert rows.schema == worked().schema


def test_days_are_month_ends_with_enough_history_and_today():
    assert history_days(None, as_of=TODAY) == [TODAY]
    middle = date(2026, 11, 21)
    assert history_days(date(2025, 11, 2), as_of=middle) == [middle]
    assert history_days(date(2025, 11, 1), as_of=middle) == [date(2026, 10, 31), middle]
    long = history_days(date(2020, 1, 1), as_of=date(2026, 12, 31))
    assert (len(long), long[0], long[-2:]) == (
        16,
        date(2025, 9, 30),  # last quarter is July to September; a year earlier ends here
        [date(2026, 11, 30), date(2026, 12, 31)],
    )


def test_the_quarters_before_the_programme_stay_known():
    quarters = [date(2025, 7, 31), date(2025, 10, 31), date(2026, 1, 31), date(2026, 4, 30)]
    start, later = date(2026, 5, 1), date(2028, 12, 31)
    assert baseline_days(start) == quarters
    assert baseline_days(None) == []
    days = history_days(date(2020, 1, 1), as_of=later, programme_start=start)
    assert days == [*quarters, *history_days(date(2020, 1, 1), as_of=later)]
    short = history_days(date(2024, 11, 2), as_of=later, programme_start=start)
    assert short[:3] == [*quarters[2:], date(2027, 9, 30)]  # a year of orders before each
    middle = history_days(date(2020, 1, 1), as_of=later, programme_start=date(2028, 5, 15))
    assert set(middle) - set(last_days(later)) >= {date(2028, 2, 14), date(2028, 5, 14)}
    assert last_days(later) == history_days(date(2020, 1, 1), as_of=later)
    soon = history_days(date(2020, 1, 1), as_of=date(2026, 3, 15), programme_start=start)
    assert soon == history_days(date(2020, 1, 1), as_of=date(2026, 3, 15))


@pytest.fixture(scope="module")
def big() -> tuple[CrmTables, ChurnModel]:
    tables = company(2000, seed=3)
    return tables, fit_churn(tables, as_of=AS_OF)


def risk_on(tables: CrmTables, model: ChurnModel, day: date) -> pl.DataFrame:
    return told(past_risks(tables, model, [day], lambda *part: part))


def told(risks: Iterable[tuple[Buyers, pl.DataFrame]]) -> pl.DataFrame:
    """The rows of all ranges with the ids of the customers."""
    parts = [
        rows.with_columns(customer_id=buyers.ids.gather(rows["customer_id"]))
        for buyers, rows in risks
    ]
    return pl.concat(parts).sort("customer_id", "as_of")


@pytest.mark.parametrize("day", [date(2026, 5, 31), date(2025, 6, 30), AS_OF])
def test_rows_of_later_days_change_nothing(day: date, big: tuple[CrmTables, ChurnModel]):
    tables, model = big
    cut = until(tables, day)
    whole, known = (risk_on(each, model, day) for each in (tables, cut))
    assert_frame_equal(whole, known)
    assert whole["p90"].drop_nulls().len() > 500
    assert whole["lapsed"].sum() > 10


@pytest.mark.parametrize("day", [date(2026, 5, 31), AS_OF])
def test_a_past_day_says_what_the_builder_of_today_says_of_a_crm_cut_off_then(
    day: date, big: tuple[CrmTables, ChurnModel]
):
    tables, model = big
    cut = until(tables, day)
    nobody = pl.LazyFrame(schema=HISTORY.collect_schema())
    rows = risk_months(tables, model, tables.customers, {"": nobody}, as_of=AS_OF)[""]
    people = customer_risk(cut, model, as_of=day).lazy()
    mart = people.join(lapsed(cut.purchases(), as_of=day), on="customer_id", how="left")
    expected = mart.select(**risk_measures(), **recent_win_back_counts()).collect()
    found = totals(rows, day)
    assert found == {name: expected[name].item() for name in COUNTS}
    assert min(found.values()) > 0


def test_the_model_looks_back_and_is_not_fitted_again(big: tuple[CrmTables, ChurnModel]):
    tables, model = big
    day = date(2026, 3, 31)
    slower = replace(model, baseline=tuple(tuple(v / 2 for v in row) for row in model.baseline))
    states = [risk_on(tables, each, day) for each in (model, slower)]
    told = [state["p90"].sum() for state in states]
    assert told[1] > told[0]
    assert_frame_equal(*(state.drop("p90", "revenue_at_risk") for state in states))


@pytest.mark.parametrize("size", [1, 700])
def test_ranges_of_customers_change_nothing(
    size: int, big: tuple[CrmTables, ChurnModel], monkeypatch: pytest.MonkeyPatch
):
    tables, model = big
    few = tables.where(pl.col("customer_id") < "C0000012") if size == 1 else tables
    days = [date(2025, 6, 30), date(2026, 5, 31), AS_OF]
    whole, today = (
        told(past_risks(few, model, days, lambda *part: part)),
        customer_risk(few, model, as_of=AS_OF),
    )
    monkeypatch.setattr(purchases, "AT_ONCE", size)
    parts = list(past_risks(few, model, days, lambda *part: part))
    assert len(parts) > 1
    assert_frame_equal(told(parts), whole)
    assert_frame_equal(customer_risk(few, model, as_of=AS_OF), today)


def test_the_shortcut_for_who_cannot_churn_is_what_a_scoring_says(
    big: tuple[CrmTables, ChurnModel],
):
    tables, model = big
    day = date(2026, 3, 31)
    scored = score(known(tables, day), model).collect().select("customer_id", "p90", "revenue_365")
    both = risk_on(tables, model, day).join(scored, on="customer_id", suffix="_scored")
    assert both["p90"].to_list() == both["p90_scored"].to_list()
    assert both.filter(pl.col("p90") == 0).height > 500
    assert both["p90"].null_count() > 100
