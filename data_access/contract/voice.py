"""What customers say: answers to surveys, feedback of their own accord, needs that were found."""

from __future__ import annotations

from data_access.contract.columns import (
    CUSTOMER_ID,
    UPDATED_AT,
    Column,
    Power,
    Scope,
    Table,
    flag,
    identifier,
    score,
    text,
    time,
)


def _scores(power: Power, **asked: str) -> tuple[Column, ...]:
    """One column for each thing that a survey asks to be rated, 1 to 5."""
    return tuple(score(name, doc, 1, 5, power) for name, doc in asked.items())


SURVEY_RESPONSES = Table(
    "survey_responses",
    "One invitation to a survey, answered or not.",
    ("response_id",),
    (
        identifier("response_id", "The invitation."),
        CUSTOMER_ID,
        text("survey", "Survey or wave.", optional=True),
        text("channel", "Where it was asked.", Power.BY_CHANNEL, optional=True),
        time(
            "invited_at",
            "When it was sent; null where only answers are recorded.",
            Power.RESPONSE_RATE,
            optional=True,
        ),
        time("answered_at", "When it was answered; null if not.", not_before="invited_at"),
        score("nps", "Likelihood to recommend.", 0, 10, Power.NPS),
        score("csat", "Satisfaction.", 1, 5, Power.CSAT),
        text("comment", "Free text; untrusted.", Power.COMMENTS, optional=True),
        text("scenario", "shopping, after_sales, complaint, …", Power.SCENARIOS, optional=True),
        *_scores(
            Power.SERVQUAL,
            tangibles="SERVQUAL: premises, equipment, appearance.",
            reliability="SERVQUAL: does what was promised.",
            responsiveness="SERVQUAL: helps promptly.",
            assurance="SERVQUAL: knows its trade, inspires trust.",
            empathy="SERVQUAL: cares for the single customer.",
        ),
        *_scores(
            Power.ASPECTS,
            product="Satisfaction with the product.",
            service="Satisfaction with the service.",
            communication="Satisfaction with the communication.",
        ),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.VOICE,),
    event_time="invited_at",
)

FEEDBACK = Table(
    "feedback",
    "One thing that a customer told the company, wherever they said it.",
    ("feedback_id",),
    (
        identifier("feedback_id", "The feedback."),
        CUSTOMER_ID,
        text("source", "after_sales_survey, app, hotline, interview, suggestion_box, social, …"),
        text("kind", "product_issue, service_dissatisfaction, need_suggestion.", optional=True),
        text("grade", "general, complex, major.", optional=True),
        time("created_at", "When it came in.", nullable=False),
        flag("valid", "Of a suggestion: whether it is one that can be acted on."),
        time("adopted_at", "When a suggestion was taken up; null if not.", not_before="created_at"),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.FEEDBACK,),
    event_time="created_at",
)

NEEDS = Table(
    "needs",
    "One need of a customer that somebody, or a model, thought to have found.",
    ("need_id",),
    (
        identifier("need_id", "The finding."),
        identifier("customer_id", "The customer.", "customers"),
        text("need", "What they were thought to need."),
        text("source", "order_history, survey, interview, sales_feedback.", optional=True),
        time("identified_at", "When.", nullable=False),
        text("confirmed_need", "What it turned out to be; null until it is known.", optional=True),
        time("confirmed_at", "When that was known.", not_before="identified_at"),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.NEEDS,),
    event_time="identified_at",
)
