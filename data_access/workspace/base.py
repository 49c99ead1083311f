"""What all tables of the workspace are: named alike, audited, some of them versioned."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from data_access.workspace.types import REAL, WHOLE, Document, Moment

STRICT = {"sqlite_strict": True}


class Base(DeclarativeBase):
    """All tables, their constraints named alike everywhere."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: sa.Text(),
        int: WHOLE,
        float: REAL,
        datetime: Moment(),
        dict[str, Any]: Document(),
    }


class Audited:
    """A row of which every change is an audit entry, made when it is written (`audit.py`)."""

    @property
    def concerns(self) -> str | None:
        """The customer it is about; None if it is about none."""
        return getattr(self, "customer_id", None)


class Editable(Audited):
    """A row that is changed only by whoever has seen its latest version."""

    version: Mapped[int] = mapped_column(sort_order=99)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """The version is counted by `audit.py`; every update names the one it goes on from."""
        return {"version_id_col": cls.version, "version_id_generator": False}
