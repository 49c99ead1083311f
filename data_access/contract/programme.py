"""The programme that the plans ask for: tasks, risks, drills and suppliers."""

from __future__ import annotations

from data_access.contract.columns import (
    UPDATED_AT,
    Power,
    Scope,
    Table,
    count,
    day,
    identifier,
    money,
    text,
)

PROGRAMME_TASKS = Table(
    "programme_tasks",
    "One task or milestone of the programme.",
    ("task_id",),
    (
        identifier("task_id", "The task."),
        text("phase", "preparation, build, roll_out, optimisation, …"),
        text("name", "What is to be done; untrusted text."),
        text("milestone", "The milestone of the plans that it is, team, go_live, …", optional=True),
        text("owner", "Who does it, a person or a post; null if nobody.", optional=True),
        day("planned_start_on", "First day by the plan; may lie ahead.", nullable=False),
        day("planned_end_on", "Last day by the plan; may lie ahead.", nullable=False),
        day("started_on", "Day on which it was begun; null if not yet.", optional=True),
        day("ended_on", "Day on which it was done; null if not yet."),
        count("reached", "How many, where the plan asks for so many: people.", 0, optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.PROGRAMME,),
)

RISKS = Table(
    "risks",
    "One risk of the programme, as the register appraises it.",
    ("risk_id",),
    (
        identifier("risk_id", "The risk."),
        text("risk_class", "technology, operations, market, finance."),
        text("name", "What may happen; untrusted text."),
        text("code", "The risk of the plans that it is, outage, breach, …", optional=True),
        count("probability", "Of the loss within a year, in per cent (P).", 0, 100, optional=True),
        money("loss", "What it would cost (L).", nullable=True),
        money("measure_cost", "What protection costs a year (C).", nullable=True, optional=True),
        text("response", "avoid, reduce, transfer, accept.", optional=True),
        text("measure", "What is done against it; null: nothing. Untrusted text.", optional=True),
        text("owner", "Who watches it, a person or a post; null if nobody.", optional=True),
        day("reviewed_on", "When it was last appraised; null if never."),
        day("closed_on", "When it ceased to be one; null while it is.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.RISKS,),
)

DRILLS = Table(
    "drills",
    "One emergency drill and what it showed.",
    ("drill_id",),
    (
        identifier("drill_id", "The drill."),
        text("scenario", "outage, breach, service_quality, …"),
        day("held_on", "When.", nullable=False),
        count("recovery_minutes", "Until the stand-in worked.", 0, optional=True),
        count("notice_hours", "Until those concerned would have been told.", 0, optional=True),
        count("satisfaction", "Satisfied customers after it, in per cent.", 0, 100, optional=True),
        text("finding", "What went wrong; null: nothing. Untrusted text.", optional=True),
        day("solved_on", "When that was mended; null if not yet.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.DRILLS,),
)

SUPPLIER_SCORES = Table(
    "supplier_scores",
    "One appraisal of one supplier, usually once a year; points from 0 to 100, more is better.",
    ("score_id",),
    (
        identifier("score_id", "The appraisal."),
        text("supplier", "Name of the supplier; untrusted text."),
        text("service", "What they do for the company; untrusted text.", optional=True),
        day("scored_on", "When.", nullable=False),
        count("capability", "What they can do.", 0, 100, optional=True),
        count("performance", "What they have done.", 0, 100, optional=True),
        count("risk", "How safe it is to rely on them.", 0, 100, optional=True),
        day("replaced_on", "When the company left them; null while it works with them."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.SUPPLIERS,),
)
