"""One table at the door: its parts pass one by one, and those unchanged need not pass again."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from data_access.contract import TABLES, Table
from data_access.door import rules
from data_access.door.parents import Parents
from data_access.door.passage import Passage
from data_access.extract import ExtractedTable
from data_access.manifest import FileEntry, Source
from data_access.parts import Part, parts
from data_access.staging import Staging

_TOGETHER = 2  # parts


@dataclass(slots=True)
class Gate:
    """One table on its way.

    Attributes:
        parts: Those that have passed, by name.
    """

    table: Table
    read_at: datetime
    staging: Staging
    parents: Parents
    parts: dict[str, Part] = field(default_factory=dict[str, Part])

    def pass_all(self, extracted: ExtractedTable, *, cut_from: int) -> None:
        """Let every part of the table through."""
        kept, fresh = parts(self.table, extracted, self.staging, cut_from=cut_from)
        for part in kept:
            if part.verdict.caught("future") or self._relatives_changed(part):
                self._again(part, part.verdict.limits)
            else:
                self.parts[part.name] = part
        self._let_all_through(fresh)
        self._limit_sums()

    def source(self, extracted: ExtractedTable, moment: datetime | None) -> Source:
        """How the table was before, for the next refresh."""
        aside = tuple(part.aside for part in self._ordered() if part.aside)
        verdicts = {part.name: part.verdict for part in self._ordered()}
        return Source(extracted.columns, moment, aside, verdicts)

    def files(self) -> list[FileEntry]:
        """The table as admitted, parts in their order."""
        return [part.admitted for part in self._ordered()]

    def _ordered(self) -> list[Part]:
        return [self.parts[name] for name in sorted(self.parts)]

    def _let_all_through(self, fresh: Iterable[tuple[str, pl.DataFrame]]) -> None:
        """Two parts at a time: half of a passage is sorting and packing on one core."""
        with ThreadPoolExecutor(_TOGETHER) as workers:
            passing: deque[Future[None]] = deque()
            for name, rows in fresh:
                passing.append(workers.submit(self._let_through, name, rows, {}))
                del rows  # memory holds those that are passing, no others
                if len(passing) == _TOGETHER:
                    passing.popleft().result()
            for last in passing:
                last.result()

    def _let_through(self, name: str, rows: pl.DataFrame, limits: dict[str, int]) -> None:
        passed = Passage(self.table, rows, self.read_at, self.parents, limits).through()
        aside = None
        if passed.aside.height:
            aside = self.staging.put(f"aside-{self.table.name}", name, passed.aside)
        admitted = self.staging.put(self.table.name, name, passed.admitted)
        self.parts[name] = Part(name, admitted, aside, passed.verdict)

    def _again(self, part: Part, limits: dict[str, int]) -> None:
        self._let_through(part.name, part.rows(self.table, self.staging).collect(), limits)

    def _limit_sums(self) -> None:
        """Let parts through again if the table's sums ask for another limit than theirs."""
        found = [part.verdict for part in self.parts.values()]
        sums: Counter[str] = Counter()
        for verdict in found:
            sums.update(verdict.sums)
        limits = rules.limits(self.table, sum(verdict.summed for verdict in found), sums)
        for part in self._ordered():
            if part.verdict.limits != limits:
                self._again(part, limits)

    def _relatives_changed(self, part: Part) -> bool:
        """Whether a row that this part refers to has come or gone, or is another customer's."""
        for column in self.table.columns:
            if not column.references:
                continue
            changes = self.parents.changes(column.references)
            if changes is None:
                return True
            lost, came = changes
            orphans = part.verdict.caught("orphan", column.name)
            sought = pl.concat([lost, came]) if orphans else lost
            (key,) = TABLES[column.references].key
            if sought.height:
                given = part.values([column.name], self.staging)
                met = given.join(sought.lazy(), left_on=column.name, right_on=key, how="semi")
                if met.select(pl.len()).collect(engine="streaming").item():
                    return True
        return False
