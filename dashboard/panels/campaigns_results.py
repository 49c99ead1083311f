"""Panels of what campaigns change, and of what they must not do."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import data, i18n, panel, theme
from dashboard.answers import campaign_rows, campaigns, campaigns_headline
from dashboard.charts import bars
from dashboard.i18n import t
from dashboard.panels import campaign_rows as rows
from dashboard.table import Column
from dashboard.view import View

_MOST = 8  # campaigns that are drawn


def lift(view: View) -> None:
    """Conversion of all targets minus that of who was held out, campaign by campaign."""
    topic = campaigns.bought(view)
    period = topic.period(view)
    known = campaigns.results(view).filter(
        period.holds(pl.col("ends_on")), ~pl.col("running"), pl.col("treated") > 0
    )
    frame = known.drop_nulls("lift")
    without = known.height - frame.height
    if frame.is_empty():
        panel.empty("no_campaign_control", t("campaigns.lift.name"))
        return
    found = campaigns_headline.headline(view)["campaign_lift"]
    sure = found.low is not None and (found.low > 0 or (found.high or 0) < 0)
    title = t(
        "campaigns.lift.title" if sure else "campaigns.lift.unsure",
        lift=i18n.number(found.value, 1, sign=True),
    )
    subtitle = t("campaigns.lift.subtitle")
    if without:
        subtitle += t("campaigns.lift.without", n=i18n.number(without))
    columns = [
        Column("name", t("campaigns.campaign")),
        Column("treated", t("campaigns.lift.treated"), "count"),
        Column("control", t("campaigns.lift.control"), "count"),
        Column("treated_share", t("campaigns.lift.treated_share"), "share"),
        Column("control_share", t("campaigns.lift.control_share"), "share"),
        Column("lift", t("campaigns.lift.name"), write=i18n.percentage_points),
        Column("lift_low", t("column.low"), write=i18n.percentage_points),
        Column("lift_high", t("column.high"), write=i18n.percentage_points),
    ]
    keys = ("campaign_lift", "campaign_conversion")
    with panel.panel("campaign_lift", title, subtitle, data=(frame, columns), kpis=keys) as draw:
        drawn = [
            bars.Bar(
                row["name"] or row["campaign_id"],
                row["lift"],
                i18n.percentage_points(row["lift"]),
                _judged(row["lift_low"], row["lift_high"]),
                row["lift_low"],
                row["lift_high"],
            )
            for row in frame.head(_MOST).iter_rows(named=True)
        ]
        draw(bars.horizontal(drawn, theme.palette(), row=40))


def _judged(low: float, high: float) -> str:
    return "good" if low > 0 else "bad" if high < 0 else "neutral"


def violations(view: View) -> None:
    """Promotions that should not have been sent, by kind."""
    if not data.present(view, "tickets", "interactions"):
        panel.empty("no_rows", t("campaigns.violation.name"))
        return
    sizes = campaign_rows.violations(view)
    total = sum(sizes.values())
    title = t("campaigns.violation.title", n=i18n.number(total))
    if not total:
        title = t("campaigns.violation.none")
    told = [
        {"kind": t(f"campaigns.violation.{kind}"), "n": n, "why": t(f"campaigns.why.{kind}")}
        for kind, n in sizes.items()
    ]
    schema = {"kind": pl.String, "n": pl.Int64, "why": pl.String}
    frame = pl.DataFrame(told, schema=schema)
    columns = [
        Column("kind", t("campaigns.violation.kind")),
        Column("n", t("campaigns.violation.n"), "count"),
        Column("why", t("campaigns.violation.rule")),
    ]
    behind = partial(rows.violations, view) if total else None
    keys = ("early_promotions", "mass_to_top")
    subtitle = t("campaigns.violation.subtitle")
    with panel.panel(
        "violations", title, subtitle, data=(frame, columns), kpis=keys, rows=behind
    ) as draw:
        drawn = [
            bars.Bar(row["kind"], row["n"], i18n.number(row["n"]), "bad" if row["n"] else "neutral")
            for row in frame.iter_rows(named=True)
        ]
        draw(bars.horizontal(drawn, theme.palette(), row=40))
