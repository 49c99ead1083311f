"""What is read from a mart made for speed is what its facts say, filtered or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard import data
from dashboard.answers import lifecycle, lifecycle_headline, service, tiers, voice
from dashboard.resident import COUNTED, HELD, as_text
from dashboard.view import View
from data_access.contract import TABLES
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics import sla, surveys
from metrics.revenue import is_purchase
from metrics.selection import CHOICES, DIMENSIONS, Period, Selection, months_code
from metrics.tiers.history import tiers_between
from metrics.tiers.scheme import scheme, scheme_codes
from tests.conftest import Installation

CHOSEN: dict[str, dict[str, tuple[str, ...]]] = {
    "everybody": {},
    "tiers": {"tier": ("high", "mid")},
    "today's": {"region": ("east_china",), "segment": ("retail", "finance")},
    "stages": {"stage": ("warning", "churned"), "acquisition_channel": ("referral",)},
    "nobody": {"region": ("nowhere",)},
}


@pytest.fixture(params=list(CHOSEN))
def chosen(
    request: pytest.FixtureRequest, opened: Callable[[Installation], None], demo: Installation
) -> Selection:
    opened(demo)
    return Selection(tuple(CHOSEN[request.param].items()))


def look(chosen: Selection, period: str = "year", who: Principal = LOCAL_ADMINISTRATOR) -> View:
    return View(data.current_version(), who, period, "previous", chosen)


@pytest.mark.parametrize("name", list(HELD))
def test_what_is_held_in_memory_is_what_is_on_disk(name: str, chosen: Selection):
    view = look(chosen)
    rows = data.snapshot(view).scan(name, LOCAL_ADMINISTRATOR)
    on_disk = as_text(rows.drop(column for column in rows.collect_schema() if "__" in column))
    if name in COUNTED:
        on_disk, held = on_disk.select(COUNTED[name]), data.counted(view, name)
    elif set(DIMENSIONS) <= set(on_disk.collect_schema().names()):
        held = data.selected(view, name)
    else:
        assert_frame_equal(data.frame(view, name).collect(), on_disk.collect())
        return
    assert_frame_equal(held.collect(), chosen.of(on_disk).collect())


def stored_by(view: View, name: str) -> pl.LazyFrame:
    """A mart on disk by the scheme of a view, put together without the code under test."""
    tables = data.snapshot(view).manifest.tables
    own = f"{name}__{view.scheme}"
    rows = data.snapshot(view).scan(own if own in tables else name, LOCAL_ADMINISTRATOR)
    names = rows.collect_schema().names()
    told = {column: f"{column}__{view.scheme}" for column in names}
    return rows.select(
        pl.col(told[column] if told[column] in names else column).alias(column)
        for column in names
        if "__" not in column
    )


@pytest.mark.parametrize("code", scheme_codes()[1:])
@pytest.mark.parametrize(
    "name",
    ["customer_mart", "tier_months", "tier_history", "risk_months", "survey_facts", "breaches"],
)
def test_a_view_is_told_the_tiers_of_its_scheme(
    name: str, code: str, opened: Callable[[Installation], None], demo: Installation
):
    opened(demo)
    best = scheme(code).codes[0]
    chosen = Selection((("tier", (best,)),))
    view = replace(look(chosen), scheme=code)
    expected = stored_by(view, name).collect()
    assert_frame_equal(data.frame(view, name).collect(), expected)
    assert set(expected["tier"].drop_nulls()) <= set(scheme(code).codes)
    theirs = expected.filter(pl.col("tier") == best)
    assert 0 < theirs.height < expected.height
    assert_frame_equal(data.selected(view, name).collect(), theirs)
    if name in COUNTED:
        counted = data.counted(view, name).collect()
        assert_frame_equal(counted, theirs.select(counted.columns))


@pytest.mark.parametrize("code", scheme_codes())
def test_the_moves_of_a_scheme_are_between_its_tiers(
    code: str, opened: Callable[[Installation], None], demo: Installation
):
    opened(demo)
    view = replace(look(Selection()), scheme=code)
    history = data.frame(view, "tier_history")
    span = tiers.span(view)
    assert span is not None
    expected = tiers_between(history, span.start, span.end).collect()
    moves = tiers.moved(view)
    assert moves["customers"].sum() == expected.height > 0
    tiers_of = {*moves["from_tier"], *moves["to_tier"]}
    assert tiers_of == {*scheme(code).codes, "new", "gone"}
    turned = tiers.turns(view)
    assert turned["up"] > 0 < turned["down"]


def test_whatever_tells_of_tiers_tells_of_them_by_every_scheme(
    opened: Callable[[Installation], None], demo: Installation
):
    opened(demo)
    tables = data.snapshot(look(Selection())).manifest.tables
    marts = {name: set(table.schema) for name, table in tables.items() if name not in TABLES}
    for name, columns in marts.items():
        for column in {"tier", "first_tier", "tier_then"} & columns:
            for code in scheme_codes()[1:]:
                own = f"{name}__{code}"
                assert "__" in name or own in marts or f"{column}__{code}" in columns, (name, code)


@pytest.mark.parametrize("name", list(COUNTED))
def test_a_limited_reader_counts_only_his_own_rows(name: str, chosen: Selection):
    data.counted(look(chosen), name)  # in memory now, with everybody's rows
    view = look(chosen, who=Principal("x", "manager", regions=("east_china",)))
    regions = data.counted(view, name).select(pl.col("region").unique()).collect()["region"]
    assert set(regions) <= {"east_china"}


@pytest.mark.parametrize("period", [*CHOICES, months_code("2025-12", "2026-03")])
def test_moves_are_those_of_the_tier_history(period: str, chosen: Selection):
    view = look(chosen, period)
    span = tiers.span(view)
    if span is None:
        assert tiers.moved(view)["customers"].sum() == 0
        return
    today = tiers.without_tier(view)
    staged = any(name == "stage" for name, _ in chosen.filters)
    people = data.selected(today, "customer_mart" if staged else "customers")
    history = data.frame(view, "tier_history").join(people, on="customer_id", how="semi")
    expected = tiers_between(history, span.start, span.end).sort("customer_id").collect()
    assert_frame_equal(tiers.ends_of(view, span).collect(), expected)
    assert tiers.moved(view)["customers"].sum() == expected.height


@pytest.mark.parametrize("period", [*CHOICES, months_code("2025-12", "2026-03")])
def test_active_customers_are_those_with_an_order(period: str, chosen: Selection):
    view = look(chosen, period)
    days = lifecycle.topic(view).period(view)
    card = lifecycle_headline.headline(view)["active_customers"]
    cards = (card.value, card.previous, card.last_year)
    for count, when in zip(cards, (days, *view.earlier(days)), strict=True):
        if when is not None and count is not None:
            assert count == with_an_order(view, when)


@pytest.mark.parametrize("chosen", ["everybody", "today's", "tiers", "stages"], indirect=True)
def test_a_choice_that_follows_from_buying_has_no_past_of_buyers(chosen: Selection):
    cards = lifecycle_headline.headline(look(chosen, "month"))
    dimensions = {name for name, _ in chosen.filters}
    for key in ("active_customers", "new_customers"):
        card = cards[key]
        told = [card.previous is not None, card.last_year is not None, bool(card.trend)]
        assert told == [not dimensions & {"tier", "stage"}] * 3
        assert card.value is not None


def with_an_order(view: View, period: Period) -> int:
    orders = data.frame(view, "orders").filter(is_purchase() & period.holds(pl.col("ordered_on")))
    people = data.selected(view, "customer_mart").join(orders, on="customer_id", how="semi")
    return people.collect().height


@pytest.mark.parametrize("group", [None, "promoter", "passive", "detractor"])
def test_comments_are_those_of_the_answers_in_their_order(group: str | None, chosen: Selection):
    view = look(chosen)
    answers = voice.answers(view)
    inside = answers.rows.filter(answers.period(view).holds(pl.col(answers.day)))
    expected = surveys.comments(inside)
    if group is not None:
        expected = expected.filter(pl.col("nps_group") == group)
    assert_frame_equal(voice.written(view, group).drop("name").collect(), expected.collect())


@pytest.mark.parametrize("only_open", [False, True])
def test_breaches_are_those_of_the_tickets_in_their_order(chosen: Selection, *, only_open: bool):
    view = look(chosen)
    expected = sla.breaches(service.inside(view), as_of=service.moment(view))
    if only_open:
        expected = expected.filter(pl.col("is_open"))
    names = expected.collect_schema().names()
    found = service.breaches(view, only_open=only_open).select(names)
    assert_frame_equal(found.collect(), expected.collect())
