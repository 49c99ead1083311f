"""The cards of the quality page: the last forecast that can be judged, beside those before it."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import churn_risk, gaps
from dashboard.answers.list_quality import leads, of_list
from dashboard.answers.model_quality import known, origins
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.churn.lists import MODEL

KEYS = (
    "forecast_ratio",
    "forecast_order",
    "forecast_skill",
    "list_precision",
    "list_recall",
    "warning_lead",
    "win_back_rate",
)


@data.answer
@gaps.named
def headline(view: View, size: int) -> dict[str, Reading]:
    """Readings of the cards: the last forecast that can be judged, beside the one before it.

    The trend is that of all forecasts, a quarter apart where the data are long enough.
    """
    if not known(view):
        return dict.fromkeys(KEYS, unavailable("no_backtest"))
    rows = origins(view)
    listed = of_list(view, size) if size else None
    lead = leads(view).filter(pl.col("level") == MODEL).drop_nulls("origin")
    return {
        "forecast_ratio": _last(rows, "ratio", "churned"),
        "forecast_order": _last(rows, "auc", "eligible"),
        "forecast_skill": _last(rows, "skill", "customers"),
        "list_precision": _last(listed, "precision", "listed"),
        "list_recall": _last(listed, "recall", "churned"),
        "warning_lead": _last(lead, "median_days", "warned"),
        "win_back_rate": churn_risk.headline(view)["win_back_rate"],
    }


def _last(rows: pl.DataFrame | None, column: str, n: str) -> Reading:
    if rows is None or rows.is_empty() or rows[column][-1] is None:
        return unavailable("no_rows")
    values = rows[column].to_list()
    before = values[-2] if len(values) > 1 else None
    return Reading(values[-1], previous=before, n=rows[n][-1], trend=tuple(values))
