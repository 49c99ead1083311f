"""The customers behind the charts of the contact page: by cadence, by fit, by experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown, i18n
from dashboard.answers import contact_cadence, contact_trials
from dashboard.answers.contact_cadence import NAMED, Cut
from dashboard.drilldown import Rows, counted
from dashboard.i18n import t
from dashboard.panels import contact_rows, customer_list
from dashboard.panels.naming import named
from dashboard.table import Column
from dashboard.view import View
from metrics.contact.cadence import STATES

_ALL = "all"
_PERSONAL, _COUPONS = "personalised_coverage", "coupons"
_VERDICTS = ("no", "yes")


def rule(key: str | None) -> str:
    """A cadence in words."""
    return i18n.DASH if key is None else i18n.code("cadence", key)


def by_rule(view: View, key: str) -> None:
    """The customers of one cadence by its own range, or of all by all that bind them."""
    bar = drilldown.bar()
    with bar:
        names = {_ALL: t("contact.rows.all_rules")}
        names |= {each.key: rule(each.key) for each in contact_cadence.rules(view)}
        chosen = drilldown.pick(key, names, name="rule")
    _in_state(view, key, Cut(rule="" if chosen == _ALL else chosen), bar)


def by_group(view: View, key: str, *, dimension: str) -> None:
    """The customers of one owner, tier, region or segment."""
    rows = contact_cadence.by_group(view, dimension)
    bar = drilldown.bar()
    with bar:
        if dimension == "owner_id":
            names = {
                row["owner_id"] or "": row["owner"] or i18n.code("owner_id", row["owner_id"])
                for row in rows.iter_rows(named=True)
            }
            value = drilldown.pick(key, names, name="group", width=240) or None
        else:
            value = drilldown.pick_group(key, dimension, rows[dimension].to_list())
    _in_state(view, key, Cut(dimension=dimension, value=value), bar)


def _in_state(view: View, key: str, cut: Cut, bar: DeltaGenerator) -> None:
    numbers = contact_cadence.counted(view, cut)
    names = {name: counted(t(f"contact.state.{name}"), numbers[name]) for name in STATES}
    with bar:
        state = drilldown.pick(key, names, width=200)
    rows = named(view, contact_cadence.customers(view, state, cut), (view, state, cut), NAMED)
    drilldown.paged(rows, columns(state), key=key, alt=names[state], size=drilldown.IN_DIALOG)


def columns(state: str) -> list[Column]:
    """The columns of a list of customers by cadence."""
    late = [
        Column("overdue_days", t("contact.column.overdue"), "days"),
        Column("missed", t("contact.column.missed"), "code", "cadence"),
    ]
    return _columns(*(late if state == "under" else []))


def _columns(*more: Column, last: str = "contact_on") -> list[Column]:
    return [
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        *more,
        Column(last, t("contact.column.last"), "date"),
        Column("revenue_12m", t("customer_list.revenue"), "money"),
        Column("owner", t("customer_list.crm_owner")),
        Column("region", t("dimension.region"), "code"),
    ]


def fit(view: View, key: str, *, measures: Sequence[str]) -> None:
    """What does not suit, by measure: contacts, coupons, or customers nothing personal reached."""
    bar = drilldown.bar()
    with bar:
        names = {measure: t(f"kpi.{measure}.label") for measure in measures}
        if sum(coupons := _coupons(view)):
            names[_COUPONS] = t("contact.rows.coupons")
        measure = drilldown.pick(key, names, name="measure")
    words = f"contact.rows.{measure}"
    if measure == _PERSONAL:
        _personal(view, key, words, bar)
    elif measure == _COUPONS:
        _given(view, key, "contact.rows.coupons_fit", coupons, bar)
    else:
        contact_rows.share(view, key, measure, words, bar)


def _personal(view: View, key: str, words: str, bar: DeltaGenerator) -> None:
    reach = contact_cadence.reach(view)
    numbers = (reach["present"] - reach["personal"], reach["personal"])
    verdict, alt = _pick_verdict(key, words, numbers, bar)
    reached, decided = contact_cadence.reached_by(view, verdict), (view, _PERSONAL, verdict)
    rows = named(view, reached, decided, NAMED)
    personal = Column("personal_on", t("contact.rows.personal_on"), "date")
    drilldown.paged(rows, _columns(personal), key=key, alt=alt, size=drilldown.IN_DIALOG)


def _coupons(view: View) -> tuple[int, int]:
    """Coupons of the period that do not suit their customer's tier, and that do."""
    suit, judged = contact_trials.coupons(view)
    return judged - suit, suit


def _given(view: View, key: str, words: str, numbers: tuple[int, int], bar: DeltaGenerator) -> None:
    verdict, alt = _pick_verdict(key, words, numbers, bar)
    rows = Rows(contact_trials.coupons_by_fit(view, verdict), (view, _COUPONS, verdict))
    shown = [
        Column("issued_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("kind", t("contact.rows.coupon_kind"), "code", "coupon_kind"),
        Column("redeemed_on", t("contact.rows.redeemed"), "date"),
    ]
    drilldown.paged(rows, shown, key=key, alt=alt, size=drilldown.IN_DIALOG)


def _pick_verdict(
    key: str, words: str, numbers: tuple[int, int], bar: DeltaGenerator
) -> tuple[str, str]:
    """No or yes, with their numbers; and what was chosen in words."""
    named = zip(_VERDICTS, numbers, strict=True)
    names = {verdict: counted(t(f"{words}.{verdict}"), n) for verdict, n in named}
    with bar:
        verdict = drilldown.pick(key, names)
    return verdict, names[verdict]


def experiments(view: View, key: str, *, outcome: str) -> None:
    """The members of an experiment: tried on or not, who did what was hoped for and who did not."""
    found = contact_trials.lifts(view, outcome).iter_rows(named=True)
    bar = drilldown.bar()
    with bar:
        names = {row["experiment_id"]: _experiment(row) for row in found}
        experiment = drilldown.pick(key, names, name="experiment")
    numbers = contact_trials.members_counted(view, experiment, outcome)
    words = f"contact.rows.{outcome}"
    customer_list.behind(
        key,
        view.everything(),
        {name: counted(t(f"{words}.{name}"), n) for name, n in numbers.items()},
        lambda group: contact_trials.members(view.everything(), experiment, outcome, group),
        Column("assigned_on", t("contact.rows.assigned"), "date"),
        Column("engaged", t("contact.outcome.engaged"), "flag"),
        Column("converted", t("contact.outcome.converted"), "flag"),
        bar=bar,
        also=(experiment, outcome),
    )


def _experiment(row: Mapping[str, Any]) -> str:
    return f"{i18n.code('mode', row['mode'])} · {i18n.month(row['started_on'])}"
