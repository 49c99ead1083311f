"""The real data reproduce the figures that others computed, from the contract tables alone.

Expected values: the publishers' own counts, and figures computed from the sources without any code
of ours (pandas and SQL over the downloads) before the importer existed.
"""

import hashlib
import re
import sqlite3
from datetime import UTC, date, datetime

import polars as pl
import pytest

from data_access import contract
from data_access.real import boost, build, carried

MONEY = 1000  # money_scale 3


@pytest.fixture(scope="module")
def real():
    return build.frames()


def purchases(real):
    return real["orders"].filter(
        pl.col("status") == "completed", pl.col("amount") > 0, pl.col("customer_id").is_not_null()
    )


# The contract


SOURCED = (
    *("feeds", "employees", "customers", "orders", "order_lines", "tickets", "ticket_events"),
    *("survey_responses", "campaigns", "campaign_members", "budgets", "budget_lines", "expenses"),
)


def test_these_tables_have_a_source(real):
    assert tuple(real) == SOURCED


@pytest.mark.parametrize("name", SOURCED)
def test_the_frames_keep_the_contract(real, name):
    table, frame = contract.TABLES[name], real[name]
    known = [column.name for column in table.columns]
    assert frame.columns == [name for name in known if name in frame.columns]
    for column in table.columns:
        if column.name not in frame.columns:
            assert column.optional, column.name
            continue
        values = frame[column.name]
        assert values.dtype == column.dtype, column.name
        assert column.nullable or not values.null_count(), column.name
        assert not column.values or set(values.unique()) <= set(column.values), column.name
        if column.minimum is not None:
            assert values.drop_nulls().is_empty() or values.min() >= column.minimum
        if column.maximum is not None:
            assert values.max() <= column.maximum
        if column.not_before and column.not_before in frame.columns:
            assert not frame.filter(pl.col(column.name) < pl.col(column.not_before)).height
    assert frame.height
    assert not frame.select(table.key).is_duplicated().any()


def test_every_reference_is_found(real):
    for name, frame in real.items():
        for column in contract.TABLES[name].columns:
            if column.references and column.name in frame.columns:
                key = contract.TABLES[column.references].key[0]
                known = real[column.references][key].implode()
                assert frame[column.name].drop_nulls().is_in(known).all(), (name, column.name)


def test_no_optional_column_is_there_and_empty(real):
    for name, frame in real.items():
        empty = [column for column in frame.columns if frame[column].null_count() == frame.height]
        assert empty in ([], ["customer_id"]), name


def test_tickets_surveys_and_campaign_members_name_no_customer(real):
    for name in ("tickets", "survey_responses", "campaign_members"):
        assert real[name]["customer_id"].null_count() == real[name].height


def test_each_feed_ends_with_its_own_source(real):
    ends = dict(real["feeds"].iter_rows())
    assert ends["orders"] == datetime(2011, 12, 9, 23, 59, 59, tzinfo=UTC)
    assert ends["tickets"] == datetime(2017, 2, 18, 23, 59, 59, tzinfo=UTC)
    assert ends["survey_responses"] == datetime(2018, 5, 31, 23, 59, 59, tzinfo=UTC)
    assert ends["campaign_members"] == datetime(2010, 11, 17, 23, 59, 59, tzinfo=UTC)
    assert ends["expenses"] == datetime(2022, 12, 31, 23, 59, 59, tzinfo=UTC)
    for name, end in ends.items():
        times = real[name].select(pl.col(contract.TIME)).max().row(0)
        assert all(time is None or time <= end for time in times), name


# Online Retail


def test_the_shop_nets_to_the_published_total(real):
    lines, orders = real["order_lines"], real["orders"]
    assert lines.height == 541_909
    assert orders.height == 25_900
    assert real["customers"].height == 4_372
    assert lines["amount"].sum() == orders["amount"].sum() == 9_747_747_934  # 9,747,747.934
    known = orders.filter(pl.col("customer_id").is_not_null())
    assert known["amount"].sum() == 8_300_065_814


def test_purchases_are_the_published_positive_lines(real):
    bought = purchases(real)
    assert bought.height == 18_532
    assert bought["customer_id"].n_unique() == 4_338
    assert bought["amount"].sum() == 8_911_407_904  # 8,911,407.904
    lines = real["order_lines"].filter(pl.col("amount") > 0)
    lines = lines.join(bought.select("order_id"), on="order_id", how="semi")
    assert lines.height == 397_884
    assert lines["amount"].sum() == 8_911_407_904


def test_an_order_is_the_sum_of_its_lines(real):
    summed = real["order_lines"].group_by("order_id").agg(pl.col("amount").sum())
    both = real["orders"].join(summed, on="order_id", how="left", validate="1:1")
    assert (both["amount"] == both["amount_right"]).all()


def test_credit_notes_are_returns_and_no_other_order_is(real):
    returned = real["orders"].filter(pl.col("status") == "returned")
    letters = returned["order_id"].str.head(1).value_counts(sort=True)
    assert letters.rows() == [("C", 3_836), ("A", 3)]
    assert returned["amount"].sum() == -611_342_090 - 285_470_400 - 11_062_060
    kept = real["orders"].filter(pl.col("status") == "completed")
    assert kept["amount"].min() == 0
    assert kept.filter(pl.col("amount") == 0).height == 2_102


def test_an_invoice_with_two_time_stamps_takes_the_first(real):
    source = carried.read("online_retail")
    times = source.group_by("InvoiceNo").agg(
        first=pl.col("InvoiceDate").min(), stamps=pl.col("InvoiceDate").n_unique()
    )
    assert times.filter(pl.col("stamps") > 1).height == 43
    both = real["orders"].join(times, left_on="order_id", right_on="InvoiceNo", validate="1:1")
    assert (both["ordered_at"].dt.replace_time_zone(None) == both["first"]).all()


def test_a_customer_belongs_to_the_country_of_most_of_its_invoices(real):
    region = dict(real["customers"].select("customer_id", "region").iter_rows())
    assert region["17850"] == "United Kingdom"
    assert region["12370"] == "Cyprus"  # 3 invoices there, 1 in Austria
    assert region["12431"] == "Australia"  # 16 there, 2 in Belgium
    assert region["12394"] == "Belgium"  # 1 there in May, 1 in Denmark in October
    assert real["customers"]["region"].null_count() == 4  # 'Unspecified'


def test_the_december_cohort_counts_customers_as_published(real):
    month = pl.col("ordered_at").dt.truncate("1mo").dt.date()
    active = purchases(real).select("customer_id", month=month).unique()
    cohort = active.group_by("customer_id").agg(first=pl.col("month").min())
    cohort = cohort.filter(pl.col("first") == date(2010, 12, 1))
    counts = active.join(cohort, on="customer_id", how="semi").group_by("month").len().sort("month")
    expected = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    assert counts["len"].to_list() == expected


# Incident log


def test_the_sources_sla_flag_is_counted_by_incident_not_by_event(real):
    tickets = real["tickets"]
    assert (tickets["source_sla_met"].sum(), tickets.height) == (15_803, 24_918)
    assert tickets["source_sla_met"].mean() == pytest.approx(0.6342, abs=5e-5)
    events = carried.read("incident_events")
    assert events.height == real["ticket_events"].height == 141_712
    assert events["made_sla"].mean() == pytest.approx(0.9350, abs=5e-5)  # the trap
    by_grade = tickets.group_by("grade").agg(pl.col("source_sla_met").sum(), pl.len())
    assert sorted(by_grade.rows()) == [
        ("p1", 5, 270),  # Critical
        ("p2", 2, 408),  # High
        ("p3", 15_145, 23_466),  # Moderate
        ("p4", 651, 774),  # Low
    ]


def test_tickets_carry_the_last_state_of_their_incident(real):
    tickets = real["tickets"]
    assert tickets["resolved_at"].null_count() == 1_556
    assert (tickets["reopened"] > 0).sum() == 275
    assert dict(tickets["channel"].value_counts().iter_rows()) == {
        "phone": 24_688,
        "self_service": 158,
        "email": 59,
        "ivr": 9,
        "direct": 4,
    }
    waited = (tickets["resolved_at"] - tickets["created_at"]).drop_nulls()
    assert len(waited) == 23_362
    assert waited.dt.total_minutes().median() / 60 == pytest.approx(22.1)
    closed = (tickets["closed_at"] - tickets["created_at"]).dt.total_minutes()
    assert closed.median() / 60 == pytest.approx(145.8667, abs=1e-4)


def test_what_the_log_does_not_record_is_absent(real):
    assert {"first_response_at", "routed_at"}.isdisjoint(real["tickets"].columns)


def test_events_are_numbered_from_one_and_end_closed(real):
    events = real["ticket_events"]
    per_ticket = events.group_by("ticket_id").agg(
        first=pl.col("event_number").min(),
        last=pl.col("event_number").max(),
        events=pl.len(),
        state=pl.col("status").sort_by("event_number").last(),
    )
    assert per_ticket.filter(pl.col("first") != 1).is_empty()
    assert per_ticket.filter(pl.col("last") != pl.col("events")).is_empty()
    assert per_ticket["state"].unique().to_list() == ["closed"]


# SFO survey


@pytest.mark.parametrize(
    ("wave", "asked", "promoters", "passives", "detractors", "score"),
    [("2017", 2_831, 1_436, 968, 342, 39.8398), ("2018", 2_809, 1_268, 935, 447, 30.9811)],
)
def test_the_promoter_score_is_the_published_one(
    real, wave, asked, promoters, passives, detractors, score
):
    answers = real["survey_responses"].filter(pl.col("survey") == wave)["nps"]
    assert len(answers) == asked
    assert (answers >= 9).sum() == promoters
    assert answers.is_between(7, 8).sum() == passives
    assert (answers <= 6).sum() == detractors
    valid = promoters + passives + detractors
    assert valid == {"2017": 2_746, "2018": 2_650}[wave] == answers.count()
    assert 100 * (promoters - detractors) / valid == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize(
    ("wave", "answered", "top_two", "mean"),
    [("2017", 2_688, 0.820685, 4.064360), ("2018", 2_625, 0.784381, 4.002667)],
)
def test_satisfaction_is_the_published_one(real, wave, answered, top_two, mean):
    answers = real["survey_responses"].filter(pl.col("survey") == wave)["csat"].drop_nulls()
    assert len(answers) == answered
    assert (answers >= 4).mean() == pytest.approx(top_two, abs=1e-6)
    assert answers.mean() == pytest.approx(mean, abs=1e-6)


def test_answers_are_from_may_but_for_two_whose_weekday_says_otherwise(real):
    days = real["survey_responses"]["answered_at"].dt.date()
    assert days.filter(days.dt.month() != 5).sort().to_list() == [
        date(2017, 6, 5),  # day 5, a Monday; 5 May was a Friday
        date(2017, 8, 15),  # day 15, a Tuesday; neither 15 June nor 15 July was
    ]
    assert (days == date(2017, 5, 25)).sum() == 286
    assert days.max() == date(2018, 5, 31)


# BOOST


def test_every_budget_line_has_the_sources_execution_ratio(real):
    lines = real["budget_lines"].join(real["expenses"], on="line_id", validate="1:1")
    assert lines.height == 18_444
    source = carried.read("budget_execution").select(
        "execution_ratio",
        country="country_code",
        item="budget_line",
        period_start=pl.date(pl.col("year").cast(pl.Int32), 1, 1),
    )
    lines = lines.with_columns(country=pl.col("budget_id").str.head(3))
    both = lines.join(source, on=["country", "item", "period_start"], validate="1:1")
    assert both.height == 18_444
    ratio = both["amount"].cast(pl.Float64) / both["planned"].cast(pl.Float64) * 100
    # Percentage points; amounts are rounded to a thousandth, the smallest plan is 100 units.
    assert (ratio - both["execution_ratio"]).abs().max() < 1e-6


def test_total_lines_are_as_published(real):
    totals = real["budget_lines"].filter(pl.col("subject") == "total")
    totals = totals.join(real["expenses"], on="line_id", validate="1:1")
    assert totals.height == 1_012
    ratio = totals["amount"] / totals["planned"] * 100
    assert ratio.mean() == pytest.approx(91.869784, abs=1e-6)
    assert ratio.median() == pytest.approx(94.341738, abs=1e-6)
    assert (ratio > 100).sum() == 227
    afghanistan = totals.filter(
        pl.col("budget_id") == "AFG-total", pl.col("period_start") == date(2011, 1, 1)
    )
    assert afghanistan.select("planned", "amount").row(0) == (
        214_388_970_583_150,  # 214,388,970,583.15
        201_961_147_948_820,  # 201,961,147,948.81976
    )


def test_no_budget_counts_money_twice(real):
    levels = pl.col("budget_id").str.slice(4)
    assert real["budgets"].select(levels)["budget_id"].value_counts().sort("budget_id").rows() == [
        ("parts", 86),
        ("sectors", 96),
        ("total", 98),
        ("types", 95),
    ]
    lines = real["budget_lines"].with_columns(level=levels, country=pl.col("budget_id").str.head(3))
    items = lines.group_by("level").agg(pl.col("item").unique())
    assert items["item"].explode().is_duplicated().sum() == 0  # an item stands on one level only
    years = lines.group_by("country", "period_start", "level").agg(pl.col("planned").sum())
    wide = years.pivot(on="level", index=["country", "period_start"], values="planned")
    assert wide.filter(pl.col("sectors") > pl.col("total")).is_empty()


def test_big_amounts_stay_whole():
    amounts = pl.DataFrame({"x": [454_312_345_678_901.0, 201_961_147_948.81976, 0.0, 0.0005]})
    assert amounts.select(boost.exact("x"))["x"].to_list() == [
        454_312_345_678_901_000,  # a float cannot hold this one exactly
        201_961_147_948_820,
        0,
        0,  # half a thousandth, to even
    ]


# Bank marketing


def test_the_campaigns_convert_as_published(real):
    members = real["campaign_members"]
    assert (members["converted"].sum(), members.height) == (5_289, 45_211)
    assert members["converted"].mean() == pytest.approx(0.1170, abs=5e-5)
    yearly = members.group_by("campaign_id").agg(pl.len(), pl.col("converted").sum())
    assert sorted(yearly.rows()) == [
        ("term-deposit-2008", 27_729, 1_401),
        ("term-deposit-2009", 14_862, 2_536),
        ("term-deposit-2010", 2_620, 1_352),
    ]


def test_the_derived_years_are_in_order_and_fall_on_working_days(real):
    days = real["campaign_members"]["contacted_at"].dt.date()
    assert (days[0], days[-1]) == (date(2008, 5, 5), date(2010, 11, 17))
    assert days.is_sorted()
    assert (days.dt.weekday() > 5).sum() == 50


# The database and the carried files


def test_the_database_gives_the_same_figures_to_plain_sql(tmp_path):
    path = tmp_path / "deeper" / "crm.sqlite"
    build.build(path)
    connection = sqlite3.connect(path)
    ask = lambda sql: connection.execute(sql).fetchone()  # noqa: E731
    assert ask("SELECT count(*), sum(amount) FROM order_lines") == (541_909, 9_747_747_934)
    assert ask(
        "SELECT count(*), count(DISTINCT customer_id), sum(amount) FROM orders "
        "WHERE status = 'completed' AND amount > 0 AND customer_id IS NOT NULL"
    ) == (18_532, 4_338, 8_911_407_904)
    assert ask("SELECT sum(source_sla_met), count(*) FROM tickets") == (15_803, 24_918)
    assert ask("SELECT max(ordered_at) FROM orders") == ("2011-12-09 12:50:00.000000",)
    assert ask("SELECT max(planned), typeof(max(planned)) FROM budget_lines")[1] == "integer"
    assert ask("SELECT count(*) FROM sqlite_master WHERE name = 'interactions'") == (0,)
    connection.close()
    assert [file.name for file in path.parent.iterdir()] == ["crm.sqlite"]


def test_the_carried_files_are_those_that_were_attributed():
    words = (carried.FOLDER / "ATTRIBUTION.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| `(\w+\.parquet)` \| ([\d,]+) \| `([0-9a-f]{64})` \|", words)
    assert sorted(name for name, _, _ in rows) == sorted(
        path.name for path in carried.FOLDER.glob("*.parquet")
    )
    for name, count, digest in rows:
        path = carried.FOLDER / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert pl.scan_parquet(path).select(pl.len()).collect().item() == int(
            count.replace(",", "")
        )
