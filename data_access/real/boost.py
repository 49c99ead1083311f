"""Budgets, budget lines and expenses: approved and executed spending of 98 states, 2006-2022.

Source: World Bank, BOOST Open Budgets, as collected by the World Bank's Data Science Shop
(repository WB-PIDA-Data-Science-Shop/pigographs). Licence CC BY 4.0 (repository: MIT).

Decisions
- Totals are nested in the source (total expenditure, roads, wages in roads, basic wages in roads),
  so each country has up to four budgets, and no line of a budget contains another of it:
  'total' all spending of the state; 'sectors' education and health by type, roads and judiciary
  whole; 'types' roads and judiciary by type; 'parts' what wages, goods, capital and subsidies
  consist of. Subjects of one budget may be added; those of different budgets may not. The sectors
  are far less than the total: defence, welfare and all the rest are only in the total.
- All 18,444 source rows are budget lines, and each has one expense, also where nothing was spent
  (170 rows): executed / approved is the source's ratio to within 0.000001 of a percentage point.
- Amounts are whole thousandths of the currency unit; the largest is 4.5e17, inside 64 bits.
- The source says only 'local currency units', and several states changed theirs: the currency is
  'LCU-' and the country code, never to be added to another. Sector 'Toatal' is read as total.
- A fiscal year is entered as its calendar year, which is all the source gives: planned for twelve
  months from 1 January, spent on 31 December.
- Countries begin and end in different years (82 in 2019, 62 in 2022); each line that exists has
  both sides, so the feed is complete to the end of 2022.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from data_access.real import carried

COMPLETE_UNTIL = datetime(2022, 12, 31, 23, 59, 59, tzinfo=UTC)
_THOUSANDTHS = 1000  # money_scale 3

LEVELS = {
    "total": "total spending",
    "sectors": "by sector",
    "types": "roads and judiciary by type",
    "parts": "parts of wages, goods, capital and subsidies",
}
SUBJECTS = {
    "Toatal": "total",
    "Education": "education",
    "Health": "health",
    "Infrastructure": "infrastructure",
    "Justice": "justice",
}
_CONTENTS = {
    "total": ("Spending: Total Expenditures",),
    "sectors": (
        "Spending in wages in education",
        "Spending in Goods and services in education",
        "Spending: Capital expenditures in education",
        "Spending in wages in health",
        "Spending in Goods and services in health",
        "Spending: Capital expenditures in health",
        "Spending in roads",
        "Spending in judiciary",
    ),
    "types": (
        "Spending in wages in roads",
        "Spending in recurrent maintenance in roads",
        "Spending: Capital expenditures in roads",
        "Spending in subsidies in roads",
        "Spending in wages in judiciary",
    ),
    "parts": (
        "Spending in basic wages in education",
        "Spending in allowances in education",
        "Spending in Goods and services (basic services) in education",
        "Spending in Goods and services (employment contracts) in education",
        "Spending in basic wages in health",
        "Spending in allowances in health",
        "Spending in Goods and services (basic services) in health",
        "Spending in Goods and services (employment contracts) in health",
        "Spending in basic wages in roads",
        "Spending in allowances in roads",
        "Spending in capital maintenance in roads",
        "Spending in subsidies to firms in roads",
        "Spending in subsidies to individuals in roads",
        "Spending in basic wages in judiciary",
        "Spending in allowances in judiciary",
    ),
}
_LEVEL_OF = {line: level for level, lines in _CONTENTS.items() for line in lines}
_NUMBER_OF = {line: number for number, line in enumerate(_LEVEL_OF, start=1)}


def tables() -> dict[str, pl.DataFrame]:
    """Budgets (one per country and level), budget lines and expenses (18,444 each)."""
    rows = _rows()
    return {
        "budgets": rows.unique("budget_id")
        .select(
            "budget_id",
            pl.format("{}: {}", "country_name", pl.col("level").replace_strict(LEVELS)).alias(
                "name"
            ),
            "currency",
        )
        .sort("budget_id"),
        "budget_lines": rows.select(
            "line_id",
            "budget_id",
            subject=pl.col("sector").replace_strict(SUBJECTS),
            item="budget_line",
            period_start=pl.date("year", 1, 1),
            period_months=pl.lit(12, pl.Int32),
            planned=exact("approved_value"),
        ),
        "expenses": rows.select(
            expense_id="line_id",
            line_id="line_id",
            spent_on=pl.date("year", 12, 31),
            amount=exact("executed_value"),
        ),
    }


def _rows() -> pl.DataFrame:
    number = pl.col("budget_line").replace_strict(_NUMBER_OF, return_dtype=pl.Int64)
    return (
        carried.read("budget_execution")
        .with_columns(
            pl.col("year").cast(pl.Int32),
            level=pl.col("budget_line").replace_strict(_LEVEL_OF),
            currency=pl.format("LCU-{}", "country_code"),
        )
        .with_columns(
            budget_id=pl.format("{}-{}", "country_code", "level"),
            line_id=pl.format("{}-{}-{}", "country_code", "year", number),
        )
        .sort("country_code", "year", number)
    )


def exact(column: str) -> pl.Expr:
    """Whole thousandths; the whole units never pass through a float that cannot hold them."""
    units = pl.col(column).floor()
    rest = ((pl.col(column) - units) * _THOUSANDTHS).round().cast(pl.Int64)
    return units.cast(pl.Int64) * _THOUSANDTHS + rest
