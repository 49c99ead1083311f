"""The past of one customer, told alone, is what it is among all others."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn.fit import fit_churn
from metrics.churn.model import ChurnModel
from metrics.churn.past import bought_until, one_customer, past_risks
from metrics.churn.tables import CrmTables
from tests.metrics.churn_company import AS_OF, company

DAYS = [date(2025, 12, 31), date(2026, 2, 28), date(2026, 4, 30), date(2026, 5, 31), AS_OF]


@pytest.fixture(scope="module")
def all_of_them() -> tuple[CrmTables, ChurnModel, dict[date, float | None], pl.DataFrame]:
    tables = company(1200, seed=8)
    model = fit_churn(tables, as_of=AS_OF)
    bought = bought_until(tables, DAYS)
    parts = past_risks(
        tables,
        model,
        DAYS,
        lambda buyers, rows: rows.with_columns(who=buyers.ids.gather(rows["customer_id"])),
        bought=bought,
    )
    means = {day: bought.means[day] for day in DAYS}
    return tables, model, means, pl.concat(parts).sort("who", "as_of")


def alone(tables: CrmTables, customer: str) -> CrmTables:
    return tables.where(pl.col("customer_id") == customer)


def test_alone_as_among_all(
    all_of_them: tuple[CrmTables, ChurnModel, dict[date, float | None], pl.DataFrame],
):
    tables, model, means, everybody = all_of_them
    risky = everybody.filter(pl.col("p90") > 0)["who"].unique().sort().head(25)
    assert len(risky) == 25
    for customer in risky:
        found = one_customer(alone(tables, customer), model, means)
        expected = everybody.filter(who=customer).select(found.columns)
        assert_frame_equal(found, expected, check_dtypes=False)


def test_who_never_bought_has_no_past_and_without_a_model_there_is_no_risk(
    all_of_them: tuple[CrmTables, ChurnModel, dict[date, float | None], pl.DataFrame],
):
    tables, model, means, everybody = all_of_them
    assert one_customer(alone(tables, "nobody"), model, means).is_empty()
    customer = everybody["who"][0]
    found = one_customer(alone(tables, customer), None, means)
    assert found["p90"].is_null().all()
    assert found["silent_days"].null_count() == 0


def test_a_deleted_customer_is_told_up_to_the_day(
    all_of_them: tuple[CrmTables, ChurnModel, dict[date, float | None], pl.DataFrame],
):
    tables, model, means, _ = all_of_them
    gone = tables.customers.filter(
        pl.col("deleted_on").is_between(date(2026, 3, 1), date(2026, 4, 29))
    )
    for customer in gone.select("customer_id").collect().to_series().head(5):
        days = one_customer(alone(tables, customer), model, means)["as_of"].to_list()
        assert set(days) <= {date(2025, 12, 31), date(2026, 2, 28)}
