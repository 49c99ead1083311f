"""One table's way through the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from data_access.contract import TABLES, Column, Table
from data_access.door.rules import (
    HIDDEN,
    INSTEAD,
    MOST_TOGETHER,
    Rule,
    free_texts,
    orphan_action,
    row_rules,
    summed,
    too_much,
)
from data_access.findings import Action, Rejection

_EXAMPLES = 5
_ROW = "_row"


@dataclass(slots=True)
class Passage:
    """One table's way through the rules; each rule sees only rows that earlier ones left."""

    table: Table
    frame: pl.LazyFrame
    read_at: datetime
    parents: dict[str, pl.LazyFrame]
    rejections: list[Rejection] = field(default_factory=list[Rejection])

    def admitted(self) -> pl.LazyFrame:
        """Rows that pass, mended, with the contract's columns."""
        self._drop_duplicates()
        self._drop_deleted()
        self._uncover_hidden()
        self._apply(list(row_rules(self.table, self.read_at)))
        self._keep_sums_exact()
        for column in self.table.columns:
            if column.references in self.parents:
                self._check_reference(column)
        if self.table.parent:
            self._inherit_customer()
        return self.frame.select(list(self.table.schema))

    def _key(self) -> pl.Expr:
        return pl.concat_str(self.table.key, separator="/")

    def _reject(
        self, rule: str, column: str, rows: int, action: Action, broken: pl.LazyFrame
    ) -> None:
        examples = broken.select(self._key()).head(_EXAMPLES).collect().to_series().to_list()
        self.rejections.append(
            Rejection(
                self.table.name,
                rule,
                column,
                rows,
                action,
                tuple(key for key in examples if key is not None),
            )
        )

    def _drop_duplicates(self) -> None:
        keys = list(self.table.key)
        complete = pl.all_horizontal(pl.col(keys).is_not_null())
        digest = pl.struct(keys).hash()
        keyed = self.frame.filter(complete)
        rows, distinct = (
            keyed.select(pl.len(), n=digest.n_unique()).collect(engine="streaming").row(0)
        )
        if rows == distinct:
            return
        numbered = self.frame.with_row_index(_ROW)
        repeated = keyed.group_by(_digest=digest).agg(n=pl.len()).filter(pl.col("n") > 1)
        suspects = numbered.filter(complete).with_columns(_digest=digest)
        newest_last = ["updated_at", _ROW] if "updated_at" in self.table.schema else [_ROW]
        rivals = (
            suspects.join(repeated, on="_digest", how="semi")
            .select(_ROW, *dict.fromkeys([*keys, *newest_last[:-1]]))
            .sort(newest_last, nulls_last=False)
            .collect(engine="streaming")
        )
        losers = rivals.filter(~pl.struct(keys).is_last_distinct())
        if losers.height:
            self._reject(
                "duplicate_key", "+".join(keys), losers.height, Action.EXCLUDED, losers.lazy()
            )
            out = losers.get_column(_ROW).implode()
            self.frame = numbered.filter(~pl.col(_ROW).is_in(out)).drop(_ROW)

    def _drop_deleted(self) -> None:
        if "deleted_at" not in self.table.schema:
            return
        deleted = self.frame.filter(pl.col("deleted_at").is_not_null())
        rows = _count(deleted)
        stays = self.table.name == "customers"
        if rows:
            action = Action.KEPT if stays else Action.EXCLUDED
            self._reject("deleted", "deleted_at", rows, action, deleted)
        if rows and not stays:
            self.frame = self.frame.filter(pl.col("deleted_at").is_null())

    def _uncover_hidden(self) -> None:
        """Put a visible sign in the place of each character that is not seen but felt."""
        names = [column.name for column in free_texts(self.table)]
        if not names:
            return
        hidden = {name: pl.col(name).str.contains(HIDDEN).fill_null(value=False) for name in names}
        counts = self.frame.select(**{name: found.sum() for name, found in hidden.items()})
        for name, rows in counts.collect(engine="streaming").row(0, named=True).items():
            if rows:
                caught = self.frame.filter(hidden[name])
                self._reject("hidden_character", name, rows, Action.MENDED, caught)
                self.frame = self.frame.with_columns(pl.col(name).str.replace_all(HIDDEN, INSTEAD))

    def _apply(self, rules: list[Rule]) -> None:
        """Count all rules in one pass, then apply those that caught something."""
        if not rules:
            return
        counted = self.frame.select(
            rule.broken.sum().alias(str(number)) for number, rule in enumerate(rules)
        )
        counts = counted.collect(engine="streaming").row(0)
        broken = [(rule, count) for rule, count in zip(rules, counts, strict=True) if count]
        for rule, count in broken:
            caught = self.frame.filter(rule.broken)
            self._reject(rule.name, rule.column, count, rule.action, caught)
        if not broken:
            return
        kept = pl.all_horizontal(
            pl.lit(value=True), *(~rule.broken for rule, _ in broken if not rule.nulled)
        )
        mended = self._mended([rule for rule, _ in broken if rule.nulled])
        self.frame = self.frame.filter(kept).with_columns(mended)

    def _keep_sums_exact(self) -> None:
        """Turn away the largest values of a column that together are more than 64 bits hold."""
        columns = summed(self.table)
        if not columns:
            return
        sums = [pl.col(column.name).cast(pl.Float64).abs().sum() for column in columns]
        rows, *totals = self.frame.select(pl.len(), *sums).collect(engine="streaming").row(0)
        pairs = zip(columns, totals, strict=True)
        self._apply([too_much(column, rows) for column, sum_ in pairs if sum_ > MOST_TOGETHER])

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
        parent = self.parents[column.references]
        (key,) = TABLES[column.references].key
        known = parent.select(pl.col(key).alias(column.name))
        given = self.frame.filter(pl.col(column.name).is_not_null())
        orphans = given.join(known, on=column.name, how="anti")
        rows = _count(orphans)
        if not rows:
            return
        action = orphan_action(column)
        self._reject("orphan", column.name, rows, action, orphans)
        if action is Action.EXCLUDED:
            self.frame = self.frame.join(known, on=column.name, how="semi")
        elif action is Action.NULLED:
            lost = orphans.select(pl.col(column.name).unique()).collect(engine="streaming")
            unknown = pl.col(column.name).is_in(lost.to_series().implode())
            self.frame = self.frame.with_columns(
                pl.when(~unknown).then(pl.col(column.name)).alias(column.name)
            )

    def _inherit_customer(self) -> None:
        """Give each row its parent's customer, so that it is found and guarded like any other."""
        if self.table.parent not in self.parents:
            self.frame = self.frame.with_columns(customer_id=pl.lit(None, pl.String))
            return
        parent = self.parents[self.table.parent]
        (key,) = TABLES[self.table.parent].key
        owners = parent.select(key, "customer_id")
        self.frame = self.frame.join(owners, on=key, how="left", validate="m:1")


def _count(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect(engine="streaming").item())
