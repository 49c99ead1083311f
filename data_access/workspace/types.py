"""Column types that mean the same in SQLite, whose strict tables know five of them, and PostgreSQL.

kind        SQLite    PostgreSQL
text        TEXT      TEXT
whole       INTEGER   BIGINT
real        REAL      DOUBLE PRECISION
Moment      TEXT      TIMESTAMP WITH TIME ZONE
Document    TEXT      JSONB
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC to the microsecond; in SQLite a text of fixed width, so that it sorts."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """What the database keeps it as."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """To the database; a time without a zone would be somebody's guess.

        Raises:
            ValueError: The time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        moment = value if dialect.name == "postgresql" else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


class Document(sa.TypeDecorator[dict[str, Any]]):
    """An object as JSON, with its keys in order."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """What the database keeps it as."""
        kind = postgresql.JSONB(none_as_null=True) if dialect.name == "postgresql" else sa.Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: dict[str, Any] | None, dialect: sa.Dialect) -> Any:
        """To the database."""
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dict[str, Any] | None:
        """From the database."""
        return value if value is None or dialect.name == "postgresql" else json.loads(value)
