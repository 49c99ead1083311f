"""Where the plans disagree: what each says, what holds here, and where it is set."""

from __future__ import annotations

import polars as pl

from dashboard import i18n, panel, table
from dashboard.i18n import t
from dashboard.table import Column
from metrics.plans.conflicts import Conflict, conflicts

_COLUMNS = ("topic", "said", "chosen", "where")
_AT_ONCE = 12  # rows; more scroll in their own panel


def listed(text: str) -> None:
    """The points that match."""
    rows = [_row(each) for each in conflicts()]
    rows = [row for row in rows if text.casefold() in " ".join(row.values()).casefold()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    columns = [Column(name, t(f"conflicts.{name}")) for name in _COLUMNS]
    title = t("conflicts.title", n=i18n.number(frame.height))
    with panel.panel("conflicts", title, t("conflicts.subtitle"), data=(frame, columns)):
        if rows:
            height = 480 if frame.height > _AT_ONCE else None
            table.show(frame, columns, alt=title, height=height)


def _row(conflict: Conflict) -> dict[str, str]:
    language = i18n.language()
    said = (
        t("conflicts.position", plan=i18n.plan(each.plan), words=each.words[language])
        for each in conflict.said
    )
    return {
        "topic": conflict.topic[language],
        "said": " ".join(said),
        "chosen": conflict.chosen[language],
        "where": conflict.rule,
    }
