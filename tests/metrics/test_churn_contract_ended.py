"""A contract that ends is churn: worked cases, a plain loop, and every figure that follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn.definitions import choices, costs, rescored
from metrics.churn.fit import fit_churn
from metrics.churn.history import COUNTS, risk_months
from metrics.churn.landmarks import LandmarkRule, rows_of
from metrics.churn.past import bought_until, one_customer, past_risks
from metrics.churn.rhythm import Definition, rhythm
from metrics.churn.risk import customer_risk
from metrics.churn.summary import (
    recent_win_back_counts,
    risk_counts,
    risk_measures,
    win_back_counts,
)
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import lapsed
from metrics.come_back import won_back_on
from metrics.lifecycle import stage
from metrics.next_step import next_step
from metrics.survival import lifetimes
from tests.metrics.churn_company import AS_OF, company, until

START, END = -400, -100  # of the usual contract, in days from AS_OF


def day(offset: int | None) -> date | None:
    return None if offset is None else AS_OF + timedelta(days=offset)


# Of each customer the days of purchases and the contracts (first day, first day without).
CASES: dict[str, tuple[list[int], list[tuple[int, int | None]]]] = {
    "never bought": ([], [(START, END)]),
    "before the end": ([-160, -140, -120], [(START, END)]),
    "on the day": ([-160, -140, -100], [(START, END)]),
    "after": ([-160, -140, -20], [(START, END)]),
    "overlapping": ([-160], [(START, END), (-200, -40), (-150, -120)]),
    "continued": ([-160], [(START, END), (END, None)]),
    "new contract": ([-160], [(START, END), (-30, None)]),
    "two that ended": ([-160], [(START, END), (-30, -10)]),
    "gives notice": ([-160], [(START, 10)]),
    "ended today": ([], [(START, 0)]),
    "deleted": ([], [(START, END)]),
    "no contract": ([-160, -140, -100], []),
    "prospect": ([], []),
}
ENDED = {
    "never bought": END,
    "before the end": END,
    "overlapping": -40,
    "two that ended": -10,
    "ended today": 0,
}


def crm() -> CrmTables:
    orders = [
        {"customer_id": who, "ordered_on": day(at), "status": "completed", "amount": 100}
        for who, (bought, _) in CASES.items()
        for at in bought
    ]
    agreed = [
        {
            "customer_id": who,
            "started_on": day(begin),
            "ended_on": day(end),
            "monthly_amount": 500,
        }
        for who, (_, contracts) in CASES.items()
        for begin, end in contracts
    ]
    gone = [day(-10) if who == "deleted" else None for who in CASES]
    people = pl.LazyFrame({"customer_id": list(CASES), "deleted_on": gone})
    return CrmTables.read(people, orders=pl.LazyFrame(orders), contracts=pl.LazyFrame(agreed))


@pytest.fixture(scope="module")
def today() -> dict[str, dict]:
    rows = customer_risk(crm(), None, as_of=AS_OF)
    return {row["customer_id"]: row for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize("who", list(ENDED))
def test_who_has_left_a_contract_and_bought_nothing_since_is_churned_from_that_day(
    who: str, today: dict[str, dict]
):
    row = today[who]
    assert (row["churned"], row["contract_ended_on"]) == (True, day(ENDED[who]))
    assert row["remaining_days"] == ENDED[who]
    assert (row["p90"], row["silent_90"], row["band"]) == (None,) * 3
    assert (row["contract_days"], row["monthly_amount"]) == (None, None)


def test_who_has_bought_since_is_judged_by_purchases_and_who_signs_by_the_contract(
    today: dict[str, dict],
):
    plain = today["no contract"]
    assert plain["churned"] == (plain["silent_days"] >= plain["tau_days"])
    for who in ("on the day", "after"):
        row = today[who]
        assert row["churned"] == (row["silent_days"] >= row["tau_days"])
        assert row["remaining_days"] == row["tau_days"] - row["silent_days"]
        assert row["contract_ended_on"] is None
    assert not today["after"]["churned"]
    same = ("churned", "silent_days", "tau_days", "remaining_days")
    assert [today["on the day"][name] for name in same] == [plain[name] for name in same]
    for who, since in (("continued", -START), ("new contract", 30), ("gives notice", -START)):
        row = today[who]
        assert (row["churned"], row["contract_days"]) == (False, since)
        assert row["contract_ended_on"] is None
    assert today["gives notice"]["contract_ends_on"] == day(10)
    assert today["prospect"]["churned"] is None
    assert "deleted" not in today


def test_past_days_say_what_a_crm_cut_off_then_would_have_said():
    days = [AS_OF + timedelta(days=at) for at in (-130, END, END + 1, -40, -31, -30, -10, 0)]
    parts = past_risks(crm(), None, days, lambda buyers, rows: _named(rows, buyers.ids))
    past = pl.concat(parts).sort("as_of", "who")
    names = ("tau_days", "silent_days", "remaining_days", "churned", "contract_ended_on")
    for then in days:
        cut = customer_risk(cut_off(crm(), then), None, as_of=then)
        known = cut.filter(pl.col("churned").is_not_null()).sort("customer_id")
        asked = past.filter(as_of=then, running=False)
        free = known.filter(pl.col("contract_days").is_null())
        assert asked["who"].to_list() == free["customer_id"].to_list()
        assert_frame_equal(asked.select(names), free.select(names))
        assert past.filter(as_of=then).height == known.height


def _named(rows: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    running = pl.col("contract_days").is_not_null()
    return rows.with_columns(who=ids.gather(rows["customer_id"]), running=running)


def cut_off(tables: CrmTables, then: date) -> CrmTables:
    """The tables as they stood at the close of a day: an end that was to come was not known."""
    assert tables.contracts is not None
    ended = pl.when(pl.col("ended_on") <= then).then("ended_on")
    begun = tables.contracts.filter(pl.col("started_on") <= then).with_columns(ended_on=ended)
    cut = until(tables, then)
    gone = (pl.col("deleted_on") > then).fill_null(value=True)
    people = cut.customers.with_columns(deleted_on=pl.when(~gone).then("deleted_on"))
    return CrmTables(cut.orders, people, contracts=begun, **cut.optional())


def test_one_customer_is_told_alone_as_among_all():
    days = [AS_OF + timedelta(days=at) for at in (-130, END, -30, 0)]
    means = {each: bought_until(crm(), days).means[each] for each in days}
    alone = crm().where(pl.col("customer_id") == "never bought")
    told = one_customer(alone, None, means).select("as_of", "churned", "remaining_days").rows()
    assert told == [
        (days[0], False, None),
        (days[1], True, 0),
        (days[2], True, -70),
        (days[3], True, -100),
    ]


def test_who_has_come_back_bought_or_signed_since():
    then = lapsed(crm().purchases(), as_of=AS_OF, contracts=crm().contracts).collect()
    gone = set(then.filter("lapsed")["customer_id"])
    assert gone == {"never bought", "before the end", "after", "new contract", "two that ended",
                    "deleted"}  # fmt: skip
    ended = dict(then.select("customer_id", "ended_then_on").iter_rows())
    assert {ended[who] for who in gone} == {day(END)}
    assert "overlapping" not in ended  # under contract 90 days ago
    found = mart().select(**risk_measures()).collect().row(0, named=True)
    # of these five who are not deleted: bought, signed, and signed for three weeks
    assert (found["lapsed"], found["came_back"], found["win_back_rate"]) == (5, 3, 0.6)


def mart(definition: Definition | None = None) -> pl.LazyFrame:
    people = customer_risk(crm(), None, as_of=AS_OF, definition=definition)
    then = lapsed(
        crm().purchases(), as_of=AS_OF, definition=definition, contracts=crm().contracts
    ).drop("tau_then_days")
    return people.lazy().join(then, on="customer_id", how="left", maintain_order="left")


@pytest.mark.parametrize("code", list(choices()))
def test_no_definition_of_silence_changes_them(code: str):
    found = rescored(mart(), None, choices()[code]).collect()
    assert_frame_equal(found, mart(choices()[code]).collect())
    ended = found.filter(pl.col("contract_ended_on").is_not_null())
    assert set(ended["customer_id"]) == set(ENDED)
    assert ended["churned"].all()
    told = costs(mart()).row(by_predicate=pl.col("code") == code, named=True)
    sums = found.select(**risk_measures()).row(0, named=True)
    same = ("churned", "lapsed", "came_back", "win_back_rate")
    assert [told[name] for name in same] == [sums[name] for name in same]


def test_the_counts_of_today_are_those_of_the_past_that_ends_with_today():
    nobody = pl.LazyFrame(schema={"customer_id": pl.String, "month": pl.Date, "tier": pl.String})
    rows = risk_months(crm(), None, crm().customers, {"": nobody}, as_of=AS_OF)[""]
    found = rows.filter(day=AS_OF).select(pl.col(COUNTS).sum()).row(0, named=True)
    counts = {**risk_counts(), **win_back_counts(), **recent_win_back_counts()}
    now = mart().select(**counts).collect().row(0, named=True)
    assert found == now
    assert (found["churned"], found["buyers"]) == (len(ENDED), len(CASES) - 2)


def test_stage_and_next_step_say_churned_also_of_who_never_bought():
    rows = mart().with_columns(
        first_order_on=pl.col("silent_days")
        .is_not_null()
        .replace_strict({True: AS_OF - timedelta(days=160), False: None}, return_dtype=pl.Date),
        won_back_on=pl.lit(None, pl.Date),
        open_complaints=0,
        has_plan=False,
        warning=pl.lit(None, pl.String),
        last_nps=pl.lit(None, pl.Int16),
    )
    told = rows.with_columns(stage(as_of=AS_OF)).with_columns(next_step(as_of=AS_OF)).collect()
    churned = told.filter("churned")
    assert set(churned["stage"]) == {"churned"}
    assert set(churned["next_step"]) == {"offer"}
    assert (told["stage"] == "churned").sum() == churned.height == len(ENDED)


@pytest.mark.parametrize(
    ("bought", "contracts", "expected"),
    [
        ([-120, -20], [(START, END)], (-20, None)),
        ([-20, -10], [(START, END)], (-20, None)),  # the second purchase breaks nothing
        ([-100, -20], [(START, END)], None),  # bought on the day of the end: never churned
        ([-101, -99], [(START, END)], None),  # back at once, but more than 90 days ago
        ([-20], [(START, -20)], None),  # on the day of the end
        ([-20], [(START, -21)], (-20, None)),
        ([-20], [(START, END), (-30, None)], None),  # under contract again
        ([-20], [(START, END), (-20, None)], (-20, None)),  # both on one day
        ([-200, -20], [(START, None)], None),
    ],
)
def test_the_first_purchase_after_a_contract_is_a_come_back(bought, contracts, expected):
    days = pl.DataFrame({"customer_id": ["a"] * len(bought), "ordered_on": [*map(day, bought)]})
    rows = [(day(begin), day(end)) for begin, end in contracts]
    agreed = pl.LazyFrame(rows, schema={"started_on": pl.Date, "ended_on": pl.Date}, orient="row")
    nobody = pl.LazyFrame(schema={"customer_id": pl.String, "tau_days": pl.Int32})
    found = won_back_on(
        days, nobody, as_of=AS_OF, contracts=agreed.with_columns(customer_id=pl.lit("a"))
    ).collect()
    told = found.select("won_back_on", "broken_silence_days").rows()
    assert told == ([] if expected is None else [(day(expected[0]), expected[1])])


def test_a_life_ends_with_the_contract_not_with_the_silence_before_or_after():
    lives = pl.LazyFrame(
        {
            "first_on": [day(-300)] * 2,
            "last_on": [day(-290), day(-120)],
            "tau_days": pl.Series([None, None], dtype=pl.Int32),
            "contract_ended_on": [day(END), day(END)],
        }
    )
    found = lifetimes(lives, as_of=AS_OF, observed_from=date(2020, 1, 1)).collect()
    assert found.select("duration", "event").rows() == [(200, True)] * 2


def some_company(customers: int = 400) -> CrmTables:
    """Buyers of whom many hold contracts, some more than one, and some never buy."""
    rng, tables = np.random.default_rng(2), company(customers, seed=6)
    ids = tables.customers.select("customer_id").collect().to_series()
    who = rng.integers(0, customers, customers)
    begin = rng.integers(-700, 0, customers)
    end = begin + rng.integers(1, 400, customers)
    agreed = pl.DataFrame(
        {
            "customer_id": ids.gather(who),
            "started_on": [AS_OF + timedelta(days=int(at)) for at in begin],
            "ended_on": [AS_OF + timedelta(days=int(at)) if at < 60 else None for at in end],
            "monthly_amount": 100,
        }
    ).lazy()
    few = pl.col("customer_id") > "C0000050"
    return CrmTables(tables.orders.filter(few), tables.customers, contracts=agreed,
                     **tables.optional())  # fmt: skip


def by_hand(tables: CrmTables, then: date) -> Iterator[tuple[str, date]]:
    """The definition, customer by customer."""
    assert tables.contracts is not None
    bought = tables.purchases().collect().rows()
    held: dict[str, list[date]] = {}
    for who, begin, end, _ in tables.contracts.collect().iter_rows():
        if begin <= then:
            held.setdefault(who, []).append(end or date.max)
    for who, ends in held.items():
        last = max(ends)
        since = any(each == who and last <= on <= then for each, on in bought)
        if last <= then and not since:
            yield who, last


@pytest.mark.parametrize("back", [0, 45, 200, 365])
def test_a_plain_loop_finds_the_same_customers(back: int):
    tables, then = some_company(), AS_OF - timedelta(days=back)
    expected = dict(by_hand(tables, then))
    assert len(expected) > 30
    asked = rhythm(
        tables.purchases(), as_of=then, definition=Definition(), contracts=tables.contracts
    )
    found = asked.select("customer_id", "contract_ended_on").drop_nulls().collect()
    assert dict(found.iter_rows()) == expected
    parts = past_risks(tables, None, [then], lambda buyers, rows: _named(rows, buyers.ids))
    told = pl.concat(parts).select("who", "contract_ended_on").drop_nulls()
    gone = tables.customers.filter(pl.col("deleted_on") <= then).select("customer_id").collect()
    there = {who: on for who, on in expected.items() if who not in set(gone["customer_id"])}
    assert dict(told.iter_rows()) == there


def test_nobody_is_trained_on_or_scored_who_has_left_a_contract():
    tables = some_company(1200)
    days = [AS_OF - timedelta(days=90 * step) for step in (3, 2, 1)]
    rule, standard = LandmarkRule.standard(), Definition.standard()
    rows = rows_of(tables, days, as_of=AS_OF, definition=standard, rule=rule)
    for then in days:
        left = set(dict(by_hand(tables, then)))
        assert left & set(tables.purchases().collect()["customer_id"])
        assert not left & set(rows.filter(landmark_on=then)["customer_id"])
    model = fit_churn(tables, as_of=AS_OF)
    scored = customer_risk(tables, model, as_of=AS_OF)
    ended = scored.filter(pl.col("contract_ended_on").is_not_null())
    assert ended.height > 100
    unknown = ("p30", "p60", "p90", "silent_90", "band", "pace", "drivers", "revenue_at_risk")
    assert ended.select(pl.col(unknown).count()).row(0) == (0,) * len(unknown)
    assert ended["churned"].all()
    assert (ended["remaining_days"] <= 0).all()
