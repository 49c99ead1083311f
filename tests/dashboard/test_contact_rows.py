"""Every list of the contact page holds as many rows as its number says, whatever is filtered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    contact,
    contact_cadence,
    contact_channels,
    contact_frequency,
    contact_headline,
    contact_named,
    contact_rows,
    contact_trials,
)
from dashboard.answers.contact_rows import Cut
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.contact.cadence import STATES
from metrics.contact.experiments import OUTCOMES
from metrics.contact.topics import PURPOSE, SCRIPT
from metrics.selection import Selection
from metrics.tiers.history import with_tier
from tests.conftest import Installation
from tests.dashboard.test_rows_behind import Expected, assert_counts, chosen

VIEWS = [
    ("month", "everybody"),
    ("last_quarter", "tier"),
    ("last_quarter", "stage"),
    ("year", "region"),
]


@pytest.fixture(params=VIEWS, ids=" ".join)
def view(
    request: pytest.FixtureRequest, opened: Callable[[Installation], None], demo: Installation
) -> View:
    opened(demo)
    return chosen(*request.param)


def contacts(view: View, cut: Cut, numbers: dict[str, int]) -> Expected:
    """The lists of some groups of a cut, each with its number in the chart."""
    assert contact_rows.counted(view, cut, tuple(numbers)) == numbers
    for name, number in numbers.items():
        found = contact_rows.listed(view, cut, name)
        assert found.total == number, name
        if number:
            yield f"{cut} {name}", found.slice(0, number + 1), number


def test_contacts_of_every_share_and_step(view: View):
    readings = contact_headline.headline(view)
    steps = dict(contact.funnel(view).select("step", "contacts").rows())
    wanted = dict(steps)
    for key, (part, whole) in contact.PARTS.items():
        sums = contact.inside(view, contact.contacts(view)).select(pl.col(part, whole).sum())
        yes, judged = sums.row(0)
        wanted |= {f"{key}.yes": yes, f"{key}.no": judged - yes}
        found = readings[key]
        if found.value is not None and key != "operation_fit":  # that counts coupons, too
            assert (yes, judged) == (round(found.value * judged), found.n), key
    wanted["unopened"] = steps["delivered"] - steps["opened"]
    wanted["unacted"] = steps["engaged"] - steps["acted"]
    assert_counts(contacts(view, Cut(), wanted))


@pytest.mark.parametrize("dimension", contact.GROUPS)
def test_contacts_of_every_cell(dimension: str, view: View):
    def expected() -> Expected:
        for row in contact.matrix(view, dimension).gather_every(5).iter_rows(named=True):
            cut = Cut(((dimension, row[dimension]), ("channel", row["channel"])))
            silent = row["judged"] - row["answered"]
            yield from contacts(view, cut, {"answered": row["answered"], "silent": silent})

    assert_counts(expected())


def test_contacts_of_every_channel_and_topic(view: View):
    def expected() -> Expected:
        for row in contact_channels.touchpoints(view).drop_nulls("response_rate").to_dicts():
            numbers = {"all": row["volume"], "ours": row["outbound"]}
            yield from contacts(view, Cut((("channel", row["channel"]),)), numbers)
        for kind in (SCRIPT, PURPOSE):
            for row in contact.by_topic(view, kind).iter_rows(named=True):
                numbers = {"ours": row["sent"], "answered": row["answered"]}
                numbers |= {"converted": row["converted"], "by_rule": row["by_rule"]}
                yield from contacts(view, Cut(((kind, row["topic"]),)), numbers)

    assert_counts(expected())


def test_contacts_of_every_month(view: View):
    def expected() -> Expected:
        months = contact_frequency.months(view, contact.contacts(view))
        for row in months.gather_every(9).iter_rows(named=True):
            days = contact_rows.month(view, row["month"])
            yield from contacts(view, Cut(days=days), {"two_way": row["two_way"]})
        calls = contact.over_time(view, contact.measures.CALL_MINUTES, "month")
        for row in calls.gather_every(4).iter_rows(named=True):
            days = contact_rows.point(view, row["bucket"].isoformat())
            yield from contacts(view, Cut(days=days), {"calls": row["calls"]})

    assert_counts(expected())


def test_calls_last_as_long_as_the_chart_says(view: View):
    found = contact_headline.headline(view)["call_minutes"]
    listed = contact_rows.listed(view, Cut(), "calls")
    minutes = listed.slice(0, listed.total).collect()["talk_minutes"]
    assert minutes.null_count() == 0
    assert minutes.mean() == pytest.approx(found.value)


@pytest.mark.parametrize("channel", [None, "phone"])
def test_contacts_of_every_hour(channel: str | None, view: View):
    def expected() -> Expected:
        for row in contact.hours(view, channel).gather_every(11).iter_rows(named=True):
            numbers = {"answered": row["answered"], "silent": row["judged"] - row["answered"]}
            for verdict, number in numbers.items():
                at = (row["weekday"], row["hour"], verdict)
                found = contact_rows.at_hour(view, channel, *at)
                assert found.total == number
                if number:
                    yield f"{at}", found.slice(0, number + 1), number

    assert_counts(expected())


def test_the_time_shown_is_that_of_the_hour_asked_for(view: View):
    row = contact.hours(view, None).filter(pl.col("answered") > 0).row(0, named=True)
    found = contact_rows.at_hour(view, None, row["weekday"], row["hour"], "answered")
    made = contact_named.told(view, found.slice(0, 12)).collect()["made"]
    assert set(made.dt.hour()) == {row["hour"]}
    assert set(made.dt.weekday()) == {row["weekday"]}


def test_customers_of_every_cadence(view: View):
    def cuts() -> Iterator[tuple[contact_cadence.Cut, dict[str, int]]]:
        for row in contact_cadence.of_rules(view).iter_rows(named=True):
            yield contact_cadence.Cut(rule=row["rule"]), row
        for dimension in contact_cadence.GROUPS:
            for row in contact_cadence.by_group(view, dimension).iter_rows(named=True):
                yield contact_cadence.Cut(dimension=dimension, value=row[dimension]), row

    def expected() -> Expected:
        for cut, row in cuts():
            counted = contact_cadence.counted(view, cut)
            for state in STATES:
                assert counted[state] == row[state]
                yield f"{cut} {state}", contact_cadence.customers(view, state, cut), row[state]

    assert_counts(expected())


def test_customers_reached_personally_and_coupons_that_suit(view: View):
    reach, (fits, judged) = contact_cadence.reach(view), contact_trials.coupons(view)
    lists = {
        "personal": (contact_cadence.reached_by(view, "yes"), reach["personal"]),
        "not": (contact_cadence.reached_by(view, "no"), reach["present"] - reach["personal"]),
        "suit": (contact_trials.coupons_by_fit(view, "yes"), fits),
        "do not": (contact_trials.coupons_by_fit(view, "no"), judged - fits),
    }
    assert_counts((name, rows, number) for name, (rows, number) in lists.items())


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_members_of_every_experiment(outcome: str, view: View):
    def expected() -> Expected:
        for row in contact_trials.lifts(view, outcome).iter_rows(named=True):
            counted = contact_trials.members_counted(view, row["experiment_id"], outcome)
            for side in ("tried", "control"):
                yes, no = counted[f"{side}.yes"], counted[f"{side}.no"]
                assert yes + no == row[side]
                assert yes == round((row[f"{side}_share"] or 0) * row[side])
            for group, number in counted.items():
                rows = contact_trials.members(view, row["experiment_id"], outcome, group)
                yield f"{row['name']} {group}", rows, number

    assert_counts(expected())


def test_a_page_far_back_is_that_of_the_whole_list(view: View):
    found = contact_rows.listed(view, Cut(), "all")
    whole = found.slice(0, found.total).collect()
    assert whole["occurred_at"].is_sorted(descending=True)
    assert whole["interaction_id"].n_unique() == found.total
    for page in (1, found.total // 24, found.total // 12):
        ids = found.slice(page * 12, 12).collect()["interaction_id"]
        assert ids.to_list() == whole["interaction_id"].slice(page * 12, 12).to_list()


def test_a_page_says_whom_the_contacts_were_about_then(view: View):
    found = contact_rows.listed(view, Cut(), "silent")
    page = found.slice(5, 40).collect()
    told = contact_named.told(view, page.lazy()).collect()
    assert told["interaction_id"].to_list() == page["interaction_id"].to_list()
    history = data.frame(view, "tier_history")
    expected = with_tier(page.drop("tier").lazy(), history, day="occurred_on").collect()
    tiers = dict(expected.select("interaction_id", "tier").rows())
    assert told["tier"].to_list() == [tiers[each] for each in told["interaction_id"]]
    names = dict(data.frame(view, "customer_mart").select("customer_id", "name").collect().rows())
    assert told["name"].to_list() == [names.get(each) for each in told["customer_id"]]


def test_contacts_are_those_of_the_reader(
    opened: Callable[[Installation], None], demo: Installation
):
    opened(demo)
    reader = Principal("lead", "success_lead", regions=("east_china",))
    view = View(data.current_version(), reader, "year", "previous", Selection())
    found = contact_rows.listed(view, Cut(), "silent")
    listed = found.slice(0, found.total + 1).collect()
    own = data.frame(view, "customers").select("customer_id").collect()["customer_id"]
    assert listed.height == found.total > 0
    assert set(listed["customer_id"]) <= {*own}


def test_who_cannot_be_named_keeps_a_row(
    opened: Callable[[Installation], None], demo: Installation
):
    opened(demo)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "all", "previous", Selection())
    rows = data.frame(view, "interactions").filter(pl.col("occurred_on") <= contact.as_of(view))
    here = data.frame(view, "customer_mart").select("customer_id")
    nobodys = rows.join(here, on="customer_id", how="anti").select(pl.len()).collect().item()
    found = contact_rows.listed(view, Cut(), "all")
    page = contact_named.told(view, found.slice(0, found.total))
    listed = page.select("customer_id", "name").collect()
    assert listed["customer_id"].null_count() == listed["name"].null_count() == nobodys > 0
