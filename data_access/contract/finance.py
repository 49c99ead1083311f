"""How a budget is controlled, what its money brings, and what serving customers costs."""

from __future__ import annotations

from data_access.contract.columns import (
    UPDATED_AT,
    Power,
    Scope,
    Table,
    count,
    day,
    flag,
    identifier,
    money,
    one_of,
    text,
)

BUDGET_BLOCKS = Table(
    "budget_blocks",
    "What was approved for one subject of a budget, before it was split into lines.",
    ("block_id",),
    (
        identifier("block_id", "The block."),
        identifier("budget_id", "The budget.", "budgets"),
        text("subject", "As the lines name it."),
        day("period_start", "First day of the period it was approved for.", nullable=False),
        count("period_months", "Its length.", 1, 120),
        money("approved", "Approved amount."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET_CONTROL,),
)

BUDGET_REVISIONS = Table(
    "budget_revisions",
    "The plan of one line as a later version of the budget has it; lines not named stay.",
    ("revision_id",),
    (
        identifier("revision_id", "The change."),
        identifier("line_id", "The line.", "budget_lines"),
        count("version", "2 for the first version after the original, 3 for the next, …", 2, 999),
        day("approved_on", "When the version was approved.", nullable=False),
        money("planned", "Amount of the line from this version on."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET_CONTROL,),
)

EARMARKS = Table(
    "earmarks",
    "Money set apart within a budget year; part of its lines, not added to them.",
    ("earmark_id",),
    (
        identifier("earmark_id", "The sum set apart."),
        identifier("budget_id", "The budget.", "budgets"),
        text("purpose", "competition, innovation, …"),
        text("subject", "The subject that pays it.", optional=True),
        day("set_on", "A day of the budget year that it is for.", nullable=False),
        money("amount", "How much."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET_CONTROL,),
)

INVESTIGATIONS = Table(
    "investigations",
    "One inquiry into why spending or return is far from what was expected.",
    ("investigation_id",),
    (
        identifier("investigation_id", "The inquiry."),
        identifier("budget_id", "The budget.", "budgets"),
        text("subject", "What it is about."),
        text("item", "The line within the subject; null for all of it.", optional=True),
        one_of("about", "Spending against plan, or return against what was aimed at.",
               "spending", "return"),
        day("opened_on", "When it began.", nullable=False),
        day("closed_on", "When it ended; null while it runs."),
        text("responsible", "Department or person in charge.", optional=True),
        text("finding", "What it found; untrusted text.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET_CONTROL,),
)  # fmt: skip

BUDGET_DECISIONS = Table(
    "budget_decisions",
    "One decision of the budget committee, with how its members voted.",
    ("decision_id",),
    (
        identifier("decision_id", "The decision."),
        identifier("budget_id", "The budget.", "budgets"),
        day("decided_on", "When.", nullable=False),
        text("matter", "About what; untrusted text.", optional=True),
        money("amount", "How much was asked for.", nullable=True),
        flag("finance", "Whether finance agreed; null: no vote."),
        flag("technology", "Technology."),
        flag("marketing", "Marketing."),
        flag("service", "Service."),
        flag("approved", "How it was decided."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.BUDGET_CONTROL,),
)

BENEFITS = Table(
    "benefits",
    "What one subject of a budget brought in one month, by the company's own account.",
    ("benefit_id",),
    (
        identifier("benefit_id", "The record."),
        identifier("budget_id", "The budget.", "budgets"),
        text("subject", "The subject whose money brought it."),
        day("earned_on", "A day of the month.", nullable=False),
        money("amount", "Additional gross profit, or cost saved."),
        text("driver", "conversion, repurchase, campaign_orders, saved_cost, …", optional=True),
        text("method", "How it was found; untrusted text.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.RETURNS,),
)

INSURANCE_POLICIES = Table(
    "insurance_policies",
    "One risk of the programme, and the insurance against it if there is any.",
    ("policy_id",),
    (
        identifier("policy_id", "The risk."),
        text("risk", "general_liability, it_liability, …"),
        day("starts_on", "First day of the cover, or of the appraisal.", nullable=False),
        day("ends_on", "Last day; null: open."),
        money("insured", "Amount insured; null if it is not.", nullable=True, optional=True),
        money("premium", "For a year.", nullable=True, optional=True),
        count("probability", "Of the loss within a year, in per cent (P).", 0, 100, optional=True),
        money("loss", "What it would cost (L).", nullable=True, optional=True),
        money("retained_cost", "What bearing it oneself costs (C).", nullable=True, optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.INSURANCE,),
)

SERVICE_COSTS = Table(
    "service_costs",
    "What serving customers cost in one month, by people or by bots.",
    ("cost_id",),
    (
        identifier("cost_id", "The record."),
        day("month", "A day of the month.", nullable=False),
        one_of("handled_by", "Who served.", "human", "bot"),
        text("department", "Whose cost it is.", optional=True),
        money("labour", "Wages."),
        money("other", "Platforms, outsourcing, telephone.", nullable=True, optional=True),
        count("contacts", "Contacts handled.", 0, optional=True),
        money(
            "value_added",
            "Revenue of value-added services in the month.",
            nullable=True,
            optional=True,
        ),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.SERVICE_COSTS,),
)

TABLES = (
    *(BUDGET_BLOCKS, BUDGET_REVISIONS, EARMARKS, INVESTIGATIONS, BUDGET_DECISIONS),
    *(BENEFITS, INSURANCE_POLICIES, SERVICE_COSTS),
)
