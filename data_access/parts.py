"""A contract table cut into parts by the month of its event, as the CRM has it.

A refresh that reads only changes puts them in the place of what had their keys, in whatever part
it was, and leaves every other part as it is. A small table is one part; a large one without an
event's time is cut anyhow, because nothing but size asks for it.

Of a part two files are kept: what the door admitted, and aside the few rows that it mended or
turned away, as they were. Together they are the part as the CRM has it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from data_access.contract import Table
from data_access.manifest import WHOLE, FileEntry, Verdict
from data_access.reader import UNREADABLE, ExtractedTable
from data_access.staging import Staging

CUT_FROM = 1_000_000  # rows; a smaller table is one part
UNDATED = "undated"
# Of rows with one key the last changed one counts, of equals the last read; this marks the others.
SUPERSEDED = "_superseded"
_ROW, _DIGEST, _PART = "_row", "_digest", "_part"


@dataclass(frozen=True, slots=True)
class Part:
    """One part at rest.

    Attributes:
        aside: None if the door neither mended nor turned away a row.
    """

    name: str
    admitted: FileEntry
    aside: FileEntry | None
    verdict: Verdict

    def rows(self, table: Table, staging: Staging) -> pl.LazyFrame:
        """Its rows as the CRM has them, with what the reading noticed of them."""
        unread = pl.lit(None, pl.List(pl.String)).alias(UNREADABLE)
        clean = staging.rows([self.admitted]).select(
            *table.own_schema, unread, pl.lit(value=False).alias(SUPERSEDED)
        )
        if self.aside is None:
            return clean
        aside = staging.rows([self.aside])
        return pl.concat([without(table, clean, aside), aside])

    def values(self, columns: Sequence[str], staging: Staging) -> pl.LazyFrame:
        """What some columns hold in every row; some may come twice, or mended too."""
        files = [self.admitted] if self.aside is None else [self.admitted, self.aside]
        return pl.concat([staging.rows([file]).select(columns) for file in files])


def known_parts(table: Table, staging: Staging) -> list[Part]:
    """The parts of a table in the base."""
    assert staging.base
    source = staging.base.sources[table.name]
    admitted = {file.part: file for file in staging.base.tables[table.name].files}
    aside = {file.part: file for file in source.files}
    return [
        Part(name, admitted[name], aside.get(name), verdict)
        for name, verdict in source.verdicts.items()
    ]


Fresh = Iterator[tuple[str, pl.DataFrame]]


def parts(
    table: Table, read: ExtractedTable, staging: Staging, *, cut_from: int
) -> tuple[Sequence[Part], Fresh]:
    """The parts of a table just read: those that stay as they are, and the others by name."""
    known = known_parts(table, staging) if read.since else []
    if read.since and not read.rows and read.keys is None:
        return known, iter(())
    rows = _marked(table, read.frame)
    if not read.since:
        return [], _cut(table, rows, read.rows, staging, cut_from)
    return _changed(table, rows.collect(), read.keys, known, staging)


def without(table: Table, rows: pl.LazyFrame, others: pl.LazyFrame) -> pl.LazyFrame:
    """The rows whose keys the others do not have."""
    keys = others.select(table.key)
    return rows.join(keys, on=table.key, how="anti", nulls_equal=True)


def in_order(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Sorted by customer, then event, so that one customer's rows are a few row groups."""
    wanted = dict.fromkeys(["customer_id", table.event_time, *table.key])
    return rows.sort([column for column in wanted if column in rows.columns])


def _marked(table: Table, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Mark rows that another one with the same key supersedes; keys may be incomplete."""
    keys = list(table.key)
    complete = pl.all_horizontal(pl.col(keys).is_not_null())
    digest = (pl.struct(keys) if len(keys) > 1 else pl.col(keys)).hash()
    keyed = frame.filter(complete)
    counts = keyed.select(pl.len(), n=digest.n_unique()).collect(engine="streaming")
    rows, distinct = counts.row(0)
    if rows == distinct:
        return frame.with_columns(pl.lit(value=False).alias(SUPERSEDED))
    numbered = frame.with_row_index(_ROW)
    repeated = keyed.group_by(digest.alias(_DIGEST)).agg(pl.len()).filter(pl.col("len") > 1)
    newest_last = ["updated_at", _ROW] if "updated_at" in table.schema else [_ROW]
    rivals = (
        numbered.filter(complete)
        .with_columns(digest.alias(_DIGEST))
        .join(repeated, on=_DIGEST, how="semi")
        .select(*dict.fromkeys([_ROW, *keys, *newest_last]))
        .sort(newest_last, nulls_last=False)
        .collect(engine="streaming")
    )
    losers = rivals.filter(~pl.struct(keys).is_last_distinct()).get_column(_ROW)
    return numbered.with_columns(pl.col(_ROW).is_in(losers.implode()).alias(SUPERSEDED)).drop(_ROW)


def _cut(table: Table, rows: pl.LazyFrame, height: int, staging: Staging, cut_from: int) -> Fresh:
    """All rows of a table, part by part; on disk first, so that memory holds one part."""
    if height < cut_from:
        yield WHOLE, rows.collect()
        return
    folder = staging.spool / f"parts of {table.name}"
    pieces = -(-height // cut_from)
    cut = pl.PartitionBy(folder, key=_PART, include_key=False)
    rows.with_columns(_part(table, pieces).alias(_PART)).sink_ipc(cut, mkdir=True)
    for part in sorted(folder.iterdir()):
        yield part.name.partition("=")[2], pl.scan_ipc(sorted(part.iterdir())).collect()
        shutil.rmtree(part)


def _part(table: Table, pieces: int) -> pl.Expr:
    """The month of the event; without one, one of so many pieces, whichever."""
    if table.event_time:
        return pl.col(table.event_time).dt.strftime("%Y-%m").fill_null(UNDATED)
    return pl.format("piece-{}", pl.struct(table.key).hash() % pieces)


def _changed(
    table: Table,
    rows: pl.DataFrame,
    keys: pl.LazyFrame | None,
    known: Sequence[Part],
    staging: Staging,
) -> tuple[Sequence[Part], Fresh]:
    """Put changed rows in the place of what had their keys; drop those whose keys are gone."""
    out = rows.select(table.key).unique()
    if keys is not None:
        ours = pl.concat([part.values(table.key, staging) for part in known])
        gone = without(table, ours, keys).unique().collect(engine="streaming")
        out = pl.concat([out, gone])
    place = pl.lit(WHOLE) if [part.name for part in known] == [WHOLE] else _part(table, len(known))
    arriving = {
        str(name): some for (name,), some in rows.group_by(place.alias(_PART), maintain_order=True)
    }
    kept: list[Part] = []
    leaving: dict[str, Part] = {}
    for part in known:
        own = part.values(table.key, staging)
        found = own.join(out.lazy(), on=table.key, how="semi", nulls_equal=True)
        if part.name in arriving or found.select(pl.len()).collect(engine="streaming").item():
            leaving[part.name] = part
        else:
            kept.append(part)

    def fresh() -> Fresh:
        for name in sorted({*leaving, *arriving}):
            new = arriving.get(name, rows.clear())
            if name in leaving:
                old = leaving[name].rows(table, staging)
                new = pl.concat([without(table, old, out.lazy()).collect(), new])
            yield name, new

    return kept, fresh()
