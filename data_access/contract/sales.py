"""Customers, those who look after them, and what they buy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from data_access.contract.columns import (
    CURRENCY,
    CUSTOMER_ID,
    DELETED_AT,
    MOST,
    UPDATED_AT,
    Column,
    Power,
    Scope,
    Table,
    day,
    flag,
    identifier,
    money,
    one_of,
    text,
    time,
)

FEEDS = Table(
    "feeds",
    "Until when the source guarantees each table to be complete; absent: until the read.",
    ("table_name",),
    (
        identifier("table_name", "Name of a contract table."),
        time("complete_until", "Judge figures of that table as of this moment.", nullable=False),
    ),
    Scope.OPEN,
    powers=(Power.COMPLETENESS,),
)

EMPLOYEES = Table(
    "employees",
    "Customer owners and service agents.",
    ("employee_id",),
    (
        identifier("employee_id", "The employee."),
        text("name", "Name on screen."),
        text("team", "Team name.", optional=True),
        text(
            "role",
            "agent, success_manager, specialist, manager, sales, …",
            Power.STAFF,
            optional=True,
        ),
        text("vendor", "Supplier who employs them; null: we do.", Power.STAFF, optional=True),
        day("left_on", "Last day; null while employed.", Power.STAFF, optional=True),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.OWNER_NAMES,),
)

CUSTOMERS = Table(
    "customers",
    "Master record of the paying organisation or person.",
    ("customer_id",),
    (
        identifier("customer_id", "The customer."),
        text("name", "Name on screen; untrusted text."),
        text("segment", "Industry or customer group.", Power.BY_SEGMENT, optional=True),
        text("region", "Sales region or country.", Power.BY_REGION, optional=True),
        text(
            "acquisition_channel",
            "Channel that won the customer.",
            Power.BY_ACQUISITION_CHANNEL,
            optional=True,
        ),
        identifier(
            "owner_id",
            "Success manager.",
            "employees",
            Power.BY_OWNER,
            nullable=True,
            optional=True,
        ),
        time(
            "registered_at",
            "First known to the CRM; may precede the first order.",
            Power.TENURE,
            optional=True,
        ),
        text("kind", "person or company.", Power.CHANNEL_FIT, optional=True),
        text("phone", "Personal; shown masked.", Power.PROFILE, optional=True),
        text("email", "Personal; shown masked.", Power.PROFILE, optional=True),
        text(
            "address", "Personal; only whether it is known is shown.", Power.PROFILE, optional=True
        ),
        day(
            "born_on",
            "Birthday, of a company its contact's.",
            Power.CARE,
            optional=True,
            earliest=date(1900, 1, 1),
        ),
        text("preferred_channel", "As the customer said.", Power.CHANNEL_FIT, optional=True),
        text("preferred_product", "As the customer said.", Power.PROFILE, optional=True),
        text("service_need", "As the customer said.", Power.PROFILE, optional=True),
        time(
            "profile_updated_at",
            "When somebody last confirmed or changed the file.",
            Power.PROFILE,
            optional=True,
        ),
        flag("marketing_consent", "Agreed to be contacted; null if never asked.", Power.CONSENT),
        money(
            "acquisition_cost",
            "What winning the customer cost.",
            Power.ACQUISITION_COST,
            nullable=True,
            optional=True,
        ),
        UPDATED_AT,
        DELETED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.TIERS, Power.LIFECYCLE, Power.CHURN_RISK, Power.CUSTOMER),
    required=True,
    event_time="registered_at",
)

ORDERS = Table(
    "orders",
    "One order, or one credit note with negative amounts.",
    ("order_id",),
    (
        identifier("order_id", "The order."),
        CUSTOMER_ID,
        time("ordered_at", "When it was placed.", nullable=False),
        one_of(
            "status",
            "cancelled counts nowhere; a return counts in revenue, not as a purchase.",
            "completed",
            "cancelled",
            "returned",
        ),
        money("amount", "Order value net of tax."),
        money("profit", "Gross profit.", Power.PROFIT, nullable=True, optional=True),
        CURRENCY,
        text("channel", "Sales channel.", Power.BY_CHANNEL, optional=True),
        UPDATED_AT,
        DELETED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.TIERS, Power.LIFECYCLE, Power.CHURN_RISK, Power.CUSTOMER),
    required=True,
    event_time="ordered_at",
)

CONTRACTS = Table(
    "contracts",
    "One agreement for a service that runs until somebody ends it, or for an agreed time.",
    ("contract_id",),
    (
        identifier("contract_id", "The contract."),
        identifier("customer_id", "The customer.", "customers"),
        time("started_at", "First day in force.", nullable=False),
        replace(
            time(
                "ended_at",
                "From when it is no longer in force, cancelled or run out; null while no end is "
                "known. May lie ahead, once notice is given. One that begins on that day continues "
                "it.",
                not_before="started_at",
            ),
            announced=True,
        ),
        money(
            "monthly_amount",
            "What it brings a month; weighs the risk. Revenue is that of orders.",
        ),
        UPDATED_AT,
        DELETED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.CONTRACTS,),
    event_time="started_at",
)

PRODUCTS = Table(
    "products",
    "One product or service.",
    ("product",),
    (
        identifier("product", "As order lines name it."),
        text("accessory_of", "The product that it goes with; null if it stands alone."),
        UPDATED_AT,
    ),
    Scope.OPEN,
    powers=(Power.CROSS_SELL,),
)

TIER_RECORDS = Table(
    "tier_records",
    "One tier of a customer as the CRM keeps it, for as long as it was valid.",
    ("record_id",),
    (
        identifier("record_id", "The record."),
        identifier("customer_id", "The customer.", "customers"),
        text("scheme", "Code of a scheme in the rules of tiers."),
        text("tier", "Code of a tier of that scheme."),
        time("valid_from_at", "From when.", nullable=False),
        time("valid_to_at", "Until when; null while it is valid.", not_before="valid_from_at"),
        flag("review_correct", "Whether a person who looked found it right; null if nobody did."),
        text("core_need", "What the customer needs most, by survey or talk.", optional=True),
        text("need_source", "order_history, survey, interview, sales_feedback.", optional=True),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.TIER_RECORDS,),
    event_time="valid_from_at",
)

ORDER_LINES = Table(
    "order_lines",
    "One line of an order.",
    ("order_id", "line_number"),
    (
        identifier("order_id", "The order.", "orders"),
        Column("line_number", pl.Int32(), "From 1 within the order.", nullable=False),
        text("product", "Product on screen; untrusted text."),
        Column(
            "quantity",
            pl.Int64(),
            "Units; negative on a credit note.",
            nullable=False,
            minimum=-MOST,
            maximum=MOST,
        ),
        money("amount", "Quantity times price."),
    ),
    Scope.CUSTOMER,
    powers=(Power.PRODUCTS,),
    parent="orders",
)
