"""The filters of the risk list itself: the common ones in a line, the rest behind a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import streamlit as st

from dashboard import address
from dashboard.answers import churn_follow_up
from dashboard.answers.churn_follow_up import STATES
from dashboard.answers.churn_list import NPS, SORTS, TICKETS, WARNINGS, Bounds, Choice
from dashboard.i18n import t
from dashboard.panels import churn_chips
from dashboard.panels.churn_chips import LIST
from dashboard.settings import settings

MINIMA = ("0", "10", "25", "50", "75")
_NO_TICKETS = "0"
_BOUNDS = ("risk_silent", "risk_value")


def choice(kinds: Sequence[str]) -> Choice:
    """What the address asks of the list; the widgets begin with it."""
    address.seed_one("risk_list", kinds, kinds[0])
    kind = _state("risk_list")
    address.seed_one("risk_sort", tuple(SORTS[kind]), next(iter(SORTS[kind])))
    address.seed_one("risk_min", MINIMA, MINIMA[0])
    address.seed_text("risk_search")
    for name in _BOUNDS:
        address.seed_whole(f"{name}_from")
        address.seed_whole(f"{name}_to")
    address.seed_one("risk_tickets", (_NO_TICKETS, *TICKETS), _NO_TICKETS)
    address.seed_many("risk_nps", NPS)
    address.seed_many("risk_warning", WARNINGS)
    address.seed_many("risk_follow", STATES)
    return Choice(
        kind,
        sort=_state("risk_sort"),
        minimum=int(_state("risk_min")) / 100 if kind == "risk" else 0.0,
        search=_state("risk_search").strip(),
        silent=_bounds("risk_silent"),
        value=_bounds("risk_value", 10 ** settings().money_scale),
        tickets=int(_state("risk_tickets")),
        nps=tuple(st.session_state["risk_nps"]),
        warning=tuple(st.session_state["risk_warning"]),
        follow_up=tuple(st.session_state["risk_follow"]),
        told=churn_follow_up.told(),
    )


def _state(key: str) -> str:
    return str(st.session_state[key] or "")


def _bounds(name: str, unit: int = 1) -> Bounds:
    low, high = (cast("int | None", st.session_state[f"{name}_{end}"]) for end in ("from", "to"))
    return None if low is None else low * unit, None if high is None else high * unit


def controls(kinds: Sequence[str], chosen: Choice) -> None:
    """The widgets; whatever changes the rows goes back to the first page."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="risk_choices"
    ):
        st.segmented_control(
            t("risk.list.show"),
            kinds,
            format_func=lambda code: t(f"risk.list.kind.{code}"),
            required=True,
            key="risk_list",
            on_change=address.first_page,
            args=(LIST,),
        )
        if chosen.kind == "risk":
            _select("risk_min", MINIMA, {code: _minimum(code) for code in MINIMA}, 150)
        sorts = tuple(SORTS[chosen.kind])
        _select("risk_sort", sorts, {code: t(f"risk.sort.{code}") for code in sorts}, 190)
        st.text_input(
            t("risk.list.search"),
            key="risk_search",
            max_chars=100,
            placeholder=t("risk.list.search_hint"),
            width=200,
            on_change=address.first_page,
            args=(LIST,),
        )
        _more(chosen)
    _write(kinds, chosen)
    churn_chips.chips(chosen)


def _select(key: str, codes: Sequence[str], names: Mapping[str, str], width: int) -> None:
    label = t(f"risk.list.{key.removeprefix('risk_')}")
    st.selectbox(
        label,
        codes,
        format_func=names.__getitem__,
        key=key,
        placeholder=label,
        width=width,
        on_change=address.first_page,
        args=(LIST,),
    )


def _minimum(code: str) -> str:
    return t("risk.list.any") if code == "0" else f"≥ {code}%"


def _more(chosen: Choice) -> None:
    """The rarer filters; the button tells how many of them are set."""
    visible = {"risk_min", "risk_search"}
    hidden = [each for each in churn_chips.active(chosen) if visible.isdisjoint(each.parameters)]
    label = t("risk.filter.more_set", n=len(hidden)) if hidden else t("risk.filter.more")
    with st.popover(label, icon=":material/tune:", key="risk_more"):
        _pills("risk_warning", WARNINGS, t("dimension.warning"), churn_chips.warning)
        if chosen.told is not None:
            _pills("risk_follow", STATES, t("risk.follow.label"), churn_chips.follow_up)
        _range("risk_silent", t("risk.filter.silent"))
        currency = settings().currency
        _range("risk_value", f"{t('risk.filter.value')} ({currency})")
        names = {_NO_TICKETS: t("risk.filter.any")}
        names |= {code: t("risk.filter.at_least", n=code) for code in TICKETS}
        st.segmented_control(
            t("risk.filter.tickets"),
            (_NO_TICKETS, *TICKETS),
            format_func=names.__getitem__,
            required=True,
            key="risk_tickets",
            on_change=address.first_page,
            args=(LIST,),
        )
        _pills("risk_nps", NPS, t("risk.filter.nps"), churn_chips.nps)


def _pills(key: str, codes: Sequence[str], label: str, word: Callable[[str], str]) -> None:
    st.pills(
        label,
        codes,
        format_func=word,
        selection_mode="multi",
        key=key,
        on_change=address.first_page,
        args=(LIST,),
    )


def _range(name: str, label: str) -> None:
    left, right = st.columns(2, gap="small")
    for place, end in ((left, "from"), (right, "to")):
        place.number_input(
            t(f"risk.filter.{end}", what=label),
            min_value=0,
            value=None,
            step=1,
            key=f"{name}_{end}",
            placeholder=t("risk.filter.any"),
            on_change=address.first_page,
            args=(LIST,),
        )


def _write(kinds: Sequence[str], chosen: Choice) -> None:
    address.write("risk_list", chosen.kind, default=kinds[0])
    address.write("risk_sort", chosen.sort, default=next(iter(SORTS[chosen.kind])))
    address.write("risk_min", _state("risk_min"), default=MINIMA[0])
    address.write("risk_search", chosen.search)
    for name in _BOUNDS:
        for end in ("from", "to"):
            value = st.session_state[f"{name}_{end}"]
            address.write(f"{name}_{end}", "" if value is None else str(value))
    address.write("risk_tickets", str(chosen.tickets), default=_NO_TICKETS)
    address.write("risk_nps", *chosen.nps)
    address.write("risk_warning", *chosen.warning)
    address.write("risk_follow", *chosen.follow_up)
