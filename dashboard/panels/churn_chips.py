"""The filters of the risk list that are set, in words, each to be taken away by a click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard import address, i18n, kpi
from dashboard.answers.churn_list import Bounds, Choice
from dashboard.i18n import t

LIST = "risk"  # prefix of the list's page in the address
PARAMETERS = (  # of the filters; kind and sort are no filters
    "risk_min",
    "risk_search",
    "risk_silent_from",
    "risk_silent_to",
    "risk_value_from",
    "risk_value_to",
    "risk_tickets",
    "risk_nps",
    "risk_warning",
    "risk_follow",
)


@dataclass(frozen=True, slots=True)
class Active:
    """One filter that is set: its name, what it keeps, and its parameters in the address."""

    name: str
    words: str
    parameters: tuple[str, ...]


def active(chosen: Choice) -> list[Active]:
    """The filters of the list that are set, in words; those of the whole page are no part."""
    some = t("list.and").join
    found = [
        Active(t("risk.list.min"), _at_least(chosen.minimum), ("risk_min",)),
        Active(t("risk.list.search"), chosen.search and f"“{chosen.search}”", ("risk_search",)),
        Active(t("dimension.warning"), some(map(warning, chosen.warning)), ("risk_warning",)),
        Active(t("risk.follow.label"), some(map(follow_up, chosen.follow_up)), ("risk_follow",)),
        Active(t("risk.filter.silent"), _range(chosen.silent, i18n.number), _ends("risk_silent")),
        Active(t("risk.filter.value"), _range(chosen.value, _money), _ends("risk_value")),
        Active(t("risk.filter.tickets"), _tickets(chosen.tickets), ("risk_tickets",)),
        Active(t("risk.filter.nps"), some(map(nps, chosen.nps)), ("risk_nps",)),
    ]
    return [each for each in found if each.words]


def _at_least(probability: float) -> str:
    return f"≥ {i18n.share(probability, 0)}" if probability else ""


def _tickets(number: int) -> str:
    return t("risk.filter.at_least", n=number) if number else ""


def _money(bound: int) -> str:
    return kpi.money(bound, compact=False)


def _ends(name: str) -> tuple[str, str]:
    return f"{name}_from", f"{name}_to"


def _range(bounds: Bounds, write: Callable[[int], str]) -> str:
    low, high = ("" if bound is None else write(bound) for bound in bounds)
    if low and high:
        return f"{low} – {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def nps(kind: str) -> str:
    """A kind of last answer in words."""
    return t(f"risk.filter.nps_kind.{kind}")


def warning(level: str) -> str:
    """A level of warning in words, none too."""
    return t("risk.filter.no_warning") if level == "none" else i18n.code("warning", level)


def follow_up(state: str) -> str:
    """Where a follow-up stands, in words."""
    return t(f"risk.follow.state.{state}")


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
            args=PARAMETERS,
        )


def _take_away(*parameters: str) -> None:
    address.forget(*parameters)
    address.first_page(LIST)
