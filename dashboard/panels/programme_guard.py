"""Panels of the programme page: risks, drills, suppliers, experiments and their fund."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import data, i18n, kpi, panel, table
from dashboard.answers import contact_trials, programme, programme_headline
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.rules import load

_RISKS = ("risks_expected", "risks_to_protect", "risks_planned", "risks_unreviewed")
_DRILLS = ("drill_recovery", "drill_notice", "drill_satisfaction", "findings_solved")
_TRIALS = ("modes_tested", "failed_experiment_cost", "innovation_days", "innovation_fund_used")


def risks(view: View) -> None:
    """The register: P × L against what protection costs, reviews due."""
    frame = _there(view, programme.RISKS)
    if frame is None:
        panel.empty("no_risks", t("programme.risks.name"))
        return
    shown = table.told(frame, standing=_review, impact=_impact, pays=_pays)
    columns = [
        Column("risk_class", t("programme.column.class"), "code", "risk_class"),
        Column("name", t("programme.column.risk")),
        Column("probability", t("programme.column.probability"), "share", write=_whole),
        Column("loss", t("programme.column.loss"), "money"),
        Column("expected", t("programme.column.expected"), "money"),
        Column("measure_cost", t("programme.column.cost"), "money"),
        Column("gain", t("programme.column.gain"), "money", sign=True),
        Column("pays", t("programme.column.pays")),
        Column("standing", t("programme.column.review")),
        Column("owner", t("programme.column.owner")),
        Column("measure", t("programme.column.measure")),
        Column("response", t("programme.column.response"), "code", "risk_response"),
        Column("impact", t("programme.column.impact")),
        Column("reviewed_on", t("programme.column.reviewed"), "date"),
    ]
    worth = frame.filter("pays")
    title = t("programme.risks.none", n=i18n.number(frame.height))
    if worth.height:
        amount = kpi.money(int(worth["gain"].sum()))
        title = i18n.part("programme.risks.title", worth.height, frame.height, amount=amount)
    total = kpi.money(int(frame["expected"].sum())) if frame["expected"].count() else i18n.DASH
    months = i18n.number(load("programme")["risks"]["review_months"])
    subtitle = t("programme.risks.subtitle", total=total, months=months)
    with panel.panel("risks", title, subtitle, data=(shown, columns), kpis=_RISKS):
        table.show(shown, columns[:-4], alt=title)  # what is done about each is in the twin


_TABLES = {
    programme.RISKS: programme.register,
    programme.DRILLS: programme.drills,
    programme.SCORES: programme.scores,
}


def _there(view: View, name: str) -> pl.DataFrame | None:
    """What a table tells; None where the CRM has none of it."""
    if not data.present(view, name):
        return None
    frame = _TABLES[name](view)
    return None if frame.is_empty() else frame


def _whole(value: float | None) -> str:
    return i18n.share(value, 0)


def _pays(row: Mapping[str, Any]) -> str:
    """Whether more protection pays: P × L − C above zero."""
    if row["gain"] is None:
        return i18n.DASH
    said = t("programme.pays.yes" if row["pays"] else "programme.pays.no")
    return f"{SIGNS['bad' if row['pays'] else 'good']} {said}"


def _review(row: Mapping[str, Any]) -> str:
    if row["review_due_on"] is None:
        return f"{SIGNS['bad']} {t('programme.review.never')}"
    said = i18n.short_day(row["review_due_on"])
    return f"{SIGNS['bad']} {t('programme.review.over', day=said)}" if row["overdue"] else said


def _impact(row: Mapping[str, Any]) -> str:
    """What the plans expect if the risk comes true."""
    rule = load("programme")["impacts"].get(row["code"])
    if rule is None:
        return i18n.DASH
    hours = rule["unit"] == "hours"
    value = i18n.number(rule["value"]) if hours else i18n.share(rule["value"], 0, sign=True)
    return t(f"programme.impact.{rule['unit']}", value=value)


def drills(view: View) -> None:
    """What the drills of a year have shown, and whether it was mended."""
    frame = _there(view, programme.DRILLS)
    if frame is None:
        panel.empty("no_drill", t("programme.drills.name"))
        return
    shown = table.told(frame, result=_result, solved=_solved)
    columns = [
        Column("held_on", t("programme.column.held"), "date"),
        Column("scenario", t("programme.column.scenario"), "code", "drill_scenario"),
        Column("result", t("programme.column.result")),
        Column("finding", t("programme.column.finding")),
        Column("solved", t("programme.column.solved")),
    ]
    judged = [_verdict(row) for row in _latest(frame)]
    title = t("programme.drills.plain", n=i18n.number(frame.height))
    if judged:
        title = i18n.part("programme.drills.title", judged.count("good"), len(judged))
    aims = {name: _aim(key) for name, key in _RESULTS.items()}
    subtitle = t("programme.drills.subtitle", **aims)
    with panel.panel("drills", title, subtitle, data=(shown, columns), kpis=_DRILLS):
        table.show(shown, columns, alt=title)


_RESULTS = {
    "recovery_minutes": "drill_recovery",
    "notice_hours": "drill_notice",
    "satisfaction": "drill_satisfaction",
}


def _aim(key: str) -> str:
    entry = KPIS[key]
    return kpi.target_text(entry, entry.targets[0])


def _latest(frame: pl.DataFrame) -> list[tuple[str, float]]:
    """Of each kind of result the latest one, with its measure."""
    told = [(key, frame[name].drop_nulls()) for name, key in _RESULTS.items()]
    return [(key, values[0]) for key, values in told if len(values)]


def _verdict(result: tuple[str, float]) -> str:
    return KPIS[result[0]].judge(result[1])


def _result(row: Mapping[str, Any]) -> str:
    """What a drill took, each with its verdict: `▼ 34 min`."""
    said: list[str] = []
    for name, key in _RESULTS.items():
        if row[name] is not None:
            entry = KPIS[key]
            sign = SIGNS[entry.judge(row[name])]
            said.append(f"{sign} {t(f'programme.result.{name}', value=_written(name, row[name]))}")
    return t("list.and").join(said) or i18n.DASH


def _written(name: str, value: float) -> str:
    return i18n.share(value, 0) if name == "satisfaction" else i18n.number(value)


def _solved(row: Mapping[str, Any]) -> str:
    if row["finding"] is None:
        return i18n.DASH
    if row["solved_on"] is None:
        return f"{SIGNS['bad']} {t('programme.drills.open')}"
    return i18n.short_day(row["solved_on"])


def suppliers(view: View) -> None:
    """Suppliers by their appraisal, the worst first; the last fifth is to be replaced."""
    frame = _there(view, programme.SCORES)
    if frame is None:
        panel.empty("no_scores", t("programme.suppliers.name"))
        return
    shown = table.told(frame, standing=_place).rename({"risk": "risk_mark"})
    columns = [
        Column("supplier", t("programme.column.supplier")),
        Column("service", t("programme.column.service")),
        Column("standing", t("programme.column.state")),
        Column("total", t("programme.column.total"), "points"),
        Column("before", t("programme.column.before"), "points"),
        *(
            Column(name, t(f"programme.column.{name}"), "count")
            for name in ("capability", "performance", "risk_mark")
        ),
        Column("scored_on", t("programme.column.scored"), "date"),
    ]
    last, going = int(frame["bottom"].sum()), int(frame["to_go"].sum())
    title = t("programme.suppliers.few", n=i18n.number(frame.height))
    if last:
        title = i18n.part("programme.suppliers.title", last - going, last)
    share = i18n.share(load("programme")["suppliers"]["bottom"], 0)
    subtitle = t("programme.suppliers.subtitle", share=share)
    keys = ("suppliers_to_go", "suppliers_scored")
    with panel.panel("suppliers", title, subtitle, data=(shown, columns), kpis=keys):
        table.show(shown, columns, alt=title)


def _place(row: Mapping[str, Any]) -> str:
    if row["bottom"] and not row["replaced"]:
        return f"{SIGNS['bad']} {t('programme.suppliers.to_go')}"
    if row["replaced"]:
        return f"{SIGNS['good']} {t('programme.suppliers.replaced')}"
    return f"{SIGNS['watch']} {t('programme.suppliers.due')}" if row["due"] else i18n.DASH


def experiments(view: View) -> None:
    """What was tried, what it showed, and what it cost of the innovation fund."""
    if not data.present(view, "experiments", "experiment_members"):
        panel.empty("no_experiments", t("programme.trials.name"))
        return
    frame = contact_trials.lifts(view, "converted")
    if frame.is_empty():
        panel.empty("no_experiments", t("programme.trials.name"))
        return
    columns = [
        Column("name", t("programme.column.trial")),
        Column("mode", t("programme.column.mode"), "code"),
        Column("started_on", t("programme.column.begun"), "date"),
        Column("ended_on", t("programme.column.ended_on"), "date"),
        Column("verdict", t("programme.column.verdict"), "code", "trial_verdict"),
        Column("lift", t("programme.column.lift"), write=i18n.percentage_points),
        Column("lift_low", t("column.low"), write=i18n.percentage_points),
        Column("lift_high", t("column.high"), write=i18n.percentage_points),
        Column("cost", t("programme.column.spent"), "money"),
        Column("failed", t("programme.column.failed"), "flag"),
    ]
    _, modes = contact_trials.modes(view)
    title = t("programme.trials.title", modes=i18n.number(modes))
    told = programme_headline.fund(view)
    subtitle = t("programme.trials.no_fund")
    if told["used"] is not None:
        share = i18n.share(load("programme")["innovation"]["fund_share"], 0)
        fund = {"cost": kpi.money(told["cost"]), "fund": kpi.money(told["fund"]), "share": share}
        subtitle = t("programme.trials.subtitle", used=i18n.share(told["used"], 0), **fund)
    with panel.panel("trials", title, subtitle, data=(frame, columns), kpis=_TRIALS):
        table.show(frame, columns, alt=title)
