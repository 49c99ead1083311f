"""How the demo company controls its budget: versions, blocks, approvals, inquiries, checks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from data_access.demo.arrays import Ints, frame, ids
from data_access.demo.money import PLANNED_CNY
from data_access.demo.seasons import SHANGHAI, Seasons

BUDGET = "B1"
_FIXED = ("service_agents", "success_managers", "technical_support", "data_analysis")
_DAY_PRICE = {"service_agents": 400, "success_managers": 650, "technical_support": 700}  # CNY
_BLOCKS = {"technology": 0.35, "labour": 0.40, "marketing": 0.15, "reserve": 0.10}
# What the quarterly versions changed from their quarter on: version, first month, item, factor.
_VERSIONS = (
    (2, 4, (("marketing_automation", 1.10),)),
    (3, 7, (("marketing_automation", 1.18), ("data_analysis", 1.12), ("content", 0.9))),
    (4, 10, (("campaigns", 1.05), ("service_agents", 0.96))),
)
_NOTES = {
    "marketing_automation": "短信量超出套餐，按条计费",
    "content": "拍摄推迟到下一季度",
    "crm_upgrade": "许可证补差",
}
_CHECKS = (  # kind, months between, days late by turn (None: not held)
    ("finance_check", 1, (0, 0, 2, 0, 0, 0)),
    ("technology_check", 3, (0, 0, None, 0)),
    ("service_check", 6, (0, 9)),
    ("fund_report", 1, (0, 0, 0, 0, 3, 0, 0)),
)


def control_frames(
    rng: np.random.Generator, budgets: dict[str, pl.DataFrame], as_of: datetime
) -> dict[str, pl.DataFrame]:
    """The budget tables with the columns that control needs, and the tables of control.

    Args:
        rng: Draws nothing that the rows of the budget itself depend on.
        budgets: budgets, budget_lines and expenses.
        as_of: The present.
    """
    today = as_of.astimezone(SHANGHAI).date()
    lines = _with_quantities(budgets["budget_lines"])
    expenses = _with_approvals(rng, budgets["expenses"], lines)
    return {
        "budgets": budgets["budgets"],
        "budget_lines": lines,
        "expenses": expenses,
        "budget_blocks": _blocks(today.year),
        "budget_revisions": _revisions(lines, today),
        "earmarks": _earmarks(today.year),
        "investigations": _investigations(today),
        "budget_decisions": _decisions(today.year),
    }


def _with_quantities(lines: pl.DataFrame) -> pl.DataFrame:
    """Person-days of labour at a price a day; what is fixed; a note on the lines of June."""
    price = pl.col("item").replace_strict(_DAY_PRICE, default=None, return_dtype=pl.Int64) * 100
    note = pl.col("item").replace_strict(_NOTES, default=None, return_dtype=pl.String)
    june = pl.col("period_start").dt.month() == 6
    return lines.with_columns(
        fixed=pl.col("item").is_in(_FIXED),
        quantity=(pl.col("planned") / price).round().cast(pl.Int32),
        note=pl.when(june).then(note),
    ).select(lines.columns)


def _with_approvals(
    rng: np.random.Generator, expenses: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """Days bought at prices that rise slowly; technology approved by the committee, mostly."""
    known = lines.select("line_id", "subject", "item", "period_start")
    joined = expenses.join(known, on="line_id", how="left", maintain_order="left")
    price = pl.col("item").replace_strict(_DAY_PRICE, default=None, return_dtype=pl.Int64) * 100
    dear = pl.Series(rng.normal(1.02, 0.02, expenses.height))
    slip = pl.Series(rng.random(expenses.height) < 0.06)
    technology = pl.col("subject") == "technology"
    return joined.with_columns(
        quantity=(pl.col("amount") / (price * dear)).round().cast(pl.Int32),
        approved_by=pl.when(technology & ~slip)
        .then(pl.lit("committee"))
        .otherwise(pl.lit("operations_head")),
    ).select(expenses.columns)


def _blocks(this: int) -> pl.DataFrame:
    years = zip((this - 1, this), PLANNED_CNY, strict=True)
    rows = [
        (subject, date(year, 1, 1), round(total * share) * 100)
        for year, total in years
        for subject, share in _BLOCKS.items()
    ]
    return frame(
        "budget_blocks",
        {
            "block_id": ids("BB", np.arange(1, len(rows) + 1), 3),
            "budget_id": pl.repeat(BUDGET, len(rows), eager=True),
            "subject": [row[0] for row in rows],
            "period_start": [row[1] for row in rows],
            "period_months": pl.repeat(12, len(rows), eager=True),
            "approved": [row[2] for row in rows],
        },
    )


def _revisions(lines: pl.DataFrame, today: date) -> pl.DataFrame:
    """Each version changes some lines of this year from the first month of its quarter on."""
    changed = [
        lines.filter(
            pl.col("item") == item,
            pl.col("period_start") >= date(today.year, month, 1),
            pl.col("period_start") < date(today.year + 1, 1, 1),
        ).select(
            "line_id",
            version=pl.lit(number),
            approved_on=pl.lit(date(today.year, month, 1) - timedelta(days=9)),
            planned=(pl.col("planned") * factor / 100).round().cast(pl.Int64) * 100,
        )
        for number, month, items in _VERSIONS
        for item, factor in items
        if date(today.year, month, 1) <= today
    ]
    rows = pl.concat(changed) if changed else frame("budget_revisions", {})
    made = {"revision_id": ids("BV", np.arange(1, rows.height + 1), 4)}
    return frame("budget_revisions", {**made, **{name: rows[name] for name in rows.columns}})


def _earmarks(this: int) -> pl.DataFrame:
    rows = (
        ("competition", "marketing", this - 1, 40_000),
        ("competition", "marketing", this, 60_000),  # 13 % of marketing: below the 15 %
        ("innovation", "reserve", this - 1, 120_000),
        ("innovation", "reserve", this, 150_000),
    )
    return frame(
        "earmarks",
        {
            "earmark_id": ids("EM", np.arange(1, len(rows) + 1), 3),
            "budget_id": pl.repeat(BUDGET, len(rows), eager=True),
            "purpose": [row[0] for row in rows],
            "subject": [row[1] for row in rows],
            "set_on": [date(row[2], 1, 1) for row in rows],
            "amount": [row[3] * 100 for row in rows],
        },
    )


def _investigations(today: date) -> pl.DataFrame:
    ago = [today - timedelta(days=days) for days in (260, 96, 41)]
    return frame(
        "investigations",
        {
            "investigation_id": ids("IV", np.arange(1, 4), 3),
            "budget_id": [BUDGET] * 3,
            "subject": ["marketing", "technology", "labour"],
            "item": ["content", "marketing_automation", None],
            "about": ["spending", "spending", "return"],
            "opened_on": ago,
            "closed_on": [ago[0] + timedelta(days=24), None, None],
            "responsible": ["市场部", "财务部", "运营部"],
            "finding": ["供应商延期，费用后移", None, None],
        },
    )


def _decisions(this: int) -> pl.DataFrame:
    """Votes of finance, technology, marketing, service; one went against the weights."""
    rows: tuple[tuple[int, str, int, tuple[bool | None, ...], bool], ...] = (
        (1, "年度技术采购清单", 900_000, (True, True, True, True), True),
        (3, "营销自动化短信扩容", 60_000, (True, True, False, True), True),
        (6, "数据平台二期", 120_000, (False, True, True, False), True),
        (7, "外呼机器人并发", 48_000, (True, True, None, True), True),
        (9, "线下展会追加", 80_000, (False, False, True, True), False),
    )
    return frame(
        "budget_decisions",
        {
            "decision_id": ids("BD", np.arange(1, len(rows) + 1), 3),
            "budget_id": [BUDGET] * len(rows),
            "decided_on": [date(this, row[0], 16) for row in rows],
            "matter": [row[1] for row in rows],
            "amount": [row[2] * 100 for row in rows],
            **{
                name: [row[3][place] for row in rows]
                for place, name in enumerate(("finance", "technology", "marketing", "service"))
            },
            "approved": [row[4] for row in rows],
        },
    )


def check_frame(seasons: Seasons) -> pl.DataFrame:
    """The checks of the budget and the reports on the fund: more `governance_events`."""
    today = (seasons.origin + timedelta(days=seasons.end)).date()
    rows: list[tuple[str, date, date | None]] = []
    for kind, months, delays in _CHECKS:
        for turn in range(-(24 // months), 3 // months + 1):
            due = _month(today, turn * months).replace(day=12)
            late = delays[turn % len(delays)]
            held = None if late is None else due + timedelta(days=late)
            rows.append((kind, due, held if held is None or held <= today else None))
    numbers: Ints = np.arange(1, len(rows) + 1)
    return frame(
        "governance_events",
        {
            "event_id": ids("WF", numbers, 4),
            "kind": [row[0] for row in rows],
            "due_on": [row[1] for row in rows],
            "held_on": [row[2] for row in rows],
        },
    )


def _month(day: date, turn: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + turn, 12)
    return date(year, month + 1, 1)
