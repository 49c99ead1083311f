"""Lifecycle: customers who stay and order again, and the touches that they are promised."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_ORDERS = ("orders.ordered_at", "orders.amount", "orders.customer_id")
_TOLD = "interactions.content/purpose/rule"
_SOLD = ("products.accessory_of", "order_lines.product", "interactions.content")
_CARE = ("care_events.due_on", "care_events.occasion")

KPIS = (
    Kpi("new_to_existing", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0",)),
    Kpi("repurchase_rate", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0", "S2", "S3")),
    Kpi(
        "reorder_after_follow_up",
        "lifecycle",
        Unit.SHARE,
        Better.UP,
        (*_ORDERS, "interactions.purpose"),
        ("S3",),
    ),
    Kpi("thank_you_on_time", "care", Unit.SHARE, Better.UP, (*_ORDERS, _TOLD), ("S0",)),
    Kpi(
        "need_follow_up_on_time",
        "care",
        Unit.SHARE,
        Better.UP,
        (*_ORDERS, "interactions.purpose/rule", "interactions.responded"),
        ("S0",),
    ),
    Kpi(
        "need_follow_up_tried",
        "care",
        Unit.SHARE,
        Better.UP,
        (*_ORDERS, "interactions.purpose/rule", "interactions.responded"),
        ("S0",),
    ),
    Kpi(
        "need_survey_on_time",
        "care",
        Unit.SHARE,
        Better.UP,
        (*_ORDERS, "survey_responses.answered_at"),
        ("S0",),
    ),
    Kpi(
        "need_survey_tried",
        "care",
        Unit.SHARE,
        Better.UP,
        (*_ORDERS, "survey_responses.invited_at"),
        ("S0",),
    ),
    Kpi("wechat_care_on_time", "care", Unit.SHARE, Better.UP, ("interactions.content",), ("S3",)),
    Kpi("care_on_time", "care", Unit.SHARE, Better.UP, _CARE, ("S4",)),
    Kpi("birthday_on_time", "care", Unit.SHARE, Better.UP, _CARE, ("S3", "S4")),
    Kpi("holiday_on_time", "care", Unit.SHARE, Better.UP, _CARE, ("S4",)),
    Kpi("purchase_anniversary_on_time", "care", Unit.SHARE, Better.UP, _CARE, ("S4",)),
    Kpi("cross_sell_take_up", "care", Unit.SHARE, Better.UP, _SOLD, ("S0",)),
    Kpi("cross_sell_open", "care", Unit.COUNT, Better.NEITHER, _SOLD, ("S0",)),
    Kpi("touches_overdue", "care", Unit.COUNT, Better.DOWN, (), ("S0", "S3", "S4")),
    Kpi("touches_due", "care", Unit.COUNT, Better.NEITHER, (), ("S0", "S3", "S4")),
)
