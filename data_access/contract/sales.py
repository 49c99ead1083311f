"""Customers, those who look after them, and what they buy."""

from __future__ import annotations

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
        time(
            "ended_at",
            "From when it is no longer in force, cancelled or run out; null while it runs. One "
            "that begins on that day continues it.",
            not_before="started_at",
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
