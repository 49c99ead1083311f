"""Panels of the contact page: the cadence by rule and by group, and whom to contact."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, drilldown, i18n, list_files, panel, theme
from dashboard.answers import contact, contact_cadence, customer_names
from dashboard.answers.contact_headline import OF_RULES
from dashboard.charts import bars
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.list_files import ListFile
from dashboard.panels import contact_people_rows
from dashboard.panels.contact_people_rows import columns, rule
from dashboard.panels.naming import named
from dashboard.panels.periods import target_lines
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS

_MOST = 12  # bars of a group; the table has all
_KEY, _SIZE = "contact", 15  # of the list


def by_rule(view: View) -> None:
    """Each cadence of the scheme: the share of its customers contacted often enough."""
    frame = contact_cadence.of_rules(view)
    target = KPIS["follow_up_coverage"].target
    aim = target.value if target else 0.0
    known = frame.filter(pl.col("met_share").is_not_null()) if frame.height else frame
    if known.is_empty():
        panel.empty("nobody_due", t("contact.by_rule.plain"))
        return
    missed = known.filter(pl.col("met_share") < aim).height
    title = i18n.part("contact.by_rule", missed, known.height, target=i18n.share(aim, 0))
    subtitle = t("contact.by_rule.subtitle", day=i18n.day(contact.as_of(view)))
    columns = [
        Column("rule", t("contact.column.rule"), "code", "cadence"),
        Column("tier", t("dimension.tier"), "code"),
        Column("minimum", t("contact.column.minimum"), "count"),
        Column("maximum", t("contact.column.maximum"), "count"),
        Column("days", t("contact.column.window"), "days"),
        *_states(),
        Column("met_share", t("contact.column.met"), "share"),
    ]
    drawn = [
        bars.Bar(
            rule(row["rule"]),
            row["met_share"],
            t("contact.bar", value=i18n.share(row["met_share"]), n=i18n.compact(row["bound"])),
            "good" if row["met_share"] >= aim else "bad",
        )
        for row in known.iter_rows(named=True)
    ]
    keys = ("follow_up_coverage", *(OF_RULES[each.key] for each in contact_cadence.rules(view)))
    with panel.panel(
        "cadence_rules",
        title,
        subtitle,
        data=(frame, columns),
        kpis=keys,
        rows=partial(contact_people_rows.by_rule, view),
    ) as draw:
        reference = next(iter(target_lines("follow_up_coverage")), None)
        draw(bars.horizontal(drawn, theme.palette(), reference=reference))


def _states() -> list[Column]:
    return [
        Column("bound", t("contact.column.bound"), "count"),
        *(
            Column(name, t(f"contact.state.{name}"), "count")
            for name in ("under", "within", "over")
        ),
    ]


def by_group(view: View) -> None:
    """The share in range by owner, tier, region or segment, most overdue first."""
    dimension = _group()
    frame = contact_cadence.by_group(view, dimension)
    known = frame.drop_nulls(dimension)
    target = KPIS["cadence_compliance"].target
    aim = target.value if target else 0.0
    missed = known.filter(pl.col("reasonable") < aim).height
    title = (
        i18n.part("contact.by_group", missed, known.height, target=i18n.share(aim, 0))
        if known.height
        else t("contact.by_group.plain")
    )
    subtitle = t("contact.by_group.subtitle", day=i18n.day(contact.as_of(view)))
    if frame.height > _MOST:
        subtitle += t("contact.by_group.first", n=i18n.number(_MOST))
    first = (
        Column("owner", t("dimension.owner_id"))
        if dimension == "owner_id"
        else Column(dimension, t(f"dimension.{dimension}"), "code")
    )
    columns = [first, *_states(), Column("reasonable", t("contact.column.reasonable"), "share")]
    columns.append(Column("coverage", t("contact.column.coverage"), "share"))
    drawn = [
        bars.Bar(
            _name(row, dimension),
            row["reasonable"],
            t(
                "contact.overdue_bar",
                value=i18n.share(row["reasonable"]),
                n=i18n.number(row["under"]),
            ),
            KPIS["cadence_compliance"].judge(row["reasonable"]),
        )
        for row in frame.head(_MOST).iter_rows(named=True)
    ]
    behind = partial(contact_people_rows.by_group, view, dimension=dimension)
    with panel.panel(
        "cadence_groups",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("cadence_compliance",),
        rows=behind if frame.height else None,
    ) as draw:
        choose(
            "contact_by",
            contact_cadence.GROUPS,
            default=contact_cadence.GROUPS[0],
            label=t("contact.by"),
            name=lambda code: t(f"dimension.{code}"),
        )
        reference = next(iter(target_lines("cadence_compliance")), None)
        draw(bars.horizontal(drawn, theme.palette(), reference=reference, row=30))


def _group() -> str:
    groups = contact_cadence.GROUPS
    address.seed_one("contact_by", groups, groups[0])
    return str(st.session_state["contact_by"])


def _name(row: dict[str, str | None], dimension: str) -> str:
    if dimension == "owner_id":
        return row["owner"] or row["owner_id"] or t("code.unknown")
    return i18n.code(dimension, row[dimension])


def customers(view: View) -> None:
    """Whom to contact, the longest overdue first, or who is contacted too often; as files, too."""
    counts = contact_cadence.counted(view)
    title = t("contact.list.title", n=i18n.number(counts["under"]))
    with panel.panel("contact_list", title, t("contact.list.subtitle"), kpis=("overdue_contacts",)):
        state = choose(
            "contact_list",
            contact_cadence.LISTS,
            default=contact_cadence.LISTS[0],
            label=title,
            name=lambda code: drilldown.counted(t(f"contact.state.{code}"), counts[code]),
            resets=_KEY,
        )
        _show(view, state)


def _show(view: View, state: str) -> None:
    listed, total = contact_cadence.customers(view, state), contact_cadence.counted(view)[state]
    rows = named(view, listed, (view, state), contact_cadence.NAMED)
    shown, words = columns(state), t(f"contact.state.{state}")
    drilldown.paged(replace(rows, total=total), shown, key=_KEY, alt=words, size=_SIZE)
    list_files.buttons(
        view,
        ListFile(
            _KEY,
            words,
            partial(customer_names.told, view, listed, columns=contact_cadence.NAMED),
            shown,
            total,
            table="interactions",
            name=f"contact_{state}",
        ),
    )
