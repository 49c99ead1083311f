"""Will we make it: the chance of each target, and what it still takes, in words."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel
from dashboard.answers import outlook
from dashboard.answers.outlook import Ahead
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import outlook_words
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.rules import load

_END, _QUARTER = "outlook_end", "quarter"
_COLUMNS = ("label", "until", "now", "target", "end", "chance", "needed", "expected")


def _end() -> str:
    """Until when: the end of the month, the quarter or the year; kept in the address."""
    address.seed_one(_END, tuple(outlook.ENDS), _QUARTER)
    return str(st.session_state[_END])


def _choose_end() -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.html(f'<span class="sl-sub">{escape(t("outlook.ends"))}</span>', width="content")
        choose(
            _END,
            tuple(outlook.ENDS),
            default=_QUARTER,
            label=t("outlook.ends"),
            name=lambda code: t(f"outlook.end.{code}"),
        )


def chances(view: View) -> None:
    """Each target with its chance and what is still needed, the least likely first."""
    found = outlook.ahead(view, _end())
    rows = [_row(key, each) for key, each in found.items()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    columns = [Column(name, t(f"outlook.column.{name}")) for name in _COLUMNS]
    days = load("outlook")["recent"]["days"]
    with panel.panel(
        "outlook",
        _title(found),
        t("outlook.subtitle", days=days),
        data=(frame, columns),
        kpis=tuple(found),
    ):
        _choose_end()
        items = "".join(_item(key, each) for key, each in found.items())
        st.html(f'<div class="sl-outlook">{items}</div>')


def _title(found: dict[str, Ahead]) -> str:
    told = {key: each.chance for key, each in found.items() if each.chance is not None}
    if not told:
        return t("outlook.untold.title")
    likely = sum(chance >= load("outlook")["said"]["likely"] for chance in told.values())
    return i18n.part("outlook.title", likely, len(told))


def _row(key: str, ahead: Ahead) -> dict[str, str]:
    counted = ahead.counted
    entry = KPIS[key]
    return {
        "label": t(f"kpi.{key}.label"),
        "until": i18n.DASH if ahead.missing and not ahead.counted else i18n.short_day(ahead.until),
        "now": outlook_words.now(key, ahead),
        "target": kpi.target_text(entry, entry.targets[0]),
        "end": outlook_words.end(key, ahead),
        "chance": outlook_words.chance(ahead),
        "needed": outlook_words.needed(key, ahead),
        "expected": i18n.number(counted.expected) if counted else i18n.DASH,
    }


def _item(key: str, ahead: Ahead) -> str:
    said = _row(key, ahead)
    tone = outlook_words.tone(ahead)
    bar = ""
    if ahead.chance is not None:
        width = round(100 * ahead.chance)
        bar = f'<i class="{tone}"><i style="width:{width}%"></i></i>'
    word = outlook_words.word(ahead)
    until = "" if ahead.missing and ahead.chance is None else outlook_words.until(ahead)
    figures = outlook_words.figures(key, ahead)
    return (
        f'<div><div class="what"><b>{escape(said["label"])}</b><small>{escape(until)}</small></div>'
        f'<div class="how"><b class="{tone}">{escape(said["chance"])}</b>{bar}'
        f"<small>{escape(word)}</small></div>"
        f'<div class="why">{escape(said["needed"])}<small>{escape(figures)}</small></div></div>'
    )
