"""The customers whose files are to be mended, and what is wrong with each."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import masked
from dashboard.answers.file_quality import there
from dashboard.view import View
from metrics.profiles.facts import entries
from metrics.profiles.measures import TWINS, audited

FAULTS = {  # a group of faults, and the faults in it
    "incomplete": ("no_name", "no_phone", "no_email", "no_address"),
    "unusable": ("bad_phone", "bad_email"),
    "double": ("double_phone", "double_email", "double_name"),
    "stale": ("stale",),
    "refused": ("refused",),
}
SEPARATOR = " "
PERSONAL = ("phone", "email")


def _faults(view: View) -> dict[str, pl.Expr]:
    """Each fault that can be told, and whether a file has it."""
    core, personal = there(view, *entries("basic")), there(view, *PERSONAL)
    twins = [twin for twin in TWINS if there(view, twin.removesuffix("_twin"))]
    told = {
        **{f"no_{name}": ~pl.col(name) for name in core},
        **{f"bad_{name}": ~pl.col(f"{name}_valid") for name in personal},
        **{f"double_{name.removesuffix('_twin')}": pl.col(name).is_not_null() for name in twins},
        "stale": pl.col("stale"),
    }
    if there(view, "marketing_consent") and data.present(view, "interactions"):
        told["refused"] = (pl.col("contacts") > 0) & ~pl.col("consent")
    return told


def _any(view: View, group: str) -> pl.Expr:
    told = _faults(view)
    return pl.any_horizontal(
        told[fault].fill_null(value=False) for fault in FAULTS[group] if fault in told
    )


@data.answer
def counts(view: View) -> dict[str, int]:
    """Chosen customers with a fault of each group that can be told; a file can be in several."""
    known = _faults(view)
    groups = [group for group, faults in FAULTS.items() if not known.keys().isdisjoint(faults)]
    asked = {group: _any(view, group).sum().cast(pl.Int64) for group in groups}
    return data.counted(view, "profile_facts").select(**asked).collect().row(0, named=True)


def listed(view: View, group: str) -> pl.LazyFrame:
    """The customers of a group: doubles side by side, else those with most revenue first.

    At 2 million customers flags of all and a few columns of the mart are read, 0.2 s; pages are
    kept.

    Returns:
        customer_id, name, wrong (codes of all faults, separated by blanks), twin (number of the
        group of doubles), confirmed_on, contacts, revenue_12m, owner.
    """
    told = _faults(view)
    faults = [pl.when(holds).then(pl.lit(fault)) for fault, holds in told.items()]
    files = (
        data.selected(view, "profile_facts")
        .filter(_any(view, group))
        .select(
            "customer_id",
            "confirmed_on",
            "contacts",
            wrong=pl.concat_str(faults, separator=SEPARATOR, ignore_nulls=True),
            twin=pl.coalesce(TWINS),
        )
    )
    known = data.frame(view, "customer_mart").select("customer_id", "name", "revenue_12m", "owner")
    rows = files.join(known, on="customer_id", how="left", validate="1:1")
    if group == "double":
        kind = pl.coalesce(
            *(
                pl.when(pl.col("wrong").str.contains(fault)).then(place)
                for place, fault in enumerate(FAULTS[group])
            )
        )
        return rows.sort(kind, "twin", "customer_id")
    return rows.sort("revenue_12m", "customer_id", descending=[True, False], nulls_last=True)


def with_details(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The few rows shown, or taken away, with phone and e-mail, masked; read when asked for."""
    shown = rows.collect()
    ids = shown["customer_id"].drop_nulls().to_list()
    entries_of = (
        data.frame(view, "customers")
        .filter(pl.col("customer_id").is_in(ids))
        .select(
            "customer_id", phone=masked.phone(pl.col("phone")), email=masked.email(pl.col("email"))
        )
    )
    return shown.lazy().join(
        entries_of, on="customer_id", how="left", validate="m:1", maintain_order="left"
    )


def wrong_entries(view: View) -> pl.LazyFrame:
    """Audited entries of the last year that were wrong, latest first.

    Returns:
        customer_id, name, block, entry, audited_on.
    """
    facts = audited(data.selected(view, "audit_facts"), as_of=data.as_of(view, "profile_audits"))
    known = data.frame(view, "customer_mart").select("customer_id", "name")
    return (
        facts.filter(~pl.col("accurate"))
        .join(known, on="customer_id", how="left", validate="m:1")
        .sort("audited_on", "audit_id", descending=[True, False])
        .select("customer_id", "name", "block", "entry", "audited_on")
    )
