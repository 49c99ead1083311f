"""How long the risk of churn takes: features, fit, scores and warnings of everybody, and a new k.

    python -m benchmarks.churn [customers …]

Reads the contract tables of a published company, whatever marts were published with it, and writes
nothing. The peer is lifelines' own prediction for the same rows, by the model it has fitted itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
from lifelines import CoxPHFitter

from benchmarks.company import ZONE, installation, published
from benchmarks.figures import record
from benchmarks.marts import Memory, Stopwatch
from dashboard import marts
from dashboard.inputs import Clock, crm_tables, numbered_events
from dashboard.promised import Promised
from data_access.contract import TABLES
from data_access.engine import Engine, open_engine
from data_access.snapshot import Snapshot, SnapshotStore
from data_access.storage.files import FileStorage
from metrics.churn.definitions import rescored
from metrics.churn.features import features
from metrics.churn.fit import fit_churn, fit_contracts
from metrics.churn.guard import FitRefusedError
from metrics.churn.landmarks import landmark_rows, sample
from metrics.churn.model import ChurnModel
from metrics.churn.purchases import buyers_of, mean_gaps
from metrics.churn.rhythm import Definition
from metrics.churn.risk import customer_risk
from metrics.churn.score import HORIZONS, score
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import warnings_today
from metrics.churn.win_back import lapsed

SIZES = (20_000, 200_000)
RUNS = 3
_PEER_CUSTOMERS = 20_000  # lifelines is fitted on so many
_PEER_ROWS = 500_000  # and predicts so many at most: its curves take 24 bytes a row and day


def _folder(customers: int) -> Path:
    """The snapshots of the company, also those whose marts are of another shape."""
    home = installation(customers).home
    known = sorted(path.parent for path in home.glob("demo/snapshots-*/CURRENT"))
    return known[-1] if known else published(customers).snapshots


def _inputs(snapshot: Snapshot, folder: Path, engine: Engine, spare: Path) -> CrmTables:
    """What churn reads of a company; a table that is younger than the company is empty."""
    stored, storage = snapshot.manifest.tables, FileStorage(folder)

    def files(name: str) -> list[str]:
        if name in stored:
            return list(storage.paths(stored[name].files))
        path = spare / f"{name}.parquet"
        pl.DataFrame(schema=TABLES[name].schema).write_parquet(path)
        return [str(path)]

    tables = marts.Tables(engine, files)
    ends = dict.fromkeys(stored, snapshot.as_of("tickets"))
    clock = Clock(snapshot.as_of("tickets"), ends, ZONE)
    missed = Promised.read(tables, clock).missed(tables)
    return crm_tables(tables, numbered_events(tables), missed).loaded()


def everybody(
    crm: CrmTables, as_of: date, watch: Stopwatch
) -> tuple[pl.DataFrame, ChurnModel | None]:
    """What a refresh does: fit, features and scores of everybody, warnings."""
    model, contracts = None, None
    try:
        model = fit_churn(crm, as_of=as_of)
        watch.line("training rows and fit, on a sample")
        contracts = fit_contracts(crm, as_of=as_of)
        watch.line("training rows and fit of contracts")
    except FitRefusedError as error:
        watch.line(f"refused: {error}")
    people = customer_risk(crm, model, as_of=as_of, contracts=contracts)
    watch.line("features, scores and drivers of everybody")
    warnings_today(crm, people, as_of=as_of)
    watch.line("warnings of everybody")
    return people, model


def landmark_features(crm: CrmTables, day: date) -> pl.DataFrame:
    """The features of everybody who has bought, at one landmark."""
    ranges = buyers_of(crm, day)
    means = mean_gaps(ranges, [day])
    parts: list[pl.DataFrame] = []
    for buyers in ranges:
        rhythm = buyers.rhythm([day], means, Definition.standard())
        bought = rhythm.filter(pl.col("silent_days") < 365).lazy()
        part = crm.where(buyers.within).numbered(buyers.ids)
        parts.append(features(part, bought).collect(engine="streaming"))
    return pl.concat(parts)


def new_threshold(mart: pl.DataFrame, model: ChurnModel) -> float:
    """Seconds to score everybody anew after moving k, the least of some runs."""
    definition = replace(Definition.standard(), times=5.0)
    seconds: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        rescored(mart.lazy(), model, definition).select(
            "p30", "p60", "p90", "churned", "revenue_at_risk"
        ).collect()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def against_lifelines(crm: CrmTables, known: pl.DataFrame, as_of: date, model: ChurnModel) -> None:
    """One table: probabilities at three horizons for the same rows, ours and lifelines'."""
    names = [effect.column.name for effect in model.effects]

    def design(rows: pl.DataFrame, *more: str) -> pd.DataFrame:
        columns = [effect.column.value().alias(effect.column.name) for effect in model.effects]
        made = rows.select(*columns, *more, band=model.band())
        return pd.DataFrame({name: made[name].to_numpy().astype(float) for name in made.columns})

    training = landmark_rows(sample(crm, _PEER_CUSTOMERS).loaded(), as_of=as_of)
    cox = CoxPHFitter(penalizer=1e-4)
    cox.fit(
        design(training, "duration", "event"), "duration", "event", strata=["band"], batch_mode=True
    )
    rows = known.head(_PEER_ROWS)
    frame = design(rows)[[*names, "band"]]
    print(f"\n| prediction of {rows.height:,} rows | s |\n|---|---|")
    took: dict[str, float] = {}
    for name in ("Stayline", "lifelines"):
        seconds: list[float] = []
        for _ in range(RUNS):
            began = time.perf_counter()
            if name == "Stayline":
                score(rows.lazy(), model).select("p30", "p60", "p90", "silent_90").collect()
            else:
                cox.predict_survival_function(frame, times=[float(day) for day in HORIZONS])
            seconds.append(time.perf_counter() - began)
        took[name] = min(seconds)
        print(f"| {name} | {took[name]:.3f} |", flush=True)
    print(f"\nlifelines takes {took['lifelines'] / took['Stayline']:.1f} times as long")


def main(sizes: tuple[int, ...]) -> None:
    """Each size: a table of stages, the peak memory, a new k, the peer."""
    for customers in sizes:
        folder = _folder(customers)
        snapshot = SnapshotStore(folder).current()
        ends = {"orders": snapshot.as_of("orders")}
        day = marts.Clock(snapshot.manifest.read_at, ends, ZONE).day("orders")
        memory = Memory()
        with tempfile.TemporaryDirectory() as name, open_engine("polars", Path(name)) as engine:
            print(f"\n{customers:,} customers\n\n| stage | s | CPU s |\n|---|---|---|")
            whole, watch = Stopwatch(), Stopwatch()
            crm = _inputs(snapshot, folder, engine, Path(name))
            watch.line("tables read and numbered")
            people, model = everybody(crm, day, watch)
            record("churn of a refresh", customers, whole.line("all"))
            print(
                f"\npeak {memory.own:.2f} GB, {memory.mapped:.2f} GB with what is mapped from disk"
            )
            watch = Stopwatch()
            print("\n| besides | s | CPU s |\n|---|---|---|")
            known = landmark_features(crm, day - timedelta(days=90))
            watch.line(f"features of one landmark, {known.height:,} customers")
            if model is None:
                continue
            then = lapsed(crm.purchases(), as_of=day, contracts=crm.contracts).collect()
            mart = people.join(then, on="customer_id", how="left", maintain_order="left")
            print(f"| new k for everybody | {new_threshold(mart, model):.3f} | |")
            against_lifelines(crm, known, day, model)


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
