"""What the file of one customer holds: its three blocks, consent, accounts, membership, tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import masked
from dashboard.answers.file_quality import there
from dashboard.view import View
from metrics.profiles.details import known
from metrics.profiles.facts import BLOCKS, entries

_SIGNS = {"earn": 1, "adjust": 1, "redeem": -1, "expire": -1}


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """One customer's file.

    Attributes:
        entries: What may be shown of each entry of the file that the CRM has a column for: phone
            and e-mail masked, of the address only whether it is known (""); null if unknown.
        consent: Null if never asked.
        confirmed_on: Day on which somebody confirmed the file; null if nobody did.
        channels: Own channels with an account of theirs.
        level: Of their membership; null if they are no member.
        points: Their points; null if they are no member, or the CRM keeps none.
        recorded_tier: As the CRM records it by the scheme shown; null without a valid record.
    """

    entries: Mapping[str, str | None]
    consent: bool | None
    confirmed_on: Any
    channels: tuple[str, ...] = field(default=())
    level: str | None = None
    points: int | None = None
    recorded_tier: str | None = None

    @property
    def filled(self) -> int:
        """Entries that are known."""
        return sum(value is not None for value in self.entries.values())


@data.answer
def file_of(view: View, customer_id: str) -> CustomerFile | None:
    """The file of a customer; None outside the reader's scope.

    One customer's rows of five tables, sorted by customer, so that few are read.
    """
    names = there(view, *(name for block in BLOCKS for name in entries(block)))
    shown = {name: pl.when(known(pl.col(name))).then(_shown(name)) for name in names}
    rows = _own(view, "customers", customer_id).select(
        **shown, _consent="marketing_consent", _confirmed="profile_updated_on"
    )
    row = next(rows.head(1).collect().iter_rows(named=True), None)
    if row is None:
        return None
    level, points = _membership(view, customer_id)
    return CustomerFile(
        {name: row[name] for name in names},
        row["_consent"],
        row["_confirmed"],
        _channels(view, customer_id),
        level,
        points,
        _recorded(view, customer_id),
    )


def _shown(name: str) -> pl.Expr:
    entry = pl.col(name)
    shown = {"phone": masked.phone(entry), "email": masked.email(entry), "address": pl.lit("")}
    return shown.get(name, entry)


def _own(view: View, table: str, customer_id: str) -> pl.LazyFrame:
    return data.frame(view, table).filter(pl.col("customer_id") == customer_id)


def _channels(view: View, customer_id: str) -> tuple[str, ...]:
    if not data.present(view, "identities"):
        return ()
    found = _own(view, "identities", customer_id).select(pl.col("channel").drop_nulls().unique())
    return tuple(sorted(found.collect()["channel"].to_list()))


def _membership(view: View, customer_id: str) -> tuple[str | None, int | None]:
    if not data.present(view, "loyalty_accounts"):
        return None, None
    moment = data.snapshot(view).as_of("loyalty_accounts")
    lasting = pl.col("closed_at").is_null() | (pl.col("closed_at") > moment)
    accounts = _own(view, "loyalty_accounts", customer_id).filter(lasting)
    account = accounts.sort("enrolled_at", "account_id").collect()
    if account.is_empty():
        return None, None
    level = account["level"][-1]
    if not data.present(view, "loyalty_transactions"):
        return level, None
    sign = pl.col("kind").replace_strict(_SIGNS, return_dtype=pl.Int64)
    moved = _own(view, "loyalty_transactions", customer_id)
    points = moved.select((pl.col("points").cast(pl.Int64) * sign).sum()).collect().item()
    return level, points


def _recorded(view: View, customer_id: str) -> str | None:
    if not data.present(view, "tier_records"):
        return None
    day = data.as_of(view, "tier_records")
    valid = (pl.col("valid_from_on") <= day) & (
        pl.col("valid_to_on").is_null() | (pl.col("valid_to_on") > day)
    )
    rows = _own(view, "tier_records", customer_id)
    found = rows.filter(valid, pl.col("scheme") == view.scheme).sort("valid_from_at").collect()
    return found["tier"][-1] if found.height else None
