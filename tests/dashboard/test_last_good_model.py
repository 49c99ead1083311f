"""A fit that is refused leaves the last good model at work, dated, and says why."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dashboard import churn_models
from dashboard.pipeline import refresh
from dashboard.settings import embedded
from dashboard.store import store
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.churn.regime import PURCHASES
from tests.conftest import Installation
from tests.pages.test_pages import run


@pytest.fixture
def shrunk(demo: Installation, tmp_path: Path) -> Installation:
    """The demo company, published; then all but a few of its customers are gone, and again."""
    home = tmp_path / "home"
    own = replace(demo.own, home=home, crm_url=f"sqlite:///{embedded(home, 'demo')}")
    own.embedded_database.parent.mkdir(parents=True)
    shutil.copy(demo.own.embedded_database, own.embedded_database)
    refresh(own)
    with sqlite3.connect(own.embedded_database) as connection:
        connection.execute("delete from orders where customer_id > 'C0000020'")
        connection.execute("delete from customers where customer_id > 'C0000020'")
        connection.commit()
    connection.close()
    refresh(own)
    return Installation(own)


def test_the_model_of_the_version_before_goes_on(shrunk: Installation, demo: Installation, opened):
    before, now = (store(each.own).current() for each in (demo, shrunk))
    kept = churn_models.model(now.manifest.facts, PURCHASES)
    assert kept == churn_models.model(before.manifest.facts, PURCHASES) is not None
    assert churn_models.refusal(now.manifest.facts, PURCHASES)[0] == "too_few_events"
    scored = now.scan("customer_mart", LOCAL_ADMINISTRATOR).select(pl.col("p90").count())
    assert scored.collect().item() > 0
    opened(shrunk)
    app = run("churn_risk", "en")
    assert not app.exception
    (note,) = [each.value for each in app.info if "goes on" in each.value]
    assert "31 Oct 2026" in note
