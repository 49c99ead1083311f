"""The filters of the risk list that are set, in words, each to be taken away by a click."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import address, i18n, kpi
from dashboard.answers.churn_list import Choice
from dashboard.i18n import t

LIST = "risk"  # prefix of the list's page in the address
_PARAMETERS = (  # of the filters; kind and sort are no filters
    "risk_min",
    "risk_search",
    "risk_silent_from",
    "risk_silent_to",
    "risk_value_from",
    "risk_value_to",
    "risk_tickets",
    "risk_nps",
    "risk_warning",
)


@dataclass(frozen=True, slots=True)
class Active:
    """One filter that is set: its name, what it keeps, and its parameters in the address."""

    name: str
    words: str
    parameters: tuple[str, ...]


def active(chosen: Choice) -> list[Active]:
    """The filters of the list that are set, in words; those of the whole page are no part."""
    found: list[Active] = []
    if chosen.minimum:
        words = f"≥ {i18n.share(chosen.minimum, 0)}"
        found.append(Active(t("risk.list.min"), words, ("risk_min",)))
    if chosen.search:
        found.append(Active(t("risk.list.search"), f"“{chosen.search}”", ("risk_search",)))
    if chosen.warning:
        words = t("list.and").join(map(warning, chosen.warning))
        found.append(Active(t("dimension.warning"), words, ("risk_warning",)))
    if words := _range_words(*(_number(bound) for bound in chosen.silent)):
        parameters = ("risk_silent_from", "risk_silent_to")
        found.append(Active(t("risk.filter.silent"), words, parameters))
    if words := _range_words(*(_money(bound) for bound in chosen.value)):
        found.append(Active(t("risk.filter.value"), words, ("risk_value_from", "risk_value_to")))
    if chosen.tickets:
        words = t("risk.filter.at_least", n=chosen.tickets)
        found.append(Active(t("risk.filter.tickets"), words, ("risk_tickets",)))
    if chosen.nps:
        words = t("list.and").join(map(nps, chosen.nps))
        found.append(Active(t("risk.filter.nps"), words, ("risk_nps",)))
    return found


def _number(bound: int | None) -> str | None:
    return None if bound is None else i18n.number(bound)


def _money(bound: int | None) -> str | None:
    return None if bound is None else kpi.money(bound, compact=False)


def _range_words(low: str | None, high: str | None) -> str:
    if low and high:
        return f"{low} – {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def nps(kind: str) -> str:
    """A kind of last answer in words."""
    return t(f"risk.filter.nps_kind.{kind}")


def warning(level: str) -> str:
    """A level of warning in words, none too."""
    return t("risk.filter.no_warning") if level == "none" else i18n.code("warning", level)


def chips(chosen: Choice) -> None:
    """What is set, each to be taken away by a click, and all of it at once."""
    found = active(chosen)
    if not found:
        return
    with st.container(horizontal=True, gap="small", key="risk_chips"):
        for each in found:
            st.button(
                i18n.markdown(f"{each.name} {each.words}"),
                key=f"chip_{each.parameters[0]}",
                icon=":material/close:",
                icon_position="right",
                on_click=_take_away,
                args=each.parameters,
            )
        st.button(
            t("risk.filter.reset"),
            key="risk_reset",
            type="tertiary",
            on_click=_take_away,
            args=_PARAMETERS,
        )


def _take_away(*parameters: str) -> None:
    address.forget(*parameters)
    address.first_page(LIST)
