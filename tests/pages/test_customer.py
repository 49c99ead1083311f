"""The page of one customer, of every kind: under contract, churned, without a purchase."""

from __future__ import annotations

import polars as pl
import pytest

from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import SnapshotStore
from tests.pages.test_pages import Open, assert_opens, run

KINDS = {
    "under contract": pl.col("contract_days").is_not_null(),
    "churned": pl.col("churned"),
    "left a contract": pl.col("contract_ended_on").is_not_null(),
    "left a contract without a purchase": (
        pl.col("contract_ended_on").is_not_null() & pl.col("silent_days").is_null()
    ),
    "back after a contract": (
        (pl.col("stage") == "won_back") & pl.col("broken_silence_days").is_null()
    ),
    "at risk": (pl.col("p90") > 0.3) & pl.col("contract_days").is_null(),
    "without a purchase": pl.col("first_order_on").is_null() & pl.col("contract_days").is_null(),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_of_every_kind_is_told(kind: str, language: str, opened: Open, demo):
    opened(demo)
    mart = SnapshotStore(demo.own.snapshots).current().scan("customer_mart", LOCAL_ADMINISTRATOR)
    row = mart.filter(KINDS[kind]).sort("customer_id").head(1).collect().row(0, named=True)
    app = run("customer", language, id=row["customer_id"])
    assert_opens(app, "customer", language)
    told = " ".join(block.body for block in app.get("html"))
    assert row["name"] in told
    worth = {"zh": "生命周期价值", "en": "lifetime value"}[language]
    bought = row["first_order_on"] is not None
    assert (worth in told.lower()) is not bought or row["clv"] is None
