"""The contacts behind the charts of the contact page, a group of them at a time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from functools import partial

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown, i18n
from dashboard.answers import contact, contact_named, contact_rows
from dashboard.answers.contact_rows import Cut
from dashboard.answers.over_time import WHOLE
from dashboard.drilldown import Rows, counted
from dashboard.i18n import t
from dashboard.panels.periods import pick_point
from dashboard.stretches import Stretches
from dashboard.table import Column
from dashboard.view import View

_STEPS = (
    *("unopened", "unengaged", "unacted", "acted"),
    *("engaged", "opened", "delivered", "lost"),
)
_OF_CHANNEL = (
    *("all", "ours", "theirs", "silent", "answered", "lost", "delivered", "opened", "clicked"),
    *("unconverted", "converted"),
)
_OF_TOPIC = ("ours", "silent", "answered", "unconverted", "converted", "by_rule")
_ANSWERS = ("silent", "answered")
_TWO_WAY = ("two_way", "theirs", "answered")


def funnel(view: View, key: str) -> None:
    """Messages by how far they came: where they stopped first."""
    _grouped(view, key, Cut(), _STEPS, drilldown.bar())


def matrix(view: View, key: str, *, dimension: str) -> None:
    """The contacts behind a cell: those not answered first."""
    frame = contact.matrix(view, dimension)
    bar = drilldown.bar()
    with bar:
        value = drilldown.pick_group(
            key, dimension, frame[dimension].unique(maintain_order=True).to_list()
        )
        mine = frame.filter(pl.col(dimension).eq_missing(pl.lit(value, pl.String)))
        channel = _pick_channel(key, mine["channel"].to_list())
    _grouped(view, key, Cut(((dimension, value), ("channel", channel))), _ANSWERS, bar)


def touchpoints(view: View, key: str, *, channels: Sequence[str | None]) -> None:
    """The contacts of a channel."""
    bar = drilldown.bar()
    with bar:
        channel = _pick_channel(key, channels)
    _grouped(view, key, Cut((("channel", channel),)), _OF_CHANNEL, bar)


def _pick_channel(key: str, channels: Sequence[str | None]) -> str | None:
    known = {channel or "": channel for channel in channels}
    names = {code: i18n.code("channel", channel) for code, channel in known.items()}
    return known[drilldown.pick(key, names, name="channel", width=200)]


def topics(view: View, key: str, *, kind: str) -> None:
    """The contacts of a script, or of a purpose."""
    found = contact.by_topic(view, kind)["topic"].to_list()
    bar = drilldown.bar()
    with bar:
        topic = drilldown.pick_group(key, kind, found)
    _grouped(view, key, Cut(((kind, topic),)), _OF_TOPIC, bar)


def both_ways(view: View, key: str, *, months: list[date]) -> None:
    """What was said both ways in the period, or in a month."""
    bar = drilldown.bar()
    with bar:
        point = pick_point(key, months, "month")
    days = None if point == WHOLE else contact_rows.month(view, date.fromisoformat(point))
    _grouped(view, key, Cut(days=days), _TWO_WAY, bar)


def calls(view: View, key: str, *, months: list[date]) -> None:
    """The calls of the period, or of a month, with their length."""
    bar = drilldown.bar()
    with bar:
        point = pick_point(key, months, "month")
    cut = Cut(days=contact_rows.point(view, point))
    minutes = Column("talk_minutes", t("contact.column.minutes"), "points")
    _grouped(view, key, cut, ("calls",), bar, more=(minutes,))


def hours(view: View, key: str, *, channel: str | None) -> None:
    """Our contacts of the last year in one hour of the week: those not answered first."""
    frame = contact.hours(view, channel)
    known = frame.select("weekday", "hour").rows()
    bar = drilldown.bar()
    with bar:
        days = {
            f"{day}": i18n.code("weekday", f"{day}") for day in sorted({day for day, _ in known})
        }
        day = int(drilldown.pick(key, days, name="day", width=160))
        times = {f"{hour}": f"{hour}:00" for each, hour in sorted(known) if each == day}
        hour = int(drilldown.pick(key, times, name="hour", width=120))
        numbers = contact_rows.contact_hour(view, channel, day, hour)
        words = {name: counted(_name(name), n) for name, n in numbers.items()}
        verdict = drilldown.pick(key, words)
    rows = contact_rows.at_hour(view, channel, day, hour, verdict)
    _list(view, key, rows, (channel, day, hour, verdict), words[verdict])


def share(view: View, key: str, measure: str, words: str, bar: DeltaGenerator) -> None:
    """The contacts that a share counts, and the rest of those judged: the worse first.

    Args:
        view: The view.
        key: Of the list.
        measure: A key of `contact.PARTS`.
        words: Where the words of the groups stand, by yes and no.
        bar: The line of choices.
    """
    verdicts = ("yes", "no") if measure == "unwanted_contacts" else ("no", "yes")
    names = tuple(f"{measure}.{verdict}" for verdict in verdicts)
    about = ("content", "positioning")
    more = [Column(name, t(f"contact.rows.{name}"), "code") for name in about]
    _grouped(view, key, Cut(), names, bar, words=words, more=more)


def _grouped(
    view: View,
    key: str,
    cut: Cut,
    names: Sequence[str],
    bar: DeltaGenerator,
    *,
    words: str = "",
    more: Sequence[Column] = (),
) -> None:
    """The list of one group of contacts, chosen by its name and how many they are."""
    numbers = contact_rows.counted(view, cut, tuple(names))
    told = {name: counted(_name(name, words), numbers[name]) for name in names}
    with bar:
        name = drilldown.pick(key, told)
    _list(view, key, contact_rows.listed(view, cut, name), (cut, name), told[name], *more)


def _name(name: str, words: str = "") -> str:
    return t(f"{words or 'contact.rows.group'}.{name.rpartition('.')[2]}")


def _list(
    view: View,
    key: str,
    rows: Stretches,
    by: Hashable,
    alt: str,
    *more: Column,
) -> None:
    drilldown.paged(
        Rows(
            rows,
            (view, by),
            partial(contact_named.told, view),
            contact_named.ASKED,
            contact_named.TOLD,
        ),
        _columns(*more),
        key=key,
        alt=alt,
        size=drilldown.IN_DIALOG,
    )


def _columns(*more: Column) -> list[Column]:
    return [
        Column("made", t("column.date"), "moment"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("direction", t("contact.rows.direction"), "code"),
        Column("channel", t("dimension.channel"), "code"),
        Column("purpose", t("contact.topics.purpose"), "code"),
        Column("responded", t("contact.rows.answered"), "flag"),
        Column("ordered", t("contact.rows.ordered"), "flag"),
        *more,
        Column("agent", t("contact.rows.agent")),
    ]
