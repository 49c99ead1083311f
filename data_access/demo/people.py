"""Employees and names: all invented, from syllables and Faker's word parts."""

from __future__ import annotations

import numpy as np
import polars as pl
from faker.providers.person.en_US import Provider as English
from faker.providers.person.zh_CN import Provider as Chinese

from data_access.demo.arrays import Ints, frame, ids, pick, times
from data_access.demo.seasons import Seasons
from data_access.demo.truth import REGIONS

MANAGERS_PER_REGION = 10
MANAGERS = MANAGERS_PER_REGION * len(REGIONS)
AGENTS = 36
TEAMS = (*(f"success_{region}" for region in REGIONS), "service_desk", "after_sales", "feedback")

_FIRST = "恒泰鑫宏博瑞盛华安德远诚信嘉润康达汇明晟启元卓越凯隆捷昌辰星云朗沃禾景弘睿优"
_SECOND = "源通达科泽维创联合美图锐森佳铭拓腾翔航程峰川海洋林原田禾新力智思邦域方舟拓"
_TRADES = {
    "manufacturing": ("精密机械", "装备制造", "新材料", "电气", "五金制造"),
    "retail": ("商贸", "百货", "连锁超市", "电子商务", "食品"),
    "healthcare": ("医疗器械", "生物医药", "健康管理", "大药房", "口腔医疗"),
    "education": ("教育科技", "职业培训", "文化传播", "图书", "在线教育"),
    "finance": ("融资租赁", "金融服务", "资产管理", "保险经纪", "商业保理"),
    "technology": ("信息技术", "软件", "网络科技", "智能科技", "数据服务"),
    "logistics": ("物流", "供应链管理", "冷链运输", "国际货运", "仓储"),
}
_PLACES = {
    "east_china": ("杭州", "苏州", "宁波", "南京", "无锡", "合肥"),
    "south_china": ("广州", "深圳", "佛山", "东莞", "厦门", "珠海"),
    "north_china": ("天津", "石家庄", "济南", "青岛", "太原", "沈阳"),
    "southwest": ("成都", "重庆", "昆明", "贵阳", "绵阳", "南宁"),
    "central": ("武汉", "长沙", "郑州", "南昌", "襄阳", "洛阳"),
    "overseas": ("香港", "新加坡", "吉隆坡", "曼谷", "迪拜", "悉尼"),
}
_FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "集团有限公司")
_ENGLISH_TRADES = (
    *("Industries", "Trading", "Medical", "Learning", "Capital", "Systems", "Logistics", "Foods"),
    *("Instruments", "Materials", "Retail", "Software", "Shipping", "Health", "Components"),
)
_ENGLISH_FORMS = ("Ltd", "GmbH", "Inc", "LLC", "Group", "Pte Ltd", "B.V.", "Co., Ltd")


def company_names(rng: np.random.Generator, segment: Ints, region: Ints) -> pl.Series:
    """Names of companies: Chinese inside China, mostly English overseas."""
    count = len(segment)
    trades = [trade for group in _TRADES.values() for trade in group]
    places = [place for group in _PLACES.values() for place in group]
    chinese = (
        pick(places, region * 6 + rng.integers(0, 6, count))
        + pick(list(_FIRST), rng.integers(0, len(_FIRST), count))
        + pick(list(_SECOND), rng.integers(0, len(_SECOND), count))
        + pick(trades, segment * 5 + rng.integers(0, 5, count))
        + pick(_FORMS, rng.integers(0, len(_FORMS), count))
    )
    family = list(English.last_names)
    english = (
        pick(family, rng.integers(0, len(family), count))
        + pick((" & ", "-", " "), rng.integers(0, 3, count))
        + pick(family, rng.integers(0, len(family), count))
        + pick([f" {word}" for word in _ENGLISH_TRADES], rng.integers(0, 15, count))
        + pick([f" {word}" for word in _ENGLISH_FORMS], rng.integers(0, 8, count))
    )
    overseas = region == REGIONS.index("overseas")
    foreign = rng.random(count) < np.where(overseas, 0.85, 0.05)
    return pl.select(pl.when(pl.Series(foreign)).then(english).otherwise(chinese)).to_series()


def employees(rng: np.random.Generator, seasons: Seasons) -> pl.DataFrame:
    """Success managers `E0001`… by region, then service agents; a few with English names."""
    count = MANAGERS + AGENTS
    family, given = list(Chinese.last_names), list(Chinese.first_names)
    chinese = (
        pick(family, rng.choice(60, count))
        + pick(given, rng.integers(0, len(given), count))
        + pick(["", *given], np.where(rng.random(count) < 0.4, rng.integers(1, 80, count), 0))
    )
    first = list(English.first_names)
    english = (
        pick(first, rng.integers(0, len(first), count))
        + pick([" "], np.zeros(count, np.int64))
        + pick(list(English.last_names), rng.integers(0, 200, count))
    )
    team = np.concatenate(
        [np.arange(MANAGERS) // MANAGERS_PER_REGION, len(REGIONS) + np.arange(AGENTS) % 3]
    )
    overseas = (team == REGIONS.index("overseas")) & (rng.random(count) < 0.8)
    joined = -rng.random(count) * 900
    return frame(
        "employees",
        {
            "employee_id": ids("E", np.arange(1, count + 1), 4),
            "name": pl.select(
                pl.when(pl.Series(overseas)).then(english).otherwise(chinese)
            ).to_series(),
            "team": pick(TEAMS, team),
            "updated_at": times(seasons.origin, joined),
        },
    )
