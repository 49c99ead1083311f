"""The peer: the figures of the voice page by pandas from SQL, as a typical Streamlit app does.

    python -m benchmarks.peer [customers]

It reads the survey and customer tables with each question, which is what an app without a
snapshot pays when its own cache is cold. Its counterpart is the uncached voice page.
"""

from __future__ import annotations

import statistics
import sys
import time

import pandas as pd
import sqlalchemy as sa

from benchmarks.company import installation
from data_access.demo.build import build

RUNS = 5


def voice(engine: sa.Engine, segment: str) -> dict[str, pd.Series]:
    """NPS and CSAT by month and channel for one segment, and the spread of scores."""
    answers = pd.read_sql_query("select * from survey_responses", engine)
    customers = pd.read_sql_query("select customer_id, segment from customers", engine)
    rows = answers.merge(customers.drop_duplicates("customer_id"), on="customer_id")
    rows = rows[rows["segment"] == segment]
    rows["answered_at"] = pd.to_datetime(rows["answered_at"], errors="coerce")
    rows = rows.dropna(subset=["answered_at"])
    rows["month"] = rows["answered_at"].dt.to_period("M")

    def nps(scores: pd.Series) -> float:
        return 100 * ((scores >= 9).mean() - (scores <= 6).mean())

    scored, rated = rows.dropna(subset=["nps"]), rows.dropna(subset=["csat"])
    return {
        "nps": scored.groupby("month")["nps"].apply(nps),
        "by_channel": scored.groupby("channel")["nps"].apply(nps),
        "csat": rated.groupby("month")["csat"].apply(lambda score: (score >= 4).mean()),
        "scores": scored["nps"].value_counts(),
    }


def main(customers: int) -> None:
    """Print the median milliseconds."""
    own = installation(customers)
    own.embedded_database.parent.mkdir(parents=True, exist_ok=True)
    if not own.embedded_database.exists():
        build(own.embedded_database, customers)
    engine = sa.create_engine(own.crm_url)
    seconds: list[float] = []
    for segment in ("retail", "finance", "education", "healthcare", "technology")[:RUNS]:
        began = time.perf_counter()
        voice(engine, segment)
        seconds.append(time.perf_counter() - began)
    print(f"{customers:,} customers: pandas from SQL {statistics.median(seconds) * 1000:.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
