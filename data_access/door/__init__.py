"""The check at the door: every extracted row is admitted, mended or turned away, and counted.

One principle decides what happens to a bad value: where the contract allows null, the value is
nulled and the row stays; where it does not, the row is excluded. The rules:

    unreadable         a value that does not fit its column's type (text, NaN, a half fen): nulled
    required_null      null where the contract needs a value: excluded
    duplicate_key      two rows with one key: all but the last changed one are excluded; of
                       equals, the last read stays
    deleted            deleted in the CRM: excluded, but a deleted customer stays, marked,
                       because those who left still count in the past
    hidden_character   a control character or one that turns the direction of writing, in text
                       that is not a key: replaced by the sign for what cannot be shown
    unknown_value      a code outside the closed list
    out_of_range       a score, count or amount outside its scale, a day before 1970 or after 2199;
                       where the amounts of a table together exceed 9 · 10¹⁸, also those above
                       9 · 10¹⁸ ÷ rows, so that no sum of 64 bits wraps around
    future             a time more than a day after the read; a day is left for clocks and zones
    negative_duration  an end before its beginning: the beginning is nulled if it may be, else
                       the row is excluded; a nulled end would read as "still open"
    orphan             a reference to a row that is not there, or was itself turned away. A
                       customer's becomes anonymous: it counts in totals and in nobody's
                       history. An employee's stays, the name is unknown. Otherwise excluded

Rows after the end of their feed (`feeds.complete_until`) are kept: figures as of that end do
not look at them.

A table passes part by part. A part that is as it was at the last refresh keeps its verdict, unless
time has passed over a "future" or a row it refers to has come or gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from data_access.contract import TABLES
from data_access.door.gate import Gate
from data_access.door.parents import Parents
from data_access.extract import Extraction
from data_access.findings import Rejection
from data_access.manifest import Verdict
from data_access.parts import CUT_FROM
from data_access.staging import Staging

__all__ = ["Admission", "admit"]

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Admission:
    """What came through the door.

    Attributes:
        counts: Per contract table, rows read and rows admitted.
        rejections: Everything that was caught, in contract order.
        complete_until: Per table with a feed, until when it is complete, UTC.
        currencies: Orders per currency, commonest first.
    """

    counts: dict[str, dict[str, int]]
    rejections: list[Rejection]
    complete_until: dict[str, datetime]
    currencies: dict[str, int]

    def facts(self, extraction: Extraction) -> dict[str, Any]:
        """What the manifest tells of where the data is from and how good it is; JSON values."""
        tables = extraction.tables
        return {
            "source": extraction.source,
            "source_url": extraction.url,
            "time_zone": extraction.time_zone,
            "currency": next(iter(self.currencies), None),
            "currencies": self.currencies,
            "complete_until": {name: end.isoformat() for name, end in self.complete_until.items()},
            "absent": [name for name, table in tables.items() if not table.present],
            "missing": {name: table.missing for name, table in tables.items() if table.missing},
            "counts": self.counts,
            "rejections": [asdict(rejection) for rejection in self.rejections],
            "findings": [asdict(finding) for finding in extraction.findings],
        }


def admit(extraction: Extraction, staging: Staging, *, cut_from: int = CUT_FROM) -> Admission:
    """Check every table, parents before children, and write what is admitted.

    Cost: an unchanged part nothing but a look at what it refers to; a changed one is read, sorted
    and written twice, as the CRM has it and as admitted. Memory holds one part at a time.

    Args:
        extraction: As read, wholly or the changes since `staging.base`.
        staging: Where the tables go.
        cut_from: Rows from which on a table is cut into parts.
    """
    parents = Parents(staging)
    admission = Admission({}, [], {}, {})
    for name, table in TABLES.items():
        extracted = extraction.tables[name]
        gate = Gate(table, extraction.read_at, staging, parents)
        gate.pass_all(extracted, cut_from=cut_from)
        source = gate.source(extracted, extraction.moment)
        staging.keep(name, source)
        files = gate.files()
        staging.compose(name, pl.Schema(table.schema), files)
        if extracted.present:
            parents.add(table, files)
        admission.rejections.extend(_merged(source.verdicts.values()))
        admitted = sum(file.rows for file in files)
        admission.counts[name] = {"read": source.rows, "admitted": admitted}
    feeds = staging.scan("feeds").filter(pl.col("table_name").is_in(list(TABLES))).collect()
    admission.complete_until.update(feeds.select("table_name", "complete_until").iter_rows())
    currencies = staging.scan("orders").group_by("currency").agg(rows=pl.len())
    ordered = currencies.sort(["rows", "currency"], descending=[True, False]).collect()
    admission.currencies.update(ordered.iter_rows())
    return admission


def _merged(verdicts: Iterable[Verdict]) -> list[Rejection]:
    """What was found in all parts of a table together."""
    found: dict[tuple[str, str], Rejection] = {}
    for verdict in verdicts:
        for each in verdict.rejections:
            so_far = found.get((each.rule, each.column), replace(each, rows=0, examples=()))
            found[each.rule, each.column] = replace(
                each,
                rows=so_far.rows + each.rows,
                examples=(so_far.examples + each.examples)[:_EXAMPLES],
            )
    return list(found.values())
