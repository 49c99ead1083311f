"""How good the customer files are, and what is done to keep them good and safe."""

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
    text,
    time,
)

IDENTITIES = Table(
    "identities",
    "One account on a channel, and whose it is if that is known.",
    ("identity_id",),
    (
        identifier("identity_id", "The account."),
        identifier("customer_id", "Whose it is; null if unknown.", "customers", nullable=True),
        text("channel", "Where."),
        time("seen_at", "First seen.", nullable=False),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.CONNECTIVITY,),
    event_time="seen_at",
)

PROFILE_AUDITS = Table(
    "profile_audits",
    "One entry of a customer's file that somebody checked.",
    ("audit_id",),
    (
        identifier("audit_id", "The check."),
        identifier("customer_id", "The customer.", "customers"),
        time("audited_at", "When.", nullable=False),
        text("block", "basic, transaction, preference, profile (what was inferred)."),
        text("entry", "What was checked.", optional=True),
        flag("accurate", "Whether it was right."),
        flag("consistent", "Whether all departments had the same."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.AUDITS,),
    event_time="audited_at",
)

SYNC_RUNS = Table(
    "sync_runs",
    "One run that brought data into the CRM or cleaned them.",
    ("run_id",),
    (
        identifier("run_id", "The run."),
        text("kind", "sync, consolidation, cleansing."),
        text("channel", "From where.", optional=True),
        time("started_at", "When it began.", nullable=False),
        time("finished_at", "When it ended; null if it did not.", not_before="started_at"),
        count("records_in", "Rows it read.", 0, optional=True),
        count("records_rejected", "Rows it refused.", 0, optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.SYNC_RUNS,),
    event_time="started_at",
)

GOVERNANCE_EVENTS = Table(
    "governance_events",
    "One review, audit, drill or meeting that is due, held or not.",
    ("event_id",),
    (
        identifier("event_id", "The event."),
        text("kind", "privacy_audit, backup_check, innovation_day, customer_committee, …"),
        day("due_on", "By when; may lie ahead.", nullable=False),
        day("held_on", "When it was held; null if not yet."),
        text("finding", "What came of it; untrusted text.", optional=True),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.GOVERNANCE,),
)

INCIDENTS = Table(
    "incidents",
    "One outage, breach or slump of quality.",
    ("incident_id",),
    (
        identifier("incident_id", "The incident."),
        text("kind", "outage, breach, quality (of the service), …"),
        time("started_at", "When it began.", nullable=False),
        time("ended_at", "When it was over.", not_before="started_at"),
        time("notified_at", "When those concerned were told.", not_before="started_at"),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.INCIDENTS,),
    event_time="started_at",
)

ASSESSMENTS = Table(
    "assessments",
    "What somebody outside says of the company, compared with others.",
    ("assessment_id",),
    (
        identifier("assessment_id", "The assessment."),
        text("subject", "crm_capability, …"),
        day("assessed_on", "The day it is of.", nullable=False),
        count("rank_percent", "Its place: 20 is the end of the best fifth.", 0, 100),
        UPDATED_AT,
    ),
    Scope.COMPANY,
    powers=(Power.ASSESSMENTS,),
)
