"""The risk list: every filter against SQL, its order, its definition, and the groups beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import duckdb
import polars as pl
import pytest

from dashboard import data, i18n
from dashboard.answers import churn_list, churn_risk, churn_segments, customer
from dashboard.answers.churn_list import SORTS, Choice
from dashboard.panels import reasons
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.churn.definitions import choices, standard_code
from metrics.selection import Selection
from tests.conftest import Installation


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


def ids(view: View, choice: Choice) -> list[str]:
    return churn_list.listed(view, choice).collect()["customer_id"].to_list()


RISK, CHURNED = Choice("risk", "p90"), Choice("churned", "total")
FILTERS = {
    "all": (RISK, "p90 > 0"),
    "likely": (replace(RISK, minimum=0.5), "p90 >= 0.5"),
    "silent": (replace(RISK, silent=(60, 120)), "p90 > 0 and silent_days between 60 and 120"),
    "silent from": (replace(CHURNED, silent=(300, None)), "churned and silent_days >= 300"),
    "value to": (replace(RISK, value=(None, 500_000)), "p90 > 0 and revenue_12m <= 500000"),
    "value": (
        replace(CHURNED, value=(1, 2_000_000)),
        "churned and revenue_12m between 1 and 2000000",
    ),
    "tickets": (replace(RISK, tickets=1), "p90 > 0 and open_tickets >= 1"),
    "detractors": (replace(RISK, nps=("detractor",)), "p90 > 0 and last_nps between 0 and 6"),
    "never asked": (
        replace(CHURNED, nps=("none", "promoter")),
        "churned and (last_nps is null or last_nps >= 9)",
    ),
    "red": (replace(RISK, warning=("red",)), "warning = 'red'"),
    "none or blue": (
        replace(RISK, warning=("none", "blue")),
        "(p90 > 0 and warning is null) or warning = 'blue'",
    ),
    "id": (replace(CHURNED, search="c00000"), "churned and customer_id like 'C00000%'"),
    "all at once": (
        replace(RISK, minimum=0.1, silent=(20, None), value=(10_000, None), nps=("none",)),
        "p90 >= 0.1 and silent_days >= 20 and revenue_12m >= 10000 and last_nps is null",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_keeps_what_sql_keeps(name: str, view: View):
    choice, condition = FILTERS[name]
    mart = data.frame(view, "customer_mart").drop("drivers").collect()  # noqa: F841 - read below
    rows = duckdb.sql(f"select customer_id from mart where {condition}").fetchall()
    expected = {row[0] for row in rows}
    assert set(ids(view, choice)) == expected
    assert churn_list.totals(view, choice)[0] == len(expected)
    assert expected


@pytest.mark.parametrize("search", ["%", ".*", "[", "\\", "(", "'; drop table", "ＡＢ"])
def test_what_is_typed_is_looked_for_as_it_is(search: str, view: View):
    names = data.frame(view, "customer_mart").filter("churned").select("name").collect()["name"]
    expected = sum(search.lower() in (name or "").lower() for name in names)
    assert len(ids(view, replace(CHURNED, search=search))) == expected


@pytest.mark.parametrize(("kind", "sort"), [(k, s) for k, sorts in SORTS.items() for s in sorts])
def test_every_order_is_complete_and_decided(kind: str, sort: str, view: View):
    rows = churn_list.listed(view, Choice(kind, sort)).collect()
    column = rows[SORTS[kind][sort]]
    if sort == "contact":
        known = column.drop_nulls()
        assert known.is_sorted()
        assert column[: column.null_count()].null_count() == column.null_count()
    else:
        assert column.drop_nulls().is_sorted(descending=True)
    assert rows["customer_id"].n_unique() == rows.height > 20
    assert ids(view, Choice(kind, sort)) == rows["customer_id"].to_list()


@pytest.mark.parametrize("code", [code for code in choices() if code != standard_code()])
def test_another_definition_moves_list_cards_and_groups_together(code: str, view: View):
    other = replace(view, definition=choices()[code])
    cards, found = churn_risk.headline(other), churn_risk.summary(other)
    assert len(ids(other, CHURNED)) == cards["churned_customers"].value
    assert len(ids(other, replace(RISK, minimum=0.5))) == cards["customers_at_risk"].value
    n, at_risk, _ = churn_list.totals(other, RISK)
    assert (n, at_risk) == (found["may_churn"], cards["revenue_at_risk"].value)
    groups = churn_segments.segments(other, ("tier", "region"))
    assert groups["revenue_at_risk"].sum() == at_risk
    assert groups["scored"].sum() == found["scored"]
    assert cards["churned_customers"].value != churn_risk.headline(view)["churned_customers"].value
    told = churn_risk.definitions(view).row(by_predicate=pl.col("code") == code, named=True)
    assert told["churned"] == cards["churned_customers"].value
    assert told["win_back_rate"] == cards["win_back_rate"].value


def test_another_definition_is_held_against_no_past(view: View):
    cards = churn_risk.headline(replace(view, definition=choices()["90d"]))
    for key in ("customers_at_risk", "revenue_at_risk", "churned_customers", "win_back_rate"):
        card = cards[key]
        assert (card.previous, card.last_year, card.trend) == (None, None, ())
    assert cards["year_survival"] == churn_risk.headline(view)["year_survival"]


NARROWED = [
    (),
    (("tier", ("high",)),),
    (("tier", ("mid", "basic")),),
    (("stage", ("churned",)),),
    (("region", ("east_china",)), ("tier", ("basic",))),
]


@pytest.mark.parametrize("filters", NARROWED)
def test_the_comparison_says_of_each_definition_what_the_card_says(filters: tuple, view: View):
    chosen = replace(view, selection=Selection(filters))
    told = churn_risk.definitions(chosen)
    for code, definition in choices().items():
        by = chosen if code == standard_code() else replace(chosen, definition=definition)
        row = told.row(by_predicate=pl.col("code") == code, named=True)
        cards = churn_risk.headline(by)
        card = cards["win_back_rate"]
        assert (row["win_back_rate"], row["lapsed"] or None) == (card.value, card.n)
        assert (row["win_back_rate_low"], row["win_back_rate_high"]) == (card.low, card.high)
        if "stage" not in dict(filters):
            assert row["churned"] == cards["churned_customers"].value
    standard = told.filter(pl.col("code") == standard_code())["lapsed"].item()
    whole = churn_risk.definitions(view).filter(pl.col("code") == standard_code())
    assert 0 < standard < whole["lapsed"].item() or "tier" not in dict(filters)


def test_a_filter_of_the_page_narrows_what_another_definition_says(view: View):
    code, tiers = choices()["180d"], ("high",)
    narrowed = replace(view, definition=code, selection=Selection((("tier", tiers),)))
    every = churn_risk.customers(replace(view, definition=code)).collect()
    kept = churn_risk.customers(narrowed).collect()
    assert kept["customer_id"].to_list() == every.filter(tier="high")["customer_id"].to_list()
    assert kept.height > 0


def test_without_a_model_the_list_goes_by_silence_and_groups_are_empty(
    opened: Callable[[Installation], None], empty: Installation
):
    opened(empty)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    assert ids(view, Choice("silence", "share")) == []
    assert churn_segments.segments(view, ("tier",)).is_empty()
    other = replace(view, definition=choices()["90d"])
    assert churn_list.totals(other, Choice("churned", "total")) == (0, 0, 0)


def test_the_past_of_a_customer_ends_with_today(view: View):
    rows = churn_list.listed(view, RISK).collect()
    for row in rows.head(5).iter_rows(named=True):
        past = customer.risk_history(view, row["customer_id"])
        now = past.row(-1, named=True)
        assert now["as_of"] == data.as_of(view, "orders")
        assert now["p90"] == pytest.approx(row["p90"], abs=1e-12)
        assert now["revenue_at_risk"] == row["revenue_at_risk"]
        assert (now["silent_days"], now["tau_days"]) == (row["silent_days"], row["tau_days"])
        assert past["as_of"].is_sorted()


def test_broken_promises_of_a_customer_are_those_of_the_service_page(view: View):
    facts = data.frame(view, "ticket_facts").filter(pl.col("sla_state") == "missed")
    many = facts.group_by("customer_id").len().sort("len", "customer_id", descending=True)
    who = many.drop_nulls().head(3).collect()
    for customer_id, missed in who.iter_rows():
        events = customer.events(view, customer_id).filter(kind="ticket")
        assert events.filter(pl.col("broken").list.len() > 0).height == missed
        assert events.filter(pl.col("broken").list.len() > 0)["warns"].all()


def test_the_reason_of_a_customer_under_contract_is_of_the_contract(view: View):
    """Neither "No purchase yet" nor a silence, which says nothing of a contract."""
    choice = Choice("risk", "revenue_at_risk", warning=("red", "yellow", "blue"))
    rows = churn_list.listed(view, choice).collect()
    under = data.frame(view, "customer_mart").drop_nulls("contract_days").collect()
    held = rows.filter(pl.col("customer_id").is_in(under["customer_id"].implode()))
    told = {reasons.reason(facts) for facts in held["reason"].to_list()}
    assert held.height > 10
    assert all(facts["contract_days"] > 0 for facts in held["reason"].to_list())
    assert i18n.t("reason.no_purchase") not in told


def test_the_end_of_a_contract_is_the_reason_told_also_when_it_is_still_to_come():
    day = date(2026, 12, 24)
    told = [reasons.reason({name: day}) for name in ("contract_ended_on", "contract_ends_on")]
    assert len(set(told)) == 2
    assert all("24" in words for words in told)
