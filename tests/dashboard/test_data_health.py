"""The measures of data health: asked again of the CRM in plain SQL, adding up, within rights."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import data_health_headline, data_trust, file_quality
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.catalog import KPIS
from metrics.selection import Selection
from tests.conftest import Installation

MOMENT = "2026-10-31 10:00:00.000000"  # until when the demo's feeds are complete, UTC
PEOPLE = f"""
create temp table people as
  select * from (select *, max(updated_at) from main.customers group by customer_id)
  where deleted_at is null;
create temp table buys as
  select * from (select *, max(updated_at) from main.orders group by order_id)
  where deleted_at is null and ordered_at <= '{MOMENT}'
    and status in ('completed', 'returned', 'cancelled');
"""


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(PEOPLE)
    return demo_crm


SQL = {
    "complete_core": """
        select sum((trim(coalesce(name, '')) != '') + (trim(coalesce(phone, '')) != '')
                 + (trim(coalesce(email, '')) != '') + (trim(coalesce(address, '')) != '')),
               4 * count(*) from people""",
    "complete_preferences": """
        select sum((preferred_channel is not null) + (preferred_product is not null)
                 + (service_need is not null)), 3 * count(*) from people""",
    "orders_named": """
        select sum(customer_id in (select customer_id from main.customers)), count(*) from buys""",
    "connectivity": """
        select sum(customer_id in (select customer_id from main.customers)), count(*)
        from main.identities""",
    "data_accuracy": """
        select sum(accurate), count(accurate) from main.profile_audits
        where block != 'profile' and date(audited_at, '+8 hours') > '2025-10-31'""",
    "profile_accuracy": """
        select sum(accurate), count(accurate) from main.profile_audits
        where block = 'profile' and date(audited_at, '+8 hours') > '2025-10-31'""",
    "data_consistency": """
        select sum(consistent), count(consistent) from main.profile_audits
        where date(audited_at, '+8 hours') > '2025-10-31'""",
    "consent_kept": f"""
        select sum(marketing_consent), count(marketing_consent)
        from (select * from main.interactions group by interaction_id)
        join people using (customer_id)
        where direction = 'outbound' and occurred_at <= '{MOMENT}'
          and date(occurred_at, '+8 hours') > '2025-10-31'""",
}


@pytest.mark.parametrize("key", SQL)
def test_a_share_is_what_plain_sql_says(key: str, view: View, crm: sqlite3.Connection):
    part, whole = crm.execute(SQL[key]).fetchone()
    reading = data_health_headline.headline(view)[key]
    assert (reading.value, reading.n) == (pytest.approx(part / whole, abs=1e-12), whole)
    assert 0 < part < whole


def test_doubles_are_what_a_dictionary_finds(view: View, crm: sqlite3.Connection):
    people: list[tuple[Any, ...]] = crm.execute(
        "select customer_id, phone, lower(trim(email)), lower(trim(name)) || char(10) || region"
        " from people"
    ).fetchall()
    phones = {
        who: digits
        for who, phone, *_ in people
        if phone and 7 <= len(digits := re.sub(r"\D", "", phone)) <= 15
    }
    emails = {who: email for who, _, email, _ in people if email and "@" in email}
    names = {who: name for who, *_, name in people if name}
    doubles = [_doubles(kind) for kind in (phones, emails, names)]
    found = file_quality.duplicates(view)
    told = dict(found.select("by", "customers").rows())
    assert [told["phone"], told["email"], told["name"]] == [len(each) for each in doubles]
    assert told["any"] == len(set.union(*doubles)) > 0
    one_file = data_health_headline.headline(view)["one_file"]
    assert one_file.value == pytest.approx(1 - told["any"] / len(people))


def _doubles(keys: dict[str, str]) -> set[str]:
    often = Counter(keys.values())
    return {who for who, key in keys.items() if often[key] > 1}


def test_runs_and_reviews_are_what_plain_sql_says(view: View, crm: sqlite3.Connection):
    readings = data_health_headline.headline(view)
    read, runs = crm.execute(
        "select sum(records_in), count(*) from main.sync_runs"
        " where kind in ('consolidation', 'cleansing') and finished_at is not null"
    ).fetchone()
    assert (readings["consolidated_records"].value, readings["consolidated_records"].n) == (
        read,
        runs,
    )
    (updates,) = crm.execute(
        "select count(*) from main.sync_runs where kind = 'sync' and finished_at is not null"
        " and date(started_at, '+8 hours') > '2026-10-01'"
    ).fetchone()
    assert readings["data_updates"].value == updates > 0
    on_time, due = crm.execute(
        "select sum(held_on <= due_on), count(*) from main.governance_events"
        " where due_on > '2025-10-31' and due_on <= '2026-10-31'"
        " and kind in ('privacy_audit', 'penetration_test', 'backup_check', 'access_review')"
    ).fetchone()
    assert (readings["governance_on_time"].value, readings["governance_on_time"].n) == (
        pytest.approx(on_time / due),
        due,
    )
    (hours,) = crm.execute(
        "select max(julianday(notified_at) - julianday(started_at)) * 24 from main.incidents"
        " where kind = 'breach'"
    ).fetchone()
    assert readings["breach_hours"].value == pytest.approx(hours, abs=1e-3)


def test_entries_blocks_and_cards_add_up(view: View):
    readings = data_health_headline.headline(view)
    for block, key in (("basic", "complete_core"), ("preference", "complete_preferences")):
        rows = file_quality.completeness(view).filter(pl.col("block") == block)
        assert readings[key].n == rows["n"].sum()
        assert readings[key].value == pytest.approx(1 - rows["missing"].sum() / rows["n"].sum())
    channels = data_trust.accounts(view)
    assert readings["connectivity"].n == channels["accounts"].sum()
    blocks = data_trust.accuracy(view).filter(pl.col("block") != "profile")
    assert readings["data_accuracy"].n == blocks["n"].sum()


def test_regions_add_up_to_the_company(view: View):
    everybody = file_quality.readings(view)
    facts = data.frame(view, "profile_facts").collect()
    unknown = facts.filter(pl.col("region").is_null())
    parts = [
        file_quality.readings(replace(view, selection=Selection((("region", (region,)),))))
        for region in facts["region"].drop_nulls().unique().to_list()
    ]
    for key, flag in (("stale_files", "stale"), ("complete_core", "phone")):
        n = [part[key].n or 0 for part in parts]
        each = (everybody[key].n or 0) // facts.height  # one file, or four entries of it
        assert sum(n) + unknown.height * each == everybody[key].n
        assert facts[flag].sum() > 0
    stale = sum(
        round((part["stale_files"].value or 0) * (part["stale_files"].n or 0)) for part in parts
    )
    assert stale + unknown["stale"].sum() == facts["stale"].sum()


def test_every_measure_of_the_page_has_a_reading_and_no_other(view: View):
    area = {key for key, kpi in KPIS.items() if kpi.page == "data_health"}
    assert set(data_health_headline.headline(view)) == area


@pytest.mark.parametrize("name", ["empty", "minimal"])
def test_what_is_not_recorded_is_said(
    name: str, request: pytest.FixtureRequest, opened: Callable[[Installation], None]
):
    opened(request.getfixturevalue(name))
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    readings = data_health_headline.headline(view)
    gone = {key for key, reading in readings.items() if reading.value is None}
    assert all(readings[key].missing for key in gone)
    told = {"connectivity", "data_accuracy", "breach_hours", "data_updates", "privacy_audits"}
    assert told <= gone


def test_no_mart_holds_a_phone_number_or_an_address(view: View, crm: sqlite3.Connection):
    """Neither as it was typed nor as it is compared: every text of every mart is looked at."""
    secret = {
        value
        for row in crm.execute("select phone, email, address from people")
        for value in row
        if value and len(value) > 7
    }
    secret |= {re.sub(r"\D", "", value) for value in secret if value[0] in "+1"}
    known = data.snapshot(view).manifest
    marts = set(known.tables) - set(known.facts["counts"])
    assert "profile_facts" in marts
    for name in marts:
        texts = data.frame(view, name).select(pl.col(pl.String)).collect()
        for column in texts:
            assert not secret & set(column.drop_nulls().unique().to_list()), (name, column.name)
