"""Measures without a value by the reason why: one line for each reason, folded until asked for."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from dashboard import i18n, kpi
from dashboard.i18n import t
from dashboard.reading import Reading

_BETWEEN = " · "


def by_reason(readings: Iterable[tuple[str, Reading]]) -> dict[str, list[str]]:
    """The keys of readings without a value by the sentence that says why, the commonest first.

    Reasons as common as each other stand in the order of the readings.
    """
    found: dict[str, list[str]] = {}
    for key, reading in readings:
        if reading.value is None:
            found.setdefault(kpi.missing_text(reading), []).append(key)
    return dict(sorted(found.items(), key=lambda each: -len(each[1])))


def listed(readings: Iterable[tuple[str, Reading]], *, alone: bool = False) -> None:
    """Draw what has no value; nothing if all have one.

    Args:
        readings: Measures by key, those with a value among them.
        alone: Whether nothing else stands in the panel: then the list lies open.
    """
    found = by_reason(readings)
    if not found:
        return
    count = sum(map(len, found.values()))
    told = {"n": i18n.number(count), "reasons": i18n.number(len(found))}
    lines = "".join(_line(reason, keys) for reason, keys in found.items())
    with st.expander(t("measures.untold", **told), expanded=alone):
        st.html(f'<ul class="sl-untold">{lines}</ul>')


def sentence(key: str, reading: Reading) -> str:
    """Which measure has no value, and why: with what a page begins that would tell it first."""
    return t("measures.of", what=t(f"kpi.{key}.label"), why=kpi.missing_text(reading))


def _line(reason: str, keys: list[str]) -> str:
    names = _BETWEEN.join(t(f"kpi.{key}.label") for key in keys)
    return (
        f"<li><b>{escape(i18n.number(len(keys)))}</b>"
        f"<div>{escape(reason)}<small>{escape(names)}</small></div></li>"
    )
