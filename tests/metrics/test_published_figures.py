"""Voice, service, budget and campaign figures of the public data, as published elsewhere."""

from datetime import UTC, date, datetime
from functools import cache

import polars as pl
import pytest

from data_access.contract import TABLES
from data_access.real import carried
from data_access.real.build import frames
from metrics import budget, csat, nps, sla, surveys
from metrics.calendar import Grain
from metrics.campaigns import members as campaigns
from metrics.measure import measure
from metrics.rules import load
from metrics.selection import Period
from metrics.trends import Buckets, trend


@cache
def real():
    """The carried tables, with the columns that extraction adds: absent ones and days."""
    return {name: _as_extracted(name, frame) for name, frame in frames().items()}


def _as_extracted(name, frame):
    table = TABLES[name]
    absent = [
        pl.lit(None, dtype=column.dtype).alias(column.name)
        for column in table.columns
        if column.name not in frame.columns
    ]
    days = [pl.col(time).dt.date().alias(day) for time, day in table.days.items()]
    return frame.with_columns(absent).with_columns(days).lazy()


@cache
def answers():
    return surveys.survey_facts(real()["survey_responses"])


@cache
def incidents():
    tickets = real()["tickets"]
    ends = real()["feeds"].filter(table_name="tickets").collect()
    as_of, recorded = ends["complete_until"].item(), sla.recorded_times(tickets)
    judged = sla.judged(tickets, policies=sla.policies(), as_of=as_of, recorded=recorded)
    return sla.ticket_facts(judged, as_of=as_of, recorded=recorded)


def test_nps_of_the_airport_survey():
    found = measure(answers(), "survey", **nps.NPS.over_rows()).collect()
    counts = ("survey", "promoters", "passives", "detractors", "responses")
    assert found.select(counts).rows() == [
        ("2017", 1436, 968, 342, 2746),  # code 11 is blank: with it +41.63
        ("2018", 1268, 935, 447, 2650),
    ]
    assert found["nps"].to_list() == pytest.approx([39.839767, 30.981132], abs=1e-6)
    assert found["nps_low"][0] > found["nps_high"][1]  # the fall is real


def test_nps_by_year_of_the_trend_is_the_same():
    cut = Buckets("answered_on", Grain.YEAR, Period(date(2017, 1, 1), date(2019, 1, 1)))
    found = trend(answers(), nps.NPS, cut, as_of=date(2018, 5, 31)).collect()
    assert found["nps"].to_list() == pytest.approx([39.839767, 30.981132], abs=1e-6)
    assert found["complete"].to_list() == [True, False]


def test_csat_of_the_airport_survey():
    found = measure(answers(), "survey", **csat.CSAT.over_rows()).collect()
    assert found["rated"].to_list() == [2688, 2625]
    assert found["csat_mean"].to_list() == pytest.approx([4.064360, 4.002667], abs=1e-6)
    assert found["csat_share"].to_list() == pytest.approx([0.820685, 0.784381], abs=1e-6)


def test_the_airport_survey_records_no_invitations_so_there_is_no_response_rate():
    found = measure(answers(), **surveys.RESPONSE.over_rows()).collect()
    assert found["answers_without_invitation"].item() == 5640
    assert found["response_rate"].item() is None


def test_the_sla_flag_counts_incidents_and_not_events():
    found = measure(incidents(), **sla.SOURCE_ATTAINMENT.over_rows()).collect().row(0, named=True)
    assert (found["source_met"], found["source_missed"]) == (15803, 24918 - 15803)
    assert found["source_attainment"] == pytest.approx(0.634200, abs=1e-6)  # events: 93.50 %


def test_the_sla_flag_by_priority():
    found = measure(incidents(), "grade", **sla.SOURCE_ATTAINMENT.over_rows()).collect()
    decided = found["source_met"] + found["source_missed"]
    assert list(zip(found["grade"], found["source_met"], decided, strict=True)) == [
        ("p1", 5, 270),
        ("p2", 2, 408),
        ("p3", 15145, 23466),
        ("p4", 651, 774),
    ]


def test_the_sla_flag_by_month_opened():
    cut = Buckets("created_on", Grain.MONTH, Period(date(2016, 3, 1), date(2016, 6, 1)))
    found = trend(incidents(), sla.SOURCE_ATTAINMENT, cut, as_of=date(2017, 2, 18)).collect()
    decided = (found["source_met"] + found["source_missed"]).to_list()
    assert decided == [8995, 7934, 7508]
    assert found["source_attainment"].to_list() == pytest.approx(
        [0.398555, 0.766952, 0.775173], abs=1e-6
    )
    assert found["complete"].all()


def test_priorities_of_the_source_carry_no_promise_and_no_answer_is_recorded():
    found = measure(incidents(), **sla.attainment().over_rows()).collect().row(0, named=True)
    assert (found["met"], found["missed"], found["due"]) == (0, 0, 0)
    assert found["unjudged"] == 24918  # phone calls too: first responses are not recorded
    assert found["attainment"] is None


def test_the_source_judges_an_incident_by_its_closing():
    """The rule is not published; thresholds and agreement were found independently of us."""
    found = sla.followed_limits(incidents())
    best = found.filter(way="closed")
    assert found["way"][0] == "closed"
    assert dict(best.select("grade", "limit_hours").rows()) == pytest.approx(
        {"p1": 6.38, "p2": 0.1, "p3": 217.52, "p4": 497.45}, abs=0.01
    )
    assert best["agreed"].sum() / best["tickets"].sum() == pytest.approx(0.9806, abs=5e-4)


def test_nearly_every_difference_from_the_source_has_its_cause():
    """Promises of these limits until the solution: the source counts until closed, and no pause."""
    limits = sla.followed_limits(incidents(), ["closed"]).select("grade", "limit_hours").rows()
    promises = [
        {
            "key": grade,
            "source": "S0",
            "kinds": ["inquiry"],
            "grade": grade,
            "clock": "resolution",
            "limit_minutes": round(hours * 60),
        }
        for grade, hours in limits
    ]
    policies = sla.policies({**load("sla"), "promises": promises})
    tickets, events = real()["tickets"], real()["ticket_events"]
    as_of, recorded = datetime(2017, 2, 18, 23, 59, 59, tzinfo=UTC), sla.recorded_times(tickets)
    turns = sla.turns(events, policies.states, as_of=as_of)
    pieces = sla.segments(tickets, turns, policies.states)
    times = policies.times(zone="UTC", as_of=as_of)
    turned = sla.turned_due(pieces, policies, times, as_of=as_of)
    judged = sla.judged(tickets, policies=policies, as_of=as_of, recorded=recorded, turned=turned)
    found = sla.differences(judged, policies, as_of=as_of, recorded=recorded).collect()
    assert found.drop_nulls("sla_state").height == 24918
    causes = dict(found["difference"].drop_nulls().value_counts().rows())
    assert sum(causes.values()) == pytest.approx(5859, abs=30)
    assert causes["closing"] / sum(causes.values()) > 0.98
    assert causes["unknown"] < 110


def test_budget_execution_of_every_line_of_every_country():
    months = budget.budget_months(
        real()["budget_lines"], real()["expenses"], real()["budgets"]
    ).with_columns(year=pl.col("month").dt.year())
    by_line = budget.execution(months, "budget_id", "subject", "item", "year")
    # A year between two recorded ones has neither plan nor spending.
    found = by_line.filter(pl.col("planned") != 0).collect()
    source = carried.read("budget_execution").select(
        "execution_ratio",
        country="country_code",
        item="budget_line",
        year=pl.col("year").cast(pl.Int32),
    )
    ours = found.rename({"execution_ratio": "ours"}).with_columns(
        country=pl.col("budget_id").str.head(3)
    )
    both = ours.join(source, on=["country", "item", "year"], validate="1:1")
    assert both.height == found.height == source.height == 18_444
    # Percentage points; amounts are rounded to a thousandth of a unit.
    assert (100 * both["ours"] - both["execution_ratio"]).abs().max() < 1e-6
    afghanistan = found.filter(budget_id="AFG-total", year=2011)["execution_ratio"].item()
    assert 100 * afghanistan == pytest.approx(94.2031427, abs=1e-6)


def test_conversion_of_the_bank_campaigns():
    found = measure(real()["campaign_members"], **campaigns.RESULTS.over_rows()).collect()
    assert found["converted"].item() == 5289
    assert found["conversion_known"].item() == 45_211
    assert found["conversion_share"].item() == pytest.approx(0.116985, abs=1e-6)
    results = campaigns.campaign_results(real()["campaign_members"], real()["campaigns"]).collect()
    assert results["converted"].sum() == 5289
    assert results["lift"].null_count() == results.height == 3  # nobody was held out
