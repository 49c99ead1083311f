"""Titles of the voice page: the message of each chart, in words."""

from __future__ import annotations

import polars as pl

from dashboard import i18n, kpi
from dashboard.i18n import t
from metrics.catalog import KPIS
from metrics.surveys import fewest_answers

_PROMOTER, _DETRACTOR = 9, 6


def trend(key: str, values: pl.Series, below: int, grain: str) -> str:
    """How long the target has been missed, or else where the last value lies against it."""
    if below > 1:
        return t(f"voice.{key}_trend.below", n=below, unit=t(f"grain_unit.{grain}"))
    entry = KPIS[key]
    known = values.drop_nulls()
    if known.is_empty() or entry.target is None:
        return t(f"voice.{key}_trend.plain")
    return t(
        f"voice.{key}_trend.{'met' if known[-1] >= entry.target.value else 'missed'}",
        value=kpi.value_text(entry, known[-1]),
        target=kpi.target_text(entry, entry.target),
    )


def left_out(answers: pl.Series) -> str:
    """That points of a trend are not drawn, where they are, for too few answers."""
    if not answers.is_between(1, fewest_answers(), closed="left").any():
        return ""
    return t("voice.left_out", n=i18n.number(fewest_answers()))


def groups(known: pl.DataFrame, figure: str, dimension: str, target: float) -> str:
    """How many groups miss the target; answers without a group are drawn, not counted."""
    missed = known.filter(pl.col(figure) < target).height
    if known.is_empty():
        return t("voice.by_group.nobody", dimension=t(f"dimension.{dimension}"))
    return i18n.part("voice.by_group.missed", missed, known.height)


def distribution(frame: pl.DataFrame) -> str:
    """The shares of promoters and detractors; plain without answers."""
    total = int(frame["responses"].sum())
    if not total:
        return t("voice.distribution.title")
    promoters = int(frame.filter(pl.col("score") >= _PROMOTER)["responses"].sum())
    detractors = int(frame.filter(pl.col("score") <= _DETRACTOR)["responses"].sum())
    return t(
        "voice.distribution.message",
        promoters=i18n.share(promoters / total, 0),
        detractors=i18n.share(detractors / total, 0),
    )
