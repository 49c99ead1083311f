"""Panels of one customer: how likely it is to stay, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import data, i18n, kpi, panel, theme
from dashboard.answers import churn_risk, customer
from dashboard.charts import outlook as outlook_chart
from dashboard.charts.lines import Trend, trend
from dashboard.i18n import t
from dashboard.panels import early_warnings
from dashboard.panels.churn_risk import refusal
from dashboard.panels.periods import bucket_labels
from dashboard.panels.reasons import sentence
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.regime import CONTRACTS, PURCHASES, Regime
from metrics.churn.score import HORIZONS

Row = Mapping[str, Any]
_WHOLE = 0.06  # an axis that ends below it has marks between whole per cents
_FEW_DAYS = 3  # with a risk: fewer are no history


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the reasons: what, how much it does, and whether it speaks for a departure."""

    words: str
    effect: str
    raises: bool


def outlook(view: View, row: Row) -> None:
    """The next 90 days: chance of still being a customer, and of silence."""
    frame = customer.outlook(view, row["customer_id"])
    title, subtitle = _outlook_title(row), _outlook_subtitle(row)
    if frame.is_empty():
        reason = "not_bought" if row["silent_days"] is None else "long_silent"
        reason = "contract_ended" if row["contract_ended_on"] else reason
        unscored = churn_risk.model(view, _regime(row)) is None
        why = refusal(view, _regime(row)) if unscored else t(f"customer.outlook.{reason}")
        with panel.panel("outlook", title, why):
            return
    columns = [
        Column("day", t("risk.column.day"), "days"),
        Column("survival", t("customer.outlook.still"), "share"),
        Column("silent", t("customer.outlook.silent"), "share"),
    ][: 3 if _regime(row) is PURCHASES else 2]
    with panel.panel("outlook", title, subtitle, data=(frame, columns), personal=view) as draw:
        remaining = int(row["remaining_days"] or 0)
        reached = data.as_of(view, "orders") + timedelta(days=remaining)
        figure = outlook_chart.draw(
            outlook_chart.Outlook(
                days=frame["day"].to_list(),
                survival=frame["survival"].to_list(),
                silent=frame["silent"].to_list(),
                marks=[
                    (days, i18n.share(1 - row[f"p{days}"], 0))
                    for days in HORIZONS
                    if row[f"p{days}"] is not None
                ],
                names=(t("customer.outlook.still"), t("customer.outlook.silent")),
                threshold=(remaining, t("customer.outlook.threshold", day=i18n.day(reached)))
                if 0 < remaining <= HORIZONS[-1]
                else None,
            ),
            theme.palette(),
        )
        draw(figure)


def _regime(row: Row) -> Regime:
    return PURCHASES if row["contract_days"] is None else CONTRACTS


def _outlook_subtitle(row: Row) -> str:
    if _regime(row) is PURCHASES:
        return t("customer.outlook.subtitle")
    return t(
        f"contract.{'outlook_ends' if row['contract_ends_on'] else 'outlook'}",
        day=i18n.day(row["contract_ends_on"]),
        amount=kpi.money(row["monthly_amount"], compact=False),
        days=i18n.number(row["contract_days"]),
    )


def _outlook_title(row: Row) -> str:
    if row["contract_ended_on"]:
        return t("customer.outlook.title.contract_ended", day=i18n.day(row["contract_ended_on"]))
    if row["churned"]:
        if row["silent_90"] is None:
            return t("customer.outlook.title.gone")
        return t("customer.outlook.title.churned", share=i18n.share(1 - row["silent_90"], 0))
    if row["p90"] is None:
        return t("customer.outlook.title.unknown")
    if row["p90"] == 0:
        return t("customer.outlook.title.safe", days=i18n.number(row["remaining_days"]))
    return t(
        "customer.outlook.title.risk",
        p90=i18n.share(row["p90"], 0),
        p30=i18n.share(row["p30"], 0),
        p60=i18n.share(row["p60"], 0),
    )


def reasons(row: Row) -> None:
    """Why: first the silence clock, then warnings, then the drivers with the size of effect."""
    found: list[dict[str, Any]] = row["drivers"] or []
    told = {each["driver"]: each["effect"] for each in found}
    clock = told.pop(PURCHASES.clock_driver, None)
    items = _clock(row, clock) if _regime(row) is PURCHASES else _notice(row)
    items += [Reason(words, "", raises=True) for words in early_warnings.of_customer(row)]
    items += [_driver(driver, effect, row) for driver, effect in told.items()]
    raising = sum(each.raises for each in items)
    key = "none" if not items else "title" if raising else "staying"
    key = "contract_ended" if row["contract_ended_on"] else key
    title = t(f"customer.reasons.{key}", n=raising)
    with panel.panel("reasons", title, t("customer.reasons.subtitle")):
        st.html(f'<ul class="sl-reasons">{"".join(map(_item, items))}</ul>')
        if not found and not row["contract_ended_on"]:
            st.html(f'<div class="sl-sub">{escape(t("customer.reasons.empty"))}</div>')
        if row["revenue_at_risk"]:
            money = t(
                "customer.reasons.money",
                money=kpi.money(row["revenue_at_risk"], compact=False),
                revenue=kpi.money(row["revenue_12m"], compact=False),
            )
            if row["monthly_amount"] is not None:
                money = t(
                    "contract.money",
                    money=kpi.money(row["revenue_at_risk"], compact=False),
                    amount=kpi.money(12 * row["monthly_amount"], compact=False),
                )
            st.html(f'<div class="sl-sub">{escape(money)}</div>')


def _clock(row: Row, effect: float | None) -> list[Reason]:
    """How long the customer has been silent, or has had no contract any more, and what counts."""
    if row["contract_ended_on"]:
        ended, gone = i18n.short_day(row["contract_ended_on"]), i18n.number(-row["remaining_days"])
        words = t("customer.clock.contract_ended", day=ended, gone=gone)
        return [Reason(words, "", raises=True)]
    if row["silent_days"] is None:
        return []
    late = row["churned"] or row["silent_days"] > (row["usual_gap_days"] or 0)
    words = t(
        f"customer.clock.{'churned' if row['churned'] else 'late' if late else 'early'}",
        silent=i18n.number(row["silent_days"]),
        gap=i18n.number(row["usual_gap_days"]),
        left=i18n.number(row["remaining_days"]),
        threshold=i18n.number(row["tau_days"]),
    )
    below = "" if effect is None else _effect(effect, PURCHASES)
    return [Reason(words, below, raises=bool(late))]


def _notice(row: Row) -> list[Reason]:
    """That the end of the contract is known; no score counts it (ARCHITECTURE.md)."""
    if row["contract_ends_on"] is None:
        return []
    words = t("reason.contract_ends", day=i18n.short_day(row["contract_ends_on"]))
    return [Reason(words, "", raises=True)]


def _driver(driver: str, effect: float, row: Row) -> Reason:
    raises, below = effect > 0, _effect(effect, _regime(row))
    return Reason(sentence(driver, row, raises=raises), below, raises=raises)


def _effect(effect: float, regime: Regime) -> str:
    if regime is PURCHASES:
        key = f"customer.reasons.{'slower' if effect > 0 else 'faster'}"
    else:
        key = f"contract.{'more' if effect > 0 else 'less'}"
    return t(key, share=i18n.share(abs(effect), 0))


def _item(reason: Reason) -> str:
    sign, tone = ("▼", "bad") if reason.raises else ("▲", "good")
    below = f'<div class="sl-sub">{escape(reason.effect)}</div>' if reason.effect else ""
    return f'<li><span class="{tone}">{sign}</span> <b>{escape(reason.words)}</b>{below}</li>'


def past(view: View, row: Row) -> None:
    """The risk of the customer at the last month ends, by today's model on what was known then."""
    frame = customer.risk_history(view, row["customer_id"])
    known = frame.drop_nulls("p90") if "p90" in frame.columns else frame
    if known.height < _FEW_DAYS:
        return
    title = _past_title(frame)
    columns = [
        Column("as_of", t("column.date"), "date"),
        Column("p90", t("customer.past.risk"), "share"),
        Column("silent_days", t("risk.column.silent"), "days"),
        Column("tau_days", t("risk.column.threshold"), "days"),
        Column("churned", i18n.code("stage", "churned"), "flag"),
    ]
    with panel.panel(
        "risk_history", title, t("customer.past.subtitle"), data=(frame, columns), personal=view
    ) as draw:
        values = frame["p90"].to_list()
        digits = 0 if known["p90"].max() >= _WHOLE else 1  # pyright: ignore[reportOperatorIssue]
        series = Trend(
            labels=bucket_labels(frame["as_of"].to_list(), "month"),
            values=values,
            texts=[i18n.share(value, digits) for value in values],
        )
        axis = f".{digits}%"
        draw(trend(series, theme.palette(), tick_format=axis, floor=0.0, ceiling=1.0, height=220))


def _past_title(frame: pl.DataFrame) -> str:
    now = frame.row(-1, named=True)
    highest = frame.drop_nulls("p90").sort("p90", "as_of").row(-1, named=True)
    if now["p90"] is None:
        key = "churned"
    elif highest["as_of"] == now["as_of"] and now["p90"] > 0:
        key = "highest"
    else:
        key = "before"
    return t(
        f"customer.past.{key}",
        now=i18n.share(now["p90"], 0),
        high=i18n.share(highest["p90"], 0),
        day=i18n.day(highest["as_of"]),
    )
