"""The contract tables: what Stayline reads of a CRM, whatever the CRM calls it.

A table or column is here only if a metric reads it. Ids are text. Times are UTC. Money is an
exact integer in 10**-money_scale of a currency unit (fen by default), never a float. Only
`customers` and `orders` are required; the absence of any other table or optional column
switches off exactly the figures that need it (`powers`), and each of them says so. A column
that is neither required to be filled nor optional must exist, though it may be null.

Rows of `order_lines` and `ticket_events` inherit their parent's `customer_id` at the door, so
that a customer's rows are found, and guarded, in one way.
"""

from __future__ import annotations

from data_access.contract import (
    campaigns,
    contacts,
    engagement,
    finance,
    loyalty,
    money,
    programme,
    quality,
    sales,
    trust,
    voice,
)
from data_access.contract.columns import EARLIEST, LATEST, TIME, Column, Power, Scope, Table

__all__ = ["EARLIEST", "LATEST", "TABLES", "TIME", "Column", "Power", "Scope", "Table"]

TABLES: dict[str, Table] = {  # a table comes after the tables its rows refer to
    table.name: table
    for table in (
        sales.FEEDS,
        sales.EMPLOYEES,
        sales.CUSTOMERS,
        sales.ORDERS,
        sales.PRODUCTS,
        sales.ORDER_LINES,
        sales.CONTRACTS,
        sales.TIER_RECORDS,
        engagement.CHANNELS,
        contacts.INTERACTIONS,
        contacts.TICKETS,
        contacts.TICKET_EVENTS,
        voice.SURVEY_RESPONSES,
        campaigns.CAMPAIGNS,
        campaigns.CAMPAIGN_MEMBERS,
        campaigns.CAMPAIGN_TASKS,
        campaigns.CAMPAIGN_GOALS,
        campaigns.CAMPAIGN_DAYS,
        money.BUDGETS,
        money.BUDGET_LINES,
        money.EXPENSES,
        *finance.TABLES,
        engagement.ACTIVITY_DAYS,
        engagement.EXPERIMENTS,
        engagement.EXPERIMENT_MEMBERS,
        engagement.CARE_EVENTS,
        engagement.ARTICLES,
        loyalty.LOYALTY_ACCOUNTS,
        loyalty.LOYALTY_TRANSACTIONS,
        loyalty.COUPONS,
        loyalty.REFERRALS,
        loyalty.REVIEWS,
        trust.IDENTITIES,
        trust.PROFILE_AUDITS,
        trust.SYNC_RUNS,
        trust.GOVERNANCE_EVENTS,
        trust.INCIDENTS,
        quality.HAND_OVERS,
        quality.RECTIFICATIONS,
        quality.QUALITY_CHECKS,
        quality.KNOWLEDGE_QUERIES,
        quality.TRAININGS,
        trust.ASSESSMENTS,
        programme.PROGRAMME_TASKS,
        programme.RISKS,
        programme.DRILLS,
        programme.SUPPLIER_SCORES,
        voice.FEEDBACK,
        voice.NEEDS,
    )
}
