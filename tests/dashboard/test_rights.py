"""Every answer of every page, asked by readers with a limited scope: nobody else's customer."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

import dashboard.answers
from dashboard import data
from dashboard.answers import (
    casework,
    closed_cases,
    contact_rows,
    service_rows,
    voice_rows,
    worklist,
)
from dashboard.answers.churn_follow_up import Told
from dashboard.answers.churn_list import Choice
from dashboard.stretches import Stretches
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.churn.definitions import choices
from metrics.selection import Selection
from tests.conftest import NOW, Installation

Answer = Callable[..., Any]
NOBODY = Principal("x", "manager", regions=())


def views(principal: Principal) -> tuple[View, View]:
    """All of a reader's customers, and all of everybody's."""
    version = data.current_version()
    return (
        View(version, principal, "all", "previous", Selection()),
        View(version, LOCAL_ADMINISTRATOR, "all", "previous", Selection()),
    )


def answers() -> Iterator[tuple[str, Answer, list[str]]]:
    """Every public function of the answers that takes a view, with its other needed arguments."""
    for found in pkgutil.iter_modules(dashboard.answers.__path__):
        module = importlib.import_module(f"dashboard.answers.{found.name}")
        for name, function in inspect.getmembers(module, callable):
            own = inspect.unwrap(function)
            if (
                name.startswith("_")
                or not inspect.isfunction(own)
                or own.__module__ != module.__name__
            ):
                continue
            parameters = list(inspect.signature(own).parameters.values())
            fixed = all(each.kind is not each.VAR_POSITIONAL for each in parameters)
            if fixed and parameters and parameters[0].name == "view":
                needed = [each.name for each in parameters[1:] if each.default is each.empty]
                yield f"{found.name}.{name}", function, needed


def texts(result: Any) -> set[str]:
    """Every text in a result."""
    if isinstance(result, Stretches):
        result = result.slice(0, result.total)
    if isinstance(result, pl.LazyFrame):
        result = result.collect()
    if isinstance(result, pl.DataFrame):
        series = (column for column in result.get_columns() if column.dtype == pl.String)
        return {text for column in series for text in column.drop_nulls().to_list()}
    return {result} if isinstance(result, str) else set()


@pytest.fixture(params=["region", "owner_id", "nobody"])
def limited(request, demo: Installation, opened) -> Principal:
    opened(demo)
    if request.param == "nobody":
        return NOBODY
    _, everybody = views(NOBODY)
    values = data.frame(everybody, "customers").select(pl.col(request.param).drop_nulls())
    first = values.collect().to_series().value_counts(sort=True)[request.param][-1]
    if request.param == "region":
        return Principal("x", "manager", regions=(first,))
    return Principal("x", "success_lead", owner_id=first)


def test_no_answer_names_a_customer_outside_the_scope(limited: Principal):
    view, everybody = views(limited)
    own = data.frame(view, "customers").select("customer_id", "name").collect()
    others = data.frame(everybody, "customers").join(own.lazy(), on="customer_id", how="anti")
    foreign = others.select("customer_id", "name").collect()
    secret = {*foreign["customer_id"], *foreign["name"].drop_nulls()} - {*own["name"].drop_nulls()}
    given = {
        "customer_id": foreign["customer_id"][0], "dimension": "tier", "key": "nps",
        "clock": "first_response", "grain": "month", "search": "", "only_open": False,
        "stage": "warning", "moves": "new", "cut_off": 10_000, "tier": "basic", "step": "second",
        "case": "too_young", "days": 90, "group": "all", "state": "met", "age": "all",
        "overdue": False, "first": date(2025, 11, 1), "months": 1, "bought": False,
        "month": date(2026, 9, 1), "retained": True,
    }  # fmt: skip
    now = casework.state()
    special = {
        "casework.assigned": {"_": now},
        "casework.followed": {"_": now},
        "casework.moved": {"state": now, "owners": ("E0001",)},
        "casework.owners": {"state": now},
        "closed_cases.counts": {"choice": closed_cases.choose("all")},
        "closed_cases.listed": {"choice": closed_cases.choose("all")},
        "closed_cases.totals": {"choice": closed_cases.choose("all")},
        "customer.with_owner": {"found": own.head(0).with_columns(owner_id="name", owner="name")},
        "casework.reactivations": {"state": now},
        "worklist.chances": {"state": now},
        "worklist.listed": {"choice": worklist.choose(10)},
        "contact_cadence.customers": {"state": "under"},
        "contact_cadence.reached_by": {"verdict": "no"},
        "contact_rows.listed": {"cut": contact_rows.Cut(), "name": "silent"},
        "contact_rows.at_hour": {"channel": None, "weekday": 3, "hour": 10, "verdict": "silent"},
        "contact_trials.coupons_by_fit": {"verdict": "yes"},
        "contact_trials.members": {"experiment": "X01", "outcome": "engaged", "group": "tried.no"},
        "churn_follow_up.followed": {"told": Told(now, NOW)},
        "churn_follow_up.warned": {"customers": [foreign["customer_id"][0]]},
        "churn_list.listed": {"choice": Choice("churned", "total")},
        "churn_list.totals": {"choice": Choice("churned", "total")},
        "churn_segments.segments": {"by": ("tier",)},
        "file_rows.listed": {"group": "stale"},
        "list_quality.of_list": {"size": 100},
        "model_quality.by_group": {"group": "regime"},
        "model_quality.expected": {"revenue_at_risk": 100.0},
        "model_quality.scatter": {"what": "revenue"},
        "quality_headline.headline": {"size": 100},
        "loyalty.against": {"outcome": "stayed"},
        "loyalty_rows.coupons": {"kind": "mass", "use": "unused"},
        "loyalty_rows.members": {"group": "passive"},
        "loyalty_rows.of_landmark": {"outcome": "other_stayed"},
        "loyalty_rows.of_level": {"level": "silver"},
        "loyalty_rows.recommendations": {"group": "won"},
        "loyalty_rows.used": {"kind": "mass"},
        "service.by_group": {"dimension": "grade"},
        "service_rows.compared": {"case": "both_met"},
        "survival_rows.customers": {"dimension": "tier", "group": "basic"},
        "voice_rows.counted": {"cut": voice_rows.Cut("nps")},
        "voice_rows.rows": {"cut": voice_rows.Cut("nps")},
        "rectification.entries": {"state": "late", "department": ""},
        "rectification.waiting": {"step": "analysed"},
        "service_cases.over_time": {"key": "recurrence"},
        "service_quality_rows.counted": {"measured": "recurrence"},
        "service_quality_rows.hand_overs": {"verdict": "carried"},
        "service_quality_rows.of_category": {"category": "billing"},
        "service_quality_rows.tickets": {"measured": "resolution_30d", "verdict": "yes"},
        "service_rows.counted": {"cut": service_rows.Cut("overall")},
        "service_rows.judged": {"cut": service_rows.Cut("overall")},
    }
    asked = 0
    for name, answer, needed in answers():
        offered = given | special.get(name, {})
        if set(needed) <= offered.keys():
            arguments = {each: offered[each] for each in needed}
            answer(everybody, **arguments)  # so that a shared cache would give itself away
            assert not texts(answer(view, **arguments)) & secret, name
            asked += 1
    assert asked > 60


def test_another_definition_of_churn_widens_no_scope(limited: Principal):
    from dashboard.answers import churn_risk

    view, everybody = (replace(each, definition=choices()["90d"]) for each in views(limited))
    own = data.frame(view, "customers").select("customer_id").collect()["customer_id"]
    assert churn_risk.customers(everybody).collect().height > len(own)  # would fill a shared cache
    assert set(churn_risk.customers(view).collect()["customer_id"]) <= set(own)


def test_a_customer_outside_the_scope_has_no_page(limited: Principal):
    from dashboard.answers import customer

    view, everybody = views(limited)
    own = data.frame(view, "customers").select("customer_id")
    others = data.frame(everybody, "customers").join(own, on="customer_id", how="anti")
    for foreign in others.select("customer_id").head(5).collect().to_series():
        assert customer.profile(everybody, foreign) is not None
        assert customer.profile(view, foreign) is None
        assert customer.events(view, foreign).is_empty()
        assert customer.find(view, foreign).is_empty()


def test_rows_of_nobody_and_company_money_are_hidden_from_limited_readers(limited: Principal):
    view, everybody = views(limited)
    for name in data.snapshot(view).manifest.tables:
        mine, all_ = data.frame(view, name).collect(), data.frame(everybody, name).collect()
        assert mine.height <= all_.height, name
        if "customer_id" in mine.columns:
            assert mine["customer_id"].null_count() == 0, name
    assert data.frame(view, "expenses").collect().is_empty()
    assert data.frame(view, "budget_months").collect().is_empty()


def test_the_past_of_the_cards_is_that_of_the_own_customers(limited: Principal):
    from dashboard.answers import churn_risk

    view, everybody = views(limited)
    view, everybody = (replace(each, period_code="year") for each in (view, everybody))
    mine, all_ = (churn_risk.headline(each)["churned_customers"] for each in (view, everybody))
    own = data.frame(everybody, "risk_months")
    if limited.regions is not None:
        own = own.filter(pl.col("region").is_in(list(limited.regions)))
    if limited.owner_id is not None:
        own = own.filter(pl.col("owner_id") == limited.owner_id)
    days = own.group_by("day").agg(pl.col("churned").sum()).sort("day").collect()
    assert mine.trend == tuple(days["churned"].tail(13))
    assert (mine.last_year or 0) < all_.last_year


def test_examples_of_rejected_rows_are_for_those_who_see_everything(limited: Principal):
    from dashboard.answers import data_health

    view, _ = views(limited)
    assert set(data_health.rejections(view)["examples"]) <= {""}
