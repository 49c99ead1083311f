"""What is done to keep the data good and safe; tables of the company, not of customers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from data_access.demo.arrays import frame, ids, pick, times
from data_access.demo.orders import PRODUCTS
from data_access.demo.seasons import Seasons

_ACCESSORY_OF = {
    "传感器套件 S1": "边缘控制器 C5",
    "标签打印机 P4": "移动扫码枪 M8",
    "云存储 1 TB": "数据平台年费",
    "Spare parts kit": "Edge gateway kit",
    "Analytics add-on": "数据平台年费",
    "高级支持包": "标准维护服务",
}
_SYNCED = ("mall", "app", "miniprogram", "phone", "wechat", "store", "email", "sms")
_EVENTS = (  # kind, months between, days late (null: never held)
    ("privacy_audit", 3, (2, 0, 5, 0)),
    ("penetration_test", 6, (0, 21)),
    ("backup_check", 1, (0, 0, 1)),
    ("access_review", 3, (0, 9, 0)),
    ("innovation_day", 1, (0, 0, None, 0)),
    ("quality_meeting", 1, (0,)),
    ("sop_assessment", 3, (0, 6, 0, None)),
    ("service_analysis", 1, (0, 0, 3)),
    ("vendor_sync", 1, (0, 0, 0, 0, None)),
    ("vendor_optimisation", 3, (0, 12)),
    ("vendor_review", 12, (9,)),
    ("service_star", 1, (0,)),
    ("agent_appraisal", 3, (0, 0, 4)),
    ("customer_committee", 6, (4, None)),
)


def product_frame(seasons: Seasons) -> pl.DataFrame:
    """The `products` table."""
    return frame(
        "products",
        {
            "product": list(PRODUCTS),
            "accessory_of": [_ACCESSORY_OF.get(name) for name in PRODUCTS],
            "updated_at": times(seasons.origin, np.zeros(len(PRODUCTS))),
        },
    )


def sync_frame(rng: np.random.Generator, seasons: Seasons) -> pl.DataFrame:
    """The `sync_runs` table: daily runs of the last 60 days, and the great consolidation."""
    last = np.floor(seasons.end)
    day, channel = np.divmod(np.arange(60 * len(_SYNCED)), len(_SYNCED))
    start = last - 59 + day + 0.05 + channel / 100
    start = np.minimum(start, seasons.end - 0.02)
    fails = rng.random(len(start)) < 0.012
    read = rng.poisson(4_000, len(start))
    big = last - np.array([300.0, 280.0, 270.0])
    volumes = np.array([900_000, 650_000, 430_000])
    count = len(start) + len(big)
    received = np.concatenate([read, volumes])
    rejected = np.rint(received * rng.uniform(0.002, 0.015, count)).astype(np.int64)
    kinds = np.concatenate([np.zeros(len(start), np.int64), [1, 1, 2]])
    begun = np.concatenate([start, big])
    ended = np.concatenate([np.where(fails, np.nan, start + 0.01), big + 0.3])
    return frame(
        "sync_runs",
        {
            "run_id": ids("N", np.arange(1, count + 1), 6),
            "kind": pick(("sync", "consolidation", "cleansing"), kinds),
            "channel": pick((*_SYNCED, None), np.append(channel, [len(_SYNCED)] * 3)),
            "started_at": times(seasons.origin, begun),
            "finished_at": times(seasons.origin, ended),
            "records_in": received,
            "records_rejected": rejected,
            "updated_at": times(seasons.origin, np.where(np.isnan(ended), begun, ended)),
        },
    )


def governance_frame(seasons: Seasons) -> pl.DataFrame:
    """The `governance_events` table: a year back and three months ahead."""
    today = (seasons.origin + timedelta(days=seasons.end)).date()
    rows: list[tuple[str, date, date | None]] = []
    for kind, months, delays in _EVENTS:
        for turn in range(-(12 // months), 3 // months + 1):
            due = today.replace(day=1) + timedelta(days=round(turn * months * 30.44) + 20)
            late = delays[turn % len(delays)]
            held = None if late is None else due + timedelta(days=late)
            rows.append((kind, due, held if held is None or held <= today else None))
    rows.sort(key=lambda row: (row[1], row[0]))
    changed = pl.Series([row[2] or row[1] for row in rows]).cast(pl.Datetime("us", "UTC"))
    start = pl.Series([seasons.origin]).cast(pl.Datetime("us", "UTC"))[0]
    return frame(
        "governance_events",
        {
            "event_id": ids("W", np.arange(1, len(rows) + 1), 4),
            "kind": [row[0] for row in rows],
            "due_on": [row[1] for row in rows],
            "held_on": [row[2] for row in rows],
            "finding": ["整改 1 项" if row[2] and row[2] > row[1] else None for row in rows],
            "updated_at": pl.select(
                pl.min_horizontal(changed, pl.lit(start) + timedelta(days=seasons.end))
            ).to_series(),
        },
    )


def incident_frame(seasons: Seasons) -> pl.DataFrame:
    """The `incidents` table: two outages, one breach, one slump of the service."""
    begun = seasons.end - np.array([520.0, 210.4, 95.2, 88.6])
    ended = begun + np.array([0.2, 0.09, 1.5, 9.0])
    told = np.array([np.nan, np.nan, begun[2] + 2.4, np.nan])
    return frame(
        "incidents",
        {
            "incident_id": ids("Z", np.arange(1, 5), 3),
            "kind": ["outage", "outage", "breach", "quality"],
            "started_at": times(seasons.origin, begun),
            "ended_at": times(seasons.origin, ended),
            "notified_at": times(seasons.origin, told),
            "updated_at": times(seasons.origin, ended + 2),
        },
    )


def article_frame(seasons: Seasons) -> pl.DataFrame:
    """The `articles` table: two a month, a few still drafts."""
    count = 72
    when = np.linspace(20.0, seasons.end - 5, count)
    draft = np.arange(count) % 17 == 16
    return frame(
        "articles",
        {
            "article_id": ids("H", np.arange(1, count + 1), 4),
            "category": pick(("script", "care", "complaint", "win_back"), np.arange(count) % 4),
            "published_at": times(seasons.origin, np.where(draft, np.nan, when)),
            "updated_at": times(seasons.origin, when),
        },
    )


def assessment_frame(seasons: Seasons) -> pl.DataFrame:
    """The `assessments` table: one a year, better each time, not yet among the best fifth."""
    days = seasons.end - np.array([880.0, 515.0, 150.0])
    on = [(seasons.origin + timedelta(days=day)).date() for day in days]
    return frame(
        "assessments",
        {
            "assessment_id": ids("V", np.arange(1, 4), 3),
            "subject": ["crm_capability"] * 3,
            "assessed_on": on,
            "rank_percent": [41, 33, 24],
            "updated_at": times(seasons.origin, days),
        },
    )
