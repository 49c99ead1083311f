"""Which desk handles a ticket: hotline until ten, office on working days, online around the clock.

A desk is told by who acted when: whatever was done to a ticket of the office was done while the
office was open.
"""

from __future__ import annotations

import polars as pl
from chinese_calendar import constants as china

from data_access.demo.seasons import SHANGHAI

OFFICE, HOTLINE, ONLINE = "office", "hotline", "online"
_OF_CHANNEL = {"phone": HOTLINE, "email": OFFICE, "app": OFFICE}
_STEPS = ("first_response_at", "routed_at", "resolved_at")
_ACTS = ("awaiting_customer", "graded")  # what a desk does besides
_USUAL = pl.col("channel").replace_strict(_OF_CHANNEL, default=ONLINE)
_HOTLINE = ((8, 22),)  # hours of the day
_OFFICE = ((9, 12), (13, 18))


def with_desks(tickets: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The `tickets` table with its desks; what a bot solved alone is online.

    Args:
        tickets: With bot.
        events: The `ticket_events` table.
    """
    hotline = (_USUAL == HOTLINE) & pl.all_horizontal(_of_hotline(_local(name)) for name in _STEPS)
    office = (_USUAL == OFFICE) & pl.all_horizontal(_of_office(_local(name)) for name in _STEPS)
    by_hand = (pl.col("bot") != "solved").fill_null(value=True)
    desk = pl.when(by_hand & hotline).then(pl.lit(HOTLINE)).when(by_hand & office)
    told = tickets.with_columns(desk=desk.then(pl.lit(OFFICE)).otherwise(pl.lit(ONLINE)))
    at = _local("occurred_at")
    open_then = pl.when(_USUAL == HOTLINE).then(_of_hotline(at)).otherwise(_of_office(at))
    late = (
        events.filter(pl.col("status").is_in(_ACTS))
        .join(tickets.select("ticket_id", "channel"), on="ticket_id")
        .filter(~open_then)["ticket_id"]
    )
    elsewhere = pl.col("ticket_id").is_in(late.implode())
    return told.with_columns(desk=pl.when(elsewhere).then(pl.lit(ONLINE)).otherwise("desk"))


def _local(name: str) -> pl.Expr:
    return pl.col(name).dt.replace_time_zone(None) + SHANGHAI.utcoffset(None)


def _of_hotline(at: pl.Expr) -> pl.Expr:
    return _within(at, _HOTLINE)


def _of_office(at: pl.Expr) -> pl.Expr:
    return _within(at, _OFFICE) & (_works(at) | at.is_null())


def _within(at: pl.Expr, hours: tuple[tuple[int, int], ...]) -> pl.Expr:
    hour = at.dt.hour()
    open_then = pl.any_horizontal((hour >= begin) & (hour < end) for begin, end in hours)
    return open_then.fill_null(value=True)  # what has not been done was done at no other hour


def _works(at: pl.Expr) -> pl.Expr:
    day, week = at.dt.date(), at.dt.weekday() <= 5
    holidays, made_up = sorted(china.holidays), sorted(china.workdays)
    return (week & ~day.is_in(holidays)) | day.is_in(made_up)
