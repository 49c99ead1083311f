"""CRM → contract tables → marts → published version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import churn_models, marts
from dashboard.extent import Extent
from dashboard.progress import Heard, reported
from dashboard.settings import Settings, now
from dashboard.store import store
from data_access.door import admit
from data_access.engine import Engine, open_engine
from data_access.extract import extract
from data_access.manifest import Source
from data_access.staging import Staging


def refresh(own: Settings, extent: Extent = Extent.WHOLE, *, heard: Heard | None = None) -> str:
    """Read the CRM, build the marts, publish; return the new version.

    Args:
        own: Which CRM, and where its snapshots are.
        extent: How much of the CRM to read.
        heard: Called with the stage, reading or preparing, at every sign of life.

    Raises:
        DataAccessError: The CRM cannot be read or the version not be written; nothing changed.
    """
    with store(own).staging() as staging, reported(own.running, heard) as report:
        extraction = extract(
            own.crm_url,
            spool=staging.spool,
            read_at=now(),
            time_zone=own.time_zone,
            told=report.reading,
            known=_known(staging, own) if extent is not Extent.WHOLE else None,
            deletions=extent is Extent.DELETIONS,
        )
        report.preparing()
        admission = admit(extraction, staging)
        ends = admission.complete_until
        clock = marts.Clock(extraction.read_at, ends, own.time_zone, own.programme_start)
        facts = {"data": own.data, "money_scale": own.money_scale} | admission.facts(extraction)
        work = staging.spool / "engine"
        with open_engine(own.engine, work, spark_url=own.spark_url) as engine:
            return publish(staging, clock, facts, engine, money_scale=own.money_scale)


def _known(staging: Staging, own: Settings) -> Mapping[str, Source] | None:
    """What the last version has of the CRM, if its days began when today's do."""
    base = staging.base
    return base.sources if base and base.facts.get("time_zone") == own.time_zone else None


def publish(
    staging: Staging, clock: marts.Clock, facts: dict[str, Any], engine: Engine, *, money_scale: int
) -> str:
    """Build the marts of tables already written, and publish them all as one version."""
    tables = marts.Tables(engine, staging.files)
    before = churn_models.last_good(staging.base.facts) if staging.base else None
    built = marts.build(tables, staging.write, clock, money_scale=money_scale, last_good=before)
    facts |= churn_models.facts(built.risk) | {"clv": built.clv}
    if staging.base and "counts" in staging.base.facts:  # Data health compares the rows with them
        facts["counts_before"] = staging.base.facts["counts"]
    return staging.publish(read_at=clock.read_at, facts=facts)
