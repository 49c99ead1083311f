"""Cards, breakdowns, trends, tiers and the rows behind a number add up to one another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    budget,
    budget_choice,
    budget_headline,
    churn_list,
    churn_risk,
    lifecycle,
    lifecycle_headline,
    lifecycle_rows,
    service,
    service_headline,
    tier_customers,
    tiers,
    tiers_headline,
    voice,
    warnings,
)
from dashboard.reading import Reading
from dashboard.view import View
from metrics.selection import CHOICES, DIMENSIONS, months_code

MakeView = Callable[..., View]
BUDGET = "B1"
START = date(2025, 11, 1)  # of the last 12 months of the demo company


def values(view: View, dimension: str) -> list[str]:
    found = data.frame(view, "customer_mart").select(pl.col(dimension).drop_nulls().unique())
    return found.collect()[dimension].to_list()


@pytest.mark.parametrize("tier", [None, "high", "basic"])
def test_the_list_of_each_warning_holds_as_many_as_its_count(tier: str | None, look: MakeView):
    view = look(**({"tier": tier} if tier else {}))
    counts = warnings.counts(view)
    listed = {
        level: churn_list.totals(
            view, churn_list.Choice("risk", "revenue_at_risk", warning=(level,))
        )[0]
        for level in counts
    }
    assert listed == counts
    assert sum(listed.values()) == warnings.headline(view)["customers_warned"].value > 0


@pytest.mark.parametrize("dimension", ["tier", "segment", "channel", "region"])
@pytest.mark.parametrize("period", [*CHOICES, months_code("2025-12", "2026-03")])
def test_answers_by_group_add_up_to_the_card(period: str, dimension: str, look: MakeView):
    view = look(period)
    groups, card = voice.by_group(view, dimension), voice.headline(view)
    assert groups["responses"].sum() == card["nps"].n
    assert groups["rated"].sum() == card["csat"].n
    weighted = groups.select((pl.col("nps") * pl.col("responses")).sum() / card["nps"].n).item()
    assert weighted == pytest.approx(card["nps"].value)


def test_scores_and_months_add_up_to_the_card(look: MakeView):
    view = look()
    card = voice.headline(view)["nps"]
    scores = voice.distribution(view)
    assert scores["responses"].sum() == card.n
    assert scores["share"].sum() == pytest.approx(1)
    for grain in ("week", "month", "quarter"):
        twin = voice.over_time(view, "nps", grain)
        promoters, detractors, responses = (
            twin[name].sum() for name in ("promoters", "detractors", "responses")
        )
        assert responses == card.n
        assert 100 * (promoters - detractors) / responses == pytest.approx(card.value)


def test_the_last_month_of_the_trend_is_the_card_of_the_month(look: MakeView):
    view, months = look("month"), voice.over_time(look(), "nps", "month")
    assert voice.headline(view)["nps"].value == pytest.approx(months["nps"][-1])
    kept = service.over_time(look(), "overall", "month")
    assert service_headline.headline(view)["sla_attainment"].value == kept["attainment"][-1]
    states = (
        tiers_headline.headline(view),
        lifecycle_headline.headline(view),
        service_headline.headline(view),
    )
    for readings, key in zip(states, ("revenue_12m", "annual_retention", "backlog"), strict=True):
        assert readings[key].value == readings[key].trend[-1]
    for key in ("active_customers", "new_customers"):
        assert states[1][key].value == states[1][key].trend[-1]


@pytest.mark.parametrize("period", [*CHOICES, months_code("2025-12", "2026-03")])
def test_promises_by_channel_grade_and_row_add_up_to_the_card(period: str, look: MakeView):
    view = look(period)
    card = service_headline.headline(view)["sla_attainment"]
    for dimension in ("channel", "grade"):
        groups = service.by_group(view, "overall", dimension)
        assert groups.select(pl.col("met", "missed").sum()).row(0) == (
            round(card.value * card.n),
            card.n - round(card.value * card.n),
        )
    late = service.breaches(view, only_open=False).collect()
    assert late["ticket_id"].n_unique() == card.n - round(card.value * card.n)


def test_open_tickets_by_age_add_up_to_the_card(look: MakeView):
    ages, cards = service.backlog(look()), service_headline.headline(look())
    assert ages["tickets"].sum() == cards["backlog"].value == cards["overdue_tickets"].n
    assert ages["missed"].sum() == cards["overdue_tickets"].value


def test_every_stage_lists_its_customers(look: MakeView):
    view = look()
    stages = dict(lifecycle.stages(view).select("stage", "customers").rows())
    listed = {name: lifecycle.in_stage(view, name).collect().height for name in stages}
    assert listed == stages
    assert sum(stages.values()) == lifecycle_headline.headline(view)["active_customers"].n
    assert stages["churned"] == churn_risk.headline(view)["churned_customers"].value


def test_cohorts_and_funnel_begin_with_the_new_customers(look: MakeView):
    view = look()
    new = lifecycle_headline.headline(view)["new_customers"]
    steps = lifecycle.steps(view)
    assert steps["customers"][0] == new.value == sum(new.trend[-12:])
    second = steps.row(1, named=True)
    assert second["judged"] + second["too_young"] == second["previous"] == new.value
    assert lifecycle_rows.once(view).collect().height == new.value - second["customers"]


def test_movement_is_the_mix_at_both_ends_and_the_lists_hold_its_customers(look: MakeView):
    view = look()
    moves, ends = tiers.moved(view), tiers.mix_at_end(view)
    for tier, row in ends.items():
        assert moves.filter(to_tier=tier)["customers"].sum() == row["customers"]
    span = tiers.span(view)
    start = tiers.mix_months(view).filter(pl.col("month") == span.start.replace(day=1))
    for tier, customers in start.select("tier", "customers").rows():
        assert moves.filter(from_tier=tier)["customers"].sum() == customers
    turns = tiers.turns(view)
    for name in ("up", "down", "new"):
        assert tier_customers.customers(view, name).collect().height == turns[name]
    assert tiers_headline.headline(view)["net_tier_moves"].value == turns["up"] - turns["down"]


def test_shares_of_the_mix_add_up_and_its_money_is_that_of_the_customers(look: MakeView):
    view = look()
    mix = tiers.mix(view)
    for name in ("customers", "revenue_12m", "profit_12m"):
        shares = mix.group_by("month").agg(pl.col(f"{name}_share").sum())
        assert shares[f"{name}_share"].to_list() == pytest.approx([1.0] * shares.height)
    people = tier_customers.customers(view, tier_customers.EVERYONE).collect()
    cards = tiers_headline.headline(view)
    assert people["revenue_12m"].sum() == cards["revenue_12m"].value
    assert people["profit_12m"].sum() == cards["profit_12m"].value
    assert tiers.concentration(view)["revenue_12m"][-1] == cards["revenue_12m"].value
    assert (
        tier_customers.in_tier(view, tiers.top(view)).collect().height
        == cards["top_tier_customers"].value
    )


def test_subjects_lines_and_expenses_add_up_to_the_budget_cards(look: MakeView):
    view = look()
    cards = budget_headline.headline(view, BUDGET)
    for twin in (budget.by_subject(view, BUDGET), budget.lines(view, BUDGET)):
        assert twin["planned_to_date"].sum() == cards["budget_planned"].value
        assert twin["actual_to_date"].sum() == cards["budget_actual"].value
        over = twin["variance"].sum() / twin["planned_to_date"].sum()
        assert over == pytest.approx(cards["budget_variance"].value)
        assert twin["forecast"].sum() == cards["budget_forecast"].value
    booked = budget.expenses(view, BUDGET, None).collect()
    assert booked["amount"].sum() == cards["budget_actual"].value
    months = budget.over_time(view, BUDGET)
    assert months.filter(phase="complete")["actual"].sum() == cards["budget_actual"].value
    assert months["forecast"].sum() == cards["budget_forecast"].value


def test_a_running_budget_year_is_compared_with_the_same_months_of_the_year_before(look: MakeView):
    view = look()
    lines, spent = data.frame(view, "budget_lines"), data.frame(view, "expenses")
    year_ago = pl.date(2025, 1, 1), pl.date(2025, 10, 31)
    booked = spent.filter(pl.col("spent_on").is_between(*year_ago)).select(pl.col("amount").sum())
    planned = lines.filter(pl.col("period_start").is_between(*year_ago))
    cards = budget_headline.headline(view, BUDGET)
    assert cards["budget_actual"].last_year == booked.collect().item()
    planned_then = planned.select(pl.col("planned").sum()).collect().item()
    assert cards["budget_planned"].last_year == planned_then
    assert [each.code for each in budget_choice.budgets(view).values() if each.version == 1] == [
        BUDGET
    ]


@pytest.mark.parametrize("twin", [budget.by_subject, budget.lines])
def test_the_forecast_at_completion_is_of_the_whole_year_whatever_month_is_compared(
    twin: Callable[[View, str], pl.DataFrame], look: MakeView
):
    at_end = ("subject", "planned_total", "forecast", "forecast_variance_share")
    month, year = twin(look("month"), BUDGET), twin(look(), BUDGET)
    assert month["planned_to_date"].sum() < year["planned_to_date"].sum()
    assert month.select(at_end).sort(at_end).equals(year.select(at_end).sort(at_end))


def test_the_risk_list_adds_up_to_the_cards(look: MakeView):
    view = look()
    cards = churn_risk.headline(view)

    def listed(kind: str, minimum: float) -> pl.DataFrame:
        sort = next(iter(churn_list.SORTS[kind]))
        return churn_list.listed(view, churn_list.Choice(kind, sort, minimum=minimum)).collect()

    assert listed("risk", 0.0)["revenue_at_risk"].sum() == cards["revenue_at_risk"].value
    assert listed("risk", 0.5).height == cards["customers_at_risk"].value
    assert listed("churned", 0.0).height == cards["churned_customers"].value


# KPI: its page, and what customers of unknown value add, whom no filter chooses.
ADDITIVE: dict[str, tuple[Callable[[View], dict[str, Reading]], pl.Expr]] = {
    "customers_at_risk": (churn_risk.headline, (pl.col("p90") >= 0.5).sum()),
    "revenue_at_risk": (churn_risk.headline, pl.col("revenue_at_risk").sum()),
    "churned_customers": (churn_risk.headline, pl.col("churned").sum()),
    "active_customers": (lifecycle_headline.headline, (pl.col("last_order_on") >= START).sum()),
    "new_customers": (lifecycle_headline.headline, (pl.col("first_order_on") >= START).sum()),
}


@pytest.mark.parametrize("dimension", [name for name in DIMENSIONS if name != "owner_id"])
@pytest.mark.parametrize("key", list(ADDITIVE))
def test_filters_by_every_value_and_the_unknown_add_up_to_everything(
    key: str, dimension: str, look: MakeView
):
    headline, added = ADDITIVE[key]
    view = look()
    parts = [
        headline(look(**{dimension: value}))[key].value or 0 for value in values(view, dimension)
    ]
    unknown = data.frame(view, "customer_mart").filter(pl.col(dimension).is_null())
    assert sum(parts) + unknown.select(added).collect().item() == headline(view)[key].value


@pytest.mark.parametrize("dimension", ["segment", "region", "acquisition_channel"])
def test_revenue_by_filter_and_the_unknown_add_up_to_everything(dimension: str, look: MakeView):
    view = look()
    parts = sum(
        tiers_headline.headline(look(**{dimension: value}))["revenue_12m"].value
        for value in values(view, dimension)
    )
    people = tier_customers.customers(view, tier_customers.EVERYONE).collect()
    unknown = people.filter(pl.col(dimension).is_null())["revenue_12m"].sum()
    assert parts + unknown == tiers_headline.headline(view)["revenue_12m"].value
