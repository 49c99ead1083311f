"""Panels of the voice page: what comments are about, and the comments themselves, to search."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard import address, data, drilldown, i18n, panel, theme
from dashboard.answers import voice, voice_themes
from dashboard.charts import bars
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import voice_rows
from dashboard.table import Column
from dashboard.view import View
from metrics.voice.themes import HIGH, LOW

_KINDS = ("all", "promoter", "passive", "detractor")
_SEARCH = "voice_search"
_TONES = {LOW: "bad", HIGH: "good"}


def side(view: View, tone: str) -> None:
    """The terms that comments beside low, or high, scores have more often than the others."""
    name = t(f"voice.themes.name_{tone}")
    sizes, frame = voice_themes.sizes(view), voice_themes.of(view, tone)
    if frame.is_empty():
        panel.empty("no_themes", name)
        return
    told = ", ".join(frame["term"].head(3).to_list())
    columns = [
        Column("term", t("voice.themes.term")),
        Column("with", t("voice.themes.with")),
        Column("comments", t("voice.themes.comments"), "count"),
        Column("low_share", t("voice.themes.low"), "share"),
        Column("high_share", t("voice.themes.high"), "share"),
        Column("odds", t("voice.drivers.odds"), "score"),
        Column("odds_low", t("column.low"), "score"),
        Column("odds_high", t("column.high"), "score"),
    ]
    share = f"{tone}_share"
    drawn = [
        bars.Bar(
            _name(row),
            row[share],
            t("voice.themes.bar", share=i18n.share(row[share]), n=i18n.compact(row["comments"])),
            _TONES[tone],
        )
        for row in frame.iter_rows(named=True)
    ]
    subtitle = t(f"voice.themes.subtitle_{tone}", n=i18n.number(sizes[tone]))
    with panel.panel(
        f"themes_{tone}",
        t(f"voice.themes.title_{tone}", terms=told),
        subtitle + _since(view),
        data=(frame, columns),
        rows=partial(_rows, view, terms=frame["term"].to_list()),
    ) as draw:
        draw(bars.horizontal(drawn, theme.palette(), row=42))


def _name(row: Mapping[str, Any]) -> str:
    """A theme by its first two terms, one below the other."""
    return row["term"] if row["with"] is None else f"{row['term']}\n{row['with']}"


def _since(view: View) -> str:
    day = voice_themes.since(view)
    return t("voice.themes.since", day=i18n.day(day)) if day else ""


def _rows(view: View, key: str, *, terms: list[str]) -> None:
    """The comments in which a term was found."""
    with drilldown.bar():
        term = drilldown.pick(key, {term: term for term in terms})
    rows = drilldown.Rows(voice_themes.with_term(view, term), (view, term))
    alt = t("voice.comments.title")
    drilldown.paged(rows, voice_rows.comments(), key=key, alt=alt, size=drilldown.IN_DIALOG)


def comments(view: View) -> None:
    """The comments behind the number, to search; a row opens its customer."""
    if "comment" in data.lacking(view, voice.TABLE):
        panel.empty("no_comments", t("voice.comments.title"))
        return
    with panel.panel("comments", t("voice.comments.title"), t("voice.comments.subtitle")):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            kind = choose(
                "voice_comments",
                _KINDS,
                default="all",
                label=t("voice.comments.title"),
                name=lambda code: t(f"voice.kind.{code}"),
                resets="comments",
            )
            words = _search()
        group = None if kind == "all" else kind
        rows = drilldown.Rows(voice_themes.saying(view, group, words), (view, kind, words))
        drilldown.paged(
            rows, voice_rows.comments(), key="comments", alt=t("voice.comments.title"), size=15
        )


def _search() -> str:
    address.seed_text(_SEARCH)
    words = st.text_input(
        t("voice.comments.search"),
        key=_SEARCH,
        max_chars=60,
        placeholder=t("voice.comments.search"),
        label_visibility="collapsed",
        width=280,
        on_change=address.first_page,
        args=("comments",),
    )
    address.write(_SEARCH, words)
    return words.strip()
