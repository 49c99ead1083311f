"""After which silence a customer counts as churned: the choice, what it means, what it costs."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import polars as pl
import streamlit as st

from dashboard import address, data, i18n, table
from dashboard.answers import churn_risk
from dashboard.i18n import t
from dashboard.panels.churn_risk import refusal
from dashboard.table import Column
from dashboard.view import View
from metrics.churn import definitions
from metrics.churn.rhythm import Definition

PARAMETER = "definition"


def applied(view: View) -> View:
    """The view by the definition in the address; before anything that follows it is drawn."""
    found, standard = definitions.choices(), definitions.standard_code()
    address.seed_one(PARAMETER, tuple(found), standard)
    code = str(st.session_state[PARAMETER])
    return view if code == standard else replace(view, definition=found[code])


def name(code: str) -> str:
    """A definition in a few words: `4 × own usual gap`, `90 days for all`."""
    definition = definitions.choices()[code]
    if definition.fixed_days is not None:
        words = t("risk.definition.fixed", days=i18n.number(definition.fixed_days))
    else:
        words = t("risk.definition.times", times=_times(definition))
    return t("risk.definition.standard", words=words) if _is_standard(code) else words


def _is_standard(code: str) -> bool:
    return code == definitions.standard_code()


def _times(definition: Definition) -> str:
    return i18n.number(definition.times, 0 if definition.times % 1 == 0 else 1)


def control(view: View) -> None:
    """The choice, a comparison of all of them, and the chosen one in a sentence."""
    codes = tuple(definitions.choices())
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="definition_choices"
    ):
        code = st.selectbox(
            t("risk.definition.label"),
            codes,
            format_func=name,
            key=PARAMETER,
            placeholder=t("risk.definition.label"),
            width=320,
            on_change=address.first_page,
            args=("risk",),
        )
        opened = st.popover(
            t("risk.definition.compare"),
            icon=":material/balance:",
            type="tertiary",
            on_change="rerun",
            key="open_definitions",
        )
        if opened.open:
            with opened:
                _comparison(view)
    address.write(PARAMETER, code, default=definitions.standard_code())
    st.html(f'<div class="sl-sub">{escape(meaning(view))}</div>')
    if note := _without_new_model(view):
        st.info(i18n.markdown(note))


def _without_new_model(view: View) -> str:
    """That no model could be fitted, why, and what stands in for it; empty if one was."""
    fitted = churn_risk.model(view)
    if fitted is None:
        said = refusal(view)
        return said if churn_risk.is_scored(view) else f"{said} {t('risk.silence_instead')}"
    reason, _ = churn_risk.refusal(view)
    goes_on = t("risk.last_good", day=i18n.day(fitted.as_of))
    return f"{refusal(view)} {goes_on}" if reason else ""


def rule(view: View) -> str:
    """What churned means on this page, in a sentence; in another one, where there are contracts."""
    chosen = view.definition or Definition.standard()
    said = t(
        f"risk.meaning.{'times' if chosen.fixed_days is None else 'fixed'}",
        days=i18n.number(chosen.fixed_days),
        times=_times(chosen),
        floor=i18n.number(chosen.floor_days),
        cap=i18n.number(chosen.cap_days),
    )
    return said + t("risk.meaning.contract") if data.present(view, "contracts") else said


def meaning(view: View) -> str:
    """What churned means, how often that was wrong, and what earlier values are."""
    back = churn_risk.headline(view)["win_back_rate"]
    text = rule(view)
    if back.value is not None:
        text += t(
            "risk.how_sure",
            lapsed=i18n.number(back.n),
            share=i18n.share(back.value),
            low=i18n.share(back.low),
            high=i18n.share(back.high),
        )
    if view.definition is not None:
        return text + t("risk.other_definition")
    if churn_risk.by_stage(view):
        return text + t("risk.no_past")
    if view.moved is not None:
        return text + t("risk.no_past_by_owner")
    return text + t("risk.looking_back") if churn_risk.is_scored(view) else text


def _comparison(view: View) -> None:
    found = churn_risk.definitions(view)
    names = [name(code) for code in found["code"]]
    rows = found.with_columns(name=pl.Series(names, dtype=pl.String))
    columns = [
        Column("name", t("risk.definition.label")),
        Column("typical_days", t("risk.definition.typical"), "days"),
        Column("churned", t("risk.definition.churned"), "count"),
        Column("lapsed", t("risk.definition.lapsed"), "count"),
        Column("win_back_rate", t("risk.definition.came_back"), "share_bar"),
    ]
    st.html(f'<div class="sl-sub">{escape(t("risk.definition.explained"))}</div>')
    table.show(rows, columns, alt=t("risk.definition.compare"))
