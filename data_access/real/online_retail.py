"""Customers, orders and order lines of a British online shop, 1 Dec 2010 to 9 Dec 2011.

Source: Daqing Chen (2015), "Online Retail", UCI Machine Learning Repository,
doi:10.24432/C5BW33. Licence CC BY 4.0.

Decisions
- One order per invoice: every invoice has one customer and one country. 43 invoices carry two
  time stamps, one minute apart; the order takes the first.
- Invoices 'C…' (cancellations) and 'A…' (bad-debt adjustments, one of them positive, no
  customer) are 'returned': they count in revenue and never as a purchase. All others are
  'completed', also the 2,102 invoices worth nothing (stock corrections, gifts), which are no
  purchases because their amount is 0.
- No 'completed' invoice has a negative line, so the orders that count as purchases (completed,
  customer known, amount > 0) add up to the published figure over positive lines.
- Prices have up to three decimals: amounts are whole thousandths of a pound.
- Lines without a customer give orders without one. 'Unspecified' as country is unknown.
- A customer's region is the country of most of its invoices, the first seen on a tie (8 have two).
- The shop sold online only: channel 'online'.
- Not recorded and left out: registration, segment, acquisition channel, owner, profit.
- Time stamps carry no zone and are shop time; they are stored as if they were UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from data_access import contract
from data_access.real import carried

CURRENCY = "GBP"
COMPLETE_UNTIL = datetime(2011, 12, 9, 23, 59, 59, tzinfo=UTC)
_THOUSANDTHS = 1000  # money_scale 3


def tables() -> dict[str, pl.DataFrame]:
    """Customers (4,372), orders (25,900 invoices) and order lines (541,909) of the shop."""
    lines = _lines()
    return {
        "customers": _customers(lines),
        "orders": _orders(lines),
        "order_lines": lines.select(
            "order_id", "line_number", "product", quantity="Quantity", amount="amount"
        ),
    }


def _lines() -> pl.DataFrame:
    """Source lines in file order with the exact integer amount of each."""
    price = (pl.col("UnitPrice") * _THOUSANDTHS).round().cast(pl.Int64)
    return carried.read("online_retail").select(
        order_id="InvoiceNo",
        line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("InvoiceNo"),
        customer_id=pl.col("CustomerID").cast(pl.String),
        ordered_at=pl.col("InvoiceDate").cast(contract.TIME),
        country=pl.col("Country").replace("Unspecified", None),
        product=pl.coalesce(pl.col("Description").str.strip_chars(), "StockCode"),
        Quantity=pl.col("Quantity").cast(pl.Int64),
        amount=price * pl.col("Quantity"),
    )


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    credit = pl.col("order_id").str.contains("^[CA]")
    return (
        lines.group_by("order_id", maintain_order=True)
        .agg(pl.col("customer_id").first(), pl.col("ordered_at").min(), pl.col("amount").sum())
        .with_columns(
            status=pl.when(credit).then(pl.lit("returned")).otherwise(pl.lit("completed")),
            currency=pl.lit(CURRENCY),
            channel=pl.lit("online"),
        )
    )


def _customers(lines: pl.DataFrame) -> pl.DataFrame:
    countries = (
        lines.drop_nulls("customer_id")
        .group_by("customer_id", "country", maintain_order=True)
        .agg(invoices=pl.col("order_id").n_unique())
    )
    return (
        countries.sort("invoices", descending=True, maintain_order=True)
        .unique("customer_id", keep="first", maintain_order=True)
        .select(
            "customer_id",
            name=pl.format("Customer {}", "customer_id"),
            region="country",
        )
        .sort("customer_id")
    )
