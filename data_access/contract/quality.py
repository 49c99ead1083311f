"""How well customers are served: passed on, checked, looked up, mended, and what it costs."""

from __future__ import annotations

from data_access.contract.columns import (
    CUSTOMER_ID,
    UPDATED_AT,
    Power,
    Scope,
    Table,
    day,
    flag,
    identifier,
    text,
    time,
)

HAND_OVERS = Table(
    "hand_overs",
    "One passing of a ticket from one channel to another.",
    ("hand_over_id",),
    (
        identifier("hand_over_id", "The hand-over."),
        identifier("ticket_id", "The ticket.", "tickets"),
        time("handed_at", "When it was passed on.", nullable=False),
        text("from_channel", "Channel it came from."),
        text("to_channel", "Channel it went to."),
        time("picked_up_at", "First answer there; null if none yet.", not_before="handed_at"),
        flag("history_carried", "Whether who took over had the history."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.CHANNEL_HAND_OVERS,),
    event_time="handed_at",
    parent="tickets",
)

RECTIFICATIONS = Table(
    "rectifications",
    "One entry of the ledger: what customers told us that has to be put right.",
    ("rectification_id",),
    (
        identifier("rectification_id", "The entry."),
        identifier("ticket_id", "Where it was told.", "tickets", nullable=True, optional=True),
        CUSTOMER_ID,
        text("problem", "What is wrong; untrusted text.", optional=True),
        text("department", "Who is responsible."),
        time("raised_at", "When it was entered.", nullable=False),
        time("analysed_at", "When the cause was known.", optional=True, not_before="raised_at"),
        day("due_on", "Deadline; may lie ahead."),
        text("criteria", "When it counts as mended; untrusted text."),
        time("done_at", "When the department said so.", optional=True, not_before="raised_at"),
        time("accepted_at", "When it met the criteria.", not_before="raised_at"),
        time(
            "informed_at",
            "When the customer was told.",
            optional=True,
            not_before="raised_at",
        ),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.RECTIFICATIONS,),
    event_time="raised_at",
)

QUALITY_CHECKS = Table(
    "quality_checks",
    "One check of service: a sampled recording or record, a call back, a mystery visit.",
    ("check_id",),
    (
        identifier("check_id", "The check."),
        text("kind", "recording, record, callback, closed_loop, mystery_visit, …"),
        time("checked_at", "When.", nullable=False),
        identifier("employee_id", "Whose work.", "employees", nullable=True, optional=True),
        flag("compliant", "Whether it kept to the rules."),
        flag("consistent", "Whether it kept to script and procedure."),
        text("problem", "What was wrong; untrusted text.", optional=True),
        text("cause", "Why; untrusted text.", optional=True),
        text("measure", "What is done about it; untrusted text.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.QUALITY_CHECKS,),
    event_time="checked_at",
)

KNOWLEDGE_QUERIES = Table(
    "knowledge_queries",
    "One look-up of an agent in the knowledge base.",
    ("query_id",),
    (
        identifier("query_id", "The look-up."),
        time("asked_at", "When.", nullable=False),
        identifier("ticket_id", "For which ticket.", "tickets", nullable=True, optional=True),
        flag("correct", "Whether the answer was right; null if nobody judged."),
        flag("pushed", "Whether the system offered it unasked."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.KNOWLEDGE_QUERIES,),
    event_time="asked_at",
)

TRAININGS = Table(
    "trainings",
    "One employee in one course.",
    ("training_id",),
    (
        identifier("training_id", "The attendance."),
        identifier("employee_id", "Who.", "employees"),
        text("course", "product_update, communication_skill, emergency_handling, …"),
        text("level", "frontline, specialist, management, …", optional=True),
        time("held_at", "When.", nullable=False),
        flag("passed", "Passed; null where nothing is examined."),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.TRAINING,),
    event_time="held_at",
)
