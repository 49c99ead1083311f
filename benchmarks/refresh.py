"""How fast a CRM becomes a published snapshot with its marts, and in how much memory.

    python -m benchmarks.refresh [customers …]

From SQLite and, where one answers, from PostgreSQL (STAYLINE_TEST_POSTGRES_URL), each in a process
of its own. The ratio compares both with reading the same tables by pandas, the usual way.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from benchmarks.company import installation
from dashboard.refresh import refresh
from data_access.bulk_load import write_database
from data_access.demo.build import build
from data_access.demo.generate import generate

SIZES = (20_000, 100_000)
POSTGRES = os.environ.get(
    "STAYLINE_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)


def _one(url: str, customers: int) -> dict[str, float]:
    """Refresh once from that database, into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as home:
        own = replace(installation(customers), crm_url=url, home=Path(home))
        began = time.monotonic()
        refresh(own)
        seconds = time.monotonic() - began
    return {"seconds": seconds, "megabytes": _peak()}


def _pandas(url: str) -> dict[str, float]:
    """The peer: every table into a pandas frame, nothing checked, typed or stored."""
    import pandas as pd  # the peer, not a dependency

    engine = sa.create_engine(url)
    began = time.monotonic()
    frames = [pd.read_sql_table(name, engine) for name in sa.inspect(engine).get_table_names()]
    seconds = time.monotonic() - began
    return {"seconds": seconds, "megabytes": _peak(), "rows": sum(map(len, frames))}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(what: str, url: str, customers: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.refresh", "--one", what, url, str(customers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _postgres(customers: int) -> str | None:
    """A database of its own on the test server; None where none answers."""
    name = f"stayline_benchmark_{customers}"
    try:
        engine = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f'drop database if exists "{name}"'))
            connection.execute(sa.text(f'create database "{name}"'))
    except sa.exc.OperationalError:
        return None
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    write_database(url, generate(customers))
    return url


def main(sizes: tuple[int, ...]) -> None:
    """Print one table."""
    print("| customers | rows | source | refresh s | rows/s | peak MB | pandas read s | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for customers in sizes:
        own = installation(customers)
        own.embedded_database.parent.mkdir(parents=True, exist_ok=True)
        if not own.embedded_database.exists():
            build(own.embedded_database, customers)
        sources = {"SQLite": own.crm_url, "PostgreSQL": _postgres(customers)}
        for name, url in sources.items():
            if url is None:
                print(f"| {customers:,} | | {name}: none answers | | | | | |")
                continue
            ours, peer = _measured("ours", url, customers), _measured("pandas", url, customers)
            rows, seconds = peer["rows"], ours["seconds"]
            print(
                f"| {customers:,} | {rows:,.0f} | {name} | {seconds:.1f} | {rows / seconds:,.0f} "
                f"| {ours['megabytes']:.0f} | {peer['seconds']:.1f} "
                f"| {seconds / peer['seconds']:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _, _, what, url, customers = sys.argv
        print(json.dumps(_one(url, int(customers)) if what == "ours" else _pandas(url)))
    else:
        main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
