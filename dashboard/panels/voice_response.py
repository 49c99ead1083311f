"""The panel of the response rate: who was asked, and who answered."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import i18n, panel, theme
from dashboard.answers import voice
from dashboard.charts import lines
from dashboard.i18n import t
from dashboard.panels import voice_rows
from dashboard.panels.periods import trend_of
from dashboard.table import Column
from dashboard.view import View


def response_trend(view: View, grain: str) -> None:
    """Share of invitations answered over time, by the day they were sent."""
    frame = voice.over_time(view, "response_rate", grain)
    known = frame.filter(pl.col("response_rate").is_not_null())
    if known.is_empty():
        panel.empty("no_invitations", t("kpi.response_rate.label"))
        return
    last = known.row(-1, named=True)
    title = t("voice.response_trend.title", share=i18n.share(last["response_rate"]))
    subtitle = t("voice.response_trend.subtitle", grain=t(f"grain_said.{grain}"))
    columns = [
        Column("bucket", t("column.period"), "date"),
        Column("response_rate", t("kpi.response_rate.label"), "share"),
        Column("response_rate_low", t("column.low"), "share"),
        Column("response_rate_high", t("column.high"), "share"),
        Column("invited", t("voice.invited"), "count"),
        Column("answered", t("column.answers"), "count"),
    ]
    with panel.panel(
        "response_trend",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("response_rate",),
        rows=partial(voice_rows.trend, view, measure="response_rate", grain=grain),
    ) as draw:
        series = trend_of(frame, "response_rate", grain, i18n.share)
        figure = lines.trend(series, theme.palette(), tick_format=".0%", floor=0.0, ceiling=1.0)
        draw(figure)
