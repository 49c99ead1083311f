"""The panel of follow-ups that have ended: how, whose, at what cost, and who ordered again."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import address, drilldown, i18n, kpi, panel, periods
from dashboard.answers import closed_cases
from dashboard.answers.closed_cases import EVERY, Choice
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import follow_up_words as words
from dashboard.table import Column
from dashboard.view import View
from data_access.workspace.records import ENDINGS

_LIST, _SIZE = "closed", 10
_PERIOD, _ENDING = "closed_period", "closed_ending"
_CODES = (EVERY, *ENDINGS)


def closed(view: View) -> None:
    """What ended in a period, by outcome; a row opens the customer."""
    choice = _seeded()
    counts = closed_cases.counts(view, choice)
    with panel.panel("closed", _title(counts), t("follow_ups.closed.subtitle")):
        with st.container(horizontal=True, gap="small"):
            choose(
                _PERIOD,
                periods.PERIODS,
                default=periods.DEFAULT,
                label=t("filter.period"),
                name=lambda code: t(f"period.{code}"),
                resets=_LIST,
            )
            choose(
                _ENDING,
                _CODES,
                default=EVERY,
                label=t("follow_ups.closed.ending"),
                name=lambda code: drilldown.counted(_ending(code), counts[code]),
                resets=_LIST,
            )
        rows = drilldown.Rows(closed_cases.listed(view, choice), (view, choice))
        alt = t("follow_ups.closed.subtitle")
        drilldown.paged(rows, _columns(), key=_LIST, alt=alt, size=_SIZE)
        if counts[choice.ending]:
            st.html(f'<div class="sl-sub">{escape(_totals(view, choice))}</div>')


def _seeded() -> Choice:
    address.seed_one(_PERIOD, periods.PERIODS, periods.DEFAULT)
    address.seed_one(_ENDING, _CODES, EVERY)
    return closed_cases.choose(st.session_state[_PERIOD], st.session_state[_ENDING])


def _title(counts: dict[str, int]) -> str:
    if not counts[EVERY]:
        return t("follow_ups.closed.none")
    return t(
        "follow_ups.closed.title", **{code: i18n.number(counts[code]) for code in (EVERY, *ENDINGS)}
    )


def _ending(code: str) -> str:
    return t("filter.all") if code == EVERY else i18n.code("case_state", code)


def _columns() -> list[Column]:
    return [
        Column("name", t("column.customer"), "customer"),
        Column("closed_at", t("follow_ups.column.closed"), write=words.day),
        Column("state", t("follow_ups.column.ending"), "code", "case_state"),
        Column("came_back", t("follow_ups.column.came_back"), write=_came_back),
        Column("cost", t("follow_ups.column.cost"), "money", write=_cost),
        Column("owner", t("dimension.owner_id")),
        Column("reason", t("follow_ups.column.reason"), write=words.why),
        Column("tier", t("dimension.tier"), "code"),
    ]


def _cost(amount: int | None) -> str:
    return i18n.DASH if amount is None else words.cost(amount)


def _came_back(code: str | None) -> str:
    return i18n.DASH if code is None else t(f"follow_ups.came_back.{code}")


def _totals(view: View, choice: Choice) -> str:
    """What those listed cost, and who came back, whatever outcome was written down."""
    found = closed_cases.totals(view, choice)
    told = [t("follow_ups.closed.cost", money=kpi.money(found["cost"]))]
    if found["judged"]:
        n, back = i18n.number(found["judged"]), i18n.number(found["came_back"])
        told.append(t("follow_ups.closed.judged", n=n, back=back))
    else:
        told.append(t("follow_ups.closed.unjudged"))
    return " ".join(told)
