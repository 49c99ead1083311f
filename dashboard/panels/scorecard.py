"""Panels of the scorecard: every target with its value, baseline, pace and trend, worst first."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

import polars as pl
import streamlit as st

from dashboard import i18n, kpi, navigation, panel
from dashboard.answers import scorecard
from dashboard.answers.scorecard import Line
from dashboard.charts.spark import sparkline
from dashboard.i18n import t
from dashboard.panels import scorecard_words as words
from dashboard.panels import untold
from dashboard.table import Column
from dashboard.theme import palette
from dashboard.view import View
from metrics.catalog import KPIS

_COLUMNS = ("label", "standing", "value", "target", "baseline", "pace", "trend")
_NARROW = ("label", "standing", "value", "target", "trend")
_TWIN = ("group", "label", "standing", "value", "interval", "n", "baseline", "target", "by_now")
_MORE = ("per_month", "until", "others", "why")


def lead(view: View) -> str:
    """How many targets are missed, and in which month the programme is."""
    judged = [line for line in scorecard.measures(view) if line.judgement != "neutral"]
    missed = sum(line.judgement == "bad" for line in judged)
    if not judged:
        return t("scorecard.lead.nothing")
    said = i18n.part("scorecard.lead.missed", missed, len(judged))
    month = scorecard.month(view)
    return said if month is None or month < 1 else t("scorecard.lead.month", said=said, month=month)


def table(view: View) -> None:
    """All measures against the targets in force, the worst first."""
    lines = scorecard.measures(view)
    _panel("scorecard", t("scorecard.title"), t("scorecard.subtitle"), {"": lines}, _COLUMNS)


def dimensions(view: View) -> None:
    """The five dimensions of the plan's evaluation."""
    found = scorecard.dimensions(view)
    named = {t(f"scorecard.dimension.{name}"): lines for name, lines in found.items()}
    judged = [line for lines in found.values() for line in lines if line.judgement != "neutral"]
    met = sum(line.met for line in judged)
    title = i18n.part("scorecard.dimensions", met, len(judged)) if judged else ""
    title = title or t("scorecard.dimensions.plain")
    _panel("dimensions", title, t("scorecard.dimensions.subtitle"), named)


def loop(view: View) -> None:
    """The loop of the plan: reached, known, served in time, satisfied."""
    steps = scorecard.loop(view)
    named = {t(f"scorecard.loop.{name}"): (line,) for name, line in steps.items()}
    known = [line for line in steps.values() if line.reading.value is not None]
    weakest = min(known, key=lambda line: line.reading.value or 0.0, default=None)
    title = t("scorecard.loop.plain")
    if weakest is not None:
        name = next(name for name, line in steps.items() if line is weakest)
        share = kpi.value_text(KPIS[weakest.key], weakest.reading.value)
        title = t("scorecard.loop.title", step=t(f"scorecard.loop.{name}"), share=share)
    _panel("closed_loop", title, t("scorecard.loop.subtitle"), named, _NARROW[:4])


def _panel(
    key: str,
    title: str,
    subtitle: str,
    groups: Mapping[str, Sequence[Line]],
    shown: Sequence[str] = _NARROW,
) -> None:
    whole = shown is _COLUMNS
    rows = [{"group": name, **_said(line)} for name, lines in groups.items() for line in lines]
    names = (*_TWIN, *_MORE) if len(groups) > 1 else (*_TWIN[1:], *_MORE)
    columns = [Column(name, t(f"scorecard.column.{name}")) for name in names]
    frame = pl.DataFrame(rows, schema=dict.fromkeys((*_TWIN, *_MORE), pl.String))
    keys = list(dict.fromkeys(line.key for lines in groups.values() for line in lines))
    with panel.panel(key, title, subtitle, data=(frame, columns), kpis=keys):
        heads = "".join(f"<th>{escape(t(f'scorecard.head.{name}'))}</th>" for name in shown)
        body = "".join(
            _group(name, shown)
            + "".join(_row(line, shown) for line in lines if not whole or _is_told(line))
            for name, lines in groups.items()
        )
        st.html(
            f'<table class="sl-score"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        )
        if whole:
            untold.listed((line.key, line.reading) for line in groups[""])
            _ways_on(keys)


def _is_told(line: Line) -> bool:
    return line.reading.value is not None


def _ways_on(keys: Sequence[str]) -> None:
    """The pages that explain the measures and hold their rows."""
    known = navigation.pages()
    names = dict.fromkeys(KPIS[key].page for key in keys)
    with st.container(horizontal=True, gap="small", key="scorecard_pages"):
        st.html(f'<span class="sl-sub">{escape(t("scorecard.rows"))}</span>', width="content")
        for name in names:
            if name in known and name != "scorecard":
                st.page_link(known[name], label=t(f"page.{name}.title"), query_params={})


def _group(name: str, shown: Sequence[str]) -> str:
    head = f'<th colspan="{len(shown)}">{escape(name)}</th>'
    return f'<tr class="group">{head}</tr>' if name else ""


def _said(line: Line) -> dict[str, str]:
    """A line in words: what the table twin and the download hold."""
    entry, reading, target = KPIS[line.key], line.reading, line.target
    others = [kpi.target_words(entry, each) for each in entry.targets[1:]]
    return {
        "label": t(f"kpi.{line.key}.label"),
        "standing": words.standing(line),
        "value": words.value(line, reading.value),
        "interval": words.interval(line),
        "n": i18n.number(reading.n),
        "baseline": words.value(line, reading.baseline),
        "target": i18n.DASH if target is None else kpi.target_words(entry, target),
        "by_now": words.value(line, line.pace.by_now),
        "per_month": words.per_month(line),
        "until": i18n.short_day(line.until),
        "others": " · ".join(others) or i18n.DASH,
        "why": kpi.missing_text(reading) if reading.value is None else i18n.DASH,
    }


def _row(line: Line, shown: Sequence[str]) -> str:
    reading = line.reading
    cells = {
        "label": (t(f"kpi.{line.key}.label"), i18n.plan(line.target.source) if line.target else ""),
        "value": (words.value(line, reading.value), words.rests_on(line)),
        "target": (words.level(line), words.by_when(line)),
        "baseline": (words.value(line, reading.baseline), ""),
        "pace": (words.per_month(line), words.by_now(line)),
    }
    written = {
        name: escape(main) + (f"<small>{_kept(more)}</small>" if more else "")
        for name, (main, more) in cells.items()
    }
    on_the_way = words.on_the_way(line)
    told = f"<small>{escape(on_the_way)}</small>" if on_the_way else ""
    written["standing"] = f'<b class="{line.judgement}">{escape(words.standing(line))}</b>{told}'
    written["trend"] = _spark(line)
    if reading.value is None:
        told = f"{written['label']}<small>{escape(kpi.missing_text(reading))}</small>"
        return f'<tr class="missing"><th scope="row" colspan="{len(shown)}">{told}</th></tr>'
    kept = [name for name in shown if name != "label"]
    others = "".join(_cell(name, written[name]) for name in kept)
    return f'<tr><th scope="row">{written["label"]}</th>{others}</tr>'


def _cell(name: str, written: str) -> str:
    """A cell with its heading, for a phone; there an empty one is left out."""
    empty = " none" if written in ("", i18n.DASH) else ""
    head = escape(t(f"scorecard.head.{name}"))
    return f'<td class="{name}{empty}" data-name="{head}">{written}</td>'


def _kept(text: str) -> str:
    """Parts that a line breaks between, not within."""
    parts = (f'<span class="sl-keep">{escape(part)}</span>' for part in text.split(words.BETWEEN))
    return words.BETWEEN.join(parts)


def _spark(line: Line) -> str:
    band = line.target is None or line.target.kind == "within"
    drawn = sparkline(
        line.reading.trend,
        palette(),
        line.judgement,
        target=None if band else line.level,
        running=line.reading.running,
    )
    if not drawn:
        return ""
    source = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="" src="data:image/svg+xml;base64,{source}">'
