"""How each known CRM schema becomes the contract: one module per CRM.

To add a CRM, write a module with the two functions of `Source` and name it in `SOURCES`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from data_access.errors import UnsupportedSourceError
from data_access.sources import stayline


@dataclass(frozen=True, slots=True)
class Source:
    """One CRM schema, read.

    Attributes:
        columns: What a live database offers of the contract: table to column to SQL type.
        queries: One read-only select per table given, with the columns given, labelled by
            their contract names.
    """

    columns: Callable[[sa.Inspector], dict[str, dict[str, sa.types.TypeEngine[Any]]]]
    queries: Callable[[Mapping[str, Collection[str]]], dict[str, sa.Select[Any]]]


SOURCES: dict[str, Source] = {
    "stayline": Source(stayline.columns, stayline.queries),
}


def source(name: str) -> Source:
    """The source of that name.

    Raises:
        UnsupportedSourceError: No module here reads that CRM.
    """
    try:
        return SOURCES[name]
    except KeyError:
        raise UnsupportedSourceError(f"the CRM schema {name!r}", tuple(SOURCES)) from None
