"""One part of a table on its way through the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from data_access.contract import TABLES, Column, Table
from data_access.door.parents import Parents
from data_access.door.rules import (
    HIDDEN,
    INSTEAD,
    Rule,
    free_texts,
    orphan_action,
    row_rules,
    summed,
    too_much,
)
from data_access.findings import Action, Rejection
from data_access.manifest import Verdict
from data_access.parts import SUPERSEDED, in_order
from data_access.reader import UNREADABLE

_EXAMPLES = 5
_ROW = "_row"


@dataclass(slots=True)
class Passed:
    """What became of one part of a table.

    Attributes:
        admitted: Rows that passed, mended, with the contract's columns, one customer's together.
        aside: As they were, all rows of each key of which a row was mended or turned away.
    """

    admitted: pl.DataFrame
    aside: pl.DataFrame
    verdict: Verdict


@dataclass(slots=True)
class Passage:
    """One part of a table on its way; each rule sees only rows that earlier ones left."""

    table: Table
    frame: pl.DataFrame
    read_at: datetime
    parents: Parents
    limits: dict[str, int]
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    touched: list[pl.Series] = field(default_factory=list[pl.Series])

    def through(self) -> Passed:
        """Apply every rule, once."""
        read = self.frame
        self.frame = read.with_row_index(_ROW)
        self._count_unreadable()
        self._drop_superseded()
        self._drop_deleted()
        self._uncover_hidden()
        self._apply(list(row_rules(self.table, self.read_at)))
        rows, sums = self._sums()
        self._apply([too_much(self.table.column(name), most) for name, most in self.limits.items()])
        for column in self.table.columns:
            if column.references in self.parents:
                self._check_reference(column)
        if self.table.parent:
            self._inherit_customer()
        admitted = in_order(self.table, self.frame.select(list(self.table.schema)))
        verdict = Verdict(read.height, tuple(self.rejections), self.limits, rows, sums)
        return Passed(admitted, self._aside(read), verdict)

    def _aside(self, read: pl.DataFrame) -> pl.DataFrame:
        if not self.touched:
            return read.clear()
        keys = read[pl.concat(self.touched).unique()].select(self.table.key)
        return read.join(keys, on=self.table.key, how="semi", nulls_equal=True)

    def _reject(self, rule: str, column: str, action: Action, broken: pl.DataFrame) -> None:
        key = pl.concat_str(self.table.key, separator="/", ignore_nulls=True)
        examples = broken.head(_EXAMPLES).select(key).to_series().to_list()
        caught = (self.table.name, rule, column, broken.height, action)
        self.rejections.append(Rejection(*caught, tuple(filter(None, examples))))
        if action is not Action.KEPT:
            self.touched.append(broken[_ROW])

    def _count_unreadable(self) -> None:
        lost = self.frame.filter(pl.col(UNREADABLE).is_not_null())
        for column in lost[UNREADABLE].explode().unique(maintain_order=True):
            caught = lost.filter(pl.col(UNREADABLE).list.contains(column))
            self._reject("unreadable", column, Action.NULLED, caught)

    def _drop_superseded(self) -> None:
        losers = self.frame.filter(SUPERSEDED)
        if losers.height:
            self._reject("duplicate_key", "+".join(self.table.key), Action.EXCLUDED, losers)
            self.frame = self.frame.filter(~pl.col(SUPERSEDED))

    def _drop_deleted(self) -> None:
        if "deleted_at" not in self.table.schema:
            return
        deleted = self.frame.filter(pl.col("deleted_at").is_not_null())
        stays = self.table.name == "customers"
        if deleted.height:
            action = Action.KEPT if stays else Action.EXCLUDED
            self._reject("deleted", "deleted_at", action, deleted)
        if deleted.height and not stays:
            self.frame = self.frame.filter(pl.col("deleted_at").is_null())

    def _uncover_hidden(self) -> None:
        """Put a visible sign in the place of each character that is not seen but felt."""
        names = [column.name for column in free_texts(self.table)]
        hidden = {name: pl.col(name).str.contains(HIDDEN).fill_null(value=False) for name in names}
        found = self.frame.select(**{name: found.any() for name, found in hidden.items()})
        for name in names:
            if found[name].item():
                caught = self.frame.filter(hidden[name])
                self._reject("hidden_character", name, Action.MENDED, caught)
                self.frame = self.frame.with_columns(pl.col(name).str.replace_all(HIDDEN, INSTEAD))

    def _apply(self, rules: list[Rule]) -> None:
        """Look for all of them in one pass, then apply those that caught something."""
        caught = self.frame.select(
            rule.broken.any().alias(str(number)) for number, rule in enumerate(rules)
        )
        broken = [rule for rule, found in zip(rules, caught, strict=True) if found.item()]
        for rule in broken:
            self._reject(rule.name, rule.column, rule.action, self.frame.filter(rule.broken))
        if broken:
            out = [rule.broken for rule in broken if not rule.nulled]
            kept = ~pl.any_horizontal(pl.lit(value=False), *out)
            mended = self._mended([rule for rule in broken if rule.nulled])
            self.frame = self.frame.filter(kept).with_columns(mended)

    def _sums(self) -> tuple[int, dict[str, float]]:
        """Rows, and the sum of the absolute values of each column that is added up in 64 bits."""
        columns = [column.name for column in summed(self.table)]
        sums = self.frame.select(pl.col(columns).cast(pl.Float64).abs().sum())
        return self.frame.height, {name: sums[name].item() for name in columns}

    def _mended(self, rules: list[Rule]) -> list[pl.Expr]:
        """Columns with the values that broke a rule nulled; a time together with its day."""
        broken: dict[str, list[pl.Expr]] = {}
        for rule in rules:
            for name in (rule.nulled, self.table.days.get(rule.nulled, "")):
                if name:
                    broken.setdefault(name, []).append(rule.broken)
        return [
            pl.when(~pl.any_horizontal(conditions)).then(pl.col(name)).alias(name)
            for name, conditions in broken.items()
        ]

    def _check_reference(self, column: Column) -> None:
        (key,) = TABLES[column.references].key
        known = self.parents.rows(column.references).select(pl.col(key).alias(column.name))
        given = self.frame.lazy().filter(pl.col(column.name).is_not_null())
        orphans = given.join(known, on=column.name, how="anti").collect()
        if orphans.is_empty():
            return
        action = orphan_action(column)
        self._reject("orphan", column.name, action, orphans)
        lost = pl.col(_ROW).is_in(orphans[_ROW].implode())
        if action is Action.EXCLUDED:
            self.frame = self.frame.filter(~lost)
        elif action is Action.NULLED:
            nulled = pl.when(~lost).then(pl.col(column.name)).alias(column.name)
            self.frame = self.frame.with_columns(nulled)

    def _inherit_customer(self) -> None:
        """Give each row its parent's customer, so that it is found and guarded like any other."""
        if self.table.parent not in self.parents:
            self.frame = self.frame.with_columns(customer_id=pl.lit(None, pl.String))
            return
        (key,) = TABLES[self.table.parent].key
        owners = self.parents.rows(self.table.parent).select(key, "customer_id")
        joined = self.frame.lazy().join(owners, on=key, how="left", validate="m:1")
        self.frame = joined.collect()
