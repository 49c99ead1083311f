"""Panels of the tiers page: movement as flow and as matrix, and the customers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, panel, theme
from dashboard.answers import tier_customers, tiers
from dashboard.answers.tier_customers import EVERYONE, pair, pair_of
from dashboard.answers.tiers import Span, direction
from dashboard.charts import flow, heat
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels import customer_list, tier_rows
from dashboard.table import Column
from dashboard.view import View
from metrics.tiers.mix import GONE, NEW
from metrics.tiers.scheme import scheme

_JUDGED = {"up": "good", "down": "bad", "stayed": "neutral", "new": "accent", "gone": "neutral"}
_SIGNS = {"up": f"{SIGNS['good']} ", "down": f"{SIGNS['bad']} "}
_KEY = "tiers"
_MANY = 4  # columns of which a phone can still write the names in one line


def sankey(view: View) -> None:
    """Who moved up and down between the ends of the period, as a flow."""
    between = tiers.span(view)
    if between is None:
        panel.empty("short_year", t("kpi.net_tier_moves.label"))
        return
    frame, turned = tiers.moved(view), tiers.turns(view)
    counts = {name: i18n.number(count) for name, count in turned.items()}
    net = turned["up"] - turned["down"]
    key = "up" if net > 0 else "down" if net < 0 else "even"
    title = t(f"tiers.moves.title_{key}", net=i18n.number(abs(net)), **counts)
    subtitle = _moves_subtitle(view, between, counts)
    behind = partial(tier_rows.moves, view)
    data, kpis = (frame, _columns()), ("net_tier_moves",)
    with panel.panel("moves", title, subtitle, data=data, kpis=kpis, rows=behind) as draw:
        draw(_bands(scheme(view.scheme).codes, frame))


def _columns() -> list[Column]:
    return [
        Column("from_tier", t("tiers.moves.from"), "code", "tier"),
        Column("to_tier", t("tiers.moves.to"), "code", "tier"),
        Column("customers", t("tiers.customers"), "count"),
        Column("from_customers", t("tiers.moves.of"), "count"),
        Column("share", t("column.share"), "share"),
    ]


def _moves_subtitle(view: View, between: Span, counts: dict[str, str]) -> str:
    parts = [
        t("tiers.moves.subtitle", start=_at(between.start), end=i18n.day(between.end), **counts)
    ]
    before = tiers.turns_before(view)
    if before:
        what = t(f"tiers.moves.before_{view.comparison}")
        said = {name: i18n.number(count) for name, count in before.items()}
        parts.append(t("tiers.moves.before", what=what, **said))
    if between.cut:
        parts.append(t("tiers.moves.cut"))
    if tiers.without_tier(view) != view:
        parts.append(t("tiers.tier_filter"))
    return t("tiers.and").join(parts)


def _at(day: date) -> str:
    return t("tiers.moves.month_end", month=i18n.month(day))


def _bands(codes: Sequence[str], frame: pl.DataFrame) -> flow.go.Figure:
    rows = frame.filter(pl.col("customers") > 0)
    sources, targets = [*codes, NEW], [*codes, GONE]
    left = [code for code in sources if code in rows["from_tier"]]
    right = [code for code in targets if code in rows["to_tier"]]
    flows = [
        flow.Flow(
            left.index(row["from_tier"]),
            right.index(row["to_tier"]),
            row["customers"],
            _flow_text(turn, row["from_tier"], row["to_tier"], row["customers"], row["share"]),
            _mark(turn, row["customers"]),
            _JUDGED[turn],
        )
        for row in rows.iter_rows(named=True)
        for turn in (direction(codes, row["from_tier"], row["to_tier"]),)
    ]
    return flow.bands(
        [_node(rows, "from_tier", code) for code in left],
        [_node(rows, "to_tier", code) for code in right],
        flows,
        theme.palette(),
        height=336,
    )


def _node(rows: pl.DataFrame, side: str, code: str) -> flow.Node:
    size = int(rows.filter(pl.col(side) == code)["customers"].sum())
    return flow.Node(size, t("tiers.moves.node", tier=i18n.code("tier", code), n=i18n.number(size)))


def _mark(turn: str, customers: int) -> str:
    sign = _SIGNS.get(turn)
    return f"{sign}{i18n.number(customers)}" if sign else ""


def _flow_text(turn: str, source: str, target: str, customers: int, share: float | None) -> str:
    return _SIGNS.get(turn, "") + t(
        "tiers.moves.flow",
        source=i18n.code("tier", source),
        target=i18n.code("tier", target),
        n=i18n.number(customers),
        share=i18n.share(share),
    )


def matrix(view: View) -> None:
    """The same as from × to counts, with the share of each origin; the flow says why if none."""
    if tiers.span(view) is None:
        return
    frame, top = tiers.moved(view), tiers.top(view)
    both = (pl.col("from_tier") == top) & (pl.col("to_tier") == top)
    best = frame.row(by_predicate=both, named=True)
    title = t(
        "tiers.matrix.title" if best["from_customers"] else "tiers.matrix.plain",
        tier=i18n.code("tier", top),
        share=i18n.share(best["share"]),
    )
    subtitle = t("tiers.matrix.subtitle", n=i18n.number(frame["customers"].sum()))
    behind = partial(tier_rows.moves, view)
    data, kpis = (frame, _columns()), ("net_tier_moves",)
    with panel.panel("matrix", title, subtitle, data=data, kpis=kpis, rows=behind) as draw:
        draw(_matrix_chart(scheme(view.scheme).codes, frame))


def _matrix_chart(codes: Sequence[str], frame: pl.DataFrame) -> heat.go.Figure:
    found = {(row["from_tier"], row["to_tier"]): row for row in frame.iter_rows(named=True)}
    targets = [*codes, GONE]
    sources = [code for code in (*codes, NEW) if found[code, codes[0]]["from_customers"]]
    cells = [
        [_cell(codes, found.get((source, target))) for target in targets] for source in sources
    ]
    names = [
        t(
            "tiers.matrix.row",
            tier=i18n.code("tier", source),
            n=i18n.number(found[source, codes[0]]["from_customers"]),
        )
        for source in sources
    ]
    heads = [_head(i18n.code("tier", target), len(targets)) for target in targets]
    return heat.heat(names, heads, cells, theme.palette(), top=1.0, row=70, size=12)


def _head(word: str, columns: int) -> str:
    """The name of a column, in two lines where there are many and a phone has no room."""
    return word.replace("-", "-\n").replace("/", "/\n") if columns > _MANY else word


def _cell(codes: Sequence[str], row: dict[str, object] | None) -> heat.Cell | None:
    if row is None:
        return None
    source, target = str(row["from_tier"]), str(row["to_tier"])
    customers, share = row["customers"], row["share"]
    assert isinstance(customers, int)
    assert share is None or isinstance(share, float)
    turn = direction(codes, source, target)
    sign = _SIGNS.get(turn, "") if customers else ""
    return heat.Cell(
        share,
        f"{sign}{i18n.number(customers)}\n{i18n.share(share)}",
        _flow_text(turn, source, target, customers, share),
        marked=turn == "stayed",
    )


def customers(view: View) -> None:
    """The customers of a group of moves; a row opens the customer."""
    counts = _groups(view)
    default = next((code for code in ("down", "up", EVERYONE) if counts.get(code)), EVERYONE)
    groups = {code: _group_name(code, count) for code, count in counts.items()}
    with panel.panel("tier_customers", t("tiers.list.title"), t("tiers.list.subtitle")):
        with st.container(horizontal=True, gap="small"):
            moves = drilldown.pick(_KEY, groups, name="moves", default=default)
            sort = customer_list.choose_sort(_KEY)
        before = [Column("from_tier", t("tiers.list.before"), "code", "tier")]
        shown = customer_list.columns(
            *(before if moves not in (EVERYONE, "new") else []),
            Column("tier", t("tiers.list.now"), "code"),
        )
        rows = drilldown.Rows(tier_customers.customers(view, moves), (view, moves))
        customer_list.show(rows, shown, key=_KEY, sort=sort, alt=t("tiers.list.title"))


def _groups(view: View) -> dict[str, int | None]:
    """What the list can show, and how many that are (None: not counted)."""
    if tiers.span(view) is None:
        return {EVERYONE: None}
    turned, codes = tiers.turns(view), scheme(view.scheme).codes
    pairs = {
        pair(row["from_tier"], row["to_tier"]): row["customers"]
        for row in tiers.moved(view).iter_rows(named=True)
        if row["customers"] and direction(codes, row["from_tier"], row["to_tier"]) in ("up", "down")
    }
    return {
        "down": turned["down"],
        "up": turned["up"],
        "new": turned["new"],
        **pairs,
        EVERYONE: None,
    }


def _group_name(code: str, count: int | None) -> str:
    tiers_of = pair_of(code)
    if tiers_of is None:
        return t(f"tiers.list.{code}", n=i18n.number(count))
    return tier_rows.move(*tiers_of, count or 0)
