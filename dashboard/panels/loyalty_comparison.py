"""Members against the others: how long they stay, and how much of it is who they are."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import data, i18n, panel, theme
from dashboard.answers import loyalty
from dashboard.charts import bars
from dashboard.charts.survival import Curve, Ticks, kaplan_meier
from dashboard.i18n import t
from dashboard.panels import churn_survival, loyalty_rows
from dashboard.table import Column
from dashboard.view import View
from metrics.loyalty.landmark import landmark
from metrics.loyalty.rule import rule
from metrics.standardised import Difference

_GROUPS = {"member": "first", "other": "third"}


def _day(view: View) -> str:
    return i18n.day(landmark(data.as_of(view, "orders"), rule().landmark_months))


def _notes(view: View) -> str:
    return t("loyalty.stage_not_applied") if loyalty.judged(view) != view else ""


def curves(view: View) -> None:
    """Kaplan–Meier curves of who was a member on the landmark and who was not."""
    found = loyalty.curves(view)
    if found is None:
        panel.empty("too_few_members", t("loyalty.curves.name"))
        return
    ends = {name: found.curve.filter(group=name)["survival"][-1] for name in _GROUPS}
    told = {name: i18n.share(value) for name, value in ends.items()}
    title = t("loyalty.curves.title", **told)
    n = i18n.number(sum(found.sizes.values()))
    subtitle = t("loyalty.curves.subtitle", day=_day(view), n=n) + _notes(view)
    columns = [
        Column("group", t("loyalty.curves.group"), "code", "membership"),
        Column("day", t("risk.column.day"), "days"),
        Column("survival", t("risk.column.survival"), "share"),
        Column("low", t("column.low"), "share"),
        Column("high", t("column.high"), "share"),
        Column("at_risk", t("risk.survival.at_risk"), "count"),
    ]
    with panel.panel(
        "member_curves",
        title,
        subtitle,
        data=(found.curve, columns),
        kpis=("member_stay_gap_raw",),
        rows=partial(loyalty_rows.landmark, view),
    ) as draw:
        drawn = [_curve(found, name, emphasis) for name, emphasis in _GROUPS.items()]
        draw(kaplan_meier(drawn, theme.palette(), ticks=_ticks(found)))
        st.caption(t("loyalty.curves.why"))


def _curve(found: loyalty.Curves, name: str, emphasis: str) -> Curve:
    rows, numbers = found.curve.filter(group=name), found.numbers.filter(group=name)
    said = i18n.code("membership", name)
    hover = [
        t(
            "risk.survival.hover",
            group=said,
            day=i18n.number(day),
            share=i18n.share(value),
            n=i18n.number(n),
        )
        for day, value, n in rows.select("day", "survival", "at_risk").iter_rows()
    ]
    return Curve(
        said,
        *(rows[column].to_list() for column in ("day", "survival", "low", "high")),
        texts=hover,
        at_risk=[i18n.compact(n) for n in numbers["at_risk"].to_list()],
        emphasis=emphasis,
    )


def _ticks(found: loyalty.Curves) -> Ticks:
    months = [i18n.number(round(day / 30.4)) for day in found.days]
    months[-1] = t("risk.survival.months", n=months[-1])
    every = churn_survival.every(found.days)
    return Ticks(found.days, months, t("risk.survival.at_risk"), every)


def differences(view: View) -> None:
    """The difference as it is, and among customers of like tier, tenure and frequency."""
    found = {name: loyalty.against(view, name) for name in loyalty.OUTCOMES}
    matched = found["stayed"]["matched"]
    if matched.value is None:
        panel.empty("nobody_to_compare", t("loyalty.differences.name"))
        return
    title = t(f"loyalty.differences.{_verdict(matched)}", points=_points(matched.value))
    left_out = found["stayed"]["raw"].n - matched.n
    told = {"n": i18n.number(matched.n), "others": i18n.number(matched.n_control)}
    subtitle = t("loyalty.differences.subtitle", day=_day(view), **told) + _notes(view)
    rows = [
        {"outcome": t(f"loyalty.differences.{outcome}"), "how": name} | _row(each)
        for outcome, differences in found.items()
        for name, each in differences.items()
    ]
    columns = [
        Column("outcome", t("loyalty.differences.outcome")),
        Column("how", t("loyalty.differences.how"), "code", "matching"),
        Column("treated", t("loyalty.members"), "share"),
        Column("control", i18n.code("membership", "other"), "share"),
        Column("value", t("loyalty.differences.difference"), "share", sign=True),
        Column("low", t("column.low"), "share", sign=True),
        Column("high", t("column.high"), "share", sign=True),
        Column("n", t("loyalty.members"), "count"),
        Column("others", i18n.code("membership", "other"), "count"),
    ]
    columns[-2:] = [
        Column("n", t("loyalty.differences.n"), "count"),
        Column("others", t("loyalty.differences.n_others"), "count"),
    ]
    with panel.panel(
        "member_differences",
        title,
        subtitle,
        data=(pl.DataFrame(rows, infer_schema_length=None), columns),
        kpis=("member_stay_gap", "member_stay_gap_raw"),
        rows=partial(loyalty_rows.landmark, view),
    ) as draw:
        drawn = [
            _bar(f"{t(f'loyalty.differences.{outcome}')}\n{i18n.code('matching', name)}", each)
            for outcome, differences in found.items()
            for name, each in differences.items()
        ]
        draw(bars.horizontal(drawn, theme.palette(), row=48))
        notes = [t("loyalty.differences.why")]
        if left_out:
            notes.append(t("loyalty.differences.left_out", n=i18n.number(left_out)))
        st.caption(" ".join(notes))


def _row(found: Difference) -> dict[str, float | int | None]:
    return {
        "treated": found.treated,
        "control": found.control,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "others": found.n_control,
    }


def _verdict(found: Difference) -> str:
    value, low, high = found.value or 0.0, found.low, found.high
    if low is None or high is None or low <= 0 <= high:
        return "none"
    return "longer" if value > 0 else "shorter"


def _points(value: float | None) -> str:
    return i18n.DASH if value is None else i18n.percentage_points(value)


def _bar(name: str, found: Difference) -> bars.Bar:
    known = {"value": found.value, "low": found.low, "high": found.high}
    told = {key: _number(value) for key, value in known.items()}
    text = t("loyalty.differences.bar", **told)
    return bars.Bar(name, found.value, text, "accent", low=found.low, high=found.high)


def _number(value: float | None) -> str:
    return i18n.number(None if value is None else 100 * value, 1, sign=True)
