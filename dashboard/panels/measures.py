"""The long tail of a page: every measure of its area in one table, built from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard import i18n, kpi, panel, table
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels import untold
from dashboard.reading import Reading
from dashboard.table import Column
from metrics.catalog import KPIS, Kpi

_RANK = {"bad": 0, "watch": 1, "good": 2, "neutral": 3}
_COLUMNS = ("label", "value", "standing", "target", "change", "n", "plans", "why")
_FIGURES = ("value", "change")


def every(readings: Mapping[str, Reading]) -> None:
    """All measures of an area: value, target, verdict, change, n, plans; by reason what has none.

    Targets missed come first, then those met, then measures without a target. Within these the
    order is that of `readings`. The twin holds all of them with all their targets.
    """
    order = sorted(readings, key=lambda key: _rank(KPIS[key], readings[key]))
    rows = [_row(KPIS[key], readings[key]) for key in order]
    schema = {name: pl.Int64 if name == "n" else pl.String for name in _COLUMNS}
    frame = pl.DataFrame(rows, schema=schema)
    columns = [Column(name, t(f"measures.{name}"), _kind(name)) for name in _COLUMNS]
    known = [key for key in order if readings[key].value is not None]
    missed = sum(_judged(KPIS[key], readings[key]) == "bad" for key in readings)
    judged = sum(_judged(KPIS[key], readings[key]) != "neutral" for key in readings)
    told = {"n": i18n.number(len(rows)), "missed": i18n.number(missed), "of": i18n.number(judged)}
    title = t("measures.title" if judged else "measures.title_plain", **told)
    subtitle = t("measures.subtitle" if known else "measures.subtitle_none")
    with panel.panel("measures", title, subtitle, data=(frame, columns), kpis=order):
        if known:
            _table(frame.head(len(known)), known, columns, title)
        untold.listed(readings.items(), alone=not known)


def _table(frame: pl.DataFrame, keys: Sequence[str], columns: list[Column], alt: str) -> None:
    """What has a value, with the target in force: those of other plans are in the twin."""
    targets = [_target(KPIS[key]) for key in keys]
    told = frame.with_columns(target=pl.Series(targets, dtype=pl.String))
    shown = [column for column in columns if not _is_empty(told[column.name])]
    table.show(told, shown, alt=alt)


def _target(entry: Kpi) -> str:
    return kpi.target_words(entry, entry.target) if entry.target else i18n.DASH


def _is_empty(values: pl.Series) -> bool:
    return values.drop_nulls().is_in([i18n.DASH]).all() if values.dtype == pl.String else False


def _kind(name: str) -> str:
    return "count" if name == "n" else "figure" if name in _FIGURES else "text"


def _judged(entry: Kpi, reading: Reading) -> str:
    return entry.judge(reading.value, reading.baseline)


def _rank(entry: Kpi, reading: Reading) -> int:
    return 4 if reading.value is None else _RANK[_judged(entry, reading)]


def _row(entry: Kpi, reading: Reading) -> dict[str, str | int | None]:
    verdict = _judged(entry, reading)
    return {
        "label": t(f"kpi.{entry.key}.label"),
        "value": kpi.value_text(entry, reading.value, currency=reading.currency),
        "standing": _standing(entry, reading, verdict),
        "target": " · ".join(kpi.target_words(entry, each) for each in entry.targets) or i18n.DASH,
        "change": _change(entry, reading),
        "n": reading.n,
        "plans": " · ".join(map(i18n.plan, entry.sources)),
        "why": kpi.missing_text(reading) if reading.value is None else reading.note or i18n.DASH,
    }


def _standing(entry: Kpi, reading: Reading, verdict: str) -> str:
    if reading.value is None or entry.target is None:
        return i18n.DASH
    if verdict == "neutral":
        return t("card.no_baseline")
    return f"{SIGNS[verdict]} {t(f'status.{verdict}')}"


def _change(entry: Kpi, reading: Reading) -> str:
    if reading.value is None or reading.previous is None:
        return i18n.DASH
    return kpi.change_text(entry, reading.value - reading.previous, reading.currency)
