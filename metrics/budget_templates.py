"""Budgets of the plans that a company can start from, spread over months and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from metrics.budget_phasing import seasonal, spread
from metrics.calendar import shift_months
from metrics.rules import load

_YEAR = 12


class Phasing(StrEnum):
    """How a template is spread over its months."""

    LINEAR = "linear"
    SEASONAL = "seasonal"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a template, in whole units of money."""

    subject: str
    item: str
    planned: int
    quantity: int | None
    unit_price: int | None


@dataclass(frozen=True, slots=True)
class Template:
    """One budget of a plan.

    Attributes:
        source: The plan and its section.
        months: How long it runs.
        blocks: Approved amount of each subject, in whole units.
        lines: What the plan says the blocks are spent on; need not add up to them.
    """

    code: str
    source: str
    months: int
    blocks: Mapping[str, int]
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """The whole budget: its blocks."""
        return sum(self.blocks.values())


def templates() -> dict[str, Template]:
    """The templates of `budget_templates.toml` by code."""
    return {code: _template(code, entry) for code, entry in load("budget_templates").items()}


def _template(code: str, entry: Mapping[str, Any]) -> Template:
    lines = tuple(_line(line) for line in entry["lines"])
    source = f"{entry['plan']} {entry['section']}"
    return Template(code, source, entry["months"], entry["blocks"], lines)


def _line(entry: Mapping[str, Any]) -> Line:
    quantity, price = entry.get("quantity"), entry.get("unit_price")
    planned = entry["planned"] if quantity is None else quantity * entry["unit_price"]
    return Line(entry["subject"], entry["item"], planned, quantity, price)


def summed(template: Template) -> pl.DataFrame:
    """Each subject of a template as approved and as its lines add up, for `block_check`.

    Returns:
        One row per subject, in the order of the plan: subject, approved, planned (whole units).
    """
    planned = dict.fromkeys(template.blocks, 0)
    for line in template.lines:
        planned[line.subject] = planned.get(line.subject, 0) + line.planned
    return pl.DataFrame(
        {
            "subject": list(planned),
            "approved": [template.blocks.get(subject, 0) for subject in planned],
            "planned": list(planned.values()),
        },
        schema={"subject": pl.String, "approved": pl.Int64, "planned": pl.Int64},
    )


def lines_of(
    template: Template, first: date, phasing: Phasing, *, money_scale: int
) -> pl.DataFrame:
    """A template as rows of the contract table budget_lines, one per line and month.

    Args:
        template: The template.
        first: First day of its first month.
        phasing: How the lines are spread; by plan what the plan says of a subject, else evenly.
        money_scale: Amounts are in 10**-money_scale of a unit.

    Returns:
        subject, item, period_start, period_months (1), planned (minor units), quantity (null: not
        told); the months of a line add up to it exactly, likewise its quantities.
    """
    months = [shift_months(first, n) for n in range(template.months)]
    rows: list[tuple[str, str, date, int, int, int | None]] = []
    for line in template.lines:
        weights = _weights(phasing, line.subject, months)
        amounts = spread(line.planned * 10**money_scale, weights)
        bought = [None] * len(months) if line.quantity is None else spread(line.quantity, weights)
        rows += [
            (line.subject, line.item, month, 1, amount, units)
            for month, amount, units in zip(months, amounts, bought, strict=True)
        ]
    schema = {
        "subject": pl.String,
        "item": pl.String,
        "period_start": pl.Date,
        "period_months": pl.Int32,
        "planned": pl.Int64,
        "quantity": pl.Int32,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _weights(phasing: Phasing, subject: str, months: list[date]) -> list[int]:
    rules: dict[str, Any] = load("budget")["phasing"]
    if phasing is Phasing.SEASONAL:
        return [seasonal()[month.month - 1] for month in months]
    planned = rules["plan"].get(subject) if phasing is Phasing.PLAN else None
    if planned is None or len(planned) != len(months):
        return [1] * len(months)
    return planned
