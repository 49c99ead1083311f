"""Campaigns: the plan, its tasks and targets, who was a target, and the daily log."""

from __future__ import annotations

from data_access.contract.columns import (
    CUSTOMER_ID,
    UPDATED_AT,
    Power,
    Scope,
    Table,
    count,
    day,
    flag,
    identifier,
    money,
    score,
    text,
    time,
)

_PLAN = Power.CAMPAIGN_PLANS

CAMPAIGNS = Table(
    "campaigns",
    "One campaign.",
    ("campaign_id",),
    (
        identifier("campaign_id", "The campaign."),
        text("name", "Name on screen; untrusted text."),
        text("scenario", "reactivation, repair, retention, brand.", optional=True),
        text("channel", "Main channel.", Power.BY_CHANNEL, optional=True),
        time("starts_at", "First contact planned."),
        time("ends_at", "Last contact planned.", not_before="starts_at"),
        text("objective", "What it is to reach, in words.", _PLAN, optional=True),
        text("target_group", "Whom it is for, in words.", _PLAN, optional=True),
        count("planned_reach", "Customers it is planned for.", 0, None, _PLAN, optional=True),
        text("lead_department", "Who leads it.", _PLAN, optional=True),
        text("supporting_departments", "Who works with it.", _PLAN, optional=True),
        text("resources", "People, material and tools it needs.", _PLAN, optional=True),
        money("budget", "What it may cost.", Power.CAMPAIGN_COST, nullable=True, optional=True),
        money("spent", "What it has cost.", Power.CAMPAIGN_COST, nullable=True, optional=True),
        time("reviewed_at", "When its review was held.", _PLAN, optional=True),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.CAMPAIGNS,),
)

CAMPAIGN_MEMBERS = Table(
    "campaign_members",
    "One target of a campaign, or one member of its control group.",
    ("member_id",),
    (
        identifier("member_id", "The membership."),
        identifier("campaign_id", "The campaign.", "campaigns"),
        CUSTOMER_ID,
        time("contacted_at", "First contact; null if not reached."),
        flag("is_control", "True if held out for comparison."),
        flag("participated", "Took part."),
        flag("converted", "Did what the campaign asked for."),
        time("participated_at", "When they first took part.", Power.CAMPAIGN_COURSE, optional=True),
        text(
            "form",
            "What they were invited to: challenge, live_class, live_qa, lucky_draw, community, "
            "salon, visit, exhibition, experience, product_launch, member_event, discount, …",
            Power.CAMPAIGN_FORMS,
            optional=True,
        ),
        text(
            "channels",
            "The channels that reached them before they took part: phone+community.",
            Power.CAMPAIGN_FORMS,
            optional=True,
        ),
        score("satisfaction", "Answer to the survey after the campaign.", 1, 5, Power.CSAT),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.CAMPAIGNS,),
    event_time="contacted_at",
)

CAMPAIGN_TASKS = Table(
    "campaign_tasks",
    "One task of a campaign's plan.",
    ("task_id",),
    (
        identifier("task_id", "The task."),
        identifier("campaign_id", "The campaign.", "campaigns"),
        text("phase", "preparation, execution, follow_up."),
        text("name", "What is to be done; untrusted text."),
        text("owner", "Who does it, a person or a post; null if nobody.", optional=True),
        day("planned_start_on", "First day by the plan; may lie ahead."),
        day("planned_end_on", "Last day by the plan; may lie ahead."),
        day("started_on", "Day on which it was begun; null if not yet.", optional=True),
        day("ended_on", "Day on which it was done; null if not yet."),
        text("criteria", "When it counts as done.", optional=True),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(_PLAN,),
)

CAMPAIGN_GOALS = Table(
    "campaign_goals",
    "One row of a campaign's evaluation: a target, and what was written down about it.",
    ("campaign_id", "measure"),
    (
        identifier("campaign_id", "The campaign.", "campaigns"),
        identifier("measure", "participation, repurchase, satisfaction, cost, conversion."),
        text("target", "As the plan writes it: 70%, 4.5, 50."),
        text("reported", "The result as the company wrote it down, likewise.", optional=True),
        text("analysis", "Why, and what to do better; untrusted text.", optional=True),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(_PLAN,),
)

CAMPAIGN_DAYS = Table(
    "campaign_days",
    "The log of one day of a campaign.",
    ("campaign_id", "tracked_on"),
    (
        identifier("campaign_id", "The campaign.", "campaigns"),
        day("tracked_on", "The day.", nullable=False),
        count("community_members", "Customers in its groups.", 0, optional=True),
        count("community_active", "Of these, who checked in or wrote.", 0, optional=True),
        count("calls", "Invitations by phone that were tried.", 0, optional=True),
        count("calls_connected", "Of these, that were answered.", 0, optional=True),
        text("adjustment", "What was changed on that day; null if nothing.", optional=True),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.CAMPAIGN_COURSE,),
)
