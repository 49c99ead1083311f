"""The outlook of a target in words: how likely it is, and what is still needed for it."""

from __future__ import annotations

from dashboard import i18n, kpi
from dashboard.answers.outlook import Ahead
from dashboard.i18n import t
from metrics.catalog import KPIS, Unit
from metrics.outlook import Outlook
from metrics.rules import load
from metrics.spending import Spending

_NET = 3  # kinds of answer of a net score


def chance(ahead: Ahead) -> str:
    """A probability in whole per cent; beyond what can be told, `> 99%` or `< 1%`."""
    value, sure = ahead.chance, load("outlook")["said"]["sure"]
    if value is None:
        return i18n.DASH
    if _decided(ahead) or 1 - sure <= value <= sure:
        return i18n.share(value, 0)
    edge, sign = (sure, ">") if value > sure else (1 - sure, "<")
    return f"{sign} {i18n.share(edge, 0)}"


def _decided(ahead: Ahead) -> bool:
    """Whether nothing that may still come changes the verdict."""
    found = ahead.counted
    return ahead.days_left == 0 or (found is not None and (found.certain or not found.reachable))


def tone(ahead: Ahead) -> str:
    """The judgement that a chance comes to: likely, unlikely, open."""
    if ahead.chance is None:
        return "neutral"
    likely = load("outlook")["said"]["likely"]
    if ahead.chance >= likely:
        return "good"
    return "bad" if ahead.chance < 1 - likely else "watch"


def word(ahead: Ahead) -> str:
    """Likely, unlikely, open, decided; rough where little is known."""
    if ahead.chance is None:
        return ""
    if _decided(ahead):
        missed = "not_made" if ahead.days_left == 0 else "beyond"
        return t(f"outlook.word.{'made' if ahead.chance == 1 else missed}")
    found = t(f"outlook.word.{tone(ahead)}")
    few = (
        ahead.counted is not None and sum(ahead.counted.learnt) < load("outlook")["said"]["fewest"]
    )
    return t("outlook.word.rough", word=found) if few else found


def until(ahead: Ahead) -> str:
    """The last day, and how far away it is."""
    day = i18n.short_day(ahead.until)
    if ahead.days_left == 0:
        return t("outlook.over", day=day)
    return t("outlook.until", day=day, days=ahead.days_left)


def _scaled(key: str, figure: float | None) -> str:
    """A figure of an outlook as its measure is written: net scores are points."""
    entry = KPIS[key]
    points = entry.unit is Unit.POINTS and figure is not None
    return kpi.value_text(entry, figure * 100 if points and figure is not None else figure)


def now(key: str, ahead: Ahead) -> str:
    """Where it stands."""
    found, year = ahead.counted, ahead.spending
    if found is not None and _kind(key) == "retention":  # all are known; the others may come back
        return _scaled(key, sum(_scores(found)) / found.size if found.size else None)
    if found is not None:
        return _scaled(key, found.now)
    return i18n.DASH if year is None else _money(sum(year.spent), ahead)


def end(key: str, ahead: Ahead) -> str:
    """Where it ends if the rest goes as of late."""
    if ahead.counted is not None:
        return _scaled(key, ahead.counted.end)
    year = ahead.spending
    if year is None or year.end is None or not year.plan:
        return i18n.DASH
    return kpi.value_text(KPIS[key], year.end / year.plan - 1)


def figures(key: str, ahead: Ahead) -> str:
    """So far, foreseen, target."""
    if ahead.counted is None and ahead.spending is None:
        return ""
    told = {"now": now(key, ahead), "end": end(key, ahead)}
    told["target"] = kpi.target_text(KPIS[key], KPIS[key].targets[0])
    if ahead.spending is not None:
        return t("outlook.figures.budget", **told)
    n = 0 if ahead.counted is None else _rests_on(key, ahead.counted)
    kind = "over" if ahead.days_left == 0 else "running"
    return t(f"outlook.figures.{kind}", n=i18n.number(n), **told)


def _rests_on(key: str, found: Outlook) -> int:
    return found.size if _kind(key) == "retention" else sum(found.so_far)


def needed(key: str, ahead: Ahead) -> str:
    """What it still takes, or what may still be lost."""
    found = ahead.counted
    if ahead.missing is not None:
        return kpi.missing_text(ahead.missing)
    if ahead.spending is not None:
        return _to_spend(ahead.spending, ahead)
    if found is None or found.end is None:
        return t("missing.outlook_nothing")
    if ahead.days_left == 0:
        return t(f"outlook.done.{'made' if found.certain else 'not_made'}")
    return _to_come(key, found)


def _to_come(key: str, found: Outlook) -> str:
    kind = _kind(key)
    about = {"expected": i18n.number(found.expected), "what": t(f"outlook.what.{kind}")}
    if found.certain:
        return t("outlook.certain", **about)
    if found.reachable:
        return _lacking(key, found, about)
    best = (sum(_scores(found)) + max(found.scores) * found.expected) / found.size
    return t("outlook.out_of_reach", best=_scaled(key, best), **about)


def _scores(found: Outlook) -> list[int]:
    return [score * count for score, count in zip(found.scores, found.so_far, strict=True)]


def _kind(key: str) -> str:
    kinds = {"nps": "nps", "csat": "csat", "annual_retention": "retention"}
    return kinds.get(key, "sla")


def _lacking(key: str, found: Outlook, about: dict[str, str]) -> str:
    lacking, kind = found.lacking or 0, _kind(key)
    if lacking <= 0:
        return t(f"outlook.spare.{kind}", spare=i18n.number(-lacking), **about)
    told = {
        "more": i18n.number(lacking),
        "won": i18n.number(-(-lacking // 2)),
        "asked": _rate(found.asked),
        "pace": _rate(found.pace),
    }
    if len(found.scores) != _NET:
        return t(f"outlook.need.{kind}", **told, **about)
    passives = found.learnt[1] / sum(found.learnt) * found.expected
    return t(f"outlook.need.{'nps' if lacking <= passives else 'nps_won'}", **told, **about)


def _rate(value: float | None) -> str:
    return i18n.share(value, 1)


def _money(amount: float, ahead: Ahead) -> str:
    return kpi.money(amount, currency=ahead.currency)


def _to_spend(year: Spending, ahead: Ahead) -> str:
    low, high = year.room
    if high < 0:
        return t("outlook.budget.over", over=_money(-high, ahead))
    told = {"high": _money(high, ahead), "ahead": _money(year.ahead, ahead)}
    told["pace"] = _money((year.rate or 0.0) * year.ahead, ahead)
    if low <= 0:
        return t("outlook.budget.most", **told)
    return t("outlook.budget.between", low=_money(low, ahead), **told)
