"""Customer files: by hand, what is the same, what can be used, what is out of date."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from metrics.profiles import details, measures
from metrics.profiles.facts import Files, contacted, profile_facts
from metrics.profiles.governance import events, held_quarter, hours_to_tell
from metrics.selection import DIMENSIONS

AS_OF = date(2026, 10, 31)


def of(make: Any, *values: str | None) -> list[Any]:
    frame = pl.DataFrame({"it": values}, schema={"it": pl.String})
    return frame.select(make(pl.col("it"))).to_series().to_list()


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("13812345678", "13812345678"),
        ("138-1234 5678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("0086-13812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("86123456", "86123456"),  # no prefix: too short for a number behind one
        ("+65 6123 4567", "6561234567"),
        ("none", None),
        ("", None),
        (None, None),
    ],
)
def test_a_phone_number_is_compared_by_its_digits(typed: str | None, same: str | None):
    assert of(details.digits, typed) == [same]


def test_a_number_is_usable_with_seven_to_fifteen_digits():
    typed = ("123456", "1234567", "1" * 15, "1" * 16, "unknown", " ", None)
    assert of(details.phone_valid, *typed) == [False, True, True, False, False, None, None]


def test_an_address_needs_something_before_and_a_dot_behind_the_at():
    typed = ("O@C1.example ", "office c1.example", "a@b", "@c.example", "a b@c.example", "", None)
    assert of(details.email_valid, *typed) == [True, False, False, False, False, None, None]


def test_twins_have_a_number_and_who_is_alone_has_none():
    frame = pl.DataFrame({"it": ["b", "a", None, "b", "c", "a", None, "b"]})
    found = frame.select(details.twins(pl.col("it"))).to_series().to_list()
    assert found == [2, 1, None, 2, None, 1, None, 2]


def test_a_name_is_the_same_in_one_region_only():
    frame = pl.DataFrame(
        {"name": ["Ada  Ltd", "ada ltd ", "Ada Ltd", "Ada Ltd"], "region": ["n", "n", "s", None]}
    )
    key = frame.select(details.same_name(pl.col("name"), pl.col("region"))).to_series()
    assert key[0] == key[1]
    assert key[2] not in (key[0], None)
    assert key[3] is None


CUSTOMERS = {
    "customer_id": pl.String,
    "region": pl.String,
    "name": pl.String,
    "phone": pl.String,
    "email": pl.String,
    "profile_updated_on": pl.Date,
    "marketing_consent": pl.Boolean,
}


def company() -> pl.DataFrame:
    rows = [
        ("A", "n", "Ada", "13812345678", "a@a.example", date(2026, 10, 1), True),
        ("B", "n", "Bob", "138 1234 5678", None, date(2025, 10, 31), False),
        ("C", "s", "Cyd", "000000", "A@A.example", date(2025, 11, 1), None),
        ("D", "s", "Dot", "000000", "d", None, True),
        ("X", "n", "Ada", "13812345678", None, None, True),  # deleted
    ]
    people = pl.LazyFrame(rows, schema=CUSTOMERS, orient="row").with_columns(
        **dict.fromkeys(
            ("address", "preferred_channel", "preferred_product", "service_need"),
            pl.lit(None, pl.String),
        )
    )
    known = {
        "customer_id": ["A", "B", "C", "D"],
        "last_order_on": [date(2026, 5, 1), date(2024, 10, 31), date(2024, 11, 1), None],
        "last_contact_on": [None, None, None, date(2020, 1, 1)],
        "tier": ["high", "mid", None, "basic"],
        "stage": ["mature", "churned", "churned", "churned"],
    }
    mart = pl.LazyFrame(known).with_columns(
        **dict.fromkeys(set(DIMENSIONS) - {"tier", "stage"}, pl.lit(None, pl.String))
    )
    record = ("customer_id", "scheme", "tier", "valid_from_on", "valid_to_on")
    records = [
        ("B", "four_tiers_s1", "potential", date(2025, 1, 1), None),
        ("C", "four_tiers_s1", "potential", date(2025, 1, 1), AS_OF),  # over since today
        ("D", "four_tiers_s1", "mid", date(2025, 1, 1), None),
        ("A", "value_spend_s0", "basic", date(2025, 1, 1), None),
    ]
    day = {"valid_from_on": pl.Date, "valid_to_on": pl.Date}
    schema = {**dict.fromkeys(record, pl.String), **day}
    contacts = pl.LazyFrame({"customer_id": ["A", "B", "C"], "contacts": [6, 3, 5]})
    files = Files(people, mart, pl.LazyFrame(records, schema=schema, orient="row"), contacts)
    return profile_facts(files, as_of=AS_OF).collect()


def share(pair: measures.Pair) -> tuple[int, int]:
    return company().select(part=pair[0], whole=pair[1]).row(0)


def test_no_entry_of_a_file_is_in_the_mart():
    texts = company().select(pl.col(pl.String)).columns
    assert set(texts) == {"customer_id", *DIMENSIONS}


def test_the_deleted_make_no_twins_and_neither_do_placeholders():
    facts = company()
    assert facts["customer_id"].to_list() == ["A", "B", "C", "D"]
    assert facts["phone_twin"].to_list() == [1, 1, None, None]  # 000000 cannot be called
    assert facts["email_twin"].to_list() == [1, None, 1, None]
    assert facts["name_twin"].to_list() == [None] * 4
    assert share(measures.alone()) == (1, 4)  # D


def test_measures_are_parts_of_wholes():
    assert share(measures.filled(("name", "phone", "email", "address"))) == (11, 16)
    assert share(measures.usable_details(("phone",))) == (2, 4)
    assert share(measures.usable_details(("phone", "email"))) == (4, 7)
    assert share(measures.consent_kept()) == (6, 9)  # C was never asked
    assert share(measures.churned_as_potential()) == (1, 2)  # B of B and D; C's is over


def test_a_file_is_stale_a_day_after_its_months_are_over():
    facts = company()
    # B: confirmed 12 months ago to the day, ordered 24 months ago to the day. C: a day less each.
    assert facts["stale"].to_list() == [False, True, False, True]
    assert facts["fresh"].to_list() == [True, False, None, False]


def test_only_our_own_contacts_of_the_year_count():
    rows = pl.LazyFrame(
        {
            "customer_id": ["A", "A", "A", "B", None],
            "direction": ["outbound", "inbound", "outbound", "outbound", "outbound"],
            "occurred_on": [AS_OF, AS_OF, date(2025, 11, 1), date(2025, 10, 31), AS_OF],
        }
    )
    assert contacted(rows, as_of=AS_OF).collect().rows() == [("A", 2)]


def test_audits_are_shares_of_what_was_judged():
    rows = pl.LazyFrame(
        {
            "audited_on": [date(2025, 10, 31), date(2025, 11, 1), AS_OF, AS_OF, AS_OF],
            "block": ["basic", "basic", "basic", "preference", "profile"],
            "accurate": [False, True, False, None, True],
        }
    )
    part, whole = measures.right("accurate", ("basic", "preference"))
    found = measures.audited(rows, as_of=AS_OF).select(part=part, whole=whole)
    assert found.collect().row(0) == (1, 2)
    found = measures.audited(rows, as_of=AS_OF, years_back=1).select(part=part, whole=whole)
    assert found.collect().row(0) == (0, 1)


def test_accounts_by_channel():
    rows = pl.LazyFrame({"channel": ["app", "app", "mall"], "customer_id": ["A", None, "B"]})
    assert sorted(measures.accounts(rows).collect().rows()) == [("app", 2, 1), ("mall", 1, 1)]


EVENTS = pl.LazyFrame(
    [
        ("privacy_audit", date(2025, 10, 31), None),  # a year and a day ago: not told of
        ("privacy_audit", date(2026, 1, 20), date(2026, 1, 20)),
        ("privacy_audit", date(2026, 4, 20), date(2026, 4, 22)),
        ("privacy_audit", date(2026, 7, 20), None),
        ("privacy_audit", AS_OF, None),  # there is still today
        ("privacy_audit", date(2026, 11, 20), None),
        ("innovation_day", date(2026, 1, 1), None),  # none of these kinds
    ],
    schema={"kind": pl.String, "due_on": pl.Date, "held_on": pl.Date},
    orient="row",
)


def test_what_is_due_is_held_in_time_late_or_missed():
    found = events(EVENTS, as_of=AS_OF).collect()
    counts = found.select("due", "held", "on_time", "late", "missed").rows()
    assert counts == [(4, 2, 1, 1, 1)]
    last = found.select("kind", "last_held_on", "next_due_on").row(0)
    assert last == ("privacy_audit", date(2026, 4, 22), date(2026, 11, 20))


def test_an_audit_counts_in_the_quarter_in_which_it_was_held():
    quarter = held_quarter(EVENTS, start=date(2026, 4, 1), end=date(2026, 7, 1)).collect()
    assert quarter.item() == 1
    assert held_quarter(EVENTS, start=date(2026, 7, 1), end=AS_OF).collect().item() == 0


def test_a_breach_that_nobody_was_told_of_still_runs():
    began = datetime(2026, 10, 1, tzinfo=UTC)
    rows = pl.LazyFrame(
        {
            "incident_id": ["1", "2", "3"],
            "kind": ["breach", "breach", "outage"],
            "started_at": [began] * 3,
            "notified_at": [datetime(2026, 10, 3, 12, tzinfo=UTC), None, None],
        },
        schema_overrides=dict.fromkeys(("started_at", "notified_at"), pl.Datetime("us", "UTC")),
    )
    found = hours_to_tell(rows, datetime(2026, 10, 11, tzinfo=UTC)).collect()
    assert found.rows() == [("1", 60.0), ("2", 240.0)]
