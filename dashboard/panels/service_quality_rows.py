"""The tickets and hand-overs behind the charts of service quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown, i18n
from dashboard.answers import rectification
from dashboard.answers import service_quality_rows as found
from dashboard.answers.service_quality_rows import Among
from dashboard.drilldown import Rows, counted
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def tickets(view: View, key: str, *, measured: str) -> None:
    """The tickets of the period by what a measure says of them."""
    counts = found.counted(view, measured)
    names = {
        code: counted(t(f"service_quality.behind.{measured}.{code}"), counts[code])
        for code in _worse_first(measured)
    }
    verdict = drilldown.pick(key, names)
    rows = found.tickets(view, measured, verdict)
    _list(view, key, rows, (measured, verdict), names[verdict])


def _worse_first(measured: str) -> tuple[str, str]:
    good = measured in ("first_contact_resolution", "resolution_30d")
    return ("no", "yes") if good else ("yes", "no")


def scenarios(view: View, key: str, *, kinds: list[str]) -> None:
    """The tickets of a kind by what a measure says of them."""
    bar = drilldown.bar()
    with bar:
        kind = drilldown.pick_group(key, "kind", kinds)
    _of_measures(view, key, Among("kind", kind), _SCENARIO, bar)


def of_agent(view: View, key: str, *, agents: Mapping[str, str]) -> None:
    """The tickets of an agent: those not solved at the first contact first.

    Args:
        view: The view.
        key: Of the list.
        agents: Their names by id.
    """
    bar = drilldown.bar()
    with bar:
        agent = drilldown.pick(key, agents, name="agent", width=240)
    _of_measures(view, key, Among("agent_id", agent), _SCENARIO[:1], bar)


_SCENARIO = ("first_contact_resolution", "resolution_30d", "recurrence")


def _of_measures(
    view: View, key: str, among: Among, measures: Sequence[str], bar: DeltaGenerator
) -> None:
    names = {
        f"{measured}.{code}": counted(t(f"service_quality.behind.{measured}.{code}"), n)
        for measured in measures
        for code, n in _by_verdict(found.counted(view, measured, among), measured)
    }
    with bar:
        chosen = drilldown.pick(key, names)
    measured, _, verdict = chosen.partition(".")
    rows = found.tickets(view, measured, verdict, among)
    _list(view, key, rows, (among, chosen), names[chosen])


def _by_verdict(counts: Mapping[str, int], measured: str) -> list[tuple[str, int]]:
    return [(code, counts[code]) for code in _worse_first(measured)]


def of_category(view: View, key: str, *, categories: list[str | None]) -> None:
    """The tickets about a subject."""
    category = drilldown.pick_group(key, "category", categories)
    rows = found.of_category(view, category)
    _list(view, key, rows, category, i18n.code("category", category))


def ticket_columns(*more: Column) -> list[Column]:
    """The columns of a list of tickets."""
    return [
        Column("customer", t("column.customer"), "customer"),
        *more,
        Column("created_on", t("service.column.created"), "date"),
        Column("kind", t("service.column.kind"), "code"),
        Column("grade", t("service.column.grade"), "code"),
        Column("channel", t("service.column.channel"), "code"),
        Column("category", t("service.column.category"), "code"),
        Column("agent", t("service.column.agent")),
        Column("ticket_id", t("service.column.ticket")),
    ]


def _list(view: View, key: str, rows: pl.LazyFrame, by: object, alt: str) -> None:
    drilldown.paged(
        Rows(rows, (view, by)), ticket_columns(), key=key, alt=alt, size=drilldown.IN_DIALOG
    )


def hand_overs(view: View, key: str) -> None:
    """Hand-overs that lost the history or nobody took up, and the others."""
    counts = found.handed_over(view)
    names = {
        code: counted(t(f"service_quality.hand_overs.{code}"), counts[code]) for code in counts
    }
    verdict = drilldown.pick(key, names)
    columns = [
        Column("customer", t("column.customer"), "customer"),
        Column("handed_on", t("service_quality.hand_overs.day"), "date"),
        Column("from_channel", t("service_quality.hand_overs.from"), "code", "channel"),
        Column("to_channel", t("service_quality.hand_overs.to"), "code", "channel"),
        Column("minutes", t("service_quality.hand_overs.minutes"), "points"),
        Column("history_carried", t("service_quality.hand_overs.history"), "flag"),
        Column("ticket_id", t("service.column.ticket")),
    ]
    rows = Rows(found.hand_overs(view, verdict), (view, verdict))
    drilldown.paged(rows, columns, key=key, alt=names[verdict], size=drilldown.IN_DIALOG)


def faults(view: View, key: str) -> None:
    """The checks that found a fault: problem, cause and measure."""
    columns = [
        Column("checked_on", t("rectification.checks.day"), "date"),
        Column("kind", t("rectification.checks.kind"), "code", "check_kind"),
        Column("agent", t("service.column.agent")),
        Column("compliant", t("rectification.checks.compliant"), "flag"),
        Column("consistent", t("rectification.checks.consistent"), "flag"),
        Column("problem", t("rectification.problem")),
        Column("cause", t("rectification.checks.cause")),
        Column("measure", t("rectification.checks.measure")),
    ]
    rows = Rows(found.faults(view), (view, "faults"))
    alt = t("rectification.checks.name")
    drilldown.paged(rows, columns, key=key, alt=alt, size=drilldown.IN_DIALOG, identity=None)


def at_step(view: View, key: str, *, waiting: dict[str, int]) -> None:
    """Feedback that waits at a step of the loop, the longest first."""
    names = {step: counted(i18n.code("loop_step", step), n) for step, n in waiting.items()}
    step = drilldown.pick(key, names)
    days = Column("step_days", t("rectification.loop.days"), "days")
    rows = Rows(rectification.waiting(view, step), (view, step))
    drilldown.paged(rows, ticket_columns(days), key=key, alt=names[step], size=drilldown.IN_DIALOG)
