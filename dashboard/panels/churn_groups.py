"""What sets the segments, regions and channels apart: the drivers of each against everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import i18n, panel, table
from dashboard.answers import churn_risk
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.features import LEVELS

_BY = "drivers_by"
_SHOWN = 12  # groups, the largest
_LEAST = 0.01  # a smaller difference is none to a reader


def group_drivers(view: View) -> None:
    """Each group with what slows its return most, and what speeds it most; nothing without one."""
    rows = churn_risk.group_drivers(view)
    named = rows.drop_nulls("level")["dimension"]  # the others have nobody but unknown ones
    rows = rows.filter(pl.col("dimension").is_in(named.implode()))
    if rows.is_empty():
        return
    known = set(rows["dimension"])
    dimensions = [name for name in LEVELS if name in known]
    with panel.panel("group_drivers", t("risk.groups.title"), t("risk.groups.subtitle")):
        by = choose(
            _BY,
            dimensions,
            default=dimensions[0],
            label=t("risk.survival.by"),
            name=lambda name: t(f"dimension.{name}"),
        )
        told = _told(rows.filter(pl.col("dimension") == by))
        table.show(told.head(_SHOWN), _columns(by), alt=t("risk.groups.title"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per group, the largest first: level, customers, slows, speeds (driver and effect)."""
    both = pl.struct("driver", "effect")
    return (
        rows.group_by("level", maintain_order=True)
        .agg(
            customers=pl.col("customers").first(),
            slows=both.filter(pl.col("effect") >= _LEAST).first(),
            speeds=both.filter(pl.col("effect") <= -_LEAST).first(),
        )
        .sort("customers", "level", descending=[True, False])
    )


def _columns(by: str) -> list[Column]:
    return [
        Column("level", t(f"dimension.{by}"), "code", by),
        Column("customers", t("worklist.column.customers"), "count"),
        Column("slows", t("risk.groups.slows"), write=_driver),
        Column("speeds", t("risk.groups.speeds"), write=_driver),
    ]


def _driver(strongest: Mapping[str, Any] | None) -> str:
    if strongest is None or strongest["driver"] is None:
        return i18n.DASH
    effect = i18n.share(strongest["effect"], 1, sign=True)
    return f"{i18n.code('driver', strongest['driver'])} {effect}"
