"""What is kept of a fitted churn model: numbers that score everyone, and what they rest on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any, Self

import polars as pl

from metrics.churn.regime import PURCHASES, REGIMES, Regime
from metrics.churn.rhythm import Definition

VERSION = 3  # of the stored form; a file of another version is fitted again, not guessed at


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the design: a feature as it is, or whether `source` has the value `level`."""

    name: str
    driver: str
    source: str
    level: str | None = None

    def value(self) -> pl.Expr:
        """The column as Float64, from a frame of `features`."""
        if self.level is None:
            return pl.col(self.source).cast(pl.Float64)
        return (pl.col(self.source) == self.level).fill_null(value=False).cast(pl.Float64)


@dataclass(frozen=True, slots=True)
class Effect:
    """A column with its coefficient on the log pace of return, standard error and mean."""

    column: Column
    beta: float
    standard_error: float
    centre: float


@dataclass(frozen=True, slots=True)
class Note:
    """Something the fit left out and why: a code for the words, and what it is about."""

    code: str
    subject: str


@dataclass(frozen=True, slots=True)
class ChurnModel:
    """A stratified Cox model of the next purchase, or of the end of a contract, as numbers.

    Attributes:
        effects: Coefficients; a positive one means that the event comes sooner.
        cuts: Bounds of the bands of the regime's clock; band b holds cuts[b-1] <= x < cuts[b].
        baseline: Cumulative hazard of the mean customer, one row per band, days 0 to window.
        rows: Landmark rows trained on.
        customers: Distinct customers among them.
        events: Purchases, or ends of contracts, among them.
        landmarks: Distinct landmark days.
        concordance: Share of comparable pairs within a band put in the right order.
        definition: Of churn, at the time of the fit; scoring may use another. Means nothing
            under contract.
        as_of: Last day of the data.
        notes: What was dropped.
        regime: Name of the regime (`metrics.churn.regime`).
        returns: Of churned customers, from so many usual gaps of silence on, observed ÷ predicted
            returns; ascending, empty if too few were seen.
    """

    effects: tuple[Effect, ...]
    cuts: tuple[float, ...]
    baseline: tuple[tuple[float, ...], ...]
    rows: int
    customers: int
    events: int
    landmarks: int
    concordance: float
    definition: Definition
    as_of: date
    notes: tuple[Note, ...] = ()
    regime: str = PURCHASES.name
    returns: tuple[tuple[float, float], ...] = ()
    version: int = VERSION

    @property
    def kind(self) -> Regime:
        """What its events and bands are."""
        return REGIMES[self.regime]

    @property
    def window(self) -> int:
        """Last day the baseline knows; nothing is extrapolated beyond."""
        return len(self.baseline[0]) - 1

    def band(self) -> pl.Expr:
        """Index of the band, from the regime's clock; null where that is."""
        return band_of(self.kind.clock, self.cuts)

    def centred(self, available: set[str]) -> list[pl.Expr]:
        """Each effect's share of the log pace against the mean training customer.

        By name, never by position. A feature whose table has gone since the fit counts as mean.
        """
        return [
            (effect.column.value() - effect.centre) * effect.beta
            if effect.column.source in available
            else pl.lit(0.0)
            for effect in self.effects
        ]

    def pace(self, available: set[str]) -> pl.Expr:
        """How many times as fast as the mean training customer of the same band."""
        return reduce(add, self.centred(available), pl.lit(0.0)).exp()

    def hazard(self, band: pl.Expr, day: pl.Expr) -> pl.Expr:
        """Cumulative baseline hazard of a band at a day, by lookup; days are cut to the window."""
        table = pl.Series([value for row in self.baseline for value in row], dtype=pl.Float64)
        position = band.cast(pl.Int64) * (self.window + 1) + day.clip(0, self.window)
        return pl.lit(table).gather(position.cast(pl.Int64))

    def to_json(self) -> str:
        """The model as JSON; floats survive exactly."""
        return json.dumps(asdict(self), default=str, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote.

        Raises:
            ValueError: It was written by another version of this module.
        """
        stored: dict[str, Any] = json.loads(text)
        if stored.get("version") != VERSION:
            message = f"churn model of version {stored.get('version')}; {VERSION} is needed"
            raise ValueError(message)
        stored["effects"] = tuple(_effect(**effect) for effect in stored["effects"])
        stored["cuts"] = tuple(stored["cuts"])
        stored["baseline"] = tuple(tuple(row) for row in stored["baseline"])
        stored["definition"] = Definition(**stored["definition"])
        stored["as_of"] = date.fromisoformat(stored["as_of"])
        stored["returns"] = tuple((gaps, factor) for gaps, factor in stored["returns"])
        stored["notes"] = tuple(Note(**note) for note in stored["notes"])
        return cls(**stored)


def _effect(column: dict[str, str | None], **numbers: float) -> Effect:
    return Effect(Column(**column), **numbers)  # pyright: ignore[reportArgumentType]


def band_of(clock: str, cuts: tuple[float, ...]) -> pl.Expr:
    """Index of the band that a column falls into; null where the column is."""
    zero = pl.when(pl.col(clock).is_not_null()).then(pl.lit(0, dtype=pl.Int8))
    return reduce(add, [(pl.col(clock) >= cut).cast(pl.Int8) for cut in cuts], zero)
