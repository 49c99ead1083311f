"""The programme's budget, with the lines of last year and this year, and what was spent."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, frame, ids, times
from data_access.demo.seasons import SHANGHAI, Seasons
from data_access.demo.truth import SUBJECTS, Truth

# Items of each subject with their share of the whole budget.
ITEMS = {
    "technology": (("crm_upgrade", 0.12), ("marketing_automation", 0.14), ("data_analysis", 0.09)),
    "labour": (("service_agents", 0.20), ("success_managers", 0.13), ("technical_support", 0.07)),
    "marketing": (("campaigns", 0.08), ("content", 0.03), ("customer_events", 0.04)),
    "reserve": (("contingency", 0.10),),
}
_BUDGET = "B1"  # one over both years, so that a year is compared with the one before
PLANNED_CNY = (2_400_000, 3_000_000)  # last year, this year
# How the technology overspend is made: automation and data analysis, growing over the year.
_ITEM_TILT = {"crm_upgrade": -0.05, "marketing_automation": 0.08, "data_analysis": -0.06}
_DESCRIPTIONS = {
    "crm_upgrade": ("CRM 模块升级", "接口开发", "许可证补差"),
    "marketing_automation": ("自动化平台月费", "流程搭建服务", "短信超量费用"),
    "data_analysis": ("数据平台租用", "分析顾问", "报表开发"),
    "service_agents": ("客服薪酬", "加班与轮班补贴", "外包坐席"),
    "success_managers": ("客户成功经理薪酬", "季度奖金", "差旅"),
    "technical_support": ("技术支持薪酬", "驻场服务", "值班津贴"),
    "campaigns": ("活动物料", "短信与触达费用", "礼品采购"),
    "content": ("内容制作", "视频拍摄", "翻译"),
    "customer_events": ("客户沙龙场地", "展会摊位", "嘉宾差旅"),
    "contingency": ("应急支出", "服务补偿", "临时审计"),
}


def budget_frames(
    rng: np.random.Generator, truth: Truth, seasons: Seasons, as_of: datetime
) -> dict[str, pl.DataFrame]:
    """The `budgets`, `budget_lines` and `expenses` tables; expenses end on the day of `as_of`."""
    today = as_of.astimezone(SHANGHAI).date()
    years = (today.year - 1, today.year)
    lines = _lines(years)
    return {
        "budgets": frame(
            "budgets",
            {
                "budget_id": [_BUDGET],
                "name": ["客户关系维护计划"],
                "currency": ["CNY"],
            },
        ),
        "budget_lines": _line_frame(lines, seasons),
        "expenses": _expense_frame(rng, lines, truth, today),
    }


def _lines(years: tuple[int, int]) -> pl.DataFrame:
    """One row per budget, item and month, with the planned amount in fen."""
    items = pl.DataFrame(
        [(subject, item, share) for subject, group in ITEMS.items() for item, share in group],
        schema=["subject", "item", "share"],
        orient="row",
    )
    months = pl.DataFrame({"month": range(12)})
    budgets = pl.DataFrame({"year": years, "total": [total * 100 for total in PLANNED_CNY]})
    # Campaign money follows the festivals; all other lines are even.
    season = pl.Series([0.7, 0.6, 1.0, 0.9, 1.2, 1.5, 0.7, 0.7, 1.1, 1.1, 1.6, 0.9])
    return (
        budgets.join(items, how="cross")
        .join(months, how="cross")
        .with_columns(
            weight=pl.when(pl.col("subject") == "marketing")
            .then(pl.lit(season).gather(pl.col("month")))
            .otherwise(1.0)
        )
        .with_columns(
            planned=(pl.col("total") * pl.col("share") / 12 * pl.col("weight"))
            .round()
            .cast(pl.Int64),
            period_start=pl.date(pl.col("year"), pl.col("month") + 1, 1),
        )
    )


def _line_frame(lines: pl.DataFrame, seasons: Seasons) -> pl.DataFrame:
    count = lines.height
    return frame(
        "budget_lines",
        {
            "line_id": ids("L", np.arange(1, count + 1), 4),
            "budget_id": pl.repeat(_BUDGET, count, eager=True),
            "subject": lines["subject"],
            "item": lines["item"],
            "period_start": lines["period_start"],
            "period_months": np.ones(count, np.int64),
            "planned": lines["planned"],
            "updated_at": times(seasons.origin, np.zeros(count)),
        },
    )


def _expense_frame(
    rng: np.random.Generator, lines: pl.DataFrame, truth: Truth, today: date
) -> pl.DataFrame:
    """Three expenses per line and month, together plan × the true ratio of the subject."""
    ratio = _spend_ratio(lines, truth)
    noise = np.exp(rng.normal(0, 0.03, lines.height))
    spent = lines["planned"].to_numpy() * ratio * noise
    line = np.repeat(np.arange(lines.height), 3)
    parts = rng.dirichlet([6.0, 5.0, 4.0], lines.height).ravel()
    offset = np.tile([3, 13, 23], lines.height) + rng.integers(0, 5, len(line))
    booked = (
        lines.select("item", "period_start")[line]
        .with_columns(
            line=pl.Series(line),
            amount=pl.Series(np.rint(spent[line] * parts).astype(np.int64)),
            spent_on=pl.col("period_start") + pl.duration(days=pl.lit(pl.Series(offset))),
            description=pl.Series([text for item in lines["item"] for text in _DESCRIPTIONS[item]]),
        )
        .filter(pl.col("spent_on") <= today)
    )
    evening = booked["spent_on"].cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
    count = booked.height
    return frame(
        "expenses",
        {
            "expense_id": ids("X", np.arange(1, count + 1), 5),
            "line_id": ids("L", booked["line"].to_numpy() + 1, 4),
            "spent_on": booked["spent_on"],
            "amount": booked["amount"],
            "description": booked["description"],
            "updated_at": (evening + timedelta(hours=17)).dt.convert_time_zone("UTC"),
        },
    )


def _spend_ratio(lines: pl.DataFrame, truth: Truth) -> Floats:
    years = lines["year"].to_numpy()
    subject = [SUBJECTS.index(name) for name in lines["subject"].to_list()]
    this = np.array([truth.spend_ratio_this_year[name] for name in SUBJECTS])[subject]
    last = np.array([truth.spend_ratio_last_year[name] for name in SUBJECTS])[subject]
    tilt = np.array([_ITEM_TILT.get(item, 0.0) for item in lines["item"].to_list()])
    month = lines["month"].to_numpy()
    # Overspending technology grows through the year and keeps its year-to-date mean.
    growth = np.where(lines["subject"].to_numpy() == "technology", (month - 4.5) * 0.02, 0.0)
    return np.where(years == years.max(), this + tilt + growth, last + tilt / 2)
