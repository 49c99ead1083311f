"""Members, points, coupons and recommendations, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from metrics.loyalty import coupons, landmark, members, months, points, referrals
from metrics.loyalty.members import Memberships
from metrics.loyalty.rule import rule
from metrics.purchase_days import days_bought, purchase_bits
from metrics.selection import DIMENSIONS, Period

AS_OF = date(2026, 10, 20)
IDS = pl.Series("customer_id", ["ann", "bob", "cat", "dan"])
DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def people() -> pl.DataFrame:
    """Dan is known since September 2026, of Cat the CRM says nothing."""
    known = pl.DataFrame(
        {
            "customer_id": IDS,
            "registered_on": [day("2024-01-01"), day("2025-06-01"), None, day("2026-09-05")],
            "first_order_on": [day("2024-02-01"), None, None, day("2026-09-10")],
            "revenue_12m": [6_000_000, 0, 0, 2_000_000],
            "purchases_12m": [9, 0, 0, 3],
        }
    )
    regions = pl.Series("region", ["east", "east", "west", "west"])
    others = (pl.lit(None, pl.String).alias(name) for name in DIMENSIONS if name != "region")
    return known.with_columns(regions, *others)


def accounts() -> pl.DataFrame:
    return pl.DataFrame(
        [
            ("L1", "ann", day("2024-03-01"), None, "gold"),
            ("L2", "bob", day("2025-06-01"), day("2026-08-15"), "silver"),
            ("L3", "dan", day("2026-09-10"), None, "platinum"),
            ("L4", "dan", day("2026-10-21"), None, "silver"),  # after the data
            ("L5", None, day("2026-01-01"), None, "gold"),  # of a customer deleted since
        ],
        schema={"account_id": pl.String, "customer_id": pl.String, "enrolled_on": pl.Date,
                "closed_on": pl.Date, "level": pl.String},
        orient="row",
    )  # fmt: skip


def transactions() -> pl.LazyFrame:
    rows = [
        ("ann", "2025-08-31", "adjust", 100),
        ("ann", "2025-10-20", "redeem", 40),  # a year before the last day, no longer within it
        ("ann", "2026-10-01", "earn", 30),
        ("ann", "2026-10-03", "expire", 10),
        ("bob", "2026-08-02", "earn", 50),
        ("bob", "2026-08-09", "redeem", 20),
        ("bob", "2026-08-20", "adjust", -5),
        (None, "2026-09-01", "earn", 7),
        ("dan", "2026-10-21", "earn", 1000),  # after the data
    ]
    return pl.LazyFrame(
        [(who, day(when), kind, n) for who, when, kind, n in rows],
        schema={"customer_id": pl.String, "occurred_on": pl.Date, "kind": pl.String,
                "points": pl.Int64},
        orient="row",
    )  # fmt: skip


def visits() -> pl.LazyFrame:
    days = [day("2026-09-10"), day("2026-10-02"), day("2026-10-02")]
    return pl.LazyFrame({"customer_id": ["dan", "dan", "cat"], "active_on": days})


def moved() -> pl.DataFrame:
    return points.point_months(transactions(), as_of=AS_OF).collect()


def seen() -> pl.DataFrame:
    return points.visit_months(visits(), as_of=AS_OF).collect()


def bought(*days: tuple[str, str]) -> pl.DataFrame:
    """Purchases of everybody, in the order of the people."""
    found = pl.DataFrame(
        [(who, day(when)) for who, when in days],
        schema={"customer_id": pl.String, "ordered_on": pl.Date},
        orient="row",
    )
    bits = purchase_bits(found.sort("customer_id", "ordered_on"))
    return IDS.to_frame().join(bits, on="customer_id", how="left", maintain_order="left")


def walked(purchases: pl.DataFrame | None = None, who: pl.DataFrame | None = None) -> pl.DataFrame:
    nothing = bought(("ann", "2026-01-01"))
    company = months.Company(
        people() if who is None else who,
        Memberships.of(accounts().filter(pl.col("enrolled_on") <= AS_OF), IDS),
        moved(),
        seen(),
        nothing if purchases is None else purchases,
    )
    return months.loyalty_months(company, as_of=AS_OF, active_days=365)[0]


def of_month(rows: pl.DataFrame, text: str, *names: str) -> dict[str | None, tuple[int, ...]]:
    part = rows.filter(month=day(text))
    return {row["region"]: tuple(row[name] for name in names) for row in part.to_dicts()}


def test_points_of_a_customer_and_month_come_together():
    rows = moved().filter(customer_id="bob").row(0, named=True)
    assert rows == {
        "customer_id": "bob", "month": day("2026-08-01"), "earned": 50, "redeemed": 20,
        "expired": 0, "adjusted": -5, "used_on": day("2026-08-09"),
        "redeemed_on": day("2026-08-09"),
    }  # fmt: skip
    assert moved()["earned"].sum() == 87  # without what comes after the last day


def test_members_take_part_who_used_points_or_a_channel_within_a_year():
    told = members.members(
        people().lazy(), accounts().lazy(), moved().lazy(), seen().lazy(), rule(),
        as_of=AS_OF, money_scale=2,
    ).collect()  # fmt: skip
    rows = {row["customer_id"]: row for row in told.to_dicts()}
    assert list(rows) == ["ann", "bob", "dan"]  # Cat visits, but never joined
    assert {who: row["is_member"] for who, row in rows.items()} == {
        "ann": True, "bob": False, "dan": True,
    }  # fmt: skip
    assert {who: row["is_active"] for who, row in rows.items()} == {
        "ann": True, "bob": False, "dan": True,
    }  # fmt: skip
    assert {who: row["balance"] for who, row in rows.items()} == {"ann": 80, "bob": 25, "dan": 0}
    assert rows["bob"]["closed_on"] == day("2026-08-15")
    assert rows["dan"]["level"] == "platinum"  # the one of 21 October is not yet
    assert [rows[who]["rule_level"] for who in ("ann", "dan")] == ["platinum", "silver"]


def test_what_is_owed_is_what_was_owed_and_what_came_and_went():
    rows = walked()
    flows = pl.col("opening") + pl.col("earned") - pl.col("redeemed") - pl.col("expired")
    assert rows.select((flows + pl.col("adjusted") == pl.col("balance")).all()).item()
    totals = rows.group_by("month").agg(pl.col("opening", "balance").sum()).sort("month")
    assert totals["opening"][1:].to_list() == totals["balance"][:-1].to_list()
    names = ("opening", "earned", "redeemed", "expired", "adjusted", "balance")
    assert of_month(rows, "2026-08-01", *names)["east"] == (60, 50, 20, 0, -5, 85)
    assert of_month(rows, "2026-10-01", *names) == {
        "east": (85, 30, 0, 10, 0, 105), "west": (0,) * 6, None: (7, 0, 0, 0, 0, 7),
    }  # fmt: skip


def test_points_of_before_the_months_shown_are_in_their_opening_balance():
    early = pl.LazyFrame(
        {"customer_id": ["ann"], "occurred_on": [day("2020-05-05")], "kind": ["earn"],
         "points": [11]}
    )  # fmt: skip
    moves = points.point_months(pl.concat([transactions(), early]), as_of=AS_OF).collect()
    held = Memberships.of(accounts(), IDS)
    company = months.Company(people(), held, moves, seen(), bought(("ann", "2026-01-01")))
    rows = months.loyalty_months(company, as_of=AS_OF, active_days=365)[0]
    assert rows["month"].min() == day("2023-10-01")
    assert of_month(rows, "2023-10-01", "opening", "balance")["east"] == (11, 11)


def test_members_of_a_month_are_those_at_its_end():
    names = ("customers", "members", "joined", "active", "redeemers")
    rows = walked()
    assert of_month(rows, "2026-07-01", *names)["east"] == (2, 2, 0, 1, 1)
    # Bob redeems on the 9th and leaves on the 15th
    assert of_month(rows, "2026-08-01", *names)["east"] == (2, 1, 0, 1, 1)
    assert of_month(rows, "2026-09-01", *names)["west"] == (2, 1, 1, 1, 0)
    # on 20 October Ann's redemption of 20 October 2025 is 365 days ago
    assert of_month(rows, "2026-10-01", *names) == {
        "east": (2, 1, 0, 1, 0), "west": (2, 1, 0, 1, 0), None: (0, 0, 0, 0, 0),
    }  # fmt: skip


def test_members_of_three_months_ago_buy_again():
    """Asked on 20 October 2026: bought from 21 July 2025, again from 21 July 2026 on."""
    purchases = bought(
        ("ann", "2024-02-01"), ("ann", "2025-07-21"), ("ann", "2026-07-20"),
        ("bob", "2025-07-01"), ("bob", "2026-07-20"), ("bob", "2026-07-21"),
        ("cat", "2025-07-20"), ("cat", "2026-08-01"), ("dan", "2026-09-10"),
    )  # fmt: skip
    who = people().with_columns(
        first_order_on=pl.Series([day("2024-02-01"), day("2025-07-01"), day("2025-07-20"), None])
    )
    names = ("existing", "repeated", "other_existing", "other_repeated")
    last = of_month(walked(purchases, who), "2026-10-01", *names)
    # Cat did not buy in the 12 months; Dan was no customer yet; Bob, who left since, was a member
    assert last == {"east": (2, 1, 0, 0), "west": (0, 0, 0, 0), None: (0, 0, 0, 0)}
    assert of_month(walked(purchases, who), "2026-09-01", *names)["west"] == (0, 0, 1, 1)
    # the data begin in February 2024: no 15 months before end earlier than April 2025
    early = walked(purchases, who).filter(pl.col("month") < day("2025-04-01"))
    assert early["existing"].sum() + early["other_existing"].sum() == 0


def test_who_is_new_cannot_buy_again_yet():
    purchases = bought(("ann", "2024-01-01"), ("dan", "2026-04-21"), ("dan", "2026-08-01"))
    who = people().with_columns(
        first_order_on=pl.Series([day("2024-01-01"), None, None, day("2026-04-21")])
    )
    names = ("other_existing", "other_repeated")
    assert of_month(walked(purchases, who), "2026-10-01", *names)["west"] == (1, 1)
    who = who.with_columns(first_order_on=pl.col("first_order_on").dt.offset_by("1d"))
    assert of_month(walked(purchases, who), "2026-10-01", *names)["west"] == (0, 0)


def test_nobody_and_nothing_give_no_rows():
    company = months.Company(
        people(), Memberships.of(accounts().clear(), IDS), moved().clear(), seen(), bought()
    )
    assert months.loyalty_months(company, as_of=AS_OF, active_days=365)[0].is_empty()


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2026-10-31", "2025-10-31"), ("2026-11-22", "2025-10-31"), ("2026-11-30", "2025-11-30")],
)
def test_the_landmark_is_a_month_end_a_year_ago(as_of: str, expected: str):
    assert landmark.landmark(day(as_of), 12) == day(expected)


def test_only_what_comes_after_the_landmark_counts():
    """Ann joins before it and leaves after; Bob joins later; Cat had left; Dan comes later."""
    on, end = day("2025-10-31"), day("2026-10-31")
    first = ["2025-01-01", "2022-01-01", "2025-02-01", "2025-11-05"]
    last = ["2026-02-01", "2026-10-01", "2025-03-01", "2026-10-01"]
    rows = people().with_columns(
        registered_on=pl.lit(None, pl.Date),
        first_order_on=pl.Series([day(each) for each in first]),
        last_order_on=pl.Series([day(each) for each in last]),
        tau_days=pl.lit(100),
    )
    joined = accounts().with_columns(
        enrolled_on=pl.when(pl.col("account_id") == "L2")
        .then(pl.lit(day("2025-12-01")))
        .otherwise("enrolled_on")
    )
    found = landmark.landmark_rows(
        rows.lazy(), Memberships.of(joined, IDS),
        bought(("ann", "2025-10-31"), ("bob", "2026-10-31"), ("bob", "2025-10-30")).lazy(),
        pl.LazyFrame({"customer_id": ["ann"], "tier": ["high"]}),
        day=on, as_of=end, observed_from=day("2021-01-01"), tenure_days=(180, 365, 730),
        purchase_days=(1, 3),
    ).collect().sort("customer_id")  # fmt: skip
    named = {row["customer_id"]: row for row in found.to_dicts()}
    assert list(named) == ["ann", "bob"]
    ann, bob = named["ann"], named["bob"]
    assert (ann["member"], bob["member"]) == (True, False)
    assert (ann["tier"], ann["tenure"], bob["tenure"]) == ("high", "1", "3")
    # Ann's silence reaches 100 days on 12 May 2026, 193 days after the landmark
    assert (ann["entry"], ann["duration"], ann["event"], ann["stayed"]) == (0, 193, True, False)
    assert (bob["duration"], bob["event"], bob["stayed"]) == (365, False, True)
    assert (ann["again"], bob["again"]) == (False, True)  # the landmark itself is before
    assert (ann["frequency"], bob["frequency"]) == ("1", "1")


def test_orders_after_a_coupon_are_those_of_its_window():
    """Against counting day by day, over ends of months and of the data."""
    chance = np.random.default_rng(3)
    start, end = day("2025-12-01"), day("2026-04-10")
    days = [start + int(n) * DAY for n in chance.integers(0, 131, 400)]
    who = chance.integers(0, 4, 400)
    pairs = sorted({(IDS[int(place)], each) for place, each in zip(who, days, strict=True)})
    held = bought(*((name, each.isoformat()) for name, each in pairs))
    issued = [start + n * DAY for n in range(131)]
    rows = pl.DataFrame(
        {"row": [None if n == 7 else n % 4 for n in range(131)], "issued_on": issued},
        schema={"row": pl.UInt32, "issued_on": pl.Date},
    )
    found = coupons.orders_after(rows, held, window_days=30, as_of=end).to_list()
    for n, (given, counted) in enumerate(zip(issued, found, strict=True)):
        until = given + 30 * DAY
        inside = sum(name == IDS[n % 4] and given <= each <= until for name, each in pairs)
        assert counted == (None if n == 7 or until > end else inside), given


def test_a_coupon_is_given_or_withheld_and_used_by_a_day():
    rows = pl.LazyFrame(
        {
            "coupon_id": ["1", "2", "3", "4"],
            "customer_id": ["ann", "bob", None, "dan"],
            "kind": ["mass"] * 4,
            "issued_on": [day("2026-10-01"), day("2026-10-02"), day("2026-10-03"), AS_OF + DAY],
            "expires_on": [None] * 4,
            "redeemed_on": [AS_OF, AS_OF + DAY, None, None],
            "face_value": [100] * 4,
            "is_control": [None, False, True, False],
        }
    )
    told = coupons.coupon_rows(rows, as_of=AS_OF).select(**coupons.RESULTS.over_rows()).collect()
    row = told.row(0, named=True)
    assert (row["given"], row["redeemed"], row["withheld"], row["redemption"]) == (2, 1, 1, 0.5)


def test_who_had_bought_before_was_not_won_by_a_recommendation():
    told = pl.LazyFrame(
        {
            "referral_id": ["1", "2", "3", "4", "5"],
            "customer_id": ["ann"] * 5,
            "referred_id": ["bob", "cat", "dan", None, "eve"],
            "referred_on": [day("2026-05-01")] * 5,
            "reward": [200, 0, 100, None, None],
        }
    )
    customers = pl.LazyFrame(
        {
            "customer_id": ["bob", "cat", "dan", "eve"],
            "first_order_on": [day("2026-05-01"), day("2026-04-30"), None, AS_OF + DAY],
        }
    )
    rows = referrals.referral_rows(told, customers, as_of=AS_OF)
    row = rows.select(**referrals.RESULTS.over_rows()).collect().row(0, named=True)
    names = ("referrals", "came", "won", "reward", "rewards", "conversion", "cost_per_customer")
    assert tuple(row[name] for name in names) == (5, 4, 1, 300, 3, 0.25, 300)


def test_reviews_are_counted_and_their_stars_averaged():
    rows = pl.LazyFrame({"rating": [5, 4, None, 3], "shared": [True, False, None, False]})
    row = rows.select(**referrals.REVIEWS.over_rows()).collect().row(0, named=True)
    assert (row["reviews"], row["mean"], row["shared_share"]) == (4, 4.0, pytest.approx(1 / 3))


def test_points_cost_what_the_rule_says():
    assert rule().liability(1001, money_scale=2) == 5005


def test_days_with_a_purchase_are_counted_within_a_period():
    held = bought(("ann", "2026-01-31"), ("ann", "2026-02-01"), ("bob", "2026-02-28"))
    period = Period(day("2026-01-31"), day("2026-02-28"))
    assert held.select(days_bought(held.columns, period)).to_series().to_list() == [2, 0, 0, 0]
