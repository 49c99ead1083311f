"""Panels of the campaign page: the first sentence, the cards, what is open, every campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from dashboard import data, i18n, kpi, panel, table
from dashboard.answers import campaigns, campaigns_headline, campaigns_open
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels import untold
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.campaigns.evaluation import EXCEEDED, MET, MISSED, UNKNOWN
from metrics.campaigns.rule import rule
from metrics.catalog import KPIS, Kpi

_SHOWN = ("participation", "repurchase", "satisfaction", "cost")
_JUDGED = {MISSED: "bad", MET: "good", EXCEEDED: "good"}


def any_campaign(view: View) -> bool:
    """Whether there is a campaign to draw anything of."""
    return data.present(view, "campaigns") and not campaigns.results(view).is_empty()


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    found, target = readings["campaign_participation"], KPIS["campaign_participation"].target
    if not any_campaign(view):
        return untold.sentence("campaign_participation", found)
    parts: list[str] = []
    if found.missing == "no_column":
        parts.append(t("campaigns.lead.untold", what=found.missing_what))
    elif found.value is None:
        parts.append(t("campaigns.lead.none"))
    elif target is not None:
        met = "met" if found.value >= target.value else "missed"
        told = {"share": i18n.share(found.value), "target": i18n.share(target.value, 0)}
        parts.append(t(f"campaigns.lead.{met}", **told))
    n = campaigns_open.actions(view).height
    parts.append(t("campaigns.lead.open", n=i18n.number(n)) if n else t("campaigns.lead.clear"))
    return "".join(parts)


def cards(readings: Mapping[str, Reading]) -> list[tuple[Kpi, Reading]]:
    """The cards; the one of the lift tells its interval."""
    shown = campaigns_headline.cards(readings)
    lift = shown["campaign_lift"]
    if lift.low is not None and lift.high is not None:
        bounds = {name: i18n.number(getattr(lift, name), 1, sign=True) for name in ("low", "high")}
        shown["campaign_lift"] = replace(lift, note=t("campaigns.interval", **bounds))
    return [(KPIS[key], reading) for key, reading in shown.items()]


def act_now(view: View) -> None:
    """What must be changed now, campaign by campaign."""
    frame = campaigns_open.actions(view)
    title = t("campaigns.open.title", n=i18n.number(frame.height))
    if frame.is_empty():
        title = t("campaigns.open.none")
    told = frame.with_columns(
        what=pl.Series([_what(row) for row in frame.iter_rows(named=True)], dtype=pl.String),
        since=pl.Series([_since(row) for row in frame.iter_rows(named=True)], dtype=pl.String),
    )
    columns = [
        Column("kind", t("campaigns.open.kind"), write=lambda kind: t(f"campaigns.open.{kind}")),
        Column("campaign", t("campaigns.campaign")),
        Column("what", t("campaigns.open.what")),
        Column("owner", t("campaigns.owner")),
        Column("due_on", t("campaigns.due"), "date"),
        Column("since", t("campaigns.open.since")),
    ]
    subtitle = t("campaigns.open.subtitle", hours=rule().adjust_days * 24)
    keys = ("campaign_adjusted", "campaign_tasks_on_time", "campaign_reviewed")
    keys += ("campaign_plans_smart", "campaign_tasks_complete")
    with panel.panel("campaigns_open", title, subtitle, data=(told, columns), kpis=keys):
        if not frame.is_empty():
            table.show(told, columns, alt=title)


def _what(row: Mapping[str, object]) -> str:
    if row["share"] is not None:
        return t("campaigns.open.low", share=i18n.share(float(str(row["share"]))))
    if row["lacking"] is not None:
        fields = [t(f"campaigns.field.{name}") for name in _names(row["lacking"])]
        return t("campaigns.open.lacks", fields=t("campaigns.and").join(fields))
    return str(row["what"]) if row["what"] is not None else i18n.DASH


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _since(row: Mapping[str, object]) -> str:
    late = row["late_days"]
    if not isinstance(late, int):
        return i18n.DASH
    return t("campaigns.late_by", days=late) if late else t("campaigns.in_time")


def every(view: View) -> None:
    """Every campaign of the period, and those that run, with targets and results."""
    period = campaigns.ended(view).period(view)
    ended = period.holds(pl.col("ends_on"))
    shown = campaigns.results(campaigns.whole(view)).filter(ended | pl.col("running"))
    judged = campaigns.evaluations(view)
    told = _beside(shown, judged).join(
        campaigns.reviews(view).select("campaign_id", "state", "reviewed_on"),
        on="campaign_id",
        how="left",
        validate="1:1",
    )
    told = told.with_columns(
        stage=pl.when("running").then(pl.lit("running")).otherwise(pl.lit("ended"))
    )
    over = judged.filter(
        pl.col("campaign_id").is_in(shown.filter(~pl.col("running"))["campaign_id"].implode()),
        pl.col("measure") == "participation",
    )
    known = over.filter(pl.col("attainment") != UNKNOWN)
    met = known.filter(pl.col("attainment") != MISSED).height
    title = t("campaigns.every.untold" if over.height else "campaigns.every.running")
    if known.height:
        title = i18n.part("campaigns.every", met, known.height)
    columns = [
        Column("name", t("campaigns.campaign")),
        Column("scenario", t("campaigns.scenario"), "code"),
        Column("stage", t("campaigns.stage"), "code", "campaign_stage"),
        Column("starts_on", t("campaigns.starts"), "date"),
        Column("ends_on", t("campaigns.ends"), "date"),
        Column("targets", t("campaigns.targets"), "count"),
        *(Column(name, t(f"campaigns.measure.{name}"), "figure") for name in _SHOWN),
        Column("state", t("campaigns.review"), write=_review),
    ]
    subtitle = t("campaigns.every.subtitle", n=i18n.number(shown.height))
    keys = ("campaign_participation", "campaign_repurchase", "campaign_satisfaction")
    keys += ("cost_per_participant", "campaign_reviewed")
    with panel.panel("campaigns_every", title, subtitle, data=(told, columns), kpis=keys):
        table.show(told, [each for each in columns if each.name != "scenario"], alt=title)


def _review(state: str | None) -> str:
    """How the review of a campaign stands; one that runs has none."""
    return i18n.DASH if state is None else i18n.code("campaign_review", state)


def _beside(shown: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """The campaigns with each result in words: its sign, whether it is final."""
    words = {
        (row["campaign_id"], row["measure"]): result(row) for row in judged.iter_rows(named=True)
    }
    ids = shown["campaign_id"].to_list()
    return shown.with_columns(
        pl.Series(name, [words.get((each, name), i18n.DASH) for each in ids], dtype=pl.String)
        for name in _SHOWN
    )


def result(row: Mapping[str, object]) -> str:
    """A result with the sign of its attainment; what is not final is marked."""
    value = row["actual"]
    if not isinstance(value, float):
        return i18n.DASH
    text = amount(str(row["measure"]), value)
    if row["provisional"]:
        return t("campaigns.provisional", value=text)
    return f"{SIGNS[_JUDGED[str(row['attainment'])]]} {text}"


def amount(measure: str, value: float | None) -> str:
    """A target or a result of an evaluation in its unit."""
    if measure == "satisfaction":
        return i18n.number(value, 1)
    if measure == "cost":
        return kpi.value_text(KPIS["cost_per_participant"], value)
    return i18n.share(value, 1)
