"""Cards: judgement, change and target in words that fit the KPI."""

from __future__ import annotations

import pytest

from dashboard import i18n, kpi
from dashboard.reading import Reading, unavailable
from metrics.catalog import KPIS, Target


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "en")


@pytest.mark.parametrize(
    ("key", "value", "judgement"),
    [
        ("nps", 50.0, "good"),  # exactly at target
        ("nps", 49.9, "bad"),
        ("nps", None, "neutral"),
        ("budget_variance", 0.10, "good"),
        ("budget_variance", -0.101, "watch"),
        ("budget_variance", 0.15, "watch"),
        ("budget_variance", -0.151, "bad"),
        ("revenue", 1.0, "neutral"),  # no target
    ],
)
def test_judgement_against_the_target(key: str, value: float | None, judgement: str):
    assert KPIS[key].judge(value) == judgement


@pytest.mark.parametrize(
    ("key", "now", "before", "judgement"),
    [
        ("nps", 46.0, 49.0, "bad"),
        ("backlog", 40.0, 60.0, "good"),  # fewer open tickets
        ("budget_variance", -0.02, 0.10, "good"),  # closer to plan
        ("budget_variance", -0.12, 0.10, "bad"),
        ("nps", 46.0, 46.0, "neutral"),
    ],
)
def test_a_change_is_good_or_bad_by_the_direction_of_the_kpi(
    key: str, now: float, before: float, judgement: str
):
    assert KPIS[key].judge_change(now, before) == judgement


def test_values_carry_their_unit():
    assert kpi.value_text(KPIS["csat"], 0.8789) == "87.9%"
    assert kpi.value_text(KPIS["nps"], -3.14) == "−3.1"
    assert kpi.value_text(KPIS["budget_variance"], 0.121) == "+12.1%"
    assert kpi.value_text(KPIS["nps"], None) == "–"


def test_a_change_of_a_share_is_in_points():
    assert kpi.change_text(KPIS["csat"], 0.006) == "+0.6 pp"
    assert kpi.change_text(KPIS["nps"], -3.1) == "−3.1"


def test_a_time_and_its_change_are_told_as_people_say_them():
    assert kpi.value_text(KPIS["first_response_hours"], 0.13) == "8 min"
    assert kpi.change_text(KPIS["first_response_hours"], -0.2) == "−12 min"


def test_targets_in_words():
    said = [kpi.target_text(KPIS[key], KPIS[key].targets[0]) for key in ("nps", "csat")]
    assert said == ["50", "85%"]
    variance = KPIS["budget_variance"]
    assert kpi.target_text(variance, variance.targets[0]) == "±15%"


def test_why_there_is_no_value():
    said = kpi.missing_text(unavailable("no_table", "tickets"))
    assert said == "The CRM has no table tickets, so this cannot be computed."


def test_a_target_against_the_baseline_needs_one():
    target = Target(0.3, "base", "at_least", "S0", basis="relative")
    assert target.level(None) is None
    assert target.level(0.4) == pytest.approx(0.52)
    fall = Target(-0.2, "base", "at_most", "S3", basis="relative")
    assert fall.level(50) == pytest.approx(40)


@pytest.mark.parametrize(
    ("value", "baseline", "judgement", "said"),
    [
        (0.53, 0.4, "good", "target +30% on 40.0%: 52.0%"),
        (0.51, 0.4, "bad", "target +30% on 40.0%: 52.0%"),
        (0.99, None, "neutral", "no baseline, so no verdict"),  # never a pass
        (0.9, 0.8, "bad", "beyond 100%, out of reach"),  # +30% on 80%
    ],
)
def test_a_card_tells_the_baseline_its_target_is_set_against(
    value: float,
    baseline: float | None,
    judgement: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
):
    entry = KPIS["second_order_conversion"]
    rule = {"value": 0.3, "role": "base", "kind": "at_least", "source": "S0", "basis": "relative"}
    monkeypatch.setattr("metrics.rules.load", lambda _: {entry.key: [rule]})
    reading = Reading(value, n=100, baseline=baseline)
    assert entry.judge(reading.value, reading.baseline) == judgement
    assert said in kpi._foot(entry, reading)
