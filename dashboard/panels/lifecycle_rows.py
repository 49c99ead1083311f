"""The customers behind the charts of the lifecycle page, a group of them at a time."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard import drilldown, i18n
from dashboard.answers import lifecycle, lifecycle_headline, lifecycle_rows
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.table import Column
from dashboard.view import View
from metrics.lifecycle import STAGES

_ONCE = "once"
_PERIOD = {"active_customers": lifecycle_rows.active, "new_customers": lifecycle_rows.won}


def of_page(view: View) -> dict[str, str]:
    """What the list of the page can show: each stage of today, each need, and the cards."""
    readings = lifecycle_headline.headline(view)
    cards = {
        key: counted(t(f"lifecycle.list.{key}"), int(readings[key].value or 0)) for key in _PERIOD
    }
    needs = {
        need: counted(t(f"lifecycle.need.{need}"), n)
        for need, n in lifecycle_rows.needing(view).items()
    }
    return of_stages(view) | needs | cards


def of_stages(view: View) -> dict[str, str]:
    """The stages in words, with how many customers stand there today."""
    counts = dict(lifecycle.stages(view).select("stage", "customers").rows())
    return {stage: counted(i18n.code("stage", stage), counts[stage]) for stage in STAGES}


def customers(view: View, group: str) -> pl.LazyFrame:
    """The customers of a code of `of_page`; not sorted."""
    if group in _PERIOD:
        return _PERIOD[group](view)
    if group in lifecycle_rows.NEEDS:
        return lifecycle_rows.in_need(view, group)
    return lifecycle.in_stage(view, group)


def _dates() -> list[Column]:
    return [
        Column("first_order_on", t("lifecycle.first_order"), "date"),
        Column("second_order_on", t("lifecycle.funnel.second"), "date"),
    ]


def stages(view: View, key: str) -> None:
    """The customers of each stage."""
    groups = of_stages(view)
    customer_list.behind(key, view, groups, lambda stage: lifecycle.in_stage(view, stage))


def funnel(view: View, key: str) -> None:
    """Who reached each step, and how they count in its conversion."""
    steps = lifecycle.steps(view)
    groups: dict[str, str] = {}
    for row in steps.iter_rows(named=True):
        step = row["step"]
        name = t(f"lifecycle.funnel.{step}")
        groups[step] = counted(name, row["customers"])
        if row["previous"] is None:
            continue
        missed = row["judged"] - row["converted"]
        numbers = (row["converted"], missed, row["too_young"])
        for case, n in zip(lifecycle_rows.VERDICTS, numbers, strict=True):
            groups[f"{step}.{case}"] = counted(t(f"lifecycle.verdict.{case}", step=name), n)

    won, again = steps["customers"][0], steps["customers"][1]
    groups[_ONCE] = counted(t("lifecycle.funnel.rows"), won - again)

    def found(code: str) -> pl.LazyFrame:
        if code == _ONCE:
            return lifecycle_rows.once(view)
        step, _, case = code.partition(".")
        if case:
            return lifecycle_rows.stands(view, step, case)
        return lifecycle_rows.reached(view, step)

    customer_list.behind(key, view, groups, found, *_dates())


def waits(view: View, key: str) -> None:
    """Who ordered a second time within each number of days."""
    groups = {
        str(days): counted(t("lifecycle.waits.rows", days=days), n)
        for days, n in lifecycle.waits(view).select("days", "converted").rows()
    }
    customer_list.behind(
        key, view, groups, lambda days: lifecycle_rows.again_within(view, int(days)), *_dates()
    )


def retention(view: View, key: str) -> None:
    """Last year's customers at the end of a month: who has not bought since, who has."""
    months = {row["bucket"]: row for row in lifecycle.retained_in_window(view).to_dicts()}
    bar = drilldown.bar()
    with bar:
        month = _pick_month(key, list(months))
    row = months[month]
    customer_list.behind(
        key,
        view,
        {
            "lost": counted(t("lifecycle.retention.lost"), row["base"] - row["retained"]),
            "retained": counted(t("lifecycle.retention.retained"), row["retained"]),
        },
        lambda who: lifecycle_rows.base_of(view, month, retained=who == "retained"),
        bar=bar,
        also=month,
    )


def cohorts(view: View, key: str) -> None:
    """The customers of one cell of the heat map: who bought in that month, who did not."""
    table = lifecycle.cohorts(view)
    followed = table.filter(pl.col("age") > 0)["cohort"].unique().sort().to_list()
    bar = drilldown.bar()
    with bar:
        cohort = _pick_month(key, followed, words="lifecycle.cohorts.of")
        cells = {
            row["age"]: row
            for row in table.filter(pl.col("cohort") == cohort).iter_rows(named=True)
            if row["age"] > 0
        }
        ages = {str(age): t("lifecycle.cohorts.after", age=age) for age in cells}
        age = int(drilldown.pick(key, ages, name="age", width=170))
    cell = cells[age]
    customer_list.behind(
        key,
        view,
        {
            "active": counted(t("lifecycle.cohorts.active"), cell["active"]),
            "not": counted(t("lifecycle.cohorts.inactive"), cell["customers"] - cell["active"]),
        },
        lambda who: lifecycle_rows.cohort(view, cohort, age, bought=who == "active"),
        bar=bar,
        also=(cohort, age),
    )


def _pick_month(key: str, months: list[date], words: str = "lifecycle.retention.of") -> date:
    """One of the months, the latest first."""
    names = {month.isoformat(): t(words, month=i18n.month(month)) for month in reversed(months)}
    return date.fromisoformat(drilldown.pick(key, names, name="month", width=220))
