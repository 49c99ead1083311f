"""Where customers are met, what is tried on them, and the occasions on which they are cared for."""

from __future__ import annotations

from data_access.contract.columns import (
    UPDATED_AT,
    Power,
    Scope,
    Table,
    day,
    flag,
    identifier,
    money,
    text,
    time,
)

CHANNELS = Table(
    "channels",
    "One touchpoint, planned or connected.",
    ("channel",),
    (
        identifier("channel", "As the other tables name it."),
        text("kind", "store, mall, social, hotline, app, community, message, …", optional=True),
        flag("planned", "Whether the programme wants it."),
        time("connected_at", "Since when its contacts are in the CRM; null if they are not."),
        flag("synced", "Whether its data arrive by themselves."),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.TOUCHPOINTS,),
)

ACTIVITY_DAYS = Table(
    "activity_days",
    "One customer's use of a channel of the company's own on one day.",
    ("customer_id", "active_on", "channel"),
    (
        identifier("customer_id", "The customer.", "customers"),
        day("active_on", "The day.", nullable=False),
        identifier("channel", "app, miniprogram, mall, community, …"),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.ACTIVITY,),
)

EXPERIMENTS = Table(
    "experiments",
    "One new way of contacting customers, tried on some of them.",
    ("experiment_id",),
    (
        identifier("experiment_id", "The experiment."),
        text("name", "Name on screen; untrusted text."),
        text("mode", "What was new: ai_script, location_push, co_creation, …", optional=True),
        time("started_at", "First customer assigned."),
        time("ended_at", "Last result counted; null while it runs.", not_before="started_at"),
        money("cost", "What it cost so far.", nullable=True, optional=True),
        flag("failed", "Given up; null until it is decided."),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.EXPERIMENTS,),
)

EXPERIMENT_MEMBERS = Table(
    "experiment_members",
    "One customer's part in an experiment.",
    ("member_id",),
    (
        identifier("member_id", "The membership."),
        identifier("experiment_id", "The experiment.", "experiments"),
        identifier("customer_id", "The customer.", "customers"),
        text("variant", "control, or the code of what was tried."),
        time("assigned_at", "When chance decided.", nullable=False),
        flag("engaged", "Answered, clicked or came."),
        flag("converted", "Ordered."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.EXPERIMENTS,),
    event_time="assigned_at",
)

CARE_EVENTS = Table(
    "care_events",
    "One occasion to think of a customer, done or missed.",
    ("care_id",),
    (
        identifier("care_id", "The occasion."),
        identifier("customer_id", "The customer.", "customers"),
        text("occasion", "birthday, holiday, purchase_anniversary, …"),
        day("due_on", "The day of the occasion; may lie ahead.", nullable=False),
        text("method", "sms, gift, call, …", optional=True),
        time("delivered_at", "When it reached the customer; null if not yet."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.CARE,),
)

ARTICLES = Table(
    "articles",
    "One article of the library of good practice.",
    ("article_id",),
    (
        identifier("article_id", "The article."),
        text("category", "Subject.", optional=True),
        time("published_at", "When; null while it is a draft."),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.KNOWLEDGE,),
)
