"""KPI cards: value, change, sparkline, status in word and sign, target, n. Equal heights."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard import i18n
from dashboard.charts.spark import sparkline
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.reading import Reading
from dashboard.settings import settings
from dashboard.theme import palette
from metrics.catalog import Better, Kpi, Target, Unit

_SMALL = 1_000  # whole units of money, below which the hundredths are told
_NOT_RECORDED = ("no_table", "no_column")
_LONG = 9  # characters of a value that fit at full size


def value_text(kpi: Kpi, value: float | None, *, sign: bool = False, currency: str = "") -> str:
    """A value of a KPI in its unit; a dash if undefined."""
    match kpi.unit:
        case Unit.SHARE:
            return i18n.share(value, sign=sign or kpi.better is Better.CLOSER)
        case Unit.MONEY:
            return money(value, sign=sign, currency=currency)
        case Unit.POINTS | Unit.SCORE:
            return i18n.number(value, 1 if kpi.unit is Unit.POINTS else 2, sign=sign)
        case Unit.HOURS | Unit.MINUTES | Unit.RATIO | Unit.YEARS | Unit.GAP:
            return _with_unit(kpi, value, sign=sign)
        case Unit.AMOUNT:
            return amount(value, sign=sign)
        case _:
            return i18n.number(value, sign=sign)


def _with_unit(kpi: Kpi, value: float | None, *, sign: bool) -> str:
    """Hours as people say them; minutes and years with a decimal, ratios with two; gaps signed."""
    if kpi.unit is Unit.HOURS or value is None:
        return i18n.duration(value, sign=sign)
    if kpi.unit is Unit.GAP:
        return i18n.percentage_points(value / 100)
    digits = 2 if kpi.unit is Unit.RATIO else 1
    return t(f"unit.{kpi.unit}", n=i18n.number(value, digits, sign=sign))


def money(
    amount: float | None,
    *,
    sign: bool = False,
    compact: bool = True,
    currency: str = "",
    code: bool = True,
) -> str:
    """An amount of the company's money, or of a budget's own currency."""
    own = settings()
    return i18n.money(
        amount,
        scale=own.money_scale,
        currency=currency or own.currency,
        sign=sign,
        compact=compact,
        code=code,
    )


def amount(value: float | None, *, sign: bool = False) -> str:
    """Money in whole units, small sums to the hundredth: `¥0.72`, `¥12.3万`."""
    own = settings()
    return i18n.money(
        None if value is None else value * 10**own.money_scale,
        scale=own.money_scale,
        currency=own.currency,
        sign=sign,
        compact=value is not None and abs(value) >= _SMALL,
        digits=2,
    )


def change_text(kpi: Kpi, change: float, currency: str = "") -> str:
    """A change of a KPI: percentage points for shares, else in its own unit."""
    if kpi.unit is Unit.SHARE:
        return i18n.percentage_points(change)
    if kpi.unit is Unit.MONEY:  # the value above tells the code of an uncommon currency
        return money(change, sign=True, currency=currency, code=False)
    return value_text(kpi, change, sign=True)


def target_text(kpi: Kpi, target: Target) -> str:
    """A target in words: `50`, `95%`, `±15%`; `+30%`, `+5 pp` if set against the baseline."""
    if target.basis == "relative":
        return i18n.share(target.value, 0, sign=True)
    if target.basis == "points":
        return change_text(kpi, target.value)
    if kpi.unit is Unit.HOURS:
        return i18n.duration(target.value)
    digits = 0 if target.value * 100 == int(target.value * 100) else 1
    if kpi.unit in (Unit.MINUTES, Unit.RATIO, Unit.YEARS, Unit.AMOUNT):
        return value_text(kpi, target.value)
    if kpi.unit is Unit.SCORE:
        return i18n.number(target.value, 1)
    text = (
        i18n.share(target.value, digits) if kpi.unit is Unit.SHARE else i18n.number(target.value, 0)
    )
    return f"±{text}" if target.kind == "within" else text


def target_words(kpi: Kpi, target: Target) -> str:
    """A target with its source and the months of the programme it is set for."""
    said = t(
        f"target.{target.role}", value=target_text(kpi, target), source=i18n.plan(target.source)
    )
    if target.months_from is None or target.months_to is None:
        return said
    months = t("target.horizon", first=target.months_from, last=target.months_to)
    return f"{said} {months}"


def _deltas(kpi: Kpi, reading: Reading) -> str:
    """The changes on the period before and on the year before, each on a line of its own."""
    if reading.value is None:
        return ""
    earlier = {"previous": reading.previous, "last_year": reading.last_year}
    lines = [
        _delta(kpi, reading.value, before, reading.currency, t(f"card.{name}"))
        for name, before in earlier.items()
        if before is not None
    ]
    lines = lines or [f'<div class="sl-card-delta">{escape(t("card.no_previous"))}</div>']
    return f'<div class="sl-card-deltas">{"".join(lines)}</div>'


def _delta(kpi: Kpi, now: float, before: float, currency: str, name: str) -> str:
    change = now - before
    text = change_text(kpi, change, currency)
    arrow, judgement = "→", "neutral"
    if any(digit in text for digit in "123456789"):  # else too small to be told
        arrow = "↑" if change > 0 else "↓"
        judgement = kpi.judge_change(now, before)
    said = f'<span class="{judgement}">{arrow} {escape(text)}</span>'
    return f'<div class="sl-card-delta">{said}<small>{escape(name)}</small></div>'


def _foot(kpi: Kpi, reading: Reading) -> str:
    if reading.value is None:
        return escape(missing_text(reading))
    parts: list[str] = []
    target = kpi.target
    if target is not None:
        parts += _standing(kpi, target, reading)
    if reading.n is not None:
        counted = "card.lines" if kpi.page == "budget" else "card.n"
        parts.append(escape(t(counted, n=i18n.compact(reading.n))))
    if reading.note:
        parts.append(escape(reading.note))
    return "".join(f'<span class="sl-keep">{part}</span>' for part in parts)


def _standing(kpi: Kpi, target: Target, reading: Reading) -> list[str]:
    """Whether a target is met, and the target; one set against a baseline says that, too."""
    said = t("card.target", target=target_text(kpi, target))
    level = target.level(reading.baseline)
    if level is None:
        return [escape(said), escape(t("card.no_baseline"))]
    if target.basis != "level":
        told = {"level": value_text(kpi, level), "baseline": value_text(kpi, reading.baseline)}
        said = t("card.relative_target", target=target_text(kpi, target), **told)
    judgement = kpi.judge(reading.value, reading.baseline)
    status = f"{SIGNS[judgement]} {t(f'status.{judgement}')}"
    told = [f'<b class="{judgement}">{escape(status)}</b>', escape(said)]
    beyond = kpi.out_of_reach(target, reading.baseline)  # the plan asks for it all the same
    return [*told, escape(t("card.unreachable"))] if beyond else told


def missing_text(reading: Reading) -> str:
    """Why a reading has no value, in one sentence."""
    return t(f"missing.{reading.missing or 'no_rows'}", what=reading.missing_what)


def _spark(kpi: Kpi, reading: Reading, judgement: str) -> str:
    """The last periods as a small line with the target as a thin dashed one.

    An image, because Streamlit strips inline SVG; so the colours are written out.
    """
    banded = kpi.target is None or kpi.target.kind == "within"
    target = None if kpi.target is None or banded else kpi.target.level(reading.baseline)
    drawn = sparkline(reading.trend, palette(), judgement, target=target, running=reading.running)
    if not drawn:
        return '<div class="sl-card-spark"></div>'
    source = base64.b64encode(drawn.encode()).decode()
    return f'<img class="sl-card-spark" alt="" src="data:image/svg+xml;base64,{source}">'


def _has_trend(reading: Reading) -> bool:
    return sum(value is not None for value in reading.trend) > 1


def _has_both(reading: Reading) -> bool:
    return reading.previous is not None and reading.last_year is not None


def card(kpi: Kpi, reading: Reading, *, page: st.Page | None = None, look: str = "") -> None:
    """Draw one card; where a page is given the whole card opens it.

    Its look goes by its row, so that the parts of all cards stand in line: "flat" keeps no room
    for a trend, "both" keeps room for two changes.
    """
    judgement = kpi.judge(reading.value, reading.baseline)
    tone = judgement if kpi.target is not None and reading.value is not None else "neutral"
    label = t(f"kpi.{kpi.key}.label")
    value = value_text(kpi, reading.value, currency=reading.currency)
    size = " long" if len(value) > _LONG else ""
    with st.container(border=True, height="stretch", key=f"card_{kpi.key}"):
        st.html(
            f'<div class="sl-card {look}"><div class="sl-card-label">{escape(label)}</div>'
            f'<div class="sl-card-value{size}">{escape(value)}</div>'
            f"{_deltas(kpi, reading)}{_spark(kpi, reading, tone)}"
            f'<div class="sl-card-foot">{_foot(kpi, reading)}</div></div>'
        )
        if page is not None:
            st.page_link(page, label=t("card.open", what=label), query_params={})


def row(items: Sequence[tuple[Kpi, Reading]], pages: dict[str, st.Page] | None = None) -> None:
    """A row of cards of equal height that wraps; none where the CRM records nothing for any."""
    if all(reading.missing in _NOT_RECORDED for _, reading in items):
        return  # the page says so already, and lists every measure by what it lacks
    readings = [reading for _, reading in items]
    looks = {"flat": not any(map(_has_trend, readings)), "both": any(map(_has_both, readings))}
    look = " ".join(name for name, holds in looks.items() if holds)
    with st.grid(columns=len(items), min_column_width=140, gap="small"):
        for kpi, reading in items:
            card(kpi, reading, page=(pages or {}).get(kpi.page), look=look)
