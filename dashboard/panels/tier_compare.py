"""Panels of the tiers page: by tier, beside another scheme, and beside the CRM's records."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, table, theme
from dashboard.answers import tier_compare, tier_records
from dashboard.charts import heat
from dashboard.choice import choose
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.table import Column
from dashboard.view import View
from metrics.tiers.scheme import scheme, scheme_codes

PAIR = "-"  # between the codes of a cell
_OTHER = "tiers_beside"


def by_tier(view: View) -> None:
    """The mix beside the one a plan expects, and how long customers have been in their tier."""
    frame = tier_compare.by_tier(view)
    columns = [
        Column("tier", t("dimension.tier"), "code"),
        Column("customers", t("tiers.customers"), "count"),
        Column("share", t("tiers.customers_share"), "share"),
        Column("median_months", t("tier_more.by_tier.median"), "count"),
        Column("long_share", t("tier_more.by_tier.long"), "share"),
    ]
    if frame["expected"].null_count() < frame.height:
        columns[3:3] = [
            Column("expected", t("tier_more.by_tier.expected"), "share"),
            Column("difference", t("tier_more.by_tier.difference"), "share", sign=True),
        ]
    best = frame.row(0, named=True)
    title = t(
        "tier_more.by_tier.title" if best["customers"] else "tier_more.by_tier.plain",
        tier=i18n.code("tier", best["tier"]),
        n=i18n.number(best["median_months"]),
        share=i18n.share(best["long_share"]),
    )
    with panel.panel("by_tier", title, t("tier_more.by_tier.subtitle"), data=(frame, columns)):
        table.show(frame, columns, alt=title)


def side_by_side(view: View) -> None:
    """How another scheme classifies the same customers."""
    others = tuple(code for code in scheme_codes() if code != view.scheme)
    address.seed_one(_OTHER, others, others[0])
    other = str(st.session_state[_OTHER])
    frame = tier_compare.cross(view, other)
    name = i18n.code("tier_scheme", other)
    best = frame.row(0, named=True)
    title = t(
        "tier_more.beside.title" if best["tier_customers"] else "tier_more.beside.plain",
        share=i18n.share(best["share"]),
        tier=i18n.code("tier", best["tier"]),
        other=i18n.code("tier", best["other"]),
        scheme=name,
    )
    n = i18n.number(frame["customers"].sum())
    columns = [
        Column("tier", i18n.code("tier_scheme", view.scheme), "code", "tier"),
        Column("other", name, "code", "tier"),
        Column("customers", t("tiers.customers"), "count"),
        Column("share", t("tier_more.share_of_row"), "share"),
    ]
    behind = partial(_beside_rows, view, other)
    subtitle = t("tier_more.beside.subtitle", n=n, scheme=name)
    with panel.panel("beside", title, subtitle, data=(frame, columns), rows=behind) as draw:
        choose(
            _OTHER,
            others,
            default=others[0],
            label=t("tier_more.beside.choice"),
            name=lambda code: i18n.code("tier_scheme", code),
        )
        draw(_matrix(frame, "tier", "other", scheme(view.scheme).codes, scheme(other).codes))


def _beside_rows(view: View, other: str, key: str) -> None:
    frame = tier_compare.cross(view, other).filter(pl.col("customers") > 0)
    groups = {
        f"{row['tier']}{PAIR}{row['other']}": counted(
            f"{i18n.code('tier', row['tier'])} · {i18n.code('tier', row['other'])}",
            row["customers"],
        )
        for row in frame.iter_rows(named=True)
    }

    def customers(pair: str) -> pl.LazyFrame:
        tier, _, theirs = pair.partition(PAIR)
        both = tier_compare.both(view, other)
        return both.filter(pl.col("tier") == tier, pl.col("other") == theirs)

    columns = (
        Column("tier", i18n.code("tier_scheme", view.scheme), "code", "tier"),
        Column("other", i18n.code("tier_scheme", other), "code", "tier"),
    )
    customer_list.behind(key, view, groups, customers, *columns, also=other)


def _matrix(
    frame: pl.DataFrame, down: str, across: str, rows: tuple[str, ...], columns: tuple[str, ...]
) -> heat.go.Figure:
    """A heat map of the share of each row, with counts."""
    found = {(row[down], row[across]): row["customers"] for row in frame.iter_rows(named=True)}
    sizes = {code: sum(found.get((code, other), 0) for other in columns) for code in rows}
    cells = [
        [_cell(code, other, found.get((code, other), 0), sizes[code]) for other in columns]
        for code in rows
    ]
    names = [
        t("tiers.matrix.row", tier=i18n.code("tier", code), n=i18n.number(sizes[code]))
        for code in rows
    ]
    heads = [i18n.code("tier", code) for code in columns]
    return heat.heat(names, heads, cells, theme.palette(), top=1.0, row=64, size=12)


def _cell(tier: str, other: str, customers: int, whole: int) -> heat.Cell:
    share = customers / whole if whole else None
    words = t(
        "tier_more.cell",
        tier=i18n.code("tier", tier),
        other=i18n.code("tier", other),
        n=i18n.number(customers),
        share=i18n.share(share),
    )
    text = f"{i18n.number(customers)}\n{i18n.share(share)}"
    return heat.Cell(share, text, words, marked=tier == other)


def records(view: View) -> None:
    """The tier that the CRM keeps against the one that the rule gives today, if it keeps any."""
    frame = tier_records.pairs(view)
    name = i18n.code("tier_scheme", view.scheme)
    if frame.is_empty():
        panel.empty("no_tier_records", t("tier_more.records.plain", scheme=name))
        return
    same = frame.filter(pl.col("recorded") == pl.col("tier")).select(pl.col("customers").sum())
    n, reviewed, correct = frame.select(pl.col("customers", "reviewed", "correct").sum()).row(0)
    fits = same.item()
    title = t("tier_more.records.title", n=i18n.number(n - fits), share=i18n.share(fits / n))
    subtitle = t(
        "tier_more.records.subtitle",
        n=i18n.number(n),
        reviewed=i18n.number(reviewed),
        correct=i18n.number(correct),
    )
    columns = [
        Column("recorded", t("tier_more.records.recorded"), "code", "tier"),
        Column("tier", t("tier_more.records.computed"), "code", "tier"),
        Column("customers", t("tiers.customers"), "count"),
        Column("reviewed", t("tier_more.records.reviewed"), "count"),
        Column("correct", t("tier_more.records.correct"), "count"),
    ]
    kpis = ("tier_records_agree", "segmentation_accuracy", "tier_coverage")
    behind = partial(_record_rows, view)
    with panel.panel(
        "records", title, subtitle, data=(frame, columns), kpis=kpis, rows=behind
    ) as draw:
        codes = scheme(view.scheme).codes
        draw(_matrix(frame, "recorded", "tier", codes, codes))


def _record_rows(view: View, key: str) -> None:
    frame = tier_records.pairs(view).sort(pl.col("recorded") == pl.col("tier"), "recorded", "tier")
    groups = {
        f"{row['recorded']}{PAIR}{row['tier']}": counted(
            t(
                "tier_more.records.pair",
                recorded=i18n.code("tier", row["recorded"]),
                tier=i18n.code("tier", row["tier"]),
            ),
            row["customers"],
        )
        for row in frame.iter_rows(named=True)
    }
    columns = (
        Column("recorded", t("tier_more.records.recorded"), "code", "tier"),
        Column("tier", t("tier_more.records.computed"), "code", "tier"),
    )
    customer_list.behind(
        key, view, groups, lambda pair: tier_records.in_pair(view, *pair.split(PAIR)), *columns
    )
