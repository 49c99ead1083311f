"""What of a snapshot is held in memory, and how: text of few values as numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from data_access.contract import TABLES
from data_access.manifest import TableEntry
from metrics.contact.rule import cadences
from metrics.selection import DIMENSIONS
from metrics.tiers import versions
from metrics.tiers.scheme import scheme_codes

# What stays in memory: whole marts read by nearly every page, and of the long facts the columns
# that figures are counted from. Everything else is scanned from disk.
RESIDENT = (
    "customer_mart",
    "tier_states",
    "tier_months",
    "cohort_months",
    "retention_months",
    "order_months",
    "accounting_months",
    "repurchase_months",
    "reorder_months",
    "risk_months",
    "loyalty_months",
    "budget_months",
    "employees",
)
COUNTED = {
    "contact_cadence": (
        *("first_order_on", "personal_on", "app_on", "app_since", "channels_now", "channels_then"),
        *("stay_days", "left"),
        *(f"n_{rule.key}" for rule in cadences()),
        *DIMENSIONS,
    ),
    "feedback_facts": (
        *("created_on", "source", "kind", "grade", "valid", "adopted_on"),
        *DIMENSIONS,
    ),
    "coupon_facts": ("issued_on", "redeemed_on", "kind", "is_control", "orders", *DIMENSIONS),
    "loyalty_landmark": (
        *("member", "tenure", "frequency", "stayed", "again", "duration", "event"),
        *DIMENSIONS,
    ),
    "loyalty_members": ("enrolled_on", "is_member", "level", "rule_level", *DIMENSIONS),
    "member_facts": (
        *("campaign_id", "starts_on", "ends_on", "contacted_on", "participated_on", "is_control"),
        *("participated", "converted", "form", "channels", "satisfaction", "bought"),
        *("complaints_before", "complaints_after"),
        *DIMENSIONS,
    ),
    "survey_facts": (
        *("invited_on", "answered_on", "nps", "csat", "channel", "sampled"),
        *DIMENSIONS,
    ),
    "ticket_facts": (
        "created_on",
        "resolved_on",
        "closed_on",
        "kind",
        "grade",
        "channel",
        "source_sla_met",
        "response_due_at",
        "routing_due_at",
        "resolution_due_at",
        "response_state",
        "routing_state",
        "resolution_state",
        "sla_state",
        "promises_met",
        "promises_missed",
        "difference",
        "response_hours",
        "waiting_hours",
        "answered",
        *DIMENSIONS,
    ),
    "case_facts": (
        *("created_on", "kind", "channel", "category", "bot", "cause", "resolution_hours"),
        *("solved", "first_time", "reopened", "repeated", "recurred", "owned", "offered"),
        *("step", "step_days"),
        *DIMENSIONS,
    ),
    "touch_facts": ("touch", "due_on", "tried", "state", *DIMENSIONS),
    "profile_facts": (
        *("name", "phone", "email", "address"),
        *("preferred_channel", "preferred_product", "service_need"),
        *("phone_valid", "email_valid", "phone_twin", "email_twin", "name_twin"),
        *("stale", "fresh", "potential", "consent", "contacts"),
        *DIMENSIONS,
    ),
}
# Facts too long to be held, of which a question reads a few columns: the chosen rows are kept
# while they are not many.
SCANNED = {
    "answer_facts": (
        *(
            "answered_on",
            "nps",
            "csat",
            "channel",
            "scenario",
            "complaint",
            "missed",
            "asked",
            "new",
        ),
        *("tangibles", "reliability", "responsiveness", "assurance", "empathy"),
        *("product", "service", "communication", "next_nps_on", "revenue"),
        *DIMENSIONS,
    ),
}
# Roll-ups of which there is one with owners, too: owners make four times the rows.
OWNED = ("contact_months", "contact_topics")
# The columns of each that are held; none named: all of them.
HELD: dict[str, tuple[str, ...]] = {**dict.fromkeys(RESIDENT, ()), **COUNTED}
_FEW = 250  # values of a column that is kept as one byte each


def by_owner(name: str) -> str:
    """The mart with owners of one of `OWNED`."""
    return f"{name}_by_owner"


def by_scheme(
    rows: pl.DataFrame, name: str, tables: Mapping[str, TableEntry]
) -> dict[str, pl.DataFrame]:
    """A table as each tier scheme tells it, by code; all columns are shared.

    Not by the schemes that have a table of their own.
    """
    return {
        code: rows.select(pl.col(stored).alias(column) for stored, column in told.items())
        for code in scheme_codes()
        if versions.named(name, code) == name or versions.named(name, code) not in tables
        if (told := versions.by(code, rows.columns)) is not None
    }


def by_code(
    tables: Mapping[str, TableEntry], name: str, code: str
) -> tuple[str, Mapping[str, str]]:
    """The stored table that tells one by a tier scheme, and its columns by their names there.

    Raises:
        KeyError: There is no such table, or it tells of tiers but not of those.
    """
    own = versions.named(name, code)
    table = own if own in tables else name
    columns = tuple(tables[table].schema)
    if name in TABLES or table != name:
        return table, {column: column for column in columns}
    told = versions.by(code, columns)
    if told is None:
        raise KeyError(own)
    return table, told


def columns_held(name: str, present: Collection[str]) -> list[str]:
    """The columns of a table that are held in memory: the tier also of other schemes."""
    told = HELD[name] or tuple(present)
    tiers = versions.columns()[1:] if "tier" in told else ()
    return [column for column in dict.fromkeys((*told, *tiers)) if column in present]


def compact(rows: pl.LazyFrame) -> pl.DataFrame:
    """The rows with every text column of few values as a number: an eighth of the time to filter.

    The values are in the order of the alphabet, so sorting gives what it gives with text. Columns
    are read one by one, so that no more than one of them is ever in memory as text.
    """
    names = rows.collect_schema().names()
    return pl.DataFrame([_compact(rows.select(name).collect()[name]) for name in names])


def compacted(rows: pl.DataFrame) -> pl.DataFrame:
    """The same of rows that are in memory already."""
    return pl.DataFrame([_compact(column) for column in rows])


def _compact(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        values = column.unique().drop_nulls()
        column = column.cast(pl.Enum(values.sort())) if len(values) <= _FEW else column
    return column.rechunk()  # rows are fetched by number ten times as fast from one piece


def as_text(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Compact columns as the text they stand for, of the rows that are left."""
    return rows.with_columns(pl.col(pl.Enum).cast(pl.String))
