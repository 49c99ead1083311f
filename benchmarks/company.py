"""Demo companies of any size, published as snapshots without a database in between.

    python -m benchmarks.company CUSTOMERS

Two million customers are a hundred million rows; through SQLite that would take longer than what is
to be measured. The rows pass the same door and the same mart builders as those of a refresh.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import polars as pl

from benchmarks.generation import HEAD, Generation, generate_parts, line
from dashboard import marts, pipeline
from dashboard.settings import ROOT, Settings, embedded
from data_access.contract import TABLES
from data_access.demo.generate import AS_OF
from data_access.door import admit
from data_access.engine import open_engine
from data_access.extract import ExtractedTable, Extraction
from data_access.snapshot import SnapshotStore

HOME = ROOT / "var" / "benchmarks"
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Stages:
    """What the generation took, and the seconds of the stages after it."""

    generation: Generation
    door: float
    marts: float


def installation(customers: int) -> Settings:
    """Where the company of that size lives."""
    home = HOME / str(customers)
    return Settings(
        data="demo",
        crm_url=f"sqlite:///{embedded(home, 'demo')}",
        home=home,
        time_zone=ZONE,
        money_scale=2,
        currency="CNY",
    )


def publish(customers: int) -> Stages:
    """Publish the company of that size; returns what each stage took."""
    own = installation(customers)
    with SnapshotStore(own.snapshots).staging() as staging:
        parts = staging.spool / "parts"
        generation = generate_parts(parts, customers)
        generated = time.monotonic()
        tables = {
            name: ExtractedTable(
                frame=pl.scan_ipc(parts / name / "*.arrow"),
                rows=generation.rows.get(name, 0),
                present=True,
            )
            for name in TABLES
        }
        extraction = Extraction("generated", "stayline", ZONE, AS_OF, tables, [])
        admission = admit(extraction, staging)
        admitted = time.monotonic()
        clock = marts.Clock(AS_OF, admission.complete_until, ZONE)
        facts = {"data": "demo", "money_scale": 2} | admission.facts(extraction)
        with open_engine(own.engine, staging.spool / "engine") as engine:
            pipeline.publish(staging, clock, facts, engine, money_scale=2)
    done = time.monotonic()
    return Stages(generation, admitted - generated, done - admitted)


def published(customers: int) -> Settings:
    """The company of that size, published if it is not yet."""
    own = installation(customers)
    if not (own.snapshots / "CURRENT").exists():
        publish(customers)
    return own


def report(customers: int, stages: Stages) -> str:
    """The generation in one line, then the seconds of every stage."""
    took = {
        "generate": stages.generation.seconds,
        "door": stages.door,
        "marts": stages.marts,
    }
    later = "\n".join(f"| {stage} | {seconds:.1f} |" for stage, seconds in took.items())
    return f"{HEAD}\n{line(customers, stages.generation)}\n\n| stage | s |\n|---|---|\n{later}"


if __name__ == "__main__":
    import sys

    size = int(sys.argv[1])
    print(report(size, publish(size)))
