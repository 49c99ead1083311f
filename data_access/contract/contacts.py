"""What passes between the company and its customers: contacts and tickets."""

from __future__ import annotations

from data_access.contract.columns import (
    CUSTOMER_ID,
    UPDATED_AT,
    Power,
    Scope,
    Table,
    count,
    flag,
    identifier,
    money,
    one_of,
    text,
    time,
)

INTERACTIONS = Table(
    "interactions",
    "One contact with a customer on any channel.",
    ("interaction_id",),
    (
        identifier("interaction_id", "The contact."),
        CUSTOMER_ID,
        time("occurred_at", "When it took place.", nullable=False),
        one_of("direction", "Who started it.", "outbound", "inbound"),
        text("channel", "phone, wechat, email, sms, app, visit, …"),
        text("purpose", "care, follow_up, offer, survey, …", optional=True),
        flag("responded", "Whether the customer answered an outbound contact; null if unknown."),
        identifier("employee_id", "Who made it.", "employees", nullable=True, optional=True),
        text(
            "content",
            "What it offered: exclusive_offer, industry_report, booking, product_advice, points, "
            "guide, first_offer, reminder, tips, gift, new_product, thanks, …",
            Power.CONTENT_FIT,
            optional=True,
        ),
        text(
            "positioning",
            "exclusive_service, customisation, need_fulfilment, incentive, basic_service, "
            "conversion.",
            Power.CONTENT_FIT,
            optional=True,
        ),
        flag("personalised", "Made for this customer.", Power.PERSONALISATION),
        flag(
            "standard_met",
            "Whether it kept to the communication standard; null if not inspected.",
            Power.CONTACT_STANDARD,
        ),
        flag("delivered", "Reached the customer's device.", Power.REACH),
        flag("opened", "Was opened, of a text message its link.", Power.REACH),
        flag("clicked", "A link in it was followed.", Power.REACH),
        flag("converted", "Led to an order, by the CRM's own account.", Power.CONTACT_RESULT),
        money("cost", "What it cost.", Power.CONTACT_COST, nullable=True, optional=True),
        count("talk_seconds", "Length of a call.", 0, 86_400, Power.TALK_TIME, optional=True),
        text("script", "Category of the script that was used.", Power.SCRIPTS, optional=True),
        text(
            "rule",
            "The rule that asked for it; null if a person did.",
            Power.AUTOMATION,
            optional=True,
        ),
        flag("answered", "Whether a call of the customer's was answered.", Power.CALLS),
        count(
            "waited_seconds",
            "How long the customer waited, until answered or gone.",
            0,
            86_400,
            Power.CALLS,
            optional=True,
        ),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.ENGAGEMENT,),
    event_time="occurred_at",
)

TICKETS = Table(
    "tickets",
    "One request of a customer: inquiry, complaint, after-sales case or feedback.",
    ("ticket_id",),
    (
        identifier("ticket_id", "The ticket."),
        CUSTOMER_ID,
        one_of(
            "kind",
            "What it is; feedback has its own promises.",
            "inquiry",
            "complaint",
            "after_sales",
            "feedback",
        ),
        text(
            "grade",
            "feedback: general, complex, major; others: urgent, general, consultation; "
            "any other text is the source's own and has no promise.",
        ),
        text("channel", "phone, email, social, chat, app, …"),
        text("category", "Subject area.", optional=True),
        text(
            "desk",
            "Who handles it, where desks have hours of their own (rules/sla.toml).",
            optional=True,
        ),
        time("created_at", "When the customer asked.", nullable=False),
        time(
            "first_response_at",
            "First answer by a person.",
            Power.FIRST_RESPONSE,
            optional=True,
            not_before="created_at",
        ),
        time(
            "routed_at",
            "When it reached the department that solves it.",
            Power.ROUTING,
            optional=True,
            not_before="created_at",
        ),
        time(
            "resolved_at",
            "Last time a solution was given.",
            Power.RESOLUTION,
            optional=True,
            not_before="created_at",
        ),
        time("closed_at", "No longer reopenable.", optional=True, not_before="created_at"),
        count("reopened", "Times reopened.", 0, optional=True),
        flag(
            "source_sla_met",
            "The source's own verdict, reconciled with ours.",
            Power.RECONCILIATION,
        ),
        identifier("agent_id", "Who handles it.", "employees", nullable=True, optional=True),
        text(
            "bot",
            "solved (by a bot alone), handed_over (a person went on), none.",
            Power.BOT,
            optional=True,
        ),
        flag(
            "first_contact",
            "Solved in the first contact, by the agent's mark.",
            Power.FIRST_CONTACT,
        ),
        text(
            "cause",
            "Why it came to it: communication, product, delivery, process, price, …",
            Power.COMPLAINT_CAUSES,
            optional=True,
        ),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.SERVICE,),
    event_time="created_at",
)

TICKET_EVENTS = Table(
    "ticket_events",
    "One change of state of a ticket.",
    ("ticket_id", "event_number"),
    (
        identifier("ticket_id", "The ticket.", "tickets"),
        count("event_number", "From 1 within the ticket."),
        time("occurred_at", "When it changed.", nullable=False),
        text(
            "status",
            "State after the change; rules/sla.toml says which of them wait or are solved.",
        ),
        text(
            "grade",
            "Grade after the change, of the first event that at creation; null if unchanged.",
            Power.GRADE_CHANGES,
            optional=True,
        ),
        text("handled_by", "Group or person after the change.", Power.HAND_OFFS, optional=True),
    ),
    Scope.CUSTOMER,
    powers=(Power.HAND_OFFS,),
    event_time="occurred_at",
    parent="tickets",
)
