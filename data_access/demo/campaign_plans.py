"""What was planned for the campaigns, what was written down of it, and how they went by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, Ints, blank, frame, ids, pick, times
from data_access.demo.campaign_examples import CHALLENGE, EXAMPLES, WAKE_UP, example_frame
from data_access.demo.campaigns import (
    COUNT,
    LASTS_DAYS,
    campaign_frame,
    campaign_starts,
    scenarios,
)
from data_access.demo.seasons import SHANGHAI, Seasons

ALL = COUNT + len(EXAMPLES)
_OBJECTIVES = (
    "90 天内唤醒沉睡客户，参与率达到 20%，30 天复购率达到 12%",
    "季度内受影响客户的投诉率降低 20%",
    "季度内重点客户参与率达到 55%",
    "提升品牌认知，到场率达到 50%",
)
_GROUPS = ("近 180 天消费下降的客户", "近 120 天有投诉的客户", "高价值与中价值客户", "全部活跃客户")
_GOALS = (  # participation, repurchase, satisfaction, cost, by scenario
    ("20%", "12%", "4.2", "120"),
    ("45%", "40%", "4.5", "60"),
    ("55%", "60%", "4.5", "50"),
    ("50%", "40%", "4.5", "50"),
)
_MEASURES = ("participation", "repurchase", "satisfaction", "cost")
_ANALYSES = (
    *("社群通知频次不足，需增加短信提醒", "“打卡+优惠券”组合激励有效，可复制"),
    *("礼品实用性不足，下次调研客户偏好", "优化广告投放渠道，降低推广费"),
)
_REPORTED = ("65%", "15%", "4.3", "46")
_TASKS = (  # phase, name, owner, first and last day after the first contact, criteria
    ("preparation", "客户数据筛选与分层", "市场部经理", -10, -6, "输出《客户分层清单》"),
    ("preparation", "活动物料设计（海报/礼品）", "设计专员", -5, -1, "完成物料终稿并打样"),
    ("execution", "客户分组与电话邀约", "销售代表", 0, 4, "100% 目标客户完成邀约沟通"),
    ("execution", "活动启动与社群打卡", "客服专员", 5, 19, "社群活跃度 ≥60%"),
    ("follow_up", "活动数据统计（参与率/复购率）", "数据专员", 22, 26, "输出《活动数据简报》"),
    ("follow_up", "客户满意度调研", "市场部经理", 27, 31, "回收有效问卷 ≥80 份"),
)
_WAKE_UP_DAYS = ((-10, -6), (-5, -1), (0, 4), (5, 19), (20, 24), (25, 29))  # the plan's own
_ADJUSTMENTS = ("增加短信提醒", "提高礼品吸引力", "优化邀约话术", "延长报名时间")
_RESOURCES = "CRM 系统、企业微信、问卷星；海报、礼品"
_FEN = 100


def campaign_frames(
    rng: Callable[[str], np.random.Generator],
    members: pl.DataFrame,
    seasons: Seasons,
) -> dict[str, pl.DataFrame]:
    """The tables of campaigns that do not belong to single customers.

    What they are planned for and cost follows from the members of the first chunk, because a chunk
    does not depend on those after it.
    """
    targets = members.filter(~pl.col("is_control"))["campaign_id"].str.slice(1).cast(pl.Int64)
    reach: Ints = np.bincount(targets, minlength=ALL + 1)[1:]
    rows = pl.concat([campaign_frame(seasons), example_frame(seasons)])
    plan = _plan_columns(rng("campaign plans"), reach, seasons)
    told = [plan[name].cast(rows.schema[name]).alias(name) for name in plan]
    return {
        "campaigns": rows.with_columns(told),
        "campaign_tasks": _task_frame(rng("campaign tasks"), seasons),
        "campaign_goals": _goal_frame(seasons),
        "campaign_days": _day_frame(rng("campaign days"), reach, seasons),
    }


def _begins(seasons: Seasons) -> tuple[Floats, Floats]:
    """First and last planned contact of every campaign, in days."""
    starts = campaign_starts(seasons)
    examples = np.array([example.span(seasons) for example in EXAMPLES])
    return (
        np.concatenate([starts, examples[:, 0]]),
        np.concatenate([starts + LASTS_DAYS, examples[:, 1]]),
    )


def _plan_columns(rng: np.random.Generator, reach: Ints, seasons: Seasons) -> dict[str, pl.Series]:
    """The columns of `campaigns` that tell of plan, cost and review; `reach`: their targets."""
    kinds = np.concatenate([scenarios(), [example.scenario for example in EXAMPLES]])
    planned = np.maximum(np.rint(reach / 10).astype(np.int64) * 10, 10)
    budget = planned * rng.integers(22, 36, ALL) * _FEN
    spent = np.rint(budget * rng.uniform(0.75, 1.15, ALL)).astype(np.int64)
    budget[WAKE_UP], spent[WAKE_UP] = 10_000 * _FEN, 5_980 * _FEN
    ends = _begins(seasons)[1]
    spent[ends > seasons.end] //= 2
    held = ends + rng.choice([1.2, 2.2, 5.1, 7.3, 9.2], ALL, p=[0.34, 0.3, 0.2, 0.1, 0.06])
    held = np.where((held > seasons.end) | (np.arange(ALL) == 7), np.nan, held)
    unplanned = np.isin(np.arange(ALL), (3, 11))
    no_resources = np.isin(np.arange(ALL), (3, 8, 14))
    objective, group = pick(_OBJECTIVES, kinds), pick(_GROUPS, kinds)
    objective[WAKE_UP] = "2024 年 Q2 激活近 6 个月未消费的中价值客户，复购率达到 12%"
    group[WAKE_UP] = "年消费 5 万–10 万元、近 180 天无消费记录的中价值客户，共 200 人"
    objective[CHALLENGE] = "30 天产品使用挑战：中价值客户参与率达到 70%"
    group[CHALLENGE] = "近 12 个月有消费的中价值客户"
    everybody = np.zeros(ALL, np.int64)
    return {
        "objective": blank(objective, unplanned),
        "target_group": blank(group, unplanned),
        "planned_reach": pl.Series(planned),
        "lead_department": pick(("市场部",), everybody),
        "supporting_departments": pick(("销售部协同，客服部支持",), everybody),
        "resources": blank(
            pick(("CRM 系统、企业微信、问卷星；海报、礼品",), everybody), no_resources
        ),
        "budget": pl.Series(budget),
        "spent": pl.Series(spent),
        "reviewed_at": times(seasons.origin, held),
    }


def _task_frame(rng: np.random.Generator, seasons: Seasons) -> pl.DataFrame:
    """The `campaign_tasks` table: the six tasks of the plan's template for every campaign."""
    today = _day(seasons, seasons.end)
    rows: list[dict[str, object]] = []
    for campaign, start in enumerate(_begins(seasons)[0]):
        first = _day(seasons, float(start))
        for place, (phase, name, owner, begin, end, criteria) in enumerate(_TASKS):
            if campaign == WAKE_UP:
                begin, end = _WAKE_UP_DAYS[place]
            late = int(rng.choice([0, 0, 0, 0, 1, 3])) if campaign != WAKE_UP else 0
            slips = int(rng.choice([0, 0, 0, 1, 2]))
            begun, done = first + timedelta(begin + slips), first + timedelta(end + late)
            stuck = campaign == CHALLENGE and place == 1
            rows.append(
                {
                    "campaign_id": f"K{campaign + 1:02}",
                    "phase": phase,
                    "name": "“30天挑战计划”启动（社群打卡）" if _daily(campaign, place) else name,
                    "owner": None if _unowned(campaign, place) else owner,
                    "planned_start_on": first + timedelta(begin),
                    "planned_end_on": first + timedelta(end),
                    "started_on": min(begun, done) if min(begun, done) <= today else None,
                    "ended_on": done if done <= today and not stuck else None,
                    "criteria": None if (campaign, place) in ((3, 0), (11, 4)) else criteria,
                }
            )
    told = {name: [row[name] for row in rows] for name in rows[0]}
    known = pl.Series(told["planned_start_on"], dtype=pl.Date).cast(pl.Datetime("us", "UTC"))
    end = pl.Series([seasons.origin + timedelta(days=seasons.end)]).cast(known.dtype)[0]
    return frame(
        "campaign_tasks",
        {
            "task_id": ids("KT", np.arange(1, len(rows) + 1), 4),
            **told,
            "updated_at": known.clip(upper_bound=end),
        },
    )


def _daily(campaign: int, place: int) -> bool:
    return campaign in (WAKE_UP, CHALLENGE) and place == 3


def _unowned(campaign: int, place: int) -> bool:
    return (campaign, place) in ((3, 1), (11, 0), (CHALLENGE, 5))


def _goal_frame(seasons: Seasons) -> pl.DataFrame:
    """The `campaign_goals` table; what was reported and why stands in the worked example."""
    kinds = [*scenarios().tolist(), *(example.scenario for example in EXAMPLES)]
    rows: list[tuple[str, str, str, str | None, str | None]] = []
    for campaign, kind in enumerate(kinds):
        if campaign == 11:
            continue
        own = ("70%", "12%", "4.5", "50") if campaign >= COUNT else _GOALS[kind]
        for place, (measure, target) in enumerate(zip(_MEASURES, own, strict=True)):
            told = campaign == WAKE_UP or (campaign % 4 == place and campaign < COUNT - 1)
            written = _REPORTED[place] if campaign == WAKE_UP else None
            analysis = _ANALYSES[place] if told else None
            rows.append((f"K{campaign + 1:02}", measure, target, written, analysis))
    columns = ("campaign_id", "measure", "target", "reported", "analysis")
    told = dict(zip(columns, zip(*rows, strict=True), strict=True))
    changed = times(seasons.origin, np.zeros(len(rows)))
    return frame("campaign_goals", {**told, "updated_at": changed})


def _day_frame(rng: np.random.Generator, reach: Ints, seasons: Seasons) -> pl.DataFrame:
    """The `campaign_days` table: the log of the days of every campaign up to today."""
    rows: list[dict[str, object]] = []
    for campaign, (start, end) in enumerate(zip(*_begins(seasons), strict=True)):
        last = int(min(end, seasons.end) - start)
        changed_on = int(rng.choice([3, 4, 5, 8, 99], p=[0.3, 0.2, 0.2, 0.15, 0.15]))
        changed_on = 99 if campaign == CHALLENGE else changed_on
        words = _ADJUSTMENTS[int(rng.integers(len(_ADJUSTMENTS)))]
        level = rng.normal(0.62, 0.05)
        for day in range(last + 1):
            if rng.random() < 0.06 and day != changed_on:
                continue
            whole = int(reach[campaign])
            members = max(int(whole * 0.4 * min(1.0, (day + 1) / 6)), 1)
            calls = int(rng.poisson(whole / 12)) if day < 5 else 0
            rows.append(
                {
                    "campaign_id": f"K{campaign + 1:02}",
                    "tracked_on": _day(seasons, float(start)) + timedelta(days=day),
                    "community_members": members,
                    "community_active": int(rng.binomial(members, min(level - day / 250, 0.95))),
                    "calls": calls,
                    "calls_connected": int(rng.binomial(calls, 0.58)),
                    "adjustment": words if day == changed_on else None,
                }
            )
    told = {name: [row[name] for row in rows] for name in rows[0]}
    logged = pl.Series(told["tracked_on"], dtype=pl.Date).cast(pl.Datetime("us", "UTC"))
    end = pl.Series([seasons.origin + timedelta(days=seasons.end)]).cast(logged.dtype)[0]
    return frame("campaign_days", {**told, "updated_at": logged.clip(upper_bound=end)})


def _day(seasons: Seasons, when: float) -> date:
    return (seasons.origin + timedelta(days=when)).astimezone(SHANGHAI).date()
