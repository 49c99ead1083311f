"""The tickets behind the charts of the service page, a group of them at a time."""

from __future__ import annotations

from typing import Any

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown, i18n
from dashboard.answers import service, service_promises, service_rows
from dashboard.answers.service_rows import ALL, STATES, Cut
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import promises
from dashboard.panels.periods import pick_point
from dashboard.table import Column
from dashboard.view import View

_OVERDUE = "overdue"


def backlog(view: View, key: str) -> None:
    """The open tickets of an age, overdue or not, the oldest first."""
    frame = service.backlog(view)
    whole = (ALL, *frame.select(pl.col("tickets", "missed").sum()).row(0))
    names: dict[str, str] = {}
    for age, tickets, missed in (whole, *frame.select("age", "tickets", "missed").iter_rows()):
        name = t("service.rows.all_open") if age == ALL else i18n.code("age", age)
        names[age] = counted(name, tickets)
        if missed:
            overdue = counted(t("service.rows.overdue", name=name), missed)
            names[f"{age}.{_OVERDUE}"] = overdue
    code = drilldown.pick(key, names)
    age, _, part = code.partition(".")
    rows = service_rows.opened(view, age, overdue=part == _OVERDUE)
    waiting = Column("waiting_days", t("service.rows.waiting"), "points")
    _show(view, key, rows, code, names[code], waiting)


def trend(view: View, key: str, *, clock: str, grain: str) -> None:
    """The tickets behind a trend: of the period, or of one of its points."""
    buckets = service.over_time(view, clock, grain)["bucket"].to_list()
    bar = drilldown.bar()
    with bar:
        point = pick_point(key, buckets, grain)
    _judged(view, key, Cut(clock, point, grain), bar)


def by_group(view: View, key: str, *, clock: str, dimension: str) -> None:
    """The tickets behind one bar."""
    groups = service.by_group(view, clock, dimension)[dimension]
    bar = drilldown.bar()
    with bar:
        value = drilldown.pick_group(key, dimension, groups.to_list())
    _judged(view, key, Cut(clock, dimension=dimension, value=value), bar)


def by_promise(view: View, key: str) -> None:
    """The tickets behind the bar of one promise."""
    known = promises.by_key()
    decided = service_promises.by_promise(view).drop_nulls("attainment")["key"].to_list()
    names = {
        each: f"{promises.whom(known[each])} · {promises.limit(known[each].limit_minutes)}"
        for each in decided
    }
    bar = drilldown.bar()
    with bar:
        promise = drilldown.pick(key, names, name="group")
    _judged(view, key, Cut("overall", dimension="promise", value=promise), bar)


def agreement(view: View, key: str) -> None:
    """The tickets by what the source and we say of them."""
    counts = service.agreement(view).row(0, named=True)
    names = {
        case: counted(t(f"service.agreement.{case}"), counts[case])
        for case in reversed(service_rows.AGREEMENTS)
    }
    for cause, n in service_promises.differences(view).items():
        if n:
            names[cause] = counted(i18n.code("difference", cause), n)
    case = drilldown.pick(key, names)
    _show(view, key, service_rows.compared(view, case), case, names[case])


def _judged(view: View, key: str, cut: Cut, bar: DeltaGenerator) -> None:
    counts = service_rows.counted(view, cut)
    names = {
        state: counted(t(f"service.state.{state}"), counts[state])
        for state in STATES
        if cut.clock != service.SOURCE or state != "due"
    }
    with bar:
        state = drilldown.pick(key, names, width=200)
    _show(view, key, service_rows.judged(view, cut, state), (cut, state), names[state])


def _show(
    view: View, key: str, rows: pl.LazyFrame, decided_by: Any, alt: str, *more: Column
) -> None:
    nobody = service.anonymous(view)
    customer = () if nobody else (Column("customer", t("column.customer"), "customer"),)
    columns = [
        *customer,
        Column("created", t("service.column.created"), "moment"),
        *more,
        Column("state", t("service.rows.verdict"), write=_state),
        Column("kind", t("service.column.kind"), "code"),
        Column("grade", t("service.column.grade"), "code"),
        Column("channel", t("service.column.channel"), "code"),
        Column("agent", t("service.column.agent")),
        Column("ticket_id", t("service.column.ticket")),
    ]
    drilldown.paged(
        drilldown.Rows(rows, (view, decided_by)),
        columns,
        key=key,
        alt=alt,
        size=drilldown.IN_DIALOG,
        identity=None if nobody else "customer_id",
    )


def _state(state: str | None) -> str:
    return i18n.DASH if state is None else t(f"service.state.{state}")
