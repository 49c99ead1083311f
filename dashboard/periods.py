"""The choice of a period in the header: a usual one, or any months."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard import address, data, i18n
from dashboard.i18n import t
from dashboard.view import View
from metrics.calendar import Grain, first_day, spine
from metrics.selection import CHOICES, months_code

PERIODS = tuple(CHOICES)
DEFAULT = "year"
FROM, TO = "period_from", "period_to"
PARAMETERS = ("period", FROM, TO)


def choose(view: View) -> str:
    """Draw the choice; gives the code of the period (`metrics.selection.period`)."""
    months = _months(view)
    for name in (FROM, TO):
        address.seed_optional(name, tuple(months))
    ends = tuple(st.session_state[name] for name in (FROM, TO))
    first, last = sorted((ends[0] or min(months), ends[1] or max(months)))
    chosen = months_code(first, last) if any(ends) else None
    if chosen:
        address.seed_optional("period", ())  # none of the usual ones
    else:
        address.seed_one("period", PERIODS, DEFAULT)
    code = st.segmented_control(
        t("filter.period"),
        PERIODS,
        format_func=lambda each: t(f"period.{each}"),
        required=chosen is None,
        key="period",
        label_visibility="collapsed",
        on_change=address.forget,  # a usual period takes the months away
        args=(FROM, TO),
    )
    told = t("period.some", first=i18n.month(months[first]), last=i18n.month(months[last]))
    with st.popover(told if chosen else t("period.months"), icon=":material/date_range:"):
        for name in (FROM, TO):
            st.selectbox(
                t(f"period.{name}"),
                tuple(reversed(months)),
                format_func=lambda each: i18n.month(months[each]),
                key=name,
                placeholder=t("period.open"),
            )
        st.caption(t("period.months_help"))
    for name in (FROM, TO):
        address.write(name, st.session_state[name] or "")
    address.write("period", code or DEFAULT, default=DEFAULT)
    return chosen or code or DEFAULT


def _months(view: View) -> dict[str, date]:
    """The months that the data reach, by their code, the first one first."""
    earliest, last = data.first_day(view, "order_months", "month"), data.as_of(view, "orders")
    begins = first_day(min(earliest, last), Grain.MONTH)
    buckets = spine(begins, last, Grain.MONTH).collect()["bucket"].to_list()
    return {f"{month:%Y-%m}": month for month in buckets}
