"""What was found wrong with a source or its rows: said and counted, never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_access.contract import Power


class Severity(StrEnum):
    """How much a finding takes away."""

    ERROR = "error"  # nothing can be published
    OFF = "off"  # the views in `switches_off` are off
    NOTE = "note"  # worth a look; nothing is off


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a database's shape that differs from the contract.

    Attributes:
        code: missing_table, missing_column or wrong_type.
        switches_off: The powers that go with it; their names come from the locale files.
        sentence: Fallback in English.
    """

    code: str
    severity: Severity
    table: str
    column: str
    switches_off: tuple[Power, ...]
    sentence: str


class Action(StrEnum):
    """What was done with a rejected row."""

    KEPT = "kept"  # counted only
    MENDED = "mended"  # the row stays, and the value but for what was wrong with it
    NULLED = "nulled"  # the row stays, the value is unknown
    EXCLUDED = "excluded"  # the row is in no figure


@dataclass(frozen=True, slots=True)
class Rejection:
    """Rows of one table that one rule caught at the door.

    Attributes:
        rule: unreadable, required_null, duplicate_key, deleted, hidden_character, unknown_value,
            out_of_range, negative_duration, future or orphan (see `data_access.door`).
        column: The column the rule looked at; the key columns joined by + for the key rules.
        rows: How many rows.
        examples: Keys of at most five of them; parts of a composite key joined by /.
    """

    table: str
    rule: str
    column: str
    rows: int
    action: Action
    examples: tuple[str, ...] = ()
