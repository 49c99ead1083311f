"""CRM → contract tables → marts → published version: the command that renews the data.

`python -m dashboard.refresh` reads the CRM of the settings and publishes a snapshot; an open
dashboard shows it at its next click. A refresh that fails leaves the old version in place and
says what failed in one sentence, here and on the pages.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dashboard import marts
from dashboard.progress import reported
from dashboard.settings import Settings, now, settings
from data_access.door import admit
from data_access.errors import BrokenRefreshError, DataAccessError, RefreshRunningError
from data_access.extract import extract
from data_access.manifest import Source
from data_access.snapshot import SnapshotStore
from data_access.staging import Staging

log = logging.getLogger("stayline")


def refresh(own: Settings, *, whole: bool = False, deletions: bool = False) -> str:
    """Read the CRM, build the marts, publish; return the new version.

    Args:
        own: The installation.
        whole: Whether to read everything again, and not only what has changed.
        deletions: Whether to look for rows that are gone from the CRM without a mark.

    Raises:
        DataAccessError: The CRM cannot be read or the version not be written; nothing changed.
    """
    store = SnapshotStore(own.snapshots)
    with store.staging() as staging, reported(own.running) as report:
        extraction = extract(
            own.crm_url,
            spool=staging.spool,
            read_at=now(),
            time_zone=own.time_zone,
            told=report.reading,
            known={} if whole else _known(staging, own),
            deletions=deletions,
        )
        report.preparing()
        admission = admit(extraction, staging)
        clock = marts.Clock(extraction.read_at, admission.complete_until, own.time_zone)
        facts = {"data": own.data, "money_scale": own.money_scale} | admission.facts(extraction)
        return publish(staging, clock, facts, money_scale=own.money_scale)


def _known(staging: Staging, own: Settings) -> Mapping[str, Source]:
    """What the last version has of the CRM, if its days began when today's do."""
    base = staging.base
    return base.sources if base and base.facts["time_zone"] == own.time_zone else {}


def publish(
    staging: Staging, clock: marts.Clock, facts: dict[str, Any], *, money_scale: int
) -> str:
    """Build the marts of tables already written, and publish them all as one version."""
    assessment = marts.build(staging.scan, staging.write, clock, money_scale=money_scale)
    facts["churn_model"] = assessment.model.to_json() if assessment.model else None
    refusal = assessment.refusal
    facts["churn_refusal"] = str(refusal) if refusal else None
    facts["churn_refusal_reason"] = refusal.reason if refusal else None
    facts["churn_refusal_details"] = refusal.details if refusal else {}
    return staging.publish(read_at=clock.read_at, facts=facts)


def main() -> int:
    """Refresh once; 0 if published, 1 if not."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    try:
        own = settings()
    except ValueError as error:
        raise SystemExit(f"{error}.") from None
    began = time.monotonic()
    try:
        version = refresh(own)
    except DataAccessError as error:
        return _failed(own, error)
    except Exception as error:  # noqa: BLE001 - a traceback would quote customers
        return _failed(own, BrokenRefreshError(error))
    own.failure.unlink(missing_ok=True)
    log.info("Published %s in %.1f s", version, time.monotonic() - began)
    return 0


def _failed(own: Settings, error: DataAccessError) -> int:
    """Say why, here and to the pages; 1."""
    older = (own.snapshots / "CURRENT").exists()
    said = "Refresh failed, the old version stays" if older else "Nothing was published"
    log.error("%s: %s", said, error)
    if isinstance(error, RefreshRunningError):
        return 1  # the other one will say how it went
    told = {"code": error.code, "fields": error.fields, "sentence": str(error)}
    part = own.failure.with_suffix(".part")
    with suppress(OSError):  # a disk that is full takes no note either
        own.failure.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(told), "utf-8")
        part.replace(own.failure)
    return 1


if __name__ == "__main__":
    sys.exit(main())
