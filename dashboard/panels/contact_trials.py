"""Panels of the contact page: experiments with their lift, scripts and purposes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import address, i18n, panel, theme
from dashboard.answers import contact, contact_trials
from dashboard.charts import bars
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import contact_people_rows, contact_rows
from dashboard.table import Column
from dashboard.view import View
from metrics.contact.experiments import OUTCOMES
from metrics.contact.topics import PURPOSE, SCRIPT

_JUDGED = {"better": "good", "worse": "bad"}
_KINDS = (SCRIPT, PURPOSE)


def tried(view: View) -> None:
    """What is tried, and which scripts and purposes work."""
    left, right = st.columns(2)
    with left:
        experiments(view)
    with right:
        topics(view)


def experiments(view: View) -> None:
    """What each experiment has shown: lift with interval, and the power it had."""
    address.seed_one("contact_outcome", OUTCOMES, OUTCOMES[0])
    outcome = str(st.session_state["contact_outcome"])
    frame = contact_trials.lifts(view, outcome)
    known = frame.drop_nulls("lift")
    if known.is_empty():
        panel.empty("no_experiments", t("contact.experiments.plain"))
        return
    better = int((known["verdict"] == "better").sum())
    title = i18n.part("contact.experiments", better, known.height)
    columns = [
        Column("mode", t("contact.column.mode"), "code"),
        Column("name", t("contact.column.name")),
        Column("started_on", t("contact.column.started"), "date"),
        Column("ended_on", t("contact.column.ended"), "date"),
        Column("control", t("contact.column.control"), "count"),
        Column("tried", t("contact.column.tried"), "count"),
        Column("control_share", t("contact.column.control_share"), "share"),
        Column("tried_share", t("contact.column.tried_share"), "share"),
        Column("lift_low", t("column.low"), write=i18n.percentage_points),
        Column("lift_high", t("column.high"), write=i18n.percentage_points),
        Column("power", t("contact.column.power"), "share"),
        Column("cost", t("contact.column.spent"), "money"),
        Column("failed", t("contact.column.failed"), "flag"),
    ]
    drawn = [
        bars.Bar(
            i18n.code("mode", row["mode"]),
            row["lift"],
            t(
                "contact.experiments.bar",
                lift=i18n.percentage_points(row["lift"]),
                power=i18n.share(row["power"], 0),
            ),
            _JUDGED.get(row["verdict"], "neutral"),
            row["lift_low"],
            row["lift_high"],
        )
        for row in known.iter_rows(named=True)
    ]
    keys = ("modes_tested", "failed_experiment_cost")
    subtitle = t("contact.experiments.subtitle")
    rows = partial(contact_people_rows.experiments, view, outcome=outcome)
    with panel.panel(
        "experiments", title, subtitle, data=(frame, columns), kpis=keys, rows=rows
    ) as draw:
        choose(
            "contact_outcome",
            OUTCOMES,
            default=OUTCOMES[0],
            label=t("contact.outcome.label"),
            name=lambda code: t(f"contact.outcome.{code}"),
        )
        draw(bars.horizontal(drawn, theme.palette()))


def topics(view: View) -> None:
    """Scripts or purposes: how often, answered, with an order, asked for by a rule."""
    address.seed_one("contact_topic", _KINDS, SCRIPT)
    kind = str(st.session_state["contact_topic"])
    frame = contact.by_topic(view, kind)
    ranked = frame.drop_nulls("response").sort("response", descending=True)
    plain = t(f"contact.topics.{kind}")
    title = plain
    if ranked.height > 1:
        sure = ranked["response_low"][0] > ranked["response_high"][-1]
        title = t(
            "contact.topics.title" if sure else "contact.topics.same",
            what=plain,
            best=i18n.code(kind, ranked["topic"][0]),
            share=i18n.share(ranked["response"][0], 0),
        )
    columns = [
        Column("topic", plain, "code", kind),
        Column("sent", t("contact.column.sent"), "count"),
        Column("response", t("contact.column.answered"), "share"),
        Column("response_low", t("column.low"), "share"),
        Column("response_high", t("column.high"), "share"),
        Column("conversion", t("contact.column.converted"), "share"),
        Column("automated", t("contact.column.automated"), "share"),
    ]
    keys = ("contact_response", "script_categories", "automation_coverage", "automated_share")
    subtitle = t("contact.topics.subtitle", n=i18n.number(frame["sent"].sum()))
    rows = partial(contact_rows.topics, view, kind=kind) if frame.height else None
    with panel.panel(
        "topics", title, subtitle, data=(frame, columns), kpis=keys, rows=rows
    ) as draw:
        choose(
            "contact_topic",
            _KINDS,
            default=SCRIPT,
            label=plain,
            name=lambda code: t(f"contact.topics.{code}"),
        )
        if ranked.is_empty():
            st.html(f'<div class="sl-sub">{t("missing.not_recorded", what="")}</div>')
            return
        drawn = [
            bars.Bar(
                i18n.code(kind, row["topic"]),
                row["response"],
                t("contact.bar", value=i18n.share(row["response"], 0), n=i18n.compact(row["sent"])),
                "accent",
                row["response_low"],
                row["response_high"],
            )
            for row in ranked.iter_rows(named=True)
        ]
        draw(bars.horizontal(drawn, theme.palette(), row=30))
