"""Where the workspace of an installation is: one for each company, whatever else is set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import settings
from dashboard.settings import Settings

HOME = Path("/var/lib/stayline")
CRM = Settings("crm", "postgresql://reader:one@host/crm", HOME, "Asia/Shanghai", 2, "CNY")


def test_the_embedded_companies_have_their_own():
    for name in ("demo", "real"):
        own = replace(CRM, data=name, crm_url=f"sqlite:///{HOME}/{name}/crm.sqlite")
        assert own.workspace == f"sqlite:///{HOME}/{name}/workspace.sqlite"


def test_another_crm_has_another_one():
    other = replace(CRM, crm_url="postgresql://reader:one@host/other")
    assert CRM.workspace != other.workspace
    assert CRM.workspace.startswith(f"sqlite:///{HOME}/crm-")


@pytest.mark.parametrize(
    "changed",
    [
        {"crm_url": "postgresql://reader:two@host/crm"}, {"time_zone": "UTC"}, {"money_scale": 3},
        {"currency": "EUR"}, {"lake": "s3://bucket"}, {"engine": "duckdb"},
    ],
)  # fmt: skip
def test_what_people_wrote_is_found_again_under_other_settings(changed: dict):
    assert replace(CRM, **changed).workspace == CRM.workspace
    assert "one" not in CRM.workspace


def test_an_address_of_its_own_comes_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", "postgresql://stayline@host/stayline")
    settings.settings.cache_clear()
    assert settings.settings().workspace == "postgresql://stayline@host/stayline"
    settings.settings.cache_clear()
