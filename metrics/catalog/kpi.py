"""What an entry of the catalogue is: a KPI, its unit, its good direction and its targets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from metrics import rules


class Unit(StrEnum):
    """What a value is counted in; it decides how the value is written."""

    SHARE = "share"
    POINTS = "points"
    GAP = "gap"  # percentage points between two shares
    SCORE = "score"
    COUNT = "count"
    MONEY = "money"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"
    RATIO = "ratio"  # so many times as much
    YEARS = "years"
    AMOUNT = "amount"  # money in whole units, so that a target can be set in it


class Better(StrEnum):
    """Which direction is good. `CLOSER`: closer to zero."""

    UP = "up"
    DOWN = "down"
    CLOSER = "closer"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a source plan: `at_least`, `at_most` or `within` plus or minus `value`.

    Attributes:
        value: The level; where `basis` is "relative" the change on the baseline as a share of it
            (0.3: 30 % more), where it is "points" in the measure's own unit.
        watch: From which distance a `within` is watched; of other kinds, up to which value a miss
            is only watched.
        months_from, months_to: The months of the programme that it is set for.
        cap: The most that a level set against a baseline can ask for: no share is above 1.
    """

    value: float
    role: str
    kind: str
    source: str
    watch: float | None = None
    months_from: int | None = None
    months_to: int | None = None
    basis: str = "level"
    cap: float | None = None

    def level(self, baseline: float | None) -> float | None:
        """The level that must be reached; null for one set against a baseline without one."""
        if self.basis == "level":
            return self.value
        if baseline is None:
            return None
        change = baseline * self.value if self.basis == "relative" else self.value
        level = baseline + change
        return level if self.cap is None else min(level, self.cap)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One headline measure.

    Attributes:
        key: Stable name; words are under `kpi.<key>`.
        page: The page that explains it.
        needs: Contract columns without which it cannot be computed, as `table.column`, or
            `table.one/other` where either will do.
        sources: The plans that ask for it (S0..S4).
    """

    key: str
    page: str
    unit: Unit
    better: Better
    needs: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """Its targets, the base one first; empty where the plans give none."""
        entries = rules.load("targets").get(self.key, [])
        return tuple(
            sorted((Target(**entry) for entry in entries), key=lambda target: target.role != "base")
        )

    @property
    def target(self) -> Target | None:
        """The target it is judged against."""
        return next(iter(self.targets), None)

    def out_of_reach(self, target: Target, baseline: float | None = None) -> bool:
        """Whether no value can meet a target: a share of more than 1."""
        level = target.level(baseline)
        return self.unit is Unit.SHARE and level is not None and level > 1

    def judge(self, value: float | None, baseline: float | None = None) -> str:
        """`good` (target met), `watch`, `bad` (missed), or `neutral`, by the target in force."""
        return self.judge_by(self.target, value, baseline)

    def judge_by(
        self, target: Target | None, value: float | None, baseline: float | None = None
    ) -> str:
        """The same by any of the targets.

        Neutral is what has no target or no value, and a target against a baseline without one: that
        is never a pass.
        """
        level = None if target is None else target.level(baseline)
        if target is None or level is None or value is None:
            return "neutral"
        if target.kind == "within":
            distance = abs(value)
            if distance > target.value:
                return "bad"
            return "watch" if target.watch is not None and distance > target.watch else "good"
        if _reaches(target, value, level):
            return "good"
        near = target.watch is not None and _reaches(target, value, target.watch)
        return "watch" if near else "bad"

    def judge_change(self, now: float, before: float) -> str:
        """Whether a change is `good`, `bad` or `neutral`, whatever its sign."""
        match self.better:
            case Better.UP:
                gain = now - before
            case Better.DOWN:
                gain = before - now
            case Better.CLOSER:
                gain = abs(before) - abs(now)
            case Better.NEITHER:
                gain = 0.0
        return "neutral" if gain == 0 else "good" if gain > 0 else "bad"


def _reaches(target: Target, value: float, level: float) -> bool:
    return value >= level if target.kind == "at_least" else value <= level
