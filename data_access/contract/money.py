"""Budgets and what was spent of them."""

from __future__ import annotations

import polars as pl

from data_access.contract.columns import (
    CURRENCY,
    MOST_OF_A_STATE,
    UPDATED_AT,
    Column,
    Power,
    Scope,
    Table,
    count,
    flag,
    identifier,
    money,
    text,
)

BUDGETS = Table(
    "budgets",
    "One approved budget.",
    ("budget_id",),
    (
        identifier("budget_id", "The budget."),
        text("name", "Name on screen."),
        CURRENCY,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET,),
)

BUDGET_LINES = Table(
    "budget_lines",
    "Planned amount of one subject of a budget in one month (or year, on its first month).",
    ("line_id",),
    (
        identifier("line_id", "The line."),
        identifier("budget_id", "The budget.", "budgets"),
        text("subject", "Block: technology, labour, marketing, reserve, …"),
        text("item", "Line within the subject.", optional=True),
        flag("fixed", "Spent every month whatever happens; null: not known.", Power.FIXED_COST),
        Column("period_start", pl.Date(), "First day of the planned period.", nullable=False),
        count("period_months", "1 for a month, 12 for a year.", 1, 120),
        text(
            "phasing",
            "How a line of several months is spread: seasonal, else evenly.",
            optional=True,
        ),
        money("planned", "Approved amount.", limit=MOST_OF_A_STATE),
        count(
            "quantity",
            "Units planned, of one kind within a subject: person-days, pieces.",
            0,
            None,
            Power.QUANTITIES,
            optional=True,
        ),
        text("note", "Why it deviates; untrusted text.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET,),
)

EXPENSES = Table(
    "expenses",
    "Money spent against a budget line.",
    ("expense_id",),
    (
        identifier("expense_id", "The expense."),
        identifier("line_id", "The budget line.", "budget_lines"),
        Column("spent_on", pl.Date(), "Booking day.", nullable=False),
        money("amount", "Amount spent; negative for a refund.", limit=MOST_OF_A_STATE),
        text("description", "What for; untrusted text.", optional=True),
        count("quantity", "Units bought.", None, None, Power.QUANTITIES, optional=True),
        text("approved_by", "Level that approved it.", Power.APPROVALS, optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.ACTUALS,),
)
