"""Cadence, fit, stretches of months and experiments, on cases worked by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from metrics.contact import cadence, experiments, months, rows
from metrics.contact import people as whose
from metrics.contact.flags import COUNTS, looked_up, plain_flags, tier_flags
from metrics.contact.rollup import OWNER
from metrics.contact.rule import Cadence, cadences, fit
from metrics.dimensions import Dimensions
from metrics.numbering import NUMBER
from metrics.rules import load
from metrics.selection import DIMENSIONS, Period, period, previous
from metrics.tiers.scheme import scheme, scheme_codes

AS_OF = date(2026, 10, 15)
WEEKLY = Cadence("weekly", "s", "high", 1, 2, 7, "S0", channels=("email",))
THRICE = Cadence("thrice", "s", "high", 3, 6, 30, "S3", personalised=True)
SCHEME = "value_spend_s0"


def contact(day: date, number: int | None = 0, **more: Any) -> dict[str, Any]:
    usual = {
        NUMBER: number,
        "occurred_at": datetime(day.year, day.month, day.day, 10, tzinfo=UTC),
        "occurred_on": day,
        "direction": "outbound",
        "channel": "email",
        "purpose": "care",
        "cost": 5,
    }
    return {**dict.fromkeys(SCHEMA), **usual, **more}


SCHEMA: dict[str, Any] = {
    NUMBER: pl.Int32,
    "occurred_at": pl.Datetime("us", "UTC"),
    "occurred_on": pl.Date,
    **dict.fromkeys(("direction", "channel", "purpose", "content", "positioning"), pl.String),
    **dict.fromkeys(("responded", "personalised", "standard_met", "delivered"), pl.Boolean),
    **dict.fromkeys(("opened", "clicked", "converted"), pl.Boolean),
    **dict.fromkeys(("cost", "talk_seconds"), pl.Int64),
    **dict.fromkeys(("script", "rule"), pl.String),
}


def frame(*contacts: dict[str, Any]) -> pl.LazyFrame:
    return pl.LazyFrame(list(contacts), schema=SCHEMA)


def people(**known: list[Any]) -> whose.People:
    """Customers 0 and 1, high since October 2026 and basic before; today's segment retail."""
    history = pl.LazyFrame(
        {
            "customer_id": [0, 1, 0],
            "month": [date(2026, 1, 1), date(2026, 1, 1), date(2026, 9, 1)],
            "tier": ["basic", "basic", "high"],
        },
        schema_overrides={"customer_id": pl.Int32},
    )
    usual = {
        "preferred_channel": [None, None],
        "kind": [None, None],
        "born_on": [None, None],
        "marketing_consent": [None, None],
    }
    types = [pl.String, pl.String, pl.Date, pl.Boolean]
    frame = pl.DataFrame(usual | known, schema=dict(zip(usual, types, strict=True)))
    who = pl.LazyFrame({"customer_id": [0, 1], "segment": ["retail", "retail"]})
    return whose.People(
        frame, Dimensions.of(who.cast({"customer_id": pl.Int32}), {SCHEME: history})
    )


def test_counts_hold_what_lies_in_the_window_of_each_rule():
    days = (AS_OF, AS_OF - timedelta(days=6), AS_OF - timedelta(days=7))
    told = rows.contact_counts(
        frame(
            *(contact(day) for day in days),
            contact(AS_OF, channel="phone"),
            contact(AS_OF, direction="inbound"),
            contact(AS_OF - timedelta(days=29), personalised=True, channel=None),
            contact(AS_OF - timedelta(days=30), personalised=True),
            contact(AS_OF, None),
        ),
        (WEEKLY, THRICE),
        as_of=AS_OF,
    ).collect()
    assert told.height == 1
    row = told.row(0, named=True)
    assert (row["n_weekly"], row["last_weekly"]) == (2, AS_OF)
    assert (row["n_thrice"], row["last_thrice"]) == (1, AS_OF - timedelta(days=29))
    assert row["personal_on"] == AS_OF - timedelta(days=29)
    assert row["contact_on"] == AS_OF


def customer(**more: Any) -> dict[str, Any]:
    usual = {
        **dict.fromkeys(DIMENSIONS),
        "customer_id": "C1",
        "tier": "high",
        "stage": "mature",
        "first_order_on": date(2025, 1, 1),
        "n_weekly": 1,
        "last_weekly": AS_OF,
        "n_thrice": 3,
        "last_thrice": AS_OF,
    }
    return {**usual, **more}


@pytest.mark.parametrize(
    ("told", "state", "overdue", "missed"),
    [
        ({}, "within", None, None),
        ({"n_weekly": 2}, "within", None, None),
        ({"n_weekly": 3}, "over", None, None),
        ({"n_weekly": 0, "last_weekly": AS_OF - timedelta(days=10)}, "under", 3, "weekly"),
        ({"n_weekly": 0, "last_weekly": None}, "under", (AS_OF - date(2025, 1, 8)).days, "weekly"),
        ({"n_thrice": 2}, "under", 0, "thrice"),  # the last was today: the third is due now
        ({"n_weekly": 3, "n_thrice": 2}, "under", 0, "thrice"),
        ({"stage": "churned", "n_weekly": 0}, None, None, None),
        ({"tier": "basic", "n_weekly": 0}, None, None, None),
        # known for a week: the monthly rule is not due yet
        ({"first_order_on": AS_OF - timedelta(days=7), "n_thrice": 0}, "within", None, None),
        ({"first_order_on": AS_OF - timedelta(days=6), "n_weekly": 0, "n_thrice": 0}, *[None] * 3),
        ({"first_order_on": None}, None, None, None),
    ],
)
def test_a_customer_lies_under_within_or_over_the_range(
    told: dict[str, Any], state: str | None, overdue: int | None, missed: str | None
):
    customers = pl.LazyFrame([customer(**told)])
    row = cadence.followed(customers, (WEEKLY, THRICE), as_of=AS_OF).collect().row(0, named=True)
    assert (row["state"], row["overdue_days"], row["missed"]) == (state, overdue, missed)


def test_the_share_within_the_range_is_not_the_share_of_contacts_made():
    customers = pl.LazyFrame(
        [customer(), customer(n_weekly=0, last_weekly=None), customer(n_weekly=3)]
    )
    late = cadence.followed(customers, (WEEKLY, THRICE), as_of=AS_OF)
    row = late.select(**cadence.range_counts()).collect().row(0, named=True)
    assert (row["bound"], row["under"], row["within"], row["over"]) == (3, 1, 1, 1)
    assert row["reasonable"] == pytest.approx(1 / 3)
    assert row["coverage"] == pytest.approx(5 / 6)
    rules = cadence.by_rule(customers, (WEEKLY, THRICE), as_of=AS_OF)
    assert rules["met_share"].to_list() == pytest.approx([2 / 3, 1])
    assert rules.select("under", "within", "over").rows() == [(1, 1, 1), (0, 3, 0)]


def test_every_scheme_has_its_own_cadence_for_tiers_that_it_has():
    assert {rule.scheme for rule in cadences()} == {SCHEME, "value_tier_s1", "rfm_s3"}
    own = cadences(SCHEME)
    assert [rule.key for rule in own][:2] == ["high_exclusive", "high_online"]
    assert all(rule.tier in scheme(rule.scheme).codes for rule in cadences())
    assert set(load("contact")["fit"]) <= set(scheme_codes())
    assert {rule.maximum for rule in own} == {load("cadence")["cap"]}


@pytest.mark.parametrize(
    ("known", "channel", "fits"),
    [
        ({"preferred_channel": "sms", "kind": "company"}, "sms", True),
        ({"preferred_channel": "sms", "kind": "company"}, "email", False),
        ({"kind": "company"}, "phone", True),  # high goes before company
        ({"kind": "company"}, "email", False),
        ({}, None, None),
    ],
)
def test_what_the_customer_said_goes_before_the_tier(
    known: dict[str, Any], channel: str | None, fits: bool | None
):
    who = people(**{name: [value, None] for name, value in known.items()})
    assert judged_channel(who, 0, channel) == fits


@pytest.mark.parametrize(
    ("born", "channel", "fits"),
    [
        (date(1991, 10, 16), "app", True),  # 34 until tomorrow
        (date(1991, 10, 15), "app", None),  # 35 today: no rule is about them
        (date(1991, 10, 16), "email", False),
        (None, "app", None),
    ],
)
def test_the_young_are_under_35_on_the_day(born: date | None, channel: str, fits: bool | None):
    assert judged_channel(people(born_on=[None, born]), 1, channel) == fits


def judged_channel(who: whose.People, number: int, channel: str | None) -> bool | None:
    placed = whose.placed(frame(contact(AS_OF, number, channel=channel)), who, AS_OF)
    plain = plain_flags(placed, looked_up(who.known), [fit(SCHEME)], _row="_row")
    told = tier_flags([fit(SCHEME)], fit(SCHEME), *who.tiers_of(AS_OF)[SCHEME])
    row = plain.select(**told).collect().row(0, named=True)
    return bool(row["channel_fits"]) if row["channel_judged"] else None


def rolled(
    contacts: pl.LazyFrame,
    who: whose.People | None = None,
    coupons: pl.LazyFrame | None = None,
) -> months.RolledUp:
    none = pl.LazyFrame(schema={NUMBER: pl.Int32, "coupon": pl.String, "occurred_on": pl.Date})
    given, known = none if coupons is None else coupons, who or people()
    rules = {SCHEME: fit(SCHEME)}
    return months.roll_up(contacts, given, known, rules, as_of=AS_OF, time_zone="Asia/Shanghai")


def test_content_suits_the_tier_of_the_day_not_that_of_today():
    september, october = date(2026, 9, 15), date(2026, 10, 1)
    who = people()
    offers = [contact(day, content="booking") for day in (september, october)]
    neutral = contact(october, content="thanks")
    table = rolled(frame(*offers, neutral), who).months[SCHEME].collect()
    told = {row["day"]: row for row in table.iter_rows(named=True)}
    before, since = told[date(2026, 9, 1)], told[date(2026, 10, 1)]
    assert (before["tier"], before["content_judged"], before["content_fits"]) == ("basic", 1, 0)
    assert (since["tier"], since["content_judged"], since["content_fits"]) == ("high", 1, 1)
    assert since["outbound"] == 2


def test_each_step_of_the_funnel_needs_the_one_before():
    who = people()
    steps: list[dict[str, Any]] = [
        {"delivered": False, "opened": True, "clicked": True},
        {"delivered": True},
        {"delivered": True, "opened": True},
        {"delivered": True, "opened": True, "responded": True},
        {"delivered": True, "opened": False, "clicked": True, "converted": True},
        {"delivered": True, "opened": True, "clicked": True, "converted": True},
        {"delivered": None, "converted": True, "channel": "phone"},
    ]
    contacts = frame(*(contact(AS_OF, **step) for step in steps))
    table = rolled(contacts, who).months[SCHEME].collect()
    names = ("outbound", "traced", "delivered", "opened", "engaged", "acted", "converted")
    assert table.select(pl.col(names).sum()).row(0) == (7, 6, 5, 3, 2, 1, 3)


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 10, 31), date(2026, 2, 28), date(2026, 1, 30)])
@pytest.mark.parametrize("code", ["month", "quarter", "last_quarter", "year"])
def test_every_period_begins_and_ends_with_a_stretch(as_of: date, code: str):
    first = date(2023, 1, 1)
    days = [first + timedelta(days=n) for n in range((as_of - first).days + 1)]
    cut = pl.DataFrame({"day": days}).with_columns(first=whose.stretch(pl.col("day"), as_of))
    now = period(code, as_of=as_of, earliest=first)
    for asked in (now, previous(code, now), now.shifted(-12), now.shifted(-24)):
        by_day, by_stretch = (cut.filter(asked.holds(pl.col(name))) for name in ("day", "first"))
        assert by_day.height == by_stretch.height > 0
    assert Period(first, as_of).days == cut.height - 1


def test_the_roll_up_adds_up_to_the_contacts():
    days = [date(2026, month, day) for month in (7, 9, 10) for day in (1, 15, 16, 30)]
    contacts = [
        contact(day, number, channel=channel, responded=True)
        for day in days
        if day <= AS_OF
        for number, channel in ((0, "email"), (1, "sms"), (None, "email"), (0, None))
    ]
    table = rolled(frame(*contacts)).months[SCHEME].collect()
    expected = Counter(row["channel"] for row in contacts)
    found = table.group_by("channel").agg(pl.col("outbound").sum())
    assert dict(found.iter_rows()) == expected
    assert table["answered"].sum() == table["judged"].sum() == len(contacts)
    assert table["cost"].sum() == 5 * len(contacts)
    keys = ("day", "channel", "tier", *months.ROLLED)
    assert table.select(keys).is_duplicated().any() is False
    assert table.columns == [*keys, *COUNTS]


def test_an_empty_table_gives_an_empty_roll_up():
    told = rolled(frame())
    for table in (told.months[SCHEME].collect(), told.months_by_owner.collect()):
        assert table.is_empty()
        assert table.schema["outbound"] == pl.Int64


def test_owners_add_up_to_everybody_for_every_choice_of_customers():
    """Whoever filters by owner reads another roll-up than whoever does not."""
    days = [date(2026, month, day) for month in (1, 2, 9, 10) for day in (1, 15)]
    content = ("booking", "thanks", None)
    whom: list[tuple[int | None, str | None]] = [(0, "email"), (1, "sms"), (None, None)]
    contacts = [
        contact(day, number, channel=channel, content=content[day.month % 3], script="greeting")
        for day in days
        for number, channel in whom
    ]
    told = rolled(frame(*contacts))
    pairs = [(told.months, told.months_by_owner), (told.topics, told.topics_by_owner)]
    for few, owned in pairs:
        one, every = few[SCHEME].collect(), owned.collect()
        keys = [name for name, kind in one.schema.items() if kind != pl.Int64]
        assert set(every.columns) == {*one.columns, OWNER}
        counts = [name for name in one.columns if name not in keys]
        again = every.group_by(keys).agg(pl.col(counts).sum()).sort(keys, nulls_last=True)
        assert again.select(one.columns).equals(one)
    by_day = told.months_by_owner.collect().filter(pl.col("tier") == "high")
    assert by_day.select("day", "outbound").rows() == [(date(2026, 10, 1), 2)]


def test_the_cost_of_two_owners_is_more_than_a_number_of_four_bytes_holds():
    owned = people()
    dear = frame(*(contact(AS_OF, number, cost=1_500_000_000) for number in (0, 1)))
    told = rolled(dear, replace(owned, dimensions=with_owners(owned.dimensions)))
    assert told.months_by_owner.collect()["cost"].to_list() == [1_500_000_000] * 2
    assert told.months[SCHEME].collect()["cost"].sum() == 3_000_000_000


def with_owners(known: Dimensions) -> Dimensions:
    """An owner of each customer's own."""
    return replace(known, today=known.today.with_columns(owner_id=pl.Series(["E1", "E2"])))


def test_hours_are_those_of_the_business():
    evening = datetime(2026, 10, 11, 23, tzinfo=UTC)  # a Sunday; Monday seven o'clock in Shanghai
    one = contact(date(2026, 10, 12), occurred_at=evening, responded=False)
    told = rolled(frame(one, contact(AS_OF))).hours[SCHEME].collect()
    assert told.select("weekday", "hour", "judged", "answered").rows() == [(1, 7, 1, 0)]


def test_coupons_stand_beside_scripts_and_purposes():
    coupon = pl.LazyFrame(
        {NUMBER: [0, 0], "coupon": ["exclusive", "own"], "occurred_on": [AS_OF, AS_OF]},
        schema_overrides={NUMBER: pl.Int32},
    )
    spoken = frame(contact(AS_OF, script="greeting", rule="cadence", responded=True))
    table = rolled(spoken, coupons=coupon).topics[SCHEME].collect()
    names = ("kind", "topic", "sent", "answered", "by_rule", "fit_judged", "fits")
    assert sorted(table.select(names).rows()) == [
        ("coupon", "exclusive", 1, 0, 0, 1, 1),
        ("coupon", "own", 1, 0, 0, 0, 0),
        ("purpose", "care", 1, 1, 1, 0, 0),
        ("script", "greeting", 1, 1, 1, 0, 0),
    ]


def test_channels_count_where_the_customer_was_heard():
    said = [
        contact(AS_OF, channel="email", responded=True),
        contact(AS_OF, channel="email", responded=True),
        contact(AS_OF, channel="phone", direction="inbound"),
        contact(AS_OF, channel="sms", responded=False),
        contact(AS_OF - timedelta(days=10), channel="app", responded=True),
    ]
    told = rows.channels_used(frame(*said), after=AS_OF - timedelta(days=10), until=AS_OF)
    assert told.collect().rows() == [(0, 2)]


def tried(control: tuple[int, int], new: tuple[int, int]) -> pl.DataFrame:
    """Lifts of an experiment with so many engaged among so many."""
    drawn = [("control", n < control[0], n) for n in range(control[1])] + [
        ("tried", n < new[0], control[1] + n) for n in range(new[1])
    ]
    members = pl.LazyFrame(
        {
            "member_id": [f"Y{n}" for _, _, n in drawn],
            "experiment_id": ["X"] * len(drawn),
            "customer_id": [f"C{n}" for _, _, n in drawn],
            "variant": [variant for variant, _, _ in drawn],
            "assigned_at": [datetime(2026, 1, 2, tzinfo=UTC)] * len(drawn),
            "assigned_on": [date(2026, 1, 2)] * len(drawn),
            "engaged": [engaged for _, engaged, _ in drawn],
            "converted": [None] * len(drawn),
        },
        schema_overrides={"converted": pl.Boolean},
    )
    return experiments.lifts(known(), members, "engaged", as_of=AS_OF)


def known(**more: Any) -> pl.LazyFrame:
    usual = {
        "experiment_id": "X",
        "name": "n",
        "mode": "script",
        "started_on": date(2026, 1, 1),
        "ended_on": date(2026, 3, 1),
        "cost": 300,
        "failed": True,
    }
    return pl.LazyFrame([usual | more], schema_overrides={"failed": pl.Boolean})


def test_the_lift_has_the_interval_of_newcombes_example():
    """56 of 70 against 48 of 80: Newcombe (1998), Table II (a), method 10: 0.0524 to 0.3339."""
    row = tried((48, 80), (56, 70)).row(0, named=True)
    assert row["lift"] == pytest.approx(0.2)
    assert (row["lift_low"], row["lift_high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert row["verdict"] == "better"
    assert tried((56, 70), (48, 80))["verdict"].to_list() == ["worse"]
    assert tried((5, 10), (5, 10))["verdict"].to_list() == ["unclear"]


def test_an_experiment_without_a_control_group_proves_nothing():
    row = tried((0, 0), (3, 10)).row(0, named=True)
    assert (row["tried_share"], row["lift"], row["verdict"], row["power"]) == (0.3, *[None] * 3)


def test_power_is_that_of_the_textbook():
    """Fleiss, Levin and Paik: 0.60 against 0.70 needs 356 in each group for a power of 80 %."""
    assert experiments.power(0.6, 0.7, 356, 356) == pytest.approx(0.80, abs=0.002)
    assert experiments.power(0.6, 0.7, 40, 40) < 0.2


def test_modes_are_those_begun_within_the_year():
    rows = [
        known(experiment_id=f"X{n}", mode=mode, started_on=AS_OF - timedelta(days=days))
        for n, (mode, days) in enumerate([("a", 0), ("b", 364), ("b", 10), ("c", 365), (None, 1)])
    ]
    found = experiments.modes_tested(pl.concat(rows), as_of=AS_OF)
    assert found.row(0) == (4, 2)


def test_failures_are_a_share_of_the_budget_of_their_year():
    months_ = [date(2025, 10, 1), date(2025, 11, 1), date(2026, 10, 1), date(2026, 11, 1)]
    budget = pl.LazyFrame(
        {
            "subject": ["labour"] * 5,
            "currency": ["CNY", "CNY", None, "CNY", "USD"],
            "month": [*months_, date(2026, 5, 1)],
            "planned": [10_000] * 5,
        }
    )
    tries = pl.concat(
        [known(), known(failed=False), known(failed=None), known(ended_on=date(2025, 1, 1))]
    )
    found = experiments.failure_cost(tries, budget, "CNY", as_of=AS_OF)
    assert found.row(0) == (1, 300, 20_000, pytest.approx(0.015))
    nothing = experiments.failure_cost(tries, budget.clear(), "CNY", as_of=AS_OF)
    assert nothing["share"].to_list() == [None]


def test_innovation_days_count_when_they_are_held():
    events = pl.LazyFrame(
        {
            "kind": ["innovation_day"] * 4 + ["privacy_audit"],
            "due_on": [
                AS_OF,
                AS_OF - timedelta(days=364),
                AS_OF - timedelta(days=365),
                None,
                AS_OF,
            ],
            "held_on": [None, AS_OF, AS_OF - timedelta(days=300), AS_OF + timedelta(days=1), AS_OF],
        }
    )
    assert experiments.innovation_days(events, as_of=AS_OF).row(0) == (2, 2)
