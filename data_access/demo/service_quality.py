"""Hand-overs, the ledger of rectifications, look-ups and checks: what follows from tickets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, Ints, blank, frame, ids, pick, times, weighted
from data_access.demo.people import AGENTS, MANAGERS
from data_access.demo.seasons import SHANGHAI, Seasons
from data_access.demo.service import TICKET_CHANNELS

DEPARTMENTS = ("product", "logistics", "service", "finance", "it")
CHECKED_DAYS = 540.0  # so long service has been checked

_TERM_DAYS = np.array([21.0, 10.0, 7.0, 14.0, 21.0])
_WORK_DAYS = np.array([15.0, 5.5, 3.4, 8.5, 11.5])  # median until done, by department
_PROBLEMS = (
    *("说明书与实物不符", "同城配送多次延误", "客服答复前后不一致", "发票抬头开错", "App 无法登录"),
    *("包装易破损", "预约时段未兑现", "转接后需重复说明问题", "退款到账慢", "订单状态未更新"),
)
_CRITERIA = (
    "抽检 30 件无同类问题",
    "连续两周准时率不低于 98%",
    "抽听 20 通录音全部合规",
    "客户书面确认",
    "回归测试通过并上线",
)
_FAULTS = ("未核对客户身份", "未按话术告知时限", "未登记处理结果", "服务态度生硬")
_CAUSES = ("新员工不熟悉流程", "高峰期人手不足", "系统提示不清楚", "话术未更新")
_MEASURES = ("一对一辅导", "调整排班", "修订操作指引", "补充培训并复查")


def quality_tables(
    rng: Callable[[str], np.random.Generator],
    tables: dict[str, pl.DataFrame],
    numbers_from: int,
    seasons: Seasons,
    as_of: datetime,
) -> dict[str, pl.DataFrame]:
    """The tables that refer to tickets, of those that the door lets in."""
    sound = tables["tickets"].filter(
        pl.col("created_at") <= as_of,
        pl.col("customer_id").is_null() | pl.col("customer_id").str.starts_with("C"),
        (pl.col("resolved_at") >= pl.col("created_at")).fill_null(value=True),
        (pl.col("first_response_at") >= pl.col("created_at")).fill_null(value=True),
    )
    tickets = sound.unique("ticket_id", keep="first", maintain_order=True)
    calls = tables["interactions"].filter(
        pl.col("channel") == "phone", pl.col("occurred_at") <= as_of
    )
    return {
        "hand_overs": _hand_overs(rng("hand-overs"), tickets, numbers_from, seasons),
        "rectifications": _rectifications(rng("rectifications"), tickets, numbers_from, seasons),
        "knowledge_queries": _queries(rng("knowledge"), tickets, numbers_from, seasons),
        "quality_checks": _checks(rng("checks"), tickets, calls, numbers_from, seasons),
    }


def _days(moments: pl.Series, seasons: Seasons) -> Floats:
    """Moments in days since the origin; NaN where there is none."""
    since = (moments - seasons.origin).dt.total_seconds().cast(pl.Float64) / 86_400
    return since.fill_null(np.nan).to_numpy()


def _until(when: Floats, seasons: Seasons) -> pl.Series:
    return times(seasons.origin, np.where(when <= seasons.end, when, np.nan))


def _hand_overs(
    rng: np.random.Generator, tickets: pl.DataFrame, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """Some 9 % of tickets are passed on; faster, and with their history, since the programme."""
    share = np.array([0.07, 0.10, 0.22, 0.10, 0.06])
    channel = tickets["channel"].replace_strict(TICKET_CHANNELS, range(5), return_dtype=pl.Int64)
    begun = _days(tickets["created_at"], seasons)
    when = begun + rng.exponential(0.15, tickets.height)
    passed = (rng.random(tickets.height) < share[channel.to_numpy()]) & (when < seasons.end)
    rows, when = tickets.filter(pl.Series(passed)), when[passed]
    count = len(when)
    start: Ints = channel.to_numpy()[passed]
    target = (start + 1 + weighted(rng, (3, 1, 1, 2), count)) % len(TICKET_CHANNELS)
    late = when > seasons.end - 184
    wait = rng.lognormal(np.log(np.where(late, 29.0, 41.0)), 0.8, count) / 1440
    wait = np.where(rng.random(count) < 0.006, np.inf, wait)
    carried = rng.random(count) < np.where(late, 0.962, 0.91)
    picked = _until(when + wait, seasons)
    return frame(
        "hand_overs",
        {
            "hand_over_id": ids("V", numbers_from + np.arange(count), 10),
            "ticket_id": rows["ticket_id"],
            "handed_at": times(seasons.origin, when),
            "from_channel": rows["channel"],
            "to_channel": pick(TICKET_CHANNELS, target),
            "picked_up_at": picked,
            "history_carried": blank(pl.Series(carried), picked.is_null().to_numpy()),
            "updated_at": times(seasons.origin, np.minimum(when + 0.1, seasons.end)),
        },
    )


def _rectifications(
    rng: np.random.Generator, tickets: pl.DataFrame, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """Much of the serious feedback, and some complaints, are entered in the ledger."""
    grave = tickets.select(
        pl.when(pl.col("kind") == "feedback")
        .then(pl.col("grade").replace_strict({"major": 0.8, "complex": 0.3}, default=0.0))
        .when(pl.col("kind") == "complaint")
        .then(0.10)
        .otherwise(0.0)
    ).to_series()
    begun = _days(tickets["created_at"], seasons) + rng.uniform(0.1, 1.5, tickets.height)
    entered = (rng.random(tickets.height) < grave.to_numpy()) & (begun < seasons.end)
    rows, raised = tickets.filter(pl.Series(entered)), begun[entered]
    count = len(raised)
    department = weighted(rng, (30, 26, 22, 10, 12), count)
    work = rng.lognormal(np.log(_WORK_DAYS[department]), 0.55, count)
    analysed = raised + work * rng.uniform(0.1, 0.4, count)
    stuck = (rng.random(count) < 0.16) & (raised > seasons.end - 120)
    done = np.where(stuck, np.inf, raised + work)
    accepted = done + rng.exponential(1.2, count)
    informed = np.where(rng.random(count) < 0.91, accepted + rng.exponential(1.0, count), np.inf)
    first = np.datetime64(seasons.origin.astimezone(SHANGHAI).date(), "D")
    due = pl.Series(first + np.floor(raised + _TERM_DAYS[department]).astype(np.int64))
    vague = rng.random(count) < 0.05
    problem = department + len(DEPARTMENTS) * rng.integers(0, 2, count)
    latest = np.fmin(np.fmax.reduce([raised, analysed, accepted]), seasons.end)
    return frame(
        "rectifications",
        {
            "rectification_id": ids("Q", numbers_from + np.arange(count), 10),
            "ticket_id": rows["ticket_id"],
            "customer_id": rows["customer_id"],
            "problem": pick(_PROBLEMS, problem),
            "department": pick(DEPARTMENTS, department),
            "raised_at": times(seasons.origin, raised),
            "analysed_at": _until(analysed, seasons),
            "due_on": due,
            "criteria": blank(pick(_CRITERIA, department), vague),
            "done_at": _until(done, seasons),
            "accepted_at": _until(accepted, seasons),
            "informed_at": _until(informed, seasons),
            "updated_at": times(seasons.origin, latest),
        },
    )


def _queries(
    rng: np.random.Generator, tickets: pl.DataFrame, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """Agents look something up for two tickets of five of the last year and a half."""
    begun = _days(tickets["created_at"], seasons)
    asked = (begun > seasons.end - CHECKED_DAYS) & (rng.random(len(begun)) < 0.4)
    when = np.minimum(begun[asked] + 0.004, seasons.end)
    count = len(when)
    judged = rng.random(count) < 0.3
    correct = rng.random(count) < np.where(when > seasons.end - 120, 0.978, 0.951)
    return frame(
        "knowledge_queries",
        {
            "query_id": ids("U", numbers_from + np.arange(count), 10),
            "asked_at": times(seasons.origin, when),
            "ticket_id": tickets.filter(pl.Series(asked))["ticket_id"],
            "correct": blank(pl.Series(correct), ~judged),
            "pushed": rng.random(count) < 0.55,
            "updated_at": times(seasons.origin, when),
        },
    )


def _checks(
    rng: np.random.Generator,
    tickets: pl.DataFrame,
    calls: pl.DataFrame,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """One record and one recording in twenty, some call backs; mystery visits with the first."""
    kinds = ("record", "callback", "closed_loop", "recording", "mystery_visit")
    records = rng.random(tickets.height) < 0.058
    recordings = rng.random(calls.height) < 0.047
    of = weighted(rng, (80, 12, 8), int(records.sum()))
    visits = 26 * 7 if numbers_from == 1 else 0
    days = seasons.end - np.sort(rng.uniform(0, CHECKED_DAYS, visits))
    when = np.concatenate(
        [
            _days(tickets["created_at"], seasons)[records] + 3,
            _days(calls["occurred_at"], seasons)[recordings] + 3,
            days,
        ]
    )
    kind = np.concatenate([of, np.full(int(recordings.sum()), 3), np.full(visits, 4)])
    staff = [f"E{number:04d}" for number in range(1, MANAGERS + AGENTS + 1)]
    agents = pick(staff[MANAGERS:], rng.integers(0, AGENTS, visits))
    who = pl.concat(
        [tickets.filter(pl.Series(records))["agent_id"],
         calls.filter(pl.Series(recordings))["employee_id"], agents]
    )  # fmt: skip
    kept = np.flatnonzero((when <= seasons.end) & (when > seasons.end - CHECKED_DAYS))
    kept = kept[np.argsort(when[kept], kind="stable")]
    when, kind, count = when[kept], kind[kept], len(kept)
    compliant = rng.random(count) < 0.973
    consistent = rng.random(count) < 0.934
    fault = ~compliant | ~consistent
    told = {
        name: blank(pick(words, rng.integers(0, 4, count)), ~fault | (rng.random(count) < 0.06))
        for name, words in (("problem", _FAULTS), ("cause", _CAUSES), ("measure", _MEASURES))
    }
    return frame(
        "quality_checks",
        {
            "check_id": ids("K", numbers_from + np.arange(count), 10),
            "kind": pick(kinds, kind),
            "checked_at": times(seasons.origin, when),
            "employee_id": who.gather(pl.Series(kept)),
            "compliant": compliant,
            "consistent": consistent,
            **told,
            "updated_at": times(seasons.origin, when),
        },
    )
