"""Other definitions of churn: as if everything had been computed by them, and what they cost."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn.definitions import choices, costs, rescored, standard_code
from metrics.churn.fit import fit_churn
from metrics.churn.model import ChurnModel
from metrics.churn.rhythm import Definition
from metrics.churn.risk import customer_risk
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import lapsed
from tests.metrics.churn_company import AS_OF, company


@pytest.fixture(scope="module")
def scored() -> tuple[CrmTables, ChurnModel, pl.DataFrame]:
    tables = company(1500, seed=5)
    model = fit_churn(tables, as_of=AS_OF)
    return tables, model, customers(tables, model, Definition.standard())


def customers(tables: CrmTables, model: ChurnModel | None, definition: Definition) -> pl.DataFrame:
    """What the mart holds, computed from the events by that definition."""
    people = customer_risk(tables, model, as_of=AS_OF, definition=definition)
    then = lapsed(tables.purchases(), as_of=AS_OF, definition=definition).collect()
    return people.join(then, on="customer_id", how="left", maintain_order="left").drop(
        "tau_then_days"
    )


@pytest.mark.parametrize("code", list(choices()))
def test_rescored_is_what_the_events_say_by_that_definition(
    code: str, scored: tuple[CrmTables, ChurnModel, pl.DataFrame]
):
    tables, model, mart = scored
    definition = choices()[code]
    found = rescored(mart.lazy(), model, definition).collect()
    assert_as(found, customers(tables, model, definition), mart)
    assert found["p90"].drop_nulls().sum() > 0
    assert found["churned"].sum() > 0


def test_the_definition_of_the_rules_is_among_the_choices_and_changes_nothing(
    scored: tuple[CrmTables, ChurnModel, pl.DataFrame],
):
    _, model, mart = scored
    definition = choices()[standard_code()]
    assert definition == Definition.standard()
    assert_frame_equal(rescored(mart.lazy(), model, definition).collect(), mart)


def test_without_a_model_silence_is_judged_and_nothing_is_scored(
    scored: tuple[CrmTables, ChurnModel, pl.DataFrame],
):
    tables, _, _ = scored
    mart = customers(tables, None, Definition.standard())
    found = rescored(mart.lazy(), None, choices()["90d"]).collect()
    assert_as(found, customers(tables, None, choices()["90d"]), mart)
    assert found["p90"].is_null().all()


def assert_as(found: pl.DataFrame, expected: pl.DataFrame, mart: pl.DataFrame) -> None:
    """By that definition, but for who left lately: that is told by the rules' alone."""
    assert_frame_equal(found, expected.with_columns(mart["lapsed_lately"]))


def worked(*rows: tuple[int | None, float | None, int | None, float | None]) -> pl.LazyFrame:
    """Silence and usual gap now, and 90 days ago."""
    names = ("silent_days", "usual_gap_days", "silent_then_days", "gap_then_days")
    types = (pl.Int32, pl.Float64, pl.Int32, pl.Float64)
    schema = dict(zip(names, types, strict=True))
    frame = pl.DataFrame(list(rows), schema=schema, orient="row").lazy()
    return frame.with_columns(
        pl.lit(None, kind).alias(name)
        for name, kind in (
            ("contract_days", pl.Int32),
            ("contract_ended_on", pl.Date),
            ("ended_then_on", pl.Date),
            ("remaining_days", pl.Int32),
        )
    )


def test_what_a_definition_costs_is_who_came_back_of_those_it_had_given_up():
    rows = worked(
        (10, 30.0, 100, 20.0),  # back 10 days ago after at least 100: churned by 4 x 20, not by 180
        (300, 40.0, 210, 40.0),  # churned by 4 x 40 and by 180 days then, and still away
        (89, 25.0, 120, 25.0),  # churned by 4 x 25 then; bought 89 days ago: came back
        (90, 25.0, 0, 25.0),  # bought on that very day
        (5, 30.0, None, None),  # bought for the first time since
        (None, None, None, None),  # never bought
    )
    found = {row["code"]: row for row in costs(rows).iter_rows(named=True)}
    assert list(found) == list(choices())
    four, long = found["4x"], found["180d"]
    assert (four["lapsed"], four["came_back"], four["win_back_rate"]) == (
        3,
        2,
        pytest.approx(2 / 3),
    )
    assert (long["lapsed"], long["came_back"], long["win_back_rate"]) == (1, 0, 0.0)
    assert (four["churned"], long["churned"]) == (1, 1)
    # 4 x 30, 160, 100, 100 and 120: of five buyers the middle one
    assert (four["typical_days"], long["typical_days"]) == (120, 180)
    assert 0 < four["win_back_rate_low"] < 2 / 3 < four["win_back_rate_high"] < 1


def test_a_contract_signed_since_undoes_no_lapse_and_one_of_then_is_none():
    rows = worked(
        (300, 40.0, 210, 40.0),  # without a contract on either day
        (300, 40.0, 210, 40.0),  # lapsed then, under contract today: lapsed, and not churned
        (300, 40.0, None, None),  # under contract then: what was known is left out; churned today
    ).with_columns(contract_days=pl.Series([None, 30, None], dtype=pl.Int32))
    found = costs(rows).row(by_predicate=pl.col("code") == "4x", named=True)
    assert (found["lapsed"], found["churned"], found["typical_days"]) == (2, 2, 160)


def test_of_nobody_there_is_nothing_to_tell():
    found = costs(worked())
    assert found["churned"].to_list() == [0] * len(choices())
    assert found["win_back_rate"].is_null().all()
    assert found["typical_days"].is_null().all()


def test_a_company_whose_rules_say_a_fixed_silence_has_it_among_the_choices(
    monkeypatch: pytest.MonkeyPatch,
):
    from metrics.churn import definitions

    choices.cache_clear()
    monkeypatch.setattr(Definition, "standard", classmethod(lambda cls: cls(fixed_days=120)))
    try:
        assert definitions.standard_code() == "120d"
        assert list(choices())[-4:] == ["90d", "120d", "180d", "365d"]
        assert choices()["120d"] == Definition(fixed_days=120)
    finally:
        choices.cache_clear()


def test_lapsed_days_are_counted_to_the_day_90_days_ago():
    day = AS_OF - timedelta(days=90)
    purchases = pl.LazyFrame({"customer_id": ["a", "a"], "ordered_on": [day, date(2026, 1, 1)]})
    found = lapsed(purchases, as_of=AS_OF).collect().row(0, named=True)
    assert (found["silent_then_days"], found["lapsed"]) == (0, False)
